"""Differential fuzzing of `mailcheck.urls.parse` against a WHATWG parser (ada-url).

    python tests/benchmarks/web_urls.py 1500000

Whatever is accepted must have the same scheme, host, port, path and query there. Prints how many URLs were
accepted, and every disagreement; exit code 1 when there is one.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]


def main(count: int) -> int:
    from mailcheck.urls import InvalidUrl, parse
    from url_cases import mutated
    from whatwg import disagreement

    began = time.perf_counter()
    endings: Counter[str] = Counter()
    wrong = 0
    for number, text in enumerate(mutated(int(began * 1000), count)):
        try:
            url = parse(text)
        except InvalidUrl as error:
            endings[error.reason] += 1
            continue
        endings["accepted"] += 1
        said = disagreement(url)
        if said:
            wrong += 1
            print(f"{number}: {text!r}: {said}")
    for ending, times in endings.most_common():
        print(f"{times:>10,}  {ending}")
    print(f"{count:,} URLs in {time.perf_counter() - began:.0f} s; {wrong} disagreements")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
