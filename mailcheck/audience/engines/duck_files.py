"""How DuckDB reads files of people: CSV of any shape, JSON, Parquet."""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mailcheck.audience.dialect import DUCKDB
from mailcheck.audience.engines import Relation, Row
from mailcheck.audience.frames import HEAD_LINES, Files, Head, check, head_of
from mailcheck.audience.heads import SINGLE
from mailcheck.audience.tables import Source
from mailcheck.audience.wholeness import CHUNK, is_compressed, is_utf16, quotes_are_closed
from mailcheck.rule import Unusable

Asked = Callable[[str, str], list[Row]]
"""`(statement, what to call the file)` → its rows."""

PARALLEL, ONE_BY_ONE = "parallel = true", "parallel = false"
ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "iso8859-1": "latin-1",
    # They differ in quotation marks and the euro sign, which no address has.
    "cp1252": "latin-1",
}
"""The encodings of CSV files as Python calls them, and as DuckDB does."""

_OF_WINDOWS = re.compile(rb"[\x80-\x9f]")
_MARKS = re.compile(r"[*?\[]")
_SECOND = re.compile(r"_\d+\Z")
_NESTED = re.compile(r"(?:STRUCT|MAP|UNION)\(|.*\]$")


class Csv(Struct, frozen=True):
    """CSV files that are one table: what DuckDB is asked, and what its answer is checked by."""

    files: Files
    head: Head
    encoding: str

    @property
    def relation(self) -> Relation:
        """The table."""
        head = self.head
        columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(head.names)))
        sql = (
            f"read_csv({_listed(self.files.paths)}, auto_detect = false, strict_mode = true, {PARALLEL}, "
            f"header = {str(head.header).lower()}, skip = {head.skip}, delim = {DUCKDB.literal(head.delimiter)}, "
            f"quote = {DUCKDB.literal(head.quote)}, escape = {DUCKDB.literal(head.quote)}, nullstr = '', "
            f"encoding = {DUCKDB.literal(self.encoding)}, allow_quoted_nulls = false, columns = {{{columns}}})"
        )
        if head.delimiter == SINGLE:
            # An empty line is no row, as it is none where there are several columns.
            sql = f"(SELECT * FROM {sql} WHERE c0 IS NOT NULL)"
        names = {name: f"c{number}" for number, name in enumerate(head.names)}
        return Relation(sql, names, self.files.shown)

    def is_closed(self) -> bool:
        """Whether every quotation mark is closed, read by another parser."""
        return all(quotes_are_closed(path, self.encoding, self.head.delimiter) for path in self.files.paths)


def csv_of(files: Files, source: Source, asked: Asked) -> Csv:
    """CSV files as a table.

    Raises:
        Unusable: they are cut off, or of a shape that cannot be read.
    """
    check(files, wide=source.encoding != "utf-8")
    encoding = _encoding(source, files)
    head = _head(files.paths[0], files.shown, source, encoding, asked)
    for path in files.paths[1:]:
        other = _head(path, path.name, source, encoding, asked)
        if (other.names, other.header) != (head.names, head.header):
            raise Unusable(f"{files.shown}: {path.name} has other columns than {files.paths[0].name}")
        if (other.delimiter, other.skip) != (head.delimiter, head.skip):
            raise Unusable(f"{files.shown}: {path.name} is parted in another way than {files.paths[0].name}")
    return Csv(files, head, encoding)


def recoded(files: Files, source: Source, folder: Path) -> tuple[Files, Source]:
    """Files of Windows, written anew in UTF-8 where DuckDB would refuse them.

    What calls itself Latin 1 is as a rule Windows-1252, which has quotation marks, dashes and the euro sign where
    Latin 1 has control characters. DuckDB refuses those (2.0.0).

    Args:
        source: says the encoding.
        folder: for the new files; whoever gives it takes it away.

    Raises:
        Unusable: they cannot be read or written.
    """
    if ENCODINGS.get(_known_as(source.encoding)) != "latin-1" or any(is_compressed(path) for path in files.paths):
        return files, source
    try:
        if not any(_is_of_windows(path) for path in files.paths):
            return files, source
        paths = tuple(_in_utf8(path, Path(tempfile.mkdtemp(dir=folder))) for path in files.paths)
    except OSError as error:
        raise Unusable(f"{files.shown}: cannot be read: {(error.strerror or 'unreadable').lower()}") from None
    return replace(files, paths=paths), source.model_copy(update={"encoding": "utf-8"})


def _is_of_windows(path: Path) -> bool:
    with path.open("rb") as file:
        return any(_OF_WINDOWS.search(chunk) for chunk in iter(partial(file.read, CHUNK), b""))


def _in_utf8(path: Path, folder: Path) -> Path:
    with path.open("rb") as old, (folder / path.name).open("wb") as new:
        while chunk := old.read(CHUNK):
            new.write(chunk.decode("cp1252", "replace").encode())
    return folder / path.name


def relation_of(files: Files, asked: Asked) -> Relation:
    """The table that JSON or Parquet files hold.

    Raises:
        Unusable: they are cut off, or of a shape that cannot be read.
    """
    check(files)
    if files.format == "parquet":
        _refuse_other_columns(files, asked)
        return described(f"read_parquet({_listed(files.paths)})", files.shown, asked)
    # All keys are looked for in all rows, and values stay as they are written: a sample would leave out rare keys.
    options = "format = 'auto', union_by_name = true, maximum_depth = 1, sample_size = -1"
    found = described(f"read_json({_listed(files.paths)}, {options})", files.shown, asked)
    _refuse_two_cases(found, files, asked)
    return found


def _refuse_two_cases(found: Relation, files: Files, asked: Asked) -> None:
    """Refuse keys that differ only by their case: DuckDB makes two columns of them, and calls the second `Email_1`."""
    known = {name.casefold() for name in found.columns}
    for name in found.columns:
        first = _SECOND.sub("", name)
        if first == name or first.casefold() not in known:
            continue
        path = DUCKDB.literal('$."' + name.replace('"', '\\"') + '"')
        objects = f"read_json_objects({_listed(files.paths)}, format = 'auto')"
        written = asked(f"SELECT count(*) FROM {objects} WHERE json_exists(json, {path})", files.shown)[0][0]
        if not written:
            raise Unusable(
                f"{files.shown}: the key {first!r} is written in two cases, so that rows with the other one seem to "
                "have nothing there; write it in one way"
            )


def described(sql: str, shown: str, asked: Asked) -> Relation:
    """A relation with the columns that DuckDB says it has.

    Raises:
        Unusable: DuckDB refuses.
    """
    columns: dict[str, str] = {}
    nested = set()
    for name, kind, *_ in asked(f"DESCRIBE SELECT * FROM {sql}", shown):
        quoted = DUCKDB.quote(str(name))
        columns[str(name)] = {"JSON": f"({quoted} ->> '$')", "BLOB": f"decode({quoted})"}.get(str(kind), quoted)
        if _NESTED.match(str(kind)):
            nested.add(str(name))
    return Relation(sql, columns, shown, frozenset(nested))


def _known_as(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return ""


def _encoding(source: Source, files: Files) -> str:
    known = ENCODINGS.get(_known_as(source.encoding))
    if known is None:
        raise Unusable(f"{files.shown}: the encoding {source.encoding!r} is not read; save it as UTF-8")
    wide = [path for path in files.paths if not is_compressed(path) and is_utf16(path)]
    if known == "utf-16" and len(wide) < sum(not is_compressed(path) for path in files.paths):
        raise Unusable(f"{files.shown}: not in the encoding UTF-16, as was said; save it as UTF-8")
    return "utf-16" if len(wide) == len(files.paths) else known


def _head(path: Path, shown: str, source: Source, encoding: str, asked: Asked) -> Head:
    lines = asked(
        f"SELECT line FROM read_csv({_listed((path,))}, auto_detect = false, strict_mode = false, header = false, "
        f"{ONE_BY_ONE}, delim = {DUCKDB.literal(SINGLE)}, quote = '', escape = '', "
        f"encoding = {DUCKDB.literal(encoding)}, "
        f"columns = {{'line': 'VARCHAR'}}) LIMIT {HEAD_LINES}",
        shown,
    )
    return head_of([str(line[0] or "") for line in lines], shown, source.delimiter)


def _refuse_other_columns(files: Files, asked: Asked) -> None:
    """Parquet files of one table have the same columns; DuckDB would go by the first."""
    if len(files.paths) == 1:
        return
    shapes = asked(
        "SELECT file_name, string_agg(name || ' ' || COALESCE(type, ''), ',') FROM "
        f"parquet_schema({_listed(files.paths)}) GROUP BY file_name ORDER BY file_name",
        files.shown,
    )
    first = shapes[0]
    other = next((Path(str(name)).name for name, shape in shapes if shape != first[1]), None)
    if other is not None:
        raise Unusable(f"{files.shown}: {other} has other columns than {Path(str(first[0])).name}")


def _listed(paths: tuple[Path, ...]) -> str:
    """Paths as DuckDB takes them: the marks of patterns, which a name may hold, stand for themselves."""
    return "[" + ", ".join(DUCKDB.literal(_MARKS.sub(r"[\g<0>]", str(path))) for path in paths) + "]"
