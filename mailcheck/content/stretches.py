"""The texts of a message with what surrounds every offset: the ground that all readers of copy stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from mailcheck.campaign import Message, Part, Span
from mailcheck.content.markup import Markup
from mailcheck.content.tags import Place

_WORD = re.compile(r"[^\W_][\w'’\-]{2,40}+")
_LANG = re.compile(r"<html\b[^<>]{0,400}?\blang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)
_PLAIN = {"text": Place("plain"), "header": Place("header")}


@dataclass(frozen=True, slots=True)
class Stretch:
    """One part of a message, ready to be searched.

    Args:
        part: the text.
        markup: how it is to be read when it is HTML, else `None`.
    """

    part: Part
    markup: Markup | None = None

    @property
    def text(self) -> str:
        return self.part.text

    def place(self, offset: int) -> Place:
        """What surrounds an offset."""
        if self.markup is None:
            return _PLAIN.get(self.part.media, _PLAIN["header"])
        context = self.markup.context(offset)
        return Place(context.kind, context.element, context.attribute, context.quoted)

    def visible(self, start: int, end: int) -> Span | None:
        """The place, when a reader sees it: not in code samples, styles, scripts or comments."""
        place = self.place(start)
        if place.quoted or place.kind not in ("text", "title", "plain", "header", "attribute", "conditional"):
            return None
        if place.kind == "attribute" and place.attribute not in READ_ATTRIBUTES:
            return None
        return self.part.at(start, end)

    def words(self) -> frozenset[str]:
        """Every word of the source in lower case; cheap to ask before a search."""
        return _words(self.part)

    def edge_before(self, start: int) -> bool:
        """Whether text begins here: the start of the part, or right behind a tag, quote or line end."""
        before = self.text[max(0, start - 40) : start].rstrip(" \t\u00a0")
        return not before or before[-1] in "\r\n" or (self.markup is not None and before[-1] in ">\"'") or before.endswith("&nbsp;")

    def edge_behind(self, end: int) -> bool:
        """Whether text ends here."""
        behind = self.text[end : end + 40].lstrip(" \t\u00a0")
        return not behind or behind[0] in "\r\n" or (self.markup is not None and behind[0] in "<\"'")


READ_ATTRIBUTES = frozenset({"alt", "title", "aria-label", "content", "label", "placeholder", "value", "summary"})


@lru_cache(maxsize=32)
def _words(part: Part) -> frozenset[str]:
    return frozenset(_WORD.findall(part.text.lower()))


@dataclass(frozen=True, slots=True)
class Copy:
    """Every text that a recipient, or their mail client, reads.

    Args:
        stretches: sender, reply-to, subject, preheader, HTML, text part, AMP part, attachment names.
        language: two letters, from the campaign or the HTML; empty when nobody said.
    """

    stretches: tuple[Stretch, ...] = ()
    language: str = ""
    rendered: bool = field(default=False)

    def __iter__(self) -> Iterator[Stretch]:
        return iter(self.stretches)


def copy_of(message: Message, markup: Markup | None, locales: tuple[str, ...], *, rendered: bool) -> Copy:
    """Lay out the parts of a message."""
    stretches = []
    for part in message.parts():
        if part is message.html:
            stretches.append(Stretch(part, markup))
        elif part.media in ("html", "amp", "mjml"):
            stretches.append(Stretch(part, Markup(part)))
        else:
            stretches.append(Stretch(part))
    language = locales[0][:2].lower() if locales else ""
    if not language and message.html is not None and (match := _LANG.search(message.html.text[:20_000])):
        language = match[1][:2].lower()
    return Copy(tuple(stretches), language, rendered)
