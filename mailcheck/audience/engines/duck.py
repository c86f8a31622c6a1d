"""DuckDB: the embedded engine, for files and for DuckDB databases."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from mailcheck.audience.dialect import DUCKDB
from mailcheck.audience.engines import Relation, Row
from mailcheck.audience.engines.inline import KEPT
from mailcheck.audience.frames import HEAD_LINES, Files, Head, files_of, head_of
from mailcheck.audience.tables import Source
from mailcheck.masking import mask_addresses
from mailcheck.rule import Unusable

if TYPE_CHECKING:
    import duckdb

BATCH = 20_000
GIVEN = "people"
"""What a list is called that is not in a file."""
_CSV_LINE = re.compile(r"CSV Error on Line: (\d+)")
_CSV_FILE = re.compile(r"(?m)^\s*file = (.+)$")
_CSV_WIDTH = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


class Duck:
    """An engine in this process, with temporary tables only.

    Args:
        memory: how much it may use before it writes to disk, such as `1500MB`.
    """

    dialect = DUCKDB
    name = "DuckDB"

    def __init__(self, memory: str = "1500MB") -> None:
        duck = _library()
        self._spill = tempfile.TemporaryDirectory(prefix="mailcheck-")
        # Nothing is fetched: an extension that is not there is a sentence, not a download.
        config = {"autoinstall_known_extensions": "false", "temp_directory": self._spill.name}
        self._connection = duck.connect(":memory:", config=config)
        self._attached: dict[Path, str] = {}
        self._given = 0
        self._connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        try:
            self._connection.execute(f"SET memory_limit = {DUCKDB.literal(memory)}")
        except duck.Error:
            raise Unusable(f"memory = {memory!r} is no amount of memory; write it such as 1500MB or 4GB") from None

    def rows(self, sql: str) -> list[Row]:
        return self._run(sql).fetchall()

    def batches(self, sql: str) -> Iterator[list[Row]]:
        answer = self._run(sql)
        while batch := answer.fetchmany(BATCH):
            yield batch

    def keep(self, name: str, select: str) -> str:
        self._run(f"CREATE OR REPLACE TEMP TABLE {KEPT}{name} AS {select}")
        return f"{KEPT}{name}"

    def load(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
        types = ", ".join(f"{column} {'SMALLINT' if column == 'state' else 'VARCHAR'}" for column in columns)
        kept = f"{KEPT}{name}"
        self._run(f"CREATE OR REPLACE TEMP TABLE {kept} ({types})")
        marks = ", ".join("unnest(?)" for _ in columns)
        for batch in _batched(rows):
            parts = [list(part) for part in zip(*batch, strict=True)]
            self._connection.execute(f"INSERT INTO {kept} SELECT {marks}", parts)
        return kept

    def amend(self, kept: str, columns: Sequence[str], others: str) -> str:  # noqa: ARG002 - other engines need the columns
        self._run(
            f"UPDATE {kept} SET address = o.address, state = o.state FROM {others} o "
            f"WHERE {kept}.state = 2 AND {kept}.address = o.raw_"
        )
        return kept

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
            return self._csv(files, source)
        listed = "[" + ", ".join(DUCKDB.literal(str(path)) for path in files.paths) + "]"
        reader = "read_parquet" if files.format == "parquet" else "read_json"
        options = "" if files.format == "parquet" else ", format = 'auto', union_by_name = true"
        return self._described(f"{reader}({listed}{options})", files.shown)

    def people(self, people: Sequence[Mapping[str, object]]) -> Relation:
        """The table of people who are given in Python, or in the manifest itself; every value becomes a text."""
        names = list(dict.fromkeys(name for person in people for name in person))
        columns = [f"c{number}" for number in range(len(names))]
        self._given += 1
        rows = ([_text(person.get(name)) for name in names] for person in people)
        return Relation(self.load(f"given_{self._given}", columns, rows), dict(zip(names, columns, strict=True)), GIVEN)

    def _described(self, sql: str, shown: str) -> Relation:
        answer = self._run(f"DESCRIBE SELECT * FROM {sql}", shown)
        names = [str(row[0]) for row in answer.fetchall()]
        return Relation(sql, {name: DUCKDB.quote(name) for name in names}, shown)

    def _csv(self, files: Files, source: Source) -> Relation:
        head = self._head(files.paths[0], files.shown, source)
        for path in files.paths[1:]:
            other = self._head(path, path.name, source)
            if (other.names, other.header) != (head.names, head.header):
                raise Unusable(f"{files.shown}: {path.name} has other columns than {files.paths[0].name}")
        columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(head.names)))
        listed = ", ".join(DUCKDB.literal(str(path)) for path in files.paths)
        sql = (
            f"read_csv([{listed}], auto_detect = false, strict_mode = true, header = {str(head.header).lower()}, "
            f"delim = {DUCKDB.literal(head.delimiter)}, quote = {DUCKDB.literal(head.quote)}, "
            f"escape = {DUCKDB.literal(head.quote)}, encoding = {DUCKDB.literal(source.encoding)}, "
            f"nullstr = '', columns = {{{columns}}})"
        )
        return Relation(sql, {name: f"c{number}" for number, name in enumerate(head.names)}, files.shown)

    def _head(self, path: Path, shown: str, source: Source) -> Head:
        lines = self._run(
            f"SELECT line FROM read_csv({DUCKDB.literal(str(path))}, auto_detect = false, header = false, "
            f"delim = '\x01', quote = '', escape = '', encoding = {DUCKDB.literal(source.encoding)}, "
            f"columns = {{'line': 'VARCHAR'}}) LIMIT {HEAD_LINES}",
            shown,
        ).fetchall()
        return head_of([str(line[0] or "") for line in lines], shown, source.delimiter)

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
            sql = f"({source.query})" if source.query else f"{name}.{_dotted(source.table, source.source)}"
            kept = self.keep(f"from_{name}", f"SELECT * FROM {sql}") if source.query else sql
            return self._described(kept, source.source)
        finally:
            self._run("USE memory")

    def _run(self, sql: str, shown: str = "") -> duckdb.DuckDBPyConnection:
        duck = _library()
        try:
            answer: duckdb.DuckDBPyConnection = self._connection.execute(sql)
        except duck.InterruptException:
            raise KeyboardInterrupt from None
        except duck.Error as error:
            raise Unusable(_sentence(str(error), shown)) from None
        return answer


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


def _sentence(text: str, shown: str) -> str:
    """A refusal of DuckDB as one sentence that shows no row of the list."""
    line, width, file = _CSV_LINE.search(text), _CSV_WIDTH.search(text), _CSV_FILE.search(text)
    named = shown or (Path(file[1].strip()).name if file else "the list")
    place = f"{named}{f', line {int(line[1]):,}' if line else ''}"
    if width:
        return f"{place}: the row has {width[2]} columns where the others have {width[1]}; the file may be cut off"
    if "not utf-8" in text or "Invalid unicode" in text or "not utf-16" in text:
        return (
            f"{place}: not in the encoding that was expected; save it as UTF-8, or say encoding = 'latin-1' or 'utf-16'"
        )
    if "unterminated quote" in text or "quote should be followed" in text:
        return f"{place}: a quotation mark is not closed; export the list again"
    if any(
        word in text
        for word in ("GZIP", "ZSTD", "Parquet", "PAR1", "magic bytes", "Malformed JSON", "MAXIMUM LINE SIZE")
    ):
        return f"{place}: the file is damaged or cut off; export it again"
    first = " ".join(text.partition("LINE 1:")[0].partition("Possible ")[0].partition("Original Line")[0].split())
    return f"{place}: cannot be read: {mask_addresses(first)[:200]}"
