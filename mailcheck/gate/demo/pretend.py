"""A small listmonk on loopback, with one campaign; it also takes the alerts, as a chat would."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

USER, KEY = "gate", "a-key-that-is-none"
_TEMPLATE = '<!doctype html>\n<html lang="en"><body>\n{{ template "content" . }}\n</body></html>\n'
Answer = tuple[int, object]


@dataclass
class Campaign:
    """The one campaign, with what people do to it."""

    body: str
    send_at: datetime
    id: str = "12"
    name: str = "Spring sale"
    subject: str = "20 % off all coats until Sunday"
    status: str = "draft"

    def shown(self) -> dict[str, object]:
        """As the API gives it."""
        return {
            "id": int(self.id),
            "name": self.name,
            "subject": self.subject,
            "from_email": "Shop <news@shop.example>",
            "body": self.body,
            "altbody": None,
            "send_at": self.send_at.isoformat(),
            "status": self.status,
            "content_type": "html",
            "template_id": 1,
            "messenger": "email",
            "lists": [{"id": 7, "name": "Customers"}],
            "media": [],
            "headers": [],
            "updated_at": None,
        }


@dataclass
class Pretend:
    """The service; `alerts` is what people were told, `happened` is called with what it does."""

    campaign: Campaign
    happened: Callable[[str], None]
    alerts: list[tuple[str, str]] = field(default_factory=list)

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self.server.sockets[0].getsockname()[1]

    async def end(self) -> None:
        """Stop listening."""
        self.server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self.server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            raw = await reader.readexactly(int(fields.get("content-length") or 0))
            status, body = self._answer(method, target.partition("?")[0], fields, json.loads(raw) if raw else {})
            text = json.dumps(body).encode()
            writer.write(b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\n" % status)
            writer.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(text) + text)
            await writer.drain()
        writer.close()

    def _answer(self, method: str, path: str, fields: Mapping[str, str], asked: dict[str, object]) -> Answer:
        if (method, path) == ("POST", "/alerts"):
            self.alerts.append((str(asked.get("title")), str(asked.get("message"))))
            return 200, {}
        if fields.get("authorization") != f"token {USER}:{KEY}":
            return 403, {"message": "invalid API credentials"}
        if method == "GET" and path == "/api/templates/1":
            return 200, {"data": {"id": 1, "body": _TEMPLATE}}
        if method == "GET" and path == "/api/lists/7":
            return 200, {"data": {"id": 7, "optin": "single", "subscriber_count": 4200}}
        found = re.fullmatch(r"/api/campaigns/(\d+)(/status)?", path)
        if found is None or found[1] != self.campaign.id:
            return 400, {"message": "campaign not found"}
        if method == "GET" and not found[2]:
            return 200, {"data": self.campaign.shown()}
        if method == "PUT" and found[2]:
            return self._status(str(asked.get("status")))
        return 405, {"message": "method not allowed"}

    def _status(self, wanted: str) -> Answer:
        before = self.campaign.status
        allowed = {"scheduled": ("draft", "paused"), "draft": ("scheduled",), "paused": ("running",)}
        if before not in allowed.get(wanted, ()):
            return 400, {"message": f"a {before} campaign cannot become {wanted}"}
        self.campaign.status = wanted
        self.happened("the campaign is a draft again" if wanted == "draft" else f"the campaign is {wanted}")
        return 200, {"data": self.campaign.shown()}
