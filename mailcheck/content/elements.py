"""One element of the source, as rules see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from mailcheck.campaign import Span
from mailcheck.content.attributes import Attribute
from mailcheck.content.structure import ROOT
from mailcheck.values import Brief

if TYPE_CHECKING:
    from mailcheck.content.markup import Markup
    from mailcheck.content.scanning import Token


class Element(Brief, frozen=True):
    """A start tag, and what follows from it.

    Args:
        markup: the markup that it is in.
        index: its number, in the order of the start tags.
    """

    unshown: ClassVar[tuple[str, ...]] = ("markup",)

    markup: Markup
    index: int

    @property
    def token(self) -> Token:
        return self.markup.tokens[self.markup.structure.tokens[self.index]]

    @property
    def name(self) -> str:
        """The name in lower case."""
        return self.token[3]

    @property
    def written(self) -> str:
        """The name as written."""
        start = self.token[1] + 1
        return self.markup.source[start : start + len(self.name)]

    @property
    def span(self) -> Span:
        """The start tag."""
        _, start, end, _ = self.token
        return Span(self.markup.part, start, end)

    @property
    def end_tag(self) -> Span | None:
        """The end tag, if there is one."""
        number = self.markup.structure.ends[self.index]
        if number < 0:
            return None
        _, start, end, _ = self.markup.tokens[number]
        return Span(self.markup.part, start, end)

    @property
    def content(self) -> Span:
        """What is between start tag and end tag; empty when there is no end tag."""
        end_tag, start = self.end_tag, self.token[2]
        return Span(self.markup.part, start, start if end_tag is None else end_tag.start)

    @property
    def whole(self) -> Span:
        """From the start tag to behind the end tag; the start tag alone when there is no end tag."""
        end_tag = self.end_tag
        return self.span if end_tag is None else Span(self.markup.part, self.token[1], end_tag.end)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Every attribute as written, repeated ones included."""
        return self.markup.attributes(self.token)

    def attribute(self, name: str) -> Attribute | None:
        """The first attribute of that name, which is the one that browsers keep."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The decoded value of an attribute; `""` when it has none, `default` when it is missing."""
        attribute = self.attribute(name)
        return default if attribute is None else attribute.value or ""

    @property
    def bare(self) -> tuple[str, ...]:
        """Names of the attributes without a value, as written: `<First Name>` has `Name`."""
        return tuple(one.name_span.text for one in self.attributes if one.value_start < 0)

    @property
    def parent(self) -> Element | None:
        around = self.markup.structure.parents[self.index]
        return None if around == ROOT else Element(self.markup, around)

    @property
    def ancestors(self) -> Iterator[Element]:
        """The elements around it, from the inside out."""
        around = self.parent
        while around is not None:
            yield around
            around = around.parent

    @property
    def depth(self) -> int:
        """How many elements are around it."""
        return sum(1 for _ in self.ancestors)

    def inside(self, *names: str) -> bool:
        """Whether one of these elements is around it."""
        return any(around.name in names for around in self.ancestors)

    @property
    def text(self) -> str:
        """The decoded text of its content, as written."""
        inside = self.content
        return self.markup.text_between(inside.start, inside.end)
