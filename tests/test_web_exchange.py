"""Answers that are read directly mean the same as when h11 reads them; one question is one request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from h11 import LocalProtocolError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailcheck.urls import parse
from mailcheck.web import exchange as exchanging
from mailcheck.web.exchange import NoReply, Reply, exchange
from mailcheck.web.once import once
from mailcheck.web.plain import head_of

URL = parse("http://shop.example/lamps?a=1")
LIMIT = 40


@dataclass
class Canned:
    """A connection that brings what it was given, piece by piece, and then ends, or breaks."""

    pieces: list[bytes]
    breaks: bool = False
    sent: bytearray = field(default_factory=bytearray)
    certificate_ends: datetime | None = None

    async def send(self, data: bytes) -> None:
        self.sent += data

    async def receive(self, most: int) -> bytes:
        if not self.pieces:
            if self.breaks:
                raise ConnectionResetError
            return b""
        piece, self.pieces[:1] = self.pieces[0][:most], [self.pieces[0][most:]] if self.pieces[0][most:] else []
        return piece

    def abort(self) -> None:
        self.pieces.clear()


def read(pieces: list[bytes], *, breaks: bool, method: str = "GET") -> Reply | str:
    async def ask() -> Reply | str:
        connection = Canned([piece for piece in pieces if piece], breaks)
        try:
            return await exchange(connection, URL, {"Accept": "*/*"}, limit=LIMIT, body_seconds=5.0, method=method)
        except NoReply as error:
            return error.failure.message

    return asyncio.run(ask())


NAMES = st.sampled_from(
    ("Content-Length", "content-length", "Transfer-Encoding", "Connection", "Location", "Set-Cookie", "X-A", "X B", "é")
)
VALUES = st.sampled_from(
    (
        "0",
        "5",
        "05",
        "+5",
        "5, 5",
        "-1",
        "9" * 22,
        "chunked",
        "gzip",
        "close",
        "",
        " a b ",
        "\ta\t",
        "a\x01b",
        "é",
        "x\x7f",
    )
)
LINES = st.tuples(NAMES, st.sampled_from((*[": "] * 9, ":", " : ", ":\t ", ":\r\n ", "=")), VALUES).map("".join)
STATUS = st.just("HTTP/1.1 200 OK") | st.sampled_from(
    """HTTP/1.1 200|HTTP/1.1 200 |HTTP/1.0 200 OK|HTTP/1.1 404 Not Found|HTTP/1.1 204 No|HTTP/1.1 304 Same
HTTP/1.1 999 No|HTTP/1.1 100 Continue|HTTP/1.1 20 OK|HTTP/1.1 500 \x01|hello""".replace("\n", "|").split("|")
)
ENDS = st.sampled_from((*["\r\n"] * 9, "\n", "\r"))
BODIES = st.sampled_from(
    (b"", b"12345", b"1234567", b"5\r\nabcde\r\n0\r\n\r\n", b"x" * LIMIT, b"x" * 200, b"\x1f\x8b\0")
)


@st.composite
def answers(draw: st.DrawFn) -> list[bytes]:
    """What a server may send, cut into pieces anywhere."""
    lines = [draw(STATUS), *draw(st.lists(LINES, max_size=4)), ""]
    sent = "".join(line + draw(ENDS) for line in lines).encode("latin-1") + draw(BODIES)
    cuts = sorted(draw(st.lists(st.integers(0, len(sent)), max_size=3)))
    return [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]


@settings(max_examples=600, deadline=None)
@given(answers(), st.booleans(), st.sampled_from(("GET", "POST", "HEAD")))
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345"], False, "GET")
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"123"], True, "GET")
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"1234567"], False, "GET")
@example([b"HTTP/1.1 200 OK\r\n\r\n", b"x" * LIMIT], False, "GET")
@example([b"HTTP/1.1 404 No\r\nSet-Cookie: a=1\r\nset-cookie:\tb=2 \r\n\r\nx"], False, "GET")
def test_an_answer_is_the_same_whoever_reads_it(pieces: list[bytes], breaks: bool, method: str) -> None:
    directly = read(pieces, breaks=breaks, method=method)
    patch = pytest.MonkeyPatch()
    patch.setattr(exchanging, "head_of", lambda data: None)
    try:
        by_h11 = read(pieces, breaks=breaks, method=method)
    finally:
        patch.undo()
    assert directly == by_h11


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\x00\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
    ],
)
def test_what_is_not_plain_is_left_to_h11(head: str) -> None:
    assert head_of(head.encode()) is None


def test_what_is_plain_is_read_directly() -> None:
    found = head_of(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Empty:\r\ncontent-length: 7 \r\n\r\n1234567")
    assert found is not None
    assert (found.status, found.length, found.end) == (200, 7, 74)
    assert found.headers == ((b"content-type", b"text/html"), (b"x-empty", b""), (b"content-length", b"7"))


def test_the_request_is_what_servers_expect() -> None:
    async def ask() -> bytes:
        connection = Canned([b"HTTP/1.1 200 OK\r\n\r\n"])
        await exchange(connection, URL, {"Accept": "*/*"}, limit=9, body_seconds=1.0, method="POST", body=b"a=1")
        return bytes(connection.sent)

    assert asyncio.run(ask()) == (
        b"POST /lamps?a=1 HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\nContent-Length: 3\r\n\r\na=1"
    )


@pytest.mark.parametrize(
    ("method", "headers"),
    [("GET /a HTTP/1.1\r\nX:", {}), ("get", {}), ("GET", {"X": "a\r\nY: b"}), ("GET", {"X\n": "a"})],
)
def test_nothing_ends_a_line_early(method: str, headers: dict[str, str]) -> None:
    async def ask() -> None:
        connection = Canned([b"HTTP/1.1 200 OK\r\n\r\n"])
        try:
            await exchange(connection, URL, headers, limit=9, body_seconds=1.0, method=method)
        finally:
            assert not connection.sent

    with pytest.raises((ValueError, LocalProtocolError), match=r"asked for|[Ii]llegal"):
        asyncio.run(ask())


class Counted:
    """Counts how often it is made, and waits for a word before it is."""

    def __init__(self) -> None:
        self.begun = 0
        self.may = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        await self.may.wait()
        return self.begun


def test_who_asks_first_makes_it_and_all_get_it() -> None:
    async def ask() -> tuple[list[int], int]:
        known: dict[str, asyncio.Future[int]] = {}
        made = Counted()
        tasks = [asyncio.ensure_future(once(known, "a", made)) for _ in range(5)]
        await asyncio.sleep(0)
        made.may.set()
        found = [*await asyncio.gather(*tasks), await once(known, "a", made)]
        return found, made.begun

    assert asyncio.run(ask()) == ([1] * 6, 1)


@pytest.mark.parametrize(
    ("cancelled", "found", "begun"),
    [(0, [asyncio.CancelledError, 2, 2], 2), (1, [1, asyncio.CancelledError, 1], 1)],
    ids=["who asked first: another makes it", "who waits: no harm to the others"],
)
def test_one_of_those_who_ask_is_cancelled(cancelled: int, found: list[object], begun: int) -> None:
    async def ask() -> tuple[list[object], int]:
        known: dict[str, asyncio.Future[int]] = {}
        made = Counted()
        tasks = [asyncio.ensure_future(once(known, "a", made)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[cancelled].cancel()
        await asyncio.sleep(0)
        made.may.set()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        return [type(one) if isinstance(one, BaseException) else one for one in ended], made.begun

    assert asyncio.run(ask()) == (found, begun)


def test_a_failure_is_not_kept() -> None:
    async def fails() -> int:
        raise OSError("no")

    async def works() -> int:
        return 1

    async def ask() -> int:
        known: dict[str, asyncio.Future[int]] = {}
        with pytest.raises(OSError, match="no"):
            await once(known, "a", fails)
        return await once(known, "a", works)

    assert asyncio.run(ask()) == 1
