"""What of a text reaches a reader: runs of text and the attribute values that are read or followed.

Most of an HTML mail is markup and styles. Searches for copy and for weak merge tags run over this short text
instead, in which every piece stands on a line of its own, and lead back to the place in the source.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from mailcheck.campaign import Part, Span
from mailcheck.content.markup import Markup
from mailcheck.content.scanning import COMMENT, START
from mailcheck.content.structure import ROOT
from mailcheck.content.texts import UNSEEN
from mailcheck.values import Brief

READ_ATTRIBUTES = frozenset({"alt", "title", "aria-label", "content", "label", "placeholder", "value", "summary"})
URL_ATTRIBUTES = frozenset({"href", "src", "action", "background", "srcset", "xlink:href"})

_HIDDEN = frozenset({"style", "script", "mj-style", "iframe", "noembed", "noframes", "xml", "mj-attributes"})
_TITLES = frozenset({"title", "mj-title"})
_PLAIN_TAGS = frozenset(
    {
        "td",
        "tr",
        "table",
        "tbody",
        "thead",
        "div",
        "p",
        "span",
        "br",
        "center",
        "b",
        "strong",
        "em",
        "i",
        "font",
        "li",
        "ul",
        "th",
        "style",
        "script",
    }
)
"""Tags that rarely carry an attribute that is read; two cheap questions spare the search."""
_VALUE = re.compile(r"([^\s\"'<>/=]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]++))")
_WANTED = READ_ATTRIBUTES | URL_ATTRIBUTES
_TELLING = re.compile(r"[{}|\[\]*｛％＊［＄＠]|%[%A-Z]")
"""Characters of merge tags: a value that holds one is read too, whatever the attribute."""


class Piece(Struct, frozen=True):
    """One line of the readable text: where it stands in the source, and what it is."""

    source: int
    kind: str
    element: str
    attribute: str


class Readable(Brief, frozen=True):
    """The readable text of a part.

    Args:
        text: the pieces, one a line; line ends inside a piece are spaces.
        starts: offset of each piece in `text`.
        pieces: what each piece is.
    """

    unshown: ClassVar[tuple[str, ...]] = ("starts", "pieces")

    part: Part
    text: str
    starts: list[int]
    pieces: list[Piece]

    def piece(self, offset: int) -> Piece:
        """The piece that holds the character at `offset`."""
        return self.pieces[bisect_right(self.starts, offset) - 1]

    def span(self, start: int, end: int) -> Span:
        """The stretch `text[start:end]` in the source."""
        return self.part.at(self.source(start), self.source(end - 1) + 1 if end > start else self.source(start))

    def source(self, offset: int) -> int:
        """Where the character at `offset` stands in the source."""
        index = bisect_right(self.starts, offset) - 1
        return self.pieces[index].source + offset - self.starts[index]


def readable(part: Part, markup: Markup | None) -> Readable:
    """Collect what is read of a part; all of it when it is not HTML."""
    if markup is None:
        kind = "plain" if part.media == "text" else "header"
        return Readable(part, part.text, [0], [Piece(0, kind, "", "")])
    starts, pieces, texts, length = [], [], [], 0
    for piece, text in _pieces(markup):
        starts.append(length)
        pieces.append(piece)
        flat = text.replace("\r", " ").replace("\n", " ") if "\n" in text or "\r" in text else text
        texts.append(flat)
        length += len(flat) + 1
    if not pieces:
        return Readable(part, "", [0], [Piece(0, "text", "", "")])
    return Readable(part, "\n".join(texts), starts, pieces)


_ALSO_TELLING = re.compile(r"@[A-Z]|##|<\s?%|&#|\$[\[{]|~[A-Z]|<[A-Z][a-z]+[A-Z]|%\w")
_STYLE_OR_XML = re.compile(r"<(?:style|xml)\b", re.IGNORECASE)


def _holds_tags(source: str, start: int, end: int) -> bool:
    """Whether the mail that a conditional comment hides may hold merge tags; most hold styles for Outlook."""
    inner = source.find(">", start, end)
    return (
        _TELLING.search(source, inner, end - 12) or _ALSO_TELLING.search(source, inner, end - 12)
    ) is not None and _STYLE_OR_XML.search(source, start, end) is None


def _behind_samples(markup: Markup) -> frozenset[int]:
    """Numbers of the tokens before which a sample stands that a template engine replaces."""
    if not markup.samples:
        return frozenset()
    owners, flags = markup.structure.owners, markup.flags
    return frozenset(number + 1 for number, owner in enumerate(owners) if owner != ROOT and flags[owner] & UNSEEN)


def _pieces(markup: Markup) -> Iterator[tuple[Piece, str]]:
    source, masked = markup.source, markup.masked
    position, element, kind = 0, "", "text"
    replaced = _behind_samples(markup)
    for number, token in enumerate((*markup.tokens, (0, len(source), len(source), ""))):
        sort, start, end, name = token
        is_read = start > position and kind and number not in replaced
        if is_read and not (run := source[position:start]).isspace():
            yield Piece(position, kind, element, ""), run
        position = end
        if sort != START:
            kind = "text"
            if sort == COMMENT and source.startswith("<!--[if", start) and _holds_tags(source, start, end):
                yield Piece(start, "conditional", "", ""), source[start:end]
            continue
        element = name
        kind = "" if name in _HIDDEN else "title" if name in _TITLES else "text"
        tag = masked[start:end]
        telling = _TELLING.search(tag) is not None
        if not telling and name in _PLAIN_TAGS and "background" not in tag and "title" not in tag:
            continue
        for match in _VALUE.finditer(masked, start, end) if "=" in tag else ():
            attribute, group = match[1].lower(), match.lastindex or 0
            if attribute not in _WANTED and not (telling and _TELLING.search(match[group])):
                continue
            if match.end(group) > match.start(group):
                value = source[match.start(group) : match.end(group)]
                if value.startswith("data:"):
                    continue
                yield Piece(match.start(group), "attribute", name, attribute), value
