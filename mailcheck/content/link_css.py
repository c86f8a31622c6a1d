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

_BEFORE = lazy(r"\A.*(?:[;{}]|\*/|-->|<!--)", re.DOTALL)


def addresses(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Start and end of every address in `text[start:end]`, and whether it is another style sheet or a font."""
    for match in _FOUND.finditer(text, start, end):
        group = match.lastindex
        if group is not None and match.end(group) > match.start(group):
            yield *match.span(group), group > 5 or _is_no_picture(text, start, match.start())


def _is_no_picture(text: str, start: int, at: int) -> bool:
    """Whether it is a font, an import, a mouse pointer, a filter."""
    declaration = text[max(start, at - 300) : at]
    head = _BEFORE.sub("", declaration).lstrip().lower()
    return head.startswith(("src", "@import", "@namespace", "cursor", "filter", "clip-path"))
