"""What one runs on the first day: `init`, `demo`, `rules`, `explain`, `plugins`, `dialects`, `baseline`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path

import pytest

from mailcheck import starting
from mailcheck.checking import check
from mailcheck.content.dialects import builtin
from mailcheck.settings import Override, Settings, Waiver, load
from support import mailcheck

LOCAL = '''
from pydantic import BaseModel, ConfigDict, Field
from mailcheck import Campaign, Problem, Problems, bad, good, rule
from mailcheck.campaign import Part


class Limits(BaseModel):
    model_config = ConfigDict(extra="forbid")
    most: int = Field(3, description="how many are fine")


@rule(severity="warning", aliases=("old/name",), since="0.2")
@bad(html="<p>a wolf</p>", at="wolf", options={"most": 0}, fixed="<p>a sheep</p>")
@good(html="<p>sheep</p>")
def wolves(campaign: Campaign, options: Limits, subject: Part | None = None) -> Problems:
    """A wolf is in the mail.

    Wolves eat sheep. This is told in two lines,
    of one paragraph.
    """
    html = campaign.message.html
    if html is not None and html.text.count("wolf") > options.most:
        start = html.text.index("wolf")
        yield Problem("Too many.", at=html.at(start, start + 4))
'''


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "MAILCHECK_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


# init


def test_init_writes_files_that_work(project: Path) -> None:
    result = mailcheck("init", "--dialect", "mailchimp")
    assert result.exit_code == 0
    assert "wrote mailcheck.toml" in result.stdout
    assert "mailcheck check" in result.stdout
    assert load().settings.dialect == "mailchimp"
    (project / "mail.html").write_text('<p>*|FNAME|* <a href="https://shop.example/">Click&nbsp;here</a></p>')
    report = json.loads(mailcheck("check", "mail.html", "--format", "json").stdout)
    (finding,) = [one for one in report["findings"] if one["rule"] == "mailrules/click_here"]
    assert (finding["line"], finding["column"], finding["severity"]) == (1, 14, "warning")
    assert report["campaigns"][0]["dialect"] == "mailchimp"


def test_the_first_rule_passes_its_own_examples(project: Path) -> None:
    mailcheck("init")
    rule = json.loads(mailcheck("rules", "mailrules", "--json").stdout)
    assert [one["name"] for one in rule] == ["mailrules/click_here"]
    for html, found in (("Click here", 1), ("See all the seedlings", 0)):
        text = f'<p>Sale! <a href="https://shop.example/">{html}</a></p>'
        report = check({"html": text}, profile="template", settings={"select": ["mailrules"]}, local=True)
        assert len(report.findings) == found


def test_every_setting_is_in_the_first_settings_file(project: Path) -> None:
    text = starting.files()["mailcheck.toml"]
    for name in Settings.model_fields:
        assert re.search(rf"^# (?:\[+)?{name}\b", text, re.MULTILINE), name
    for name in Waiver.model_fields:
        assert re.search(rf"^# {name} = ", text[text.index("[[waive]]") :], re.MULTILINE), name
    uncommented = re.sub(r"^# (?=[\w\"/]+ = |\[)", "", text, flags=re.MULTILINE)
    table = tomllib.loads(uncommented.replace('locale = "en-GB"\nlocale =', "locale ="))
    table.pop("plugins")
    settings = Settings.model_validate(table)
    for name, field in Settings.model_fields.items():
        if name in {
            "profile",
            "stage",
            "threshold",
            "online",
            "max_bytes",
            "max_problems",
            "rule_timeout",
            "show_addresses",
        }:
            assert getattr(settings, name) in (field.default, "campaign", "template"), name
    assert settings.overrides == (Override(files=("nl/*",), locale="nl-NL"),)


def test_init_never_overwrites_unless_told(project: Path) -> None:
    (project / "mailrules.py").write_text("# mine\n")
    result = mailcheck("init")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "mailrules.py is already there; nothing was written" in result.stderr
    assert not (project / "mailcheck.toml").exists()
    assert (project / "mailrules.py").read_text() == "# mine\n"
    assert mailcheck("init", "--force").exit_code == 0
    assert "click_here" in (project / "mailrules.py").read_text()


def test_init_in_another_folder(project: Path) -> None:
    (project / "mails").mkdir()
    assert mailcheck("init", "mails").exit_code == 0
    assert {path.name for path in (project / "mails").iterdir()} == {"mailcheck.toml", "mailrules.py"}


# demo


def test_demo_shows_the_classic_mistakes_where_they_are(project: Path) -> None:
    (project / "mailcheck.toml").write_text("this is not even TOML")
    (project / "mailrules.py").write_text("raise SystemExit(7)")
    result = mailcheck("demo")
    assert result.exit_code == 0, result.stderr
    folder = resources.files("mailcheck") / "demo"
    for file, rule, evidence in [
        ("mail.html", "merge_tags/broken", "*|FNAME*"),
        ("mail.html", "merge_tags/unknown_field", "*|CITTY|*"),
        ("mail.html", "copy/placeholder", "Lorem ipsum"),
        ("mail.html", "merge_tags/foreign", "{{ customer.id }}"),
        ("mail.txt", "merge_tags/empty_greeting", "Hi ,"),
        ("campaign.toml", "merge_tags/no_fallback", "*|FNAME|*,"),
    ]:
        text = (folder / file).read_text(encoding="utf-8")
        offset = text.index(evidence)
        line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
        assert re.search(rf"^{re.escape(file)}:{line}:{column} \w+ {rule}\b", result.stdout, re.MULTILINE), (file, rule)
    assert re.search(r"^held: ", result.stdout, re.MULTILINE)
    assert "exit code 1" in result.stdout


def test_the_demo_is_what_check_says_of_its_folder() -> None:
    with resources.as_file(resources.files("mailcheck") / "demo") as folder:
        checked = mailcheck("check", folder)
    assert checked.exit_code == 1
    summary = re.findall(r"^held: .*$", checked.stdout, re.MULTILINE)
    assert summary == re.findall(r"^held: .*$", mailcheck("demo").stdout, re.MULTILINE)


# rules, explain, dialects, plugins


def test_rules_lists_every_rule_with_its_severity(project: Path) -> None:
    (project / "mailcheck.toml").write_text('ignore = ["copy"]\n[severity]\n"mailrules/wolves" = "error"\n')
    (project / "mailrules.py").write_text(LOCAL)
    listed = mailcheck("rules").stdout
    assert re.search(r"^mailrules/wolves +error +A wolf is in the mail\.$", listed, re.MULTILINE)
    assert re.search(r"^copy/placeholder +error .*\(not selected\)$", listed, re.MULTILINE)
    names = [line.split()[0] for line in listed.splitlines()]
    assert names == [one["name"] for one in json.loads(mailcheck("rules", "--json").stdout)]


@pytest.mark.parametrize("pattern", ["mailrules", "mailrules/wolves", "*/wolves", "old/name", "WOLF"])
def test_rules_by_pattern(project: Path, pattern: str) -> None:
    (project / "mailrules.py").write_text(LOCAL)
    (found,) = json.loads(mailcheck("rules", pattern, "--json").stdout)
    assert found["name"] == "mailrules/wolves"
    assert found["options"]["properties"]["most"]["default"] == 3
    assert (found["file"], found["line"]) == (str(project / "mailrules.py"), 12)


def test_explain_is_the_page_of_the_rule(project: Path) -> None:
    (project / "mailcheck.toml").write_text('[severity]\nmailrules = "error"\n')
    (project / "mailrules.py").write_text(LOCAL)
    page = mailcheck("explain", "old/name").stdout
    for piece in (
        "mailrules/wolves",
        "A wolf is in the mail.",
        "Wolves eat sheep. This is told in two lines, of one paragraph.",
        "severity  error (by default warning)",
        "needs     campaign",
        "uses      subject",
        "formerly  old/name",
        "since     0.2",
        'options, in the settings below [rules."mailrules/wolves"]',
        "  most = 3  integer",
        "      how many are fine",
        "    html      <p>a wolf</p>",
        "    found at  wolf",
        "    fixed     <p>a sheep</p>",
        "    html      <p>sheep</p>",
    ):
        assert piece in page.splitlines(), piece
    assert f"source    {project / 'mailrules.py'}:12" in page
    assert "\x1b[" not in page
    assert "\x1b[" in mailcheck("explain", "old/name", "--color", "always").stdout


def test_explain_every_rule_and_every_family() -> None:
    for one in json.loads(mailcheck("rules", "--json").stdout):
        page = mailcheck("explain", one["name"])
        assert page.exit_code == 0
        assert page.stdout.startswith(one["name"] + "\n")
        assert "  wrong\n" in page.stdout
        assert "  right\n" in page.stdout
    family = mailcheck("explain", "merge_tags").stdout
    assert {"merge_tags/broken", "merge_tags/foreign"} <= set(family.splitlines())


def test_dialects_lists_all_of_them() -> None:
    listed = json.loads(mailcheck("dialects", "--json").stdout)
    assert [one["id"] for one in listed] == list(builtin().by_id)
    text = mailcheck("dialects").stdout.splitlines()
    assert len(text) == len(listed) + 1
    (mailchimp,) = [line for line in text if line.startswith("mailchimp ")]
    assert mailchimp.split()[1:] == ["Mailchimp", "*|FNAME|*", "*|UNSUB|*", "*|…|*"]


@pytest.mark.parametrize(("pattern", "expected"), [("klaviyo", "klaviyo"), ("adobe-j*", "adobe-journey-optimizer")])
def test_dialects_by_pattern(pattern: str, expected: str) -> None:
    assert [one["id"] for one in json.loads(mailcheck("dialects", pattern, "--json").stdout)] == [expected]


def test_plugins_tells_what_was_loaded_and_from_where(project: Path) -> None:
    (project / "mailcheck.toml").write_text('threshold = "warning"\n')
    (project / "mailrules.py").write_text(LOCAL)
    result = mailcheck("plugins")
    assert result.exit_code == 0
    assert f"settings: {project / 'mailcheck.toml'}" in result.stdout
    assert re.search(rf"^mailrules +local +- +1 .*{re.escape(str(project))}", result.stdout, re.MULTILINE)
    listed = {one["name"]: one for one in json.loads(mailcheck("plugins", "--json").stdout)["plugins"]}
    assert listed["mailcheck"]["distribution"] == f"mailcheck-lint {metadata.version('mailcheck-lint')}"
    assert "merge_tags/broken" in listed["mailcheck"]["rules"]
    assert "tags" in listed["mailcheck content"]["facts"]
    assert listed["mailrules"]["rules"] == ["mailrules/wolves"]


@pytest.mark.parametrize(
    ("settings", "rules", "fault"),
    [
        ("", "import nothing_of_that_name\n", "nothing_of_that_name"),
        ("", "raise SystemExit(0)\n", "SystemExit"),
        ('plugins = ["mailchek-lint"]\n', "", "did you mean 'mailcheck-lint'?"),
    ],
)
def test_plugins_with_faults_is_exit_code_3(project: Path, settings: str, rules: str, fault: str) -> None:
    (project / "mailcheck.toml").write_text(settings)
    (project / "mailrules.py").write_text(rules)
    result = mailcheck("plugins")
    assert result.exit_code == 3
    assert re.search(rf"^fault: .*{re.escape(fault)}", result.stdout, re.MULTILINE)
    assert json.loads(mailcheck("plugins", "--json").stdout)["faults"]


def test_lists_say_that_something_is_missing(project: Path) -> None:
    (project / "mailrules.py").write_text("import nothing_of_that_name\n")
    result = mailcheck("rules")
    assert result.exit_code == 0
    assert "there is 1 fault of plug-ins" in result.stderr


def test_what_plug_ins_print_while_loading_is_not_in_the_lists(project: Path) -> None:
    (project / "mailrules.py").write_text('print("noise")\n' + LOCAL)
    for command in (["rules", "--json"], ["plugins", "--json"], ["dialects", "--json"]):
        json.loads(mailcheck(*command).stdout)


# baseline


def findings(*args: str) -> list[str]:
    result = mailcheck("check", "--format", "json", "--select", "mailrules", *args, ".")
    return [one["evidence"] for one in json.loads(result.stdout)["findings"] if one["rule"] == "mailrules/wolves"]


@pytest.fixture
def wolves(project: Path) -> Path:
    (project / "mailrules.py").write_text(
        LOCAL.replace('        yield Problem("Too many.", at=html.at(start, start + 4))\n', "").replace(
            '        start = html.text.index("wolf")\n',
            '        import re\n        for one in re.finditer(r"\\w* wolf", html.text):\n'
            '            yield Problem("Too many.", at=html.at(*one.span()))\n',
        )
    )
    (project / "mailcheck.toml").write_text('[rules."mailrules/wolves"]\nmost = 0\n')
    (project / "a.html").write_text("<p>old wolf</p>")
    (project / "b.html").write_text("<p>grey wolf</p>")
    return project


def test_a_baseline_accepts_what_is_there_and_nothing_new(wolves: Path) -> None:
    assert findings() == ["old wolf", "grey wolf"]
    result = mailcheck("baseline", "--select", "mailrules")
    assert result.exit_code == 0
    assert "2 findings of 2 campaigns accepted in" in result.stderr
    assert 'put `baseline = "mailcheck-baseline.json"` into mailcheck.toml' in result.stderr
    settings = wolves / "mailcheck.toml"
    settings.write_text('baseline = "mailcheck-baseline.json"\n' + settings.read_text())
    assert findings() == []
    (wolves / "a.html").write_text("<p>old wolf</p><p>old wolf</p><p>new wolf</p>")
    assert findings() == ["old wolf", "new wolf"]


def test_a_baseline_of_some_files_keeps_the_others(wolves: Path) -> None:
    settings = wolves / "mailcheck.toml"
    settings.write_text('baseline = "accepted.json"\n' + settings.read_text())
    assert mailcheck("check", ".").exit_code == 2
    assert mailcheck("baseline").exit_code == 0
    (wolves / "a.html").write_text("<p>new wolf</p>")
    assert findings() == ["new wolf"]
    result = mailcheck("baseline", "a.html")
    assert "put `baseline" not in result.stderr
    assert findings() == []
    (wolves / "b.html").unlink()
    mailcheck("baseline", "a.html")
    assert list(json.loads((wolves / "accepted.json").read_text())["findings"]) == ["a.html"]


def test_a_baseline_of_some_rules_keeps_the_others(wolves: Path) -> None:
    settings = wolves / "mailcheck.toml"
    settings.write_text('baseline = "accepted.json"\n' + settings.read_text())
    mailcheck("baseline")
    before = (wolves / "accepted.json").read_bytes()
    mailcheck("baseline", "--select", "copy")
    assert (wolves / "accepted.json").read_bytes() == before


def test_a_broken_baseline_can_be_made_anew(wolves: Path) -> None:
    settings = wolves / "mailcheck.toml"
    settings.write_text('baseline = "accepted.json"\n' + settings.read_text())
    (wolves / "accepted.json").write_text("{")
    assert "make it anew with `mailcheck baseline`" in mailcheck("check", ".").stderr
    assert mailcheck("baseline").exit_code == 0
    assert findings() == []


def test_ci_makes_no_baseline(wolves: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = mailcheck("baseline")
    assert result.exit_code == 2
    assert "make it on your own machine" in result.stderr
    assert not (wolves / "mailcheck-baseline.json").exists()
    assert mailcheck("baseline", "--force").exit_code == 0
    assert (wolves / "mailcheck-baseline.json").exists()


def test_a_baseline_of_an_incomplete_judgement_says_so(wolves: Path) -> None:
    (wolves / "c.html").write_text("")
    result = mailcheck("baseline")
    assert result.exit_code == 3
    assert "1 campaign could not be judged completely" in result.stderr
    assert set(json.loads((wolves / "mailcheck-baseline.json").read_text())["findings"]) == {"a.html", "b.html"}


def test_the_material_is_part_of_the_package() -> None:
    code = (
        "from importlib import resources as r; print(sorted(p.name for p in (r.files('mailcheck') / 'demo').iterdir()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['campaign.toml', 'mail.html', 'mail.txt']\n"
