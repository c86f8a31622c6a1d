"""What stands around every request: an id, headers, a line in the log, figures, and an answer whatever happens."""

from __future__ import annotations

import logging
import time
import traceback
import uuid
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mailcheck.gate.service import logs
from mailcheck.gate.service.metrics import Metrics
from mailcheck.gate.service.problems import answer

POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
"""Of every answer, unless the answer says otherwise."""

HEADER_BYTES = 32 * 1024
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}


class Guard:
    """The outermost layer of the service."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["mailcheck.instance"] = instance = f"urn:uuid:{uuid.uuid4()}"
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": _with_headers(message["headers"])}
            await send(message)

        try:
            wrong = _wrong_with(scope["headers"])
            if wrong is None:
                await self.app(scope, receive, sending)
            else:
                await answer(*wrong, instance, {"Connection": "close"})(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and no stack trace
            # Its text may hold what was sent; kind and place say enough.
            logs.say(
                "a request failed", logging.ERROR, kind=type(error).__name__, place=place(error), instance=instance
            )
            if not status:
                await answer(500, "this is a fault of the service; its log has it", instance)(scope, receive, sending)
        finally:
            self._note(scope, status, time.perf_counter() - began, instance)

    def _note(self, scope: Scope, status: int, seconds: float, instance: str) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        if route in ("/healthz", "/readyz", "/metrics") and status < 400:
            return
        took = round(seconds * 1000, 1)
        logs.say("request", method=method, route=route, status=status, milliseconds=took, instance=instance)


def _wrong_with(headers: Collection[tuple[bytes, bytes]]) -> tuple[int, str] | None:
    """Status and reason of a request that the server lets through, and should not."""
    if sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES:
        return 431, "the header is too large"
    names = {name for name, _ in headers}
    if b"content-length" in names and b"transfer-encoding" in names:
        # A proxy might see the end of the body elsewhere, and what follows as another request.
        return 400, "the body has two lengths"
    return None


def _with_headers(given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in given}
    ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    return [*given, *(one for one in ours if one[0] not in there)]


def place(error: BaseException) -> str:
    """File and line that raised an exception."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
