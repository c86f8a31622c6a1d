"""Prices of a message with their places: in the subject, the preheader, the HTML and the text part."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

from msgspec import Struct

from mailcheck.campaign import Campaign, Part, Span
from mailcheck.content.dates_located import PartText, declared_locale, guessed_locale
from mailcheck.content.elements import Element
from mailcheck.content.entities import decode_text
from mailcheck.content.lazily import lazy
from mailcheck.content.markup import Markup
from mailcheck.content.price_context import Kind
from mailcheck.content.price_markets import Market, market
from mailcheck.content.price_text import common_tags
from mailcheck.content.prices import Price, TaggedPrice, find_prices, find_tagged_prices

_STRUCK_NAMES = frozenset(("s", "del", "strike"))
_STRUCK = lazy(
    r"line-through|\b(?:class|style)\s*=[^>]*\b(?:old[-_]?price|price[-_]?old|was[-_]?price|price[-_]?was|strike)",
    re.IGNORECASE,
)
_MARKED = frozenset(("plain", "was", "now"))


class Placed(Protocol):
    """Anything that stands in the text of a part: `at` as `PartText` lays it out, `span` in the source."""

    @property
    def at(self) -> tuple[int, int]: ...

    @property
    def span(self) -> Span: ...


class LocatedPrice(Struct, frozen=True):
    """A price and its place.

    Args:
        found: what was read.
        span: the place of what is written, marker included.
        written: the text itself, character references resolved.
        at: (start, end) in the text of its part, as `PartText` lays it out.
        struck: it is crossed out.
    """

    found: Price
    span: Span
    written: str
    at: tuple[int, int]
    struck: bool = False

    @property
    def part(self) -> str:
        """Name of the part that it stands in."""
        return self.span.part.name

    @property
    def kind(self) -> Kind:
        """What it is; a price that is crossed out is the old one, whatever the words say."""
        return "was" if self.struck and self.found.kind in _MARKED else self.found.kind


class LocatedTag(Struct, frozen=True):
    """A currency beside a merge tag: the amount comes from data.

    Args:
        found: what was read.
        span: the place of tag and marker.
        tag: the tag as written.
    """

    found: TaggedPrice
    span: Span
    tag: str


class PricedPart(Struct, frozen=True, dict=True):
    """The prices of one part.

    Args:
        text: the part as it is read.
        items: its prices, in order.
        tagged: its currencies beside merge tags, in order.
    """

    text: PartText
    items: tuple[LocatedPrice, ...] = ()
    tagged: tuple[LocatedTag, ...] = ()

    @property
    def part(self) -> Part:
        return self.text.part

    @cached_property
    def _starts(self) -> list[int]:
        return [one.at[0] for one in self.items]

    def within(self, start: int, end: int) -> Sequence[LocatedPrice]:
        """The prices that begin in a stretch of the text."""
        return self.items[bisect_right(self._starts, start - 1) : bisect_right(self._starts, end - 1)]

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.pieces[0].start for block in self.text.blocks]

    def scopes(self, one: Placed) -> Iterator[tuple[int, int]]:
        """Stretches of the text around a price or a coupon code, from its line outwards.

        In HTML every element around it, without the document itself; elsewhere its paragraph.
        """
        last = self._line(one.at)
        yield last
        if not self.text.blocks:
            yield _around(self.text.text, one.at, "\n\n")
            return
        number = bisect_right(self.text.starts, one.at[0]) - 1
        inside = next((piece for piece in self.text.blocks[number].pieces if piece.end > one.span.start), None)
        parent = inside.parent if inside is not None else None
        for element in () if parent is None else (parent, *parent.ancestors):
            found = self._stretch(element)
            if element.name in ("html", "body") or found is None:
                return
            if found[0] <= last[0] and found[1] >= last[1] and found != last:
                yield found
                last = found

    def line(self, at: tuple[int, int]) -> str:
        """The line, or the paragraph of HTML, around a stretch of the text."""
        return self.text.text[slice(*self._line(at))]

    def _line(self, at: tuple[int, int]) -> tuple[int, int]:
        return _around(self.text.text, at, "\n\n" if self.text.blocks else "\n")

    def _stretch(self, element: Element) -> tuple[int, int] | None:
        whole = element.whole
        first = bisect_right(self._block_starts, whole.start - 1)
        behind = bisect_right(self._block_starts, whole.end - 1)
        if first >= behind:
            return None
        return self.text.starts[first], self.text.starts[behind - 1] + len(self.text.blocks[behind - 1].text)


def _around(text: str, at: tuple[int, int], mark: str) -> tuple[int, int]:
    start = text.rfind(mark, 0, at[0])
    end = text.find(mark, at[1])
    return (0 if start < 0 else start + len(mark)), (len(text) if end < 0 else end)


class Prices(Struct, frozen=True):
    """Every price of a message, part by part.

    Args:
        parts: subject, preheader, HTML and text part, those that were given.
        locale: the locale that they were read by.
        declared: the locales that somebody declared, in the campaign or in the HTML.
    """

    parts: tuple[PricedPart, ...] = ()
    locale: str = "und"
    declared: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[LocatedPrice]:
        return (one for part in self.parts for one in part.items)

    def __len__(self) -> int:
        return sum(len(part.items) for part in self.parts)

    def of(self, name: str) -> PricedPart | None:
        """The part of a name: `subject`, `preheader`, `html`, `text`; MJML is `html` too."""
        wanted = ("html", "mjml") if name == "html" else (name,)
        return next((part for part in self.parts if part.part.name in wanted), None)

    @property
    def tagged(self) -> tuple[LocatedTag, ...]:
        """Every currency beside a merge tag."""
        return tuple(one for part in self.parts for one in part.tagged)

    @property
    def market(self) -> Market:
        """What prices look like there."""
        return market(self.locale)


def prices_of(campaign: Campaign, markup: Markup | None, tags: Iterable[Span]) -> Prices:
    """Read the prices of every part that a recipient reads.

    Args:
        tags: merge tags; they are blanked, and a currency beside one is kept as such.
    """
    message = campaign.message
    parts = [part for part in (message.subject, message.preheader, message.html, message.text) if part is not None]
    texts = [PartText(part, markup if part is message.html else None) for part in parts]
    declared = tuple(one for one in campaign.locales or (declared_locale(campaign, markup),) if _is_locale(one))
    locale = declared[0] if declared else guessed_locale([text.text for text in texts])
    spans = list(tags)
    found = [_priced(text, locale, [tag for tag in spans if tag.part is text.part]) for text in texts]
    return Prices(tuple(found), locale, declared)


def _is_locale(said: str) -> bool:
    try:
        market(said)
    except ValueError:
        return False
    return True


def _priced(text: PartText, locale: str, tags: list[Span]) -> PricedPart:
    blank = sorted({*common_tags(text.text), *_tags_in(text, tags)})
    items = []
    for price in find_prices(text.text, locale=locale, tags=blank):
        if text.is_quoted(price.span[0]):
            continue
        span = text.span(*price.span)
        written = " ".join(text.text[slice(*price.span)].split())
        items.append(LocatedPrice(price, span, written, price.span, _is_struck(text, price.span)))
    tagged = tuple(
        LocatedTag(one, text.span(*one.span), text.text[slice(*one.tag)])
        for one in find_tagged_prices(text.text, locale=locale, tags=blank)
    )
    return PricedPart(text, tuple(items), tagged)


def _tags_in(text: PartText, tags: list[Span]) -> Iterator[tuple[int, int]]:
    """Where merge tags stand in the text as it is read; those in attributes are not in it."""
    at = 0
    for tag in sorted(tags, key=lambda tag: tag.start):
        written = decode_text(tag.text) if text.blocks else tag.text
        start = text.text.find(written, at)
        while start >= 0 and text.span(start, start + len(written)).start < tag.start:
            start = text.text.find(written, start + 1)
        if start >= 0 and text.span(start, start + len(written)).start == tag.start:
            yield start, start + len(written)
            at = start + len(written)


def _is_struck(text: PartText, at: tuple[int, int]) -> bool:
    """Whether an element around a price crosses it out."""
    if not text.blocks:
        return False
    number = bisect_right(text.starts, at[0]) - 1
    block, start = text.blocks[number], text.span(*at).start
    inside = next((piece for piece in block.pieces if piece.end > start), None)
    parent = inside.parent if inside is not None else None
    around = () if parent is None else (parent, *parent.ancestors)
    return any(one.name in _STRUCK_NAMES or _STRUCK.search(one.span.text) for one in around)
