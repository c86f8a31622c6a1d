"""The HTTP service of the gate. FastAPI is imported here and nowhere else.

FastAPI, because it makes the OpenAPI description that the tests attack, and people know it. Limits, errors, log and
keys are small and our own, since they are what the service is about.
"""

from __future__ import annotations

from mailcheck.gate.service.app import create_app
from mailcheck.gate.service.serving import prepare, serve
from mailcheck.gate.service.state import State

__all__ = ["State", "create_app", "prepare", "serve"]
