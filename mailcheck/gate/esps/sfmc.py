"""Salesforce Marketing Cloud, Journey Builder: before a journey is activated it asks the gate, and obeys.

A custom activity of the gate stands in the journey; its `validate` is called synchronously. The mail is read from
the journey and from Content Builder.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mailcheck.gate.esps.calling import Api, KeyRefusedError, Query
from mailcheck.gate.esps.connected import Connected, Listed, State, hook_id, hook_moment, pages
from mailcheck.gate.esps.documents import document
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.kinds import EspKind, Place
from mailcheck.gate.model import Esp, EspError, GateKind, HookEvent, Judgement, Planned, Status
from mailcheck.masking import mask_addresses
from mailcheck.report import plural
from mailcheck.web.api import path_of

TITLE = "Marketing Cloud"
_PER_PAGE = 50
_DEPTH = 10
_EARLY = 60.0
"""Seconds before its end that a token is not used any more."""
_STATUS: Mapping[str, Status] = {
    "draft": "draft",
    "scheduledtopublish": "scheduled",
    "published": "sending",
    "running": "sending",
    "unpublished": "sending",
    "paused": "paused",
    "stopped": "cancelled",
    "deleted": "cancelled",
}
_PIECE = re.compile(r'<div\s+data-type="(slot|block)"\s+data-key="([^"]{1,200})"[^>]*>\s*</div>')


@dataclass(slots=True)
class _Token:
    """Who we are, for some minutes."""

    text: str = field(default="", repr=False)
    ends: float = 0.0


@dataclass(frozen=True, slots=True)
class MarketingCloud:
    """The journeys of one business unit. An id is that of a journey, or `journey:key of the activity`."""

    api: Api
    auth: Api
    title: str = TITLE
    gate: GateKind = "hard"
    token: _Token = field(default_factory=_Token)

    async def read(self, campaign_id: str) -> Planned:
        journey_id, _, key = campaign_id.partition(":")
        found = await self._journey(journey_id)
        send = _send(found, key)
        asset = await self._asset(send)
        views, state = asset.inner("views"), _state(found)
        html = views.maybe_inner("html")
        sender = self.api.place.options.get("sender")
        return Planned(
            esp=self.api.place.name,
            campaign_id=campaign_id,
            name=found.name("name"),
            status=state.status,
            version=f"{found.ident('version')} {found.maybe('modifiedDate')}".strip(),
            document=document(
                TITLE,
                campaign_id=campaign_id,
                name=found.name("name"),
                dialect="sfmc",
                subject=send.maybe("emailSubject") or _view(views, "subjectline"),
                preheader=_view(views, "preheader"),
                sender=sender,
                html=_whole(html, html.maybe("content"), _DEPTH),
                text=_view(views, "text"),
                service={"asset": asset.ident("id"), "entries": sorted(_entries(found))},
            ),
        )

    async def parts(self, campaign_id: str) -> Sequence[str]:
        """Every mail of a journey by itself: `journey:key`."""
        journey_id, _, key = campaign_id.partition(":")
        mails = [one.ident("key") for one in _mails(await self._journey(journey_id)) if key in ("", one.ident("key"))]
        if not mails:
            raise EspError("the journey sends no mail that could be judged", permanent=True)
        return [f"{journey_id}:{one}" for one in mails]

    async def state(self, campaign_id: str) -> State:
        return _state(await self._journey(campaign_id.partition(":")[0]))

    async def upcoming(self) -> Listed:
        async def page(cursor: str) -> tuple[Listed, str]:
            number = int(cursor or "1")
            query = [("status", "ScheduledToPublish"), ("$page", str(number)), ("$pageSize", str(_PER_PAGE))]
            found = await self._asked("GET", "/interaction/v1/interactions", query=query)
            listed: Listed = dict.fromkeys(one.ident("id") for one in found.items("items"))
            more = listed and number * _PER_PAGE < (found.count("count") or 0)
            return listed, str(number + 1) if more else ""

        return await pages(page, TITLE)

    async def put_on(self, campaign_id: str, at: datetime) -> None:  # noqa: ARG002 - it cannot be done
        raise EspError("activate the journey in Journey Builder: the gate answers its validation", permanent=True)

    async def take_off(self, campaign_id: str, state: State) -> None:
        if state.status != "sending":
            raise EspError("a journey that is not active cannot be paused; stop it in Journey Builder", permanent=True)
        journey_id = campaign_id.partition(":")[0]
        found = await self._journey(journey_id)
        path = path_of("/interaction/v1/interactions/pause/{}", found.ident("definitionId") or journey_id)
        query = [("versionNumber", found.ident("version"))]
        await self._asked("POST", path, {}, query=query, reads=False)

    def events(self, body: bytes) -> Sequence[HookEvent]:
        data = _claims(body)
        return [HookEvent(hook_id(data, "interactionId"), hook_moment(data, "send_at"))]

    async def _journey(self, journey_id: str) -> Fields:
        path = path_of("/interaction/v1/interactions/{}", journey_id)
        found = await self._asked("GET", path, query=[("extras", "activities")])
        if found.ident("id").lower() != journey_id.lower():
            raise EspError(f"{TITLE} gave another version of the journey than the one that was asked for")
        return found

    async def _asset(self, send: Fields) -> Fields:
        asked = {
            "page": {"page": 1, "pageSize": 2},
            "query": {
                "property": "data.email.legacy.legacyId",
                "simpleOperator": "equal",
                "value": int(send.ident("emailId") or 0),
            },
        }
        found = await self._asked("POST", "/asset/v1/content/assets/query", asked)
        items = found.items("items")
        if len(items) != 1:
            raise EspError(
                f"Content Builder knows {len(items)} mails of the id in the journey, not one", permanent=True
            )
        return items[0]

    async def _asked(
        self, method: str, path: str, asked: object = None, *, query: Query = (), reads: bool = True
    ) -> Fields:
        for attempt in (1, 2):
            headers = {"Authorization": f"Bearer {await self._key()}"}
            try:
                if not reads:
                    await self.api.do(method, path, asked, query, headers=headers)
                    return Fields(TITLE, {})
                value = await self.api.call(method, path, asked, query=query, reads=reads, headers=headers)
            except KeyRefusedError:
                self.token.text = ""
                if attempt == 1:
                    continue
                raise
            return Fields.of(TITLE, value)
        raise EspError(f"{TITLE} refuses the key", permanent=True)

    async def _key(self) -> str:
        if self.token.text and time.monotonic() < self.token.ends:
            return self.token.text
        place = self.api.place
        asked = {"grant_type": "client_credentials", "client_id": place.user, "client_secret": place.secret}
        if "account_id" in place.options:
            asked["account_id"] = place.options["account_id"]
        found = await self.auth.find("/v2/token", asked)
        text = found.text("access_token")
        if not text or not text.isascii() or not text.isprintable():
            raise EspError(f"{TITLE} gave no usable token")
        self.token.text, self.token.ends = text, time.monotonic() + (found.count("expires_in") or 0) - _EARLY
        return text


def why_not(judgement: Judgement) -> str:
    """Why Journey Builder must not activate a journey, in one sentence; empty when it may.

    It goes ahead after a 200, and stays where it is after anything else.
    """
    if judgement.verdict == "clear":
        return ""
    counts = ", ".join(plural(count, name) for name, count in judgement.findings.items() if count)
    why = mask_addresses(judgement.reason) or counts or "see the report"
    return f"mailcheck: {judgement.verdict} ({why})"


def _mails(found: Fields) -> list[Fields]:
    return [one for one in found.items("activities") if one.maybe("type") == "EMAILV2"]


def _send(found: Fields, key: str) -> Fields:
    """What the one mail of a journey, or the named one, is sent with."""
    mails = _mails(found)
    chosen = [one for one in mails if not key or one.maybe("key") == key]
    if len(chosen) != 1:
        raise EspError(
            f"the journey sends {len(mails)} mails; name one of them as JOURNEY:KEY, with the key of its activity",
            permanent=True,
        )
    return chosen[0].inner("configurationArguments").inner("triggeredSend")


def _entries(found: Fields) -> list[str]:
    return [one.ident("key") for one in found.items("triggers")] if found.values.get("triggers") else []


def _view(views: Fields, name: str) -> str:
    return views.maybe_inner(name).maybe("content")


def _whole(holder: Fields, html: str, depth: int) -> str:
    """HTML with its slots and blocks in their places.

    Raises:
        EspError: one is missing, or they are nested without end.
    """

    def filled(match: re.Match[str]) -> str:
        pieces = holder.maybe_inner(f"{match[1]}s")
        if depth == 0 or match[2] not in pieces.values:
            raise EspError(f"a part of the mail is not in the answer of Content Builder ({match[2][:40]})")
        piece = pieces.inner(match[2])
        return _whole(piece, piece.maybe("content"), depth - 1)

    return _PIECE.sub(filled, html)


def _state(found: Fields) -> State:
    return State(_STATUS.get(found.text("status").lower(), "unknown"))


def _claims(body: bytes) -> Mapping[str, object]:
    """What a call of Journey Builder says, as JSON or as a JWT, whose signature was checked before."""
    text = body.strip()
    if text.count(b".") == 2 and not text.startswith(b"{"):
        part = text.split(b".")[1]
        try:
            text = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
        except binascii.Error:
            raise ValueError("the call of Journey Builder is no JWT") from None
    try:
        value: object = json.loads(text)
    except RecursionError:
        raise ValueError("the call of Journey Builder is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("the call of Journey Builder is no JSON object")  # noqa: TRY004 - one kind of error
    return value


def _make(place: Place) -> Esp:
    auth_url = place.options.get("auth_url") or place.url.replace(".rest.", ".auth.", 1)
    if auth_url == place.url and "auth_url" not in place.options:
        raise ValueError("Marketing Cloud needs the option auth_url: https://….auth.marketingcloudapis.com")
    api, auth = Api.at(TITLE, place, {}), Api.at(TITLE, place, {}, url=auth_url)
    return Connected(place.name, MarketingCloud(api, auth))


KIND = EspKind(
    "sfmc",
    TITLE,
    "hard",
    _make,
    needs=("url", "user", "secret"),
    options={
        "auth_url": "where tokens are: `https://….auth.marketingcloudapis.com`",
        "account_id": "MID of the business unit",
        "sender": "the From header that the sender profile stands for: `Shop <news@shop.example>`",
    },
)
