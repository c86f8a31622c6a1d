"""Tables of people in files: which rows and columns they have, before any engine reads them whole.

A file that is missing, empty, cut off, in another encoding or of another shape is refused with one sentence: what
cannot be read is never a list without anybody in it.
"""

from __future__ import annotations

import csv
import glob
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mailcheck.rule import Unusable

Format = Literal["csv", "json", "parquet"]

FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}
COMPRESSED = (".gz", ".zst")
DELIMITERS = (",", ";", "\t", "|")
HEAD_LINES = 40

_PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Files:
    """Files that are one table.

    Args:
        paths: at least one, in order.
        format: of all of them.
        shown: what the user named.
    """

    paths: tuple[Path, ...]
    format: Format
    shown: str


@dataclass(frozen=True, slots=True)
class Head:
    """What the first lines of a CSV file say.

    Args:
        delimiter: between the columns.
        names: of the columns; made up where there is no header.
        header: whether the first line holds names.
        quote: the quotation mark, or nothing when none is used.
    """

    delimiter: str
    names: tuple[str, ...]
    header: bool
    quote: str


def files_of(named: str, base: Path) -> Files:
    """The files that a path, a folder or a pattern stands for.

    Raises:
        Unusable: there are none, one is empty, or their kind is unknown or mixed.
    """
    try:
        paths = _found(base, named)
        empty = next((path for path in paths if path.stat().st_size == 0), None)
    except OSError as error:
        raise Unusable(f"{named}: cannot be read: {(error.strerror or 'unreadable').lower()}") from None
    except ValueError:
        raise Unusable(f"{named!r:.60} is no path") from None
    if not paths:
        raise Unusable(f"{named}: there is no such file; give the path of the list as it was exported")
    if empty is not None:
        raise Unusable(f"{empty.name}: the file is empty, so nobody knows who is on the list; export it again")
    formats = {_format_of(path) for path in paths}
    if len(formats) > 1:
        raise Unusable(f"{named}: files of different kinds are no single table; name a pattern such as {named}/*.csv")
    found = formats.pop()
    if found is None:
        known = ", ".join(FORMATS)
        raise Unusable(f"{paths[0].name}: not known as a table by its name; mailcheck reads {known}, also .gz and .zst")
    return Files(tuple(paths), found, _short(named))


def _short(named: str) -> str:
    """What is told of a path: the shorter of itself and the way from the working folder."""
    here = Path.cwd()
    path = Path(named)
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else named


def _found(base: Path, named: str) -> list[Path]:
    path = base / named
    if path.is_dir():
        inside = (one for one in path.iterdir() if one.is_file() and not one.name.startswith((".", "_")))
        return sorted(inside)
    if path.is_file() or not _PATTERN.search(named):
        return [path] if path.is_file() else []
    # The pattern may be absolute, which Path.glob does not take.
    found = glob.glob(str(path), recursive=True)  # noqa: PTH207 - as above
    return sorted(Path(one) for one in found if Path(one).is_file())


def _format_of(path: Path) -> Format | None:
    name = path.name.lower()
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    return FORMATS.get(Path(name).suffix)


def head_of(lines: Sequence[str], shown: str, delimiter: str | None = None) -> Head:
    """What the first lines of a CSV file say of its shape.

    A first line in which a cell holds an @ is a row already: the names of columns hold none.

    Raises:
        Unusable: there is nothing but a header, or two columns have one name.
    """
    text = [line for line in lines if line.strip("\ufeff\r\n ")]
    if not text:
        raise Unusable(f"{shown}: there is nothing but empty lines in it; export it again")
    text[0] = text[0].removeprefix("\ufeff")
    chosen = delimiter or _delimiter(text)
    quote = '"' if any('"' in line for line in text) or chosen != "\x1f" else ""
    first = next(csv.reader(text, delimiter=chosen))
    header = not any("@" in cell for cell in first)
    if not header:
        return Head(chosen, tuple(f"column {number}" for number in range(1, len(first) + 1)), header=False, quote=quote)
    names = tuple(cell.strip() for cell in first)
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        raise Unusable(f"{shown}: two columns are called {twice[0]!r}; give each a name of its own")
    return Head(chosen, names, header=True, quote=quote)


def _delimiter(lines: list[str]) -> str:
    """The mark that parts every line into as many cells; a control character when it is one column."""
    best, cells = "\x1f", 1
    for mark in DELIMITERS:
        widths = {len(row) for row in csv.reader(lines[:-1] or lines, delimiter=mark)}
        header = len(next(csv.reader(lines, delimiter=mark)))
        # A line that is cut off or damaged must not make one column of a list that has several.
        if header > cells and (len(widths) == 1 or _mostly(lines, mark, header)):
            best, cells = mark, header
    return best


def _mostly(lines: list[str], mark: str, width: int) -> bool:
    rows = [len(row) for row in csv.reader(lines, delimiter=mark)]
    return rows.count(width) * 2 > len(rows)
