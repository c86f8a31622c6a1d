"""A world in which everything fails: a gate, a sending service, people, a clock, and faults by a seeded chance.

A schedule is the life of one campaign, from the first webhook until it is sent or left. Two runners work on the store.
They are ended at any step (their work is abandoned, and a new one begins) or stall for longer than their lease. The
database fails before a step or after it, the service fails before it does something or after it, later, takes minutes,
or answers garbage, and the clock is set back and forth. People edit, move the campaign to an earlier or a later time,
mend it while it is being pulled back, or delete it, and webhooks come twice, or name another time.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import event, select

from mailcheck.gate.jobs import Hook, StoreError
from mailcheck.gate.judging import JudgeRequest
from mailcheck.gate.model import EspError, GateKind, HookEvent, Judgement, Planned, Status
from mailcheck.gate.polling import bring_up
from mailcheck.gate.running import Desk, Patience, Runner
from mailcheck.gate.schema import NOTICES, moment
from mailcheck.gate.settings import PolicyTable
from mailcheck.gate.store import Store

BASE = datetime(2030, 3, 1, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
EVERYTHING = ("held", "unsure", "cleared", "reverted", "failed")
POLLED_BEFORE = 200.0
"""The poller comes a minute after each deed, and so many seconds before the send."""
CALM_BEFORE = 900.0
"""Seconds before the send: when all was well from then on, nothing may go out that is not clear."""


class Killed(BaseException):
    """The process was ended here."""


class BrokenError(AssertionError):
    """What must never be, was."""


@dataclass
class Clock:
    """`t` is what really goes by."""

    t: float = 0.0
    offset: float = 0.0

    def now(self) -> datetime:
        return BASE + timedelta(seconds=self.t + self.offset)

    def tick(self) -> float:
        return self.t


@dataclass
class Campaign:
    """What the sending service has; the first word of a content says what it is worth."""

    content: str
    status: Status = "draft"
    send_at: float | None = None
    recipients: int = 1000
    version: int = 0
    forgets: bool = False
    """Whether the service tells neither time nor number of what it sends."""
    deleted: bool = False

    def planned(self, esp: str, name: str) -> Planned:
        at = None if self.send_at is None else BASE + timedelta(seconds=self.send_at)
        told = not (self.forgets and self.status in ("sending", "sent"))
        document = {"subject": self.content, "id": name}
        count = self.recipients if told else None
        return Planned(esp, name, name, self.status, document, str(self.version), at if told else None, count)


@dataclass
class Sent:
    t: float
    content: str


@dataclass
class World:
    """One schedule of faults."""

    seed: int
    store: Store
    polled: bool | None = None
    rng: random.Random = field(init=False)
    clock: Clock = field(default_factory=Clock)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = rng = random.Random(self.seed)
        self.esp = f"esp{self.seed}"
        self.id = f"campaign{self.seed}"
        self.rate = rng.choice([0.02, 0.08, 0.2, 0.6])
        self.faults = rng.choice([0, 1, 2, 4, 8, 16])
        if self.polled is None:
            self.polled = rng.random() < 0.5
        self.worked_by: float | None = None
        self.calm_at = rng.choice([600.0, 2400.0, 6000.0])
        self.campaign = Campaign(self.content(), forgets=rng.random() < 0.3)
        self.lasting = rng.choice([0.0, 0.0, 30.0, 400.0])
        self.policy = PolicyTable(
            clear=rng.choice(["schedule", "schedule", "leave"]),
            held=rng.choice(["revert", "revert", "leave"]),
            unsure=rng.choice(["revert", "revert", "revert", "leave"]),
            notify=EVERYTHING,
        )
        self.sent: list[Sent] = []
        self.pending: list[tuple[float, Callable[[], None]]] = []
        self.changed_at = 0.0
        self.mended = 1000
        self.told_before = -1
        self.looked_at = -1.0
        self.late_effect = False
        self.raced = False
        self.breaches: list[str] = []  # what is raised in the service would be taken for a fault of its connection
        self.plan = rng.choice([400.0, 3000.0, 4000.0, 9000.0, 20_000.0])
        self.counts: dict[str, int] = {}
        self.jobs: set[str] = set()
        self.stalls: dict[asyncio.Task[bool], asyncio.Event] = {}
        self.sleepers: list[tuple[float, asyncio.Task[bool]]] = []
        self.runners = [self.runner(), self.runner()]

    # chance

    def content(self) -> str:
        return f"{self.rng.choice(['good', 'good', 'bad', 'odd'])} {self.rng.randrange(1000)}"

    def trouble(self, share: float = 1.0) -> bool:
        if self.faults <= 0 or self.clock.t >= self.calm_at or self.rng.random() >= self.rate * share:
            return False
        self.faults -= 1
        return True

    def note(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
        self.log.append(f"{self.clock.t:8.1f} {what}")

    # the gate

    def runner(self) -> Runner:
        store = replace(self.store, watched={}, monotonic=self.clock.tick)
        desk = Desk(
            store,
            {self.esp: FakeEsp(self)},
            {"default": self.policy},
            FakeJudge(self),
            clock=self.clock.now,
            monotonic=self.clock.tick,
            patience=Patience(tries=6, lease=LEASE),
            aside=self.aside,
        )
        return Runner(desk)

    async def aside(self, function: Callable[..., object], *args: object, **kwargs: object) -> object:
        """A step of the store: it may be the last one of the process, before it or after it."""
        await self.pause()
        self.maybe_killed("before a step")
        if self.trouble(0.5):
            self.note("database error before")
            raise StoreError("the database is away")
        result = function(*args, **kwargs)
        self.maybe_killed(f"after {getattr(function, '__name__', '')}")
        if self.trouble(0.3):
            self.note("database error after")
            raise StoreError("the database is away, and nobody knows whether it was done")
        return result

    def dawdle(self) -> None:
        """The service takes its time, while whoever waits for it gives signs of life."""
        if not self.trouble(0.5):
            return
        self.note("slow")
        for _ in range(self.rng.choice([2, 8])):
            self.clock.t += 10
            with self.store.engine.execution_options(writes=True).begin() as connection:
                connection.exec_driver_sql(
                    "UPDATE gate_jobs SET beat = beat + 1 WHERE state = 'running' AND esp = ?", (self.esp,)
                )
            self.happen()

    def maybe_killed(self, where: str) -> None:
        if self.trouble(0.5):
            self.note(f"killed {where}")
            raise Killed

    async def pause(self) -> None:
        """Others may go on here; now and then for so long that the lease goes by."""
        task = asyncio.current_task()
        if task is not None and task.get_name() == "step" and self.trouble(0.15):
            self.note("stalled")
            if self.rng.random() < 0.5:
                self.pending.append((self.clock.t + 10, self.edit))
            door = self.stalls[task] = asyncio.Event()
            await door.wait()
        elif self.rng.random() < 0.3:
            await asyncio.sleep(0)

    async def work(self) -> None:
        """Both runners work until there is nothing to do; whoever is ended, or stalled, is replaced."""
        for _ in range(300):
            tasks = [self.step(number) for number in range(2)]
            await self.drive(tasks)
            busy = [self.was_busy(number, task) for number, task in enumerate(tasks)]
            if not any(busy):
                return
        raise BrokenError("it never comes to rest")

    def step(self, number: int) -> asyncio.Task[bool]:
        return asyncio.create_task(self.runners[number].step(), name="step")

    async def drive(self, tasks: list[asyncio.Task[bool]]) -> None:
        while any(not task.done() and task not in self.stalls for task in tasks):
            await asyncio.sleep(0)
            for number, task in enumerate(tasks[:2] if len(tasks) > 1 else ()):
                # Who found nothing to do asks again, while the other one is at work.
                nothing = task.done() and not task.cancelled() and task.exception() is None and not task.result()
                if nothing and self.rng.random() < 0.1:
                    tasks[number] = self.step(number)

    def was_busy(self, number: int, task: asyncio.Task[bool]) -> bool:
        if not task.done():
            self.sleepers.append((self.clock.t, task))
            self.runners[number] = self.runner()
            return True
        error = task.exception()
        if error is None:
            return task.result()
        if isinstance(error, Killed):
            self.runners[number] = self.runner()
        elif not isinstance(error, StoreError):
            raise error
        return not isinstance(error, StoreError)

    async def awaken(self, *, all_: bool = False) -> None:
        """Those who stalled for longer than their lease go on as if nothing had been."""
        for since, task in list(self.sleepers):
            if all_ or self.clock.t > since + LEASE.total_seconds() + 5:
                self.sleepers.remove((since, task))
                self.stalls.pop(task).set()
                await self.drive([task])
                if task.done():
                    error = task.exception()
                    if error is not None and not isinstance(error, Killed | StoreError):
                        raise error
                else:
                    self.sleepers.append((self.clock.t, task))

    # what comes in

    def hook(self, number: int) -> None:
        """A webhook, delivered until it is accepted, and perhaps once more."""
        at = self.campaign.send_at if self.rng.random() < 0.5 else None
        if self.campaign.send_at is None:
            at = self.plan
        if self.rng.random() < 0.1:
            at = self.plan + self.rng.choice([-7200.0, 7200.0])
        send_at = None if at is None else BASE + timedelta(seconds=at)
        events = (HookEvent(self.id, send_at),)
        hook = Hook(self.esp, f"hook{number}", str(at), events, self.esp, "default", timedelta(days=4))
        answers = []
        for _ in range(6):
            if self.trouble():
                self.note("webhook lost before")
                continue
            answers.append(self.store.accept(hook, now=self.clock.now()))
            if not self.trouble():
                break
            self.note("answer to webhook lost")
        else:
            answers.append(self.store.accept(hook, now=self.clock.now()))
        if len({one.job_ids for one in answers}) != 1 or answers[0].state != "new":
            raise BrokenError(f"answers to one webhook differ: {answers}")
        if any(one.state != "repeated" for one in answers[1:]):
            raise BrokenError(f"a repeated webhook was taken anew: {answers}")
        if self.store.accept(replace(hook, body_digest="another"), now=self.clock.now()).state != "conflict":
            raise BrokenError("another body under the same id was taken")
        self.jobs.update(answers[0].job_ids)

    def poll(self) -> None:
        going = self.campaign.status == "scheduled" and self.polled
        if going and not self.trouble():
            at = self.campaign.planned(self.esp, self.id).send_at
            bring_up(self.store, self.esp, {self.id: at}, policy="default", now=self.clock.now())

    # what people do

    def edit(self) -> None:
        if self.campaign.status in ("draft", "scheduled", "paused"):
            self.campaign.content = self.content()
            self.touch("edited")

    def schedule_by_hand(self) -> None:
        if self.campaign.status in ("draft", "paused") and self.plan > self.clock.t + 30:
            self.campaign.status, self.campaign.send_at = "scheduled", self.plan
            self.touch("scheduled by hand")

    def unschedule_by_hand(self) -> None:
        if self.campaign.status == "scheduled":
            self.campaign.status = "draft"
            self.touch("unscheduled by hand")

    def reschedule(self) -> None:
        moved = self.plan + self.rng.choice([600.0, 1800.0, -600.0, -5000.0, -12_000.0])
        if self.campaign.status == "scheduled" and moved > self.clock.t + CALM_BEFORE:
            self.plan = self.campaign.send_at = moved
            self.touch("rescheduled")

    def mend(self) -> None:
        self.edit()
        self.hook(self.mended)
        self.mended += 1

    def delete(self) -> None:
        if self.campaign.status in ("draft", "scheduled", "paused"):
            self.campaign.status, self.campaign.deleted = "cancelled", True
            self.touch("deleted")

    def edit_and_hurry(self) -> None:
        """What the last minute brings: another text, and an earlier time."""
        self.edit()
        self.reschedule()

    def grow(self) -> None:
        self.campaign.recipients += self.rng.choice([3, 20, 5000])
        self.touch("grown")

    def touch(self, what: str) -> None:
        self.note(f"{what}: {self.campaign.content}, {self.campaign.status}")
        self.campaign.version += 1
        self.changed_at = self.clock.t
        self.raced = False

    # the course of time

    def script(self) -> list[tuple[float, Callable[[], None]]]:
        """What happens when, of its own accord."""
        rng = self.rng
        plan: list[tuple[float, Callable[[], None]]] = []
        deeds = [
            self.edit,
            self.schedule_by_hand,
            self.schedule_by_hand,
            self.unschedule_by_hand,
            self.reschedule,
            self.edit_and_hurry,
            self.grow,
        ]
        for number in range(1, rng.randrange(2, 6)):
            at, deed = rng.uniform(0, self.plan - 120), rng.choice(deeds)
            plan.append((at, deed))
            if self.polled:
                plan.append((at + 60, self.poll))
            # Without a poller, nobody else tells the gate what people have scheduled.
            planned = deed in (self.schedule_by_hand, self.reschedule, self.edit_and_hurry)
            if rng.random() < 0.4 or (planned and not self.polled):
                plan.append((at + rng.choice([0.0, 1.0, 40.0]), partial(self.hook, number)))
                if rng.random() < 0.2:
                    plan.append((at + rng.choice([0.0, 41.0]), partial(self.hook, number + 100)))
        plan.append((rng.uniform(0, 300), lambda: self.hook(0)))
        if rng.random() < 0.05:
            plan.append((rng.uniform(0, self.plan), self.delete))
        if rng.random() < 0.4:
            jump = rng.choice([-86400.0, -3600.0, -60.0, 60.0, 3600.0, 86400.0, 3 * 86400.0])
            plan.append((rng.uniform(0, self.calm_at), lambda: self.jump(jump)))
        plan.append((self.calm_at, lambda: self.jump(0.0)))
        return plan

    def jump(self, offset: float) -> None:
        if offset != self.clock.offset:
            self.note(f"the clock is set by {offset:+.0f} s")
        self.clock.offset = offset

    async def live(self) -> None:
        """From the first webhook until nothing is left to be done.

        Raises:
            BrokenError: with the seed, and what had happened.
        """
        try:
            await self._live()
            self.judge_the_end()
        except BrokenError as broken:
            told = "\n".join([*self.log, *self.told()])
            raise BrokenError(f"schedule {self.seed}: {broken}\n{told}") from None

    async def _live(self) -> None:
        script = self.script()
        while True:
            self.pending += script
            script = []
            self.happen()
            self.poll()
            await self.awaken()
            if self.has_work():
                await self.work()
            self.check_rest()
            if not self.ahead():
                break
        await self.awaken(all_=True)
        await self.work()

    def check_rest(self) -> None:
        """What the gate has scheduled is what it has judged, once it is at rest."""
        if self.breaches:
            raise BrokenError(self.breaches[0])
        scheduled = self.raced and self.campaign.status == "scheduled"
        if scheduled and not (self.late_effect or self.sleepers or self.judging()):
            approval = self.store.approval(self.esp, self.id)
            if approval is None or approval.digest != self.campaign.planned(self.esp, self.id).digest:
                raise BrokenError(f"{self.campaign.content} is scheduled, and another content was judged")

    def happen(self) -> None:
        """What is due by now."""
        self.send()
        due = sorted((one for one in self.pending if one[0] <= self.clock.t), key=lambda one: one[0])
        self.pending = [one for one in self.pending if one[0] > self.clock.t]
        for _, deed in due:
            deed()
        self.send()

    def send(self) -> None:
        """The sending service sends what is scheduled when its time has come."""
        campaign = self.campaign
        if campaign.status == "scheduled" and campaign.send_at is not None and campaign.send_at <= self.clock.t:
            campaign.status = "sending" if self.lasting else "sent"
            self.sent.append(Sent(self.clock.t, campaign.content))
            self.note(f"sent: {campaign.content}")
            if self.lasting:
                self.pending.append((self.clock.t + self.lasting, self.all_sent))

    def all_sent(self) -> None:
        if self.campaign.status == "sending":
            self.campaign.status = "sent"

    def ahead(self) -> bool:
        """Go on to when something happens next; whether there is anything."""
        times = [at for at, _ in self.pending]
        if self.campaign.status == "scheduled" and self.campaign.send_at is not None:
            times += [self.campaign.send_at]
            if self.polled and self.clock.t < self.campaign.send_at - POLLED_BEFORE:
                times += [self.campaign.send_at - POLLED_BEFORE]
        due, running = self.outlook()
        if due is not None:
            times.append(due)
        if running or self.sleepers:
            times.append(self.clock.t + LEASE.total_seconds() + 1)
        if not times:
            return False
        if self.clock.t > self.plan + 8 * 86400:
            raise BrokenError("jobs do not come to an end")
        self.clock.t = max(self.clock.t + 0.5, min(times))
        return True

    def outlook(self) -> tuple[float | None, bool]:
        """When the next job is due, and whether one is worked on, or was."""
        with self.store.engine.connect() as connection:
            query = "SELECT state, min(due_at) FROM gate_jobs WHERE finished_at IS NULL AND esp = ? GROUP BY state"
            found = {row[0]: row[1] for row in connection.exec_driver_sql(query, (self.esp,))}
        due = found.get("waiting")
        at = None if due is None else (moment(due) - BASE).total_seconds() - self.clock.offset
        return at, "running" in found

    def judging(self) -> bool:
        """Whether a campaign is still to be judged."""
        with self.store.engine.connect() as connection:
            query = "SELECT count(*) FROM gate_jobs WHERE finished_at IS NULL AND kind != 'recheck' AND esp = ?"
            return bool(connection.exec_driver_sql(query, (self.esp,)).scalar())

    def has_work(self) -> bool:
        due, running = self.outlook()
        was, self.worked_by = self.worked_by, self.clock.offset
        return running or was != self.clock.offset or (due is not None and due <= self.clock.t)

    # the end

    def told(self) -> list[str]:
        with self.store.engine.connect() as connection:
            query = select(NOTICES.c.topic, NOTICES.c.text).where(NOTICES.c.esp == self.esp).order_by(NOTICES.c.number)
            return [f"told {topic}: {text}" for topic, text in connection.execute(query)]

    def judge_the_end(self) -> None:
        for job_id in self.jobs:
            job = self.store.job(job_id)
            if job is None or job.state not in ("done", "failed"):
                raise BrokenError(f"a job was lost: {job}")
        told = self.told()
        if self.told_before == len(told):
            raise BrokenError("it was pulled back, and nobody was told")
        for sent in self.sent:
            if sent.content.startswith("good"):
                continue
            if not told or told[-1].startswith("told cleared"):
                raise BrokenError(f"{sent.content} was sent, and nobody was told")
            leaves = self.policy.held == "leave" or self.policy.unsure == "leave"
            looked = max(self.changed_at, self.calm_at) < sent.t - CALM_BEFORE
            if looked and not leaves:
                raise BrokenError(f"{sent.content} was sent, though all was well for long enough")
        if self.campaign.status == "scheduled":
            raise BrokenError("it never went out")


@dataclass
class FakeJudge:
    world: World

    async def judge(self, request: JudgeRequest) -> Judgement:
        world = self.world
        await world.pause()
        world.maybe_killed("while judging")
        word = str(json.loads(request.data)["subject"]).split()[0]
        if world.trouble(0.3):
            world.edit()
        world.note(f"judged {word}")
        if word == "odd" or world.trouble(0.5):
            return Judgement("unsure", reason="The process that judged it died")
        return Judgement("clear", "{}") if word == "good" else Judgement("held", "{}", findings={"error": 1})


@dataclass
class FakeEsp:
    """A sending service that does not forgive: what is scheduled twice goes out twice."""

    world: World
    gate: GateKind = "polling"

    @property
    def name(self) -> str:
        return self.world.esp

    async def fetch(self, campaign_id: str) -> Planned:
        world = self.world
        await world.pause()
        world.maybe_killed("before a look")
        self.maybe_fails("look")
        world.dawdle()
        if world.trouble(0.3):
            world.note("garbage")
            garbage: object = world.rng.choice(
                [None, {"id": campaign_id}, world.campaign.planned(world.esp, "another")]
            )
            return garbage  # type: ignore[return-value]  # that is what is tried
        found = world.campaign.planned(world.esp, campaign_id)
        world.looked_at = world.clock.t
        await world.pause()
        return found

    async def scheduled(self) -> Mapping[str, datetime | None]:
        return {}

    async def schedule(self, planned: Planned) -> None:
        await self.change("schedule", planned)

    async def revert(self, planned: Planned) -> None:
        await self.change("revert", planned)

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return ()

    def maybe_fails(self, what: str) -> None:
        world = self.world
        if world.campaign.deleted:
            raise EspError("there is no such campaign", permanent=True)
        if world.trouble():
            world.note(f"{what} failed")
            if world.rng.random() < 0.1:
                raise KeyError("an adapter with a fault")
            retry = world.rng.choice([None, None, 20.0])
            raise EspError("the service answered 500", permanent=world.rng.random() < 0.05, retry_after=retry)

    async def change(self, what: str, planned: Planned) -> None:
        world = self.world
        world.maybe_killed(f"before {what}")
        for _ in range(world.rng.choice([0, 0, 0, 5, 40])):
            await asyncio.sleep(0)
        if world.trouble(0.2):
            world.edit()
        self.maybe_fails(what)
        world.dawdle()
        if world.trouble(0.3):
            world.note(f"{what} will take effect late")
            delay = world.rng.choice([5.0, 60.0])
            world.late_effect = True
            world.pending.append((world.clock.t + delay, lambda: self.effect(what, planned)))
            raise EspError("no answer", unknown_outcome=True)
        self.effect(what, planned)
        world.maybe_killed(f"after {what}")
        if world.trouble():
            world.note(f"answer to {what} lost")
            raise EspError("no answer", unknown_outcome=True)

    def effect(self, what: str, planned: Planned) -> None:
        world, campaign = self.world, self.world.campaign
        going = campaign.status in ("scheduled", "sending", "sent")
        if what == "revert" and campaign.status in ("scheduled", "sending"):
            world.told_before = len(world.told())
        world.note(f"{what} takes effect on {campaign.content}, {campaign.status}")
        self.world.raced = what == "schedule" and planned.document["subject"] != campaign.content
        if what == "revert":
            if campaign.status == "sending":
                self.stopped()
            if campaign.status == "scheduled":
                campaign.status = "draft"
                if world.rng.random() < 0.5:
                    campaign.send_at = None
                if world.trouble():
                    world.pending.append((world.clock.t + 1, world.mend))
            return
        if going and not world.late_effect:
            world.breaches.append("it was scheduled twice")
        approval = world.store.approval(world.esp, world.id)
        word = str(planned.document["subject"])
        if not world.late_effect and (
            approval is None or approval.digest != planned.digest or not word.startswith("good")
        ):
            world.breaches.append(f"{word} was scheduled without an approval: {approval}")
        if not word.startswith("good"):
            world.breaches.append(f"{word} was scheduled")
        assert planned.send_at is not None
        if not going:
            campaign.status, campaign.send_at = "scheduled", (planned.send_at - BASE).total_seconds()

    def stopped(self) -> None:
        """In the middle of its send: never what is clear, nor what the policy leaves."""
        world, campaign = self.world, self.world.campaign
        campaign.status = "paused"
        if world.late_effect or max(world.changed_at, world.calm_at) > world.sent[-1].t - CALM_BEFORE:
            return
        if campaign.content.startswith("good"):
            world.breaches.append(f"{campaign.content} was stopped while it was sent")
        if campaign.content.startswith("bad") and world.policy.held == "leave":
            world.breaches.append(f"{campaign.content} was stopped while it was sent, though the policy leaves it")


def open_store(path: Path) -> Store:
    """A store that need not survive the end of power."""
    store = Store.open(str(path), queue=100_000)

    @event.listens_for(store.engine, "connect")
    def _(connection: object, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF").close()  # type: ignore[attr-defined]  # it is a connection of sqlite3

    store.engine.dispose()
    return store


@dataclass
class Tally:
    schedules: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, world: World) -> None:
        self.schedules += 1
        for what, count in world.counts.items():
            word = what.split(":")[0]
            self.counts[word] = self.counts.get(word, 0) + count


def run(seeds: Sequence[int], path: Path, *, polled: bool | None = None) -> Tally:
    """Live through schedules, one after the other, on one store.

    Args:
        polled: whether there is a poller; in half of the schedules by default.

    Raises:
        BrokenError: of the first one in which was what must never be.
    """
    tally = Tally()

    async def all_of_them() -> None:
        store = open_store(path)
        for seed in seeds:
            world = World(seed, store, polled)
            await world.live()
            tally.add(world)
        store.close()

    asyncio.run(all_of_them())
    return tally
