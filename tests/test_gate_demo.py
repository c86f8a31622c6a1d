"""The whole gate, end to end: a real service in a process of its own, a real store, real workers, real alerts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from mailcheck.gate.demo import Pace, StoryFailed, play
from mailcheck.gate.schema import ACTIONS, JOBS
from mailcheck.gate.store import Store
from support import mailcheck


def test_a_bad_campaign_never_goes_out(tmp_path: Path) -> None:
    lines: list[str] = []
    asyncio.run(play(tmp_path, lines.append, Pace(ahead=12, before=6)))
    told = [line[10:] for line in lines if line[10:].startswith(("listmonk", "alert", "webhook"))]
    wanted = [
        "listmonk   somebody schedules",
        "webhook    signed",
        "listmonk   the campaign is a draft again",
        "alert      Taken out of the schedule: Spring sale",
        "listmonk   somebody mends",
        "webhook    signed",
        "listmonk   the campaign is scheduled",
        "alert      Clear: Spring sale",
        "listmonk   somebody edits",
        "listmonk   the campaign is a draft again",
        "alert      Taken out of the schedule: Spring sale",
        "alert      Held: Spring sale",
    ]
    assert len(told) == len(wanted), "\n".join(lines)
    for line, start in zip(told, wanted, strict=True):
        assert line.startswith(start)
    store = Store.open(str(tmp_path / "gate.db"))
    with store.engine.connect() as connection:
        done = list(connection.execute(sqlalchemy.select(ACTIONS.c.action, ACTIONS.c.outcome)))
        verdicts = list(connection.execute(sqlalchemy.select(JOBS.c.verdict).where(JOBS.c.kind != "recheck")).scalars())
    store.close()
    assert sorted(done) == [("revert", "done"), ("revert", "done"), ("schedule", "done")]
    assert sorted(verdicts) == ["clear", "held", "held"]
    log = [json.loads(line) for line in (tmp_path / "gate.log").read_text().splitlines()]
    assert [line for line in log if line["level"] not in ("info", "debug")] == []
    assert log[-1]["event"] == "stopped"
    secrets = ("a-key-that-is-none", "whsec_", "json://")
    assert not [one for one in secrets if one in (tmp_path / "gate.log").read_text() + "\n".join(lines)]


def test_a_service_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(StoryFailed, match="the gate did not start"):
        asyncio.run(play(tmp_path, lambda _line: None))
    result = mailcheck("demo", "--gate")
    assert result.exit_code == 3
    assert "the demo did not end as it should: the gate did not start" in result.stderr


def test_a_missing_extra_is_told() -> None:
    script = (
        "import sys; sys.modules['fastapi'] = None; from mailcheck.cli import run; sys.exit(run(['demo', '--gate']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'mailcheck-lint[gate]'" in done.stderr
