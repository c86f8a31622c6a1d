"""The tables of a store, and how an older store becomes one of this version.

A migration is a few statements that never change once they are released; a change of the tables is one migration more.
Alembic would do the same with a configuration, an environment script and a folder of modules, and leaves atomicity on
SQLite to its user: too much for three tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy

from mailcheck.history.locations import shown
from mailcheck.history.sends import HistoryError

Migration = Sequence[str]
"""Statements; `{bytes}` and `{count}` stand for types of the database."""

_FIRST: Migration = (
    "CREATE TABLE mailcheck_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE mailcheck_sends (
        id TEXT NOT NULL PRIMARY KEY,
        family TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('judged', 'sent')),
        at TEXT NOT NULL,
        judged TEXT,
        sent TEXT,
        recipients {count},
        distinct_recipients {count},
        figures TEXT NOT NULL,
        digest TEXT NOT NULL,
        subject TEXT NOT NULL,
        sender TEXT NOT NULL,
        profile TEXT NOT NULL,
        verdict TEXT NOT NULL,
        outcomes TEXT NOT NULL
    )""",
    "CREATE INDEX mailcheck_sends_at ON mailcheck_sends (at)",
    "CREATE INDEX mailcheck_sends_family ON mailcheck_sends (family, at)",
    """CREATE TABLE mailcheck_fingerprints (
        send TEXT NOT NULL PRIMARY KEY REFERENCES mailcheck_sends (id) ON DELETE CASCADE,
        sketch {bytes} NOT NULL
    )""",
)

MIGRATIONS: tuple[Migration, ...] = (_FIRST,)
"""The n-th one leads from version n - 1 to n."""

_TYPES = {
    "sqlite": {"bytes": "BLOB", "count": "INTEGER"},
    "postgresql": {"bytes": "BYTEA", "count": "BIGINT"},
}

_metadata = sqlalchemy.MetaData()

META = sqlalchemy.Table(
    "mailcheck_meta",
    _metadata,
    sqlalchemy.Column("name", sqlalchemy.Text, primary_key=True),
    sqlalchemy.Column("value", sqlalchemy.Text),
)
SENDS = sqlalchemy.Table(
    "mailcheck_sends",
    _metadata,
    sqlalchemy.Column("id", sqlalchemy.Text, primary_key=True),
    *(
        sqlalchemy.Column(name, sqlalchemy.Text)
        for name in ("family", "name", "kind", "status", "at", "judged", "sent")
    ),
    *(sqlalchemy.Column(name, sqlalchemy.BigInteger) for name in ("recipients", "distinct_recipients")),
    *(sqlalchemy.Column(name, sqlalchemy.Text) for name in ("figures", "digest", "subject", "sender")),
    *(sqlalchemy.Column(name, sqlalchemy.Text) for name in ("profile", "verdict", "outcomes")),
)
FINGERPRINTS = sqlalchemy.Table(
    "mailcheck_fingerprints",
    _metadata,
    sqlalchemy.Column("send", sqlalchemy.Text, primary_key=True),
    sqlalchemy.Column("sketch", sqlalchemy.LargeBinary),
)


def version_of(connection: sqlalchemy.Connection) -> int:
    """The version of a store; 0 for a database that holds none, -1 for one that does not say."""
    if not sqlalchemy.inspect(connection).has_table(META.name):
        return 0
    found = meta(connection).get("version", "")
    return int(found) if found.isdecimal() else -1


def check_version(version: int, where: str) -> None:
    """Refuse a store that this mailcheck cannot read.

    Raises:
        HistoryError: it is of a newer version, or does not say.
    """
    if version > len(MIGRATIONS):
        raise HistoryError(
            f"the history {shown(where)} was written by a newer mailcheck (its schema is {version}, this one knows "
            f"{len(MIGRATIONS)}); update mailcheck"
        )
    if version < 0:
        raise HistoryError(f"the history {shown(where)} does not say its version; bring it back from a copy")


def migrate(connection: sqlalchemy.Connection, where: str) -> None:
    """Bring a store to this version within one transaction: wholly or not at all.

    Raises:
        HistoryError: it is newer, or the file is the database of another program.
    """
    version = version_of(connection)  # again, as the only writer: another process may have been faster
    check_version(version, where)
    if version == 0 and connection.dialect.name == "sqlite" and sqlalchemy.inspect(connection).get_table_names():
        raise HistoryError(f"{shown(where)} is the database of another program, no history; name another file")
    types = _TYPES[connection.dialect.name]
    for migration in MIGRATIONS[version:]:
        for statement in migration:
            connection.exec_driver_sql(statement.format(**types))
    set_meta(connection, "version", str(len(MIGRATIONS)))


def meta(connection: sqlalchemy.Connection) -> dict[str, str]:
    """What a store says of itself."""
    return {row.name: row.value for row in connection.execute(sqlalchemy.select(META))}


def set_meta(connection: sqlalchemy.Connection, name: str, value: str) -> None:
    """Say something of the store."""
    connection.execute(sqlalchemy.delete(META).where(META.c.name == name))
    connection.execute(sqlalchemy.insert(META).values(name=name, value=value))
