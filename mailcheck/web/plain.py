"""The answers that most servers give: read in one go, at a fraction of what it costs to have h11 read them.

Nothing is decided here that h11 might see otherwise: what is not written to the letter (an interim answer, a folded
header, a line that ends oddly, a length that is said twice), and what comes in chunks, is left to it.
"""

from __future__ import annotations

import re

from msgspec import Struct

_STATUS = re.compile(rb"HTTP/1\.1 ([2-5]\d\d) [\t -~\x80-\xff]*\r\n")
_FIELD = re.compile(
    rb"([-!#$%&'*+.^_`|~0-9a-zA-Z]+):[ \t]*+((?:[!-~\x80-\xff]++(?:[ \t]++(?=[!-~\x80-\xff]))?)*+)[ \t]*+\r\n"
)
_LENGTH = re.compile(rb"\d{1,15}")
_WITHOUT_BODY = frozenset((204, 304))


class Head(Struct, frozen=True):
    """The head of an answer.

    Args:
        status: 200 to 599.
        headers: names in lower case.
        length: of the body in bytes; `None` when it ends with the connection.
        end: offset at which the body begins.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    length: int | None
    end: int


def head_of(data: bytes) -> Head | None:
    """The head at the beginning of what a server sent to a GET; `None` when it is not whole, or not plain."""
    found = _STATUS.match(data)
    if found is None or (status := int(found[1])) in _WITHOUT_BODY:
        return None
    headers: list[tuple[bytes, bytes]] = []
    length: int | None = None
    end = found.end()
    while (found := _FIELD.match(data, end)) is not None:
        name, value, end = found[1].lower(), found[2], found.end()
        if name == b"transfer-encoding" or (name == b"content-length" and length is not None):
            return None
        if name == b"content-length":
            if _LENGTH.fullmatch(value) is None:
                return None
            length = int(value)
        headers.append((name, value))
    return Head(status, tuple(headers), length, end + 2) if data.startswith(b"\r\n", end) else None
