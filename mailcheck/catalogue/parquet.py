"""Parquet files, read in batches by DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import ModuleType

from mailcheck.catalogue.fields import places
from mailcheck.catalogue.files import FeedFile
from mailcheck.rule import Unusable

_BATCH = 5_000


def table(file: FeedFile) -> Iterator[tuple[str, ...]]:
    """The header of a Parquet file, then its rows as texts; nothing is an empty text.

    Raises:
        Unusable: it cannot be read, or DuckDB is not installed.
    """
    duck = _library()
    try:
        with duck.connect(":memory:", config={"autoinstall_known_extensions": "false", "threads": "2"}) as connection:
            connection.execute("SET memory_limit = '300MB'; SET preserve_insertion_order = true")
            answer = connection.execute("SELECT * FROM read_parquet(?)", [str(file.path)])
            yield tuple(one[0] for one in answer.description or ())
            while batch := answer.fetchmany(_BATCH):
                yield from (tuple(map(_text, row)) for row in batch)
    except duck.Error as error:
        reason = str(error).partition("\n")[0].replace(str(file.path), file.shown)
        raise Unusable(f"{file.shown} is no Parquet file that can be read ({reason[:120]}); export it again") from None


def records(file: FeedFile, columns: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The products of a Parquet file, with the number of their row.

    Raises:
        Unusable: as for `table`, and where a column is missing or misspelt.
    """
    rows = table(file)
    header = next(rows, ())
    found = tuple(places(header, "merchant", columns, file.shown).items())
    for number, cells in enumerate(rows, 1):
        yield number, {name: cells[at] for name, at in found}


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
