"""HubSpot, marketing e-mails 2026-09: scheduled mails are looked for and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mailcheck.gate.esps.calling import Api
from mailcheck.gate.esps.connected import Connected, Listed, State, pages, thin_events
from mailcheck.gate.esps.documents import document, mailbox
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.hubspot_modules import html_of, preheader_of
from mailcheck.gate.esps.kinds import EspKind, Place
from mailcheck.gate.model import Esp, EspError, GateKind, HookEvent, Planned, Status
from mailcheck.web.api import path_of

TITLE = "HubSpot"
_EMAILS = "/marketing/emails/2026-09"
_EMAIL = _EMAILS + "/{}"
_BACK = timedelta(days=400)
"""Scheduling a mail changes it; what was not changed for so long is not about to be sent."""


@dataclass(frozen=True, slots=True)
class HubSpot:
    """The marketing e-mails of one account."""

    api: Api
    title: str = TITLE
    gate: GateKind = "polling"
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def read(self, campaign_id: str) -> Planned:
        found = await self._email(campaign_id)
        if found.flag("isAb"):
            raise EspError("this is an A/B test with several mails; judge each of them", permanent=True)
        if found.maybe("emailTemplateMode") == "DESIGN_MANAGER":
            raise EspError(
                "the mail comes from a coded template, whose HTML the API of HubSpot does not give; judge its file",
                permanent=True,
            )
        content, sender, state = found.inner("content"), found.inner("from"), self._state(found)
        return Planned(
            esp=self.api.place.name,
            campaign_id=campaign_id,
            name=found.name("name"),
            status=state.status,
            version=found.maybe("updatedAt") or None,
            send_at=state.send_at,
            document=document(
                TITLE,
                campaign_id=campaign_id,
                name=found.name("name"),
                dialect="hubspot",
                subject=found.text("subject"),
                preheader=preheader_of(content),
                sender=mailbox(sender.maybe("fromName"), sender.maybe("replyTo")),
                reply_to=sender.maybe("customReplyTo"),
                html=html_of(content),
                text=content.maybe("plainTextVersion"),
                service=_people(found.maybe_inner("to")),
            ),
        )

    async def state(self, campaign_id: str) -> State:
        return self._state(await self._email(campaign_id))

    async def upcoming(self) -> Listed:
        since = (self.now() - _BACK).strftime("%Y-%m-%dT%H:%M:%SZ")

        async def page(cursor: str) -> tuple[Listed, str]:
            query = [("limit", "100"), ("updatedAfter", since), *([("after", cursor)] if cursor else [])]
            query += [("includedProperties", name) for name in ("id", "state", "publishDate")]
            found = await self.api.get(_EMAILS, query)
            states = {one.ident("id"): self._state(one) for one in found.items("results")}
            listed = {ident: state.send_at for ident, state in states.items() if state.status == "scheduled"}
            return listed, found.maybe_inner("paging").maybe_inner("next").ident("after")

        return await pages(page, TITLE)

    async def put_on(self, campaign_id: str, at: datetime) -> None:
        path = path_of(_EMAIL, campaign_id)
        wanted = {"publishDate": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "sendOnPublish": False}
        await self.api.do("PATCH", path, wanted)
        found = await self._email(campaign_id)
        if found.flag("sendOnPublish") or found.moment("publishDate", utc=True) != at:
            # Published without a time it goes out at once.
            raise EspError("HubSpot did not take the time at which it is to be sent, so it was not scheduled")
        await self.api.do("POST", path + "/publish")

    async def take_off(self, campaign_id: str, state: State) -> None:  # noqa: ARG002 - the same order in any state
        await self.api.do("POST", path_of(_EMAIL, campaign_id) + "/unpublish")

    def events(self, body: bytes) -> Sequence[HookEvent]:
        return thin_events(body)

    async def _email(self, campaign_id: str) -> Fields:
        return await self.api.get(path_of(_EMAIL, campaign_id))

    def _state(self, found: Fields) -> State:
        said, at = found.text("state"), found.moment("publishDate", utc=True)
        return State(self._status(said, at), at)

    def _status(self, said: str, at: datetime | None) -> Status:
        if said.startswith("PUBLISHED") or said == "SCHEDULED_OR_PUBLISHED":
            # Published means scheduled as well: for the variants of a test it has no other word.
            return "scheduled" if at is not None and at > self.now() else "sent"
        if said.startswith("SCHEDULED"):
            return "scheduled"
        if said in ("PROCESSING", "PRE_PROCESSING"):
            return "sending"
        if said.startswith(("DRAFT", "AGENT_GENERATED")):
            return "draft"
        return "unknown"


def _people(to: Fields) -> dict[str, object]:
    made: dict[str, object] = {}
    for name in ("contactIlsLists", "contactLists", "contactIds"):
        group = to.maybe_inner(name)
        made[name] = {key: sorted(group.idents(key)) for key in ("include", "exclude")}
    return made


def _make(place: Place) -> Esp:
    return Connected(place.name, HubSpot(Api.at(TITLE, place, {"Authorization": f"Bearer {place.secret}"})))


KIND = EspKind("hubspot", TITLE, "polling", _make, url="https://api.hubapi.com")
