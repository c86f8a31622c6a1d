"""How the findings about merge tags speak of a tag, its place and its service."""

from __future__ import annotations

from mailcheck.content.tags import Tag

PLACES = {
    "subject": "in the subject line",
    "preheader": "in the preheader",
    "from": "in the sender",
    "reply-to": "in the reply-to address",
    "text": "in the text part",
}


def place(tag: Tag) -> str:
    """` in the subject line`, to stand behind a tag; nothing where it stands in the text."""
    if tag.span.part.name in PLACES:
        return f" {PLACES[tag.span.part.name]}"
    return " in a link" if tag.place.is_url else ""


def quote(text: str) -> str:
    """A tag in one line, cut where it is long."""
    folded = " ".join(text.split())
    return folded if len(folded) <= 60 else f"{folded[:59]}…"


def short(name: str) -> str:
    """The name of a service without what it was called before."""
    return name.partition(" (")[0]
