"""`POST /v1/check`: a campaign comes, its judgement goes; for CI and for scripts that schedule."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailcheck.gate.bundle import BundleRefused, unpack
from mailcheck.gate.foreign import DocumentRefused, confine, demand_shape, document_of, manifest_of
from mailcheck.gate.judging import JudgeRequest
from mailcheck.gate.model import Judgement
from mailcheck.gate.service.answers import Checked
from mailcheck.gate.service.bodies import announced, read
from mailcheck.gate.service.problems import Refusal, described
from mailcheck.gate.service.state import State

Form = Literal["json", "zip"]

FORMS: dict[str, Form] = {"application/json": "json", "application/zip": "zip", "application/x-zip-compressed": "zip"}
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object", "description": "a manifest, see docs/manifest.md"}},
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def routes(state: State) -> APIRouter:
    """The door for campaigns."""
    router = APIRouter()

    @router.post(
        "/v1/check",
        response_model=Checked,
        responses=described(400, 401, 408, 413, 415, 422, 429, 503),
        openapi_extra={**BODY, "security": [{"bearer": []}]},
        tags=["checks"],
        summary="Judge a campaign and wait for it",
    )
    async def check(request: Request) -> Response:
        state.admit(request)
        form = _form(request)
        if state.checks.locked():
            raise Refusal(429, "as many checks are under way as may be; try again", {"Retry-After": "5"})
        limit = state.settings.body_bytes
        async with state.checks:
            with state.intake.holding(min(announced(request) or limit, limit)):
                body = await read(request, limit)
                await _refuse(body, form)
                judgement = await state.judges.judge(JudgeRequest(body, form, record=False))
        state.metrics.checks.labels(judgement.verdict).inc()
        name = await state.writing(state.store.checked, judgement, now=state.now())
        return Response(_answer(name, judgement), media_type="application/json")

    return router


def _form(request: Request) -> Form:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in FORMS:
        raise Refusal(415, f"send {' or '.join(list(FORMS)[:2])}, and say so in Content-Type")
    return FORMS[media]


async def _refuse(body: bytes, form: Form) -> None:
    """Refuse what cannot be read, before a worker is bothered with it."""
    try:
        await asyncio.to_thread(_look, body, form)
    except (BundleRefused, DocumentRefused) as refused:
        raise Refusal(422, str(refused)) from None


def _look(body: bytes, form: Form) -> None:
    if form == "json":
        document = document_of(body)
        confine(document, None)
        demand_shape(document)
        return
    with tempfile.TemporaryDirectory(prefix="mailcheck-") as folder:
        unpack(body, Path(folder))
        manifest_of(Path(folder))


def _answer(name: str, judgement: Judgement) -> bytes:
    """The answer with the report as it was written, which is not parsed for that."""
    said = {"id": name, "verdict": judgement.verdict, "reason": judgement.reason, "findings": dict(judgement.findings)}
    return (json.dumps(said)[:-1] + f', "report": {judgement.report or "null"}}}').encode("utf-8", "backslashreplace")
