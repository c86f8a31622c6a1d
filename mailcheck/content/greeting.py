"""Whether a tag stands where a name is greeted."""

from __future__ import annotations

import re
from functools import cache

from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import closings, greeting_pattern, greetings
from mailcheck.content.tags import Tag

_MARKUP = lazy(r"<[^<>]{0,200}>")


_TITLE_TAG = lazy(
    r"(?:\{\{[^{}]*(?:title|salut|prefix|anrede|aanhef)[^{}]*\}\}|\*\|[^|]*(?:TITLE|PREFIX)[^|]*\|\*|%%[^%]*(?:Title|Salut)[^%]*%%)\s*\Z",
    re.IGNORECASE,
)
"""A title in front of a last name: the greeting goes on behind it."""


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?:\A|[\s>,.!?])((?i:{greeting_pattern()}))[ \u00a0,]*\Z")


@cache
def _last_letters() -> frozenset[str]:
    """The last two letters of every greeting: before most tags stand others, which spares the search."""
    return frozenset(word[-2:].lower() for words in greetings().values() for word in words)


def greets_before(text: str, offset: int) -> bool:
    """Whether a greeting word stands right before an offset of readable text."""
    before = text[max(0, offset - 40) : offset].replace("&nbsp;", " ")
    return _before().search(before) is not None


def follows_greeting(tag: Tag) -> bool:
    """Whether a greeting word stands right before the tag, or before the field or title in front of it.

    A word that also ends mails, `Thanks`, greets only who is named on the same line: below it stands the sender.
    """
    text, start = tag.span.part.text, tag.span.start
    window = text[max(0, start - 300) : start]
    before = _MARKUP.sub(" ", window).replace("&nbsp;", " ")
    before = " ".join(_TITLE_TAG.sub("", before)[-80:].split())
    if before.rstrip(" ,")[-2:].lower() not in _last_letters():
        return False
    greeting = _before().search(before + " ")
    if greeting is None:
        return False
    return greeting[1].casefold() not in closings() or not _ends_line(window, greeting[1], tag.span.part.media)


_LINE_END = lazy(
    r"</?(?:p|td|th|tr|table|div|br|h[1-6]|li|ul|ol|dd|dt|body|center|section|hr|blockquote|mj-[a-z\-]+)\b",
    re.IGNORECASE,
)


def _ends_line(window: str, word: str, media: str) -> bool:
    """Whether a line ends between the last place of a word and the end of the window, as readers see it."""
    behind = window[window.rfind(word.rsplit(maxsplit=1)[-1]) :]
    return ("\n" in behind if media == "text" else _LINE_END.search(behind) is not None) or "\n\n" in behind
