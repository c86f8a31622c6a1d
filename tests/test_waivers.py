"""Waivers and baseline: they accept what they name, nothing else, and say when they have gone stale."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import mailcheck
from mailcheck.report import Report
from mailcheck.waivers import write_baseline

RULES = '''
import re
from mailcheck import Absent, Message, Problem, Problems, fact, rule

@rule(aliases=("mailrules/old_name",))
def shouting(message: Message) -> Problems:
    """A word in capitals."""
    for match in re.finditer(r"\\b[A-Z]{3,}\\b", message.html.text):
        yield Problem(f"Do not shout {match[0]}.", at=message.html.at(match.start(), match.end()))

@rule()
def crashing(message: Message) -> Problems:
    """Crashes on a word."""
    if "crash" in message.html.text:
        raise ValueError("no")
    if False:
        yield Problem("x")

@fact
def weather(message: Message) -> str:
    """Never given."""
    raise Absent("no barometer is connected")

@rule()
def rainy(weather: str) -> Problems:
    """Needs the weather."""
    yield Problem("x")
'''
TODAY = date.today()  # noqa: DTZ011 - waivers end by the calendar of the machine
LATER, PAST = TODAY + timedelta(days=1), TODAY - timedelta(days=1)

Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check files of this content, under these waivers."""
    (tmp_path / "mailrules.py").write_text(RULES)

    def run(
        files: Mapping[str, str],
        *waivers: Mapping[str, object],
        settings: str = "",
        profile: str = "template",
        **flags: object,
    ) -> Report:
        tables = [
            "[[waive]]\n"
            + "\n".join(f"{k} = {v.isoformat() if isinstance(v, date) else json.dumps(v)}" for k, v in one.items())
            for one in waivers
        ]
        (tmp_path / "mailcheck.toml").write_text("\n".join((settings, *tables)))
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        given = {"select": ["mailrules"]} | flags
        paths = [tmp_path / name for name in files]
        return mailcheck.check(paths, profile=profile, settings=tmp_path / "mailcheck.toml", local=True, **given)

    return run


def waiver(**more: object) -> dict[str, object]:
    return {"rule": "mailrules/shouting", "why": "the brand is written so", "until": TODAY, **more}


def evidence(report: Report) -> list[str]:
    return [one.evidence for campaign in report.campaigns for one in campaign.findings]


def told(report: Report) -> list[str]:
    return [one.rule for one in report.faults]


def test_without_a_waiver_the_finding_holds(check: Check) -> None:
    report = check({"a.html": "IKEA"})
    assert (report.verdict, evidence(report), told(report)) == ("held", ["IKEA"], [])


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"until": LATER},
        {"match": "IKEA"},
        {"match": "not shout"},
        {"path": "a.html"},
        {"path": "*.html"},
        {"rule": "mailrules"},
        {"rule": "mailrules/sh*"},
        {"rule": "mailrules/old_name"},
    ],
)
def test_a_waiver_accepts_what_it_names(check: Check, more: dict[str, Any]) -> None:
    report = check({"a.html": "IKEA"}, waiver(**more))
    assert (report.verdict, evidence(report), told(report)) == ("clear", [], [])
    (waived,) = report.campaigns[0].waived
    assert (waived.finding.evidence, waived.why) == ("IKEA", "the brand is written so")
    assert waived.until == (more.get("until") or TODAY).isoformat()


@pytest.mark.parametrize(
    "more", [{"match": "LEGO"}, {"path": "b.html"}, {"rule": "mailrules/crashing"}, {"path": "sub/*"}]
)
def test_a_waiver_accepts_nothing_else(check: Check, more: dict[str, object]) -> None:
    assert evidence(check({"a.html": "IKEA"}, waiver(**more))) == ["IKEA"]


def test_a_waiver_for_one_text_leaves_the_others(check: Check) -> None:
    report = check({"a.html": "IKEA LEGO"}, waiver(match="IKEA"))
    assert (report.verdict, evidence(report)) == ("held", ["LEGO"])


def test_an_expired_waiver_accepts_nothing_and_says_so(check: Check) -> None:
    report = check({"a.html": "IKEA"}, waiver(until=PAST))
    assert (report.verdict, evidence(report), told(report)) == ("held", ["IKEA"], ["engine/waiver_expired"])
    assert f"ended on {PAST}" in report.faults[0].message


def test_a_waiver_in_force_beside_an_expired_one_counts(check: Check) -> None:
    report = check({"a.html": "IKEA"}, waiver(until=PAST), waiver(until=LATER))
    assert evidence(report) == []
    assert told(report) == ["engine/waiver_expired"]


def test_an_unused_waiver_says_so(check: Check) -> None:
    report = check({"a.html": "quiet"}, waiver(match="IKEA"))
    assert (report.verdict, told(report)) == ("clear", ["engine/waiver_unused"])
    assert "'mailrules/shouting' for 'IKEA' matches nothing any more" in report.faults[0].message


def test_a_stale_waiver_holds_where_warnings_do(check: Check) -> None:
    assert check({"a.html": "quiet"}, waiver(), threshold="warning").verdict == "held"


def test_two_waivers_for_one_finding_are_both_in_use(check: Check) -> None:
    assert told(check({"a.html": "IKEA"}, waiver(), waiver(match="IKEA"))) == []


@pytest.mark.parametrize(
    ("files", "more"),
    [
        ({"a.html": "quiet"}, {"path": "b.html"}),
        ({"a.html": "crash"}, {"rule": "mailrules/crashing"}),
        ({"a.html": "quiet"}, {"rule": "mailrules/rainy"}),
        ({"a.html": "quiet"}, {"rule": "merge_tags"}),
    ],
    ids=["other file", "the rule crashed", "the rule was skipped", "the rule was not selected"],
)
def test_a_waiver_of_which_this_run_knows_nothing_is_not_called_unused(
    check: Check, files: dict[str, str], more: dict[str, object]
) -> None:
    assert told(check(files, waiver(**more))) == []


def test_findings_of_the_engine_cannot_be_waived(check: Check) -> None:
    report = check({"a.html": "quiet"}, waiver(rule="*"), profile="campaign")
    assert report.verdict == "unsure"
    assert {one.rule for one in report.campaigns[0].findings} == {"engine/missing_input"}
    for name in ("engine/missing_input", "engine/*", "engine"):
        with pytest.raises(mailcheck.CouldNotStart):
            check({"a.html": "quiet"}, waiver(rule=name))


def test_a_crash_cannot_be_waived(check: Check) -> None:
    assert check({"a.html": "crash"}, waiver(rule="mailrules/crashing")).verdict == "unsure"


# the baseline


@pytest.fixture
def baseline(check: Check, tmp_path: Path) -> Callable[[Mapping[str, str]], int]:
    """Accept the findings of files of this content."""

    def accept(files: Mapping[str, str]) -> int:
        return write_baseline(tmp_path / "baseline.json", check(files).campaigns, tmp_path)

    return accept


Accept = Callable[[Mapping[str, str]], int]
WITH_BASELINE = 'baseline = "baseline.json"'


def test_the_baseline_hides_what_was_there(check: Check, baseline: Accept) -> None:
    assert baseline({"a.html": "IKEA"}) == 1
    report = check({"a.html": "IKEA"}, settings=WITH_BASELINE)
    assert (report.verdict, evidence(report), told(report)) == ("clear", [], [])
    assert report.campaigns[0].waived[0].why == "in the baseline"


def test_the_baseline_follows_a_finding_that_moves(check: Check, baseline: Accept) -> None:
    baseline({"a.html": "IKEA"})
    assert check({"a.html": "\n\n<p>now\nhere IKEA</p>"}, settings=WITH_BASELINE).verdict == "clear"


def test_a_baseline_of_one_hides_exactly_one(check: Check, baseline: Accept) -> None:
    baseline({"a.html": "IKEA"})
    report = check({"a.html": "IKEA IKEA"}, settings=WITH_BASELINE)
    assert (report.verdict, evidence(report), len(report.campaigns[0].waived)) == ("held", ["IKEA"], 1)


def test_a_mended_finding_does_not_hide_a_new_one(check: Check, baseline: Accept) -> None:
    baseline({"a.html": "IKEA"})
    report = check({"a.html": "LEGO"}, settings=WITH_BASELINE)
    assert (report.verdict, evidence(report)) == ("held", ["LEGO"])


def test_the_baseline_of_one_file_hides_nothing_in_another(check: Check, baseline: Accept) -> None:
    baseline({"a.html": "IKEA"})
    report = check({"a.html": "IKEA", "b.html": "IKEA"}, settings=WITH_BASELINE)
    assert [Path(one.path).name for one in report.findings] == ["b.html"]


def test_stale_entries_are_told(check: Check, baseline: Accept) -> None:
    baseline({"a.html": "IKEA LEGO"})
    report = check({"a.html": "IKEA"}, settings=WITH_BASELINE)
    assert (report.verdict, told(report)) == ("clear", ["engine/baseline_stale"])
    assert "1 of the 2 baseline entries" in report.faults[0].message


def test_entries_of_which_this_run_knows_nothing_are_not_called_stale(check: Check, baseline: Accept) -> None:
    baseline({"a.html": "IKEA", "b.html": "IKEA"})
    report = check({"a.html": "quiet"}, settings=WITH_BASELINE, select=["mailrules/crashing"])
    assert told(report) == []


def test_findings_of_the_engine_never_enter_the_baseline(check: Check, tmp_path: Path) -> None:
    incomplete = check({"a.html": "quiet"}, profile="campaign")
    assert incomplete.of("engine/missing_input")
    assert write_baseline(tmp_path / "baseline.json", incomplete.campaigns, tmp_path) == 0
    assert check({"a.html": "quiet"}, settings=WITH_BASELINE, profile="campaign").verdict == "unsure"


def test_a_forged_entry_for_the_engine_hides_nothing(check: Check, tmp_path: Path) -> None:
    findings = check({"a.html": "quiet"}, profile="campaign").campaigns[0].findings
    entries = [{"fingerprint": one.fingerprint, "rule": one.rule, "evidence": ""} for one in findings]
    (tmp_path / "baseline.json").write_text(json.dumps({"version": 1, "findings": {"a.html": entries}}))
    assert check({"a.html": "quiet"}, settings=WITH_BASELINE, profile="campaign").verdict == "unsure"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not a baseline of mailcheck"),
        ("[]", "not a baseline of mailcheck"),
        ('{"version": 1}', "not a baseline of mailcheck"),
        ('{"version": 1, "findings": {"a.html": [{"rule": "x"}]}}', "not a baseline of mailcheck"),
        ('{"version": 1, "findings": {"a.html": 5}}', "not a baseline of mailcheck"),
        ('{"version": 2, "findings": {}}', "baseline version 2 is not known"),
    ],
)
def test_a_broken_baseline_ends_the_run(check: Check, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "baseline.json").write_text(content)
    with pytest.raises(mailcheck.CouldNotStart, match=said):
        check({"a.html": "IKEA"}, settings=WITH_BASELINE)
