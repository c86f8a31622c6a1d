"""How the digits of a price are read.

babel's own parsers drop any group sign (`25.00` is 2500 in German), so they are not used.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from mailcheck.content.lazily import lazy
from mailcheck.content.price_markets import Market

RUN = lazy(r"\d+(?:[.,':٫٬]\d+)*")
"""Digits with signs between them, each followed by digits."""

_SINGLE = lazy(r"(\d+)([.,':٫])(\d+)")
_GROUPED = lazy(r"(\d{1,3}(?:([.,'\u00a0٬])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,:'٫](\d{1,4}))?")
_INDIAN = lazy(r"(\d{1,2}(?:,\d{2})*,\d{3})(?:\.(\d{1,2}))?")
_DIGITS = lazy(r"\D+")
_LONGEST = 13


class Amount(NamedTuple):
    """An amount, and what else the digits may mean: `1.299` is 1299 or, with three decimals, 1.299.

    `written` says that the digits have two decimals or groups, so that they are no mere count.
    """

    value: Decimal
    other: Decimal | None = None
    written: bool = False


def read_amount(digits: str, market: Market, places: int = 2, *, fuel: bool = False) -> Amount | None:
    """What digits with their signs mean, or `None` when they are no amount (`12.5.2026`, `007`).

    Args:
        digits: as matched by `RUN`, groups with a space between them joined by a no-break space.
        market: whose signs decide where three digits follow one sign.
        places: the decimals of the currency, 3 for the Kuwaiti dinar.
        fuel: the price of a litre, gallon or kilowatt-hour, which has three decimals.
    """
    if digits.isdigit():
        if (digits[0] == "0" and len(digits) > 1) or len(digits) > _LONGEST:
            return None
        return Amount(Decimal(digits))
    single = _SINGLE.fullmatch(digits)
    if single is not None:
        return _with_one_sign(single[1], single[2], single[3], market, exact=places == 3 or fuel)
    grouped = _GROUPED.fullmatch(digits)
    if grouped is None:
        grouped = _INDIAN.fullmatch(digits)
        if grouped is None:
            return None
        decimals = grouped[2]
    else:
        decimals = grouped[3]
    whole = _DIGITS.sub("", grouped[1])
    if whole[0] == "0" or len(whole) > _LONGEST:
        return None
    return Amount(Decimal(f"{whole}.{decimals}" if decimals else whole), written=True)


def _with_one_sign(whole: str, sign: str, rest: str, market: Market, *, exact: bool) -> Amount | None:
    fraction = Decimal(f"{whole}.{rest}")
    if whole[0] == "0" and len(whole) > 1:
        return None
    if sign == "٫":
        return Amount(fraction, written=True)
    if sign in ":'":
        if len(rest) == 2:
            return Amount(fraction, written=True)
        return Amount(Decimal(whole + rest), written=True) if sign == "'" and len(rest) == 3 else None
    if len(rest) != 3 or whole == "0" or len(whole) > 3:
        return Amount(fraction, written=len(rest) > 1) if len(whole) <= _LONGEST else None
    thousands = Decimal(whole + rest)
    if exact and sign in (market.decimal, "."):
        return Amount(fraction, thousands, written=True)
    return Amount(thousands, fraction if sign == market.decimal else None, written=True)
