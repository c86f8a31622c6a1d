"""How exports write who opted out: every column that says it is read, and what cannot be told is no pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

import mailcheck

RULE = "audience/opted_out"
ADDRESSES = [f"person.{number}@larkmail.com" for number in range(20)]


def judged(source: Path | str, **audience: object) -> Sequence[mailcheck.Finding]:
    report = mailcheck.check({"html": "<p>x</p>", "audience": {"source": str(source), **audience}}, select=[RULE])
    found = report.of(RULE)
    assert [one.status for one in report.campaigns[0].outcomes] == ["failed" if found else "passed"]
    return found


def listed(folder: Path, heading: str, values: Sequence[str]) -> Path:
    rows = [f'{address},"{value}"' for address, value in zip(ADDRESSES, values, strict=False)]
    path = folder / "people.csv"
    path.write_text("\n".join([f"email,{heading}", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "values",
    [
        ["1.0", "1.0", "0.0", "0.0", ""],
        ["1,0", "1,00", "0,0", "0", "0.000"],
        ["2026-01-02 10:00", "2025-12-31 09:59:59.123+00:00", "", "", ""],
        ["2026-01-02T10:00:00Z", "31.12.2025", "", "0000-00-00", "0000-00-00 00:00:00"],
        ["12/31/2025 10:00 PM", "Nov 20, 2026", "", "", "never"],
        ["20 Nov 2026", "1794000000", "", "0", ""],
        ["20261120", "1794000000000", "", "0", ""],
        ["on", "ON ", "off", "off", "off"],
        ["-1", "-1", "0", "0", "0"],
        ["Yes\u00a0", "Y\u200bes", "No", "\u200b", "n/a"],
        ["unsubscribed", "Opted Out", "subscribed", "Opted in", "active"],
        ["ja", "\u2713", "nein", "-", "NULL"],
    ],
)
def test_a_flag_is_known_however_it_is_written(tmp_path: Path, values: Sequence[str]) -> None:
    (told,) = judged(listed(tmp_path, "unsubscribed", values))
    assert (told.severity, told.data["people"]) == ("error", 2)
    assert not judged(listed(tmp_path, "unsubscribed", values[2:]))


@pytest.mark.parametrize(
    ("values", "unclear"),
    [
        (["4", "2", "0", "0"], {"4": 1, "2": 1}),
        (["maybe", "maybe", "", "no"], {"maybe": 2}),
        (["Unknown", "?", "null", "-"], {"unknown": 1, "?": 1}),
        (["1900-01-01", "9999-12-31", "", ""], {"1900-01-01": 1, "9999-12-31": 1}),
        (["ann@larkmail.com", "+31 6 1234 5678", "", ""], {"other": 2}),
    ],
)
def test_what_is_neither_yes_nor_no_is_told_with_a_warning(
    tmp_path: Path, values: Sequence[str], unclear: dict[str, int]
) -> None:
    (told,) = judged(listed(tmp_path, "Opted out", values))
    assert (told.severity, told.data["unclear"], told.data["values"]) == ("warning", 2, unclear)
    assert "2 of the 4 rows have neither yes nor no in the column \u201cOpted out\u201d" in told.message
    assert "ann@larkmail.com" not in told.model_dump_json()


@pytest.mark.parametrize(
    ("columns", "heading"),
    [
        ({"opted out": "false", "unsubscribed": "true"}, "unsubscribed"),
        ({"unsubscribed": "2026-01-02", "opted out": ""}, "unsubscribed"),
        ({"status": "active", "email status": "unsubscribed"}, "email status"),
        ({"member status": "cleaned", "status": "VIP"}, "member status"),
        ({"status": "active", "opted out": "yes"}, "opted out"),
    ],
)
def test_every_column_that_says_it_is_read(tmp_path: Path, columns: dict[str, str], heading: str) -> None:
    quiet = dict.fromkeys(columns, "")
    people = [{"email": "a@larkmail.com", **columns}, *({"email": one, **quiet} for one in ADDRESSES)]
    report = mailcheck.check({"html": "<p>x</p>", "audience": {"people": people}}, select=[RULE])
    (told,) = report.of(RULE)
    assert (told.severity, told.data["people"], told.evidence) == ("error", 1, heading)


def test_a_column_that_is_named_is_the_only_one(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("email,status,email status\na@larkmail.com,active,unsubscribed\n")
    assert len(judged(path)) == 1
    assert not judged(path, columns={"status": "status"})


def test_a_status_of_which_there_are_many_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    duckdb.execute(
        "COPY (SELECT 'p' || i || '@larkmail.com' AS email, "
        "CASE WHEN i = 7 THEN 'Unsubscribed' ELSE 'step ' || (i // 2) END AS status, "
        "CASE WHEN i % 2 = 0 THEN TIMESTAMP '2020-01-01' + INTERVAL (i) HOUR END AS unsubscribed "
        "FROM range(20000) t(i)) TO ?",
        [str(path)],
    )
    status, flag = judged(path)
    assert (status.data["people"], status.data["values"]) == (1, {"unsubscribed": 1})
    assert (flag.severity, flag.data["people"], flag.data["values"]) == ("error", 10_000, {"a date": 10_000})


@pytest.mark.parametrize("value", ["Unsubscribed (2024)", "opted out: sms", "soft bounced", "Not_subscribed", "spam"])
def test_a_status_that_may_mean_a_no_is_told_with_a_warning(tmp_path: Path, value: str) -> None:
    (told,) = judged(listed(tmp_path, "status", [value, "active", "active"]))
    assert (told.severity, told.data["people"]) == ("warning", 1)


@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("status", "2026-01-02"),
        ("status", "true"),
        ("status", "4"),
        ("status", "Gold"),
        ("subscribed at", "2026-01-02"),
        ("subscribed", "true"),
        ("optin", "1.0"),
    ],
)
def test_what_says_something_else_is_quiet(tmp_path: Path, heading: str, value: str) -> None:
    path = listed(tmp_path, f"opted out,{heading}", [f'no","{value}'] * 5)
    assert not judged(path)
