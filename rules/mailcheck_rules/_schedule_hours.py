"""The moment of the send and the clocks of those who get it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.audience.schedule import (
    LocalTime,
    Schedule,
    after_gap,
    city,
    is_doubled,
    is_skipped,
    other_season,
    shown_day,
)
from mailcheck.audience.schedule_table import quiet_hours as hours_of
from mailcheck.run import Run
from mailcheck_rules._words import Options, listed

_NO_ZONE = "the zone of the send is not known (`zone` in the table [schedule], or an offset in `send`)"


def sending(schedule: Schedule) -> datetime:
    """The send as it was written; without one the rule is skipped."""
    if schedule.send is None:
        skip("nobody said when it is sent (`send` in the table [schedule] of the manifest)")
    return schedule.send


@rule(severity="error")
@bad(text="x", schedule={"send": "2020-03-19T09:00:00+01:00", "zone": "Europe/Oslo"}, at="2020-03-19 09:00")
@bad(text="x", schedule={"send": "2020-03-19T09:00:00", "zone": "recipient"}, at="2020-03-19 09:00")
@good(text="x", schedule={"send": "2099-03-19T09:00:00+01:00"})
def in_past(schedule: Schedule, run: Run) -> Problems:
    """The send time has passed.

    Most services send such a mail at once, some never. Where everybody gets it at the hour of their own clock, it is told
    for whom that hour is over.
    """
    send, window = sending(schedule), schedule.window
    if window is None or run.now <= window[0]:
        return
    evidence = f"{send:%Y-%m-%d %H:%M}"
    if run.now > window[1]:
        times = schedule.local_times()
        yield Problem(
            f"The send time has passed: {times[0].shown}. Choose a later one.",
            evidence=evidence,
            data={"send": send.isoformat(), "now": run.now.isoformat()},
        )
        return
    late = [one for one in schedule.local_times() if one.zone and one.moment < run.now]
    if not late:
        skip(_NO_ZONE)
    yield Problem(
        f"The send time has passed where some recipients live: {_listed(late)}. Choose a later one.",
        evidence=evidence,
        severity="warning",
        data={"send": send.isoformat(), "now": run.now.isoformat(), "zones": [one.zone for one in late]},
    )


class LeadOptions(Options):
    hours: float | None = Field(
        None, ge=0, le=100_000, description="what the sending service needs; `lead_hours` of [schedule] wins"
    )


@rule(severity="warning")
@bad(text="x", schedule={"send": "2030-03-19T09:00:00+01:00", "lead_hours": 100_000}, at="2030-03-19 09:00")
@good(text="x", schedule={"send": "2099-03-19T09:00:00+01:00", "lead_hours": 24})
def lead_time(schedule: Schedule, run: Run, options: LeadOptions) -> Problems:
    """The send is nearer than the sending service needs.

    Services need hours to import recipients, to spread a large send, and for sends at the recipient's hour often a whole
    day. How many is said by `lead_hours` in the table [schedule], or by the option.
    """
    send, window = sending(schedule), schedule.window
    needed = schedule.lead_hours if schedule.lead_hours is not None else options.hours
    if needed is None:
        skip("nobody said how long the sending service needs (`lead_hours` in the table [schedule])")
    if window is None or window[1] < run.now:
        return
    if schedule.moment is None and not schedule.is_local:
        skip(_NO_ZONE)
    left = (window[0] - run.now) / timedelta(hours=1)
    if left < needed:
        yield Problem(
            f"The sending service needs {needed:,g} hours, and {_left(left)} before the first mail goes out "
            f"({shown_day(send)} {send:%H:%M}); choose a later time.",
            evidence=f"{send:%Y-%m-%d %H:%M}",
            data={"needed": needed, "left": round(left, 2)},
        )


def _left(hours: float) -> str:
    if hours <= 0:
        return "there are none left"
    if hours < 2:
        minutes = int(hours * 60)
        return f"there {'is 1 minute' if minutes == 1 else f'are {minutes} minutes'} left"
    return f"there are {int(hours):,} hours left"


def _hours(text: str) -> str:
    hours_of(text)
    return text


class QuietOptions(Options):
    hours: Annotated[str, AfterValidator(_hours)] = Field(
        "21:00-08:00", description="local hours in which nobody gets mail; `quiet_hours` of [schedule] wins"
    )


@rule(severity="warning")
@bad(text="x", schedule={"send": "2099-03-19T03:00:00", "zone": "Europe/Oslo"}, at="03:00 in Oslo")
@bad(
    text="x",
    schedule={"send": "2099-03-19T09:00:00", "zone": "Europe/Oslo", "countries": ["NO", "JP", "CL"]},
    at="05:00 in Santiago",
)
@good(text="x", schedule={"send": "2099-03-19T09:00:00", "zone": "Europe/Oslo"}, locale="nb-NO")
def quiet_hours(schedule: Schedule, campaign: Campaign, options: QuietOptions) -> Problems:
    """The mail arrives at night, by the clocks of those who get it.

    Their clocks are those of `countries`, else of `markets` of the audience, else of the territory of the locale or the
    zone. Of a country with several zones the one with most people decides; that only others are asleep is told as
    information. Transactional mails go out at any hour.
    """
    if campaign.kind == "transactional":
        skip("a transactional mail may arrive at any hour")
    send = sending(schedule)
    times = schedule.local_times()
    if not any(one.zone for one in times) and send.tzinfo is not None and not send.utcoffset():
        skip(
            "the send is in UTC, and nobody said where recipients live (`countries` or `zone` in the table [schedule])"
        )
    first, last = schedule.quiet or hours_of(options.hours)
    told = f"{first:%H:%M}–{last:%H:%M}"
    asleep = [one for one in times if one.is_within(first, last)]
    main = {one.country: one for one in reversed(times)}
    mostly = [one for one in asleep if main[one.country] in asleep]
    others = [one for one in asleep if main[one.country] not in asleep]
    if mostly:
        yield _quiet(mostly, f"within the quiet hours {told}", None, schedule)
    if others:
        yield _quiet(
            others, f"within the quiet hours {told}, but not where most people of the country live", "info", schedule
        )


def _quiet(times: Sequence[LocalTime], said: str, severity: str | None, schedule: Schedule) -> Problem:
    several = len({one.moment.utcoffset() for one in schedule.local_times()}) > 1
    advice = "send at the hour of everybody's own clock" if several else "choose an hour of the day"
    return Problem(
        f"It arrives on {_listed(times)}, {said}; {advice}.",
        evidence=times[0].hour,
        severity="info" if severity else None,
        data={"times": {one.zone or "local": one.moment.isoformat() for one in times}},
    )


def _listed(times: Sequence[LocalTime]) -> str:
    """The first with its day, the others by hour and place; who have the same hour as another are only counted."""
    first, *rest = times
    return listed([first.shown, *(one.hour if one.moment.date() == first.moment.date() else one.shown for one in rest)])


@rule(severity="error")
@bad(text="x", schedule={"send": "2027-03-28T02:30:00", "zone": "Europe/Oslo"}, at="2027-03-28 02:30")
@bad(
    text="x", schedule={"send": "2027-03-14T02:30:00", "zone": "recipient", "countries": ["US"]}, at="2027-03-14 02:30"
)
@good(text="x", schedule={"send": "2027-03-28T03:30:00", "zone": "Europe/Oslo"})
@good(text="x", schedule={"send": "2027-03-28T02:30:00+01:00", "zone": "Europe/Oslo"})
def nonexistent_time(schedule: Schedule) -> Problems:
    """The hour does not exist on that day, because clocks are put forward over it.

    Some services then send an hour later, some an hour earlier, some not at all.
    """
    send, zones = _clock(schedule), schedule.zones()
    skipped = [zone for zone in zones if is_skipped(send, zone)]
    if skipped:
        instead = after_gap(send, skipped[0])
        yield Problem(
            f"{shown_day(send)} {send:%H:%M} does not exist in {_cities(skipped)}: the clocks are put forward over it. "
            f"Write {instead:%H:%M}, or another hour.",
            evidence=f"{send:%Y-%m-%d %H:%M}",
            data={"send": send.isoformat(), "zones": skipped},
        )


@rule(severity="warning")
@bad(text="x", schedule={"send": "2027-10-31T02:30:00", "zone": "Europe/Oslo"}, at="2027-10-31 02:30")
@good(text="x", schedule={"send": "2027-10-31T03:30:00", "zone": "Europe/Oslo"})
@good(text="x", schedule={"send": "2027-10-31T02:30:00+01:00", "zone": "Europe/Oslo"})
def ambiguous_time(schedule: Schedule) -> Problems:
    """The hour comes twice on that day, because clocks are put back over it.

    Which of both is meant depends on the service. An offset in `send` settles it.
    """
    send, zones = _clock(schedule), schedule.zones()
    doubled = [zone for zone in zones if is_doubled(send, zone)]
    if doubled:
        advice = "choose another hour" if schedule.is_local else "write it with its offset, or choose another hour"
        yield Problem(
            f"{shown_day(send)} {send:%H:%M} comes twice in {_cities(doubled)}: the clocks are put back over it; {advice}.",
            evidence=f"{send:%Y-%m-%d %H:%M}",
            data={"send": send.isoformat(), "zones": doubled},
        )


def _clock(schedule: Schedule) -> datetime:
    """The hour as written; without a zone whose clocks show it, the rule is skipped."""
    send = sending(schedule)
    if not schedule.zones() and send.tzinfo is None:
        skip(_NO_ZONE)
    return send


def _cities(zones: Sequence[str]) -> str:
    return listed(dict.fromkeys(map(city, zones)))


@rule(severity="warning")
@bad(text="x", schedule={"send": "2099-07-01T09:00:00+01:00", "zone": "Europe/Oslo"}, at="2099-07-01T09:00:00+01:00")
@good(text="x", schedule={"send": "2099-07-01T09:00:00+02:00", "zone": "Europe/Oslo"})
@good(text="x", schedule={"send": "2099-07-01T09:00:00+00:00", "zone": "Europe/Oslo"})
def wrong_offset(schedule: Schedule) -> Problems:
    """The offset of the send time is that of the zone's other season.

    `09:00+01:00` is 10 o'clock in Oslo in July: the mail leaves an hour off. Other offsets, such as UTC, are no mistake.
    """
    send = sending(schedule)
    if schedule.is_local or not schedule.zone or send.tzinfo is None:
        return
    real = other_season(send, schedule.zone)
    if real is not None and schedule.moment is not None:
        yield Problem(
            f"{send:%H:%M} with the offset {_offset(send)} is {schedule.moment:%H:%M} in {city(schedule.zone)}, where the "
            f"offset is {_offset(schedule.moment)} on that day; write that one if {send:%H:%M} is meant.",
            evidence=send.isoformat(),
            data={"send": send.isoformat(), "local": schedule.moment.isoformat()},
        )


def _offset(moment: datetime) -> str:
    return moment.isoformat()[-6:]
