"""Errors as RFC 9457 problem details, that repeat nothing of what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457. `title` names the status, `detail` says what to do."""

    type: str = Field(default="about:blank", description="always `about:blank`: the status says what kind it is")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = ""
    instance: str = Field(default="", description="the id under which the log has this request")


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake
    """Ends a request with a problem.

    Args:
        detail: one sentence of our own; nothing that was sent, no address, no secret.
        headers: of the answer.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def answer(status: int, detail: str, instance: str, headers: Mapping[str, str] | None = None) -> Response:
    """The response for a problem."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    said = Problem(title=title, status=status, detail=detail, instance=instance)
    content = json.dumps(said.model_dump()).encode()
    return Response(content, status, headers=dict(headers or {}), media_type=MEDIA)


def install(app: FastAPI) -> None:
    """Let every error of the framework and of our own be a problem."""

    def refused(request: Request, error: Exception) -> Response:
        if not isinstance(error, Refusal):
            return raised(request, error)
        return answer(error.status, error.detail, instance_of(request), error.headers)

    def raised(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        return answer(status, _DETAILS.get(status, ""), instance_of(request), headers)

    def malformed(request: Request, _error: Exception) -> Response:
        return answer(422, "the request is not as the description of the interface says", instance_of(request))

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(HTTPException, raised)
    app.add_exception_handler(Exception, raised)
    app.add_exception_handler(RequestValidationError, malformed)


_DETAILS = {
    404: "there is nothing here",
    500: "this is a fault of the service; its log has it",
    405: "this address takes other methods; the header Allow names them",
}


def instance_of(request: Request) -> str:
    """The id under which the log has a request."""
    found = request.scope.get("mailcheck.instance", "")
    return found if isinstance(found, str) else ""


def described(*statuses: int) -> dict[int | str, dict[str, object]]:
    """What OpenAPI says of the problems of an operation."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA: {"schema": schema}}}
        for status in statuses
    }
