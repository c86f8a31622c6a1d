"""The facts `catalogue_table`, `mentions`, `catalogue`, `price_history` and `products`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from pydantic import ValidationError

from mailcheck.campaign import Campaign, Message
from mailcheck.catalogue.amounts import decimal_sign
from mailcheck.catalogue.building import Reading
from mailcheck.catalogue.price_history import PriceHistory, read_history
from mailcheck.catalogue.reading import Catalogue, read_catalogue
from mailcheck.catalogue.table import CatalogueTable
from mailcheck.content.links import Links
from mailcheck.content.markup import Markup
from mailcheck.content.prices_located import Prices
from mailcheck.products.items import Found, Item, Items
from mailcheck.products.mentions import Mentions, mentions_of
from mailcheck.products.pairing import Pair, Stage, foreign_headings, foreign_links, pairs_of, unknown_pictures
from mailcheck.rule import Absent, Unusable, fact
from mailcheck.run import Run


class Products(Struct, frozen=True, eq=False):
    """The products that a mail is about, and which of its prices are theirs.

    Args:
        pairs: prices and products, part by part, in order.
        found: the places that lead to products.
        items: the products, each with its variants.
    """

    pairs: tuple[Pair, ...] = ()
    found: tuple[Found, ...] = ()
    items: tuple[Item, ...] = ()

    def of(self, item: Item) -> Iterator[Pair]:
        """The prices of a product."""
        return (one for one in self.pairs if one.item is item)

    def mentions(self, item: Item) -> Iterator[Found]:
        """Where the mail speaks of a product."""
        return (one for one in self.found if one.item is item)


@fact
def catalogue_table(campaign: Campaign) -> CatalogueTable:
    """Where the catalogue of the shop is, as the manifest says it."""
    if campaign.catalogue is None:
        raise Absent("no catalogue was given (`file` in the table [catalogue] of the manifest)")
    try:
        return CatalogueTable.model_validate(dict(campaign.catalogue))
    except ValidationError as error:
        fault = error.errors()[0]
        keys = ".".join(str(key) for key in ("catalogue", *fault["loc"]))
        raise Unusable(f"{keys}: {fault['msg'].removeprefix('Value error, ')}") from None


@fact
def mentions(message: Message, links: Links, markup: Markup | None = None) -> Mentions:
    """Every place that may be about a product: data attributes, links, pictures, lines of text."""
    return mentions_of(message, links, markup)


@fact
def catalogue(catalogue_table: CatalogueTable, campaign: Campaign, run: Run, mentions: Mentions) -> Catalogue:
    """What the catalogue of the shop says of the products that the mail mentions."""
    folder, root = _folders(campaign, run)
    return read_catalogue(catalogue_table, mentions.wanted, folder, root, _reading(catalogue_table, campaign))


@fact
def price_history(catalogue_table: CatalogueTable, catalogue: Catalogue, campaign: Campaign, run: Run) -> PriceHistory:
    """What the products of the mail have cost before."""
    table = catalogue_table
    if table.history is None:
        raise Absent("no price history was given (`file` in the table [catalogue.history] of the manifest)")
    keys = frozenset(key for one in catalogue.products for key in one.keys)
    folder, root = _folders(campaign, run)
    return read_history(table.history, keys, folder, root, _reading(table, campaign))


@fact
def products(
    catalogue: Catalogue, mentions: Mentions, prices: Prices, links: Links, markup: Markup | None = None
) -> Products:
    """The products that the mail is about, and which of its prices are theirs."""
    known = Items(catalogue.products)
    every: list[Found] = []
    pairs: list[Pair] = []
    for part in prices.parts:
        found = sorted(
            (one for mention in mentions.of(part.part) for one in known.found(mention)), key=lambda one: one.at
        )
        own = [link for link in links if link.span.part is part.part]
        inside = markup if markup is not None and part.part is markup.part else None
        foreign = [*foreign_links(own, found), *(foreign_headings(inside, found) if inside is not None else ())]
        every += found
        pictures = list(unknown_pictures(own, found))
        pairs += pairs_of(Stage(part, found, sorted(foreign), pictures, inside))
    return Products(tuple(pairs), tuple(every), known.items)


def _folders(campaign: Campaign, run: Run) -> tuple[Path, Path]:
    """The folder of the manifest and that of the project."""
    root = Path(run.root)
    return (Path(campaign.path).parent if campaign.path not in ("", "-") else root), root


def _reading(table: CatalogueTable, campaign: Campaign) -> Reading:
    locale = table.locale or (campaign.locales[0] if campaign.locales else None)
    zone = str((campaign.schedule or {}).get("zone") or "")
    return Reading(
        decimal=decimal_sign(locale),
        currency=table.currency or "",
        zone=table.zone or (zone if zone != "recipient" else ""),
    )
