"""mailcheck against its peers on the same files, in one run, as ratios of CPU time.

    python tests/benchmarks/speed.py FILE_LIST [--small FILE] [--rounds 3]
        --peer NAME='node all.mjs {list}' --cold NAME='node cli.js {file}'

FILE_LIST names one file a line. `--peer` commands judge every file of the list in one process; `--cold` commands judge
one small file from a cold start. mailcheck runs in one process on one core, once with the families `merge_tags` and
`copy` and once with all its rules. Rounds are interleaved, the best of each counts. CPU is user and system time of the
child, so that a busy machine disturbs less.
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

JUDGE_ALL = """
import sys
from mailcheck.checking import checker
made = checker({"profile": "template", "select": sys.argv[2:] or ["*"]})
count = 0
for line in open(sys.argv[1], encoding="utf-8"):
    try:
        campaigns = list(made.campaigns(line.strip()))
    except Exception:
        continue
    count += sum(len(made.judge(campaign).findings) for campaign in campaigns)
print(count)
"""


def cpu(command: list[str]) -> tuple[float, float]:
    """CPU seconds and peak memory in MB of one command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def duel(title: str, commands: dict[str, list[str]], files: int, rounds: int) -> None:
    best: dict[str, tuple[float, float]] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            seconds, memory = cpu(command)
            best[name] = min(best.get(name, (1e9, 0.0)), (seconds, memory))
    own = best["mailcheck"][0]
    print(f"\n{title}\n{'tool':24}{'CPU s':>9}{'files/s':>10}{'MB':>7}{'mailcheck is':>16}")
    for name, (seconds, memory) in sorted(best.items(), key=lambda pair: pair[1]):
        print(f"{name:24}{seconds:9.2f}{files / seconds:10.0f}{memory:7.0f}{seconds / own:14.2f} x")


def pairs(values: list[str], **places: str) -> dict[str, list[str]]:
    named = dict(value.partition("=")[::2] for value in values)
    return {name: shlex.split(command.format(**places)) for name, command in named.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("listing", type=Path)
    parser.add_argument("--small", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--cold", action="append", default=[])
    arguments = parser.parse_args()
    files = len(arguments.listing.read_text(encoding="utf-8").splitlines())
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "judge_all.py"
        script.write_text(JUDGE_ALL, encoding="utf-8")
        everything = [sys.executable, str(script), str(arguments.listing)]
        ours = {"mailcheck": [*everything, "merge_tags", "copy"], "mailcheck, all rules": everything}
        duel(
            f"{files:,} files, one process",
            ours | pairs(arguments.peer, list=str(arguments.listing)),
            files,
            arguments.rounds,
        )
    if arguments.small:
        ours = {"mailcheck": [sys.executable, "-m", "mailcheck", "check", str(arguments.small)]}
        ours |= {
            "mailcheck --version": [sys.executable, "-m", "mailcheck", "--version"],
            "python (floor)": [sys.executable, "-c", "pass"],
        }
        duel(
            "one small file, cold start",
            ours | pairs(arguments.cold, file=str(arguments.small)),
            1,
            arguments.rounds * 2,
        )
    print(f"\npeak of this script's children: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
