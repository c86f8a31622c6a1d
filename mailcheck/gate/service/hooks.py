"""`POST /v1/hooks/{sender}`: verify, look whether it came before, keep it, answer."""

from __future__ import annotations

import hashlib
import logging

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from mailcheck.gate.jobs import Hook, QueueFull
from mailcheck.gate.model import HookEvent
from mailcheck.gate.service import logs
from mailcheck.gate.service.answers import Taken
from mailcheck.gate.service.bodies import announced, read
from mailcheck.gate.service.problems import Refusal, described, instance_of
from mailcheck.gate.service.state import HOOK_BYTES, Sender, State
from mailcheck.gate.signatures import Refused, Verified

BODY = {"requestBody": {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}, "required": True}}
MOST_EVENTS = 1000
LONGEST_ID = 200


def routes(state: State) -> APIRouter:
    """The door for webhooks."""
    router = APIRouter()

    @router.post(
        "/v1/hooks/{sender}",
        status_code=202,
        response_model=Taken,
        responses=described(400, 401, 408, 409, 413, 415, 422, 429, 503),
        openapi_extra=BODY,
        tags=["webhooks"],
        summary="A sending service says that a campaign is about to be scheduled",
    )
    async def hook(sender: str, request: Request) -> Response:
        limit = min(HOOK_BYTES, state.settings.body_bytes)
        with state.intake.holding(min(announced(request) or limit, limit)):
            body = await read(request, limit)
            taken = await _take(state, sender, request, body)
        return JSONResponse(taken.model_dump(), 202)

    return router


async def _take(state: State, name: str, request: Request, body: bytes) -> Taken:
    sender, said = verified(state, name, request, body)
    if state.esps[sender.esp].gate == "hard":
        raise Refusal(409, "this service asks before it sends, and would take 202 for a yes; let it call …/validate")
    events = understood(state, sender, said, request)
    keep = state.settings.senders[name].retries
    digest = hashlib.sha256(said.content).hexdigest()
    found = Hook(name, said.webhook_id, digest, events, sender.esp, sender.policy, keep)
    try:
        accepted = await state.inbox.accept(found)
    except QueueFull as full:
        _count(state, "full")
        raise Refusal(429, "the queue is full; send it again later", {"Retry-After": str(full.retry_after)}) from None
    _count(state, accepted.state)
    if accepted.state == "conflict":
        raise Refusal(409, "this id came before, with another body; nothing was done")
    if accepted.state == "new":
        state.work.ring()
    return Taken(jobs=list(accepted.job_ids))


def verified(state: State, name: str, request: Request, body: bytes) -> tuple[Sender, Verified]:
    """Who sent a webhook, and what it says.

    Raises:
        Refusal: 401.
    """
    sender = state.senders.get(name, state.nobody)
    try:
        return sender, sender.verify(request.headers.raw, body, state.now().timestamp())
    except Refused as refused:
        _count(state, "refused", refused.reason)
        logs.say("a webhook was refused", logging.WARNING, reason=refused.reason, instance=instance_of(request))
        raise Refusal(401, "") from None


def understood(state: State, sender: Sender, said: Verified, request: Request) -> tuple[HookEvent, ...]:
    """What a webhook says; nothing but ids of campaigns and times is taken from it.

    Raises:
        Refusal: 422.
    """
    try:
        events = tuple(state.esps[sender.esp].events(said.content))
    except (ValueError, RecursionError):
        _count(state, "not_understood")
        logs.say("a webhook was not understood", logging.WARNING, esp=sender.esp, instance=instance_of(request))
        raise Refusal(422, "this is no webhook of the service that the settings name") from None
    if len(events) > MOST_EVENTS or not all(_is_plain(event.campaign_id) for event in events):
        _count(state, "not_understood")
        raise Refusal(422, "it names too many campaigns, or one whose id is none")
    return events


def _is_plain(name: str) -> bool:
    return 0 < len(name) <= LONGEST_ID and name.isprintable()


def _count(state: State, outcome: str, reason: str = "") -> None:
    state.metrics.webhooks.labels(outcome, reason).inc()
