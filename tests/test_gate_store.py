"""The store of the gate: SQLite and PostgreSQL alike; every step is taken whole or not at all."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailcheck.gate import schema
from mailcheck.gate.accepting import Wanted
from mailcheck.gate.jobs import Hook, Job, LeaseLost, QueueFull, StoreError, ToTell
from mailcheck.gate.leasing import Ending
from mailcheck.gate.model import HookEvent, Judgement, Planned
from mailcheck.gate.store import Store

if TYPE_CHECKING:
    from postgres import Server

pytest_plugins = ["postgres"]

NOW = datetime(2030, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)
LEASE = timedelta(seconds=30)
KEEP = timedelta(days=4)


class Tick:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.t = 0.0

    def __call__(self) -> float:
        return self.t


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "gate.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def store(where: str) -> Iterator[Store]:
    opened = Store.open(where, queue=5, monotonic=Tick())
    yield opened
    opened.close()


def hook(hook_id: str, *campaigns: str, body: str = "b", sender: str = "shop") -> Hook:
    return Hook(sender, hook_id, body, tuple(HookEvent(one) for one in campaigns), "esp", "default", KEEP)


def leased(store: Store, owner: str = "me", now: datetime = NOW) -> Job:
    job = store.lease(owner, now=now, for_=LEASE)
    assert job is not None
    return job


def planned(campaign_id: str = "c1", subject: str = "Hello") -> Planned:
    return Planned("esp", campaign_id, "Spring", "draft", {"subject": subject}, "v1", NOW + timedelta(days=1), 41_000)


# what comes in


def test_a_webhook_is_taken_once(store: Store) -> None:
    first = store.accept(hook("a", "c1", "c2"), now=NOW)
    assert first.state == "new"
    assert len(set(first.job_ids)) == 2
    again = store.accept(hook("a", "c1", "c2"), now=NOW + timedelta(days=3))
    assert (again.state, again.job_ids) == ("repeated", first.job_ids)
    assert store.accept(hook("a", "c1", body="other"), now=NOW).state == "conflict"
    assert store.accept(hook("a", "c3", sender="another"), now=NOW).state == "new"
    jobs = [store.job(one) for one in first.job_ids]
    assert [(job.campaign_id, job.state, job.created_at) for job in jobs if job] == [
        ("c1", "waiting", NOW),
        ("c2", "waiting", NOW),
    ]


def test_a_batch_is_taken_whole_or_not_at_all(store: Store) -> None:
    store.accept(hook("a", "c1", "c2", "c3"), now=NOW)
    with pytest.raises(QueueFull) as full:
        store.accept(hook("b", "c4", "c5", "c6"), now=NOW)
    assert 5 <= full.value.retry_after <= 120
    assert store.depth(NOW).waiting == 3
    # It is not remembered either: the sender brings it again.
    assert store.accept(hook("b", "c4", "c5"), now=NOW).state == "new"
    # What was accepted is still answered, and what waits already needs no room.
    assert store.accept(hook("a", "c1", "c2", "c3"), now=NOW).state == "repeated"
    assert (
        store.accept(hook("c", "c1"), now=NOW).job_ids == store.accept(hook("a", "c1", "c2", "c3"), now=NOW).job_ids[:1]
    )


def test_a_campaign_that_waits_is_not_queued_twice_but_one_that_runs_is(store: Store) -> None:
    (first,) = store.accept(hook("a", "c1"), now=NOW).job_ids
    assert store.enqueue("poll", "esp", "c1", policy="default", now=NOW) == first
    assert leased(store).id == first
    # It may have been changed since the job that runs has looked.
    assert store.enqueue("poll", "esp", "c1", policy="default", now=NOW) != first
    assert store.followed("esp", ["c1", "c2"]) == {"c1"}


def test_whatever_a_sender_says_can_be_kept(store: Store) -> None:
    odd = "\0 \N{SEEDLING} ' \\ %s :name \ud800 " + "x" * 5000
    accepted = store.accept(hook(odd, odd, body=odd, sender=odd), now=NOW)
    assert store.accept(hook(odd, odd, body=odd, sender=odd), now=NOW).job_ids == accepted.job_ids
    job = leased(store)
    judged = store.judged(job, replace(planned(job.campaign_id), name=odd), Judgement("unsure", odd, odd), now=NOW)
    assert store.report(judged.report_id) is not None
    store.finish(
        job, Ending("failed", reason=odd, error=odd, tell=(ToTell("failed", "esp", odd, odd, odd, odd),)), now=NOW
    )
    assert len(store.untold(NOW)) == 1


# leases


def test_of_one_campaign_one_job_runs_at_a_time(store: Store) -> None:
    store.enqueue("hook", "esp", "c1", policy="default", now=NOW)
    job = leased(store)
    store.enqueue("hook", "esp", "c1", policy="default", now=NOW)
    assert store.lease("other", now=NOW, for_=LEASE) is None
    store.enqueue("hook", "another", "c1", policy="default", now=NOW)
    assert leased(store).esp == "another"
    store.finish(job, Ending("done"), now=NOW)
    assert leased(store).esp == "esp"


def test_a_job_is_taken_over_when_its_lease_was_seen_to_go_by(where: str) -> None:
    mine, its = Tick(), Tick()
    one, other = Store.open(where, monotonic=mine), Store.open(where, monotonic=its)
    one.enqueue("hook", "esp", "c1", policy="default", now=NOW)
    job = leased(one)
    # However far the clock on the wall is set, it is no reason.
    assert other.lease("other", now=NOW + timedelta(days=300), for_=LEASE) is None
    its.t = 29
    one.heartbeat(job)
    assert other.lease("other", now=NOW, for_=LEASE) is None
    its.t = 58
    assert other.lease("other", now=NOW, for_=LEASE) is None
    its.t = 60
    taken = leased(other, "other", NOW - timedelta(days=300))
    assert (taken.id, taken.attempts, taken.owner) == (job.id, 2, "other")
    ways: list[Callable[[], object]] = [
        lambda: one.heartbeat(job),
        lambda: one.judged(job, planned(), Judgement("clear"), now=NOW),
        lambda: one.intend(job, "d", "revert", now=NOW),
        lambda: one.finish(job, Ending("done"), now=NOW),
    ]
    for way in ways:
        with pytest.raises(LeaseLost):
            way()
    assert other.approval("esp", "c1") is None
    other.finish(taken, Ending("done"), now=NOW)
    one.close()
    other.close()


def test_many_at_once_get_every_job_once(where: str) -> None:
    store = Store.open(where, queue=100)
    for number in range(40):
        store.enqueue("hook", "esp", f"c{number % 10}-{number // 10 * 10}", policy="default", now=NOW)
    got: list[str] = []

    def work(owner: str) -> None:
        mine = Store.open(where)
        while (job := mine.lease(owner, now=NOW, for_=LEASE)) is not None:
            got.append(job.id)
            mine.finish(job, Ending("done"), now=NOW)
        mine.close()

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(set(got)) == 40
    store.close()


def test_many_processes_take_one_webhook_once(where: str) -> None:
    Store.open(where).close()
    script = textwrap.dedent("""
        import sys
        from datetime import datetime, timedelta, UTC
        from mailcheck.gate.store import Store, Hook
        from mailcheck.gate.model import HookEvent
        store = Store.open(sys.argv[1])
        for number in range(30):
            hook = Hook("s", f"h{number}", "b", (HookEvent(f"c{number}"),), "esp", "default", timedelta(days=1))
            answer = store.accept(hook, now=datetime.now(UTC))
            print(answer.state, *answer.job_ids)
    """)
    runs = [
        subprocess.Popen([sys.executable, "-c", script, where], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [line.split() for run in runs for line in run.communicate()[0].splitlines()]
    assert [state for state, _ in said].count("new") == 30
    assert len({job for _, job in said}) == 30
    assert len(said) == 90


def test_a_look_before_a_send_does_not_wait_behind_a_long_queue(store: Store) -> None:
    """It has its hour; behind a thousand jobs for a service that is slow, it would come after the send."""
    for number in range(3):
        store.enqueue("hook", "slow", f"c{number}", policy="default", now=NOW - timedelta(hours=1))
    look = store.enqueue("recheck", "shop", "c7", policy="default", now=NOW, due_at=NOW)
    job = store.lease("w", now=NOW, for_=LEASE)
    assert job is not None
    assert job.id == look
    following = store.lease("w", now=NOW, for_=LEASE)
    assert following is not None
    assert following.esp == "slow"


# what comes of a job


def test_what_is_clear_is_approved_and_what_is_not_ends_an_approval(store: Store) -> None:
    store.enqueue("hook", "esp", "c1", policy="default", now=NOW)
    job = store.judged(leased(store), planned(), Judgement("clear", '{"a": 1}', "", {"warning": 2}), now=NOW)
    assert (job.verdict, job.findings, job.digest) == ("clear", {"warning": 2}, planned().digest)
    assert store.report(job.report_id) == '{"a": 1}'
    approval = store.approval("esp", "c1")
    assert approval is not None
    assert (approval.digest, approval.recipients, approval.send_at) == (planned().digest, 41_000, planned().send_at)
    assert "Hello" not in str(approval)
    store.judged(job, planned(subject="Helo"), Judgement("held", "{}"), now=NOW)
    assert store.approval("esp", "c1") is None


def test_an_end_and_all_that_follows_are_one_step(store: Store) -> None:
    store.enqueue("hook", "esp", "c1", policy="default", now=NOW)
    job = leased(store)
    told = ToTell("held", "esp", "c1", "Spring", "klara.jansen@gmail.com is in it", "default", job.id, digest="d")
    send_at = NOW + timedelta(hours=2)
    recheck = Wanted("recheck", "esp", "c1", "default", send_at, NOW + timedelta(hours=1))
    store.finish(job, Ending("done", action="revert", reason="it is held", tell=(told,), then=(recheck,)), now=NOW)
    ended = store.job(job.id)
    assert ended is not None
    assert (ended.state, ended.action, ended.reason, ended.finished_at) == ("done", "revert", "it is held", NOW)
    (notice,) = store.untold(NOW)
    assert "klara" not in notice.text
    assert store.depth(NOW).following == 1
    assert store.lease("me", now=NOW, for_=LEASE) is None
    followed = leased(store, now=NOW + timedelta(hours=1))
    assert (followed.kind, followed.send_at) == ("recheck", send_at)


def test_the_same_is_not_told_twice_in_a_row(store: Store) -> None:
    held = ToTell("held", "esp", "c1", "Spring", "held", "default", digest="d1")
    for notice in (
        held,
        held,
        replace(held, digest="d2"),
        held,
        replace(held, topic="reverted"),
        replace(held, topic="reverted"),
    ):
        store.tell(notice, now=NOW)
    told = [(one.topic, one.digest) for one in store.untold(NOW)]
    assert sorted(told) == sorted(
        [("held", "d1"), ("held", "d2"), ("held", "d1"), ("reverted", "d1"), ("reverted", "d1")]
    )
    first, second, *_ = store.untold(NOW)
    store.was_told(first.id, now=NOW)
    store.tell_later(second.id, "no answer", due_at=NOW + timedelta(minutes=1))
    assert len(store.untold(NOW)) == 3
    assert [one.tries for one in store.untold(NOW + timedelta(minutes=1)) if one.id == second.id] == [1]


def test_after_the_clock_was_set_back_nothing_waits_for_the_other_time(store: Store) -> None:
    ahead = NOW + timedelta(days=2)
    store.enqueue("hook", "esp", "c1", policy="default", now=ahead, due_at=ahead)
    assert store.lease("me", now=NOW, for_=LEASE) is None
    assert store.wake(NOW, beyond=timedelta(minutes=15)) == 1
    assert leased(store).campaign_id == "c1"


def test_what_need_not_be_kept_is_deleted_and_nothing_else(store: Store) -> None:
    store.accept(hook("a", "c1", "c2"), now=NOW)
    job = store.judged(leased(store), planned(), Judgement("clear", "{}"), now=NOW)
    intent = store.intend(job, job.digest, "schedule", now=NOW)
    store.acted(job, intent, "done", now=NOW)
    store.finish(job, Ending("done"), now=NOW)
    assert store.purge(NOW + timedelta(days=3)) == 0
    assert store.accept(hook("a", "c1", "c2"), now=NOW).state == "repeated"
    later = NOW + timedelta(days=91)
    assert store.purge(later) == 1
    assert (store.job(job.id), store.report(job.report_id), store.approval("esp", "c1")) == (None, None, None)
    assert store.depth(later).waiting == 1
    assert store.accept(hook("a", "c9"), now=later).state == "new"


def test_a_check_is_kept_with_its_report(store: Store) -> None:
    job = store.job(store.checked(Judgement("held", '{"b": 2}', "", {"error": 1}), now=NOW))
    assert job is not None
    assert (job.kind, job.state, job.verdict) == ("check", "done", "held")
    assert store.report(job.report_id) == '{"b": 2}'
    assert store.depth(NOW).waiting == 0


# opening


def test_a_store_is_opened_again_as_it_was(where: str) -> None:
    first = Store.open(where)
    (job_id,) = first.accept(hook("a", "c1"), now=NOW).job_ids
    first.close()
    second = Store.open(where)
    assert second.job(job_id) is not None
    second.close()


def test_a_newer_store_is_refused(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(where).close()
    monkeypatch.setattr(schema, "MIGRATIONS", ())
    with pytest.raises(StoreError, match="newer mailcheck"):
        Store.open(where)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("{folder}/no/gate.db", "does not exist"),
        ("{folder}/text.db", "is no SQLite database"),
        ("{folder}/other.db", "database of another program"),
        ("mysql://root@localhost/x", "cannot be kept in mysql"),
        ("postgresql://u:hush@127.0.0.1:1/x", "the server does not answer"),
    ],
)
def test_what_is_no_store_is_told(tmp_path: Path, where: str, said: str) -> None:
    (tmp_path / "text.db").write_text("hello, this is no database but a text that is long enough to be none" * 20)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    with pytest.raises(StoreError, match=said) as error:
        Store.open(where.format(folder=tmp_path))
    assert "hush" not in str(error.value)
