"""Offers: an old price and a new one that belong together, with what is said to be saved.

Two prices make an offer when they are the only ones of a line, or of the smallest element around them, and hardly
anything stands between them. What is left out is left out: a wrong pair is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.price_percents import Percent, find_percents
from mailcheck.content.prices_located import LocatedPrice, PricedPart

_NEW = ("plain", "now")
_OPEN = ("from", "range", "up_to", "multibuy", "recurring", "credit")
"""Kinds that stand for several prices or for something else; an offer with one of them is not judged."""
_LONGEST = 300
_BETWEEN = 40
_BADGE_WORDS = 3
_JOINING = frozenset(
    (
        "and",
        "to",
        "or",
        "und",
        "bis",
        "oder",
        "og",
        "til",
        "eller",
        "och",
        "et",
        "à",
        "ou",
        "y",
        "a",
        "o",
        "e",
        "en",
        "tot",
    )
)
"""Words that make two prices a range or a list."""
_WORD = lazy(r"[^\W\d_]+")
_CONDITION = lazy(
    r"\b(?:codes?|coupons?|vouchers?|extra|additional|gutschein\w*|kode|koder|rabattkod\w*|codice|código|bon"
    r"|members?|membership|medlem\w*|mitglied\w*|membres?|socios?|students?|studenten\w*|subscribers?|app)\b",
    re.IGNORECASE,
)


class Offer(Struct, frozen=True):
    """An old price and the new one.

    Args:
        part: the part that it stands in.
        was, now: the two prices, of one currency.
        line: all of it stands in one line.
        stretch: (start, end) in the text of the part of all that belongs to it.
    """

    part: PricedPart
    was: LocatedPrice
    now: LocatedPrice
    line: bool
    stretch: tuple[int, int]

    @property
    def text(self) -> str:
        """All that belongs to it, with white space folded."""
        return " ".join(self.part.text.text[slice(*self.stretch)].split())

    @property
    def has_condition(self) -> bool:
        """Whether a code or an extra takes off something more, or only some readers get it."""
        return _CONDITION.search(self.text) is not None

    def percents(self) -> tuple[Percent, ...]:
        """The percentages taken off: in the line of one of the prices, or in a line with hardly a word more."""
        text = self.part.text.text
        lines = [next(self.part.scopes(one)) for one in (self.was, self.now)]
        return tuple(
            one
            for one in find_percents(text, *self.stretch)
            if any(start <= one.span[0] < end for start, end in lines) or _is_badge(self.part.line(one.span))
        )

    def savings(self) -> tuple[LocatedPrice, ...]:
        """The amounts said to be saved, in its currency."""
        return tuple(one for one in self.others("save") if one.found.currency == self.was.found.currency)

    def others(self, kind: str) -> tuple[LocatedPrice, ...]:
        """The prices of a kind that belong to it."""
        return tuple(one for one in self.part.within(*self.stretch) if one.kind == kind)


def _is_badge(line: str) -> bool:
    """Whether a line says little more than the percentage: `-30 %`, `Save 20% now`."""
    return len(_WORD.findall(line)) <= _BADGE_WORDS


def find_offers(part: PricedPart) -> Iterator[Offer]:
    """The offers of a part, in order."""
    for was in part.items:
        if was.kind == "was" and (offer := _offer(part, was)) is not None:
            yield offer


def _offer(part: PricedPart, was: LocatedPrice) -> Offer | None:
    now, stretch, line = None, was.at, True
    for number, scope in enumerate(part.scopes(was)):
        compared = _compared(part.within(*scope))
        if compared is None or len(compared) > 2 or (number and scope[1] - scope[0] > _LONGEST):
            break
        if len(compared) == 2 and now is None:
            now, line = next(one for one in compared if one is not was), number == 0
            if now.kind not in _NEW or not _belong(part, was, now, line=line):
                return None
        if now is not None:
            stretch = scope
    return None if now is None else Offer(part, was, now, line, stretch)


def _compared(prices: Sequence[LocatedPrice]) -> list[LocatedPrice] | None:
    """The old and new prices among some; `None` when one of them is open."""
    if any(one.kind in _OPEN or one.found.other is not None for one in prices):
        return None
    return [one for one in prices if one.kind in ("was", *_NEW)]


def _belong(part: PricedPart, was: LocatedPrice, now: LocatedPrice, *, line: bool) -> bool:
    first, second = sorted((was, now), key=lambda one: one.at)
    between = " ".join(part.text.text[first.at[1] : second.at[0]].split())
    near = len(between) <= _BETWEEN and between.lower() not in _JOINING
    return near and was.found.currency == now.found.currency and (line or was.struck or now.kind == "now")
