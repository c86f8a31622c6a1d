"""The client: guard, cache, turns, patience and judgement in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mailcheck.urls import Url
from mailcheck.web.answers import PAGE_BYTES, Answer, Failure, Forbid, Verdict
from mailcheck.web.chain import Fetcher
from mailcheck.web.guard import admitted
from mailcheck.web.judging import judge
from mailcheck.web.lanes import Lanes
from mailcheck.web.once import once
from mailcheck.web.policy import Policy
from mailcheck.web.resolving import Resolver, SystemResolver
from mailcheck.web.retrying import patiently

if TYPE_CHECKING:
    from mailcheck.web.cache import Cache  # sqlite3 is imported only where a cache was asked for

KEPT_BYTES = 32 * 1024 * 1024
"""Bodies that are kept for a second question; beyond it they are fetched again."""

Key = tuple[str, int, Forbid | None]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Client:
    """`mailcheck.web.answers.Web`. One for a campaign, used on one event loop.

    Args:
        policy: what may be requested, and how.
        resolver: names to addresses.
        cache: verdicts of earlier runs, or `None`.
        now: the time, for certificates.
    """

    policy: Policy = field(default_factory=Policy)
    resolver: Resolver = field(default_factory=SystemResolver)
    cache: Cache | None = None
    now: Callable[[], datetime] = _now
    _fetcher: Fetcher = field(init=False)
    _asked: dict[Key, asyncio.Future[Answer]] = field(default_factory=dict, init=False)
    _judged: dict[Key, asyncio.Future[Verdict]] = field(default_factory=dict, init=False)
    _room: int = field(default=KEPT_BYTES, init=False)
    _deadline: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._fetcher = Fetcher(self.policy, self.resolver, Lanes(self.policy))

    async def check(self, url: str, *, forbid: Forbid | None = None) -> Verdict:
        found = self._admitted(url, forbid)
        if isinstance(found, Failure):
            return judge(Answer(url, failure=found), self.policy, self.now())
        key = (found.normal, PAGE_BYTES, forbid)
        verdict = await once(self._judged, key, lambda: self._verdict(found, forbid))
        answer = verdict.answer
        if answer is None or answer.url == url:
            return verdict
        return replace(verdict, answer=replace(answer, url=url))

    async def fetch(self, url: str, *, limit: int = PAGE_BYTES, forbid: Forbid | None = None) -> Answer:
        found = self._admitted(url, forbid)
        if isinstance(found, Failure):
            return Answer(url, failure=found)
        key = (found.normal, limit, forbid)
        answer = await once(self._asked, key, lambda: self._answer(found, limit, forbid, is_page=False))
        self._keep(key, answer)
        return answer if answer.url == url else replace(answer, url=url)

    def judge(self, answer: Answer) -> Verdict:
        return judge(answer, self.policy, self.now())

    def _admitted(self, text: str, forbid: Forbid | None) -> Url | Failure:
        """What is decided without a packet, and without a turn."""
        found = admitted(text, self.policy)
        if isinstance(found, Failure):
            return found
        if self.policy.is_never(found):
            return Failure("not-requested", "The settings say that this is never requested (web.never).")
        reason = forbid(found) if forbid is not None and not self.policy.is_check(found) else None
        return Failure("not-requested", reason) if reason else found

    async def _verdict(self, url: Url, forbid: Forbid | None) -> Verdict:
        known = self.cache.get(url.normal) if self.cache is not None else None
        if known is not None:
            return known
        verdict = judge(await self._answer(url, PAGE_BYTES, forbid, is_page=True), self.policy, self.now())
        if self.cache is not None:
            self.cache.put(url.normal, verdict)
        return verdict

    async def _answer(self, url: Url, limit: int, forbid: Forbid | None, *, is_page: bool) -> Answer:
        clock = asyncio.get_running_loop().time
        if self._deadline is None:
            self._deadline = clock() + self.policy.deadline
        try:
            async with asyncio.timeout_at(self._deadline):
                return await patiently(
                    lambda: self._fetcher.chain(url, limit=limit, forbid=forbid, is_page=is_page), self.policy
                )
        except TimeoutError:
            seconds = f"{self.policy.deadline:g} s"
            return Answer(
                url.text, failure=Failure("deadline", f"There was no answer within {seconds} (web.deadline).")
            )

    def _keep(self, key: Key, answer: Answer) -> None:
        """Keep an answer for a second question while there is room for its body."""
        if key not in self._asked:
            return
        if len(answer.body) > self._room:
            del self._asked[key]
        else:
            self._room -= len(answer.body)
