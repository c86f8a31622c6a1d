"""Verdicts of earlier runs, each for as long as it can be trusted. What is broken is always asked again."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from mailcheck.web.answers import Answer, Hop, State, Verdict

FORMAT = 1
SECONDS: dict[State, float] = {"ok": 24 * 3600, "suspect": 3600, "unverifiable": 900, "broken": 0, "not-requested": 0}
_SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS verdicts_{FORMAT} (key BLOB PRIMARY KEY, until REAL NOT NULL, verdict TEXT NOT NULL)
WITHOUT ROWID;
"""


@dataclass(slots=True)
class Cache:
    """A file of verdicts. A file that cannot be used is as good as an empty one: then everything is asked.

    Args:
        path: of the database; made when it is not there.
        about: what a verdict depends on besides the URL: user agent, headers, what is accepted.
        clock: seconds since the epoch.
    """

    path: Path
    about: str = ""
    clock: Callable[[], float] = time.time
    opened: sqlite3.Connection | None = field(default=None, init=False)
    failed: bool = field(default=False, init=False)

    def get(self, url: str) -> Verdict | None:
        """The verdict on a URL in its normal form, when there is one that still holds."""
        connection = self._connection()
        if connection is None:
            return None
        query = f"SELECT verdict FROM verdicts_{FORMAT} WHERE key = ? AND until > ?"  # noqa: S608 - FORMAT is ours
        try:
            row = connection.execute(query, (self._key(url), self.clock())).fetchone()
            return _read(row[0]) if row else None
        except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, url: str, verdict: Verdict) -> None:
        """Keep a verdict as long as its state can be trusted, or the server asked us to stay away."""
        answer = verdict.answer
        seconds = SECONDS[verdict.state]
        if verdict.state == "unverifiable" and verdict.reason == "deadline":
            return
        if answer is not None and answer.retry_after and seconds:
            seconds = min(answer.retry_after, SECONDS["ok"])
        connection = self._connection() if seconds else None
        if connection is None:
            return
        query = f"INSERT OR REPLACE INTO verdicts_{FORMAT} VALUES (?, ?, ?)"  # noqa: S608 - FORMAT is ours
        with suppress(sqlite3.Error):
            connection.execute(query, (self._key(url), self.clock() + seconds, _written(verdict)))

    def close(self) -> None:
        """Let go of the file."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None

    def _connection(self) -> sqlite3.Connection | None:
        if self.opened is None and not self.failed:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.opened = sqlite3.connect(self.path, timeout=2.0, isolation_level=None)
                self.opened.executescript(_SCHEMA)
                query = f"DELETE FROM verdicts_{FORMAT} WHERE until <= ?"  # noqa: S608 - FORMAT is ours
                self.opened.execute(query, (self.clock(),))
            except (sqlite3.Error, OSError):
                self.failed = True
                self.opened = None
        return self.opened

    def _key(self, url: str) -> bytes:
        return blake2b(f"{self.about}\n{url}".encode("utf-8", "replace"), digest_size=16).digest()


def _written(verdict: Verdict) -> str:
    answer = verdict.answer
    kept: dict[str, object] = {"state": verdict.state, "reason": verdict.reason, "message": verdict.message}
    if answer is not None:
        ends = answer.certificate_ends
        kept["url"] = answer.url
        kept["hops"] = [[hop.url, hop.status] for hop in answer.hops]
        kept["certificate_ends"] = ends.timestamp() if ends else None
        kept["content_type"] = answer.content_type
    return json.dumps(kept)


def _read(text: str) -> Verdict:
    kept = json.loads(text)
    ends = kept.get("certificate_ends")
    if not SECONDS[kept["state"]]:
        raise ValueError("a verdict that is not kept")
    answer = Answer(
        url=kept["url"],
        hops=tuple(Hop(url, status) for url, status in kept["hops"]),
        headers=(("content-type", kept["content_type"]),),
        certificate_ends=datetime.fromtimestamp(ends, UTC) if ends is not None else None,
    )
    return Verdict(kept["state"], kept["reason"], kept["message"], answer, cached=True)
