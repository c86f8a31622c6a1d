"""Whether a tag stands where a name is greeted."""

from __future__ import annotations

import re
from functools import cache

from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import greeting_pattern
from mailcheck.content.tags import Tag

_MARKUP = lazy(r"<[^<>]{0,200}>")


_TITLE_TAG = lazy(
    r"(?:\{\{[^{}]*(?:title|salut|prefix|anrede|aanhef)[^{}]*\}\}|\*\|[^|]*(?:TITLE|PREFIX)[^|]*\|\*|%%[^%]*(?:Title|Salut)[^%]*%%)\s*\Z",
    re.IGNORECASE,
)
"""A title in front of a last name: the greeting goes on behind it."""


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?:\A|[\s>,.!?])(?i:{greeting_pattern()})[ \u00a0,]*\Z")


def greets_before(text: str, offset: int) -> bool:
    """Whether a greeting word stands right before an offset of readable text."""
    before = text[max(0, offset - 40) : offset].replace("&nbsp;", " ")
    return _before().search(before) is not None


def follows_greeting(tag: Tag) -> bool:
    """Whether a greeting word stands right before the tag, or before the field or title in front of it."""
    text, start = tag.span.part.text, tag.span.start
    window = text[max(0, start - 300) : start]
    before = _MARKUP.sub(" ", window).replace("&nbsp;", " ")
    before = _TITLE_TAG.sub("", before)
    return _before().search(" ".join(before[-80:].split()) + " ") is not None
