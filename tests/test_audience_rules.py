"""What the rules about recipients say of lists in files: the healthy ones quiet, the others with the right numbers."""

from __future__ import annotations

import csv
import hashlib
import random
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

import mailcheck
from mailcheck.audience import known

Found = dict[str, mailcheck.Finding]
HOSTS = ("gmail.com", "hotmail.com", "gmx.de", "yahoo.co.uk", "ymail.com", "club-ashdown.co.uk", "firma-linden.de")


def healthy(number: int = 4_000, seed: int = 1) -> list[dict[str, str]]:
    """A list as good ones are: a few broken, of a post, thrown away, tests."""
    chance = random.Random(seed)
    rows = [
        {"email": f"person{n}@{chance.choice(HOSTS)}", "FNAME": "Ann", "country": "DE", "language": "de"}
        for n in range(number)
    ]
    odd = (
        "info@firma-linden.de",
        "office@a-firm.de",
        "test@gmx.de",
        "ann@yopmail.com",
        "ann.lee@web,de",
        "ben@gmial.com",
    )
    for place, address in enumerate(odd):
        rows[place * 7]["email"] = address
    rows[3]["FNAME"] = ""
    return rows


def write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., mailcheck.Report]:
    def judged(
        rows: Sequence[Mapping[str, object]] | None = None,
        audience: Mapping[str, object] | None = None,
        settings: Mapping[str, object] | None = None,
        **given: object,
    ) -> mailcheck.Report:
        people = {"people": [dict(row) for row in rows]} if rows is not None else {}
        campaign = {
            "html": "<p>Hi *|FNAME|*,</p>",
            "subject": "News",
            "dialect": "mailchimp",
            "audience": {**people, **(audience or {})},
            **given,
        }
        select = ("audience", "merge_tags/coverage")
        return mailcheck.check(campaign, settings={"select": select, **(settings or {})})

    return judged


def by_rule(report: mailcheck.Report) -> Found:
    assert not [one for one in report.campaigns[0].outcomes if one.status == "error"]
    return {finding.rule: finding for finding in report.findings}


def addresses(*more: str, number: int = 1_000) -> list[dict[str, str]]:
    return [{"email": f"person.{n}@larkmail.com", "FNAME": "Ann"} for n in range(number)] + [
        {"email": one, "FNAME": "Ann"} for one in more
    ]


# healthy lists


def test_a_healthy_list_is_quiet(judge: Callable[..., mailcheck.Report]) -> None:
    report = judge(
        healthy(),
        locale="de",
        audience={"markets": ["Germany"], "rows": 4_000},
        suppression={"people": ["gone@gmx.de", "x@a-firm.de"]},
        **{"from": "News <news@fernhill-garden.com>"},
    )
    # A misspelt domain in a thousand is worth a word; nothing else of it is.
    assert set(by_rule(report)) <= {"audience/typo_domain"}
    assert report.verdict == "clear"


def test_a_list_of_businesses_is_quiet_about_posts_when_told_so(judge: Callable[..., mailcheck.Report]) -> None:
    rows = addresses(*(f"info@firm-{n}.de" for n in range(400)))
    told = by_rule(judge(rows))["audience/role"]
    assert told.data["addresses"] == 400
    quiet = judge(rows, settings={"rules": {"audience/role": {"share": 0.9}}})
    assert "audience/role" not in by_rule(quiet)


# numbers


def test_the_numbers_of_dirt_are_counted(judge: Callable[..., mailcheck.Report]) -> None:
    dirt = ["a b@larkmail.com", "nobody", "ann@larkmail,com", "x@larkmail.com;y@larkmail.com", "Person.1@LARKMAIL.com "]
    found = by_rule(judge(addresses(*dirt, *dirt, number=300)))
    assert found["audience/invalid"].data["invalid"] == 8
    assert found["audience/invalid"].severity == "warning"
    # An address that is no address is not counted as one that is there twice.
    assert found["audience/duplicate"].data["surplus"] == 2
    assert "8 of the 310 rows (2.6 %)" in found["audience/invalid"].message


def test_a_wrong_column_is_an_error(judge: Callable[..., mailcheck.Report]) -> None:
    names = ["p@larkmail.com", *(f"Person {n}" for n in range(1, 50))]
    rows = [{"email": name, "mail address": f"p{n}@larkmail.com"} for n, name in enumerate(names)]
    assert by_rule(judge(rows))["audience/invalid"].severity == "error"
    other = judge(rows, audience={"columns": {"address": "mail address"}})
    assert "audience/invalid" not in by_rule(other)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("hotmal.com", "hotmail.com"),
        ("outllok.com", "outlook.com"),
    ],
)
def test_slips_of_famous_providers_are_told_without_them(
    judge: Callable[..., mailcheck.Report], written: str, meant: str
) -> None:
    told = by_rule(judge(addresses(f"a@{written}")))["audience/typo_domain"]
    assert told.data["domains"] == [{"written": written, "meant": meant, "count": 1}]


def test_slips_of_other_providers_are_told_beside_them(judge: Callable[..., mailcheck.Report]) -> None:
    slips = ["a@freent.de", "b@t-onlne.de"]
    assert "audience/typo_domain" not in by_rule(judge(addresses(*slips)))
    beside = [f"{n}@{host}" for n in range(20) for host in ("freenet.de", "t-online.de")]
    assert by_rule(judge(addresses(*slips, *beside)))["audience/typo_domain"].data["addresses"] == 2


def test_a_domain_that_is_more_frequent_than_the_provider_is_no_slip(judge: Callable[..., mailcheck.Report]) -> None:
    rows = addresses(*(f"{n}@gmal.com" for n in range(30)), "a@gmail.com")
    assert "audience/typo_domain" not in by_rule(judge(rows))


REAL = re.findall(
    r"\S+",
    """
ymail.com mail.com email.com gmx.de gmx.net gmx.at gmx.ch web.de hotmail.co.uk hotmail.de hotmail.fr
yahoo.co.in yahoo.com.br live.nl live.co.uk outlook.de aol.de me.com mac.com msn.com googlemail.com free.fr
orange.fr sfr.fr laposte.net libero.it comcast.com comcast.net aim.com inbox.lv mail.ru bk.ru list.ru
yandex.com proton.me pm.me protonmail.ch fastmail.fm hey.com cloud.com gail.com look.com home.com planet.com
line.com mailbox.com yahoo-inc.com zoho.eu tutanota.com gmail.ru live.cn
""",
)


def test_no_real_domain_is_taken_for_a_slip(judge: Callable[..., mailcheck.Report]) -> None:
    famous = [f"{n}@{host}" for n in range(40) for host in known.FAMOUS]
    assert "audience/typo_domain" not in by_rule(judge(addresses(*(f"a@{host}" for host in REAL), *famous)))


def test_the_lists_of_what_is_known_do_not_contradict_each_other() -> None:
    providers, real = known.providers()
    assert not set(known.misspellings()) & real
    assert not {one for one in providers if known.is_test_domain(one)}
    assert not known.disposable(providers)
    assert not known.names("test") & (known.names("role") | known.names("unattended"))
    for kind in (
        "role-names",
        "unattended-names",
        "test-names",
        "test-domains",
        "providers",
        "not-misspelt",
        "domain-endings",
        "heading-words",
    ):
        listed = list(known.entries(kind))
        assert len(listed) == len(set(listed)), kind
        assert all(one == one.strip().lower() for one in listed)


# people who said no


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256"])
def test_hashed_lists_find_the_same_people(judge: Callable[..., mailcheck.Report], tmp_path: Path, kind: str) -> None:
    gone = [f"person.{n}@larkmail.com" for n in range(0, 300, 3)]
    hashes = [hashlib.new(kind, f"pepper{one}".encode()).hexdigest().upper() for one in gone]
    (tmp_path / "gone.csv").write_text("hash\n" + "\n".join(hashes))
    listed = {"source": str(tmp_path / "gone.csv"), "hash": kind, "salt": "pepper", "reason": "complained"}
    found = by_rule(judge(addresses(), suppression=listed))["audience/suppressed"]
    assert found.data["people"] == 100
    assert found.message.startswith("100 of the 1,000 recipients have complained (list ")
    assert "nearly everybody on the list" in found.message


def test_the_opt_out_list_as_the_audience(judge: Callable[..., mailcheck.Report], tmp_path: Path) -> None:
    rows = addresses(number=40)
    write(tmp_path / "unsubscribed.csv", rows)
    given = {"source": str(tmp_path / "unsubscribed.csv")}
    found = by_rule(judge(audience=given, suppression=given))
    assert found["audience/is_suppression_list"].severity == "error"
    assert found["audience/is_suppression_list"].data["people"] == 40
    named = by_rule(judge(audience=given, suppression={"people": ["x@a-firm.de"]}))
    assert named["audience/is_suppression_list"].severity == "warning"


@pytest.mark.parametrize(
    "name", ["people-without-unsubscribed.csv", "minus_optout.csv", "robot-outing.csv", "blocks.csv"]
)
def test_a_file_whose_name_only_speaks_of_it_is_fine(
    judge: Callable[..., mailcheck.Report], tmp_path: Path, name: str
) -> None:
    write(tmp_path / name, addresses(number=20))
    report = judge(audience={"source": str(tmp_path / name)}, suppression={"people": ["x@a-firm.de"]})
    assert "audience/is_suppression_list" not in by_rule(report)


def test_the_age_of_a_list_without_dates_is_that_of_its_file(
    judge: Callable[..., mailcheck.Report], tmp_path: Path
) -> None:
    import os

    path = tmp_path / "optout.csv"
    write(path, [{"email": "x@a-firm.de"}])
    assert "audience/suppression_stale" not in by_rule(judge(addresses(), suppression={"source": str(path)}))
    os.utime(path, (1_600_000_000, 1_600_000_000))
    found = by_rule(judge(addresses(), suppression={"source": str(path)}))["audience/suppression_stale"]
    assert found.data["newest"] == "2020-09-13"
    patient = {"source": str(path), "max_age_days": 36_500}
    assert "audience/suppression_stale" not in by_rule(judge(addresses(), suppression=patient))


def test_a_segment_that_was_not_given_is_never_a_pass(judge: Callable[..., mailcheck.Report]) -> None:
    only = [{"who": "members", "segment": "club"}]
    assert "was not given" in by_rule(judge(addresses(), audience={"only": only}))["audience/not_entitled"].message
    inside = judge(
        addresses(number=3), audience={"only": only}, segments={"club": {"people": ["person.1@larkmail.com"]}}
    )
    assert by_rule(inside)["audience/not_entitled"].data["others"] == 2


# fields


def test_blank_names_hold_the_mail_only_where_nothing_stands_in(judge: Callable[..., mailcheck.Report]) -> None:
    rows = addresses(number=1_000)
    for row in rows[:30]:
        row["FNAME"] = "\u00a0"
    rows[40]["FNAME"] = "null"
    found = [one for one in judge(rows).findings if one.rule == "merge_tags/coverage"]
    assert [(one.severity, one.data["empty"]) for one in found] == [("error", 30), ("warning", 30)]
    assert "30 of the 1,000 rows (3 %) have no FNAME" in found[0].message
    guarded = judge(rows, html="<p>Hi *|IF:FNAME|**|FNAME|**|ELSE:|*you*|END:IF|*,</p>")
    told = [one for one in guarded.findings if one.rule == "merge_tags/coverage"]
    assert ["“null” or the like" in one.message for one in told] == [True]


def test_codes_in_capitals_are_no_shouted_names(judge: Callable[..., mailcheck.Report]) -> None:
    rows = [{"email": f"p{n}@larkmail.com", "CODE": "SPRING", "FNAME": "Ann"} for n in range(10)]
    html = "<p>Hi *|FNAME|*, *|CODE|*</p>"
    assert "merge_tags/coverage" not in by_rule(judge(rows, html=html))


# options, and lists that cannot be read


def test_a_misspelt_option_is_refused(judge: Callable[..., mailcheck.Report]) -> None:
    with pytest.raises(mailcheck.CouldNotStart, match="share"):
        judge(addresses(), settings={"rules": {"audience/role": {"shar": 0.9}}})


def test_a_list_that_cannot_be_read_makes_every_rule_of_it_unsure(
    judge: Callable[..., mailcheck.Report], tmp_path: Path
) -> None:
    report = judge(audience={"source": str(tmp_path / "nowhere.csv")})
    statuses = {one.rule: one.status for one in report.campaigns[0].outcomes}
    assert {status for rule, status in statuses.items() if rule.startswith("audience/s") and "missing" in rule} == {
        "error"
    }
    assert report.verdict == "unsure"


def test_people_in_the_manifest_may_be_of_any_sort(judge: Callable[..., mailcheck.Report]) -> None:
    rows: Iterable[Mapping[str, object]] = [
        {"email": "a@larkmail.com", "recent_mails": 5, "opted out": True},
        {"email": "b@larkmail.com", "recent_mails": None},
        {"email": "c@larkmail.com", "opted out": False},
    ]
    found = by_rule(judge(list(rows)))
    assert found["audience/frequency"].data["people"] == 1
    assert found["audience/opted_out"].data["people"] == 1


@pytest.mark.parametrize(
    ("state", "severity"), [("Unsubscribed", "error"), ("hard-bounced", "error"), ("pending", "warning")]
)
def test_what_the_list_itself_says(judge: Callable[..., mailcheck.Report], state: str, severity: str) -> None:
    rows = [{**row, "Status": "active"} for row in addresses(number=20)]
    assert "audience/opted_out" not in by_rule(judge(rows))
    rows[3]["Status"] = state
    assert by_rule(judge(rows))["audience/opted_out"].severity == severity


def test_values_that_nobody_knows_are_no_pass(judge: Callable[..., mailcheck.Report]) -> None:
    rows = [{**row, "language": "xx-klingon"} for row in addresses(number=5)]
    report = judge(rows, locale="de")
    outcome = next(one for one in report.campaigns[0].outcomes if one.rule == "audience/wrong_locale")
    assert outcome.status == "skipped"


def test_what_is_not_installed_is_told_in_its_own_sentence(
    judge: Callable[..., mailcheck.Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "disposable_email_domains", None)
    report = judge(addresses(number=5))
    outcome = next(one for one in report.campaigns[0].outcomes if one.rule == "audience/disposable")
    assert (outcome.status, report.verdict) == ("error", "unsure")
    assert outcome.reason.startswith("throw-away domains come from a package that is not installed: pip install ")
