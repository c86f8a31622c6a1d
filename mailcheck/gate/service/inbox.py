"""Keeps webhooks: those that come while others are being written go into the next step together.

What a disk takes its time for is the end of a transaction, not what is in it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from mailcheck.gate.jobs import Accepted, Hook, QueueFull, StoreError
from mailcheck.gate.service.problems import Refusal
from mailcheck.gate.store import Store

TOGETHER = 64
"""Most webhooks in one transaction."""
WAITING = 256
"""Webhooks that may wait for it; more would be answered too late."""


@dataclass(slots=True)
class Inbox:
    """The way of webhooks into the store. Belongs to one event loop.

    Args:
        writer: the thread that writes.
    """

    store: Store
    writer: ThreadPoolExecutor
    now: Callable[[], datetime]
    waiting: deque[tuple[Hook, asyncio.Future[Accepted | QueueFull]]] = field(default_factory=deque)
    writing: asyncio.Task[None] | None = None

    async def accept(self, hook: Hook) -> Accepted:
        """Keep a webhook; when this returns, it is on the disk.

        Raises:
            QueueFull: there is no room for its jobs.
            Refusal: 503; the store cannot be used, or too many wait for it.
        """
        if len(self.waiting) >= WAITING:
            raise Refusal(503, "too many webhooks are coming at the same time; try again", {"Retry-After": "2"})
        answer: asyncio.Future[Accepted | QueueFull] = asyncio.get_running_loop().create_future()
        self.waiting.append((hook, answer))
        if self.writing is None or self.writing.done():
            self.writing = asyncio.create_task(self._write())
        # Whoever goes away meanwhile takes nothing back: it is kept, and the repetition gets the same answer.
        found = await answer
        if isinstance(found, QueueFull):
            raise found
        return found

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting:
            some = [self.waiting.popleft() for _ in range(min(TOGETHER, len(self.waiting)))]
            accept = partial(self.store.accept_each, [hook for hook, _ in some], now=self.now())
            try:
                found = await loop.run_in_executor(self.writer, accept)
            except BaseException as error:
                _fail([answer for _, answer in some], error)
                if not isinstance(error, Exception):
                    raise
                continue
            for (_, answer), one in zip(some, found, strict=True):
                if not answer.done():
                    answer.set_result(one)


def _fail(answers: list[asyncio.Future[Accepted | QueueFull]], error: BaseException) -> None:
    told: BaseException = error
    if isinstance(error, StoreError) or not isinstance(error, Exception):
        told = Refusal(503, "the store cannot be used now; try again", {"Retry-After": "10"})
    for answer in answers:
        if not answer.done():
            answer.set_exception(told)
