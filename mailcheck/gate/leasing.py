"""How jobs are worked on: leased, carried on step by step, ended. Every function works within one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy
from sqlalchemy import and_, bindparam, delete, exists, insert, or_, select, update

from mailcheck.gate.accepting import Wanted, follow_up
from mailcheck.gate.deciding import parts_of
from mailcheck.gate.jobs import Intent, Job, LeaseLost, ToTell
from mailcheck.gate.model import Action, Judgement, Planned
from mailcheck.gate.outbox import tell, tell_anew
from mailcheck.gate.rows import fit, intent_of, job_of, put_report
from mailcheck.gate.schema import ACTIONS, APPROVALS, JOBS, NOTICES, micros

Watched = dict[str, tuple[tuple[int, int], float]]
"""For each job that somebody works on: its fence and heartbeat as last seen, and since when, by the monotonic clock."""

_REASON = 2000
"""Characters of a sentence that is kept."""


@dataclass(frozen=True, slots=True)
class Leasing:
    """Somebody asks for a job.

    Args:
        tick: now, in seconds of the monotonic clock.
        watched: what this process knows of the leases of others; it is brought up to date.
    """

    owner: str
    now: datetime
    length: timedelta
    tick: float
    watched: Watched


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ends, or is put off, and all that follows.

    Args:
        state: `waiting`: it is put off until `due_at`.
        action: what was done; None leaves what was written before.
        attempts: how many there were, from now on; None leaves it.
        tell: what people are told.
        then: jobs that follow from it.
        send_at: of a `recheck`: the send it waits for, when that has changed.
        disapprove: what was approved of the campaign is so no more.
    """

    state: Literal["waiting", "done", "failed"]
    due_at: datetime | None = None
    action: Action | None = None
    reason: str = ""
    error: str = ""
    attempts: int | None = None
    looks: int | None = None
    tell: tuple[ToTell, ...] = ()
    then: tuple[Wanted, ...] = ()
    send_at: datetime | None = None
    disapprove: bool = False


_NOW: sqlalchemy.BindParameter[int] = bindparam("now", type_=sqlalchemy.BigInteger)
_OTHER = JOBS.alias()
_SAME = and_(_OTHER.c.state == "running", _OTHER.c.esp == JOBS.c.esp, _OTHER.c.campaign_id == JOBS.c.campaign_id)
_RUNNING = select(JOBS).where(JOBS.c.state == "running")
_DUE = and_(JOBS.c.state == "waiting", JOBS.c.due_at <= _NOW)
# The waiting job that is due for the longest time, of a campaign that nobody works on.
_NEXT = select(JOBS).where(_DUE, ~exists().where(_SAME)).order_by(JOBS.c.due_at, JOBS.c.created_at, JOBS.c.id).limit(1)
# A look before a send has its hour; what waits to be judged is not scheduled meanwhile, or is followed as well.
_NEXT_LOOK = _NEXT.where(JOBS.c.kind == "recheck")
_LEASE = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("leased"))
    .values({name: bindparam(name) for name in ("state", "owner", "fence", "beat", "lease_for", "attempts")})
)


def find(connection: sqlalchemy.Connection, asked: Leasing) -> sqlalchemy.RowMapping | None:
    """The next job to work on, as it is now: one that was abandoned first, then looks at what is followed."""
    running = connection.execute(_RUNNING).mappings().all()
    due = {"now": micros(asked.now)}
    if abandoned := next(_abandoned(running, asked), None):
        return abandoned
    found = (connection.execute(query, due).mappings().first() for query in (_NEXT_LOOK, _NEXT))
    return next((row for row in found if row is not None), None)


def lease(connection: sqlalchemy.Connection, asked: Leasing) -> Job | None:
    """Take the next job to work on."""
    row = find(connection, asked)
    if row is None:
        return None
    fence, length = row["fence"] + 1, asked.length // timedelta(microseconds=1)
    values = {"state": "running", "owner": asked.owner, "fence": fence, "beat": 0, "lease_for": length}
    connection.execute(_LEASE, {"leased": row["id"], **values, "attempts": row["attempts"] + 1})
    asked.watched.pop(row["id"], None)
    job = job_of(row)
    return replace(job, state="running", owner=asked.owner, fence=fence, attempts=job.attempts + 1)


def _abandoned(running: Sequence[sqlalchemy.RowMapping], asked: Leasing) -> Iterator[sqlalchemy.RowMapping]:
    """Jobs whose lease went by, as far as this process could watch it."""
    watched = asked.watched
    for gone in watched.keys() - {row["id"] for row in running}:
        del watched[gone]
    for row in running:
        sign = (row["fence"], row["beat"])
        seen, since = watched.get(row["id"], (None, 0.0))
        if seen != sign:
            watched[row["id"]] = (sign, asked.tick)
        elif asked.tick - since >= row["lease_for"] / 1e6:
            yield row


def heartbeat(connection: sqlalchemy.Connection, job: Job) -> None:
    """Say that a job is still worked on.

    Raises:
        LeaseLost: by somebody else.
    """
    _change(connection, job, {"beat": JOBS.c.beat + 1})


def _change(connection: sqlalchemy.Connection, job: Job, values: Mapping[str, object]) -> None:
    """Change a job that is still ours.

    Raises:
        LeaseLost: it is not.
    """
    ours = (JOBS.c.id == job.id, JOBS.c.state == "running", JOBS.c.fence == job.fence)
    if connection.execute(update(JOBS).where(*ours).values(**values)).rowcount != 1:
        raise LeaseLost(f"somebody else works on the job {job.id}")


def judged(connection: sqlalchemy.Connection, job: Job, planned: Planned, judgement: Judgement, now: datetime) -> Job:
    """Keep a judgement with its report, and the approval that comes of it or ends with it."""
    values = {
        "verdict": judgement.verdict,
        "digest": planned.digest,
        "report_id": put_report(connection, job.id, judgement.report, now),
        "findings": json.dumps(dict(judgement.findings)),
        "doubt": fit(judgement.reason[:_REASON]),
        "beat": JOBS.c.beat + 1,
    }
    _change(connection, job, values)
    forget_approval(connection, job.esp, job.campaign_id)
    if judgement.verdict == "clear":
        _approve(connection, job, planned, now)
        tell_anew(connection, job.esp, job.campaign_id)
    row = connection.execute(select(JOBS).where(JOBS.c.id == job.id)).mappings().one()
    return job_of(row)


def _approve(connection: sqlalchemy.Connection, job: Job, planned: Planned, now: datetime) -> None:
    values = {
        "esp": job.esp,
        "campaign_id": job.campaign_id,
        "name": fit(planned.name),
        "digest": planned.digest,
        "version": None if planned.version is None else fit(planned.version),
        "parts": json.dumps(dict(parts_of(planned))),
        "recipients": planned.recipients,
        "send_at": None if planned.send_at is None else micros(planned.send_at),
        "approved_at": micros(now),
        "job_id": job.id,
    }
    connection.execute(insert(APPROVALS).values(**values))


def forget_approval(connection: sqlalchemy.Connection, esp: str, campaign_id: str) -> None:
    """Whatever was approved of a campaign is so no more."""
    connection.execute(delete(APPROVALS).where(APPROVALS.c.esp == esp, APPROVALS.c.campaign_id == campaign_id))


def intents(connection: sqlalchemy.Connection, job_id: str) -> tuple[Intent, ...]:
    """The actions that a job was about to take, the first one first."""
    query = select(ACTIONS).where(ACTIONS.c.job_id == job_id).order_by(ACTIONS.c.intended_at)
    return tuple(intent_of(row) for row in connection.execute(query).mappings())


def intend(connection: sqlalchemy.Connection, job: Job, digest: str, action: Action, now: datetime) -> Intent:
    """Write down what is about to be done; what was written down before stays."""
    _change(connection, job, {"beat": JOBS.c.beat + 1})
    known = [one for one in intents(connection, job.id) if (one.digest, one.action) == (digest, action)]
    if known:
        again = (ACTIONS.c.job_id == job.id, ACTIONS.c.digest == digest, ACTIONS.c.action == action)
        connection.execute(update(ACTIONS).where(*again).values(intended_at=micros(now), done_at=None, outcome=""))
        return replace(known[0], intended_at=now, done_at=None, outcome="")
    values = {"job_id": job.id, "esp": job.esp, "campaign_id": job.campaign_id, "digest": digest, "action": action}
    connection.execute(insert(ACTIONS).values(**values, intended_at=micros(now), outcome=""))
    return Intent(job.id, digest, action, now)


def acted(connection: sqlalchemy.Connection, job: Job, intent: Intent, outcome: str, now: datetime) -> None:
    """Write down that an action was taken, and how that ended."""
    _change(connection, job, {"beat": JOBS.c.beat + 1})
    same = (ACTIONS.c.job_id == job.id, ACTIONS.c.digest == intent.digest, ACTIONS.c.action == intent.action)
    values = {"done_at": micros(now), "outcome": fit(outcome[:_REASON])}
    connection.execute(update(ACTIONS).where(*same, ACTIONS.c.done_at.is_(None)).values(**values))


def finish(connection: sqlalchemy.Connection, job: Job, ending: Ending, now: datetime) -> None:
    """End a job, or put it off."""
    values: dict[str, object] = {"state": ending.state, "owner": "", "error": fit(ending.error[:_REASON])}
    if ending.state == "waiting":
        values["due_at"] = micros(ending.due_at or now)
    else:
        values["finished_at"] = micros(now)
    if ending.reason:
        values["reason"] = fit(ending.reason[:_REASON])
    values |= {key: value for key in ("action", "attempts", "looks") if (value := getattr(ending, key)) is not None}
    if ending.send_at is not None:
        values["send_at"] = micros(ending.send_at)
    _change(connection, job, values)
    if ending.disapprove:
        forget_approval(connection, job.esp, job.campaign_id)
    for notice in ending.tell:
        tell(connection, notice, now)
    for wanted in ending.then:
        follow_up(connection, wanted, now)


def wake(connection: sqlalchemy.Connection, now: datetime, beyond: timedelta) -> int:
    """Make jobs due that would wait for too long, and every followed campaign."""
    late = or_(JOBS.c.kind == "recheck", JOBS.c.due_at > micros(now + beyond))
    ahead = (JOBS.c.state == "waiting", JOBS.c.due_at > micros(now), late)
    connection.execute(update(NOTICES).where(NOTICES.c.due_at > micros(now + beyond)).values(due_at=micros(now)))
    return connection.execute(update(JOBS).where(*ahead).values(due_at=micros(now))).rowcount
