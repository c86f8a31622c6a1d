"""What structured data states, against what the mail says: badges, cards and codes that mail clients show beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from mailcheck import Problem, Problems, bad, good, rule
from mailcheck.content.coupons import Coupons
from mailcheck.content.dates_located import Dates
from mailcheck.content.prices_located import LocatedPrice, Prices
from mailcheck.content.send_time import SendTime
from mailcheck.content.structured import Item, Stated, StructuredData, days_of

_SEND = {"send": "2027-03-19T09:00:00+01:00"}
_PRICED = frozenset(
    ("Offer", "AggregateOffer", "PromotionCard", "Product", "PriceSpecification", "UnitPriceSpecification")
)
_OFFERS = frozenset(("DiscountOffer", "PromotionCard", "Offer", "AggregateOffer"))
_STARTS, _ENDS = ("availabilityStarts", "validFrom"), ("availabilityEnds", "validThrough", "priceValidUntil")
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2})(?:[.,]0)?[ \u00a0]?[%％]")
_LD = '<script type="application/ld+json">%s</script>'
_NOT_COMPARED = ("threshold", "shipping", "save", "credit", "unit", "recurring", "instalment", "lowest_30_days")


@rule(severity="error")
@bad(
    html=_LD % '{"@type": "DiscountOffer", "discountCode": "SPRING25"}' + "<p>Use code SPRING20.</p>",
    at="SPRING25",
)
@bad(
    html=_LD % '{"@type": "DiscountOffer", "description": "25% off"}' + "<p>20 % off boots</p>",
    at="25% off",
)
@bad(
    html=_LD % '{"@type": "DiscountOffer", "availabilityEnds": "2027-03-01T23:59:59+01:00"}' + "<p>Sale</p>",
    schedule=_SEND,
    at="2027-03-01T23:59:59+01:00",
)
@bad(
    html=_LD % '{"@type": "Product", "name": "Hiking boots", "offers": {"@type": "Offer", "price": "249.00"}}'
    + "<p>Hiking boots £199.00</p>",
    locale="en-GB",
    at="249.00",
)
@bad(html=_LD % '{"@type": "Offer", "price": 199,}' + "<p>£199</p>", at="}")
@good(
    html=_LD % '[{"@type": "DiscountOffer", "description": "20% off", "discountCode": "SPRING20",'
    ' "availabilityEnds": "2027-03-28T23:59:59+01:00"},'
    ' {"@type": "PromotionCard", "price": 249, "priceCurrency": "GBP", "discountValue": 50}]'
    + "<p>20 % off until 28 March with code SPRING20. Boots: was £249, now £199</p>",
    locale="en-GB",
    schedule=_SEND,
)
@good(html=_LD % '{"@type": "Offer", "price": "{{ price }}"}' + "<p>Boots £199</p>", locale="en-GB")
def structured_data(
    structured_data: StructuredData, prices: Prices, coupons: Coupons, dates: Dates, send_time: SendTime | None = None
) -> Problems:
    """JSON-LD, microdata or a Gmail annotation states another price, code, percentage or date than the mail.

    Mail clients show the code and the percentage of an annotation in the list of messages, and prices on cards, so readers see two
    offers. Compared is only what the mail itself names; data that no client can read is a warning, since it is dropped silently.
    """
    for fault in structured_data.broken:
        yield Problem(f"Mail clients drop this JSON-LD: {fault.reason}. Correct it.", at=fault.span, severity="warning")
    for item in structured_data:
        if item.type in _OFFERS:
            yield from _unfilled(item)
            yield from _code(item, coupons)
            yield from _percent(item, coupons)
            yield from _window(item, dates, send_time)
        if item.type in _PRICED:
            yield from _price(item, prices, coupons)


def _unfilled(item: Item) -> Iterator[Problem]:
    """Values that were to be filled in."""
    for one in item.values if item.type == "DiscountOffer" else ():
        if one.known and not one.text.strip():
            message = f"The annotation states no {one.name}: it is empty. Fill it in, or take it away."
            yield Problem(message, at=item, severity="warning", evidence=f'"{one.name}": ""')
    for one in item.values:
        if one.name in (*_STARTS, *_ENDS) and one.known and one.text.strip() and one.moment is None:
            message = (
                f"“{one.text}” is no date that mail clients read; write {one.name} like 2027-03-28T23:59:59+02:00."
            )
            yield Problem(message, at=one.span, severity="warning")


def _code(item: Item, coupons: Coupons) -> Iterator[Problem]:
    said = item.get("discountCode")
    shown = {one.key: one for one in coupons.of("copy", "image")}
    if said is None or not said.known or not said.text.strip() or not shown:
        return
    if said.text.strip().upper() not in shown:
        code = next(iter(shown.values())).code
        yield Problem(
            f"The annotation shows the code “{said.text.strip()}”, but the mail says “{code}”; make them the same.",
            at=said.span,
            data={"code": said.text.strip(), "mail": code},
        )


def _percent(item: Item, coupons: Coupons) -> Iterator[Problem]:
    said = item.get("description")
    found = {Decimal(number) for number in _PERCENT.findall(said.text)} if said is not None and said.known else set()
    if said is None or len(found) != 1 or not coupons.written or found & coupons.written:
        return
    (percent,) = found
    mail = ", ".join(f"{one} %" for one in sorted(coupons.written))
    yield Problem(
        f"The annotation says {percent} %, but the mail says {mail}; make them the same.",
        at=said.span,
        data={"announced": str(percent), "mail": [str(one) for one in sorted(coupons.written)]},
    )


# dates


def _window(item: Item, dates: Dates, send_time: SendTime | None) -> Iterator[Problem]:
    start, end = item.get(*_STARTS), item.get(*_ENDS)
    if end is None or not end.known or end.moment is None:
        return
    if start is not None and start.known and start.moment is not None and _is_after(start.moment, end.moment):
        yield Problem(f"The offer of the annotation ends on {end.text}, before it starts on {start.text}.", at=end.span)
    elif send_time is not None and all(day < send_time.day for day in days_of(end.moment)):
        sent = f"{send_time.day:%Y-%m-%d}"
        yield Problem(
            f"The offer of the annotation ends on {end.text}, before the mail is sent on {sent}; correct the date.",
            at=end.span,
            data={"ends": end.text, "sent": sent},
        )
    else:
        yield from _deadline(end, end.moment, dates)


def _is_after(start: date | datetime, end: date | datetime) -> bool:
    if isinstance(start, datetime) and isinstance(end, datetime) and (start.tzinfo is None) == (end.tzinfo is None):
        return start >= end
    return min(days_of(start)) > max(days_of(end))


def _deadline(end: Stated, moment: date | datetime, dates: Dates) -> Iterator[Problem]:
    """The deadlines that the mail names, none of which is that of the annotation."""
    told = [one for one in dates.certain() if one.found.role == "deadline" and not one.found.relative]
    may_be = {one.found.date for one in told} | {one.found.other for one in told if one.found.other is not None}
    if told and not may_be & days_of(moment):
        yield Problem(
            f"The annotation ends the offer on {end.text}, but the mail says “{told[0].written}”; make them the same.",
            at=end.span,
            severity="warning",
            data={"ends": end.text, "mail": told[0].found.date.isoformat()},
        )


# prices


def _price(item: Item, prices: Prices, coupons: Coupons) -> Iterator[Problem]:
    said = item.get("price", "lowPrice")
    if said is None or not said.known or not said.text.strip() or _is_shown_itself(item, said):
        return
    amount = said.amount
    if amount is None:
        message = f"Mail clients do not read “{said.text}” as a price; write a number with a point: 1299.00."
        yield Problem(message, at=said.span, severity="warning")
        return
    shown = [one for one in prices if one.part in ("html", "mjml", "text")]
    if not shown or prices.tagged:
        return
    code = _currency(item)
    same = [one for one in shown if code is None or one.found.currency in (code, None) or code in one.found.candidates]
    if not same:
        yield from _foreign(said, amount, code, shown)
        return
    cut = item.get("discountValue")
    now = amount - cut.amount if cut is not None and cut.amount is not None else None
    if now is not None and cut is not None:
        yield from _subtracted(cut, (amount, now), same, coupons)
    elif not _has(same, amount):
        yield from _differs(item, said, same, prices)


def _is_shown_itself(item: Item, said: Stated) -> bool:
    """Whether the value is the text that readers see, as in `<span itemprop="price">`."""
    return item.source == "microdata" and said.span.part.text[said.span.start - 1 : said.span.start] == ">"


def _currency(item: Item) -> str | None:
    said = item.get("priceCurrency")
    return said.text.strip().upper() if said is not None and said.known and said.text.strip() else None


def _has(shown: Sequence[LocatedPrice], amount: Decimal) -> bool:
    return any(amount in (one.found.amount, one.found.amount_max, one.found.other) for one in shown)


def _foreign(said: Stated, amount: Decimal, code: str | None, shown: Sequence[LocatedPrice]) -> Iterator[Problem]:
    twin = next((one for one in shown if one.found.amount == amount), None)
    if twin is not None:
        message = f"The structured data says {said.text} {code}, but the mail “{twin.written}”; correct the currency."
        yield Problem(message, at=said.span, data={"currency": code, "mail": twin.found.currency})


def _subtracted(
    cut: Stated, both: tuple[Decimal, Decimal], shown: Sequence[LocatedPrice], coupons: Coupons
) -> Iterator[Problem]:
    """`discountValue` is an amount that is subtracted from `price`, the old price."""
    price, now = both
    if _has(shown, now):
        return
    if cut.amount in coupons.written:
        message = (
            f"discountValue is an amount that is subtracted from the price, not {cut.text} %: readers see {now:f}."
        )
    elif cut.amount is not None and _has(shown, price) and _has(shown, price + cut.amount):
        message = f"price has to be the old price: readers see {price:f} crossed out and {now:f} to pay."
    else:
        return
    yield Problem(message + " Correct the annotation.", at=cut.span, data={"price": f"{price:f}", "shown": f"{now:f}"})


def _differs(item: Item, said: Stated, shown: Sequence[LocatedPrice], prices: Prices) -> Iterator[Problem]:
    named = _named(item, shown, prices)
    compared = [one for one in shown if one.kind not in _NOT_COMPARED]
    if named is None and not compared:
        return
    other = named or min(compared, key=lambda one: abs(one.found.amount - (said.amount or 0)))
    name = f" for “{item.name}”" if item.name else ""
    yield Problem(
        f"The structured data says {said.text}{name}, but the mail “{other.written}”; correct one of them.",
        at=said.span,
        severity="error" if named is not None else "warning",
        data={"price": said.text, "mail": f"{other.found.amount:f}"},
    )


def _named(item: Item, shown: Sequence[LocatedPrice], prices: Prices) -> LocatedPrice | None:
    """The price that stands in one line or small element with the name of the thing."""
    name = item.name.strip().lower()
    if len(name) < 4:
        return None
    for part in prices.parts:
        for one in part.items:
            scope = next((each for each in part.scopes(one) if name in part.text.text[slice(*each)].lower()), None)
            if one in shown and scope is not None and len(part.within(*scope)) <= 2 and scope[1] - scope[0] <= 400:
                return one
    return None
