"""The day of the send: weekends, public holidays, the calendar of the team, other sends, and automations."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import Field

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.audience.schedule import Schedule, shown_day
from mailcheck.audience.schedule_table import Automation, CalendarEntry
from mailcheck.history.past import History
from mailcheck.run import Run
from mailcheck_rules._schedule_hours import sending
from mailcheck_rules._words import Options, listed

if TYPE_CHECKING:
    from holidays import HolidayBase

_OSLO = {"send": "2028-05-17T10:00:00+02:00", "zone": "Europe/Oslo"}
_DAY = timedelta(days=1)


def _for_readers(campaign: Campaign) -> None:
    if campaign.kind == "transactional":
        skip("a transactional mail goes out on any day")


@rule(severity="info")
@bad(text="x", schedule={"send": "2027-05-16T10:00:00+02:00", "zone": "Europe/Oslo"}, at="Sunday 16 May 2027")
@bad(text="x", schedule={"send": "2027-05-14T10:00:00", "zone": "Asia/Riyadh"}, at="Friday 14 May 2027")
@good(text="x", schedule=_OSLO)
def weekend(schedule: Schedule, campaign: Campaign) -> Problems:
    """The mail arrives on a weekend.

    Shops often mean it, who writes to offices seldom does: raise the severity in the settings. Where the weekend is Friday
    and Saturday, those days count.
    """
    _for_readers(campaign)
    sending(schedule)
    times = schedule.local_times()
    main = {one.country: one for one in reversed(times)}
    free = [one for one in main.values() if one.is_weekend]
    if free:
        where = listed(_country(one.country) for one in free if one.country)
        yield Problem(
            f"{shown_day(free[0].moment)} is a day of the weekend{f' in {where}' if where else ''}; choose a working day if "
            "it is read at work.",
            evidence=shown_day(free[0].moment),
            data={"days": sorted({one.moment.date().isoformat() for one in free})},
        )


class HolidayOptions(Options):
    ignore: tuple[str, ...] = Field((), description="names of holidays on which you do send, as the finding says them")


@rule(severity="warning")
@bad(text="x", schedule=_OSLO, at="Constitution Day")
@bad(text="x", schedule={"send": "2027-01-06T10:00:00", "zone": "Europe/Berlin", "regions": ["DE-BY"]}, at="Epiphany")
@good(text="x", schedule={"send": "2027-01-06T10:00:00", "zone": "Europe/Berlin"})
@good(text="x", schedule=_OSLO, options={"ignore": ["constitution day"]})
def holiday(schedule: Schedule, campaign: Campaign, options: HolidayOptions) -> Problems:
    """The mail arrives on a public holiday.

    Holidays are those of each country in which recipients live, on the day that it is there; those of a region only where
    `regions` in the table [schedule] names it. They come from the library `holidays` (the extra `schedule`).
    """
    _for_readers(campaign)
    sending(schedule)
    days = _days_of_countries(schedule)
    if not days:
        skip("nobody said where recipients live (`countries` in the table [schedule])")
    ignored = {name.casefold() for name in options.ignore}
    unknown = [country for country, dates in days.items() if not all(_is_known(country, day.year) for day in dates)]
    years = f"in {listed(sorted({str(day.year) for country in unknown for day in days[country]}))}"
    if len(unknown) == len(days):
        skip(f"the library holidays does not know those of {listed(map(_country, unknown))} {years}")
    if unknown:
        yield Problem(
            f"The public holidays of {listed(map(_country, unknown))} {years} are not known to the library holidays; look "
            "yourself.",
            evidence=unknown[0],
            severity="info",
            data={"countries": unknown},
        )
    for country, dates in days.items():
        if country not in unknown:
            regions = [region for region in schedule.regions if region[:2] == country]
            yield from _holidays_in(country, regions, sorted(dates), ignored)


def _days_of_countries(schedule: Schedule) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for one in schedule.local_times():
        if one.country:
            found.setdefault(one.country, set()).add(one.moment.date())
    return found


def _holidays_in(country: str, regions: list[str], days: list[date], ignored: set[str]) -> Iterator[Problem]:
    for region in regions:
        if region[3:] not in _subdivisions(country):
            yield Problem(
                f"{region} is no region of {_country(country)} with holidays of its own that are known, so only those of "
                "the whole country were looked at; correct it, or take it out of `regions`.",
                evidence=region,
                data={"region": region},
            )
    known = [region for region in regions if region[3:] in _subdivisions(country)]
    for day in days:
        told: set[str] = set()
        for place in ("", *known):
            names = _calendar(country, place[3:], day.year).get_list(day)
            names = [name for name in names if name not in told and name.casefold() not in ignored]
            told.update(names)
            if names:
                where = f"{_country(country)} ({place})" if place else _country(country)
                yield Problem(
                    f"{shown_day(day)} is a public holiday in {where}: {listed(names)}. Choose another day, unless the "
                    "mail is for it.",
                    evidence=names[0],
                    data={"date": day.isoformat(), "country": country, "region": place, "names": names},
                )


@cache
def _is_known(country: str, year: int) -> bool:
    """Whether all holidays of a year are known; what the library does not have it leaves out, with a warning at best."""
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        try:
            calendar = _calendar(country, "", year)
        except NotImplementedError:
            return False
    return not doubts and calendar.start_year <= year <= calendar.end_year


def _subdivisions(country: str) -> tuple[str, ...]:
    return tuple(_calendar(country, "", None).subdivisions)


@cache
def _calendar(country: str, region: str, year: int | None) -> HolidayBase:
    """Holidays of a year, or of none, with English names where there are some.

    Raises:
        NotImplementedError: the country is not known.
    """
    try:
        from holidays import country_holidays
    except ModuleNotFoundError as error:
        if error.name != "holidays":
            raise
        skip("public holidays need the library holidays; run pip install 'mailcheck-lint[schedule]'")
    languages = country_holidays(country).supported_languages
    english = next((name for name in ("en_US", "en_GB", *languages) if name in languages and name[:2] == "en"), None)
    return country_holidays(country, subdiv=region or None, years=year, language=english)


@cache
def _names() -> Mapping[str, str]:
    from babel import Locale

    return Locale("en").territories


def _country(code: str) -> str:
    name = _names().get(code, code)
    return f"the {name}" if name.startswith(("United ", "Netherlands", "Philippines")) else name


_CLOSED = {"day": "2027-05-18", "name": "Move of the warehouse"}


@rule(severity="error")
@bad(
    text="x",
    schedule={"send": "2027-05-18T10:00:00", "zone": "Europe/Oslo", "calendar": [_CLOSED]},
    at="Move of the warehouse",
)
@good(text="x", schedule={"send": "2027-05-19T10:00:00", "zone": "Europe/Oslo", "calendar": [_CLOSED]})
def blackout(schedule: Schedule, campaign: Campaign) -> Problems:
    """The send falls on a day on which the team said that nothing goes out.

    Such days stand in `[[schedule.calendar]]`, for all sends or for those of one family.
    """
    sending(schedule)
    for entry in _entries(schedule, "blackout"):
        day = next((day for day in schedule.days() if entry.holds(day)), None)
        if day is not None and entry.family in ("", campaign.family):
            yield Problem(
                f"Nothing is to go out on {shown_day(day)}: {entry.name}. Choose another day.",
                evidence=entry.name,
                data={"date": day.isoformat(), "name": entry.name},
            )


def _entries(schedule: Schedule, what: str) -> list[CalendarEntry]:
    found = [entry for entry in schedule.calendar if entry.what == what]
    if not found and what == "blackout":
        skip("the calendar has no day on which nothing goes out ([[schedule.calendar]] in the manifest)")
    return found


_PAST = {"send": "2024-05-17T10:00:00+02:00", "zone": "Europe/Oslo"}


class CollisionOptions(Options):
    hours: float = Field(
        12, ge=0, le=24 * 31, description="another send is too near, whatever the day, within so many hours"
    )
    every_family: bool = Field(default=False, description="whether sends of other families collide, too")


@rule(severity="warning")
@bad(
    text="x",
    id="b",
    family="weekly",
    schedule=_PAST,
    history={"sends": [{"id": "a", "name": "Early birds", "sent": "2024-05-17 06:00", "recipients": 9}]},
    at="Early birds",
)
@bad(
    text="x",
    family="weekly",
    schedule={**_PAST, "calendar": [{"name": "Reminder", "day": "2024-05-17", "what": "send", "family": "weekly"}]},
    at="Reminder",
)
@good(
    text="x",
    family="weekly",
    schedule=_PAST,
    history={"sends": [{"id": "a", "sent": "2024-05-10 06:00", "recipients": 9}]},
)
def collision(
    schedule: Schedule, campaign: Campaign, options: CollisionOptions, history: History | None = None
) -> Problems:
    """Another send goes to the same family on the same day.

    Compared are the sends of the history, and those that `[[schedule.calendar]]` plans. Transactional mails collide with
    nothing.
    """
    _for_readers(campaign)
    sending(schedule)
    planned = _entries(schedule, "send")
    if history is None and not planned:
        skip("there is neither a history nor another send in the calendar ([[schedule.calendar]] in the manifest)")
    if not campaign.family and not options.every_family:
        skip("the campaign has no `family`, so it is compared with nothing")
    days = schedule.days()
    for entry in planned:
        day = next((day for day in days if entry.holds(day)), None)
        if day is not None and (options.every_family or entry.family in ("", campaign.family)):
            yield _collides(entry.name, f"is planned for {shown_day(day)}, too", day)
    if history is not None:
        yield from _sent_already(schedule, history, options, days)


def _collides(name: str, said: str, when: date) -> Problem:
    text = f"“{name}” {said}; leave time between both, so that nobody gets two mails at once."
    return Problem(text, evidence=name, data={"name": name, "when": when.isoformat()})


def _sent_already(
    schedule: Schedule, history: History, options: CollisionOptions, days: tuple[date, ...]
) -> Iterator[Problem]:
    window = schedule.window
    if window is None:
        return
    near = timedelta(hours=options.hours)
    sends = history.all(window[0] - near - _DAY) if options.every_family else history.sends
    zone = _own_zone(schedule)
    for send in sends:
        local = send.at.astimezone(zone) if zone else send.at
        if send.kind != "transactional" and (local.date() in days or window[0] - near <= send.at <= window[1] + near):
            yield _collides(send.name or send.id, f"went out on {shown_day(local)} {local:%H:%M}", local)


def _own_zone(schedule: Schedule) -> ZoneInfo | None:
    """The zone that the mail thinks in, else that of most of its first country."""
    names = [one.zone for one in schedule.local_times() if one.zone]
    name = schedule.zone if schedule.zone and not schedule.is_local else next(iter(names), "")
    return ZoneInfo(name) if name else None


@rule(severity="error")
@bad(text="x", schedule={"automations": [{"name": "Easter coupon", "trigger": "2020-04-12"}]}, at="Easter coupon")
@bad(text="x", schedule={"automations": [{"name": "Members of 2020", "until": "2020-12-31"}]}, at="Members of 2020")
@good(text="x", schedule={"automations": [{"name": "Easter coupon", "trigger": "2099-04-12"}]})
def automation_passed(schedule: Schedule, run: Run) -> Problems:
    """The date of an automation has passed: its mail never goes out.

    Automations stand in `[[schedule.automations]]`, with the day that sets them off or the last day of their condition.
    """
    if not schedule.automations:
        skip("no automation was given ([[schedule.automations]] in the manifest)")
    today = _today(schedule, run.now)
    for one in schedule.automations:
        said = _never(one, today)
        if said:
            data = {"name": one.name, **{key: str(day) for key in ("trigger", "until") if (day := getattr(one, key))}}
            yield Problem(f"The automation “{one.name}” never goes out: {said}.", evidence=one.name, data=data)


def _today(schedule: Schedule, now: datetime) -> date:
    zone = schedule.zone if schedule.zone and not schedule.is_local else ""
    return now.astimezone(ZoneInfo(zone)).date() if zone else (now - timedelta(hours=12)).date()


def _never(one: Automation, today: date) -> str:
    if one.trigger is not None and one.trigger < today:
        return f"{shown_day(one.trigger)}, which sets it off, has passed; correct the day or switch it off"
    if one.until is not None and one.until < today:
        return f"its condition could hold until {shown_day(one.until)} only, which has passed; correct the day or switch it off"
    if one.trigger is not None and one.until is not None and one.until < one.trigger:
        return (
            f"its condition ends on {shown_day(one.until)}, before {shown_day(one.trigger)} sets it off; correct a day"
        )
    return ""
