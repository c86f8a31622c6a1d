"""One question, one request, however many ask: who asks first makes it, the others wait for what it brings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Key = TypeVar("Key")
Result = TypeVar("Result")


async def once(known: dict[Key, asyncio.Future[Result]], key: Key, make: Callable[[], Awaitable[Result]]) -> Result:
    """What is known under a key; made when it is not known yet.

    No task of its own is made for it, for that costs as much as the rest of a short request. So when the one who
    makes it is cancelled, or fails, the next of those who wait makes it anew.
    """
    while True:
        future = known.get(key)
        if future is None:
            return await _made(known, key, make)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not future.cancelled() or (task is not None and task.cancelling()):
                raise


async def _made(known: dict[Key, asyncio.Future[Result]], key: Key, make: Callable[[], Awaitable[Result]]) -> Result:
    future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    known[key] = future
    try:
        result = await make()
    except BaseException:
        if known.get(key) is future:
            del known[key]
        future.cancel()
        raise
    future.set_result(result)
    return result
