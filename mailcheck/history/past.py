"""The past as facts and rules see it: sends of the family, sends of all families, the campaign's own entry."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from mailcheck.campaign import Campaign
from mailcheck.history.locations import shown
from mailcheck.history.sends import HistoryError, Send, digest_of, plain

if TYPE_CHECKING:
    from mailcheck.history.store import Store


@dataclass(frozen=True, slots=True)
class History:
    """What was sent before this campaign.

    Args:
        family: of the campaign; empty when it has none, and then nothing says what it is to be compared with.
        sends: earlier sends of the family that went out, the newest last; the campaign itself is never among them.
        own: the entry of the campaign itself: it was judged, or even sent, before.
        digest: of the content of the campaign, to be compared with that of sends; empty without content.
        salt: with which the audience must be hashed for a fingerprint that can be compared; empty without a store.
        where: file or database, as it may be told.
    """

    family: str
    sends: tuple[Send, ...]
    own: Send | None = None
    digest: str = ""
    salt: str = field(default="", repr=False)
    where: str = ""
    load_all: Callable[[datetime | None], Sequence[Send]] = field(default=lambda _since: (), repr=False, compare=False)

    def all(self, since: datetime | None = None) -> tuple[Send, ...]:
        """Sends of every family that went out, the newest last, without the campaign itself.

        Args:
            since: with a zone; by default from the beginning.

        Raises:
            HistoryError: the store cannot be read any more.
        """
        return tuple(send for send in self.load_all(since) if self.own is None or send.id != self.own.id)

    def last(self, count: int = 1, *, kind: str = "") -> tuple[Send, ...]:
        """The newest sends of the family, at most so many, the newest last; of one kind only, when it is given."""
        found = [send for send in self.sends if not kind or send.kind == kind]
        return tuple(found[-count:]) if count > 0 else ()


class Sources(Struct, frozen=True):
    """Where the history of a campaign is read: a store, a table of past sends, or both.

    What the store knows of a send wins over the table.
    """

    store: Store | None = None
    table: tuple[Send, ...] = ()

    def sends(self, family: str | None, since: datetime | None = None) -> list[Send]:
        """What went out, the newest last; of one family, or of all.

        Raises:
            HistoryError: the store cannot be read.
        """
        recorded = self.store.sends(family=family, since=since) if self.store else ()
        known = {send.id for send in recorded}
        others = [send for send in self.table if send.id not in known and (family is None or send.family == family)]
        found = (*recorded, *(send for send in others if since is None or send.at >= since))
        return sorted((send for send in found if send.counts_as_sent), key=lambda send: send.at)

    def find(self, name: str) -> Send | None:
        """The send of one campaign.

        Raises:
            HistoryError: the store cannot be read.
        """
        found = self.store.find(name) if self.store else None
        return found or next((send for send in self.table if send.id == name), None)


def history_of(campaign: Campaign, sources: Sources, root: Path, where: str) -> History:
    """The history of a campaign.

    Args:
        sources: what was recorded, and given.
        root: of the project; see `identity`.
        where: what to call the sources.

    Raises:
        HistoryError: the store cannot be read.
    """
    name, family = identity(campaign, root), plain(campaign.family)
    return History(
        family=family,
        sends=tuple(send for send in sources.sends(family) if send.id != name) if family else (),
        own=sources.find(name),
        digest=digest_of(campaign.message),
        salt=sources.store.salt if sources.store else "",
        where=where,
        load_all=lambda since: sources.sends(None, since),
    )


def identity(campaign: Campaign, root: Path) -> str:
    """The id under which a campaign is recorded: its own, or one made of its family and its path below `root`.

    Raises:
        HistoryError: it has nothing that would tell it from others.
    """
    if campaign.id:
        return plain(campaign.id)
    told = campaign.name or digest_of(campaign.message)
    if campaign.path not in ("", "-"):
        path, top = Path(campaign.path).resolve(), root.resolve()
        told = path.relative_to(top).as_posix() if path.is_relative_to(top) else path.as_posix()
    if not told:
        raise HistoryError("the campaign has no id that would tell it from others; give it one (`id` in the manifest)")
    return "unnamed-" + hashlib.sha256(f"{campaign.family}\0{told}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def open_store(where: str, *, create: bool = True) -> Store:
    """`store.open_store`, with a sentence when SQLAlchemy is not installed.

    Raises:
        HistoryError: it cannot be opened.
    """
    try:
        from mailcheck.history import store
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sqlalchemy":
            raise
        said = "a history store needs SQLAlchemy; run pip install 'mailcheck-lint[audience]'"
        raise HistoryError(f"the history {shown(where)} cannot be used: {said}") from None
    return store.open_store(where, create=create)
