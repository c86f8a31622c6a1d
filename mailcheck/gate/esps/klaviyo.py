"""Klaviyo, revision 2026-07-15: scheduled campaigns are looked for and reverted to drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

from mailcheck.gate.esps.calling import Api
from mailcheck.gate.esps.connected import Connected, Listed, State, pages, thin_events, time_in_list
from mailcheck.gate.esps.documents import document, mailbox
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.kinds import EspKind, Place
from mailcheck.gate.model import Esp, EspError, GateKind, HookEvent, Planned, Status
from mailcheck.web.api import path_of

TITLE = "Klaviyo"
REVISION = "2026-07-15"
_MEDIA = "application/vnd.api+json"
_FIRST_ZONE = timedelta(hours=14)
"""How far ahead of UTC the first recipients may live, when everybody gets it at the same local hour."""
_STATUS: Mapping[str, Status] = {
    "Draft": "draft",
    "Scheduled": "scheduled",
    "Preparing to schedule": "scheduled",
    "Queued without Recipients": "scheduled",
    "Preparing to send": "sending",
    "Adding Recipients": "sending",
    "Sending": "sending",
    "Sending Segments": "sending",
    "Variations Sent": "sending",
    "Sent": "sent",
}
_UPCOMING = "and(equals(messages.channel,'email'),any(status,[{}]))".format(
    ",".join(f'"{name}"' for name, status in _STATUS.items() if status == "scheduled")
)


@dataclass(frozen=True, slots=True)
class Klaviyo:
    """The e-mail campaigns of one account."""

    api: Api
    title: str = TITLE
    gate: GateKind = "polling"

    async def read(self, campaign_id: str) -> Planned:
        answer = await self.api.get(path_of("/api/campaigns/{}", campaign_id), [("include", "campaign-messages")])
        campaign = answer.inner("data").inner("attributes")
        message_id, message = _message(answer)
        template = await self.api.get(path_of("/api/campaign-messages/{}/template", message_id))
        content = template.inner("data").inner("attributes")
        state, people = _state(campaign), campaign.inner("audiences")
        copies = {"Cc": message.maybe("cc_email"), "Bcc": message.maybe("bcc_email")}
        return Planned(
            esp=self.api.place.name,
            campaign_id=campaign_id,
            name=campaign.name("name"),
            status=state.status,
            version=campaign.maybe("updated_at") or None,
            send_at=state.send_at,
            recipients=await self._size(campaign_id),
            document=document(
                TITLE,
                campaign_id=campaign_id,
                name=campaign.name("name"),
                dialect="klaviyo",
                subject=message.text("subject"),
                preheader=message.maybe("preview_text"),
                sender=mailbox(message.maybe("from_label"), message.maybe("from_email")),
                reply_to=message.maybe("reply_to_email"),
                html=content.text("html"),
                text=content.maybe("text"),
                zone="recipient" if _is_local(campaign) else "",
                headers={name: (value,) for name, value in copies.items() if value},
                service={
                    "included": sorted(people.idents("included")),
                    "excluded": sorted(people.idents("excluded")),
                },
            ),
        )

    async def state(self, campaign_id: str) -> State:
        return _state(await self._campaign(campaign_id))

    async def upcoming(self) -> Listed:
        async def page(cursor: str) -> tuple[Listed, str]:
            query = [("filter", _UPCOMING), ("fields[campaign]", "status,send_strategy,send_time")]
            query += [("page[cursor]", cursor)] if cursor else []
            found = await self.api.get("/api/campaigns", query)
            following = found.maybe_inner("links").maybe("next")
            # Of the address of the next page only its cursor is used: where to ask is not for an answer to say.
            cursors = parse_qs(urlsplit(following).query).get("page[cursor]", [""])
            listed = {one.ident("id"): time_in_list(partial(_resource_state, one)) for one in found.items("data")}
            return listed, cursors[0]

        return await pages(page, TITLE)

    async def put_on(self, campaign_id: str, at: datetime) -> None:
        strategy = (await self._campaign(campaign_id)).inner("send_strategy")
        if strategy.text("method") not in ("static", "immediate") or strategy.maybe_inner("options").flag("is_local"):
            raise EspError("it goes out at different hours to different people; schedule it in Klaviyo", permanent=True)
        if not _goes_out(strategy, at):
            wanted = {"method": "static", "datetime": at.isoformat(), "options": {"is_local": False}}
            path, asked = path_of("/api/campaigns/{}", campaign_id), {"send_strategy": wanted}
            await self.api.do("PATCH", path, _resource("campaign", campaign_id, asked))
            strategy = (await self._campaign(campaign_id)).inner("send_strategy")
        if not _goes_out(strategy, at):
            # A send job of a campaign without a time sends at once.
            raise EspError("Klaviyo did not take the time at which it is to be sent, so it was not scheduled")
        await self.api.do("POST", "/api/campaign-send-jobs", _resource("campaign-send-job", campaign_id))

    async def take_off(self, campaign_id: str, state: State) -> None:  # noqa: ARG002 - the same order in any state
        path = path_of("/api/campaign-send-jobs/{}", campaign_id)
        await self.api.do("PATCH", path, _resource("campaign-send-job", campaign_id, {"action": "revert"}))

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return thin_events(body)

    async def _campaign(self, campaign_id: str) -> Fields:
        return (await self.api.get(path_of("/api/campaigns/{}", campaign_id))).inner("data").inner("attributes")

    async def _size(self, campaign_id: str) -> int | None:
        """The estimate of Klaviyo, when it has made one."""
        try:
            found = await self.api.get(path_of("/api/campaign-recipient-estimations/{}", campaign_id))
        except EspError as error:
            if error.permanent:
                return None
            raise
        return found.inner("data").inner("attributes").count("estimated_recipient_count")


def _message(answer: Fields) -> tuple[str, Fields]:
    """The id and the content of the one mail of a campaign."""
    messages = [one for one in answer.items("included") if one.text("type") == "campaign-message"]
    if len(messages) != 1:
        raise EspError(f"the campaign has {len(messages)} messages; judge each of them", permanent=True)
    definition = messages[0].inner("attributes").inner("definition")
    if definition.text("channel") != "email":
        raise EspError("the campaign is no e-mail", permanent=True)
    return messages[0].ident("id"), definition.inner("content")


def _state(campaign: Fields) -> State:
    said = campaign.text("status")
    status: Status = "cancelled" if said.startswith("Cancelled") else _STATUS.get(said, "unknown")
    strategy = campaign.inner("send_strategy")
    at = strategy.moment("datetime") or strategy.moment("date", utc=True) or campaign.moment("send_time")
    if at is not None and _is_local(campaign):
        at -= _FIRST_ZONE
    return State(status, at)


def _resource_state(found: Fields) -> State:
    return _state(found.inner("attributes"))


def _is_local(campaign: Fields) -> bool:
    strategy = campaign.inner("send_strategy")
    return strategy.text("method") == "smart_send_time" or strategy.maybe_inner("options").flag("is_local")


def _goes_out(strategy: Fields, at: datetime) -> bool:
    return strategy.text("method") == "static" and strategy.moment("datetime") == at


def _resource(kind: str, ident: str, attributes: Mapping[str, object] | None = None) -> dict[str, object]:
    return {"data": {"type": kind, "id": ident, **({"attributes": attributes} if attributes else {})}}


def _make(place: Place) -> Esp:
    headers = {"Authorization": f"Klaviyo-API-Key {place.secret}", "revision": REVISION}
    return Connected(place.name, Klaviyo(Api.at(TITLE, place, headers, media=_MEDIA)))


KIND = EspKind("klaviyo", TITLE, "polling", _make, url="https://a.klaviyo.com")
