"""Text made ready for the search of prices: one sign for each meaning, and every offset known.

Full-width and Arabic digits, the many dashes, apostrophes and spaces become one plain sign each. Most of that keeps
the length; only entities (`&euro;`) and direction marks, which few texts have, make a table of offsets necessary.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from msgspec import Struct

from mailcheck.content.lazily import lazy

BLANK = "\x00"
"""Stands where a merge tag stood: no marker is looked for across it."""

_MARKS = "\u200b\u200c\u200d\u200e\u200f\u061c\u00ad\u2060\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e\ufeff"
_ODD = lazy(f"[{_MARKS}]++|&(?:#[0-9]{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|[a-zA-Z]{{2,12}}[0-9]{{0,2}});")
_TAG = lazy(
    r"\{\{\{?[^{}]{0,300}\}?\}\}|\{%[^{}]{0,300}?%\}|\{[#$][^{}]{0,300}\}|\$\{[^{}]{0,300}\}|\*\|[^|]{0,300}(?:\|(?!\*)[^|]{0,300}){0,3}\|\*"
    r"|%%[^%\n]{1,200}%%|<%[^<>]{0,300}?%>|\[\[[^\[\]]{0,300}\]\]|\#\{[^{}]{0,300}\}|%\[[^\[\]\n]{1,200}\]%"
    r"|%[A-Za-z][A-Za-z0-9_.]{1,60}%|\[%[^\[\]]{1,200}?%\]|\{[A-Za-z_][A-Za-z0-9_.]{0,60}\}|@\{[^{}]{0,300}\}"
)
"""What the sending services write; a caller that knows the tags of a text says where they are instead."""
_MAY_HOLD_TAGS = lazy(r"[{\[%*<]")


def _signs() -> dict[int, str]:
    signs: dict[int, str] = {}
    for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0x1040, 0x17E0, 0xFF10):
        signs.update({zero + digit: str(digit) for digit in range(10)})
    alike = {
        "-": "‐‑‒–—―−－﹣",
        "'": "‘’ʼ´`＇′",
        "\u00a0": "\u202f\u2009\u2007\u2008\u200a\u2005",
        "~": "～〜∼",
        ".": "．",
        ",": "，",
        ":": "：",
        "/": "／",
        "%": "％٪",
        "$": "＄﹩",
        "£": "￡",
        "¥": "￥",
        "¢": "￠",
        "₩": "￦",
        "(": "（",
        ")": "）",
        " ": "\u3000\t\u2002\u2003\u2004",
        "=": "＝",
    }
    signs.update({ord(other): sign for sign, others in alike.items() for other in others})
    signs.update({code: chr(code - 0xFEE0) for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))})
    return signs


_SIGNS = _signs()
_OTHER_SIGN = lazy("[" + "".join(re.escape(chr(code)) for code in sorted(_SIGNS)) + "]")


class Flat(Struct, frozen=True):
    """A text with plain signs.

    Args:
        text: what is searched.
        starts: for every character of `text` its offset in the original; `None` when the two are as long.
        ends: for every character of `text` the offset behind it in the original.
    """

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The offsets of `text[start:end]` in the original."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def common_tags(text: str) -> list[tuple[int, int]]:
    """Where merge tags of the usual syntaxes stand, as (start, end)."""
    if _MAY_HOLD_TAGS.search(text) is None and "${" not in text:
        return []
    return [match.span() for match in _TAG.finditer(text)]


def blanked(text: str, tags: Sequence[tuple[int, int]]) -> str:
    """The text with its tags blanked at equal length."""
    if not tags:
        return text
    pieces: list[str] = []
    at = 0
    for start, end in sorted(tags):
        if end <= at:
            continue
        first = max(start, at)
        pieces += (text[at:first], BLANK * (end - first))
        at = end
    return "".join((*pieces, text[at:])) if pieces else text


def _without_odd(text: str) -> Flat:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0

    def keep(start: int, end: int) -> None:
        pieces.append(text[start:end])
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))

    for match in _ODD.finditer(text):
        keep(at, match.start())
        at = match.end()
        plain = html.unescape(match[0]) if match[0][0] == "&" else ""
        if len(plain) == 1 and plain not in _MARKS:
            pieces.append(plain)
            starts.append(match.start())
            ends.append(match.end())
        elif plain == match[0]:
            keep(match.start(), match.end())
    keep(at, len(text))
    return Flat("".join(pieces), starts, ends)


def flatten(text: str) -> Flat:
    """A text with plain signs: what is one character for a reader is one character, and looks one way."""
    if text.isascii():
        return _without_odd(text) if "&" in text and _ODD.search(text) else Flat(text)
    flat = _without_odd(text) if _ODD.search(text) else Flat(text)
    return Flat(_OTHER_SIGN.sub(_as_plain, flat.text), flat.starts, flat.ends)


def _as_plain(match: re.Match[str]) -> str:
    return _SIGNS[ord(match[0])]
