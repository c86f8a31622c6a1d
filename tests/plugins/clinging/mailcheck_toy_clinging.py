"""An async rule that waits for ever and will not be cancelled."""

import asyncio

from mailcheck import AsyncProblems, Message, Problem, rule


@rule()
async def cling(message: Message) -> AsyncProblems:
    """Waits for ever, whatever one says."""
    while message:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
    yield Problem("never")
