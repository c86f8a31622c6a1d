"""Dates in the text of a mail: which day is meant, what for, and whether the weekday agrees with it.

Names of months and weekdays, and numbers, are looked for first; what stands around them is asked only there. So the
time is linear in the length of the text, whatever the text is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from msgspec import Struct

from mailcheck.content.date_around import attach_time, attach_weekday
from mailcheck.content.date_named import month_sign_date, month_word_date, named_date
from mailcheck.content.date_numeric import numeric_dates
from mailcheck.content.date_parts import Raw, Role, Search
from mailcheck.content.date_ranges import link, spread
from mailcheck.content.date_relative import counted_days, relative_day, relative_weekday
from mailcheck.content.date_roles import give_roles
from mailcheck.content.date_text import Text
from mailcheck.content.date_vocabulary import vocabulary
from mailcheck.content.date_years import Settled, after, before, fitting_year, settle

Day = date


class FoundDate(Struct, frozen=True):
    """A date that a text names.

    Args:
        date: the day that is meant.
        span: start and end of what is written, the weekday included: `text[span[0]:span[1]]` is the evidence.
        role: what it is for: `deadline` (the last day), `start`, `event`, `history`; `None` when nothing says so.
        role_spoken: a word says so; else only that it begins or ends a range.
        weekday_mismatch: a weekday is written, and the date falls on another.
        weekday: the weekday that is written, Monday is 0.
        fits_year: with a mismatch, the nearest year in which day and weekday agree, the year before first.
        year_written: the year stands there; else it is the most plausible one, seen from the day of sending.
        relative: `today`, `next Monday`, `in 3 days`.
        other: the other reading, of a number that may be day and month the other way round, or of `next Sunday`.
        time: the hour that is written with it, in the zone that is written or else in nobody's;
            23:59:59 for midnight at the end of the day.
        zone: the zone as written: `CET`, `ET`, `+02:00`; empty when none is.
        time_span: start and end of the hour and the zone, when they are written.
        range_start, range_end: for the end of a range its first day, for the start its last.
        foreign_order: day and month stand the other way round than the locale writes them.
    """

    date: Day
    span: tuple[int, int]
    role: Role | None = None
    role_spoken: bool = False
    weekday_mismatch: bool = False
    weekday: int | None = None
    fits_year: int | None = None
    year_written: bool = False
    relative: bool = False
    other: Day | None = None
    time: time | None = None
    zone: str = ""
    time_span: tuple[int, int] | None = None
    range_start: Day | None = None
    range_end: Day | None = None
    foreign_order: bool = False

    @property
    def ambiguous(self) -> bool:
        """Whether day and month could be the other way round in another market."""
        return self.other is not None and not self.relative


def find_dates(text: str, *, locale: str, sent: datetime | Day) -> list[FoundDate]:
    """Every date that a text names, in order.

    Args:
        text: plain text; merge tags blanked at equal length.
        locale: BCP 47 tag: its words are known besides the English ones, and its order of day and month counts.
            Empty or `und`: the words of all languages.
        sent: when the mail is sent, for dates that name no year, and for `tomorrow`.
    """
    search = Search(Text(text, vocabulary(locale).careful), vocabulary(locale))
    day = sent.date() if isinstance(sent, datetime) else sent
    raws = _raws(search)
    for raw in raws:
        attach_time(search, raw)
    link(search, raws)
    give_roles(search, raws)
    raws = [raw for raw in raws if not raw.weak or _speaks_for(search, raw)]
    settled = {id(raw): settle(raw, day) for raw in raws}
    _agree_on_years(raws, settled)
    return [_found(search, raw, one, settled) for raw in raws if (one := settled[id(raw)]) is not None]


def _raws(search: Search) -> list[Raw]:
    """The dates with their weekdays, in order, none over another."""
    anchors = [index for index, token in enumerate(search.text.tokens) if token in search.words.anchors]
    found = [*_anchored(search, anchors), *numeric_dates(search)]
    found.sort(key=lambda raw: (raw.first, -raw.last))
    kept = _apart(found)
    begins = frozenset(raw.first for raw in kept)
    spreads: list[Raw] = []
    for raw in kept:
        attach_weekday(search, raw, begins)
        for one in spread(search, raw, spreads[-1].last if spreads else 0):
            if one is not raw:
                attach_weekday(search, one, frozenset())
            spreads.append(one)
    spreads.extend(_weekdays(search, spreads, anchors))
    spreads.sort(key=lambda raw: (raw.first, -raw.last))
    return _apart(spreads)


def _apart(raws: list[Raw]) -> list[Raw]:
    kept: list[Raw] = []
    for raw in raws:
        if kept and raw.first < kept[-1].last:
            if raw.last - raw.first > kept[-1].last - kept[-1].first and kept[-1].weak:
                kept[-1] = raw
            continue
        kept.append(raw)
    return kept


def _anchored(search: Search, anchors: list[int]) -> Iterator[Raw]:
    """The dates around words: months, relative days, counted days."""
    text, words = search.text, search.words
    end = 0
    for index in anchors:
        if index < end:
            continue
        token, raw = text.tokens[index], None
        if found := words.find(text, index, "month"):
            raw = named_date(search, index, *found)
        if raw is None and words.find(text, index, "month_word"):
            raw = month_sign_date(search, index) if not token.isascii() and len(token) == 1 else None
            raw = raw or month_word_date(search, index)
        if raw is None and (found := words.find(text, index, "relative")):
            raw = relative_day(search, index, *found)
        if raw is None:
            raw = _counted(search, index)
        if raw is not None:
            end = raw.last
            yield raw


def _counted(search: Search, index: int) -> Raw | None:
    for kind, each in (("day_units", 1), ("week_units", 7)):
        if found := search.words.find(search.text, index, kind):
            return counted_days(search, index, found[0], each)
    return None


def _weekdays(search: Search, taken: list[Raw], anchors: list[int]) -> Iterator[Raw]:
    """Weekdays that stand for a date by themselves."""
    text, words = search.text, search.words
    covered = {index for raw in taken for index in range(raw.first, raw.last)}
    for index in anchors:
        found = words.find(text, index, "day") if index not in covered else None
        raw = relative_weekday(search, index, *found) if found else None
        if raw is not None and not covered & set(range(raw.first, raw.last)):
            yield raw


def _speaks_for(search: Search, raw: Raw) -> bool:
    """Whether something says that `4/5` is a date."""
    text = search.text
    if any(one is not None and _is_sure(one) for one in (raw, raw.until, raw.since)):
        return True
    if raw.role is None:
        if text.at(raw.last - 1) == "." and search.words.find_back(text, text.skip_back(raw.first), "on"):
            return True
        return text.at(raw.last - 1) == "." and len(text.at(raw.first)) == 2 and len(text.at(raw.first + 2)) == 2
    fraction = "/" in text.tokens[raw.first : raw.last] and {(raw.day, raw.month), (raw.month, raw.day)} & _FRACTIONS
    return not fraction or raw.role == "deadline"


_FRACTIONS = {(1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (1, 8), (24, 7), (9, 10), (4, 3)}


def _is_sure(raw: Raw) -> bool:
    return not raw.weak or raw.weekday is not None or raw.time is not None


def _agree_on_years(raws: list[Raw], settled: dict[int, Settled | None]) -> None:
    """The ends of a range are not a year apart, and a year that one end names holds for both."""
    for raw in raws:
        later = raw.until
        if later is None or id(later) not in settled:
            continue
        start, end = settled[id(raw)], settled[id(later)]
        if start is None or end is None:
            continue
        if raw.year is None:
            settled[id(raw)] = _again(raw, before(raw, end.date), start)
        elif later.year is None:
            settled[id(later)] = _again(later, after(later, start.date), end)


def _again(raw: Raw, found: Day | None, was: Settled) -> Settled:
    if found is None or found == was.date:
        return was
    wrong = raw.weekday is not None and not raw.loose and found.weekday() != raw.weekday
    return Settled(found, wrong, fitting_year(raw, found.year) if wrong else None)


def _found(search: Search, raw: Raw, settled: Settled, all_settled: dict[int, Settled | None]) -> FoundDate:
    starts = search.text.starts
    first, end = (all_settled.get(id(one)) if one is not None else None for one in (raw.since, raw.until))
    return FoundDate(
        date=settled.date,
        span=(starts[raw.first], starts[raw.last]),
        role=raw.role,
        role_spoken=raw.spoken,
        weekday_mismatch=settled.mismatch,
        weekday=raw.weekday if raw.offset is None else None,
        fits_year=settled.fits_year,
        year_written=raw.year is not None,
        relative=raw.offset is not None,
        other=settled.other,
        time=raw.time,
        zone=raw.zone,
        time_span=_time_span(search, raw),
        range_start=first.date if first is not None else None,
        range_end=end.date if end is not None else None,
        foreign_order=raw.foreign and search.words.order.certain,
    )


def _time_span(search: Search, raw: Raw) -> tuple[int, int] | None:
    """Where the hour stands: behind the date, or in front of it."""
    text = search.text
    if raw.hour < 0:
        return None
    if raw.lead >= 0:
        return raw.hour, raw.hour + len(text.low[raw.hour : text.starts[raw.first]].rstrip())
    return raw.hour, text.starts[raw.tail]
