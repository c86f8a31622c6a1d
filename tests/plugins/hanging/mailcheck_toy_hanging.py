"""An async rule that waits for ever."""

import asyncio

from mailcheck import AsyncProblems, Message, Problem, rule


@rule()
async def hang(message: Message) -> AsyncProblems:
    """Waits for ever."""
    await asyncio.Event().wait()
    yield Problem("never", at=message.subject)
