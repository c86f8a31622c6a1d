"""What a rule that goes online asks for and gets: `Web`, `Verdict`, `Answer`, and `Dns`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from msgspec import Struct

from mailcheck.urls import Url
from mailcheck.values import Brief

State = Literal["ok", "broken", "suspect", "unverifiable", "not-requested"]

FailureKind = Literal[
    "invalid-url",
    "sloppy-url",
    "userinfo",
    "port",
    "special-use-name",
    "private-address",
    "not-requested",
    "no-such-host",
    "dns",
    "unreachable",
    "refused",
    "reset",
    "timeout",
    "deadline",
    "tls-expired",
    "tls-host",
    "tls-self-signed",
    "tls-incomplete-chain",
    "tls",
    "redirect-loop",
    "malformed",
]

Ended = Literal["whole", "cut", "short", "slow"]
"""How a body ended: read to its end; cut off by us, having enough; by the server, before its end; by the clock."""

Forbid = Callable[[Url], str | None]
"""Says why a URL must not be requested, or `None`."""

PAGE_BYTES = 64 * 1024
IMAGE_BYTES = 5 * 1024 * 1024


class Failure(Struct, frozen=True):
    """Why there is no answer. `message` is a sentence for marketers, without addresses of machines."""

    kind: FailureKind
    message: str


class Hop(Struct, frozen=True):
    """One request that was answered; `url` without its fragment."""

    url: str
    status: int


class Answer(Brief, frozen=True):
    """What came back for a URL.

    Args:
        url: as it was asked for.
        hops: every request that was answered, redirects first; a page that leads on by itself is one, with its status.
        failure: why the last request, or the next one, got none.
        headers: of the last answer, names in lower case.
        body: of the last answer, decompressed; no more than was asked for.
        ended: how the body ended.
        certificate_ends: when the first certificate on the way ends; `None` without https.
        notes: what a browser forgives (`malformed`, `slow`, `short`, `undecodable`), and `parking`: the address is
            that of a company which parks domains.
        tries: how often it was asked for.
        span: seconds between the first try and the last.
        retry_after: seconds for which the server asked us to wait, when it did.
    """

    unshown: ClassVar[tuple[str, ...]] = ("headers", "body")

    url: str
    hops: tuple[Hop, ...] = ()
    failure: Failure | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    ended: Ended = "whole"
    certificate_ends: datetime | None = None
    notes: tuple[str, ...] = ()
    tries: int = 1
    span: float = 0.0
    retry_after: float | None = None

    @property
    def status(self) -> int:
        """The last status, or 0 without an answer."""
        return self.hops[-1].status if self.hops else 0

    @property
    def final_url(self) -> str:
        """The last URL that answered, without its fragment; empty without an answer."""
        return self.hops[-1].url if self.hops else ""

    @property
    def redirected(self) -> bool:
        return len(self.hops) > 1

    @property
    def content_type(self) -> str:
        """Media type in lower case, without parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """The first header of a name in lower case; empty without."""
        return next((value for known, value in self.headers if known == name), "")


class Verdict(Struct, frozen=True):
    """What is to be thought of a link.

    Args:
        state: only `broken` is certain to be dead; `unverifiable` was asked and said nothing that counts.
        reason: a word for machines: a `FailureKind`, `status`, `soft-404`, `login`, `home`, `parked`,
            `bot-wall`, `certificate-ends` …
        message: one sentence for marketers.
        answer: what it rests on, its body left out; `None` when nothing was asked.
        cached: whether it is from an earlier run.
    """

    state: State
    reason: str
    message: str
    answer: Answer | None = None
    cached: bool = False


class Web(Protocol):
    """Guarded HTTP. Neither method raises for anything that a server or a URL can do.

    Equal URLs are asked for once in a run, at most `deadline` seconds after the first question.
    """

    async def check(self, url: str, *, forbid: Forbid | None = None) -> Verdict:
        """The verdict on a link.

        Args:
            url: absolute, http or https.
            forbid: asked about the URL and every one that it redirects to, unless the settings say `check`. Always
                give the same function: another one is another question.
        """
        ...

    async def fetch(self, url: str, *, limit: int = PAGE_BYTES, forbid: Forbid | None = None) -> Answer:
        """What a URL answers, at most `limit` bytes of it."""
        ...

    def judge(self, answer: Answer) -> Verdict:
        """The verdict on what `fetch` brought, without another request. `check` is both, with a cache."""
        ...


class Dns(Protocol):
    """Questions to the DNS. A name that is not there is an empty answer."""

    async def addresses(self, host: str) -> tuple[str, ...]:
        """The IP addresses of a host.

        Raises:
            DnsUnsure: nobody answered.
        """
        ...

    async def records(self, name: str, kind: Literal["MX", "TXT", "NS", "CNAME"]) -> tuple[str, ...]:
        """Records as text; of MX the host, without its preference, best first.

        Raises:
            DnsUnsure: nobody answered.
        """
        ...


class DnsUnsure(Exception):  # noqa: N818 - an ending: the question is open
    """The DNS did not answer; the text says so."""
