"""Template tags blanked out, so that the rest can be read as HTML.

A merge tag may hold anything that means something to HTML: quotes, `<`, `>`. Before the scan each one is
covered by characters that mean nothing, one for one, so that every offset of the masked text is an offset
of the source.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import ClassVar

from mailcheck.content.delimiters import DELIMITERS, Delimiter, Finder, openers_in
from mailcheck.values import Brief

OUTPUT = "\ue000"
"""Stands for every character of a tag that prints something."""

_KEEP_LINES = re.compile(r"[^\r\n]")
_BREAKS_VALUE = re.compile(r"[ \t\n\f\r>\"'<]")


class Mask(Brief, frozen=True):
    """A source text with its template tags covered.

    Args:
        text: as long as the source. Statements are spaces, their line ends kept; tags that print something
            are runs of `OUTPUT`.
        spans: start, end and kind (`{{`, `{%`, `<%`, `%%[` …) of every covered stretch, in order.
    """

    unshown: ClassVar[tuple[str, ...]] = ("spans",)

    text: str
    spans: tuple[tuple[int, int, str], ...] = ()

    def at(self, offset: int) -> tuple[int, int, str] | None:
        """The covered stretch that holds the character at `offset`."""
        index = bisect_right(self.spans, offset, key=lambda span: span[0]) - 1
        return self.spans[index] if index >= 0 and offset < self.spans[index][1] else None


def mask(source: str, *, dialect: str | None = None) -> Mask:
    """Cover every template tag of a text.

    Args:
        dialect: id of the sending service or template engine, for delimiters that mean something else
            elsewhere. A tag that is not closed is left as it is.
    """
    openers = openers_in(source)
    named = frozenset((dialect or "").split("+"))
    kinds = tuple(kind for kind in DELIMITERS if kind.hint in openers and (not kind.dialects or named & kind.dialects))
    if not kinds:
        return Mask(source)
    return _cover(source, kinds)


@lru_cache(maxsize=256)
def _opener(kinds: tuple[Delimiter, ...]) -> re.Pattern[str]:
    # With one kind the group stays out: a pattern that begins with a literal is searched much faster.
    if len(kinds) == 1:
        return re.compile(kinds[0].opener)
    return re.compile("|".join(f"({kind.opener})" for kind in kinds))


def _cover(source: str, kinds: tuple[Delimiter, ...]) -> Mask:
    finder = Finder(source)
    search = _opener(kinds).search
    spans: list[tuple[int, int, str]] = []
    pieces: list[str] = []
    done = at = 0
    glued = -1
    while (opened := search(source, at)) is not None:
        start, at = opened.span()
        kind = kinds[(opened.lastindex or 1) - 1]
        end = kind.ends(finder, start, at)
        if end < 0:
            continue
        prints = kind.prints is not None and kind.prints.match(source, start) is not None
        if not prints and _in_bare_value(source, start, glued):
            prints, glued = True, end
        elif prints and source[start - 1 : start] == "=":
            glued = end
        covered = OUTPUT * (end - start) if prints else _KEEP_LINES.sub(" ", source[start:end])
        pieces += (source[done:start], covered)
        spans.append((start, end, kind.name))
        done = at = end
    pieces.append(source[done:])
    return Mask("".join(pieces), tuple(spans))


def _in_bare_value(source: str, start: int, glued: int) -> bool:
    """Whether a statement stands in an attribute value without quotes, where a space would end the value."""
    if source[start - 1 : start] == "=":
        return True
    return glued >= 0 and start - glued < 200 and _BREAKS_VALUE.search(source, glued, start) is None
