"""The door of the gate against published collections of hostile input.

    git clone https://github.com/nst/JSONTestSuite
    git clone https://github.com/minimaxir/big-list-of-naughty-strings
    PYTHONPATH=tests python tests/benchmarks/gate_hostile.py JSONTestSuite big-list-of-naughty-strings

Every file of JSONTestSuite is sent as a campaign and as a signed webhook. Every naughty string is put into each place of
`gate_strings.wrong`: names, paths, queries, headers, bodies, and a campaign that is judged, whose report is drawn in each
format. Counted are faults of the service, refusals that are no problem details, what acts in a page, and what breaks out of
the log.
"""

from __future__ import annotations

import collections
import io
import json
import sys
import tempfile
import time
from pathlib import Path

import pytest

from gate_door import TOKEN, Door, JudgesHere, make_door, signed
from gate_strings import wrong
from mailcheck.gate.service import logs


def parsing(door: Door, folder: Path) -> None:
    files = sorted((folder / "test_parsing").glob("*.json"))
    answers: dict[str, collections.Counter[int]] = collections.defaultdict(collections.Counter)
    hooks: collections.Counter[int] = collections.Counter()
    taken: list[str] = []
    for number, file in enumerate(files):
        body = file.read_bytes()
        fields = [("authorization", f"Bearer {TOKEN}"), ("content-type", "application/json")]
        status = door.ask("POST", "/v1/check", fields, body).status
        kind = file.name[0]
        answers[kind][status] += 1
        if kind == "n" and status < 400:
            taken.append(file.name)
        hooks[door.ask("POST", "/v1/hooks/acme", [*signed(body, f"json_{number}").items()], body).status] += 1
    print(f"JSONTestSuite: {len(files)} files")
    for kind, meaning in (("y", "must be taken as JSON"), ("n", "must not"), ("i", "may")):
        print(f"  {meaning}: {dict(sorted(answers[kind].items()))}")
    print(f"  as signed webhooks: {dict(sorted(hooks.items()))}")
    print(f"  no JSON, and taken: {taken or 'none'}")


def strings(door: Door, folder: Path, log: io.StringIO) -> None:
    texts = json.loads((folder / "blns.json").read_text(encoding="utf-8"))
    began = time.perf_counter()
    faults = {text: found for text in texts if (found := wrong(door, text, log))}
    print(f"naughty strings: {len(texts)} in {time.perf_counter() - began:.0f} s; with anything wrong: {len(faults)}")
    for text, found in faults.items():
        print(f"  {text[:60]!r}: {found[:3]}")


def main() -> None:
    log = io.StringIO()
    logs.set_up(log)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        door = make_door(Path(folder), patch, queue=100_000)
        object.__setattr__(door.state, "judges", JudgesHere())
        # Every answer is looked at on its way: what is refused must be a problem, or this ends.
        parsing(door, Path(sys.argv[1]))
        strings(door, Path(sys.argv[2]), log)
        door.store.close()


if __name__ == "__main__":
    main()
