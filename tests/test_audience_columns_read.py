"""Numbers and dates of a list: what is one is read, and what cannot be read is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

import mailcheck

ADDRESSES = [f"person.{number}@larkmail.com" for number in range(40)]


def judged(rule: str, people: object, **given: object) -> mailcheck.Report:
    audience = people if isinstance(people, dict) else {"people": people}
    campaign: dict[str, object] = {"html": "<p>x</p>", "audience": audience, **given}
    return mailcheck.check(campaign, select=[rule])


def refused(report: mailcheck.Report) -> str:
    (outcome,) = report.campaigns[0].outcomes
    assert (outcome.status, report.verdict) == ("error", "unsure")
    return outcome.reason


def mails(values: Sequence[object]) -> list[dict[str, object]]:
    return [{"email": one, "Recent mails": value} for one, value in zip(ADDRESSES, values, strict=False)]


@pytest.mark.parametrize("value", ["two", "2 mails", "99999999999", "-3", "?!"])
def test_a_column_of_numbers_that_cannot_be_read_is_no_pass(value: str) -> None:
    sentence = refused(judged("audience/frequency", mails([value] * 20)))
    assert sentence == (
        "people: the column 'Recent mails': 20 of its 20 values are no numbers that can be read; write them like 2"
    )
    refused(judged("audience/frequency", mails(["0"] * 7 + [value] * 3)))


def test_numbers_that_cannot_be_read_count_where_they_would_make_the_difference() -> None:
    odd = mails(["0"] * 39 + ["two"])
    refused(judged("audience/frequency", odd))
    few = {"people": odd}
    settings = {"select": ["audience/frequency"], "rules": {"audience/frequency": {"share": 0.1}}}
    report = mailcheck.check({"html": "<p>x</p>", "audience": few}, settings=settings)
    assert report.campaigns[0].outcomes[0].status == "passed"


def test_dates_of_a_list_that_could_not_be_read_are_told_beside_a_later_send(tmp_path: Path) -> None:
    today = datetime.now(UTC)
    old, sent = (today - timedelta(days=20)).date().isoformat(), (today - timedelta(days=6)).isoformat()
    entries = [{"email": one, "date": old} for one in ADDRESSES] + [{"email": "x@a.com", "date": "20 May 2026"}]
    history = {"sends": [{"sent": sent, "recipients": 5_000}]}
    report = judged(
        "audience/suppression_stale", ADDRESSES, suppression={"people": entries}, history=history, family="weekly"
    )
    (told,) = report.of("audience/suppression_stale")
    assert told.message.endswith(
        "is missing. Export the list again. 1 of its dates could not be read; write them like 2026-12-31, for one may "
        "be newer."
    )


@pytest.mark.parametrize("value", ["2,0", "2.0", "2", "2.5", " 2\u00a0", "02"])
def test_a_number_may_have_a_comma(value: str) -> None:
    (told,) = judged("audience/frequency", mails([value, "0,0", "", None, "n/a", "-", "\u200b"])).of(
        "audience/frequency"
    )
    assert (told.data["people"], told.data["unread"]) == (1, 0)


@pytest.mark.parametrize("values", [[1], ["1"], [1.0], ["1.0"], [" 1 ", "2"]])
@pytest.mark.parametrize("written", ["DOUBLE", "INTEGER", "DECIMAL(9, 2)", "VARCHAR"])
def test_a_whole_number_is_the_same_with_a_point(tmp_path: Path, values: list[object], written: str) -> None:
    kind, file = f"CAST(1 AS {written})", tmp_path / "people.parquet"
    duckdb.execute(
        f"COPY (SELECT 'p' || i || '@larkmail.com' AS email, {kind} AS level FROM range(9) t(i)) TO '{file}'"
    )
    only = [{"who": "gold", "column": "level", "values": values}]
    (outcome,) = judged("audience/not_entitled", {"source": str(file), "only": only}).campaigns[0].outcomes
    assert outcome.status == "passed"


@pytest.mark.parametrize("value", ["1.5", "1.05", "1.0a", "1.0.0", "10", "11.0", "-1", "", "one", "1,0,0"])
def test_another_number_is_another(value: str) -> None:
    people = [{"email": one, "level": value} for one in ADDRESSES]
    audience = {"people": people, "only": [{"who": "gold", "column": "level", "values": [1]}]}
    (told,) = judged("audience/not_entitled", audience).of("audience/not_entitled")
    assert told.data["others"] == 40


@pytest.mark.parametrize("newest", ["20 Nov 2026", "1794000000000", "13 February"])
def test_dates_of_which_many_cannot_be_read_say_nothing_of_the_age(newest: str) -> None:
    entries = [{"email": f"x{n}@a.com", "date": one} for n, one in enumerate((newest, "2025-01-01", "2025-02-01"))]
    sentence = refused(judged("audience/suppression_stale", ADDRESSES, suppression={"people": entries, "name": "out"}))
    assert sentence.endswith("1 of its 3 values is no date that can be read; write them like 2026-12-31")


@pytest.mark.parametrize("known", [None, "2026-01-01"])
def test_dates_of_which_some_cannot_be_read_are_counted_in_the_finding(known: str | None) -> None:
    entries = [{"email": f"x{n}@a.com", "date": "2025-01-01" if n else "20 Nov 2026"} for n in range(10)]
    suppression = {"people": entries, "name": "out"} | ({"newest": known} if known else {})
    (told,) = judged("audience/suppression_stale", ADDRESSES, suppression=suppression).of("audience/suppression_stale")
    assert told.data["unread"] == 1
    assert "1 of its dates could not be read" in told.message
    young = [*entries, {"email": "y@a.com", "date": (datetime.now(UTC).date() - timedelta(days=1)).isoformat()}]
    report = judged("audience/suppression_stale", ADDRESSES, suppression={"people": young})
    assert report.campaigns[0].outcomes[0].status == "passed"
