"""A campaign of 150 links and 40 pictures judged online, by every rule about links and pictures, on loopback.

    python tests/benchmarks/web_campaign.py [--rounds 3]

The servers answer after LOW to HIGH milliseconds; the slowest single answer is what a checker that asks for everything at once
would need. Prints the time on the wall as a multiple of it (2 is aimed at), inside a process that has run before and from
a cold start of the command, and CPU seconds. With one host the politeness towards it is part of the time.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "rules"), str(HERE)]
LINKS, PICTURES = 150, 40


def mail(port: int, hosts: int) -> str:
    """The campaign, spread over so many hosts."""
    links = [f'<p><a href="http://127.0.0.{1 + n % hosts}:{port}/page/{n}">Lamp {n}</a></p>' for n in range(LINKS)]
    pictures = [
        f'<img src="http://127.0.0.{1 + n % hosts}:{port}/picture/{n}" width="300" height="200" alt="Lamp {n}">'
        for n in range(PICTURES)
    ]
    return "\n".join(
        ("<!doctype html><html><head><title>Lamps</title></head><body>", *links, *pictures, "</body></html>")
    )


def slowest(port: int, low: float, high: float, hosts: int) -> float:
    """Seconds of the slowest answer, as the server reckons it."""
    import zlib

    paths = [*((n, f"/page/{n}") for n in range(LINKS)), *((n, f"/picture/{n}") for n in range(PICTURES))]
    shares = (zlib.crc32(f"127.0.0.{1 + n % hosts}{path}".encode()) % 1000 / 1000 for n, path in paths)
    return max(low + share * (high - low) for share in shares) / 1000


def in_process(html: str, settings: dict[str, object]) -> tuple[float, float, str]:
    """Wall and CPU seconds, and the verdict."""
    import mailcheck

    began, cpu = time.perf_counter(), time.process_time()
    mail = {"html": html, "subject": "Lamps", "from": "post@shop.example"}
    report = mailcheck.check(mail, settings=settings, online=True)
    return time.perf_counter() - began, time.process_time() - cpu, report.verdict


def as_command(html: str, settings: dict[str, object]) -> tuple[float, float, str]:
    """The same from a cold start of the command."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "mail.html").write_text(html)
        table = json.dumps(settings["web"]["allow"])  # type: ignore[index]  # a table
        (Path(name) / "mailcheck.toml").write_text(f'select = ["links", "images"]\n[web]\nallow = {table}\n')
        command = [sys.executable, "-m", "mailcheck", "check", "mail.html", "--online", "--format", "json"]
        environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'rules'}"}
        began = time.perf_counter()
        child = subprocess.Popen(command, cwd=name, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        assert child.stdout is not None
        output = child.stdout.read()
        _, _, usage = os.wait4(child.pid, 0)
        child.returncode = 0
        return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, json.loads(output)["verdict"]


def measure(rounds: int, low: int, high: int, hosts: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, str(HERE / "web_server.py"), str(port), str(low), str(high)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    server.stdout.readline()
    try:
        html = mail(port, hosts)
        allow = [f"127.0.0.{number}:{port}" for number in range(1, hosts + 1)]
        settings: dict[str, object] = {"select": ["links", "images"], "web": {"allow": allow}}
        least = slowest(port, low, high, hosts)
        in_process(html, settings)
        for name, run in (("in a warm process", in_process), ("command, cold", as_command)):
            best = [run(html, settings) for _ in range(rounds)]
            wall, _, verdict = min(best)
            said = f"| {hosts} | {low} to {high} ms | {name} | {least:.2f} s | {wall:.2f} s | {wall / least:.2f} × |"
            print(f"{said} {min(one[1] for one in best):.2f} s | {verdict} |", flush=True)
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print("| hosts | answers after | how | slowest answer | wall | ratio | CPU | verdict |\n" + "| --- " * 8 + "|")
    for hosts in (40, 4, 1):
        for low, high in ((150, 600), (1000, 3000)):
            measure(given.rounds, low, high, hosts)


if __name__ == "__main__":
    main()
