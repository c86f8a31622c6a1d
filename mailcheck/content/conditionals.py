"""Conditional comments, and the text as Outlook for Windows (the Word engine) reads it.

`<!--[if mso]> … <![endif]-->` is a comment to browsers and content to Word; between `<!--[if !mso]><!-->`
and `<!--<![endif]-->` it is the other way round. Word's rules: Microsoft's "About conditional comments".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from mailcheck.content.scanning import BOGUS, COMMENT, Token

_OPENER = re.compile(r"<!(?:--)?\[if\b([^\]<>]{0,300}+)\]", re.IGNORECASE)
_CLOSER = re.compile(r"<!(?:--)?(?:<!)?\s*\[endif\]", re.IGNORECASE)
_ENDIF = re.compile(r"<!\[endif\]", re.IGNORECASE)
_REVEALED = re.compile(r">?\s*(?:<!)?[\s-]*>?\Z")
_TERM = re.compile(r"\s*(?:([()&|!])|(?:(lte?|gte?)\s+)?([a-z][\w]*)(?:\s+([\d.]+))?)", re.IGNORECASE)
_LONGEST = 300


class Conditional(Struct, frozen=True):
    """A conditional comment.

    Args:
        condition: as written, without `[if ` and `]`.
        start, end: from the opening to behind the closing comment.
        content: start and end of what is between them.
        hidden: browsers take it for a comment.
        outlook: Outlook for Windows reads the content.
    """

    condition: str
    start: int
    end: int
    content: tuple[int, int]
    hidden: bool
    outlook: bool


def conditionals(text: str, tokens: Iterable[Token]) -> Iterator[Conditional]:
    """The conditional comments of a scanned text, in the order in which they end."""
    opened: list[tuple[str, int, int]] = []
    for kind, start, end, _ in tokens:
        if kind not in (COMMENT, BOGUS):
            continue
        match = _OPENER.match(text, start, end)
        if match is None:
            if opened and _CLOSER.match(text, start, end):
                condition, begin, inside = opened.pop()
                yield _conditional(condition, begin, end, (inside, start), hidden=False)
            continue
        condition = match[1].strip()
        if kind == BOGUS:
            opened.append((condition, start, end))
            continue
        inside = match.end() + text.startswith(">", match.end())
        closing = [endif.start() for endif in _ENDIF.finditer(text, inside, end)]
        if closing:
            yield _conditional(condition, start, end, (inside, closing[-1]), hidden=True)
        elif _REVEALED.match(text, match.end(), end):
            opened.append((condition, start, end))
        else:
            close = max(inside, end - 3) if text.endswith("-->", start, end) else end
            yield _conditional(condition, start, end, (inside, close), hidden=True)


def is_conditional(text: str, token: Token) -> bool:
    """Whether a comment begins or ends a conditional comment, or is one."""
    _, start, end, _ = token
    return _OPENER.match(text, start, end) is not None or _CLOSER.match(text, start, end) is not None


def _conditional(condition: str, start: int, end: int, content: tuple[int, int], *, hidden: bool) -> Conditional:
    return Conditional(condition, start, end, content, hidden, holds_in_outlook(condition))


def as_outlook(text: str, found: Iterable[Conditional]) -> str:
    """The text as Outlook reads it, of the same length: what it skips is a comment, what it shows is not."""
    pieces: list[str] = []
    done = 0
    for start, end in sorted(_covered(found)):
        if start >= done:
            pieces += (text[done:start], _comment(end - start))
            done = end
    pieces.append(text[done:])
    return "".join(pieces)


def _covered(found: Iterable[Conditional]) -> Iterator[tuple[int, int]]:
    for one in found:
        if one.hidden and one.outlook:
            yield one.start, one.content[0]
            yield one.content[1], one.end
        elif not one.hidden and not one.outlook:
            yield one.start, one.end


def _comment(length: int) -> str:
    return " " * length if length < 7 else f"<!--{'.' * (length - 7)}-->"


def holds_in_outlook(condition: str) -> bool:
    """Whether a condition holds in Outlook 2016 to 2021 for Windows (`mso 16`); one that cannot be read does not."""
    terms = [match.groups() for match in _TERM.finditer(condition[:_LONGEST])]
    try:
        value, rest = _either(terms, 0)
    except (IndexError, RecursionError):
        return False
    return value and rest == len(terms)


_Terms = list[tuple[str | None, ...]]


def _either(terms: _Terms, at: int) -> tuple[bool, int]:
    value, at = _both(terms, at)
    while at < len(terms) and terms[at][0] == "|":
        other, at = _both(terms, at + 1)
        value = value or other
    return value, at


def _both(terms: _Terms, at: int) -> tuple[bool, int]:
    value, at = _one(terms, at)
    while at < len(terms) and terms[at][0] == "&":
        other, at = _one(terms, at + 1)
        value = value and other
    return value, at


def _one(terms: _Terms, at: int) -> tuple[bool, int]:
    sign, operator, feature, version = terms[at]
    if sign == "!":
        value, at = _one(terms, at + 1)
        return not value, at
    if sign == "(":
        value, at = _either(terms, at + 1)
        return value, at + 1
    return _feature((feature or "").lower(), (operator or "").lower(), version), at + 1


def _feature(feature: str, operator: str, version: str | None) -> bool:
    if feature == "true" or feature.startswith("support"):
        return True
    has = {"mso": 16.0, "vml": 1.0}.get(feature)
    if has is None or version is None:
        return has is not None
    try:
        asked = float(version)
    except ValueError:
        return False
    return {"lt": has < asked, "lte": has <= asked, "gt": has > asked, "gte": has >= asked}.get(operator, has == asked)
