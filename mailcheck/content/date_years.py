"""Which year is meant, and whether the weekday agrees."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from msgspec import Struct

from mailcheck.content.date_parts import Raw

Day = date
_PAST_WEIGHT = 4
"""A day that has passed is as far away as one four times later: mails look ahead."""
_NEVER = 50
_FURTHEST = 366
_COPY_YEARS = (-1, 1, -2, 2, -3, 3, -4, -5, -6, 4, 5, 6)


class Settled(Struct, frozen=True):
    """A date with its year, and what is to be said about it."""

    date: Day
    mismatch: bool = False
    fits_year: int | None = None
    other: Day | None = None


def settle(raw: Raw, sent: date) -> Settled | None:
    """The date that is meant by what is written in a mail that is sent on a day; `None` when there is no such day."""
    if raw.offset is not None:
        return _relative(raw, raw.offset, sent)
    if raw.year is not None:
        return _written(raw, raw.year)
    return _without_year(raw, sent)


def _relative(raw: Raw, offset: int, sent: date) -> Settled:
    if raw.weekday is None:
        return Settled(sent + timedelta(days=offset))
    coming = sent + timedelta(days=(raw.weekday - sent.weekday()) % 7)
    if offset == 0:
        return Settled(coming)
    monday = sent - timedelta(days=sent.weekday())
    later = monday + timedelta(days=7 + raw.weekday)
    nearest = coming if coming > sent else coming + timedelta(days=7)
    return Settled(later, other=nearest if nearest != later else None)


def day(year: int, month: int, number: int) -> date | None:
    """The day, when there is one."""
    if month < 1 or month > 12 or number > calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, number)


def _fits(found: date | None, weekday: int) -> bool:
    return found is not None and found.weekday() == weekday


def _written(raw: Raw, year: int) -> Settled | None:
    found = day(year, raw.month, raw.day)
    other = day(year, raw.day, raw.month) if raw.swapped and raw.day <= 12 else None
    if found is None:
        return None
    if raw.weekday is None:
        return Settled(found, other=other)
    if _fits(found, raw.weekday):
        return Settled(found)
    if other is not None and _fits(other, raw.weekday):
        return Settled(other)
    if raw.loose:
        return Settled(found, other=other)
    return Settled(found, True, fitting_year(raw, year), other)


def fitting_year(raw: Raw, year: int) -> int | None:
    """The nearest year in which day and weekday agree, the years before first."""
    for step in _COPY_YEARS:
        if raw.weekday is not None and _fits(day(year + step, raw.month, raw.day), raw.weekday):
            return year + step
    return None


def _without_year(raw: Raw, sent: date) -> Settled | None:
    candidates = [
        found for year in (sent.year - 1, sent.year, sent.year + 1) if (found := day(year, raw.month, raw.day))
    ]
    if not candidates:
        return _leap_day(raw, sent)
    nearest = min(candidates, key=lambda found: _distance(found, sent, raw))
    other = day(nearest.year, raw.day, raw.month) if raw.swapped and raw.day <= 12 else None
    if raw.weekday is None:
        return Settled(nearest, other=other)
    if _fits(nearest, raw.weekday):
        return Settled(nearest)
    if other is not None and _fits(other, raw.weekday):
        return Settled(other)
    if raw.loose:
        return Settled(nearest, other=other)
    for found in candidates:
        if found.weekday() == raw.weekday and _is_plausible(found, nearest, sent, raw):
            return Settled(found)
    return Settled(nearest, True, fitting_year(raw, nearest.year), other)


def _leap_day(raw: Raw, sent: date) -> Settled | None:
    """29 February, with no leap year near."""
    found = next((one for step in range(2, 8) if (one := day(sent.year + step, raw.month, raw.day))), None)
    return Settled(found) if found and (raw.weekday is None or _fits(found, raw.weekday)) else None


def _distance(found: date, sent: date, raw: Raw) -> int:
    days = (found - sent).days
    if raw.role == "history":
        return -days if days <= 0 else days * _NEVER
    if days >= 0:
        return days
    # “Until 31 December”, sent in January, is the coming one.
    weight = _NEVER if raw.role == "deadline" and found.year < sent.year else _PAST_WEIGHT
    return -days * weight


def _is_plausible(found: date, nearest: date, sent: date, raw: Raw) -> bool:
    """Whether a year that fits the weekday may be meant, though another is nearer."""
    days = (found - sent).days
    if raw.role == "history":
        return -_FURTHEST <= days <= 0
    if found > nearest:
        return nearest < sent and days <= _FURTHEST
    return days >= -_FURTHEST // 6


def before(raw: Raw, end: date) -> date | None:
    """The last such day not behind the end of its range."""
    return next(
        (one for year in (end.year, end.year - 1) if (one := day(year, raw.month, raw.day)) and one <= end), None
    )


def after(raw: Raw, start: date) -> date | None:
    """The first such day not in front of the start of its range."""
    return next(
        (one for year in (start.year, start.year + 1) if (one := day(year, raw.month, raw.day)) and one >= start), None
    )
