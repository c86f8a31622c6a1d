"""A web that says what a test wants: for the tests and examples of rules that go online."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from mailcheck.urls import InvalidUrl, parse
from mailcheck.web.answers import PAGE_BYTES, Answer, Failure, Forbid, Hop, Verdict
from mailcheck.web.judging import judge
from mailcheck.web.policy import Policy


class Recorded(Struct, frozen=True):
    """`mailcheck.web.answers.Web` without any network.

    Args:
        verdicts, answers: by URL; the ones that are not there are `ok`, an empty page.
    """

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)

    async def check(self, url: str, *, forbid: Forbid | None = None) -> Verdict:
        reason = _forbidden(url, forbid)
        if reason:
            return Verdict("not-requested", "not-requested", reason)
        return self.verdicts.get(url) or Verdict("ok", "status", "Answers.", self._answer(url))

    async def fetch(self, url: str, *, limit: int = PAGE_BYTES, forbid: Forbid | None = None) -> Answer:
        reason = _forbidden(url, forbid)
        if reason:
            return Answer(url, failure=Failure("not-requested", reason))
        answer = self._answer(url)
        return replace(answer, body=answer.body[:limit])

    def judge(self, answer: Answer) -> Verdict:
        return self.verdicts.get(answer.url) or judge(answer, Policy(), datetime.now(UTC))

    def _answer(self, url: str) -> Answer:
        return self.answers.get(url) or Answer(url, (Hop(url, 200),), headers=(("content-type", "text/html"),))


def _forbidden(url: str, forbid: Forbid | None) -> str | None:
    try:
        return forbid(parse(url)) if forbid is not None else None
    except InvalidUrl:
        return None
