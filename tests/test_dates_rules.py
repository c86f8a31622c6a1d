"""Dates of a whole campaign: the send time, the places, and what the rules leave alone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import mailcheck
from mailcheck.checking import Checker, checker
from mailcheck.content.dates_located import Dates, dates_of
from mailcheck.content.markup import Markup
from mailcheck.content.send_time import SendTime, send_time_of
from mailcheck.content.zone_names import NAMES, wrong_season
from mailcheck.reading import from_mapping
from mailcheck.report import CampaignReport
from mailcheck.rule import Absent

SEND = {"send": "2027-03-19T09:00:00+01:00"}


@pytest.fixture(scope="module")
def made() -> Checker:
    return checker({"profile": "template", "select": ["dates"]})


def judged(made: Checker, **campaign: Any) -> CampaignReport:
    (one,) = made.campaigns(campaign)
    report = made.judge(one)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return report


def found(made: Checker, **campaign: Any) -> list[tuple[str, str]]:
    findings = judged(made, **campaign).findings
    return [(one.rule.removeprefix("dates/"), one.evidence) for one in findings]


def dates(html: str = "", sent: SendTime | None = None, **more: Any) -> Dates:
    campaign = from_mapping({"html": html, **more} if html else more)
    markup = Markup(campaign.message.html) if campaign.message.html is not None else None
    return dates_of(campaign, markup, (), sent, date(2027, 3, 19))


# the send time


def send_time(**campaign: Any) -> SendTime:
    return send_time_of(from_mapping({"text": "x", **campaign}))


def test_a_moment_with_an_offset() -> None:
    told = send_time(schedule=SEND)
    assert (told.moment.isoformat(), told.zone, told.source) == ("2027-03-19T09:00:00+01:00", "", "schedule")


def test_a_local_time_in_a_zone() -> None:
    told = send_time(schedule={"send": datetime(2027, 7, 1, 9), "zone": "Europe/Oslo"})  # noqa: DTZ001 - local
    assert told.moment.isoformat() == "2027-07-01T09:00:00+02:00"


def test_the_day_is_the_one_of_the_zone() -> None:
    told = send_time(schedule={"send": datetime(2027, 3, 19, 23, 30, tzinfo=UTC), "zone": "Europe/Oslo"})
    assert told.day == date(2027, 3, 20)
    assert told.moment.tzinfo == ZoneInfo("Europe/Oslo")


def test_the_date_header_of_a_finished_mail() -> None:
    told = send_time(headers={"Date": "Fri, 19 Mar 2027 09:00:00 +0100"})
    assert (told.day, told.source) == (date(2027, 3, 19), "header")


@pytest.mark.parametrize("header", ["yesterday", "Mon, 05 Aug 0102 10:00:00 +0000", ""])
def test_a_broken_date_header_is_no_send_time(header: str) -> None:
    with pytest.raises(Absent, match=r"\[schedule\]"):
        send_time(headers={"Date": header})


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({"send": "soon"}, "'soon' is no moment; write one such as 2027-03-19T09:00:00"),
        ({"send": 9}, "must be a day with an hour"),
        ({"send": date(2027, 3, 19)}, "must be a day with an hour"),
        ({"zone": "Europe/Olso"}, "'Europe/Olso' is no time zone"),
        ({"sent": "2027-03-19T09:00:00+01:00"}, "did you mean 'send'"),
    ],
)
def test_what_is_wrong_in_a_schedule_is_said(schedule: dict[str, object], said: str) -> None:
    with pytest.raises(mailcheck.CouldNotStart, match=said.replace("[", r"\[")):
        mailcheck.check({"text": "x", "schedule": schedule}, settings={})


def test_a_schedule_in_json(tmp_path: Path, made: Checker) -> None:
    file = tmp_path / "campaign.json"
    file.write_text(json.dumps({"text": "Offer ends 5 March", "locale": "en-GB", "schedule": SEND}), encoding="utf-8")
    (campaign,) = made.campaigns(file)
    (finding,) = made.judge(campaign).findings
    assert (finding.rule, finding.line, finding.evidence) == ("dates/past_deadline", 1, "5 March")


# without a send time


def test_what_needs_the_send_time_is_skipped_with_the_reason(made: Checker) -> None:
    report = judged(made, text="Offer ends 5 March. © 2019 Fernhill", locale="en-GB")
    skipped = {one.rule: one.reason for one in report.outcomes if one.status == "skipped"}
    assert set(skipped) == {
        "dates/past_deadline",
        "dates/ends_before_send",
        "dates/wrong_year",
        "dates/copyright_year",
    }
    assert all("[schedule]" in reason for reason in skipped.values())


def test_a_weekday_without_a_year_is_not_judged_without_a_send_time(made: Checker) -> None:
    assert found(made, text="Ends Friday 3 April", locale="en-GB") == []
    assert found(made, text="Ends Friday 3 April", locale="en-GB", schedule=SEND) == [
        ("weekday_mismatch", "Friday 3 April")
    ]


def test_parts_are_compared_without_a_send_time(made: Checker) -> None:
    assert found(made, subject="Until 28 March", html="<p>Ends 29 March</p>", locale="en-GB") == [
        ("parts_disagree", "28 March")
    ]


# places


def test_the_place_is_exact_across_inline_markup_and_references() -> None:
    html = "<table><tr><td>Ends&nbsp;<b>Fri</b>day, <i>2</i>6&nbsp;March&nbsp;2027!</td></tr></table>"
    (one,) = dates(html, locale="en-GB")
    assert one.span.text == "Fri</b>day, <i>2</i>6&nbsp;March&nbsp;2027"
    assert one.written == "Friday, 26 March 2027"
    assert one.found.date == date(2027, 3, 26)


def test_cells_are_not_read_as_one_sentence() -> None:
    html = "<table><tr><td>Sunday</td><td>5 May 2027</td></tr></table><p>closed 10.<p>12.2027 boxes"
    (one,) = dates(html, locale="en-GB")
    assert one.found.weekday is None


def test_dates_inside_merge_tags_are_none(made: Checker) -> None:
    html = "<p>{% if 'now'|date('Y-m-d') < '2018-11-30' %}Hi{% endif %}</p>"
    assert found(made, html=html, dialect="twig", locale="en", schedule=SEND) == []


def test_the_language_of_the_html_counts_when_no_locale_is_declared() -> None:
    found_dates = dates('<html lang="de-AT"><body><p>Gültig bis 4.5.2027</p></body></html>')
    assert (found_dates.locale, [one.found.date for one in found_dates]) == ("de-AT", [date(2027, 5, 4)])


def test_quoted_lines_are_nobodys_copy() -> None:
    assert [one.written for one in dates(text="> until 5 March 2027\nuntil 6 May 2027", locale="en")] == ["6 May 2027"]


# what is left alone


@pytest.mark.parametrize(
    "text",
    [
        "Founded on 5 March 1998. You ordered on 5 March 2027.",
        "Week ending 14 March",
        "He said that on Thursday 1 March the paper had told the whole story of it, as everybody knew.",
        "This week in pictures (5–8 March 2027)",
        "Valid until 31 December",
        "Ends today at 9am PT",
    ],
)
def test_silent(made: Checker, text: str) -> None:
    assert found(made, text=text, locale="en", schedule=SEND) == []


def test_a_number_that_may_mean_the_same_day_is_no_contradiction(made: Checker) -> None:
    told = found(made, subject="By 05/03/2028", html="<p>Activate it by 5 March 2028</p>", locale="en")
    assert [rule for rule, _ in told] == ["ambiguous"]


def test_a_deadline_that_has_passed_by_one_reading_only_is_not_told_as_past(made: Checker) -> None:
    text = "Return it by 01/12/2027"
    assert [rule for rule, _ in found(made, text=text, locale="en", schedule=SEND)] == ["ambiguous"]
    assert [rule for rule, _ in found(made, text=text, locale="en-US", schedule=SEND)] == ["past_deadline"]


def test_a_copyright_of_several_years(made: Checker) -> None:
    assert found(made, text="Copyright © 2025, 2026, 2027 Fernhill", schedule=SEND) == []
    assert found(made, text="Digital Millennium Copyright Act, 2024", schedule=SEND) == []
    assert found(made, text="© 2019–26 Fernhill", schedule=SEND) == [("copyright_year", "26")]
    january = {"send": "2027-01-12T09:00:00+01:00"}
    assert found(made, text="© 2026 Fernhill", schedule=january) == []


# zones


@pytest.mark.parametrize("name", NAMES)
def test_a_name_holds_in_its_own_season_only(name: str) -> None:
    zone = NAMES[name]
    market = min(zone.markets, default="")
    southern = zone.place.startswith(("Australia", "Pacific"))
    own, other = (
        (date(2027, 7, 5), date(2027, 1, 12)) if zone.summer != southern else (date(2027, 1, 12), date(2027, 7, 5))
    )
    hour = datetime(2027, 1, 1, 12).time()  # noqa: DTZ001 - an hour
    assert wrong_season(name, own, hour, market) is None
    expected = zone if zone.summer or zone.markets else None
    assert wrong_season(name, other, hour, market) == expected
    assert wrong_season(name, other, hour, "XX") == (zone if zone.summer else None)


def test_names_that_hold_all_year(made: Checker) -> None:
    text = "1 July 2027 at 9am MST, 2 July 2027 at 9am ET, 3 July 2027 at 9am AEST, 4 July 2027 at 9:00 IST"
    assert found(made, text=text, locale="en-US") == []
