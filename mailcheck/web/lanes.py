"""Taking turns: so many requests at a time in all, to a host, and to an address, and never two at once.

A host gets a few requests at first. Each good answer lets one more go out together, up to four times as many, for
a mail often has a hundred links to one shop; trouble halves the number. A host that asks for a pause gets one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

import msgspec
from msgspec import Struct

from mailcheck.web.policy import Policy

GROWTH = 4


class Lane(Struct):
    """The requests to one host, or to one address."""

    room: float
    most: float
    gap: float
    active: int = 0
    next_start: float = 0.0
    paused_until: float = 0.0
    waiting: deque[asyncio.Future[None]] = msgspec.field(default_factory=deque)

    async def enter(self) -> None:
        """Wait for a turn."""
        if self.active >= int(self.room) or self.waiting:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.waiting.append(turn)
            try:
                await turn
            except BaseException:
                if turn.done() and not turn.cancelled():
                    self.leave()  # the turn came and is given on
                raise
        else:
            self.active += 1
        now = asyncio.get_running_loop().time()
        start = max(now, self.next_start)
        self.next_start = start + self.gap
        if start > now or self.paused_until > now:
            try:
                await self._until(start)
            except BaseException:
                self.leave()
                raise

    async def _until(self, start: float) -> None:
        now = asyncio.get_running_loop().time
        while (wait := max(start, self.paused_until) - now()) > 0:
            await asyncio.sleep(wait)

    def leave(self) -> None:
        """Give the turn on."""
        self.active -= 1
        while self.waiting and self.active < int(self.room):
            turn = self.waiting.popleft()
            if not turn.done():
                self.active += 1
                turn.set_result(None)

    def went(self, *, well: bool) -> None:
        """Learn from an answer."""
        self.room = min(self.room + 1, self.most) if well else max(self.room / 2, 1.0)

    def pause(self, until: float) -> None:
        """Let nothing start before a time of the loop's clock."""
        self.paused_until = max(self.paused_until, until)


@dataclass(slots=True)
class Lanes:
    """Every lane of a run."""

    policy: Policy
    hosts: dict[str, Lane] = field(default_factory=dict)
    addresses: dict[str, Lane] = field(default_factory=dict)
    total: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.total = asyncio.Semaphore(self.policy.requests)

    def host(self, name: str) -> Lane:
        """The lane of a host and port."""
        lane = self.hosts.get(name)
        if lane is None:
            few = self.policy.per_host
            lane = self.hosts[name] = Lane(few, few * GROWTH, self.policy.gap)
        return lane

    def address(self, name: str) -> Lane:
        """The lane of an address and port: many names may lead to one machine."""
        lane = self.addresses.get(name)
        if lane is None:
            few = self.policy.per_host * GROWTH
            lane = self.addresses[name] = Lane(few, few, 0.0)
        return lane

    def turn(self, host: str, address: str) -> Turn:
        """A turn with a host at an address, to be entered with `async with`."""
        return Turn(self.host(host), self.address(address), self.total)


class Turn(Struct):
    """A turn with a host, its address and the run; taken in this order by all, so that nobody waits for ever."""

    lane: Lane
    machine: Lane
    total: asyncio.Semaphore

    async def __aenter__(self) -> Lane:
        await self.lane.enter()
        try:
            await self.machine.enter()
        except BaseException:
            self.lane.leave()
            raise
        try:
            await self.total.acquire()
        except BaseException:
            self._leave()
            raise
        return self.lane

    async def __aexit__(self, *_: object) -> None:
        self.total.release()
        self._leave()

    def _leave(self) -> None:
        self.machine.leave()
        self.lane.leave()
