"""Names of columns: compared without what lists write differently, and told only where they are names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache

from msgspec import Struct

from mailcheck.audience.known import entries

MOST_SHOWN = 12

_ACCENTS = re.compile("([a-z])[\u0300-\u036f]+")
_PART = re.compile(r"[^\W\d_]?[^\WA-Z\d_]+|[A-Z]+")
_DIGIT = re.compile(r"\d")
_MANY_DIGITS = 6
"""From so many on, a cell is a date, a telephone number or the number of a customer, and no heading."""


@lru_cache(maxsize=8_192)
def squeezed(name: str) -> str:
    """A name of a column without case, the accents of Latin letters, and punctuation.

    Letters, digits and vowel signs of any script stay, in their compatibility form (NFKC).

    Returns:
        an empty text for a name of nothing but marks, which is the same as no other name.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    composed = unicodedata.normalize("NFKC", _ACCENTS.sub(r"\1", plain))
    return "".join(letter for letter in composed if unicodedata.category(letter)[0] in "LNM")


@cache
def _words() -> frozenset[str]:
    """Words that stand in headings, and hardly ever in the data of people."""
    return frozenset(map(squeezed, entries("heading-words")))


class Shown(Struct, frozen=True):
    """What a sentence may tell of the columns of a list.

    Args:
        text: such as `it has email, name`, or how many columns there are.
        are_headings: whether the names are surely headings, so that they may be told.
    """

    text: str
    are_headings: bool


def shown_columns(names: Collection[str]) -> Shown:
    """What is told of the names of columns: in a list without headings, the first row holds somebody's data."""
    if are_headings(names):
        return Shown(f"it has {', '.join(list(names)[:MOST_SHOWN])}", True)
    columns = "1 column, whose name is" if len(names) == 1 else f"{len(names):,} columns, whose names are"
    return Shown(f"it has {columns} not told here, as the first row may be somebody's data and no headings", False)


def are_headings(names: Collection[str]) -> bool:
    """Whether names of columns are names: one at least is known, and none looks like a value."""
    if any("@" in name or len(_DIGIT.findall(name)) >= _MANY_DIGITS for name in names):
        return False
    return any(map(_is_known, names))


def _is_known(name: str) -> bool:
    parts = [squeezed(part) for part in _PART.findall(name)]
    return squeezed(name) in _words() or (bool(parts) and all(part in _words() for part in parts))
