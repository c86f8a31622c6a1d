"""The addresses in a style sheet or a `style` attribute: `url(…)` and `@import`.

Tokens as in CSS Syntax Module Level 3; comments are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailcheck.content.lazily import lazy

_FOUND = lazy(
    r"/\*.*?(?:\*/|\Z)"
    r"""|url\(\s*+(?:"([^"]*+)"|'([^']*+)'|&quot;(.{0,2000}?)&quot;|&\#39;(.{0,2000}?)&\#39;|([^"'()\s]++))\s*+\)"""
    r"""|@import\s++(?:"([^"]*+)"|'([^']*+)')""",
    re.IGNORECASE | re.DOTALL,
)

_ENDS = lazy(r"[;{}]|-->|<!--")
_NO_PICTURE = lazy(r"(?:\s++|/\*.*?\*/)*+(?:src|@import|@namespace|cursor|filter|clip-path)", re.IGNORECASE | re.DOTALL)
"""How declarations begin whose addresses are those of fonts, style sheets, mouse pointers, filters."""


def addresses(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Start and end of every address in `text[start:end]`, and whether it is another style sheet or a font."""
    at, other = start, _NO_PICTURE.match(text, start, end) is not None
    for match in _FOUND.finditer(text, start, end):
        *_, last = (None, *_ENDS.finditer(text, at, match.start()))
        if last is not None:
            other = _NO_PICTURE.match(text, last.end(), end) is not None
        at, group = match.end(), match.lastindex
        if group is not None and match.end(group) > match.start(group):
            yield *match.span(group), other or group > 5
