"""Every address of a message: what a reader follows, what a mail client loads, and where each one stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.elements import Element
from mailcheck.content.entities import Decoded
from mailcheck.content.link_address import TAG, Address, Stretch
from mailcheck.content.tags import Tag
from mailcheck.values import Brief

Kind = Literal["link", "image", "resource", "form", "text", "unsubscribe"]
"""What happens to an address: a reader follows it (`link`; `text` in the text part), the client loads it as a picture
(`image`) or otherwise (`resource`), a form is sent to it, or it unsubscribes (the header `List-Unsubscribe`)."""

Place = Literal["href", "src", "srcset", "background", "css", "vml", "action", "text", "header"]


class Link(Brief, frozen=True, eq=False):
    """One address.

    Args:
        span: where it stands, white space around it left out; the whole attribute when it is empty.
        kind: what happens to it.
        place: where it is written.
        address: it, taken apart; character references resolved, merge tags covered by `TAG`.
        decoded: the same text with the way back to the source.
        written: it as a browser reads it, merge tags as they stand.
        text: the text of a link, white space folded; of an image its alternative text.
        element: the element that holds it; `None` in a text part and in a header.
        outlook: only Outlook for Windows meets it.
        tags: the merge tags in it.
    """

    unshown: ClassVar[tuple[str, ...]] = ("decoded", "tags")

    span: Span
    kind: Kind
    place: Place
    address: Address
    decoded: Decoded
    written: str
    text: str = ""
    element: Element | None = None
    outlook: bool = False
    tags: tuple[Tag, ...] = ()

    def __str__(self) -> str:
        return self.written

    @property
    def scheme(self) -> str:
        """In lower case; empty when it is relative, or begins with a merge tag."""
        return self.address.get(self.address.scheme).lower()

    @property
    def scheme_span(self) -> Span:
        return self.at(self.address.scheme or (0, 0))

    @property
    def host(self) -> str:
        """In lower case, without port; merge tags covered."""
        return self.address.host_name

    @property
    def path(self) -> str:
        return self.address.get(self.address.path)

    @property
    def fragment(self) -> str:
        """What is behind `#`; empty also when there is none."""
        return self.address.get(self.address.fragment)

    @property
    def shape(self) -> str:
        """The address with its merge tags covered."""
        return self.address.text

    @property
    def is_web(self) -> bool:
        return self.scheme in ("http", "https") and self.address.host is not None

    @property
    def is_followed(self) -> bool:
        """Whether a reader follows it."""
        return self.kind in ("link", "text")

    @property
    def has_tags(self) -> bool:
        """Whether a merge tag, or what looks like one in some template language, is part of it."""
        return TAG in self.address.text

    @property
    def is_open(self) -> bool:
        """Whether a merge tag decides where it begins, so that nothing can be said about scheme or host."""
        return self.address.text.startswith(TAG) or (TAG in self.host and self.host.startswith(TAG))

    def at(self, stretch: Stretch) -> Span:
        """The place in the source of a stretch of the address."""
        return Span(self.span.part, *self.decoded.source_of(*stretch)) if self.shape else self.span


class Links(Struct, frozen=True, eq=False):
    """Every address of a message, in the order in which a reader meets the parts.

    Args:
        items: the addresses.
        rendered: what is judged is what recipients get.
    """

    items: tuple[Link, ...] = ()
    rendered: bool = False

    def __iter__(self) -> Iterator[Link]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def followed(self) -> Iterator[Link]:
        """What a reader follows: links of the HTML, of AMP, of the text part."""
        return (link for link in self.items if link.is_followed)

    def of_kind(self, *kinds: Kind) -> Iterator[Link]:
        return (link for link in self.items if link.kind in kinds)
