"""Stretches of a text that belong to findings, and the pieces they cut the text into."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from mailcheck.report import Severity


class Mark(Struct, frozen=True):
    """A finding's stretch of a text, by offsets, and the finding's number in its campaign."""

    start: int
    end: int
    number: int
    severity: Severity


class Piece(Struct, frozen=True):
    """A stretch of text that is wholly inside the same marks.

    `opening` are the marks that begin here; a mark without any width is one of them, in a piece of its own
    without any text.
    """

    start: int
    end: int
    inside: tuple[Mark, ...] = ()
    opening: tuple[Mark, ...] = ()


def pieces(start: int, end: int, marks: Iterable[Mark], *, closed: bool = False) -> Iterator[Piece]:
    """`[start, end)` cut at the borders of the marks, without gaps.

    Marks that reach in from outside are inside from the first piece on, but open where they begin. A mark
    without any width at `end` belongs to what follows, unless the stretch is `closed`.
    """
    touching = sorted((m for m in marks if m.start <= end and m.end >= start), key=lambda mark: mark.start)
    borders = sorted({start, end, *(edge for m in touching for edge in (m.start, m.end) if start < edge < end)})
    later, inside = deque(touching), list[Mark]()
    for left, right in pairwise([*borders, end]):
        begun = list[Mark]()
        while later and later[0].start <= left:
            begun.append(later.popleft())
        points = tuple(mark for mark in begun if mark.start == mark.end == left)
        if points and (left < end or left == start or closed):
            yield Piece(left, left, points, points)
        inside = [mark for mark in (*inside, *begun) if mark.end > left]
        if left < right:
            yield Piece(left, right, tuple(inside), tuple(mark for mark in inside if mark.start == left))


def worst(marks: Iterable[Mark]) -> Severity:
    """The highest severity among the marks."""
    found = {mark.severity for mark in marks}
    return "error" if "error" in found else "warning" if "warning" in found else "info"
