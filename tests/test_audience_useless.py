"""Entries of suppression lists that can stop nobody: never a silent pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mailcheck
import support

PEOPLE = [f"p{number}@gmail.com" for number in range(6)]
OTHERS = [f"stranger{number}@larkmail.com" for number in range(30)]
RULES = ("audience/suppressed", "audience/suppression_useless")


def checked(suppression: object) -> mailcheck.Report:
    campaign = {"html": "<p>Beans</p>", "subject": "Beans", "from": "News <news@fernhill-garden.com>"}
    given: dict[str, object] = {**campaign, "audience": {"people": PEOPLE}, "suppression": suppression}
    return mailcheck.check(given, settings={"select": RULES})


def refusal(report: mailcheck.Report) -> str:
    assert report.verdict == "unsure"
    (said,) = {one.reason for one in report.campaigns[0].outcomes}
    return said


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ('email\n"p1@gmail.com;p2@gmail.com"\nx@y.com\n', "1 of its 2 entries"),
        ("email\np1@gmail.com,p2@gmail.com\np3@gmail.com,p4@gmail.com\n", "2 of its 2 entries"),
        ("email\nx@y.com\np1@gmail.com p2@gmail.com\n", "1 of its 2 entries"),
        ("email;name\nx@y.com;x\nAnn <p1@gmail.com>, Ben <p2@gmail.com>;y\n", "1 of its 2 entries"),
        ("email;name\nx@y.com;x\np1@gmail.com / p2@gmail.com;y\n", "1 of its 2 entries"),
    ],
)
def test_several_addresses_in_a_field_are_told(rows: str, count: str, tmp_path: Path) -> None:
    (tmp_path / "optout.csv").write_text(rows)
    said = refusal(checked({"source": str(tmp_path / "optout.csv")}))
    assert f"several addresses stand in one field, in {count} (such as " in said
    assert "so that nobody of them would be met; put each on a line of its own" in said
    assert "p1@" not in said


@pytest.mark.parametrize(
    "entry",
    [
        *("gmail.com", "GMAIL.com ", "www.gmx.de", ".shop.example", "https://gmail.com/", "gmx.de, web.de"),
        *("почта.рф", "a.b.co.uk"),
    ],
)
@pytest.mark.parametrize("addresses", [OTHERS[:1], OTHERS])
def test_bare_domains_among_addresses_are_told(entry: str, addresses: list[str]) -> None:
    said = refusal(checked({"people": [*addresses, entry]}))
    assert f"bare domains stand among its addresses, 1 of its {len(addresses) + 1} entries" in said
    assert 'put them in a list of their own, with holds = "domains"' in said


def test_a_list_of_almost_nothing_but_domains_is_told() -> None:
    assert "51 of its 52 entries" in refusal(checked({"people": ["x@y.com", *(f"host{n}.com" for n in range(51))]}))


@pytest.mark.parametrize(
    "junk", ["customer 12", "Ann Lee", "+31612345678", "ann.lee", "31.12.2026", "p1@gmail,com", "<p1@gmail,com>"]
)
def test_other_entries_are_a_finding_and_too_many_leave_it_open(junk: str) -> None:
    few = checked({"people": [*OTHERS, junk], "name": "optout.csv"})
    assert [(one.rule, one.severity, one.data["useless"]) for one in few.findings] == [(RULES[1], "warning", 1)]
    assert (
        "1 entry of the 31 on the suppression list optout.csv (3.2 %) is no address and stops nobody"
        in few.findings[0].message
    )
    assert junk not in few.model_dump_json()
    many = refusal(checked({"people": [*OTHERS[:9], junk]}))
    assert "1 of its 10 entries is no address (such as" in many
    assert "and stops nobody; look whether the right column is read" in many


def test_one_address_above_rows_of_something_else_is_no_list() -> None:
    assert "99 of its 100 entries" in refusal(checked({"people": ["x@y.com", *(f"customer {n}" for n in range(99))]}))


@pytest.mark.parametrize(
    "entry",
    [
        *("", "  ", "n/a", "NULL", "-", "# of last year"),
        *(
            "Ann <ann@x.com>",
            "mailto:ann@x.com",
            "a\u200bnn@x.com",
            "ann@x.com.",
            "j\u00f6rg@x.com.",
            "Ann <ann@x.com.>",
        ),
    ],
)
def test_what_stands_for_nobody_or_is_understood_is_not_told(entry: str) -> None:
    report = checked({"people": [*OTHERS[:3], entry]})
    assert (report.findings, report.verdict) == ((), "clear")


@pytest.mark.parametrize(
    "entry",
    [
        *("gmx.de", "*.gmx.de", "*@gmx.de", "@gmx.de", ".gmx.de", "gmx.de.", "localhost", "# of May"),
        *("bl\u00e5b\u00e6r.no", "xn--bl-zja.no"),
    ],
)
def test_domains_of_every_spelling_are_no_junk(entry: str) -> None:
    report = checked({"people": ["larkmail.com", entry], "holds": "domains"})
    assert (report.findings, report.verdict) == ((), "clear")


def test_domains_that_stop_nobody_are_told_too() -> None:
    hosts = [f"host{number}.com" for number in range(30)]
    said = refusal(checked({"people": [*hosts, "gmail.com, gmx.de"], "holds": "domains"}))
    assert "several domains stand in one field, in 1 of its 31 entries" in said
    few = checked({"people": [*hosts, "gmail", "nobody here"], "holds": "domains"})
    assert [one.data["useless"] for one in few.findings] == [2]
    assert "30 of its 60 entries are no domain" in refusal(
        checked({"people": [*hosts, *(f"customer {n}" for n in range(30))], "holds": "domains"})
    )


def test_the_profile_of_a_list_tells_it_too(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("\n".join(["email", *PEOPLE]))
    (tmp_path / "optout.csv").write_text("\n".join(["email", *OTHERS, "customer 12"]))
    given = ("audience", tmp_path / "list.csv", "--suppression", tmp_path / "optout.csv")
    (listed,) = json.loads(support.mailcheck(*given, "--format", "json").output)["suppression"]
    assert listed["useless"] == {"count": 1, "examples": ["c…"]}
    assert "1 of them stops nobody (c…)" in support.mailcheck(*given).output
    (tmp_path / "optout.csv").write_text("\n".join(["email", *OTHERS, "gmail.com"]))
    told = support.mailcheck(*given)
    assert told.exit_code != 0
    assert "bare domains stand among its addresses" in told.output


def test_members_of_a_segment_may_be_anything_but_several_at_once() -> None:
    def judged(*members: str) -> mailcheck.Report:
        only = [{"who": "members", "segment": "club"}]
        campaign: dict[str, object] = {"html": "<p>x</p>", "audience": {"people": PEOPLE, "only": only}}
        campaign["segments"] = {"club": {"people": members}}
        return mailcheck.check(campaign, settings={"select": ["audience/not_entitled"]})

    fine = judged(*PEOPLE, "customer 12", "no 3")
    assert [(one.status, one.findings) for one in fine.campaigns[0].outcomes] == [("passed", 0)]
    assert "several addresses stand in one field" in refusal(judged("x@y.com", ", ".join(PEOPLE)))
