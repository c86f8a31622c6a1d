"""What products have cost: `id`, `date`, `price`, of which only the products of a mail are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from mailcheck.catalogue import delimited, json_feed, parquet
from mailcheck.catalogue.amounts import read_money
from mailcheck.catalogue.building import Reading, plain
from mailcheck.catalogue.delimited import Shape
from mailcheck.catalogue.fields import HISTORY, fold
from mailcheck.catalogue.files import feed_file
from mailcheck.catalogue.moments import read_moment
from mailcheck.catalogue.product import Product
from mailcheck.catalogue.table import PriceHistoryTable, Row
from mailcheck.catalogue.wanted import folded_key
from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean

REQUIRED = ("id", "date", "price")
_ALIASES = {"product_id": "id", "sku": "id", "day": "date", "from": "date", "valid_from": "date"}
MOST_PRICES = 200_000


class PastPrice(Struct, frozen=True):
    """A price, and the day from which it counted."""

    day: date
    amount: Decimal
    currency: str = ""


class Lowest(Struct, frozen=True):
    """The lowest price of some days.

    Args:
        price: it, with the day on which it began to count.
        known_from: the first day that the history knows of.
        first, last: the days looked at.
    """

    price: PastPrice
    known_from: date
    first: date
    last: date


class PriceHistory(Struct, frozen=True, eq=False):
    """Past prices of the products of a mail.

    Args:
        prices: by key of the product, in the order of days.
        shown: what was read, for people.
    """

    prices: Mapping[str, tuple[PastPrice, ...]] = field(default_factory=dict)
    shown: str = ""

    def of(self, product: Product) -> tuple[PastPrice, ...]:
        """The past prices of a product; none when the history does not know it."""
        return next((self.prices[key] for key in product.keys if key in self.prices), ())

    def lowest_before(self, product: Product, day: date, days: int = 30) -> Lowest | None:
        """The lowest price that counted on any of the days before one; `None` when the history knows none of them.

        A price counts until the next one.
        """
        first = day - timedelta(days=days)
        known = [one for one in self.of(product) if one.day < day]
        if not known:
            return None
        began = [one for one in known if one.day <= first][-1:]
        counted = began + [one for one in known if one.day > first]
        return Lowest(min(counted, key=lambda one: one.amount), known[0].day, first, day - timedelta(days=1))

    def reduced_on(self, product: Product, amount: Decimal, day: date) -> date | None:
        """The day from which a product costs what it costs on a day; `None` when it is not in the history, so later."""
        known = [one for one in self.of(product) if one.day <= day]
        start: date | None = None
        for one in reversed(known):
            if one.amount != amount:
                break
            start = one.day
        return start


def read_history(
    table: PriceHistoryTable, wanted: frozenset[str], folder: Path, root: Path, reading: Reading
) -> PriceHistory:
    """Read the price history that a manifest names.

    Args:
        wanted: keys of the products of the mail.
        folder, root, reading: as for the catalogue.

    Raises:
        Unusable: it cannot be read, or a price or day of one of these products cannot be understood.
    """
    found: dict[str, list[PastPrice]] = {}
    kept = rows = 0
    shown = table.file or "the manifest"
    if table.file is not None and feed_file(table.file, folder, root).kind != "text":
        reading = replace(reading, decimal=".")
    for place, values in _rows(table, folder, root):
        rows += 1
        key = folded_key(values["id"])
        if key in wanted:
            kept += 1
            if kept > MOST_PRICES:
                raise Unusable(f"{shown} has more than {MOST_PRICES:,} prices of the products of one mail; shorten it")
            found.setdefault(key, []).append(_past_price(place, values, reading))
    if not rows:
        raise Unusable(f"{shown} has not a single price; export it again")
    in_order = {key: tuple(sorted(prices, key=lambda one: one.day)) for key, prices in found.items()}
    return PriceHistory(in_order, shown)


def _past_price(place: str, values: Mapping[str, str], reading: Reading) -> PastPrice:
    try:
        day = read_moment(values["date"]).date()
    except ValueError:
        raise Unusable(f"{place}: the date {plain(values['date'])[:40]!r} is none; write it as 2027-03-31") from None
    try:
        money = read_money(
            values["price"].strip(), reading.decimal, values.get("currency", "").upper() or reading.currency
        )
    except ValueError:
        raise Unusable(f"{place}: the price {plain(values['price'])[:40]!r} cannot be understood; correct it") from None
    return PastPrice(day, money.amount, money.currency)


def _rows(table: PriceHistoryTable, folder: Path, root: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    if table.file is None:
        yield from _given(table.prices)
        return
    file = feed_file(table.file, folder, root)
    if file.kind == "json":
        for line, value in json_feed.values(file, "utf-8"):
            if isinstance(value, dict):
                yield f"{file.shown}:{line}", _named(value, table.columns, f"{file.shown}:{line}")
        return
    if file.kind == "xml":
        raise Unusable(f"{file.shown} is XML; save the price history as CSV, JSON lines or Parquet")
    if file.kind == "parquet":
        header: Sequence[str] = parquet.header(file)
        table_rows: Iterator[tuple[int, Sequence[str]]] = iter(enumerate(parquet.rows(file, header), 1))
    else:
        table_rows = delimited.rows(file, Shape())
        _, header = next(table_rows, (0, ()))
    places = _places(header, table.columns, file.shown)
    for line, cells in table_rows:
        yield f"{file.shown}:{line}", {name: cells[at] for name, at in places.items()}


def _places(header: Sequence[str], columns: Mapping[str, str], shown: str) -> dict[str, int]:
    known = [fold(cell) for cell in header]
    found: dict[str, int] = {}
    for name, said in columns.items():
        if fold(said) not in known:
            raise Unusable(f"{shown} has no column {said[:40]!r}{did_you_mean(said, header)}")
        found[name] = known.index(fold(said))
    for at, cell in enumerate(known):
        name = _ALIASES.get(cell, cell)
        if name in HISTORY and name not in found and at not in found.values():
            found[name] = at
    missing = next((name for name in REQUIRED if name not in found), None)
    if missing:
        there = ", ".join(cell.strip()[:40] for cell in header[:12])
        raise Unusable(
            f"{shown} has no column {missing!r}{did_you_mean(missing, header)}; there are {there or 'none'}: say which "
            f"one it is (in the manifest, [catalogue.history.columns]: {missing} = '…')"
        )
    return found


def _named(value: Mapping[str, object], columns: Mapping[str, str], place: str) -> Mapping[str, str]:
    header = list(map(str, value))
    places = _places(header, columns, place)
    cells = list(value.values())
    return {name: str(cells[at] if cells[at] is not None else "") for name, at in places.items()}


def _given(prices: Sequence[Row]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for number, row in enumerate(prices, 1):
        place = f"price {number} of the history in the manifest"
        yield place, _named({str(key): value for key, value in row.items()}, {}, place)
