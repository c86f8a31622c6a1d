"""What all schemes share: strict reading of headers and times, and the one way to refuse."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Headers = Sequence[tuple[bytes, bytes]]
"""Header fields as they came: names in lower case, values as raw bytes, repetitions kept."""

Reason = Literal[
    "missing_header",
    "repeated_header",
    "malformed_header",
    "malformed_body",
    "stale",
    "no_match",
    "not_local",
    "unknown",
]
"""Why a webhook is refused, for the metric; its sender is told nothing but 401."""

WINDOW = 300
"""Seconds that a signed time may lie before or after ours (Standard Webhooks 1.0 and its libraries: five minutes)."""

LONGEST = 4096
"""Characters of the longest header value that is looked at."""

_TIME = re.compile(r"[0-9]{1,12}")
_ID = re.compile(r"[!-~]{1,256}")


class Refused(Exception):  # noqa: N818 - an answer, not a mistake
    """A webhook is not what its sender would have sent; `reason` is one of `Reason`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verified webhook holds.

    Args:
        webhook_id: what it is known by when it is repeated; printable ASCII, at most 256 characters.
        content: what its sender vouches for: the body, or what was signed inside of it.
    """

    webhook_id: str
    content: bytes


Verifier = Callable[[Headers, bytes, float], Verified]
"""Headers, raw body and our time (seconds since 1970) of a webhook; raises `Refused` and nothing else."""


def single(headers: Headers, name: str) -> str:
    """The value of a header that must be there once.

    Raises:
        Refused: it is missing, repeated, too long or not ASCII.
    """
    values = [value for key, value in headers if key.lower() == name.encode()]
    if not values:
        raise Refused("missing_header")
    if len(values) > 1:
        raise Refused("repeated_header")
    if len(values[0]) > LONGEST or not values[0].isascii():
        raise Refused("malformed_header")
    return values[0].decode("ascii")


def identifier(text: str) -> str:
    """A webhook id as a sender chose it.

    Raises:
        Refused: it is empty, too long, or has characters that are not printable ASCII.
    """
    if not _ID.fullmatch(text):
        raise Refused("malformed_header")
    return text


def fresh(text: str, now: float) -> None:
    """Demand that a time in whole seconds is within the window.

    Raises:
        Refused: it is no whole number, or too far from our time.
    """
    if not _TIME.fullmatch(text):
        raise Refused("malformed_header")
    if not abs(now - int(text)) <= WINDOW:  # so written, a time that is not a number is refused
        raise Refused("stale")


def from_base64(text: str, *, url: bool = False) -> bytes:
    """Bytes of base64 text without anything that does not belong there; padding may be left out.

    Raises:
        ValueError: it is none.
    """
    try:
        padded = text.rstrip("=").encode("ascii") + b"=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded, altchars=b"-_" if url else None, validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError("not base64") from None
