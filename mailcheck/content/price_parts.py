"""Prices that the parts of a message tell differently; only where there is no doubt that the same one is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from mailcheck.content.prices_located import LocatedPrice, PricedPart, Prices

_HEADLINE = ("plain", "was", "now", "from")
_LABEL = re.compile(r"[^\W\d_]{2,}")
_ALIKE = 4
"""Words; line ends and markup between them do not count."""
_BESIDE = 120
_FEWEST_WORDS, _MOST_WORDS = 2, 8
_MORE_WORDS = 2
"""Words of a title, and beside one."""
_NUMBER = re.compile(r"\d[\d.,'’ \u00a0\u202f]*")


class Differing(Struct, frozen=True):
    """One price, told differently.

    Args:
        html, text: the two; or one of the body and the one of the headline.
        label: the words that say that both are about one thing; empty when only the order of the prices says so.
    """

    html: LocatedPrice
    text: LocatedPrice
    label: str


def headline_prices(prices: Prices) -> Iterator[Differing]:
    """The price of the subject or the preheader that is nowhere in the body, with the first price there that it may be.

    Nothing where a line has several prices, or where the body has no price of that currency or one from a merge tag.
    """
    bodies = [part for part in (prices.of("html"), prices.of("text")) if part is not None]
    if any(part.tagged for part in bodies):
        return
    numbers: set[str] | None = None
    for part in (prices.of("subject"), prices.of("preheader")):
        if part is None or len(part.items) != 1 or part.tagged:
            continue
        (one,) = part.items
        others = [other for body in bodies for other in body.items if other.found.currency == one.found.currency]
        if one.kind not in _HEADLINE or not others or not _is_exact(one):
            continue
        if numbers is None:
            numbers = {digits for body in bodies for digits in _numbers(_all_text(body))}
        if _digits(one.found.amount) in numbers or any(_may_be(one, other) for other in others):
            continue
        named = [other for other in others if _shared(part, one, bodies, other)]
        near = min(named or others, key=lambda other: _distance(one, other))
        if named or _is_near(one.found.amount, near.found.amount):
            yield Differing(near, one, _shared(part, one, bodies, near))


def _distance(one: LocatedPrice, other: LocatedPrice) -> tuple[bool, Decimal]:
    """How unlikely it is that both are meant to be the same price: an old one is not the new one."""
    return (one.kind == "was") != (other.kind == "was"), abs(other.found.amount - one.found.amount)


def _is_near(one: Decimal, other: Decimal) -> bool:
    """Whether two amounts may be of one thing: what is far off is a prize, a turnover, or the sum of something."""
    return other <= 2 * one and one <= 2 * other


def _is_exact(one: LocatedPrice) -> bool:
    """Whether the amount is what the digits say, without a word for thousands, and can be read in one way."""
    written = re.sub(r"\D", "", one.written)
    return one.found.other is None and written in (_digits(one.found.amount), f"{_digits(one.found.amount)}00")


def _may_be(one: LocatedPrice, other: LocatedPrice) -> bool:
    amounts = (other.found.amount, other.found.amount_max, other.found.other)
    return one.found.amount in amounts or (
        other.found.amount_max is not None and other.found.amount <= one.found.amount <= other.found.amount_max
    )


def _all_text(body: PricedPart) -> str:
    """The text of a part, and what its images say in its stead."""
    if not body.text.blocks:
        return body.text.text
    images = body.text.blocks[0].pieces[0].markup.named("img")
    return "\n".join((body.text.text, *(image.get("alt") or "" for image in images)))


def _shared(part: PricedPart, one: LocatedPrice, bodies: list[PricedPart], other: LocatedPrice) -> str:
    """The words of the headline that stand in the line of the other price, too; empty when there are fewer than two."""
    body = next(body for body in bodies if body.part is other.span.part)
    start, end = next(body.scopes(other))
    there = {word.lower() for word in _LABEL.findall(body.text.text[start:end]) if len(word) > 3}
    here = part.text.text[: one.at[0]] + " " + part.text.text[one.at[1] :]
    shared = [word for word in _LABEL.findall(here) if word.lower() in there]
    return " ".join(shared) if len(shared) > 1 and end - start <= 200 else ""


def _numbers(text: str) -> Iterator[str]:
    """The numbers of a text as digits only, with and without their cents."""
    for match in _NUMBER.finditer(text):
        yield re.sub(r"\D", "", match[0]).lstrip("0")
        yield re.sub(r"\D", "", re.sub(r"[.,]\d\d?\D*$", "", match[0])).lstrip("0")
        yield from re.findall(r"[1-9]\d*", match[0])


def _digits(amount: Decimal) -> str:
    whole = amount == amount.to_integral_value()
    return re.sub(r"\D", "", f"{amount:f}" if whole else f"{amount:.2f}").lstrip("0")


def differing_lines(html: PricedPart, text: PricedPart) -> Iterator[Differing]:
    """Lines of the two parts with the same words and one price each, which differs."""
    others = _labelled(text)
    for label, one in _labelled(html).items():
        other = others.get(label)
        if one is None or other is None or not _comparable(one, other):
            continue
        if one.found.amount != other.found.amount:
            yield Differing(one, other, label)


def differing_titles(html: PricedPart, text: PricedPart) -> Iterator[Differing]:
    """The price under a title of the HTML, and the one that the text part has in the line of the same title."""
    there = _titled(text)
    for (title, role), one in _titled(html).items():
        others = [other for (words, said), other in there.items() if said == role and _is_title(title, words)]
        if one is None or len(others) != 1 or others[0] is None or not _comparable(one, others[0]):
            continue
        if one.found.amount != others[0].found.amount:
            yield Differing(one, others[0], " ".join(title))


def _is_title(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lines begin with one title; a line with the price may go on with a word such as `was`."""
    size = min(len(one), len(other))
    return one[:size] == other[:size] and max(len(one), len(other)) - size <= _MORE_WORDS


def _titled(part: PricedPart) -> dict[tuple[tuple[str, ...], str], LocatedPrice | None]:
    """Old and new prices by the title in front of them and by what they are; `None` where a title has several."""
    found: dict[tuple[tuple[str, ...], str], LocatedPrice | None] = {}
    for one in part.items:
        title = _title(part, one) if one.kind in ("plain", "now", "was") else ()
        if _FEWEST_WORDS <= len(title) <= _MOST_WORDS:
            key = title, _role(one)
            found[key] = None if key in found else one
    return found


def _title(part: PricedPart, one: LocatedPrice) -> tuple[str, ...]:
    """The words of the line in front of its first price, or else of the line above."""
    start, end = next(part.scopes(one))
    text = part.text.text
    words = _LABEL.findall(text[start : part.within(start, end)[0].at[0]])
    if len(words) < _FEWEST_WORDS:
        above = text[max(0, start - _BESIDE) : start].rstrip()
        begin = max(0, start - _BESIDE) + above.rfind("\n") + 1
        words = [] if part.within(begin, start) else _LABEL.findall(text[begin:start])
    return tuple(word.lower() for word in words)


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


def _role(one: LocatedPrice) -> str:
    """What it is; a price of which nothing is said is the new one."""
    return "now" if one.kind == "plain" else one.kind


def _comparable(one: LocatedPrice, other: LocatedPrice) -> bool:
    return (
        _role(one) == _role(other)
        and one.found.currency == other.found.currency
        and one.found.other is None
        and other.found.other is None
        and one.found.amount_max == other.found.amount_max
    )


def _stand_alike(html: PricedPart, text: PricedPart) -> bool:
    """Whether the words right before, or right behind, the first price of two parts are the same."""
    for side in (-1, 1):
        here, there = _words_beside(html, side), _words_beside(text, side)
        if len(here) == _ALIKE and here == there:
            return True
    return False


def _words_beside(part: PricedPart, side: int) -> list[str]:
    """The nearest words before (-1) or behind (1) the first price."""
    start, end = part.items[0].at
    all_text = part.text.text
    if side < 0:
        return [word.lower() for word in _LABEL.findall(all_text[max(0, start - _BESIDE) : start])][-_ALIKE:]
    return [word.lower() for word in _LABEL.findall(all_text[end : end + _BESIDE])][:_ALIKE]


def differing_prices(html: PricedPart, text: PricedPart) -> Iterator[Differing]:
    """The one price that differs, when the two parts have as many prices and all others are the same, in order.

    Where each has a single price, the words around the two must be the same.
    """
    if len(html.items) != len(text.items) or not html.items:
        return
    if len(html.items) == 1 and not _stand_alike(html, text):
        return
    pairs = zip(html.items, text.items, strict=True)
    unlike = [(one, other) for one, other in pairs if one.found.amount != other.found.amount]
    if len(unlike) == 1 and _comparable(*unlike[0]):
        yield Differing(*unlike[0], "")
