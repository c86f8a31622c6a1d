"""Where a mail speaks of a product: data attributes, links, pictures, alternative texts, titles."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal
from urllib.parse import unquote

from msgspec import Struct

from mailcheck.campaign import Message, Part, Span
from mailcheck.catalogue.addresses import address_key, file_name
from mailcheck.catalogue.wanted import Wanted, folded_key, wanted
from mailcheck.content.dates_located import PartText
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG
from mailcheck.content.link_wrappers import wrapped
from mailcheck.content.links import Link, Links
from mailcheck.content.markup import Markup
from mailcheck.values import Brief

Kind = Literal["data", "link", "image", "alt", "line"]

_NAMED = lazy(
    r"data-(?:[\w-]*-)?(?:sku|product|item|article|artnr|variant|gtin|ean|mpn|handle|pid|asin)(?:[-_]?(?:id|no|nr|number|code|sku))?"
)
_PROPERTIES = frozenset(("sku", "productid", "gtin", "gtin8", "gtin12", "gtin13", "gtin14", "mpn"))
_PARAMETERS = lazy(
    r"(?:.*[_-])?(?:sku|product|item|article|art|artnr|variant|gtin|ean|mpn|pid|prod|p|id|handle)(?:[_-]?(?:id|no|nr|code))?"
)
_ENDING = lazy(r"\.(?:html?|php|aspx?|jpe?g|png|gif|webp|avif)\Z")
_TAIL = lazy(r"[-_~.]([a-z]?[\w]*\d[\w]{2,})\Z")
_BASE64 = re.compile(r"[A-Za-z0-9_-]{24,2000}={0,2}")
_DISTINCT = lazy(r"(?=.*\d)[\w.-]{4,}")
_LONGEST = 2000


class Mention(Struct, frozen=True):
    """A place that may be about a product.

    Args:
        span: the place.
        at: where it stands: offset in the source, or in the text of a part without markup.
        kind: what it is.
        keys: what may be an id, SKU, bar code, part number or handle, folded.
        links: addresses, unwrapped.
        line: a line of text, or an alternative text.
        label: the text of a link.
        file: the name of a picture.
    """

    span: Span
    at: int
    kind: Kind
    keys: frozenset[str] = frozenset()
    links: tuple[str, ...] = ()
    line: str = ""
    label: str = ""
    file: str = ""


class Mentions(Brief, frozen=True, eq=False):
    """Every place of a mail that may be about a product.

    Args:
        items: those, part by part, each part in its order.
        texts: the parts as they are read.
    """

    unshown: ClassVar[tuple[str, ...]] = ("texts",)

    items: tuple[Mention, ...] = ()
    texts: tuple[PartText, ...] = ()

    def of(self, part: Part) -> Iterator[Mention]:
        """Those of a part."""
        return (one for one in self.items if one.span.part is part)

    @property
    def wanted(self) -> Wanted:
        """What of a catalogue they may mean."""
        return wanted(
            (key for one in self.items for key in one.keys),
            (link for one in self.items for link in one.links),
            (one.line for one in self.items if one.line),
            (one.file for one in self.items if one.file),
        )


def mentions_of(message: Message, links: Links, markup: Markup | None) -> Mentions:
    """Look through every part that a recipient reads."""
    parts = [part for part in (message.subject, message.preheader, message.html, message.text) if part is not None]
    texts = tuple(PartText(part, markup if part is message.html else None) for part in parts)
    found: list[Mention] = []
    for text in texts:
        own = [link for link in links if link.span.part is text.part]
        of_part = [*_lines(text), *_links(own)]
        if text.part is message.html and markup is not None:
            of_part += [*_data(markup), *_pictures(own)]
        found += sorted(of_part, key=lambda one: one.at)
    return Mentions(tuple(found), texts)


def _lines(text: PartText) -> Iterator[Mention]:
    if text.blocks:
        for block in text.blocks:
            yield Mention(block.span, block.span.start, "line", line=block.text)
        return
    at = 0
    for line in text.text.splitlines(keepends=True):
        if line.strip() and not text.is_quoted(at + len(line.rstrip("\r\n"))):
            yield Mention(text.part.at(at, at + len(line.rstrip())), at, "line", line=line)
        at += len(line)


def _data(markup: Markup) -> Iterator[Mention]:
    tokens = markup.structure.tokens
    holding = markup.tags_with("data-") | markup.tags_with("itemprop")
    for element in markup.elements if holding else ():
        if tokens[element.index] not in holding:
            continue
        keys = set()
        for one in element.attributes:
            if _NAMED.fullmatch(one.name):
                keys.add(folded_key(one.value or ""))
        if (element.get("itemprop") or "").lower() in _PROPERTIES:
            keys.add(folded_key(element.get("content") or element.text))
        keys = {key for key in keys if key and TAG not in key and len(key) <= 100}
        if keys:
            yield Mention(element.span, element.span.start, "data", frozenset(keys))


def _links(links: Iterable[Link]) -> Iterator[Mention]:
    for link in links:
        if not link.is_followed or link.is_open or link.outlook or len(link.shape) > _LONGEST:
            continue
        addresses = tuple(unwrapped(link))
        keys = frozenset(key for address in addresses for key in link_keys(address))
        at = link.element.span.start if link.element is not None else link.span.start
        yield Mention(link.span, at, "link", keys, addresses, label=link.text)


def _pictures(links: Iterable[Link]) -> Iterator[Mention]:
    for link in links:
        if link.kind != "image" or link.element is None or link.outlook or link.scheme == "data":
            continue
        at = link.element.span.start
        alt = (link.element.get("alt") or "").strip()
        if alt and link.place == "src":
            yield Mention(link.span, at, "alt", line=alt)
        name = file_name(link.shape) if len(link.shape) <= _LONGEST and TAG not in link.shape else ""
        if name:
            stem = _ENDING.sub("", name)
            first = re.split(r"[_.]", stem, maxsplit=1)[0]
            keys = frozenset(key for key in (stem, first) if _DISTINCT.fullmatch(key))
            yield Mention(link.span, at, "image", keys, (link.shape,), file=name)


def unwrapped(link: Link) -> Iterator[str]:
    """The address of a link, and those that it carries: who counts clicks often writes the target into the address."""
    shape = link.shape
    yield shape
    outer = wrapped(shape, link.host) if link.is_web else None
    if outer is not None and outer.inner:
        yield outer.inner
    for one in link.address.parameters:
        if one.value.startswith(("http://", "https://")):
            yield one.value
        elif (inner := _decoded(one.value)) is not None:
            yield inner
    for segment in link.path.split("/"):
        if segment.startswith(("http%3A", "https%3A")):
            yield unquote(segment)
        elif (inner := _decoded(segment)) is not None:
            yield inner


def _decoded(text: str) -> str | None:
    """The address that a text in base64 stands for."""
    if not text.startswith("aHR0c") or not _BASE64.fullmatch(text):
        return None
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return found if found.startswith(("http://", "https://")) else None


def link_keys(address: str) -> Iterator[str]:
    """What of an address may name a product: parts of its path, and values of its query."""
    base, query = address_key(address)
    segments = [part for part in base.split("/")[1:] if part and TAG not in part]
    for number, part in enumerate(segments):
        folded = _ENDING.sub("", part.lower())
        if number == len(segments) - 1 and len(folded) >= 3:
            yield folded
            if (tail := _TAIL.search(folded)) is not None:
                yield tail[1]
        elif _DISTINCT.fullmatch(folded):
            yield folded
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if value and TAG not in value and (_PARAMETERS.fullmatch(name) or _DISTINCT.fullmatch(value)):
            yield value.strip().lower()
