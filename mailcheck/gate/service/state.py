"""What the routes work with, and who may use them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ParamSpec, Protocol, TypeVar

from fastapi import Request

from mailcheck.gate.jobs import StoreError
from mailcheck.gate.judging import JudgeRequest
from mailcheck.gate.links import KEY, ReportLinks
from mailcheck.gate.model import Esp, Judgement
from mailcheck.gate.service.bodies import Intake
from mailcheck.gate.service.inbox import Inbox
from mailcheck.gate.service.metrics import Metrics
from mailcheck.gate.service.problems import Refusal
from mailcheck.gate.settings import GateSettings
from mailcheck.gate.signatures import Headers, Verifier, is_local, nobody, verifier
from mailcheck.gate.store import Store

P = ParamSpec("P")
R = TypeVar("R")

HOOK_BYTES = 1024 * 1024
"""Of one webhook; those of Standard Webhooks have 20 kB, and SendGrid's batches are below 768 KB."""
BODIES = 8
"""How many of the largest bodies may be in memory at a time."""


class Judging(Protocol):
    """What judges: `mailcheck.gate.judging.Judges`."""

    @property
    def ready(self) -> bool:
        """Whether judgements are possible now."""
        ...

    async def judge(self, request: JudgeRequest) -> Judgement:
        """The judgement of a campaign; it never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """The work on the jobs, as the door sees it.

    Args:
        goes_on: whether they are worked on.
        ring: says that there is a new one.
    """

    goes_on: Callable[[], bool] = lambda: True
    ring: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who may call `/v1/hooks/NAME`."""

    verify: Verifier
    esp: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a request may need, made before the first one comes.

    Args:
        judges: judge what `/v1/check` is sent.
        esps: the connections of the settings, by name.
        work: on the jobs.
        links: to reports, which open them without the token.
        checks: how many checks may be under way.
        writer: the one thread of this process that writes; writers in several threads would wait for one another.
        inbox: where webhooks are kept, several in one step.
    """

    settings: GateSettings
    store: Store
    judges: Judging
    esps: Mapping[str, Esp]
    work: Work
    senders: Mapping[str, Sender]
    token: bytes | None
    links: ReportLinks
    intake: Intake
    checks: asyncio.Semaphore
    writer: ThreadPoolExecutor
    inbox: Inbox
    now: Callable[[], datetime]
    nobody: Sender = field(default_factory=lambda: Sender(nobody()))
    metrics: Metrics = field(default_factory=Metrics)

    @classmethod
    def make(
        cls,
        settings: GateSettings,
        store: Store,
        judges: Judging,
        esps: Mapping[str, Esp],
        *,
        work: Work | None = None,
        writer: ThreadPoolExecutor | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> State:
        """Read the secrets and prepare the keys.

        Raises:
            ValueError: a secret is not there, or cannot be used.
        """
        token = None if settings.token is None else _hash(settings.token.read().get_secret_value().encode())
        writer = writer or new_writer()
        inbox = Inbox(store, writer, now)
        intake = Intake(BODIES * settings.body_bytes)
        checks = asyncio.Semaphore(2 * settings.judge.workers)
        senders = senders_of(settings)
        links, work = ReportLinks.of(settings), work or Work()
        return cls(settings, store, judges, esps, work, senders, token, links, intake, checks, writer, inbox, now)

    async def writing(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the store that writes.

        Raises:
            Refusal: 503; the store cannot be used.
        """
        return await self._using(self.writer, function, *args, **kwargs)

    async def reading(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the store that reads.

        Raises:
            Refusal: 503; the store cannot be used.
        """
        return await self._using(None, function, *args, **kwargs)

    async def _using(
        self, executor: ThreadPoolExecutor | None, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(executor, lambda: function(*args, **kwargs))
        except StoreError:
            raise Refusal(503, "the store cannot be used now; try again", {"Retry-After": "10"}) from None

    def admit_reader(self, request: Request, report_id: str) -> None:
        """Let in who has the link to a report; demand the bearer token of everybody else.

        Raises:
            Refusal: 401.
        """
        keys = request.query_params.getlist(KEY)
        if len(keys) != 1 or not self.links.opens(keys[0], report_id):
            self.admit(request)

    def admit(self, request: Request) -> None:
        """Demand the bearer token; without one, that a program on this machine asks.

        Raises:
            Refusal: 401.
        """
        headers: Headers = request.headers.raw
        if self.token is None:
            if not is_local(headers):
                raise Refusal(401, "this door is for programs on this machine only", {"WWW-Authenticate": "Bearer"})
            return
        given = [value for name, value in headers if name == b"authorization"]
        scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        right = hmac.compare_digest(_hash(token.strip(b" ")), self.token)
        if not right or scheme.lower() != b"bearer":
            raise Refusal(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})


def new_writer() -> ThreadPoolExecutor:
    """The thread that writes."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="gate-writer")


def senders_of(settings: GateSettings) -> dict[str, Sender]:
    """The senders with their keys.

    Raises:
        ValueError: a secret is not there, or cannot be used; says of whom.
    """
    found = {}
    for name, table in settings.senders.items():
        try:
            secrets = [secret.read().get_secret_value() for secret in table.secrets]
            verify = verifier(table.scheme, secrets, table.user)
        except ValueError as error:
            raise ValueError(f"senders.{name}: {error}") from None
        found[name] = Sender(verify, table.esp, settings.esps[table.esp].policy)
    return found


def _hash(data: bytes) -> bytes:
    """Of one length, so that comparing tells nothing of that of the token."""
    return hashlib.sha256(data).digest()
