"""Names of fields in angle brackets, `<FirstName>`: no tag of anybody's, and nothing that a reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from msgspec import Struct

from mailcheck.campaign import Part, Span
from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import angle_sort, first_words, squeeze
from mailcheck.content.markup import Markup
from mailcheck.content.stretches import Stretch
from mailcheck.content.vocabulary import origin


class PseudoElement(Struct, frozen=True):
    """`<FirstName>`: the name of a field in angle brackets, which readers never see.

    `escaped`: written with entities, so readers do see it.
    """

    span: Span
    name: str
    escaped: bool
    quoted: bool


_WHOSE_WORDS = "your|the|enter|insert|uw|jouw|je|din|ditt|dein|ihr|votre|su|tu|seu"
_WHOSE = lazy(rf"(?:{_WHOSE_WORDS})[ _\-]+", re.IGNORECASE)
_HUMPS = lazy(r"[A-ZÀ-Þ][a-zà-ÿ]+(?:_?[A-ZÀ-Þ][a-zà-ÿ]+)+\Z|[A-Z]+(?:_[A-Z]+)+\Z|[a-z]+(?:_[a-z]+)+\Z")


def _sort(name: str) -> str | None:
    """The sort of field that is named in angle brackets, `<Your Name>` included."""
    whose = _WHOSE.match(name)
    return angle_sort(name) or (angle_sort(name[whose.end() :]) if whose else None)


@lru_cache(maxsize=4096)
def _is_field(name: str) -> bool:
    """Whether the name of an element that HTML does not know is that of a field."""
    return _sort(name) is not None or _HUMPS.match(name) is not None


@cache
def _first_words() -> frozenset[str]:
    """First words of field names in several: `<First Name>` is an element `first`."""
    return first_words() | frozenset(_WHOSE_WORDS.split("|"))


# Beyond ASCII a letter may be a name, and marks that are no letters, and apostrophes, stand in many.
_NAMED = r"([^\W\d_][\w .\-]{1,40}?|[^\W\d_A-Za-z][^<>&\"=;\r\n]{0,40}?)"
_ANGLES = lazy(rf"<<?(?!/)\s?{_NAMED}\s?>{{1,2}}")
_ANGLES_OF_LETTERS = lazy(r"<<?\s?((?![\x00-\x7f])[^\W\d_][^<>&\"=;\r\n]{0,40}?)\s?>{1,2}")
_ESCAPED_ANGLES = lazy(
    rf"(?:&(?:lt|#0{{0,4}}60|#[xX]0{{0,4}}3[cC]);){{1,2}}\s?{_NAMED}\s?(?:&(?:gt|#0{{0,4}}62|#[xX]0{{0,4}}3[eE]);){{1,2}}"
)
_WIDE_ANGLES = lazy(rf"[＜‹〈]{_NAMED}[＞›〉]")


def pseudo_elements(stretch: Stretch) -> Iterator[PseudoElement]:
    """Every pseudo element of a part, in order."""
    bare = _in_text(stretch) if stretch.markup is None else _in_markup(stretch, stretch.markup)
    yield from sorted((*bare, *_escaped_angles(stretch)), key=lambda one: one.span.start)


_TAG_NAME = lazy(r"<([a-zA-Z][^\s/<>]*+)")


def _in_markup(stretch: Stretch, markup: Markup) -> Iterator[PseudoElement]:
    part, source = stretch.part, stretch.source
    unknown = {name for name in markup.names if origin(name) is None}
    names = {name for name in set(_TAG_NAME.findall(source)) if name.lower() in unknown} if unknown else ()
    if any(_is_field(name) or squeeze(name) in _first_words() for name in names):
        for element in markup.unknown_elements:
            name = " ".join(source[element.span.start : element.span.end].strip("</> \t\r\n").split())
            valued = any(attribute.value is not None for attribute in element.attributes)
            if valued or not _is_field(name) or (_sort(name) is None and element.end_tag is not None):
                continue
            yield PseudoElement(
                _with_angles(part, element.span), name, escaped=False, quoted=markup.context(element.span.start).quoted
            )
    yield from _in_raw_pieces(stretch)
    # A name that begins with a letter outside ASCII is text to HTML, and shown.
    for match in _ANGLES_OF_LETTERS.finditer(source) if not source.isascii() else ():
        if _sort(match[1]):
            yield PseudoElement(part.at(match.start(), match.end()), match[1], escaped=True, quoted=False)


def _in_raw_pieces(stretch: Stretch) -> Iterator[PseudoElement]:
    """Field names in angle brackets where HTML knows no elements: titles and attribute values."""
    for match in _ANGLES.finditer(stretch.text) if "<" in stretch.text else ():
        if stretch.readable.piece(match.start()).kind in ("title", "attribute") and _sort(match[1]) is not None:
            span = stretch.readable.span(match.start(), match.end())
            yield PseudoElement(span, match[1], escaped=True, quoted=False)


def _with_angles(part: Part, span: Span) -> Span:
    """The span with the second angle brackets of `<<FirstName>>`."""
    start, end = span.start, span.end
    while part.text[start - 1 : start] == "<":
        start -= 1
    while part.text[end : end + 1] == ">":
        end += 1
    return part.at(start, end)


def _escaped_angles(stretch: Stretch) -> Iterator[PseudoElement]:
    text = stretch.text
    patterns = [_ESCAPED_ANGLES] if "&" in text else []
    patterns += [_WIDE_ANGLES] if not text.isascii() else []
    for pattern in patterns:
        for match in pattern.finditer(text):
            if _sort(match[1]) is not None:
                span = stretch.readable.span(match.start(), match.end())
                yield PseudoElement(span, match[1], escaped=True, quoted=stretch.place_here(match.start()).quoted)


def _in_text(stretch: Stretch) -> Iterator[PseudoElement]:
    for match in _ANGLES.finditer(stretch.text) if "<" in stretch.text else ():
        if _sort(match[1]) is not None:
            yield PseudoElement(stretch.part.at(match.start(), match.end()), match[1], escaped=True, quoted=False)
