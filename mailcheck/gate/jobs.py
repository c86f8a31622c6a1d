"""The words of the store: jobs, what became of them, approvals, and what people are still to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from mailcheck.gate.model import Action, HookEvent, VerdictWord
from mailcheck.gate.settings import Notice as Topic

Kind = Literal["hook", "poll", "recheck", "check"]
"""`hook` and `poll` judge a campaign, `recheck` follows one until it is sent, `check` was asked for by a client.

A `hook` is to schedule it: a webhook asked for that, or the gate has pulled it back for a change. A `poll` was made for
one that is scheduled.
"""

State = Literal["waiting", "running", "done", "failed"]
"""`done` and `failed` are final; of what failed, people are told."""


class StoreError(Exception):
    """The store cannot be used: one clear sentence. Nothing is known of the step that was under way."""


class QueueFull(Exception):  # noqa: N818 - a state, not a mistake
    """As many jobs wait as may wait; nothing was accepted.

    Args:
        retry_after: seconds after which there is likely room.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__("the queue is full")
        self.retry_after = retry_after


class LeaseLost(Exception):  # noqa: N818 - a state, not a mistake
    """Somebody else works on the job now; whoever worked on it before must leave it alone."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook, verified and understood.

    Args:
        sender: name of the sender in the settings; its ids are its own.
        hook_id: what it calls this webhook, whenever it repeats it.
        body_digest: of its body: the same id with another one is a conflict.
        esp: the connection whose campaigns the events name.
        policy: name of the policy for them.
        keep: how long the sender may repeat it.
    """

    sender: str
    hook_id: str
    body_digest: str
    events: tuple[HookEvent, ...]
    esp: str
    policy: str
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a webhook.

    Args:
        job_ids: in the order of its events; of a repeated one those of the first time.
        state: `conflict`: its id was used before, with another body; nothing was accepted.
    """

    job_ids: tuple[str, ...]
    state: Literal["new", "repeated", "conflict"]


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do, as the store has it.

    Args:
        id: cannot be guessed.
        send_at: the time that was asked for; of a `recheck` that of the send it waits for.
        due_at: not worked on before.
        attempts: how often it was taken up since it last came to an end.
        looks: how often a `recheck` has looked.
        fence: grows with every lease, so that who lost one can be told from who has it.
        digest: of the campaign as it was judged.
        action: what was done.
        doubt: why the judgement is unsure.
        reason: why that was done, for people.
        error: what went wrong last; no secrets.
        report_id: of its latest report.
    """

    id: str
    kind: Kind
    esp: str
    campaign_id: str
    policy: str
    state: State
    created_at: datetime
    due_at: datetime
    send_at: datetime | None = None
    attempts: int = 0
    looks: int = 0
    owner: str = ""
    fence: int = 0
    verdict: VerdictWord | None = None
    digest: str = ""
    action: Action | None = None
    doubt: str = ""
    reason: str = ""
    error: str = ""
    report_id: str = ""
    findings: Mapping[str, int] = field(default_factory=dict)
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """What was judged to be clear: nothing of the message is kept, only digests of its parts.

    Args:
        digest: `Planned.digest`.
        parts: what it is made of, each with a digest; see `deciding.parts_of`.
    """

    esp: str
    campaign_id: str
    name: str
    digest: str
    version: str | None
    parts: Mapping[str, str]
    recipients: int | None
    send_at: datetime | None
    approved_at: datetime
    job_id: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """An action that was about to be taken at a sending service.

    Args:
        done_at: None: it is not known whether it was.
        outcome: how it ended, in a word or a sentence.
    """

    job_id: str
    digest: str
    action: Action
    intended_at: datetime
    done_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class ToTell:
    """What people are to be told; how and where is up to whoever delivers it.

    Args:
        id: of the entry; empty before it is in the store.
        topic: a policy says which topics are told.
        name: of the campaign.
        text: what happened, in one or two sentences; addresses are masked.
        tries: how often delivery has failed.
    """

    topic: Topic
    esp: str
    campaign_id: str
    name: str
    text: str
    policy: str
    job_id: str = ""
    report_id: str = ""
    digest: str = ""
    id: str = ""
    created_at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Depth:
    """How much there is to do.

    Args:
        waiting, running: jobs that were asked for.
        following: campaigns that are followed until they are sent.
        late: how long the oldest job that is due has been so.
        untold: what people are still to be told.
    """

    waiting: int
    running: int
    following: int
    late: timedelta
    untold: int
