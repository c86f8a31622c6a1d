"""Webhooks at a fixed pace against the real service: what an answer takes, what is refused, whether anything is lost.

    PYTHONPATH=tests python tests/benchmarks/gate_load.py [--rate 200] [--seconds 60] [--queue 1000] [--policy revert]

Four processes on one machine: `mailcheck serve` as it is installed, the judges that it starts, and this one, which sends
signed webhooks over loopback and plays the sending service. Each webhook names another campaign, so that each needs a job
of its own. The pace does not wait for answers: time counts from the moment at which a webhook was to be sent. A part of
the webhooks is sent twice.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import collections
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gate_fakes.vendors import listmonk
from gate_fakes.world import Campaign, World
from mailcheck.gate.store import Store

KEY = b"a key of thirty-two bytes, so so"
CONFIG = """
port = 0
queue = {queue}
store = "gate.db"

[judge]
profile = "campaign"
workers = 1

[senders.load]
scheme = "standard"
secrets = [{{ env = "LOAD_SECRET" }}]
esp = "main"

[esps.main]
kind = "listmonk"
url = "{url}"
user = "gate"
secret = {{ env = "LOAD_KEY" }}
options = {{ private = "true" }}
"""
REPEATED = 20
"""Every so many-th webhook is sent a second time, a moment later."""


@dataclass
class Result:
    """What came of one webhook."""

    status: int
    seconds: float
    jobs: tuple[str, ...] = ()
    retry_after: str = ""


@dataclass
class Sender:
    """Connections to the service, each used by one webhook at a time."""

    port: int
    free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)
    opened: int = 0

    async def send(self, number: int, due: float) -> Result:
        body = json.dumps({"campaign_id": str(number + 1)}).encode()
        pair = self.free.pop() if self.free else await self._open()
        reader, writer = pair
        writer.write(_request(number, body))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        text = await reader.readexactly(int(fields["content-length"]))
        took = time.perf_counter() - due
        self.free.append(pair)
        status = int(head.split(" ", 2)[1])
        jobs = tuple(json.loads(text)["jobs"]) if status == 202 else ()
        return Result(status, took, jobs, fields.get("retry-after", ""))

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.opened += 1
        return await asyncio.open_connection("127.0.0.1", self.port)


def _request(number: int, body: bytes) -> bytes:
    now = int(time.time())
    mark = base64.b64encode(hmac.digest(KEY, f"load_{number}.{now}.".encode() + body, hashlib.sha256)).decode()
    return (
        f"POST /v1/hooks/load HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nwebhook-id: load_{number}\r\nwebhook-timestamp: {now}\r\n"
        f"webhook-signature: v1,{mark}\r\n\r\n"
    ).encode() + body


async def load(port: int, rate: int, seconds: int) -> tuple[dict[int, list[Result]], int]:
    sender = Sender(port)
    results: dict[int, list[Result]] = collections.defaultdict(list)
    tasks: list[asyncio.Task[None]] = []

    async def one(number: int, due: float) -> None:
        results[number].append(await sender.send(number, due))

    start = time.perf_counter()
    for turn in range(rate * seconds):
        due = start + turn / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        again = turn - REPEATED if turn % REPEATED == 0 and turn else None
        tasks.append(asyncio.create_task(one(turn if again is None else again, due)))
    await asyncio.gather(*tasks)
    return results, sender.opened


def memory(pid: int) -> dict[str, int]:
    """Resident MB of the service and of its judges (their shared pages counted once for each)."""
    found = {"service": _rss(pid), "judges": 0}
    for child in _children(pid):
        found["judges"] += _rss(child) + sum(_rss(one) for one in _children(child))
    return found


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _rss(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20
    except OSError:
        return 0


def served(folder: Path, process: subprocess.Popen[bytes]) -> int:
    """The port, once the service listens."""
    for _ in range(600):
        for line in (folder / "log").read_text().splitlines():
            said = json.loads(line) if line.startswith("{") else {}
            if said.get("event") == "listening":
                return int(said["port"])
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"the service did not start: {(folder / 'log').read_text()}")


def _marks(times: list[float]) -> str:
    """Percentiles of sorted milliseconds."""
    marks = {
        f"p{share * 100:g}": times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.9, 0.99, 0.999)
    }
    return ", ".join(f"{key} {value:.1f} ms" for key, value in marks.items()) + f", most {times[-1]:.1f} ms"


def _within(log: Path) -> Iterator[float]:
    """Milliseconds that the service took for each webhook, from its first byte to its answer."""
    for line in log.read_text().splitlines():
        said = json.loads(line)
        if said.get("route") == "/v1/hooks/{sender}":
            yield float(said["milliseconds"])


def told(results: dict[int, list[Result]], store: Store, args: argparse.Namespace, world: World) -> None:
    every = [one for some in results.values() for one in some]
    times = sorted(one.seconds * 1000 for one in every)
    taken = sorted(one.seconds * 1000 for one in every if one.status == 202)
    counts = collections.Counter(one.status for one in every)
    print(f"{len(every):,} webhooks in {args.seconds} s: {dict(sorted(counts.items()))}")
    for name, some in (("all answers", times), ("accepted", taken)):
        marks = {
            f"p{share * 100:g}": some[min(len(some) - 1, int(len(some) * share))] for share in (0.5, 0.9, 0.99, 0.999)
        }
        print(
            f"  {name}: "
            + ", ".join(f"{key} {value:.1f} ms" for key, value in marks.items())
            + f", most {some[-1]:.1f} ms"
        )
    refused = [one for one in every if one.status == 429]
    print(f"  refused with Retry-After: {sum(bool(one.retry_after) for one in refused):,} of {len(refused):,}; "
          f"it says {', '.join(sorted({one.retry_after for one in refused}, key=int)[:8]) or '-'}")  # fmt: skip
    ids = {job for one in every for job in one.jobs}
    lost = [job for job in ids if store.job(job) is None]
    differing = sum(len({one.jobs for one in some if one.status == 202}) > 1 for some in results.values())
    depth = store.depth(datetime.now(UTC))
    print(
        f"  accepted jobs: {len(ids):,}; not in the store: {len(lost)}; repeated webhooks with another answer: {differing}"
    )
    done = sum(job is not None and job.state == "done" for job in map(store.job, ids))
    print(f"  worked off meanwhile: {done:,} ({done / args.seconds:.1f} a second); waiting: {depth.waiting:,}; "
          f"pulled back at the sending service: {len(world.effects):,}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--queue", type=int, default=1000)
    args = parser.parse_args()
    count = args.rate * args.seconds
    world = World({str(n + 1): Campaign(str(n + 1), status="draft") for n in range(count)})
    secret = "whsec_" + base64.b64encode(KEY).decode()
    with tempfile.TemporaryDirectory() as name, listmonk(world) as fake:
        folder = Path(name)
        (folder / "gate.toml").write_text(CONFIG.format(queue=args.queue, url=fake.url))
        environment = {**os.environ, "LOAD_SECRET": secret, "LOAD_KEY": "s3cret-key"}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "mailcheck", "serve"], cwd=folder, env=environment, stderr=log
            )
        try:
            port = served(folder, process)
            time.sleep(2)
            samples: list[dict[str, int]] = []
            over = threading.Event()

            def watch() -> None:
                while not over.wait(1):
                    samples.append(memory(process.pid))

            threading.Thread(target=watch, daemon=True).start()
            results, opened = asyncio.run(load(port, args.rate, args.seconds))
            over.set()
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(90)
        store = Store.open(str(folder / "gate.db"))
        told(results, store, args, world)
        within = sorted(_within(folder / "log"))
        print("  by the clock of the service: " + _marks(within))
        store.close()
        steps = [samples[int(len(samples) * share)] for share in (0, 0.1, 0.25, 0.5, 0.75)] + samples[-1:]
        print("  memory of the service, MB, over time: " + ", ".join(str(one["service"]) for one in steps))
        print("  memory of the judges, MB, over time: " + ", ".join(str(one["judges"]) for one in steps))
        print(f"  connections: {opened}; exit code after SIGTERM: {code}")
        size = (folder / "gate.db").stat().st_size / 2**20
        print(f"  store: {size:.1f} MB; log: {(folder / 'log').stat().st_size / 2**20:.1f} MB")


if __name__ == "__main__":
    main()
