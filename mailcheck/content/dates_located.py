"""Dates of a message with their places: in the subject, the preheader, the HTML and the text part."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from mailcheck.campaign import Campaign, Part, Span
from mailcheck.content.date_vocabulary import split_locale, vocabulary
from mailcheck.content.dates import FoundDate, find_dates
from mailcheck.content.markup import Markup
from mailcheck.content.send_time import SendTime
from mailcheck.content.texts import Block


class LocatedDate(Struct, frozen=True):
    """A date and its place.

    Args:
        found: what was read.
        span: the place of what is written.
        written: the text itself, character references resolved.
        line: the line or paragraph that it stands in.
        time_span: the place of the hour, when one is written.
    """

    found: FoundDate
    span: Span
    written: str
    line: str
    time_span: Span | None = None

    @property
    def part(self) -> str:
        """Name of the part that it stands in."""
        return self.span.part.name


class Dates(Struct, frozen=True):
    """Every date of a message, part by part, in order.

    Args:
        items: the dates.
        locale: the locale whose words and order they were read by; `und` when nobody said one.
        resolved: the send time is known, so dates without a year are what they seem; else only their day and month
            mean something.
    """

    items: tuple[LocatedDate, ...] = ()
    locale: str = "und"
    resolved: bool = False

    def __iter__(self) -> Iterator[LocatedDate]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def territory(self) -> str:
        """Two letters of the market; empty when the locale names none."""
        language, region = split_locale(self.locale)
        return region or _HOME.get(language, "")

    def certain(self) -> Iterator[LocatedDate]:
        """The dates whose year is known."""
        return (one for one in self.items if self.resolved or one.found.year_written)


_HOME = {
    "de": "DE",
    "nb": "NO",
    "sv": "SE",
    "da": "DK",
    "nl": "NL",
    "pl": "PL",
    "cs": "CZ",
    "it": "IT",
    "fi": "FI",
    "no": "NO",
}
"""Where a language is at home, for those that are spoken in zones of one name."""


_SAMPLE = 6000
_FREQUENT = 0.06


def numeric_order(locale: str) -> str | None:
    """`dmy`, `mdy` or `ymd`; `None` where both of the first are used."""
    order = vocabulary(locale).order
    return order.full.replace("ymd", order.short + "y") if order.certain else None


def dates_of(
    campaign: Campaign, markup: Markup | None, tags: Iterable[Span], sent: SendTime | None, today: date
) -> Dates:
    """Read the dates of every part that a recipient reads.

    Args:
        tags: merge tags; a date inside one is none.
        today: stands in for the send time where there is none, so that dates can be compared with each other.
    """
    message = campaign.message
    parts = [part for part in (message.subject, message.preheader, message.html, message.text) if part is not None]
    texts = [PartText(part, markup if part is message.html else None) for part in parts]
    locale = declared_locale(campaign, markup) or guessed_locale([text.text for text in texts])
    day = sent.moment if sent is not None else today
    covered = list(tags)
    found: list[LocatedDate] = []
    for part, text in zip(parts, texts, strict=True):
        for one in find_dates(text.text, locale=locale, sent=day):
            span = text.span(*one.span)
            if not text.is_quoted(one.span[0]) and not any(
                tag.part is part and tag.start < span.end and span.start < tag.end for tag in covered
            ):
                hour = text.span(*one.time_span) if one.time_span else None
                written = " ".join(text.text[slice(*one.span)].split())
                found.append(LocatedDate(one, span, written, text.line(*one.span), hour))
    return Dates(tuple(found), locale, sent is not None)


def declared_locale(campaign: Campaign, markup: Markup | None) -> str:
    """The declared locale, else the language that the HTML declares."""
    if campaign.locales:
        return campaign.locales[0]
    roots = markup.named("html")[:1] if markup is not None else ()
    return next((said.strip() for root in roots if (said := root.get("lang"))), "")


_ENGLISH = frozenset(("the", "and", "you", "your", "of", "to", "is", "for", "with", "this", "our", "we", "be"))


def guessed_locale(texts: list[str]) -> str:
    """English where its little words are frequent; else nobody knows, and the words of all languages count."""
    words = re.findall(r"[^\W\d_]+", " ".join(text[:_SAMPLE] for text in texts).lower())
    return "en" if sum(word in _ENGLISH for word in words) > len(words) * _FREQUENT else "und"


class PartText:
    """The text of a part, block by block, and the way back to its places; with what is hidden, as preheaders are."""

    def __init__(self, part: Part, markup: Markup | None, *, hidden: bool = True) -> None:
        self.part = part
        self.blocks: list[Block] = []
        self.starts: list[int] = []
        texts: list[str] = []
        length = 0
        for block in markup.blocks if markup is not None else ():
            if block.in_code or block.in_title or (block.hidden and not hidden):
                continue
            self.blocks.append(block)
            self.starts.append(length)
            texts.append(block.text)
            length += len(block.text) + 2
        self.text = "\n\n".join(texts) if markup is not None else part.text

    def is_quoted(self, offset: int) -> bool:
        """Whether the line is one of a mail that is answered, and so nobody's own copy."""
        line = self.text[self.text.rfind("\n", 0, offset) + 1 : offset]
        return not self.blocks and line.lstrip()[:1] in (">", "|")

    def line(self, start: int, end: int) -> str:
        """The line, or the paragraph of HTML, around a stretch of the text."""
        mark = "\n\n" if self.blocks else "\n"
        behind = self.text.find(mark, end)
        return self.text[self.text.rfind(mark, 0, start) + 1 : behind if behind >= 0 else None].strip()

    def span(self, start: int, end: int) -> Span:
        """The place in the part of `text[start:end]`."""
        if not self.blocks:
            return self.part.at(start, end)
        number = bisect_right(self.starts, start) - 1
        offset = self.starts[number]
        return self.blocks[number].span_of(start - offset, end - offset)
