"""Filler text that people write about, and do not mean to replace."""

from __future__ import annotations

from mailcheck.content.lazily import lazy

_NEAR = 300
_QUOTES = tuple("\"'“‘„«")
_MENTION = lazy(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PROSE_BEFORE = lazy(r"[^\W\d_]{2,} [\"'“‘„«]?\Z")
_PROSE_BEHIND = lazy(r"[\"'”’“»]?(?:[.,;:!?]? [^\W\d_]|[.!?]?(?:[\r\n<]|\Z))")


def is_mentioned(text: str, start: int, end: int, telling: frozenset[str]) -> bool:
    """Whether people write about filler text, in a sentence of theirs: “why lorem ipsum is bad”.

    Args:
        telling: words of those who write about it.
    """
    if text[end : end + 7].strip(" ,.").startswith("dolor"):
        return False
    if not _PROSE_BEFORE.search(text[max(0, start - 40) : start]) or not _PROSE_BEHIND.match(text, end):
        return False
    quoted = text[start - 1 : start] in _QUOTES
    before = text[max(0, start - _NEAR) : start].rpartition("\n")[2]
    behind = text[end : end + _NEAR].partition("\n")[0]
    return quoted or not telling.isdisjoint(_MENTION.findall(f"{before} {behind}".lower()))
