"""The same list gives the same answers, whichever engine holds it: DuckDB, PostgreSQL, and plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import asked
import made
import nasty
from mailcheck.audience.dialect import DUCKDB
from mailcheck.audience.engines.duck import Duck
from mailcheck.audience.engines.postgres import Postgres
from mailcheck.audience.opening import Lists
from postgres import Server

pytest_plugins = ["postgres"]


@pytest.fixture(autouse=True)
def salt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NASTY", "${x}")


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[Lists]:
    opened = Lists(tmp_path)
    yield opened
    opened.close()


def in_duckdb(folder: Path, name: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> dict[str, Any]:
    import duckdb

    with duckdb.connect(str(folder / "people.duckdb")) as connection:
        typed = ", ".join(f"{column} VARCHAR" for column in columns)
        connection.execute(f"CREATE TABLE {name} ({typed})")
        marks = ", ".join("unnest(?)" for _ in columns)
        connection.execute(f"INSERT INTO {name} SELECT {marks}", [list(one) for one in zip(*rows, strict=True)])
    return {"source": "duckdb:people.duckdb", "table": name}


def in_postgres(url: str, name: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> dict[str, Any]:
    from urllib.parse import urlsplit

    import pg8000.native

    parts = urlsplit(url)
    with pg8000.native.Connection("tester", parts.hostname or "", parts.path[1:], parts.port or 0) as connection:
        typed = ", ".join(f"{column} text" for column in columns)
        connection.run(f"CREATE TABLE {name} ({typed})")
        shown = ["\t".join("\\N" if one is None else _copied(one) for one in row) + "\n" for row in rows]
        connection.run(f"COPY {name} FROM STDIN", stream=shown)
    return {"source": url, "table": name}


def _copied(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


@pytest.mark.parametrize("nul", [True, False])
def test_duckdb_answers_as_plain_python(tmp_path: Path, lists: Lists, nul: bool) -> None:
    rows = nasty.people(nul=nul)
    audience = asked.audience_of(lists, in_duckdb(tmp_path, "people", nasty.COLUMNS, rows))
    asked.same(asked.answers(audience), asked.expected(rows))


def test_addresses_that_share_a_number_are_told_apart(
    tmp_path: Path, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number that is grouped by may be the same for many; what is counted are the addresses."""
    monkeypatch.setattr(Duck, "dialect", replace(DUCKDB, number=lambda text: f"length({text})"))
    rows = nasty.people(1_500)
    audience = asked.audience_of(lists, in_duckdb(tmp_path, "people", nasty.COLUMNS, rows))
    wanted = asked.expected(rows)
    counted = ("recipients", "repeated", "surplus", "repeated_examples")
    assert {name: wanted[name] for name in counted} == {
        "recipients": audience.recipients,
        "repeated": audience.repeated,
        "surplus": audience.surplus,
        "repeated_examples": audience.repeated_examples(),
    }
    assert audience.surplus


@pytest.mark.parametrize("temporary", [True, False])
def test_postgresql_answers_as_plain_python_and_duckdb(
    tmp_path: Path, lists: Lists, postgresql: Server, temporary: bool
) -> None:
    rows = nasty.people(nul=False)
    there = in_postgres(postgresql.database(), "people", nasty.COLUMNS, rows) | {"temporary": temporary}
    found = asked.answers(asked.audience_of(lists, there))
    asked.same(found, asked.expected(rows))
    embedded = asked.answers(asked.audience_of(lists, in_duckdb(tmp_path, "people", nasty.COLUMNS, rows)))
    assert found == embedded


@pytest.mark.parametrize("share", [0.3, 3.0])
def test_lists_meet_alike_wherever_they_lie(tmp_path: Path, lists: Lists, postgresql: Server, share: float) -> None:
    """In one engine, and in two with the list smaller or larger than the audience."""
    postgresql_url = postgresql.database()
    postgresql.sql("CREATE EXTENSION pgcrypto", postgresql_url.rpartition("/")[2])
    rows = nasty.people(1_500, nul=False)
    places: dict[str, Callable[..., dict[str, Any]]] = {
        "duckdb": partial(in_duckdb, tmp_path),
        "postgresql": partial(in_postgres, postgresql_url),
    }
    wanted: dict[str, int] = {}
    sources: dict[str, list[tuple[str, dict[str, Any]]]] = {place: [] for place in places}
    for number, kind in enumerate(asked.KINDS):
        entries, said, met = asked.listed(kind, rows, min(share, 1.0))
        if share > 1:
            entries += asked.padding(kind, 2 * len(rows))
        wanted[kind] = met
        for place, put in places.items():
            sources[place].append((kind, put(f"list_{number}", ("email",), [(one,) for one in entries]) | said))
    people = {place: put("people", nasty.COLUMNS, rows) for place, put in places.items()}
    found = {
        (here, there): asked.overlaps(asked.audience_of(lists, people[here]), lists, iter(sources[there]))
        for here in places
        for there in places
    }
    first = found["duckdb", "duckdb"]
    assert {kind: getattr(first[kind], "count", None) for kind in asked.KINDS} == wanted
    counts = [{name: getattr(value, "count", value) for name, value in one.items()} for one in found.values()]
    assert all(one == counts[0] for one in counts)


@given(st.lists(made.ADDRESSES, max_size=60).map(lambda rows: [*rows, "some@example.com"]))
@settings(max_examples=60, deadline=None)
def test_duckdb_and_python_agree_on_made_rows(engine: Duck, rows: list[str]) -> None:
    assert made.states(engine, rows) == made.wanted_states(rows)


@given(st.lists(made.PLAIN_ASCII, max_size=200).map(lambda rows: [*rows, "some@example.com"]))
@settings(max_examples=60, deadline=None)
def test_what_the_engine_does_itself_is_what_python_does(engine: Duck, rows: list[str]) -> None:
    """Of plain ASCII, which is done by two regular expressions."""
    assert made.states(engine, rows) == made.wanted_states(rows)


@given(st.lists(made.ADDRESSES, max_size=120).map(lambda rows: [*rows, "some@example.com"]))
@settings(max_examples=15, deadline=None)
def test_postgresql_and_python_agree_on_made_rows(postgres_engine: Postgres, rows: list[str]) -> None:
    assert made.states(postgres_engine, rows) == made.wanted_states(rows)


@pytest.fixture(scope="module")
def engine() -> Iterator[Duck]:
    opened = Duck()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def postgres_engine(postgresql: Server) -> Iterator[Postgres]:
    opened = Postgres(postgresql.database())
    yield opened
    opened.close()
