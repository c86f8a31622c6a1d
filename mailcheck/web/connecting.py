"""Connections to addresses that were looked at, and nowhere else; TLS whose faults have names."""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import IPv6Address
from typing import Protocol

from msgspec import Struct

from mailcheck.urls import Address, Url
from mailcheck.web.answers import Failure, FailureKind

STAGGER = 0.25
"""Seconds after which the next address of a host is tried as well (RFC 8305 has the same)."""

# Codes of OpenSSL's certificate verification (x509_vfy.h).
_SAID: dict[int, tuple[FailureKind, str]] = {
    9: ("tls-expired", "The certificate of {host} is not valid yet; browsers warn instead of opening the page."),
    10: ("tls-expired", "The certificate of {host} has expired; browsers warn instead of opening the page."),
    18: ("tls-self-signed", "The certificate of {host} is self-signed; browsers warn instead of opening the page."),
    19: ("tls-self-signed", "The certificate of {host} comes from nobody whom browsers trust; they warn."),
    62: ("tls-host", "The certificate of {host} is for another name; browsers warn instead of opening the page."),
    64: ("tls-host", "The certificate of {host} is for another address; browsers warn instead of opening the page."),
}
_INCOMPLETE = frozenset((2, 20, 21))


class ConnectFailed(Exception):  # noqa: N818 - carries a failure, is none of ours
    """No connection; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


class Connection(Protocol):
    """An open connection. `certificate_ends` is `None` without TLS."""

    certificate_ends: datetime | None

    async def send(self, data: bytes) -> None: ...

    async def receive(self, most: int) -> bytes:
        """What has come, at most so many bytes; empty at the end."""
        ...

    def abort(self) -> None:
        """Close without any farewell: nothing more is wanted, and a TLS peer may never answer one."""
        ...


class PlainConnection(Struct):
    """A socket as it is: the streams of asyncio cost as much as all the rest of a request."""

    sock: socket.socket
    certificate_ends: datetime | None = None

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def receive(self, most: int) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self.sock, most)

    def abort(self) -> None:
        self.sock.close()


class TlsConnection(Struct):
    """TLS over a socket."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    certificate_ends: datetime | None

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def receive(self, most: int) -> bytes:
        return await self.reader.read(most)

    def abort(self) -> None:
        self.writer.transport.abort()


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Verification as browsers do it, HTTP/1.1 only: abandoned streams of HTTP/2 block the rest.

    Args:
        ca_file: PEM file of authorities to trust besides those of the system.

    Raises:
        OSError: the file cannot be read.
    """
    context = ssl.create_default_context()
    # Browsers accept certificates that lack fields of RFC 5280, which Python is strict about from 3.13 on.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["http/1.1"])
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


async def connect(
    url: Url, addresses: Sequence[Address], context: ssl.SSLContext | None, seconds: float, until: float = math.inf
) -> Connection:
    """A connection to one of the addresses, whichever answers first.

    Args:
        seconds: for the connection, and again for its TLS handshake.
        until: time of the loop's clock at which both end.

    Raises:
        ConnectFailed: none does, or its certificate is not to be trusted.
    """
    host = url.unicode_host
    now = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout_at(min(now() + seconds, until)):
            sock = await (_socket(addresses[0], url.port) if len(addresses) == 1 else _first(addresses, url.port))
    except TimeoutError:
        raise ConnectFailed(Failure("timeout", f"{host} does not answer.")) from None
    except OSError as error:
        raise ConnectFailed(_not_connected(error, host)) from None
    if context is None:
        return PlainConnection(sock)
    try:
        async with asyncio.timeout_at(min(now() + seconds, until)):
            return await _wrapped(sock, url, context)
    except TimeoutError:
        raise ConnectFailed(Failure("timeout", f"{host} does not answer.")) from None
    except ssl.SSLCertVerificationError as error:
        raise ConnectFailed(_distrusted(error, host)) from None
    except ssl.SSLError as error:
        reason = (error.reason or "no reason given").replace("_", " ").lower()
        message = f"No secure connection to {host} could be made ({reason})."
        raise ConnectFailed(Failure("tls", message)) from None
    except OSError as error:
        raise ConnectFailed(_not_connected(error, host)) from None


async def _wrapped(sock: socket.socket, url: Url, context: ssl.SSLContext) -> Connection:
    try:
        name = url.host.removesuffix(".")
        reader, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname=name)
    except BaseException:
        sock.close()
        raise
    certificate = writer.get_extra_info("peercert") or {}
    ends = str(certificate.get("notAfter", ""))
    return TlsConnection(reader, writer, datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None)


async def _first(addresses: Sequence[Address], port: int) -> socket.socket:
    """A connected socket: the addresses are tried in order, each with a head start over the next."""
    tasks: list[asyncio.Task[socket.socket]] = []
    waiting = list(addresses)
    try:
        while waiting or not all(task.done() for task in tasks):
            if waiting:
                tasks.append(asyncio.create_task(_socket(waiting.pop(0), port)))
            pending = [task for task in tasks if not task.done()]
            if pending:
                await asyncio.wait(pending, timeout=STAGGER if waiting else None, return_when=asyncio.FIRST_COMPLETED)
            won = next((task for task in tasks if task.done() and not task.exception()), None)
            if won is not None:
                tasks.remove(won)
                return won.result()
    finally:
        for task in tasks:
            task.cancel()
            task.add_done_callback(_close)
    failure = next((error for task in tasks if (error := task.exception()) is not None), None)
    raise failure or OSError("no address")


async def _socket(address: Address, port: int) -> socket.socket:
    family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def _close(task: asyncio.Task[socket.socket]) -> None:
    """Close the connection of an address that came second."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()


def _not_connected(error: OSError, host: str) -> Failure:
    if isinstance(error, ConnectionRefusedError):
        return Failure("refused", f"{host} refuses the connection: no web server runs there.")
    if isinstance(error, ConnectionError):
        return Failure("reset", f"{host} breaks off the connection.")
    if isinstance(error, TimeoutError):
        return Failure("timeout", f"{host} does not answer.")
    return Failure("unreachable", f"This machine has no way to {host}.")


def _distrusted(error: ssl.SSLCertVerificationError, host: str) -> Failure:
    if error.verify_code in _INCOMPLETE:
        message = (
            f"The server of {host} does not send the intermediate certificate, or its authority is unknown here; "
            "some browsers and mail apps warn instead of opening the page."
        )
        return Failure("tls-incomplete-chain", message)
    kind, said = _SAID.get(error.verify_code, ("tls-self-signed", "The certificate of {host} is not trusted."))
    return Failure(kind, said.format(host=host))
