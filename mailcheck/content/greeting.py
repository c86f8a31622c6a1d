"""Whether a tag stands where a name is greeted."""

from __future__ import annotations

import re
from functools import cache

from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import greeting_pattern, greetings
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


@cache
def _last_letters() -> frozenset[str]:
    """The last two letters of every greeting: before most tags stand others, which spares the search."""
    return frozenset(word[-2:].lower() for words in greetings().values() for word in words)


def greets_before(text: str, offset: int) -> bool:
    """Whether a greeting word stands right before an offset of readable text."""
    before = text[max(0, offset - 40) : offset].replace("&nbsp;", " ")
    return _before().search(before) is not None


def follows_greeting(tag: Tag) -> bool:
    """Whether a greeting word stands right before the tag, or before the field or title in front of it."""
    text, start = tag.span.part.text, tag.span.start
    window = text[max(0, start - 300) : start]
    before = _MARKUP.sub(" ", window).replace("&nbsp;", " ")
    before = " ".join(_TITLE_TAG.sub("", before)[-80:].split())
    return before.rstrip(" ,")[-2:].lower() in _last_letters() and _before().search(before + " ") is not None
