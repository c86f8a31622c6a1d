"""Natural templates: engines that are told by an attribute what to put into an element, in the place of a sample.

`<span th:text="${user.name}">John Doe</span>`: before the template is filled in, the text is a sample that nobody is
mailed; when the attribute is still there afterwards, everybody is mailed the sample.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.entities import decode_text

if TYPE_CHECKING:
    from mailcheck.content.markup import Markup

_WORDS = {
    "text=": ("th:text", "th:utext", "data-th-"),
    "t-out=": ("t-out",),
    "t-esc=": ("t-esc",),
    "t-field=": ("t-field",),
    ":content=": ("tal:", "py:"),
    ":replace=": ("tal:", "py:"),
}
"""What is looked for first, and the beginnings of attributes that may be behind it."""
_FILLS = r"(?:(?:data-th-|th:)u?text|t-(?:out|esc|field)|(?:tal|py):(?:content|replace))"
"""Attributes of Thymeleaf, of Odoo's QWeb, of TAL (Zope, Plone, Chameleon) and of Genshi."""
_NAME = re.compile(_FILLS, re.IGNORECASE)
FILLS_SOMETHING = re.compile(
    rf"<[^<>]*[\s\"'](?:{_FILLS}|(?:data-th-|th:)(?:replace|insert|include))\s*=\s*[\"']", re.IGNORECASE
)
"""A tag with which an engine puts text or a fragment into the mail."""


class Sample(Struct, frozen=True):
    """An element with a sample in it.

    Args:
        element: its number among the elements of the markup.
        attribute: the name of the attribute that replaces its text, where it stands.
        text: the sample, without the tags in it.
    """

    element: int
    attribute: Span
    text: str


def samples(markup: Markup) -> tuple[Sample, ...]:
    """The elements whose text an engine replaces, in order."""
    tokens = markup.tokens
    # Hardly a mail has one of them, in small letters as everybody writes them; two questions spare most the others.
    some = [word for sign, words in _WORDS.items() if sign in markup.masked for word in words]
    numbers = {number for word in some if word in markup.masked for number in markup.tags_with(word)}
    if not numbers:
        return ()
    found = []
    for element, number in enumerate(markup.structure.tokens):
        attributes = markup.attributes(tokens[number]) if number in numbers else ()
        name = next((one.name_span for one in attributes if _NAME.fullmatch(one.name)), None)
        if name is not None:
            found.append(Sample(element, name, _text_within(markup, element)))
    return tuple(found)


def _text_within(markup: Markup, element: int) -> str:
    """The text of an element as it is read, in one line."""
    tokens, owners, parents = markup.tokens, markup.structure.owners, markup.structure.parents
    read = []
    for number in range(markup.structure.tokens[element], len(tokens) - 1):
        owner = owners[number]
        while owner > element:
            owner = parents[owner]
        if owner != element:
            break
        read.append(markup.source[tokens[number][2] : tokens[number + 1][1]])
    return " ".join(decode_text("".join(read)).split())
