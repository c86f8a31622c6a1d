"""Dates that cannot be right on the day of sending."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.content.copyrights import Copyright
from mailcheck.content.dates_located import Dates, LocatedDate, numeric_order
from mailcheck.content.send_time import SendTime
from mailcheck.content.zone_names import offset_zone, wrong_season

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SEND = {"send": "2027-03-19T09:00:00+01:00"}
_HISTORY_DAYS = 120
"""What ended longer ago is told as history, whatever the word in front of it."""
_OLDEST_NOTICE = 8
"""Years. Older notices are those of others: licences, pictures, quotations."""
_SHORT_LINE = 60
_PLANNED = ("deadline", "start", "event")
_PARTS = {"subject": "subject", "preheader": "preheader", "html": "HTML", "mjml": "HTML", "text": "text part"}


def _shown(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _says(one: LocatedDate) -> str:
    return f"{_PARTS.get(one.part, one.part)}: “{one.written}”"


# weekday


@rule(severity="error")
@bad(text="Ends Thursday 26 March 2027", locale="en-GB", at="Thursday 26 March 2027")
@bad(subject="Only until Friday 3 April", html="<p>x</p>", schedule=_SEND, at="Friday 3 April")
@bad(html="<p>Gültig bis <b>Donnerstag</b>, 26. März 2027</p>", locale="de", at="Donnerstag</b>, 26. März 2027")
@good(text="Ends Friday 26 March 2027", locale="en-GB")
@good(text="Only until Friday 3 April", locale="en-GB")
@good(html="<p>Open Monday to Friday. 26 March 2027 is a holiday.</p>", locale="en-GB")
def weekday_mismatch(dates: Dates) -> Problems:
    """A weekday is written beside a date that falls on another day.

    One of the two is wrong, and readers plan by either. Often the text was copied from last year: a date moves by one
    weekday a year. A date without a year is judged only when the send time is known.
    """
    for one in dates.certain():
        found = one.found
        if not found.weekday_mismatch or found.weekday is None or not (found.year_written or _is_announced(one)):
            continue
        said, real = _DAYS[found.weekday], _DAYS[found.date.weekday()]
        message = f"“{one.written}” says {said}, but {_shown(found.date)} is a {real}; correct the weekday or the date."
        if found.fits_year == found.date.year - 1:
            message = message[:-1] + f". It was a {said} in {found.fits_year}: this looks like last year's copy."
        yield Problem(message, at=one, data={"date": found.date.isoformat(), "fits_year": found.fits_year})


def _is_announced(one: LocatedDate) -> bool:
    """Whether a date without a year is meant for the reader's calendar; one that is told in passing may be any year's."""
    return one.found.role in _PLANNED or one.found.time is not None or len(one.line) <= _SHORT_LINE


# the past


@rule(severity="error")
@bad(text="Offer ends 5 March", locale="en-GB", schedule=_SEND, at="5 March")
@bad(html="<p>Jusqu'au <b>5 mars</b> 2027</p>", locale="fr", schedule=_SEND, at="5 mars</b> 2027")
@good(text="Offer ends 28 March. Prices checked on 1 March 2027.", locale="en-GB", schedule=_SEND)
def past_deadline(dates: Dates, send_time: SendTime) -> Problems:
    """A deadline has passed on the day of sending.

    Whoever reads “until 5 March” on 19 March can do nothing any more. A deadline of exactly the year before is told by
    `dates/wrong_year`.
    """
    for one in dates:
        found, day = one.found, send_time.day
        if found.role != "deadline" or found.range_start is not None or not _is_over(one, dates, day):
            continue
        if (day - found.date).days > _HISTORY_DAYS or _is_a_year_off(found.date, day):
            continue
        passed = (day - found.date).days
        message = (
            f"The deadline “{one.written}” ({_shown(found.date)}) has passed {passed} day{'s' if passed > 1 else ''} "
            f"before the mail is sent on {_shown(day)}; correct the date, or do not send it any more."
        )
        yield Problem(message, at=one, data={"date": found.date.isoformat(), "days": passed})


def _is_over(one: LocatedDate, dates: Dates, day: date) -> bool:
    """Whether a date has passed; where nobody knows the order of day and month, by either reading."""
    readings = [one.found.date]
    if one.found.ambiguous and one.found.other is not None and numeric_order(dates.locale) is None:
        readings.append(one.found.other)
    return all(reading < day for reading in readings)


@rule(severity="error")
@bad(text="Sale: from 5 to 8 March!", locale="en-GB", schedule=_SEND, at="8 March")
@bad(text="Ends today at 8am", locale="en-GB", schedule=_SEND, at="today")
@good(text="Ends today at 8pm. From 19 to 21 March! Pictures of 5–8 March.", locale="en-GB", schedule=_SEND)
def ends_before_send(dates: Dates, send_time: SendTime) -> Problems:
    """A period is over, or the hour of a deadline has struck, when the mail is sent.

    For an hour without a zone, the zone of the schedule is taken.
    """
    for one in dates:
        found, day = one.found, send_time.day
        if found.role != "deadline":
            continue
        passed = (day - found.date).days
        if (
            found.range_start is not None
            and found.role_spoken
            and 0 < passed <= _HISTORY_DAYS
            and not _is_a_year_off(found.date, day)
        ):
            message = (
                f"The period up to “{one.written}” ({_shown(found.date)}) is over when the mail is sent on {_shown(day)}; "
                "correct the dates."
            )
            yield Problem(message, at=one, data={"date": found.date.isoformat(), "days": passed})
        elif passed == 0 and _has_struck(one, send_time):
            hour = f"{send_time.moment:%H:%M}"
            message = (
                f"“{one.written}” ends at {found.time:%H:%M}, but the mail is sent that day at {hour}; correct one."
            )
            yield Problem(message, at=one, data={"date": found.date.isoformat()})


def _has_struck(one: LocatedDate, send_time: SendTime) -> bool:
    found, moment = one.found, send_time.moment
    if found.time is None or send_time.zone == "recipient":
        return False
    if found.zone and moment.tzinfo is not None:
        ends = offset_zone(found.zone, found.date, found.time)
        return ends is not None and ends <= moment
    return not found.zone and found.time <= moment.time()


# the year


@rule(severity="error")
@bad(text="Offer ends 31 March 2026", locale="en-GB", schedule=_SEND, at="31 March 2026")
@bad(html="<p>Webinar: Wednesday 7 April 2026</p>", locale="en-GB", schedule=_SEND, at="Wednesday 7 April 2026")
@good(text="Offer ends 31 March 2027. Founded on 31 March 2026.", locale="en-GB", schedule=_SEND)
@good(text="Offer ends 31 March", locale="en-GB", schedule=_SEND)
def wrong_year(dates: Dates, send_time: SendTime) -> Problems:
    """A date that is still to come this year is written with the year before.

    In the first months of a year, and in copy of last year's campaign, the old year is easily left standing.
    """
    for one in dates:
        found = one.found
        weekday_says_so = found.fits_year == found.date.year + 1
        if not found.year_written or not _is_a_year_off(found.date, send_time.day):
            continue
        if found.role in _PLANNED or (weekday_says_so and found.role is None):
            right = found.date.year + 1
            message = f"“{one.written}” is a year before the send on {_shown(send_time.day)}; did you mean {right}?"
            yield Problem(message, at=one, data={"date": found.date.isoformat(), "expected": right})


def _is_a_year_off(day: date, sent: date) -> bool:
    """Whether the same day a year later is near the send: from a month before it to a few months behind it."""
    later = day + timedelta(days=365)
    return day.year == sent.year - 1 and -31 <= (later - sent).days <= 120 and (sent - day).days > 240


@rule(severity="warning")
@bad(html="<p>© 2025 Fernhill Ltd</p>", schedule=_SEND, at="2025")
@bad(text="Copyright 2019-2026 Fernhill Ltd. All rights reserved.", schedule=_SEND, at="2026")
@good(html="<p>© 2019–2027 Fernhill Ltd</p>", schedule=_SEND)
@good(html="<p>Photo © 2014 Ann Lee</p><p>© 2027 Fernhill Ltd</p>", schedule=_SEND)
def copyright_year(copyrights: tuple[Copyright, ...], send_time: SendTime) -> Problems:
    """The copyright notice names another year than that of the send.

    It does no harm by itself, but tells that the mail was copied and not looked through. Only the last notice of a part
    counts: those before it are of pictures and quotations. In January the year before may stand.
    """
    year = send_time.day.year
    last = {one.span.part.name: one for one in copyrights}
    for one in last.values():
        allowed = {year, year - 1} if send_time.day.month == 1 else {year}
        if (
            one.year not in allowed
            and one.year > year - _OLDEST_NOTICE
            and not any(other.year in allowed for other in copyrights)
        ):
            yield Problem(
                f"The copyright notice says {one.year}, and the mail is sent in {year}; write {year}.",
                at=one,
                data={"year": one.year},
            )


# how it is written


@rule(severity="warning")
@bad(text="Expires 04/05/2027", locales=["en-US", "en-GB"], at="04/05/2027")
@bad(text="Expires 04/05/2027", locale="en-CA", at="04/05/2027")
@bad(text="Expires 25/04/2027", locale="en-US", at="25/04/2027")
@good(text="Expires 04/05/2027", locale="en-GB")
@good(text="Expires 5 April 2027, 2027-04-05, 25/04/2027 or Monday 04/05/2027", locales=["en-GB", "en-IE"])
def ambiguous(dates: Dates, campaign: Campaign) -> Problems:
    """A date in numbers is read differently in the markets of the campaign.

    04/05/2027 is 5 April in the United States and 4 May nearly everywhere else. Write the month as a word.
    """
    if not campaign.locales:
        skip("nobody said for which markets it is (`locale` or `locales` in the manifest)")
    orders = [numeric_order(locale) for locale in campaign.locales]
    several = None in orders or len(set(orders)) > 1
    for one in dates:
        found = one.found
        if found.ambiguous and found.other is not None and several:
            other = found.other
            message = (
                f"“{one.written}” is {found.date.day} {found.date:%B} to some readers and {other.day} {other:%B} to others; "
                "write the month as a word."
            )
            yield Problem(message, at=one, data={"date": found.date.isoformat(), "other": other.isoformat()})
        elif found.foreign_order and not several:
            message = (
                f"“{one.written}” puts day and month the other way round than {campaign.locales[0]} does; "
                "write the month as a word."
            )
            yield Problem(message, at=one, data={"date": found.date.isoformat()})


@rule(severity="warning")
@bad(text="Starts 5 July 2027 at 10:00 CET", locale="de-DE", at="10:00 CET")
@bad(text="Webinar: January 12, 2027 at 2 pm EDT", locale="en-US", at="2 pm EDT")
@good(text="Starts 5 July 2027 at 10:00 CEST, and 12 January 2027 at 10:00 CET", locale="de-DE")
@good(text="Webinar: July 12, 2027 at 2 pm ET, 11 am MST", locale="en-US")
def wrong_zone(dates: Dates) -> Problems:
    """The name of the time zone does not hold on that day.

    In July it is CEST in Berlin and EDT in New York; CET and EST are an hour off. What is right all year somewhere
    (MST in Arizona, AEST in Queensland) is not reported.
    """
    territory = dates.territory
    for one in dates.certain():
        found = one.found
        if found.time is None or not found.zone or found.relative:
            continue
        wrong = wrong_season(found.zone, found.date, found.time, territory)
        if wrong is not None:
            better = f"{wrong.other} or {wrong.always}" if wrong.always else wrong.other
            season = "winter" if wrong.summer else "summer"
            message = f"{found.zone} does not hold on {_shown(found.date)}, which is in {season} time; write {better}."
            yield Problem(message, at=one.time_span or one, data={"zone": found.zone, "expected": wrong.other})


# one part against another


@rule(severity="error")
@bad(subject="Only until 28 March", html="<p>Offer ends on 29 March.</p>", locale="en-GB", at="28 March")
@bad(html="<p>Offer ends on 29 March.</p>", text="Offer ends on 28 March.", locale="en-GB", at="28 March")
@good(subject="Only until 28 March", html="<p>Offer ends on 28.3.2027</p>", locale="de-DE")
@good(html="<p>Ends 29 March. Starts 20 March.</p>", text="Ends 29 March.", locale="en-GB")
@good(subject="News of 1 March", html="<p>Offer ends on 29 March.</p>", locale="en-GB")
def parts_disagree(dates: Dates) -> Problems:
    """Subject, HTML and text part name different days for the same thing.

    Whatever part somebody reads, it must be the same offer. Compared are deadlines, starts and events; a day that one
    part leaves out is no contradiction.
    """
    by_part: dict[str, list[LocatedDate]] = {}
    for one in dates:
        if one.found.role in _PLANNED and not one.found.relative:
            by_part.setdefault(one.part, []).append(one)
    body = by_part.get("html") or by_part.get("mjml") or by_part.get("text") or []
    for name in ("subject", "preheader", "text"):
        other = by_part.get(name, [])
        if other and body and other is not body:
            yield from _contradictions(other, body)


def _contradictions(said: list[LocatedDate], body: list[LocatedDate]) -> Iterator[Problem]:
    """Days that only one side names, where the other names another for the same role."""
    for role in _PLANNED:
        here = [one for one in said if one.found.role == role]
        there = [one for one in body if one.found.role == role]
        missing = [one for one in here if not any(_same(one, other) for other in body)]
        spare = [one for one in there if not any(_same(one, other) for other in said)]
        for one, other in zip(missing, spare, strict=False):
            message = f"The parts name different days: {_says(one)} · {_says(other)}. Make them the same."
            data = {"date": one.found.date.isoformat(), "other": other.found.date.isoformat(), "role": role}
            yield Problem(message, at=one, data=data)


def _same(one: LocatedDate, other: LocatedDate) -> bool:
    """Whether two dates may be the same day; where one has no year, day and month decide."""
    years = one.found.year_written and other.found.year_written
    here, there = _readings(one, years=years), _readings(other, years=years)
    return not here.isdisjoint(there)


def _readings(one: LocatedDate, *, years: bool) -> set[tuple[int, ...]]:
    found = one.found
    days = [found.date] if found.other is None else [found.date, found.other]
    return {(day.year, day.month, day.day) if years else (day.month, day.day) for day in days}
