"""Parquet files, read in batches by DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import ModuleType

from mailcheck.catalogue.fields import places
from mailcheck.catalogue.files import FeedFile
from mailcheck.rule import Unusable

_BATCH = 5_000


def header(file: FeedFile) -> tuple[str, ...]:
    """The names of the columns of a Parquet file.

    Raises:
        Unusable: it cannot be read, or DuckDB is not installed.
    """
    return next(_asked(file, "SELECT * FROM read_parquet(?) LIMIT 0"))


def rows(file: FeedFile, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The rows of some columns of a Parquet file as texts; nothing is an empty text.

    Raises:
        Unusable: as for `header`.
    """
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    found = _asked(file, f"SELECT {quoted} FROM read_parquet(?)")  # noqa: S608 - names of columns, quoted
    next(found)
    return found


def _asked(file: FeedFile, sql: str) -> Iterator[tuple[str, ...]]:
    """The names of the columns of an answer, then its rows."""
    duck = _library()
    try:
        with duck.connect(":memory:", config={"autoinstall_known_extensions": "false", "threads": "1"}) as connection:
            connection.execute("SET memory_limit = '300MB'; SET preserve_insertion_order = true")
            answer = connection.execute(sql, [str(file.path)])
            yield tuple(one[0] for one in answer.description or ())
            while batch := answer.fetchmany(_BATCH):
                yield from (tuple(map(_text, row)) for row in batch)
    except duck.Error as error:
        reason = str(error).partition("\n")[0].replace(str(file.path), file.shown)
        raise Unusable(f"{file.shown} is no Parquet file that can be read ({reason[:120]}); export it again") from None


def records(file: FeedFile, columns: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The products of a Parquet file, with the number of their row.

    Raises:
        Unusable: as for `header`, and where a column is missing or misspelt.
    """
    names = header(file)
    found = places(names, "merchant", columns, file.shown)
    for number, cells in enumerate(rows(file, [names[at] for at in found.values()]), 1):
        yield number, dict(zip(found, cells, strict=True))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f") if abs(value) < 1e15 else "?"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _library() -> ModuleType:
    try:
        import duckdb
    except ImportError:
        raise Unusable(
            "Parquet is read by DuckDB, which is not installed: pip install 'mailcheck-lint[audience]'"
        ) from None
    return duckdb
