"""Links that share one mistake, told once; and links of which a more basic rule already speaks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from msgspec import Struct

from mailcheck.content.link_targets import bad_scheme, nowhere, placeholder, relative
from mailcheck.content.links import Link
from mailcheck.content.placeholders import image_hosts
from mailcheck.content.samples import picture_names

_SHOWN = 6


class Group(Struct, frozen=True):
    """Links with the same mistake, in order; never empty."""

    links: tuple[Link, ...]

    @property
    def first(self) -> Link:
        return self.links[0]

    @property
    def lines(self) -> list[int]:
        """Lines of the links in the part of the first one."""
        return sorted({link.span.where.line for link in self.in_one_part})

    def more(self) -> str:
        """A sentence about the others; empty when there are none."""
        others = len(self.links) - 1
        if not others:
            return ""
        lines = [line for line in self.lines if line != self.first.span.where.line]
        shown = ", ".join(map(str, lines[:_SHOWN])) + (" …" if len(lines) > _SHOWN else "")
        where = f" (line{'s' if len(lines) > 1 else ''} {shown})" if lines else ""
        return f" So does 1 other{where}." if others == 1 else f" So do {others:,} others{where}."

    @property
    def in_one_part(self) -> tuple[Link, ...]:
        """The links in the part of the first, each place once: a fix may only touch one part."""
        part = self.first.span.part
        return tuple({link.span.start: link for link in self.links if link.span.part is part}.values())

    @property
    def data(self) -> dict[str, object]:
        """Figures for machines."""
        return {"count": len(self.links), "lines": self.lines}


def grouped(links: Iterable[Link], key: Callable[[Link], Hashable]) -> list[Group]:
    """Links by what they share, in the order of the first of each."""
    found: dict[Hashable, list[Link]] = {}
    for link in links:
        found.setdefault(key(link), []).append(link)
    return [Group(tuple(alike)) for alike in found.values()]


def is_settled(link: Link) -> bool:
    """Whether the address has to be replaced anyway, so that nothing else about it matters."""
    if nowhere(link) or bad_scheme(link) or relative(link) or placeholder(link):
        return True
    return is_dummy_picture(link)


def is_dummy_picture(link: Link) -> bool:
    """Whether it is a picture that was to be replaced, of which `copy/placeholder` speaks."""
    lower = link.shape.lower()
    return any(host in lower for host in image_hosts()) or any(picture_names(lower))
