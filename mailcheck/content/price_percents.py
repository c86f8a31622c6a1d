"""Percentages that are taken off a price: `20 % off`, `-30%`, `Sie sparen 15 %`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from mailcheck.content.lazily import lazy

_PERCENT = lazy(r"(?<![\d.,/])(\d{1,2}(?:[.,]\d)?)[ \u00a0\u202f]?[%％](?![\w%])")
_BEHIND = lazy(
    r"[ \u00a0)*]{0,3}(?:off\b|discount|cheaper|less\b|reduction|rabat|nachlass|reduziert|günstiger|billiger|avslag"
    r"|korting|goedkoper|(?:de |di |d['’])?(?:réduction|remise|descuento|desconto|sconto)|dto\b|alennus|taniej|zniżki"
    r"|sleva|slevy|levněji|kedvezmény|reducere|indirim|скид|割引|オフ)",
    re.IGNORECASE,
)
_BEFORE = lazy(
    r"(?:(?:^|[\s(>:|])[-–−]|\b(?:sav(?:e|ed|ing)s?(?: of)?|spar|spare|spart|sparen(?: sie)?|sie sparen|bespaar"
    r"|économisez|ahorra|risparmia?|economize|discount|rabatt?|korting|remise|descuento|desconto|sconto|sleva|alennus)"
    r"[:\s]{1,2})[ \u00a0]?$",
    re.IGNORECASE,
)
_OTHERS = lazy(
    r"\b(?:up to|upto|as much as|bis zu|opptil|inntil|upptill|upp till|op til|tot|jusqu|hasta|até|fino al?|až|nawet"
    r"|do|extra|additional|further|another|zusätzlich|weiter|ekstra|ytterligere|supplément|adicional|ulterior|over"
    r"|more than|mehr als|mindestens|minst|at least|from|ab|fra|från|dès|about|almost|nearly|ca|around|circa)\b[^.!?\n]{0,24}$",
    re.IGNORECASE,
)
_MORE = lazy(
    r"^[^.!?\n\d]{0,30}\b(?:extra|additional|with (?:the )?code|when you|if you|your (?:first|next)"
    r"|everything|all|orders?|site-?wide|store-?wide|selected|alles|alle|allt|tout|tutto|todo|wszystko)\b",
    re.IGNORECASE,
)


class Percent(Struct, frozen=True):
    """A percentage taken off.

    Args:
        value: the number, 20 for `20 %`.
        span: (start, end) in the text: number and sign.
    """

    value: Decimal
    span: tuple[int, int]


def find_percents(text: str, start: int = 0, end: int | None = None) -> Iterator[Percent]:
    """The percentages taken off in `text[start:end]`, without those of other prices: `up to`, `extra`, with a code."""
    end = len(text) if end is None else end
    for match in _PERCENT.finditer(text, start, end):
        before, behind = (
            text[max(start, match.start() - 48) : match.start()],
            text[match.end() : min(end, match.end() + 48)],
        )
        if not (_BEHIND.match(behind) or _BEFORE.search(before) or _is_saving(before, behind)):
            continue
        if not _OTHERS.search(before) and not _MORE.search(behind):
            yield Percent(Decimal(match[1].replace(",", ".")), match.span())


def _is_saving(before: str, behind: str) -> bool:
    """`You save $10 (20%)`."""
    return bool(re.search(r"\bsav(?:e|ings?)\b[^%\n]{1,20}\($", before, re.IGNORECASE)) and behind.startswith(")")
