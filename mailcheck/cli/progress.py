"""Progress bars on standard error, when a person waits long enough to want one."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from mailcheck.run import Watch

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


class Reading:
    """How far the reading of a list of people is: share, rows and rows a second. Use it as a context."""

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted and sys.stderr is not None and sys.stderr.isatty()
        self.start = self.last = time.monotonic()
        self.doing = ""
        self.bar: Progress | None = None
        self.task: TaskID | None = None

    @property
    def watch(self) -> Watch | None:
        """What is to be told of the progress; nothing when nobody looks."""
        return self if self.wanted else None

    def __call__(self, doing: str, share: float, rows: int) -> None:
        now = time.monotonic()
        if doing != self.doing:
            self.doing, self.start = doing, now
        if not self.wanted or now - self.last < PAUSE or (self.bar is None and now - self.start < PATIENCE):
            return
        self.last = now
        if self.bar is None:
            self._appear()
        if self.bar is not None and self.task is not None:
            pace = f"{rows:,} rows, {rows / max(now - self.start, PAUSE):,.0f}/s" if rows else ""
            # Without an end, the bar runs to and fro.
            total = 1.0 if share >= 0 else None
            self.bar.update(self.task, completed=max(share, 0.0), total=total, description=_short(doing), pace=pace)
            self.bar.refresh()

    def _appear(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[pace]}"))
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
        self.task = self.bar.add_task("", total=None, pace="")
        self.bar.start()

    def stop(self) -> None:
        """Take the bar away, before something else is told."""
        if self.bar is not None:
            self.bar.stop()
        self.bar, self.wanted = None, False

    def __enter__(self) -> Reading:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _short(text: str) -> str:
    plain = "".join(char if char.isprintable() else "?" for char in text)
    return plain if len(plain) <= 40 else f"…{plain[-39:]}"


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
