"""Mailchimp, Marketing API 3.0: scheduled campaigns are looked for and taken back."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailcheck.gate.esps.calling import Api
from mailcheck.gate.esps.connected import Connected, Listed, State, pages, thin_events, time_in_list
from mailcheck.gate.esps.documents import document, mailbox
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.kinds import EspKind, Place
from mailcheck.gate.model import FIRST_ZONE, Esp, EspError, GateKind, HookEvent, Planned, Status
from mailcheck.web.api import path_of

TITLE = "Mailchimp"
_PER_PAGE = 100
_QUARTER = 15
_CENTRE = re.compile(r"-([a-z]{2,4}\d{1,3})")
_STATUS: Mapping[str, Status] = {
    "save": "draft",
    "paused": "paused",
    "schedule": "scheduled",
    "sending": "sending",
    "canceling": "sending",
    "sent": "sent",
    "canceled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Mailchimp:
    """The campaigns of one account."""

    api: Api
    title: str = TITLE
    gate: GateKind = "polling"

    async def read(self, campaign_id: str) -> Planned:
        found = await self._campaign(campaign_id)
        if found.text("type") not in ("regular", "plaintext"):
            kind = found.name("type")[:40]
            raise EspError(
                f"this is a campaign of type {kind!r} with several mails; judge each of them", permanent=True
            )
        content = await self.api.get(path_of("/campaigns/{}/content", campaign_id))
        settings, people = found.inner("settings"), found.inner("recipients")
        state = await self._placed(found)
        return Planned(
            esp=self.api.place.name,
            campaign_id=campaign_id,
            name=settings.name("title"),
            status=state.status,
            send_at=state.send_at,
            recipients=people.count("recipient_count"),
            document=document(
                TITLE,
                campaign_id=campaign_id,
                name=settings.name("title"),
                dialect="mailchimp",
                subject=settings.maybe("subject_line"),
                preheader=settings.maybe("preview_text"),
                sender=mailbox(settings.maybe("from_name"), settings.maybe("reply_to")),
                reply_to=settings.maybe("reply_to"),
                html=content.maybe("html") if found.text("type") == "regular" else "",
                text=content.maybe("plain_text"),
                zone="recipient" if settings.flag("timewarp") else "",
                service={
                    "list": people.ident("list_id"),
                    "list_name": people.name("list_name"),
                    "segment": people.values.get("segment_opts") or {},
                },
            ),
        )

    async def state(self, campaign_id: str) -> State:
        return await self._placed(await self._campaign(campaign_id))

    async def upcoming(self) -> Listed:
        async def page(cursor: str) -> tuple[Listed, str]:
            start = int(cursor or "0")
            query = [
                ("status", "schedule"),
                ("fields", "campaigns.id,campaigns.status,campaigns.send_time,campaigns.settings,total_items"),
                ("count", str(_PER_PAGE)),
                ("offset", str(start)),
            ]
            found = await self.api.get("/campaigns", query)
            listed = {one.ident("id"): _time_in_list(one) for one in found.items("campaigns")}
            more = listed and start + _PER_PAGE < (found.count("total_items") or 0)
            return listed, str(start + _PER_PAGE) if more else ""

        return await pages(page, TITLE)

    async def put_on(self, campaign_id: str, at: datetime) -> None:
        if _is_local(await self._campaign(campaign_id)):
            raise EspError(
                "it goes out at different hours to different people; schedule it in Mailchimp", permanent=True
            )
        if at.minute % _QUARTER or at.second or at.microsecond:
            raise EspError("Mailchimp schedules only on the quarter of an hour; choose such a time", permanent=True)
        asked = {"schedule_time": at.strftime("%Y-%m-%dT%H:%M:%S+00:00")}
        await self.api.do("POST", path_of("/campaigns/{}/actions/schedule", campaign_id), asked)

    async def take_off(self, campaign_id: str, state: State) -> None:
        action = "cancel-send" if state.status == "sending" else "unschedule"
        await self.api.do("POST", path_of("/campaigns/{}/actions/" + action, campaign_id))

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return thin_events(body)

    async def _placed(self, found: Fields) -> State:
        """Where a campaign stands; with Timewarp, the hour of its account begins at the other end of the world.

        https://kb.mailchimp.com/campaigns/confirmation-and-sending/use-timewarp
        """
        state = _state(found)
        if state.send_at is None or not _is_local(found):
            return state
        name = (await self.api.get("/", [("fields", "account_timezone")])).text("account_timezone")
        try:
            zone = ZoneInfo(name)
        except (ValueError, ZoneInfoNotFoundError, OSError):
            raise EspError("Mailchimp does not say in which time zone the account is; switch Timewarp off") from None
        return replace(state, send_at=state.send_at.astimezone(zone).replace(tzinfo=FIRST_ZONE).astimezone(UTC))

    async def _campaign(self, campaign_id: str) -> Fields:
        return await self.api.get(path_of("/campaigns/{}", campaign_id))


def _is_local(found: Fields) -> bool:
    """Whether everybody gets it at an hour of their own: Timewarp."""
    return found.maybe_inner("settings").flag("timewarp")


def _time_in_list(found: Fields) -> datetime | None:
    return time_in_list(lambda: State("scheduled") if _is_local(found) else _state(found))


def _state(found: Fields) -> State:
    return State(_STATUS.get(found.text("status"), "unknown"), found.moment("send_time"))


def _address(place: Place) -> str:
    """Every key ends with the data centre of its account."""
    centre = _CENTRE.fullmatch(place.secret[place.secret.rfind("-") :]) if "-" in place.secret else None
    if centre is None:
        raise ValueError(
            "the key of Mailchimp does not end with a data centre such as -us21; copy it whole, or set url"
        )
    return f"https://{centre[1]}.api.mailchimp.com/3.0"


def _make(place: Place) -> Esp:
    key = base64.b64encode(f"mailcheck:{place.secret}".encode()).decode()
    return Connected(place.name, Mailchimp(Api.at(TITLE, place, {"Authorization": f"Basic {key}"})))


KIND = EspKind("mailchimp", TITLE, "polling", _make, url_from=_address)
