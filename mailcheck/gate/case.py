"""A job in hand: what it needs to be carried on, and the guarded ways to the sending service and the store."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

from mailcheck.crashes import describe
from mailcheck.gate.accepting import Wanted
from mailcheck.gate.deciding import GOING, effective, in_effect
from mailcheck.gate.jobs import Approval, Intent, Job, Kind, LeaseLost, ToTell
from mailcheck.gate.judging import JudgeRequest, Judging
from mailcheck.gate.model import Action, Esp, EspError, Judgement, Planned
from mailcheck.gate.settings import Notice as Topic
from mailcheck.gate.settings import PolicyTable
from mailcheck.gate.store import Store

P = ParamSpec("P")
T = TypeVar("T")

UNSEEN = "done, unseen"
"""How an action ended that was taken since a campaign could not be looked at."""

BEYOND = 3
"""How often more than the patience has it a job may be taken up: then something ends the process each time."""

DEADLY = EspError("each try has ended the process", permanent=True)
"""Why a campaign is given up that is not even looked at any more."""

Clock = Callable[[], datetime]
"""Gives the moment, with its zone."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what.

    Args:
        tries: after so many in vain a campaign is held, and people are told.
        first, most: between two tries; it doubles from the first to the most.
        call: for an answer of a sending service.
        lease: for a sign of life of whoever works on a job.
        margin: before its send, a campaign that cannot be looked at is pulled back.
    """

    tries: int = 12
    first: timedelta = timedelta(seconds=5)
    most: timedelta = timedelta(minutes=15)
    call: timedelta = timedelta(seconds=90)
    lease: timedelta = timedelta(seconds=30)
    margin: timedelta = timedelta(minutes=2)

    def pause(self, tries: int, asked: float | None = None) -> timedelta:
        """How long to wait after so many tries; `asked`: seconds that the other side asked for."""
        pause = min(self.most, self.first * float(1 << min(max(tries - 1, 0), 20)))
        return max(pause, timedelta(seconds=min(asked, 3600))) if asked else pause


def utc() -> datetime:
    """The moment."""
    return datetime.now(UTC)


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that may block."""
    return await asyncio.to_thread(function, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all jobs share.

    Args:
        monotonic: seconds of a clock that never jumps.
        aside: how a function of the store is called without holding up others.
    """

    store: Store
    esps: Mapping[str, Esp]
    policies: Mapping[str, PolicyTable]
    judging: Judging
    clock: Clock = utc
    monotonic: Callable[[], float] = time.monotonic
    patience: Patience = Patience()
    aside: Callable[..., Awaitable[object]] = in_thread


@dataclass(slots=True)
class Case:
    """A job in hand.

    Args:
        seen: the campaign at the last look.
        looked_at: when that began, by the monotonic clock.
        lost: whether somebody else was found to work on it.
    """

    desk: Desk
    job: Job
    seen: Planned | None = None
    looked_at: float = 0.0
    lost: bool = field(default=False)

    @property
    def policy(self) -> PolicyTable:
        """That of the job; one that is not known any more is the strictest."""
        return self.desk.policies.get(self.job.policy) or PolicyTable()

    @property
    def esp(self) -> Esp:
        """The connection to the sending service.

        Raises:
            EspError: it is not in the settings any more.
        """
        found = self.desk.esps.get(self.job.esp)
        if found is None:
            raise EspError(f"the connection {self.job.esp} is not in the settings any more", permanent=True)
        return found

    def now(self) -> datetime:
        """The moment."""
        return self.desk.clock()

    @property
    def is_deadly(self) -> bool:
        """Whether looking at the campaign seems to end the process, so that nobody looks any more."""
        return self.job.attempts > self.desk.patience.tries + BEYOND

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of the store.

        Raises:
            StoreError, LeaseLost: as the function does.
        """
        result: T = await self.desk.aside(function, *args, **kwargs)  # type: ignore[assignment]  # what the function gives, aside gives
        return result

    # the sending service

    async def look(self) -> Planned:
        """The campaign as it is now, with the time that was asked for where it has none.

        Raises:
            EspError: it cannot be read.
        """
        began = self.desk.monotonic()
        try:
            found = await self._asked(self.esp.fetch(self.job.campaign_id))
        except EspError as error:
            if error.seen is not None:
                self.seen = effective(error.seen, self.job.send_at if self.job.kind != "recheck" else None)
            raise
        if not isinstance(found, Planned) or (found.esp, found.campaign_id) != (self.job.esp, self.job.campaign_id):
            raise EspError("the sending service answered with something else than the campaign")
        try:
            planned = effective(found, self.job.send_at if self.job.kind != "recheck" else None)
            planned.digest  # noqa: B018 - what has none is no document
        except (TypeError, ValueError, RecursionError):
            raise EspError("the sending service answered with a campaign that is no JSON") from None
        self.seen, self.looked_at = planned, began
        return planned

    async def act(self, action: Action, planned: Planned) -> Planned:
        """Do it at the sending service, written down before and after; the campaign as it is then.

        Raises:
            EspError: it was not done, or that is not known.
            LeaseLost: the job is not ours any more; nothing was done.
        """
        intent = await self._act(action, planned, seen=True)
        after = await self.look()
        if not in_effect(action, after, planned.send_at):
            raise EspError("the sending service said yes, but nothing has changed")
        await self.call(self.desk.store.acted, self.job, intent, "done", now=self.now())
        return after

    async def revert_unseen(self, approval: Approval | None = None) -> None:
        """Take a campaign out of the schedule that cannot be looked at, neither before nor, perhaps, after.

        Raises:
            EspError: it was not done, or that is not known.
            LeaseLost: the job is not ours any more; nothing was done.
        """
        if self.job.attempts > self.desk.patience.tries + 2 * BEYOND:
            raise EspError("that has ended the process, too", permanent=True)
        planned = self.blind(approval)
        intent = await self._act("revert", planned)
        after = None
        with contextlib.suppress(EspError):
            after = await self.look() if not self.is_deadly else None
        if after is not None and not in_effect("revert", after, None):
            raise EspError("the sending service said yes, but nothing has changed")
        await self.call(self.desk.store.acted, self.job, intent, UNSEEN, now=self.now())

    async def _act(self, action: Action, planned: Planned, *, seen: bool = False) -> Intent:
        began = self.desk.monotonic()
        intent: Intent = await self.call(self.desk.store.intend, self.job, planned.digest, action, now=self.now())
        if self.lost or self.desk.monotonic() - began > self.desk.patience.lease.total_seconds() / 2:
            raise LeaseLost("it took too long to begin")
        if seen and self.desk.monotonic() - self.looked_at > self.desk.patience.lease.total_seconds():
            raise EspError("too much time has passed since the campaign was looked at")
        esp = self.esp
        try:
            await self._asked(esp.schedule(planned) if action == "schedule" else esp.revert(planned))
        except EspError as error:
            if error.unknown_outcome and self.seen is not None:
                self.seen = replace(self.seen, status="unknown")
            raise
        return intent

    async def _asked(self, answer: Awaitable[T]) -> T:
        """What a sending service answers; whatever it raises is an `EspError`."""
        try:
            async with asyncio.timeout(self.desk.patience.call.total_seconds()):
                return await answer
        except EspError:
            raise
        except TimeoutError:
            raise EspError("the sending service does not answer", unknown_outcome=True) from None
        except Exception as error:
            raise EspError(f"the connection failed ({describe(error)})", unknown_outcome=True) from error

    # the judgement

    async def judge(self, planned: Planned) -> Judgement:
        """Judge a campaign."""
        data = json.dumps(dict(planned.judged)).encode()
        return await self.desk.judging.judge(JudgeRequest(data, record=True))

    # what follows

    def blind(self, approval: Approval | None = None) -> Planned:
        """The campaign as far as it is known, for when it cannot be looked at."""
        if self.seen is not None:
            return self.seen
        name = approval.name if approval else ""
        version = approval.version if approval else None
        job = self.job
        return Planned(job.esp, job.campaign_id, name, "unknown", {}, version, job.send_at)

    def tell(self, topics: tuple[Topic, ...], text: str) -> tuple[ToTell, ...]:
        """What people are told: of the first of the topics that the policy has people told of."""
        topic: Topic | None = next((one for one in topics if one in self.policy.notify), None)
        if topic is None:
            return ()
        job, seen = self.job, self.seen
        name = (seen.name if seen else "") or job.campaign_id
        # The same content is told of anew when it is about to go out, and when it has gone out.
        digest = f"{job.digest or (seen.digest if seen else '')} {_going(seen)}"
        notice = ToTell(topic, job.esp, job.campaign_id, name, text, job.policy, job.id, job.report_id, digest)
        return (notice,)

    def wanted(self, kind: Kind, send_at: datetime | None, due_at: datetime) -> Wanted:
        """Another job for the same campaign."""
        sure = self.seen is not None
        return Wanted(kind, self.job.esp, self.job.campaign_id, self.job.policy, send_at, due_at, sure)


def _going(seen: Planned | None) -> str:
    status = seen.status if seen else "unknown"
    return "gone" if status in ("sending", "sent") else "going" if status in GOING else "off"
