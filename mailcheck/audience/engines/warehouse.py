"""Warehouses, each through the DB-API of its own client: BigQuery, Snowflake, Trino, Redshift, Databricks.

Where `Dialect.kept` says so, a list that was normalised is kept in a temporary table; elsewhere it is a sub-select of
every question, and what comes from elsewhere is written into the statements.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from mailcheck.audience.dialect import Dialect
from mailcheck.audience.engines import Relation, Row
from mailcheck.audience.engines.inline import KEPT, amended, columns_of, inlined, named_in, row_of
from mailcheck.audience.engines.warehouse_urls import Cursor, Service, service_of
from mailcheck.audience.statements import ODD
from mailcheck.audience.tables import Source
from mailcheck.rule import Unusable

T = TypeVar("T")

BATCH = 10_000
LOADED = 4_000
"""Rows of one INSERT: less than the limits of rows and characters of all warehouses."""

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_SIGNS = (
    (r"does not exist|not found|cannot be resolved|unresolved|unrecognized name", "there is no such table or column"),
    (r"permission|denied|not authorized|insufficient privilege|forbidden", "this user may not read that"),
    (r"password|authenticat|credential|unauthorized|token", "it does not let this user in"),
    (r"syntax|mismatched input|parse error", "the query is no SELECT that it can read"),
    (r"quota|exceeded|too large|out of memory|resources", "it refuses a statement of that size"),
    (r"timeout|timed out|unreachable|resolve host|connection", "it does not answer"),
)


class Warehouse:
    """A warehouse that holds lists.

    Args:
        service: which, and how it is reached.
        temporary: whether temporary tables may be made, where the dialect has any.

    Raises:
        Unusable: it cannot be reached.
    """

    def __init__(self, service: Service, *, temporary: bool = True) -> None:
        self.dialect: Dialect = service.dialect
        self.name = service.name
        self._service = service
        self._tables = temporary and service.dialect.kept == "table"
        self._mark = f"{KEPT}{secrets.token_hex(4)}_"
        self._connection = self._told(service.connect)

    def rows(self, sql: str) -> list[Row]:
        cursor = self._run(sql)
        try:
            return self._told(lambda: [tuple(row) for row in cursor.fetchall()])
        finally:
            cursor.close()

    def batches(self, sql: str) -> Iterator[list[Row]]:
        cursor = self._run(sql)
        try:
            while batch := self._told(lambda: [tuple(row) for row in cursor.fetchmany(BATCH)]):
                yield batch
        finally:
            cursor.close()

    def keep(self, name: str, select: str) -> str:
        if not self._tables:
            return f"({select})"
        kept = f"{self._mark}{name}"
        self._run(f"CREATE TEMPORARY TABLE {kept} AS {select}").close()
        return kept

    def load(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
        if not self._tables:
            return inlined(self.dialect, self.name, columns, rows)
        kept = f"{self._mark}{name}"
        text, small = self.dialect.text, self.dialect.small
        typed = ", ".join(f"{column} {small if column == 'state' else text}" for column in columns)
        # Of an odd address and its normal form the first may come from this very connection.
        coming = iter(rows)
        batch = list(islice(coming, LOADED))
        self._run(f"CREATE TEMPORARY TABLE {kept} ({typed})").close()
        while batch:
            listed = ", ".join(f"({', '.join(row_of(self.dialect, columns, row))})" for row in batch)
            self._run(f"INSERT INTO {kept} VALUES {listed}").close()
            batch = list(islice(coming, LOADED))
        return kept

    def amend(self, kept: str, columns: Sequence[str], others: str) -> str:
        if not self._tables:
            return f"({amended(kept, columns, others)})"
        self._run(
            f"UPDATE {kept} SET address = o.address, state = o.state FROM {others} o "
            f"WHERE {kept}.state = {ODD} AND {kept}.address = o.raw_"
        ).close()
        return kept

    def close(self) -> None:
        try:
            self._connection.close()
        except Exception:  # noqa: BLE001 - each client has errors of its own, and what is gone is closed
            return

    def _table(self, table: str, _shown: str) -> str:
        return ".".join(self._name(part) for part in table.split("."))

    def relation(self, source: Source, base: Path) -> Relation:  # noqa: ARG002 - other engines need the folder
        """The table that a source names: `database.schema.table`, as the warehouse reads names.

        Raises:
            Unusable: there is none, or it cannot be read.
        """
        sql, shown = named_in(source, self._service.shown, self._table)
        cursor = self._run(f"SELECT * FROM {sql} described_ WHERE 1 = 0", shown)
        names = [str(column[0]) for column in cursor.description or ()]
        cursor.close()
        return Relation(sql, columns_of(self.dialect, names, shown), shown)

    def _name(self, part: str) -> str:
        """A plain name is left to the warehouse, which may read it in capitals."""
        return part if _PLAIN_NAME.fullmatch(part) else self.dialect.quote(part)

    def _run(self, sql: str, shown: str = "") -> Cursor:
        cursor = self._told(lambda: self._service.cursor(self._connection), shown)
        self._told(lambda: cursor.execute(self._service.sent(sql)), shown)
        return cursor

    def _told(self, ask: Callable[[], T], shown: str = "") -> T:
        """What the warehouse answers; what it refuses is a sentence without any value of a row."""
        try:
            return ask()
        except Unusable:
            raise
        except Exception as error:  # noqa: BLE001 - each client has errors of its own
            raise Unusable(f"{shown or self._service.shown}: {_sentence(error)}") from None


def open_warehouse(url: str, *, temporary: bool = True) -> Warehouse:
    """The warehouse of a URL.

    Raises:
        Unusable: its client is not installed, the URL is not complete, or it cannot be reached.
    """
    return Warehouse(service_of(url), temporary=temporary)


def _sentence(error: Exception) -> str:
    """By what its text speaks of: the text itself may hold values of rows."""
    text = str(error).lower()
    said = next((said for sign, said in _SIGNS if re.search(sign, text)), "it refuses that")
    return f"{said} ({type(error).__name__})"
