"""Hostile texts of our own, in every place: no fault, nothing acts in a page, nothing breaks out of the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from gate_door import Door, JudgesHere, make_door
from gate_strings import wrong
from mailcheck.gate.service import logs

TEXTS = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script><title>",
    "'\"><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
    "%0d%0aSet-Cookie: a=b",
    "a\r\nSet-Cookie: a=b",
    '{"level": "error"}\n{"level": "info"}',
    "\x1b[2J\x1b[31mred\x07\x9b0m",
    "a\u2028b\u2029c\x85d",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "\x00",
    "\ud800",
    "\ufffe\uffff\U0010ffff",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../../etc/passwd%00.html",
    "..%2f..%2fetc%2fpasswd",
    "C:\\Windows\\System32\\con",
    "'; DROP TABLE jobs; --",
    "1 OR 1=1",
    "klara.lindqvist@gmail.com",
    "Z̸̢̛͔a̵l̴g̷o̵" * 20,
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "ﷺ" * 200,
    "%s%p%n%x" * 20,
    "NaN",
    "1e999",
    "-" + "9" * 400,
    "undefined",
    "a" * 20_000,
    "<" * 5_000,
    "((((((((((" * 500,
]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Door, io.StringIO]]:
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    logs.set_up(stream)
    with pytest.MonkeyPatch.context() as patch:
        made = make_door(tmp_path_factory.mktemp("gate"), patch, queue=10_000)
        object.__setattr__(made.state, "judges", JudgesHere())
        yield made, stream
        made.store.close()
    root.handlers[:], root.level = before, level


@pytest.mark.parametrize("text", TEXTS, ids=[repr(text)[:30] for text in TEXTS])
def test_a_hostile_text(door: tuple[Door, io.StringIO], text: str) -> None:
    assert wrong(door[0], text, door[1]) == []
