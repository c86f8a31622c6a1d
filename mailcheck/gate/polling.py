"""Scheduled campaigns are looked for at services that do not call: each becomes a job, unless one is there.

The job judges the campaign and does what the policy says; so what was scheduled past the gate is pulled back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from mailcheck.crashes import describe
from mailcheck.gate.jobs import QueueFull, StoreError, ToTell
from mailcheck.gate.model import Esp, EspError
from mailcheck.gate.settings import EspTable
from mailcheck.gate.store import Store

CALL = timedelta(minutes=5)
"""For the whole list of a service."""
SOON = timedelta(seconds=15)
"""Until it is asked again after something failed in passing; the pause doubles up to the interval."""
TELL_AFTER = 3
"""Failures in a row after which people are told: meanwhile something may go out unjudged."""


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class _Post:
    """How it goes with one connection."""

    due_at: datetime | None = None
    failures: int = 0
    since: datetime | None = None


@dataclass
class Poller:
    """Looks for scheduled campaigns.

    Args:
        esps: connections by name.
        tables: their settings; those without `poll` are left alone.
        ring: called when there may be new jobs, so that a worker need not wait for its next look.
    """

    store: Store
    esps: Mapping[str, Esp]
    tables: Mapping[str, EspTable]
    ring: Callable[[], None] = lambda: None
    clock: Callable[[], datetime] = _utc
    _posts: dict[str, _Post] = field(default_factory=dict, init=False, repr=False)

    @property
    def names(self) -> list[str]:
        """The connections that are polled."""
        return [name for name, table in self.tables.items() if table.poll is not None and name in self.esps]

    async def run(self, stop: asyncio.Event) -> None:
        """Look until somebody says stop."""
        await asyncio.gather(stop.wait(), *(self._watch(name, stop) for name in self.names))

    async def _watch(self, name: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            pause = await self.turn(name)
            try:
                await asyncio.wait_for(stop.wait(), pause.total_seconds())
            except TimeoutError:
                continue

    async def turn(self, name: str) -> timedelta:
        """Look once at one service, and tell of what lasts; how long to wait then."""
        post, every = self._posts.setdefault(name, _Post()), self.tables[name].poll or timedelta(minutes=5)
        try:
            await self.once(name)
        except (EspError, QueueFull, StoreError) as error:
            post.failures += 1
            post.since = post.since or self.clock()
            if post.failures == TELL_AFTER or (isinstance(error, EspError) and error.permanent):
                await self._tell(name, post, error)
            if isinstance(error, QueueFull):
                return min(every, timedelta(seconds=error.retry_after))
            asked = error.retry_after if isinstance(error, EspError) else None
            pause = max(SOON * (1 << min(post.failures - 1, 10)), timedelta(seconds=min(asked or 0, 3600)))
            return min(every, pause) if not asked else pause
        post.failures, post.since = 0, None
        return every

    async def once(self, name: str) -> int:
        """Make a job for every scheduled campaign of a service that has none, and look at those that were moved.

        Returns:
            how many jobs were made.

        Raises:
            EspError: the list could not be read; nothing is known of what is scheduled.
            QueueFull: there was no room for all of them.
            StoreError: the store cannot be used.
        """
        listed = await self._scheduled(name)
        try:
            policy, now = self.tables[name].policy, self.clock()
            return await asyncio.to_thread(bring_up, self.store, name, listed, policy=policy, now=now)
        finally:
            self.ring()

    async def _scheduled(self, name: str) -> Mapping[str, datetime | None]:
        try:
            async with asyncio.timeout(CALL.total_seconds()):
                return dict(await self.esps[name].scheduled())
        except EspError:
            raise
        except TimeoutError:
            raise EspError("the service did not give its list of scheduled campaigns in time") from None
        except Exception as error:
            raise EspError(f"the connection failed ({describe(error)})") from error

    async def _tell(self, name: str, post: _Post, error: Exception) -> None:
        """Tell people, once for as long as it lasts."""
        text = (
            f"The scheduled campaigns of {name} cannot be looked for ({error}). Until that works again, what is "
            "scheduled there goes out unjudged."
        )
        since = post.since.isoformat() if post.since else ""
        notice = ToTell("failed", name, "", f"connection {name}", text, self.tables[name].policy, digest=since)
        try:
            await asyncio.to_thread(partial(self.store.tell, notice, now=self.clock()))
        except StoreError:
            post.failures -= 1  # told at the next failure


def bring_up(store: Store, esp: str, listed: Mapping[str, datetime | None], *, policy: str, now: datetime) -> int:
    """Make a job for each scheduled campaign that has none, and look at once at what was moved; how many were made.

    A campaign that is followed for ten o'clock, and was moved to eight, would else go out before anybody looks.

    Raises:
        QueueFull: there was no room for all of them.
        StoreError: the store cannot be used.
    """
    store.hurry(esp, listed, now=now)
    followed = store.followed(esp, listed)
    missing = [one for one in listed if one not in followed]
    for campaign_id in missing:
        store.enqueue("poll", esp, campaign_id, policy=policy, now=now)
    return len(missing)
