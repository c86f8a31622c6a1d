"""How a job goes: look, judge, decide, act, look again, tell, and follow the campaign until it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailcheck.gate.jobs import Job
from mailcheck.gate.judging import JudgeRequest
from mailcheck.gate.model import EspError, GateKind, HookEvent, Judgement, Planned, Status
from mailcheck.gate.running import Desk, Patience, Runner
from mailcheck.gate.settings import PolicyTable
from mailcheck.gate.store import Store

START = datetime(2030, 3, 1, 8, 0, tzinfo=UTC)
SEND_AT = START + timedelta(hours=2)
MINUTE = timedelta(minutes=1)
ALL = ("held", "unsure", "cleared", "reverted", "failed")
SCHEDULES = PolicyTable(clear="schedule", notify=ALL)


@dataclass
class Service:
    """A sending service with one campaign; `fail` gets each request before it is done, and may raise."""

    planned: Planned
    fail: Callable[[str], None] = lambda _: None
    asked: list[str] = field(default_factory=list)
    gate: GateKind = "permission"
    name: str = "esp"
    stopped: Status = "draft"

    async def fetch(self, campaign_id: str) -> Planned:
        self._ask("fetch")
        return self.planned

    async def scheduled(self) -> Mapping[str, datetime | None]:
        return {}

    async def schedule(self, planned: Planned) -> None:
        self._ask("schedule")
        self.planned = replace(self.planned, status="scheduled", send_at=planned.send_at)

    async def revert(self, planned: Planned) -> None:
        self._ask("revert")
        self.planned = replace(self.planned, status=self.stopped)

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return ()

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        self.fail(what)


@dataclass
class ByWord:
    """Judges by the subject; `meanwhile` is done while it judges."""

    meanwhile: Callable[[], None] = lambda: None
    requests: list[JudgeRequest] = field(default_factory=list)

    async def judge(self, request: JudgeRequest) -> Judgement:
        self.requests.append(request)
        self.meanwhile()
        word = json.loads(request.data)["subject"]
        if word == "odd":
            return Judgement("unsure", reason="The process that judged it died")
        return Judgement("clear", "{}") if word == "good" else Judgement("held", "{}", "", {"error": 2})


class Gate:
    """A gate with a clock that is moved by hand."""

    def __init__(self, path: Path, service: Service, policy: PolicyTable) -> None:
        self.now, self.tick = START, 0.0
        self.service, self.judge = service, ByWord()
        self.store = Store.open(str(path), monotonic=lambda: self.tick)
        desk = Desk(
            self.store,
            {"esp": service},
            {"default": policy},
            self.judge,
            clock=lambda: self.now,
            monotonic=lambda: self.tick,
            patience=Patience(tries=4),
        )
        self.runner = Runner(desk)

    def found(self) -> str:
        """The poller has found it scheduled."""
        return self.store.enqueue("poll", "esp", "c1", policy="default", now=self.now)

    def hook(self, send_at: datetime | None = None, esp: str = "esp") -> str:
        return self.store.enqueue("hook", esp, "c1", policy="default", now=self.now, send_at=send_at)

    def work(self) -> None:
        async def until_idle() -> None:
            while await self.runner.step():
                pass

        asyncio.run(until_idle())

    def pass_(self, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        """Let time go by, and work whenever there is something to do."""
        until = self.now + span
        while self.now < until:
            self.now = min(until, self.now + step)
            self.tick += step.total_seconds()
            self.work()

    def done(self, job_id: str) -> Job:
        job = self.store.job(job_id)
        assert job is not None
        assert job.finished_at, job
        return job

    @property
    def status(self) -> str:
        return self.service.planned.status

    def told(self) -> list[tuple[str, str]]:
        return [(one.topic, one.text) for one in self.store.untold(self.now)]

    def topics(self) -> list[str]:
        return [topic for topic, _ in self.told()]


def planned(subject: str = "good", status: Status = "draft", send_at: datetime | None = SEND_AT) -> Planned:
    return Planned("esp", "c1", "Spring", status, {"subject": subject}, "v1", send_at, 1000)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    gates: list[Gate] = []

    def made(subject: str = "good", status: Status = "draft", policy: PolicyTable = SCHEDULES, **given: object) -> Gate:
        send_at = given.get("send_at", SEND_AT)
        assert send_at is None or isinstance(send_at, datetime)
        gates.append(Gate(tmp_path / f"{len(gates)}.db", Service(planned(subject, status, send_at)), policy))
        return gates[-1]

    yield made
    for gate in gates:
        gate.store.close()


Make = Callable[..., Gate]


def edit(gate: Gate, subject: str) -> None:
    gate.service.planned = replace(gate.service.planned, document={"subject": subject})


def fails_at(*numbers: int, what: str = "fetch") -> Callable[[str], None]:
    """Lets the requests of these numbers fail, counted from one."""
    count = iter(range(1, 1000))

    def fail(asked: str) -> None:
        if asked == what and next(count) in numbers:
            raise EspError("the service answered 500")

    return fail


# verdicts


def test_what_is_clear_is_scheduled_and_followed_until_it_goes_out(make: Make) -> None:
    gate = make()
    job_id = gate.hook()
    gate.work()
    job = gate.done(job_id)
    assert (job.state, job.verdict, job.action) == ("done", "clear", "schedule")
    assert gate.status == "scheduled"
    assert gate.judge.requests[0].record
    (intent,) = gate.store.intents(job_id)
    assert (intent.action, intent.outcome) == ("schedule", "done")
    looks = gate.service.asked.count("fetch")
    gate.pass_(timedelta(hours=2))
    assert gate.service.asked.count("fetch") == looks + 2  # half an hour before, and ten minutes
    gate.service.planned = replace(gate.service.planned, status="sent")
    gate.pass_(2 * MINUTE)
    assert gate.store.depth(gate.now).following == 0
    assert gate.topics() == ["cleared"]


def test_a_bad_one_is_held_fixed_scheduled_changed_and_pulled_back(make: Make) -> None:
    gate = make("bad")
    job_id = gate.hook()
    gate.work()
    assert (gate.done(job_id).action, gate.status) == ("leave", "draft")
    assert gate.told() == [("held", "It stays unscheduled, for it is held. The judgement: 2 errors.")]
    edit(gate, "good")
    gate.hook()
    gate.work()
    assert gate.status == "scheduled"
    edit(gate, "bad")
    gate.pass_(timedelta(minutes=89))
    assert gate.status == "scheduled"
    gate.pass_(MINUTE)
    assert gate.status == "draft"
    assert gate.topics() == ["held", "cleared", "reverted", "held"]
    said = "It was taken out of the schedule: the subject line has changed since it was approved. It is judged anew."
    assert gate.told()[2][1] == said


def test_what_is_held_again_after_it_was_clear_is_told_again(make: Make) -> None:
    gate = make("bad", policy=PolicyTable(notify=("held",)))
    for subject in ("bad", "bad", "good", "bad"):
        edit(gate, subject)
        gate.hook()
        gate.work()
    assert gate.topics() == ["held", "held"]


def test_what_is_scheduled_and_held_is_pulled_back(make: Make) -> None:
    gate = make("bad", "scheduled")
    job_id = gate.hook()
    gate.work()
    assert (gate.done(job_id).action, gate.status) == ("revert", "draft")
    assert gate.topics() == ["reverted"]


def test_what_cannot_be_judged_is_pulled_back(make: Make) -> None:
    gate = make("odd", "scheduled")
    job_id = gate.hook()
    gate.work()
    assert (gate.done(job_id).verdict, gate.status) == ("unsure", "draft")
    assert gate.done(job_id).doubt == "The process that judged it died"


def test_a_policy_may_leave_it_and_people_are_told(make: Make) -> None:
    gate = make("bad", "scheduled", PolicyTable(held="leave"))
    gate.hook()
    gate.work()
    assert (gate.status, gate.topics()) == ("scheduled", ["held"])


def test_the_time_comes_with_the_webhook_where_the_service_has_none(make: Make) -> None:
    gate = make(send_at=None)
    gate.hook(SEND_AT)
    gate.work()
    assert (gate.status, gate.service.planned.send_at) == ("scheduled", SEND_AT)
    gate.pass_(timedelta(hours=1, minutes=55))
    assert gate.status == "scheduled"


@pytest.mark.parametrize(
    ("status", "begins"), [("draft", "It is clear, but"), ("scheduled", "It is clear, and scheduled, but")]
)
def test_of_two_times_neither_is_chosen_and_people_are_told(make: Make, status: Status, begins: str) -> None:
    """A draft keeps the time of an earlier plan: to send it then is not what was asked for."""
    gate = make(status=status)
    gate.hook(SEND_AT + timedelta(hours=1))
    gate.work()
    assert gate.status == status
    ((topic, said),) = gate.told()
    assert topic == "failed"
    assert said.startswith(f"{begins} its time is 2030-03-01 10:00 UTC, and 2030-03-01 11:00 UTC is asked for")
    gate.hook(SEND_AT + timedelta(seconds=30))
    gate.work()
    assert gate.status == "scheduled"


def test_the_same_webhook_again_does_nothing_again(make: Make) -> None:
    gate = make()
    gate.hook()
    gate.work()
    gate.hook()
    gate.work()
    assert gate.service.asked.count("schedule") == 1
    assert gate.topics() == ["cleared"]


# races


def test_what_is_changed_while_it_is_judged_is_judged_anew(make: Make) -> None:
    gate = make()
    gate.judge.meanwhile = lambda: edit(gate, "bad")
    job_id = gate.hook()
    gate.work()
    assert (gate.done(job_id).verdict, gate.status) == ("held", "draft")
    assert "schedule" not in gate.service.asked


def test_what_is_changed_while_it_is_scheduled_is_pulled_back(make: Make) -> None:
    gate = make()
    gate.service.fail = lambda what: edit(gate, "bad") if what == "schedule" else None
    job_id = gate.hook()
    gate.work()
    assert (gate.done(job_id).verdict, gate.status) == ("held", "draft")
    assert gate.service.asked.count("revert") == 1


def test_what_changes_whenever_it_is_judged_is_given_up(make: Make) -> None:
    gate = make()
    numbers = iter(range(1000))
    gate.judge.meanwhile = lambda: setattr(
        gate.service, "planned", replace(gate.service.planned, recipients=next(numbers))
    )
    job_id = gate.hook()
    gate.work()
    assert gate.done(job_id).state == "failed"
    assert gate.told() == [
        ("failed", "The gate could not do its work (it is changed again whenever it was judged); it is not scheduled.")
    ]


def test_a_list_may_grow(make: Make) -> None:
    gate = make()
    gate.hook()
    gate.work()
    gate.service.planned = replace(gate.service.planned, recipients=1040)
    gate.pass_(timedelta(minutes=95))
    assert (gate.status, gate.service.asked.count("revert")) == ("scheduled", 0)
    assert len(gate.judge.requests) == 2  # but it is judged with what it has become
    gate.service.planned = replace(gate.service.planned, recipients=2000)
    gate.pass_(timedelta(minutes=20))
    assert gate.service.asked.count("revert") == 1


def test_who_schedules_by_hand_what_is_held_is_noticed_before_the_send(make: Make) -> None:
    gate = make("bad")
    gate.hook()
    gate.work()
    gate.service.planned = replace(gate.service.planned, status="scheduled")
    gate.pass_(timedelta(minutes=91))
    assert gate.status == "draft"


def test_what_went_out_changed_is_told(make: Make) -> None:
    gate = make()
    gate.hook()
    gate.work()
    gate.pass_(timedelta(minutes=115))
    edit(gate, "bad")
    gate.service.planned = replace(gate.service.planned, status="sent")
    gate.pass_(timedelta(minutes=10))
    assert gate.told()[-1] == (
        "failed",
        "It goes out or has gone out, though the subject line changed since it was approved.",
    )


@pytest.mark.parametrize(("subject", "status"), [("bad", "sending"), ("odd", "paused")])
def test_what_the_policy_leaves_is_not_stopped_while_it_is_sent(make: Make, subject: str, status: str) -> None:
    """Whether it is held or could not be judged: that decides, also of what goes out already."""
    gate = make(subject, "scheduled", policy=PolicyTable(held="leave", unsure="revert", notify=ALL))
    gate.service.fail = lambda what: on_hold(gate, what)
    gate.hook()
    gate.pass_(timedelta(hours=2))
    gate.service.planned = replace(gate.service.planned, status="sending", send_at=None)
    gate.service.stopped = "paused"
    gate.pass_(10 * MINUTE)
    assert gate.status == status


def on_hold(gate: Gate, what: str) -> None:
    """Nothing is pulled back before the send."""
    if what == "revert" and gate.status == "scheduled":
        raise EspError("not now", permanent=True)


@pytest.mark.parametrize("status", ["sending", "sent"])
def test_a_service_that_no_longer_counts_what_goes_out(make: Make, status: Status) -> None:
    gate = make()
    gate.hook()
    gate.pass_(timedelta(hours=2))
    gate.service.planned = replace(gate.service.planned, status=status, recipients=None)
    gate.pass_(5 * MINUTE)
    assert (gate.status, gate.topics()) == (status, ["cleared"])


# what fails


def broken(*kinds: str, times: int = 10**6, **given: object) -> Callable[[str], None]:
    left = [times]

    def fail(what: str) -> None:
        if what in kinds and left[0]:
            left[0] -= 1
            raise EspError("the service answered 500", **given)  # type: ignore[arg-type]  # the cases are a table

    return fail


@pytest.mark.parametrize("what", ["fetch", "schedule"])
def test_what_fails_is_tried_again_after_a_pause(make: Make, what: str) -> None:
    gate = make()
    gate.service.fail = broken(what, times=2, retry_after=40.0)
    job_id = gate.hook()
    gate.work()
    waiting = gate.store.job(job_id)
    assert waiting is not None
    assert (waiting.state, waiting.error) == ("waiting", "the service answered 500")
    assert waiting.due_at == gate.now + timedelta(seconds=40)
    gate.pass_(timedelta(minutes=2), timedelta(seconds=20))
    assert (gate.done(job_id).action, gate.status) == ("schedule", "scheduled")
    assert len(gate.judge.requests) == 1


def test_an_action_that_took_effect_without_an_answer_is_not_repeated(make: Make) -> None:
    gate = make()

    def schedules_and_dies(what: str) -> None:
        if what == "schedule":
            gate.service.planned = replace(gate.service.planned, status="scheduled")
            raise EspError("no answer", unknown_outcome=True)

    gate.service.fail = schedules_and_dies
    job_id = gate.hook()
    gate.pass_(MINUTE, timedelta(seconds=10))
    assert gate.done(job_id).action == "schedule"
    assert gate.service.asked.count("schedule") == 1
    assert gate.store.intents(job_id)[0].outcome == "found done"


def test_who_cannot_be_looked_at_is_pulled_back_unseen(make: Make) -> None:
    gate = make("bad", "scheduled")
    gate.service.fail = broken("fetch")
    job_id = gate.hook()
    gate.pass_(timedelta(minutes=5))
    assert (gate.done(job_id).state, gate.status) == ("failed", "draft")
    assert gate.topics() == ["reverted"]


def test_a_service_that_does_nothing_at_all_is_told_once_and_tried_until_the_send(make: Make) -> None:
    gate = make("bad", "scheduled")
    gate.service.fail = broken("fetch", "revert")
    job_id = gate.hook(SEND_AT)
    gate.pass_(timedelta(minutes=30))
    assert gate.topics() == ["failed"]
    assert "Look after it yourself" in gate.told()[0][1]
    gate.service.fail = lambda _: None
    gate.pass_(timedelta(minutes=20))
    assert gate.status == "draft"
    assert gate.done(job_id).action == "revert"


def test_the_nearer_the_send_the_more_often_it_is_tried(make: Make) -> None:
    """Fifteen minutes between two tries would be the send."""
    gate = make("bad", "scheduled", send_at=START + timedelta(minutes=6))
    gate.runner.desk = replace(gate.runner.desk, patience=Patience())
    gate.service.fail = broken("revert")
    gate.hook()
    gate.pass_(timedelta(minutes=5), timedelta(seconds=5))
    assert gate.status == "scheduled"
    assert gate.topics() == ["failed"]
    gate.service.fail = lambda _: None
    gate.pass_(timedelta(seconds=20), timedelta(seconds=5))
    assert gate.status == "draft"
    assert len(gate.service.asked) < 60


def test_without_a_connection_people_are_told_at_once(make: Make) -> None:
    gate = make()
    job_id = gate.hook(esp="another")
    gate.work()
    assert gate.done(job_id).state == "failed"
    assert "another is not in the settings any more" in gate.told()[0][1]


class Ended(BaseException):
    """The process is gone, in the midst of a request."""


def ends(*requests: str) -> Callable[[str], None]:
    def fail(asked: str) -> None:
        if asked in requests:
            raise Ended

    return fail


def outlive(gate: Gate, minutes: int) -> None:
    """Process after process takes up what the one before it left behind, once it was seen for a minute to be left."""
    for _ in range(minutes):
        with contextlib.suppress(Ended):
            gate.pass_(MINUTE)


@pytest.mark.parametrize("following", [False, True])
def test_who_ends_the_process_when_looked_at_is_pulled_back_without_a_look(make: Make, *, following: bool) -> None:
    gate = make(status="scheduled", send_at=START + timedelta(hours=9))
    job_id = gate.found()
    if following:
        gate.work()
        gate.now += timedelta(hours=8, minutes=31)
        assert gate.store.depth(gate.now).following == 1
    gate.service.fail = ends("fetch")
    outlive(gate, 20)
    assert gate.status == "draft"
    (topic, text), *more = [one for one in gate.told() if one[0] != "cleared"]
    assert (topic, more) == ("reverted", [])
    assert "each try has ended the process" in text
    gate.service.fail = lambda _: None
    gate.pass_(timedelta(hours=9))
    assert gate.store.depth(gate.now).following == 0
    assert following or gate.done(job_id).action == "revert"


@pytest.mark.parametrize("following", [False, True])
def test_who_ends_the_process_whatever_is_done_is_left_to_people(make: Make, *, following: bool) -> None:
    gate = make(status="scheduled", send_at=START + timedelta(hours=9))
    gate.found()
    if following:
        gate.work()
        gate.now += timedelta(hours=8, minutes=31)
    gate.service.fail = ends("fetch", "revert")
    outlive(gate, 26)
    (topic, text), *more = [one for one in gate.told() if one[0] != "cleared"]
    assert (topic, more) == ("failed", [])
    assert text.endswith("nor pull it back (that has ended the process, too). Look after it yourself.") or following
    assert "Look after it yourself." in text
    asked = len(gate.service.asked)
    outlive(gate, 3)
    assert len(gate.service.asked) == asked


def test_a_service_that_is_away_for_long_is_not_taken_for_one_that_ends_the_process(make: Make) -> None:
    gate = make(status="scheduled", send_at=START + timedelta(hours=9))
    gate.found()
    gate.work()
    gate.now += timedelta(hours=8, minutes=30)
    gate.service.fail = fails_at(*range(1, 30))
    gate.pass_(timedelta(minutes=12), timedelta(seconds=10))
    gate.service.fail = lambda _: None
    gate.pass_(timedelta(minutes=14))
    assert gate.status == "scheduled"
    assert gate.topics() == ["cleared"]


def test_an_approved_one_that_cannot_be_looked_at_is_pulled_back_before_the_send(make: Make) -> None:
    gate = make()
    gate.hook()
    gate.work()
    gate.service.fail = broken("fetch")
    gate.pass_(timedelta(minutes=117))
    assert gate.status == "scheduled"
    gate.pass_(2 * MINUTE)
    assert gate.status == "draft"
    assert gate.topics() == ["cleared", "reverted"]
    assert "could not be looked at before its send" in gate.told()[-1][1]


def test_an_adapter_with_a_fault_is_a_service_that_fails(make: Make) -> None:
    gate = make("bad", "scheduled")

    def faulty(what: str) -> None:
        if what == "fetch":
            raise KeyError("klara.jansen@gmail.com")

    gate.service.fail = faulty
    job_id = gate.hook()
    gate.pass_(timedelta(minutes=5))
    job = gate.done(job_id)
    assert (job.state, gate.status) == ("failed", "draft")
    assert "KeyError" in job.error
    assert "klara" not in job.error


def test_a_clock_that_was_ahead_makes_nobody_miss_a_look(make: Make) -> None:
    gate = make()
    gate.now += timedelta(days=3)
    gate.service.planned = replace(gate.service.planned, status="scheduled")
    gate.hook()
    gate.work()
    gate.now -= timedelta(days=3)
    edit(gate, "bad")
    gate.pass_(timedelta(minutes=95))
    assert gate.status == "draft"


def test_what_was_pulled_back_for_a_change_is_scheduled_all_the_same_when_the_service_is_well_again(make: Make) -> None:
    """Pulled back since it had changed, judged clear, and then the service fails: that is no reason to leave it."""
    gate = make()
    tries = iter(("changes", "fails"))

    def fail(what: str) -> None:
        trouble = next(tries, "") if what == "schedule" else ""
        if trouble == "changes":
            gate.service.planned = replace(gate.service.planned, document={"subject": "good", "text": "anew"})
        if trouble == "fails":
            raise EspError("the service answered 500")

    gate.service.fail = fail
    job_id = gate.hook()
    gate.pass_(MINUTE, timedelta(seconds=10))
    job = gate.done(job_id)
    assert (job.verdict, job.action, gate.status) == ("clear", "schedule", "scheduled")
    assert gate.topics() == ["cleared"]


def pulls_back_and_dies(gate: Gate) -> None:
    """The service pulls it back, and gives no answer, once."""

    def fail(what: str) -> None:
        if what == "revert":
            gate.service.fail = lambda _: None
            gate.service.planned = replace(gate.service.planned, status="draft")
            raise EspError("no answer", unknown_outcome=True)

    gate.service.fail = fail


def test_what_is_mended_while_it_is_being_pulled_back_is_judged(make: Make) -> None:
    gate = make("bad", "scheduled")
    pulls_back_and_dies(gate)
    first = gate.hook()
    gate.work()
    edit(gate, "good")
    assert gate.hook() == first  # the one that waits stands for the new one as well
    gate.pass_(MINUTE, timedelta(seconds=10))
    assert gate.done(first).action == "revert"
    assert gate.status == "scheduled"
    assert gate.topics() == ["reverted", "cleared"]


def test_a_held_one_whose_time_is_known_is_pulled_back_before_it_though_it_is_not_seen_again(make: Make) -> None:
    gate = make("bad", "scheduled", send_at=START + timedelta(minutes=15))
    gate.runner.desk = replace(gate.runner.desk, patience=Patience())
    gate.service.fail = broken("revert", times=1)
    gate.hook()
    gate.work()
    gate.service.fail = broken("fetch")
    gate.pass_(timedelta(minutes=14))
    assert gate.status == "draft"
    assert "reverted" in gate.topics()


def test_an_order_without_an_answer_is_not_taken_for_undone_when_it_is_given_up(make: Make) -> None:
    gate = make()
    answers = iter(range(4))

    def fail(what: str) -> None:
        if what == "schedule":
            last = next(answers, 4) >= 3
            if last:
                gate.service.planned = replace(gate.service.planned, status="scheduled")
            raise EspError("no answer" if last else "it failed (500)", unknown_outcome=last)

    gate.service.fail = fail
    job_id = gate.hook()
    gate.pass_(2 * MINUTE, timedelta(seconds=10))
    assert (gate.done(job_id).state, gate.status) == ("failed", "draft")
    assert gate.topics() == ["reverted"]


def test_a_held_one_that_goes_out_is_told_though_it_was_told_that_nothing_helps(make: Make) -> None:
    gate = make("bad", "scheduled")
    gate.service.fail = broken("revert", permanent=True)
    gate.hook()
    gate.pass_(timedelta(hours=2))
    assert gate.topics() == ["failed"]
    gate.service.planned = replace(gate.service.planned, status="sent")
    gate.pass_(5 * MINUTE)
    assert gate.topics() == ["failed", "failed"]
    assert "has gone out, though it was not clear" in gate.told()[-1][1]


def test_a_held_draft_that_people_schedule_and_the_policy_leaves_is_told(make: Make) -> None:
    gate = make("bad", policy=PolicyTable(held="leave", notify=ALL))
    gate.hook()
    gate.work()
    gate.service.planned = replace(gate.service.planned, status="scheduled")
    gate.hook()
    gate.work()
    assert [text.partition(",")[0] for _, text in gate.told()] == ["It stays unscheduled", "It stays scheduled"]


def test_a_key_that_is_mended_before_the_send_is_in_time_for_the_next_look(make: Make) -> None:
    gate = make()
    gate.hook()
    gate.pass_(timedelta(minutes=80))
    edit(gate, "bad")
    gate.service.fail = broken("fetch", "revert", permanent=True)
    gate.pass_(timedelta(minutes=20))
    assert (gate.status, gate.topics()) == ("scheduled", ["cleared", "failed"])
    gate.service.fail = lambda _: None
    gate.pass_(timedelta(minutes=15))
    assert gate.status == "draft"


def test_who_schedules_again_what_was_pulled_back_unseen_is_noticed_before_the_send(make: Make) -> None:
    gate = make()
    gate.hook()
    gate.pass_(timedelta(minutes=80))
    gate.service.fail = broken("fetch", permanent=True)
    gate.pass_(timedelta(minutes=15))
    assert gate.status == "draft"
    gate.service.fail = lambda _: None
    gate.service.planned = planned("bad", "scheduled")
    gate.pass_(timedelta(minutes=20))
    assert gate.status == "draft"


# running


def test_a_runner_works_until_it_is_stopped(make: Make) -> None:
    gate = make()

    async def main() -> str:
        stop = asyncio.Event()
        running = asyncio.create_task(gate.runner.run(lanes=3, stop=stop))
        await asyncio.sleep(0.05)
        job_id = gate.hook()
        gate.runner.ring()
        for _ in range(500):
            job = gate.store.job(job_id)
            if job is not None and job.finished_at:
                break
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(running, 10)
        return job_id

    assert gate.done(asyncio.run(main())).action == "schedule"


def test_a_store_that_is_away_is_waited_for(make: Make) -> None:
    gate = make()
    job_id = gate.hook()
    path = Path(gate.store.where)
    moved = path.with_suffix(".away")

    async def main() -> None:
        stop = asyncio.Event()
        gate.store.engine.dispose()
        path.rename(moved)
        path.mkdir()
        running = asyncio.create_task(gate.runner.run(lanes=1, stop=stop))
        while not gate.runner.trouble:
            await asyncio.sleep(0.01)
        assert "cannot be used" in gate.runner.trouble
        path.rmdir()
        moved.rename(path)
        # The job has ended a moment before the runner knows.
        while gate.runner.trouble or (job := gate.store.job(job_id)) is None or not job.finished_at:
            gate.runner.ring()
            await asyncio.sleep(0.01)
        stop.set()
        await running

    asyncio.run(asyncio.wait_for(main(), 30))


def test_what_is_changed_while_it_is_scheduled_is_taken_back_by_the_next_process_too(make: Make) -> None:
    """Whatever the policy leaves: it was the gate that has scheduled it."""
    gate = make(policy=PolicyTable(clear="schedule", held="leave", unsure="leave", notify=ALL))

    def ends_after_it(what: str) -> None:
        if what == "schedule":
            gate.service.fail = lambda _: None
            gate.service.planned = replace(gate.service.planned, status="scheduled", document={"subject": "bad"})
            raise KeyboardInterrupt

    gate.service.fail = ends_after_it
    job_id = gate.hook()
    with pytest.raises(KeyboardInterrupt):
        gate.work()
    gate.runner = Runner(gate.runner.desk)
    gate.work()
    gate.tick += 60
    gate.work()
    assert gate.status == "draft"
    assert gate.done(job_id).verdict == "held"
    assert [text.partition(",")[0] for _, text in gate.told()] == ["It stays unscheduled"]


@pytest.mark.parametrize("status", ["scheduled", "sending"])
def test_who_ended_after_pulling_back_a_changed_one_is_made_up_for(make: Make, status: Status) -> None:
    """People are told, and what was not sent yet is judged anew."""
    gate = make()
    gate.service.stopped = "draft" if status == "scheduled" else "paused"
    gate.hook()
    gate.pass_(timedelta(minutes=89) if status == "scheduled" else timedelta(hours=2))
    edit(gate, "better")
    gate.service.planned = replace(gate.service.planned, status=status)
    asked = len(gate.service.asked)

    def ends(what: str) -> None:
        if what == "fetch" and "revert" in gate.service.asked[asked:]:
            gate.service.fail = lambda _: None
            raise KeyboardInterrupt

    gate.service.fail = ends
    with pytest.raises(KeyboardInterrupt):
        gate.pass_(5 * MINUTE)
    assert gate.status == gate.service.stopped
    gate.runner = Runner(gate.runner.desk)
    gate.pass_(3 * MINUTE)
    assert gate.topics() == ["cleared", "reverted", *(["held"] if status == "scheduled" else [])]


def test_who_ended_after_pulling_back_unseen_is_made_up_for(make: Make) -> None:
    gate = make(status="scheduled", policy=PolicyTable(notify=("reverted", "failed")))
    gate.service.fail = broken("fetch")
    job_id = gate.found()

    def ends(function: Callable[..., object], *given: object, **more: object) -> object:
        if getattr(function, "__name__", "") == "finish" and gate.status == "draft":
            raise KeyboardInterrupt
        return function(*given, **more)

    async def aside(function: Callable[..., object], *given: object, **more: object) -> object:
        return ends(function, *given, **more)

    desk = gate.runner.desk
    gate.runner = Runner(replace(desk, aside=aside))
    with pytest.raises(KeyboardInterrupt):
        gate.pass_(5 * MINUTE)
    assert gate.status == "draft"
    gate.service.fail = lambda _: None
    gate.runner = Runner(desk)
    gate.pass_(3 * MINUTE)
    assert gate.done(job_id).action == "revert"
    assert gate.topics() == ["reverted"]


# several jobs for one campaign


def test_what_another_job_has_judged_meanwhile_for_another_time_is_judged_anew(make: Make) -> None:
    gate = make(send_at=None)
    gate.service.fail = fails_at(2)  # the look before it is scheduled
    job_id = gate.hook(SEND_AT)
    gate.work()
    gate.hook()  # of a campaign without a time: nothing that could be scheduled
    gate.work()
    assert gate.status == "draft"
    gate.pass_(MINUTE)
    assert gate.status == "scheduled"
    assert gate.service.asked.count("schedule") == 1
    assert "revert" not in gate.service.asked
    assert gate.done(job_id).action == "schedule"


def test_a_webhook_for_another_time_puts_no_look_off_while_nothing_can_be_seen(make: Make) -> None:
    gate = make(status="scheduled")
    gate.runner.desk = replace(gate.runner.desk, patience=Patience())
    gate.hook()
    gate.pass_(timedelta(minutes=70))
    edit(gate, "bad")
    gate.service.fail = broken("fetch")
    gate.hook(SEND_AT + timedelta(hours=3))
    gate.pass_(timedelta(minutes=47))
    assert gate.status == "scheduled"
    gate.pass_(timedelta(minutes=2))
    assert gate.status == "draft"


def test_what_people_take_out_of_the_schedule_stays_out(make: Make) -> None:
    """It was found scheduled; nobody has asked the gate to schedule it."""
    gate = make(status="scheduled")
    gate.found()
    gate.service.planned = replace(gate.service.planned, status="draft")
    gate.work()
    assert (gate.status, "schedule" in gate.service.asked) == ("draft", False)
    assert gate.topics() == ["cleared"]


def test_a_webhook_is_not_taken_for_what_the_poller_has_found(make: Make) -> None:
    gate = make()
    found = gate.found()
    asked = gate.hook()
    assert found != asked
    assert gate.found() in (found, asked)
    gate.work()
    assert gate.status == "scheduled"
