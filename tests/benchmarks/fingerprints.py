"""How far the estimates of audience sketches are off, and how large the sketches are.

    python tests/benchmarks/fingerprints.py [--recipients 10000000] [--runs 500]

First with real hashes, made by DuckDB as a recipient engine makes them; then with many simulated pairs of audiences, for
the share of intervals that hold the truth. Errors are told as shares of the smaller audience.
"""

from __future__ import annotations

import argparse
import random
import time

import duckdb

from mailcheck.fingerprints import MAX_BYTES, SPACE, Fingerprint, K

SALT = "benchmark"
SHARES = (0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)


def pushed_down(first: int, end: int) -> Fingerprint:
    """The sketch of the people `first` to `end`, by one statement in the engine."""
    rows = duckdb.execute(
        "select ('0x' || left(md5(? || 'reader' || n || '@mail.example'), 12))::bigint as hash "
        "from range(?, ?) people(n) order by hash limit ?",
        [SALT, first, end, K],
    ).fetchall()
    return Fingerprint.of((row[0] for row in rows), end - first, salt=SALT)


def simulated(rng: random.Random, only_a: int, only_b: int, both: int) -> tuple[Fingerprint, Fingerprint]:
    """Sketches of two audiences as their smallest hashes fall: a Poisson process of the cells."""
    total = only_a + only_b + both
    a: list[int] = []
    b: list[int] = []
    at = 0.0
    while len(a) < K or len(b) < K:
        at += rng.expovariate(total)
        place = rng.random() * total
        if place < only_a + both:
            a.append(int(at * SPACE))
        if place >= only_a:
            b.append(int(at * SPACE))
    return (
        Fingerprint.of(a[:K], only_a + both, salt=SALT),
        Fingerprint.of(b[:K], only_b + both, salt=SALT),
    )


def real(recipients: int) -> None:
    print(f"real hashes, {recipients:,} recipients each")
    print(f"{'overlap':>8}{'estimate':>14}{'error':>9}{'95 % interval':>28}{'bytes':>8}{'seconds':>9}")
    mine = pushed_down(0, recipients)
    for share in SHARES:
        start = time.perf_counter()
        offset = recipients - round(share * recipients)
        theirs = pushed_down(offset, offset + recipients)
        seconds = time.perf_counter() - start
        found = mine.overlap(theirs)
        truth = recipients - offset
        size = len(theirs.to_bytes())
        assert size <= MAX_BYTES
        assert abs(found.count - truth) <= 0.02 * recipients
        error = abs(found.count - truth) / recipients
        print(
            f"{share:8.0%}{found.count:14,}{error:9.3%}{f'{found.low:,} to {found.high:,}':>28}{size:8,}{seconds:9.1f}"
        )


def many(recipients: int, runs: int) -> None:
    print(f"\nsimulated, {runs:,} pairs each")
    print(f"{'sizes':>24}{'overlap':>9}{'median error':>14}{'99 %':>9}{'worst':>9}{'intervals that hold':>21}")
    rng = random.Random(1)
    for other in (recipients, recipients // 5):
        for share in SHARES:
            both = round(share * other)
            errors = []
            held = 0
            for _ in range(runs):
                first, second = simulated(rng, recipients - both, other - both, both)
                found = first.overlap(second)
                errors.append(abs(found.count - both) / other)
                held += found.low <= both <= found.high
            errors.sort()
            sizes = f"{recipients:,}, {other:,}"
            at_99 = errors[round(0.99 * (runs - 1))]
            print(f"{sizes:>24}{share:9.0%}{errors[runs // 2]:14.3%}{at_99:9.3%}{errors[-1]:9.3%}{held / runs:21.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=500)
    given = parser.parse_args()
    real(given.recipients)
    many(given.recipients, given.runs)
    rng = random.Random(2)
    sizes = [len(Fingerprint.of(rng.sample(range(SPACE), K), K, salt=SALT).to_bytes()) for _ in range(20)]
    print(f"\nlargest sketch (an audience of {K:,}): {max(sizes):,} of {MAX_BYTES:,} bytes allowed")


if __name__ == "__main__":
    main()
