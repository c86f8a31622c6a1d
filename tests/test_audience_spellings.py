"""People whose address is written wrongly are still people: what stops a mail finds them, and counts agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import mailcheck
from mailcheck.audience.addresses import fault_of
from mailcheck.cli.entry import run

ODD = [
    "Ann <ann@blocked.com>",
    "mailto:x@blocked.com",
    "ok@blocked.com.",
    "be\u200bn@blocked.com",
    "cem cem@Blocked.com",
    "d..d@blocked.com",
    "@blocked.com",
]
"""Seven people at one domain, every one with a fault."""
OTHERS = [f"person.{number}@larkmail.com" for number in range(20)]
NORMALS = ["ann@blocked.com", "x@blocked.com", "ok@blocked.com", "ben@blocked.com"]


def judged(
    people: Sequence[str], rule: str, audience: Mapping[str, object] | None = None, **given: object
) -> Sequence[mailcheck.Finding]:
    table = {"people": list(people), **(audience or {})}
    campaign: dict[str, object] = {"html": "<p>x</p>", "from": "Shop <news@fernhill.com>", "audience": table, **given}
    report = mailcheck.check(
        campaign,
        settings={"select": [rule]},
    )
    found = report.of(rule)
    assert [one.status for one in report.campaigns[0].outcomes] == ["failed" if found else "passed"]
    return found


def test_a_blocked_domain_blocks_whoever_is_there_however_it_is_written() -> None:
    def people_of(**suppression: object) -> object:
        (told,) = judged([*ODD, *OTHERS], "audience/suppressed", suppression=suppression)
        return told.data["people"]

    assert people_of(people=NORMALS) == 4
    assert people_of(people=["blocked.com"], holds="domains") == len(ODD)
    assert people_of(people=["*.com"], holds="domains") == len(ODD) + len(OTHERS)


def test_several_addresses_in_one_field_are_at_no_domain() -> None:
    people = ["a@blocked.com; b@larkmail.com", "c@larkmail.com@blocked.com", *OTHERS]
    blocked = {"people": ["blocked.com"], "holds": "domains"}
    assert not judged(people, "audience/suppressed", suppression=blocked)


def test_a_segment_of_domains_holds_whoever_is_there_however_it_is_written() -> None:
    only = {"only": [{"who": "colleagues", "segment": "us"}]}
    us = {"us": {"people": ["blocked.com"], "holds": "domains"}}
    assert not judged(ODD, "audience/not_entitled", audience=only, segments=us)
    (told,) = judged([*ODD, *OTHERS[:3]], "audience/not_entitled", audience=only, segments=us)
    assert told.data["others"] == 3


@pytest.mark.parametrize("own", ["fernhill.com", "fernh\u00fcgel.de"])
def test_a_test_list_is_known_though_one_of_us_is_written_wrongly(own: str) -> None:
    people = [*(f"e{number}@{own}" for number in range(6)), f"Ann <ann@{own}>", f"ben ben@{own}"]
    (told,) = judged(people, "audience/internal_only", audience={"internal": [own]})
    assert (told.severity, told.data) == ("error", {"recipients": 8, "internal": 8})
    assert not judged([*people, "cem@larkmail.com"], "audience/internal_only", audience={"internal": [own]})


@pytest.mark.parametrize("before", ["", " ", "\u200b ", " \u200b", "\u200b\u00a0\ufeff", "\t\u2060 "])
@pytest.mark.parametrize("behind", ["", "\u00a0\u200b", "\u200b ", " \u200b \u200b", "\r\n\u200b"])
def test_spaces_and_unseen_characters_mixed_at_the_ends_are_no_fault(before: str, behind: str) -> None:
    assert fault_of(f"{before}ann@gmail.com{behind}") == ""
    assert fault_of(f"{before}an\u200bn@gmail.com{behind}") == "invisible"
    assert not judged([f"{before}ann@gmail.com{behind}"], "audience/invalid")


def test_the_profile_and_its_export_count_the_same_duplicates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(
        "email\nann.lee@shop.com\nAnn <ann.lee@shop.com>\nben@shop.com\nno one\nno one\ncem@shop.com\nCEM@shop.com\n"
    )
    assert run(["audience", "people.csv", "--format", "json"]) == 0
    assert '"duplicates": { "rows": 2, "addresses": 2' in " ".join(capsys.readouterr().out.split())
    assert run(["audience", "people.csv", "--export", "again.csv", "--of", "duplicate"]) == 0
    assert sorted((tmp_path / "again.csv").read_text().splitlines()[1:]) == [
        "ann.lee@shop.com,stands in 2 rows,",
        "cem@shop.com,stands in 2 rows,",
    ]


def test_a_seed_that_is_named_twice_is_there_in_both_spellings() -> None:
    seeds = {"seeds": ["Desk@shop.example", "desk@shop.example"]}
    assert not judged([*OTHERS, "desk@shop.example"], "audience/seeds_missing", audience=seeds)
    (told,) = judged(OTHERS, "audience/seeds_missing", audience=seeds)
    assert told.data == {"missing": 2, "seeds": 2}
