"""One send of the past, and the words that all of `history` shares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from mailcheck.campaign import Message
from mailcheck.fingerprints import Fingerprint
from mailcheck.masking import mask_addresses
from mailcheck.rule import Unusable

Status = Literal["judged", "sent"]

TABLES = ("domains", "countries", "sources", "locales")
"""The counts by value that a send keeps, as `Figures` names them."""


class HistoryError(Unusable):
    """A history that cannot be read or written; the text is one sentence: what, where, what to do."""


class NoHistoryError(HistoryError):
    """There is no history in the place where one may be; nobody has recorded anything yet."""


def _no_fingerprint() -> Fingerprint | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One earlier send.

    Args:
        id: of the campaign; there is one send for each.
        family: sends of one family are compared with each other.
        status: `sent` when somebody said that it went out, `judged` when mailcheck only looked at it.
        kind: `marketing`, `transactional` or `apology`; empty when nobody said.
        at: when it was sent; when it was judged, as long as nobody said that it was sent. With a zone.
        recipients: how many it went to, or was judged for; `None` when nobody knew.
        distinct: how many distinct addresses that were.
        domains, countries, sources, locales: recipients by value, the frequent values only.
        counts: other counts by name (`suppressed`, `duplicates` …).
        digest: of the content, see `digest_of`; empty when it is not known.
        subject: with addresses masked.
        sender: the From header, the only address that is ever kept.
        profile, verdict, outcomes: of the judgement; `outcomes` is rule → how it ended.
    """

    id: str
    family: str = ""
    name: str = ""
    kind: str = ""
    status: Status = "judged"
    at: datetime
    judged: datetime | None = None
    sent: datetime | None = None
    recipients: int | None = None
    distinct: int | None = None
    domains: Mapping[str, int] = field(default_factory=dict)
    countries: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    locales: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""
    subject: str = ""
    sender: str = ""
    profile: str = ""
    verdict: str = ""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    load: Callable[[], Fingerprint | None] = field(default=_no_fingerprint, repr=False, compare=False)

    @property
    def fingerprint(self) -> Fingerprint | None:
        """The sketch of its audience, read when it is asked for; `None` when there is none.

        Raises:
            HistoryError: the store cannot be read any more.
            FingerprintError: it is damaged.
        """
        return self.load()

    @property
    def counts_as_sent(self) -> bool:
        """Whether it went out, as far as is known: it was reported, or the gate let it pass."""
        return self.status == "sent" or (self.profile == "send" and self.verdict == "clear")


def plain(text: str) -> str:
    """A text as it may be kept: addresses masked, one line, no character that a database refuses."""
    return mask_addresses(whole(text))


def whole(text: str) -> str:
    """A text on one line, without what a database refuses: NUL and halves of surrogate pairs."""
    return " ".join(text.replace("\0", " ").split()).encode("utf-8", "replace").decode()


def digest_of(message: Message) -> str:
    """A name of what a message says, the same for the same HTML and text whatever the white space; empty for nothing.

    The subject is no part of it: the same mail with another subject is the same mail.
    """
    texts = [" ".join(part.text.split()) if part is not None else "" for part in (message.html, message.text)]
    if not any(texts):
        return ""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def stamp(moment: datetime) -> str:
    """A moment as the store keeps it: UTC, of one width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The moment that `stamp` wrote."""
    return datetime.fromisoformat(text)
