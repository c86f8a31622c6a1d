"""Which addresses of a message are asked for, and which are never requested, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from msgspec import Struct

from mailcheck.content.images import Images
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG
from mailcheck.content.link_around import effect_in_place
from mailcheck.content.link_groups import is_settled
from mailcheck.content.links import Link, Links
from mailcheck.content.unsubscribe import Effect, Sort, effect
from mailcheck.urls import InvalidUrl, Url, parse

Unasked = Literal["merge-tags", "settings", "redirect"] | Sort
"""Why an address was not requested: it acts, or leads on to one that does; it has a merge tag; the settings say so."""

# What is still to be filled in, whether or not some service knows it as a tag.
_UNFILLED = lazy(
    r"\{\{|\}\}|\{%|\*\||\|\*|%%|[$#@]\{|<%|\[\[|%7b%7b|%7d%7d|\*%7c|%7c\*|\{[a-z_][\w.]*\}"
    # `filter[price]=9` is a form of PHP, and `%d0%be` two letters.
    r"|(?<![\w\]])\[[a-z_][\w.]*\]|%(?:(?![0-9a-f]{2})[a-z_]{3,}|[a-z_]{5,})%",
    re.IGNORECASE,
)
_ARRAY = lazy(r"(?<=[\w\]])\[[\w.\-]+\](?=[=&\[])")


class Question(Struct, frozen=True, eq=False):
    """One address that is asked for once.

    Args:
        url: as its first link has it.
        links: every place where it stands, in order; never empty.
        picture: a client loads it as a picture.
        page: a reader follows it.
        effect: what requesting it would do, which then is not done; `None` when nothing.
    """

    url: str
    links: tuple[Link, ...]
    picture: bool
    page: bool
    effect: Effect | None = None


@dataclass(frozen=True, eq=False)
class Guard:
    """Says of every address, also of those that others redirect to, why it must not be requested.

    Args:
        acting: what the message's own addresses do, by their normal form.
        header: the addresses of the `List-Unsubscribe` header.
        is_page: readers open what is asked; pictures are only looked at for what counts them.
    """

    acting: Mapping[str, Effect]
    header: tuple[str, ...] = ()
    is_page: bool = True
    _said: dict[str, str | None] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, url: Url) -> str | None:
        # The client asks before it takes a turn, and again before each try.
        if url.text not in self._said:
            found = self.acting.get(url.normal) or effect(url.text, header=self.header, is_page=self.is_page)
            self._said[url.text] = None if found is None else f"Not requested, because {found}."
        return self._said[url.text]


class Plan(Struct, frozen=True, eq=False):
    """What is asked about a message.

    Args:
        questions: in the order of the message, each address once; also those that the guards will hold back.
        unasked: how many addresses are never handed to the client, by reason.
        pages, pictures: what the client asks before each request.
    """

    questions: tuple[Question, ...]
    unasked: Mapping[Unasked, int] = msgspec.field(default_factory=dict)
    pages: Guard = msgspec.field(default_factory=lambda: Guard({}))
    pictures: Guard = msgspec.field(default_factory=lambda: Guard({}, is_page=False))


def plan(links: Links, images: Images) -> Plan:
    """What to ask about a message.

    Args:
        links: its addresses. Web addresses that readers follow or that clients load as pictures are asked for.
        images: its pictures, of which those one pixel in size are there to be counted.
    """
    pixels = {one.link for one in images if one.link is not None and one.is_pixel}
    groups: dict[str, list[Link]] = {}
    acting: dict[str, Effect] = {}
    unasked: Counter[Unasked] = Counter()
    for link in links.of_kind("link", "text", "image", "form", "unsubscribe"):
        if not link.is_web or is_settled(link):
            continue
        if _is_unfilled(link):
            unasked["merge-tags"] += 1
            continue
        key = _normal(link)
        found = _PIXEL if link in pixels else effect_in_place(link, links)
        if found is not None:
            acting.setdefault(key, found)
        if link.kind in ("form", "unsubscribe"):
            unasked["form" if link.kind == "form" else "unsubscribe"] += 1
        else:
            groups.setdefault(key, []).append(link)
    header = tuple(one.shape for one in links.of_kind("unsubscribe") if not one.has_tags)
    questions = tuple(_question(key, found, acting) for key, found in groups.items())
    return Plan(questions, unasked, Guard(acting, header), Guard(acting, header, is_page=False))


_PIXEL = Effect("tracked", "it is one pixel in size, and so there to be counted")


def _is_unfilled(link: Link) -> bool:
    """Whether something in an address is still to be filled in, as far as one can see."""
    if _UNFILLED.search(link.written):
        return True
    # Elsewhere brackets are left to be tags; here they would keep half of the shops from being checked.
    return link.has_tags and (bool(link.tags) or _ARRAY.sub(TAG, link.written) != link.shape)


def _normal(link: Link) -> str:
    """What is the same for all links that lead to the same answer; the text itself where it cannot be read."""
    try:
        return parse(link.written).normal
    except InvalidUrl:
        return link.written


def _question(key: str, links: list[Link], acting: Mapping[str, Effect]) -> Question:
    kinds = {link.kind for link in links}
    return Question(links[0].written, tuple(links), "image" in kinds, bool(kinds - {"image"}), acting.get(key))
