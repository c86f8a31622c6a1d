"""Limits of what is judged, counted on tokens: no tree is built of what no parser survives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mailcheck.campaign import Fault, Span
from mailcheck.content.scanning import END, START
from mailcheck.content.vocabulary import VOID

if TYPE_CHECKING:
    from mailcheck.content.markup import Markup


class TooComplexError(Exception):
    """No tree can be built: a limit is exceeded. The text says which."""


def exceeded(markup: Markup, *, depth: int, attributes: int, tokens: int) -> tuple[Fault, ...]:
    """The limits that a markup exceeds."""
    return tuple(_exceeded(markup, depth, attributes, tokens))


def _exceeded(markup: Markup, depth: int, attributes: int, tokens: int) -> Iterator[Fault]:
    part, found = markup.part, markup.tokens
    if len(found) > tokens:
        over = found[tokens]
        yield Fault(
            "limit",
            f"This {part.name} part has {len(found):,} tags and comments; mailcheck reads {tokens:,}. Make it smaller.",
            Span(part, over[1], over[2]),
        )
        return
    deepest = markup.structure.depth if _could_exceed(markup, depth) else 0
    if deepest > depth:
        yield Fault(
            "limit",
            f"Elements are nested {deepest:,} deep; mailcheck and mail clients read {depth:,} levels. "
            "Look for tags that are not closed, and flatten the layout.",
            _first_beyond(markup, depth),
        )
    # A tag with that many attributes is at least twice as long, since a space or slash parts them.
    for token in found:
        if token[0] == START and token[2] - token[1] > 2 * attributes and len(markup.attributes(token)) > attributes:
            yield Fault(
                "limit",
                f"The tag <{token[3][:40]}> has {len(markup.attributes(token)):,} attributes; mailcheck reads "
                f"{attributes:,}. Look for a quote that is not closed.",
                Span(part, token[1], token[2]),
            )
            return


def _could_exceed(markup: Markup, depth: int) -> bool:
    """A cheap upper bound: every start tag counts until its end tag comes, closed by others or not."""
    level = 0
    for kind, _, _, name in markup.tokens:
        if kind == START:
            if name not in VOID:
                level += 1
                if level > depth:
                    return True
        elif kind == END and level:
            level -= 1
    return False


def _first_beyond(markup: Markup, depth: int) -> Span | None:
    structure, levels = markup.structure, [0]
    for number, parent in zip(structure.tokens, structure.parents, strict=True):
        levels.append(levels[parent + 1] + 1)
        if levels[-1] > depth:
            _, start, end, _ = markup.tokens[number]
            return Span(markup.part, start, end)
    return None
