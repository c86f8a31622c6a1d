"""`/healthz`, `/readyz`, `/metrics`: for whoever watches the service."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from mailcheck.gate.service.answers import Health
from mailcheck.gate.service.metrics import CONTENT_TYPE_LATEST
from mailcheck.gate.service.problems import Refusal, described
from mailcheck.gate.service.state import State


def routes(state: State) -> APIRouter:
    """The doors for machines that watch."""
    router = APIRouter(tags=["watching"])

    @router.get("/healthz", response_model=Health, summary="Whether the process answers")
    async def healthz() -> Response:
        return JSONResponse(Health().model_dump())

    @router.get(
        "/readyz", response_model=Health, responses=described(503), summary="Whether webhooks and checks can be taken"
    )
    async def readyz() -> Response:
        if missing := await _missing(state):
            raise Refusal(503, missing, {"Retry-After": "10"})
        return JSONResponse(Health().model_dump())

    @router.get(
        "/metrics",
        response_class=Response,
        responses={
            **described(401, 503),
            200: {"description": "text for Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}},
        },
        openapi_extra={"security": [{"bearer": []}]},
        summary="Figures for Prometheus",
    )
    async def metrics(request: Request) -> Response:
        state.admit(request)
        depth = await state.reading(state.store.depth, state.now())
        return Response(state.metrics.text(depth), headers={"content-type": CONTENT_TYPE_LATEST})

    return router


async def _missing(state: State) -> str:
    """What keeps the service from its work; empty when nothing does."""
    depth = await state.reading(state.store.depth, state.now())
    await state.writing(state.store.probe)
    if depth.waiting >= state.settings.queue:
        return "the queue is full"
    if not state.judges.ready:
        return "nothing can be judged: the judging process is not there"
    if not state.work.goes_on():
        return "jobs are not worked on"
    return ""
