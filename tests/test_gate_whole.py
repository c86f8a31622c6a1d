"""The loop of the gate over every adapter: real store, real adapters, fake vendors; only the judge is a stand-in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gate_fakes.world import SEND_AT, Campaign, World
from mailcheck.gate.case import Desk, Patience
from mailcheck.gate.esps import connect
from mailcheck.gate.jobs import Hook, Job, ToTell
from mailcheck.gate.judging import JudgeRequest
from mailcheck.gate.model import HookEvent, Judgement
from mailcheck.gate.polling import Poller
from mailcheck.gate.running import Runner
from mailcheck.gate.settings import EspTable, PolicyTable
from mailcheck.gate.store import Store
from test_gate_esps import KEY, VENDORS, Account, Vendor, quick, table

EVERY = pytest.mark.parametrize("vendor", [one for one in VENDORS if one.schedules], ids=lambda vendor: vendor.kind)
BY_HAND = pytest.mark.parametrize("vendor", [one for one in VENDORS if not one.reverts], ids=lambda vendor: vendor.kind)
NOTIFY = ("held", "unsure", "cleared", "reverted", "failed")


@dataclass
class Judge:
    """Holds whatever says that it is wrong."""

    asked: list[bytes] = field(default_factory=list)

    async def judge(self, request: JudgeRequest) -> Judgement:
        self.asked.append(request.data)
        if b"WRONG" in request.data:
            return Judgement("held", '{"campaigns": []}', findings={"error": 1})
        return Judgement("clear", '{"campaigns": []}')


@dataclass
class Gate:
    """A gate before one account, and a clock that one sets."""

    account: Account
    store: Store
    judge: Judge
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        policies = {"default": PolicyTable(clear="schedule", notify=NOTIFY)}
        desk = Desk(
            self.store,
            {"mine": self.account.esp},
            policies,
            self.judge,
            clock=lambda: self.now,
            monotonic=time.monotonic,
            patience=Patience(tries=3, first=timedelta(seconds=1)),
        )
        self.runner = Runner(desk)

    def work(self) -> None:
        """Do whatever is to be done now."""

        async def main() -> None:
            for _ in range(50):
                if not await self.runner.step():
                    return
            raise AssertionError("the work has no end")

        asyncio.run(main())

    def hook(self, ident: str = "m1") -> Job:
        """A webhook says that the campaign is to be scheduled; its job when it is worked off."""
        events = (HookEvent(self.account.vendor.ident, SEND_AT),)
        hook = Hook("acme", ident, ident, events, "mine", "default", timedelta(days=4))
        (job_id,) = self.store.accept(hook, now=self.now).job_ids
        self.work()
        return self.job(job_id)

    def job(self, job_id: str) -> Job:
        job = self.store.job(job_id)
        assert job is not None
        return job

    def until(self, moment: datetime) -> None:
        """Let time go by."""
        self.now = moment
        self.work()

    @property
    def told(self) -> Sequence[ToTell]:
        return self.store.untold(self.now, limit=50)

    @property
    def topics(self) -> list[str]:
        return sorted(one.topic for one in self.told)


@pytest.fixture
def gate(vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    monkeypatch.setenv("ESP_KEY", KEY)
    world = World({vendor.ident: Campaign(vendor.ident)})
    store = Store.open(str(tmp_path / "gate.db"))
    with vendor.make(world) as fake:
        yield Gate(Account(vendor, world, fake, quick(connect("mine", table(vendor, fake.url)))), store, Judge())
    store.close()


@EVERY
def test_from_draft_to_send(gate: Gate) -> None:
    """Clear, scheduled once, looked at twice, sent."""
    account, ident = gate.account, gate.account.vendor.ident
    job = gate.hook()
    assert (job.verdict, job.action, job.state) == ("clear", "schedule", "done"), job
    assert (account.campaign.status, account.campaign.at) == ("scheduled", SEND_AT)
    assert SEND_AT.isoformat().encode() in gate.judge.asked[0]
    gate.until(SEND_AT - timedelta(minutes=30))
    gate.until(SEND_AT - timedelta(minutes=10))
    assert account.campaign.status == "scheduled"
    account.campaign.status = "sent"
    gate.until(SEND_AT + timedelta(minutes=2))
    assert account.world.effects == [f"schedule {ident}"]
    assert gate.topics == ["cleared"]
    assert len(gate.judge.asked) == 1


@EVERY
def test_a_bad_one_is_pulled_back_mended_and_scheduled(gate: Gate) -> None:
    account, ident = gate.account, gate.account.vendor.ident
    account.campaign.subject = "WRONG"
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    job = gate.hook("m1")
    assert (job.verdict, job.action) == ("held", "revert")
    account.campaign.subject = "20 % off"
    job = gate.hook("m2")
    assert (job.verdict, job.action) == ("clear", "schedule")
    assert account.world.effects == [f"stop {ident}", f"schedule {ident}"]
    assert gate.topics == ["cleared", "reverted"]


@EVERY
def test_an_edit_behind_the_back_of_the_gate_is_pulled_back_before_the_send(gate: Gate) -> None:
    account, ident = gate.account, gate.account.vendor.ident
    gate.hook()
    account.campaign.html += "<p>WRONG</p>"
    gate.until(SEND_AT - timedelta(minutes=30))
    assert account.campaign.status == "draft"
    assert account.world.effects == [f"schedule {ident}", f"stop {ident}"]
    assert gate.topics == ["cleared", "held", "reverted"]
    gate.until(SEND_AT + timedelta(hours=1))
    assert account.world.effects == [f"schedule {ident}", f"stop {ident}"]


@EVERY
def test_what_was_scheduled_past_the_gate_is_found(gate: Gate) -> None:
    account, ident = gate.account, gate.account.vendor.ident
    account.campaign.subject = "WRONG"
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    tables = {"mine": EspTable(kind=account.vendor.kind, poll=timedelta(minutes=5))}
    poller = Poller(gate.store, {"mine": account.esp}, tables, clock=lambda: gate.now)
    assert asyncio.run(poller.once("mine")) == 1
    gate.work()
    assert account.world.effects == [f"stop {ident}"]
    assert asyncio.run(poller.once("mine")) == 0


@EVERY
def test_content_that_cannot_be_read_is_pulled_back(gate: Gate) -> None:
    account, ident = gate.account, gate.account.vendor.ident
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    account.campaign.html = account.campaign.text = ""
    account.world.bare = True
    job = gate.hook()
    assert job.verdict != "clear"
    assert account.campaign.status == "draft"
    assert account.world.effects == [f"stop {ident}"]
    assert gate.topics == ["reverted"]
    assert gate.judge.asked == []


@EVERY
def test_content_of_a_draft_that_cannot_be_read_is_left_a_draft(gate: Gate) -> None:
    gate.account.campaign.html = gate.account.campaign.text = ""
    gate.account.world.bare = True
    gate.hook()
    assert gate.account.world.effects == []
    assert gate.topics == ["failed"]


@EVERY
def test_orders_whose_answers_never_come(gate: Gate) -> None:
    """Everything that changes something is carried out, and its answer lost: nothing is done twice."""
    account, ident = gate.account, gate.account.vendor.ident
    account.campaign.at = SEND_AT
    account.fake.writes_fail = "500-done"
    gate.hook()
    for _ in range(5):
        gate.until(gate.now + timedelta(seconds=30))
    assert account.world.effects in ([f"schedule {ident}"], [])
    assert (account.campaign.status == "scheduled") == bool(account.world.effects)


@EVERY
def test_a_service_that_is_down_until_the_send_is_told(gate: Gate) -> None:
    account = gate.account
    gate.hook()
    account.fake.all_fail = "500"
    for minutes in (30, 20, 10, 5, 2, 1):
        gate.until(SEND_AT - timedelta(minutes=minutes))
    assert "failed" in gate.topics
    assert [one for one in gate.told if "Look after it yourself" in one.text]


@BY_HAND
def test_what_only_people_can_stop_is_told(gate: Gate) -> None:
    account = gate.account
    account.campaign.subject = "WRONG"
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    job = gate.hook()
    assert job.verdict == "held"
    assert account.world.effects == []
    assert gate.topics == ["failed"]
    assert "Look after it yourself" in gate.told[0].text
