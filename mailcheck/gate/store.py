"""The store of the gate: every step is one transaction, so that an end at any moment leaves it whole.

Any number of processes may use one store. Imported only where one is opened; see `history.databases`.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy

from mailcheck.gate import accepting, leasing, outbox, schema
from mailcheck.gate.jobs import (
    Accepted,
    Approval,
    Depth,
    Hook,
    Intent,
    Job,
    Kind,
    LeaseLost,
    QueueFull,
    StoreError,
    ToTell,
)
from mailcheck.gate.leasing import Ending
from mailcheck.gate.model import Action, Judgement, Planned
from mailcheck.gate.rows import approval_of, fit, job_of
from mailcheck.gate.schema import APPROVALS, JOBS, REPORTS
from mailcheck.history.databases import engine_of, told, writing
from mailcheck.history.locations import file_of
from mailcheck.history.sends import HistoryError

__all__ = ["Ending", "Hook", "LeaseLost", "QueueFull", "Store", "StoreError"]

WHAT = "gate's store"
LOCK = 0x67617465
"""Key of the PostgreSQL lock that one writer at a time holds: not that of a history in the same database."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; safe to use from several threads and processes. Moments that are given carry a zone.

    Every method raises `StoreError` when the database cannot be used; then nothing is known of that step.

    Args:
        where: path or URL.
        queue: jobs that may wait.
        keep: how long jobs that ended are kept.
        monotonic: seconds of a clock that never jumps: leases are judged by it, in whatever process.
    """

    where: str
    engine: sqlalchemy.Engine = field(repr=False, compare=False)
    queue: int = 1000
    keep: timedelta = timedelta(days=90)
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)
    watched: leasing.Watched = field(default_factory=dict, repr=False, compare=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @classmethod
    def open(
        cls,
        where: str,
        *,
        queue: int = 1000,
        keep: timedelta = timedelta(days=90),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Store:
        """Open a store; one that is not there is made, one of an older version is brought up to date.

        Args:
            where: path of an SQLite file, or `postgresql://user@host/database`.

        Raises:
            StoreError: it cannot be opened, or is newer.
        """
        file = file_of(where)
        if file is not None and not file.parent.is_dir():
            raise StoreError(f"the folder of the {WHAT} {file} does not exist; make it, or correct the path")
        try:
            with told(where, WHAT):
                engine = engine_of(where, what=WHAT, pooled=True)
                with writing(engine, LOCK) as connection:
                    schema.migrate(connection, where)
        except HistoryError as error:
            raise StoreError(str(error)) from None
        return cls(where, engine, queue, keep, monotonic)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    # what comes in

    def accept(self, hook: Hook, *, now: datetime) -> Accepted:
        """Take a webhook: a job for each of its events, or none at all.

        A campaign for which such a job waits already gets no second one: whenever a job begins, it looks at the
        campaign as it is then.

        Raises:
            QueueFull: there is no room for all of them; nothing is accepted.
        """
        with self._writing() as connection:
            return accepting.accept(connection, hook, self.queue, now)

    def accept_each(self, hooks: Sequence[Hook], *, now: datetime) -> list[Accepted | QueueFull]:
        """Take webhooks in one transaction, each as `accept` would: it costs as much for all as for one."""
        with self._writing() as connection:
            return [self._accepted(connection, hook, now) for hook in hooks]

    def _accepted(self, connection: sqlalchemy.Connection, hook: Hook, now: datetime) -> Accepted | QueueFull:
        try:
            with connection.begin_nested():
                return accepting.accept(connection, hook, self.queue, now)
        except QueueFull as full:
            return full

    def enqueue(
        self,
        kind: Kind,
        esp: str,
        campaign_id: str,
        *,
        policy: str,
        now: datetime,
        send_at: datetime | None = None,
        due_at: datetime | None = None,
    ) -> str:
        """The id of a job for a campaign: a new one, or that of one like it that waits already.

        Raises:
            QueueFull: there is no room.
        """
        wanted = accepting.Wanted(kind, esp, fit(campaign_id), policy, send_at, due_at or now)
        with self._writing() as connection:
            return accepting.enqueue(connection, [wanted], self.queue, now)[0]

    def checked(self, judgement: Judgement, *, now: datetime) -> str:
        """Keep the judgement that a client asked for and waited for; the id of its job, which is done."""
        with self._writing() as connection:
            return accepting.checked(connection, judgement, now)

    # what is there

    def job(self, job_id: str) -> Job | None:
        """A job, if there is one of that id."""
        with self._reading() as connection:
            row = connection.execute(sqlalchemy.select(JOBS).where(JOBS.c.id == fit(job_id))).mappings().first()
        return None if row is None else job_of(row)

    def report(self, report_id: str) -> str | None:
        """A report as JSON (`docs/report.md`), if there is one of that id."""
        with self._reading() as connection:
            data = connection.execute(sqlalchemy.select(REPORTS.c.json).where(REPORTS.c.id == fit(report_id))).scalar()
        return None if data is None else zlib.decompress(data).decode()

    def approval(self, esp: str, campaign_id: str) -> Approval | None:
        """What was last judged of a campaign, if that was clear."""
        query = sqlalchemy.select(APPROVALS).where(APPROVALS.c.esp == esp, APPROVALS.c.campaign_id == fit(campaign_id))
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else approval_of(row)

    def intents(self, job_id: str) -> tuple[Intent, ...]:
        """The actions that a job was about to take, the first one first."""
        with self._reading() as connection:
            return leasing.intents(connection, job_id)

    def followed(self, esp: str, campaign_ids: Iterable[str]) -> frozenset[str]:
        """Those of the campaigns for which a job waits or runs: a poller need not bring them up."""
        with self._reading() as connection:
            return accepting.followed(connection, esp, [fit(one) for one in campaign_ids])

    def hurry(self, esp: str, times: Mapping[str, datetime | None], *, now: datetime) -> None:
        """Make due what follows campaigns for another time than they have now, by their ids."""
        asked = {fit(one): at for one, at in times.items() if at is not None}
        with self._reading() as connection:
            moved = accepting.moved(connection, esp, asked, now)
        if moved:
            with self._writing() as connection:
                accepting.hurry(connection, moved, now)

    def depth(self, now: datetime) -> Depth:
        """How much there is to do."""
        with self._reading() as connection:
            return accepting.depth(connection, now)

    def probe(self) -> None:
        """Try whether it can be written.

        Raises:
            StoreError: it cannot.
        """
        with self._writing():
            pass

    # what is worked on

    def lease(self, owner: str, *, now: datetime, for_: timedelta) -> Job | None:
        """The next job to work on, or none. Of one campaign only one job is worked on at a time.

        A job is taken over from somebody else when that has let its lease of length `for_` go by without a heartbeat.
        It is this process that measures the time, by its monotonic clock, so that no clock that is set can
        make two of one.

        Args:
            owner: who works on it; a name that nobody else has.
        """
        with self.lock:
            asked = leasing.Leasing(owner, now, for_, self.monotonic(), self.watched)
            with self._reading() as connection:
                if leasing.find(connection, asked) is None:
                    return None
            with self._writing() as connection:
                return leasing.lease(connection, asked)

    def heartbeat(self, job: Job) -> None:
        """Say that a leased job is still worked on.

        Raises:
            LeaseLost: somebody else works on it now; leave it alone.
        """
        with self._writing() as connection:
            leasing.heartbeat(connection, job)

    def judged(self, job: Job, planned: Planned, judgement: Judgement, *, now: datetime) -> Job:
        """Keep a judgement with its report. What is clear is approved; otherwise an approval there was ends.

        Returns:
            the job with verdict, digest and report.

        Raises:
            LeaseLost: as above.
        """
        with self._writing() as connection:
            return leasing.judged(connection, job, planned, judgement, now)

    def intend(self, job: Job, digest: str, action: Action, *, now: datetime) -> Intent:
        """Write down what is about to be done at the sending service; what was written down before stays.

        Raises:
            LeaseLost: as above.
        """
        with self._writing() as connection:
            return leasing.intend(connection, job, digest, action, now)

    def acted(self, job: Job, intent: Intent, outcome: str, *, now: datetime) -> None:
        """Write down that an action was taken, and how that ended.

        Raises:
            LeaseLost: as above.
        """
        with self._writing() as connection:
            leasing.acted(connection, job, intent, outcome, now)

    def finish(self, job: Job, ending: Ending, *, now: datetime) -> None:
        """End a job, or put it off: with everything that follows from it, in one transaction.

        Raises:
            LeaseLost: as above.
        """
        with self._writing() as connection:
            leasing.finish(connection, job, ending, now)

    def wake(self, now: datetime, *, beyond: timedelta) -> int:
        """Make jobs due that would wait for longer than `beyond`, and every followed campaign; how many.

        For after a clock was set back: what was put off by the clock before would wait too long.
        """
        with self._writing() as connection:
            return leasing.wake(connection, now, beyond)

    # what people are told

    def untold(self, now: datetime, *, limit: int = 20) -> tuple[ToTell, ...]:
        """What people are to be told now, the oldest first."""
        with self._reading() as connection:
            return outbox.untold(connection, now, limit)

    def tell(self, notice: ToTell, *, now: datetime) -> None:
        """Put something into the outbox, unless it is what was said last of that campaign."""
        with self._writing() as connection:
            outbox.tell(connection, notice, now)

    def take(self, notice_id: str, *, now: datetime, until: datetime) -> bool:
        """Take what people are to be told, so that until then nobody else delivers it.

        Returns:
            whether it was there to be taken; otherwise another process delivers it, or has.
        """
        with self._writing() as connection:
            return outbox.take(connection, notice_id, now, until)

    def was_told(self, notice_id: str, *, now: datetime) -> None:
        """It is delivered."""
        with self._writing() as connection:
            outbox.was_told(connection, notice_id, now)

    def tell_later(self, notice_id: str, error: str, *, due_at: datetime) -> None:
        """It could not be delivered; try again later."""
        with self._writing() as connection:
            outbox.tell_later(connection, notice_id, error, due_at)

    def purge(self, now: datetime) -> int:
        """Delete what need not be kept any more; how many jobs that were. Nothing that has not ended is deleted."""
        with self._writing() as connection:
            return accepting.purge(connection, now, self.keep)

    # the work behind

    @contextmanager
    def _reading(self) -> Iterator[sqlalchemy.Connection]:
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlalchemy.Connection]:
        with self._told(), writing(self.engine, LOCK) as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            with told(self.where, WHAT):
                yield
        except HistoryError as error:
            raise StoreError(str(error)) from None
