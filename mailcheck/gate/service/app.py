"""The application: routes, errors, the guard around them, and its description."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from mailcheck import __version__
from mailcheck.gate.links import KEY
from mailcheck.gate.service import activation, checks, health, hooks, problems, reports
from mailcheck.gate.service.guard import Guard
from mailcheck.gate.service.state import State


def create_app(state: State) -> ASGIApp:
    """The service as an ASGI application. What it works with is started and ended by whoever made it."""
    app = FastAPI(
        title="mailcheck gate",
        version=__version__,
        description="Stands between “schedule” and the sending service. Errors are problem details (RFC 9457).",
        docs_url=None,  # they would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    for part in (checks, hooks, activation, reports, health):
        app.include_router(part.routes(state))
    _describe(app)
    return Guard(app, state.metrics)


def _describe(app: FastAPI) -> None:
    """Complete the OpenAPI description by what FastAPI cannot know."""
    described = app.openapi()
    parts = described.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = problems.Problem.model_json_schema()
    for operations in described["paths"].values():
        for operation in operations.values():
            # Added for every path with a name in it, though any text is a name.
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                del operation["responses"]["422"]
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "link": {"type": "apiKey", "in": "query", "name": KEY, "description": "stands in the links of alerts"},
    }
