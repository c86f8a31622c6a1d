"""A product as the catalogue of the shop has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from msgspec import Struct

Availability = Literal["in", "later", "out", ""]
"""Can be bought; can be ordered and comes later; cannot; nobody says."""

_EASTERNMOST, _WESTERNMOST = timedelta(hours=14), timedelta(hours=12)

Moments = tuple[datetime, datetime]
"""The first and the last moment that are possible, in UTC."""


def moments(moment: datetime) -> Moments:
    """When a moment is; without a zone, when it may be anywhere on Earth."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC), moment.astimezone(UTC)
    clock = moment.replace(tzinfo=UTC)
    return clock - _EASTERNMOST, clock + _WESTERNMOST


class Money(Struct, frozen=True):
    """An amount in the main unit; `currency` is ISO 4217, or empty where nobody said."""

    amount: Decimal
    currency: str = ""

    def __str__(self) -> str:
        whole = self.amount.normalize().as_tuple().exponent
        digits = max(2, -whole if isinstance(whole, int) else 2)
        return f"{self.amount:,.{min(digits, 6)}f} {self.currency}".strip()


class Window(Struct, frozen=True):
    """When a sale price holds; an end that nobody said is `None`, a moment without a zone is local time of somebody."""

    start: datetime | None = None
    end: datetime | None = None

    def state(self, when: Moments) -> Literal["before", "during", "after"]:
        """Whether some moments are before it, or after it; `during` also where that cannot be told."""
        if self.start is not None and when[1] < moments(self.start)[0]:
            return "before"
        if self.end is not None and when[0] > moments(self.end)[1]:
            return "after"
        return "during"


class Product(Struct, frozen=True, kw_only=True):
    """One row of a catalogue: a product, or a variant of one.

    Args:
        place: file and line, for people.
        keys: what names it: id, SKU, GTIN, MPN, handle; folded, the id first.
        group: what its variants share, folded; empty when nobody says.
        price: what it costs outside of a sale.
        sale: what it costs on sale.
        window: when the sale is; `None` when nobody says.
        was: what the shop itself shows crossed out.
        lowest: the lowest price of the 30 days before, where the catalogue says it.
        measure: how much is in it; what a unit price is for, or empty.
        doubts: what of it could not be understood, each a sentence.
    """

    place: str
    keys: tuple[str, ...]
    title: str = ""
    link: str = ""
    image: str = ""
    group: str = ""
    price: Money | None = None
    sale: Money | None = None
    window: Window | None = None
    was: Money | None = None
    lowest: Money | None = None
    availability: Availability = ""
    measure: tuple[str, str] = ("", "")
    doubts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people call it."""
        return self.title or (self.keys[0] if self.keys else self.link)

    def sale_state(self, when: Moments) -> Literal["before", "during", "after", "none"]:
        """Where its sale stands at some moments."""
        if self.sale is None:
            return "none"
        return "during" if self.window is None else self.window.state(when)

    def current(self, when: Moments) -> tuple[Money, ...]:
        """The prices that are right at some moments: that of the sale first, and the usual one."""
        sale = self.sale if self.sale_state(when) == "during" else None
        return tuple(one for one in (sale, self.price) if one is not None)
