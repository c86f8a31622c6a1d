"""Settings: what is taken from where, and that no misspelt name is ever let through."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import mailcheck
from mailcheck import CouldNotStart
from mailcheck.report import Report

GREETING = "merge_tags/empty_greeting"
MAIL = {"html": "<p>Hi ,</p>"}
WHOLE = {"html": "<p>Hi there</p>", "subject": "Spring", "from": "Shop <news@shop.example>"}

RULES = '''
from pydantic import BaseModel, ConfigDict, Field, field_validator
from mailcheck import Message, Problem, Problems, rule

class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")
    words: tuple[str, ...] = ()
    limit: int = Field(3, ge=1)

    @field_validator("words")
    @classmethod
    def refuse(cls, words):
        if "crash" in words:
            raise RuntimeError("no such word")
        return words

@rule(severity="warning", aliases=("mailrules/forbidden",))
def wording(message: Message, options: Options) -> Problems:
    """A word that the team does not use."""
    for word in options.words:
        yield Problem(f"Do not say {word}.", severity="info" if word == "mild" else None)

@rule()
def silent(message: Message) -> Problems:
    """Never says anything."""
    if False:
        yield Problem("x")
'''

Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check a mail with these settings, in a folder with a rule file."""

    def run(settings: str = "", target: mailcheck.checking.Target = MAIL, **flags: Any) -> Report:
        (tmp_path / "mailrules.py").write_text(RULES)
        path = tmp_path / "mailcheck.toml"
        path.write_text(dedent(settings))
        return mailcheck.check(target, settings=path, local=True, **flags)

    return run


def ran(report: Report) -> set[str]:
    return {outcome.rule for campaign in report.campaigns for outcome in campaign.outcomes}


def wrong(check: Check, settings: str = "", **flags: object) -> str:
    with pytest.raises(mailcheck.CouldNotStart) as raised:
        check(settings, **flags)
    return str(raised.value)


# selection


def test_without_a_word_every_rule_runs(check: Check) -> None:
    assert ran(check()) >= {GREETING, "copy/placeholder", "mailrules/wording", "mailrules/silent"}


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("mailrules/wording", {"mailrules/wording"}),
        ("mailrules", {"mailrules/wording", "mailrules/silent"}),
        ("mailrules/*", {"mailrules/wording", "mailrules/silent"}),
        ("*/empty_*", {GREETING}),
        ("mailrules/forbidden", {"mailrules/wording"}),
    ],
)
def test_rules_are_selected_by_name_family_glob_and_earlier_name(check: Check, select: str, expected: set[str]) -> None:
    assert ran(check(f'select = ["{select}"]')) == expected


def test_ignored_rules_do_not_run(check: Check) -> None:
    report = check('ignore = ["merge_tags", "mailrules/forbidden"]')
    assert not {GREETING, "mailrules/wording"} & ran(report)
    assert "mailrules/silent" in ran(report)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('select = ["merge_tag"]', "there is no rule or family 'merge_tag'; did you mean 'merge_tags'?"),
        ('select = ["merge_tags/empty_greting"]', "did you mean 'merge_tags/empty_greeting'?"),
        ('select = ["empty_greeting"]', "did you mean 'merge_tags/empty_greeting'?"),
        ('select = ["xyz*"]', "there is no rule or family 'xyz*'"),
        ('ignore = ["mailrules/silnt"]', "ignore: there is no rule or family 'mailrules/silnt'; did you mean"),
        ('ignore = ["*"]', "no rule is left to run"),
        ("select = []", "no rule is left to run"),
        ('severity = { "mailrules/wordin" = "info" }', "severity: there is no rule or family 'mailrules/wordin'; did"),
        (
            '[[overrides]]\nfiles = ["*"]\nignore = ["mailruls"]',
            "overrides.ignore: there is no rule or family 'mailruls'",
        ),
        (
            '[[waive]]\nrule = "mailruls"\nwhy = "because"\nuntil = 2999-01-01',
            "waive: there is no rule or family 'mailruls'; did you mean 'mailrules'?",
        ),
        (
            '[[waive]]\nrule = "engine/plugin"\nwhy = "because"\nuntil = 2999-01-01',
            "'engine/plugin' is a finding of the engine, which no setting can switch off",
        ),
        ('ignore = ["engine/missing_input"]', "which no setting can switch off"),
        ('[rules."mailrules/wordig"]\nlimit = 2', "there is no rule 'mailrules/wordig'; did you mean"),
        ('[rules."mailrules/silent"]\nlimit = 2', "the rule mailrules/silent has no options"),
        ('[rules."mailrules/wording"]\nlimits = 2', "mailrules/wording has no option 'limits'; did you mean 'limit'?"),
        ('[rules."mailrules/wording"]\nlimit = 0', "mailrules/wording: option 'limit': input should be greater than"),
        (
            '[rules."mailrules/wording"]\nlimit = "many"',
            "mailrules/wording: option 'limit': input should be a valid int",
        ),
        ('[rules."mailrules/wording"]\nwords = ["crash"]', "its options cannot be read: RuntimeError: no such word"),
        (
            '[rules."mailrules/wording"]\nlimit = 1\n[rules."mailrules/forbidden"]\nlimit = 2',
            "'mailrules/forbidden' is an earlier name of mailrules/wording, which has options too; keep one",
        ),
        ('dialect = "mailchip"', "there is no merge-tag dialect 'mailchip'; did you mean 'mailchimp'?"),
        ('[[overrides]]\nfiles = ["*"]\ndialect = "mailchip"', "overrides.dialect: there is no merge-tag dialect"),
        ('plugins = ["mailcheck-acme"]', "require the plug-in 'mailcheck-acme', which is not there"),
        ('local = ["rules/*.py"]', "local: 'rules/*.py' matches no file"),
        ('baseline = "gone.json"', "the baseline does not exist; make it with `mailcheck baseline`"),
    ],
)
def test_a_name_that_means_nothing_ends_the_run(check: Check, settings: str, said: str) -> None:
    assert said in wrong(check, settings)


def test_options_are_checked_even_of_rules_that_do_not_run(check: Check) -> None:
    said = wrong(check, 'select = ["merge_tags"]\n[rules."mailrules/wording"]\nlimit = "many"')
    assert "option 'limit'" in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('# x\nselect = ["merge_tag"]', ":2: select: there is no rule or family 'merge_tag'"),
        ('dialect = "mailchip"', ":1: dialect: there is no merge-tag dialect"),
        ('\n[severity]\n"copy/placeholdr" = "info"', ":3: severity: there is no rule or family"),
        ('[rules."mailrules/wording"]\n\nlimits = 2', ":3: mailrules/wording has no option 'limits'"),
        ('plugins = ["mailcheck-acme"]', ":1: the settings require the plug-in"),
    ],
)
def test_a_name_that_means_nothing_is_told_with_its_line(check: Check, settings: str, said: str) -> None:
    assert f"mailcheck.toml{said}" in wrong(check, settings)


# options and severities


def test_options_reach_the_rule(check: Check) -> None:
    report = check('[rules."mailrules/wording"]\nwords = ["cheap"]')
    assert [one.message for one in report.of("mailrules/wording")] == ["Do not say cheap."]


def test_options_may_be_given_under_an_earlier_name(check: Check) -> None:
    assert check('[rules."mailrules/forbidden"]\nwords = ["cheap"]').of("mailrules/wording")


WORDS = '\n[rules."mailrules/wording"]\nwords = ["cheap", "mild"]\n'


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("{}", ["warning", "info"]),
        ('{ "mailrules/wording" = "error" }', ["error", "error"]),
        ('{ "mailrules/forbidden" = "error" }', ["error", "error"]),
        ('{ "mailrules" = "error" }', ["error", "error"]),
        ('{ "*" = "error", "mailrules/wording" = "info" }', ["info", "info"]),
        ('{ "mailrules/wording" = "info", "*" = "error" }', ["info", "info"]),
    ],
)
def test_settings_win_over_the_severity_of_rule_and_problem(check: Check, severity: str, expected: list[str]) -> None:
    report = check(f"severity = {severity}{WORDS}")
    assert [one.severity for one in report.of("mailrules/wording")] == expected


@pytest.mark.parametrize(
    ("threshold", "verdict"), [("error", "clear"), ("warning", "held"), ("info", "held")]
)  # fmt: skip
def test_the_threshold_says_what_holds(check: Check, threshold: str, verdict: str) -> None:
    report = check(f'threshold = "{threshold}"\nselect = ["mailrules"]{WORDS}', {"html": "x"}, profile="template")
    assert report.verdict == verdict
    assert len(report.findings) == 2


# profiles


@pytest.mark.parametrize(
    ("profile", "target", "verdict", "missing"),
    [
        ("template", {"html": "<p>Hi there</p>"}, "clear", []),
        ("template", {"subject": "Hi"}, "unsure", ["body"]),
        ("campaign", {"html": "<p>Hi there</p>"}, "unsure", ["subject", "sender"]),
        ("campaign", {"html": "<p>Hi there</p>", "subject": " ", "from": "a@shop.example"}, "unsure", ["subject"]),
        ("campaign", WHOLE, "clear", []),
        ("send", WHOLE, "unsure", ["audience", "history"]),
    ],
)
def test_a_profile_says_what_must_be_known(
    check: Check, profile: str, target: dict[str, str], verdict: str, missing: list[str]
) -> None:
    report = check("", target, profile=profile)
    assert report.verdict == verdict
    found = report.of("engine/missing_input")
    assert all(one.blocking for one in found)
    assert [one.message.split(":")[0] for one in found] == [f"The {profile} profile needs {name}" for name in missing]


def test_a_rule_that_lacks_what_the_profile_demands_is_required(tmp_path: Path) -> None:
    (tmp_path / "mailrules.py").write_text(
        dedent('''
        from mailcheck import Part, Problem, Problems, rule
        @rule()
        def subject_rule(subject: Part) -> Problems:
            """Needs a subject."""
            yield Problem("x")
    ''')
    )
    (tmp_path / "mailcheck.toml").touch()

    def outcome(profile: str) -> mailcheck.Outcome:
        report = mailcheck.check(
            {"html": "x"},
            profile=profile,
            settings=tmp_path / "mailcheck.toml",
            local=True,
            select=["mailrules", GREETING],
        )
        return next(one for one in report.campaigns[0].outcomes if one.rule == "mailrules/subject_rule")

    assert (outcome("campaign").status, outcome("campaign").required) == ("skipped", True)
    assert (outcome("template").status, outcome("template").required) == ("skipped", False)


@pytest.mark.parametrize(
    ("name", "content", "profile"),
    [
        ("mail.html", "<p>Hi there</p>", "template"),
        ("mail.txt", "Hi there", "template"),
        ("mail.eml", "From: a@shop.example\nSubject: x\n\nHi there", "campaign"),
        ("campaign.toml", 'html = "<p>Hi there</p>"', "campaign"),
    ],
)
def test_the_profile_follows_the_kind_of_file(tmp_path: Path, name: str, content: str, profile: str) -> None:
    (tmp_path / name).write_text(content)
    assert mailcheck.check(tmp_path / name, settings={}).campaigns[0].profile == profile


def test_a_profile_in_a_mapping_of_settings_holds() -> None:
    assert mailcheck.check(WHOLE, settings={"profile": "send"}).verdict == "unsure"
    assert mailcheck.check(WHOLE, settings=mailcheck.Settings(profile="send")).verdict == "unsure"
    assert mailcheck.check(WHOLE, settings={"profile": "send"}, profile="campaign").campaigns[0].profile == "campaign"


# flags, settings file, manifest


TAG = "<p>Dear *|FNAME|*,</p>"


def test_a_flag_wins_over_the_settings_file(check: Check) -> None:
    assert check('profile = "send"', WHOLE, profile="campaign").campaigns[0].profile == "campaign"
    assert check('dialect = "klaviyo"', {"html": TAG}, profile="template", dialect="mailchimp").campaigns[
        0
    ].dialect == ("mailchimp")


@pytest.mark.parametrize("make", ["mapping", "manifest", "template", "campaign"])
def test_a_flag_wins_over_what_the_input_says(tmp_path: Path, make: str) -> None:
    targets: dict[str, mailcheck.checking.Target] = {
        "mapping": {"html": TAG, "stage": "template", "dialect": "klaviyo"},
        "manifest": tmp_path / "campaign.toml",
        "template": tmp_path / "mail.html",
        "campaign": mailcheck.Campaign(message=mailcheck.Message(html=mailcheck.Part("html", TAG, "", "html"))),
    }
    (tmp_path / "campaign.toml").write_text(f'html = "{TAG}"\ndialect = "klaviyo"')
    (tmp_path / "mail.html").write_text(TAG)
    report = mailcheck.check(targets[make], stage="rendered", dialect="mailchimp", profile="template", settings={})
    (campaign,) = report.campaigns
    assert (campaign.stage, campaign.dialect) == ("rendered", "mailchimp")
    assert report.of("merge_tags/unresolved")


def test_a_manifest_wins_over_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "mailcheck.toml").write_text('stage = "rendered"\ndialect = "mailchimp"\nlocale = "nl"')
    (tmp_path / "campaign.toml").write_text(f'html = "{TAG}"\ndialect = "klaviyo"\nstage = "template"')
    (campaign,) = mailcheck.check(tmp_path / "campaign.toml", settings=tmp_path / "mailcheck.toml").campaigns
    assert (campaign.stage, campaign.dialect) == ("template", "klaviyo")


def test_the_settings_file_says_what_an_input_leaves_open(tmp_path: Path) -> None:
    (tmp_path / "mailcheck.toml").write_text('stage = "rendered"\ndialect = "mailchimp"')
    (tmp_path / "mail.html").write_text(TAG)
    for target in (tmp_path / "mail.html", {"html": TAG}):
        (campaign,) = mailcheck.check(target, settings=tmp_path / "mailcheck.toml", profile="template").campaigns
        assert (campaign.stage, campaign.dialect) == ("rendered", "mailchimp")


def test_overrides_hold_for_their_files_only(tmp_path: Path) -> None:
    (tmp_path / "mailcheck.toml").write_text(
        dedent(f"""
        dialect = "mailchimp"
        [[overrides]]
        files = ["old/*"]
        dialect = "klaviyo"
        stage = "rendered"
        ignore = ["{GREETING}"]
        """)
    )
    (tmp_path / "old").mkdir()
    for name in ("old/a.html", "b.html"):
        (tmp_path / name).write_text("<p>Hi ,</p>")
    report = mailcheck.check([tmp_path / "old/a.html", tmp_path / "b.html"], settings=tmp_path / "mailcheck.toml")
    old, new = report.campaigns
    assert (old.dialect, old.stage, new.dialect, new.stage) == ("klaviyo", "rendered", "mailchimp", "template")
    assert GREETING not in {one.rule for one in old.outcomes}
    assert [Path(one.path).name for one in report.of(GREETING)] == ["b.html"]


def test_an_override_that_leaves_no_rule_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "mailcheck.toml").write_text('[[overrides]]\nfiles = ["*"]\nignore = ["*"]')
    (tmp_path / "a.html").write_text("<p>Hi ,</p>")
    with pytest.raises(mailcheck.CouldNotStart, match="no rule is left"):
        mailcheck.check(tmp_path / "a.html", settings=tmp_path / "mailcheck.toml")


# the file itself


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mailcheck.toml", '\nthreshhold = "error"', ":2: unknown setting 'threshhold'; did you mean 'threshold'?"),
        (
            "mailcheck.toml",
            'threshold = "fatal"',
            ":1: setting threshold: input should be 'error', 'warning' or 'info'",
        ),
        ("mailcheck.toml", 'profile = "sned"', "setting profile: input should be 'template', 'campaign' or 'send'"),
        ("mailcheck.toml", "max_problems = 0", "setting max_problems: input should be greater than or equal to 1"),
        ("mailcheck.toml", "rule_timeout = 0", "setting rule_timeout: input should be greater than 0"),
        ("mailcheck.toml", 'threshold = "error', "not valid TOML"),
        ("mailcheck.toml", '[[waive]]\nrule = "x"\nuntil = 2999-01-01', ":1: setting waive.0.why is not there"),
        ("mailcheck.toml", '[[waive]]\nrule = "x"\nwhy = "   "\nuntil = 2999-01-01', ":3: setting waive.0.why"),
        ("mailcheck.toml", '[[waive]]\nrule = "x"\nwhy = "because"\nuntil = "soon"', ":4: setting waive.0.until"),
        (
            "mailcheck.toml",
            '[[waive]]\nrule = "x"\nwhy = "a b c"\nutil = 2999-01-01',
            "unknown setting 'util'; did you",
        ),
        ("mailcheck.toml", "[[overrides]]\nfiles = []", ":2: setting overrides.0.files"),
        ("mailcheck.toml", 'select = "merge_tags"', ":1: setting select: must be a list, in square brackets (got"),
        (
            "pyproject.toml",
            '[tool.mailcheck]\n\nselekt = ["x"]',
            ":3: unknown setting 'selekt'; did you mean 'select'?",
        ),
        ("pyproject.toml", "[tool]\nmailcheck = 5", "tool.mailcheck must be a table"),
        ("mailcheck.toml", 'profile = "templte"', "(got 'templte'); did you mean 'template'?"),
        ("mailcheck.toml", '[severity]\n"copy/placeholder" = "warn"', ":2: setting severity.copy/placeholder"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence_with_the_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(mailcheck.CouldNotStart) as raised:
        mailcheck.check(MAIL, settings=path)
    assert said in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), (b"threshold = '\xff'", "is not UTF-8")]
)  # fmt: skip
def test_a_file_that_cannot_be_read_ends_the_run(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "mailcheck.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(mailcheck.CouldNotStart, match=said):
        mailcheck.check(MAIL, settings=path)


@pytest.mark.parametrize("what", ["folder", "dead link"])
def test_what_bears_the_name_of_a_settings_file_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = tmp_path / "mailcheck.toml"
    path.mkdir() if what == "folder" else path.symlink_to(tmp_path / "gone.toml")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(mailcheck.CouldNotStart, match="the settings file cannot be read"):
        mailcheck.check(MAIL)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mailcheck.toml"
    path.write_bytes(b'\xef\xbb\xbfselect = ["copy/placeholder"]')
    assert ran(mailcheck.check(MAIL, settings=path, profile="template")) == {"copy/placeholder"}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"threshhold": "error"}, "unknown setting 'threshhold'; did you mean 'threshold'?"),
        ({"profile": "sned"}, "setting profile"),
        ({"max_problems": "many"}, "setting max_problems"),
    ],
)
def test_a_mistake_in_a_flag_names_no_file(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(mailcheck.CouldNotStart) as raised:
        mailcheck.check(MAIL, settings={}, **flags)
    assert str(raised.value).startswith(said)


def settings_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(folder)
    return mailcheck.check(MAIL, profile="template").threshold


def test_the_nearest_file_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    assert settings_found(inner, monkeypatch) == "error"
    (tmp_path / "pyproject.toml").write_text('[tool.mailcheck]\nthreshold = "warning"')
    assert settings_found(inner, monkeypatch) == "warning"
    (tmp_path / "a/mailcheck.toml").write_text('threshold = "info"')
    assert settings_found(inner, monkeypatch) == "info"


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "mailcheck"',
        "[tool.mailcheck-acme]\nx = 1",
        "# [tool.mailcheck]\n",
        "mailcheck is mentioned, and this is not TOML",
    ],
)
def test_a_pyproject_that_is_not_about_us_does_not_hide_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "mailcheck.toml").write_text('threshold = "info"')
    (tmp_path / "a").mkdir()
    (tmp_path / "a/pyproject.toml").write_text(text)
    assert settings_found(tmp_path / "a", monkeypatch) == "info"


@pytest.mark.parametrize("text", ["[tool]\nmailcheck = { threshold = 'info' }", "tool.mailcheck.threshold = 'info'"])
def test_the_table_may_be_written_in_any_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert settings_found(tmp_path, monkeypatch) == "info"


def test_the_root_of_the_repository_ends_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mailcheck.toml").write_text('threshold = "info"')
    (tmp_path / "a/.git").mkdir(parents=True)
    assert settings_found(tmp_path / "a", monkeypatch) == "error"


def test_local_rules_run_only_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "mailrules.py").write_text(RULES)
    (tmp_path / "mailcheck.toml").touch()
    path = tmp_path / "mailcheck.toml"
    assert "mailrules/silent" not in ran(mailcheck.check(MAIL, settings=path))
    assert "mailrules/silent" in ran(mailcheck.check(MAIL, settings=path, local=True))


def test_a_rule_file_shadows_no_module(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/json.py").write_text(RULES)
    (tmp_path / "mailcheck.toml").write_text('local = ["rules/*.py"]')
    report = mailcheck.check(MAIL, settings=tmp_path / "mailcheck.toml", local=True)
    assert {"json/silent", GREETING} <= ran(report)
    assert __import__("json").dumps


@pytest.mark.parametrize("locale", ["nl", "nb-NO", "pt_BR", "zh-Hant-TW"])
def test_a_language_that_exists(locale: str) -> None:
    (campaign,) = mailcheck.check({"html": "<p>x</p>", "locale": locale}, profile="template", settings={}).campaigns
    assert campaign.verdict == "clear"


@pytest.mark.parametrize("locale", ["dutch", "n", "xx-YY", "nl NL"])
def test_a_language_that_does_not_exist_is_refused(locale: str) -> None:
    with pytest.raises(CouldNotStart, match=re.escape(repr(locale))):
        mailcheck.check({"html": "<p>x</p>"}, locale=locale, profile="template", settings={})
    with pytest.raises(CouldNotStart, match=re.escape(repr(locale))):
        mailcheck.check({"html": "<p>x</p>", "locale": locale}, profile="template", settings={})


def test_where_every_rule_skips_itself_nothing_was_judged() -> None:
    report = mailcheck.check({"html": "<p>x</p>"}, profile="template", select=["merge_tags/unknown_field"], settings={})
    (campaign,) = report.campaigns
    assert (campaign.verdict, [one.status for one in campaign.outcomes]) == ("unsure", ["skipped"])


@pytest.mark.parametrize("target", [b"a.html", None, 3])
def test_what_is_no_target_is_refused(target: Any) -> None:
    with pytest.raises(CouldNotStart, match=type(target).__name__):
        mailcheck.check(target, settings={})


@pytest.mark.parametrize("said", ['local = ["/etc/*.conf"]', 'baseline = ""', "rule_timeout = inf"])
def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / "mailcheck.toml").write_text(said)
    with pytest.raises(CouldNotStart, match=said.partition(" ")[0]):
        mailcheck.check({"html": "<p>x</p>"}, settings=tmp_path / "mailcheck.toml", local=True)


@pytest.mark.parametrize("name", ["List-Unsubscribe", "To"])
def test_a_tag_that_was_left_in_a_header_is_found(tmp_path: Path, name: str) -> None:
    mail = f"From: a@shop.no\nSubject: x\n{name}: *|UNSUB|* <b@shop.no>\nContent-Type: text/html\n\n<p>Hello</p>"
    (tmp_path / "a.eml").write_text(mail)
    report = mailcheck.check(tmp_path / "a.eml", profile="campaign", settings={})
    (finding,) = report.of("merge_tags/unresolved")
    assert (finding.part, finding.evidence) == (f"header:{name}", "*|UNSUB|*")


def test_percent_signs_in_a_header_are_no_half_tags(tmp_path: Path) -> None:
    link = "<mailto:list@shop.example?body=unsubscribe%20news>"
    (tmp_path / "a.eml").write_text(
        f"From: a@shop.example\nSubject: x\nList-Unsubscribe: {link}\nContent-Type: text/html\n\n<p>Hello</p>"
    )
    assert not mailcheck.check(tmp_path / "a.eml", profile="campaign", settings={}).findings
