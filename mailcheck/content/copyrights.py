"""The years of copyright notices."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.dates_located import PartText
from mailcheck.content.lazily import lazy

_YEAR = r"(?<![\d.#-])((?:19|20)\d\d)(?:,\s?(?:19|20)\d\d){0,12}?"
_LAST = r"(?:\s?[-–—/,]\s?((?:19|20)\d\d|(?<![,]\s)(?<!,)\d\d)(?!\d)(?![-.]\d))?(?!\d)(?![-./]\d)(?!,\s?(?:19|20)\d\d)"
_SIGN = r"(?:©|\(c\)|\(C\))[\s\u00a0]{0,3}(?:(?i:copyright)[\s\u00a0]{0,3})?[^\n\d©{}%*$]{0,40}?"
_HOLDER = r"(?!Act\b|Law\b|Agency\b|Office\b|Directive\b)[A-Z][\w&.'’-]{0,24},?[\s\u00a0]+"
_WORD = rf"\b(?i:copyright|copr\.)[\s\u00a0]+(?:c[\s\u00a0]+)?(?:by[\s\u00a0]+)?(?:{_HOLDER}){{0,5}}?"
_NOTICE = lazy(rf"(?:{_SIGN}|{_WORD}){_YEAR}{_LAST}")


class Copyright(Struct, frozen=True):
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
