"""Spark: lists are counted on the cluster; only counts and a few rows come to the driver.

A list that was normalised is cached in memory and on the disks of the executors. What comes from elsewhere goes there
in pieces, as text that Java reads: nothing of it is kept in the driver, and the executors need no Python.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial, reduce
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mailcheck.audience.dialect import SPARK
from mailcheck.audience.engines import Relation, Row
from mailcheck.audience.engines.inline import KEPT, amended, columns_of, named_in
from mailcheck.audience.engines.spark_session import Cluster, cluster_of, session_of, silent
from mailcheck.audience.frames import HEAD_LINES, head_of
from mailcheck.audience.tables import Source
from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

T = TypeVar("T")

BATCH = 20_000
LOADED = 50_000
"""Rows that go to the cluster at a time: some megabytes."""

_PATH = re.compile(r"(parquet|csv|json|orc|avro|delta):(.+)", re.DOTALL)
_CHARSETS = {
    "utf-8": "UTF-8",
    "utf8": "UTF-8",
    "latin-1": "ISO-8859-1",
    "latin1": "ISO-8859-1",
    "iso-8859-1": "ISO-8859-1",
}

_SENTENCES = {
    "TABLE_OR_VIEW_NOT_FOUND": "there is no such table",
    "PATH_NOT_FOUND": "there is no such file or folder; the path has to be one that the whole cluster sees",
    "UNRESOLVED_COLUMN": "the query names a column that is not there",
    "PARSE_SYNTAX_ERROR": "the query is no SELECT that Spark can read",
    "UNABLE_TO_INFER_SCHEMA": "there is no table in that folder; is the export finished?",
    "MALFORMED_RECORD_IN_PARSING": "a row has another number of columns than the others; the file may be cut off",
    "MALFORMED_CSV_RECORD": "a row has another number of columns than the others; the file may be cut off",
    "FAILED_READ_FILE": "a file is damaged or cut off; export it again",
    "CANNOT_READ_FILE_FOOTER": "a file is damaged or cut off; export it again",
    "DATA_SOURCE_NOT_FOUND": "this Spark does not have what reads that format",
}
_DAMAGED = ("EOFException", "is not a Parquet file", "ZipException", "incorrect header check", "Unexpected end of")


class Spark:
    """A Spark cluster that holds lists.

    Args:
        url: `spark://host:7077`, `spark:local[2]`, `spark:yarn`; options of Spark behind a question mark; `spark:`
            alone is the session that is running in this process.
        temporary: whether lists may be cached on the executors.

    Raises:
        Unusable: Spark is not there, or does not start.
    """

    dialect = SPARK
    name = "Spark"

    def __init__(self, url: str, *, temporary: bool = True) -> None:
        self._cluster: Cluster = cluster_of(url)
        self._session, self._owned = session_of(self._cluster)
        self._temporary = temporary
        # Views of two runs in one session must not be taken for one another.
        self._mark = f"{KEPT}{secrets.token_hex(4)}_"
        self._views: dict[str, DataFrame] = {}

    def rows(self, sql: str) -> list[Row]:
        return self._told(lambda: [tuple(row) for row in self._session.sql(sql).collect()])

    def batches(self, sql: str) -> Iterator[list[Row]]:
        found = self._told(lambda: self._session.sql(sql).toLocalIterator())
        while batch := self._told(lambda: [tuple(row) for row in islice(found, BATCH)]):
            yield batch

    def keep(self, name: str, select: str) -> str:
        if not self._temporary:
            return f"({select})"
        return self._view(name, self._told(lambda: self._cached(select)))

    def load(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
        shape = ", ".join(f"{column}: {'smallint' if column == 'state' else 'string'}" for column in columns)
        coming = iter(rows)
        parts = [self._told(lambda: self._session.sql(_nobody(columns)))]
        while batch := list(islice(coming, LOADED)):
            text = json.dumps([dict(zip(columns, row, strict=True)) for row in batch])
            parts.append(self._told(partial(self._arrived, text, shape, len(batch))))
        return self._view(name, reduce(lambda one, two: one.unionByName(two), parts))

    def amend(self, kept: str, columns: Sequence[str], others: str) -> str:
        select = amended(kept, columns, others, "/*+ BROADCAST(o) */ ")
        if not self._temporary:
            return f"({select})"
        return self._view(f"amended_{len(self._views)}", self._told(lambda: self._session.sql(select)))

    def close(self) -> None:
        views, self._views = self._views, {}
        try:
            for name, frame in views.items():
                self._session.catalog.dropTempView(name)
                frame.unpersist()
            if self._owned:
                self._session.stop()
        except Exception:  # noqa: BLE001 - the cluster may be gone, and with it all that was kept there
            return

    def relation(self, source: Source, base: Path) -> Relation:
        """The table that a source names: `catalog.schema.table`, a view, or a path such as `parquet:/data/people`.

        Raises:
            Unusable: there is none, or it cannot be read.
        """

        def table(name: str, shown: str) -> str:
            path = _PATH.fullmatch(name)
            return self._read(path[1], _placed(path[2], base), source, shown) if path else self._table(name, shown)

        sql, shown = named_in(source, self._cluster.shown, table)
        names = self._told(lambda: self._session.sql(f"SELECT * FROM {sql} described_").columns, shown)
        return Relation(sql, columns_of(self.dialect, names, shown), shown)

    def _table(self, table: str, shown: str) -> str:
        sql = ".".join(self.dialect.quote(part) for part in table.split("."))
        if not self._told(lambda: self._session.catalog.tableExists(table), shown):
            known = self._told(lambda: [one.name for one in self._session.catalog.listTables()], shown)
            raise Unusable(f"{shown}: there is no such table{did_you_mean(table, known)}")
        return sql

    def _read(self, kind: str, path: str, source: Source, shown: str) -> str:
        reader = self._session.read.format(kind)
        if kind == "csv":
            lines = self._told(
                lambda: [row[0] for row in self._session.read.text(path).limit(HEAD_LINES).collect()], shown
            )
            charset = _CHARSETS.get(source.encoding.lower())
            if charset is None:
                raise Unusable(f"{shown}: Spark reads CSV in utf-8 or latin-1 here; give the list as Parquet")
            head = head_of(lines, shown, source.delimiter)
            if head.skip:
                raise Unusable(f"{shown}: Spark cannot skip the lines above the header; give the list without them")
            reader = reader.options(
                header=head.header, sep=head.delimiter, quote='"', escape='"', multiLine=True, mode="FAILFAST",
                encoding=charset, enforceSchema=False,
            )  # fmt: skip
            frame = self._told(lambda: reader.load(path), shown)
            if not head.header:
                frame = frame.toDF(*head.names)
        else:
            frame = self._told(lambda: reader.options(mode="FAILFAST").load(path), shown)
        view = self._view(f"source_{len(self._views)}", frame)
        if kind in {"csv", "json"}:
            self._refuse_other_encoding(view, frame.columns, shown)
        return view

    def _refuse_other_encoding(self, view: str, names: Sequence[str], shown: str) -> None:
        """Spark puts U+FFFD for what it cannot decode, and says nothing."""
        texts = ", ".join(f"CAST({self.dialect.quote(name)} AS STRING)" for name in names)
        found = self._told(
            lambda: self._session.sql(
                f"SELECT 1 FROM {view} WHERE concat_ws('', {texts}) LIKE '%\ufffd%' LIMIT 1"
            ).collect(),
            shown,
        )
        if found:
            raise Unusable(
                f"{shown}: not in the encoding that was expected; save it as UTF-8, or say encoding = 'latin-1'"
            )

    def _cached(self, select: str) -> DataFrame:
        from pyspark import StorageLevel

        return self._session.sql(select).persist(StorageLevel.MEMORY_AND_DISK)

    def _arrived(self, text: str, shape: str, count: int) -> DataFrame:
        """Rows on the executors, and no longer in the plan."""
        sql = f"SELECT inline(from_json(:rows, 'array<struct<{shape}>>', map('mode', 'FAILFAST')))"
        frame = self._session.sql(sql, args={"rows": text}).localCheckpoint()
        if frame.count() != count:
            raise Unusable(f"{self._cluster.shown}: not all rows arrived there; try again")
        return frame

    def _view(self, name: str, frame: DataFrame) -> str:
        view = f"{self._mark}{name}"
        self._told(lambda: frame.createOrReplaceTempView(view))
        self._views[view] = frame
        return view

    def _told(self, ask: Callable[[], T], shown: str = "") -> T:
        """What Spark answers; what it refuses is a sentence without any value of a row."""
        import py4j.protocol
        from pyspark.errors import PySparkException

        named = shown or self._cluster.shown
        try:
            with silent():
                return ask()
        except PySparkException as error:
            raise Unusable(f"{named}: {_sentence(error.getCondition() or '', str(error))}") from None
        except py4j.protocol.Py4JJavaError as error:
            raise Unusable(f"{named}: {_sentence('', str(error))}") from None
        except (py4j.protocol.Py4JError, OSError, EOFError):
            raise Unusable(f"{named}: the connection to Spark broke off; try again") from None


def _placed(path: str, base: Path) -> str:
    """A path that is beside the manifest, or as the cluster sees it."""
    here = base / path
    return str(here.resolve()) if "://" not in path and here.exists() else path


def _nobody(columns: Sequence[str]) -> str:
    typed = ", ".join(f"CAST(NULL AS {'SMALLINT' if one == 'state' else 'STRING'}) AS {one}" for one in columns)
    return f"SELECT {typed} WHERE 1 = 0"


def _sentence(condition: str, text: str) -> str:
    known = next((said for name, said in _SENTENCES.items() if condition.startswith(name) or f"[{name}" in text), None)
    if known is not None:
        return known
    if any(sign in text for sign in _DAMAGED):
        return "a file is damaged or cut off; export it again"
    if "OutOfMemoryError" in text or "maxResultSize" in text:
        return "Spark ran out of memory"
    return f"Spark refuses that ({condition})" if condition else "Spark failed; its own log says why"
