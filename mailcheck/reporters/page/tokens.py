"""The tokens of HTML as a browser cuts them, with scripting off: tags, attributes, comments, text.

Only what a preview needs, and exact in it: a difference to the browser would let a tag hide inside what we
take for text. Linear in the length of the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

Kind = Literal["text", "start", "end", "comment", "raw"]

_WS = " \\t\\n\\f\\r"
_VALUE = rf"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^{_WS}"'>][^{_WS}>]*+)?+"""
_NAME = rf"(?:=[^{_WS}/>=]*+|[^{_WS}/>=]++)"
_ATTRIBUTE = re.compile(rf"[{_WS}/]*+({_NAME})(?:[{_WS}]*+=[{_WS}]*+({_VALUE}))?+")
_TAG = re.compile(
    rf"<(/?)([a-zA-Z][^{_WS}/>]*+)((?:[{_WS}/]++|{_NAME}(?:[{_WS}]*+=[{_WS}]*+{_VALUE})?+)*+)(>|\Z)",
)
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+(?:>|\Z)|</[^a-zA-Z>][^>]*+(?:>|\Z)|</>|</\Z", re.DOTALL)
_RAW = frozenset({"script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "plaintext"})


class Token(Struct, frozen=True):
    """One token; `name` is lower case and given for tags and for the `raw` content of an element."""

    kind: Kind
    start: int
    end: int
    name: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    """Names in lower case, values with their quotes as written."""
    closed: bool = True


def tokens(source: str) -> Iterator[Token]:
    """The tokens of the source, without gaps. NUL characters must have been replaced."""
    position = text_start = 0
    while (position := source.find("<", position)) >= 0:
        token = _token_at(source, position)
        if token is None:
            position += 1
            continue
        if text_start < position:
            yield Token("text", text_start, position)
        yield token
        position = text_start = token.end
        if token.kind == "start" and token.name in _RAW and token.closed:
            end = _raw_end(source, position, token.name)
            yield Token("raw", position, end, token.name)
            position = text_start = end
    if text_start < len(source):
        yield Token("text", text_start, len(source))


def _token_at(source: str, position: int) -> Token | None:
    tag = _TAG.match(source, position)
    if tag is None:
        comment = _COMMENT.match(source, position)
        return Token("comment", position, comment.end()) if comment else None
    kind: Kind = "end" if tag[1] else "start"
    attributes = tuple((found[1].lower(), found[2] or "") for found in _ATTRIBUTE.finditer(tag[3]))
    return Token(kind, position, tag.end(), tag[2].lower(), attributes, closed=bool(tag[4]))


def _raw_end(source: str, position: int, name: str) -> int:
    if name == "plaintext":
        return len(source)
    ending = re.compile(rf"</{name}(?=[{_WS}/>])", re.IGNORECASE).search(source, position)
    return ending.start() if ending else len(source)
