"""How many judgements the gate makes: each in a copy of a process that has everything loaded.

    python tests/benchmarks/gate_judging.py [--template FILE] [--times 100] [--workers 2]

Without a file, a template of 16 KB is made. Prints judgements per second, and processor time of each, the service's own
included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import time
from pathlib import Path

from mailcheck.gate.judging import JudgeRequest, Judges
from mailcheck.gate.settings import JudgeTable

ROW = (
    '<tr><td style="padding:8px;font-family:Arial,sans-serif;color:#222222"><a href="https://shop.example/p/{0}?utm_source'
    '=mail"><img src="https://shop.example/i/{0}.png" width="280" height="140" alt="Product {0}"></a><p>Product {0}, now '
    "&euro;{0}.95 until Sunday.</p></td></tr>"
)


def made(size: int = 16 * 1024) -> str:
    rows = [ROW.format(number) for number in range(10, 10 + size // len(ROW))]
    return f'<!DOCTYPE html><html lang="en"><body><table role="presentation">{"".join(rows)}</table></body></html>'


def used() -> float:
    """Seconds of processor time of this process and of its children that have ended."""
    return sum(
        found.ru_utime + found.ru_stime
        for found in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


async def measure(html: str, times: int, workers: int) -> None:
    document = {"subject": "Hello", "from": "Shop <news@shop.example>", "html": html, "text": "Hello"}
    request = JudgeRequest(json.dumps(document).encode())
    began, cpu = time.perf_counter(), used()
    judges = Judges(JudgeTable(profile="campaign", workers=workers))
    await judges.start()
    started = time.perf_counter() - began
    verdicts = set()

    async def lane() -> None:
        for _ in range(times // workers):
            verdicts.add((await judges.judge(request)).verdict)

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(workers)))
    took = time.perf_counter() - began
    await judges.close()
    each = (used() - cpu) / times * 1000
    print(f"{len(html):,} bytes: {times / took:.1f} judgements a second by {workers} at a time, {sorted(verdicts)}")
    print(f"{each:.0f} ms of processor time for each, the start ({started:.1f} s) included")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", type=Path)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    html = given.template.read_text(encoding="utf-8", errors="replace") if given.template else made()
    asyncio.run(measure(html, given.times, given.workers))


if __name__ == "__main__":
    main()
