"""What the parts of the search for dates hand to each other."""

from __future__ import annotations

from datetime import time
from typing import Literal

from msgspec import Struct, field

from mailcheck.content.date_text import Text
from mailcheck.content.date_vocabulary import Vocabulary

Role = Literal["deadline", "start", "event", "history"]
Sort = Literal["named", "numeric", "relative", "bare"]

FIRST_YEAR, LAST_YEAR = 1900, 2199
_BUDDHIST = 543
THAI_YEARS = range(2443, 2743)
GLUED = frozenset("0123456789.,:/-+$€£#@&=%_\\^*<>")


class Raw(Struct, eq=False):
    """A date as it stands in the text, before anybody asked which year is meant.

    Args:
        first, last: its tokens; `last` is the first token behind it.
        day, month, year: as written; the year is `None` when it was not written.
        offset: days from the day of sending, for a relative date.
        weak: a number that is a date only if something beside it says so.
        swapped: whether day and month could be the other way round.
        weekday: Monday is 0.
        loose: the weekday belongs to the date only if it fits.
        spoken: a word says what the date is for; else only a range does.
        hour: offset of the hour, when one was found.
        lead, tail: the first token of an hour in front of the date, and the first behind one that follows it.
    """

    first: int
    last: int
    day: int = 0
    month: int = 0
    year: int | None = None
    sort: Sort = "named"
    offset: int | None = None
    weak: bool = False
    swapped: bool = False
    foreign: bool = False
    weekday: int | None = None
    loose: bool = False
    time: time | None = None
    zone: str = ""
    hour: int = -1
    lead: int = -1
    tail: int = -1
    role: Role | None = None
    spoken: bool = False
    until: Raw | None = None
    since: Raw | None = None
    listed: Raw | None = None
    ending: str = ""
    day_last: bool = False

    @property
    def before(self) -> int:
        """The first token of the date and of a time in front of it."""
        return self.lead if self.lead >= 0 else self.first

    @property
    def behind(self) -> int:
        """The first token behind the date and a time that follows it."""
        return max(self.last, self.tail)


class Search(Struct):
    """One text with the words of its languages, and the dates found so far."""

    text: Text
    words: Vocabulary
    found: list[Raw] = field(default_factory=list)


def year_of(token: str) -> int | None:
    """A year of four digits; one of the Buddhist era is converted."""
    if len(token) != 4 or not token.isdecimal():
        return None
    value = int(token)
    if value in THAI_YEARS:
        return value - _BUDDHIST
    return value if FIRST_YEAR <= value <= LAST_YEAR else None


def day_of(text: Text, index: int) -> int | None:
    """A day of the month: a number of one or two digits, not part of a longer one."""
    token = text.at(index)
    if len(token) > 3 or (token.isdecimal() and len(token) > 2):
        return None
    value = text.number(index)
    return value if value is not None and 1 <= value <= 31 else None


def is_glued_before(text: Text, index: int, allowed: str = "") -> bool:
    """Whether the number at `index` goes on to the left: `1.5`, `$5`, `A5`, `2027-5`."""
    before = text.at(index - 1)
    if before and (before[-1] in allowed or (before == ":" and not text.at(index - 2)[-1:].isdigit())):
        return False
    return before != "" and (before[-1] in GLUED or (before[-1].isalpha() and before.isascii()))
