"""Lives through schedules of faults, see `tests/gate_faults.py`, and stops at the first in which something is lost.

    python tests/benchmarks/gate_faults.py [--schedules 20000] [--first 100000] [--jobs 2]

Prints how often which fault was met. The same first seed gives the same schedules.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gate_faults import BrokenError, run

CHUNK = 250


def chunk(first: int) -> tuple[dict[str, int], float, str]:
    """Live through one chunk; what was met, seconds of processor time, and what broke."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        try:
            tally = run(range(first, first + CHUNK), Path(folder) / "gate.db")
        except BrokenError as broken:
            return {}, time.process_time() - began, str(broken)
    return tally.counts, time.process_time() - began, ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    met: Counter[str] = Counter()
    seconds, done = 0.0, 0
    with ProcessPoolExecutor(given.jobs) as pool:
        for counts, took, broken in pool.map(chunk, range(given.first, given.first + given.schedules, CHUNK)):
            if broken:
                pool.shutdown(cancel_futures=True)
                sys.exit(broken)
            met.update(counts)
            seconds += took
            done += CHUNK
    print(f"{done:,} schedules, {1000 * seconds / done:.0f} ms of processor time each: nothing was lost")
    for what, count in sorted(grouped(met).items(), key=lambda item: -item[1]):
        print(f"{count:10,}  {what}")


def grouped(met: Counter[str]) -> Counter[str]:
    """The same faults together, whatever campaign they have met."""
    found: Counter[str] = Counter()
    for what, count in met.items():
        found[what.split(" takes effect")[0] + (" takes effect" if " takes effect" in what else "")] += count
    return found


if __name__ == "__main__":
    main()
