"""Marks of a currency: signs, codes and names, looked up beside a number.

All spellings of all markets are known at once, in tables by the characters next to the number, so that a number
without a marker costs one question. What letters mean elsewhere (`R`, `ft`, `p`) counts in its own market only.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from mailcheck.content.price_markets import Market, cldr, retail

SPACES = " \u00a0"
_CYRILLIC = frozenset(["ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "uz", "bs"])
_DOLLARS = "$£€¥₹"


class Marker(Struct, frozen=True):
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


class Table(Struct, frozen=True):
    """All spellings; `starts` gives for the first character of any the lengths to try, longest first."""

    markers: dict[str, Marker]
    starts: dict[str, tuple[int, ...]]


@cache
def table() -> Table:
    """All spellings of all markets, made once."""
    markers = _spellings()
    return Table(markers, _sizes((text[0], len(text)) for text in markers))


def _longest_first(sizes: dict[str, set[int]]) -> dict[str, tuple[int, ...]]:
    return {sign: tuple(sorted(found, reverse=True)) for sign, found in sizes.items()}


def cased(sign: str) -> bool:
    """Whether it is a letter of a script that parts its words: not a Chinese, Thai or Korean one."""
    return sign.isalpha() and (sign.lower() != sign.upper() or "\u0590" <= sign <= "\u06ff")


class Found(NamedTuple):
    """A marker beside a number: where it stands, and whether a space parts them."""

    marker: Marker
    start: int
    end: int
    tight: bool


class Near(Struct, frozen=True, eq=False):
    """The markers that count in one market, by what stands next to the number: most numbers have none beside them.

    `left` and `right` hold the markers of one character. `left_two` and `right_two` give, for the two characters next
    to the number, the lengths of longer markers to try, longest first; `left_long` and `right_long` are these markers.
    `left_ends` and `right_starts` hold up to three characters of each, on the left without the dot behind.
    """

    left: dict[str, Marker]
    left_two: dict[str, tuple[int, ...]]
    left_long: dict[str, Marker]
    right: dict[str, Marker]
    right_two: dict[str, tuple[int, ...]]
    right_long: dict[str, Marker]
    left_ends: frozenset[str]
    right_starts: frozenset[str]

    def before(self, text: str, number: int, floor: int) -> Found | None:
        """The marker that ends where the number starts, not before `floor`."""
        end = number
        while end > floor and number - end < 3 and text[end - 1] in SPACES:
            end -= 1
        if end > floor and text[end - 1] == ":" and end - 1 > floor and text[end - 2] in _DOLLARS:
            end -= 1
        if end <= floor:
            return None
        for size in self.left_two.get(text[end - 2 : end], ()) if end > 1 else ():
            start = end - size
            if start >= floor and (marker := self.left_long.get(text[start:end])) is not None and _begins(text, start):
                return Found(marker, start, end, end == number)
        one = self.left.get(text[end - 1])
        return Found(one, end - 1, end, end == number) if one is not None and _begins(text, end - 1) else None

    def behind(self, text: str, number: int) -> Found | None:
        """The marker that starts where the number ends."""
        start, length = number, len(text)
        while start < length and start - number < 2 and text[start] in SPACES:
            start += 1
        if start < length and text[start] == "-" and start == number:
            start += 1
        if start >= length:
            return None
        for size in self.right_two.get(text[start : start + 2], ()):
            marker = self.right_long.get(text[start : start + size])
            if marker is not None and _ends(text, number, start, marker):
                return Found(marker, start, start + size, start == number)
        one = self.right.get(text[start])
        return Found(one, start, start + 1, start == number) if one and _ends(text, number, start, one) else None


def _begins(text: str, start: int) -> bool:
    """Whether a marker on the left is no end of a word."""
    if start == 0 or not cased(text[start]):
        return True
    return not (text[start - 1].isdigit() or cased(text[start - 1]))


def _ends(text: str, number: int, start: int, marker: Marker) -> bool:
    """Whether a marker on the right is no beginning of a word, and may stand as far off as it does."""
    if text[start - 1] == "-" and not (marker.name or marker.code or marker.text in _DOLLARS):
        return False
    if marker.tight and start != number:
        return False
    end = start + len(marker.text)
    after = text[end : end + 1]
    return not (after and cased(text[end - 1]) and (cased(after) or after.isdigit()))


@cache
def near(market: Market) -> Near:
    """What may stand beside the numbers that are prices in a market."""
    counting = [marker for marker in table().markers.values() if marker.counts(market)]
    before = {marker.text: marker for marker in counting if marker.left}
    behind = {marker.text: marker for marker in counting if marker.right}
    return Near(
        left={text: marker for text, marker in before.items() if len(text) == 1},
        left_two=_sizes((text[-2:], len(text)) for text in before if len(text) > 1),
        left_long={text: marker for text, marker in before.items() if len(text) > 1},
        right={text: marker for text, marker in behind.items() if len(text) == 1},
        right_two=_sizes((text[:2], len(text)) for text in behind if len(text) > 1),
        right_long={text: marker for text, marker in behind.items() if len(text) > 1},
        left_ends=frozenset(end[-3:] for text in before for end in (text, text.rstrip(".:-"))) - {""},
        right_starts=frozenset(text[:3] for text in behind),
    )


def _sizes(found: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    sizes: dict[str, set[int]] = {}
    for signs, size in found:
        sizes.setdefault(signs, set()).add(size)
    return _longest_first(sizes)


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
