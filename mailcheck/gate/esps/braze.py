"""Braze: campaigns are read, and approved by people; its API cannot stop what was scheduled in its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from mailcheck.gate.esps.calling import Api
from mailcheck.gate.esps.connected import Connected, Listed, State, thin_events, time_in_list
from mailcheck.gate.esps.documents import document
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.kinds import EspKind, Place
from mailcheck.gate.model import Esp, EspError, GateKind, HookEvent, Planned

TITLE = "Braze"
_AHEAD = timedelta(days=366)
_FIRST_ZONE = timedelta(hours=14)
_BY_HAND = "leave the approval in Braze open, or stop the campaign there"


@dataclass(frozen=True, slots=True)
class Braze:
    """The campaigns of one workspace; Canvases are not read."""

    api: Api
    title: str = TITLE
    gate: GateKind = "permission"
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def read(self, campaign_id: str) -> Planned:
        found = await self._details(campaign_id)
        message = _mail(found)
        state, zone = await self._placed(campaign_id, found)
        text = message.maybe("plaintext_body")
        return Planned(
            esp=self.api.place.name,
            campaign_id=campaign_id,
            name=found.name("name"),
            status=state.status,
            version=found.maybe("updated_at") or None,
            send_at=state.send_at,
            document=document(
                TITLE,
                campaign_id=campaign_id,
                name=found.name("name"),
                dialect="braze",
                subject=message.text("subject"),
                preheader=message.maybe("preheader") if "preheader" in message.values else None,
                sender=message.text("from"),
                reply_to=message.maybe("reply_to"),
                html=message.text("body"),
                text=text,
                zone=zone,
                service={"tags": sorted(found.idents("tags")), "schedule_type": found.name("schedule_type")},
            ),
        )

    async def state(self, campaign_id: str) -> State:
        return (await self._placed(campaign_id, await self._details(campaign_id)))[0]

    async def upcoming(self) -> Listed:
        return {one.ident("id"): time_in_list(partial(_planned, one)) for one in await self._broadcasts()}

    async def put_on(self, campaign_id: str, at: datetime) -> None:  # noqa: ARG002 - it cannot be done
        raise EspError(
            "Braze does not show schedules that its API made, so one could be made twice; "
            "approve the campaign in Braze instead",
            permanent=True,
        )

    async def take_off(self, campaign_id: str, state: State) -> None:  # noqa: ARG002 - it cannot be done
        raise EspError(f"Braze has no way to stop it by its API: {_BY_HAND}", permanent=True)

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return thin_events(body)

    async def _details(self, campaign_id: str) -> Fields:
        found = await self.api.get("/campaigns/details", [("campaign_id", campaign_id)])
        if found.text("message") != "success":
            raise EspError("Braze does not give the campaign; look whether its id is the one of the API")
        return found

    async def _broadcasts(self) -> list[Fields]:
        end = (self.now() + _AHEAD).strftime("%Y-%m-%dT00:00:00+00:00")
        found = await self.api.get("/messages/scheduled_broadcasts", [("end_time", end)])
        return [one for one in found.items("scheduled_broadcasts") if one.text("type").lower() == "campaign"]

    async def _placed(self, campaign_id: str, found: Fields) -> tuple[State, str]:
        """Where it stands, and `recipient` when everybody gets it at an hour of their own."""
        if found.flag("draft"):
            return State("draft"), ""
        if found.flag("archived"):
            return State("cancelled"), ""
        planned = next((one for one in await self._broadcasts() if one.ident("id") == campaign_id), None)
        if planned is None:
            return State("sent" if found.maybe("last_sent") else "unknown"), ""
        return _planned(planned), "recipient" if _is_local(planned) else ""


def _mail(found: Fields) -> Fields:
    """The one mail of a campaign; a control group gets none."""
    messages = found.inner("messages")
    mails = [
        one
        for key in messages.values
        if (one := messages.inner(key)).maybe("channel") == "email" and one.maybe("type") != "control"
    ]
    if len(mails) != 1:
        raise EspError(f"the campaign has {len(mails)} mails; judge each of them", permanent=True)
    return mails[0]


def _planned(found: Fields) -> State:
    """The state of a campaign that is scheduled, with the time at which the first people get it."""
    at = found.moment("next_send_time", utc=True)
    if at is not None and (_is_local(found) or not _has_offset(found.maybe("next_send_time"))):
        at -= _FIRST_ZONE
    return State("scheduled", at)


def _is_local(found: Fields) -> bool:
    return found.maybe("schedule_type") in ("local_time_zones", "intelligent_delivery")


def _has_offset(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


def _make(place: Place) -> Esp:
    return Connected(place.name, Braze(Api.at(TITLE, place, {"Authorization": f"Bearer {place.secret}"})))


KIND = EspKind("braze", TITLE, "permission", _make, needs=("url", "secret"))
