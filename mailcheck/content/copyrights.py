"""The years of copyright notices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailcheck.campaign import Span
from mailcheck.content.dates_located import PartText

_NOTICE = re.compile(
    r"(?:©|\(c\)|\bcopyright\b|\bcopr\.)[\s\u00a0]{0,3}(?:©|\(c\)|copyright)?"
    r"[^\n\d©{}%*$]{0,40}?(?<![\d.,#-])((?:19|20)\d\d)(?:\s?[-–—/]\s?((?:19|20)?\d\d)(?!\d)(?![-.]\d))?(?!\d)"
    r"(?![-.,/]\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Copyright:
    """A copyright notice and its last year.

    Args:
        span: the place of that year.
        year: the year.
        short: it is written with two digits, behind a dash.
    """

    span: Span
    year: int
    short: bool = False


def copyrights(text: PartText) -> Iterator[Copyright]:
    """The notices of a part, in order."""
    for match in _NOTICE.finditer(text.text):
        group = 2 if match[2] else 1
        said = match[group]
        year = int(said) if len(said) == 4 else int(match[1]) // 100 * 100 + int(said)
        yield Copyright(text.span(match.start(group), match.end(group)), year, len(said) == 2)
