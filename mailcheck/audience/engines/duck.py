"""DuckDB: the embedded engine, for files and for DuckDB databases."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from mailcheck.audience.dialect import DUCKDB
from mailcheck.audience.engines import Relation, Row
from mailcheck.audience.engines.duck_files import ONE_BY_ONE, PARALLEL, Csv, csv_of, described, recoded, relation_of
from mailcheck.audience.engines.duck_sentences import sentence
from mailcheck.audience.engines.duck_watching import Doing, about, watched
from mailcheck.audience.engines.inline import KEPT
from mailcheck.audience.frames import Files, files_of
from mailcheck.audience.tables import Source
from mailcheck.rule import Unusable
from mailcheck.run import Watch

if TYPE_CHECKING:
    import duckdb

BATCH = 20_000
MEMORY = "1750MB"
"""What it may use before it writes to disk, when nobody says more."""
GIVEN = "people"
"""What a list is called that is not in a file."""


class Duck:
    """An engine in this process, with temporary tables only.

    Args:
        memory: how much it may use before it writes to disk, such as `1500MB`.
        watch: is told how far a statement is.
    """

    dialect = DUCKDB
    name = "DuckDB"

    def __init__(self, memory: str = MEMORY, watch: Watch | None = None) -> None:
        duck = _library()
        self._spill = tempfile.TemporaryDirectory(prefix="mailcheck-")
        # Nothing is fetched: an extension that is not there is a sentence, not a download.
        config = {"autoinstall_known_extensions": "false", "temp_directory": self._spill.name}
        self._connection = duck.connect(":memory:", config=config)
        self._attached: dict[Path, str] = {}
        self._given = 0
        self._watch = watch
        self._read: dict[str, Files] = {}
        self._csv: list[Csv] = []
        self._connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        if watch is not None:
            self._connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
            self._connection.execute("SET progress_bar_time = 0")
        try:
            self._connection.execute(f"SET memory_limit = {DUCKDB.literal(memory)}")
        except duck.Error:
            raise Unusable(f"memory = {memory!r} is no amount of memory; write it such as 1500MB or 4GB") from None

    def rows(self, sql: str) -> list[Row]:
        return self._asked(sql)

    def batches(self, sql: str) -> Iterator[list[Row]]:
        answer = self._run(sql)
        while True:
            with _told(""):
                batch = answer.fetchmany(BATCH)
            if not batch:
                return
            yield batch

    def keep(self, name: str, select: str) -> str:
        self._run(f"CREATE OR REPLACE TEMP TABLE {KEPT}{name} AS {select}")
        return f"{KEPT}{name}"

    def load(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
        types = ", ".join(f"{column} {DUCKDB.small if column == 'state' else DUCKDB.text}" for column in columns)
        kept = f"{KEPT}{name}"
        self._run(f"CREATE OR REPLACE TEMP TABLE {kept} ({types})")
        marks = ", ".join("unnest(?)" for _ in columns)
        for batch in _batched(rows):
            parts = [list(part) for part in zip(*batch, strict=True)]
            with _told(""):
                self._connection.execute(f"INSERT INTO {kept} SELECT {marks}", parts)
        return kept

    def amend(self, kept: str, columns: Sequence[str], others: str) -> str:  # noqa: ARG002 - other engines need the columns
        self._run(
            f"UPDATE {kept} SET address = o.address, state = o.state FROM {others} o "
            f"WHERE {kept}.state = 2 AND {kept}.address = o.raw_"
        )
        return kept

    def save(self, kept: str, path: Path) -> None:
        """Write what is kept to a Parquet file.

        Raises:
            Unusable: it cannot be written.
        """
        # Into the very file that is there, so that it keeps its mode.
        self._run(f"COPY {kept} TO {DUCKDB.literal(str(path))} (FORMAT parquet, USE_TMP_FILE false)")

    def close(self) -> None:
        self._connection.close()
        self._spill.cleanup()

    def relation(self, source: Source, base: Path) -> Relation:
        """The table that a source names.

        Raises:
            Unusable: it is missing, empty, cut off, or of a shape that cannot be read.
        """
        if source.source.startswith("duckdb:"):
            return self._in_database(source, base)
        if source.table is not None or source.query is not None:
            raise Unusable(f"{source.source}: table and query are for databases; a file is read as a whole")
        files = files_of(source.source, base)
        if files.format == "csv":
            files, source = recoded(files, source, Path(self._spill.name))
            found = csv_of(files, source, self._asked)
            self._csv.append(found)
            relation = found.relation
        else:
            relation = relation_of(files, self._asked)
        self._read[relation.sql] = files
        return relation

    def people(self, people: Sequence[Mapping[str, object]]) -> Relation:
        """The table of people who are given in Python, or in the manifest itself; every value becomes a text."""
        names = list(dict.fromkeys(name for person in people for name in person))
        columns = [f"c{number}" for number in range(len(names))]
        self._given += 1
        rows = ([_text(person.get(name)) for name in names] for person in people)
        return Relation(self.load(f"given_{self._given}", columns, rows), dict(zip(names, columns, strict=True)), GIVEN)

    def _in_database(self, source: Source, base: Path) -> Relation:
        path = base / source.source.removeprefix("duckdb:").removeprefix("//")
        if not path.is_file():
            raise Unusable(f"{source.source}: there is no such database; give its path as duckdb:path/to/file.duckdb")
        name = self._attached.get(path)
        if name is None:
            name = self._attached[path] = f"attached_{len(self._attached)}"
            self._run(f"ATTACH {DUCKDB.literal(str(path))} AS {name} (READ_ONLY)", source.source)
        self._run(f"USE {name}", source.source)
        try:
            # A comment may end the query, and would end what stands behind it.
            sql = f"({source.query}\n)" if source.query else f"{name}.{_dotted(source.table, source.source)}"
            kept = self.keep(f"from_{name}", f"SELECT * FROM {sql}") if source.query else sql
            return described(kept, source.source, self._asked)
        finally:
            self._run("USE memory")

    def _asked(self, sql: str, shown: str = "") -> list[Row]:
        with _told(shown):
            return self._run(sql, shown).fetchall()

    def _run(self, sql: str, shown: str = "") -> duckdb.DuckDBPyConnection:
        with _told(shown, next((files.shown for files in self._files_in(sql)), "the list")):
            try:
                return self._execute(sql)
            except _library().Error as error:
                if not self._needs_order(sql, str(error)):
                    raise
            return self._execute(sql.replace(PARALLEL, ONE_BY_ONE))

    def _execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        if self._watch is None:
            answer: duckdb.DuckDBPyConnection = self._connection.execute(sql)
            return answer
        files = next(self._files_in(sql), None)
        told, lines = (f"reading {files.shown}", about(files)) if files else ("counting", 0)
        return watched(self._connection, sql, Doing(told, lines, self._watch))

    def _files_in(self, sql: str) -> Iterator[Files]:
        """The files that a statement reads."""
        return (files for source, files in self._read.items() if source in sql)

    def _needs_order(self, sql: str, refusal: str) -> bool:
        """Whether CSV files were refused only because rows of many lines are told apart from the beginning alone.

        Read in order, DuckDB leaves out a last row whose quotation mark is open (2.0.0), so that is asked elsewhere.
        """
        if "CSV" not in refusal or not any(word in refusal for word in ("Parallel", "unterminated")):
            return False
        read = [one for one in self._csv if one.relation.sql in sql]
        return bool(read) and all(one.is_closed() for one in read)


@contextlib.contextmanager
def _told(shown: str, otherwise: str = "the list") -> Iterator[None]:
    """A refusal of DuckDB becomes one sentence, about `otherwise` where neither it nor `shown` names a file."""
    duck = _library()
    try:
        yield
    except duck.InterruptException:
        raise KeyboardInterrupt from None
    except duck.Error as error:
        raise Unusable(sentence(str(error), shown, otherwise)) from None
    except RuntimeError as error:
        # So it tells of Ctrl-C in the midst of a statement (2.0.0).
        if "interrupted" not in str(error):
            raise
        raise KeyboardInterrupt from None


def _dotted(table: str | None, shown: str) -> str:
    if not table:
        raise Unusable(f"{shown}: say which table = or query = of the database holds the list")
    return ".".join(DUCKDB.quote(part) for part in table.split("."))


def _library() -> ModuleType:
    try:
        import duckdb
    except ImportError:
        raise Unusable(
            "lists of people are read by DuckDB, which is not installed: pip install 'mailcheck-lint[audience]'"
        ) from None
    return duckdb


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _batched(rows: Iterable[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    batch: list[Sequence[object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
