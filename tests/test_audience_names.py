"""Names of columns: which column a merge field and a role are filled from, and what is told of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mailcheck
import support

PEOPLE = [f"ann.lee{number}@larkmail.com" for number in range(8)]
MAIL = {"subject": "Beans", "from": "News <news@fernhill-garden.com>", "dialect": "klaviyo"}


def people(**columns: str) -> list[dict[str, str]]:
    return [{"email": one, **columns} for one in PEOPLE]


def checked(html: str, audience: object, *rules: str, **more: object) -> mailcheck.Report:
    given: dict[str, object] = {**MAIL, "html": html, "audience": audience, **more}
    return mailcheck.check(given, settings={"select": rules or ("merge_tags/coverage",)})


def refusal(report: mailcheck.Report) -> str:
    assert report.verdict == "unsure"
    said = {one.reason for one in report.campaigns[0].outcomes if one.status == "error"}
    assert len(said) == 1
    return said.pop()


@pytest.mark.parametrize(
    ("tag", "other", "own"),
    [
        ("{{ Имя }}", "Город", "Имя"),
        ("{{ ИМЯ }}", "Город", "имя"),
        ("{{ 名 }}", "姓", "名"),
        ("{{ 이름 }}", "도시", "이름"),
        ("{{ Name_DE }}", "Name (de)", "Name_DE"),
        ("{{ name_de }}", "Name (de)", "Name_DE"),
        ("{{ prenom }}", "Prénoms", "Prénom"),
        ("{{ fname }}", "first", "First Name"),
        ("{{ fname }}", "First Name", "FNAME"),
    ],
)
def test_a_field_is_filled_from_the_column_of_its_name(tag: str, other: str, own: str) -> None:
    blank = checked(f"<p>Hi {tag},</p>", {"people": people(**{other: "Ann", own: ""})})
    assert [(one.data["empty"], one.severity) for one in blank.findings] == [(8, "error")]
    filled = checked(f"<p>Hi {tag},</p>", {"people": people(**{other: "", own: "Ann"})})
    assert (filled.findings, filled.verdict) == ((), "clear")


def test_a_field_of_mailchimp_is_not_filled_from_another_column_either() -> None:
    report = checked("<p>Hi *|名|*,</p>", {"people": people(姓="Li", 名="")}, dialect="mailchimp")
    assert [one.data["empty"] for one in report.findings] == [8]


@pytest.mark.parametrize("name", ["Город", "★", "№ 1"])
def test_a_field_without_a_column_of_its_name_has_none(name: str) -> None:
    report = checked("<p>Hi {{ Имя }} in {{ city }},</p>", {"people": people(**{name: "", "city": "Gent"})})
    assert [one.data for one in report.findings] == [{"field": "Имя"}]


def test_of_several_columns_none_is_taken() -> None:
    given = {"people": people(**{"Name (de)": "Ann", "name-de": ""})}
    (found,) = checked("<p>Hi {{ Name_DE }},</p>", given).findings
    assert found.message.startswith("Several columns of the list may be Name_DE (Name (de) and name-de)")
    told = checked("<p>Hi {{ Name_DE }},</p>", {**given, "fields": {"Name_DE": "name-de"}})
    assert [one.data["empty"] for one in told.findings] == [8]


def test_of_several_columns_none_has_a_role() -> None:
    twice = {"people": people(Country="NL", country="DE"), "markets": ["NL"]}
    said = refusal(checked("<p>x</p>", twice, "audience/wrong_locale"))
    assert said.endswith(
        'several columns may be the country (Country, country); say which with columns = { country = "…" }'
    )


def test_of_several_columns_that_say_who_opted_out_none_is_overlooked() -> None:
    for twice in ({"Opt_Out": "no", "optout": "yes"}, {"Opt_Out": "yes", "optout": "no"}):
        (found,) = checked("<p>x</p>", {"people": people(**twice)}, "audience/opted_out").findings
        assert found.severity == "error"


def test_every_column_of_a_list_is_profiled_whatever_its_script(tmp_path: Path) -> None:
    rows = "".join(f"{one},Ann,,x\n" for one in PEOPLE)
    (tmp_path / "list.csv").write_text(f"email,Имя,名,★\n{rows}", encoding="utf-8")
    told = json.loads(support.mailcheck("audience", tmp_path / "list.csv", "--format", "json").output)
    assert told["fields_not_looked_at"] == 0
    assert {name: one["empty"] for name, one in told["fields"].items()} == {"Имя": 0, "名": 8, "★": 0}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"columns": {"date": "nope"}}, "columns.date is nothing that is looked for in this list; take it out"),
        ({"columns": {"reason": "FNAME"}}, "columns.reason is nothing that is looked for in this list"),
        ({"columns": {"hash": "nope"}}, "columns.hash is nothing that is looked for in this list"),
        (
            {"columns": {"country": "fnam"}},
            "there is no column 'fnam' (it has email, FNAME, Vorname); did you mean 'FNAME'?",
        ),
        (
            {"fields": {"FNAEM": "Vornaam"}},
            "there is no column 'Vornaam' (it has email, FNAME, Vorname); did you mean 'Vorname'?",
        ),
        (
            {"fields": {"fname": "FNAME", "Fname": "Vorname"}},
            "fields names several columns for FNAME (fname, Fname); keep one",
        ),
    ],
)
def test_a_name_that_names_nothing_is_told(given: dict[str, object], sentence: str) -> None:
    audience = {"people": people(FNAME="Ann", Vorname="Ann"), **given}
    assert sentence in refusal(checked("<p>Hi {{ FNAME }},</p>", audience, "audience/invalid", "merge_tags/coverage"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"columns": {"country": "nope"}}, "columns.country is nothing that is looked for in this list"),
        ({"columns": {"domain": "email"}}, "columns.domain is nothing that is looked for in this list"),
        ({"columns": {"reason": "nope"}}, "there is no column 'nope'"),
    ],
)
def test_a_name_that_names_nothing_is_told_of_a_suppression_list_too(given: dict[str, object], sentence: str) -> None:
    suppression = {"people": ["x@larkmail.com"], **given}
    report = checked("<p>x</p>", {"people": PEOPLE}, "audience/suppressed", suppression=suppression)
    assert sentence in refusal(report)


def test_what_is_said_of_one_list_is_not_lost_among_several() -> None:
    suppression = {"max_age_days": 3, "lists": [{"people": ["x@larkmail.com"]}]}
    with pytest.raises(mailcheck.CouldNotStart, match="max_age_days is of one list, and there are several lists"):
        checked("<p>x</p>", {"people": PEOPLE}, "audience/suppressed", suppression=suppression)


def test_the_columns_of_fields_are_said_whatever_the_case_of_the_field() -> None:
    audience = {"people": people(FNAME="", Vorname="Ann"), "fields": {"fname": "vorname", "CITY": "FNAME"}}
    report = checked("<p>Hi {{ FNAME }},</p>", audience)
    assert (report.findings, report.verdict) == ((), "clear")


@pytest.mark.parametrize(
    "rows",
    [
        "Kate Bush;1958-07-30;+31612345678\nAnn Lee;1970-01-01;+31612345679\n",
        "Kate Bush;Main Street 1;Amsterdam\nAnn Lee;Side Street 2;Utrecht\n",
        "kate,bush,12 State Street\nann,lee,3 Land Street\n",
    ],
)
@pytest.mark.parametrize("said", [{}, {"columns": {"address": "E-Mail"}}])
def test_the_first_row_of_a_list_without_headings_is_not_told(
    rows: str, said: dict[str, object], tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(rows, encoding="utf-8")
    report = checked("<p>x</p>", {"source": str(tmp_path / "list.csv"), **said}, "audience/invalid")
    assert "it has 3 columns, whose names are not told here, as the first row may be somebody's data" in refusal(report)
    told = report.model_dump_json()
    assert not [word for word in ("Kate Bush", "kate,", "bush", "1958", "3161", "Street", "Amsterdam") if word in told]


@pytest.mark.parametrize("heads", ["Kundennummer,Vorname,Stadtteil", "customer_no,FNAME,q1 2024", "Abc,Имя,Def"])
def test_headings_are_told(heads: str, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"{heads}\n1,2,3\n4,5,6\n", encoding="utf-8")
    said = refusal(checked("<p>x</p>", {"source": str(tmp_path / "list.csv")}, "audience/invalid"))
    assert said.endswith(f"it has {', '.join(heads.split(','))}")
