"""The shape of a CSV file, told by its first lines: delimiter, header, quotation mark, lines before it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from mailcheck.rule import Unusable

DELIMITERS = (",", ";", "\t", "|")
HEAD_LINES = 60
SINGLE = "\x1f"
"""The delimiter of a list with one column: a mark that stands in no list."""

_NAMED = {"tab": "\t", "\\t": "\t"}
_SEP = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@]@[^\s@]")
_HASH = re.compile(r"\s*(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\s*", re.IGNORECASE)
_DOMAIN = re.compile(r"\s*[*@.]{0,2}(?:[\w-]{1,63}\.)+(?:[^\W\d_]{2,24}|xn--[a-z0-9-]+)\.?\s*", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(?:!|\?|[a-zA-Z][a-zA-Z0-9:-]*[\s/>])")
_JSON = re.compile(r"""\s*(?:\{\s*"|\[\s*[{"]|\{\s*\})""")
_ENDINGS = ("com", "net", "org", "edu", "gov", "biz")
"""What no heading ends with, so that above addresses such a first row is an entry that is wrong there, and told."""
_OTHERS = "^~:¦\x01"


class Head(Struct, frozen=True):
    """What the first lines of a CSV file say.

    Args:
        delimiter: between the columns.
        names: of the columns; made up where there is no header.
        header: whether the first row holds names.
        quote: the quotation mark, or nothing when none is used.
        skip: lines before the header, or before the first row where there is no header.
    """

    delimiter: str
    names: tuple[str, ...]
    header: bool
    quote: str
    skip: int = 0


class _Rows(Struct, frozen=True):
    """Rows parted by a mark, and the number of the line that each begins on, from 0."""

    mark: str
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    first: int = 0

    @property
    def widths(self) -> list[int]:
        return [len(row) for row in self.cells]

    @property
    def width(self) -> int:
        """The width that most rows have; of equals that of the first row."""
        counted = Counter(self.widths)
        return max(counted, key=lambda one: (counted[one], one == len(self.cells[0])))

    @property
    def share(self) -> float:
        """The share of rows that have this width."""
        return self.widths.count(self.width) / len(self.cells)


def head_of(lines: Sequence[str], shown: str, delimiter: str | None = None) -> Head:
    """What the first lines of a CSV file say of its shape.

    A first row in which a cell holds an address or a hash is no header, nor is a domain in a list of domains.
    Empty lines, a title and Excel's `sep=;` before the header are skipped.

    Args:
        lines: the first of the file, at most `HEAD_LINES`.
        shown: what to call the file.
        delimiter: when it is known.

    Raises:
        Unusable: it is something else than a list, or its rows have no common shape.
    """
    text = [lines[0].removeprefix("\ufeff"), *lines[1:]] if lines else []
    start = next((place for place, line in enumerate(text) if line.strip("\r\n \x00")), None)
    if start is None:
        raise Unusable(f"{shown}: there is nothing but empty lines in it; export it again")
    _refuse_other_kinds(text[start:], shown)
    said = _SEP.fullmatch(text[start].rstrip("\r"))
    if said:
        start += 1
        delimiter = delimiter or said[1]
        if not any(line.strip() for line in text[start:]):
            raise Unusable(f"{shown}: there is nothing but sep={said[1]} in it; export it again")
    given = _given(delimiter, shown)
    rows = _parted(text, start, given) if given else _guessed(text, start, shown)
    if given and rows.width == 1:
        _refuse_wrong(text, start, given, shown)
    return _shaped(_past_titles(rows), text, shown)


def _refuse_other_kinds(text: list[str], shown: str) -> None:
    beginning = "\n".join(text[:5])
    if _MARKUP.match(beginning):
        raise Unusable(f"{shown}: it is a web page or XML and no list; the export failed, or asks for a login")
    if _JSON.match(beginning):
        raise Unusable(f"{shown}: it is JSON and not CSV; give it a name that ends in .json or .jsonl")


def _given(delimiter: str | None, shown: str) -> str | None:
    if not delimiter:
        return None
    mark = _NAMED.get(delimiter.lower(), delimiter)
    if len(mark) != 1 or mark in '"\r\n' or mark.isalnum():
        raise Unusable(f"{shown}: {delimiter!r:.20} cannot be a delimiter; give one mark, such as ; or tab")
    return mark


def _parted(text: list[str], start: int, mark: str) -> _Rows:
    """The rows by a mark; a last one that the end of the lines may have cut is left out."""
    cells: list[tuple[str, ...]] = []
    lines: list[int] = []
    reader = csv.reader([f"{line}\n" for line in text[start:]], delimiter=mark)
    before = start
    try:
        for row in reader:
            if any(row) or len(row) > 1:
                cells.append(tuple(row))
                lines.append(before)
            before = start + reader.line_num
    except csv.Error:
        # A cell of more than 128 KiB, or a NUL: the engine says which line it is.
        pass
    if len(cells) > 1 and len(text) >= HEAD_LINES:
        del cells[-1], lines[-1]
    if not cells:
        return _Rows(mark, (tuple(text[start].split(mark)),), (start,))
    return _Rows(mark, tuple(cells), tuple(lines))


def _guessed(text: list[str], start: int, shown: str) -> _Rows:
    """The rows by the mark that parts most of them into as many cells; one column, when no mark does."""
    tried = [_parted(text, start, mark) for mark in DELIMITERS]
    fitting = [rows for rows in tried if rows.width > 1 and rows.share >= 0.5 and _begins(rows)]
    if fitting:
        return max(fitting, key=lambda rows: (rows.share, rows.width))
    single = _parted(text, start, SINGLE)
    for rows in tried:
        ragged = [line for line, width in zip(rows.lines[1:], rows.widths[1:], strict=True) if width > 1]
        if len(rows.cells[0]) > 1 and ragged:
            raise Unusable(
                f"{shown}, line {ragged[0] + 1}: the rows have different numbers of columns; export it again"
            )
    for mark in _OTHERS:
        counts = {line.count(mark) for line in text[start:] if line.strip()}
        if len(counts) == 1 and counts != {0} and not _ADDRESS.search(text[start]):
            raise Unusable(f"{shown}: it seems to be parted by {mark!r}; say so with delimiter = {mark!r}")
    return single


def _begins(rows: _Rows) -> bool:
    """Whether the first row that is wide enough is the first at all, or a header below a title."""
    rows = _past_titles(rows)
    return len(rows.cells[rows.first]) > 1


def _past_titles(rows: _Rows) -> _Rows:
    """The rows without titles before the header: one cell alone, and below it a row of names."""
    first = 0
    while (
        rows.width > 1
        and first + 1 < len(rows.cells)
        and sum(map(bool, rows.cells[first])) <= 1
        and not _has_address(rows.cells[first])
        and not _has_address(rows.cells[first + 1])
        and first < 10
    ):
        first += 1
    # What only looked like a title is a row when no header follows.
    if first and sum(map(bool, rows.cells[first])) <= 1:
        first = 0
    return _Rows(rows.mark, rows.cells, rows.lines, first)


def _refuse_wrong(text: list[str], start: int, mark: str, shown: str) -> None:
    for other in DELIMITERS:
        rows = _parted(text, start, other)
        if other != mark and rows.width > 1 and rows.share >= 0.5 and _begins(rows):
            raise Unusable(f"{shown}: it is not parted by {mark!r}, but by {other!r}")


def _has_address(row: Sequence[str]) -> bool:
    return any(_ADDRESS.search(cell) for cell in row)


def _is_entry(cells: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is one of a list of hashes, or of domains in one column, which often have no header."""
    first, below = cells[0], [row[0].strip() for row in cells[1:] if row[0].strip()]
    if any(map(_HASH.fullmatch, first)):
        return True
    if len(first) > 1 or not _DOMAIN.fullmatch(first[0]):
        return False
    # A heading may look like a domain, `contact.email`. Above domains it is one of them, even where some are odd.
    if not any(_ADDRESS.search(one) or _HASH.fullmatch(one) for one in below):
        return True
    name = first[0].strip().lower().strip(".")
    return name.rpartition(".")[2] in _ENDINGS or any(one.lower().endswith(f"@{name}") for one in below)


def _shaped(rows: _Rows, text: list[str], shown: str) -> Head:
    cells = rows.cells[rows.first :]
    first = cells[0]
    skip = rows.lines[rows.first]
    quote = "" if rows.mark == SINGLE and not _quoted(text[skip:]) else '"'
    if _has_address(first) or _is_entry(cells):
        _refuse_row_of_addresses(cells, skip, shown)
        return Head(rows.mark, _made_up(cells), header=False, quote=quote, skip=skip)
    width = max([len(first), *(len(row) for row in cells[1:] if not any(row[len(first) :]))])
    named = [cell.strip().removeprefix("\ufeff") for cell in first] + [""] * (width - len(first))
    twice = {name for name, count in Counter(named).items() if count > 1}
    names = tuple(
        f"{name} (column {number})" if name and name in twice else name or f"column {number}"
        for number, name in enumerate(named, 1)
    )
    return Head(rows.mark, names, header=True, quote=quote, skip=skip)


def _quoted(lines: list[str]) -> bool:
    """Whether quotation marks in lines of one cell are around whole cells, not a name before an address."""
    try:
        for _ in csv.reader([f"{line}\n" for line in lines], delimiter=SINGLE, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return True


def _refuse_row_of_addresses(cells: Sequence[Sequence[str]], skip: int, shown: str) -> None:
    if len(cells) == 1 and len(cells[0]) > 1 and all(_ADDRESS.search(cell) for cell in cells[0] if cell):
        raise Unusable(f"{shown}, line {skip + 1}: all addresses are on one line; put each on a line of its own")


def _made_up(cells: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names for columns without: `email` for the only one that holds addresses."""
    width = len(cells[0])
    filled = [[row[place] for row in cells if len(row) > place and row[place].strip()] for place in range(width)]
    found = [place for place in range(width) if filled[place] and all(_ADDRESS.search(one) for one in filled[place])]
    names = [f"column {number}" for number in range(1, width + 1)]
    if len(found) == 1:
        names[found[0]] = "email"
    return tuple(names)
