"""Worker processes that may die without taking the run with them.

The pools of the standard library either hang or end as a whole when a worker is killed. Here a death is the
result of the item that was being worked on, and the next item gets a new worker.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from msgspec import Struct

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext  # Windows has no ForkContext

T = TypeVar("T")
R = TypeVar("R")


class Died(Struct, frozen=True):
    """The worker ended before it had an answer; `reason` completes "the process that judged this file …"."""

    reason: str


def work(
    items: Sequence[T],
    make: Callable[[], Callable[[T], R]],
    workers: int,
    done: Callable[[int, R | Died], None],
    *,
    fork: bool,
) -> None:
    """Work on all items, each in some worker; `done(index, result)` is called as results come in.

    Args:
        make: makes the function that does the work; must be picklable without `fork`.
        fork: workers are copies of this process; otherwise they start from nothing.
    """
    context = multiprocessing.get_context("fork") if fork else multiprocessing.get_context("spawn")
    team = _Team(context, make, deque(enumerate(items)))
    try:
        for _ in range(min(workers, len(items))):
            team.hire()
        while team.busy:
            for index, result in team.answers():
                done(index, result)
    finally:
        team.dismiss()


class _Worker(Struct):
    process: BaseProcess
    connection: Connection[object, object]
    index: int = -1


class _Team(Generic[T, R]):
    def __init__(
        self, context: ForkContext | SpawnContext, make: Callable[[], Callable[[T], R]], waiting: deque[tuple[int, T]]
    ) -> None:
        self.context = context
        self.make = make
        self.waiting = waiting
        self.busy: list[_Worker] = []

    def hire(self) -> None:
        """Start a worker and give it the next item."""
        ours, theirs = self.context.Pipe()
        process: BaseProcess = self.context.Process(target=_serve, args=(theirs, ours, self.make))
        worker = _Worker(process, ours)
        with _without_interrupts():
            process.start()
            self.busy.append(worker)  # in here, else an interrupt right after the start leaves it unknown to `dismiss`
        theirs.close()
        self.give(worker)

    def give(self, worker: _Worker) -> None:
        if not self.waiting:
            self.busy.remove(worker)
            with contextlib.suppress(OSError):
                worker.connection.send(None)
            worker.connection.close()
            worker.process.join()
            return
        worker.index, item = self.waiting.popleft()
        with contextlib.suppress(OSError):  # it died; the answer will say so
            worker.connection.send((worker.index, item))

    def answers(self) -> Iterator[tuple[int, R | Died]]:
        """The results that are there, once there is one."""
        # A child of a dead worker may hold the pipe open, so the process is watched as well.
        wait([source for worker in self.busy for source in (worker.connection, worker.process.sentinel)])
        for worker in list(self.busy):
            if worker.connection.poll():
                yield self._answer(worker)
            elif not worker.process.is_alive():
                yield self._death(worker)

    def _answer(self, worker: _Worker) -> tuple[int, R | Died]:
        try:
            answer = cast("tuple[int, R | Died]", worker.connection.recv())
        except (EOFError, OSError, pickle.UnpicklingError):
            return self._death(worker)
        self.give(worker)
        return answer

    def _death(self, worker: _Worker) -> tuple[int, Died]:
        worker.process.join(5)
        self.busy.remove(worker)
        worker.connection.close()
        if self.waiting:
            self.hire()
        return worker.index, Died(_ending(worker.process.exitcode))

    def dismiss(self) -> None:
        """End whoever still works, as after Ctrl-C."""
        for worker in self.busy:
            worker.process.terminate()
        for worker in self.busy:
            worker.process.join(1)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def _serve(
    connection: Connection[object, object], ours: Connection[object, object], make: Callable[[], Callable[[T], R]]
) -> None:
    """The life of a worker: an item comes, its result goes, until there is nothing more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    ours.close()  # else the end of the parent would not be noticed
    function = make()
    while True:
        try:
            task = cast("tuple[int, T] | None", connection.recv())
        except (EOFError, OSError):
            return
        if task is None:
            return
        index, item = task
        result = function(item)
        try:
            connection.send((index, result))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            connection.send((index, Died(f"could not send its result ({type(error).__name__})")))
        except OSError:  # the parent is gone, and nobody waits for the result
            return


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Keep Ctrl-C away from a new worker until it can ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ending(code: int | None) -> str:
    if code is None:
        return "closed its connection"
    if code >= 0:
        return f"ended itself with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = ", as it happens when memory runs out" if name == "SIGKILL" else ""
    return f"was ended by {name}{hint}"
