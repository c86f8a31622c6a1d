"""PostgreSQL: nothing of the user is written, and what is refused is one sentence without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailcheck.audience.engines.postgres import Postgres
from mailcheck.audience.engines.postgres_url import server_of
from mailcheck.audience.facts import open_audience, open_list
from mailcheck.audience.opening import Lists
from mailcheck.audience.people import Audience, field_values_of
from mailcheck.audience.suppressing import overlap
from mailcheck.audience.tables import AudienceTable, Source, SuppressionList
from mailcheck.rule import Unusable
from postgres import Server

pytest_plugins = ["postgres"]

PEOPLE = """
CREATE TABLE people (email text, first_name text, born date);
INSERT INTO people VALUES ('Anna@example.com', 'Anna', '1990-01-31'), (' anna@example.com', '', NULL),
  ('bob@example.com', 'null', '2001-02-03'), ('ü@bücher.example', 'Ü', NULL), (NULL, 'C', NULL), ('no', 'D', NULL);
CREATE TABLE optout (email text, "date" timestamp);
INSERT INTO optout VALUES ('BOB@example.com', '2026-01-02 03:04:05'), ('stranger@example.com', NULL);
CREATE TABLE "Odd ""Name" ("E-Mail" text); INSERT INTO "Odd ""Name" VALUES ('x@example.com');
CREATE FUNCTION wipe() RETURNS text LANGUAGE plpgsql AS $$BEGIN DELETE FROM people; RETURN 'x@example.com'; END$$;
CREATE FUNCTION leak() RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no: anna@example.com'; END$$;
CREATE SEQUENCE counter;
"""


@pytest.fixture(scope="module")
def url(postgresql: Server) -> str:
    made = postgresql.database()
    name = made.rpartition("/")[2]
    postgresql.sql(PEOPLE, name)
    for role in ("reader", "looker"):
        postgresql.sql(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'geheim'")
        postgresql.sql(f'GRANT SELECT ON people, optout, "Odd ""Name" TO {role}', name)
    postgresql.sql(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC', name)
    postgresql.sql(f'GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO reader', name)
    postgresql.sql(f'GRANT CONNECT ON DATABASE "{name}" TO looker', name)
    return made


@pytest.fixture
def lists() -> Iterator[Lists]:
    opened = Lists(Path())
    yield opened
    opened.close()


def as_role(url: str, role: str) -> str:
    return url.replace("tester@", f"{role}:geheim@")


def asked(lists: Lists, **source: Any) -> Audience:
    return open_audience(AudienceTable.model_validate({"table": "people"} | source), lists, ("first_name",))


def refused(lists: Lists, **source: Any) -> str:
    with pytest.raises(Unusable) as caught:
        asked(lists, **source)
    text = str(caught.value)
    assert "geheim" not in text
    assert "anna@" not in text.lower()
    assert "\n" not in text
    return text


@pytest.mark.parametrize(("role", "temporary"), [("reader", True), ("looker", False)])
def test_a_user_who_may_only_read_is_enough(url: str, lists: Lists, role: str, temporary: bool) -> None:
    there: dict[str, Any] = {"source": as_role(url, role), "temporary": temporary}
    audience = asked(lists, **there)
    assert (audience.rows, audience.blank, audience.recipients, audience.repeated) == (6, 1, 4, 1)
    coverage = field_values_of(audience).coverage("first_name")
    assert (coverage.fine, coverage.empty, coverage.null_like) == (4, 1, 1)
    optout = open_list(SuppressionList.model_validate({**there, "table": "optout"}), lists, "suppression")
    assert overlap(audience.staged, optout).people.count == 1
    assert optout.newest == "2026-01-02 03:04:05"


def test_who_may_not_make_temporary_tables_is_told_the_other_way(url: str, lists: Lists) -> None:
    assert "say temporary = false" in refused(lists, source=as_role(url, "looker"))


@pytest.mark.parametrize("temporary", [True, False])
@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM people RETURNING email",
        "WITH gone AS (DELETE FROM people RETURNING email) SELECT email FROM gone",
        "SELECT wipe() AS email",
        "SELECT wipe() AS email FROM people",
        "SELECT email FROM people WHERE wipe() IS NOT NULL",
        "SELECT email FROM people; DELETE FROM people",
        "SELECT 1) x; DELETE FROM people; --",
        "SELECT nextval('counter')::text AS email",
        "SELECT set_config('transaction_read_only', 'off', false) || wipe() AS email",
        "SELECT email FROM people FOR UPDATE",
        "SELECT email INTO copied FROM people",
    ],
)
def test_a_query_cannot_write(url: str, postgresql: Server, lists: Lists, query: str, temporary: bool) -> None:
    name = url.rpartition("/")[2]
    refused(lists, source=url, table=None, query=query, temporary=temporary)
    assert postgresql.sql("SELECT count(*) FROM people", name) == ["6"]
    assert postgresql.sql("SELECT is_called FROM counter", name) == ["f"]


@pytest.mark.parametrize("temporary", [True, False])
def test_nothing_is_left_in_the_database(url: str, postgresql: Server, temporary: bool) -> None:
    name = url.rpartition("/")[2]
    objects = "SELECT relname FROM pg_class ORDER BY 1"
    before = postgresql.sql(objects, name)
    opened = Lists(Path())
    audience = asked(opened, source=url, temporary=temporary)
    assert audience.recipients == 4
    opened.close()
    alive = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mailcheck' AND datname = '{name}'"
    for _ in range(100):
        if postgresql.sql(alive) == ["0"]:
            break
    assert postgresql.sql(objects, name) == before


def test_a_table_is_found_by_its_name_as_it_is_or_as_sql_reads_it(url: str, lists: Lists) -> None:
    for table in ("people", "People", "public.people", 'public."people"'):
        assert asked(lists, source=url, table=table).rows == 6
    assert asked(lists, source=url, table='Odd "Name', columns={"address": "E-Mail"}).rows == 1
    assert "did you mean 'people'?" in refused(lists, source=url, table="peple")
    assert "there is no such table" in refused(lists, source=url, table="a b'c\"; --")
    assert "say which table" in refused(lists, source=url, table=None)


def test_a_query_of_the_user_sees_tables_that_are_called_like_what_is_kept(postgresql: Server, lists: Lists) -> None:
    url = postgresql.database()
    name = url.rpartition("/")[2]
    for number, table in enumerate(("audience", "suppression", "mailcheck")):
        postgresql.sql(f"CREATE TABLE {table} AS SELECT 'a{number}@example.com' AS email, {number} AS n", name)
    audience = asked(lists, source=url, table="audience")
    query = "SELECT email FROM audience WHERE n = 0 -- who opted out"
    listed = open_list(SuppressionList.model_validate({"source": url, "query": query}), lists, "suppression")
    assert overlap(audience.staged, listed).people.count == 1
    again = open_list(SuppressionList.model_validate({"source": url, "table": "suppression"}), lists, "other")
    assert overlap(audience.staged, again).people.count == 0


def test_sha1_needs_an_extension(url: str, postgresql: Server, lists: Lists) -> None:
    audience = asked(lists, source=url)
    sha1: dict[str, Any] = {"query": "SELECT repeat('0', 40) AS hash", "hash": "sha1"}
    listed = open_list(SuppressionList.model_validate({"source": url, **sha1}), lists, "suppression")
    with pytest.raises(Unusable, match="CREATE EXTENSION pgcrypto"):
        overlap(audience.staged, listed)
    other = postgresql.database()
    name = other.rpartition("/")[2]
    postgresql.sql("CREATE SCHEMA tools; CREATE EXTENSION pgcrypto SCHEMA tools", name)
    query = "SELECT 'bob@example.com' AS email"
    audience = asked(lists, source=other, table=None, query=query)
    sha1["query"] = "SELECT encode(tools.digest('bob@example.com', 'sha1'), 'hex') AS hash"
    listed = open_list(SuppressionList.model_validate({"source": other, **sha1}), lists, "suppression")
    assert overlap(audience.staged, listed).people.count == 1


def test_what_the_server_refuses_is_a_sentence_without_values(url: str, lists: Lists) -> None:
    assert "SQLSTATE P0001" in refused(lists, source=url, table=None, query="SELECT leak() AS email")
    cast = "SELECT email FROM people WHERE CAST(email AS integer) > 0"
    assert "SQLSTATE 22P02" in refused(lists, source=url, table=None, query=cast)
    assert 'column "mail" does not exist' in refused(lists, source=url, table=None, query="SELECT mail FROM people")
    assert "permission denied" in refused(
        lists, source=as_role(url, "reader"), table=None, query="SELECT * FROM counter"
    )
    twice = "SELECT email, email FROM people"
    assert "two columns are called 'email'" in refused(lists, source=url, table=None, query=twice)
    assert "there is nobody on the list" in refused(lists, source=url, table=None, query="SELECT * FROM people LIMIT 0")


def test_who_cannot_be_reached_is_a_sentence(url: str, lists: Lists) -> None:
    host = url.partition("@")[2]
    missing = f"postgresql://tester:geheim@{host.partition('/')[0]}/missing"
    assert 'database "missing" does not exist' in refused(lists, source=missing)
    assert 'role "nobody_here" does not exist' in refused(lists, source=url.replace("tester", "nobody_here:geheim"))
    assert "connection refused" in refused(lists, source="postgres://tester:geheim@127.0.0.1:1/people")
    assert "does not encrypt" in refused(lists, source=f"{url}?sslmode=require")
    assert "did you mean 'sslmode'?" in refused(lists, source=f"{url}?ssl_mode=require")
    assert "did you mean 'verify-full'?" in refused(lists, source=f"{url}?sslmode=verify_full")
    assert "cannot be read" in refused(lists, source=f"{url}?sslmode=verify-full&sslrootcert=missing.pem")


def test_an_engine_lives_on_after_a_refusal(url: str) -> None:
    for temporary in (True, False):
        engine = Postgres(url, temporary=temporary)
        with pytest.raises(Unusable):
            engine.rows("SELECT missing FROM people")
        with pytest.raises(Unusable):
            list(engine.batches("SELECT leak() FROM people"))
        assert engine.rows("SELECT count(*) FROM people") == [(6,)]
        engine.close()
        with pytest.raises(Unusable, match="the connection broke off"):
            engine.rows("SELECT 1")
        engine.close()


def test_answers_come_in_pieces_while_others_are_asked(url: str) -> None:
    engine = Postgres(url)
    found = engine.batches("SELECT n FROM generate_series(1, 25000) n")
    first = next(found)
    assert engine.rows("SELECT 1") == [(1,)]
    sizes = [len(first), *(len(batch) for batch in found)]
    assert sum(sizes) == 25_000
    assert len(sizes) == 3
    engine.close()


def test_rows_that_stop_coming_are_no_shorter_list(url: str) -> None:
    """Half a suppression list would pass for a whole one."""

    def rows() -> Iterator[tuple[str]]:
        yield from ((str(number),) for number in range(50_000))
        raise Unusable("the other engine broke off")

    engine = Postgres(url)
    with pytest.raises(Unusable, match="the other engine broke off"):
        engine.load("moved", ("key_",), rows())
    with pytest.raises(Unusable):
        engine.rows("SELECT count(*) FROM pg_temp.mailcheck_kept_moved")
    engine.close()


def test_without_temporary_tables_only_so_much_can_be_moved(url: str) -> None:
    engine = Postgres(url, temporary=False)
    assert engine.rows(f"SELECT count(*) FROM {engine.load('x', ('key_',), (('a',), (None,)))} m") == [(2,)]
    assert engine.rows(f"SELECT count(*) FROM {engine.load('x', ('key_', 'state'), ())} m") == [(0,)]
    with pytest.raises(Unusable, match="5,000 entries would have to be written into every statement"):
        engine.load("x", ("key_",), ((str(number),) for number in range(100_000)))
    engine.close()


def test_another_encoding_is_refused(postgresql: Server, lists: Lists) -> None:
    postgresql.sql("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    source = f"postgresql://tester@{postgresql.host}:{postgresql.port}/narrow"
    assert "the database is encoded in LATIN1" in refused(lists, source=source)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("postgresql://a:p%40ss%2F@db.example:6543/crm", ("db.example", 6543, "a", "p@ss/", "crm")),
        ("postgres://a@db.example", ("db.example", 5432, "a", "from the environment", "a")),
        ("postgresql://a:x@/crm?host=/run/postgresql", ("/run/postgresql", 5432, "a", "x", "crm")),
        ("postgresql://a:x@[::1]:5433/crm", ("::1", 5433, "a", "x", "crm")),
    ],
)
def test_urls(monkeypatch: pytest.MonkeyPatch, url: str, wanted: tuple[object, ...]) -> None:
    monkeypatch.setenv("PGPASSWORD", "from the environment")
    monkeypatch.delenv("PGHOST", raising=False)
    server = server_of(url)
    assert (server.host, server.port, server.user, server.password, server.database) == wanted
    assert "p@ss" not in server.shown


def test_a_server_is_read_through_its_socket(url: str, postgresql: Server) -> None:
    folder = postgresql.sql("SHOW unix_socket_directories")[0]
    name = url.rpartition("/")[2]
    engine = Postgres(f"postgresql://tester@:{postgresql.port}/{name}?host={folder}")
    relation = engine.relation(Source(source=url, table="people"), Path())
    assert engine.rows(f"SELECT count(*) FROM {relation.sql} x") == [(6,)]
    engine.close()
