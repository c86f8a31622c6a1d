"""Spark, on a standalone master and worker: the same answers as DuckDB and plain Python."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import asked
import made
import nasty
from mailcheck.audience.engines.spark import Spark
from mailcheck.audience.facts import open_audience, open_list
from mailcheck.audience.opening import Lists
from mailcheck.audience.people import field_values_of
from mailcheck.audience.suppressing import overlap
from mailcheck.audience.tables import AudienceTable, SuppressionList
from mailcheck.rule import Unusable

pytest_plugins = ["spark"]

MOVED = ("addresses", "md5", "sha256 salted", "domains")


@pytest.fixture(scope="module")
def running(spark_master: str) -> Iterator[Spark]:
    """The session that all tests share: one engine started it, the others find it."""
    engine = Spark(spark_master)
    yield engine
    engine.close()


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lists]:
    monkeypatch.setenv("NASTY", "${x}")
    opened = Lists(tmp_path)
    yield opened
    opened.close()


def parquet(folder: Path, name: str, columns: tuple[str, ...], rows: list[Any]) -> Path:
    import duckdb

    typed = ", ".join(f"{column} VARCHAR" for column in columns)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE rows_ ({typed})")
        marks = ", ".join("unnest(?)" for _ in columns)
        connection.execute(f"INSERT INTO rows_ SELECT {marks}", [list(one) for one in zip(*rows, strict=True)])
        connection.execute(f"COPY rows_ TO '{folder / name}.parquet' (FORMAT parquet)")
    return folder / f"{name}.parquet"


def in_spark(name: str) -> dict[str, Any]:
    return {"source": "spark:", "table": f"parquet:{name}.parquet"}


def in_duckdb(name: str) -> dict[str, Any]:
    return {"source": f"{name}.parquet"}


def test_spark_answers_as_plain_python_and_duckdb(
    tmp_path: Path, lists: Lists, running: Spark, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = nasty.people()
    parquet(tmp_path, "people", nasty.COLUMNS, rows)
    found = asked.answers(asked.audience_of(lists, in_spark("people")))
    asked.same(found, asked.expected(rows))
    asked.same(found, asked.answers(asked.audience_of(lists, in_duckdb("people"))))
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


def test_lists_meet_alike_in_spark_and_elsewhere(tmp_path: Path, lists: Lists, running: Spark) -> None:
    rows = nasty.people(1_000)
    parquet(tmp_path, "people", nasty.COLUMNS, rows)
    wanted, small, large = {}, [], []
    for number, kind in enumerate(asked.KINDS):
        entries, said, wanted[kind] = asked.listed(kind, rows, 0.3)
        parquet(tmp_path, f"small{number}", ("email",), [(one,) for one in entries])
        entries += asked.padding(kind, 2 * len(rows))
        parquet(tmp_path, f"large{number}", ("email",), [(one,) for one in entries])
        small.append((kind, said, f"small{number}"))
        large.append((kind, said, f"large{number}"))
    here, there = (asked.audience_of(lists, place("people")) for place in (in_spark, in_duckdb))
    for kind, said, name in small:
        same = open_list(SuppressionList.model_validate(in_spark(name) | said), lists, f"same_{name}")
        assert overlap(here.staged, same).people.count == wanted[kind], kind
    for kind, said, name in small + large:
        if kind not in MOVED:
            continue
        elsewhere = open_list(SuppressionList.model_validate(in_duckdb(name) | said), lists, f"moved_{name}")
        met = overlap(here.staged, elsewhere)
        assert met.people.count == wanted[kind], (kind, name)
        smaller = "Spark" if name.startswith("small") else "DuckDB"
        assert kind == "domains" or met.moved.endswith(f" were moved to {smaller}")
        elsewhere = open_list(SuppressionList.model_validate(in_spark(name) | said), lists, f"moved_{name}")
        assert overlap(there.staged, elsewhere).people.count == wanted[kind], (kind, name)


@given(st.lists(made.ADDRESSES, min_size=300, max_size=500).map(lambda rows: [*rows, "some@example.com"]))
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_spark_and_python_agree_on_made_rows(running: Spark, rows: list[str]) -> None:
    assert made.states(running, rows) == made.wanted_states(rows)


def refused(lists: Lists, **source: Any) -> str:
    with pytest.raises(Unusable) as caught:
        open_audience(AudienceTable.model_validate({"source": "spark:"} | source), lists)
    text = str(caught.value)
    assert "\n" not in text
    assert "anna@" not in text
    return text


GOOD = 'email,first_name\nanna@example.com,"A, ""B""\nC"\n bob@example.com,\n'


def test_csv(tmp_path: Path, lists: Lists, running: Spark) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    people = open_audience(AudienceTable(source="spark:", table="csv:good.csv"), lists, ("first_name",))
    assert (people.rows, people.recipients, field_values_of(people).coverage("first_name").empty) == (2, 2, 1)
    (tmp_path / "headless.csv").write_text("anna@example.com\nbob@example.com\n")
    assert open_audience(AudienceTable(source="spark:", table="csv:headless.csv"), lists).rows == 2
    (tmp_path / "short.csv").write_text("email,name,country\nanna@example.com,A,DE\nanna@exa")
    assert "number of columns" in refused(lists, table="csv:short.csv")
    (tmp_path / "latin.csv").write_bytes("email,name\nanna@example.com,Zoë\n".encode("latin-1"))
    assert "not in the encoding" in refused(lists, table="csv:latin.csv")
    latin = AudienceTable(source="spark:", table="csv:latin.csv", encoding="latin-1")
    assert open_audience(latin, lists).rows == 1
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(GOOD.encode() * 1_000)[:-20])
    assert "damaged or cut off" in refused(lists, table="csv:cut.csv.gz")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    assert "damaged or cut off" in refused(lists, table="parquet:cut.parquet")


def test_only_reading(tmp_path: Path, lists: Lists, running: Spark, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    for query in (
        "INSERT INTO x VALUES ('anna@example.com')",
        "SELECT 1) x; DROP TABLE x; --",
        "CREATE TABLE written AS SELECT 'anna@example.com' AS email",
        "CACHE TABLE x AS SELECT 1",
    ):
        assert "SELECT" in refused(lists, query=query)
    assert "there is no such table" in refused(lists, table="people")
    assert "there is no such file" in refused(lists, table="parquet:missing.parquet")
    assert "names a column that is not there" in refused(lists, query="SELECT missing FROM (SELECT 'anna@x' AS email)")
    failing = "SELECT CAST(email AS INT) AS email FROM (SELECT explode(array('anna@example.com')) AS email)"
    assert "Spark refuses that (CAST_INVALID_INPUT)" in refused(lists, query=failing)
    assert "say which table" in refused(lists)
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


def test_without_anything_cached(lists: Lists, running: Spark) -> None:
    query = "SELECT * FROM VALUES (' Ü@example.com'), ('a@example.com'), ('A@example.com') AS x (email)"
    people = open_audience(AudienceTable(source="spark:", query=query, temporary=False), lists)
    assert (people.rows, people.recipients) == (3, 2)


def test_a_session_of_the_user_is_left_as_it_was(lists: Lists, running: Spark) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.active()
    session.sql("SELECT 'Anna@example.com' AS email").createOrReplaceTempView("mine")
    before = {one.name for one in session.catalog.listTables()}
    opened = Lists(Path())
    people = open_audience(AudienceTable(source="spark:", table="mine"), opened)
    assert people.recipients == 1
    opened.close()
    assert {one.name for one in session.catalog.listTables()} == before
    assert session.sql("SELECT count(*) FROM mine").collect()[0][0] == 1


def test_what_does_not_start_is_a_sentence(lists: Lists, monkeypatch: pytest.MonkeyPatch, running: Spark) -> None:
    assert "another Spark is running" in refused(lists, source="spark:local[1]", table="x")
    assert "is no option" in refused(lists, source="spark:local[1]?memory=2g", table="x")


def test_a_list_that_does_not_arrive_whole_is_refused(running: Spark) -> None:
    def rows() -> Iterator[tuple[str]]:
        yield ("one",)
        raise Unusable("the other engine broke off")

    with pytest.raises(Unusable, match="the other engine broke off"):
        running.load("moved", ("key_",), rows())
    kept = running.load("some", ("raw", "state"), [("\x00'\"\\\U0001f600\n", 1), (None, 2)])
    assert running.rows(f"SELECT raw, state FROM {kept} ORDER BY state") == [("\x00'\"\\\U0001f600\n", 1), (None, 2)]
    assert running.rows(f"SELECT count(*) FROM {running.load('none', ('raw', 'state'), [])} x") == [(0,)]
    sizes = [len(batch) for batch in running.batches("SELECT id FROM range(50000)")]
    assert sum(sizes) == 50_000
    assert max(sizes) <= 20_000
