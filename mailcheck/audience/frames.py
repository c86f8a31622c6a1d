"""Tables of people in files: which rows and columns they have, before any engine reads them whole.

A file that is missing, empty, cut off, in another encoding or of another shape is refused with one sentence: what
cannot be read is never a list without anybody in it.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from mailcheck.audience.heads import HEAD_LINES, Head, head_of
from mailcheck.audience.wholeness import refuse_other
from mailcheck.rule import Unusable

__all__ = ["HEAD_LINES", "Files", "Format", "Head", "check", "files_of", "head_of"]

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

LONGEST_SHOWN = 120

_PATTERN = re.compile(r"[*?\[]")


class Files(Struct, frozen=True):
    """Files that are one table.

    Args:
        paths: at least one, in order.
        format: of all of them.
        shown: what the user named.
    """

    paths: tuple[Path, ...]
    format: Format
    shown: str


def files_of(named: str, base: Path) -> Files:
    """The files that a path, a folder or a pattern stands for.

    Raises:
        Unusable: there are none, one is empty, or their kind is unknown or mixed.
    """
    shown = _short(named)
    try:
        paths = _found(base, named)
        empty = next((path for path in paths if path.stat().st_size == 0), None)
    except OSError as error:
        raise Unusable(f"{shown}: cannot be read: {(error.strerror or 'unreadable').lower()}") from None
    except ValueError:
        raise Unusable(f"{named!r:.60} is no path") from None
    if not paths:
        raise Unusable(f"{shown}: {_why_none(base / named)}")
    if empty is not None:
        raise Unusable(f"{empty.name}: the file is empty, so nobody knows who is on the list; export it again")
    formats: set[Format | None] = {_format_of(path) for path in paths}
    if len(formats) > 1:
        raise Unusable(f"{shown}: files of different kinds are no single table; name a pattern such as {shown}/*.csv")
    found = formats.pop()
    if found is None:
        raise Unusable(f"{paths[0].name}: {_why_unknown(paths[0])}")
    return Files(tuple(paths), found, shown)


def check(files: Files, *, wide: bool = False) -> None:
    """Refuse files that are something else than their names say, or are not whole.

    Args:
        files: that exist.
        wide: whether another encoding than UTF-8 was said.

    Raises:
        Unusable: one sentence.
    """
    for path in files.paths:
        try:
            refuse_other(path, files.format, wide=wide)
        except OSError as error:
            raise Unusable(f"{path.name}: cannot be read: {(error.strerror or 'unreadable').lower()}") from None


def _why_none(path: Path) -> str:
    if path.is_dir():
        below = next((one.name for one in sorted(path.iterdir()) if one.is_dir()), None)
        if below is not None:
            return f"there is no list in the folder itself; name a pattern such as {path.name}/**/*.parquet"
        return "there is no list in the folder; give the path of the list as it was exported"
    if path.exists():
        return "it is no plain file; save the list to a file, and name that"
    return "there is no such file; give the path of the list as it was exported"


def _why_unknown(path: Path) -> str:
    if path.suffix.lower() in (".xlsx", ".xls", ".xlsm", ".ods", ".numbers"):
        return "workbooks are not read; save the list as CSV (UTF-8)"
    if path.suffix.lower() in (".zip", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz"):
        return "archives of this kind are not read; unpack it first"
    return f"not known as a table by its name; mailcheck reads {', '.join(FORMATS)}, also .gz and .zst"


def _short(named: str) -> str:
    """What is told of a path: the shorter of itself and the way from the working folder."""
    here = Path.cwd()
    path = Path(named)
    short = str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else named
    return short if len(short) <= LONGEST_SHOWN else f"…{short[-LONGEST_SHOWN:]}"


def _found(base: Path, named: str) -> list[Path]:
    path = base / named
    if path.is_dir():
        inside = [one for one in sorted(path.iterdir()) if not one.name.startswith(".")]
        files = [one for one in inside if one.is_file() and not one.name.startswith("_")]
        if files:
            _refuse_unfinished(path)
            _refuse_left_out([one for one in inside if one not in files], path)
        return files
    if path.is_file() or not _PATTERN.search(named):
        return [path] if path.is_file() else []
    # What stands there as it is written is no pattern, whatever marks are in its name.
    parts = list(path.parts)
    while parts and not Path(*parts).is_dir():
        parts.pop()
    folder = Path(*parts)
    found = glob.glob(str(Path(*path.parts[len(parts) :])), root_dir=folder, recursive=True)  # noqa: PTH207 - Path.glob finds hidden files too
    every = sorted(folder / one for one in found)
    files = [one for one in every if one.is_file()]
    parents = {parent for one in files for parent in one.parents}
    for one in sorted(one for one in parents if one.is_relative_to(folder)):
        _refuse_unfinished(one)
    _refuse_left_out([one for one in every if not one.is_file() and one not in parents], folder)
    return files


def _refuse_unfinished(folder: Path) -> None:
    """Refuse a folder of which not every file is to be read.

    Raises:
        Unusable: it is still written to, or keeps files of the past.
    """
    if (folder / "_delta_log").is_dir():
        raise Unusable(f"{folder.name}: it is a Delta table, of which some files are history; read it with Spark")
    if (folder / "_temporary").is_dir():
        raise Unusable(f"{folder.name}: it is still being written, or was not finished; export it again")


def _refuse_left_out(others: list[Path], folder: Path) -> None:
    """Refuse what may hold more of a list than is read of it.

    Raises:
        Unusable: says what it is, and how to name the files.
    """
    for one in others:
        if not one.exists():
            raise Unusable(f"{one.name}: it is a link that leads nowhere; mend it, or take it away")
        if one.is_file() and _format_of(one) is not None:
            raise Unusable(f"{one.name}: files that begin with _ are left out of a folder; give it another name")
        below = next((each for each in _below(one) if _format_of(each) is not None), None)
        if below is not None:
            raise Unusable(
                f"{one.name}: this folder holds lists, too ({below.name}); name all of them by a pattern such as "
                f"{folder.name}/**/*{below.suffix}, or only some such as {folder.name}/*{below.suffix}"
            )


def _below(path: Path) -> Iterator[Path]:
    if path.is_dir() and not path.name.startswith("_"):
        hidden = (".", "_")
        below = (one for one in sorted(path.rglob("*")) if one.is_file())
        yield from (one for one in below if not any(part.startswith(hidden) for part in one.relative_to(path).parts))


def _format_of(path: Path) -> Format | None:
    name = path.name.lower()
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    return FORMATS.get(Path(name).suffix)
