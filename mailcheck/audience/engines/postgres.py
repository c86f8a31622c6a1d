"""PostgreSQL: lists are counted where they lie, in transactions that can only read.

What is kept for the run are temporary tables, which a transaction that can only read may fill; they are made
empty before. Without temporary tables everything is a sub-select of one snapshot.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from mailcheck.audience.dialect import POSTGRES, with_pgcrypto
from mailcheck.audience.engines import Relation, Row
from mailcheck.audience.engines.inline import KEPT, amended, columns_of, inlined, named_in
from mailcheck.audience.engines.postgres_url import Server, connected, sentence, server_of
from mailcheck.audience.statements import ODD
from mailcheck.audience.tables import Source
from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean

if TYPE_CHECKING:
    from pg8000.core import Context

BATCH = 10_000
CHUNK = 1 << 16
_SETTINGS = (
    "SET standard_conforming_strings = on",
    "SET DateStyle = 'ISO, YMD'",
    "SET TimeZone = 'UTC'",
    "SET client_min_messages = warning",
)
_TABLES = (
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
    "ORDER BY 1, 2 LIMIT 5000"
)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})


class Postgres:
    """A PostgreSQL server that holds lists.

    Args:
        url: `postgresql://user:password@host:port/database?sslmode=verify-full`.
        temporary: whether temporary tables may be made.

    Raises:
        Unusable: it cannot be reached, or cannot be read.
    """

    dialect = POSTGRES
    name = "PostgreSQL"

    def __init__(self, url: str, *, temporary: bool = True) -> None:
        self._server: Server = server_of(url)
        self._temporary = temporary
        self._connection = connected(self._server)
        self._depth = 0
        self._begun = False
        for setting in _SETTINGS:
            self._do(setting)
        self._refuse_encoding()
        found = self._do(
            "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
            "WHERE e.extname = 'pgcrypto'"
        ).rows
        if found:
            self.dialect = with_pgcrypto(str(found[0][0]))

    def rows(self, sql: str) -> list[Row]:
        with self._reading():
            return [tuple(row) for row in self._do(sql).rows or ()]

    def batches(self, sql: str) -> Iterator[list[Row]]:
        with self._reading():
            cursor = f"mailcheck_{self._depth}"
            self._do(f"DECLARE {cursor} NO SCROLL CURSOR FOR {sql}")
            while batch := self._do(f"FETCH {BATCH} FROM {cursor}").rows:
                yield [tuple(row) for row in batch]
            self._do(f"CLOSE {cursor}")

    def keep(self, name: str, select: str) -> str:
        if not self._temporary:
            return f"({select})"
        kept = self._made(name, f"AS {select} WITH NO DATA")
        with self._reading():
            self._do(f"INSERT INTO {kept} {select}")
        self._do(f"ANALYZE {kept}")
        return kept

    def load(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
        if not self._temporary:
            return inlined(self.dialect, self.name, columns, rows)
        # The first row may be asked of this very server, which cannot answer while it copies.
        coming = iter(rows)
        first = list(islice(coming, 1))
        kept = self._made(name, f"({', '.join(_typed(column) for column in columns)})")
        with self._reading():
            self._do(f"COPY {kept} FROM STDIN", _lines(chain(first, coming)))
        self._do(f"ANALYZE {kept}")
        return kept

    def amend(self, kept: str, columns: Sequence[str], others: str) -> str:
        if not self._temporary:
            return f"({amended(kept, columns, others)}{self.dialect.fence})"
        with self._reading():
            self._do(
                f"UPDATE {kept} k SET address = o.address, state = o.state FROM {others} o "
                f"WHERE k.state = {ODD} AND k.address = o.raw_"
            )
        return kept

    def close(self) -> None:
        import pg8000.exceptions

        try:
            self._connection.close()
        except (pg8000.exceptions.InterfaceError, OSError):
            return  # It was closed when something failed.

    def relation(self, source: Source, base: Path) -> Relation:  # noqa: ARG002 - other engines need the folder
        """The table that a source names.

        Raises:
            Unusable: there is none, or the query is none.
        """
        sql, shown = named_in(source, self._server.shown, self._table)
        with self._reading():
            described = self._do(f"SELECT * FROM {sql} described_ LIMIT 0")
        names = [str(column["name"]) for column in described.columns or ()]
        return Relation(sql, columns_of(self.dialect, names, shown), shown)

    def _table(self, table: str, shown: str) -> str:
        """A table by its name as it is, or as PostgreSQL reads names: in small letters unless they are quoted."""
        quoted = ".".join(self.dialect.quote(part) for part in table.split("."))
        for name in (quoted, table):
            found = self._regclass(name)
            if found is not None:
                return found
        known = [f"{schema}.{name}" for schema, name in self.rows(_TABLES)]
        names = [*known, *(name.partition(".")[2] for name in known)]
        raise Unusable(f"{shown}: there is no such table{did_you_mean(table, names)}")

    def _regclass(self, name: str) -> str | None:
        """A table as PostgreSQL writes it, or `None`: there is none, or that is no name in SQL."""
        try:
            found = self.rows(f"SELECT CAST(to_regclass({self.dialect.literal(name)}) AS TEXT)")
        except Unusable:
            return None
        return str(found[0][0]) if found and found[0][0] is not None else None

    def _refuse_encoding(self) -> None:
        encoding = str(self.rows("SHOW server_encoding")[0][0])
        if encoding not in {"UTF8", "SQL_ASCII"}:
            raise Unusable(
                f"{self._server.shown}: the database is encoded in {encoding}, and only those in UTF8 are read; "
                "export the list as a file"
            )

    def _made(self, name: str, what: str) -> str:
        """Make an empty temporary table. No table of the user may have its name: it would be hidden."""
        kept = f"pg_temp.{KEPT}{name}"
        self._do(f"DROP TABLE IF EXISTS {kept}")
        try:
            self._do(f"CREATE TEMPORARY TABLE {KEPT}{name} {what}")
        except Unusable as error:
            raise Unusable(
                f"{error}; if no temporary tables may be made there, say temporary = false, which is slower"
            ) from None
        return kept

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A transaction that can only read; the one that is open, if there is one."""
        if not self._begun:
            self._do("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            self._begun = True
        self._depth += 1
        try:
            yield
        except BaseException:
            self._ended("ROLLBACK")
            raise
        self._depth -= 1
        # Without anything kept, one snapshot is what makes the answers those of one list.
        if self._temporary and not self._depth:
            self._ended("COMMIT")

    def _ended(self, how: str) -> None:
        if not self._begun:
            return
        self._depth, self._begun = 0, False
        try:
            self._do(how)
        except Unusable:
            # Of a connection that is gone, the transaction is too.
            if how == "COMMIT":
                raise

    def _do(self, sql: str, stream: Iterator[bytes] | None = None) -> Context:
        """Run one statement: the extended protocol takes no second one behind it."""
        import pg8000.exceptions

        try:
            return self._connection.execute_unnamed(sql, stream=stream)
        except pg8000.exceptions.DatabaseError as error:
            raise Unusable(sentence(error, self._server.shown)) from None
        except (pg8000.exceptions.InterfaceError, OSError, struct.error, UnicodeDecodeError):
            self.close()
            raise Unusable(f"{self._server.shown}: the connection broke off; try again") from None
        except BaseException:
            # Rows that stopped coming, or an interrupt: nobody knows what the server still waits for.
            self.close()
            raise


def _typed(column: str) -> str:
    return f"{column} SMALLINT" if column == "state" else f'{column} TEXT COLLATE "C"'


def _lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Rows as COPY reads them, in pieces of some 64 KiB."""
    piece: list[str] = []
    size = 0
    for row in rows:
        line = "\t".join("\\N" if value is None else str(value).translate(_ESCAPES) for value in row)
        piece.append(line)
        size += len(line)
        if size > CHUNK:
            yield _encoded(piece)
            piece, size = [], 0
    if piece:
        yield _encoded(piece)


def _encoded(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")
