"""Where a history lives, as text: the path of an SQLite file, or the URL of a database."""

from __future__ import annotations

import re
from pathlib import Path

_URL = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\+([A-Za-z0-9_]+))?://")


def url_kind(where: str) -> tuple[str, str]:
    """Database and driver that a URL names, in lower case; two empty texts for a path."""
    found = _URL.match(where)
    return (found[1].lower(), (found[2] or "").lower()) if found else ("", "")


def is_url(where: str) -> bool:
    """Whether it is a URL of a database, and not a path."""
    return url_kind(where) != ("", "")


def file_of(where: str) -> Path | None:
    """The file of an SQLite store; `None` for a server."""
    if is_url(where):
        return Path(where.removeprefix("sqlite:///")) if where.startswith("sqlite:///") else None
    return Path(where)


def shown(where: str) -> str:
    """A place as it may be told: without the password of a URL."""
    return re.sub(r"(?<=://)([^/\s]*)@", lambda match: f"{match[1].partition(':')[0]}@", where)


def located(where: str, folder: Path) -> str:
    """The place as it is meant from a folder: a path becomes absolute, a URL stays."""
    if where.startswith("sqlite:///"):
        where = where.removeprefix("sqlite:///")
    return where if is_url(where) else str(folder.absolute() / where)
