"""A price from a field that holds nothing else: a cell of a catalogue, a data attribute, a price of JSON-LD.

Other than in copy a bare number is a price here, and the currency may stand anywhere or in a field of its own.
"""

from __future__ import annotations

import re
from decimal import Decimal

from msgspec.structs import replace

from mailcheck.content.lazily import lazy
from mailcheck.content.price_markers import SPACES, Marker, cased, table
from mailcheck.content.price_markets import market
from mailcheck.content.price_numbers import read_amount
from mailcheck.content.price_ranges import join_ranges
from mailcheck.content.price_scan import Scanner
from mailcheck.content.price_text import Flat, flatten
from mailcheck.content.prices import Price, price_of


def currencies_of(spelling: str) -> tuple[str, ...]:
    """What a marker alone may mean, `kr`, in alphabetical order; empty when it is unknown."""
    text = " ".join(flatten(spelling).text.split())
    found = table().markers.get(text) or _marker_in(text)
    return tuple(sorted(found.codes)) if found is not None else ()


def _is_whole(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not ((before and cased(text[start]) and cased(before)) or (after and cased(text[end - 1]) and cased(after)))


def _marker_in(text: str) -> Marker | None:
    """The first marker of a text, wherever it stands; one letter is none."""
    made = table()
    for start, sign in enumerate(text):
        for size in made.starts.get(sign, ()):
            marker = made.markers.get(text[start : start + size])
            if marker is None or marker.minor or (size == 1 and sign.isascii() and sign.isalpha()):
                continue
            if _is_whole(text, start, start + size):
                return marker
    return None


def parse_price(cell: str, *, locale: str, hint: str = "") -> Price | None:
    """The first price of a cell, or `None` when it holds no number.

    Args:
        cell: the field; a bare number is a price.
        locale: whose market decides what an ambiguous marker means.
        hint: another field that tells the currency, taken when the cell does not.

    Raises:
        ValueError: `locale` is no locale.
    """
    place = replace(market(locale), cell=True)
    flat = flatten(cell)
    scanner = Scanner(flat.text, place)
    hits = join_ranges(scanner, list(scanner.hits()))
    price = price_of(hits[0], "plain", flat) if hits else _bare(scanner, flat)
    if price is None or price.candidates:
        return price
    marker = table().markers.get(hint.strip()) or _marker_in(flatten(cell).text) or _marker_in(flatten(hint).text)
    if marker is None:
        return price
    return replace(price, currency=marker.currency(place), candidates=tuple(sorted(marker.codes)), marker=marker.text)


_LEADING_SIGN = lazy(r"(?<!\d)[.,]$")
_FREE = lazy(
    r"[\W\d]*(?:free|gratis|kostenlos|gratuit|grátis|za darmo|zdarma|ingyenes|無料|免费|免費|무료)[\W\d]*",
    re.IGNORECASE,
)


def _bare(scanner: Scanner, flat: Flat) -> Price | None:
    """The first number of a cell that is no percentage."""
    text = flat.text
    for index, (start, end) in enumerate(scanner.numbers.runs):
        last = scanner.numbers.end(index)
        amount = read_amount(text[start:last].replace(" ", "\u00a0"), scanner.market)
        if amount is None or text[last : last + 2].strip(SPACES)[:1] == "%":
            continue
        if _LEADING_SIGN.search(text, max(0, start - 2), start) and text[start:end].isdigit():
            return Price(amount.value.scaleb(start - end), None, "plain", flat.source(start - 1, last))
        return Price(amount.value, None, "plain", flat.source(start, last), other=amount.other)
    if _FREE.fullmatch(text):
        return Price(Decimal(0), None, "free", (0, len(text)))
    return None
