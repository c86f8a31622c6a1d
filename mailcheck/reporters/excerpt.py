"""The line of a finding, cut to size, with carets under the exact place."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from mailcheck.reporters.lines import Line, cells, take, take_end
from mailcheck.reporters.places import Spot, line_of, line_starts
from mailcheck.reporters.text import mask_in_place, visible

_TAB = "    "
_LEAST = 8


class Excerpt(Struct, frozen=True):
    """What is shown of one line: the place and what stands on either side of it, every character visible."""

    number: int
    before: str
    place: str
    after: str
    last_line: int
    hidden_start: int = 0
    """Cells by which the carets start earlier, when the place itself has no width."""


def excerpt(spot: Spot, line: int, last_line: int, room: int, ellipsis: str) -> Excerpt:
    """The line around a place, at most `room` cells wide; what is cut off is marked by `ellipsis`."""
    start, end = line_of(spot.text, line)
    first, last = min(max(spot.start - start, 0), end - start), min(max(spot.end - start, 0), end - start)
    # Only what can be shown is looked at: lines of a megabyte are common in generated mails.
    begin = max(0, first - room)
    window = mask_in_place(spot.text[start + begin : min(end, start + last + room, start + first + 2 * room)])
    first, last = first - begin, min(last - begin, len(window))
    before, place, after = _shown(window[:first]), _shown(window[first:last]), _shown(window[last:])
    hidden = 1 if place and not cells(place) and before else 0
    cut_before = begin > 0
    cut_after = start + begin + len(window) < end
    before, place, after = _fit((before, place, after), room, ellipsis, (cut_before, cut_after))
    return Excerpt(line, before, place, after, last_line, hidden)


def _shown(text: str) -> str:
    return visible(text.replace("\t", _TAB))


def _fit(texts: tuple[str, str, str], room: int, ellipsis: str, cut: tuple[bool, bool]) -> tuple[str, str, str]:
    before, place, after = texts
    ellipsis = ellipsis if room >= 2 * _LEAST else ellipsis[0]
    width = cells(ellipsis)
    if not any(cut) and cells(before) + cells(place) + cells(after) <= room:
        return texts
    room = max(room - 2 * width, _LEAST)
    shown = take(place, room)
    if shown != place:
        return (ellipsis if before or cut[0] else "", shown, ellipsis)
    left = room - cells(place)
    wanted = min(cells(before), max(left // 2, left - cells(after)))
    kept_before = take_end(before, wanted)
    kept_after = take(after, left - cells(kept_before))
    head = ellipsis if cut[0] or kept_before != before else ""
    tail = ellipsis if cut[1] or kept_after != after else ""
    return head + kept_before, place, kept_after + tail


def draw(shown: Excerpt, style: str, bar: str) -> Iterator[Line]:
    """The line with its number, and the caret line below."""
    label = f"{shown.number:>5} {bar} "
    yield [(label, "quiet"), (shown.before, ""), (shown.place, style), (shown.after, "")]
    gutter = " " * (gutter_width(shown.number) - 3) + f" {bar} "
    space = " " * max(0, cells(shown.before) - shown.hidden_start)
    more = f" to line {shown.last_line}" if shown.last_line > shown.number else ""
    yield [(gutter, "quiet"), (space, ""), ("^" * max(1, cells(shown.place)), style), (more, "quiet")]


def gutter_width(line: int) -> int:
    """Cells that `draw` needs beside the line itself."""
    return max(5, len(str(line))) + 3


def last_line_of(spot: Spot, line: int) -> int:
    """The line in which the place ends; a place that ends with a line break ends in that line."""
    starts = line_starts(spot.text)
    number = line
    while number < len(starts) and starts[number] < spot.end:
        number += 1
    return number
