"""What people are still to be told: written in the transaction that made it so, delivered afterwards."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy
from sqlalchemy import func, insert, or_, select, update

from mailcheck.gate.jobs import ToTell
from mailcheck.gate.rows import fit, new_id, notice_of
from mailcheck.gate.schema import NOTICES, micros
from mailcheck.masking import mask_addresses


def tell(connection: sqlalchemy.Connection, notice: ToTell, now: datetime) -> None:
    """Put something into the outbox, unless it is what was said last of that campaign."""
    dedupe, campaign_id = f"{notice.topic} {notice.digest}", fit(notice.campaign_id)
    same = (NOTICES.c.esp == notice.esp, NOTICES.c.campaign_id == campaign_id)
    last = select(NOTICES.c.dedupe).where(*same).order_by(NOTICES.c.number.desc()).limit(1)
    # What was pulled back was so each time.
    if notice.topic != "reverted" and connection.execute(last).scalar() == dedupe:
        return
    values = {
        "id": new_id(),
        # Their order, whatever the clock says.
        "number": connection.execute(select(func.coalesce(func.max(NOTICES.c.number), 0) + 1)).scalar_one(),
        "dedupe": dedupe,
        "topic": notice.topic,
        "esp": notice.esp,
        "campaign_id": campaign_id,
        "name": fit(mask_addresses(notice.name)),
        "text": fit(mask_addresses(notice.text)),
        "policy": fit(notice.policy),
        "job_id": notice.job_id,
        "report_id": notice.report_id,
        "digest": notice.digest,
        "created_at": micros(now),
        "due_at": micros(now),
        "tries": 0,
        "error": "",
    }
    connection.execute(insert(NOTICES).values(**values))


def untold(connection: sqlalchemy.Connection, now: datetime, limit: int) -> tuple[ToTell, ...]:
    """What people are to be told now, the oldest first."""
    due = (NOTICES.c.told_at.is_(None), NOTICES.c.due_at <= micros(now))
    query = select(NOTICES).where(*due).order_by(NOTICES.c.number).limit(limit)
    return tuple(notice_of(row) for row in connection.execute(query).mappings())


def tell_anew(connection: sqlalchemy.Connection, esp: str, campaign_id: str) -> None:
    """What was said of a campaign before it was clear is said anew when it holds again."""
    same = (NOTICES.c.esp == esp, NOTICES.c.campaign_id == fit(campaign_id))
    was = or_(NOTICES.c.topic == "held", NOTICES.c.topic == "unsure")
    connection.execute(update(NOTICES).where(*same, was).values(dedupe=""))


def take(connection: sqlalchemy.Connection, notice_id: str, now: datetime, until: datetime) -> bool:
    """Take what people are to be told, so that until then nobody else delivers it; whether it was there to be taken."""
    due = (NOTICES.c.id == notice_id, NOTICES.c.told_at.is_(None), NOTICES.c.due_at <= micros(now))
    return connection.execute(update(NOTICES).where(*due).values(due_at=micros(until))).rowcount == 1


def was_told(connection: sqlalchemy.Connection, notice_id: str, now: datetime) -> None:
    """It is delivered."""
    connection.execute(update(NOTICES).where(NOTICES.c.id == notice_id).values(told_at=micros(now)))


def tell_later(connection: sqlalchemy.Connection, notice_id: str, error: str, due_at: datetime) -> None:
    """It could not be delivered; try again later."""
    values = {"error": fit(error), "due_at": micros(due_at), "tries": NOTICES.c.tries + 1}
    connection.execute(update(NOTICES).where(NOTICES.c.id == notice_id).values(**values))
