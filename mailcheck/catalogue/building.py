"""A row of a feed → a product: amounts, windows and states are understood, or said to be not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import Struct

from mailcheck.catalogue.amounts import AmbiguousError, read_money
from mailcheck.catalogue.fields import KEYS
from mailcheck.catalogue.moments import read_moment, read_window
from mailcheck.catalogue.product import Availability, Money, Product, Window
from mailcheck.catalogue.wanted import folded_key

_LONGEST = 300
_STATES: Mapping[str, Availability] = {
    **dict.fromkeys(
        ("instock", "available", "onlineonly", "instoreonly", "limitedavailability", "true", "yes", "1"), "in"
    ),
    **dict.fromkeys(("preorder", "backorder", "presale", "availablefororder", "madetoorder", "reserved"), "later"),
    **dict.fromkeys(
        ("outofstock", "soldout", "discontinued", "unavailable", "notavailable", "false", "no", "0"), "out"
    ),
}
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")

T = TypeVar("T")


class Reading(Struct, frozen=True):
    """How the cells of a catalogue are to be read.

    Args:
        decimal: the decimal sign, or empty.
        currency: of prices that say none.
        zone: IANA name, for moments without an offset.
    """

    decimal: str = ""
    currency: str = ""
    zone: str = ""


def product_of(row: Mapping[str, str], place: str, reading: Reading) -> Product:
    """The product of a row; what cannot be understood of it is one of its doubts."""
    doubts: list[str] = []
    currency = row.get("currency", "").strip().upper()
    currency = currency if re.fullmatch(r"[A-Z]{3}", currency) else reading.currency

    def money(field: str) -> Money | None:
        text = row.get(field, "").strip()
        return _tried(lambda: read_money(text, reading.decimal, currency), field, text, doubts) if text else None

    price, sale = money("price"), money("sale_price")
    if price is None and not row.get("price", "").strip():
        doubts.append("it has no price there")
    return Product(
        place=place,
        keys=tuple(dict.fromkeys(folded for name in KEYS if (folded := folded_key(row.get(name, ""))))),
        title=plain(row.get("title", "")),
        link=plain(row.get("link", "")),
        image=plain(row.get("image", "")),
        group=folded_key(row.get("group", "")),
        price=price,
        sale=sale,
        window=_window(row, reading.zone, doubts) if sale is not None else None,
        was=money("was_price"),
        lowest=money("lowest_30d"),
        availability=_availability(row),
        measure=(plain(row.get("unit_measure", "")), plain(row.get("unit_base", ""))),
        doubts=tuple(doubts),
    )


def _tried(read: Callable[[], T], field: str, text: str, doubts: list[str]) -> T | None:
    try:
        return read()
    except AmbiguousError:
        doubts.append(
            f"its {field.replace('_', ' ')} “{plain(text)[:40]}” may be read in two ways; say the `locale` of the "
            "catalogue"
        )
    except ValueError:
        doubts.append(f"its {field.replace('_', ' ')} “{plain(text)[:40]}” cannot be understood")
    return None


def _window(row: Mapping[str, str], zone: str, doubts: list[str]) -> Window | None:
    whole = row.get("sale_window", "").strip()
    if whole:
        return _tried(lambda: read_window(whole, zone), "sale_window", whole, doubts)
    start, end = row.get("sale_start", "").strip(), row.get("sale_end", "").strip()
    first = _tried(lambda: read_moment(start, zone), "sale_start", start, doubts) if start else None
    last = _tried(lambda: read_moment(end, zone, at_end=True), "sale_end", end, doubts) if end else None
    return Window(first, last) if first or last else None


def _availability(row: Mapping[str, str]) -> Availability:
    said = re.sub(r"[^a-z0-9]", "", row.get("availability", "").lower().rpartition("/")[2])
    if said:
        return _STATES.get(said, "")
    stock = row.get("stock", "").strip()
    if "policy" in row or not re.fullmatch(r"-?\d{1,9}", stock):
        return ""
    return "in" if int(stock) > 0 else "out"


def plain(text: str) -> str:
    """A text of a feed as it may be shown: one line, nothing unseen, not too long."""
    return " ".join(_UNREADABLE.sub(" ", text).split())[:_LONGEST]
