"""Simulates histories of sends and counts healthy sends that are flagged and planted mistakes that are missed.

    python tests/benchmarks/drift.py [--runs 10000] [--sends 8] [--jobs 2] [--seed 1] [--own] [--only NAME]

Every scenario makes a history, the healthy count of the next send, and holds that count, times each planted factor,
against mailcheck and against the usual rules of thumb. `--sends 4-24` draws the length of each history; `--own` leaves
out the rules of thumb. Prints one Markdown table. Plain Python; the same seed gives the same table on any machine.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mailcheck.history.baseline import Baseline, PastSend, expect

FACTORS = (0.5, 0.6, 0.7, 1.4, 2.0)
START = datetime(2024, 1, 1, 9, tzinfo=UTC)


class History(NamedTuple):
    """Earlier sends, and the next one as it should be."""

    past: list[PastSend]
    when: datetime
    healthy: int
    kind: str | None = None


Noise = Callable[[random.Random], float]


# noise of logarithms, standard deviation 1 but for `student`


def normal(rng: random.Random) -> float:
    return rng.gauss(0, 1)


def laplace(rng: random.Random) -> float:
    return rng.choice((-1, 1)) * rng.expovariate(1) / math.sqrt(2)


def student(rng: random.Random) -> float:
    """Student's t with three degrees of freedom, scale 1: its standard deviation is 1.7."""
    return rng.gauss(0, 1) / math.sqrt(sum(rng.gauss(0, 1) ** 2 for _ in range(3)) / 3)


def student_four(rng: random.Random) -> float:
    """Student's t with four degrees of freedom, its standard deviation made 1."""
    return rng.gauss(0, 1) / math.sqrt(sum(rng.gauss(0, 1) ** 2 for _ in range(4)) / 4) / math.sqrt(2)


def skewed(rng: random.Random) -> float:
    """Lognormal, of shape 0.6, its mean made 0 and its standard deviation 1: now and then far too many."""
    variance = 0.6**2
    spread = math.sqrt(math.expm1(variance) * math.exp(variance))
    return (math.exp(0.6 * rng.gauss(0, 1)) - math.exp(variance / 2)) / spread


def factor(share: float) -> Noise:
    """Noise as people say it: the count is its level times 1 ± so much, never below a tenth."""
    return lambda rng: math.log(max(0.1, 1 + share * rng.gauss(0, 1))) / share


# scenarios


def row(
    rng: random.Random,
    sends: int,
    log_at: Callable[[int, datetime], float],
    *,
    noise: float = 0.03,
    shape: Noise = normal,
    days: Callable[[int], float] = lambda i: 7.0 * i,
    kind_at: Callable[[int, datetime], str | None] = lambda i, when: None,
) -> History:
    """A history whose logarithms are a level of its own, `log_at`, and noise."""
    level = rng.uniform(math.log(2e3), math.log(2e6))
    start = START + timedelta(days=rng.randrange(365))
    whens = [start + timedelta(days=days(i)) for i in range(sends + 1)]
    counts = [round(math.exp(level + log_at(i, when) + noise * shape(rng))) for i, when in enumerate(whens)]
    kinds = [kind_at(i, when) for i, when in enumerate(whens)]
    past = [PastSend(when, count, kind) for when, count, kind in zip(whens[:-1], counts, kinds, strict=False)]
    return History(past, whens[-1], counts[-1], kinds[-1])


def level(noise: float, shape: Noise = normal) -> Callable[[random.Random, int], History]:
    return lambda rng, sends: row(rng, sends, lambda i, when: 0.0, noise=noise, shape=shape)


def growth(noise: float, most: float, least: float | None = None) -> Callable[[random.Random, int], History]:
    def make(rng: random.Random, sends: int) -> History:
        rate = math.log1p(rng.uniform(most if least is None else least, most))
        return row(rng, sends, lambda i, when: rate * i, noise=noise)

    return make


def following(noise: float, share: float = 0.5) -> Callable[[random.Random, int], History]:
    """Each send keeps a share of what the last was off its level: AR(1)."""

    def make(rng: random.Random, sends: int) -> History:
        off = [rng.gauss(0, 1)]
        for _ in range(sends):
            off.append(share * off[-1] + math.sqrt(1 - share**2) * rng.gauss(0, 1))
        return row(rng, sends, lambda i, when: noise * off[i], noise=0.0)

    return make


def months(rng: random.Random, sends: int) -> History:
    """Monthly sends; each month has its own level, 10 % apart."""
    levels = [rng.gauss(0, 0.1) for _ in range(12)]
    return row(rng, sends, lambda i, when: levels[when.month - 1], days=lambda i: 30.4 * i)


def gaps(rng: random.Random, sends: int) -> History:
    """Weekly, growing 1 % a week, with weeks left out and one long pause."""
    steps = [0]
    pause = rng.randrange(sends)
    for i in range(sends):
        steps.append(steps[-1] + rng.choice((1, 1, 1, 2)) + (8 if i == pause else 0))
    return row(rng, sends, lambda i, when: 0.01 * steps[i], days=lambda i: 7.0 * steps[i])


def yearly(rng: random.Random, sends: int) -> History:
    """Monthly sends, 15 % more at the height of the year than in its middle, 15 % less half a year later."""
    return row(
        rng,
        sends,
        lambda i, when: 0.15 * math.sin(2 * math.pi * when.timetuple().tm_yday / 365),
        days=lambda i: 30.4 * i,
    )


def weekly(rng: random.Random, sends: int) -> History:
    """Daily sends; each weekday has its own level, 15 % apart."""
    levels = [rng.gauss(0, 0.15) for _ in range(7)]
    return row(rng, sends, lambda i, when: levels[when.weekday()], days=lambda i: 1.0 * i)


def accident(noise: float, factors: Sequence[float]) -> Callable[[random.Random, int], History]:
    """One earlier send, never the latest, had a wrong number of recipients."""

    def make(rng: random.Random, sends: int) -> History:
        history = level(noise)(rng, sends)
        i = rng.randrange(sends - 1)
        wrong = history.past[i]
        history.past[i] = PastSend(wrong.when, round(wrong.recipients * rng.choice(factors)))
        return history

    return make


SEGMENTS = math.log(45_000 / 8_000)


def alternating(rng: random.Random, sends: int) -> History:
    return row(rng, sends, lambda i, when: SEGMENTS * (i % 2), noise=0.05)


def at_random(rng: random.Random, sends: int) -> History:
    chosen = [rng.randrange(2) for _ in range(sends + 1)]
    return row(rng, sends, lambda i, when: SEGMENTS * chosen[i], noise=0.05)


def by_weekday(rng: random.Random, sends: int) -> History:
    """Two sends a week, each to its own segment."""
    return row(rng, sends, lambda i, when: SEGMENTS * (i % 2), noise=0.05, days=lambda i: 7.0 * (i // 2) + 3 * (i % 2))


def by_kind(rng: random.Random, sends: int) -> History:
    chosen = [rng.randrange(2) for _ in range(sends + 1)]
    return row(
        rng,
        sends,
        lambda i, when: SEGMENTS * chosen[i],
        noise=0.05,
        kind_at=lambda i, when: ("news", "offer")[chosen[i]],
    )


GROSS = (0.02, 0.1, 0.3, 3.0, 10.0)
SCENARIOS: dict[str, Callable[[random.Random, int], History]] = {
    "stable, 3 %": level(0.03),
    "stable, 5 %": level(0.05),
    "stable, 5 %, ± as a factor": level(0.05, factor(0.05)),
    "stable, 5 %, Laplace": level(0.05, laplace),
    "between, 9 %": level(0.09),
    "noisy, 15 %": level(0.15),
    "noisy, 15 %, ± as a factor": level(0.15, factor(0.15)),
    "noisy, 15 %, Laplace": level(0.15, laplace),
    "very noisy, 30 %": level(0.3),
    "growing 2 %, noise 3 %": growth(0.03, 0.02),
    "growing 5 %, noise 3 %": growth(0.03, 0.05),
    "growing 0–5 %, noise 5 %": growth(0.05, 0.05, 0.0),
    "growing 2 %, noise 15 %": growth(0.15, 0.02),
    "with gaps": gaps,
    "seasons of the year": yearly,
    "seven weekdays": weekly,
    "heavy tail, t3 × 3 %": level(0.03, student),
    "heavy tail, t3 × 5 %": level(0.05, student),
    "one old accident, 3 %": accident(0.03, GROSS),
    "one old accident, 5 %": accident(0.05, GROSS),
    "one old accident, 15 %": accident(0.15, GROSS),
    "one old ×2 or ÷2, 5 %": accident(0.05, (0.5, 2.0)),
    "one old ×2 or ÷2, 15 %": accident(0.15, (0.5, 2.0)),
    **{
        f"{name}, {noise:.0%}".replace("%", " %"): level(noise, shape)
        for noise in (0.03, 0.05, 0.15)
        for name, shape in (("Laplace again", laplace), ("t4", student_four), ("lognormal", skewed))
    },
    "AR(1) of 0.5, 5 %": following(0.05),
    "AR(1) of 0.5, 15 %": following(0.15),
    "growing 3 %, noise 5 %": growth(0.05, 0.03),
    "growing 3 %, noise 15 %": growth(0.15, 0.03),
    "levels of months": months,
    "two segments in turn": alternating,
    "two segments at random": at_random,
    "two segments by weekday": by_weekday,
    "two segments by kind": by_kind,
}


# methods: counts of the past to the lowest and highest usual count


Interval = Callable[[Sequence[int]], tuple[float, float]]


def mean_and_sd(counts: Sequence[int]) -> tuple[float, float]:
    middle = statistics.fmean(counts)
    spread = math.sqrt(sum((count - middle) ** 2 for count in counts) / (len(counts) - 1))
    return middle - 3 * spread, middle + 3 * spread


def around(middle: Callable[[Sequence[int]], float], share: float) -> Interval:
    """As ratios, so that ± 50 % is from ÷ 1.5 to × 1.5: more is missed upwards and less downwards than by shares."""
    return lambda counts: (middle(counts) / (1 + share), middle(counts) * (1 + share))


def last(counts: Sequence[int]) -> float:
    return counts[-1]


def deviation(times: float, floor: float, cap: float = math.inf) -> Interval:
    """Median and median absolute deviation of the logarithms, with its usual correction for few values."""

    def interval(counts: Sequence[int]) -> tuple[float, float]:
        logs = [math.log(count) for count in counts]
        middle = statistics.median(logs)
        few = len(logs) / (len(logs) - 0.8)
        spread = few * 1.4826 * statistics.median(abs(value - middle) for value in logs)
        half = times * min(max(spread, floor), cap)
        return math.exp(middle - half), math.exp(middle + half)

    return interval


RULES_OF_THUMB: dict[str, Interval] = {
    "mean ± 3 sd": mean_and_sd,
    "last ± 20 %": around(last, 0.2),
    "last ± 50 %": around(last, 0.5),
    "median ± 50 %": around(statistics.median, 0.5),
    "MAD, k 3.5, floor 5 %": deviation(3.5, 0.05),
    "MAD, k 3.5, floor 5 %, cap 15 %": deviation(3.5, 0.05, 0.15),
    "MAD, k 4, floor 7 %": deviation(4, 0.07),
}
OWN = "**mailcheck**"


# running


def judged(history: History, baseline: Baseline, *, own: bool) -> Iterator[tuple[str, Callable[[int], bool]]]:
    """Every method, as a question whether a count is flagged."""
    yield OWN, lambda count: baseline.judge(count) is not None
    counts = [send.recipients for send in history.past]
    for name, method in {} if own else RULES_OF_THUMB.items():
        low, high = method(counts)
        yield name, lambda count, low=low, high=high: not low <= count <= high  # type: ignore[misc]  # bound in a loop


def simulate(task: tuple[str, int, tuple[int, int], int, bool]) -> Counter[tuple[str, str]]:
    """Run one scenario; how often each method flagged the count times each factor, 1 being the healthy one."""
    name, runs, (shortest, longest), seed, own = task
    rng = random.Random(f"{seed} {name}")
    flagged: Counter[tuple[str, str]] = Counter()
    for _ in range(runs):
        history = SCENARIOS[name](rng, rng.randint(shortest, longest))
        baseline = expect(history.past, history.when, kind=history.kind)
        for method, is_flagged in judged(history, baseline, own=own):
            for times in (1.0, *FACTORS):
                flagged[method, f"×{times:g}"] += is_flagged(max(1, round(history.healthy * times)))
        flagged[OWN, "mixed"] += baseline.mixed
        flagged[OWN, "told"] += baseline.by is not None
    return flagged


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--sends", default="8", help="length of the history, one number or FROM-TO")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--own", action="store_true", help="leave out the rules of thumb")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    chosen = parser.parse_args(arguments)
    shortest, _, longest = chosen.sends.partition("-")
    lengths = (int(shortest), int(longest or shortest))
    names = [name for name in SCENARIOS if chosen.only in name]
    tasks = [(name, chosen.runs, lengths, chosen.seed, chosen.own) for name in names]
    print(
        "| scenario | method | healthy flagged | "
        + " | ".join(f"×{times:g} missed" for times in FACTORS)
        + " | said to be mixed · told apart |"
    )
    print("| --- | --- |" + " --- |" * (len(FACTORS) + 2))
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for name, flagged in zip(names, pool.map(simulate, tasks), strict=True):
            for method in dict.fromkeys(method for method, _ in flagged):
                print("| " + " | ".join((name, method, *figures(flagged, method, chosen.runs))) + " |", flush=True)
    return 0


def figures(flagged: Counter[tuple[str, str]], method: str, runs: int) -> Iterator[str]:
    yield f"{100 * flagged[method, '×1'] / runs:.2f} %"
    for times in FACTORS:
        yield f"{100 - 100 * flagged[method, f'×{times:g}'] / runs:.1f} %"
    if (method, "mixed") in flagged:
        yield f"{100 * flagged[method, 'mixed'] / runs:.1f} % · {100 * flagged[method, 'told'] / runs:.1f} %"
    else:
        yield ""


if __name__ == "__main__":
    sys.exit(main())
