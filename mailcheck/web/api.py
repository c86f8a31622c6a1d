"""Requests to the API of one service: one base address out of the settings, and nothing outside of it.

The way to the network is that of the guarded client: a name is resolved once, only public addresses are connected
to, TLS is verified. No redirect is followed: it would take the key along.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar
from urllib.parse import quote, urlencode

from mailcheck.urls import Address, InvalidUrl, Url, parse
from mailcheck.values import Brief
from mailcheck.web.answers import Failure
from mailcheck.web.chain import retry_after
from mailcheck.web.connecting import ConnectFailed, Connection, connect, tls_context
from mailcheck.web.exchange import NoReply, Reply, exchange
from mailcheck.web.guard import refusal, refused_addresses
from mailcheck.web.policy import Policy
from mailcheck.web.resolving import NoAnswer, NoSuchHost, SystemResolver

ANSWER_BYTES = 8 * 1024 * 1024
"""Most bytes of an answer, unpacked."""
AT_A_TIME = 4
"""Requests to a service that are under way together."""
USER_AGENT = "mailcheck-gate"
_BUSY = (429, 503)
LONGEST_PAUSE = 30.0
"""Seconds for which no request is sent to a service that asked to be left alone, for however long it asked.

Whoever waits for longer must still be able to stop a campaign before its send."""


class ApiFailed(Exception):  # noqa: N818 - an ending, with what is known of it
    """There is no answer; the text is one sentence that names the host and no secret.

    Args:
        sent: the request left this machine, so that it may have been carried out.
        retry_after: seconds for which the service asked to be left alone.
        settings: it is the settings that are wrong: asking again cannot help.
    """

    def __init__(
        self, message: str, *, sent: bool = False, retry_after: float | None = None, settings: bool = False
    ) -> None:
        super().__init__(message)
        self.sent = sent
        self.retry_after = retry_after
        self.settings = settings


class ApiReply(Brief, frozen=True):
    """A whole answer. Names of headers are in lower case."""

    unshown: ClassVar[tuple[str, ...]] = ("body",)

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    retry_after: float | None = None


def path_of(template: str, *values: str) -> str:
    """A path with values in it that cannot leave their place: `path_of("/campaigns/{}", "1/2")`."""
    return template.format(*(quote(value, safe="") for value in values))


@dataclass
class ApiClient:
    """One service. Usable from any event loop, one at a time.

    Args:
        base: its address, `https://…`; a path in it stands before every path that is asked for.
        headers: what every request carries: the key.
        private: whether the operator vouches for the host: then it may be in a private network, and without TLS.
        seconds: for the connection, and again for the answer.
        ca_file: PEM file of authorities to trust besides those of the system.

    Raises:
        ApiFailed: the base address is none that may be used.
    """

    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    private: bool = False
    seconds: float = 30.0
    ca_file: str = ""
    _url: Url = field(init=False)
    _policy: Policy = field(init=False)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_A_TIME), init=False, repr=False)
    _free_at: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._url = _base(self.base, self.private)
        host = f"[{self._url.host}]" if ":" in self._url.host else self._url.host
        allow = (f"{host}:{self._url.port}",) if self.private else ()
        self._policy = Policy(allow=allow, user_agent=USER_AGENT, connect_timeout=min(self.seconds, 10.0))

    @property
    def host(self) -> str:
        """Its name, for people."""
        return self._url.unicode_host

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return tls_context(self.ca_file)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> ApiReply:
        """What the service answers, whatever its status.

        Args:
            path: below the base address; values in it come from `path_of`.
            headers: what only this request carries.

        Raises:
            ApiFailed: no whole answer came.
        """
        wait = self._free_at - time.monotonic()
        if wait > 0:
            raise ApiFailed(f"{self.host} asked to be left alone for a while", retry_after=wait)
        url = self._place(path, query)
        fields = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Connection": "close"}
        async with self._turns:
            reply = await self._exchanged(method, url, fields | dict(self.headers) | dict(headers or {}), body)
        pause = retry_after(reply)
        if pause is not None and reply.status in _BUSY:
            self._free_at = time.monotonic() + min(pause, LONGEST_PAUSE)
        return ApiReply(reply.status, reply.headers, bytes(reply.body), pause)

    def _place(self, path: str, query: Sequence[tuple[str, str]]) -> Url:
        asked = f"?{urlencode(query)}" if query else ""
        url = parse(f"{self._url.scheme}://{self._url.authority}{self._url.path.rstrip('/')}{path}{asked}")
        if url.authority != self._url.authority or not path.startswith("/"):
            raise ApiFailed(f"{path[:40]!r} leads out of {self.host}", settings=True)
        return url

    async def _exchanged(self, method: str, url: Url, headers: Mapping[str, str], body: bytes) -> Reply:
        connection = await self._connection(url)
        try:
            async with asyncio.timeout(self.seconds):
                reply = await exchange(
                    connection,
                    url,
                    headers,
                    limit=ANSWER_BYTES,
                    body_seconds=self.seconds,
                    method=method,
                    body=body,
                )
        except TimeoutError:
            raise ApiFailed(f"{self.host} did not answer within {self.seconds:g} s", sent=True) from None
        except NoReply as error:
            raise ApiFailed(_sentence(error.failure), sent=True) from None
        finally:
            connection.abort()
        if reply.ended != "whole" or reply.notes:
            raise ApiFailed(f"the answer of {self.host} did not arrive whole, or is too large", sent=True)
        return reply

    async def _connection(self, url: Url) -> Connection:
        context = self._context if url.scheme == "https" else None
        try:
            async with asyncio.timeout(self.seconds):
                addresses = await self._addresses(url)
                return await connect(url, addresses, context, self._policy.connect_timeout)
        except TimeoutError:
            raise ApiFailed(f"{self.host} does not answer") from None
        except ConnectFailed as error:
            raise ApiFailed(_sentence(error.failure)) from None

    async def _addresses(self, url: Url) -> tuple[Address, ...]:
        if url.address is not None:
            return (url.address,)
        try:
            # Asked anew for each request: a service runs for months, and its provider moves.
            addresses = await SystemResolver().addresses(url.host.removesuffix("."))
        except NoSuchHost:
            raise ApiFailed(f"there is no {self.host}: check the address in the settings") from None
        except NoAnswer:
            raise ApiFailed(f"the DNS does not say whether there is {self.host}") from None
        if refused_addresses(url, addresses, self._policy) is not None:
            raise ApiFailed(_not_public(self.host), settings=True)
        return addresses


def _base(text: str, private: bool) -> Url:
    try:
        url = parse(text)
    except InvalidUrl as error:
        raise ApiFailed(f"the address of the API cannot be used: {error}", settings=True) from None
    if url.userinfo or url.query is not None or url.fragment is not None:
        raise ApiFailed(
            f"the address of the API at {url.unicode_host} holds more than host and path; take the rest away",
            settings=True,
        )
    if private:
        return url
    if url.scheme != "https":
        raise ApiFailed(
            f"{url.unicode_host} would get the key without encryption; write https, "
            'or options.private = "true" for a server in your own network',
            settings=True,
        )
    if refusal(url, Policy()) is not None:
        raise ApiFailed(_not_public(url.unicode_host), settings=True)
    return url


def _not_public(host: str) -> str:
    return f'{host} is not on the public internet; write options.private = "true" if it is a server of your own'


def _sentence(failure: Failure) -> str:
    said = failure.message.partition("; browsers warn")[0].partition("; some browsers")[0].rstrip(".")
    return said[:1].lower() + said[1:] if said.startswith(("The ", "There ", "No ", "What ", "This ")) else said
