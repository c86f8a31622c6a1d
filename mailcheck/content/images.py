"""The pictures of a message: where they are written, how large they are shown, what they say without being loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.elements import Element
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG
from mailcheck.content.link_reading import bound
from mailcheck.content.links import Link, Links
from mailcheck.content.markup import Markup

Kind = Literal["image", "background", "vml"]

_PIXELS = lazy(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", re.IGNORECASE)
_SHOWN = frozenset(("img", "amp-img", "amp-anim", "mj-image", "mj-carousel-image", "image", "input"))


class Picture(Struct, frozen=True, eq=False):
    """One picture.

    Args:
        link: its address; `None` when it has none.
        element: the element that shows it.
        kind: an element of its own, the background of one, or a fill or picture of VML.
    """

    link: Link | None
    element: Element
    kind: Kind

    @property
    def span(self) -> Span:
        """The address as written; the start tag when there is none."""
        return self.element.span if self.link is None else self.link.span

    @property
    def address(self) -> str:
        """The address, decoded, merge tags covered; empty when there is none."""
        return "" if self.link is None else self.link.shape

    @property
    def alt(self) -> str | None:
        """The alternative text; `None` when the attribute is missing."""
        return TAG if bound(self.element, "alt") else self.element.get("alt")

    @property
    def width(self) -> int | None:
        """How wide it is shown, in CSS pixels; `None` when that is not said in pixels."""
        return self._length("width")

    @property
    def height(self) -> int | None:
        """How high it is shown, in CSS pixels; `None` when that is not said in pixels."""
        return self._length("height")

    def says(self, name: str) -> bool:
        """Whether `width` or `height` is said at all, in whatever unit."""
        return bool((self.element.get(name) or "").strip()) or self._styled(name) is not None

    def _length(self, name: str) -> int | None:
        for said in (self._styled(name), self.element.get(name)):
            match = _PIXELS.fullmatch(said or "")
            if match:
                return int(match[1])
        return None

    def _styled(self, name: str) -> str | None:
        match = re.search(rf"(?<![-\w]){name}\s*:\s*([^;!]*)", self.element.get("style") or "", re.IGNORECASE)
        return match[1].strip() if match else None

    @property
    def is_hidden(self) -> bool:
        return self.element.markup.hidden[self.element.index]

    @property
    def is_pixel(self) -> bool:
        """Whether it is one pixel in size, and so there to be counted."""
        sizes = (self.width, self.height)
        return all(size is not None and size <= 1 for size in sizes)

    @property
    def around(self) -> Element | None:
        """The `a` around it."""
        return next((one for one in self.element.ancestors if one.name == "a"), None)

    @property
    def has_tags(self) -> bool:
        return TAG in self.address


class Images(Struct, frozen=True, eq=False):
    """Every picture of a message, in order."""

    items: tuple[Picture, ...] = ()
    rendered: bool = False

    def __iter__(self) -> Iterator[Picture]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def shown(self) -> Iterator[Picture]:
        """Those that are elements of their own, and that more than Outlook shows."""
        return (one for one in self.items if one.kind == "image" and not (one.link is not None and one.link.outlook))


def images_of(links: Links, markup: Markup | None) -> Images:
    """The pictures among the addresses of a message, and those without an address."""
    found = [
        Picture(link, link.element, _kind(link))
        for link in links.of_kind("image")
        if link.element is not None and link.place != "srcset" and _is_picture(link.element)
    ]
    if markup is not None:
        found += (
            Picture(None, element, "image")
            for element in markup.named("img", "amp-img", "mj-image")
            if element.attribute("src") is None
            and element.attribute("srcset") is None
            and not element.inside("mj-attributes")
            and not bound(element, "src")
        )
        found.sort(key=lambda one: (one.span.part is not markup.part, one.span.start))
    return Images(tuple(found), links.rendered)


_DESCRIPTOR = lazy(r"\s+(\d{1,6}(?:\.\d{1,3})?)([wx])(?=\s*(?:,|[\"']|$))")


def described(link: Link) -> tuple[float, str] | None:
    """What `srcset` says of an address in it: its width in pixels (`w`), or pixels for each of the screen (`x`).

    `None` for other addresses, and where it says neither.
    """
    found = _DESCRIPTOR.match(link.span.part.text, link.span.end) if link.place == "srcset" else None
    return (float(found[1]), found[2]) if found else None


def shown_width(element: Element) -> int | None:
    """How wide an element shows its picture, in CSS pixels; `None` when that is not said in pixels."""
    return Picture(None, element, "image").width


def _kind(link: Link) -> Kind:
    if link.place == "vml":
        return "vml"
    return "background" if link.place in ("background", "css") else "image"


def _is_picture(element: Element) -> bool:
    """Not the sources of a film, and of inputs only those that are pictures."""
    if element.name == "source":
        return False
    return element.name != "input" or (element.get("type") or "").lower() == "image"
