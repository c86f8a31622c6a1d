"""Ranges: two amounts that share one marker, `10–20 €`, `$20-45`, `von 10 € bis 20 €`."""

from __future__ import annotations

import re
from bisect import bisect_left
from decimal import Decimal

from mailcheck.content.lazily import lazy
from mailcheck.content.price_markers import SPACES, cased
from mailcheck.content.price_scan import Hit, Scanner
from mailcheck.content.price_sizes import scale

_TO = "to|til|till|bis|à|a|al|tot|až|do|до|până la|la|kuni|līdz|iki|asti|έως|ως|upp till|hasta|até|fino a|through|thru|đến|hingga|sampai|إلى|עד|से"
_AND = "and|und|et|y|e|en|og|och|i|a|и|та|und|ja|és|și|ir|un|in|i"
_BETWEEN = lazy(
    r"(?:between|zwischen|entre|tra|fra|tussen|mellom|mellem|mellan|między|pomiędzy|mezi|medzi|između|med|между|між|între|μεταξύ|välillä|vahemikus|starp|tarp)"
    r"[ \u00a0]*$",
    re.IGNORECASE,
)
_JOIN = lazy(
    rf"(?P<dash>[ \u00a0]?[-~][ \u00a0]?|から)|[ \u00a0](?P<to>{_TO})[ \u00a0]|[ \u00a0](?P<and>{_AND})[ \u00a0]"
)
_JOIN_BEFORE = lazy(
    rf"(?:(?P<dash>[ \u00a0]?[-~][ \u00a0]?|から)|[ \u00a0](?P<to>{_TO})[ \u00a0]|[ \u00a0](?P<and>{_AND})[ \u00a0])$"
)
_DASH_ZERO = lazy(r"[.,:]-{1,2}(?!\d)")
_FROM = lazy(
    r"(?:from|fra|från|frå|von|ab|de|van|od|от|від|da|desde|de la|del|entre|is|are|cost|costs|:|\()[ \u00a0]*$",
    re.IGNORECASE,
)
_LONGEST_JOIN = 12
_DASHES = frozenset("-~ら")
_JOINING = frozenset(phrase.rpartition(" ")[2] for phrase in f"{_TO}|{_AND}".split("|"))


def _can_join(low: Decimal, high: Decimal) -> bool:
    return low < high


def _may_join(text: str, number: int) -> bool:
    """Whether a dash or a word that joins two prices may end before a number: a cheap question."""
    if text[number - 1 : number] not in SPACES or not number:
        return text[number - 1 : number] in _DASHES
    low = max(0, number - _LONGEST_JOIN)
    begin = max(text.rfind(" ", low, number - 1), text.rfind("\u00a0", low, number - 1))
    return text[begin + 1 : number - 1] in _JOINING or text[number - 2 : number - 1] in _DASHES


def _join_before(scanner: Scanner, hit: Hit, floor: int) -> Hit | None:
    """The range whose upper end is this price, when its lower one stands before without a marker."""
    text = scanner.text
    if hit.start != hit.number or not _may_join(text, hit.number):
        return None
    joined = _JOIN_BEFORE.search(text, max(floor, hit.number - _LONGEST_JOIN), hit.number)
    if joined is None:
        return None
    index = bisect_left(scanner.numbers.runs, (joined.start(), 0)) - 1
    if index < 0 or scanner.numbers.runs[index][0] < floor:
        return None
    end = scanner.numbers.runs[index][1]
    sized = scale(text, end) if end != joined.start() else None
    dash = _DASH_ZERO.match(text, end)
    if joined.start() not in (end, sized[2] if sized else end, dash.end() if dash else end):
        return None
    for first in reversed(scanner.numbers.starts(index, floor)):
        low = scanner.numbers.amount(first, end, hit.codes)
        if low is not None and first >= floor:
            value = low.value * (sized[0] if sized else hit.factor) + (sized[1] if sized else 0)
            if _is_lower_end(text, first, value, hit, joined):
                return _range(hit, first, hit.end, value, hit.value)
    return None


def _is_lower_end(text: str, start: int, value: Decimal, hit: Hit, joined: re.Match[str]) -> bool:
    before = text[start - 1 : start]
    if not value < hit.value or (before and (cased(before) or before in "-/.,:#_%*")):
        return False
    if joined["and"] is not None and joined["to"] is None:
        return _BETWEEN.search(text, start - 16, start) is not None
    if _FROM.search(text, start - 12, start) or _BETWEEN.search(text, start - 16, start):
        return True
    return hit.value <= value * (10 if joined["to"] is None and joined["dash"].strip() == joined["dash"] else 6)


def _join_behind(scanner: Scanner, hit: Hit, ceiling: int) -> Hit | None:
    """The range whose lower end is this price, when its upper one stands behind without a marker."""
    text = scanner.text
    joined = _JOIN.match(text, hit.end) if hit.start != hit.number else None
    if joined is None:
        return None
    index = bisect_left(scanner.numbers.runs, (joined.end(), 0))
    if index >= len(scanner.numbers.runs) or scanner.numbers.runs[index][0] != joined.end():
        return None
    start, end = scanner.numbers.runs[index]
    high = scanner.numbers.amount(start, end, hit.codes)
    if high is None or end > ceiling:
        return None
    sized = scale(text, end)
    dash = _DASH_ZERO.match(text, sized[2] if sized else end)
    close = dash.end() if dash else sized[2] if sized else end
    value = high.value * sized[0] if sized else high.value
    if joined["and"] is not None and joined["to"] is None and not _BETWEEN.search(text, hit.start - 16, hit.start):
        return None
    if not hit.value < value or not _is_upper_end(text, close, joined, sure=dash is not None):
        return None
    low = hit.value * sized[0] if sized and hit.factor == 1 else hit.value
    return _range(hit, hit.start, close, low, value)


def _is_upper_end(text: str, close: int, joined: re.Match[str], *, sure: bool) -> bool:
    """Whether nothing behind the number says that it counts something else, `$20 - 30 days`."""
    after = text[close : close + 2]
    if after[:1] and (after[0].isalnum() or after[0] in "%-/" or after.strip(SPACES)[:1] == "%"):
        return after[0] == "/"
    if sure or not (joined["dash"] is None or joined["dash"].strip() != joined["dash"]):
        return True
    return not after.strip(SPACES)[:1].isalnum()


def _range(hit: Hit, start: int, end: int, low: Decimal, high: Decimal) -> Hit:
    hit.start, hit.end, hit.number, hit.value, hit.high, hit.other = start, end, start, low, high, None
    return hit


def _are_ends(scanner: Scanner, low: Hit, high: Hit) -> bool:
    if low.codes != high.codes and low.currency != high.currency:
        return False
    if low.high is not None or not low.value < high.value or high.start - low.end > _LONGEST_JOIN:
        return False
    joined = _JOIN.match(scanner.text, low.end)
    if joined is None or joined.end() != high.start:
        return False
    if joined["and"] is not None and joined["to"] is None:
        return _BETWEEN.search(scanner.text, low.start - 16, low.start) is not None
    return True


def join_ranges(scanner: Scanner, hits: list[Hit]) -> list[Hit]:
    """The prices, two ends of a range made one."""
    joined: list[Hit] = []
    floor = 0
    for number, hit in enumerate(hits):
        if joined and _are_ends(scanner, joined[-1], hit):
            low = joined[-1]
            low.end, low.behind, low.high, low.other = hit.end, hit.behind, hit.value, None
            floor = hit.end
            continue
        ceiling = hits[number + 1].start if number + 1 < len(hits) else len(scanner.text)
        made = _join_before(scanner, hit, floor) or _join_behind(scanner, hit, ceiling) or hit
        joined.append(made)
        floor = made.end
    return joined
