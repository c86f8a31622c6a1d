"""Old prices against what a product has cost, and prices for a unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pydantic import Field

from mailcheck import Problem, Problems, bad, good, rule, skip
from mailcheck.catalogue.price_history import PriceHistory
from mailcheck.catalogue.product import Money, Product
from mailcheck.content.prices_located import Prices
from mailcheck.content.send_time import SendTime
from mailcheck.products.comparing import place_of, shown, when_sent
from mailcheck.products.facts import Products
from mailcheck.products.pairing import Pair
from mailcheck.run import Run
from mailcheck_rules._words import Options

_TEA = {"id": "T-3003", "title": "Green leaf tea", "link": "https://shop.example/p/t-3003", "price": "9.00 GBP"}
_WEIGHED = {**_TEA, "unit_pricing_measure": "250 g", "unit_pricing_base_measure": "1 kg"}
_MAIL = '<table><tr><td><a href="https://shop.example/p/t-3003">Green leaf tea</a><p>{}</p></td></tr></table>'
_PAST = [
    {"id": "T-3003", "date": "2026-10-01", "price": "12.00"},
    {"id": "T-3003", "date": "2026-12-10", "price": "10.00"},
    {"id": "T-3003", "date": "2026-12-20", "price": "12.00"},
    {"id": "T-3003", "date": "2027-01-02", "price": "9.00"},
]


class UnitPriceOptions(Options):
    required: bool = Field(default=False, description="whether a price has to stand beside its unit price")


@rule(severity="warning")
@bad(
    html=_MAIL.format("£9.00"),
    locale="en-GB",
    catalogue={"products": [_WEIGHED]},
    options={"required": True},
    at="£9.00",
)
@good(
    html=_MAIL.format("£9.00 (£36.00/kg)"),
    locale="en-GB",
    catalogue={"products": [_WEIGHED]},
    options={"required": True},
)
@good(html=_MAIL.format("£9.00"), locale="en-GB", catalogue={"products": [_TEA]}, options={"required": True})
def unit_price_missing(products: Products, prices: Prices, options: UnitPriceOptions) -> Problems:
    """A product that is sold by weight or volume has a price without the price for a unit.

    In the EU an advertisement that names the price of such goods has to name the unit price, too (Directive 98/6/EC, article
    3), with exceptions that this check does not know; so it only runs when `required` says so. Which products are sold so is
    told by `unit_pricing_measure` in the catalogue.
    """
    if not options.required:
        skip("nobody asked for it (set `required = true` for it in the settings)")
    told: set[int] = set()
    for pair in products.pairs:
        measured = next((one for one in pair.products if one.measure[0]), None)
        if pair.role != "now" or not pair.strong or measured is None or pair.item.number in told:
            continue
        part = next(part for part in prices.parts if part.part is pair.price.span.part)
        if any(one.kind == "unit" and pair.scope[0] <= one.span.start < pair.scope[1] for one in part.items):
            continue
        told.add(pair.item.number)
        amount = f"{measured.measure[0]}{f', unit price for {measured.measure[1]}' if measured.measure[1] else ''}"
        yield Problem(
            f"The price of “{pair.name}” stands without a unit price. {place_of(products, pair)} · catalogue: {amount} "
            f"({measured.place}). Write it beside the price.",
            at=pair.price,
            data={"measure": measured.measure[0], "base": measured.measure[1]},
        )


@rule(severity="warning")
@bad(
    html=_MAIL.format("<s>£12.00</s> £9.00"),
    locale="en-GB",
    catalogue={"products": [_TEA], "history": {"prices": _PAST}},
    at="£12.00",
)
@bad(
    html=_MAIL.format("£9.00. Lowest price in the last 30 days: £11.00"),
    locale="en-GB",
    catalogue={"products": [_TEA], "history": {"prices": _PAST}},
    at="£11.00",
)
@good(
    html=_MAIL.format("<s>£10.00</s> £9.00"),
    locale="en-GB",
    catalogue={"products": [_TEA], "history": {"prices": _PAST}},
)
@good(
    html=_MAIL.format("<s>£12.00</s> £9.00"),
    locale="en-GB",
    catalogue={"products": [_TEA], "history": {"prices": _PAST[:1] + _PAST[3:]}},
)
def reference_price(
    products: Products, prices: Prices, price_history: PriceHistory, run: Run, send_time: SendTime | None = None
) -> Problems:
    """An old price is higher than the lowest price of the 30 days before the reduction.

    In the EU, and in Norway, the price that a reduction is announced from has to be the lowest of at least 30 days before it
    (Directive 98/6/EC, article 6a; for percentages, too: Court of Justice, C-330/23). This compares the mail with the
    history of prices that you give; exceptions, such as for perishables and for reductions in steps, are for you to judge.
    The reduction begins when the sale of the catalogue begins, else on the day from which the history has the new price,
    else with the send. A price in the history counts until the next one.
    """
    day = (send_time.moment if send_time else run.now).date()
    for pair in products.pairs:
        if pair.role not in ("was", "lowest") or not pair.strong or pair.price.found.other is not None:
            continue
        for product, began in _reductions(
            products, pair, price_history, day, when_sent(send_time, run.now).span[0].date()
        ):
            found = price_history.lowest_before(product, began)
            said = pair.price.found.amount
            if found is None or _is_fine(pair, said, found.price.amount):
                continue
            money = Money(found.price.amount, found.price.currency or pair.price.found.currency or "")
            since = "" if found.known_from <= found.first else f"; the history only begins on {_day(found.known_from)}"
            yield Problem(
                f"“{pair.price.written}” for “{product.name}” is not the lowest price of the 30 days before {_day(began)}. "
                f"{place_of(products, pair)} · price history: {shown(money, prices.locale)} from {_day(found.price.day)} "
                f"({price_history.shown}{since}). Check which price the reduction may be announced from.",
                at=pair.price,
                data={"price": f"{said:f}", "lowest": f"{money.amount:f}", "reduced": began.isoformat()},
            )
            break


def _is_fine(pair: Pair, said: Decimal, lowest: Decimal) -> bool:
    """An old price may be lower than the lowest, never higher; who names the lowest has to name it."""
    return abs(said - lowest) < Decimal("0.01") if pair.role == "lowest" else said <= lowest


def _reductions(
    products: Products, pair: Pair, history: PriceHistory, day: date, today: date
) -> Iterator[tuple[Product, date]]:
    """The variants that the history knows, and the day from which each is reduced."""
    beside = (one for one in products.of(pair.item) if one.role == "now" and one.price.part == pair.price.part)
    new = [one.price.found.amount for one in beside]
    for product in pair.products:
        if not history.of(product):
            continue
        start = product.window.start if product.window is not None else None
        if start is not None and start.date() <= day:
            yield product, start.date()
        elif new:
            yield product, history.reduced_on(product, min(new), day) or max(day, today)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
