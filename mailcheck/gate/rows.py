"""Rows of the store and what they stand for."""

from __future__ import annotations

import json
import secrets
import zlib
from datetime import datetime
from typing import Any

import sqlalchemy

from mailcheck.gate.jobs import Approval, Intent, Job, ToTell
from mailcheck.gate.schema import REPORTS, micros, moment


def new_id() -> str:
    """A name that nobody can guess: who knows that of a report may read it."""
    return secrets.token_urlsafe(18)


def fit(text: str) -> str:
    """A text as every database takes it: without NUL and halves of surrogate pairs."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def maybe(stamp: int | None) -> datetime | None:
    """The moment of a column that may be empty."""
    return None if stamp is None else moment(stamp)


def job_of(row: sqlalchemy.RowMapping) -> Job:
    """The job of a row."""
    plain = "id kind esp campaign_id policy state attempts looks owner fence verdict digest action doubt reason error"
    known: dict[str, Any] = {name: row[name] for name in (*plain.split(), "report_id")}
    return Job(
        **known,
        created_at=moment(row["created_at"]),
        due_at=moment(row["due_at"]),
        send_at=maybe(row["send_at"]),
        finished_at=maybe(row["finished_at"]),
        findings=json.loads(row["findings"] or "{}"),
    )


def approval_of(row: sqlalchemy.RowMapping) -> Approval:
    """The approval of a row."""
    plain = ("esp", "campaign_id", "name", "digest", "version", "recipients", "job_id")
    known: dict[str, Any] = {name: row[name] for name in plain}
    return Approval(
        **known,
        parts=json.loads(row["parts"]),
        send_at=maybe(row["send_at"]),
        approved_at=moment(row["approved_at"]),
    )


def intent_of(row: sqlalchemy.RowMapping) -> Intent:
    """The action of a row."""
    known: dict[str, Any] = {name: row[name] for name in ("job_id", "digest", "action", "outcome")}
    return Intent(**known, intended_at=moment(row["intended_at"]), done_at=maybe(row["done_at"]))


def notice_of(row: sqlalchemy.RowMapping) -> ToTell:
    """The notice of a row."""
    plain = "id topic esp campaign_id name text policy job_id report_id digest tries"
    known: dict[str, Any] = {name: row[name] for name in plain.split()}
    return ToTell(**known, created_at=moment(row["created_at"]))


def put_report(connection: sqlalchemy.Connection, job_id: str, report: str, now: datetime) -> str:
    """Keep a report; its id, or nothing when there is none."""
    if not report:
        return ""
    report_id = new_id()
    data = zlib.compress(report.encode("utf-8", "replace"))
    values = {"id": report_id, "job_id": job_id, "made_at": micros(now), "json": data}
    connection.execute(sqlalchemy.insert(REPORTS).values(**values))
    return report_id
