"""Marks of a currency: signs, codes and names, looked up beside a number.

All spellings of all markets are known at once, in two tables by the character next to the number, so that a number
without a marker costs one question. What letters mean elsewhere (`R`, `ft`, `p`) counts in its own market only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from mailcheck.content.price_markets import Market, cldr, retail

SPACES = " \u00a0"
_CYRILLIC = frozenset(["ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "uz", "bs"])
_DOLLARS = "$£€¥₹"


@dataclass(frozen=True, slots=True)
class Marker:
    """One spelling of a currency.

    Args:
        text: the spelling.
        codes: the currencies it may mean, as in ISO 4217.
        own: counts only where one of them is the tender of the market.
        known: the first of `codes` is meant where the market has none of them.
        left, right: on which side of the number it may stand.
        minor: stands for a hundredth.
        small: counts up to 99 only, since it is a unit as well.
        tight: stands right at the number.
        name: a word of the language, `euro`.
        code: a code of ISO 4217.
    """

    text: str
    codes: tuple[str, ...]
    own: bool = False
    known: bool = False
    left: bool = True
    right: bool = True
    minor: bool = False
    small: bool = False
    tight: bool = False
    name: bool = False
    code: bool = False

    def currency(self, market: Market) -> str | None:
        """The currency it means in a market, or `None` when that is not certain."""
        if len(self.codes) == 1:
            return self.codes[0]
        if market.currency in self.codes:
            return market.currency
        return self.codes[0] if self.known else None

    def counts(self, market: Market) -> bool:
        """Whether it is a currency where the mail is read; always in a cell of a catalogue."""
        if not self.own or market.cell or market.currency in self.codes:
            return True
        # A Cyrillic letter is no unit where nobody writes Cyrillic.
        return self.text[0] in "рР" and market.language not in _CYRILLIC


def _marker(text: str, value: str) -> Marker:
    codes = tuple(word for word in value.split() if len(word) == 3)
    flags = {word for word in value.split() if len(word) == 1}
    return Marker(
        text,
        codes,
        own="@" in flags,
        known="!" in flags,
        left=not flags & {">", "#"},
        right="<" not in flags,
        minor="#" in flags,
        small="^" in flags,
        tight="~" in flags,
        name="=" in flags,
    )


def _spellings() -> dict[str, Marker]:
    found: dict[str, Marker] = {}
    for text, codes in cldr()["symbols"].items():
        letters = text.replace(".", "").isalpha() and len(text) <= 4
        found[text] = _marker(text, codes + (" @" if letters else ""))
    for text, value in retail()["spellings"].items():
        marker = found[text] = _marker(text, value)
        if marker.name:
            for form in (text.capitalize(), text.upper()):
                found.setdefault(form, _marker(form, value))
    for text in list(found):
        if " " in text:
            found.setdefault(text.replace(" ", "\u00a0"), found[text])
    for code in cldr()["codes"]:
        found[code] = Marker(code, (code,), code=True)
    for code in ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "INR", "AED", "SAR"):
        for form in (code.lower(), code.title()):
            found.setdefault(form, Marker(form, (code,), code=True))
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """All spellings; `left` and `right` give for the character next to the number the lengths to try, longest first,
    `starts` for the first character of any.
    """

    markers: dict[str, Marker]
    starts: dict[str, tuple[int, ...]]
    left: dict[str, tuple[int, ...]]
    right: dict[str, tuple[int, ...]]


@cache
def table() -> Table:
    """All spellings of all markets, made once."""
    markers = _spellings()
    left: dict[str, set[int]] = {}
    right: dict[str, set[int]] = {}
    starts: dict[str, set[int]] = {}
    for text, marker in markers.items():
        starts.setdefault(text[0], set()).add(len(text))
        if marker.left:
            left.setdefault(text[-1], set()).add(len(text))
        if marker.right:
            right.setdefault(text[0], set()).add(len(text))
    return Table(markers, _longest_first(starts), _longest_first(left), _longest_first(right))


def _longest_first(sizes: dict[str, set[int]]) -> dict[str, tuple[int, ...]]:
    return {sign: tuple(sorted(found, reverse=True)) for sign, found in sizes.items()}


@dataclass(frozen=True, slots=True)
class Near:
    """What a marker that counts in one market ends and begins with: most numbers have none of it beside them.

    `left` and `right` hold the markers of one character, `left_two` and `right_two` two characters of the others.
    """

    left: frozenset[str]
    left_two: frozenset[str]
    right: frozenset[str]
    right_two: frozenset[str]


@cache
def near(market: Market) -> Near:
    """What may stand beside the numbers that are prices in a market."""
    counting = [(text, marker) for text, marker in table().markers.items() if marker.counts(market)]
    return Near(
        left=frozenset(text for text, marker in counting if len(text) == 1 and marker.left),
        left_two=frozenset(text[-2:] for text, marker in counting if len(text) > 1 and marker.left),
        right=frozenset(text for text, marker in counting if len(text) == 1 and marker.right),
        right_two=frozenset(text[:2] for text, marker in counting if len(text) > 1 and marker.right),
    )


def cased(sign: str) -> bool:
    """Whether it is a letter of a script that parts its words: not a Chinese, Thai or Korean one."""
    return sign.isalpha() and (sign.lower() != sign.upper() or "\u0590" <= sign <= "\u06ff")


class Found(NamedTuple):
    """A marker beside a number: where it stands, and whether a space parts them."""

    marker: Marker
    start: int
    end: int
    tight: bool


def left_of(text: str, number: int, floor: int, market: Market) -> Found | None:
    """The marker that ends where the number starts, not before `floor`."""
    made = table()
    end = number
    while end > floor and number - end < 3 and text[end - 1] in SPACES:
        end -= 1
    if end > floor and text[end - 1] == ":" and end - 1 > floor and text[end - 2] in _DOLLARS:
        end -= 1
    if end <= floor:
        return None
    for size in made.left.get(text[end - 1], ()):
        start = end - size
        if start < floor:
            continue
        marker = made.markers.get(text[start:end])
        if marker is None or not marker.left or not marker.counts(market):
            continue
        if start > 0 and cased(text[start]) and (text[start - 1].isdigit() or cased(text[start - 1])):
            continue
        return Found(marker, start, end, end == number)
    return None


def right_of(text: str, number: int, market: Market) -> Found | None:
    """The marker that starts where the number ends."""
    made = table()
    start, length = number, len(text)
    while start < length and start - number < 2 and text[start] in SPACES:
        start += 1
    if start < length and text[start] == "-" and start == number:
        start += 1
    if start >= length:
        return None
    for size in made.right.get(text[start], ()):
        end = start + size
        marker = made.markers.get(text[start:end]) if end <= length else None
        if marker is None or not marker.right or not marker.counts(market):
            continue
        if text[start - 1] == "-" and not (marker.name or marker.code or (size == 1 and text[start] in _DOLLARS)):
            continue
        if marker.tight and start != number:
            continue
        after = text[end : end + 1]
        if after and cased(text[end - 1]) and (cased(after) or after.isdigit()):
            continue
        return Found(marker, start, end, start == number)
    return None


@cache
def _countries() -> dict[str, str]:
    return retail()["countries"]


def code_behind(text: str, at: int, codes: tuple[str, ...]) -> tuple[str, int] | None:
    """The code or country that says which of `codes` a sign means (`$ 20 CAD`, `45 $ US`), and where it ends."""
    start = at
    while start < len(text) and start - at < 2 and text[start] in SPACES:
        start += 1
    if not text[start : start + 1].isupper():
        return None
    for size in (4, 3, 2):
        word = text[start : start + size]
        after = text[start + size : start + size + 1]
        if len(word) < size:
            continue
        code = word if size == 3 and word in codes else _countries().get(word)
        if code in codes and not (after.isalnum() or after == "-"):
            return code, start + size
    return None


def code_before(text: str, at: int, floor: int, codes: tuple[str, ...]) -> tuple[str, int] | None:
    """The code before a sign that says which of `codes` it means (`USD $20`), and where it starts."""
    end = at
    while end > floor and at - end < 2 and text[end - 1] in SPACES:
        end -= 1
    code = text[max(floor, end - 3) : end]
    if code in codes and not (end > 3 and text[end - 4].isalnum()):
        return code, end - 3
    return None
