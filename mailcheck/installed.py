"""The second door: entry points of installed distributions."""

from __future__ import annotations

import re
from importlib import metadata

DISTRIBUTION = "mailcheck-lint"
GENERATION = "v1"
GROUP = f"mailcheck.{GENERATION}"

BUILT_IN_FACTS = tuple(
    f"mailcheck.{area}"
    for area in (
        *("content.facts", "content.dates_facts", "content.prices_facts", "content.link_facts", "content.language"),
        "content.offers_facts",
        *("audience.facts", "audience.schedule_facts", "history.facts", "web.facts", "online.facts"),
        "products.facts",
    )
)
"""Modules with our own facts; those of one area are one plug-in."""

_ANY_GENERATION = re.compile(r"mailcheck\.v\d+\Z")


def own_stamp() -> str:
    """Our own distribution and version."""
    try:
        return f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        return DISTRIBUTION


def entry_points() -> list[metadata.EntryPoint]:
    """Entry points of every generation of our API, in a stable order and ours first."""
    points = metadata.entry_points()
    found = {
        (_distribution(entry), entry.group, entry.name, entry.value): entry
        for group in points.groups
        if _ANY_GENERATION.match(group)
        for entry in points.select(group=group)
    }
    return [found[key] for key in sorted(found, key=lambda key: (key[0] != DISTRIBUTION, key[1:], key[0]))]


def stamp_of(entry: metadata.EntryPoint) -> str:
    """Distribution and version that brought an entry point."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def _distribution(entry: metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist else ""
