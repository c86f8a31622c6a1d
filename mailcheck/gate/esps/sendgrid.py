"""Twilio SendGrid, Marketing Campaigns: scheduled Single Sends are looked for and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import parse_qs, urlsplit

from mailcheck.gate.esps.calling import Api
from mailcheck.gate.esps.connected import Connected, Listed, State, pages, thin_events, time_in_list
from mailcheck.gate.esps.documents import document, mailbox
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.kinds import EspKind, Place
from mailcheck.gate.model import Esp, EspError, GateKind, HookEvent, Planned, Status
from mailcheck.web.api import path_of

TITLE = "SendGrid"
_STATUS: Mapping[str, Status] = {"draft": "draft", "scheduled": "scheduled", "triggered": "sent"}


@dataclass(frozen=True, slots=True)
class SendGrid:
    """The Single Sends of one account."""

    api: Api
    title: str = TITLE
    gate: GateKind = "polling"

    async def read(self, campaign_id: str) -> Planned:
        found = await self._campaign(campaign_id)
        if found.flag("is_abtest") if "is_abtest" in found.values else found.values.get("abtest"):
            raise EspError("this is an A/B test with several mails; judge each of them", permanent=True)
        config, people, state = found.inner("email_config"), found.maybe_inner("send_to"), _state(found)
        content, subject = config, config.maybe("subject")
        if config.maybe("design_id"):
            content = await self.api.get(path_of("/v3/designs/{}", config.maybe("design_id")))
            subject = content.maybe("subject") or subject
        sender, reply_to = await self._sender(config)
        lists = {name: sorted(people.idents(name)) for name in ("list_ids", "segment_ids")}
        return Planned(
            esp=self.api.place.name,
            campaign_id=campaign_id,
            name=found.name("name"),
            status=state.status,
            version=found.maybe("updated_at") or None,
            send_at=state.send_at,
            recipients=await self._size(lists, people.flag("all")),
            document=document(
                TITLE,
                campaign_id=campaign_id,
                name=found.name("name"),
                dialect="sendgrid",
                subject=subject,
                sender=sender,
                reply_to=reply_to,
                html=content.maybe("html_content"),
                text=content.maybe("plain_content"),
                service={
                    **lists,
                    "all": people.flag("all"),
                    "suppression_group": config.ident("suppression_group_id"),
                    "unsubscribe_url": config.maybe("custom_unsubscribe_url"),
                },
            ),
        )

    async def state(self, campaign_id: str) -> State:
        return _state(await self._campaign(campaign_id))

    async def upcoming(self) -> Listed:
        async def page(cursor: str) -> tuple[Listed, str]:
            query = [("page_size", "100"), *([("page_token", cursor)] if cursor else [])]
            found = await self.api.find("/v3/marketing/singlesends/search", {"status": ["scheduled"]}, query)
            following = found.maybe_inner("_metadata").maybe("next")
            token = parse_qs(urlsplit(following).query).get("page_token", [""])[0]
            return {one.ident("id"): time_in_list(partial(_state, one)) for one in found.items("result")}, token

        return await pages(page, TITLE)

    async def put_on(self, campaign_id: str, at: datetime) -> None:
        asked = {"send_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        await self.api.do("PUT", path_of("/v3/marketing/singlesends/{}/schedule", campaign_id), asked)

    async def take_off(self, campaign_id: str, state: State) -> None:  # noqa: ARG002 - the same order in any state
        await self.api.do("DELETE", path_of("/v3/marketing/singlesends/{}/schedule", campaign_id))

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return thin_events(body)

    async def _campaign(self, campaign_id: str) -> Fields:
        return await self.api.get(path_of("/v3/marketing/singlesends/{}", campaign_id))

    async def _sender(self, config: Fields) -> tuple[str, str]:
        """From and Reply-To; empty when the Single Send has no sender yet."""
        ident = config.ident("sender_id")
        if not ident:
            return "", ""
        found = await self.api.get(path_of("/v3/marketing/senders/{}", ident))
        sender, reply_to = found.inner("from"), found.maybe_inner("reply_to")
        return (
            mailbox(sender.maybe("name"), sender.text("email")),
            mailbox(reply_to.maybe("name"), reply_to.maybe("email")),
        )

    async def _size(self, lists: Mapping[str, Sequence[str]], everybody: bool) -> int | None:
        """Contacts of the one list or segment; not known where several overlap."""
        chosen = [*lists["list_ids"], *lists["segment_ids"]]
        if not everybody and len(chosen) != 1:
            return None
        path, name = "/v3/marketing/contacts/count", "contact_count"
        if not everybody and lists["list_ids"]:
            path = path_of("/v3/marketing/lists/{}/contacts/count", chosen[0])
        elif not everybody:
            path, name = path_of("/v3/marketing/segments/2.0/{}", chosen[0]), "contacts_count"
        try:
            return (await self.api.get(path)).count(name)
        except EspError as error:
            if error.permanent:
                return None
            raise


def _state(found: Fields) -> State:
    return State(_STATUS.get(found.text("status"), "unknown"), found.moment("send_at"))


def _make(place: Place) -> Esp:
    return Connected(place.name, SendGrid(Api.at(TITLE, place, {"Authorization": f"Bearer {place.secret}"})))


KIND = EspKind("sendgrid", TITLE, "polling", _make, url="https://api.sendgrid.com")
