"""Names in brackets or braces that only their place makes a tag: alone in a link, or behind a greeting."""

from __future__ import annotations

from mailcheck.content.greeting import greets_before
from mailcheck.content.lazily import lazy
from mailcheck.content.pairs import Found
from mailcheck.content.prompts import SLOTS
from mailcheck.content.stretches import Stretch

_NAME = lazy(r"[A-Za-z]\w*(?:[.\-]\w+)*\Z")


def fills_link(stretch: Stretch, start: int, end: int) -> bool:
    """Whether `text[start:end]` is a whole address, of a link or a picture; no address begins with a bracket."""
    text = stretch.text
    alone = text[start - 1 : start] in ("", "\n") and text[end : end + 1] in ("", "\n")
    return alone and stretch.place_here(start).is_url


def is_slot(stretch: Stretch, found: Found, inner: str, families: frozenset[str]) -> bool:
    """Whether the place of a weak tag says that it is one, or was meant as one.

    Args:
        stretch: the text that holds it.
        found: the tag in the readable text.
        inner: what stands between its delimiters.
        families: those of the declared dialect; empty when none is declared.
    """
    if found.family == "bracket1":
        return _NAME.match(inner) is not None and inner not in SLOTS and fills_link(stretch, found.start, found.end)
    # Where tags have two braces, a name in one is what is left of a tag, or another service's.
    if found.family != "brace1" or "braces" not in families or "brace1" in families:
        return False
    if _NAME.match(inner.strip()) is None:
        return False
    return fills_link(stretch, found.start, found.end) or greets_before(stretch.text, found.start)
