"""Character references, decoded as a browser decodes them, with the way back to the source.

Rules and table: the WHATWG HTML standard, "Character reference state" (the names come with Python).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from html.entities import html5
from typing import ClassVar

from mailcheck.values import Brief

_REFERENCE = re.compile(r"&(?:#(?:([0-9]++)|[xX]([0-9a-fA-F]++));?|([a-zA-Z][a-zA-Z0-9]*+;?))")
_WINDOWS_1252 = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_BAD = "\ufffd"
_LONGEST_BARE = max(len(name) for name in html5 if not name.endswith(";"))


class Decoded(Brief, frozen=True):
    """Text with its references resolved, and where each character of it came from.

    Args:
        text: the decoded text.
        starts: offset in `text` of each segment. A segment is a stretch taken as it was, or one reference.
        sources: start and end of each segment in the source.
    """

    unshown: ClassVar[tuple[str, ...]] = ("starts", "sources")

    text: str
    starts: list[int]
    sources: list[tuple[int, int]]

    def source_of(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the source that `text[start:end]` came from; a reference is never cut in two."""
        if not self.starts:
            return (0, 0)
        if end <= start:
            place = self._begin(start)
            return (place, place)
        return (self._begin(start), self._finish(end - 1))

    def _segment(self, offset: int) -> tuple[int, int, int, bool]:
        index = bisect_right(self.starts, offset) - 1
        begin, finish = self.sources[index]
        following = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        return begin, finish, offset - self.starts[index], following - self.starts[index] == finish - begin

    def _begin(self, offset: int) -> int:
        if offset >= len(self.text):
            return self.sources[-1][1]
        begin, _, inside, plain = self._segment(offset)
        return begin + inside if plain else begin

    def _finish(self, offset: int) -> int:
        begin, finish, inside, plain = self._segment(min(offset, len(self.text) - 1))
        return begin + inside + 1 if plain else finish


class Decoder:
    """Joins stretches of a source to one decoded text.

    Args:
        source: the text that the stretches are of.
        in_attribute: they are of attribute values, in which `&copy=1` stays as it is.
    """

    __slots__ = ("_in_attribute", "_length", "_parts", "_source", "_sources", "_starts")

    def __init__(self, source: str, *, in_attribute: bool = False) -> None:
        self._source = source
        self._in_attribute = in_attribute
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._sources: list[tuple[int, int]] = []
        self._length = 0

    def add(self, start: int, end: int) -> None:
        """Add `source[start:end]`."""
        source = self._source
        at = source.find("&", start, end)
        done = start
        while at >= 0:
            match = _REFERENCE.match(source, at, end)
            value, after = _resolve(match, in_attribute=self._in_attribute) if match else ("", at)
            if after > at:
                self._put(source[done:at], done, at)
                self._put(value, at, after)
                done = after
            at = source.find("&", max(after, at + 1), end)
        self._put(source[done:end], done, end)

    def _put(self, text: str, start: int, end: int) -> None:
        if start < end:
            self._starts.append(self._length)
            self._sources.append((start, end))
            self._parts.append(text)
            self._length += len(text)

    def keep(self, start: int, end: int) -> None:
        """Add `source[start:end]`, in which nothing stands for something else."""
        self._put(self._source[start:end], start, end)

    def cover(self, sign: str, start: int, end: int) -> None:
        """Add `sign` in the place of `source[start:end]`."""
        self._put(sign, start, end)

    def done(self) -> Decoded:
        return Decoded("".join(self._parts), self._starts, self._sources)


def decode_text(raw: str) -> str:
    """Text with its references resolved."""
    if "&" not in raw:
        return raw
    decoder = Decoder(raw)
    decoder.add(0, len(raw))
    return decoder.done().text


def decode_value(raw: str) -> str:
    """An attribute value with its references resolved; `&copy=1` stays as it is, by the standard."""
    if "&" not in raw:
        return raw
    return _REFERENCE.sub(_value_reference, raw)


def _value_reference(match: re.Match[str]) -> str:
    value, after = _resolve(match, in_attribute=True)
    return value + match.string[after : match.end()]


def _resolve(match: re.Match[str], *, in_attribute: bool) -> tuple[str, int]:
    """What a reference stands for and where it ends; it ends where it starts when it is none."""
    decimal, hexadecimal, name = match.groups()
    if name is None:
        return _character(decimal or hexadecimal, 10 if decimal else 16), match.end()
    value, length = _named(name)
    after = match.start() + 1 + length
    if length == 0:
        return "", match.start()
    if in_attribute and not name[:length].endswith(";"):
        following = match.string[after : after + 1]
        if following == "=" or (following.isascii() and following.isalnum()):
            return "", match.start()
    return value, after


@lru_cache(maxsize=4096)
def _named(name: str) -> tuple[str, int]:
    """The longest known name that `name` begins with: its text and its length, `("", 0)` without one."""
    if name in html5:
        return html5[name], len(name)
    for length in range(min(len(name), _LONGEST_BARE), 1, -1):
        if name[:length] in html5:
            return html5[name[:length]], length
    return "", 0


def _character(digits: str, base: int) -> str:
    digits = digits.lstrip("0")
    if not digits or len(digits) > 7:
        return _BAD
    code = int(digits, base)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return _BAD
    return _WINDOWS_1252.get(code) or chr(code)
