"""How the service and its nursery of workers speak: frames of a JSON head and bytes, over pipes."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping

_SIZES = struct.Struct(">II")
SIZES = _SIZES.size

Head = Mapping[str, object]


class Cut(Exception):  # noqa: N818 - a state, not a mistake
    """The other side is gone."""


def pack(head: Head, body: bytes = b"") -> bytes:
    """A frame."""
    said = json.dumps(head).encode()
    return _SIZES.pack(len(said), len(body)) + said + body


def sizes(prefix: bytes) -> tuple[int, int]:
    """How long head and body of a frame are, from its first `SIZES` bytes."""
    head, body = _SIZES.unpack(prefix)
    return int(head), int(body)


def read(take: Callable[[int], bytes]) -> tuple[Head, bytes]:
    """The next frame.

    Args:
        take: gives so many bytes, fewer at the end.

    Raises:
        Cut: there is none.
    """
    prefix = take(SIZES)
    if len(prefix) < SIZES:
        raise Cut
    length, size = sizes(prefix)
    head, body = take(length), take(size)
    if len(head) < length or len(body) < size:
        raise Cut
    found: Head = json.loads(head)
    return found, body
