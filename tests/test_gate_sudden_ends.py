"""Processes that are really ended, with SIGKILL, at moments that nobody has chosen; and a restarted database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gate_service import Folder, clock
from mailcheck.gate.jobs import Hook, Job
from mailcheck.gate.model import HookEvent
from mailcheck.gate.store import Store

if TYPE_CHECKING:
    from postgres import Server

pytest_plugins = ["postgres"]

SERVICE = Path(__file__).parent / "gate_service.py"
PATIENCE = 60
GOOD = {"subject": "good", "from": "a@b.example", "html": "<html lang='en'><body><p>Hello</p></body></html>"}
BAD = {**GOOD, "subject": "bad", "html": "<html lang='en'><body><p>lorem ipsum dolor</p></body></html>"}


class Workers:
    """Processes of the service; whoever is ended is replaced."""

    def __init__(self, where: str, folder: Path, *options: str) -> None:
        self.command = [sys.executable, str(SERVICE), where, str(folder), *options]
        self.running = [self.start(), self.start()]

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def end_one(self, rng: random.Random) -> None:
        number = rng.randrange(len(self.running))
        self.running[number].kill()
        self.running[number].communicate()
        self.running[number] = self.start()

    def close(self) -> None:
        for process in self.running:
            process.kill()
            process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "esp").mkdir()
    return Folder(tmp_path / "esp")


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "gate.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.database()


def accept(store: Store, folder: Folder, number: int) -> str:
    """A campaign that is about to be scheduled, or that somebody has scheduled although it is bad."""
    name = f"c{number}"
    bad = number % 3 == 0
    folder.put(name, BAD if bad else GOOD, "scheduled" if bad else "draft")
    hook = Hook("s", name, "b", (HookEvent(name),), "esp", "default", timedelta(days=4))
    (job_id,) = store.accept(hook, now=clock()).job_ids
    return job_id


def ended(store: Store, job_ids: list[str], patience: float = PATIENCE) -> list[Job]:
    """The jobs, once all of them have come to an end."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        jobs = [job for one in job_ids if (job := store.job(one)) is not None and job.finished_at]
        if len(jobs) == len(job_ids):
            return jobs
        time.sleep(0.1)
    raise AssertionError([store.job(one) for one in job_ids])


def check(folder: Folder, jobs: list[Job], store: Store) -> None:
    for job in jobs:
        bad = int(job.campaign_id[1:]) % 3 == 0
        assert (job.state, job.verdict, job.action) == ("done", *(("held", "revert") if bad else ("clear", "schedule")))
        assert folder.get(job.campaign_id)["status"] == ("draft" if bad else "scheduled")
    done = sorted(folder.log())
    # A change that was under way when the process was ended may have to be made again; none that had been made was.
    assert all(line.split()[1] != line.split()[2] for line in done), done
    told = [one.campaign_id for one in store.untold(clock(), limit=1000)]
    assert len(told) == len(set(told)) == len(jobs)


def test_workers_are_ended_at_random_moments(tmp_path: Path, folder: Folder, where: str) -> None:
    rng, store = random.Random(), Store.open(where)
    workers = Workers(where, folder.folder)
    try:
        job_ids = []
        for number in range(18):
            job_ids.append(accept(store, folder, number))
            if number % 2:
                time.sleep(rng.random() * 0.25)
                workers.end_one(rng)
        jobs = ended(store, job_ids)
    finally:
        workers.close()
    check(folder, jobs, store)
    store.close()


def test_a_restarted_database_loses_nothing(tmp_path: Path, folder: Folder, postgresql: Server) -> None:
    where = postgresql.database()
    store = Store.open(where)
    workers = Workers(where, folder.folder)
    try:
        job_ids = [accept(store, folder, number) for number in range(15)]
        postgresql.restart()
        job_ids += [accept(store, folder, number) for number in range(15, 20)]
        time.sleep(0.2)
        postgresql.restart()
        jobs = ended(store, job_ids)
    finally:
        workers.close()
    check(folder, jobs, store)
    store.close()


def test_the_processes_that_judge_are_ended(tmp_path: Path, folder: Folder) -> None:
    """The workers of a judgement, and the helper they come from: no campaign passes that was not judged."""
    store = Store.open(str(tmp_path / "gate.db"))
    service = subprocess.Popen(
        [sys.executable, str(SERVICE), str(tmp_path / "gate.db"), str(folder.folder), "judge"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert service.stdout is not None
        assert service.stdout.readline() == "ready\n"
        job_ids = [accept(store, folder, number) for number in range(12)]
        rng, until = random.Random(), time.monotonic() + 3
        while time.monotonic() < until:
            time.sleep(rng.random() * 0.1)
            below = [child for parent in children(service.pid) for child in (parent, *children(parent))]
            if below:
                kill(rng.choice(below))
        jobs = ended(store, job_ids)
    finally:
        service.kill()
        service.communicate()
    for job in jobs:
        bad = int(job.campaign_id[1:]) % 3 == 0
        status = folder.get(job.campaign_id)["status"]
        assert job.state == "done"
        assert (job.verdict, status) in ([("held", "draft"), ("unsure", "draft")] if bad else GOOD_ENDS)
        assert (job.verdict == "unsure") == bool(job.doubt)
    store.close()


GOOD_ENDS = [("clear", "scheduled"), ("unsure", "draft")]


def children(pid: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if stat.read_text().rpartition(")")[2].split()[1] == str(pid):
                yield int(stat.parent.name)
        except OSError:
            continue


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
