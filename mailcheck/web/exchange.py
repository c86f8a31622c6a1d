"""One request and its answer over one connection, within limits that no server can stretch.

Plain answers are read by `plain`, all others by h11. What h11 refuses and browsers take (odd reason phrases, broken
header names, floods of headers) is read again, leniently, for the status and the few headers that matter.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

import h11
from msgspec import Struct, field

from mailcheck.urls import Url
from mailcheck.web.answers import Ended, Failure
from mailcheck.web.connecting import Connection
from mailcheck.web.decoding import Decoder, UndecodableError, decoder
from mailcheck.web.plain import head_of

HEAD_BYTES = 256 * 1024
CHUNK = 64 * 1024
HINTS = 20
"""Interim answers before the real one; more is no answer."""
_STATUS = re.compile(rb"\s*HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_REQUEST = re.compile(r"[A-Z]{1,20} [!-~]+")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*([^\r\n]*)")


class Reply(Struct):
    """What a server sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytearray = field(default_factory=bytearray)
    ended: Ended = "whole"
    notes: list[str] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]


class NoReply(Exception):  # noqa: N818 - carries a failure, is none of ours
    """The server sent nothing that is an answer; `failure` says what happened."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """h11 refuses what was received."""


class _Wire(Struct):
    """A connection, and how far its answer has been read.

    Args:
        head: what came before the body, for a second reading.
        machine: h11, where the answer is not plain.
        waiting: what came of a plain body and was not taken.
        left: bytes of a plain body that are still to come; `None` when it ends with the connection.
        taken: bytes of the body, as they came.
    """

    connection: Connection
    head: bytearray = field(default_factory=bytearray)
    machine: h11.Connection | None = None
    in_head: bool = True
    at_end: bool = False
    waiting: bytes = b""
    left: int | None = None
    taken: int = 0

    async def receive(self) -> None:
        data = await self.connection.receive(CHUNK)
        self.at_end = not data
        if self.in_head:
            self.head += data
        if self.machine is None:
            self.waiting = data
        else:
            _feed(self.machine, data)

    def ask_h11(self, request: h11.Request) -> None:
        """Have the rest read by h11, which has to be told what was asked."""
        self.machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self.machine.send(request)
        self.machine.send(h11.EndOfMessage())
        if self.head:
            _feed(self.machine, bytes(self.head))
        if self.at_end:
            _feed(self.machine, b"")

    def event(self, machine: h11.Connection) -> h11.Event | None:
        """The next one in what was received; `None` when more has to come."""
        try:
            event = machine.next_event()
        except h11.RemoteProtocolError as error:
            raise _Malformed from error
        if event is h11.NEED_DATA and not self.at_end and len(self.head) <= 2 * HEAD_BYTES:
            return None
        if event is h11.NEED_DATA or event is h11.PAUSED:
            raise _Malformed
        return cast("h11.Event", event)

    def piece(self) -> bytes | None:
        """The next part of the body; empty at its end; `None` when more has to come."""
        if self.machine is not None:
            event = self.event(self.machine)
            return None if event is None else bytes(event.data) if isinstance(event, h11.Data) else b""
        if self.left == 0 or (self.at_end and self.left is None):
            return b""
        if not self.waiting:
            if self.at_end:
                raise _Malformed
            return None
        data, self.waiting = self.waiting[: self.left], b""
        if self.left is not None:
            self.left -= len(data)
        return data


def _feed(machine: h11.Connection, data: bytes) -> None:
    try:
        machine.receive_data(data)
    except h11.RemoteProtocolError as error:
        raise _Malformed from error


async def exchange(
    connection: Connection,
    url: Url,
    headers: Mapping[str, str],
    *,
    limit: int,
    body_seconds: float,
    method: str = "GET",
    body: bytes = b"",
) -> Reply:
    """Send a request and read the answer, at most `limit` bytes of its body.

    Raises:
        NoReply: what came is no answer.
        TimeoutError: from the clock of the caller.
    """
    wire = _Wire(connection)
    fields = (("Host", url.authority), *headers.items())
    if body or method not in ("GET", "DELETE"):
        fields = (*fields, ("Content-Length", str(len(body))))
    try:
        await connection.send(_line(method, url.target) + _looked_at(fields) + body)
        reply = await _head(wire, method)
    except _Malformed:
        reply = _lenient(bytes(wire.head), url.unicode_host)
    except OSError:
        if not _STATUS.match(wire.head):
            raise NoReply(Failure("reset", f"{url.unicode_host} breaks off the connection.")) from None
        reply = _lenient(bytes(wire.head), url.unicode_host)
    if "malformed" not in reply.notes:
        wire.in_head = False
        await _body(wire, reply, limit, body_seconds)
    return reply


def _line(method: str, target: str) -> bytes:
    """The first line of a request.

    Raises:
        ValueError: there is something in it that would end it early.
    """
    if _REQUEST.fullmatch(f"{method} {target}") is None:
        raise ValueError(f"this cannot be asked for: {method} {target[:60]!r}")
    return f"{method} {target} HTTP/1.1\r\n".encode("ascii")


@lru_cache(maxsize=256)
def _looked_at(headers: tuple[tuple[str, str], ...]) -> bytes:
    """The rest of a head, as h11 writes it: it looks at every character, and a host gets the same each time."""
    written = h11.Connection(h11.CLIENT).send(h11.Request(method="GET", target="/", headers=list(headers))) or b""
    return written.partition(b"\r\n")[2]


async def _head(wire: _Wire, method: str) -> Reply:
    await wire.receive()
    plain = head_of(wire.waiting) if method != "HEAD" else None
    if plain is not None:
        wire.waiting, wire.left = wire.waiting[plain.end :], plain.length
        return Reply(plain.status, tuple([(name.decode("ascii"), _text(value)) for name, value in plain.headers]))
    wire.ask_h11(h11.Request(method=method, target="/", headers=[("Host", "h")]))
    machine = cast("h11.Connection", wire.machine)
    hints = 0
    while hints < HINTS:
        event = wire.event(machine)
        if event is None:
            await wire.receive()
        elif isinstance(event, h11.Response):
            headers = tuple([(name.decode("ascii"), _text(value)) for name, value in event.headers])
            return Reply(event.status_code, headers)
        elif isinstance(event, h11.InformationalResponse):
            hints += 1
        else:
            break
    raise _Malformed


async def _body(wire: _Wire, reply: Reply, limit: int, seconds: float) -> None:
    """Fill in the body, and how it ended."""
    unpacker = decoder(",".join(reply.values("content-encoding")))
    try:
        # Most pages come together with their head: then there is nothing to wait for.
        ended = _fill(reply.body, wire, unpacker, limit)
        if ended is None:
            async with asyncio.timeout(seconds):
                while ended is None:
                    await wire.receive()
                    ended = _fill(reply.body, wire, unpacker, limit)
        reply.ended = ended
    except TimeoutError:
        reply.ended = "slow"
        reply.notes.append("slow")
    except (_Malformed, OSError):
        reply.ended = "short"
        reply.notes.append("short")
    except UndecodableError:
        reply.ended = "cut"
        reply.notes.append("undecodable")


def _fill(body: bytearray, wire: _Wire, unpacker: Decoder, limit: int) -> Ended | None:
    """Take what has come; `None` when more has to."""
    while piece := wire.piece():
        wire.taken += len(piece)
        body += unpacker.decode(piece, limit - len(body))
        # Compressed nothing can go on for ever, too.
        if len(body) >= limit or wire.taken > 2 * limit + CHUNK:
            return "cut"
    return None if piece is None else "whole"


def _lenient(head: bytes, host: str) -> Reply:
    """The status and headers of what h11 does not take for HTTP.

    Raises:
        NoReply: there is no status in it.
    """
    if not head.strip():
        raise NoReply(Failure("reset", f"{host} breaks off the connection without an answer."))
    found = _STATUS.match(head)
    while found is not None and found[1].startswith(b"1"):
        end = _HEAD_END.search(head, found.end())
        found = _STATUS.match(head, end.end()) if end else None
    if found is None:
        raise NoReply(Failure("malformed", f"What {host} answers is not understood by browsers."))
    end = _HEAD_END.search(head, found.end())
    lines = head[found.end() : end.start() if end else min(len(head), HEAD_BYTES)].splitlines()[1:]
    fields = (_FIELD.match(line) for line in lines)
    headers = tuple((one[1].decode("ascii").lower(), _text(one[2])) for one in fields if one is not None)
    rest = head[end.end() :] if end else b""
    return Reply(int(found[1]), headers, bytearray(rest[:CHUNK]), "cut", ["malformed"])


def _text(value: bytes) -> str:
    """A header value: UTF-8 where it is, else what HTTP says."""
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()
