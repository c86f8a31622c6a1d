"""The door of the gate for tests: the application in this process, and a client without a network."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from mailcheck.gate.judging import JudgeRequest
from mailcheck.gate.model import EspError, GateKind, HookEvent, Judgement, Planned
from mailcheck.gate.service import State, create_app
from mailcheck.gate.settings import GateSettings
from mailcheck.gate.store import Store

KEY = b"thirty-two bytes of a shared key"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
TOKEN = "a bearer token of some length"
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.fields)

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> dict[str, object]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    def is_problem(self) -> bool:
        said = self.json()
        known = {"type", "title", "status", "detail", "instance"}
        return (
            self.headers["content-type"] == "application/problem+json"
            and set(said) == known
            and said["status"] == self.status
        )


async def asked(
    app: ASGIApp, method: str, path: str, headers: Fields = (), body: bytes | Iterable[bytes] = b"", query: bytes = b""
) -> Answer:
    """Send a request; a body of several pieces comes in chunks."""
    chunks = [body] if isinstance(body, bytes) else list(body)
    waiting = iter([{"type": "http.request", "body": one, "more_body": True} for one in chunks])
    start: dict[str, object] = {}
    received: list[bytes] = []

    async def receive() -> dict[str, object]:
        return next(waiting, {"type": "http.request", "body": b"", "more_body": False})

    async def send(message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            assert not start
            start.update(message)
        else:
            received.append(bytes(message.get("body", b"")))  # type: ignore[call-overload]  # ASGI says bytes

    fields = [(name.lower().encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in headers]
    if not any(name == b"host" for name, _ in fields):
        fields.append((b"host", b"localhost:8025"))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": fields,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8025),
    }
    await app(scope, receive, send)
    head = tuple((n.decode(), v.decode()) for n, v in start["headers"])  # type: ignore[attr-defined]  # as ASGI has them
    return Answer(int(str(start["status"])), head, b"".join(received))


@dataclass
class FakeJudges:
    """Answers at once, or when it is let."""

    judgement: Judgement = field(
        default_factory=lambda: Judgement("clear", '{"verdict": "clear"}', findings={"error": 0})
    )
    ready: bool = True
    asked: list[JudgeRequest] = field(default_factory=list)
    gate: Callable[[], asyncio.Event] | None = None

    async def judge(self, request: JudgeRequest) -> Judgement:
        self.asked.append(request)
        if self.gate is not None:
            await self.gate().wait()
        return self.judgement


class FakeEsp:
    """Understands `{"campaigns": [...]}`, and can be asked for nothing."""

    name = "main"
    gate: GateKind = "polling"

    def events(self, body: bytes) -> Sequence[HookEvent]:
        said = json.loads(body)
        if not isinstance(said, dict):
            raise ValueError("no object")  # noqa: TRY004 - what an adapter raises
        if said.get("broken"):
            raise RuntimeError(f"a bug with klara@gmail.com in it: {said}")
        return [HookEvent(str(one)) for one in said.get("campaigns", ())]

    async def fetch(self, campaign_id: str) -> Planned:
        raise EspError(f"the door must not fetch {campaign_id}")

    async def scheduled(self) -> Mapping[str, datetime | None]:
        raise EspError("the door must not ask")

    async def schedule(self, planned: Planned) -> None:
        raise EspError("the door must not schedule")

    async def revert(self, planned: Planned) -> None:
        raise EspError("the door must not revert")


@dataclass
class Door:
    """A service of one test."""

    settings: GateSettings
    store: Store
    judges: FakeJudges
    state: State
    app: ASGIApp

    def ask(
        self, method: str, path: str, headers: Fields = (), body: bytes | Iterable[bytes] = b"", query: bytes = b""
    ) -> Answer:
        answer = asyncio.run(asked(self.app, method, path, headers, body, query))
        if answer.status >= 400 and not (method == "HEAD" and not answer.body):
            assert answer.is_problem(), answer
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "content-security-policy" in answer.headers
        return answer

    def get(self, path: str) -> Answer:
        return self.ask("GET", path, [("authorization", f"Bearer {TOKEN}")])

    def check(self, body: bytes | Iterable[bytes], media: str = "application/json", *more: tuple[str, str]) -> Answer:
        fields = [("authorization", f"Bearer {TOKEN}"), ("content-type", media), *more]
        return self.ask("POST", "/v1/check", fields, body)

    def hook(self, body: bytes = b'{"campaigns": ["12"]}', name: str = "msg_1", **more: str) -> Answer:
        fields = [*signed(body, name).items(), *((key.replace("_", "-"), value) for key, value in more.items())]
        return self.ask("POST", "/v1/hooks/acme", fields, body)


def signed(body: bytes, name: str = "msg_1", at: int | None = None, key: bytes = KEY) -> dict[str, str]:
    """Headers of Standard Webhooks."""
    at = int(NOW.timestamp()) if at is None else at
    mark = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(mark).decode(),
    }


def make_door(folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: object) -> Door:
    """A door with one sender `acme`, and a token."""
    monkeypatch.setenv("GATE_TEST_SECRET", SECRET)
    monkeypatch.setenv("GATE_TEST_TOKEN", TOKEN)
    table: dict[str, object] = {
        "token": {"env": "GATE_TEST_TOKEN"},
        "body_bytes": 200_000,
        "senders": {"acme": {"scheme": "standard", "secrets": [{"env": "GATE_TEST_SECRET"}], "esp": "main"}},
        "esps": {"main": {"kind": "listmonk"}},
        **changes,
    }
    settings = GateSettings.model_validate(table)
    store = Store.open(str(folder / "gate.db"), queue=settings.queue, keep=timedelta(days=90))
    judges = FakeJudges()
    state = State.make(settings, store, judges, {"main": FakeEsp()}, now=lambda: NOW)
    return Door(settings, store, judges, state, create_app(state))


class JudgesHere(FakeJudges):
    """Judges in this process, for real; without a worker that could be ended."""

    async def judge(self, request: JudgeRequest) -> Judgement:
        import mailcheck

        try:
            report = mailcheck.check(json.loads(request.data), settings={}, profile="campaign")
        except mailcheck.CouldNotStart as error:
            return Judgement("unsure", reason=str(error))
        return Judgement(report.verdict, report.model_dump_json())
