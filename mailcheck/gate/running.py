"""Takes jobs through their steps: look, judge, decide, write down, act, look again, tell.

Every job begins with a look at the campaign as it is, wherever an earlier try ended: what was judged already is not
judged again, and what has taken effect already is not done again. So a sudden end leaves nothing to be repaired.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from datetime import datetime, timedelta

from mailcheck.crashes import describe
from mailcheck.gate.case import Case, Desk, Patience
from mailcheck.gate.following import follow, unseen
from mailcheck.gate.gating import gate, later
from mailcheck.gate.jobs import Job, LeaseLost, StoreError
from mailcheck.gate.leasing import Ending
from mailcheck.gate.model import EspError

__all__ = ["Desk", "Patience", "Runner"]

IDLE = 1.0
"""Seconds after which somebody who has nothing to do asks again."""
JUMP = timedelta(seconds=5)
"""A clock that was set back by more than this makes every followed campaign be looked at."""


class Runner:
    """Works on jobs; any number of them may work on one store.

        runner = Runner(Desk(store, esps, settings.policies, judges))
        await runner.run(lanes=4, stop=event)

    Args:
        desk: what it works with.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.trouble = ""
        self._bell = asyncio.Event()
        self._last: tuple[datetime, float] | None = None

    def ring(self) -> None:
        """Say that there is something to do, so that nobody waits for the next look at the queue."""
        self._bell.set()

    async def run(self, *, lanes: int, stop: asyncio.Event) -> None:
        """Work on so many jobs at a time until somebody says stop; what is in hand then is brought to its end.

        A store that cannot be used is tried again; what the trouble is stands in `trouble`.
        """
        await asyncio.gather(*(self._lane(stop) for _ in range(lanes)))

    async def _lane(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                busy = await self.step()
                self.trouble = ""
            except StoreError as error:
                self.trouble, busy = str(error), False
            if not busy:
                await self._idle(stop)

    async def _idle(self, stop: asyncio.Event) -> None:
        self._bell.clear()
        waiting = [asyncio.ensure_future(one.wait()) for one in (self._bell, stop)]
        try:
            await asyncio.wait(waiting, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def step(self) -> bool:
        """Take up one job, and bring it to its end or put it off; whether there was one.

        Raises:
            StoreError: the store cannot be used; whatever was in hand is taken up again later.
        """
        await self._mind_the_clock()
        desk = self.desk
        job = await desk.aside(desk.store.lease, self.owner, now=desk.clock(), for_=desk.patience.lease)
        if not isinstance(job, Job):
            return False
        case = Case(desk, job)
        beating = asyncio.create_task(self._beat(case))
        try:
            ending = await self._carried_on(case)
            await case.call(desk.store.finish, case.job, ending, now=desk.clock())
        except LeaseLost:
            pass  # whoever has it now begins with a look
        finally:
            beating.cancel()
        return True

    async def _carried_on(self, case: Case) -> Ending:
        following = case.job.kind == "recheck"
        try:
            return await (follow(case) if following else gate(case))
        except (StoreError, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not let a campaign through
            fault = EspError(f"mailcheck failed: {describe(error)}")
        try:
            return await (unseen(case, fault) if following else later(case, fault))
        except (StoreError, LeaseLost):
            raise
        except Exception:  # noqa: BLE001 - as above
            tell = case.tell(("failed",), f"{fault}. Look after it yourself.")
            return Ending("failed", reason=str(fault), error=str(fault), tell=tell)

    async def _beat(self, case: Case) -> None:
        """Give signs of life while a job is in hand."""
        while True:
            await asyncio.sleep(case.desk.patience.lease.total_seconds() / 4)
            try:
                await case.call(case.desk.store.heartbeat, case.job)
            except LeaseLost:
                case.lost = True
                return
            except StoreError:
                continue

    async def _mind_the_clock(self) -> None:
        """After a start, and when the clock was set back: nothing may wait for a time that the old clock meant."""
        desk = self.desk
        now, tick = desk.clock(), desk.monotonic()
        last, self._last = self._last, (now, tick)
        if last is not None and now - last[0] > timedelta(seconds=tick - last[1]) - JUMP:
            return
        with contextlib.suppress(StoreError):
            await desk.aside(desk.store.wake, now, beyond=desk.patience.most)
            return
        self._last = None
