"""An event loop for async rules that no rule can end and no leftover task can keep open."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

LAST_CALLS = 100
"""How often leftover tasks may interrupt the loop before it is closed over their heads."""
PAUSE = 0.2
"""Seconds that leftover tasks get to end themselves."""


def refuse_running_loop() -> None:
    """Raise `RuntimeError` where an event loop is already running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("an event loop is already running here; use `await mailcheck.acheck(...)`")


def run_bounded(work: Coroutine[object, object, None]) -> int:
    """Run something to its end on a loop of its own.

    A rule may start tasks and callbacks of its own. One that raises `SystemExit`, stops the loop or cancels
    everything would end the program, perhaps with exit code 0, so the loop goes on.

    Returns:
        how often something in the loop tried to end the program.
    """
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)
    task = loop.create_task(work)
    exits = 0
    try:
        while not task.done():
            exits += _interrupted(loop, task)
    finally:
        exits += _abandon(loop)
        loop.close()
    if not task.cancelled():
        task.result()
    return exits


def _interrupted(loop: asyncio.AbstractEventLoop, task: asyncio.Future[None]) -> int:
    """Let the loop run until the task is done; 1 when something in it called exit, else 0."""
    try:
        loop.run_until_complete(task)
    except SystemExit:
        return 1
    except asyncio.CancelledError:
        return 0
    except RuntimeError:  # somebody stopped the loop
        if loop.is_closed():
            raise
    return 0


def _abandon(loop: asyncio.AbstractEventLoop) -> int:
    """Cancel what is left, and give it a moment to go; how often it called exit."""
    leftover = asyncio.all_tasks(loop)
    for task in leftover:
        task.cancel()
    if not leftover:
        return 0
    exits = 0
    going = loop.create_task(_pause(leftover))
    for _ in range(LAST_CALLS):
        if going.done():
            break
        exits += _interrupted(loop, going)
    return exits


async def _pause(leftover: set[asyncio.Task[object]]) -> None:
    await asyncio.wait(leftover, timeout=PAUSE)
