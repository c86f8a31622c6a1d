"""From the lines and columns of findings to offsets in texts, and back to places in files."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePath
from urllib.parse import quote

from msgspec import Struct

from mailcheck.campaign import Part
from mailcheck.report import Finding
from mailcheck.reporters.context import Context
from mailcheck.reporters.entries import Entry

_LINE_END = re.compile(r"\r\n|\n|\r")


class Spot(Struct, frozen=True):
    """A stretch of a text, by character offsets."""

    text: str
    start: int
    end: int


class FilePlace(Struct, frozen=True):
    """A place in a file: the end column is the first behind it; all numbers are 0 when unknown."""

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    @property
    def exact(self) -> bool:
        return self.line > 0 and self.column > 0


@lru_cache(maxsize=256)
def line_starts(text: str) -> tuple[int, ...]:
    """Offset of the first character of every line; CRLF, LF and CR end a line."""
    return (0, *(match.end() for match in _LINE_END.finditer(text)))


def line_of(text: str, line: int) -> tuple[int, int]:
    """Start and end offset of a line counted from 1, without its line end."""
    starts = line_starts(text)
    start = starts[min(max(line, 1), len(starts)) - 1]
    ending = _LINE_END.search(text, start)
    return start, ending.start() if ending else len(text)


def offset_of(text: str, line: int, column: int) -> int:
    """Offset of a line and column, both from 1; what lies outside the text goes to its end."""
    starts = line_starts(text)
    if line > len(starts):
        return len(text)
    return min(starts[max(line, 1) - 1] + max(column, 1) - 1, len(text))


def written_in(part: Part) -> str:
    """The text in which the lines of this part's findings are counted."""
    return part.text if part.origin is None else part.origin.source


def spot(finding: Finding, part: Part) -> Spot | None:
    """The finding's place in the text in which its lines are counted."""
    text = written_in(part)
    if finding.line < 1 or finding.line > len(line_starts(text)):
        return None
    start = offset_of(text, finding.line, finding.column)
    end = offset_of(text, finding.end_line, finding.end_column) if finding.end_line else start
    return Spot(text, start, max(start, end))


def span_in_part(finding: Finding, part: Part) -> tuple[int, int] | None:
    """The finding's place as offsets in the part's own text."""
    place = spot(finding, part)
    if place is None:
        return None
    if part.origin is None:
        return place.start, place.end
    offsets: Sequence[int] = part.origin.offsets
    start, end = bisect_left(offsets, place.start), bisect_left(offsets, place.end)
    return min(start, len(part.text)), min(max(start, end), len(part.text))


def file_place(entry: Entry, context: Context) -> FilePlace:
    """Where tools that read the file itself are to point.

    The texts of a mail are decoded before they are judged: their lines are not the lines of the `.eml`
    file, unless the reader kept the way back. Such a place is only the file.
    """
    finding = entry.finding
    path = relative_path(entry.path, context.root)
    if finding.line < 1 or _decoded(entry, context):
        return FilePlace(path)
    if finding.column < 1:
        return FilePlace(path, finding.line)
    end_line = max(finding.end_line, finding.line)
    least = finding.column if end_line == finding.line else 1
    end_column = max(finding.end_column, least) if finding.end_line else finding.column
    return FilePlace(path, finding.line, finding.column, end_line, end_column)


def _decoded(entry: Entry, context: Context) -> bool:
    if entry.reader != "eml" or not entry.finding.part:
        return False
    part = context.part(entry.finding.path, entry.finding.part)
    return part is None or part.origin is None


def edit_place(entry: Entry, start: int, end: int, context: Context) -> FilePlace | None:
    """The place of an edit of the finding's part; nothing when the text is not known or not the file's."""
    part = context.part(entry.finding.path, entry.finding.part)
    if part is None or _decoded(entry, context) or not 0 <= start <= end <= len(part.text):
        return None
    line, column = part.line_column(start)
    end_line, end_column = part.line_column(end)
    return FilePlace(relative_path(entry.path, context.root), line, column, end_line, end_column)


def relative_path(path: str, root: str = "") -> str:
    """The path with forward slashes, relative to `root` when it lies below."""
    if path == "-":
        return "stdin"
    if root and PurePath(path).is_absolute() and PurePath(path).is_relative_to(root):
        path = str(PurePath(path).relative_to(root))
    slashed = PurePath(path).as_posix() if path else ""
    return posixpath.normpath(slashed) if slashed else "campaign"


def uri(path: str) -> str:
    """A path of `relative_path` as a URI reference, percent-encoded; `file:` when it is absolute."""
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = path.encode("utf-8", "replace")
    quoted = quote(octets, safe="/-._~")
    if PurePath(path).is_absolute():
        return "file:///" + quoted.replace("%3A", ":", 1).lstrip("/")
    return quoted
