"""Readers that crash: one over every file, one over its own."""

import sys
from typing import NoReturn

from mailcheck import hookimpl
from mailcheck.reading import Reader, Source


def _matches(path: str, head: bytes) -> bool:
    sys.exit(0)


def _read(source: Source) -> NoReturn:
    sys.exit(0)


@hookimpl
def mailcheck_readers() -> list[Reader]:
    """Two of them."""
    return [
        Reader("anxious", _matches, _read),
        Reader("fleeing", lambda path, _head: path.endswith(".toy"), _read, (".toy",)),
    ]
