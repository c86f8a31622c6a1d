"""Prices of a mail against those of the catalogue, at the moment of the send."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from mailcheck.catalogue.product import Moments, Money, Product, moments
from mailcheck.catalogue.reading import Catalogue
from mailcheck.catalogue.wanted import words_of
from mailcheck.content.lazily import lazy
from mailcheck.content.prices_located import LocatedPrice, Prices
from mailcheck.content.send_time import SendTime
from mailcheck.products.facts import Products
from mailcheck.products.pairing import Pair

State = Literal["right", "wrong", "rounded", "before", "after", "currency", "open"]
"""As in the catalogue; not so; only rounded; the price of a sale that has not begun, or that is over; in another
currency; not to be told, for want of a price in the catalogue, or because one of both is without tax."""

_WITHOUT_TAX = lazy(
    r"\b(?:excl?\.?|excluding|ex\.?|plus|zzgl\.?|exkl\.?|eks\.?|ekskl\.?|hors|netto|sin|senza|bez|ohne|uten|uden|utan|zonder)"
    r"\s*(?:the\s)?(?:vat|mwst|ust|mva|moms|btw|tva|iva|dph|tax(?:es)?|alv)\b|\bHT\b",
    re.IGNORECASE,
)
_PARTS = {"subject": "subject", "preheader": "preheader", "html": "HTML", "mjml": "HTML", "text": "text part"}


class When(Struct, frozen=True):
    """The moment of sending.

    Args:
        span: first and last moment that are possible, in UTC.
        is_known: whether somebody said it; else it is the moment of the run, and the send is later.
    """

    span: Moments
    is_known: bool

    def sale_state(self, product: Product) -> Literal["before", "during", "after", "none"]:
        """Where the sale of a product stands; one that may begin before an unknown send counts as begun."""
        state = product.sale_state(self.span)
        return "during" if state == "before" and not self.is_known else state

    def current(self, product: Product) -> tuple[Money, ...]:
        """The prices that are right then, that of the sale first."""
        sale = product.sale if self.sale_state(product) == "during" else None
        return tuple(one for one in (sale, product.price) if one is not None)


def when_sent(send_time: SendTime | None, now: datetime) -> When:
    """The moment of sending, else that of the run."""
    return When(moments(send_time.moment if send_time else now), send_time is not None)


class Compared(Struct, frozen=True):
    """A pair, and what the catalogue says of it.

    Args:
        product: the variant that is nearest to the price.
        expected: the prices that would be right.
    """

    pair: Pair
    state: State
    product: Product
    expected: tuple[Money, ...] = ()


def compared(products: Products, prices: Prices, catalogue: Catalogue, when: When) -> Iterator[Compared]:
    """Every new and old price of a product against the catalogue."""
    for pair in products.pairs:
        if pair.role == "now":
            yield _new(pair, prices, catalogue, when)
        elif pair.role == "was" and pair.strong:
            yield _old(pair, prices, catalogue)


def _new(pair: Pair, prices: Prices, catalogue: Catalogue, when: When) -> Compared:
    variants = [*pair.products, *(one for one in pair.item.products if one not in pair.products)]
    known = [(one, money) for one in variants for money in when.current(one)]
    if not known or _is_other_tax(pair.price, prices, catalogue):
        return Compared(pair, "open", pair.products[0])
    fitting = [(one, money) for one, money in known if _fits_currency(pair.price, money)]
    if not fitting:
        return Compared(pair, "currency", known[0][0], (known[0][1],))
    amounts = _amounts(pair.price)
    for one, money in fitting:
        if money.amount in amounts:
            return Compared(pair, "right", one, (money,))
    own = [(one, money) for one, money in fitting if one in pair.products] or fitting
    nearest = min(own, key=lambda found: abs(found[1].amount - pair.price.found.amount))[0]
    expected = when.current(nearest)
    for one in variants:
        state = when.sale_state(one)
        if one.sale is not None and one.sale.amount in amounts and state in ("before", "after"):
            return Compared(pair, "before" if state == "before" else "after", one, when.current(one))
    return Compared(pair, _missed(pair.price, [money for _, money in fitting]), nearest, expected)


def _old(pair: Pair, prices: Prices, catalogue: Catalogue) -> Compared:
    """An old price may be the usual one of a product on sale, what the shop crosses out, or the lowest before."""
    variants = pair.item.products
    known = [
        (one, money)
        for one in variants
        for money in ((one.price if one.sale else None), one.was, one.lowest)
        if money is not None and _fits_currency(pair.price, money)
    ]
    if not known or _is_other_tax(pair.price, prices, catalogue):
        return Compared(pair, "open", pair.products[0])
    amounts = _amounts(pair.price)
    right = next((one for one, money in known if money.amount in amounts), None)
    if right is not None:
        return Compared(pair, "right", right)
    own = [money for one, money in known if one in pair.products] or [money for _, money in known]
    return Compared(pair, _missed(pair.price, own), pair.products[0], tuple(dict.fromkeys(own)))


def _missed(price: LocatedPrice, known: Iterable[Money]) -> State:
    """Whether a price is merely rounded to a whole unit."""
    amount = price.found.amount
    whole = amount == amount.to_integral_value()
    return "rounded" if whole and any(abs(money.amount - amount) < 1 for money in known) else "wrong"


def _amounts(price: LocatedPrice) -> set[Decimal]:
    return {amount for amount in (price.found.amount, price.found.other) if amount is not None}


def _fits_currency(price: LocatedPrice, money: Money) -> bool:
    if not money.currency:
        return True
    found = price.found
    if found.currency is not None:
        return found.currency == money.currency or (
            # `$` and `kr` mean the currency of the shop where they may.
            money.currency in found.candidates and len(found.candidates) > 1
        )
    return not found.candidates or money.currency in found.candidates


def _is_other_tax(price: LocatedPrice, prices: Prices, catalogue: Catalogue) -> bool:
    """Whether one of both is known to be without tax, and the other is not."""
    part = next(part for part in prices.parts if part.part is price.span.part)
    line = part.line(price.at)
    without = _WITHOUT_TAX.search(line) is not None
    return without != (catalogue.tax == "excluded")


def shown(money: Money, locale: str) -> str:
    """An amount as its readers write it, with its code: `199,00 NOK`."""
    from mailcheck.catalogue.amounts import decimal_sign

    digits = f"{money.amount:.2f}" if _exponent(money.amount) >= -2 else f"{money.amount:f}"
    return f"{digits.replace('.', decimal_sign(locale) or '.')} {money.currency}".strip()


def _exponent(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def place_of(products: Products, pair: Pair) -> str:
    """Where a price stands and what it says: `subject: “199,-”`, `HTML, line 12, button “Buy now”: “249,-”`."""
    price = pair.price
    part = _PARTS.get(price.part, price.part)
    line = "" if price.part in ("subject", "preheader") else f", line {price.span.where.line}"
    label = button_of(products, pair)
    return f"{part}{line}{f', button “{label}”' if label else ''}: “{price.written}”"


def places_of(products: Products, pairs: Iterable[Pair]) -> str:
    """Where prices stand, each place once."""
    told = list(dict.fromkeys(place_of(products, one) for one in pairs))
    more = f" · {len(told) - 4} more places" if len(told) > 4 else ""
    return " · ".join(told[:4]) + more


def button_of(products: Products, pair: Pair) -> str:
    """What the button beside a price says; empty when there is none. A link that is the title is no button."""
    start, end = pair.scope
    name = words_of(pair.name)
    for one in products.mentions(pair.item):
        label = one.mention.label
        inside = one.span.part is pair.price.span.part and start <= one.at < end
        if inside and 0 < len(label) <= 30 and not any(sign.isdigit() for sign in label) and words_of(label) != name:
            return label
    return ""
