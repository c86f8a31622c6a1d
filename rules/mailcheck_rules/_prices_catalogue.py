"""Prices, sales and stock against the catalogue of the shop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.catalogue.product import Money, Product
from mailcheck.catalogue.reading import Catalogue
from mailcheck.content.prices_located import Prices
from mailcheck.content.send_time import SendTime
from mailcheck.products.comparing import Compared, compared, place_of, places_of, shown, when_sent
from mailcheck.products.facts import Products
from mailcheck.run import Run

_BOOTS = {"id": "B-1001", "title": "Alder hiking boots", "link": "https://shop.example/p/boots-b-1001"}
_HAT = {"id": "H-2002", "title": "Birch sun hat", "link": "https://shop.example/p/hat-h-2002", "price": "19.00 GBP"}
_MAIL = (
    '<table><tr><td><a href="https://shop.example/p/boots-b-1001?utm_source=mail">Alder hiking boots</a>'
    "<p>{}</p></td></tr></table>"
)
_SALE = {"price": "249.00 GBP", "sale_price": "199.00 GBP"}
_OVER = "2026-12-01T00:00+0000/2026-12-31T23:59+0000"
_LATER = "2027-02-01T00:00+0000/2027-02-14T23:59+0000"
_NOW = "2027-01-01T00:00+0000/2027-01-31T23:59+0000"
_SEND = {"send": "2027-01-15T09:00:00+00:00"}
_PRICED = ("plain", "was", "now", "from")


def _with(*products: dict[str, str]) -> dict[str, object]:
    return {"products": list(products)}


def _grouped(found: Iterable[Compared]) -> Iterator[list[Compared]]:
    """What is the same of a product, in several places."""
    groups: dict[object, list[Compared]] = {}
    for one in found:
        key = (
            one.pair.item.number,
            one.state,
            one.pair.role,
            one.pair.price.found.amount,
            one.pair.price.found.currency,
        )
        groups.setdefault(key, []).append(one)
    for group in groups.values():
        yield sorted(group, key=lambda one: not one.pair.strong)


def _says(expected: Iterable[Money], product: Product, locale: str) -> str:
    """`catalogue: 199,00 NOK or 249,00 NOK (feed.csv:12)`."""
    amounts = " or ".join(dict.fromkeys(shown(money, locale) for money in expected))
    return f"catalogue: {amounts} ({product.place})"


def _both(group: list[Compared], products: Products, locale: str) -> str:
    """All places of a price, those where the product has another one, and the catalogue."""
    first = group[0]
    same = [one.pair for one in group]
    others = [
        one
        for one in products.of(first.pair.item)
        if one.role == first.pair.role and one.price.found.amount != first.pair.price.found.amount
    ]
    return f"{places_of(products, [*same, *others])} · {_says(first.expected, first.product, locale)}"


@rule(severity="error")
@bad(html=_MAIL.format("£149.00"), locale="en-GB", catalogue=_with({**_BOOTS, "price": "199.00 GBP"}), at="£149.00")
@bad(
    html=_MAIL.format("£199"),
    text="Alder hiking boots: £149\nhttps://shop.example/p/boots-b-1001",
    locale="en-GB",
    catalogue=_with({**_BOOTS, "price": "199.00 GBP"}),
    at="£149",
)
@bad(
    html=_MAIL.format("<s>£299.00</s> £199.00"),
    locale="en-GB",
    catalogue=_with({**_BOOTS, **_SALE, "sale_price_effective_date": _NOW}),
    schedule=_SEND,
    at="£299.00",
)
@bad(html=_MAIL.format("£149.00"), locale="en-GB", catalogue=_with(_HAT), at="the manifest")
@bad(
    html=_MAIL.format("£149.00"),
    locale="en-GB",
    catalogue=_with({**_BOOTS, "price": "ask us"}),
    at="Alder hiking boots",
)
@good(html=_MAIL.format("£199"), locale="en-GB", catalogue=_with({**_BOOTS, "price": "199.00 GBP"}))
@good(
    html=_MAIL.format("<s>£249.00</s> £199.00"),
    locale="en-GB",
    catalogue=_with({**_BOOTS, **_SALE, "sale_price_effective_date": _NOW}),
    schedule=_SEND,
)
@good(html=_MAIL.format("Free delivery over £50"), locale="en-GB", catalogue=_with({**_BOOTS, "price": "199.00 GBP"}))
def not_in_catalogue(
    products: Products, prices: Prices, catalogue: Catalogue, run: Run, send_time: SendTime | None = None
) -> Problems:
    """A product does not cost in the catalogue of the shop what the mail says.

    Right are the usual price, and the sale price if the sale is on when the mail is sent. It is an error where there is no
    doubt which product is meant; a warning where only a column or the order says so, where a price is merely rounded, and
    for an old price that is not the usual one. A catalogue that has none of the products of the mail is told, too, and so
    is a price in it that cannot be understood: then nothing was compared.
    """
    if not products.items and any(one.kind in _PRICED for one in prices):
        yield Problem(
            f"Not one of the {catalogue.rows:,} products of {catalogue.shown} is in the mail, so no price was compared; look "
            "whether it is the right catalogue, and which of its columns are id, link and title.",
            evidence=catalogue.shown,
            severity="warning",
            data={"rows": catalogue.rows},
        )
    yield from _not_understood(products)
    when = when_sent(send_time, run.now)
    told = (one for one in compared(products, prices, catalogue, when) if one.state in ("wrong", "rounded"))
    for group in _grouped(told):
        first = group[0]
        pair = first.pair
        is_error = pair.strong and pair.role == "now" and first.state == "wrong" and pair.price.found.other is None
        what = "The old price" if pair.role == "was" else "The price"
        said = "is rounded" if first.state == "rounded" else "is not that of the catalogue"
        yield Problem(
            f"{what} of “{first.product.name}” {said}. {_both(group, products, prices.locale)}. Correct the one that is wrong.",
            at=pair.price,
            severity="error" if is_error else "warning",
            data={"price": f"{pair.price.found.amount:f}", "catalogue": [str(money) for money in first.expected]}
            | {"places": len(group), "pair": pair.how, "evidence": pair.evidence},
        )


def _not_understood(products: Products) -> Problems:
    """Prices of mentioned products that nobody can read."""
    for item in products.items:
        doubts = [(one, doubt) for one in item.products for doubt in one.doubts]
        sure = next((one for one in products.mentions(item) if one.strong), None)
        if doubts and sure is not None:
            product, doubt = doubts[0]
            more = f" (and {len(doubts) - 1} more)" if len(doubts) > 1 else ""
            yield Problem(
                f"“{product.name}” could not be compared with the catalogue ({product.place}): {doubt}{more}; correct the "
                "catalogue.",
                at=sure.mention,
                evidence=product.name,
                data={"doubts": len(doubts)},
            )


@rule(severity="error")
@bad(
    html=_MAIL.format("<s>£249.00</s> £199.00"),
    locale="en-GB",
    catalogue=_with({**_BOOTS, **_SALE, "sale_price_effective_date": _OVER}),
    at="£199.00",
)
@bad(
    html=_MAIL.format("£199.00"),
    locale="en-GB",
    catalogue=_with({**_BOOTS, **_SALE, "sale_price_effective_date": _LATER}),
    schedule=_SEND,
    at="£199.00",
)
@good(
    html=_MAIL.format("£199.00"),
    locale="en-GB",
    catalogue=_with({**_BOOTS, **_SALE, "sale_price_effective_date": _NOW}),
    schedule=_SEND,
)
@good(
    html=_MAIL.format("£199.00"),
    locale="en-GB",
    catalogue=_with({**_BOOTS, **_SALE, "sale_price_effective_date": _LATER}),
)
def stale(
    products: Products, prices: Prices, catalogue: Catalogue, run: Run, send_time: SendTime | None = None
) -> Problems:
    """A price is that of a sale that is over when the mail is sent, or has not begun.

    Where nobody said when the mail is sent, only a sale that is over already is told. Moments without an offset are taken
    in the zone of the catalogue or of the schedule; without either, only what holds everywhere on Earth is told.
    """
    when = when_sent(send_time, run.now)
    told = (one for one in compared(products, prices, catalogue, when) if one.state in ("before", "after"))
    for group in _grouped(told):
        first = group[0]
        window = first.product.window
        moment = None if window is None else window.start if first.state == "before" else window.end
        what = "does not begin before" if first.state == "before" else "is over since"
        at = f"{moment.day} {moment:%B %Y %H:%M}" if moment is not None else "then"
        yield Problem(
            f"The sale of “{first.product.name}” {what} {at}. {_both(group, products, prices.locale)}. "
            "Move the send, correct the price, or extend the sale.",
            at=first.pair.price,
            severity="error" if first.pair.strong else "warning",
            data={"sale": first.state, "moment": moment.isoformat() if moment else "", "places": len(group)},
        )


@rule(severity="error")
@bad(html=_MAIL.format("€199.00"), locale="en-GB", catalogue=_with({**_BOOTS, "price": "199.00 GBP"}), at="€199.00")
@good(html=_MAIL.format("£199.00"), locale="en-GB", catalogue=_with({**_BOOTS, "price": "199.00 GBP"}))
@good(html=_MAIL.format("$199.00"), locale="en-CA", catalogue=_with({**_BOOTS, "price": "199.00 CAD"}))
@good(html=_MAIL.format("£199.00 (€230.00)"), locale="en-GB", catalogue=_with({**_BOOTS, "price": "199.00 GBP"}))
def catalogue_currency(
    products: Products, prices: Prices, catalogue: Catalogue, run: Run, send_time: SendTime | None = None
) -> Problems:
    """A product is priced in another currency than in the catalogue.

    The catalogue of another market was given, or the price was left standing when the mail was made from that of another
    country. A product that has a price in the right currency, too, is taken for converted.
    """
    found = list(compared(products, prices, catalogue, when_sent(send_time, run.now)))
    fine = {one.pair.item.number for one in found if one.state not in ("currency", "open")}
    for group in _grouped(one for one in found if one.state == "currency" and one.pair.item.number not in fine):
        first = group[0]
        yield Problem(
            f"“{first.product.name}” is priced in another currency than in the catalogue. "
            f"{_both(group, products, prices.locale)}. Give the catalogue of this market, or correct the price.",
            at=first.pair.price,
            severity="error" if first.pair.strong else "warning",
            data={"currency": first.pair.price.found.currency or "", "catalogue": first.expected[0].currency},
        )


_GONE = {**_BOOTS, "price": "199.00 GBP", "availability": "out_of_stock"}
_SIZE = {**_GONE, "id": "B-1001-42", "item_group_id": "B", "availability": "in stock"}


@rule(severity="error")
@bad(
    html=_MAIL.format("£199.00"),
    locale="en-GB",
    catalogue=_with(_GONE),
    at="https://shop.example/p/boots-b-1001?utm_source=mail",
)
@bad(
    html="<h2>Alder hiking boots</h2><p>Back again</p>", locale="en-GB", catalogue=_with(_GONE), at="Alder hiking boots"
)
@good(html=_MAIL.format("£199.00"), locale="en-GB", catalogue=_with({**_GONE, "item_group_id": "B"}, _SIZE))
@good(html=_MAIL.format("£199.00"), locale="en-GB", catalogue=_with({**_GONE, "availability": "preorder"}))
@good(html="<p>They go well with our Alder hiking boots of last year.</p>", locale="en-GB", catalogue=_with(_GONE))
def out_of_stock(products: Products, campaign: Campaign) -> Problems:
    """A product that the mail promotes cannot be bought.

    Told when no variant can be bought that the mail may mean. What can be ordered and comes later (`preorder`, `backorder`)
    is not told, nor is a product that is only named in a sentence.
    """
    if campaign.kind == "transactional":
        skip("a transactional mail promotes nothing")
    for item in products.items:
        sure = [one for one in products.mentions(item) if one.strong]
        if not sure or any(one.availability != "out" for one in item.products):
            continue
        first = min(sure, key=lambda one: (one.evidence not in ("link", "link_key"), one.at))
        pairs = [one for one in products.of(item) if one.role == "now"]
        places = " · ".join(place_of(products, one) for one in pairs[:3])
        linked = any(one.evidence in ("link", "link_key", "data") for one in sure)
        yield Problem(
            f"“{item.name}” cannot be bought: it is out of stock in the catalogue ({item.products[0].place})"
            f"{f'. {places}' if places else ''}. Take it out of the mail, or wait until it is back.",
            at=first.mention,
            severity="error" if linked or any(one.strong for one in pairs) else "warning",
            data={"mentions": len(sure)},
        )
