"""Ends a run at random moments while it records, and looks at what is left.

    PYTHONPATH=tests python tests/benchmarks/sudden_ends.py [--times 60] [--postgresql]

Half of the runs are ended by SIGKILL, half by SIGINT. A run is `mailcheck check` over many campaigns, in one process or two,
or a process that does nothing but record large fingerprints. It is ended once it has recorded some, or, where the store is
new, at any moment, so that the making of the store is interrupted as well. After each end the store must open and be whole:
every send has all of its figures and, where it was judged with an audience, its fingerprint; nothing that was said to be
recorded is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mailcheck.history.past import open_store
from postgres import Server, served

WRITER = """
import random, sys
from datetime import datetime, UTC
from mailcheck.fingerprints import SPACE, Fingerprint, K
from mailcheck.history.past import open_store
from mailcheck.history.sends import Send
store = open_store(sys.argv[1])
rng = random.Random()
for number in range(10_000):
    send = Send(id=f"{sys.argv[2]}-{number % 40}", family="f", at=datetime.now(UTC), counts={"hashes": K}, recipients=K)
    sketch = Fingerprint.of(rng.sample(range(SPACE), K), K, salt=store.salt)
    print("next", flush=True)
    store.judged(send, sketch)
    print("done", flush=True)
"""
CAMPAIGNS = 60
EARLY = 0.2
"""Share of runs that are ended before it is known that they recorded anything."""


def commands(where: str, folder: Path, name: str) -> list[list[str]]:
    check = [sys.executable, "-m", "mailcheck", "check", str(folder), "--history", where, "--select", "copy"]
    return [
        [sys.executable, "-c", WRITER, where, name],
        [*check, "--jobs", "1", "--quiet"],
        [*check, "--jobs", "2", "--quiet"],
    ]


def campaigns(folder: Path, name: str) -> None:
    for number in range(CAMPAIGNS):
        mail = folder / f"mail{number}"
        mail.mkdir(parents=True)
        (mail / "campaign.toml").write_text(
            f'id = "{name}-{number}"\nfamily = "f"\nsubject = "s"\nfrom = "a@b.example"\ntext = "t{number}"\n'
        )


def end(command: list[str], how: signal.Signals, rng: random.Random, where: str, name: str) -> int:
    """Start a run and end it while it records; how many different sends it said were recorded."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    said = 0
    if rng.random() < EARLY:
        time.sleep(rng.random() * 2)
    elif command[1] == "-c":
        for _ in range(rng.randrange(1, 30)):
            said += process.stdout.readline() == "done\n"
    else:
        limit, target = time.monotonic() + 60, rng.randrange(1, CAMPAIGNS - 5)
        while process.poll() is None and time.monotonic() < limit and recorded(where, name) < target:
            time.sleep(0.01)
    time.sleep(rng.random() * 0.02)
    process.send_signal(how)
    rest, _ = process.communicate()
    return min(said + rest.count("done"), 40)


def recorded(where: str, name: str) -> int:
    """How many sends of a run the store holds."""
    return sum(one.id.startswith(f"{name}-") for one in open_store(where).sends())


def look(where: str, server: Server | None) -> int:
    """How many sends there are, all of them whole."""
    store = open_store(where)
    sends = store.sends()
    for send in sends:
        found = send.fingerprint
        assert (found is not None) == bool(send.counts), send.id
        assert send.outcomes or send.counts, send.id
        if found is not None:
            assert found.distinct == send.counts["hashes"] == send.recipients, send.id
    orphans = "SELECT count(*) FROM mailcheck_fingerprints WHERE send NOT IN (SELECT id FROM mailcheck_sends)"
    if server is not None:
        assert server.sql(orphans, where.rpartition("/")[2]) == ["0"]
    else:
        with contextlib.closing(sqlite3.connect(where)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert raw.execute(orphans).fetchone() == (0,)
    return len(sends)


def places(folder: Path, server: Server | None) -> Iterator[str]:
    """Where each run records: six in a store, so that the making of one is interrupted as well."""
    for number in itertools.count():
        where = str(folder / f"history{number}.sqlite") if server is None else server.database()
        yield from [where] * 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--postgresql", action="store_true", help="on a server that is started for it")
    given = parser.parse_args()
    rng = random.Random()
    kinds, within, most = {signal.SIGKILL: 0, signal.SIGINT: 0}, 0, 0
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(served()) if given.postgresql else None
        os.chdir(folder)
        for number, where in zip(range(given.times), places(folder, server), strict=False):
            name, how = f"r{number}", rng.choice(list(kinds))
            command = rng.choice(commands(where, folder / name, name))
            campaigns(folder / name, name)
            said = end(command, how, rng, where, name)
            kinds[how] += 1
            sends = look(where, server)
            there = recorded(where, name)
            assert there >= said, f"{said} sends were said to be recorded, and {there} are there"
            within += 0 < there < (40 if command[1] == "-c" else CAMPAIGNS)
            most = max(most, sends)
    told = ", ".join(f"{count} by {how.name}" for how, count in kinds.items())
    print(
        f"{given.times} sudden ends ({told}), {within} of them in the midst of recording: every store opened and was whole;"
    )
    print(f"up to {most} sends in one")


if __name__ == "__main__":
    main()
