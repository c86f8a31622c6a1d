"""listmonk, which people run themselves. Only whoever holds `campaigns:send` can schedule: a gate by permission."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from mailcheck.gate.esps.calling import Api
from mailcheck.gate.esps.connected import Connected, Listed, State, pages, thin_events, time_in_list
from mailcheck.gate.esps.documents import document
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.kinds import EspKind, Place
from mailcheck.gate.model import Esp, EspError, GateKind, HookEvent, Planned, Status
from mailcheck.web.api import path_of

TITLE = "listmonk"
_PER_PAGE = 100
_STATUS: Mapping[str, Status] = {
    "draft": "draft",
    "scheduled": "scheduled",
    "running": "sending",
    "paused": "paused",
    "cancelled": "cancelled",
    "finished": "sent",
}
# Where a template takes in the campaign; listmonk saves no template without it.
_CONTENT = re.compile(r'\{\{-?\s*template\s+"content"\s*\.\s*-?\}\}')


@dataclass(frozen=True, slots=True)
class Listmonk:
    """The campaigns of one listmonk."""

    api: Api
    title: str = TITLE
    gate: GateKind = "permission"

    async def read(self, campaign_id: str) -> Planned:
        found = await self._campaign(campaign_id)
        messenger = found.text("messenger")
        if messenger != "email" and not messenger.startswith("email-"):
            raise EspError(f"the campaign goes out by {messenger[:40]!r}, which is no e-mail", permanent=True)
        body, plain = await self._body(found, campaign_id), found.text("content_type") == "plain"
        headers, special = _headers(found)
        lists = found.items("lists")
        state = _state(found)
        return Planned(
            esp=self.api.place.name,
            campaign_id=campaign_id,
            name=found.name("name"),
            status=state.status,
            version=found.maybe("updated_at") or None,
            send_at=state.send_at,
            recipients=await self._size(lists),
            document=document(
                TITLE,
                campaign_id=campaign_id,
                name=found.name("name"),
                dialect="listmonk",
                subject=special.get("subject") or found.text("subject"),
                sender=special.get("from") or found.text("from_email"),
                reply_to=special.get("reply-to", ""),
                html="" if plain else body,
                text=body if plain else found.maybe("altbody"),
                headers=headers,
                service={
                    "lists": sorted([one.ident("id"), one.name("name")] for one in lists),
                    "attachments": sorted(one.name("filename") for one in found.items("media"))
                    if found.values.get("media")
                    else [],
                },
            ),
        )

    async def state(self, campaign_id: str) -> State:
        return _state(await self._campaign(campaign_id, ("no_body", "true")))

    async def upcoming(self) -> Listed:
        async def page(cursor: str) -> tuple[Listed, str]:
            number = int(cursor or "1")
            query = [("status", "scheduled"), ("no_body", "true"), ("page", str(number)), ("per_page", str(_PER_PAGE))]
            data = (await self.api.get("/api/campaigns", query)).inner("data")
            listed = {one.ident("id"): time_in_list(partial(_state, one)) for one in data.items("results")}
            more = number * _PER_PAGE < (data.count("total") or 0)
            return listed, str(number + 1) if more else ""

        return await pages(page, TITLE)

    async def put_on(self, campaign_id: str, at: datetime) -> None:
        found = await self._campaign(campaign_id)
        if _state(found).send_at != at:
            # An update that leaves lists and attachments out takes them away.
            kept = {
                "send_at": at.isoformat(),
                "lists": [int(one.ident("id") or 0) for one in found.items("lists")],
                "media": [one.count("id") for one in found.items("media")] if found.values.get("media") else [],
                "attribs": found.values.get("attribs") or {},
            }
            await self.api.do("PUT", path_of("/api/campaigns/{}", campaign_id), kept)
        await self.api.do("PUT", path_of("/api/campaigns/{}/status", campaign_id), {"status": "scheduled"})

    async def take_off(self, campaign_id: str, state: State) -> None:
        stopped = "paused" if state.status == "sending" else "draft"
        await self.api.do("PUT", path_of("/api/campaigns/{}/status", campaign_id), {"status": stopped})

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return thin_events(body)

    async def _campaign(self, campaign_id: str, *query: tuple[str, str]) -> Fields:
        return (await self.api.get(path_of("/api/campaigns/{}", campaign_id), query)).inner("data")

    async def _body(self, found: Fields, campaign_id: str) -> str:
        body, kind = found.text("body"), found.text("content_type")
        if not body.strip():
            return ""
        if kind == "markdown":
            asked = {"from": "markdown", "to": "html", "body": body}
            body = (await self.api.find(path_of("/api/campaigns/{}/content", campaign_id), asked)).text("data")
        template_id = found.count("template_id")
        if not template_id or kind == "visual":
            return body
        template = (await self.api.get(path_of("/api/templates/{}", str(template_id)))).inner("data").text("body")
        whole, places = _CONTENT.subn(lambda _: body, template)
        if not places:
            raise EspError(f"template {template_id} of listmonk has no place for the campaign", permanent=True)
        return whole

    async def _size(self, lists: Sequence[Fields]) -> int | None:
        """Subscribers who would get it; not known where people may be on several lists."""
        if len(lists) != 1 or not lists[0].ident("id"):
            return None
        try:
            found = (await self.api.get(path_of("/api/lists/{}", lists[0].ident("id")))).inner("data")
        except EspError as error:
            if error.permanent:
                return None
            raise
        by_status = found.maybe_inner("subscriber_statuses")
        if not by_status.values:
            return found.count("subscriber_count")
        counted = ("confirmed",) if found.maybe("optin") == "double" else ("confirmed", "unconfirmed")
        return sum(by_status.count(status) or 0 for status in counted)


def _state(found: Fields) -> State:
    return State(_STATUS.get(found.text("status"), "unknown"), found.moment("send_at"))


def _headers(found: Fields) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Header fields that people added, and those of them that have a place of their own."""
    added: dict[str, tuple[str, ...]] = {}
    special: dict[str, str] = {}
    for one in found.items("headers") if found.values.get("headers") else ():
        for name in one.values:
            if name.lower() in {"subject", "from", "reply-to"}:
                special[name.lower()] = one.maybe(name)
            else:
                added[name] = (*added.get(name, ()), one.maybe(name))
    return added, special


def _make(place: Place) -> Esp:
    key = f"token {place.user}:{place.secret}"
    return Connected(place.name, Listmonk(Api.at(TITLE, place, {"Authorization": key})))


KIND = EspKind("listmonk", TITLE, "permission", _make, needs=("url", "user", "secret"))
