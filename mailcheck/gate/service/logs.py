"""The log: one JSON object a line, in which nothing can break out of its line, and no address is whole."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from mailcheck.crashes import describe
from mailcheck.masking import mask_addresses

NAME = "mailcheck.gate"
LONGEST = 2000

# C0, C1, what turns the writing round, line and paragraph separators, halves of surrogate pairs.
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


def clean(text: str) -> str:
    """A text from anywhere, fit for a line of the log."""
    return mask_addresses(_UNSAFE.sub(" ", text[:LONGEST]))


class JsonLines(logging.Formatter):
    """Time, level, where from, event and the fields of a record."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": clean(record.getMessage()),
        }
        fields = getattr(record, "fields", {})
        if isinstance(fields, Mapping):
            said |= {
                clean(str(key)): clean(value) if isinstance(value, str) else value for key, value in fields.items()
            }
        if record.exc_info and record.exc_info[1] is not None:
            said["error"] = clean(describe(record.exc_info[1]))
        return json.dumps(said, ensure_ascii=True, default=lambda value: clean(str(value)))


def set_up(stream: TextIO | None = None) -> None:
    """Send the log of this process to a stream, standard error by default; uvicorn's own as well."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.getLogger("uvicorn.access").disabled = True  # it would write paths as they come


def say(event: str, level: int = logging.INFO, *, error: BaseException | None = None, **fields: object) -> None:
    """Write a line."""
    logging.getLogger(NAME).log(level, event, extra={"fields": fields}, exc_info=error)
