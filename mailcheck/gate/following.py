"""A campaign is followed until it is sent: shortly before, it is looked at and compared with what was approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from mailcheck.gate.accepting import Wanted
from mailcheck.gate.case import DEADLY, Case
from mailcheck.gate.deciding import GOING, Changes, compare, rechecks_of
from mailcheck.gate.jobs import Approval
from mailcheck.gate.leasing import Ending
from mailcheck.gate.model import EspError, Planned

AFTER = timedelta(minutes=1)
"""How long after its time a campaign is looked at once more, and then again and again while it has not gone out."""
LONGEST = timedelta(hours=1)
LAST_LOOKS = 200
"""So many looks after its time it is taken to be forgotten: that is after about a week."""


def first_look(case: Case, planned: Planned | None) -> tuple[Wanted, ...]:
    """The job that follows a campaign from now on; none where its time is not known, or it is gone.

    One that is still scheduled though its time is over is followed as well: it may be the clock that is wrong. One that
    is being sent is not: what there was to do about it was done when it was judged.
    """
    send_at, now = planned.send_at if planned else case.job.send_at, case.now()
    if send_at is None or (planned is not None and planned.status == "sent"):
        return ()
    if send_at <= now and (planned is None or planned.status not in ("scheduled", "unknown")):
        return ()
    points = rechecks_of(case.policy, send_at, now)
    return (case.wanted("recheck", send_at, min(points, default=max(send_at, now) + AFTER)),)


async def follow(case: Case) -> Ending:
    """Look at a campaign again.

    Raises:
        StoreError, LeaseLost: nothing is lost, the job is taken up again.
    """
    if case.is_deadly:
        return await unseen(case, DEADLY)
    approval = await case.call(case.desk.store.approval, case.job.esp, case.job.campaign_id)
    try:
        planned = await case.look()
        if planned.status in ("sending", "sent"):
            return await _gone(case, approval, planned)
        if planned.status not in GOING:
            return await _cut_off(case, planned) or _next(case, planned)
        if approval is None:
            return _next(case, planned, judge=True)
        return await _compared(case, planned, compare(approval, planned, drift=case.policy.drift))
    except EspError as error:
        return await unseen(case, error)


async def _cut_off(case: Case, planned: Planned) -> Ending | None:
    """An earlier try pulled it back, and ended before it could say so."""
    intents = await case.call(case.desk.store.intents, case.job.id)
    intent = next((one for one in reversed(intents) if one.action == "revert"), None)
    if intent is None:
        return None
    await case.call(case.desk.store.acted, case.job, intent, "found done", now=case.now())
    send_at = planned.send_at or case.job.send_at
    said = "It was taken out of the schedule: it was not as it was approved, or could not be looked at."
    again: tuple[Wanted, ...] = ()
    if planned.status == "draft" and send_at is not None and case.now() < send_at:
        said, again = f"{said} It is judged anew.", (case.wanted("hook", send_at, case.now()),)
    tell = case.tell(("reverted", "failed"), said)
    return Ending("done", action="revert", reason=said, tell=tell, then=again, disapprove=True)


async def _compared(case: Case, planned: Planned, changes: Changes) -> Ending:
    if not changes:
        return _next(case, planned)
    if not changes.grave:
        return _next(case, planned, judge=True)
    what = f"{changes} {'has' if len(changes.words) == 1 else 'have'} changed since it was approved"
    if case.policy.unsure == "leave":
        again = (case.wanted("poll", planned.send_at, case.now()),)
        said = f"It stays scheduled, as the policy says, though {what}; it is judged anew."
        return Ending("done", reason=said, tell=case.tell(("unsure",), said), then=again, disapprove=True)
    # It was scheduled, and is to be so again when it is clear.
    again = (case.wanted("hook", planned.send_at, case.now()),)
    await case.act("revert", planned)
    said = f"It was taken out of the schedule: {what}. It is judged anew."
    return Ending(
        "done", action="revert", reason=said, tell=case.tell(("reverted", "unsure"), said), then=again, disapprove=True
    )


async def _gone(case: Case, approval: Approval | None, planned: Planned) -> Ending:
    """It goes out: as approved, or otherwise."""
    changes = compare(approval, planned, drift=case.policy.drift) if approval else Changes()
    if approval is not None and not changes.grave:
        return Ending("done", reason="It went out as it was approved.")
    if approval is None and planned.status == "sending" and case.policy.held != case.policy.unsure:
        again = (case.wanted("poll", planned.send_at, case.now()),)
        return Ending("done", reason="It goes out and was not clear; what is done depends on why.", then=again)
    why = f"{changes} changed since it was approved" if approval else "it was not clear"
    if planned.status == "sent" or case.policy.unsure == "leave":
        said = f"It goes out or has gone out, though {why}."
        return Ending("done", reason=said, tell=case.tell(("failed",), said))
    await case.act("revert", planned)
    said = f"It was stopped while it was being sent, for {why}."
    return Ending("done", action="revert", reason=said, tell=case.tell(("reverted", "failed"), said))


def _next(case: Case, planned: Planned, *, judge: bool = False) -> Ending:
    """Nothing is wrong: look again when the policy says so, and once more when it should have gone out."""
    now, send_at = case.now(), planned.send_at or case.job.send_at
    # What the policy leaves scheduled though it is not clear, need not be judged for ever.
    judge = judge and (send_at is None or now < send_at or not case.job.looks)
    then = (case.wanted("poll", planned.send_at, now),) if judge else ()
    if send_at is None:
        return Ending("done", reason="Its time is not known any more.", then=then)
    points = rechecks_of(case.policy, send_at, now)
    if points or now < send_at:
        due_at = min(points, default=send_at + AFTER)
        return Ending("waiting", due_at=due_at, attempts=0, looks=0, send_at=send_at, then=then)
    looks = case.job.looks + 1
    if planned.status not in GOING:
        return Ending("done", reason="Its time is over, and it was not scheduled.")
    if looks > LAST_LOOKS:
        said = "Its time is long over, but it has not gone out."
        return Ending("done", reason=said, tell=case.tell(("failed",), said))
    pause = min(LONGEST, AFTER * 2 ** min(looks - 1, 10))
    return Ending("waiting", due_at=now + pause, attempts=0, looks=looks, send_at=send_at, then=then)


async def unseen(case: Case, error: EspError) -> Ending:
    """It could not be looked at, or not be pulled back: try on until the send is near, then pull it back unseen.

    Raises:
        StoreError, LeaseLost: as above.
    """
    patience, now = case.desk.patience, case.now()
    send_at = (case.seen.send_at if case.seen else None) or case.job.send_at or now
    pause = patience.pause(case.job.attempts, error.retry_after)
    latest = send_at - patience.margin
    if not error.permanent and now + patience.first < latest:
        due_at = min(now + pause, max(latest, now + patience.first))
        return _another_time(case, due_at, error)
    if case.policy.unsure == "leave":
        said = f"It could not be looked at before its send ({error}); it stays as it is, as the policy says."
        tell = case.tell(("failed",), said)
        return Ending("failed", reason=said, error=str(error), tell=tell, then=_ahead(case, send_at))
    try:
        await case.revert_unseen(await case.call(case.desk.store.approval, case.job.esp, case.job.campaign_id))
    except EspError as second:
        return _helpless(case, error, second, send_at)
    said = f"It was taken out of the schedule, for it could not be looked at before its send ({error})."
    tell, then = case.tell(("reverted", "failed"), said), _ahead(case, send_at)
    return Ending("done", action="revert", reason=said, error=str(error), tell=tell, then=then, disapprove=True)


def _helpless(case: Case, error: EspError, second: EspError, send_at: datetime) -> Ending:
    patience, now = case.desk.patience, case.now()
    said = f"It could not be looked at before its send ({error}), nor pulled back ({second}). Look after it yourself."
    tell = case.tell(("failed",), said)
    if now > send_at + patience.margin or second.permanent:
        return Ending("failed", reason=said, error=str(error), tell=tell, then=_ahead(case, send_at))
    return replace(_another_time(case, now + patience.first, error), tell=tell)


def _another_time(case: Case, due_at: datetime, error: EspError) -> Ending:
    """To be tried again, however often: what ended well does not count for what ends the process."""
    return Ending("waiting", due_at=due_at, error=str(error), attempts=min(case.job.attempts, case.desk.patience.tries))


def _ahead(case: Case, send_at: datetime) -> tuple[Wanted, ...]:
    """The looks that are still to come before a send: a key may be mended, or somebody schedule it once more."""
    now = case.now()
    if now >= send_at:
        return ()
    due_at = min(rechecks_of(case.policy, send_at, now), default=send_at + AFTER)
    return (case.wanted("recheck", send_at, due_at),)
