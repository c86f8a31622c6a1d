"""Places in a TOML document that `tomllib` has accepted."""

from __future__ import annotations

import re
from array import array
from contextlib import suppress

from mailcheck.places import KeyPath, Lost, Place, Places, decode_pieces, matched

_SPACE = re.compile(r"[ \t]*+")
_GAP = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_BARE = re.compile(r"[A-Za-z0-9_-]++")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{0,2}"""'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{0,2}'''"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]++")
_BASIC = re.compile(
    r"(?P<escape>\\[ \t]*+\r?\n[ \t\r\n]*+|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}|\\.|\r\n)|[^\\\r]++",
    re.DOTALL,
)
_LITERAL = re.compile(r"(?P<escape>\r\n)|[^\r]++")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


def toml_places(source: str) -> Places:
    """Find every key and value. What cannot be found has no place."""
    scan = _Scan(source)
    with suppress(Lost):
        scan.document()
    return Places(source, scan.places, decode_string)


def decode_string(source: str, start: int, end: int) -> tuple[str, array[int]]:
    """The text of the string `source[start:end]`, quotes included, and the offset of each character."""
    quotes = 3 if source.startswith(('"""', "'''"), start) and end - start >= 6 else 1
    first, last = start + quotes, end - quotes
    if quotes == 3:
        first += 2 if source.startswith("\r\n", first) else source.startswith("\n", first)
    return decode_pieces(source, first, last, _BASIC if source[start] == '"' else _LITERAL, _unescape)


def _unescape(piece: str) -> str:
    if piece == "\r\n":
        return "\n"
    if piece[1] in "uUx":
        return chr(int(piece[2:], 16))  # noqa: FURB166 - the prefix is no 0x
    return "" if piece[1].isspace() else _ESCAPES.get(piece[1], "")


class _Scan:
    """A walk through the document; `position` is where it has come."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.places: dict[KeyPath, Place] = {}
        self.lengths: dict[KeyPath, int] = {}  # of the arrays of tables met so far

    def document(self) -> None:
        table: KeyPath = ()
        self.skip(_GAP)
        while self.position < len(self.source):
            if self.source.startswith("[", self.position):
                table = self.header()
            else:
                self.pair(table)
            self.skip(_GAP)

    def header(self) -> KeyPath:
        start = self.position
        brackets = 2 if self.source.startswith("[[", start) else 1
        self.position += brackets
        keys = self.keys()
        self.position += brackets
        table: KeyPath = ()
        for key in keys[:-1]:
            table += (key,)
            self.note(table, start)
            if table in self.lengths:
                table += (self.lengths[table] - 1,)
        table += (keys[-1],)
        if brackets == 2:
            self.note(table, start)
            self.lengths[table] = self.lengths.get(table, 0) + 1
            table += (self.lengths[table] - 1,)
        self.note(table, start)
        return table

    def pair(self, table: KeyPath) -> None:
        start = self.position
        keys = self.keys()
        self.expect("=")
        self.skip(_SPACE)
        path = table + keys
        for length in range(len(table) + 1, len(path)):
            self.note(path[:length], start)
        self.value(path, start)

    def keys(self) -> tuple[str, ...]:
        keys = [self.key()]
        while self.source.startswith(".", self.position):
            self.position += 1
            keys.append(self.key())
        return tuple(keys)

    def key(self) -> str:
        self.skip(_SPACE)
        start = self.position
        quoted = self.source.startswith(('"', "'"), start)
        self.position = matched(_STRING if quoted else _BARE, self.source, start).end()
        key = decode_string(self.source, start, self.position)[0] if quoted else self.source[start : self.position]
        self.skip(_SPACE)
        return key

    def value(self, path: KeyPath, key: int) -> None:
        start = self.position
        opening = self.source[start : start + 1]
        if opening in ('"', "'"):
            self.position = matched(_STRING, self.source, start).end()
        elif opening == "[":
            self.items(path)
        elif opening == "{":
            self.members(path)
        else:
            scalar = matched(_SCALAR, self.source, start)
            self.position = start + len(scalar[0].rstrip())
        self.places[path] = Place(key, start, self.position)

    def items(self, path: KeyPath) -> None:
        self.position += 1
        self.skip(_GAP)
        number = 0
        while not self.source.startswith("]", self.position):
            self.value((*path, number), self.position)
            self.comma("]")
            number += 1
        self.position += 1

    def members(self, path: KeyPath) -> None:
        self.position += 1
        self.skip(_GAP)
        while not self.source.startswith("}", self.position):
            self.pair(path)
            self.comma("}")
        self.position += 1

    def comma(self, closing: str) -> None:
        self.skip(_GAP)
        if not self.source.startswith(closing, self.position):
            self.expect(",")
            self.skip(_GAP)

    def note(self, path: KeyPath, start: int) -> None:
        self.places.setdefault(path, Place(start, start, start))

    def expect(self, char: str) -> None:
        if not self.source.startswith(char, self.position):
            raise Lost
        self.position += 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.source, self.position)
        self.position = match.end() if match else self.position
