"""Where keys and values stand in a TOML or JSON document.

The standard library's parsers give values without positions. The two scanners here only find places in
a document that those parsers have accepted, and every string is decoded a second time with an offset for
each character; when that does not give the very value, no place is claimed.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping

from msgspec import Struct

from mailcheck.campaign import Origin

KeyPath = tuple[str | int, ...]
Decode = Callable[[str, int, int], tuple[str, "array[int]"]]

_LINE_END = re.compile(r"\r\n|\n|\r")


class Place(Struct, frozen=True):
    """Offsets of a key (of the value, in a list) and of its value, `source[start:end]`."""

    key: int
    start: int
    end: int


class Places(Struct, frozen=True):
    """The source of a document and the places of everything in it, by path."""

    source: str
    of: Mapping[KeyPath, Place]
    decode: Decode

    def line(self, path: KeyPath) -> int | None:
        """Line of the key at a path, or of the nearest thing around it that has a place."""
        for length in range(len(path), 0, -1):
            place = self.of.get(path[:length])
            if place is not None:
                return len(_LINE_END.findall(self.source, 0, place.key)) + 1
        return None

    def origin(self, path: KeyPath, value: str) -> Origin | None:
        """Where each character of the text at a path was written."""
        place = self.of.get(path)
        if place is None:
            return None
        text, offsets = self.decode(self.source, place.start, place.end)
        return Origin(self.source, offsets) if text == value else None


class Lost(Exception):  # noqa: N818 - an ending, not a mistake
    """A scanner met what it does not know."""


class TwiceError(ValueError):
    """A key stands twice in one object.

    Args:
        key: as it is read.
        line: of the second, from 1.
    """

    def __init__(self, key: str, line: int) -> None:
        self.line = line
        super().__init__(f"the key {key!r} stands twice; keep one")


def decode_pieces(
    source: str, start: int, end: int, pieces: re.Pattern[str], unescape: Callable[[str], str]
) -> tuple[str, array[int]]:
    """The text that `source[start:end]` stands for, and the offset of each of its characters and of its end.

    Args:
        pieces: matches an escape or a line end to be folded, as a named group, or a run of plain characters.
        unescape: what an escape or a line end stands for.
    """
    text: list[str] = []
    offsets = array("I")
    for match in pieces.finditer(source, start, end):
        piece = match[0]
        if match.lastgroup:
            piece = unescape(piece)
            offsets.extend([match.start()] * len(piece))
        else:
            offsets.extend(range(match.start(), match.end()))
        text.append(piece)
    offsets.append(end)
    return "".join(text), offsets


def matched(pattern: re.Pattern[str], source: str, position: int) -> re.Match[str]:
    """Match here or be lost."""
    match = pattern.match(source, position)
    if match is None:
        raise Lost
    return match
