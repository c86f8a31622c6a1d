"""What is the same for every service: nothing is done twice, nothing is believed that was not read."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from mailcheck.gate.esps.calling import KeyRefusedError
from mailcheck.gate.model import EspError, GateKind, HookEvent, Planned, Status

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
"""An id of a campaign, of whatever service: nothing that could leave its place in a path."""
Listed = Mapping[str, datetime | None]
"""Campaigns that are scheduled, by their ids, and when each is to go out; None where the list does not say."""
PAGES = 100
"""Pages of a list of campaigns that are read."""
_OFF: frozenset[Status] = frozenset(("draft", "paused", "cancelled"))
_AT_WORK: frozenset[Status] = frozenset(("scheduled", "sending", "sent"))


@dataclass(frozen=True, slots=True)
class State:
    """Where a campaign stands: what must be readable even of one whose content is not."""

    status: Status
    send_at: datetime | None = None


class Service(Protocol):
    """What an adapter does itself. All methods raise `EspError` and nothing else."""

    @property
    def title(self) -> str:
        """What the service is called."""
        ...

    @property
    def gate(self) -> GateKind:
        """How a send can be stopped there."""
        ...

    async def read(self, campaign_id: str) -> Planned:
        """The campaign with its content."""
        ...

    async def state(self, campaign_id: str) -> State:
        """Where it stands."""
        ...

    async def upcoming(self) -> Listed:
        """What is scheduled."""
        ...

    async def put_on(self, campaign_id: str, at: datetime) -> None:
        """Schedule a draft; `at` is in UTC."""
        ...

    async def take_off(self, campaign_id: str, state: State) -> None:
        """Take it out of the schedule."""
        ...

    def events(self, body: bytes) -> Sequence[HookEvent]:
        """What a webhook says."""
        ...


@runtime_checkable
class InParts(Protocol):
    """A service whose campaigns may hold several mails, each judged by itself."""

    async def parts(self, campaign_id: str) -> Sequence[str]:
        """The ids of its mails; at least one."""
        ...


@dataclass(frozen=True)
class Connected:
    """A connection: `mailcheck.gate.model.Esp` over a `Service`.

    Args:
        pauses: seconds before each further look at what became of a change.
    """

    name: str
    service: Service
    pauses: Sequence[float] = (0.5, 2.0)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def gate(self) -> GateKind:
        return self.service.gate

    async def fetch(self, campaign_id: str) -> Planned:
        ident = _checked(campaign_id)
        try:
            return self._planned(await self.service.read(ident))
        except KeyRefusedError:
            raise
        except EspError as error:
            # Whether it helps to ask again or not: until then nobody else knows when it goes out.
            error.seen = await self._seen(ident)
            raise

    def _planned(self, found: Planned) -> Planned:
        """A draft keeps the time of an earlier plan, which is no plan any more."""
        passed = found.send_at is not None and found.send_at <= self.now()
        return replace(found, send_at=None) if passed and found.status in ("draft", "paused", "cancelled") else found

    async def _seen(self, campaign_id: str) -> Planned | None:
        """Where a campaign stands whose content cannot be read."""
        try:
            state = await self.service.state(campaign_id)
        except EspError:
            return None
        return self._planned(Planned(self.name, campaign_id, "", state.status, {}, send_at=state.send_at))

    async def scheduled(self) -> Listed:
        return {_checked(one): at for one, at in (await self.service.upcoming()).items()}

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return self.service.events(body)

    async def parts(self, campaign_id: str) -> Sequence[str]:
        """The ids by which the mails of a campaign are fetched; mostly its own.

        Raises:
            EspError: they are not known.
        """
        ident = _checked(campaign_id)
        return await self.service.parts(ident) if isinstance(self.service, InParts) else [ident]

    async def schedule(self, planned: Planned) -> None:
        title, campaign_id = self.service.title, _checked(planned.campaign_id)
        if planned.send_at is None:
            raise EspError("no time is known at which it is to be sent; set one", permanent=True)
        at = planned.send_at.astimezone(UTC).replace(microsecond=0)
        found = await self.service.read(campaign_id)
        if not same_message(found, planned):
            raise EspError(f"it was changed at {title} after it was judged; it is not scheduled", permanent=True)
        if found.status == "scheduled" and found.send_at == at:
            return
        if found.status not in ("draft", "paused"):
            raise EspError(f"{title} says that it is {found.status}, so it is not scheduled again", permanent=True)
        if at <= self.now():
            raise EspError("the time at which it was to be sent has passed; set a new one", permanent=True)
        await self._change(
            lambda: self.service.put_on(campaign_id, at),
            campaign_id,
            lambda state: state == State("scheduled", at),
            f"{title} took the order to schedule it, but does not say that it is scheduled for that time",
        )

    async def revert(self, planned: Planned) -> None:
        title, campaign_id = self.service.title, _checked(planned.campaign_id)
        unseen: EspError | None = None
        try:
            state = await self.service.state(campaign_id)
        except EspError as error:
            if error.permanent:
                raise
            # What cannot be read can perhaps be stopped all the same; one that is a draft stays one.
            unseen, state = error, State("sending" if planned.status == "sending" else "scheduled", planned.send_at)
        if state.status in _OFF:
            return
        if state.status == "sent":
            raise EspError(f"{title} has sent it already; nothing can be taken back", permanent=True)
        try:
            await self._change(
                lambda: self.service.take_off(campaign_id, state),
                campaign_id,
                lambda after: after.status in _OFF,
                f"{title} took the order to stop it, but does not say that it is stopped; look at it now",
            )
        except EspError as error:
            if unseen is None or not error.permanent:
                raise
            raise unseen from error  # in another state than the one that was guessed, it may be possible

    async def _change(
        self, act: Callable[[], Awaitable[None]], campaign_id: str, done: Callable[[State], bool], failed: str
    ) -> None:
        """Do something, and look whether it happened: also after an answer that did not come."""
        fault: EspError | None = None
        try:
            await act()
        except EspError as error:
            if not error.unknown_outcome:
                raise
            fault = error
        for pause in (0.0, *self.pauses):
            await asyncio.sleep(pause)
            try:
                state = await self.service.state(campaign_id)
            except EspError:
                continue
            if done(state):
                return
        raise fault or EspError(failed, unknown_outcome=True)


def same_message(one: Planned, other: Planned) -> bool:
    """Whether two looks at a campaign show the same message to the same people; its time is another matter."""

    def told(planned: Planned) -> str:
        document = {key: value for key, value in planned.document.items() if key != "schedule"}
        return json.dumps(document, sort_keys=True)

    return told(one) == told(other)


def thin_events(body: bytes) -> Sequence[HookEvent]:
    """The webhook that any automation can send: which campaign is to be scheduled, and when.

    `{"type": "campaign.scheduled", "data": {"campaign_id": "12", "send_at": "2027-03-19T09:00:00+01:00"}}`, or the
    inner object alone, or a list of either. Other types than `campaign.…` are about something else.

    Raises:
        ValueError: not understood.
    """
    try:
        value: object = json.loads(body)
    except RecursionError:
        raise ValueError("the webhook is nested too deeply") from None
    events = value if isinstance(value, list) else [value]
    return [event for one in events if (event := _event(one)) is not None]


def _event(value: object) -> HookEvent | None:
    if not isinstance(value, dict):
        raise ValueError("the webhook is no JSON object")  # noqa: TRY004 - one kind of error for one kind of fault
    kind, data = value.get("type"), value.get("data", value)
    if isinstance(kind, str) and not kind.startswith("campaign."):
        return None
    if not isinstance(data, dict):
        raise ValueError("the webhook has no object `data`")  # noqa: TRY004 - as above
    return HookEvent(hook_id(data, "campaign_id"), hook_moment(data, "send_at"))


def hook_id(data: Mapping[str, object], key: str) -> str:
    """The id of a campaign in a webhook.

    Raises:
        ValueError: there is none.
    """
    value = data.get(key)
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not ID.fullmatch(text):
        raise ValueError(f"the webhook has no usable `{key}`")
    return text


def hook_moment(data: Mapping[str, object], key: str) -> datetime | None:
    """A moment in a webhook, in whole seconds, or `None`.

    Raises:
        ValueError: it is none, or has no offset.
    """
    value = data.get(key)
    if value is None:
        return None
    when = datetime.fromisoformat(value) if isinstance(value, str) else None
    if when is None or when.tzinfo is None:
        raise ValueError(f"`{key}` of the webhook is no moment with an offset")
    return when.replace(microsecond=0)


async def pages(page: Callable[[str], Awaitable[tuple[Listed, str]]], title: str) -> Listed:
    """Everything on a list that comes in pages.

    Args:
        page: gives what is on a page, and what names the next one; first asked with an empty text.

    Raises:
        EspError: it does not end. What was read so far is no answer: a campaign left out goes out unjudged.
    """
    listed: dict[str, datetime | None] = {}
    cursor = ""
    for _ in range(PAGES):
        found, following = await page(cursor)
        listed.update(found)
        if not following:
            return listed
        if following == cursor:
            break
        cursor = following
    raise EspError(f"the list of scheduled campaigns of {title} does not end; it was not read whole")


def time_in_list(state: Callable[[], State]) -> datetime | None:
    """When something on a list goes out; one that cannot be read must not make the whole list unreadable."""
    try:
        return state().send_at
    except EspError:
        return None


def _checked(campaign_id: str) -> str:
    if not ID.fullmatch(campaign_id):
        raise EspError(f"{campaign_id[:40]!r} is no id of a campaign", permanent=True)
    return campaign_id
