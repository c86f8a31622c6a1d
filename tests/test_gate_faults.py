"""No job is lost, nothing is sent that is not clear, and nothing is done twice: whatever fails, and whenever."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from gate_world import BrokenError, run
from mailcheck.gate import following, gating, leasing
from mailcheck.gate.deciding import Changes, Decision

SHARDS = 4
SCHEDULES = 1400


@pytest.mark.parametrize("shard", range(SHARDS))
def test_schedules_of_faults(tmp_path: Path, shard: int) -> None:
    """Always the same ones: a seed that once broke something breaks it again. The benchmark runs any number."""
    share = SCHEDULES // SHARDS
    tally = run(range(shard * share, (shard + 1) * share), tmp_path / "gate.db")
    assert tally.schedules == share
    # What is to be tried was tried.
    killed = sum(count for what, count in tally.counts.items() if what.startswith("killed after"))
    tried = {"killed after a step": killed, **tally.counts}
    for what in ("killed before a step", "killed after a step", "stalled", "garbage", "database error after"):
        assert tried.get(what, 0) > 0, what
    assert sum(count for what, count in tally.counts.items() if what.startswith("the clock is set")) > 0


# A simulation that finds nothing is worth as much as what it would find.


def _schedules_whatever(*_: object, **__: object) -> Decision:
    return Decision("schedule", "")


def _sees_no_change(*_: object, **__: object) -> Changes:
    return Changes()


def _takes_over_at_once(running: Sequence[object], *_: object) -> Iterator[object]:
    return iter(running)


def _forgets(*_: object, **__: object) -> tuple[()]:
    return ()


FAULTS: dict[str, tuple[object, str, Callable[..., object], str]] = {
    "schedules what is held": (gating, "decide", _schedules_whatever, "was scheduled"),
    "does not compare": (following, "compare", _sees_no_change, "was sent"),
    "does not follow": (gating, "first_look", _forgets, "was sent"),
    "takes over at once": (leasing, "_abandoned", _takes_over_at_once, "scheduled twice|never comes to rest"),
    "tells nobody": (leasing, "tell", _forgets, "nobody was told"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_gate_with_a_fault_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    module, function, fault, said = FAULTS[name]
    monkeypatch.setattr(module, function, fault)
    with pytest.raises(BrokenError, match=said):
        run(range(300), tmp_path / "gate.db", polled=False)
