"""Patience: what may be over in a moment is asked again, with a pause that the server can set."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from mailcheck.web.answers import Answer, FailureKind
from mailcheck.web.policy import Policy

# How often in all; what stands in neither table is final at once.
_TRIES: dict[FailureKind, int] = {"no-such-host": 2, "dns": 3, "refused": 3, "reset": 3, "timeout": 2, "tls": 2}
_BUSY = frozenset((408, 425, 429, 502, 503, 504))


def is_server_error(status: int) -> bool:
    """Whether a status says that the server failed, other than by asking for patience (503) or by a bot wall (999)."""
    return 500 <= status < 600 and status != 503


async def patiently(ask: Callable[[], Awaitable[Answer]], policy: Policy) -> Answer:
    """Ask until there is an answer that will not change, or patience ends."""
    clock = asyncio.get_running_loop().time
    began = clock()
    number = 1
    while True:
        last = clock()
        answer = await ask()
        if number > 1:
            answer = replace(answer, tries=number, span=last - began)
        if number >= policy.tries or not _may_pass(answer, number):
            return answer
        pause = _pause(answer, number, policy, clock() - began)
        if pause is None:
            return answer
        await asyncio.sleep(pause)
        number += 1


def _may_pass(answer: Answer, tries: int) -> bool:
    if answer.failure is not None:
        return tries < _TRIES.get(answer.failure.kind, 1)
    return answer.status in _BUSY or is_server_error(answer.status)


def _pause(answer: Answer, number: int, policy: Policy, passed: float) -> float | None:
    """Seconds until the next try; `None` when the server wants more than we have."""
    asked = answer.retry_after if answer.failure is None else None
    if asked is not None:
        return asked if asked <= policy.max_pause else None
    longest = policy.backoff[min(number, len(policy.backoff)) - 1]
    pause = random.uniform(longest / 4, longest)  # noqa: S311 - spreads tries, keeps no secret
    if answer.failure is None and is_server_error(answer.status) and number == policy.tries - 1:
        return max(pause, policy.error_span - passed)
    return pause
