"""Names to addresses: each name once in a run, by the resolver of the system, in threads of our own.

asyncio's own pool has six threads on two cores, so that forty slow names would wait in line; and a thread of
a pool that hangs in the system's resolver would keep the program from ending.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address
from typing import Protocol

from msgspec import Struct, field

from mailcheck.urls import Address

THREADS = 16
SECONDS = 5.0
_NO_SUCH_NAME = frozenset(
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
)


class NoSuchHost(Exception):  # noqa: N818 - an answer of the DNS
    """The DNS says that there is no such name, or that it has no address."""


class NoAnswer(Exception):  # noqa: N818 - as above
    """The DNS did not say."""


class Resolver(Protocol):
    """Names to addresses."""

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """Every address of a host, IPv4 first.

        Raises:
            NoSuchHost: there is none.
            NoAnswer: it is not known whether there is one.
        """
        ...


LookUp = Callable[[str], tuple[Address, ...]]


def look_up(host: str) -> tuple[Address, ...]:
    """Ask the system; blocks."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except socket.gaierror as error:
        if error.errno in _NO_SUCH_NAME:
            raise NoSuchHost(host) from None
        raise NoAnswer(host) from None
    except (OSError, UnicodeError):
        raise NoAnswer(host) from None
    unique = dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found)
    return tuple(sorted(unique, key=lambda address: not isinstance(address, IPv4Address)))


class SystemResolver(Struct):
    """The resolver of the system. What was found is kept; what was not is asked for again.

    Args:
        ask: what is asked, for tests.
    """

    ask: LookUp = look_up
    seconds: float = SECONDS
    found: dict[str, tuple[Address, ...]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    asking: dict[str, asyncio.Future[tuple[Address, ...]]] = field(default_factory=dict)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(THREADS))

    async def addresses(self, host: str) -> tuple[Address, ...]:
        known = self.found.get(host)
        if known is not None:
            return known
        future = self.asking.get(host)
        if future is None:
            future = self.asking[host] = asyncio.ensure_future(self._asked(host))
            future.add_done_callback(lambda done: self._forget(host, done))
        found = await asyncio.shield(future)
        if not found:
            raise NoSuchHost(host)
        return found

    def _forget(self, host: str, done: asyncio.Future[tuple[Address, ...]]) -> None:
        """A question that is answered is open again; its error is looked at, for those who asked may be gone."""
        del self.asking[host]
        if not done.cancelled():
            done.exception()

    async def _asked(self, host: str) -> tuple[Address, ...]:
        try:
            async with self.turns, asyncio.timeout(self.seconds):
                self.found[host] = await _in_thread(self.ask, host)
        except TimeoutError:
            raise NoAnswer(host) from None
        except NoSuchHost:
            self.missing.add(host)
            if self._seems_cut_off():
                raise NoAnswer(host) from None
            return ()
        return self.found[host]

    def _seems_cut_off(self) -> bool:
        """Whether this machine cannot look up anything: then the names are not to blame."""
        return not self.found and len(self.missing) >= 3


async def _in_thread(ask: LookUp, host: str) -> tuple[Address, ...]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[tuple[Address, ...]] = loop.create_future()

    def settle(result: tuple[Address, ...], error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def work() -> None:
        result: tuple[Address, ...] = ()
        failure: BaseException | None = None
        try:
            result = ask(host)
        except Exception as error:  # noqa: BLE001 - carried over to the loop, where it is raised
            failure = error
        try:
            loop.call_soon_threadsafe(settle, result, failure)
        except RuntimeError:
            return  # nobody waits any more: the loop is closed

    threading.Thread(target=work, daemon=True, name="mailcheck-dns").start()
    return await future
