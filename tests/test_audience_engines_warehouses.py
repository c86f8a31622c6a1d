"""Warehouses cannot be run here: a stand-in for each client is given every statement of a whole run.

Each statement is parsed in the grammar of its warehouse, may call nothing but functions that the warehouse has, and is
translated to DuckDB, where it is run on the nasty rows: the answers have to be those of DuckDB itself.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

import asked
import nasty
from mailcheck.audience.addresses import INVISIBLE, SPACES
from mailcheck.audience.dialect import DIALECTS
from mailcheck.audience.engines.warehouse_urls import service_of
from mailcheck.audience.facts import open_audience, open_list
from mailcheck.audience.opening import Lists
from mailcheck.audience.suppressing import overlap
from mailcheck.audience.tables import AudienceTable, SuppressionList
from mailcheck.rule import Unusable

URLS = {
    "bigquery": "bigquery://crm-project/people?location=EU",
    "snowflake": "snowflake://reader:geheim@acme-eu1/CRM/PUBLIC?warehouse=SMALL&role=READER",
    "trino": "trino://reader:geheim@trino.example:443/hive/crm",
    "redshift": "redshift://reader:geheim@crm.redshift.example:5439/crm",
    "databricks": "databricks://token:geheim@dbc.example/main/crm?http_path=/sql/1.0/warehouses/1",
}
CLIENTS = {
    "bigquery": ("google", "google.cloud", "google.cloud.bigquery", "google.cloud.bigquery.dbapi"),
    "snowflake": ("snowflake", "snowflake.connector"),
    "trino": ("trino", "trino.dbapi", "trino.auth"),
    "redshift": ("redshift_connector",),
    "databricks": ("databricks", "databricks.sql"),
}
COMMON = "SUBSTR LENGTH LOWER TRIM TRANSLATE REPLACE COUNT SUM MIN MAX COALESCE MD5 SHA1"
KNOWN = {
    "bigquery": f"{COMMON} SHA256 TO_HEX SPLIT CONCAT REGEXP_CONTAINS UNNEST STRUCT",
    "snowflake": f"{COMMON} SHA2 SPLIT_PART REGEXP_INSTR",
    "trino": f"{COMMON} SHA256 TO_HEX TO_UTF8 SPLIT_PART REGEXP_LIKE",
    "redshift": f"{COMMON} SHA2 SPLIT_PART",
    "databricks": f"{COMMON} SHA2 SPLIT_PART CONCAT",
}
"""Functions that the manual of the warehouse lists, as the statements write them."""

RESERVED = {"redshift": "raw tag top user open oid percent lun luns offset minus language partition system table with"}


class Service:
    """A DuckDB that is spoken to in the dialect of a warehouse."""

    def __init__(self, dialect: str, tables: dict[str, tuple[Sequence[str], Sequence[Sequence[str | None]]]]) -> None:
        self.dialect = dialect
        self.statements: list[str] = []
        self.faults: list[str] = []
        self.arguments: dict[str, object] = {}
        self.database = duckdb.connect()
        for name, (columns, rows) in tables.items():
            typed = ", ".join(f"{column} VARCHAR" for column in columns)
            self.database.execute(f"CREATE TABLE {name} ({typed})")
            marks = ", ".join("unnest(?)" for _ in columns)
            self.database.execute(f"INSERT INTO {name} SELECT {marks}", [list(one) for one in zip(*rows, strict=True)])

    def connect(self, *positional: object, **named: object) -> Service:
        self.arguments = named
        return self

    def cursor(self) -> Cursor:
        return Cursor(self)

    def close(self) -> None:
        self.database.close()


class Cursor:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.answer: Any = None
        self.description: Any = None

    def execute(self, operation: str) -> None:
        if self.service.dialect == "bigquery":
            operation = operation.replace("%%", "%")  # As its client does.
        self.service.statements.append(operation)
        self.service.faults += faults_of(self.service.dialect, operation)
        self.answer = self.service.database.execute(translated(self.service.dialect, operation))
        self.description = self.answer.description

    def fetchall(self) -> list[Any]:
        return list(self.answer.fetchall())

    def fetchmany(self, size: int) -> list[Any]:
        return list(self.answer.fetchmany(size))

    def close(self) -> None:
        self.answer = None


def translated(dialect: str, sql: str) -> str:
    """A statement in the language of DuckDB."""
    tree = sqlglot.parse_one(sql, read=dialect)
    if dialect == "trino":
        # Bytes in Trino, hexadecimal digits in DuckDB: the translation knows it of MD5 and SHA-256 only.
        for one in list(tree.find_all(exp.SHA)):
            one.replace(exp.Unhex(this=one.copy()))
    return tree.sql(dialect="duckdb", copy=False)


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lists]:
    monkeypatch.setenv("NASTY", "${x}")
    opened = Lists(tmp_path)
    yield opened
    opened.close()


def installed(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    """A stand-in for the client of a warehouse."""
    for name in CLIENTS[service.dialect]:
        module = types.ModuleType(name)
        module.connect = service.connect  # type: ignore[attr-defined]  # a module is what it holds
        for made in ("Client", "QueryJobConfig", "BasicAuthentication"):
            setattr(module, made, lambda *_, **__: None)
        monkeypatch.setitem(sys.modules, name, module)


def whole_run(service: Service, lists: Lists, rows: list[nasty.Row]) -> dict[str, object]:
    """Every answer about an audience, and every kind of list that it is compared with."""
    url = URLS[service.dialect]
    people = asked.audience_of(lists, {"source": url, "table": "people"})
    found = asked.answers(people)
    for number, kind in enumerate(asked.KINDS):
        _, said, met = asked.listed(kind, rows, 0.3)
        source = {"source": url, "table": f"list_{number}"}
        listed = open_list(SuppressionList.model_validate(source | said), lists, f"list_{number}")
        assert overlap(people.staged, listed).people.count == met, kind
        assert listed.entries > 0
        assert listed.reasons == {}
    (lists.base / "few.csv").write_text("email\nanna@example.com\nnobody@nowhere.example\n")
    moved = overlap(people.staged, open_list(SuppressionList(source="few.csv"), lists, "few"))
    assert moved.people.count == 1
    assert moved.moved.endswith(f"were moved to {people.staged.engine.name}")
    return found


@pytest.mark.parametrize("dialect", URLS)
def test_a_whole_run(dialect: str, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the longest values: parsing takes its time, and statements that hold the rows are long.
    rows = [row for row in nasty.people(140) if all(len(value or "") < 200 for value in row)]
    tables: dict[str, tuple[Sequence[str], Sequence[Sequence[str | None]]]] = {"people": (nasty.COLUMNS, rows)}
    for number, kind in enumerate(asked.KINDS):
        tables[f"list_{number}"] = (("email",), [(one,) for one in asked.listed(kind, rows, 0.3)[0]])
    service = Service(dialect, tables)
    installed(monkeypatch, service)
    asked.same(whole_run(service, lists, rows), asked.expected(rows))
    assert len(service.statements) > 50
    assert service.faults == []


def faults_of(dialect: str, sql: str) -> Iterator[str]:
    """A statement reads, or writes nothing but what is kept for the run; and calls only what there is."""
    (tree,) = sqlglot.parse(sql, read=dialect)
    assert tree is not None
    if not isinstance(tree, exp.Select):
        target = tree.find(exp.Table)
        if target is None or not target.name.startswith("mailcheck_kept_") or DIALECTS[dialect].kept != "table":
            yield f"writes: {sql[:200]}"
        if not isinstance(tree, exp.Insert | exp.Update) and not sql.startswith("CREATE TEMPORARY TABLE mailcheck_"):
            yield f"does what it should not: {sql[:200]}"
    known = set(KNOWN[dialect].split())
    called = {token.text.upper() for token in _calls(dialect, sql)}
    called |= {node.name.upper() for node in tree.find_all(exp.Anonymous)}
    yield from (f"calls {name}" for name in called - known)
    names = {one.alias.lower() for one in tree.find_all(exp.Alias)} | {
        one.name.lower() for one in tree.find_all(exp.Column)
    }
    yield from (f"names {name}" for name in names & set(RESERVED.get(dialect, "").split()))


def _calls(dialect: str, sql: str) -> Iterator[Any]:
    """Words before a bracket, that are no keywords."""
    tokens = sqlglot.tokenize(sql, read=dialect)
    for token, following in pairwise(tokens):
        word = token.text.upper()
        if (
            following.text == "("
            and word.replace("_", "").isalpha()
            and word not in NO_FUNCTIONS
            and token.token_type.name in {"VAR", *FUNCTION_TOKENS}
        ):
            yield token


NO_FUNCTIONS = ("CAST", "VALUES", "SAFE_ORDINAL", "INLINE_")
FUNCTION_TOKENS = ("REPLACE", "UNNEST", "STRUCT", "MIN", "MAX")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_stands_twice_in_what_is_translated(dialect: str) -> None:
    """BigQuery refuses it."""
    assert len(set(SPACES + INVISIBLE)) == len(SPACES + INVISIBLE)
    assert DIALECTS[dialect].small


@pytest.mark.parametrize(
    ("dialect", "wanted"),
    [
        (
            "snowflake",
            {"account": "acme-eu1", "user": "reader", "password": "geheim", "database": "CRM", "role": "READER"},
        ),
        ("trino", {"host": "trino.example", "port": 443, "catalog": "hive", "schema": "crm", "http_scheme": "https"}),
        ("redshift", {"host": "crm.redshift.example", "port": 5439, "database": "crm", "user": "reader"}),
        (
            "databricks",
            {"server_hostname": "dbc.example", "http_path": "/sql/1.0/warehouses/1", "access_token": "geheim"},
        ),
    ],
)
def test_how_a_client_is_called(monkeypatch: pytest.MonkeyPatch, dialect: str, wanted: dict[str, object]) -> None:
    service = Service(dialect, {})
    installed(monkeypatch, service)
    assert "geheim" not in service_of(URLS[dialect]).shown
    service_of(URLS[dialect]).connect()
    assert wanted.items() <= service.arguments.items()


def refused(lists: Lists, **source: Any) -> str:
    with pytest.raises(Unusable) as caught:
        open_audience(AudienceTable.model_validate(source), lists)
    text = str(caught.value)
    assert "geheim" not in text
    assert "anna@" not in text
    return text


@pytest.mark.parametrize("dialect", URLS)
def test_what_is_refused_is_a_sentence(dialect: str, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    url = URLS[dialect]
    if dialect != "redshift":
        assert f"pip install 'mailcheck-lint[{dialect}]'" in refused(lists, source=url, table="people")
    installed(monkeypatch, Service(dialect, {"people": (("email",), [("anna@example.com",)])}))
    assert "there is no such table" in refused(lists, source=url, table="missing")
    assert "has to be one SELECT" in refused(lists, source=url, query="SELECT 1) x; DROP TABLE people; --")
    query = "SELECT CAST(email AS INT) AS email FROM people"
    assert "it refuses that (ConversionException)" in refused(lists, source=url, query=query)
    assert "say which table" in refused(lists, source=url)
    assert "is not known" in refused(lists, source=f"{url}{'&' if '?' in url else '?'}unheard=of", table="people")
    assert open_audience(AudienceTable(source=url, table="people"), lists).recipients == 1


def test_a_url_that_is_not_complete() -> None:
    with pytest.raises(Unusable, match="needs http_path"):
        service_of("databricks://token:x@host/main")
    with pytest.raises(Unusable, match="is not complete"):
        service_of("snowflake:///db")
    with pytest.raises(Unusable, match="cannot be read"):
        service_of("trino://host:port/x")


def test_only_so_much_is_written_into_statements(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(
        monkeypatch, Service("trino", {"people": (("email",), [(f"p{one}@example.com",) for one in range(9_000)])})
    )
    people = open_audience(AudienceTable(source=URLS["trino"], table="people"), lists)
    (lists.base / "many.csv").write_text("email\n" + "".join(f"p{one}@example.com\n" for one in range(8_000)))
    with pytest.raises(Unusable, match="would have to be written into every statement"):
        overlap(people.staged, open_list(SuppressionList(source="many.csv"), lists, "many"))
