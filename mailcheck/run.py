"""The circumstances of a run that facts may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import ClassVar

from msgspec import field

from mailcheck.values import Brief

Watch = Callable[[str, float, int], None]
"""Is told now and then, while a list of people is read: what is done; the share that is done, from 0 to 1, or less than
0 where nobody knows; about how many rows that is, or 0."""

Progress = Callable[[int, int], None]
"""Is told how much of something slow is done, and how much there is."""


def _now() -> datetime:
    return datetime.now(UTC)


class Run(Brief, frozen=True, kw_only=True):
    """What facts may know about the run, besides the campaign.

    Args:
        profile: `template`, `campaign` or `send`.
        online: whether the network may be used.
        now: the moment of the run, with a zone.
        root: the folder of the project: that of the settings file, else the working folder.
        memory: how much memory lists of people may take; empty for the usual amount.
        history: path or URL of the history store that was set for the run; empty when none was.
        watch: is told how far the reading of a list of people is.
        extensions: what plug-ins added, by kind (`dialects`).
        tables: those settings that are tables of their own, by name (`web`).
        progress: is told how far slow work is; `None` when nobody wants to know.
        asked: the facts that the rules of the run may ask for, one through another; `None` where anything may be.
    """

    unshown: ClassVar[tuple[str, ...]] = ("progress", "asked")

    profile: str = "template"
    online: bool = False
    now: datetime = field(default_factory=_now)
    root: str = "."
    memory: str = ""
    history: str = ""
    watch: Watch | None = None
    extensions: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    progress: Progress | None = None
    asked: frozenset[str] | None = None

    def may_ask(self, fact: str) -> bool:
        """Whether anything in the run may ask for a fact; what only that needs can be left undone otherwise."""
        return self.asked is None or fact in self.asked
