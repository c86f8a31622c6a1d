"""The texts of a message with what surrounds every offset: the ground that all readers of copy stand on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from mailcheck.campaign import Campaign, Part, Span
from mailcheck.content.lazily import lazy
from mailcheck.content.markup import Markup
from mailcheck.content.readable import READ_ATTRIBUTES, Readable, readable
from mailcheck.content.scanning import BOGUS, COMMENT, DOCTYPE, START
from mailcheck.content.tags import Place
from mailcheck.content.vocabulary import RAW_PLACES

_WORD = lazy(r"[^\W_][\w'’\-]{2,40}+")
_LANG = lazy(r"<html\b[^<>]{0,400}?\blang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)
_PLAIN = {"text": Place("plain"), "header": Place("header")}
_SPACES = " \t\u00a0"
_TEXT = Place("text")
_SHOWS_CODE = lazy(r"<(?:code|pre|kbd|samp|tt|xmp|listing|plaintext|var|svg|math)\b", re.IGNORECASE)


def _place_in_code(markup: Markup, offset: int) -> Place:
    """The place where some elements show their content as it is; asks for the structure of the whole part."""
    context = markup.context(offset)
    return Place(context.kind, context.element, context.attribute, context.quoted)


def _place_in_tokens(markup: Markup, offset: int) -> Place:
    """The place, read off the nearest token alone."""
    number = bisect_right(markup.token_starts, offset) - 1
    if number < 0:
        return _TEXT
    kind, _, end, name = token = markup.tokens[number]
    if offset >= end:
        return Place(RAW_PLACES.get(name, "text") if kind == START else "text", name if kind == START else "")
    if kind == START:
        for attribute in markup.attributes(token):
            if attribute.value_start <= offset < attribute.value_end:
                return Place("attribute", name, attribute.name)
    return _place_in_code(markup, offset) if kind in (COMMENT, BOGUS, DOCTYPE) else Place("tag", name)


class Stretch(Struct, frozen=True, eq=False, dict=True):
    """One part of a message, ready to be searched.

    Args:
        part: the text.
        markup: how it is to be read when it is HTML, else `None`.
    """

    part: Part
    markup: Markup | None = None

    @property
    def source(self) -> str:
        """The whole text, markup and all."""
        return self.part.text

    @cached_property
    def readable(self) -> Readable:
        """What a reader meets of it."""
        return readable(self.part, self.markup)

    @property
    def text(self) -> str:
        """The readable text; offsets of the methods below are offsets in it."""
        return self.readable.text

    @cached_property
    def _shows_code(self) -> bool:
        return _SHOWS_CODE.search(self.source) is not None

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the readable text in lower case; cheap to ask before a search."""
        return frozenset(_WORD.findall(self.text.lower()))

    def place(self, offset: int) -> Place:
        """What surrounds an offset of the source."""
        if self.markup is None:
            return _PLAIN.get(self.part.media, _PLAIN["header"])
        in_code = self._shows_code
        return _place_in_code(self.markup, offset) if in_code else _place_in_tokens(self.markup, offset)

    def place_here(self, offset: int) -> Place:
        """What surrounds an offset of the readable text."""
        if self.markup is None:
            return _PLAIN.get(self.part.media, _PLAIN["header"])
        piece = self.readable.piece(offset)
        if piece.kind == "attribute":
            return Place("attribute", piece.element, piece.attribute)
        if piece.kind == "conditional":
            return Place("conditional")
        return self.place(self.readable.source(offset))

    def visible(self, start: int, end: int) -> Span | None:
        """The place of `text[start:end]`, when a reader sees it: not in code samples, nor in the address of a link."""
        piece = self.readable.piece(start)
        if piece.kind == "attribute" and piece.attribute not in READ_ATTRIBUTES:
            return None
        if self.place_here(start).quoted:
            return None
        return self.readable.span(start, end)

    def edge_before(self, start: int) -> bool:
        """Whether text begins here: at the start of the part, or right behind a tag or line end."""
        before = self.text[max(0, start - 40) : start].rstrip(_SPACES)
        return not before or before[-1] in "\r\n" or before.endswith("&nbsp;")

    def edge_behind(self, end: int) -> bool:
        """Whether text ends here."""
        behind = self.text[end : end + 40].lstrip(_SPACES)
        return not behind or behind[0] in "\r\n"


class Copy(Struct, frozen=True):
    """Every text that a recipient, or their mail client, reads.

    Args:
        stretches: sender, reply-to, subject, preheader, HTML, text part, AMP part, attachment names.
        language: two letters, from the campaign or the HTML; empty when nobody said.
        rendered: what is judged is what recipients get.
        headers: what services fill in and no recipient reads: merge tags are looked for, copy is not.
    """

    stretches: tuple[Stretch, ...] = ()
    language: str = ""
    rendered: bool = False
    headers: tuple[Stretch, ...] = ()

    def __iter__(self) -> Iterator[Stretch]:
        return iter(self.stretches)


_FILLED_HEADERS = frozenset(("to", "cc", "list-unsubscribe", "list-help", "feedback-id"))


def copy_of(campaign: Campaign, markup: Markup | None) -> Copy:
    """Lay out the parts of a message."""
    message = campaign.message
    stretches = []
    for part in message.parts():
        if part is message.html:
            stretches.append(Stretch(part, markup))
        elif part.media in ("html", "amp", "mjml"):
            stretches.append(Stretch(part, Markup(part, campaign.dialect)))
        else:
            stretches.append(Stretch(part))
    language = campaign.locales[0][:2].lower() if campaign.locales else ""
    if not language and message.html is not None and (match := _LANG.search(message.html.text[:20_000])):
        language = match[1][:2].lower()
    headers = tuple(Stretch(header.value) for header in message.headers if header.name.lower() in _FILLED_HEADERS)
    return Copy(tuple(stretches), language, campaign.stage == "rendered", headers)
