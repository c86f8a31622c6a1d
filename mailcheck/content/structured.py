"""Structured data in a mail: JSON-LD and microdata, with which mail clients show badges, cards and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.elements import Element
from mailcheck.content.lazily import lazy
from mailcheck.content.markup import Markup
from mailcheck.content.masking import OUTPUT
from mailcheck.content.structured_json import Fault, Node, Value, around, read_json

_TYPE = lazy(r"(?:https?://schema\.org/?#?|schema:)?(\w+)/?", re.IGNORECASE)
_PLAIN_PRICE = lazy(r"\d+(?:\.\d+)?")
_NAMED_BY = ("name", "headline", "title")
_NOON = timedelta(hours=12)


class Stated(Struct, frozen=True):
    """One value that structured data states.

    Args:
        name: of the property, `price`.
        text: the value.
        span: where it stands.
        known: it is written there, not filled in by a merge tag.
    """

    name: str
    text: str
    span: Span
    known: bool

    @property
    def amount(self) -> Decimal | None:
        """The value as a number; `None` when it is not written as one, with a point and nothing else."""
        if not self.known or not _PLAIN_PRICE.fullmatch(self.text.strip()):
            return None
        try:
            return Decimal(self.text.strip())
        except InvalidOperation:
            return None

    @property
    def moment(self) -> datetime | date | None:
        """The value as a day or a moment of ISO 8601; `None` when it is none."""
        text = self.text.strip()
        try:
            return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            return None


class Item(Struct, frozen=True):
    """One thing that structured data describes: a `DiscountOffer`, a `PromotionCard`, an `Offer`, a `Product`.

    Args:
        type: the type of schema.org, without its address.
        values: what is stated of it.
        name: what it is called, or the thing around it; empty when nobody says so.
        span: the place of the whole.
        source: `json` or `microdata`.
    """

    type: str
    values: tuple[Stated, ...]
    name: str
    span: Span
    source: str

    def get(self, *names: str) -> Stated | None:
        """The first of these properties that is stated."""
        return next((one for name in names for one in self.values if one.name == name), None)


class Broken(Struct, frozen=True):
    """Structured data that no mail client can read: why, and where."""

    reason: str
    span: Span


class StructuredData(Struct, frozen=True):
    """The structured data of the HTML part."""

    items: tuple[Item, ...] = ()
    broken: tuple[Broken, ...] = ()

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def structured_data_of(markup: Markup) -> StructuredData:
    """Read the JSON-LD and the microdata of a part."""
    items: list[Item] = []
    broken: list[Broken] = []
    for script in markup.named("script"):
        if (script.get("type") or "").partition(";")[0].strip().lower() != "application/ld+json":
            continue
        inside = script.content
        text = markup.masked[inside.start : inside.end]
        nodes, fault = read_json(text) if text.strip() else ([], Fault("it is empty", 0))
        if fault is not None:
            at = min(inside.start + fault.at, max(inside.start, inside.end - 1))
            broken.append(Broken(fault.reason, Span(markup.part, at, min(at + 1, inside.end))))
        items += (item for node in nodes if (item := _item(markup, node, inside.start)) is not None)
    items += _microdata(markup)
    return StructuredData(tuple(items), tuple(broken))


def _item(markup: Markup, node: Node, base: int) -> Item | None:
    said = node.values.get("@type")
    match = _TYPE.fullmatch(said.text.strip()) if said is not None else None
    if match is None:
        return None
    values = tuple(_stated(markup, name, value, base) for name, value in node.values.items() if name[:1] != "@")
    name = next((one.values[key].text for one in around(node) for key in _NAMED_BY if key in one.values), "")
    return Item(match[1], values, name, Span(markup.part, base + node.start, base + node.start + 1), "json")


def _stated(markup: Markup, name: str, value: Value, base: int) -> Stated:
    span = Span(markup.part, base + value.start, base + value.end)
    written = markup.masked[span.start : span.end]
    return Stated(name, value.text, span, OUTPUT not in value.text and OUTPUT not in written)


# microdata


def _microdata(markup: Markup) -> Iterator[Item]:
    if "itemprop" not in markup.masked:
        return
    scopes: dict[int, list[Stated]] = {}
    around: dict[int, Element] = {}
    for element in markup.elements:
        names = element.get("itemprop")
        scope = next((one for one in element.ancestors if one.attribute("itemscope")), None) if names else None
        if names is None or scope is None:
            continue
        around[scope.index] = scope
        values = scopes.setdefault(scope.index, [])
        if element.attribute("itemscope") is None:
            values += (_property(element, name) for name in names.split())
    for index, values in sorted(scopes.items()):
        match = _TYPE.fullmatch((around[index].get("itemtype") or "").strip())
        if match is not None:
            name = next((one.text for key in _NAMED_BY for one in values if one.name == key), "")
            yield Item(match[1], tuple(values), name, around[index].span, "microdata")


def _property(element: Element, name: str) -> Stated:
    attribute = next((one for key in ("content", "href", "datetime") if (one := element.attribute(key))), None)
    span = attribute.value_span if attribute is not None else element.content
    text = (attribute.value or "") if attribute is not None else " ".join(element.text.split())
    known = OUTPUT not in element.markup.masked[span.start : span.end]
    return Stated(name, text, span, known)


def days_of(moment: datetime | date) -> set[date]:
    """The days that a moment may mean: midnight ends one day and starts another, and zones differ."""
    if isinstance(moment, datetime):
        return {moment.date(), (moment - _NOON).date(), (moment + _NOON).date()}
    return {moment, moment - timedelta(days=1)}
