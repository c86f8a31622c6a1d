"""An event loop for async rules that no rule can end and no leftover task can keep open."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from mailcheck.report import CampaignReport, Finding

T = TypeVar("T")

LAST_CALLS = 100
"""How often leftover tasks may interrupt the loop before it is closed over their heads."""

STRAY_EXIT = (
    "Something that an async rule started by itself tried to end the program (SystemExit), "
    "so it is not known what else was not done; look at the async rules of your plug-ins."
)


def run_bounded(work: Coroutine[object, object, CampaignReport]) -> CampaignReport:
    """Run a judgement on a loop of its own, which no rule can end and no leftover task can keep open.

    A rule may start tasks and callbacks of its own. One that raises `SystemExit` or stops the loop would
    end the program, perhaps with exit code 0, so the loop goes on and the report says it.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        work.close()
        raise RuntimeError("an event loop is already running here; use `await mailcheck.acheck(...)`")
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
    report = task.result()
    return report.model_copy(update={"findings": (_stray_exit(), *report.findings)}) if exits else report


def _interrupted(loop: asyncio.AbstractEventLoop, task: asyncio.Future[T]) -> int:
    """Let the loop run until the task is done; 1 when something in it called exit, else 0."""
    try:
        loop.run_until_complete(task)
    except SystemExit:
        return 1
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
    await asyncio.wait(leftover, timeout=0.2)


def _stray_exit() -> Finding:
    return Finding(rule="engine/exit", severity="error", message=STRAY_EXIT, plugin="mailcheck", blocking=True)
