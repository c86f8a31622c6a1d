"""The fields of a product, and by which names feeds call them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean

FIELDS: Mapping[str, str] = {
    "id": "id of the product or variant",
    "sku": "its stock-keeping unit",
    "gtin": "its bar code: GTIN, EAN, UPC, ISBN",
    "mpn": "part number of its maker",
    "handle": "its name in addresses",
    "group": "what variants of one product share",
    "title": "its name",
    "link": "address of its page",
    "image": "address of its picture",
    "price": "what it costs",
    "sale_price": "what it costs while it is on sale",
    "sale_window": "when it is on sale, `start/end`",
    "sale_start": "when the sale begins",
    "sale_end": "when the sale ends",
    "was_price": "the price that the shop shows crossed out",
    "currency": "of its prices",
    "availability": "whether it can be bought",
    "stock": "how many there are",
    "unit_measure": "how much is in it: `750 ml`",
    "unit_base": "what its unit price is for: `1 l`",
    "lowest_30d": "the lowest price of the 30 days before the sale",
}
"""What is known of a product, by name."""

KEYS = ("id", "sku", "gtin", "mpn", "handle")
"""Fields that name a product."""

HISTORY: Mapping[str, str] = {
    "id": "id or SKU of the product",
    "date": "the day from which the price counts",
    "price": "the price",
    "currency": "its currency",
}

_MERCHANT = {
    "id": "id retailer_id item_id product_id",
    "sku": "sku",
    "gtin": "gtin ean upc isbn barcode gtin13",
    "mpn": "mpn",
    "handle": "handle slug",
    "group": "item_group_id group parent_id",
    "title": "title name product_name",
    "link": "link url product_url",
    "image": "image_link image image_url",
    "price": "price",
    "sale_price": "sale_price",
    "sale_window": "sale_price_effective_date",
    "sale_start": "sale_start sale_price_start_date",
    "sale_end": "sale_end sale_price_end_date",
    "was_price": "was_price compare_at_price regular_price list_price old_price rrp msrp",
    "currency": "currency price_currency",
    "availability": "availability",
    "stock": "stock quantity stock_quantity",
    "unit_measure": "unit_pricing_measure",
    "unit_base": "unit_pricing_base_measure",
    "lowest_30d": "lowest_30d lowest_price_30d omnibus_price",
}
_SHOPIFY = {
    "handle": "handle url_handle",
    "title": "title",
    "sku": "variant_sku sku",
    "gtin": "variant_barcode barcode",
    "price": "variant_price price",
    "was_price": "variant_compare_at_price compare_at_price",
    "image": "image_src product_image_url variant_image variant_image_url",
    "stock": "variant_inventory_qty inventory_quantity",
    "policy": "variant_inventory_policy continue_selling_when_out_of_stock",
    "tracker": "variant_inventory_tracker inventory_tracker",
    "status": "status",
}
ALIASES: Mapping[str, Mapping[str, str]] = {"merchant": _MERCHANT, "shopify": _SHOPIFY}


def fold(name: str) -> str:
    """A name of a column as it is compared: `g:Image Link` is `image_link`."""
    folded = re.sub(r"[^\w/]+", "_", name.strip().removeprefix("\ufeff").casefold().removeprefix("g:"))
    return folded.strip("_")


def is_shopify(header: Sequence[str]) -> bool:
    """Whether a header is one of the two that Shopify writes."""
    names = {fold(one) for one in header}
    return ("handle" in names and "variant_price" in names) or ("url_handle" in names and "price" in names)


def places(
    header: Sequence[str], style: str, columns: Mapping[str, str], shown: str, market: str = ""
) -> dict[str, int]:
    """Where each field stands in a row.

    Args:
        style: `merchant` for everything but `shopify`.
        columns: names of columns that somebody said, by field.

    Raises:
        Unusable: a column that is not there, twice there, or probably misspelt; or no price or no product to be told.
    """
    known = [fold(cell) for cell in header]
    found: dict[str, int] = {}
    for field, said in columns.items():
        if fold(said) not in known:
            raise Unusable(f"{shown} has no column {said[:40]!r}{did_you_mean(said, header) or _list(header)}")
        found[field] = _only(known, fold(said), shown)
    for field, names in ALIASES[style].items():
        named = [name for name in names.split() if name in known]
        if field not in found and named and (at := _only(known, named[0], shown)) not in found.values():
            found[field] = at
    if market:
        found |= _of_market(header, market, shown)
    _refuse_slips(header, found, style, shown)
    _refuse_useless(header, found, shown)
    return found


def _only(known: Sequence[str], name: str, shown: str) -> int:
    if known.count(name) > 1:
        raise Unusable(f"{shown}:1: two columns are called {name!r}; rename one, or export the feed again")
    return known.index(name)


def _of_market(header: Sequence[str], market: str, shown: str) -> dict[str, int]:
    known = [fold(cell) for cell in header]
    found = {}
    for field, names in (("price", ("price", "variant_price")), ("was_price", ("compare_at_price",))):
        for name in names:
            wanted = f"{name}_/_{fold(market)}"
            if wanted in known:
                found[field] = _only(known, wanted, shown)
    if "price" not in found:
        said = [cell.partition("/")[2].strip() for cell in header if fold(cell).startswith("price_/_")]
        tail = did_you_mean(market, said) or (
            "; there are " + ", ".join(said[:12]) if said else "; it has one price for all"
        )
        raise Unusable(f"{shown} has no price for the market {market[:40]!r}{tail}")
    return found


def _refuse_slips(header: Sequence[str], found: Mapping[str, int], style: str, shown: str) -> None:
    """Refuse a feed where a slip of the pen would hide a column."""
    missing = {name for field, names in ALIASES[style].items() if field not in found for name in names.split()}
    for at, cell in enumerate(header):
        name = fold(cell)
        near = difflib.get_close_matches(name, missing, n=1, cutoff=0.87) if at not in found.values() else []
        if near and len(name) > 4 and near[0].rstrip("s") != name.rstrip("s"):
            raise Unusable(f"{shown}:1: unknown column {cell.strip()[:40]!r}; did you mean {near[0]!r}?")


def _refuse_useless(header: Sequence[str], found: Mapping[str, int], shown: str) -> None:
    if not any(field in found for field in (*KEYS, "link", "title")):
        raise Unusable(
            f"{shown} has no column that names a product{_list(header)}; say which one does (in the manifest, "
            "[catalogue.columns]: id = '…')"
        )
    if "price" not in found:
        raise Unusable(
            f"{shown} has no column 'price'{_list(header)}; say which one it is (in the manifest, [catalogue.columns]: "
            "price = '…')"
        )


def _list(names: Sequence[str]) -> str:
    return f"; there are {', '.join(name.strip()[:40] for name in names[:12])}"
