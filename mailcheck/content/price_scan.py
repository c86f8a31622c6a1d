"""Numbers with a currency beside them: digits first, then what stands left and right of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.price_grouping import Numbers
from mailcheck.content.price_markers import (
    SPACES,
    Found,
    Marker,
    cased,
    code_before,
    code_behind,
    near,
)
from mailcheck.content.price_markets import Market
from mailcheck.content.price_numbers import RUN, Amount
from mailcheck.content.price_sizes import STARTS_OF_THREE, scale, too_large
from mailcheck.content.price_traps import is_clean, is_trap

_ZERO_DASH = lazy(r"(?:[,:]-{1,2}|,=|/[-=])(?!\w)|\.-{1,2}(?!\w|[ \u00a0]\d)|,[ \u00a0]-(?!\w|[ \u00a0]\d)")
_FRACTION = lazy(r"(?<![\w.,:-])(-{0,2})[.,]$")
_UNIT_PRICE = lazy(
    r"[ \u00a0]?(?:/|(?:pr|per|pro|je|za|par|al|por)\b\.?)[ \u00a0]?(?:1[ \u00a0]?)?"
    r"(?:kg|kilo|kilogram|l|liter|litre|ltr|lb|100[ \u00a0]?(?:g|ml)|hg)\b\.?",
    re.IGNORECASE,
)
_PIECE_PRICE = lazy(r"/(?:st|styck|stk|pkt|frp|förp|kg|hg|l)\b\.?")
"""Behind a Swedish `24:90`."""
_CENTS = lazy(r"\d\d(?![\d.,:]\d|\d|[ \u00a0]?%)")
_BETWEEN_LEFT = frozenset(" \u00a0-.,:")
_SPACE_SIGNS = frozenset(" \u00a0")
_FORMS = frozenset(".,:/-=")
_FORMS_NEXT = frozenset("- \u00a0=")
_FRACTION_SIGNS = frozenset(".,")
_PER = frozenset(
    ("per", "pro", "par", "por", *(word + sign for word in ("pr", "je", "za", "al") for sign in " \u00a0.1"))
)


@cache
def _starts_behind(market: Market) -> frozenset[str]:
    """What may stand behind the number of a price: the first three characters of it, or fewer."""
    return (
        near(market).right_starts
        | STARTS_OF_THREE
        | _PER
        | {word.title() for word in _PER}
        | {word.upper() for word in _PER}
    )


class Hit(Struct):
    """A price as found, before it is known what it is; offsets are those of the flat text.

    `number` and `behind` bound the digits with all that belongs to them, `start` and `end` the whole price.
    """

    start: int
    end: int
    number: int
    behind: int
    value: Decimal
    other: Decimal | None
    codes: tuple[str, ...]
    currency: str | None
    marker: str
    high: Decimal | None = None
    factor: Decimal = Decimal(1)
    unit: bool = False


class _Digits(NamedTuple):
    """A number: where it starts with its sign, where its digits do, where it ends; `run` counts the runs of digits."""

    start: int
    first: int
    end: int
    run: int

    @property
    def is_fraction(self) -> bool:
        return self.start != self.first


class Scanner:
    """One pass over the digits of a flat text; `floor` is where the last price ended."""

    def __init__(self, text: str, market: Market) -> None:
        self.text = text
        self.market = market
        self.numbers = Numbers(text, market)
        self.floor = 0
        self._near = near(market)
        self._starts = _starts_behind(market)

    def hits(self) -> Iterator[Hit]:
        """The prices in order."""
        text, ends = self.text, self._near.left_ends
        for index, (start, end) in enumerate(self.numbers.runs):
            if start < self.floor:
                continue
            # Whether a marker may end before the number: a cheap question that most numbers answer with no.
            at = start
            while at > 1 and text[at - 1] in _BETWEEN_LEFT:
                at -= 1
            three = text[max(0, at - 3) : at]
            left = three in ends or three[-2:] in ends or three[-1:] in ends
            right = self._may_be_right(start, end)
            if left or right:
                hit = self._hit(index, left=left, right=right)
                if hit is not None:
                    self.floor = hit.end
                    yield hit

    def _may_be_right(self, start: int, end: int) -> bool:
        """Whether a marker, a size or a form that is a price on its own may start behind the number."""
        text, starts = self.text, self._starts
        sign = text[end : end + 1]
        if sign in _FORMS:
            if text[end + 1 : end + 2] in _FORMS_NEXT or sign == "/":
                return True
            end += sign == "-"
        elif text[start - 1 : start] in _FRACTION_SIGNS and text[max(0, start - 2) : start - 1] == "-":
            return True
        else:
            while text[end : end + 1] in _SPACE_SIGNS:
                end += 1
        three = text[end : end + 3]
        return three in starts or three[:2] in starts or three[:1] in starts

    def _hit(self, index: int, *, left: bool, right: bool) -> Hit | None:
        start, end = self.numbers.runs[index]
        digits = _Digits(self._sign_of_fraction(start), start, end, index)
        found = None
        if left:
            found = self._near.before(self.text, digits.start, self.floor) or self._left_of_minus(start)
        if found is not None and (not found.marker.minor):
            hit = self._marked_left(found, digits)
            if hit is not None:
                return hit
        return self._marked_right(digits) if right else None

    def _sign_of_fraction(self, start: int) -> int:
        """Where `.99`, `-,99` or `-.50` starts when the digits at `start` are only its decimals, else `start`."""
        if start == 0 or self.text[start - 1] not in ".,":
            return start
        match = _FRACTION.search(self.text, max(self.floor, start - 4), start)
        if match is not None:
            return match.start()
        # A sign right behind the currency: `$.99`.
        bare = start - 1
        found = self._near.before(self.text, bare, self.floor)
        return bare if found is not None and not found.marker.text[-1].isalpha() else start

    def _left_of_minus(self, start: int) -> Found | None:
        """A marker before a minus sign: `€ -20`."""
        if start < 2 or self.text[start - 1] != "-":
            return None
        found = self._near.before(self.text, start - 1, self.floor)
        return found if found is not None and not found.marker.text[-1].isalpha() else None

    def _read(self, digits: _Digits, start: int, end: int, codes: tuple[str, ...]) -> Amount | None:
        if not digits.is_fraction:
            return self.numbers.amount(start, end, codes)
        written = self.text[start:end]
        if not written.isdigit() or len(written) > 2:
            return None
        return Amount(Decimal(f"0.{written}"), written=True)

    def _marked_left(self, found: Found, digits: _Digits) -> Hit | None:
        marker = found.marker
        end = digits.end if digits.is_fraction else self.numbers.end(digits.run)
        amount = self._read(digits, digits.first, end, marker.codes)
        if amount is None:
            return None
        sized = scale(self.text, end)
        behind = sized[2] if sized is not None else end
        dash = self._dash(behind)
        behind = dash.end() if dash is not None else behind
        if too_large(self.text, behind, marked=True) or self._percent(behind):
            return None
        written = Amount(amount.value, amount.other, amount.written or dash is not None)
        if is_trap(self.text, (found.start, behind), marker, written, self.market, left=True):
            return None
        hit = self._made(marker, amount, (found.start, behind), (digits.start, behind))
        if sized is not None:
            hit.value, hit.other, hit.factor = amount.value * sized[0] + sized[1], None, sized[0]
        self._say_code(hit, marker)
        return hit if self.market.cell or is_clean(self.text, hit.start, hit.end) else None

    def _say_code(self, hit: Hit, marker: Marker) -> None:
        """A code beside a sign says which of its currencies is meant; the same currency twice is one price."""
        text = self.text
        if len(marker.codes) > 1:
            said = code_behind(text, hit.end, marker.codes)
            if said is not None:
                hit.currency, hit.end = said
                hit.codes = said[:1]
            else:
                told = code_before(text, hit.start, self.floor, marker.codes)
                if told is not None:
                    hit.currency, hit.start = told
                    hit.codes = told[:1]
            if said is not None:
                return
        again = self._near.behind(text, hit.end)
        if (
            again is not None
            and hit.currency in again.marker.codes
            and not again.marker.minor
            and not self._is_next(again)
        ):
            hit.end = again.end

    def _dash(self, at: int) -> re.Match[str] | None:
        """The dash that stands for no cents, `,-`."""
        return _ZERO_DASH.match(self.text, at) if self.text[at : at + 1] in _FORMS else None

    def _percent(self, at: int) -> bool:
        return self.text[at : at + 2].strip(SPACES)[:1] == "%"

    def _marked_right(self, digits: _Digits) -> Hit | None:
        text = self.text
        dash = self._dash(digits.end)
        behind = dash.end() if dash is not None else digits.end
        sized = None if dash is not None else scale(text, digits.end)
        found = self._near.behind(text, sized[2]) if sized is not None else None
        if found is None:
            sized, found = None, self._near.behind(text, behind)
        if found is None:
            return self._unmarked(digits, behind, dashed=dash is not None)
        if self._is_next(found):
            cents = self._cents_behind(found)
            return self._with_cents(digits, found, cents) if cents else None
        if (
            too_large(text, digits.end, marked=False)
            or too_large(text, found.end, marked=False)
            or self._percent(behind)
        ):
            return None
        if self._glued(digits.start):
            return None
        return self._right(digits, found, sized)

    def _right(self, digits: _Digits, found: Found, sized: tuple[Decimal, Decimal, int] | None) -> Hit | None:
        marker = found.marker
        starts = [digits.first] if digits.is_fraction else self.numbers.starts(digits.run, self.floor)
        amount, start = self._longest(digits, starts, marker.codes)
        if amount is None:
            return None
        end = found.end
        dash = self._dash(end)
        end = dash.end() if dash is not None else end
        first = digits.start if digits.is_fraction else start
        written = Amount(amount.value, None, amount.written or found.start - digits.end > 1)
        if is_trap(self.text, (first, found.end), marker, written, self.market, left=False):
            return None
        hit = self._made(marker, amount, (first, end), (first, found.start))
        if sized is not None:
            hit.value, hit.other, hit.factor = amount.value * sized[0] + sized[1], None, sized[0]
        if marker.minor:
            hit.value, hit.other, hit.factor = amount.value / 100, None, Decimal("0.01")
        self._say_code(hit, marker)
        return hit if self.market.cell or is_clean(self.text, hit.start, hit.end) else None

    def _longest(self, digits: _Digits, starts: list[int], codes: tuple[str, ...]) -> tuple[Amount | None, int]:
        """The amount with as many groups as make a number; a shorter one that it may be as well is its `other`.

        A space parts groups, but also the name of a product from a price: `iPhone 15 999 €`.
        """
        if len(starts) == 1:
            return self._read(digits, starts[0], digits.end, codes), starts[0]
        read = [(start, self._read(digits, start, digits.end, codes)) for start in starts]
        found = [(start, amount) for start, amount in read if amount is not None]
        if not found:
            return None, digits.first
        start, amount = found[-1]
        if len(found) == 1 or "\u00a0" in self.text[start : digits.end]:
            return amount, start
        grouped, numbered = self.market.group == "\u00a0", self._is_numbered(start)
        if numbered and not grouped:
            start, shorter = found[-2]
            return Amount(shorter.value, amount.value, shorter.written), start
        if numbered or not grouped:
            amount = Amount(amount.value, found[0][1].value, amount.written)
        return amount, start

    def _is_numbered(self, start: int) -> bool:
        """Whether the number rather counts the product before it, a word with capitals inside."""
        text = self.text
        if text[start - 1 : start] not in SPACES:
            return False
        end = start - 1
        begin = max(text.rfind(" ", max(0, end - 20), end), text.rfind("\n", max(0, end - 20), end)) + 1
        word = text[begin:end]
        return len(word) > 2 and word.isalpha() and any(sign.isupper() for sign in word[1:]) and not word.isupper()

    def _glued(self, start: int) -> bool:
        """Whether letters stand right before the number: `T470`."""
        before = self.text[start - 1 : start] if start else ""
        if before in ("x", "X"):
            return not (start > 1 and self.text[start - 2].isdigit())
        return bool(before) and (cased(before) or before in "_#\\")

    def _is_next(self, found: Found) -> bool:
        """Whether a marker on the right belongs to the number behind it."""
        after = self.text[found.end : found.end + 2]
        if not found.marker.left or not after:
            return False
        if after[0].isdigit() or (after[0] in ".," and after[1:].isdigit() and not found.tight):
            return True
        if after[0] in SPACES and after[1:].isdigit():
            if found.tight or found.marker.name or not self.market.first:
                return False
            later = RUN.match(self.text, found.end + 1)
            return later is None or self._near.behind(self.text, later.end()) is None
        return False

    def _cents_behind(self, found: Found) -> int | None:
        """Where the cents end in `19€99`."""
        if found.tight and found.marker.text in "€£$":
            match = _CENTS.match(self.text, found.end)
            if match is not None and self._near.behind(self.text, match.end()) is None:
                return match.end()
        return None

    def _with_cents(self, digits: _Digits, found: Found, end: int) -> Hit | None:
        starts = self.numbers.starts(digits.run, self.floor)
        amount, start = self._longest(digits, starts, found.marker.codes)
        if amount is None or amount.value != amount.value.to_integral_value() or self._glued(start):
            return None
        cents = Decimal(self.text[found.end : end]) / 100
        return self._made(found.marker, Amount(amount.value + cents), (start, end), (start, end))

    def _unmarked(self, digits: _Digits, behind: int, *, dashed: bool) -> Hit | None:
        """A price that only its form shows: `199,-`, `39,90/kg`, the Swiss `-.50`."""
        market, text = self.market, self.text
        if not market.currency or self._glued(digits.start):
            return None
        unit = None if dashed else _UNIT_PRICE.match(text, behind)
        written = text[digits.first : digits.end]
        swiss = digits.is_fraction and market.currency == "CHF" and text[digits.start] == "-" and written.isdigit()
        if unit is None and written[-3:-2] == ":" and market.currency == "SEK":
            unit = _PIECE_PRICE.match(text, behind)
        elif unit is not None and written[-3:-2] not in (".", ","):
            return None
        free = swiss and not text[behind : behind + 1].isalnum()
        if unit is None and not free and not (dashed and market.dashes):
            return None
        amount, start = self._longest(
            digits, [digits.first] if swiss else self.numbers.starts(digits.run, self.floor), (market.currency,)
        )
        if amount is None or self._percent(behind):
            return None
        start = digits.start if swiss else start
        if dashed and (
            (amount.written and amount.value != amount.value.to_integral_value())
            or text[start - 1 : start] in ("-", ".", "/")
        ):
            return None
        marker = Marker(text[digits.end : behind], (market.currency,))
        hit = self._made(marker, amount, (start, behind), (start, behind))
        hit.unit = unit is not None
        return hit

    def _made(self, marker: Marker, amount: Amount, span: tuple[int, int], number: tuple[int, int]) -> Hit:
        return Hit(
            start=span[0],
            end=span[1],
            number=number[0],
            behind=number[1],
            value=amount.value,
            other=amount.other,
            codes=marker.codes,
            currency=marker.currency(self.market),
            marker=marker.text,
        )
