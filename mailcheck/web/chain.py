"""A URL and everything that it redirects to, each step through the same guard."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from msgspec import Struct

from mailcheck.urls import Address, InvalidUrl, Url, join
from mailcheck.web.answers import Answer, Failure, Forbid, Hop
from mailcheck.web.connecting import ConnectFailed, Connection, connect, tls_context
from mailcheck.web.exchange import NoReply, Reply, exchange
from mailcheck.web.guard import SLOPPY, refusal, refused_addresses
from mailcheck.web.lanes import Lane, Lanes
from mailcheck.web.policy import Policy
from mailcheck.web.refreshing import MOST, led_on, may_lead_on
from mailcheck.web.resolving import NoAnswer, NoSuchHost, Resolver
from mailcheck.web.signs import is_parking

REDIRECTS = frozenset((301, 302, 303, 307, 308))
TROUBLE = frozenset((429, 500, 502, 503, 504))
MAX_COOKIES = 50
_COOKIE = re.compile(r"\s*([^=;\s]{1,200})=([^;]{0,4000})")


class Stopped(Exception):  # noqa: N818 - carries a failure, is none of ours
    """The chain ends here without an answer."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


class Fetcher(Struct, dict=True):
    """Makes requests. Shared by a whole run; knows nothing of retries and verdicts."""

    policy: Policy
    resolver: Resolver
    lanes: Lanes

    @cached_property
    def context(self) -> ssl.SSLContext:
        """Made at the first https URL: reading the authorities of the system takes a moment."""
        return tls_context(self.policy.ca_file)

    def chain(self, url: Url, *, limit: int, forbid: Forbid | None, is_page: bool = False) -> Awaitable[Answer]:
        """Ask for a URL, once, and follow where it leads; a page also where it leads by itself."""
        return _Chain(self, url, limit, forbid, is_page).run()

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """What every request carries."""
        return {
            "User-Agent": self.policy.user_agent,
            "Accept": "text/html,application/xhtml+xml,image/*;q=0.9,*/*;q=0.8",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }


@dataclass(slots=True)
class _Chain:
    fetcher: Fetcher
    url: Url
    limit: int
    forbid: Forbid | None
    is_page: bool
    left: float = field(init=False)
    hops: list[Hop] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    certificate_ends: datetime | None = None
    refreshes: int = 0

    def __post_init__(self) -> None:
        self.left = self.fetcher.policy.timeout

    async def run(self) -> Answer:
        url, reply, failure = self.url, None, None
        try:
            while True:
                self._admit(url)
                reply = await self._hop(url)
                self.hops.append(Hop(url.normal, reply.status))
                location = next(iter(reply.values("location")), "")
                if reply.status in REDIRECTS and location:
                    led = _led(url, location)
                elif (further := self._led_on(url, reply)) is not None:
                    led = further
                else:
                    break
                self._remember(url, reply)
                url = led
        except Stopped as stopped:
            failure = stopped.failure
        return self._answer(failure, reply)

    def _led_on(self, url: Url, reply: Reply) -> Url | None:
        """Where the page itself leads; not again to where we have been, for that is what walls do."""
        if not self.is_page or reply.status != 200 or self.refreshes >= MOST:
            return None
        led = led_on(self._answer(None, reply), url) if may_lead_on(reply.headers, reply.body) else None
        if led is None or any(hop.url == led.normal for hop in self.hops):
            return None
        self.refreshes += 1
        return led

    def _answer(self, failure: Failure | None, reply: Reply | None) -> Answer:
        hops, ends = tuple(self.hops), self.certificate_ends
        if reply is None:
            return Answer(self.url.text, hops, failure, certificate_ends=ends)
        return Answer(
            self.url.text,
            hops,
            failure,
            reply.headers,
            bytes(reply.body),
            reply.ended,
            ends,
            tuple(reply.notes),
            retry_after=retry_after(reply),
        )

    def _admit(self, url: Url) -> None:
        """Stop at what must not be requested, and at what was requested before."""
        policy = self.fetcher.policy
        failure = refusal(url, policy) or self._forbidden(url)
        if failure is not None:
            raise Stopped(failure)
        state = (url.normal, self._cookie(url))
        if state in self.seen or len(self.hops) > policy.redirects:
            raise Stopped(Failure("redirect-loop", "The link redirects in a circle; browsers give up."))
        self.seen.add(state)

    def _forbidden(self, url: Url) -> Failure | None:
        policy = self.fetcher.policy
        if policy.is_never(url):
            return Failure("not-requested", "The settings say that this is never requested (web.never).")
        reason = self.forbid(url) if self.forbid is not None and not policy.is_check(url) else None
        return Failure("not-requested", reason) if reason else None

    async def _hop(self, url: Url) -> Reply:
        """One request, in turn. Only what is spent outside of the queue counts against the time limit."""
        addresses = (url.address,) if url.address is not None else await self._addresses(url)
        async with self.fetcher.lanes.turn(url.authority, f"{addresses[0]} {url.port}") as lane:
            now = asyncio.get_running_loop().time
            began = now()
            try:
                reply = await self._request(url, addresses, began + max(self.left, 0.001))
            except TimeoutError:
                lane.went(well=False)
                raise Stopped(Failure("timeout", f"{url.unicode_host} does not answer.")) from None
            except (ConnectFailed, NoReply) as error:
                lane.went(well=False)
                raise Stopped(error.failure) from None
            finally:
                self.left -= now() - began
            self._learn(lane, reply)
        if any(map(is_parking, addresses)):
            reply.notes.append("parking")
        return reply

    def _learn(self, lane: Lane, reply: Reply) -> None:
        lane.went(well=reply.status not in TROUBLE)
        pause = retry_after(reply)
        if pause is not None and reply.status in TROUBLE and pause <= self.fetcher.policy.max_pause:
            lane.pause(asyncio.get_running_loop().time() + pause)

    async def _addresses(self, url: Url) -> tuple[Address, ...]:
        host = url.host.removesuffix(".")
        try:
            addresses = await self.fetcher.resolver.addresses(host)
        except NoSuchHost:
            said = f"There is no {url.unicode_host}: the domain does not exist, or has no address."
            raise Stopped(Failure("no-such-host", said)) from None
        except NoAnswer:
            raise Stopped(Failure("dns", f"The DNS does not say whether there is {url.unicode_host}.")) from None
        failure = refused_addresses(url, addresses, self.fetcher.policy)
        if failure is not None:
            raise Stopped(failure)
        return addresses

    async def _request(self, url: Url, addresses: tuple[Address, ...], until: float) -> Reply:
        policy = self.fetcher.policy
        context = self.fetcher.context if url.scheme == "https" else None
        connection = await connect(url, addresses, context, policy.connect_timeout, until)
        try:
            self._note(connection)
            async with asyncio.timeout_at(until):
                return await exchange(
                    connection, url, self._headers(url), limit=self.limit, body_seconds=policy.body_timeout
                )
        finally:
            connection.abort()

    def _note(self, connection: Connection) -> None:
        ends = connection.certificate_ends
        if ends is not None:
            self.certificate_ends = min(ends, self.certificate_ends or ends)

    def _headers(self, url: Url) -> Mapping[str, str]:
        headers, cookie = self.fetcher.headers, self._cookie(url)
        if cookie:
            headers = {**headers, "Cookie": cookie}
        # They are often passwords: over plain http everybody on the way would read them.
        special = self.fetcher.policy.headers.get(url.host) if url.scheme == "https" else None
        return {**headers, **special} if special else headers

    def _cookie(self, url: Url) -> str:
        if not self.cookies:
            return ""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.get(url.host, {}).items())

    def _remember(self, url: Url, reply: Reply) -> None:
        """Keep cookies for the rest of the chain, for their own host only: some sites redirect until they come back."""
        jar = self.cookies.setdefault(url.host, {})
        for value in reply.values("set-cookie"):
            found = _COOKIE.match(value)
            if found is not None and found[0].isascii() and found[0].isprintable() and len(jar) < MAX_COOKIES:
                jar[found[1]] = found[2].strip()


def _led(url: Url, location: str) -> Url:
    try:
        return join(url, location)
    except InvalidUrl as error:
        if error.reason in SLOPPY:
            said = f"The link redirects to an address that not every browser repairs: {error}."
            raise Stopped(Failure("sloppy-url", said)) from None
        kind = "a place that no browser opens from a mail" if error.reason == "scheme" else "no address that works"
        raise Stopped(Failure("invalid-url", f"The link redirects to {kind}: {error}.")) from None


def retry_after(reply: Reply) -> float | None:
    """The seconds of a `Retry-After`, from now."""
    value = next(iter(reply.values("retry-after")), "")
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    from email.utils import parsedate_to_datetime  # servers that give a date are rare

    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    return max(0.0, (when - datetime.now(when.tzinfo)).total_seconds())
