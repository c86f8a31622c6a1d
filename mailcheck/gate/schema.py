"""The tables of the gate's store, and how an older one becomes one of this version: see `history.schema`.

Moments are whole microseconds since 1970 in UTC, so that they compare in every database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy

from mailcheck.gate.jobs import StoreError
from mailcheck.history.locations import shown

Migration = Sequence[str]

_FIRST: Migration = (
    "CREATE TABLE gate_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE gate_hooks (
        sender TEXT NOT NULL,
        hook_id TEXT NOT NULL,
        body_digest TEXT NOT NULL,
        answer TEXT NOT NULL,
        seen_at {count} NOT NULL,
        forget_at {count} NOT NULL,
        PRIMARY KEY (sender, hook_id)
    )""",
    "CREATE INDEX gate_hooks_forget ON gate_hooks (forget_at)",
    """CREATE TABLE gate_jobs (
        id TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('hook', 'poll', 'recheck', 'check')),
        esp TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        policy TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
        created_at {count} NOT NULL,
        due_at {count} NOT NULL,
        send_at {count},
        attempts {count} NOT NULL,
        looks {count} NOT NULL,
        owner TEXT NOT NULL,
        fence {count} NOT NULL,
        beat {count} NOT NULL,
        lease_for {count} NOT NULL,
        verdict TEXT,
        digest TEXT NOT NULL,
        action TEXT,
        doubt TEXT NOT NULL,
        reason TEXT NOT NULL,
        error TEXT NOT NULL,
        report_id TEXT NOT NULL,
        findings TEXT NOT NULL,
        finished_at {count}
    )""",
    "CREATE INDEX gate_jobs_due ON gate_jobs (state, due_at)",
    "CREATE INDEX gate_jobs_campaign ON gate_jobs (esp, campaign_id, state)",
    """CREATE TABLE gate_reports (
        id TEXT NOT NULL PRIMARY KEY,
        job_id TEXT NOT NULL REFERENCES gate_jobs (id) ON DELETE CASCADE,
        made_at {count} NOT NULL,
        json {bytes} NOT NULL
    )""",
    "CREATE INDEX gate_reports_job ON gate_reports (job_id)",
    """CREATE TABLE gate_approvals (
        esp TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        version TEXT,
        parts TEXT NOT NULL,
        recipients {count},
        send_at {count},
        approved_at {count} NOT NULL,
        job_id TEXT NOT NULL,
        PRIMARY KEY (esp, campaign_id)
    )""",
    """CREATE TABLE gate_actions (
        job_id TEXT NOT NULL REFERENCES gate_jobs (id) ON DELETE CASCADE,
        esp TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        action TEXT NOT NULL,
        intended_at {count} NOT NULL,
        done_at {count},
        outcome TEXT NOT NULL,
        PRIMARY KEY (esp, campaign_id, digest, action, job_id)
    )""",
    "CREATE INDEX gate_actions_job ON gate_actions (job_id)",
    """CREATE TABLE gate_notices (
        id TEXT NOT NULL PRIMARY KEY,
        number {count} NOT NULL,
        dedupe TEXT NOT NULL,
        topic TEXT NOT NULL,
        esp TEXT NOT NULL,
        campaign_id TEXT NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        policy TEXT NOT NULL,
        job_id TEXT NOT NULL,
        report_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        created_at {count} NOT NULL,
        due_at {count} NOT NULL,
        tries {count} NOT NULL,
        error TEXT NOT NULL,
        told_at {count}
    )""",
    "CREATE INDEX gate_notices_due ON gate_notices (told_at, due_at)",
    "CREATE INDEX gate_notices_campaign ON gate_notices (esp, campaign_id, number)",
    "CREATE INDEX gate_notices_number ON gate_notices (number)",
)

MIGRATIONS: tuple[Migration, ...] = (_FIRST,)
"""The n-th one leads from version n - 1 to n."""

_TYPES = {
    "sqlite": {"bytes": "BLOB", "count": "INTEGER"},
    "postgresql": {"bytes": "BYTEA", "count": "BIGINT"},
}

_metadata = sqlalchemy.MetaData()


def _table(name: str, texts: str, counts: str, bytes_: str = "") -> sqlalchemy.Table:
    columns: list[sqlalchemy.Column[Any]] = [sqlalchemy.Column(one, sqlalchemy.Text) for one in texts.split()]
    columns += [sqlalchemy.Column(one, sqlalchemy.BigInteger) for one in counts.split()]
    columns += [sqlalchemy.Column(one, sqlalchemy.LargeBinary) for one in bytes_.split()]
    return sqlalchemy.Table(name, _metadata, *columns)


META = _table("gate_meta", "name value", "")
HOOKS = _table("gate_hooks", "sender hook_id body_digest answer", "seen_at forget_at")
JOBS = _table(
    "gate_jobs",
    "id kind esp campaign_id policy state owner verdict digest action doubt reason error report_id findings",
    "created_at due_at send_at attempts looks fence beat lease_for finished_at",
)
REPORTS = _table("gate_reports", "id job_id", "made_at", "json")
APPROVALS = _table(
    "gate_approvals", "esp campaign_id name digest version parts job_id", "recipients send_at approved_at"
)
ACTIONS = _table("gate_actions", "job_id esp campaign_id digest action outcome", "intended_at done_at")
NOTICES = _table(
    "gate_notices",
    "id dedupe topic esp campaign_id name text policy job_id report_id digest error",
    "number created_at due_at tries told_at",
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of a moment with a zone."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(stamp: int) -> datetime:
    """The moment of so many microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=stamp)


def version_of(connection: sqlalchemy.Connection) -> int:
    """The version of a store; 0 for a database that holds none, -1 for one that does not say."""
    if not sqlalchemy.inspect(connection).has_table(META.name):
        return 0
    query = sqlalchemy.select(META.c.value).where(META.c.name == "version")
    found = connection.execute(query).scalar() or ""
    return int(found) if found.isdecimal() else -1


def migrate(connection: sqlalchemy.Connection, where: str) -> None:
    """Bring a store to this version within one transaction: wholly or not at all.

    Raises:
        StoreError: it is newer, does not say, or the file is the database of another program.
    """
    version = version_of(connection)
    _check_version(version, where)
    if version == 0 and connection.dialect.name == "sqlite" and sqlalchemy.inspect(connection).get_table_names():
        raise StoreError(f"{shown(where)} is the database of another program, not of the gate; name another file")
    types = _TYPES[connection.dialect.name]
    for migration in MIGRATIONS[version:]:
        for statement in migration:
            connection.exec_driver_sql(statement.format(**types))
    connection.execute(sqlalchemy.delete(META).where(META.c.name == "version"))
    connection.execute(sqlalchemy.insert(META).values(name="version", value=str(len(MIGRATIONS))))


def _check_version(version: int, where: str) -> None:
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the gate's store {shown(where)} was written by a newer mailcheck (its schema is {version}, this one "
            f"knows {len(MIGRATIONS)}); update mailcheck"
        )
    if version < 0:
        raise StoreError(f"the gate's store {shown(where)} does not say its version; bring it back from a copy")
