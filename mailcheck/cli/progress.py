"""A progress bar on standard error, when a person waits long enough to want one."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 0.5
"""Seconds before it appears."""
PAUSE = 0.1
"""Seconds between two drawings. There is no thread that draws: a process with threads cannot fork safely."""


class Ticker:
    """Call it with the number of items done. Use it as a context, so that the bar goes away."""

    def __init__(self, total: int, *, wanted: bool, doing: str = "checking") -> None:
        self.total = total
        self.doing = doing
        self.wanted = wanted and total > 1 and sys.stderr is not None and sys.stderr.isatty()
        self.start = self.last = time.monotonic()
        self.bar: Progress | None = None
        self.task: TaskID | None = None

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if not self.wanted or done >= self.total or now - self.start < PATIENCE or now - self.last < PAUSE:
            return
        self.last = now
        if self.bar is None:
            self._appear()
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=done)
            self.bar.refresh()

    def _appear(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(self.doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
        self.task = self.bar.add_task(self.doing, total=self.total)
        self.bar.start()

    def __enter__(self) -> Ticker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


class Asking:
    """Told how many addresses of a mail have been asked for, of how many; shows it as a bar of its own."""

    def __init__(self) -> None:
        self.ticker: Ticker | None = None

    def __call__(self, done: int, total: int) -> None:
        if self.ticker is None:
            self.ticker = Ticker(total, wanted=True, doing="asking for links")
        self.ticker(done)
        if done >= total:
            self.ticker.end()
            self.ticker = None
