"""Reads the body of a request, as far as it may be read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.requests import ClientDisconnect

from mailcheck.gate.service.problems import Refusal

SECONDS = 30
"""A body that takes longer to come is given up."""


@dataclass(slots=True)
class Intake:
    """How much may be in memory at a time, of all bodies together.

    Args:
        most: bytes.
    """

    most: int
    held: int = 0

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Reserve room for a body.

        Raises:
            Refusal: 503; there is none.
        """
        if self.held and self.held + size > self.most:
            raise Refusal(503, "too much is being sent at the same time; try again", {"Retry-After": "2"})
        self.held += size
        try:
            yield
        finally:
            self.held -= size


async def read(request: Request, limit: int) -> bytes:
    """The body, of which never more than the limit is read.

    Raises:
        Refusal: 413 too large, 415 compressed, 408 too slow, 400 broken off.
    """
    if request.headers.getlist("content-encoding"):
        raise Refusal(
            415, "a body with Content-Encoding is not taken; send it as it is", {"Accept-Encoding": "identity"}
        )
    if announced(request) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                chunks.append(chunk)
    except TimeoutError:
        raise Refusal(408, "the body took too long", {"Connection": "close"}) from None
    except ClientDisconnect:
        raise Refusal(400, "the body broke off") from None
    return b"".join(chunks)


def announced(request: Request) -> int:
    """What the request says of its size; 0 when it says nothing that can be understood."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _too_large(limit: int) -> Refusal:
    # What is still to come is not read, so that the connection is of no more use.
    return Refusal(413, f"the body is larger than {limit:,} bytes", {"Connection": "close"})
