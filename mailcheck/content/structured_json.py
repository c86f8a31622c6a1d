"""JSON with the place of every value: what `application/ld+json` in a mail says, and where it is broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.masking import OUTPUT

_SPACE = lazy(r"[ \t\r\n]*+")
_SCALAR = lazy(r"-?\d[\d.eE+-]*|true|false|null|-?Infinity|NaN")
_STRING_OR_TAG = lazy(rf'"(?:[^"\\]|\\.)*+"|[{OUTPUT}]+')
_STRING = lazy(r'"(?:[^"\\]|\\.)*+"')
_DEEPEST = 60


class Value(Struct, frozen=True):
    """A value of an object.

    Args:
        text: the value as text, a string without its quotes; empty for an object or a list.
        start, end: where it stands, without quotes.
        quoted: it is a string.
    """

    text: str
    start: int
    end: int
    quoted: bool


class Node(Struct, frozen=True):
    """An object.

    Args:
        start: where it begins.
        values: its scalar values by name; of a list the first.
        parent: the object around it, or `None`.
    """

    start: int
    values: dict[str, Value]
    parent: Node | None = None


class Fault(Struct, frozen=True):
    """Why a text is no JSON: one phrase, and the offset."""

    reason: str
    at: int


def read_json(text: str) -> tuple[list[Node], Fault | None]:
    """The objects of a JSON text, outer ones first.

    Merge tags are covered by `OUTPUT`. A text that is JSON only once they are filled in gives neither.
    """
    tags = OUTPUT in text
    filled = _STRING_OR_TAG.sub(_as_value, text) if tags else text
    try:
        json.loads(filled)
    except ValueError as error:
        if tags:
            return [], None
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        # From Python 3.13 on the comma behind the last value is told, before that what follows it.
        if comma := _LAST_COMMA.match(text, at):
            at = comma.end()
        return [], Fault(_reason(text, error, at), at)
    except RecursionError:
        return [], Fault("it is nested too deeply", 0)
    found: list[Node] = []
    _Walk(filled, found).value(0, None, "", 0)
    return found, None


def _as_value(match: re.Match[str]) -> str:
    """A tag outside of quotes stands for a value, so one that is as long takes its place."""
    return match[0] if match[0][0] == '"' else "0".ljust(len(match[0]))


def _reason(text: str, error: ValueError, at: int) -> str:
    around = text[max(0, at - 40) : at + 2]
    if re.search(r",\s*[\]}]?$", text[max(0, at - 20) : at + 1]) and text[at : at + 1] in "]}":
        return "there is a comma behind the last value"
    if "//" in around or "/*" in around:
        return "JSON knows no comments"
    if "“" in around or "”" in around:
        return "the quotes are typographic ones"
    return error.msg[:1].lower() + error.msg[1:] if isinstance(error, json.JSONDecodeError) else "it cannot be read"


_LAST_COMMA = re.compile(r",\s*(?=[\]}])")


class _Walk:
    """One pass over a text that is JSON."""

    def __init__(self, text: str, found: list[Node]) -> None:
        self.text = text
        self.found = found

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match is not None else at

    def _string(self, at: int) -> tuple[str, int]:
        match = _STRING.match(self.text, at)
        if match is None:
            raise ValueError
        said: str = json.loads(match[0])
        return said, match.end()

    def value(self, at: int, parent: Node | None, name: str, depth: int) -> int:
        """Read a value and return where it ends; a scalar is added to its parent."""
        at = self._skip(at)
        sign = self.text[at]
        if depth > _DEEPEST:
            raise RecursionError
        if sign == "{":
            return self._object(at, parent, depth)
        if sign == "[":
            return self._list(at, parent, name, depth)
        if sign == '"':
            said, end = self._string(at)
            return self._add(parent, name, Value(said, at + 1, end - 1, quoted=True), end)
        match = _SCALAR.match(self.text, at)
        end = match.end() if match is not None else at + 1
        return self._add(parent, name, Value(self.text[at:end], at, end, quoted=False), end)

    def _add(self, parent: Node | None, name: str, value: Value, end: int) -> int:
        if parent is not None:
            parent.values.setdefault(name, value)
        return end

    def _object(self, at: int, parent: Node | None, depth: int) -> int:
        node = Node(at, {}, parent)
        self.found.append(node)
        at = self._skip(at + 1)
        while self.text[at] != "}":
            name, at = self._string(at)
            at = self.value(self._skip(at) + 1, node, name, depth + 1)
            at = self._next(at)
        return at + 1

    def _list(self, at: int, parent: Node | None, name: str, depth: int) -> int:
        at = self._skip(at + 1)
        while self.text[at] != "]":
            at = self._next(self.value(at, parent, name, depth + 1))
        return at + 1

    def _next(self, at: int) -> int:
        at = self._skip(at)
        return self._skip(at + 1) if self.text[at] == "," else at


def around(node: Node | None) -> Iterator[Node]:
    """A node and the objects around it, from the inside out."""
    while node is not None:
        yield node
        node = node.parent
