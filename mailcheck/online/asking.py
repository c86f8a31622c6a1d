"""Asks for every address of a message at the same time, once, however many rules want to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mailcheck.content.image_files import ImageFile
from mailcheck.content.links import Link
from mailcheck.online.pictures import file_of
from mailcheck.online.plan import Plan, Question, Unasked
from mailcheck.rule import Unusable
from mailcheck.run import Progress
from mailcheck.web.answers import IMAGE_BYTES, PAGE_BYTES, Verdict, Web

if TYPE_CHECKING:
    import asyncio

STEP = 0.2
"""Seconds between two words about how far it is."""

_OURS = {
    "dns": "the DNS did not answer",
    "unreachable": "there was no way to the server",
    "timeout": "the server did not answer",
    "deadline": "the time was up (web.deadline)",
}
_UNSENT = frozenset(("invalid-url", "sloppy-url", "userinfo", "port", "special-use-name", "private-address"))


class Checked(Struct, frozen=True, eq=False):
    """What became of one address.

    Args:
        question: the address, and where it stands.
        verdict: on it.
        file: what came for a picture; `None` for pages, and where nothing came.
    """

    question: Question
    verdict: Verdict
    file: ImageFile | None = None

    @property
    def links(self) -> tuple[Link, ...]:
        return self.question.links

    @property
    def first(self) -> Link:
        """The first place where it stands."""
        return self.question.links[0]

    @property
    def refused(self) -> bool:
        """Whether the address itself was enough to refuse it, so that no server was asked."""
        answer = self.verdict.answer
        return self.verdict.reason in _UNSENT and (answer is None or not answer.hops)

    @property
    def is_late(self) -> bool:
        """Whether the time of the run was up before there was an answer."""
        return self.verdict.reason == "deadline"

    @property
    def unasked(self) -> Unasked | None:
        """Why it was not requested; `None` when it was."""
        if self.verdict.state != "not-requested":
            return None
        if self.verdict.answer is not None and self.verdict.answer.hops:
            return "redirect"
        return "settings" if self.question.effect is None else self.question.effect.sort


@dataclass(slots=True, eq=False)
class LinkChecks:
    """The addresses of a message, checked when the first rule wants to know.

    Args:
        plan: what is asked.
        web: who is asked.
        is_gate: a send depends on it, so that what was not asked for want of time may not pass.
    """

    plan: Plan
    web: Web
    is_gate: bool = False
    _progress: Progress | None = field(default=None, repr=False)
    _asking: asyncio.Future[tuple[Checked, ...]] | None = field(default=None, init=False, repr=False)

    async def all(self) -> tuple[Checked, ...]:
        """Every address in the order of the message, also those that were not requested.

        Raises:
            Unusable: nobody answered at all, so nothing is known of any.
        """
        import asyncio  # offline runs do without it

        if self._asking is None:
            self._asking = asyncio.ensure_future(self._ask_all())
        found = await asyncio.shield(self._asking)
        outage = _outage(found)
        if outage:
            raise Unusable(outage)
        return found

    async def links(self) -> tuple[Checked, ...]:
        """Those that readers follow.

        Raises:
            Unusable: as `all`.
        """
        return tuple(one for one in await self.all() if one.question.page)

    async def pictures(self) -> tuple[Checked, ...]:
        """Those that clients load as pictures.

        Raises:
            Unusable: as `all`.
        """
        return tuple(one for one in await self.all() if one.question.picture)

    async def unasked(self) -> Mapping[Unasked, int]:
        """How many addresses were not requested, by reason, the most frequent first.

        Raises:
            Unusable: as `all`.
        """
        counted = Counter(self.plan.unasked)
        counted.update(one.unasked for one in await self.all() if one.unasked is not None)
        return dict(counted.most_common())

    async def finish(self) -> None:
        """To be called by a rule that has told what it knows, lest it pass what nobody looked at.

        Raises:
            Unusable: before a send, the time was up before all addresses had been checked.
        """
        if not self.is_gate:
            return
        asked = [one for one in await self.all() if one.verdict.state != "not-requested"]
        late = sum(one.is_late for one in asked)
        if late:
            many = f"{late:,} of {len(asked):,} addresses" if len(asked) > 1 else "the only address"
            were, them = ("was", "it") if late == 1 else ("were", "them")
            raise Unusable(
                f"{many} {were} not checked before the time was up, so nothing is known of {them}; "
                "check again, or give it more time (web.deadline and rule_timeout)"
            )

    def close(self) -> None:
        """Ask no further."""
        asking = self._asking
        if asking is not None and not asking.done() and not asking.get_loop().is_closed():
            asking.cancel()

    async def _ask_all(self) -> tuple[Checked, ...]:
        import asyncio

        tasks = [asyncio.ensure_future(self._ask(one)) for one in self.plan.questions]
        pending = set(tasks)
        try:
            while pending:
                _, pending = await asyncio.wait(pending, timeout=STEP if self._progress else None)
                if self._progress:
                    self._progress(len(tasks) - len(pending), len(tasks))
        finally:
            for task in pending:
                task.cancel()
        return tuple(task.result() for task in tasks)

    async def _ask(self, question: Question) -> Checked:
        guard = self.plan.pages if question.page else self.plan.pictures
        if not question.picture:
            return Checked(question, await self.web.check(question.url, forbid=guard))
        answer = await self.web.fetch(question.url, limit=IMAGE_BYTES, forbid=guard)
        verdict = self.web.judge(replace(answer, body=answer.body[:PAGE_BYTES]))
        file = file_of(answer) if verdict.state in ("ok", "suspect") else None
        return Checked(question, verdict, file)


def _outage(checked: Iterable[Checked]) -> str:
    """Why nothing is known of any address, for a sentence; empty when something is."""
    sent = [one for one in checked if one.verdict.state != "not-requested" and not one.refused]
    reasons = Counter(one.verdict.reason for one in sent)
    if not sent or not all(reason in _OURS for reason in reasons) or any(_answered(one) for one in sent):
        return ""
    hosts = {urlsplit(one.first.shape).hostname for one in sent}
    if len(hosts) < 2 and not reasons.keys() & {"dns", "unreachable"}:
        return ""  # one server that does not answer is no outage of the network
    why = ", ".join(f"{count} × {_OURS[reason]}" for reason, count in reasons.most_common())
    many = "the only address" if len(sent) == 1 else f"none of the {len(sent):,} addresses"
    could = "could not be checked" if len(sent) == 1 else "could be checked"
    return f"{many} of this mail {could} ({why}); look whether this machine may reach the web, or check --offline"


def _answered(one: Checked) -> bool:
    return one.verdict.cached or (one.verdict.answer is not None and bool(one.verdict.answer.hops))
