"""The two campaigns of docs/examples: what is found in the first, to the character, and nothing in the second."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailcheck
from spring_sale import make

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"

EXPECTED = [
    ("campaign.toml", 0, 0, 0, "audience/count_drift", "error", "recipients.csv"),
    ("campaign.toml", 0, 0, 0, "audience/duplicate", "warning", "recipients.csv"),
    ("campaign.toml", 0, 0, 0, "audience/invalid", "warning", "recipients.csv"),
    ("campaign.toml", 0, 0, 0, "audience/not_entitled", "error", "people who asked for the newsletter"),
    ("campaign.toml", 0, 0, 0, "audience/reconciliation", "error", "targeted"),
    ("campaign.toml", 0, 0, 0, "audience/seeds_missing", "warning", "recipients.csv"),
    ("campaign.toml", 0, 0, 0, "audience/suppressed", "error", "optout.csv"),
    ("campaign.toml", 0, 0, 0, "audience/suppression_stale", "error", "optout.csv"),
    ("campaign.toml", 0, 0, 0, "audience/typo_domain", "warning", "gmai.com, gmial.com, gmail.con"),
    ("campaign.toml", 12, 12, 18, "copy/placeholder", "error", "[TEST]"),
    ("campaign.toml", 13, 14, 23, "merge_tags/coverage", "error", "*|FNAME|*"),
    ("campaign.toml", 13, 14, 23, "merge_tags/coverage", "warning", "*|FNAME|*"),
    ("campaign.toml", 13, 14, 23, "merge_tags/no_fallback", "warning", "*|FNAME|*"),
    ("mail.html", 49, 23, 34, "merge_tags/unresolved", "error", "<FirstName>"),
    ("mail.html", 51, 83, 101, "merge_tags/foreign", "error", "{{ contact.city }}"),
    ("mail.html", 52, 18, 29, "merge_tags/broken", "error", "*|IF:CLUB|*"),
    ("mail.html", 53, 76, 84, "merge_tags/broken", "error", "*|FNAME*"),
    ("mail.html", 55, 18, 29, "copy/placeholder", "error", "Lorem ipsum"),
    ("mail.html", 59, 30, 43, "copy/placeholder", "error", "[Insert Link]"),
    ("mail.html", 72, 30, 67, "prices/out_of_stock", "error", "https://www.fernhill.example/foxglove"),
    ("mail.html", 81, 83, 88, "prices/not_in_catalogue", "error", "£5.20"),
    ("mail.html", 87, 93, 98, "prices/stale", "error", "£6.00"),
    ("mail.html", 97, 34, 37, "prices/discount_arithmetic", "error", "20%"),
    ("mail.html", 98, 27, 33, "coupons/not_declared", "error", "GROW25"),
    ("mail.html", 98, 40, 62, "dates/weekday_mismatch", "error", "Saturday 28 March 2027"),
    ("mail.html", 109, 26, 39, "merge_tags/broken", "error", "*%7CUNSUB%7C*"),
    ("mail.txt", 3, 6, 10, "merge_tags/null_leak", "error", "null"),
    ("mail.txt", 6, 39, 47, "merge_tags/unknown_field", "error", "*|TOWN|*"),
    ("mail.txt", 10, 10, 16, "coupons/parts_disagree", "error", "GROW20"),
]


@pytest.fixture(scope="module")
def spring_sale() -> mailcheck.Report:
    return mailcheck.check(EXAMPLES / "spring-sale", settings={})


def test_every_classic_mistake_is_found_where_it_stands(spring_sale: mailcheck.Report) -> None:
    found = [
        (Path(one.path).name, one.line, one.column, one.end_column, one.rule, one.severity, one.evidence)
        for one in spring_sale.findings
    ]
    assert found == EXPECTED
    assert (spring_sale.verdict, spring_sale.exit_code) == ("held", 1)


def test_a_place_is_where_its_evidence_stands(spring_sale: mailcheck.Report) -> None:
    for one in spring_sale.findings:
        if not one.line:
            continue
        line = Path(one.path).read_text(encoding="utf-8").splitlines()[one.line - 1]
        assert line[one.column - 1 : one.end_column - 1] == one.evidence


def test_every_rule_that_finds_something_in_it_does_so_only_there(spring_sale: mailcheck.Report) -> None:
    statuses = {outcome.rule: outcome.status for outcome in spring_sale.campaigns[0].outcomes}
    assert {rule for rule, status in statuses.items() if status == "failed"} == {row[4] for row in EXPECTED}
    assert "error" not in statuses.values()


def test_the_numbers_are_those_of_the_lists(spring_sale: mailcheck.Report) -> None:
    figures = {one.rule: one.data for one in spring_sale.findings}
    assert figures["audience/suppressed"]["people"] == 27
    assert figures["audience/suppressed"]["recipients"] == 602
    assert figures["audience/count_drift"]["what"] == "more"
    assert figures["audience/duplicate"]["surplus"] == 12
    assert figures["audience/reconciliation"]["unexplained"] == 23


def test_the_lists_are_those_that_the_script_makes(tmp_path: Path) -> None:
    for name in ("spring-sale", "spring-sale-fixed"):
        (tmp_path / name).mkdir()
    make(tmp_path)
    made = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*.csv")}
    kept = {file.relative_to(EXAMPLES): file.read_bytes() for file in EXAMPLES.glob("spring-sale*/*.csv")}
    assert made == kept


def test_the_mended_campaign_is_clear() -> None:
    report = mailcheck.check(EXAMPLES / "spring-sale-fixed", settings={}, threshold="info")
    assert report.findings == ()
    assert (report.verdict, report.exit_code) == ("clear", 0)
    assert report.raise_unless_clear() is report


def test_the_mended_campaign_was_judged_by_the_rules_that_held_the_other() -> None:
    report = mailcheck.check(EXAMPLES / "spring-sale-fixed", settings={})
    statuses = {outcome.rule: outcome.status for outcome in report.campaigns[0].outcomes}
    assert {statuses[row[4]] for row in EXPECTED} == {"passed"}
