"""How much input is read before mailcheck refuses to judge it."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Bounds on one input. What is over a bound is not read, and that is a blocking fault.

    Args:
        bytes: size of one file.
        lines: lines of a mail; bounds the work of the MIME parser.
        mime_parts: MIME parts of a mail, multiparts included.
        mime_depth: multiparts and mails within each other.
        headers: header fields of a mail, those of its parts included.
        header_bytes: all of them together.
        header_value_bytes: one of them.
        html_depth: elements within each other.
        attributes: attributes of one element.
    """

    bytes: int = 10 * 1024 * 1024
    lines: int = 200_000
    mime_parts: int = 500
    mime_depth: int = 30
    headers: int = 5_000
    header_bytes: int = 1024 * 1024
    header_value_bytes: int = 32 * 1024
    html_depth: int = 200
    attributes: int = 500


LIMITS = Limits()
