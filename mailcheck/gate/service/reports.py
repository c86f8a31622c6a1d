"""`/v1/jobs` and `/v1/reports`: what became of it."""

from __future__ import annotations

import asyncio
import json
import re

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from mailcheck.gate.service.answers import JobAnswer
from mailcheck.gate.service.problems import Refusal, described
from mailcheck.gate.service.state import State

PAGE_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
"""Of the report as a page: no script, no frame, nothing from anywhere; and an origin of its own."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LOCKED: dict[str, object] = {"security": [{"bearer": []}]}
_LOCKED_OR_LINKED: dict[str, object] = {"security": [{"bearer": []}, {"link": []}]}


def routes(state: State) -> APIRouter:
    """The doors for what is asked later."""
    router = APIRouter(tags=["results"])

    @router.get(
        "/v1/jobs/{job_id}",
        response_model=JobAnswer,
        responses=described(401, 404, 503),
        openapi_extra=_LOCKED,
        summary="A job as it is now",
    )
    async def job(job_id: str, request: Request) -> Response:
        state.admit(request)
        found = await state.reading(state.store.job, _id(job_id))
        if found is None:
            raise Refusal(404, "there is no such job, or it is not kept any more")
        return JSONResponse(JobAnswer.of(found).model_dump(mode="json"))

    for form, media in (("json", "application/json"), ("sarif", "application/sarif+json"), ("html", "text/html")):
        _add_report(router, state, form, media)
    return router


def _add_report(router: APIRouter, state: State, form: str, media: str) -> None:
    async def report(report_id: str, request: Request) -> Response:
        if form == "html":
            state.admit_reader(request, report_id)
        else:
            state.admit(request)
        text = await state.reading(state.store.report, _id(report_id))
        if text is None:
            raise Refusal(404, "there is no such report, or it is not kept any more")
        drawn = text if form == "json" else await asyncio.to_thread(_drawn, text, form)
        headers = {"content-security-policy": PAGE_POLICY} if form == "html" else {}
        return Response(drawn.encode("utf-8", "backslashreplace"), media_type=media, headers=headers)

    schema = {"type": "object"} if form != "html" else {"type": "string"}
    answers = described(401, 404, 503)
    answers[200] = {"description": "the report", "content": {media: {"schema": schema}}}
    router.add_api_route(
        f"/v1/reports/{{report_id}}.{form}",
        report,
        methods=["GET"],
        name=f"report_{form}",
        operation_id=f"report_{form}",
        response_class=Response,
        responses=answers,
        openapi_extra=_LOCKED if form != "html" else _LOCKED_OR_LINKED,
        summary=f"A report as {form.upper()}",
    )


def _drawn(text: str, form: str) -> str:
    from mailcheck.report import CampaignReport, Report
    from mailcheck.reporters import render

    said = json.loads(text)
    for model, tables in ((Report, [said]), (CampaignReport, said["campaigns"])):
        for table in tables:
            for name in model.model_computed_fields:  # they follow from the others, and are not taken from outside
                table.pop(name, None)
    return render(Report.model_validate(said), form)


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Refusal(404, "this is no id")
    return text
