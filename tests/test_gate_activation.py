"""The door for services that ask before they send."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gate_door import Answer, Door, FakeEsp, make_door, signed
from mailcheck.gate.model import EspError, GateKind, Judgement, Planned
from mailcheck.gate.service import create_app

SEND_AT = datetime(2027, 3, 19, 9, tzinfo=UTC)


@dataclass
class Asking(FakeEsp):
    """A service that asks, and has one campaign."""

    gate: GateKind = "hard"
    error: Exception | None = None
    mails: Sequence[str] = ("a",)

    async def parts(self, campaign_id: str) -> Sequence[str]:
        return [f"{campaign_id}:{one}" for one in self.mails]

    async def fetch(self, campaign_id: str) -> Planned:
        if self.error is not None:
            raise self.error
        return Planned("main", campaign_id, "n", "draft", {"subject": "x", "html": "<p>"}, send_at=SEND_AT)


@pytest.fixture
def esp() -> Asking:
    return Asking()


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, esp: Asking) -> Door:
    made = make_door(tmp_path, monkeypatch)
    state = replace(made.state, esps={"main": esp})
    return replace(made, state=state, app=create_app(state))


def ask(door: Door, body: bytes = b'{"campaigns": ["7f"]}', path: str = "/v1/hooks/acme/validate") -> Answer:
    return door.ask("POST", path, list(signed(body).items()), body)


def test_a_clear_campaign_may_be_activated(door: Door) -> None:
    answer = ask(door)
    assert (answer.status, answer.json()) == (200, {"success": True})
    (request,) = door.judges.asked
    assert json.loads(request.data) == {"subject": "x", "html": "<p>", "schedule": {"send": SEND_AT.isoformat()}}
    assert door.store.depth(SEND_AT).waiting == 0


@pytest.mark.parametrize(
    "judgement", [Judgement("held", findings={"error": 2}), Judgement("unsure", reason="it took too long")]
)
def test_any_other_verdict_is_a_no(door: Door, judgement: Judgement) -> None:
    door.judges.judgement = judgement
    answer = ask(door)
    assert answer.status == 400
    assert judgement.verdict in str(answer.json()["detail"])


def test_every_mail_has_to_be_clear(door: Door, esp: Asking) -> None:
    esp.mails = ("a", "b", "c")
    assert ask(door).status == 200
    assert len(door.judges.asked) == 3
    answers = iter([Judgement("clear"), Judgement("held", findings={"error": 1}), Judgement("clear")])

    async def judge(request: object) -> Judgement:
        return next(answers)

    door.judges.judge = judge  # type: ignore[method-assign]  # answers in their order
    assert ask(door).json()["detail"] == "mailcheck: held (1 error)"
    esp.mails = ()
    assert ask(door).status == 400


@pytest.mark.parametrize("error", [EspError("it failed (500)"), KeyError("activities"), TimeoutError()])
def test_what_cannot_be_fetched_is_a_no(door: Door, esp: Asking, error: Exception) -> None:
    esp.error = error
    assert ask(door).status == 400
    assert door.judges.asked == []


@pytest.mark.parametrize("names", [[], ["1", "2"]])
def test_one_campaign_at_a_time(door: Door, names: Sequence[str]) -> None:
    assert ask(door, json.dumps({"campaigns": names}).encode()).status == 422


def test_nobody_else_is_answered(door: Door) -> None:
    body = b'{"campaigns": ["7f"]}'
    assert door.ask("POST", "/v1/hooks/acme/validate", [], body).status == 401
    assert door.ask("POST", "/v1/hooks/nobody/validate", list(signed(body).items()), body).status == 401
    assert door.judges.asked == []


def test_a_service_that_asks_never_gets_a_202_which_it_would_take_for_a_yes(door: Door) -> None:
    assert ask(door, path="/v1/hooks/acme").status == 409
    assert door.store.depth(SEND_AT).waiting == 0
