"""The hour and the day of sending, through the front door."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailcheck
from mailcheck.audience.schedule import Schedule, is_doubled, is_skipped, zones_of
from mailcheck.audience.schedule_facts import schedule as schedule_of
from mailcheck.audience.schedule_table import quiet_hours
from mailcheck.checking import Checker, checker
from mailcheck.reading import from_mapping
from mailcheck.report import CampaignReport


@pytest.fixture(scope="module")
def made() -> Checker:
    return checker({"profile": "template", "select": ["schedule"]})


def judged(made: Checker, schedule: dict[str, Any], **more: Any) -> CampaignReport:
    (one,) = made.campaigns({"text": "x", "schedule": schedule, **more})
    report = made.judge(one)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return report


def found(made: Checker, schedule: dict[str, Any], **more: Any) -> list[tuple[str, str, str]]:
    findings = judged(made, schedule, **more).findings
    return [(one.rule.removeprefix("schedule/"), one.severity, one.message) for one in findings]


def names(made: Checker, schedule: dict[str, Any], **more: Any) -> list[str]:
    return [name for name, _, _ in found(made, schedule, **more)]


def reasons(made: Checker, schedule: dict[str, Any], **more: Any) -> dict[str, str]:
    outcomes = judged(made, schedule, **more).outcomes
    return {one.rule.removeprefix("schedule/"): one.reason for one in outcomes if one.status == "skipped"}


def fact(schedule: dict[str, Any], **more: Any) -> Schedule:
    return schedule_of(from_mapping({"text": "x", "schedule": schedule, **more}))


# where recipients live


@pytest.mark.parametrize(
    ("schedule", "more", "countries"),
    [
        ({"countries": ["Norge", "se"]}, {"locale": "de-DE"}, ("NO", "SE")),
        ({"regions": ["de-by"]}, {}, ("DE",)),
        ({}, {"audience": {"people": ["a@shop.example"], "markets": ["België", "NL"]}}, ("BE", "NL")),
        ({}, {"locales": ["nb-NO", "sv_SE", "fi", "zh-Hant-TW"]}, ("NO", "SE", "TW")),
        ({"zone": "Europe/Oslo"}, {"locale": "en-US"}, ("NO",)),
        ({"zone": "Europe/Oslo"}, {"locale": "de-CH"}, ("CH",)),
        ({"zone": "recipient"}, {"locale": "en-US"}, ("US",)),
        ({"zone": "UTC"}, {}, ()),
        ({"zone": "Asia/Calcutta"}, {}, ("IN",)),
    ],
)
def test_where_recipients_live(schedule: dict[str, Any], more: dict[str, Any], countries: tuple[str, ...]) -> None:
    assert fact(schedule, **more).countries == countries


def test_local_times_are_those_of_each_country() -> None:
    told = fact({"send": "2027-03-19T09:00:00+01:00", "countries": ["NO", "JP", "IN"]}).local_times()
    assert [one.hour for one in told] == ["09:00 in Oslo", "17:00 in Tokyo", "13:30 in Kolkata"]
    assert told[0].shown == "Friday 19 March 2027 09:00 in Oslo"


def test_every_country_of_the_world_has_a_zone() -> None:
    from babel import Locale

    without = [code for code in map(str, Locale("en").territories) if len(code) == 2 and not zones_of(code)]
    nowhere = "AC BV CP CQ DG EA EU EZ HM IC QO TA UN XA XB XK ZZ"  # islands without people, unions, pseudo-codes
    assert set(without) <= set(nowhere.split())


# the clock


def test_a_night_send_is_told_with_hour_and_place(made: Checker) -> None:
    schedule = {"send": "2099-03-20T03:00:00+01:00", "zone": "Europe/Oslo"}
    night = "Friday 20 March 2099 03:00 in Oslo"
    assert found(made, schedule, locale="nb-NO")[0] == (
        "quiet_hours",
        "warning",
        f"It arrives on {night}, within the quiet hours 21:00–08:00; choose an hour of the day.",
    )


@pytest.mark.parametrize(
    ("hour", "quiet", "told"),
    [
        ("08:00", None, False),
        ("07:59", None, True),
        ("20:59", None, False),
        ("21:00", None, True),
        ("07:59", "22:00-07:00", False),
        ("13:00", "12:00-14:00", True),
        ("14:00", "12:00-14:00", False),
        ("00:00", "00:00-24:00", False),
    ],
)
def test_quiet_hours_begin_and_end(made: Checker, hour: str, quiet: str | None, *, told: bool) -> None:
    schedule = {"send": f"2099-03-19T{hour}:00", "zone": "Europe/Oslo", **({"quiet_hours": quiet} if quiet else {})}
    assert ("quiet_hours" in names(made, schedule)) == told


def test_only_some_zones_of_a_country_are_asleep(made: Checker) -> None:
    schedule = {"send": "2099-03-19T09:00:00", "zone": "America/New_York"}
    assert found(made, schedule) == []
    ((name, severity, message),) = found(made, {**schedule, "countries": ["US"]})
    assert (name, severity) == ("quiet_hours", "info")
    assert "06:00 in Los Angeles" in message
    assert "everybody's own clock" in message


def test_the_recipients_own_hour_is_the_same_everywhere(made: Checker) -> None:
    schedule = {"send": "2099-03-19T09:00:00", "zone": "recipient", "countries": ["US", "NO", "JP"]}
    assert names(made, schedule) == []
    assert names(made, {**schedule, "send": "2099-03-19T04:00:00"}) == ["quiet_hours"]


def test_utc_alone_says_nothing_of_the_night(made: Checker) -> None:
    assert "UTC" in reasons(made, {"send": "2099-03-19T02:00:00+00:00"})["quiet_hours"]
    assert names(made, {"send": "2099-03-19T02:00:00+00:00"}) == []


def test_a_transactional_mail_goes_out_at_any_hour(made: Checker) -> None:
    schedule = {"send": "2028-05-17T03:00:00", "zone": "Europe/Oslo"}
    assert {"quiet_hours", "holiday"} <= set(names(made, schedule))
    assert names(made, schedule, kind="transactional") == []
    assert {"quiet_hours", "holiday", "weekend", "collision"} <= set(reasons(made, schedule, kind="transactional"))


@pytest.mark.parametrize(
    ("zone", "skipped", "doubled"),
    [
        ("Europe/Oslo", "2027-03-28T02:00", "2027-10-31T02:59"),
        ("America/New_York", "2027-03-14T02:30", "2027-11-07T01:00"),
        ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-04-04T01:45"),
        ("America/Santiago", "2027-09-05T00:30", "2027-04-03T23:30"),
    ],
)
def test_hours_that_do_not_exist_or_come_twice(made: Checker, zone: str, skipped: str, doubled: str) -> None:
    assert "nonexistent_time" in names(made, {"send": skipped, "zone": zone})
    assert "ambiguous_time" in names(made, {"send": doubled, "zone": zone})
    assert not {"nonexistent_time", "ambiguous_time"} & set(names(made, {"send": "2027-06-01T02:30", "zone": zone}))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1)), st.sampled_from(["Europe/Oslo", "America/New_York"]))  # noqa: DTZ001 - clocks
def test_an_hour_is_skipped_when_no_moment_shows_it(clock: datetime, zone: str) -> None:
    known = ZoneInfo(zone)
    near = (clock.replace(tzinfo=UTC) + timedelta(hours=hours) for hours in range(-14, 15))
    shown = sum(moment.astimezone(known).replace(tzinfo=None, fold=0) == clock for moment in near)
    assert (is_skipped(clock, zone), is_doubled(clock, zone)) == (shown == 0, shown == 2)


# too late


def test_a_finished_mail_with_an_old_date_header_is_no_late_send(made: Checker, tmp_path: Path) -> None:
    file = tmp_path / "mail.eml"
    file.write_text("From: a@shop.example\nSubject: x\nDate: Mon, 4 Jan 2021 03:00:00 +0100\n\nx\n", encoding="utf-8")
    (campaign,) = made.campaigns(file)
    assert made.judge(campaign).findings == ()


def test_a_send_that_is_over_for_some(made: Checker) -> None:
    clock = (datetime.now(UTC)).replace(tzinfo=None, microsecond=0)
    over = {"send": clock.isoformat(), "zone": "recipient", "countries": ["JP", "US"]}
    told = {name: (severity, message) for name, severity, message in found(made, over)}
    assert told["in_past"][0] == "warning"
    assert "in Tokyo" in told["in_past"][1]
    assert "zone" in reasons(made, {"send": clock.isoformat()})["in_past"]


def test_the_sending_service_needs_time(made: Checker) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=5, minutes=30)).isoformat()
    (message,) = [text for name, _, text in found(made, {"send": soon, "lead_hours": 24}) if name == "lead_time"]
    assert message.startswith("The sending service needs 24 hours, and there are 5 hours left before")
    assert "lead_time" not in names(made, {"send": soon, "lead_hours": 4})
    assert "lead_hours" in reasons(made, {"send": soon})["lead_time"]


# the day


@pytest.mark.parametrize(
    ("day", "schedule", "told"),
    [
        ("2027-05-17", {"countries": ["NO"]}, ["Constitution Day", "Norway"]),
        ("2027-07-05", {"countries": ["US"]}, ["Independence Day", "the United States"]),
        ("2027-11-01", {"countries": ["DE"], "regions": ["DE-BY"]}, ["All Saints", "Germany (DE-BY)"]),
        ("2027-11-01", {"countries": ["DE"]}, []),
        ("2027-11-30", {"regions": ["GB-SCT"]}, ["Saint Andrew", "GB-SCT"]),
        ("2027-11-30", {"countries": ["GB"]}, []),
        ("2027-03-16", {"countries": ["SE"]}, []),
    ],
)
def test_holidays(made: Checker, day: str, schedule: dict[str, Any], told: list[str]) -> None:
    more = {"send": f"{day}T10:00:00", "zone": "recipient", **schedule}
    messages = [text for name, _, text in found(made, more) if name == "holiday"]
    assert len(messages) == bool(told)
    assert all(word in messages[0] for word in told)


@pytest.mark.parametrize(("year", "country"), [("2040", "IN"), ("2150", "NL")])
def test_a_year_that_the_library_does_not_know_is_no_pass(made: Checker, year: str, country: str) -> None:
    schedule = {"send": f"{year}-08-15T10:00:00", "zone": "recipient", "countries": [country]}
    for _ in range(2):  # what is kept of the first time hides nothing the second time
        assert reasons(made, schedule)["holiday"].endswith(f" in {year}")


def test_a_country_that_is_not_known_beside_one_that_is(made: Checker) -> None:
    schedule = {"send": "2040-08-15T10:00:00", "zone": "recipient", "countries": ["US", "IN"]}
    told = [text for name, _, text in found(made, schedule) if name == "holiday"]
    assert told == ["The public holidays of India in 2040 are not known to the library holidays; look yourself."]


def test_the_day_of_a_holiday_is_the_local_one(made: Checker) -> None:
    """Late on the 3rd in Los Angeles it is the 4th of July in New York, and the 4th in Oslo is no holiday."""
    schedule = {"send": "2028-07-04T01:00:00+02:00", "countries": ["US"], "quiet_hours": "03:00-04:00"}
    assert names(made, {**schedule, "countries": ["NO"]}) == []
    assert names(made, {**schedule, "send": "2028-07-04T16:00:00+02:00"}) == ["holiday"]
    assert names(made, {**schedule, "send": "2028-07-04T01:00:00+02:00"}) == []


def test_a_region_that_does_not_exist_is_told(made: Checker) -> None:
    messages = [text for name, _, text in found(made, {"send": "2099-05-19T10:00", "regions": ["DE-XX"]})]
    assert any("DE-XX is no region of Germany" in text for text in messages)


def test_without_the_library_the_rule_is_skipped_with_the_command(
    made: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailcheck_rules import _schedule_calendar

    _schedule_calendar._calendar.cache_clear()
    monkeypatch.setitem(sys.modules, "holidays", None)
    schedule = {"send": "2099-05-19T10:00", "zone": "Europe/Oslo"}
    assert "pip install 'mailcheck-lint[schedule]'" in reasons(made, schedule)["holiday"]


def test_the_weekend_of_the_country(made: Checker) -> None:
    friday, sunday = "2099-03-20T10:00", "2099-03-22T10:00"
    assert "weekend" in names(made, {"send": friday, "zone": "Asia/Riyadh"})
    assert "weekend" not in names(made, {"send": sunday, "zone": "Asia/Riyadh"})
    assert "weekend" in names(made, {"send": sunday, "zone": "Europe/Oslo"})
    assert "weekend" not in names(made, {"send": friday, "zone": "Europe/Oslo"})


# other sends, own days


def test_a_blackout_of_another_family_does_not_count(made: Checker) -> None:
    closed = {"name": "Stocktaking", "first": "2099-05-18", "last": "2099-05-20", "family": "shop"}
    schedule = {"send": "2099-05-19T10:00", "zone": "Europe/Oslo", "calendar": [closed]}
    assert "blackout" in names(made, schedule, family="shop")
    assert "blackout" not in names(made, schedule, family="club")
    assert "blackout" not in names(made, {**schedule, "send": "2099-05-21T10:00"}, family="shop")


def test_a_second_send_of_the_family_on_a_day(made: Checker) -> None:
    sends = [
        {"id": "a", "family": "shop", "name": "Morning", "sent": "2024-05-17T06:00:00+02:00", "recipients": 5},
        {"id": "b", "family": "club", "name": "Club", "sent": "2024-05-17T07:00:00+02:00", "recipients": 5},
        {"id": "c", "family": "shop", "kind": "transactional", "sent": "2024-05-17T07:30:00+02:00", "recipients": 5},
        {"id": "d", "family": "shop", "name": "Before", "sent": "2024-05-15T10:00:00+02:00", "recipients": 5},
    ]
    schedule = {"send": "2024-05-17T19:00:00", "zone": "Europe/Oslo"}
    more: dict[str, Any] = {"family": "shop", "history": {"sends": sends}}
    messages = [text for name, _, text in found(made, schedule, **more) if name == "collision"]
    assert len(messages) == 1
    assert "“Morning” went out on Friday 17 May 2024 06:00" in messages[0]
    options = {"schedule/collision": {"every_family": True}}
    every = checker({"profile": "template", "select": ["schedule/collision"], "rules": options})
    assert len(found(every, schedule, **more)) == 2


def test_automations(made: Checker) -> None:
    both = {"name": "Reversed", "trigger": "2099-05-01", "until": "2099-04-01"}
    told = found(made, {"automations": [{"name": "Old", "trigger": "2021-05-01"}, both]})
    assert [(name, severity) for name, severity, _ in told] == [("automation_passed", "error")] * 2
    assert "Saturday 1 May 2021" in told[0][2]


# what is wrong in the table


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({"quiet_hours": "9 to 5"}, "'9 to 5' are no hours; write them such as '21:00-08:00'"),
        ({"quiet_hours": "25:00-08:00"}, "are no hours"),
        ({"countries": ["Atlantis"]}, "'Atlantis' is no country"),
        ({"regions": ["Bavaria"]}, "'Bavaria' is no code of a region"),
        ({"lead_hours": -1}, "greater than or equal to 0"),
        ({"calendar": [{"name": "x"}]}, "say the day by day"),
        ({"calendar": [{"name": "x", "first": "2027-05-02", "last": "2027-05-01"}]}, "last is before first"),
        ({"calendar": [{"name": "x", "day": "soon"}]}, "'soon' is no day"),
        ({"automations": [{"name": "x"}]}, "by trigger"),
    ],
)
def test_what_is_wrong_is_said(schedule: dict[str, object], said: str) -> None:
    with pytest.raises(mailcheck.CouldNotStart) as error:
        mailcheck.check({"text": "x", "schedule": schedule}, settings={})
    assert said in str(error.value)


def test_a_table_in_toml(tmp_path: Path, made: Checker) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text(
        """
text = "x"
[schedule]
send = 2099-05-17T10:00:00
zone = "Europe/Oslo"
countries = ["NO"]
quiet_hours = "21:00-08:00"
lead_hours = 2
[[schedule.calendar]]
name = "Stocktaking"
day = 2099-05-17
[[schedule.automations]]
name = "Welcome"
until = 2020-01-01
""",
        encoding="utf-8",
    )
    (campaign,) = made.campaigns(file)
    told = {one.rule for one in made.judge(campaign).findings}
    assert {"schedule/blackout", "schedule/automation_passed"} <= told


@given(st.text(max_size=20))
def test_hours_are_read_or_refused(text: str) -> None:
    try:
        first, last = quiet_hours(text)
    except ValueError:
        return
    assert quiet_hours(f"{first:%H:%M}-{last:%H:%M}") == (first, last)
