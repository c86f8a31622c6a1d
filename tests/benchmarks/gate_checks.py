"""How many campaigns a second the service judges: `POST /v1/check`, as many at a time as it takes.

    PYTHONPATH=tests python tests/benchmarks/gate_checks.py [--seconds 20] [--workers 2] TEMPLATE...

Each template is sent as the HTML part of a campaign, in turn. Told are the checks a second by the clock, and the CPU time of
one check in the service and in the judges, which other work on the machine does not change much.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gate_load import served

TOKEN = "a token for measuring"
CONFIG = """
port = 0
token = {{ env = "CHECKS_TOKEN" }}

[judge]
profile = "campaign"
workers = {workers}
"""


def cpu(pid: int) -> tuple[float, float]:
    """Seconds of CPU of the service, and of the judges it has started."""
    tick = os.sysconf("SC_CLK_TCK")
    own = _times(pid)
    children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    judges = sum(sum(_times(child)) for child in children)
    return (own[0] + own[1]) / tick, judges / tick


def _times(pid: int) -> tuple[int, int, int, int]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, their_user, their_system = map(int, fields[11:15])
    return user, system, their_user, their_system


async def check(port: int, body: bytes) -> tuple[int, float, str]:
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.read(-1)
    writer.close()
    status = int(answer.split(b" ", 2)[1])
    verdict = json.loads(answer.partition(b"\r\n\r\n")[2]).get("verdict", "")
    return status, time.perf_counter() - began, str(verdict)


async def load(port: int, bodies: list[bytes], seconds: float, together: int) -> list[tuple[int, float, str]]:
    found: list[tuple[int, float, str]] = []
    end = time.perf_counter() + seconds
    turn = 0

    async def lane() -> None:
        nonlocal turn
        while time.perf_counter() < end:
            turn += 1
            found.append(await check(port, bodies[turn % len(bodies)]))

    await asyncio.gather(*(lane() for _ in range(together)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("templates", nargs="+", type=Path)
    args = parser.parse_args()
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in args.templates]
    campaign = {"subject": "News of the week", "from": "Shop <news@shop.example>", "text": "News of the week"}
    bodies = [json.dumps({**campaign, "html": text}).encode() for text in texts]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "gate.toml").write_text(CONFIG.format(workers=args.workers))
        environment = {**os.environ, "CHECKS_TOKEN": TOKEN}
        with (folder / "log").open("wb") as log:
            command = [sys.executable, "-m", "mailcheck", "serve"]
            process = subprocess.Popen(command, cwd=folder, env=environment, stderr=log)
        try:
            port = served(folder, process)
            asyncio.run(load(port, bodies, 2, args.workers))
            before, began = cpu(process.pid), time.perf_counter()
            found = asyncio.run(load(port, bodies, args.seconds, args.workers))
            took = time.perf_counter() - began
            after = cpu(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    count = len(found)
    service, judges = ((then - now) / count * 1000 for now, then in zip(before, after, strict=True))
    sizes = [len(text.encode()) for text in texts]
    verdicts = {verdict: sum(one[2] == verdict for one in found) for verdict in sorted({one[2] for one in found})}
    print(f"{len(texts)} templates, median {statistics.median(sizes):,.0f} bytes; {args.workers} judges at a time")
    print(
        f"  {count:,} checks in {took:.0f} s, {count / took:.1f} a second; statuses {sorted({one[0] for one in found})}; {verdicts}"
    )
    print(
        f"  CPU of a check: {service:.1f} ms in the service, {judges:.1f} ms in the judges; so {1000 / (service + judges):.1f} a second and core"
    )
    times = sorted(one[1] * 1000 for one in found)
    print(f"  answer: p50 {times[count // 2]:.0f} ms, p99 {times[int(count * 0.99)]:.0f} ms")


if __name__ == "__main__":
    main()
