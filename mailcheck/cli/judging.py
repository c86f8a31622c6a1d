"""Judges many items: here, or in worker processes when that is faster or safer.

Workers are used when rules of others are loaded, so that a rule that kills its process cannot end the run,
and when the work that is left, at the pace measured so far, outweighs what it costs to start them.
"""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mailcheck.cli.running import Item, Judge, Judged, Recipe

if TYPE_CHECKING:
    from mailcheck.cli.team import Died

FORK_COST = 0.05
SPAWN_COST = 1.0
"""Seconds of one worker's start: 0.01 and 0.45 were measured on two slow cores; more, to be on the safe side."""
FEW = 8
"""Items for which a second worker is not worth while when workers are needed anyway."""

Tick = Callable[[int], None]
"""Is told how many items are done."""


def judge_all(judge: Judge, recipe: Recipe, items: Sequence[Item], *, jobs: int | None, tick: Tick) -> list[Judged]:
    """Judge every item, in the order of the items.

    Args:
        judge, recipe: the judge, and how a process without it makes one.
        jobs: worker processes; `None` to decide by the measured pace.

    Raises:
        CouldNotStart: of the first item that cannot be judged at all.
    """
    results: list[Judged | None] = [None] * len(items)
    limit = jobs or processors()
    isolated = runs_code_of_others(judge) and can_fork()
    alone, workers = 0, limit
    if isolated and jobs is None:
        workers = min(limit, -(-len(items) // FEW))
    elif not isolated and (jobs is None or limit == 1):
        alone, workers = _in_this_process(judge, items, results, tick, limit)
    left = items[alone:]
    if left:
        _in_workers(judge, recipe, left, workers, _Noting(results, alone, tick))
    return [_started(result) for result in results]


def _in_this_process(
    judge: Judge, items: Sequence[Item], results: list[Judged | None], tick: Tick, limit: int
) -> tuple[int, int]:
    """Judge items one by one until workers would be faster.

    Returns:
        how many items were judged, and how many workers are best for the others.
    """
    start = time.perf_counter()
    cost = FORK_COST if can_fork() else SPAWN_COST
    for done, item in enumerate(items, 1):
        results[done - 1] = _started(judge(item))
        tick(done)
        ahead = (time.perf_counter() - start) / done * (len(items) - done)
        # n workers need ahead / n + cost * n seconds, which is least at this n.
        workers = min(limit, int(math.sqrt(ahead / cost)))
        if workers > 1:
            return done, workers
    return len(items), 1


def _in_workers(
    judge: Judge, recipe: Recipe, items: Sequence[Item], workers: int, note: Callable[[int, Judged], None]
) -> None:
    from mailcheck.cli import team

    fork = can_fork()

    def done(index: int, result: Judged | Died) -> None:
        if isinstance(result, team.Died):
            result = judge.crashed(items[index], f"The process that judged this file {result.reason}")
        note(index, result)

    team.work(items, (lambda: judge) if fork else recipe, workers, done, fork=fork)


class _Noting:
    """Takes the results of workers in the order in which they come, and puts them where they belong."""

    def __init__(self, results: list[Judged | None], alone: int, tick: Tick) -> None:
        self.results = results
        self.alone = alone
        self.done = alone
        self.tick = tick

    def __call__(self, index: int, result: Judged) -> None:
        self.results[self.alone + index] = result
        self.done += 1
        self.tick(self.done)


def _started(result: Judged | None) -> Judged:
    from mailcheck.settings import CouldNotStart

    if result is None:
        raise RuntimeError("an item was not judged")
    if result.could_not_start:
        raise CouldNotStart(result.could_not_start)
    return result


def runs_code_of_others(judge: Judge) -> bool:
    """Whether rules or facts are loaded that did not come with mailcheck."""
    return any(plugin.door != "built-in" for plugin in judge.checker.registry.plugins)


def can_fork() -> bool:
    """Whether workers can inherit what this process has loaded; elsewhere they start from nothing."""
    return sys.platform == "linux" and threading.active_count() == 1


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
