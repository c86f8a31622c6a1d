"""The text that a reader sees: runs between tags, and lines joined over inline elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.elements import Element
from mailcheck.content.entities import Decoded, Decoder, decode_text
from mailcheck.content.scanning import END, START
from mailcheck.content.structure import ROOT
from mailcheck.content.vocabulary import is_block
from mailcheck.values import Brief

if TYPE_CHECKING:
    from mailcheck.content.markup import Markup

UNSEEN, CODE, TITLE = 1, 2, 4

_FLAGS: dict[str, int] = {
    **dict.fromkeys(("script", "style", "iframe", "noembed", "noframes", "template", "xml", "mj-style"), UNSEEN),
    **dict.fromkeys(("code", "pre", "kbd", "samp", "tt", "xmp", "listing", "plaintext"), CODE),
    **dict.fromkeys(("title", "mj-title"), TITLE),
}

Run = tuple[int, int, int]
"""Start, end, and number of the element around."""


class Text(Brief, frozen=True):
    """Text between two tags, in which nothing but character references stands for something else.

    Args:
        markup: the markup that it is in.
        start, end: offsets in the source.
        parent_index: number of the element around it, or -1.
    """

    unshown: ClassVar[tuple[str, ...]] = ("markup",)

    markup: Markup
    start: int
    end: int
    parent_index: int

    @property
    def span(self) -> Span:
        return Span(self.markup.part, self.start, self.end)

    @property
    def raw(self) -> str:
        """As written."""
        return self.markup.source[self.start : self.end]

    @property
    def masked(self) -> str:
        """As written, with template tags covered."""
        return self.markup.masked[self.start : self.end]

    @property
    def text(self) -> str:
        """With character references resolved."""
        return decode_text(self.raw)

    def span_of(self, start: int, end: int) -> Span:
        """The place in the source of `text[start:end]`."""
        decoder = Decoder(self.markup.source)
        decoder.add(self.start, self.end)
        return self.markup.part.at(*decoder.done().source_of(start, end))

    @property
    def parent(self) -> Element | None:
        return None if self.parent_index == ROOT else Element(self.markup, self.parent_index)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the elements around it, from the inside out."""
        parent = self.parent
        return () if parent is None else (parent.name, *(around.name for around in parent.ancestors))

    @property
    def in_code(self) -> bool:
        return self._has(CODE)

    @property
    def in_title(self) -> bool:
        return self._has(TITLE)

    @property
    def hidden(self) -> bool:
        """Whether an inline style or attribute around it hides it, as is done with preheaders."""
        return self.parent_index != ROOT and bool(self.markup.hidden[self.parent_index])

    def _has(self, flag: int) -> bool:
        return self.parent_index != ROOT and bool(self.markup.flags[self.parent_index] & flag)


class Block(Struct, frozen=True, eq=False, dict=True):
    """Text that stands in one line or paragraph, joined over the inline elements in it.

    Args:
        pieces: its texts in order; some may be white space only.
    """

    pieces: tuple[Text, ...]

    @cached_property
    def _decoded(self) -> Decoded:
        decoder = Decoder(self.pieces[0].markup.source)
        for piece in self.pieces:
            decoder.add(piece.start, piece.end)
        return decoder.done()

    @property
    def text(self) -> str:
        """With character references resolved; white space as written."""
        return self._decoded.text

    @property
    def span(self) -> Span:
        """From the first to the last character, the tags between them included."""
        return Span(self.pieces[0].markup.part, self.pieces[0].start, self.pieces[-1].end)

    def span_of(self, start: int, end: int) -> Span:
        """The place in the source of `text[start:end]`, from its first to its last character."""
        return self.pieces[0].markup.part.at(*self._decoded.source_of(start, end))

    @property
    def parent(self) -> Element | None:
        """The element around its first text."""
        return self.pieces[0].parent

    @property
    def in_code(self) -> bool:
        return all(piece.in_code for piece in self._seen)

    @property
    def in_title(self) -> bool:
        return self.pieces[0].in_title

    @property
    def hidden(self) -> bool:
        return all(piece.hidden for piece in self._seen)

    @property
    def _seen(self) -> tuple[Text, ...]:
        return tuple(piece for piece in self.pieces if not piece.raw.isspace())


def lines(markup: Markup) -> Iterator[list[Run]]:
    """The visible runs of text, line by line; lines of white space only are left out."""
    source, owners, flags = markup.source, markup.structure.owners, markup.flags
    line: list[Run] = []
    blank, at, owner = True, 0, ROOT
    for number, (kind, start, end, name) in enumerate(markup.tokens):
        if at < start and (owner == ROOT or not flags[owner] & UNSEEN):
            line.append((at, start, owner))
            blank = blank and source[at:start].isspace()
        if (kind in (START, END)) and is_block(name):
            if not blank:
                yield line
            line, blank = [], True
        at, owner = end, owners[number]
    if at < len(source) and (owner == ROOT or not flags[owner] & UNSEEN):
        line.append((at, len(source), owner))
        blank = blank and source[at:].isspace()
    if not blank:
        yield line


def inherited_flags(markup: Markup) -> list[int]:
    """For each element what holds for the text in it: `UNSEEN` (also a sample that is replaced), `CODE`, `TITLE`."""
    tokens = markup.tokens
    flags: list[int] = []
    own = dict(_FLAGS)
    if markup.part.media == "amp":
        del own["template"]
    samples = {one.element for one in markup.samples}
    for element, (token, parent) in enumerate(zip(markup.structure.tokens, markup.structure.parents, strict=True)):
        sample = UNSEEN if element in samples else 0
        flags.append(own.get(tokens[token][3], 0) | sample | (0 if parent == ROOT else flags[parent]))
    return flags


_HIDES = re.compile(
    r"display[ \t]*:[ \t]*none|visibility[ \t]*:[ \t]*hidden|[ \t\r\n\"']hidden(?=[ \t\r\n/>=])", re.IGNORECASE
)


def hidden_elements(markup: Markup) -> list[bool]:
    """For each element whether an inline style or the `hidden` attribute, of it or around it, hides its text."""
    tokens, masked = markup.tokens, markup.masked
    hiding = {
        number
        for word in ("none", "hidden")
        for number in markup.tags_with(word)
        if _HIDES.search(masked, tokens[number][1], tokens[number][2])
    }
    hidden: list[bool] = []
    for number, parent in zip(markup.structure.tokens, markup.structure.parents, strict=True):
        hidden.append(number in hiding or (parent != ROOT and hidden[parent]))
    return hidden
