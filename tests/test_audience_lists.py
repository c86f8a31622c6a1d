"""Lists that are not what they are said to be, and the many ways in which lists write the same thing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

import mailcheck
from mailcheck.checking import Checker
from mailcheck.run import Run
from mailcheck.settings import Loaded, Settings

TODAY = datetime.now(UTC).date()
PEOPLE = [f"ann.lee{number}@larkmail.com" for number in range(40)]
OTHERS = [f"stranger{number}@larkmail.com" for number in range(10)]
MANY = [f"stranger{number}@larkmail.com" for number in range(60)]
MAIL = {"html": "<p>Beans</p>", "subject": "Beans", "from": "News <news@fernhill-garden.com>"}


def checked(*rules: str, options: object = None, **campaign: object) -> mailcheck.Report:
    given: dict[str, object] = {**MAIL, "audience": {"people": PEOPLE}, **campaign}
    return mailcheck.check(given, settings={"select": rules, "rules": options or {}})


def refusal(report: mailcheck.Report) -> str:
    """The one sentence for which all that did not run gave up."""
    assert report.verdict == "unsure"
    said = {one.reason for one in report.campaigns[0].outcomes if one.status == "error"}
    assert len(said) == 1
    return said.pop()


def messages(report: mailcheck.Report) -> list[str]:
    assert not [one.reason for one in report.campaigns[0].outcomes if one.status == "error"]
    return [finding.message for finding in report.findings]


def hashes(kind: str, addresses: Sequence[str] = PEOPLE) -> list[str]:
    return [hashlib.new(kind, one.encode()).hexdigest() for one in addresses]


@pytest.mark.parametrize(
    ("entries", "said", "sentence"),
    [
        (hashes("md5"), {}, 'not one of the 40 .* is an e-mail address; they look like MD5: say hash = "md5"'),
        (hashes("sha256"), {"hash": "md5"}, '40 are no MD5 .* they look like SHA-256: say hash = "sha256"'),
        (PEOPLE, {"hash": "md5"}, "40 are no MD5 hashes .* they look like addresses: leave out `hash`"),
        ([*hashes("md5"), "0x12"], {"hash": "md5"}, "1 are no MD5 hashes .*; look what the column holds"),
        ([*OTHERS, *hashes("sha1")[:3]], {}, "hashes stand among its addresses, 3 of 13 entries"),
        ([*OTHERS, "@shop.example"], {}, "whole domains .* stand among its addresses, 1 of 11 entries"),
        ([*OTHERS, "*.shop.example"], {}, "whole domains .* stand among its addresses, 1 of 11 entries"),
        ([*OTHERS, "*@shop.example"], {}, "whole domains .* stand among its addresses, 1 of 11 entries"),
        ([*hashes("md5"), OTHERS[0]], {"hash": "md5"}, "1 are no MD5 .* addresses: put them in a list of their own"),
        (["a.example", "https://b.example/"], {"holds": "domains"}, "1 are no domains; look what the column holds"),
        (["a.example", *hashes("md5")], {"holds": "domains"}, '40 are no domains; .* like MD5: say hash = "md5"'),
        (PEOPLE, {"holds": "domains"}, "40 are no domains; they look like addresses: leave out `holds`"),
    ],
)  # fmt: skip
def test_entries_that_would_match_nobody_are_refused(entries: list[str], said: dict[str, str], sentence: str) -> None:
    found = refusal(checked("audience/suppressed", suppression={"people": entries, **said}))
    assert re.search(sentence, found), found


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([one.upper() for one in hashes("md5", PEOPLE[:3])], {"hash": "md5"}),
        ([f" {one}\u00a0" for one in hashes("sha256", PEOPLE[:3])], {"hash": "sha256"}),
        ([*PEOPLE[:3], *MANY, "broken", "ann@larkmail", "x@y@z", "@b"], {}),
        (["LARKMAIL.com", "@other.example", "*.third.example"], {"holds": "domains"}),
        (["*@larkmail.com", "# of last year", "none", ""], {"holds": "domains"}),
        ([*hashes("md5", PEOPLE[:3]), "NULL", " n/a ", ""], {"hash": "md5"}),
    ],
)
def test_entries_that_are_what_they_should_be_are_met(entries: list[str], said: dict[str, str]) -> None:
    (message,) = messages(checked("audience/suppressed", suppression={"people": entries, **said}))
    assert message.startswith("All 40" if "holds" in said else "3 of the 40 recipients")


def test_domains_are_not_hashed() -> None:
    with pytest.raises(mailcheck.CouldNotStart, match="only addresses are hashed, so keep one"):
        checked("audience/suppressed", suppression={"people": hashes("md5"), "hash": "md5", "holds": "domains"})


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (hashes("md5", PEOPLE[:3]), {"hash": "md5"}),
        ([one.upper() for one in hashes("sha256", PEOPLE[:3])], {"hash": "sha256"}),
        (["larkmail.com", "other.example"], {"holds": "domains"}),
        (["@larkmail.com"], {"holds": "domains"}),
        (["larkmail.com", "localhost", "other.example"], {"holds": "domains"}),
        (["larkmail.com", "# of last year", "other.example"], {"holds": "domains"}),
        (
            ["larkmail.com", *(f"host{number}" for number in range(3)), *(f"host{n}.com" for n in range(80))],
            {"holds": "domains"},
        ),
        (["larkmail.com", "localhost"], {"holds": "domains"}),
    ],
)
def test_a_list_without_a_header_keeps_its_first_entry(
    entries: list[str], said: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "optout.csv"
    file.write_text("\n".join(entries), encoding="utf-8")
    (message,) = messages(checked("audience/suppressed", suppression={"source": str(file), **said}))
    assert message.startswith("All 40" if "holds" in said else "3 of the 40 recipients")


@pytest.mark.parametrize("first", ["larkmail.com", "somewhere.org", " GMX.net"])
def test_a_domain_above_addresses_is_an_entry_that_is_told(first: str, tmp_path: Path) -> None:
    file = tmp_path / "optout.csv"
    file.write_text("\n".join([first, *OTHERS]), encoding="utf-8")
    said = refusal(checked("audience/suppressed", suppression={"source": str(file)}))
    assert "bare domains stand among its addresses, 1 of its 11 entries" in said


@pytest.mark.parametrize(
    ("heading", "entries", "said"),
    [
        ("contact.email", PEOPLE[:3], {}),
        ("u.login", PEOPLE[:3], {}),
        ("contact.info", PEOPLE[:3], {}),
        ("people.md", hashes("md5", PEOPLE[:3]), {"hash": "md5"}),
        ("domain", ["larkmail.com"], {"holds": "domains"}),
        ("domains", ["larkmail.com", "localhost"], {"holds": "domains"}),
    ],
)
def test_a_heading_that_looks_like_a_domain_is_a_heading(
    heading: str, entries: list[str], said: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "optout.csv"
    file.write_text("\n".join([heading, *entries]), encoding="utf-8")
    report = checked("audience/suppressed", "audience/suppression_useless", suppression={"source": str(file), **said})
    (message,) = messages(report)
    assert message.startswith("All 40" if "holds" in said else "3 of the 40 recipients")


OLD = TODAY - timedelta(days=100)
FORMS: dict[str, Callable[[date], str]] = {
    "iso": date.isoformat,
    "iso with a time": lambda day: f"{day.isoformat()}T10:00:00+02:00",
    "slashes, the year first": lambda day: f"{day:%Y/%m/%d}",
    "together": lambda day: f"{day:%Y%m%d}",
    "dots": lambda day: f"{day:%d.%m.%Y}",
    "dots without zeros": lambda day: f"{day.day}.{day.month}.{day.year} 10:00",
    "the day first": lambda day: f"{day:%d/%m/%Y}",
    "the month first": lambda day: f"{day:%m/%d/%Y} 10:04 AM",
    "dashes, the day first": lambda day: f"{day:%d-%m-%Y}",
}


@pytest.mark.parametrize("form", FORMS)
def test_dates_are_read_as_lists_write_them(form: str) -> None:
    days = [OLD - timedelta(days=number) for number in range(40)]
    entries = [{"email": f"x{number}@larkmail.com", "date": FORMS[form](day)} for number, day in enumerate(days)]
    entries += [{"email": "y@larkmail.com", "date": ""}, {"email": "z@larkmail.com", "date": "never"}]
    found = checked("audience/suppression_stale", suppression={"people": entries, "name": "optout.csv"}).findings
    assert [(one.data["newest"], one.data["age_days"]) for one in found] == [(OLD.isoformat(), 100)]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("03/04/2020", "the day or the month may come first in its 10 dates; write them like 2026-12-31"),
        ("13 February 2020", "10 of its 10 values are no dates that can be read; write them like 2026-12-31"),
        ("13.02.20", "10 of its 10 values are no dates that can be read; write them like 2026-12-31"),
    ],
)
def test_dates_that_cannot_be_read_leave_it_open(written: str, sentence: str) -> None:
    entries = [{"email": one, "date": written} for one in OTHERS]
    assert sentence in refusal(checked("audience/suppression_stale", suppression={"people": entries}))
    born = [{"email": one, "born": written} for one in OTHERS]
    only = [{"who": "adults", "column": "born", "min_age": 18}]
    assert sentence in refusal(checked("audience/not_entitled", audience={"people": born, "only": only}))


def test_a_slip_into_the_future_does_not_make_a_list_young() -> None:
    entries = [{"email": one, "date": OLD.isoformat()} for one in OTHERS] + [{"email": "q@x.com", "date": "2999-01-01"}]
    (message,) = messages(checked("audience/suppression_stale", suppression={"people": entries}))
    assert "100 days old" in message


def test_a_newest_day_that_never_was_is_no_age() -> None:
    entries = [{"email": one, "date": "2020-02-30"} for one in OTHERS]
    found = refusal(checked("audience/suppression_stale", suppression={"people": entries}))
    assert "the newest date of the suppression list people is 2020-02-30, a day that never was" in found


def test_lists_of_which_no_age_is_known_pass_nothing() -> None:
    report = checked("audience/suppression_stale", suppression={"people": OTHERS})
    (outcome,) = report.campaigns[0].outcomes
    assert (outcome.status, outcome.reason[:40]) == ("skipped", "nothing tells how old the suppression li")


def test_an_age_is_no_date_of_birth() -> None:
    people = [{"email": one, "age": "34"} for one in PEOPLE]
    only = [{"who": "adults", "column": "age", "min_age": 18}]
    found = refusal(checked("audience/not_entitled", audience={"people": people, "only": only}))
    assert "the column 'age': 40 of its 40 values are no dates" in found


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bounces.csv", True),
        ("hard-bounces-2026.csv", True),
        ("bounce-list.csv", True),
        ("do-not-mail.csv", True),
        ("bounce-castle-fans.csv", False),
        ("bounce_house.csv", False),
        ("not-unsubscribed.csv", False),
        ("people-without-optouts.csv", False),
    ],
)
def test_names_of_files_of_people_who_said_no(tmp_path: Path, name: str, told: bool) -> None:
    (tmp_path / name).write_text("email\n" + "\n".join(PEOPLE))
    source = {"source": str(tmp_path / name)}
    report = checked("audience/is_suppression_list", audience=source, suppression={"people": OTHERS})
    assert bool(messages(report)) == told


def test_joined_files_are_said_to_be_joined(tmp_path: Path) -> None:
    half = "E-Mail,name\n" + "".join(f"{one},Ann\n" for one in PEOPLE)
    (tmp_path / "people.csv").write_text(half + half.replace("lee", "moor"))
    found = refusal(checked("audience", audience={"source": str(tmp_path / "people.csv")}))
    assert found.endswith(
        "people.csv: the headings stand again among the rows (once), as where files were joined; take them out"
    )


@pytest.mark.parametrize(("options", "told"), [({"everybody": 40}, 1), ({"max_recipients": 39}, 1), ({}, 0)])
def test_fixed_limits_need_no_history(options: dict[str, int], told: int) -> None:
    report = checked("audience/count_drift", options={"audience/count_drift": options})
    assert [finding.severity for finding in report.findings] == ["error"] * told
    assert report.campaigns[0].outcomes[0].status == ("failed" if told else "skipped")


def test_mails_of_the_last_days_may_have_a_point() -> None:
    people = [{"email": one, "recent_mails": "3.0" if number < 4 else "0.0"} for number, one in enumerate(PEOPLE)]
    (message,) = messages(checked("audience/frequency", audience={"people": people}))
    assert message.startswith("4 of the 40 recipients (10 %)")


def test_countries_of_a_history_are_compared_without_case() -> None:
    people = [{"email": one, "country": "DE"} for one in PEOPLE]
    sends = [{"sent": f"2026-0{month}-01", "recipients": 40, "countries": {"DE": 40}} for month in range(1, 7)]
    report = checked(
        "audience/composition_drift", audience={"people": people}, history={"sends": sends}, family="weekly"
    )
    assert not messages(report)


def test_the_reading_of_a_list_can_be_watched() -> None:
    seen: list[object] = []

    def asked(run: Run) -> mailcheck.Problems:
        """Whether somebody watches."""
        seen.append(run.watch)
        yield from ()

    module = ModuleType("watching")
    asked.__module__ = module.__name__
    module.asked = mailcheck.rule(severity="info")(asked)  # type: ignore[attr-defined]  # made here
    checker = Checker.build(Loaded(settings=Settings(select=("watching/asked",))), modules=[module])
    (campaign,) = checker.campaigns({"html": "<p>x</p>"})
    told = lambda what, share, rows: None  # noqa: E731 - it is compared, not called
    checker.judge(campaign, watch=told)
    assert seen == [told]
