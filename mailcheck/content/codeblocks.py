"""Blocks of program code in `<% %>` tags: Ruby's `do … end`, JavaScript's braces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from mailcheck.content.breakage import breakage
from mailcheck.content.lazily import lazy
from mailcheck.content.tags import Tag

_STRINGS = lazy(r"\"(?:[^\"\\\r\n]|\\.)*+\"|'(?:[^'\\\r\n]|\\.)*+'|`[^`]*+`|/\*.*?\*/")
_COMMENT = lazy(r"//[^\r\n]*")
_OPENS = lazy(r"\A[-=@]*\s*(?:if|unless|case|while|until|for|begin|foreach)\b|\bdo\b\s*(?:\|[^|]*\|)?\s*-?\Z")
_OPENS_INSIDE = lazy(r"\S\s+(?:if|case|begin)\b")
_CLOSES = lazy(r"\A[-@]*\s*end(?:if|for|foreach|while|unless|switch)?\b|(?:;|\s)end\s*-?\Z")


def faults(tags: Sequence[Tag]) -> Iterator[Tag]:
    """The tags whose block is never closed, or that close none."""
    code = [tag for tag in tags if tag.family == "erb" and tag.breakage is None and not tag.inner.startswith("#")]
    if not code:
        return
    bare = {id(tag): _COMMENT.sub("", _STRINGS.sub("''", tag.inner)) for tag in code}
    braces = any("{" in text.rpartition("->")[2] and text.count("{") != text.count("}") for text in bare.values())
    step = _brace_step if braces else _ruby_step
    if not braces and not any(_CLOSES.search(text) for text in bare.values()) and not _speaks_ruby(bare.values()):
        return
    stack: list[Tag] = []
    for tag in code:
        for move in step(bare[id(tag)]):
            if move > 0:
                stack.append(tag)
            elif stack:
                stack.pop()
            else:
                yield replace(tag, breakage=breakage("block_close", tag.text))
                break
    closer = "<% } %>" if braces else "<% end %>"
    for tag in stack:
        yield replace(tag, breakage=breakage("block_open", tag.text, meant=closer))


def _speaks_ruby(texts: Iterable[str]) -> bool:
    return any(_OPENS.search(text) and "(" not in text[:12] for text in texts)


def _brace_step(text: str) -> list[int]:
    return [1 if character == "{" else -1 for character in text if character in "{}"]


def _ruby_step(text: str) -> list[int]:
    opens, closes = _OPENS.search(text) is not None, _CLOSES.search(text) is not None
    if closes and _OPENS_INSIDE.search(text):
        return []
    return [] if opens and closes else [1] if opens else [-1] if closes else []
