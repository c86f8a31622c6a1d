"""Rules `images/*` about how pictures are shown, and what is read in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import Field

from mailcheck import Problem, Problems, bad, good, rule
from mailcheck.content.elements import Element
from mailcheck.content.image_files import ImageFile, ImageFiles
from mailcheck.content.image_texts import says_nothing
from mailcheck.content.images import Images, Picture
from mailcheck.content.link_form import unclosed
from mailcheck.content.link_groups import grouped
from mailcheck.content.links import Link
from mailcheck.content.placeholders import Placeholder
from mailcheck_rules._words import Options

_FITTED = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%20400%20200'%3E%3C/svg%3E"
_WIDE = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20width='400'%20height='200'%3E%3C/svg%3E"


class OversizedOptions(Options):
    least: int = Field(100_000, gt=0, description="bytes of the smallest file that is told of")


def _sized(images: Images, files: ImageFiles) -> Iterable[tuple[Picture, ImageFile, int, int]]:
    """Pictures whose file and whose size on the screen are both known, each address and size once."""
    seen: set[tuple[str, int | None, int | None]] = set()
    for picture in images.shown:
        file, key = files.of(picture), (picture.address, picture.width, picture.height)
        if file is None or not (file.probe.width and file.probe.height) or key in seen or file.probe.fault:
            continue
        seen.add(key)
        turned = file.probe.orientation >= 5
        width, height = file.probe.width, file.probe.height
        yield picture, file, height if turned else width, width if turned else height


def _file_name(file: ImageFile) -> str:
    return "This picture" if file.origin == "data" else f"“{file.name}”"


@rule(severity="warning")
@bad(html=f'<img src="{_WIDE}" width="400" height="300" alt="Tulips">', at=_WIDE)
@good(html=f'<img src="{_WIDE}" width="200" height="100" alt="Tulips">')
@good(html=f'<img src="{_FITTED}" width="400" height="300" alt="Tulips">')
def stretched(images: Images, image_files: ImageFiles) -> Problems:
    """A picture is shown in other proportions than it has.

    The attributes `width` and `height` are what Outlook for Windows goes by, whatever the styles say. An SVG with a `viewBox` keeps
    its proportions in any box, unless it says `preserveAspectRatio="none"`.
    """
    for picture, file, width, height in _sized(images, image_files):
        shown_width, shown_height = picture.width, picture.height
        if file.probe.keeps_shape:
            continue
        if not shown_width or not shown_height or min(shown_width, shown_height) < 10 or min(width, height) < 4:
            continue
        wanted = shown_width * height / width
        if abs(wanted - shown_height) > max(2.0, 0.05 * wanted):
            message = (
                f"{_file_name(file)} has {width} × {height} pixels and is shown as {shown_width} × {shown_height}, out of shape;"
                f" for this width the height is {round(wanted)}."
            )
            yield Problem(message, at=picture, data={"width": width, "height": height})


@rule(severity="info")
@bad(
    html='<img src="data:image/gif;base64,R0lGODlhMgAyAIAAAAAAAP///ywAAAAAMgAyAAACAkQBADs=" width="300" alt="A">',
    at="data:image/gif;base64,R0lGODlhMgAyAIAAAAAAAP///ywAAAAAMgAyAAACAkQBADs=",
)
@good(html=f'<img src="{_WIDE}" width="400" alt="Tulips">')
def blurry(images: Images, image_files: ImageFiles) -> Problems:
    """A picture is shown larger than it is, so it looks blurry."""
    for picture, file, width, height in _sized(images, image_files):
        shown = picture.width or 0
        if file.probe.format != "svg" and min(width, height) > 4 and shown > width * 1.1 and shown - width > 4:
            message = f"{_file_name(file)} is {width} pixels wide and is shown at {shown}; use one of {2 * shown} for sharp screens."
            yield Problem(message, at=picture, data={"width": width, "shown": shown})


@rule(severity="info")
@bad(
    html='<img src="data:image/gif;base64,R0lGODlhWAJYAoAAAAAAAP///ywAAAAAWAJYAgACAkQBADs=" width="100" alt="A">',
    options={"least": 1},
    at="data:image/gif;base64,R0lGODlhWAJYAoAAAAAAAP///ywAAAAAWAJYAgACAkQBADs=",
)
@good(html=f'<img src="{_WIDE}" width="200" alt="Tulips">')
def oversized(images: Images, image_files: ImageFiles, options: OversizedOptions) -> Problems:
    """A picture has more than three times the pixels that are shown, and every phone has to load them."""
    for picture, file, width, _ in _sized(images, image_files):
        shown = picture.width or 0
        if file.probe.format != "svg" and shown > 1 and width > 3 * shown and file.size >= options.least:
            message = f"{_file_name(file)} is {width:,} pixels wide and is shown at {shown}; {2 * shown} are enough for sharp screens."
            yield Problem(message, at=picture, data={"width": width, "shown": shown, "bytes": file.size})


@rule(severity="info")
@bad(
    html='<img src="https://shop.example/a.png" alt="A"><img src="https://shop.example/b.png" alt="B">',
    at="https://shop.example/a.png",
)
@good(html='<img src="https://shop.example/a.png" alt="A" width="300" height="200">')
@good(html='<img src="https://shop.example/a.png" alt="A" width="300" style="height:auto">')
def dimensions(images: Images, image_files: ImageFiles) -> Problems:
    """Pictures do not say how large they are, so the mail jumps while it loads.

    Outlook for Windows shows a picture without a `width` in its full size, whatever the styles say. One that is known to be
    wider than 600 pixels and has none is a warning.
    """
    bare = []
    for picture in images.shown:
        if not _has_size(picture):
            continue
        if _is_unbounded(picture, image_files.of(picture)):
            continue
        if not picture.says("width") and not picture.says("height"):
            bare.append(picture)
    yield from unbounded(images, image_files)
    if bare:
        count = "A picture says" if len(bare) == 1 else f"{len(bare)} pictures say"
        lines = sorted({one.span.where.line for one in bare})
        message = f"{count} neither width nor height, so the mail jumps while it loads; give both{_lines(lines)}."
        yield Problem(message, at=bare[0], data={"count": len(bare), "lines": lines})


def _has_size(picture: Picture) -> bool:
    return picture.element.name in ("img", "amp-img") and not picture.is_hidden and bool(picture.address.strip("#"))


def _is_unbounded(picture: Picture, file: ImageFile | None) -> bool:
    return not (picture.element.get("width") or "").strip() and file is not None and file.probe.width > 600


def unbounded(images: Images, files: ImageFiles) -> Problems:
    """Pictures wider than a mail, and without a `width`."""
    for picture in images.shown:
        file = files.of(picture)
        if file is not None and _has_size(picture) and _is_unbounded(picture, file):
            message = f"{_file_name(file)} is {file.probe.width:,} pixels wide, and without a width attribute Outlook for Windows shows it so."
            yield Problem(message, at=picture, severity="warning", data={"width": file.probe.width})


def _lines(lines: list[int]) -> str:
    if len(lines) < 2:
        return ""
    return f" (lines {', '.join(map(str, lines[:8]))}{' …' if len(lines) > 8 else ''})"


@rule(severity="warning")
@bad(html='<img src="https://shop.example/tulips.jpg">', at="https://shop.example/tulips.jpg")
@good(
    html='<img src="https://shop.example/tulips.jpg" alt="Tulips in bloom"> <img src="https://shop.example/line.gif" alt="">'
)
@good(html='<img src="https://shop.example/open.gif" width="1" height="1">')
def alt_missing(images: Images) -> Problems:
    """A picture has no alternative text, so screen readers read out its address, and where pictures are off there is nothing.

    Say what it shows; for decoration write `alt=""`. A picture that stands in several places is told once.
    """
    silent: list[Link] = []
    for picture in images.shown:
        element = picture.element
        if element.name not in ("img", "amp-img", "input") or picture.alt is not None or _is_silent(picture):
            continue
        if picture.link is None or not picture.address.strip("#"):
            continue  # it shows nothing at all, which is for `images/source`
        if unclosed(picture.link):
            continue  # the address swallowed the attributes behind it, which is for `links/malformed`
        silent.append(picture.link)
    for group in grouped(silent, lambda link: (link.span.part, link.shape)):
        count = len(group.links)
        places = f" in {count:,} places{_lines(group.lines)}" if count > 1 else ""
        message = f'This picture has no alternative text{places}; say what it shows, or write alt="" for decoration.'
        yield Problem(message, at=group.first, data=group.data)


def _is_silent(picture: Picture) -> bool:
    """Whether nobody meets a picture: it counts openings, is hidden, or is taken out for screen readers."""
    element = picture.element
    named = (element.get("aria-label") or element.get("aria-labelledby") or "").strip()
    hidden = (element.get("aria-hidden") or "").lower() == "true" or (element.get("role") or "").lower() in (
        "presentation",
        "none",
    )
    return (
        picture.is_pixel or picture.is_hidden or bool(named) or hidden or "alt" in (one.lower() for one in element.bare)
    )


@rule(severity="warning")
@bad(html='<img src="https://shop.example/hero_final-2.jpg" alt="hero_final-2.jpg">', at="hero_final-2.jpg")
@bad(html='<img src="https://shop.example/a.jpg" alt="image">', at="image")
@good(
    html='<img src="https://shop.example/facebook.png" alt="Facebook"> <img src="https://shop.example/a.jpg" alt="Picture of the year">'
)
def alt_filename(images: Images, placeholder_copy: tuple[Placeholder, ...]) -> Problems:
    """An alternative text says nothing: it is the name of the file, or a word such as “image”."""
    told = {(one.span.part, one.span.start) for one in placeholder_copy}
    for picture in images.shown:
        why = says_nothing(picture)
        attribute = picture.element.attribute("alt")
        if (
            why
            and attribute is not None
            and not picture.is_pixel
            and (attribute.part, attribute.value_start) not in told
        ):
            yield Problem(f"The alternative text {why}; say what the picture shows.", at=attribute.value_span)


@rule(severity="warning")
@bad(
    html='<a href="https://shop.example/"><img src="https://shop.example/sale.jpg" alt=""></a>',
    at="https://shop.example/sale.jpg",
)
@good(html='<a href="https://shop.example/"><img src="https://shop.example/sale.jpg" alt="To the sale"></a>')
@good(html='<a href="https://shop.example/"><img src="https://shop.example/arrow.png" alt=""> To the sale</a>')
def linked_alt(images: Images) -> Problems:
    """A link holds nothing but a picture without alternative text, so where pictures are off there is nothing to click.

    Screen readers read out the address instead. Say where the link leads.
    """
    told: set[int] = set()
    for picture in images.shown:
        around = picture.around
        if around is None or around.index in told or picture.alt is None or picture.alt.strip() or _is_silent(picture):
            continue
        told.add(around.index)
        if around.attribute("href") is not None and not _is_named(around, images):
            yield Problem(
                "This link is only a picture, and its alternative text is empty; say where it leads.", at=picture
            )


def _is_named(link: Element, images: Images) -> bool:
    """Whether a link has a name besides the picture: text, another picture's text, a label."""
    if any((link.get(name) or "").strip() for name in ("aria-label", "aria-labelledby", "title")):
        return True
    if link.text.strip() or link.end_tag is None:
        return True
    inside = link.content
    part = inside.part
    within = (one for one in images if one.span.part is part and inside.start <= one.span.start < inside.end)
    return any((one.alt or one.element.get("title") or "").strip() or one.alt is None for one in within)


_SPACER = re.compile(r"spacer|blank|clear|transparen|shim|trans\.|/x\.gif|dot\.gif|1px", re.IGNORECASE)


@rule(severity="info")
@bad(
    html='<img src="https://a.example/o.gif" width="1" height="1" alt=""> <img src="https://b.example/o.gif" width="1" height="1" alt="">',
    at="https://b.example/o.gif",
)
@good(html='<img src="https://a.example/o.gif" width="1" height="1" alt="">')
def tracking_pixel(images: Images) -> Problems:
    """A mail counts its openings more than once.

    One pixel is what every sending service adds. More often come from a mail that was copied, and tell somebody else who
    reads yours; the law of several countries wants consent for each.
    """
    pixels: dict[str, Picture] = {}
    for picture in images.shown:
        if (
            picture.link is not None
            and picture.link.is_web
            and picture.is_pixel
            and not _SPACER.search(picture.link.path)
        ):
            pixels.setdefault(picture.link.host, picture)
    if len(pixels) > 1:
        hosts = list(pixels)
        message = (
            f"This mail is counted by {len(hosts)} hosts, with a pixel each: {', '.join(hosts[:4])}; keep your own."
        )
        yield Problem(message, at=pixels[hosts[1]], data={"hosts": hosts})
