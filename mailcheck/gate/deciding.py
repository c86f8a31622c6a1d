"""What is done with a campaign: plain functions of what is known of it. Nothing but `clear` leads to a send."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mailcheck.gate.jobs import Approval
from mailcheck.gate.model import Action, Judgement, Planned, VerdictWord
from mailcheck.gate.settings import Notice as Topic
from mailcheck.gate.settings import PolicyTable
from mailcheck.report import plural

GOING = ("scheduled", "sending", "unknown")
"""Where mails go out, now or later, or may do so: what is not known to be stopped is not."""
_GONE = ("sending", "sent")

_WORDS = {
    "subject": "the subject line",
    "preheader": "the preheader",
    "from": "the sender",
    "sender": "the sender",
    "reply_to": "the reply address",
    "html": "the HTML part",
    "mjml": "the MJML source",
    "text": "the plain-text part",
    "amp": "the AMP part",
    "headers": "the header fields",
    "audience": "the audience",
    "suppression": "the suppression lists",
    "segments": "the segments",
    "name": "the name of the campaign",
    "schedule": "the schedule",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with a campaign.

    Args:
        reason: why, in one sentence for people.
        topics: what people are told of: the first of them that the policy has them told of.
        rechecks: when it is looked at again, the earliest first.
    """

    action: Action
    reason: str
    topics: tuple[Topic, ...] = ()
    rechecks: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """How a campaign differs from what was approved.

    Args:
        words: what has changed, for people: `the subject line`.
        grave: whether it is more than a count of recipients that moved as counts of lists do.
    """

    words: tuple[str, ...] = ()
    grave: bool = False

    def __bool__(self) -> bool:
        return bool(self.words)

    def __str__(self) -> str:
        *first, last = self.words or ("nothing",)
        return f"{', '.join(first)} and {last}" if first else last


def effective(planned: Planned, asked: datetime | None) -> Planned:
    """The campaign with the time that was asked for, where it has none of its own."""
    if planned.send_at is not None or asked is None:
        return planned
    return replace(planned, send_at=asked.replace(microsecond=0))


def decide(
    verdict: VerdictWord,
    policy: PolicyTable,
    planned: Planned,
    now: datetime,
    *,
    wished: bool = True,
    asked: datetime | None = None,
) -> Decision:
    """What is done with a campaign that was judged, as it is now.

    Args:
        verdict: of this very content.
        planned: with the time it is to go out at, see `effective`.
        wished: whether somebody wants it to be scheduled; what was found scheduled, and is so no more, nobody does.
        asked: the time that was asked for: at another one nothing is scheduled, for nobody knows which is meant.
    """
    if planned.status == "sent":
        return _too_late(verdict, "it was sent before it could be judged")
    if verdict != "clear":
        return _not_clear(verdict, policy, planned, now)
    if planned.status == "sending":
        return _too_late(verdict, "it was already being sent when it was judged")
    if planned.status in ("scheduled", "unknown"):
        return _clear_and_scheduled(planned, policy, now, asked)
    if not wished:
        reason = "It is clear, and not scheduled any more; that is left to people."
        return Decision("leave", reason, ("cleared",), rechecks_of(policy, planned.send_at, now))
    return _clear_draft(planned, policy, now, asked)


def _too_late(verdict: VerdictWord, reason: str) -> Decision:
    topic: Topic = "failed" if verdict == "clear" else verdict
    return Decision("leave", f"Nothing was done: {reason}; the verdict is {verdict}.", (topic,))


def _not_clear(verdict: VerdictWord, policy: PolicyTable, planned: Planned, now: datetime) -> Decision:
    topic: Topic = "held" if verdict == "held" else "unsure"
    wish = policy.held if verdict == "held" else policy.unsure
    said = "it is held" if verdict == "held" else "it could not be judged"
    rechecks = rechecks_of(policy, planned.send_at, now)
    if planned.status not in ("scheduled", "sending", "unknown"):
        return Decision("leave", f"It stays unscheduled, for {said}.", (topic,), rechecks)
    if wish == "revert":
        going = "while it was already being sent, " if planned.status == "sending" else ""
        return Decision("revert", f"It is taken out of the schedule {going}for {said}.", ("reverted", topic), rechecks)
    return Decision("leave", f"It stays scheduled, as the policy says, though {said}.", (topic,), rechecks)


def _clear_and_scheduled(planned: Planned, policy: PolicyTable, now: datetime, asked: datetime | None) -> Decision:
    rechecks = rechecks_of(policy, planned.send_at, now)
    if planned.status == "unknown":
        reason = "It is clear; whether it is scheduled could not be told."
        return Decision("leave", reason, ("failed", "cleared"), rechecks)
    if planned.send_at is None:
        reason = "It is clear and scheduled, but its time is not known, so that it cannot be looked at again."
        return Decision("leave", reason, ("failed", "cleared"))
    if two := _two_times(planned, asked):
        return Decision("leave", f"It is clear, and scheduled, but {two}.", ("failed", "cleared"), rechecks)
    return Decision("leave", "It is clear, and scheduled.", ("cleared",), rechecks)


def _two_times(planned: Planned, asked: datetime | None) -> str:
    """How the time of a campaign differs from the one that was asked for; empty when it does not."""
    if planned.send_at is None or asked is None or same_time(planned.send_at, asked):
        return ""
    has, wanted = (f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" for at in (planned.send_at, asked))
    return f"its time is {has}, and {wanted} is asked for"


def _clear_draft(planned: Planned, policy: PolicyTable, now: datetime, asked: datetime | None) -> Decision:
    rechecks = rechecks_of(policy, planned.send_at, now)
    if policy.clear == "leave":
        return Decision("leave", "It is clear; scheduling it is up to people.", ("cleared",), rechecks)
    if planned.status == "cancelled":
        return Decision("leave", "It is clear, but it was cancelled.", ("cleared",), rechecks)
    if planned.send_at is None:
        return Decision("leave", "It is clear, but it has no time at which to send it.", ("failed", "cleared"))
    if two := _two_times(planned, asked):
        reason = f"It is clear, but {two}. Give it that time, or ask without a time."
        return Decision("leave", reason, ("failed",), rechecks)
    if planned.send_at - now < policy.lead:
        reason = f"It is clear, but its time is too near: less than {_span(policy.lead)} ahead. Give it a later one."
        return Decision("leave", reason, ("failed",), rechecks)
    return Decision("schedule", "It is clear, and is scheduled.", ("cleared",), rechecks)


def _span(span: timedelta) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{seconds} seconds" if not minutes else f"{minutes} minute{'' if minutes == 1 else 's'}"


def rechecks_of(policy: PolicyTable, send_at: datetime | None, now: datetime) -> tuple[datetime, ...]:
    """When a campaign is looked at again: so long before its send as the policy says, as far as that is ahead."""
    if send_at is None:
        return ()
    return tuple(sorted({at for before in policy.recheck if (at := send_at - before) > now}))


def in_effect(action: Action, planned: Planned, send_at: datetime | None) -> bool:
    """Whether a campaign is as the action would leave it."""
    if action == "schedule":
        going = planned.status in ("scheduled", "sending", "sent")
        return going and (planned.send_at is None or send_at is None or same_time(planned.send_at, send_at))
    return action == "leave" or planned.status not in GOING


def same_time(one: datetime, other: datetime) -> bool:
    """Services keep no fractions of a minute, or none of a second."""
    return abs(one - other) < timedelta(minutes=1)


def parts_of(planned: Planned) -> Mapping[str, str]:
    """A digest for each part of a campaign, so that a change can be named without keeping the message."""
    document = dict(planned.document)
    message = document.pop("message", None)
    if isinstance(message, Mapping):
        # What stands both beside the message and in it is two parts: a change of either counts.
        document |= {f"message.{key}" if key in document else str(key): value for key, value in message.items()}
    elif message is not None:
        document["message"] = message
    return {key: _digest(value) for key, value in sorted(document.items())}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def compare(approved: Approval, planned: Planned, *, drift: float = 0.0) -> Changes:
    """How a campaign differs from what was approved of it.

    Args:
        drift: the share by which the number of recipients may differ without being grave, as lists grow.
    """
    if approved.digest == planned.digest:
        return Changes()
    before, after = approved.parts, parts_of(planned)
    changed = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    words = list(dict.fromkeys(_WORDS.get(key, f"“{key}”") for key in changed))
    words += _rescheduled(approved, planned)
    grave = bool(words)
    # Some services no longer tell the time, or the number of recipients, of what has begun to go out.
    untold = planned.recipients is None and planned.status in _GONE
    if approved.recipients != planned.recipients and not untold:
        words.append(f"the number of recipients ({_count(approved.recipients)}, now {_count(planned.recipients)})")
        grave = grave or not _drifted(approved.recipients, planned.recipients, drift)
    return Changes(tuple(words), grave)


def _rescheduled(approved: Approval, planned: Planned) -> list[str]:
    if planned.send_at == approved.send_at:
        return []
    if planned.send_at is not None and approved.send_at is not None and same_time(planned.send_at, approved.send_at):
        return []
    if planned.send_at is None:
        return [] if planned.status in _GONE else ["the time of sending (now none)"]
    return [f"the time of sending (now {planned.send_at:%Y-%m-%d %H:%M %Z})"]


def _count(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def _drifted(before: int | None, after: int | None, drift: float) -> bool:
    """Whether a count is about what it was; a count that is not known is not."""
    return before is not None and after is not None and abs(after - before) <= drift * before


def summary(judgement: Judgement) -> str:
    """What came of judging, in one sentence for people."""
    if judgement.reason:
        return judgement.reason
    counts = [plural(count, name) for name, count in judgement.findings.items() if count]
    return ", ".join(counts) or "no findings"
