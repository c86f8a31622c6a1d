"""Stretches of a text that belong to findings, and the pieces they cut the text into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailcheck.report import Severity


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding's stretch of a text, by offsets, and the finding's number in its campaign."""

    start: int
    end: int
    number: int
    severity: Severity


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is wholly inside the same marks.

    `opening` are the marks that begin here; a mark without any width is one of them, in a piece of its own
    without any text.
    """

    start: int
    end: int
    inside: tuple[Mark, ...] = ()
    opening: tuple[Mark, ...] = ()


def pieces(start: int, end: int, marks: Iterable[Mark]) -> Iterator[Piece]:
    """`[start, end)` cut at the borders of the marks, without gaps.

    Marks that reach in from outside are inside from the first piece on, but open where they begin.
    """
    touching = [mark for mark in marks if mark.start <= end and mark.end >= start]
    cuts = {start, end}
    cuts.update(edge for mark in touching for edge in (mark.start, mark.end) if start < edge < end)
    borders = sorted(cuts)
    for index, left in enumerate(borders):
        points = tuple(mark for mark in touching if mark.start == mark.end == left and (left < end or left == start))
        if points:
            yield Piece(left, left, points, points)
        if index + 1 == len(borders):
            break
        inside = tuple(mark for mark in touching if mark.start <= left < mark.end)
        yield Piece(left, borders[index + 1], inside, tuple(mark for mark in inside if mark.start == left))


def worst(marks: Iterable[Mark]) -> Severity:
    """The highest severity among the marks."""
    found = {mark.severity for mark in marks}
    return "error" if "error" in found else "warning" if "warning" in found else "info"
