"""What stands beside a date and belongs to it: the weekday, the hour, the zone."""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache

from mailcheck.content.date_parts import Raw, Search
from mailcheck.content.date_vocabulary import Vocabulary
from mailcheck.content.lazily import lazy

ZONES = (
    "ACDT|ACST|ADT|AEDT|AEST|AKDT|AKST|AST|AWST|BRT|BST|CEST|CET|CDT|CST|CT|EDT|EEST|EET|EST|ET|GMT|GST|HKT|HST|IST|JST|KST|"
    "MDT|MEST|MESZ|MEZ|MSK|MST|MT|NZDT|NZST|PDT|PST|PT|SAST|SGT|UTC|WEST|WET"
)
_ZONE = lazy(rf"[\s\u00a0]?\(?({ZONES})\b(?:[+-]\d{{1,2}}(?::?\d\d)?)?")
_ISO = lazy(r"t(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?(z|[+-]\d\d:?\d\d)?")
_YEAR_MAYBE = lazy(r"[\s.,]{1,3}\d\d(?![\d:.])")
"""Two digits behind a date may be its year, and then nothing is known of the weekday."""
_BETWEEN = frozenset((",", ".", "(", ")", "-", "–", "|", "·", ":"))
_WINDOW = 64
_PREPOSITION = 12
"""Letters of a word for `until` that may stand between a date and its hour: `5 May, no later than 9 pm`."""
_ABBREVIATED = 5
"""Letters: `Thurs.` is no end of a sentence."""
END_OF_DAY = time(23, 59, 59)


# the weekday


def attach_weekday(search: Search, raw: Raw, others: frozenset[int]) -> None:
    """Find the weekday of a date, in front of it or behind; `others` are the tokens where other dates begin."""
    if raw.offset is not None:
        return
    if not _weekday_before(search, raw):
        _weekday_behind(search, raw, others)
    if raw.year is None and (year := _YEAR_MAYBE.match(search.text.low, search.text.starts[raw.last])):
        behind = search.text.skip(search.text.index(year.end()))
        raw.loose = raw.loose or not search.words.find(search.text, behind, "oclock", "am", "pm")


def _weekday_before(search: Search, raw: Raw) -> bool:
    text, words = search.text, search.words
    at, loose, signs = raw.first, False, ""
    for _ in range(6):
        at = text.skip_back(at)
        found = words.find_back(text, at, "day", "day_short")
        if found and not _is_month(search, found[0], at):
            break
        token = text.at(at - 1)
        skipped = words.find_back(text, at, "skip", "of")
        if token in _BETWEEN and (skipped is None or at - skipped[0] == 1):
            signs, at = token + signs, at - 1
        elif skipped is not None:
            at = skipped[0]
        else:
            return False
    else:
        return False
    if not found:
        return False
    first, weekday, kind = found
    short = kind == "day_short"
    if text.breaks(at, raw.first) or (short and text.at(first - 1).isdecimal()):
        return False
    # Scripts without spaces: the last sign of a word is no weekday, `일` (Sunday) of `세일` (sale).
    if short and at - first == 1 and len(text.at(first)) == 1 and text.at(first - 1)[-1:].isalpha():
        return False
    shortened = short or text.starts[at] - text.starts[first] <= _ABBREVIATED
    if signs.strip(",") not in ("", "(", ")", ".") or (signs.startswith(".") and not shortened):
        return False
    loose = "\n" in text.low[text.starts[at] : text.starts[raw.first]] or _has_neighbour(search, first)
    loose = loose or (short and _is_doubtful(search, first, at, signs))
    raw.first, raw.weekday, raw.loose = first, weekday, loose
    return True


def _is_month(search: Search, first: int, end: int) -> bool:
    """Whether a word that is a weekday and a month (`mar`) is the month of a date in front."""
    text, words = search.text, search.words
    return bool(words.find_back(text, end, "month")) and text.at(text.skip_back(first) - 1).isdecimal()


_LITTLE_WORDS = frozenset(("on", "to", "so", "do", "we", "me", "in", "is", "we", "sa", "ma", "la", "mo", "no"))


def _is_doubtful(search: Search, first: int, end: int, signs: str) -> bool:
    """Whether a short name may be a word instead: `on 5 May` in a Swedish mail. Then it has to fit."""
    text = search.text
    name = "".join(text.tokens[first:end])
    if search.words.everything and name not in _ENGLISH_DAYS and "(" not in signs:
        return True
    if not name.isascii() or len(name) > 3 or signs:
        return False
    written = text.raw[text.starts[first]]
    return len(name) < 3 and (name in _LITTLE_WORDS or written.islower())


_ENGLISH_DAYS = frozenset(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))


def _has_neighbour(search: Search, first: int) -> bool:
    """Whether another weekday stands in front: `Monday–Friday 5 May`, `Sat and Sun 5 May`."""
    text, words = search.text, search.words
    at = text.skip_back(first)
    if text.at(at - 1) in ("-", "–", "/", "&", "+", ",", "~"):
        at -= 1
    elif found := words.find_back(text, at, "to", "and"):
        at = found[0]
    else:
        return words.find_back(text, at, "recurring") is not None
    return words.find_back(text, text.skip_back(at), "day", "day_short") is not None


def _weekday_behind(search: Search, raw: Raw, others: frozenset[int]) -> None:
    text, words = search.text, search.words
    at, signs = raw.last, ""
    for _ in range(4):
        step = text.skip(at)
        if text.at(step) in (",", "(", ".", "'"):
            signs, at = signs + text.at(step), step + 1
        else:
            at = step
            break
    found = words.find(text, at, "day") or words.find(text, at, "day_short")
    if found is None or text.low.count("\n", text.starts[raw.last], text.starts[at]):
        return
    end, weekday = found
    inside = "(" in signs and text.at(text.skip(end)) in (")", ".", ",", "/", "・")
    if (
        not words.find(text, at, "day")
        and not inside
        and (words.careful.pattern == "" or not _is_marked_short(search, at))
    ):
        return
    if not inside and (any(number in others for number in range(at, end + 5)) or _leads_on(search, end)):
        return
    raw.weekday = weekday
    raw.loose = not (
        inside or words.weekday_last or (signs == "," and raw.year is not None and _ends_there(search, end))
    )
    if inside and text.at(text.skip(end)) in (".", ")"):
        closing = text.skip(end) + (text.at(text.skip(end)) == ".")
        end = closing + 1 if text.at(closing) == ")" else end
    raw.last = end


def _is_marked_short(search: Search, at: int) -> bool:
    return search.text.at(at - 1) == "(" and search.text.at(at + 1) in (")", "/")


def _leads_on(search: Search, end: int) -> bool:
    """Whether the weekday behind a date begins the next one, or a range of weekdays."""
    text, words = search.text, search.words
    behind = text.skip(end)
    number = text.number(behind)
    if number is not None and number <= 31 and text.at(behind + 1) not in (":", "h", "時", "시"):
        return words.find(text, text.skip(behind + 1), "oclock") is None
    joined = words.find(text, behind, "to", "and")
    if text.at(behind) in ("-", "–", "/"):
        joined = (behind + 1, 0)
    return bool(joined and words.find(text, text.skip(joined[0]), "day", "day_short"))


def _ends_there(search: Search, end: int) -> bool:
    token = search.text.at(search.text.skip(end))
    return token == "" or not token[0].isalnum()


# the hour


@lru_cache(maxsize=64)
def _clock(words: Vocabulary) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Expressions for the hour: behind a date, in front of one, and noon and midnight behind one and in front."""

    short = [one for one in words.times["until"] if len(one) <= _PREPOSITION]

    def choice(kind: str) -> str:
        besides = {*words.times["am"], *words.times["pm"], ""} if kind == "at" else {""}
        known = {*words.times[kind], *short} if kind == "at" else set(words.times[kind])
        spoken = sorted(known - besides, key=lambda one: (-len(one), one))
        return "|".join(re.escape(one) for one in spoken) or "(?!)"

    half = rf"(?P<am>{choice('am')})|(?P<pm>{choice('pm')})"
    hour = (
        rf"(?:(?P<before_am>{choice('am')})|(?P<before_pm>{choice('pm')}))?\s?(?P<hour>\d{{1,2}})"
        rf"(?:\s?(?P<sign>[:.h時点點시])\s?(?P<minute>\d\d)(?!\d|[./]\d)[分분]?(?::\d\d)?)?"
        rf"(?:\s?[–-]\s?\d{{1,2}}(?:[:.]\d\d)?(?=\s?(?:{choice('oclock')})(?![a-z\u00df-\u024f])))?"
        rf"(?:\s?(?:{half})(?![^\W\d_]))?(?:\s?(?P<clock>{choice('oclock')})(?![a-z\u00df-\u024f]))?"
    )
    at = rf"(?:(?P<at>{choice('at')})(?![a-z])\s?){{0,2}}"
    ahead = re.compile(rf"[\s,|·(–\-:;]{{0,4}}(?:[\u3131-\u318e\uac00-\ud7a3]?){at}{hour}")
    zone = rf"(?P<zone>\(?(?:{ZONES.lower()})\b\)?)?[\s,]*$"
    back = re.compile(rf"(?<![\d.,:/]){hour}\s?{zone}")
    named = re.compile(
        rf"[\s,(–\-]{{0,3}}{at}(?:(?P<noon>{choice('noon')})|(?P<midnight>{choice('midnight')}))(?![a-z])"
    )
    before = re.compile(
        rf"(?<![\w-])(?:(?P<noon>{choice('noon')})|(?P<midnight>{choice('midnight')}))(?![a-z])\s?{zone}"
    )
    return ahead, back, named, before


def attach_time(search: Search, raw: Raw) -> None:
    """Find the hour of a date, behind it or in front, and the zone that is written with it."""
    text = search.text
    ahead, back, named, before = _clock(search.words)
    start = text.starts[raw.last]
    window = text.low[start : start + _WINDOW].partition("\n\n")[0]
    if raw.sort == "numeric" and (match := _ISO.match(window)) and int(match[1]) < 24 and int(match[2]) < 60:
        raw.time, raw.zone = time(int(match[1]), int(match[2])), (match[3] or "").upper()
        raw.hour, raw.tail = start + match.start(1), text.index(start + match.end())
        return
    if match := named.match(window):
        raw.time = time(12, 0) if match["noon"] else END_OF_DAY
        raw.hour = start + match.start(match.lastgroup or 0)
        _zone_behind(search, raw, start + match.end())
        return
    if (match := ahead.match(window)) and (said := _time_of(match, spoken=_is_spoken(search.words, match["at"]))):
        raw.time = said
        raw.hour = start + min(match.start(one) for one in ("before_am", "before_pm", "hour") if match[one])
        _zone_behind(search, raw, start + match.end())
        return
    _time_in_front(search, raw, back, before)


_FAINT = frozenset((",", "-", "–", "(", "in", "@", "a", "à", "v", "ve", "o", "u", "в", "с", "w", "の", "的"))


def _is_spoken(words: Vocabulary, at: str | None) -> bool:
    """Whether a word in front of a number makes it an hour; `until` and its kin do not: `bis 8` may be a day."""
    if not at or at in _FAINT or at in words.times["until"]:
        return False
    meant = next((meanings for phrase, meanings in words.ahead.get(at, ()) if len(phrase) == 1), {})
    return not meant.keys() & {"to", "until", "from", "and", "of"}


def _time_of(match: re.Match[str], *, spoken: bool) -> time | None:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    morning = match["am"] or match["before_am"]
    evening = match["pm"] or match["before_pm"]
    colon = match["sign"] in (":", "h", "時", "点", "點", "시")
    if not (morning or evening or match["clock"] or spoken or (colon and match["minute"])):
        return None
    if hour > 24 or minute > 59 or (hour > 12 and morning) or (hour == 24 and minute):
        return None
    if evening and hour < 12:
        hour += 12
    if morning and hour == 12:
        hour = 0
    return END_OF_DAY if hour == 24 else time(hour, minute)


def _zone_behind(search: Search, raw: Raw, offset: int) -> None:
    text = search.text
    later = re.match(r"\s?[–\-]\s?\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\.?|uhr|h)?", text.low[offset : offset + 20])
    reach = offset + later.end() if later else offset
    if match := _ZONE.match(text.raw, reach):
        raw.zone, offset = match[1], match.end()
    raw.tail = text.index(offset)


def _time_in_front(search: Search, raw: Raw, back: re.Pattern[str], named: re.Pattern[str]) -> None:
    """`9 p.m. PDT on April 5`, `um 20 Uhr am 5. Mai`."""
    text, words = search.text, search.words
    at = raw.first
    for _ in range(4):
        at = text.skip_back(at)
        end = text.starts[at]
        if match := named.search(text.low, max(0, end - 24), end):
            raw.time = time(12, 0) if match["noon"] else END_OF_DAY
            raw.hour = match.start("noon" if match["noon"] else "midnight")
            raw.zone = (match["zone"] or "").strip("()").upper()
            raw.lead = text.index(raw.hour)
            return
        if text.at(at - 1) in (",", "–", "-", "|"):
            at -= 1
        elif found := words.find_back(text, at, "skip", "of"):
            at = found[0]
        else:
            break
    end = text.starts[at]
    match = back.search(text.low[max(0, end - 32) : end])
    if match is None or not (
        match["am"] or match["pm"] or match["clock"] or (match["sign"] == ":" and match["minute"])
    ):
        return
    said = _time_of(match, spoken=False)
    if said is None:
        return
    raw.time, raw.zone = said, (match["zone"] or "").strip("()").upper()
    raw.hour = max(0, end - 32) + match.start()
    raw.lead = text.index(raw.hour)
