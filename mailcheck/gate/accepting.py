"""What comes into the store, and what of it is kept how long. Every function works within one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy
from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from mailcheck.gate.deciding import same_time
from mailcheck.gate.jobs import Accepted, Depth, Hook, Kind, QueueFull
from mailcheck.gate.model import Judgement
from mailcheck.gate.rows import fit, new_id, put_report
from mailcheck.gate.schema import ACTIONS, APPROVALS, HOOKS, JOBS, NOTICES, REPORTS, micros, moment

JUDGING = ("hook", "poll")
"""Kinds of jobs that judge a campaign; for one campaign and time a single one may wait."""
OPEN = ("waiting", "running")
CHUNK = 500
"""Ids in one statement: databases limit how many values that may have."""
PACE = timedelta(minutes=1)
"""Over which the pace is measured at which jobs come to an end."""
_AT_LEAST, _AT_MOST = 5, 120
"""Seconds after which a refused sender is asked back."""


# What every webhook asks, made once: making a statement takes longer than running it.
_SEEN = select(HOOKS.c.body_digest, HOOKS.c.answer).where(
    HOOKS.c.sender == bindparam("by"), HOOKS.c.hook_id == bindparam("name")
)
_REMEMBER = insert(HOOKS)
_ADD = insert(JOBS)
_IS_JUDGING = or_(*(JOBS.c.kind == kind for kind in JUDGING))
_COUNT = select(func.count()).select_from(JOBS).where(or_(*(JOBS.c.state == state for state in OPEN)), _IS_JUDGING)
_LIKE_ANY = select(JOBS.c.id).where(
    JOBS.c.esp == bindparam("at_esp"),
    JOBS.c.campaign_id == bindparam("campaign"),
    JOBS.c.policy == bindparam("by_policy"),
    JOBS.c.state == "waiting",
    # One that has found it scheduled does not stand for one that is to schedule it.
    or_(JOBS.c.kind == "hook", JOBS.c.kind == bindparam("by_kind")),
)
_LIKE_TIMELESS = _LIKE_ANY.where(JOBS.c.send_at.is_(None)).limit(1)
_LIKE = _LIKE_ANY.where(JOBS.c.send_at == bindparam("at")).limit(1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job that there should be.

    Args:
        sure: whether its send was read at the service; what was only asked for moves no look at another one.
    """

    kind: Kind
    esp: str
    campaign_id: str
    policy: str
    send_at: datetime | None
    due_at: datetime
    sure: bool = True


def accept(connection: sqlalchemy.Connection, hook: Hook, queue: int, now: datetime) -> Accepted:
    """Take a webhook.

    Raises:
        QueueFull: there is no room for all of its events.
    """
    sender, hook_id, body_digest = (fit(one) for one in (hook.sender, hook.hook_id, hook.body_digest))
    row = connection.execute(_SEEN, {"by": sender, "name": hook_id}).first()
    if row is not None:
        same = row.body_digest == body_digest
        return Accepted(tuple(json.loads(row.answer)), "repeated") if same else Accepted((), "conflict")
    wanted = [Wanted("hook", hook.esp, fit(one.campaign_id), hook.policy, one.send_at, now) for one in hook.events]
    job_ids = tuple(enqueue(connection, wanted, queue, now))
    values = {
        "sender": sender,
        "hook_id": hook_id,
        "body_digest": body_digest,
        "answer": json.dumps(job_ids),
        "seen_at": micros(now),
        "forget_at": micros(now + hook.keep),
    }
    connection.execute(_REMEMBER, values)
    return Accepted(job_ids, "new")


def enqueue(connection: sqlalchemy.Connection, wanted: Sequence[Wanted], queue: int, now: datetime) -> list[str]:
    """The ids of jobs, new ones where none like it waits.

    Raises:
        QueueFull: there is no room for all of them.
    """
    room = queue - _judging(connection) if wanted else 0
    job_ids = []
    for one in wanted:
        job_id = _like(connection, one)
        if job_id is None:
            room -= 1
            if room < 0:
                raise QueueFull(_retry_after(connection, now))
            job_id = _put(connection, one, now)
        job_ids.append(job_id)
    return job_ids


def follow_up(connection: sqlalchemy.Connection, wanted: Wanted, now: datetime) -> str:
    """A job that follows from another one, and so has room in any case; its id."""
    if wanted.kind != "recheck":
        return _like(connection, wanted) or _put(connection, wanted, now)
    same = (JOBS.c.esp == wanted.esp, JOBS.c.campaign_id == wanted.campaign_id, JOBS.c.kind == "recheck")
    row = connection.execute(
        select(JOBS.c.id, JOBS.c.due_at, JOBS.c.send_at).where(*same, JOBS.c.state == "waiting")
    ).first()
    if row is None:
        return _put(connection, wanted, now)
    values: dict[str, object] = {"policy": wanted.policy, "due_at": min(row.due_at, micros(wanted.due_at))}
    if wanted.sure and row.send_at != _micros(wanted.send_at):
        values |= {"send_at": _micros(wanted.send_at), "due_at": micros(wanted.due_at), "looks": 0}
    connection.execute(update(JOBS).where(JOBS.c.id == row.id).values(**values))
    return str(row.id)


def _judging(connection: sqlalchemy.Connection) -> int:
    return int(connection.execute(_COUNT).scalar_one())


def _like(connection: sqlalchemy.Connection, wanted: Wanted) -> str | None:
    """A job that waits for the same; none that runs, for it may have looked at the campaign already."""
    same = {"at_esp": wanted.esp, "campaign": wanted.campaign_id, "by_policy": wanted.policy, "by_kind": wanted.kind}
    if wanted.send_at is None:
        found = connection.execute(_LIKE_TIMELESS, same).scalar()
    else:
        found = connection.execute(_LIKE, {**same, "at": micros(wanted.send_at)}).scalar()
    return None if found is None else str(found)


def _put(connection: sqlalchemy.Connection, wanted: Wanted, now: datetime) -> str:
    values = {
        "id": new_id(),
        "kind": wanted.kind,
        "esp": wanted.esp,
        "campaign_id": wanted.campaign_id,
        "policy": wanted.policy,
        "send_at": _micros(wanted.send_at),
        "due_at": micros(wanted.due_at),
        "created_at": micros(now),
        "state": "waiting",
        "findings": "",
        **dict.fromkeys(("attempts", "looks", "fence", "beat", "lease_for"), 0),
        **dict.fromkeys(("owner", "digest", "doubt", "reason", "error", "report_id"), ""),
    }
    connection.execute(_ADD, values)
    return str(values["id"])


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def _retry_after(connection: sqlalchemy.Connection, now: datetime) -> int:
    """Seconds until a tenth of the queue is worked off, at the pace of the last minute."""
    ended = JOBS.c.finished_at.between(micros(now - PACE), micros(now))
    pace = connection.execute(select(func.count()).select_from(JOBS).where(ended)).scalar_one()
    if not pace:
        return _AT_MOST
    return max(_AT_LEAST, min(_AT_MOST, round(_judging(connection) / 10 * PACE.total_seconds() / pace)))


def checked(connection: sqlalchemy.Connection, judgement: Judgement, now: datetime) -> str:
    """A job that is done, with its report; its id."""
    job_id = _put(connection, Wanted("check", "", "", "", None, now), now)
    values = {
        "state": "done",
        "verdict": judgement.verdict,
        "doubt": fit(judgement.reason),
        "findings": json.dumps(dict(judgement.findings)),
        "report_id": put_report(connection, job_id, judgement.report, now),
        "finished_at": micros(now),
    }
    connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(**values))
    return job_id


def followed(connection: sqlalchemy.Connection, esp: str, campaign_ids: Sequence[str]) -> frozenset[str]:
    """Those of the campaigns for which a job waits or runs."""
    found: set[str] = set()
    for start in range(0, len(campaign_ids), CHUNK):
        some = campaign_ids[start : start + CHUNK]
        query = select(JOBS.c.campaign_id).where(
            JOBS.c.esp == esp, JOBS.c.campaign_id.in_(some), JOBS.c.state.in_(OPEN)
        )
        found.update(connection.execute(query).scalars())
    return frozenset(found)


def moved(connection: sqlalchemy.Connection, esp: str, times: Mapping[str, datetime], now: datetime) -> Sequence[str]:
    """Ids of the jobs that wait for the send of a campaign, and for another one than it has now."""
    found: list[str] = []
    ids = list(times)
    for start in range(0, len(ids), CHUNK):
        query = select(JOBS.c.id, JOBS.c.campaign_id, JOBS.c.send_at).where(
            JOBS.c.esp == esp,
            JOBS.c.campaign_id.in_(ids[start : start + CHUNK]),
            JOBS.c.kind == "recheck",
            JOBS.c.state == "waiting",
            JOBS.c.due_at > micros(now),
        )
        rows = connection.execute(query)
        found += [row.id for row in rows if not same_time(moment(row.send_at), times[row.campaign_id])]
    return found


def hurry(connection: sqlalchemy.Connection, job_ids: Sequence[str], now: datetime) -> None:
    """Make jobs due that wait."""
    for start in range(0, len(job_ids), CHUNK):
        some = (JOBS.c.id.in_(job_ids[start : start + CHUNK]), JOBS.c.state == "waiting")
        connection.execute(update(JOBS).where(*some).values(due_at=micros(now)))


def depth(connection: sqlalchemy.Connection, now: datetime) -> Depth:
    """How much there is to do."""
    query = select(JOBS.c.state, JOBS.c.kind, func.count(), func.min(JOBS.c.due_at))
    rows = connection.execute(query.where(JOBS.c.state.in_(OPEN)).group_by(JOBS.c.state, JOBS.c.kind)).all()
    counts = {(state, kind): count for state, kind, count, _ in rows}
    due = [at for state, _, _, at in rows if state == "waiting"]
    late = timedelta(microseconds=max(0, micros(now) - min(due))) if due else timedelta(0)
    untold = connection.execute(select(func.count()).select_from(NOTICES).where(NOTICES.c.told_at.is_(None)))
    return Depth(
        waiting=sum(counts.get(("waiting", kind), 0) for kind in JUDGING),
        running=sum(count for (state, _), count in counts.items() if state == "running"),
        following=counts.get(("waiting", "recheck"), 0),
        late=late,
        untold=int(untold.scalar_one()),
    )


def purge(connection: sqlalchemy.Connection, now: datetime, keep: timedelta) -> int:
    """Delete what need not be kept any more; how many jobs that were."""
    old = micros(now - keep)
    connection.execute(delete(HOOKS).where(HOOKS.c.forget_at < micros(now)))
    connection.execute(delete(NOTICES).where(NOTICES.c.told_at < old))
    followed = select(JOBS.c.campaign_id).where(
        JOBS.c.esp == APPROVALS.c.esp, JOBS.c.campaign_id == APPROVALS.c.campaign_id, JOBS.c.state.in_(OPEN)
    )
    connection.execute(delete(APPROVALS).where(APPROVALS.c.approved_at < old, ~followed.exists()))
    ended = select(JOBS.c.id).where(JOBS.c.finished_at < old)
    for table in (REPORTS, ACTIONS):
        connection.execute(delete(table).where(table.c.job_id.in_(ended)))
    return connection.execute(delete(JOBS).where(JOBS.c.finished_at < old)).rowcount
