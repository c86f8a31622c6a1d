"""Columns that no rule asks for are not kept; nobody may notice, and what was not looked at is no pass."""

from __future__ import annotations

import csv
from pathlib import Path
from textwrap import dedent

import pytest

import mailcheck
import support
from mailcheck.history.past import open_store
from mailcheck.plugins import collect

EXAMPLE = Path(__file__).parent.parent / "docs/examples/spring-sale"
RULES = sorted(name for name in collect().rules if name.startswith("audience/") or name == "merge_tags/coverage")

RULE_FILE = '''
from mailcheck import Problem, Problems, fact, rule
from mailcheck.audience.field_values import FieldValues
from mailcheck.audience.people import Audience
from mailcheck.audience.traits import Traits

@fact
def home(traits: Traits) -> str:
    """Where most of them live."""
    return next(iter(traits.values("country")))

@rule()
def asks(home: str, field_values: FieldValues) -> Problems:
    """Asks for both, one through a fact of its own."""
    yield Problem(f"{home}, {field_values.coverage('FNAME').empty} without a name")

@rule()
def reaches(audience: Audience) -> Problems:
    """Reaches for what it did not ask for."""
    if audience.{what}.has("country"):
        yield Problem("they live somewhere")
'''


def campaign(folder: Path, **audience: object) -> dict[str, object]:
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("email", "FNAME", "country"))
        writer.writerows((f"person{n}@gmail.com", "Ann" if n % 3 else "", "NL" if n % 4 else "DE") for n in range(800))
    return {
        "id": "spring",
        "family": "weekly",
        "subject": "Beans",
        "html": "<p>Hi *|FNAME|*,</p>",
        "dialect": "mailchimp",
        "audience": {"source": str(folder / "people.csv"), **audience},
    }


def judged(folder: Path, what: str, *select: str) -> mailcheck.Report:
    (folder / "mailrules.py").write_text(dedent(RULE_FILE).replace("{what}", what))
    settings = folder / "mailcheck.toml"
    settings.touch()
    return mailcheck.check(campaign(folder), profile="campaign", settings=settings, local=True, select=list(select))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_the_same_alone_as_among_all(rule: str, everything: mailcheck.Report) -> None:
    alone = mailcheck.check(EXAMPLE, select=[rule], profile="campaign")
    assert [one.model_dump() for one in alone.of(rule)] == [one.model_dump() for one in everything.of(rule)]
    (own,) = alone.campaigns[0].outcomes
    assert (own.rule, own.status) in {(one.rule, one.status) for one in everything.campaigns[0].outcomes}


@pytest.fixture(scope="module")
def everything() -> mailcheck.Report:
    report = mailcheck.check(EXAMPLE, select=RULES, profile="campaign")
    assert len({one.rule for one in report.findings}) > 8
    return report


def test_a_rule_has_what_it_asks_for_through_facts(tmp_path: Path) -> None:
    report = judged(tmp_path, "traits", "mailrules/asks")
    assert [one.message for one in report.of("mailrules/asks")] == ["nl, 267 without a name"]


@pytest.mark.parametrize("others", [(), ("mailrules/asks",)])
@pytest.mark.parametrize("what", ["traits", "field_values"])
def test_reaching_for_what_was_not_asked_for_is_no_pass(tmp_path: Path, what: str, others: tuple[str, ...]) -> None:
    report = judged(tmp_path, what, "mailrules/reaches", *others)
    ending = next(one for one in report.campaigns[0].outcomes if one.rule == "mailrules/reaches")
    assert (ending.status, report.verdict, report.exit_code) == ("error", "unsure", 3)
    assert f"no attribute '{what}'" in ending.reason


@pytest.mark.parametrize("where", ["option", "manifest"])
def test_what_is_recorded_is_all_that_the_list_says_whichever_rules_run(tmp_path: Path, where: str) -> None:
    campaign(tmp_path)
    lines = ['id = "spring"', 'family = "weekly"', 'from = "post@fernhill.com"', 'subject = "Beans"', 'text = "Beans"']
    lines += ["[history]", 'store = "history.sqlite"'] if where == "manifest" else []
    lines += ["[audience]", 'source = "people.csv"']
    (tmp_path / "campaign.toml").write_text("\n".join(lines))
    store = str(tmp_path / "history.sqlite")
    given = ("--history", store) if where == "option" else ()
    told = support.mailcheck("check", tmp_path / "campaign.toml", "--select", "audience/duplicate", *given)
    assert told.exit_code == 0, told.output
    (send,) = open_store(store).sends()
    assert send.countries == {"nl": 600, "de": 200}


def test_a_column_that_is_not_there_is_told_whoever_asks(tmp_path: Path) -> None:
    given = campaign(tmp_path, columns={"country": "contry"})
    report = mailcheck.check(given, profile="campaign", select=["audience/duplicate"])
    (ending,) = report.campaigns[0].outcomes
    assert (ending.status, report.verdict) == ("error", "unsure")
    assert "there is no column 'contry' (it has email, FNAME, country); did you mean 'country'?" in ending.reason
