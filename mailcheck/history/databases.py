"""SQLAlchemy engines for stores, with the settings that keep a store whole.

Imported only when a store is opened: it needs the extras `audience` (SQLAlchemy) and, for servers, `postgres` (pg8000).
"""

from __future__ import annotations

import importlib.util
import os
import sqlite3
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mailcheck.history.locations import file_of, shown, url_kind
from mailcheck.history.sends import HistoryError
from mailcheck.suggest import did_you_mean

BUSY = 30
"""Seconds that a writer waits for another one, and a connection for an answer."""
LOCK = 0x6D61696C
"""Key of the PostgreSQL lock that one writer of a history at a time holds until its transaction ends."""
_TLS = ("disable", "require", "verify-full")

_ADVICE = {
    "locked": "another process has kept it locked for too long; try again when that has ended",
    "malformed": "the file is damaged; bring it back from a copy",
    "not a database": "the file is no SQLite database; check the path, or bring it back from a copy",
    "readonly": "it may not be written here; check the permissions of the file and its folder",
    "unable to open": "the file cannot be opened; check that its folder exists and may be written",
    "disk is full": "the disk is full; make room",
    "Can't create a connection": "the server does not answer; check host and port, and that it runs",
}


@contextmanager
def told(where: str, what: str = "history") -> Iterator[None]:
    """Turn what databases raise into one sentence.

    Args:
        what: is kept there, for the sentence.

    Raises:
        HistoryError: for whatever went wrong within.
    """
    try:
        yield
    except (SQLAlchemyError, OSError, ValueError, sqlite3.Error) as error:
        reason = _reason(error.orig if isinstance(error, DBAPIError) and error.orig else error)
        advice = next((advice for sign, advice in _ADVICE.items() if sign in reason), "")
        said = advice or f"{reason}; check the place, and the rights to it"
        raise HistoryError(f"the {what} {shown(where)} cannot be used: {said}") from None


def _reason(error: BaseException) -> str:
    """What the database said, without the statement and its values."""
    first = next(iter(error.args), error)
    if isinstance(first, dict):  # pg8000: the fields of the server's answer
        first = first.get("M", "it refused")
    return " ".join(str(first).split())[:200]


def engine_of(where: str, *, what: str = "history", pooled: bool = False) -> sqlalchemy.Engine:
    """The engine of a store; no connection is made yet.

    Args:
        what: is kept there, for sentences.
        pooled: whether connections are kept open: for a process that stays, and is never copied.

    Raises:
        HistoryError: the driver is not installed, or the URL is of another kind of database.
    """
    file = file_of(where)
    # Short connections of their own: a worker process must never inherit one.
    pool = sqlalchemy.QueuePool if pooled else sqlalchemy.NullPool
    if file is None:
        return _server(where, what, pool)
    url = sqlalchemy.URL.create("sqlite", database=str(file))
    engine = sqlalchemy.create_engine(url, poolclass=pool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Set what SQLite forgets with every connection."""
    # Transactions are begun by `_begin`: the driver's own would leave changes of the schema out of them.
    connection.isolation_level = None
    for setting in (f"busy_timeout = {BUSY * 1000}", "foreign_keys = ON", "secure_delete = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}").close()
    with closing(connection.execute("PRAGMA journal_mode")) as cursor:
        (mode,) = cursor.fetchone()
    if mode != "wal":
        _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").close())


def _patiently(change: Callable[[], None]) -> None:
    """Change the journal; SQLite itself does not wait for another process that does the same."""
    end = time.monotonic() + BUSY
    while True:
        try:
            return change()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.02)


def _begin(connection: sqlalchemy.Connection) -> None:
    """Begin; a writer takes the lock at once, for a reader that becomes one could not wait for it."""
    options = connection.get_execution_options()
    if not options.get("alone"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


@contextmanager
def writing(engine: sqlalchemy.Engine, lock: int = LOCK) -> Iterator[sqlalchemy.Connection]:
    """A transaction of the only writer (with that lock); all of it is kept, or nothing."""
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock})")
        yield connection


def purge(engine: sqlalchemy.Engine, table: str) -> None:
    """Take what was deleted out of the files, as far as the database lets one.

    Raises:
        HistoryError: another process reads, so that the journal cannot be emptied.
    """
    if engine.dialect.name == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql(f"VACUUM {table}")
        return
    # `secure_delete` has overwritten the pages; the journal may still hold them as they were.
    with engine.execution_options(alone=True).connect() as connection:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    if busy:
        raise HistoryError("it is deleted, but another process still reads the journal; forget it again afterwards")


def _server(where: str, what: str, pool: type[sqlalchemy.Pool]) -> sqlalchemy.Engine:
    kind, driver = url_kind(where)
    if kind not in ("postgresql", "postgres") or driver not in ("", "pg8000"):
        name = f"{kind}+{driver}" if driver else kind
        hint = did_you_mean(name, ("postgresql", "postgresql+pg8000", "sqlite"))
        raise HistoryError(f"a {what} cannot be kept in {name}{hint}; give the path of a file, or postgresql://…")
    if importlib.util.find_spec("pg8000") is None:
        said = "PostgreSQL needs pg8000; run pip install 'mailcheck-lint[postgres]'"
        raise HistoryError(f"the {what} {shown(where)} cannot be used: {said}")
    with told(where, what):
        url = sqlalchemy.make_url(f"postgresql+pg8000{where[where.index('://') :]}")
    if url.password is None and os.environ.get("PGPASSWORD"):
        url = url.set(password=os.environ["PGPASSWORD"])
    context = _tls(url, what)
    arguments: dict[str, object] = {"timeout": BUSY, "application_name": "mailcheck"}
    if context is not None:
        arguments["ssl_context"] = context
    # A kept connection is tried before it is used: the server may have been restarted.
    return sqlalchemy.create_engine(url.set(query={}), poolclass=pool, connect_args=arguments, pool_pre_ping=True)


def _tls(url: sqlalchemy.URL, what: str) -> ssl.SSLContext | None:
    """`?sslmode=…` of a URL, which pg8000 does not know."""
    query = dict(url.query)
    mode = query.pop("sslmode", "disable")
    if mode not in _TLS or query:
        name = f"sslmode={mode}" if mode not in _TLS else next(iter(query))
        raise HistoryError(
            f"the URL of the {what} says {name}, which is not known; it may say sslmode={', '.join(_TLS)}"
        )
    if mode == "disable":
        return None
    context = ssl.create_default_context()
    if mode == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
