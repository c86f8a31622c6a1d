"""What is told of people: how many, and a few of them, masked."""

from __future__ import annotations

import re

from msgspec import Struct

from mailcheck.masking import mask_address

EXAMPLES = 3

_WHOLE = re.compile(r"[^@\s]++@[^@\s.][^@\s]*\.[a-zA-Z0-9-]{2,24}")


class Tally(Struct, frozen=True):
    """How many people something is true of.

    Args:
        count: people, or rows where the method says so.
        examples: a few of them, masked.
    """

    count: int
    examples: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.count > 0


NOBODY = Tally(0)


class Coverage(Struct, frozen=True):
    """What a field of the recipients holds, in rows: every row counts in exactly one.

    Args:
        fine: something to be mailed.
        empty: nothing, or only spaces.
        null_like: a program's word for nothing: `null`, `n/a`, `None`.
        markup: a merge tag, an HTML tag or an entity.
        capitals: shouted: three capitals or more and no small letter.
        examples: masked addresses of some whose value is empty, null-like or markup.
    """

    field: str
    fine: int
    empty: int
    null_like: int
    markup: int
    capitals: int
    examples: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return self.fine + self.empty + self.null_like + self.markup + self.capitals


def masked(address: object) -> str:
    """An address, or what stands in its place, so that nobody is known by it."""
    text = str(address)
    if _WHOLE.fullmatch(text):
        local, _, domain = text.rpartition("@")
        return mask_address(local, domain)
    # Whatever else stands in the column of the addresses: a name, a note, several addresses.
    return f"{text[:1]}…@…" if "@" in text[1:] else f"{text[:1]}…"
