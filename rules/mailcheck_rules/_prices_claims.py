"""What a mail claims of all of its prices, against those of its products: everything, from, up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from mailcheck import Problem, Problems, bad, good, rule
from mailcheck.catalogue.product import Money
from mailcheck.catalogue.reading import Catalogue
from mailcheck.content.prices_located import LocatedPrice, Prices
from mailcheck.content.send_time import SendTime
from mailcheck.products.claims import everything_claims, up_to_claims
from mailcheck.products.comparing import When, place_of, shown, when_sent
from mailcheck.products.facts import Products
from mailcheck.products.pairing import Pair
from mailcheck.run import Run
from mailcheck_rules._prices_offers import _FINE, _HUNDRED, _shown, _step

_SHOP = "https://shop.example/p/"
_ONE = {"id": "B-1001", "title": "Alder hiking boots", "link": f"{_SHOP}boots-b-1001", "price": "100.00 GBP"}
_TWO = {"id": "H-2002", "title": "Birch sun hat", "link": f"{_SHOP}hat-h-2002", "price": "20.00 GBP"}
_CELL = '<td><a href="https://shop.example/p/{}">{}</a><p>{}</p></td>'


def _mail(boots: str, hat: str, before: str = "") -> str:
    cells = _CELL.format("boots-b-1001", "Alder hiking boots", boots) + _CELL.format("hat-h-2002", "Birch sun hat", hat)
    return f"{before}<table><tr>{cells}</tr></table>"


def _with(*products: Mapping[str, str]) -> dict[str, object]:
    return {"products": [dict(one) for one in products]}


class _Reduced(Struct, frozen=True):
    """A product with its old and its new price, both in the mail and in one place."""

    was: Pair
    now: Pair

    @property
    def percent(self) -> Decimal:
        """How much less it costs."""
        was, now = self.was.price.found.amount, self.now.price.found.amount
        return (was - now) * _HUNDRED / was

    @property
    def allowed(self) -> Decimal:
        """Percentage points that rounding the price can explain."""
        return max(_FINE, _HUNDRED * _step(self.was.price.found.currency) / self.was.price.found.amount)

    @property
    def is_strong(self) -> bool:
        return self.was.strong and self.now.strong


def _reduced(products: Products) -> Iterator[_Reduced]:
    """The products whose old and new price are clear."""
    for item in products.items:
        scopes = dict.fromkeys((one.price.part, one.scope) for one in products.of(item))
        for part, scope in scopes:
            beside = [one for one in products.of(item) if (one.price.part, one.scope) == (part, scope)]
            old = {one.price.found.amount: one for one in beside if one.role == "was"}
            new = {one.price.found.amount: one for one in beside if one.role == "now"}
            if len(old) != 1 or len(new) != 1:
                continue
            (was,), (now,) = old.values(), new.values()
            same = was.price.found.currency == now.price.found.currency
            exact = was.price.found.other is None and now.price.found.other is None
            if same and exact and 0 < now.price.found.amount <= was.price.found.amount:
                yield _Reduced(was, now)
                break


@rule(severity="error")
@bad(
    html=_mail("<s>£100.00</s> £80.00", "<s>£20.00</s> £18.00", "<h1>20% off everything</h1>"),
    locale="en-GB",
    catalogue=_with(_ONE, _TWO),
    at="£18.00",
)
@bad(
    html=_mail("<s>£100.00</s> £80.00", "£20.00", "<h1>Everything 20% off</h1>"),
    locale="en-GB",
    catalogue=_with(_ONE, _TWO),
    at="£20.00",
)
@good(
    html=_mail("<s>£100.00</s> £80.00", "<s>£20.00</s> £16.00", "<h1>20% off everything</h1>"),
    locale="en-GB",
    catalogue=_with(_ONE, _TWO),
)
@good(
    html=_mail("<s>£100.00</s> £80.00", "<s>£20.00</s> £18.00", "<h1>Up to 20% off everything</h1>"),
    locale="en-GB",
    catalogue=_with(_ONE, _TWO),
)
@good(
    html=_mail("£100.00", "£20.00", "<h1>20% off everything with the code SPRING</h1>"),
    locale="en-GB",
    catalogue=_with(_ONE, _TWO),
)
def discount_not_everywhere(products: Products, prices: Prices, catalogue: Catalogue) -> Problems:
    """“20 % off everything”, but a product of the mail is reduced by less.

    Only where the mail promises it without a condition, excludes nothing anywhere, and promises one percentage. What
    rounding a price to a whole unit can explain is left alone, as in `prices/discount_arithmetic`. A product without an old
    price is told where others of the mail are reduced by what is promised, and it costs its usual price; that is a warning,
    as is whatever was paired with less certainty.
    """
    claims = list(everything_claims(prices))
    if len({one.percent for one in claims}) != 1:
        return
    claim = claims[0]
    reduced = list(_reduced(products))
    for one in reduced:
        if one.percent + max(_FINE, one.allowed) < claim.percent:
            yield Problem(
                f"“{claim.written}” is announced, but “{one.now.name}” is only {_shown(one.percent)} % off: "
                f"{one.was.price.written} → {place_of(products, one.now)}. Correct the price, or say what is excluded.",
                at=one.now.price,
                severity="error" if one.is_strong else "warning",
                data={"announced": str(claim.percent), "real": _shown(one.percent)},
            )
    if any(abs(one.percent - claim.percent) <= one.allowed for one in reduced):
        known = {one.now.item.number for one in reduced}
        yield from _not_reduced(products, catalogue, known, claim.written)


def _not_reduced(products: Products, catalogue: Catalogue, known: set[int], written: str) -> Problems:
    """The products that cost what they always do."""
    for pair in products.pairs:
        if pair.role != "now" or not pair.strong or pair.item.number in known:
            continue
        usual = [one.price.amount for one in pair.products if one.price is not None]
        if len(usual) == len(pair.products) and set(usual) == {pair.price.found.amount}:
            known.add(pair.item.number)
            yield Problem(
                f"“{written}” is announced, but “{pair.name}” costs what it always does: {place_of(products, pair)} · "
                f"catalogue: {usual[0]} ({pair.products[0].place or catalogue.shown}). Correct the price, or say what is excluded.",
                at=pair.price,
                severity="warning",
                data={"real": "0"},
            )


def _cheapest(pair: Pair, when: When) -> Money | None:
    """The lowest price of a product with all its variants; `None` when one of them is not known."""
    every = [when.current(one) for one in pair.item.products]
    if not all(every):
        return None
    found = [min(current, key=lambda money: money.amount) for current in every]
    codes = {money.currency for money in found if money.currency}
    code = pair.price.found.currency
    fits = len(codes) <= 1 and (not codes or code is None or code in codes)
    return min(found, key=lambda money: money.amount) if fits else None


@rule(severity="error")
@bad(html=_mail("from £80.00", "£20.00"), locale="en-GB", catalogue=_with(_ONE, _TWO), at="£80.00")
@bad(
    subject="Spring is here, everything from £25",
    html=_mail("£100.00", "£20.00"),
    locale="en-GB",
    catalogue=_with(_ONE, _TWO),
    at="£25",
)
@bad(
    subject="Spring is here, prices from £10",
    html=_mail("£100.00", "£20.00"),
    locale="en-GB",
    catalogue=_with(_ONE, _TWO),
    at="£10",
)
@good(
    subject="Spring is here, from £20", html=_mail("from £100", "£20.00"), locale="en-GB", catalogue=_with(_ONE, _TWO)
)
@good(
    html=_mail("from £80.00", "£20.00"),
    locale="en-GB",
    catalogue=_with(
        {**_ONE, "item_group_id": "B"}, {**_ONE, "id": "B-1", "item_group_id": "B", "price": "80 GBP"}, _TWO
    ),
)
def from_not_lowest(
    products: Products, prices: Prices, catalogue: Catalogue, run: Run, send_time: SendTime | None = None
) -> Problems:
    """“From £80”, but nobody can buy it for that, or it is cheaper.

    The price of a product is held against its cheapest variant in the catalogue. That of subject and preheader is held
    against the products that the mail shows, of which none may cost less, and against the whole catalogue, in which
    something must cost as little. What costs less than announced is a warning.
    """
    when = when_sent(send_time, run.now)
    for pair in products.pairs:
        lowest = _cheapest(pair, when) if pair.role == "from" else None
        if lowest is None or pair.price.found.other is not None:
            continue
        off = pair.price.found.amount - lowest.amount
        if off and not (abs(off) < 1 and pair.price.found.amount == pair.price.found.amount.to_integral_value()):
            yield Problem(
                f"“{pair.name}” is not to be had from that price. {place_of(products, pair)} · catalogue: "
                f"{shown(lowest, prices.locale)} ({pair.products[0].place}). Correct the one that is wrong.",
                at=pair.price,
                severity="error" if off < 0 and pair.strong else "warning",
                data={"price": f"{pair.price.found.amount:f}", "lowest": f"{lowest.amount:f}"},
            )
    paired = {(one.price.part, one.price.at) for one in products.pairs}
    for name in ("subject", "preheader"):
        part = prices.of(name)
        for one in part.items if part is not None else ():
            if one.kind == "from" and one.found.other is None and (one.part, one.at) not in paired:
                yield from _headline(one, products, catalogue, prices.locale)


def _headline(one: LocatedPrice, products: Products, catalogue: Catalogue, locale: str) -> Problems:
    """The price of a headline against what the mail shows, and against the catalogue."""
    code, amount = one.found.currency, one.found.amount
    now = [pair for pair in products.pairs if pair.role == "now" and pair.price.found.currency == code]
    if len({pair.item.number for pair in now}) < 2 or code is None:
        return
    cheapest = min(now, key=lambda pair: pair.price.found.amount)
    lowest = catalogue.lowest.get(code, catalogue.lowest.get("")) if not catalogue.unread else None
    if cheapest.price.found.amount < amount:
        yield Problem(
            f"{one.part}: “{one.written}” is said to be the lowest price, but “{cheapest.name}” costs less: "
            f"{place_of(products, cheapest)}. Say the lower price; it is the better reason to open the mail.",
            at=one,
            severity="warning",
            data={"price": f"{amount:f}", "lowest": f"{cheapest.price.found.amount:f}"},
        )
    elif lowest is not None and amount + 1 <= lowest:
        yield Problem(
            f"Nothing costs “{one.written}”, as the {one.part} says. {place_of(products, cheapest)} · catalogue: from "
            f"{shown(Money(lowest, code), locale)} ({catalogue.shown}). Correct the {one.part}.",
            at=one,
            data={"price": f"{amount:f}", "lowest": f"{lowest:f}"},
        )


_SALES = (
    {**_ONE, "sale_price": "70.00 GBP"},
    {**_TWO, "sale_price": "18.00 GBP"},
)
_REDUCED = _mail("<s>£100.00</s> £70.00", "<s>£20.00</s> £18.00")


@rule(severity="warning")
@bad(
    subject="Up to 50% off",
    html=_REDUCED,
    locale="en-GB",
    catalogue=_with(*_SALES),
    at="Up to 50%",
)
@bad(
    subject="Up to 20% off",
    html=_REDUCED,
    locale="en-GB",
    catalogue=_with(*_SALES),
    at="Up to 20%",
)
@good(
    subject="Up to 30% off",
    html=_REDUCED,
    locale="en-GB",
    catalogue=_with(*_SALES),
)
@good(
    subject="Up to 50% off",
    html=_REDUCED,
    locale="en-GB",
    catalogue=_with(*_SALES, {"id": "X-9", "title": "Linen tent", "price": "90 GBP", "sale_price": "45 GBP"}),
)
def up_to_not_reached(products: Products, prices: Prices, catalogue: Catalogue) -> Problems:
    """“Up to 50 % off”, but nothing is reduced by as much, or something is reduced by more.

    The largest discount is that of the whole catalogue, sales of any time included; where it tells no old prices, that of
    the mail, and then only if the mail shows all there is. One percentage point is allowed. A mail that announces several
    percentages is left alone.
    """
    claims = list(up_to_claims(prices))
    reduced = list(_reduced(products))
    if len({one.percent for one in claims}) != 1 or not reduced:
        return
    claim = claims[0]
    best = max(reduced, key=lambda one: one.percent)
    if best.is_strong and best.percent > claim.percent + best.allowed:
        yield Problem(
            f"“{claim.written}” is announced, but “{best.now.name}” is {_shown(best.percent)} % off: {best.was.price.written} → "
            f"{place_of(products, best.now)}. Correct the percentage or a price.",
            at=claim.span,
            data={"announced": str(claim.percent), "real": _shown(best.percent)},
        )
    deepest = catalogue.deepest if not catalogue.unread else None
    if deepest is None and catalogue.is_whole and len({one.now.item.number for one in reduced}) == len(products.items):
        deepest = best.percent
    if deepest is not None and max(deepest, best.percent) < claim.percent - _FINE:
        yield Problem(
            f"“{claim.written}” is announced, but the largest discount is {_shown(max(deepest, best.percent))} %: in the mail "
            f"that of “{best.now.name}”, {best.was.price.written} → {place_of(products, best.now)} · catalogue: "
            f"{_shown(deepest)} % ({catalogue.shown}). Correct the percentage.",
            at=claim.span,
            data={"announced": str(claim.percent), "real": _shown(max(deepest, best.percent))},
        )
