"""The second door: entry points of installed distributions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata

DISTRIBUTION = "mailcheck-lint"
GENERATION = "v1"
GROUP = f"mailcheck.{GENERATION}"

_ANY_GENERATION = re.compile(r"mailcheck\.v\d+\Z")


def own_stamp() -> str:
    """Our own distribution and version."""
    try:
        return f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        return DISTRIBUTION


def entry_points() -> tuple[list[metadata.EntryPoint], list[tuple[str, str]]]:
    """Entry points of every generation of our API, in a stable order and ours first.

    Returns:
        the entry points, and `(distribution, reason)` for each distribution with entry points for us that
        cannot be read: one of them must not hide the others.
    """
    broken: list[tuple[str, str]] = []
    try:
        points = metadata.entry_points()
        every = [entry for group in points.groups for entry in points.select(group=group)]
    except Exception:  # noqa: BLE001 - metadata of any quality is installed
        every = list(_one_by_one(broken))
    found = {
        (entry.dist.name if entry.dist else "", entry.group, entry.name, entry.value): entry
        for entry in every
        if _ANY_GENERATION.match(entry.group)
    }
    return [found[key] for key in sorted(found, key=lambda key: (key[0] != DISTRIBUTION, key[1:], key[0]))], broken


def _one_by_one(broken: list[tuple[str, str]]) -> Iterator[metadata.EntryPoint]:
    for distribution in metadata.distributions():
        try:
            yield from distribution.entry_points
        except Exception as error:  # noqa: BLE001 - as above
            if "mailcheck" in (distribution.read_text("entry_points.txt") or ""):
                broken.append((_stamp(distribution), f"{type(error).__name__}: {error}"))


def _stamp(distribution: metadata.Distribution) -> str:
    try:
        return f"{distribution.name} {distribution.version}"
    except Exception:  # noqa: BLE001 - as above
        return str(getattr(distribution, "_path", "a distribution without a name"))
