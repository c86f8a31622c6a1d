"""Old price, new price, and what is said to be saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from mailcheck import Problem, Problems, bad, good, rule
from mailcheck.content.lazily import lazy
from mailcheck.content.price_offers import Offer, find_offers
from mailcheck.content.prices_located import LocatedPrice, Prices

_HUNDRED = Decimal(100)
_FINE = Decimal(1)
"""Percentage points: what is computed from two prices and rounded in any way is no further off."""
_SOLD_BY_TEN = frozenset(
    ("NOK", "SEK", "DKK", "CZK", "MXN", "ZAR", "TRY", "UAH", "THB", "PHP", "INR", "TWD", "HKD", "UYU", "MDL")
)
_SOLD_BY_HUNDRED = frozenset(
    ("JPY", "HUF", "KRW", "CLP", "ISK", "RSD", "RUB", "ARS", "KZT", "CRC", "NGN", "AMD", "PKR", "LKR")
)
_SOLD_BY_THOUSAND = frozenset(("COP", "IDR", "VND", "PYG", "IRR", "LBP", "UZS", "IQD", "LAK"))
_RISES = lazy(
    r"\b(?:increas\w*|rais\w*|ris(?:e|es|ing)|go(?:es|ing)? up|higher|erhöh\w*|steig\w*|øk\w*|höj\w*|augment\w*|sub[ei]\w*"
    r"|aument\w*|verhog\w*|stig\w*|value|worth)\b",
    re.IGNORECASE,
)


def _offers(prices: Prices) -> Iterator[Offer]:
    return (offer for part in prices.parts for offer in find_offers(part))


def _step(code: str | None) -> int:
    """The step by which shops round prices, in units of the currency."""
    if code in _SOLD_BY_TEN:
        return 10
    return 100 if code in _SOLD_BY_HUNDRED else 1000 if code in _SOLD_BY_THOUSAND else 1


def _shown(value: Decimal) -> str:
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{rounded.normalize():f}"


def _amount(value: Decimal) -> str:
    return f"{value:.0f}" if value == value.to_integral_value() else f"{value:.2f}"


def _pair(offer: Offer) -> str:
    return f"was {offer.was.written}, now {offer.now.written}"


@rule(severity="error")
@bad(text="20 % off! Was £50.00, now £45.00", locale="en-GB", at="20 %")
@bad(
    html="<table><tr><td><p>-30 %</p><p>Hiking boots</p><p><s>€ 100.00</s> € 79.00</p></td></tr></table>",
    locale="en-IE",
    at="30 %",
)
@good(text="20 % off! Was £50.00, now £40.00", locale="en-GB")
@good(text="33 % off! Was £29.99, now £20", locale="en-GB")
@good(text="Up to 50 % off! Was £50.00, now £45.00", locale="en-GB")
@good(html="<p>20 % off sitewide</p><p><s>£50</s> £45</p>", locale="en-GB")
@good(text="Was £50.00, now £45.00, and an extra 20 % off with code SPRING", locale="en-GB")
def discount_arithmetic(prices: Prices) -> Problems:
    """The percentage of an offer is not the one between its old and its new price.

    One percentage point is allowed, since percentages are rounded. Where a price is low, rounding the price itself moves
    the percentage further; what that can explain is a warning, what it cannot is an error. A discount that is larger than
    announced is a warning: nobody is promised too much.
    """
    for offer in _offers(prices):
        percents = {one.value: one for one in offer.percents()}
        was, now = offer.was.found, offer.now.found
        if len(percents) != 1 or now.amount >= was.amount or offer.has_condition or offer.others("lowest_30_days"):
            continue
        (percent,) = percents.values()
        real = (was.amount - now.amount) * _HUNDRED / was.amount
        off = percent.value - real
        if abs(off) <= _FINE:
            continue
        allowed = max(_FINE, _HUNDRED * _step(was.currency) / was.amount)
        yield Problem(
            f"{_shown(percent.value)} % is announced, but “{_pair(offer)}” is {_shown(real)} % off; "
            "correct the percentage or a price.",
            at=offer.part.text.span(*percent.span),
            severity="error" if off > allowed else "warning",
            data={"announced": str(percent.value), "real": _shown(real)},
        )


@rule(severity="error")
@bad(text="Was £50.00, now £40.00: you save £15.00", locale="en-GB", at="£15.00")
@bad(html="<p><s>kr 999</s> kr 799</p>", text="Før kr 999, nå kr 799. Spar kr 300", locale="nb-NO", at="kr 300")
@good(text="Was £50.00, now £40.00: you save £10.00", locale="en-GB")
@good(text="Was £49.99, now £39.50: you save £10", locale="en-GB")
@good(text="Was £50.00, now £40.00. Save another £5 with code SPRING", locale="en-GB")
def saving_arithmetic(prices: Prices) -> Problems:
    """The amount saved is not the difference of the old and the new price.

    A saving written without cents may be rounded to the next unit; otherwise it must be exact.
    """
    for offer in _offers(prices):
        savings = {one.found.amount: one for one in offer.savings()}
        real = offer.was.found.amount - offer.now.found.amount
        if len(savings) != 1 or real <= 0 or offer.has_condition:
            continue
        (saving,) = savings.values()
        said = saving.found.amount
        if said == real or (said == said.to_integral_value() and abs(said - real) < 1):
            continue
        yield Problem(
            f"“{saving.written}” is said to be saved, but “{_pair(offer)}” saves {_amount(real)}; "
            "correct the saving or a price.",
            at=saving,
            data={"announced": f"{said:f}", "real": f"{real:f}"},
        )


@rule(severity="error")
@bad(text="Hiking boots: was £40.00, now £50.00", locale="en-GB", at="£50.00")
@bad(html="<p>Tursko <del>799,-</del> <b>799,-</b></p>", locale="nb-NO", at="799,-")
@good(text="Hiking boots: was £50.00, now £40.00", locale="en-GB")
@good(text="Our prices rise: the plan was £40.00, now £50.00", locale="en-GB")
def now_not_below_was(prices: Prices) -> Problems:
    """The new price of an offer is not below the old one.

    The two were swapped, or one was not updated.
    """
    for offer in _offers(prices):
        was, now = offer.was.found, offer.now.found
        told = offer.was.struck or offer.now.kind == "now"
        if told and now.amount >= was.amount and not _RISES.search(_sentence(offer)):
            what = "the same as" if now.amount == was.amount else "higher than"
            yield Problem(
                f"The new price “{offer.now.written}” is {what} the old one “{offer.was.written}”; correct one of them.",
                at=offer.now,
                data={"was": f"{was.amount:f}", "now": f"{now.amount:f}"},
            )


def _sentence(offer: Offer) -> str:
    """What stands around both prices."""
    first, second = sorted((offer.was, offer.now), key=_place)
    return offer.part.text.text[max(0, first.at[0] - 160) : second.at[1] + 80]


def _place(one: LocatedPrice) -> tuple[int, int]:
    return one.at
