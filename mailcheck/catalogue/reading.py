"""The catalogue of a shop, read once, of which only the products that a mail mentions are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from mailcheck.catalogue import delimited, json_feed, parquet, xml_feed
from mailcheck.catalogue.amounts import read_money, sign_of
from mailcheck.catalogue.building import Reading, product_of
from mailcheck.catalogue.delimited import Record, Shape
from mailcheck.catalogue.fields import ALIASES, FIELDS, fold
from mailcheck.catalogue.files import FeedFile, feed_file
from mailcheck.catalogue.product import Product
from mailcheck.catalogue.table import CatalogueTable, Row
from mailcheck.catalogue.wanted import Wanted, folded_key
from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean

MOST_PRODUCTS = 20_000
"""Rows that are kept; what matches more is no list of products that a mail can mention."""

_AMOUNTS = ("price", "sale_price", "was_price")
GIVEN = "the manifest"


class Catalogue(Struct, frozen=True, eq=False):
    """What a catalogue says of the products that a mail mentions.

    Args:
        products: those, in the order of the catalogue; with all variants of each.
        shown: what was read, for people.
        rows: how many products and variants it has in all.
        lowest: the lowest price in all of it, by currency.
        deepest: the largest discount in all of it, as a percentage; `None` when it has no sale.
        unread: prices in all of it that could not be understood; with some, `lowest` and `deepest` are not known.
        tax: whether its prices include tax: `included`, `excluded`, or empty when nobody said.
    """

    products: tuple[Product, ...]
    shown: str
    rows: int
    lowest: Mapping[str, Decimal] = field(default_factory=dict)
    deepest: Decimal | None = None
    unread: int = 0
    tax: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the mail mentions everything there is."""
        return len(self.products) == self.rows


class _Sums(Struct):
    """What is counted over all rows."""

    reading: Reading
    rows: int = 0
    unread: int = 0
    deepest: Decimal | None = None
    lowest: dict[str, Decimal] = field(default_factory=dict)

    def add(self, row: Mapping[str, str]) -> None:
        self.rows += 1
        currency = row.get("currency") or self.reading.currency
        found = []
        for name in _AMOUNTS:
            text = row.get(name)
            if text:
                try:
                    found.append(read_money(text, self.reading.decimal, currency))
                except ValueError:
                    self.unread += 1
        prices = found[:2] if row.get("sale_price") else found[:1]
        for money in prices:
            if money.amount and money.amount < self.lowest.get(money.currency, money.amount + 1):
                self.lowest[money.currency] = money.amount
        if len(found) > 1:
            self._discount([money.amount for money in found])

    def _discount(self, amounts: list[Decimal]) -> None:
        high, low = max(amounts), min(amounts)
        if high and low < high:
            percent = (high - low) * 100 / high
            self.deepest = percent if self.deepest is None else max(self.deepest, percent)


def read_catalogue(table: CatalogueTable, wanted: Wanted, folder: Path, root: Path, reading: Reading) -> Catalogue:
    """Read the catalogue that a manifest names.

    Args:
        wanted: what the mail mentions.
        folder: of the manifest.
        root: of the project.
        reading: how its cells are read.

    Raises:
        Unusable: a feed cannot be read, or not be understood; one sentence with file and line.
    """
    feeds: list[_Feed] = [_Feed(feed_file(name, folder, root), table) for name in table.file]
    if not feeds:
        feeds = [_Feed(None, table)]
    sums = _Sums(reading)
    kept: dict[tuple[int, int], Product] = {}
    signs: set[str] = set()
    for number, feed in enumerate(feeds):
        before = sums.rows
        own = sums.reading = feed.reading(reading)
        for place, (line, row) in enumerate(feed.records()):
            sums.add(row)
            if wanted.wants(row):
                _keep(kept, (number, place), row, feed.place(line), own)
                _refuse_mixed(row, signs, feed.place(line), own)
        if sums.rows == before:
            raise Unusable(f"{feed.shown} has not a single product; export it again")
    _with_variants(kept, feeds, wanted, reading)
    products = tuple(kept[key] for key in sorted(kept))
    shown = ", ".join(feed.shown for feed in feeds)
    return Catalogue(products, shown, sums.rows, sums.lowest, sums.deepest, sums.unread, table.tax or "")


def _keep(
    kept: dict[tuple[int, int], Product], key: tuple[int, int], row: Mapping[str, str], place: str, reading: Reading
) -> None:
    if len(kept) >= MOST_PRODUCTS:
        raise Unusable(
            f"{place}: more than {MOST_PRODUCTS:,} rows of the catalogue seem to be in the mail, so its keys tell no "
            "products apart; say which columns are id and link (in the manifest, [catalogue.columns])"
        )
    kept[key] = product_of(row, place, reading)


def _refuse_mixed(row: Mapping[str, str], signs: set[str], place: str, reading: Reading) -> None:
    """Refuse a feed that writes both 1.50 and 1,50: then nobody knows what 1.500 is."""
    if not reading.decimal:
        signs.update(sign for name in _AMOUNTS if (sign := sign_of(row.get(name, ""))))
        if len(signs) > 1:
            raise Unusable(f"{place}: prices have a decimal point in one row and a comma in another; export it again")


def _with_variants(kept: dict[tuple[int, int], Product], feeds: list[_Feed], wanted: Wanted, reading: Reading) -> None:
    """Keep the other variants of what was kept, too; that takes a second look, but only at one column."""
    groups = {one.group for one in kept.values() if one.group and one.group not in wanted.keys}
    if not groups:
        return
    for number, feed in enumerate(feeds):
        for place, (line, row) in enumerate(feed.records()):
            if folded_key(row.get("group", "")) in groups and (number, place) not in kept:
                _keep(kept, (number, place), row, feed.place(line), feed.reading(reading))


class _Feed(Struct, frozen=True):
    """One feed: a file, or the products of the manifest itself."""

    file: FeedFile | None
    table: CatalogueTable

    @property
    def shown(self) -> str:
        return self.file.shown if self.file else GIVEN

    def place(self, line: int) -> str:
        """Where a product is, for people."""
        return f"{self.file.shown}:{line}" if self.file else f"product {line} of {GIVEN}"

    def reading(self, reading: Reading) -> Reading:
        """How its cells are read: numbers of XML, JSON and Parquet have a point, whatever the locale."""
        text = self.file is None or (self.file.kind == "text" and self.table.format in (None, "table"))
        return reading if text or self.table.locale else replace(reading, decimal=".")

    def records(self) -> Iterator[Record]:
        """The products, row by row."""
        table, file = self.table, self.file
        if file is None:
            return given(table.products)
        style = table.format or ""
        if file.kind == "xml":
            return xml_feed.records(file, table.columns)
        if file.kind == "json" or style == "schema":
            return json_feed.records(file, table.columns, table.encoding, style)
        if file.kind == "parquet":
            return parquet.records(file, table.columns)
        shape = Shape(style, table.columns, table.market or "", table.encoding, table.delimiter or "")
        return delimited.records(file, shape)


def given(products: Iterable[Row]) -> Iterator[Record]:
    """The products of the manifest itself; columns are called as the fields, or as in Google's feeds.

    Raises:
        Unusable: a name that is no field.
    """
    names = {alias: name for name, aliases in ALIASES["merchant"].items() for alias in aliases.split()}
    names |= {name: name for name in FIELDS}
    for number, row in enumerate(products, 1):
        found: dict[str, str] = {}
        for key, value in row.items():
            name = names.get(fold(key))
            if name is None:
                raise Unusable(
                    f"product {number} of {GIVEN}: there is no field {key[:40]!r}{did_you_mean(key, FIELDS)}"
                )
            if value is not None:
                found[name] = str(value).lower() if isinstance(value, bool) else str(value)
        yield number, found
