"""People are told: words, targets, retries; and scheduled campaigns are looked for."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import mailcheck
from gate_fakes.engine import Asked, Fake, Refused
from mailcheck.gate.alerts import TAKEN, Alerts, BadAlert, words
from mailcheck.gate.jobs import QueueFull, ToTell
from mailcheck.gate.model import EspError, GateKind, HookEvent, Judgement, Planned
from mailcheck.gate.polling import TELL_AFTER, Poller
from mailcheck.gate.settings import EspTable, GateSettings, PolicyTable
from mailcheck.gate.store import Store
from smtp_server import MailServer

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(str(tmp_path / "gate.db"), queue=3)
    yield store
    store.close()


def notice(**changes: Any) -> ToTell:
    given: dict[str, Any] = {
        "topic": "held",
        "esp": "mine",
        "campaign_id": "12",
        "name": "Spring sale",
        "text": "It is taken out of the schedule, for it is held.",
        "policy": "default",
        "digest": "d",
    }
    return ToTell(**given | changes)


REPORT = mailcheck.check(
    {"subject": "Hi {{ first_name }}", "html": "<p>Hi *|FNAME|*</p><a href='http://shop.example/'>x</a>"}, settings={}
).model_dump_json()


# words


def test_words_say_what_happened_where_and_what_was_found() -> None:
    said = words(notice(report_id="r-1"), REPORT, "https://gate.shop.example/v1/reports/r-1.html")
    assert said.title == "Held: Spring sale"
    assert said.level == "warning"
    assert "It is taken out of the schedule" in said.body
    assert "Connection mine, campaign 12." in said.body
    assert "https://gate.shop.example/v1/reports/r-1.html" in said.body
    findings = [line for line in said.body.splitlines() if line.startswith("- ")]
    assert 1 <= len(findings) <= 4
    assert "links/" in said.body or "merge_tags/" in said.body


def test_words_carry_no_address_and_no_order() -> None:
    report = json.dumps(
        {"campaigns": [{"findings": [{"severity": "error", "rule": "x/y", "message": "<!channel> bob@shop.example"}]}]}
    )
    said = words(
        notice(name="klara@gmail.com\r\n@everyone <@U123>\u202e\x1b[31m", text="see anna@shop.example @here"), report
    )
    whole = said.title + said.body
    assert not [one for one in ("klara", "bob@", "anna@", "@everyone", "@here", "<", "\x1b", "\u202e") if one in whole]
    assert "\n" not in said.title
    assert "k…a@g….com" in said.title


@pytest.mark.parametrize(
    "report", ["", "null", "[]", '{"campaigns": 3}', '{"campaigns": [{}]}', "{", '{"faults": [1]}']
)
def test_words_without_a_usable_report(report: str) -> None:
    assert "It is taken out" in words(notice(), report).body


def test_words_are_not_long() -> None:
    said = words(notice(name="n" * 10_000, text="t" * 10_000))
    assert len(said.title) < 400
    assert len(said.body) < 1000


# delivery


@dataclass
class Hearing:
    """A webhook receiver, which is what chats are as well."""

    heard: list[Asked] = field(default_factory=list)
    refuses: int = 0

    def fake(self) -> Fake:
        def take(asked: Asked) -> tuple[int, object]:
            if self.refuses:
                self.refuses -= 1
                raise Refused(500, {})
            self.heard.append(asked)
            return 200, {"ok": True}

        return Fake([("POST", r"/.*", take)], lambda _asked: None)


def alerts(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, **urls: str) -> Alerts:
    for name, url in urls.items():
        monkeypatch.setenv(f"ALERT_{name}", url)
    given = {"alerts": {name: {"url": {"env": f"ALERT_{name}"}} for name in urls}, "public_url": "https://gate.example"}
    made = Alerts.of(GateSettings.model_validate(given), store)
    made.clock = clock
    return made


def test_a_webhook_a_chat_and_a_mail(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    hook, chat = Hearing(), Hearing()
    with hook.fake() as one, chat.fake() as two, MailServer() as mail:
        made = alerts(
            store,
            clock,
            monkeypatch,
            hook=f"json://127.0.0.1:{one.port}/s3cret",
            chat=f"mmost://127.0.0.1:{two.port}/3ccdd113474722377935511fc85d3dd4",
            mail=f"mailto://127.0.0.1:{mail.port}/?from=gate@shop.example&to=team@shop.example&mode=insecure",
        )
        store.tell(notice(report_id="r-1"), now=NOW)
        assert asyncio.run(made.deliver()) == 1
        assert asyncio.run(made.deliver()) == 0
    assert "Report: https://gate.example/v1/reports/r-1.html" in hook.heard[0].body["message"]
    assert hook.heard[0].body["title"] == "Held: Spring sale"
    assert "It is taken out" in hook.heard[0].body["message"]
    assert "It is taken out" in chat.heard[0].body["text"]
    message = email.message_from_bytes(mail.mails[0], policy=email.policy.default)
    assert message["Subject"] == "Held: Spring sale"
    body = message.get_body(("plain", "html"))
    assert body is not None
    assert "It is taken out" in body.get_content()
    assert (len(hook.heard), len(chat.heard), len(mail.mails)) == (1, 1, 1)


def test_who_was_told_is_not_told_again_when_others_are(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    well, ill = Hearing(), Hearing(refuses=2)
    caplog.set_level(logging.DEBUG)
    with well.fake() as one, ill.fake() as two:
        made = alerts(
            store,
            clock,
            monkeypatch,
            well=f"json://127.0.0.1:{one.port}/s3cret",
            ill=f"json://me:s3cret-word@127.0.0.1:{two.port}/s3cret",
        )
        store.tell(notice(), now=NOW)
        asyncio.run(made.deliver())
        assert asyncio.run(made.deliver()) == 0, "not before the pause is over"
        for _ in range(2):
            clock.now += timedelta(minutes=2)
            asyncio.run(made.deliver())
    assert (len(well.heard), len(ill.heard)) == (1, 1)
    assert asyncio.run(made.deliver()) == 0
    assert "not delivered to ill" in caplog.text
    assert "s3cret" not in caplog.text


def test_of_several_services_on_one_store_one_tells(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And when that one has ended before it did, another."""
    hook = Hearing()
    with hook.fake() as fake:
        one, two = (alerts(store, clock, monkeypatch, hook=f"json://127.0.0.1:{fake.port}") for _ in range(2))
        store.tell(notice(), now=NOW)

        async def both() -> None:
            await asyncio.gather(one.deliver(), two.deliver())

        asyncio.run(both())
        assert len(hook.heard) == 1
        store.tell(notice(digest="another"), now=NOW)
        (left,) = store.untold(NOW)
        assert store.take(left.id, now=NOW, until=NOW + TAKEN)
        asyncio.run(two.deliver())
        assert len(hook.heard) == 1
        clock.now += TAKEN
        asyncio.run(two.deliver())
    assert len(hook.heard) == 2


def test_a_target_that_is_not_there_is_tried_later_and_longer(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = alerts(store, clock, monkeypatch, gone="json://127.0.0.1:9/s3cret")
    said: list[str] = []
    made.log = said.append
    store.tell(notice(), now=NOW)
    pauses = []
    for _ in range(9):
        assert asyncio.run(made.deliver()) == 1
        before = clock.now
        while not store.untold(clock.now):
            clock.now += timedelta(seconds=30)
        pauses.append(clock.now - before)
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=30)
    assert pauses[-1] == timedelta(hours=1)
    assert len(said) == 9
    assert not [line for line in said if "127.0.0.1" in line or "s3cret" in line]


def test_a_policy_names_its_alerts(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = Hearing(), Hearing()
    with one.fake() as first, two.fake() as second:
        urls = {"one": f"json://127.0.0.1:{first.port}", "two": f"json://127.0.0.1:{second.port}"}
        made = alerts(store, clock, monkeypatch, **urls)
        made.policies = {"default": PolicyTable(alerts=("two",)), "gone": PolicyTable(alerts=("three",))}
        store.tell(notice(), now=NOW)
        store.tell(notice(policy="gone", campaign_id="13"), now=NOW)
        asyncio.run(made.deliver())
    assert (len(one.heard), len(two.heard)) == (1, 2)


def test_nobody_to_tell(store: Store, clock: Clock) -> None:
    made = Alerts(store, {}, {}, clock=clock)
    store.tell(notice(), now=NOW)
    assert asyncio.run(made.deliver()) == 1
    assert asyncio.run(made.deliver()) == 0


@pytest.mark.parametrize("url", ["", "s3cret", "nosuch://s3cret@host", "json://a,json://b", "slack://s3cret"])
def test_an_address_that_is_none_is_named_and_not_shown(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    with pytest.raises(BadAlert, match=r"alerts\.team") as caught:
        alerts(store, clock, monkeypatch, team=url)
    assert "s3cret" not in str(caught.value) + caplog.text


def test_the_alerts_run_until_they_are_stopped(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = Hearing()

    async def main(made: Alerts) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(made.run(stop))
        async with asyncio.timeout(10):
            while not hook.heard:
                await asyncio.sleep(0.01)
            stop.set()
            await running

    with hook.fake() as fake:
        made = alerts(store, clock, monkeypatch, hook=f"json://127.0.0.1:{fake.port}")
        store.tell(notice(), now=NOW)
        asyncio.run(main(made))
    assert len(hook.heard) == 1


# looking for what is scheduled


@dataclass
class Listed:
    """A connection of which only the list counts."""

    ids: list[str] = field(default_factory=list)
    at: datetime | None = None
    error: Exception | None = None
    name: str = "mine"
    gate: GateKind = "polling"

    async def scheduled(self) -> Mapping[str, datetime | None]:
        if self.error is not None:
            raise self.error
        return dict.fromkeys(self.ids, self.at)

    async def fetch(self, campaign_id: str) -> Planned:
        raise NotImplementedError

    async def schedule(self, planned: Planned) -> None:
        raise NotImplementedError

    async def revert(self, planned: Planned) -> None:
        raise NotImplementedError

    def events(self, body: bytes) -> Sequence[HookEvent]:
        raise NotImplementedError


@dataclass
class Watch:
    poller: Poller
    esp: Listed
    store: Store
    rung: list[int] = field(default_factory=list)

    def once(self) -> int:
        return asyncio.run(self.poller.once("mine"))

    def turn(self) -> timedelta:
        return asyncio.run(self.poller.turn("mine"))


@pytest.fixture
def watch(store: Store, clock: Clock) -> Watch:
    esp = Listed()
    table = EspTable(kind="brevo", poll=timedelta(minutes=5))
    other = EspTable(kind="brevo")
    made = Watch(
        Poller(store, {"mine": esp, "silent": Listed()}, {"mine": table, "silent": other}, clock=clock), esp, store
    )
    made.poller.ring = lambda: made.rung.append(1)
    return made


def test_every_scheduled_campaign_becomes_one_job(watch: Watch, store: Store) -> None:
    assert watch.poller.names == ["mine"]
    watch.esp.ids = ["1", "2", "1"]
    assert (watch.once(), watch.once()) == (2, 0)
    assert watch.rung
    watch.esp.ids = ["2", "3"]
    assert watch.once() == 1
    assert store.depth(NOW).waiting == 3


def test_a_campaign_that_a_job_follows_is_not_brought_up(watch: Watch, store: Store) -> None:
    store.enqueue("recheck", "mine", "7", policy="default", now=NOW, due_at=NOW + timedelta(hours=1))
    watch.esp.ids = ["7"]
    assert watch.once() == 0


@pytest.mark.parametrize("hours", [-3, 1, 24 * 60])
def test_a_campaign_that_was_moved_is_looked_at_at_once(watch: Watch, store: Store, hours: int) -> None:
    """It is followed for another time: moved to an earlier one, it would go out before the next look."""
    at = NOW + timedelta(hours=5)
    due = at - timedelta(minutes=30)
    job_id = store.enqueue("recheck", "mine", "7", policy="default", now=NOW, send_at=at, due_at=due)
    watch.esp.ids, watch.esp.at = ["7"], at + timedelta(seconds=40)
    watch.once()
    assert store.lease("w", now=NOW, for_=timedelta(minutes=1)) is None
    watch.esp.at = at + timedelta(hours=hours)
    assert watch.once() == 0
    job = store.lease("w", now=NOW, for_=timedelta(minutes=1))
    assert job is not None
    assert job.id == job_id


def test_a_job_that_ended_is_made_again_while_the_campaign_is_scheduled(watch: Watch, store: Store) -> None:
    watch.esp.ids = ["1"]
    assert watch.once() == 1
    job = store.lease("w", now=NOW, for_=timedelta(minutes=1))
    assert job is not None
    assert watch.once() == 0
    planned = Planned("mine", "1", "n", "scheduled", {"subject": "x"})
    job = store.judged(job, planned, Judgement("held"), now=NOW)
    from mailcheck.gate.leasing import Ending

    store.finish(job, Ending("done", action="leave"), now=NOW)
    assert watch.once() == 1


def test_a_full_queue_is_waited_for(watch: Watch) -> None:
    watch.esp.ids = ["1", "2", "3", "4"]
    with pytest.raises(QueueFull):
        watch.once()
    assert watch.rung
    assert timedelta(0) < watch.turn() <= timedelta(minutes=5)


def test_a_queue_that_stays_full_is_told_once(watch: Watch, store: Store) -> None:
    watch.esp.ids = ["1", "2", "3", "4"]
    for _ in range(TELL_AFTER + 2):
        watch.turn()
    (told,) = store.untold(NOW)
    assert (told.topic, "the queue is full" in told.text) == ("failed", True)


def test_a_list_that_cannot_be_read_is_told_once(watch: Watch, store: Store) -> None:
    watch.esp.error = EspError("it failed (500)")
    pauses = [watch.turn() for _ in range(TELL_AFTER + 4)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=5)
    (told,) = store.untold(NOW)
    assert told.topic == "failed"
    assert "goes out unjudged" in told.text
    watch.esp.error = None
    assert watch.turn() == timedelta(minutes=5)


def test_a_key_that_is_refused_is_told_at_once(watch: Watch, store: Store) -> None:
    watch.esp.error = EspError("the key is refused", permanent=True)
    watch.turn()
    watch.turn()
    assert len(store.untold(NOW)) == 1


def test_a_service_that_asks_for_patience_gets_it(watch: Watch) -> None:
    watch.esp.error = EspError("fewer requests", retry_after=1200)
    assert watch.turn() == timedelta(minutes=20)


def test_an_adapter_that_breaks_its_word(watch: Watch) -> None:
    watch.esp.error = KeyError("results")
    with pytest.raises(EspError, match="the connection failed"):
        watch.once()


def test_the_poller_runs_until_it_is_stopped(watch: Watch, store: Store) -> None:
    watch.esp.ids = ["1"]

    async def main() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(watch.poller.run(stop))
        async with asyncio.timeout(10):
            while not watch.rung:
                await asyncio.sleep(0.01)
            stop.set()
            await running

    asyncio.run(main())
    assert store.depth(NOW).waiting == 1
