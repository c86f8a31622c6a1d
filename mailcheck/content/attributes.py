"""Attributes of a start tag, with the places of their names and values."""

from __future__ import annotations

import re
from typing import NamedTuple

from mailcheck.campaign import Part, Span
from mailcheck.content.entities import decode_value
from mailcheck.content.masking import OUTPUT

_TAG_NAME = re.compile(rf"</?[^ \t\n\f\r/>{OUTPUT}]*+")
_ATTRIBUTE = re.compile(
    r"([^ \t\n\f\r/>][^ \t\n\f\r/>=]*+)"
    r"""(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:"([^"]*+)"?|'([^']*+)'?|([^ \t\n\f\r>"'][^ \t\n\f\r>]*+|(?!["']))))?+"""
)
_CUT = re.compile(r"<[a-zA-Z/!][^>]*[ \t\n\f\r][\w:-]+[ \t\n\f\r]*=[ \t\n\f\r]*\Z")


class Attribute(NamedTuple):
    """An attribute as written.

    Args:
        part: the part that it stands in.
        name: in lower case; as written when a template tag makes up part of it.
        start, name_end: where the name stands.
        value_start, value_end: where the value stands, without quotes; -1 when there is no `=`.
        quote: `"`, `'` or nothing.
        repeated: an earlier attribute of the tag has the same name; browsers ignore this one.
    """

    part: Part
    name: str
    start: int
    name_end: int
    value_start: int
    value_end: int
    quote: str
    repeated: bool

    @property
    def raw(self) -> str | None:
        """The value as written; `None` when there is no `=`."""
        return None if self.value_start < 0 else self.part.text[self.value_start : self.value_end]

    @property
    def value(self) -> str | None:
        """The value with its character references resolved; `None` when there is no `=`."""
        raw = self.raw
        return None if raw is None else decode_value(raw)

    @property
    def closed(self) -> bool:
        """Whether the quote that begins the value also ends it."""
        return not self.quote or self.part.text[self.value_end : self.value_end + 1] == self.quote

    @property
    def swallowed(self) -> bool:
        """Whether the value runs on into later tags, up to a quote that was meant to begin another value."""
        return bool(self.quote) and _CUT.search(self.raw or "") is not None

    @property
    def name_span(self) -> Span:
        return Span(self.part, self.start, self.name_end)

    @property
    def value_span(self) -> Span:
        """The value without quotes; the name when there is no value."""
        return self.name_span if self.value_start < 0 else Span(self.part, self.value_start, self.value_end)

    @property
    def span(self) -> Span:
        """From the name to behind the value and its quote."""
        end = max(self.name_end, self.value_end + (len(self.quote) if self.closed else 0))
        return Span(self.part, self.start, end)


def split_attributes(part: Part, masked: str, start: int, end: int) -> tuple[Attribute, ...]:
    """The attributes of the tag `masked[start:end]`, in order, repeated ones included.

    Values are those of the part itself. A template tag between attributes is none.
    """
    name = _TAG_NAME.match(masked, start, end)
    if name is None:
        return ()
    inside_end = end - 1 if masked[end - 1] == ">" else end
    seen: set[str] = set()
    found = []
    for match in _ATTRIBUTE.finditer(masked, name.end(), inside_end):
        group = match.lastindex or 1
        begin, name_end = match.span(1)
        if OUTPUT in match[1]:
            if group == 1 and not match[1].strip(OUTPUT):
                continue
            attribute_name = part.text[begin:name_end]
        else:
            attribute_name = match[1].lower()
        value_start, value_end = match.span(group) if group > 1 else (-1, -1)
        quote = ("", "", '"', "'", "")[group]
        repeated = attribute_name in seen
        seen.add(attribute_name)
        found.append(Attribute(part, attribute_name, begin, name_end, value_start, value_end, quote, repeated))
    return tuple(found)
