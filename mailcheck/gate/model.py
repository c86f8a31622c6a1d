"""The words of the gate: what a sending service holds, what was judged, what is done about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, Protocol

Status = Literal["draft", "scheduled", "sending", "sent", "paused", "cancelled", "unknown"]
"""Where a campaign stands at its sending service."""

GateKind = Literal["hard", "permission", "polling"]
"""How a send can be stopped: the service asks before each send, only the gate may schedule, or it is pulled back."""

VerdictWord = Literal["clear", "held", "unsure"]

Action = Literal["schedule", "leave", "revert"]
"""What is done at the sending service. People are told beside it."""

FIRST_ZONE = timezone(timedelta(hours=14))
"""Where people have an hour first: what goes out at everybody's own hour begins there."""

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def demand_moment(moment: datetime | None) -> None:
    """Demand that a time of sending is one that can be reckoned with; one that is not known is.

    Raises:
        ValueError: it has no offset, or lies where the calendar ends: hours before or after it there may be no day.
    """
    if moment is not None and (moment.tzinfo is None or not _FIRST <= moment < _LAST):
        raise ValueError("a time of sending needs its offset, and a year from 1970 to 2199")


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign as its sending service holds it now.

    Args:
        esp: name of the connection in the settings of the gate.
        campaign_id: the service's own id.
        name: the campaign's name, for people.
        version: the service's version, etag or time of the last change; None where it has none.
        send_at: when the first of it is to go out, with its offset; None when that is not set.
        recipients: how many the service counts; None when it does not say.
        document: the campaign in the shape of a manifest (`docs/manifest.md`), nothing but JSON; its time stands in
            `send_at` only, so that a draft and the same campaign when it is scheduled have one document.
    """

    esp: str
    campaign_id: str
    name: str
    status: Status
    document: Mapping[str, object]
    version: str | None = None
    send_at: datetime | None = None
    recipients: int | None = None

    def __post_init__(self) -> None:
        demand_moment(self.send_at)

    @property
    def judged(self) -> Mapping[str, object]:
        """The document with the time of sending in its schedule: what the rules get to see.

        Where everybody gets it at an hour of their own, that is the hour on their clocks.
        """
        if self.send_at is None:
            return self.document
        schedule = self.document.get("schedule")
        kept = schedule if isinstance(schedule, Mapping) else {}
        local = kept.get("zone") == "recipient"
        send = self.send_at.astimezone(FIRST_ZONE).replace(tzinfo=None) if local else self.send_at
        return {**self.document, "schedule": {**kept, "send": send.isoformat()}}

    @property
    def digest(self) -> str:
        """SHA-256 of message, audience and schedule: what an approval is bound to. The status is no part of it."""
        at = self.send_at.astimezone(UTC).isoformat() if self.send_at else None
        said = {"document": self.document, "send_at": at, "recipients": self.recipients}
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class HookEvent:
    """What a webhook says, and no more is believed of it: which campaign is about to be scheduled, and when.

    Args:
        send_at: with its offset; for services whose drafts have no time of their own.
    """

    campaign_id: str
    send_at: datetime | None = None

    def __post_init__(self) -> None:
        demand_moment(self.send_at)


class EspError(Exception):
    """A sending service did not do what was asked: one clear sentence, without secrets.

    Args:
        permanent: asking again cannot help: no such campaign, not allowed.
        retry_after: seconds the service asks to wait.
        unknown_outcome: the request may have taken effect, so its state must be read before anything is repeated.
        seen: of a campaign whose content cannot be read: where it stands, with an empty document.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        unknown_outcome: bool = False,
        seen: Planned | None = None,
    ) -> None:
        super().__init__(message)
        self.seen = seen
        self.permanent = permanent
        self.retry_after = retry_after
        self.unknown_outcome = unknown_outcome


class Esp(Protocol):
    """A connection to a sending service. All methods raise `EspError` and nothing else."""

    @property
    def name(self) -> str:
        """Name of the connection in the settings."""
        ...

    @property
    def gate(self) -> GateKind:
        """What kind of gate its API allows."""
        ...

    async def fetch(self, campaign_id: str) -> Planned:
        """The campaign as it is now."""
        ...

    async def scheduled(self) -> Mapping[str, datetime | None]:
        """Ids of the campaigns that are scheduled now, and when each is to go out, for the poller.

        A time that the list does not say is None; a campaign that is moved is then found at its next look only.
        """
        ...

    async def schedule(self, planned: Planned) -> None:
        """Schedule it for `planned.send_at`; nothing happens when it is scheduled for that time already."""
        ...

    async def revert(self, planned: Planned) -> None:
        """Take it out of the schedule, back to a draft or to whatever stops it; nothing happens when it is none."""
        ...

    def events(self, body: bytes) -> Sequence[HookEvent]:
        """What a webhook of this service says; empty when it is about something else. ValueError: not understood."""
        ...


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of judging a campaign in a worker.

    Args:
        verdict: `unsure` too when the worker died, ran out of time or memory, or never answered.
        report: the report as JSON (`docs/report.md`); empty when there is none.
        reason: why there is no report, in one sentence.
        findings: how many there are, by severity.
    """

    verdict: VerdictWord
    report: str = ""
    reason: str = ""
    findings: Mapping[str, int] = field(default_factory=dict)
