"""Prices that the parts of a message tell differently; only where there is no doubt that the same one is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from mailcheck.content.prices_located import LocatedPrice, PricedPart, Prices

_HEADLINE = ("plain", "was", "now", "from")
_LABEL = re.compile(r"[^\W\d_]{2,}")
_NUMBER = re.compile(r"\d[\d.,'’ \u00a0\u202f]*")


@dataclass(frozen=True, slots=True)
class Differing:
    """One price, told differently.

    Args:
        html, text: the two.
        label: what the lines are about; empty when only the order of the prices says that they belong together.
    """

    html: LocatedPrice
    text: LocatedPrice
    label: str


def headline_prices(prices: Prices) -> Iterator[tuple[LocatedPrice, list[LocatedPrice]]]:
    """The prices of subject and preheader that are nowhere in the body, each with the prices there that it may be.

    Nothing where the body has no price of that currency, or one that comes from a merge tag.
    """
    bodies = [part for part in (prices.of("html"), prices.of("text")) if part is not None]
    if any(part.tagged for part in bodies):
        return
    numbers = {digits for part in bodies for digits in _numbers(part.text.text)}
    for part in (prices.of("subject"), prices.of("preheader")):
        for one in part.items if part is not None else ():
            found = one.found
            others = [
                other
                for body in bodies
                for other in body.items
                if other.found.currency == found.currency and other.kind in _HEADLINE
            ]
            if one.kind in _HEADLINE and others and found.other is None and _digits(one.found.amount) not in numbers:
                yield one, others


def _numbers(text: str) -> Iterator[str]:
    """The numbers of a text as digits only, with and without their cents."""
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        yield digits
        yield re.sub(r"\D", "", re.sub(r"[.,]\d\d?\D*$", "", match[0]))
        yield from re.findall(r"\d+", match[0])


def _digits(amount: Decimal) -> str:
    return re.sub(r"\D", "", f"{amount:f}" if amount == amount.to_integral_value() else f"{amount:.2f}")


def differing_lines(html: PricedPart, text: PricedPart) -> Iterator[Differing]:
    """Lines of the two parts with the same words and one price each, which differs."""
    others = _labelled(text)
    for label, one in _labelled(html).items():
        other = others.get(label)
        if one is None or other is None or not _comparable(one, other):
            continue
        if one.found.amount != other.found.amount:
            yield Differing(one, other, label)


def _labelled(part: PricedPart) -> dict[str, LocatedPrice | None]:
    """The price of every line that has one, by the words of the line; `None` where several lines share them."""
    found: dict[str, LocatedPrice | None] = {}
    for one in part.items:
        start, end = next(part.scopes(one))
        line = part.text.text
        words = _LABEL.findall(f"{line[start : one.at[0]]} {line[one.at[1] : end]}")
        label = " ".join(words).lower()
        if len(label) >= 8 and len(words) >= 2 and end - start <= 200:
            found[label] = None if label in found or len(part.within(start, end)) > 1 else one
    return found


def _comparable(one: LocatedPrice, other: LocatedPrice) -> bool:
    return (
        one.kind == other.kind
        and one.found.currency == other.found.currency
        and one.found.other is None
        and other.found.other is None
        and one.found.amount_max == other.found.amount_max
    )


def differing_prices(html: PricedPart, text: PricedPart) -> Iterator[Differing]:
    """The one price that differs, when the two parts have as many prices and all others are the same, in order."""
    if len(html.items) != len(text.items) or len(html.items) < 2:
        return
    pairs = [(one, other) for one, other in zip(html.items, text.items, strict=True) if one.found != other.found]
    unlike = [(one, other) for one, other in pairs if one.found.amount != other.found.amount]
    if len(unlike) == 1 and _comparable(*unlike[0]):
        yield Differing(*unlike[0], "")
