"""The source of a part with line numbers, the places of findings marked and numbered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from mailcheck.reporters.page.marks import Mark, pieces, worst
from mailcheck.reporters.page.markup import Html, element, text
from mailcheck.reporters.places import line_of, line_starts
from mailcheck.reporters.text import mask_in_place

WHOLE = 120_000
"""A source up to so many characters is shown whole, a longer one around its marks."""
_AROUND = 4
_LONG_PIECE = 1_200
_KEPT = 300


def source_view(source: str, marks: Sequence[Mark], prefix: str) -> Html:
    """All lines, or those near the marks when the source is long."""
    source = mask_in_place(source)
    by_line = _by_line(source, marks)
    rows: list[Html] = []
    last = 0
    for number in _shown_lines(source, by_line):
        if number > last + 1:
            rows.append(_gap(number - last - 1))
        rows.append(_row(source, number, by_line.get(number, []), prefix))
        last = number
    if last < len(line_starts(source)):
        rows.append(_gap(len(line_starts(source)) - last))
    return element("pre", {"class": "source", "dir": "ltr", "tabindex": "0"}, rows)


def marked(source: str, marks: Sequence[Mark], prefix: str) -> Html:
    """A short text without line numbers, such as a subject."""
    return element(
        "span", {"class": "marked", "dir": "auto"}, _pieces(mask_in_place(source), 0, len(source), marks, prefix)
    )


def _by_line(source: str, marks: Sequence[Mark]) -> dict[int, list[Mark]]:
    starts = line_starts(source)
    found: dict[int, list[Mark]] = {}
    for mark in marks:
        for number in range(_line(starts, mark.start), _line(starts, max(mark.start, mark.end - 1)) + 1):
            found.setdefault(number, []).append(mark)
    return found


def _line(starts: Sequence[int], offset: int) -> int:
    return bisect_right(starts, offset)


def _shown_lines(source: str, by_line: dict[int, list[Mark]]) -> Iterator[int]:
    count = len(line_starts(source))
    if len(source) <= WHOLE:
        yield from range(1, count + 1)
        return
    wanted = {number + step for number in by_line for step in range(-_AROUND, _AROUND + 1)}
    yield from sorted(number for number in wanted | {1} if 1 <= number <= count)


def _gap(lines: int) -> Html:
    told = "1 line" if lines == 1 else f"{lines:,} lines"
    return element("span", {"class": "gap"}, f"⋯ {told} left out")


def _row(source: str, number: int, marks: Sequence[Mark], prefix: str) -> Html:
    start, end = line_of(source, number)
    content = _pieces(source, start, end, marks, prefix) if marks else [_plain(source[start:end])]
    kind = f"row has-{worst(marks)}" if marks else "row"
    code = element("span", {"class": "code"}, content)
    return element("span", {"class": kind}, element("span", {"class": "number", "data-n": str(number)}), code)


def _pieces(source: str, start: int, end: int, marks: Sequence[Mark], prefix: str) -> Iterator[Html]:
    # Line ends are not shown: what starts in one is marked at the end of its line.
    shown = [Mark(min(max(m.start, start), end), min(max(m.end, start), end), m.number, m.severity) for m in marks]
    begun = {mark.number for mark in marks if mark.start >= start}
    for piece in pieces(start, end, shown, closed=True):
        content = _plain(source[piece.start : piece.end])
        if not piece.inside:
            yield content
            continue
        for mark in piece.opening:
            if mark.number in begun:
                yield element("a", _badge(mark, prefix), str(mark.number))
        point = " point" if piece.start == piece.end else ""
        yield element("mark", {"class": worst(piece.inside) + point}, content)


def _badge(mark: Mark, prefix: str) -> dict[str, str | bool]:
    return {
        "class": f"badge {mark.severity}",
        "id": f"{prefix}m{mark.number}",
        "href": f"#{prefix}f{mark.number}",
        "aria-label": f"Finding {mark.number}",
    }


def _plain(content: str) -> Html:
    if len(content) <= _LONG_PIECE:
        return text(content)
    left_out = element("span", {"class": "gap"}, f"⋯ {len(content) - 2 * _KEPT:,} characters left out ⋯")
    return Html(text(content[:_KEPT]) + left_out + text(content[-_KEPT:]))
