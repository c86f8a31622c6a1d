"""Blocks that cross elements: `{% if a %}<td>x{% endif %}</td>` is broken HTML whenever the condition does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from mailcheck.content.breakage import breakage
from mailcheck.content.markup import Markup
from mailcheck.content.scanning import END, START
from mailcheck.content.tags import Tag

_NAMES = frozenset({"table", "tr", "td", "th", "div", "a"})
_SEEN = ("text", "tag")


def crossings(markup: Markup, tags: Sequence[Tag]) -> Iterator[Tag]:
    """The openers of blocks that hold only one half of an element whose other half stands outside.

    Said only where nothing else can make up for it: the part as a whole is balanced, and no other block holds a half of
    such an element.
    """
    blocks = list(_blocks(tags))
    if not blocks:
        return
    moves = _moves(markup)
    for name in {name for _, name, _ in moves}:
        own = [(at, step) for at, one, step in moves if one == name]
        if sum(step for _, step in own):
            continue
        halves = [(block, net) for block in blocks if (net := _net(own, block))]
        inner = [one for one in halves if not any(_holds(one[0], other[0]) for other in halves)]
        if len(inner) == 1 and abs(inner[0][1]) == 1 and not inner[0][0][2]:
            tag = inner[0][0][0]
            yield replace(tag, breakage=breakage("block_crosses", tag.text, meant=f"<{name}>"))


_Block = tuple[Tag, int, bool]
"""The opener, where the closer begins, and whether there is an else between them."""


def _blocks(tags: Sequence[Tag]) -> Iterator[_Block]:
    stack: list[tuple[Tag, bool]] = []
    for tag in tags:
        if tag.place.kind not in _SEEN or tag.breakage is not None:
            continue
        if tag.kind == "open" and _asks(tag):
            stack.append((tag, False))
        elif tag.kind == "middle" and stack:
            stack[-1] = (stack[-1][0], True)
        elif tag.kind == "close" and stack and _ends(stack[-1][0], tag):
            opener, halved = stack.pop()
            yield opener, tag.span.start, halved


_KEYWORDS = frozenset({"if", "unless", "for", "foreach", "each", "list", "section", "IF", "IFNOT", "range", "with"})


def _ends(opener: Tag, closer: Tag) -> bool:
    return opener.family == closer.family and closer.name in ("", "end", "ENDIF", opener.name)


def _asks(tag: Tag) -> bool:
    """Whether the block may be left out or repeated, as a translation or a layout is not."""
    if tag.family == "braces" and tag.inner.lstrip("~- ")[:1] in ("#", "^"):
        return True
    return tag.name in _KEYWORDS


def _moves(markup: Markup) -> list[tuple[int, str, int]]:
    """Offset, name, and 1 or -1 of every start and end tag that counts."""
    found = []
    for kind, start, _, name in markup.tokens:
        if kind in (START, END) and name in _NAMES:
            found.append((start, name, 1 if kind == START else -1))
    return found


def _net(moves: Sequence[tuple[int, int]], block: _Block) -> int:
    return sum(step for at, step in moves if block[0].span.end <= at < block[1])


def _holds(outer: _Block, inner: _Block) -> bool:
    """Whether a block stands within another one."""
    return outer is not inner and outer[0].span.start < inner[0].span.start and inner[1] < outer[1]
