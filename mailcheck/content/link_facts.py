"""The facts about links and images."""

from __future__ import annotations

from mailcheck.campaign import Campaign, Message, Part
from mailcheck.content import link_reading
from mailcheck.content.image_files import ImageFiles, files_of
from mailcheck.content.images import Images, images_of
from mailcheck.content.link_reading import Reader
from mailcheck.content.links import Link, Links
from mailcheck.content.markup import Markup
from mailcheck.content.stretches import Copy
from mailcheck.content.tags import Tag, Tags
from mailcheck.rule import fact
from mailcheck.run import Run


@fact
def links(copy: Copy, tags: Tags, message: Message, body: tuple[Part, ...]) -> Links:  # noqa: ARG001 - see below
    """Every address of the message: what readers follow, what clients load; with kind, text and place."""
    # `body` is asked for so that a message without any text has no links fact, rather than one without links.
    by_part: dict[Part, list[Tag]] = {}
    for tag in tags:
        by_part.setdefault(tag.span.part, []).append(tag)
    found: list[Link] = []
    for stretch in copy:
        own = by_part.get(stretch.part, [])
        if stretch.markup is not None:
            masked = [(start, end) for start, end, _ in stretch.markup.mask.spans]
            found += link_reading.of_markup(stretch.markup, Reader(stretch.part, own, masked))
        elif stretch.part is message.text:
            found += link_reading.of_text(Reader(stretch.part, own))
    for header in message.headers:
        if header.name.lower() == "list-unsubscribe":
            found += link_reading.of_header(header, Reader(header.value, by_part.get(header.value, [])))
    return Links(tuple(found), copy.rendered)


@fact
def images(links: Links, markup: Markup | None = None) -> Images:
    """The pictures of the message: address, alternative text, size on the screen, the link around them."""
    return images_of(links, markup)


@fact
def image_files(images: Images, message: Message, campaign: Campaign, run: Run) -> ImageFiles:
    """The files of those pictures that are at hand: beside the template, in the mail, in the address itself."""
    return files_of(images, message, campaign, run.now)
