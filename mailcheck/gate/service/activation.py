"""`POST /v1/hooks/{sender}/validate`: a service that asks before it sends is answered while it waits."""

from __future__ import annotations

import asyncio
import json

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from mailcheck.gate.esps.connected import InParts
from mailcheck.gate.esps.sfmc import why_not
from mailcheck.gate.judging import JudgeRequest
from mailcheck.gate.model import Esp, EspError, Judgement
from mailcheck.gate.service.answers import Activation
from mailcheck.gate.service.bodies import announced, read
from mailcheck.gate.service.hooks import BODY, understood, verified
from mailcheck.gate.service.problems import Refusal, described
from mailcheck.gate.service.state import HOOK_BYTES, State

SECONDS = 90
"""For the whole answer: Journey Builder waits for 100 s at most."""
SHOWN = 3
"""Mails that are not clear and that the answer tells of."""


def routes(state: State) -> APIRouter:
    """The door for services that ask."""
    router = APIRouter()

    @router.post(
        "/v1/hooks/{sender}/validate",
        response_model=Activation,
        responses=described(400, 401, 408, 413, 415, 422, 429, 503),
        openapi_extra=BODY,
        tags=["webhooks"],
        summary="A service asks whether it may go ahead; only 200 is a yes",
    )
    async def validate(sender: str, request: Request) -> Response:
        limit = min(HOOK_BYTES, state.settings.body_bytes)
        with state.intake.holding(min(announced(request) or limit, limit)):
            body = await read(request, limit)
            who, said = verified(state, sender, request, body)
            events = understood(state, who, said, request)
        if len(events) != 1:
            raise Refusal(422, "it must name one campaign, whose activation it asks for")
        if state.checks.locked():
            raise Refusal(429, "as many checks are under way as may be; try again", {"Retry-After": "5"})
        async with state.checks:
            judgements = await _judged(state, state.esps[who.esp], events[0].campaign_id)
        for one in judgements:
            state.metrics.checks.labels(one.verdict).inc()
            await state.writing(state.store.checked, one, now=state.now())
        if reasons := [no for one in judgements if (no := why_not(one))]:
            raise Refusal(400, "; ".join(reasons[:SHOWN]))
        return JSONResponse({"success": True})

    return router


async def _judged(state: State, esp: Esp, campaign_id: str) -> list[Judgement]:
    """The judgements of all mails of a campaign as its service holds them now; what cannot be fetched is not sure."""
    made: list[Judgement] = []
    try:
        async with asyncio.timeout(SECONDS):
            for part in await esp.parts(campaign_id) if isinstance(esp, InParts) else [campaign_id]:
                planned = await esp.fetch(part)
                data = json.dumps(dict(planned.judged)).encode()
                made.append(await state.judges.judge(JudgeRequest(data, record=True)))
    except EspError as error:
        made.append(Judgement("unsure", reason=str(error)))
    except TimeoutError:
        made.append(Judgement("unsure", reason="the campaign could not be judged in time"))
    except Exception as error:  # noqa: BLE001 - an adapter of somebody else's; whatever it is, it is no yes
        made.append(Judgement("unsure", reason=f"the connection failed ({type(error).__name__})"))
    return made or [Judgement("unsure", reason="there was no mail to judge")]
