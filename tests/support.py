"""What several test modules need: the command line in this process, and a count of the work that code does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result

from mailcheck.cli import run


class Door(click.Command):
    """`mailcheck.cli.run` as something that click's runner can call."""

    def main(self, *_: Any, **given: Any) -> Any:
        sys.exit(run([str(one) for one in given["args"]]))


def mailcheck(*args: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(Door("mailcheck"), [str(one) for one in args], input=stdin)


def calls(work: Callable[[str], object], text: str) -> int:
    """How many functions are called, in Python or C, to work on a text: time that no other process disturbs."""
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work(text)
    finally:
        sys.setprofile(before)
    return counted
