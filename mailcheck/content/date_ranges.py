"""Ranges and lists: `5–8 May`, `from Monday 3 to Friday 7 March`, `Sunday 4 and Monday 5 April`."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from mailcheck.content.date_named import year_after
from mailcheck.content.date_parts import Raw, Search, day_of, is_glued_before

_DASHES = frozenset(("-", "–", "~"))
_COUNTS = frozenset(("%", "€", "$", "月", "월", "uhr"))
_MOST_LISTED = 8

Joint = Literal["range", "range by word", "list"]


def spread(search: Search, raw: Raw, floor: int) -> list[Raw]:
    """A date, with the days in front of it (not before the word `floor`) and behind it that share its month."""
    found = [raw]
    while len(found) < _MOST_LISTED and (earlier := _day_in_front(search, found[0], floor)):
        found.insert(0, earlier)
    if raw.day_last and len(found) == 1 and (later := _day_behind(search, raw)):
        found.append(later)
    return found


def _joint_before(search: Search, index: int) -> tuple[int, Joint] | None:
    """What joins a date to what stands in front of it, and where that begins."""
    text, words = search.text, search.words
    at, bound = index, 0
    for _ in range(4):
        at = text.skip_back(at)
        word = text.at(at - 1)
        if word in _DASHES:
            return at - 1, "range"
        if word == "/" and text.at(at - 2).isdecimal():
            return at - 1, "list"
        if found := words.find_back(text, at, "to", "and"):
            listed = bool(words.find_back(text, at, "and")) and not _is_between(search, found[0])
            return found[0], "list" if listed else "range by word"
        if word == ",":
            return at - 1, "list"
        skipped = words.find_back(text, at, "skip")
        if skipped is None or bound > 2:
            return None
        at, bound = skipped[0], bound + 1
    return None


def _is_between(search: Search, index: int) -> bool:
    """Whether `between` stands a few words in front."""
    text, words = search.text, search.words
    return any(words.find_back(text, at, "between") for at in range(index, max(0, index - 14), -1))


def _day_in_front(search: Search, raw: Raw, floor: int) -> Raw | None:
    """A number of a day in front, which takes month and year from the date behind it."""
    text, words = search.text, search.words
    if raw.offset is not None or (
        raw.sort == "numeric" and text.at(raw.first).isdecimal() and len(text.at(raw.first)) == 4
    ):
        return None
    if raw.sort == "numeric" and raw.year is None and not _is_dotted(search, raw):
        return None
    joint = _joint_before(search, raw.first)
    if joint is None or (joint[1] == "list" and text.at(joint[0]) == "," and raw.listed is None):
        return None
    at = text.skip_back(joint[0])
    end = at
    if text.at(at - 1) in (".", "日", "일"):
        at -= 1
    if text.at(at - 1) in words.ordinals:
        at -= 1
        at = at - 1 if text.at(at - 1) in ("-", "'") else at
    at = text.skip_back(at) - 1
    value = day_of(text, at)
    if value is None or at < floor or value >= raw.day or text.breaks(at, raw.first):
        return None
    if is_glued_before(text, at, ",-–/" if joint[1] == "list" else ""):
        return None
    earlier = Raw(at, end, value, raw.month, sort="bare")
    if joint[1] == "list":
        earlier.listed = raw
        raw.listed = raw.listed or raw
    else:
        earlier.until, raw.since = raw, earlier
        earlier.spoken = joint[1] == "range by word"
    return earlier


def _is_dotted(search: Search, raw: Raw) -> bool:
    """`26.–29.3.`: a range of days whose first has a dot of its own."""
    text = search.text
    return (
        text.at(raw.last - 1) == "."
        and text.at(raw.first - 1) in _DASHES
        and text.at(raw.first - 2) == "."
        and text.at(raw.first - 3).isdecimal()
    )


def _day_behind(search: Search, raw: Raw) -> Raw | None:
    """`May 5–8`, `3月20日〜28日`, `május 5-től 8-ig`: a day behind that takes the month of the date."""
    text, words = search.text, search.words
    at = _over_joint(search, raw)
    value = day_of(text, at) if at is not None else None
    if at is None or value is None or value <= raw.day or (raw.year and text.at(raw.last - 1) == str(raw.year)):
        return None
    last, ending = at + 1, ""
    if text.at(last) == "-" and text.at(last + 1) in words.ordinals:
        last += 1
    if text.at(last) in words.ordinals or text.at(last) in ("日", "号", "號", "일"):
        ending, last = text.at(last), last + 1
    if not _ends_number(search, last) or (not ending and text.at(at + 1) == "." and text.at(at + 2).isdecimal()):
        return None
    later = Raw(at, last, value, raw.month, raw.year, sort="bare", ending=ending)
    raw.until, later.since = later, raw
    if raw.year is None:
        later.last, later.year = year_after(text, words, last)
    return later


def _over_joint(search: Search, raw: Raw) -> int | None:
    """Where the number stands that a dash or a word joins to a date."""
    text, words = search.text, search.words
    at = text.skip(raw.last)
    if text.at(at) == "." and text.at(at + 1) in _DASHES:
        at += 1
    found = words.find(text, at, "to")
    if text.at(at) in _DASHES:
        at = text.skip(at + 1)
    elif found and not words.find(text, at, "and"):
        at = text.skip(found[0])
    elif raw.ending not in words.from_endings:
        return None
    while skipped := words.find(text, at, "skip"):
        at = text.skip(skipped[0])
    return at


def _ends_number(search: Search, index: int) -> bool:
    """Whether a number stands for itself: no hour, share, amount or counted thing follows."""
    text, words = search.text, search.words
    word = text.at(index)
    if word in ("%", "/", "€", "$", "h", "x", "am", "pm") or (word.isalpha() and word.isascii()):
        return False
    if word == ":" and text.at(index + 1)[:1].isdigit():
        return False
    behind = text.skip(index)
    return text.at(behind) not in _COUNTS and not words.find(text, behind, "month", "not_after", "am", "pm", "oclock")


def link(search: Search, raws: list[Raw]) -> None:
    """Join neighbouring dates to ranges, and to lists."""
    for earlier, later in pairwise(raws):
        if (
            earlier.until
            or later.since
            or later.offset is not None
            or (earlier.offset is not None and earlier.weekday is not None)
        ):
            continue
        joint = _joint_between(search, earlier, later)
        if joint is not None and joint.startswith("range") and later.listed is None:
            earlier.until, later.since = later, earlier
            earlier.spoken = joint == "range by word"
        elif joint == "list":
            earlier.listed = later


def _joint_between(search: Search, earlier: Raw, later: Raw) -> Joint | None:
    text, words = search.text, search.words
    at = text.skip(earlier.behind)
    joint: Joint | None = None
    if later.before - at > 9:
        return None
    while at < later.before:
        word = text.at(at)
        if word in _DASHES:
            at, joint = at + 1, "range"
        elif found := words.find(text, at, "to", "and", "after_from"):
            both = words.find(text, at, "and") and not _is_between(search, earlier.before)
            ranged = words.find(text, at, "to") or words.find(text, at, "after_from")
            spoken: Joint = "range" if words.find(text, at, "and") else "range by word"
            at, joint = found[0], joint or ("list" if both or not ranged else spoken)
        elif (found := words.find(text, at, "skip", "until")) or word in (",", "(", ")", "."):
            at = found[0] if found else at + 1
        else:
            return None
        at = text.skip(at)
    return joint
