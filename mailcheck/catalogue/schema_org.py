"""Products of schema.org, as JSON or JSON-LD: offers, price specifications, groups of variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_DEEPEST = 6
_CROSSED_OUT = ("strikethroughprice", "listprice", "srp", "msrp")
_PRODUCTS = frozenset(("product", "individualproduct", "productmodel", "productgroup", "vehicle", "book"))


def is_schema_org(value: Mapping[str, object]) -> bool:
    """Whether an object says of itself that it is of schema.org."""
    kinds = _kinds(value)
    return bool(kinds) or "@graph" in value or isinstance(value.get("offers"), dict | list)


def products_of(value: object, depth: int = 0) -> Iterator[dict[str, str]]:
    """Every product in an object, an offer each, by the fields of a catalogue."""
    if isinstance(value, list):
        for one in value:
            yield from products_of(one, depth + 1)
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    for key in ("@graph", "itemListElement", "item", "mainEntity"):
        if key in value:
            yield from products_of(value[key], depth + 1)
    if not (_kinds(value) & _PRODUCTS or "offers" in value):
        return
    variants = value.get("hasVariant")
    if variants is not None:
        group = _text(value.get("productGroupID")) or _text(value.get("url")) or _text(value.get("name"))
        shared = {"group": group, "title": _text(value.get("name"))}
        for one in products_of(variants, depth + 1):
            yield {**{key: text for key, text in shared.items() if text}, **one}
        return
    own = _own(value)
    for offer in _offers(value.get("offers")):
        yield {**own, **offer}


def _kinds(value: Mapping[str, object]) -> set[str]:
    said = value.get("@type")
    kinds = said if isinstance(said, list) else [said]
    return {kind.rpartition("/")[2].lower() for kind in kinds if isinstance(kind, str)}


def _own(value: Mapping[str, object]) -> dict[str, str]:
    image = value.get("image")
    image = image[0] if isinstance(image, list) and image else image
    group = value.get("isVariantOf")
    found = {
        "id": _text(value.get("productID")) or _text(value.get("sku")),
        "sku": _text(value.get("sku")),
        "gtin": next(
            (
                text
                for key in ("gtin13", "gtin", "gtin12", "gtin14", "gtin8", "isbn")
                if (text := _text(value.get(key)))
            ),
            "",
        ),
        "mpn": _text(value.get("mpn")),
        "title": _text(value.get("name")),
        "link": _text(value.get("url")) or _text(value.get("@id")),
        "image": _text(image.get("url") or image.get("contentUrl")) if isinstance(image, dict) else _text(image),
        "group": _text(value.get("inProductGroupWithID"))
        or (_text(group.get("productGroupID")) if isinstance(group, dict) else ""),
    }
    return {key: text for key, text in found.items() if text}


def _offers(given: object, depth: int = 0) -> Iterator[dict[str, str]]:
    for offer in given if isinstance(given, list) else [given]:
        if not isinstance(offer, dict) or depth > _DEEPEST:
            continue
        inner = offer.get("offers")
        if inner is not None:
            yield from _offers(inner, depth + 1)
            continue
        found = _offer(offer)
        if found:
            yield found


def _offer(offer: Mapping[str, object]) -> dict[str, str]:
    """An offer: its price, and the one that is crossed out; the current one has no `priceType`."""
    specs = offer.get("priceSpecification")
    specs = specs if isinstance(specs, list) else [specs]
    current, crossed = _text(offer.get("price")) or _text(offer.get("lowPrice")), ""
    currency = _text(offer.get("priceCurrency"))
    for spec in specs:
        if not isinstance(spec, dict) or "referenceQuantity" in spec:
            continue
        currency = currency or _text(spec.get("priceCurrency"))
        kind = _text(spec.get("priceType")).rpartition("/")[2].lower()
        if kind in _CROSSED_OUT:
            crossed = crossed or _text(spec.get("price"))
        elif not kind:
            current = current or _text(spec.get("price"))
    found = {
        "price": crossed or current,
        "sale_price": current if crossed else "",
        "sale_end": _text(offer.get("priceValidUntil")) if crossed else "",
        "currency": currency,
        "availability": _text(offer.get("availability")),
        "sku": _text(offer.get("sku")),
        "gtin": _text(offer.get("gtin13")) or _text(offer.get("gtin")),
        "mpn": _text(offer.get("mpn")),
        "link": _text(offer.get("url")),
    }
    return {key: text for key, text in found.items() if text}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
