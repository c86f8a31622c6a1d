"""A service on loopback: checks what it is asked as its vendor would, and fails in every way that is asked of it."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from loopback import OnLoopback

Fault = Literal[
    "500", "503", "429", "401", "404", "302", "garbage", "half", "list", "hang", "reset", "hang-done", "500-done"
]
"""What happens to a request. With `-done` it is carried out before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    queries: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: Any
    raw: bytes = b""


class Refused(Exception):  # noqa: N818 - an answer
    """The vendor's own refusal."""

    def __init__(self, status: int, body: object = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


Answer = tuple[int, object]
Handler = Callable[..., Answer]


@dataclass
class Fake(OnLoopback):
    """A fake service. Subclasses of none: a vendor is a table of routes and a check of the key.

    Args:
        routes: method, pattern of the path, handler; groups of the pattern are its arguments.
        check: refuses what the vendor would refuse of any request, the key first.
        media: media type of answers.
        writes_fail, all_fail, faults: what happens to requests that change something, to all, to the next ones.
        mangle: what becomes of an answer on its way.
        pause: seconds that a 429 asks for.
    """

    routes: list[tuple[str, str, Handler]]
    check: Callable[[Asked], None]
    media: str = "application/json"
    requests: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    writes_fail: Fault | None = None
    all_fail: Fault | None = None
    mangle: Callable[[object], object] = field(default=lambda body: body)
    context: ssl.SSLContext | None = None
    pause: int = 7
    line_bytes: ClassVar[int] = 2**22

    @property
    def url(self) -> str:
        return f"http{'s' if self.context else ''}://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            asked = await _read(reader)
            self.requests.append(asked)
            fault = self._fault(asked)
            if fault is None or fault.endswith("-done"):
                status, body = self._answer(asked)
            else:
                status, body = 200, {}
            if fault == "reset":
                writer.transport.abort()
            elif fault in ("hang", "hang-done"):
                await asyncio.sleep(60)
            else:
                writer.write(self._wire(fault, status, body))
                await writer.drain()
        writer.close()

    def _fault(self, asked: Asked) -> Fault | None:
        if self.faults:
            return self.faults.pop(0)
        writes = asked.method != "GET" and not any(
            word in asked.path for word in ("search", "query", "token", "content")
        )
        return self.all_fail or (self.writes_fail if writes else None)

    def _answer(self, asked: Asked) -> Answer:
        try:
            self.check(asked)
            for method, pattern, handler in self.routes:
                match = re.fullmatch(pattern, asked.path)
                if match and method == asked.method:
                    status, body = handler(asked, *match.groups())
                    return status, self.mangle(body)
        except Refused as refused:
            return refused.status, refused.body
        return 404, {"message": "no such route"}

    def _wire(self, fault: Fault | None, status: int, body: object) -> bytes:
        text = b"" if body is None or status == 204 else json.dumps(body).encode()
        extra = ""
        if fault in ("500", "500-done", "503", "429", "401", "404"):
            status, text = int(fault[:3]), b'{"message": "no luck today"}'
            extra = f"Retry-After: {self.pause}\r\n" if fault == "429" else ""
        if fault == "302":
            status, extra = 302, "Location: http://127.0.0.1:1/elsewhere\r\n"
        if fault == "garbage":
            text = b"<html>\xff not what you think"
        if fault == "list":
            text = b'["a", {"list": 1}]'
        length = len(text) + (100 if fault == "half" else 0)
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {self.media}\r\nContent-Length: {length}\r\n{extra}\r\n"
        if status == 204:
            head = "HTTP/1.1 204 X\r\n\r\n"
        return head.encode() + text


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    queries = tuple(parse_qsl(parts.query, keep_blank_values=True))
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        body = raw
    return Asked(method, parts.path, dict(queries), queries, headers, body, raw)


def needs(asked: Asked, name: str, value: str, status: int = 401) -> None:
    """Refuse a request without a header."""
    if asked.headers.get(name.lower()) != value:
        raise Refused(status, {"message": f"{name} is not right"})


def needs_body(asked: Asked, media: str, *keys: str) -> dict[str, Any]:
    """Refuse a request without a JSON object with just these keys."""
    if asked.headers.get("content-type") != media or not isinstance(asked.body, dict) or set(asked.body) != set(keys):
        raise Refused(400, {"message": f"a body of {media} with {keys} is needed"})
    return asked.body
