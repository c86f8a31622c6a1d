"""A statement of DuckDB that tells how far it is, and that ends when the person says so."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from mailcheck.audience.frames import Files
from mailcheck.audience.wholeness import is_compressed
from mailcheck.run import Watch

if TYPE_CHECKING:
    import duckdb

PAUSE = 0.1
"""Seconds between two looks."""
_LOOK = 1 << 16


class Doing(Struct, frozen=True):
    """What a statement does, as it is told.

    Args:
        what: a few words.
        rows: about how many there are; 0 when nobody knows.
        watch: is told.
    """

    what: str
    rows: int
    watch: Watch


def watched(connection: duckdb.DuckDBPyConnection, sql: str, doing: Doing) -> duckdb.DuckDBPyConnection:
    """Run a statement in a thread of its own, and tell how far it is.

    The thread is gone when this returns: a process with threads cannot fork safely.

    Raises:
        duckdb.Error: as the statement does.
        KeyboardInterrupt: it was stopped.
    """
    ended = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            connection.execute(sql)
        except BaseException as error:  # noqa: BLE001 - it is raised again below, by the thread that asked
            failed.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while not ended.wait(PAUSE):
            share = connection.query_progress() / 100
            doing.watch(doing.what, share, int(max(share, 0.0) * doing.rows))
    except BaseException:
        while thread.is_alive():
            connection.interrupt()
            thread.join(PAUSE)
        raise
    thread.join()
    if failed:
        raise failed[0]
    return connection


def about(files: Files) -> int:
    """About how many lines files have, by the length of the first; 0 when that cannot be told."""
    if files.format == "parquet" or any(is_compressed(path) for path in files.paths):
        return 0
    try:
        return sum(_lines(path) for path in files.paths)
    except OSError:
        return 0


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        start = file.read(_LOOK)
    ends = max(start.count(b"\n"), start.count(b"\r"))
    return path.stat().st_size * ends // max(1, len(start))
