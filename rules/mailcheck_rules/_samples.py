"""What a natural template leaves behind where it was never filled in."""

from __future__ import annotations

from mailcheck import Problem, Problems
from mailcheck.content.markup import Markup
from mailcheck_rules._words import count, has_have, listed


def left_over(markup: Markup | None) -> Problems:
    """The samples of a rendered mail: one problem for all of them."""
    samples = markup.samples if markup is not None else ()
    if not samples:
        return
    texts = list(dict.fromkeys(one.text for one in samples if one.text))
    read = (
        f"recipients read the samples in it: {listed(f'“{text[:40]}”' for text in texts)}" if texts else "it is empty"
    )
    first = samples[0].attribute
    yield Problem(
        f"The template was not filled in: {count(len(samples), 'element')} still {has_have(len(samples))} {first.text} or "
        f"the like, and {read}. Render it before it is sent.",
        at=first,
        data={"elements": len(samples)},
    )
