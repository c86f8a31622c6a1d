"""Dates in numbers: `2027-05-04`, `04/05/2027`, `4. 5. 2027`, and `4/5` where something says that it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mailcheck.content.date_parts import THAI_YEARS, Raw, Search, year_of
from mailcheck.content.lazily import lazy

_CANDIDATE = lazy(r"\d[\u200e\u200f]?[./-][ \u00a0\u200e\u200f]?\d")
_FULL = lazy(
    r"(?<!\d)(?:(\d{4})M?([./-])S?(\d{1,2})M?\2S?(\d{1,2})|(\d{1,2})M?([./-])S?(\d{1,2})M?\6S?(\d{4}|\d{1,2}))(?!\d)".replace(
        "M", r"[\u200e\u200f]"
    ).replace("S", r"[ \u00a0\u200e\u200f]")
)
_YEARS_OF_TWO = range(15, 50)
_SHORT = lazy(
    r"(?<![\d.,/\-])(?<!\d:)(\d{1,2})(?:([/-])(\d{1,2})|\.[ \u00a0]?(\d{1,2})\."
    r"|\.(\d{1,2})(?=[ \u00a0]?[-–~][ \u00a0]?\d{1,2}\.[ \u00a0]?\d{1,2}\.))(?!\d)"
)
_NOT_BEFORE = frozenset("$€£¥#@&=+*%_\\^")
_ISO_TIME = lazy(r"t\d\d:\d\d")


def numeric_dates(search: Search) -> Iterator[Raw]:
    """Every group of numbers that may be a date, in order."""
    low, taken = search.text.low, 0
    for candidate in _CANDIDATE.finditer(low):
        start = candidate.start()
        while start > taken and low[start - 1].isdigit() and candidate.start() - start < 4:
            start -= 1
        if start < taken:
            continue
        raw = None
        if match := _FULL.match(low, start):
            raw = _full_date(search, match) if _may_stand(search, match, whole=True) else None
            taken = match.end()
        elif (match := _SHORT.match(low, start)) and _may_stand(search, match, whole=False):
            raw = _short_date(search, match)
        if raw is None and match is None:
            raw = _bare_date(search, start)
        if raw is not None:
            yield raw


_BARE = lazy(r"(?<![\d.,:/\-])(0?[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])(?![\d%]|[.,:/-]\d)")
_LAST_HOUR = 24


def _bare_date(search: Search, start: int) -> Raw | None:
    """`do 31.03`, without a dot behind it: only behind `until` or `from`, and where it can be no hour."""
    text, words = search.text, search.words
    match = _BARE.match(text.low, start)
    if match is None or words.order.sign != "." or words.order.full != "dmy" or words.everything:
        return None
    day, month = int(match[1]), int(match[2])
    first, last = text.index(start), text.index(match.end())
    if (day <= _LAST_HOUR and not words.colon_hours) or not _is_date(2028, month, day):
        return None
    led = words.find_back(text, text.skip_back(first), "until", "from", "to")
    if led is None or words.find(text, text.skip(last), "oclock", "not_after"):
        return None
    behind = text.at(text.skip(last))
    if behind.isalpha() and behind not in ("do", "по", "до", "la", "til", "bis", "az", "al", "r", "г"):
        return None
    return Raw(first, last, day, month, sort="numeric")


def _may_stand(search: Search, match: re.Match[str], *, whole: bool) -> bool:
    """Whether nothing beside the numbers makes them a part of something else."""
    low, start, end = search.text.low, match.start(), match.end()
    before, behind = low[start - 1 : start], low[end : end + 2]
    if before == ":" and low[start - 2 : start - 1].isdigit():
        return False
    if before and (
        before in _NOT_BEFORE or (before.isalpha() and before.isascii()) or before in "./-" + ("," if not whole else "")
    ):
        ranged = before in "-." and low[start - 2 : start - 1] in (".", " ", ")", "") and whole
        if not ranged:
            return False
    if behind and behind[0].isalpha() and behind[0].isascii() and not (whole and _is_word_behind(low, end)):
        return False
    if behind[:1] in ("%", "$", "€", "£", "_", "=") or (behind[:1] in (".", "/", ":", ",") and behind[1:].isdigit()):
        return False
    if behind[:1] == "-" and behind[1:].isalnum() and not (behind[1:].isdigit() and low[end + 1 : end + 8].count(".")):
        return behind[1:].isalpha() and whole and _is_ending(search, end + 1)
    if behind[:1] == "/" and behind[1:].isalnum():
        return False
    return not _is_named(search, start)


def _is_word_behind(low: str, end: int) -> bool:
    return _ISO_TIME.match(low, end) is not None or low.startswith(("r.", "г", "ko"), end)


def _is_ending(search: Search, offset: int) -> bool:
    """Whether letters behind a hyphen are the ending of a day: `2027. 05. 04-ig`."""
    text = search.text
    return text.at(text.index(offset)) in search.words.ordinals


def _is_named(search: Search, offset: int) -> bool:
    """Whether a word in front says what the number is: `version 3.4.2027`, `tel. 12-05-27`."""
    text = search.text
    index = text.skip_back(text.index(offset))
    while text.at(index - 1) in (".", ":", ","):
        index = text.skip_back(index - 1)
    return search.words.find_back(text, index, "not_before") is not None


def _full_date(search: Search, match: re.Match[str]) -> Raw | None:
    text, order = search.text, search.words.order
    first, last = text.index(match.start()), text.index(match.end())
    if match[1]:
        year = year_of(match[1])
        if year is None or not _is_date(year, int(match[3]), int(match[4])):
            return None
        return _raw(search, first, last, (int(match[4]), int(match[3]), year), sure=True)
    sign, tail = match[6], match[8]
    short = 2000 + int(tail) if _has_sign(order.sign, sign) else None
    year = year_of(tail) if len(tail) == 4 else short
    if year is None or (int(tail) in THAI_YEARS and search.words.order.sign != "/"):
        return None
    a, b = int(match[5]), int(match[7])
    if (
        len(tail) < 3
        and order.full == "ymd"
        and sign == order.sign
        and a in _YEARS_OF_TWO
        and _is_date(2000 + a, b, int(tail))
    ):
        return _raw(search, first, last, (int(tail), b, 2000 + a), sure=True)
    if len(tail) == 1:
        return None
    day, month = (b, a) if order.full == "mdy" and sign != "." else (a, b)
    fits, swapped = _is_date(year, month, day), _is_date(year, day, month)
    if not fits and not swapped:
        return None
    if not fits:
        day, month = month, day
    raw = _raw(search, first, last, (day, month, year), sure=not (fits and swapped and day != month))
    raw.foreign = not fits
    return raw


def _has_sign(own: str, sign: str) -> bool:
    """Whether a year of two digits may follow such a sign in this locale; elsewhere it is a version or a score."""
    return sign in ("/", own)


def _raw(search: Search, first: int, last: int, said: tuple[int, int, int], *, sure: bool) -> Raw:
    text = search.text
    if (
        text.at(last) == "."
        and not text.at(last + 1).isdecimal()
        and search.words.order.full == "ymd"
        and search.words.order.sign == "."
    ):
        last += 1
    ending = ""
    if text.at(last) == "-" and text.at(last + 1) in search.words.ordinals:
        ending, last = text.at(last + 1), last + 2
    return Raw(first, last, *said, sort="numeric", swapped=not sure, ending=ending)


def _short_date(search: Search, match: re.Match[str]) -> Raw | None:
    """A day and a month without a year, kept only when a weekday, a word or a range speaks for it."""
    text, words, order = search.text, search.words, search.words.order
    a, b = int(match[1]), int(match[3] or match[4] or match[5])
    day, month = (b, a) if order.short == "md" else (a, b)
    fits, swapped = _is_date(2028, month, day), _is_date(2028, day, month)
    if not fits and not swapped:
        return None
    if not fits:
        day, month = month, day
    first, last = text.index(match.start()), text.index(match.end())
    if match[2] != "/" and order.sign != (match[2] or "."):
        return None
    if words.find(text, text.skip(last), "oclock", "am", "pm"):
        return None
    return Raw(
        first, last, day, month, sort="numeric", weak=True, swapped=fits and swapped and day != month, foreign=not fits
    )


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
