"""A campaign that is about to be scheduled, or was: it is judged, and what follows is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mailcheck.gate.case import DEADLY, UNSEEN, Case
from mailcheck.gate.deciding import GOING, Decision, compare, decide, in_effect, summary
from mailcheck.gate.following import first_look
from mailcheck.gate.jobs import Intent
from mailcheck.gate.leasing import Ending
from mailcheck.gate.model import EspError, Judgement, Planned, VerdictWord
from mailcheck.gate.settings import Notice as Topic

_WHY_REVERTED: Mapping[VerdictWord, tuple[Topic, str]] = {
    "held": ("held", "it is held"),
    "unsure": ("unsure", "it could not be judged"),
    "clear": ("failed", "the gate could not do its work"),
}


async def gate(case: Case) -> Ending:
    """Judge a campaign and do what follows.

    Raises:
        StoreError, LeaseLost: nothing is lost, the job is taken up again.
    """
    if case.is_deadly:
        return await _give_up(case, DEADLY)
    try:
        return await _gate(case)
    except EspError as error:
        return await later(case, error)


async def _gate(case: Case) -> Ending:
    planned = await case.look()
    intents = await case.call(case.desk.store.intents, case.job.id)
    cut_off = {one.action: one for one in intents if one.digest == case.job.digest}
    if planned.status not in GOING and intents and _says_nothing_yet(case, intents[-1]):
        return await _was_reverted(case, intents[-1], planned)
    if "schedule" in cut_off and planned.status in GOING and await _is_another(case, planned):
        return await _taken_back(case, planned)
    if case.job.verdict is None or case.job.digest != planned.digest or await _superseded(case):
        judgement = await case.judge(planned)
        case.job = await case.call(case.desk.store.judged, case.job, planned, judgement, now=case.now())
    wished = case.job.kind == "hook"
    asked = case.job.send_at if wished else None
    decision = decide(case.job.verdict or "unsure", case.policy, planned, case.now(), wished=wished, asked=asked)
    if decision.action == "schedule":
        return await _schedule(case, decision)
    if decision.action == "revert":
        await case.act("revert", planned)
    else:
        decision = await _was_scheduled(case, cut_off.get("schedule"), decision)
    return _done(case, decision, planned)


def _says_nothing_yet(case: Case, last: Intent) -> bool:
    """Whether the campaign was pulled back for good, and whoever did so ended before people were told.

    It is not when it was found to be changed while it was scheduled: then it is judged anew.
    """
    for_good = last.digest == case.job.digest or last.outcome == UNSEEN
    return last.action == "revert" and (for_good or last.done_at is None)


async def _superseded(case: Case) -> bool:
    """Whether another job has judged the campaign since this one has found it clear: with another time, perhaps."""
    if case.job.verdict != "clear":
        return False
    approval = await case.call(case.desk.store.approval, case.job.esp, case.job.campaign_id)
    return approval is None or approval.digest != case.job.digest


async def _schedule(case: Case, decision: Decision) -> Ending:
    """Schedule what was judged, and nothing else: it is looked at before and after."""
    planned = await case.look()
    if planned.digest != case.job.digest:
        return await _again(case)
    after = await case.act("schedule", planned)
    return await _taken_back(case, after) if await _is_another(case, after) else _done(case, decision, after)


async def _is_another(case: Case, planned: Planned) -> bool:
    """Whether what is scheduled is not what was found clear."""
    approval = await case.call(case.desk.store.approval, case.job.esp, case.job.campaign_id)
    return approval is None or compare(approval, planned, drift=case.policy.drift).grave


async def _taken_back(case: Case, planned: Planned) -> Ending:
    """Take back what was changed in the moment in which it was scheduled, whatever the policy: the gate did that."""
    await case.act("revert", planned)
    return await _again(case)


async def _again(case: Case) -> Ending:
    if case.job.attempts >= case.desk.patience.tries:
        return await _give_up(case, EspError("it is changed again whenever it was judged"))
    return Ending("waiting", due_at=case.now(), reason="It was changed while it was judged, and is judged anew.")


async def _was_reverted(case: Case, intent: Intent, planned: Planned) -> Ending:
    """An earlier try was cut off when it had pulled the campaign back already."""
    await case.call(case.desk.store.acted, case.job, intent, "found done", now=case.now())
    topic, said = _WHY_REVERTED[case.job.verdict or "unsure"]
    decision = Decision("revert", f"It is taken out of the schedule, for {said}.", ("reverted", topic))
    ending = _done(case, decision, planned)
    if planned.digest == case.job.digest:
        return ending
    # Whoever has mended it meanwhile, and said so, was given this job, since it waited.
    return replace(ending, then=(*ending.then, case.wanted(case.job.kind, case.job.send_at, case.now())))


async def _was_scheduled(case: Case, intent: Intent | None, decision: Decision) -> Decision:
    """The same for one that had been scheduled."""
    planned = case.seen
    if (
        case.job.verdict != "clear"
        or intent is None
        or planned is None
        or not in_effect("schedule", planned, planned.send_at)
    ):
        return decision
    await case.call(case.desk.store.acted, case.job, intent, "found done", now=case.now())
    return replace(decision, action="schedule", reason="It is clear, and is scheduled.")


def _done(case: Case, decision: Decision, planned: Planned) -> Ending:
    job = case.job
    found = summary(Judgement(job.verdict or "unsure", reason=job.doubt, findings=job.findings))
    return Ending(
        "done",
        action=decision.action,
        reason=decision.reason,
        tell=case.tell(decision.topics, f"{decision.reason} The judgement: {found}."),
        then=first_look(case, planned),
    )


async def later(case: Case, error: EspError) -> Ending:
    """The sending service did not do what was asked: try again, until it is time to give up.

    Raises:
        StoreError, LeaseLost: as above.
    """
    patience, job, now = case.desk.patience, case.job, case.now()
    pause = patience.pause(job.attempts, error.retry_after)
    send_at = _send_at(case)
    near = send_at is not None and now < send_at and now + pause >= send_at - patience.margin
    if error.permanent or job.attempts >= patience.tries or near:
        return await _give_up(case, error)
    # Followed from now on, as far as its time is known: another try may see nothing of it, and not know its time.
    return Ending("waiting", due_at=now + pause, error=str(error), then=first_look(case, case.seen))


async def _give_up(case: Case, error: EspError) -> Ending:
    """Hold the campaign as well as that can be done, and tell people."""
    planned, job = case.seen, case.job
    if planned is not None and planned.status not in GOING:
        return _failed(case, error, f"The gate could not do its work ({error}); it is not scheduled.")
    held = job.verdict == "held" and planned is not None and planned.digest == job.digest
    if (case.policy.held if held else case.policy.unsure) == "leave":
        return _failed(case, error, f"The gate could not do its work ({error}); it stays as it is, as the policy says.")
    try:
        await case.revert_unseen()
    except EspError as second:
        return _not_even_that(case, error, second)
    said = f"It was taken out of the schedule, for the gate could not do its work ({error})."
    return replace(_failed(case, error, said), action="revert", tell=case.tell(("reverted", "failed"), said))


def _not_even_that(case: Case, error: EspError, second: EspError) -> Ending:
    said = f"The gate could not do its work ({error}), nor pull it back ({second}). Look after it yourself."
    send_at, patience, now = _send_at(case), case.desk.patience, case.now()
    ending = _failed(case, error, said)
    if send_at is None or now >= send_at or second.permanent:
        return ending
    # People know; it is tried on until the send, and the more often the nearer that is.
    pause = min(patience.pause(patience.tries, error.retry_after), max(patience.first, (send_at - now) / 10))
    due_at = now + pause
    return Ending("waiting", due_at=due_at, error=str(error), attempts=patience.tries, tell=ending.tell)


def _failed(case: Case, error: EspError, said: str) -> Ending:
    tell = case.tell(("failed",), said)
    return Ending("failed", reason=said, error=str(error), tell=tell, then=first_look(case, case.seen))


def _send_at(case: Case) -> datetime | None:
    return case.seen.send_at if case.seen else case.job.send_at
