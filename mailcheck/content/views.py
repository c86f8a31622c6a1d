"""Links and images of a message, and what kind of place an offset is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.attributes import Attribute
from mailcheck.content.conditionals import is_conditional
from mailcheck.content.elements import Element
from mailcheck.content.scanning import BOGUS, CDATA, COMMENT, DOCTYPE, START
from mailcheck.content.structure import ROOT
from mailcheck.content.texts import CODE
from mailcheck.content.vocabulary import RAW_PLACES

if TYPE_CHECKING:
    from mailcheck.content.markup import Markup

Place = Literal["text", "attribute", "tag", "comment", "conditional", "style", "script", "title", "doctype"]

_PAINTED = frozenset(
    (
        *("body", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "container", "wrapper", "row"),
        *("mj-body", "mj-section", "mj-wrapper", "mj-hero", "mj-column"),
    )
)
_PAINT = re.compile(r"[ \t\r\n\"'/]background(?:-url)?[ \t\r\n]*=", re.IGNORECASE)
_PICTURES = frozenset(
    (
        *("img", "image", "mj-image", "mj-carousel-image", "mj-social-element", "amp-img", "amp-anim"),
        *("v:image", "v:imagedata", "v:fill"),
    )
)


class Link(Struct, frozen=True):
    """A link that a reader can follow.

    Args:
        url: the attribute that holds the address.
        element: `a`, `area`, a button of MJML, a shape of VML …
        outlook: only Outlook for Windows shows it; it stands in a conditional comment.
    """

    url: Attribute
    element: Element
    outlook: bool = False

    @property
    def span(self) -> Span:
        """The address as written."""
        return self.url.value_span

    @property
    def href(self) -> str:
        """The address, decoded; empty when there is none."""
        return self.url.value or ""

    @property
    def text(self) -> str:
        """The text of the link, white space folded."""
        return " ".join(self.element.text.split())


class Image(Struct, frozen=True):
    """An image.

    Args:
        url: the attribute that holds the address; `None` when the element has none.
        element: the element.
        kind: an element of its own, the background of one, or a fill or picture of VML.
        outlook: only Outlook for Windows shows it.
    """

    url: Attribute | None
    element: Element
    kind: Literal["image", "background", "vml"]
    outlook: bool = False

    @property
    def span(self) -> Span:
        """The address as written; the start tag when there is none."""
        return self.element.span if self.url is None else self.url.value_span

    @property
    def src(self) -> str:
        """The address, decoded; empty when there is none."""
        return "" if self.url is None else self.url.value or ""

    @property
    def alt(self) -> str | None:
        """The alternative text, decoded; `None` when the attribute is missing."""
        return self.element.get("alt")

    @property
    def width(self) -> str | None:
        return self.element.get("width")

    @property
    def height(self) -> str | None:
        return self.element.get("height")


class Context(Struct, frozen=True):
    """What kind of place an offset is.

    Args:
        kind: `text` is what a reader sees; `attribute` is inside a value, `tag` anywhere else in a tag;
            `conditional` is inside a conditional comment, or the comment that begins or ends one; `script` is
            also the content of an `iframe` and of other elements that are not shown.
        span: the value, run of text, tag or comment that holds the offset.
        element: name of the element whose tag it is, or that the text is in; empty outside of elements.
        attribute: name of the attribute whose value it is.
        quoted: inside `code`, `pre`, `kbd`, `samp` or their kin, where things are shown as they are.
    """

    kind: Place
    span: Span
    element: str = ""
    attribute: str = ""
    quoted: bool = False


_TOKENS: dict[int, Place] = {DOCTYPE: "doctype", CDATA: "text"}


def context(markup: Markup, offset: int) -> Context:
    """What kind of place the character at `offset` is."""
    number = bisect_right(markup.token_starts, offset) - 1
    if number < 0 or offset >= markup.tokens[number][2]:
        return _context_of_text(markup, number)
    token = markup.tokens[number]
    kind, start, end, name = token
    span = Span(markup.part, start, end)
    owner = markup.structure.owners[number]
    quoted = owner != ROOT and bool(markup.flags[owner] & CODE)
    if kind == START:
        attributes = markup.attributes(token)
        index = bisect_right(attributes, offset, key=lambda attribute: attribute.start) - 1
        if index >= 0 and attributes[index].value_start <= offset < attributes[index].value_end:
            return Context("attribute", attributes[index].value_span, name, attributes[index].name, quoted)
    if kind in (COMMENT, BOGUS):
        return Context("conditional" if is_conditional(markup.masked, token) else "comment", span, quoted=quoted)
    return Context(_TOKENS.get(kind, "tag"), span, name, quoted=quoted)


def _context_of_text(markup: Markup, number: int) -> Context:
    tokens = markup.tokens
    begin = tokens[number][2] if number >= 0 else 0
    span = Span(markup.part, begin, tokens[number + 1][1] if number + 1 < len(tokens) else len(markup.source))
    owner = markup.structure.owners[number] if number >= 0 else ROOT
    if owner == ROOT:
        return Context("text", span)
    name = tokens[markup.structure.tokens[owner]][3]
    return Context(RAW_PLACES.get(name, "text"), span, name, quoted=bool(markup.flags[owner] & CODE))


def own_links(markup: Markup) -> Iterator[Link]:
    """The links of one view of a message."""
    tokens = markup.tokens
    for index, number in enumerate(markup.structure.tokens):
        name = tokens[number][3]
        if name in ("a", "area") or name.startswith(("mj-", "v:")):
            element = Element(markup, index)
            url = element.attribute("href")
            if url is not None:
                yield Link(url, element)


def own_images(markup: Markup) -> Iterator[Image]:
    """The images of one view of a message."""
    tokens = markup.tokens
    painted = {
        number
        for number in markup.tags_with("background")
        if _PAINT.search(markup.masked, tokens[number][1], tokens[number][2])
    }
    for index, number in enumerate(markup.structure.tokens):
        name = tokens[number][3]
        if name in _PICTURES:
            element = Element(markup, index)
            yield Image(element.attribute("src"), element, "vml" if name.startswith("v:") else "image")
        elif name in _PAINTED and number in painted:
            element = Element(markup, index)
            for key in ("background", "background-url"):
                url = element.attribute(key)
                if url is not None and url.value:
                    yield Image(url, element, "background")
