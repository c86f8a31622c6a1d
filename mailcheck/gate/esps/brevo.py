"""Brevo, API 3: scheduled campaigns are looked for and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from mailcheck.gate.esps.calling import Api
from mailcheck.gate.esps.connected import Connected, Listed, State, pages, thin_events, time_in_list
from mailcheck.gate.esps.documents import document, mailbox
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.kinds import EspKind, Place
from mailcheck.gate.model import Esp, EspError, GateKind, HookEvent, Planned, Status
from mailcheck.web.api import path_of

TITLE = "Brevo"
_PER_PAGE = 50
_STATUS: Mapping[str, Status] = {
    "draft": "draft",
    "queued": "scheduled",
    "suspended": "paused",
    "inProcess": "sending",
    "in_process": "sending",
    "sent": "sent",
    "archive": "sent",
}


@dataclass(frozen=True, slots=True)
class Brevo:
    """The classic campaigns of one account."""

    api: Api
    title: str = TITLE
    gate: GateKind = "polling"

    async def read(self, campaign_id: str) -> Planned:
        found = await self._campaign(campaign_id)
        if found.flag("abTesting"):
            raise EspError("this is an A/B test with two subjects; judge each of them", permanent=True)
        sender, people, state = found.inner("sender"), found.inner("recipients"), _state(found)
        reply_to = found.maybe("replyTo")
        lists = {name: sorted(people.idents(name)) for name in ("lists", "exclusionLists", "segments")}
        return Planned(
            esp=self.api.place.name,
            campaign_id=campaign_id,
            name=found.name("name"),
            status=state.status,
            version=found.maybe("modifiedAt") or None,
            send_at=state.send_at,
            recipients=await self._size(lists),
            document=document(
                TITLE,
                campaign_id=campaign_id,
                name=found.name("name"),
                dialect="brevo",
                subject=found.text("subject"),
                preheader=found.maybe("previewText"),
                sender=mailbox(sender.maybe("name"), sender.maybe("email")),
                reply_to=reply_to if "@" in reply_to else "",
                html=found.text("htmlContent"),
                service=lists,
            ),
        )

    async def state(self, campaign_id: str) -> State:
        return _state(await self._campaign(campaign_id, ("excludeHtmlContent", "true")))

    async def upcoming(self) -> Listed:
        async def page(cursor: str) -> tuple[Listed, str]:
            start = int(cursor or "0")
            query = [("status", "queued"), ("excludeHtmlContent", "true")]
            found = await self.api.get("/emailCampaigns", [*query, ("limit", str(_PER_PAGE)), ("offset", str(start))])
            total = found.count("count")
            campaigns = found.items("campaigns") if total != 0 else ()
            listed = {one.ident("id"): time_in_list(partial(_state, one)) for one in campaigns}
            more = listed and start + _PER_PAGE < (total or 0)
            return listed, str(start + _PER_PAGE) if more else ""

        return await pages(page, TITLE)

    async def put_on(self, campaign_id: str, at: datetime) -> None:
        if (await self._campaign(campaign_id, ("excludeHtmlContent", "true"))).flag("sendAtBestTime"):
            raise EspError("it goes out at the best time of each recipient; schedule it in Brevo", permanent=True)
        asked = {"scheduledAt": at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")}
        await self.api.do("PUT", path_of("/emailCampaigns/{}", campaign_id), asked)

    async def take_off(self, campaign_id: str, state: State) -> None:
        path = path_of("/emailCampaigns/{}/status", campaign_id)
        if state.status == "scheduled":
            try:
                await self.api.do("PUT", path, {"status": "draft"})
            except EspError as error:
                if not error.permanent:
                    raise
            else:
                return
        await self.api.do("PUT", path, {"status": "suspended"})

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return thin_events(body)

    async def _campaign(self, campaign_id: str, *query: tuple[str, str]) -> Fields:
        return await self.api.get(path_of("/emailCampaigns/{}", campaign_id), query)

    async def _size(self, lists: Mapping[str, Sequence[str]]) -> int | None:
        """Subscribers of the one list; not known where lists overlap or are cut."""
        if len(lists["lists"]) != 1 or lists["exclusionLists"] or lists["segments"]:
            return None
        try:
            found = await self.api.get(path_of("/contacts/lists/{}", lists["lists"][0]))
        except EspError as error:
            if error.permanent:
                return None
            raise
        return found.count("uniqueSubscribers")


def _state(found: Fields) -> State:
    return State(_STATUS.get(found.text("status"), "unknown"), found.moment("scheduledAt", utc=True))


def _make(place: Place) -> Esp:
    return Connected(place.name, Brevo(Api.at(TITLE, place, {"api-key": place.secret})))


KIND = EspKind("brevo", TITLE, "polling", _make, url="https://api.brevo.com/v3")
