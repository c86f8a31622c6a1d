"""Ends a run at random moments while it records, and looks at what is left.

    python tests/benchmarks/sudden_ends.py [--times 60] [--history postgresql://user@host/database]

Half of the runs are ended by SIGKILL, half by SIGINT. A run is `mailcheck check` over many campaigns, in one process or two,
or a process that does nothing but record large fingerprints. After each end the store must open and be whole: every send
has all of its figures and, where it was judged with an audience, its fingerprint; nothing that was said to be recorded is
missing.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mailcheck.history.past import open_store

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


def commands(where: str, folder: Path, name: str) -> list[list[str]]:
    check = [sys.executable, "-m", "mailcheck", "check", str(folder), "--history", where, "--select", "copy"]
    return [
        [sys.executable, "-c", WRITER, where, name],
        [*check, "--jobs", "1", "--quiet"],
        [*check, "--jobs", "2", "--quiet"],
    ]


def campaigns(folder: Path) -> None:
    for number in range(CAMPAIGNS):
        mail = folder / f"mail{number}"
        mail.mkdir()
        (mail / "campaign.toml").write_text(
            f'id = "n{number}"\nfamily = "f"\nsubject = "s"\nfrom = "a@b.example"\ntext = "t{number}"\n'
        )


def end(command: list[str], how: signal.Signals, rng: random.Random, where: str) -> int:
    """Start a run, end it at a moment between its first and its last record; how many records it said were done."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    if command[1] == "-c":
        for _ in range(rng.randrange(1, 30)):
            process.stdout.readline()
    else:
        before = len(open_store(where).sends())
        limit = time.monotonic() + 20
        target = rng.randrange(0, CAMPAIGNS)
        while process.poll() is None and time.monotonic() < limit:
            known = len([one for one in open_store(where).sends() if one.id.startswith("n")])
            if known > target or before:
                break
        time.sleep(rng.random() * 0.3)
    time.sleep(rng.random() * 0.02)
    process.send_signal(how)
    rest, _ = process.communicate()
    return rest.count("done")


def look(where: str) -> tuple[int, int]:
    """How many sends and fingerprints there are, all of them whole."""
    store = open_store(where)
    sends = store.sends()
    sketches = 0
    for send in sends:
        found = send.fingerprint
        assert (found is not None) == bool(send.counts), send.id
        assert send.outcomes or send.counts, send.id
        if found is not None:
            assert found.distinct == send.counts["hashes"] == send.recipients, send.id
            sketches += 1
    if "://" not in where:
        with sqlite3.connect(where) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            orphans = "SELECT count(*) FROM mailcheck_fingerprints WHERE send NOT IN (SELECT id FROM mailcheck_sends)"
            assert raw.execute(orphans).fetchone() == (0,)
        raw.close()
    return len(sends), sketches


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--history", default="")
    given = parser.parse_args()
    rng = random.Random()
    kinds = {signal.SIGKILL: 0, signal.SIGINT: 0}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "campaigns"
        folder.mkdir()
        campaigns(folder)
        os.chdir(name)
        made = 0
        for number in range(given.times):
            # Now and then on a new store, so that the making of it is interrupted as well.
            where = given.history or str(Path(name) / f"history{number // 6}.sqlite")
            how = rng.choice(list(kinds))
            end(rng.choice(commands(where, folder, f"r{number}")), how, rng, where)
            kinds[how] += 1
            made = max(made, look(where)[0])
    told = ", ".join(f"{count} by {how.name}" for how, count in kinds.items())
    print(f"{given.times} sudden ends ({told}): every store opened and was whole; up to {made} sends in one")


if __name__ == "__main__":
    main()
