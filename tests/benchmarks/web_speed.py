"""mailcheck's client against other link checkers on the same URLs, in one run: wall and CPU time, and false alarms.

    python tests/benchmarks/web_speed.py [--rounds 3] [--lychee PATH] [--linkinator PATH] [--linkchecker PATH]

200 and 2,000 URLs over 40 loopback hosts, plain and with 150 to 600 ms until the first byte, each from a cold
start. Of 100 links 74 are pages, 10 redirect once and 3 three times, 7 are dead, 5 are images, 1 is a page of
50 MB. Rounds are interleaved, the fastest counts; CPU is that of the checker and its children. What a checker calls
broken although it answers is a false alarm, and what it does not call broken although it is dead is missed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CAMPAIGN = ["page"] * 74 + ["moved"] * 10 + ["far"] * 3 + ["gone"] * 7 + ["image"] * 5 + ["big"]
TROUBLE = ["page"] * 90 + ["busy"] * 5 + ["failing"] * 5
DEAD = ("/gone/", "/failing/")
OURS = """
import asyncio, json, sys
from mailcheck.web.client import Client
from mailcheck.web.policy import Policy
urls = open(sys.argv[1]).read().split()
allow = tuple({url.split("/")[2] for url in urls})
async def main():
    client = Client(Policy(allow=allow))
    verdicts = await asyncio.gather(*(client.check(url) for url in urls))
    print(json.dumps([url for url, one in zip(urls, verdicts) if one.state == "broken"]))
asyncio.run(main())
"""


def urls(count: int, port: int, mix: list[str]) -> list[str]:
    """So many URLs, spread over the hosts."""
    return [f"http://127.0.0.{1 + n % 40}:{port}/{mix[n * 7 % len(mix)]}/{n}" for n in range(count)]


def broken_by_mailcheck(output: str) -> set[str]:
    return set(json.loads(output))


def broken_by_lychee(output: str) -> set[str]:
    found = json.loads(output)
    maps = (found.get("error_map", {}), found.get("timeout_map", {}), found.get("fail_map", {}))
    return {one["url"] for kind in maps for entries in kind.values() for one in entries}


def broken_by_linkinator(output: str) -> set[str]:
    return {one["url"] for one in json.loads(output[output.index("{") :])["links"] if one["state"] == "BROKEN"}


def broken_by_linkchecker(output: str) -> set[str]:
    rows = csv.DictReader((line for line in output.splitlines() if not line.startswith("#")), delimiter=";")
    return {row["urlname"] for row in rows if row.get("valid") == "False"}


def run(command: list[str]) -> tuple[float, float, float, str]:
    """Wall and CPU seconds, megabytes, and what was printed."""
    with tempfile.TemporaryFile("w+") as output:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, cwd=ROOT)
        _, _, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = 0
        output.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.read()


def tools(given: argparse.Namespace, folder: Path) -> dict[str, tuple[list[str], Callable[[str], set[str]]]]:
    page = str(folder / "page.html")
    known: dict[str, tuple[list[str], Callable[[str], set[str]]]] = {
        "mailcheck": ([sys.executable, "-c", OURS, str(folder / "urls.txt")], broken_by_mailcheck)
    }
    if given.lychee:
        known["lychee"] = ([*shlex.split(given.lychee), "--no-progress", "--format", "json", page], broken_by_lychee)
    if given.linkinator:
        command = [*shlex.split(given.linkinator), page, "--format", "json", "--timeout", "30000"]
        known["linkinator"] = (command, broken_by_linkinator)
    if given.linkchecker:
        options = ["--check-extern", "--no-robots", "--no-warnings", "-o", "csv", "--no-status", page]
        known["linkchecker"] = ([*shlex.split(given.linkchecker), *options], broken_by_linkchecker)
    return known


def compare(given: argparse.Namespace, count: int, latency: tuple[int, int], mix: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(HERE / "web_server.py"), str(port), *map(str, latency)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    server.stdout.readline()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o755)
            links = urls(count, port, mix)
            (folder / "urls.txt").write_text("\n".join(links))
            (folder / "page.html").write_text("\n".join(f'<a href="{link}">x</a>' for link in links))
            report(given, links, tools(given, folder))
    finally:
        server.terminate()
        server.wait()


def report(
    given: argparse.Namespace, links: list[str], known: dict[str, tuple[list[str], Callable[[str], set[str]]]]
) -> None:
    dead = {link for link in links if any(kind in link for kind in DEAD)}
    best: dict[str, list[float]] = {}
    alarms: dict[str, tuple[int, int]] = {}
    for _ in range(given.rounds):
        for name, (command, broken_by) in known.items():
            wall, cpu, memory, output = run(command)
            if not output.strip():
                print(f"{name} ended without a report; this round does not count", file=sys.stderr)
                continue
            found = broken_by(output)
            false, missed = alarms.get(name, (0, 0))
            alarms[name] = (max(false, len(found - dead)), max(missed, len(dead - found)))
            best[name] = [min(a, b) for a, b in zip(best.get(name, [9e9] * 3), (wall, cpu, memory), strict=True)]
    print("| checker | wall | CPU | memory | false alarms | missed |\n| --- | --- | --- | --- | --- | --- |")
    for name, (wall, cpu, memory) in best.items():
        print(
            f"| {name} | {wall:.2f} s | {cpu:.2f} s | {memory:.0f} MB | {alarms[name][0]} | {alarms[name][1]} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--counts", type=int, nargs="+", default=[200, 2000])
    for name in ("lychee", "linkinator", "linkchecker"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--trouble", action="store_true", help="also with servers that are busy or fail")
    given = parser.parse_args()
    for count in given.counts:
        for latency in ((0, 0), (150, 600)):
            said = f"{latency[0]} to {latency[1]} ms" if latency[1] else "no latency"
            print(f"\n{count:,} URLs, {said}\n")
            compare(given, count, latency, CAMPAIGN)
    if given.trouble:
        print("\n200 URLs, 150 to 600 ms, one in twenty busy, one in twenty failing\n")
        compare(given, 200, (150, 600), TROUBLE)


if __name__ == "__main__":
    main()
