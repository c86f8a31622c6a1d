"""Places in a JSON document that `json` has accepted."""

from __future__ import annotations

import re
from array import array
from contextlib import suppress

from mailcheck.places import KeyPath, Lost, Place, Places, TwiceError, decode_pieces, matched

_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\s]++")
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_PIECES = re.compile(rf"(?P<escape>{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\.)|[^\\]++", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def json_places(source: str) -> Places:
    """Find every key and value. What cannot be found has no place.

    Raises:
        TwiceError: a key stands twice in one object; `json` would silently take the last.
    """
    places: dict[KeyPath, Place] = {}
    with suppress(Lost):
        _value(source, _skip(source, 0), (), 0, places)
    return Places(source, places, decode_string)


def decode_string(source: str, start: int, end: int) -> tuple[str, array[int]]:
    """The text of the string `source[start:end]`, quotes included, and the offset of each character."""
    return decode_pieces(source, start + 1, end - 1, _PIECES, _unescape)


def _unescape(piece: str) -> str:
    if piece[1] != "u":
        return _ESCAPES.get(piece[1], piece[1])
    code = int(piece[2:6], 16)
    if len(piece) == 12:
        code = 0x10000 + ((code - 0xD800) << 10) + int(piece[8:], 16) - 0xDC00
    return chr(code)


def _skip(source: str, position: int) -> int:
    return matched(_SPACE, source, position).end()


def _value(source: str, start: int, path: KeyPath, key: int, places: dict[KeyPath, Place]) -> int:
    opening = source[start : start + 1]
    if opening == '"':
        end = matched(_STRING, source, start).end()
    elif opening in ("{", "["):
        end = _members(source, start, path, places)
    else:
        end = matched(_SCALAR, source, start).end()
    places[path] = Place(key, start, end)
    return end


def _members(source: str, start: int, path: KeyPath, places: dict[KeyPath, Place]) -> int:
    closing = "}" if source[start] == "{" else "]"
    position, number = _skip(source, start + 1), 0
    while not source.startswith(closing, position):
        key: str | int = number
        key_start = position
        if closing == "}":
            end = matched(_STRING, source, position).end()
            key = decode_string(source, position, end)[0]
            if (*path, key) in places:
                raise TwiceError(key, source.count("\n", 0, position) + 1)
            position = _skip(source, _skip(source, end) + 1)
        position = _skip(source, _value(source, position, (*path, key), key_start, places))
        position = _skip(source, position + 1) if source.startswith(",", position) else position
        number += 1
    return position + 1
