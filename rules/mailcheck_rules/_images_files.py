"""Rules `images/*` about the files of pictures: there, whole, what they say they are, not too heavy."""

from __future__ import annotations

import re

from pydantic import Field

from mailcheck import Fix, Problem, Problems, bad, good, rule, skip
from mailcheck.content.image_decode import NoDecoderError, NotDecodedError, first_frame_is_blank
from mailcheck.content.image_files import ImageFile, ImageFiles
from mailcheck.content.image_texts import declared_format, format_of
from mailcheck.content.images import Images, Picture
from mailcheck.content.link_form import is_misread
from mailcheck.content.link_targets import placeholder
from mailcheck.run import Run
from mailcheck_rules._words import Options

_PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
_CUT = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
_PAGE = "data:image/png,%3C!DOCTYPE%20html%3E%3Chtml%3E404%3C%2Fhtml%3E"
_GIF_AS_PNG = "data:image/png;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

_LOCAL = {
    "file": "leads to a file on somebody's computer",
    "blob": "leads to something that only existed in one browser window",
    "content": "leads to a file on somebody's phone",
    "webkit-fake-url": "was left by Safari and leads nowhere",
    "applewebdata": "was left by Apple Mail and leads nowhere",
    "chrome-extension": "leads into an extension of one browser",
    "moz-extension": "leads into an extension of one browser",
    "about": "is no picture",
    "javascript": "is a script, and no picture",
    "ftp": "uses FTP, which mail clients do not load",
    "mailto": "is an e-mail address, and no picture",
}
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\\w")


@rule(severity="error")
@bad(html='<img alt="Tulips">', at='<img alt="Tulips">')
@bad(html='<img src="" alt="Tulips">', at='src=""')
@bad(html='<img src="file:///C:/tulips.jpg" alt="Tulips">', at="file:///C:/tulips.jpg")
@bad(html=f'<img src="{_PNG}" alt="Tulips">', at=_PNG)
@bad(
    html='<img src="//shop.example/tulips.jpg" alt="Tulips">',
    at="//shop.example/tulips.jpg",
    fixed='<img src="https://shop.example/tulips.jpg" alt="Tulips">',
)
@good(html='<img src="https://shop.example/tulips.jpg" alt="Tulips">')
@good(html='<img src="{{ picture }}" alt="Tulips"> <img t-att-src="picture" alt="Tulips">')
def source(images: Images) -> Problems:
    """A picture has no address that a mail client can load: none at all, `file:`, `data:`.

    A picture that stands in its own address (`data:`) is a warning: Gmail and Outlook for Windows do not show it.
    """
    embedded = [one for one in images if one.address.lower().startswith("data:") and one.kind == "image"]
    for picture in images:
        why = _unloadable(picture)
        if why:
            link = picture.link
            slashes = link is not None and picture.address.startswith("//")
            fix = Fix.insert(link, "https:") if link is not None and slashes else None
            yield Problem(f"This picture {why}; give it a web address.", at=picture, fix=fix)
    if embedded:
        count = len(embedded)
        said = "A picture is" if count == 1 else f"{count} pictures are"
        message = f"{said} written into the mail itself (data:), which Gmail and Outlook for Windows do not show; put it on the web."
        yield Problem(message, at=embedded[0], severity="warning", data={"count": count})


def _unloadable(picture: Picture) -> str:
    link, address = picture.link, picture.address
    if link is None or not address.strip("#/ "):
        return "has no address" if picture.kind == "image" else ""
    if not link.scheme and link.address.authority is not None:
        return "has an address without https: in front, for which several mail clients look on the computer"
    if _WINDOWS.match(address):
        return "leads to a file on somebody's computer"
    return _LOCAL.get(link.scheme, "")


@rule(severity="error")
@bad(html='<img src="cid:tulips" alt="Tulips">', stage="rendered", at="cid:tulips")
@bad(html='<img src="images/tulips.jpg" alt="Tulips">', stage="rendered", at="images/tulips.jpg")
@good(html='<img src="https://shop.example/tulips.jpg" alt="Tulips">', stage="rendered")
@good(html='<img src="cid:{{ picture }}" alt="Tulips">')
def missing(images: Images, image_files: ImageFiles, run: Run) -> Problems:
    """A picture is not there: no such file beside the template, no such part in the mail.

    In a template an address such as `images/tulips.jpg` is fine when the file is there, since services and build steps put
    another address in its place. It is looked for beside the template, and elsewhere in its project as a file whose path
    ends like it. In a mail as it is sent (`stage = "rendered"`, the profile `send`) no such address works. A picture that comes with
    the mail and that nothing shows is a hint.
    """
    told: set[str] = set()
    for picture in images:
        link, address = picture.link, picture.address
        if link is None or not address or address in told or link.has_tags or _unloadable(picture) or placeholder(link):
            continue
        if is_misread(link):
            continue  # what `links/malformed` says of it is the reason
        told.add(address)
        if link.scheme == "cid":
            yield from _missing_part(picture, image_files, rendered=images.rendered)
        elif not link.scheme and not address.startswith("#"):
            finished = images.rendered or run.profile == "send"
            yield from _missing_file(picture, image_files, finished=finished)
    for part in image_files.unreferenced:
        shown = part.filename.text or part.content_id
        message = f"The picture “{shown}” comes with the mail, and nothing in it shows it; take it out."
        yield Problem(message, at=part, severity="info")


def _missing_part(picture: Picture, files: ImageFiles, *, rendered: bool) -> Problems:
    if picture.address in files.missing:
        message = "This picture is meant to come with the mail, and no part of the mail has its Content-ID"
        if rendered:
            yield Problem(f"{message}; recipients see a gap.", at=picture)
        else:
            yield Problem(f"{message}; look whether your service adds it.", at=picture, severity="warning")


def _missing_file(picture: Picture, files: ImageFiles, *, finished: bool) -> Problems:
    address = " ".join(picture.address.split())
    shown = address if len(address) <= 80 else f"{address[:79]}…"
    if finished:
        message = f"“{shown}” leads to a place beside the mail, and a mail has none; give the picture a web address."
        yield Problem(message, at=picture)
    elif picture.address in files.missing:
        yield Problem(f"“{shown}”: {files.missing[picture.address]}.", at=picture, severity="warning")


_NOT_PICTURES = {
    "html": "is a web page, not a picture; often an error page that was saved under its name",
    "json": "is data, not a picture; often an error that was saved under its name",
    "text": "is a text, not a picture; often an error that was saved under its name",
    "lfs": "is a pointer of Git LFS, not the picture itself; run `git lfs pull`",
    "pdf": "is a PDF, which no mail client shows as a picture",
    "video": "is a film, which nearly no mail client shows as a picture",
    "zip": "is an archive, not a picture",
    "unknown": "is no picture that is known",
}


@rule(severity="error")
@bad(html=f'<img src="{_PAGE}" alt="Tulips">', at=_PAGE)
@bad(html=f'<img src="{_CUT}" alt="Tulips">', at=_CUT)
@bad(html='<img src="data:image/png;base64," alt="Tulips">', at="data:image/png;base64,")
@good(html=f'<img src="{_PNG}" alt="Tulips">')
def broken(images: Images, image_files: ImageFiles) -> Problems:
    """The file of a picture is no picture, is empty, or ends in the middle.

    Looked at: files beside the template, parts of the mail, and `data:` addresses. Their structure is read, not only their
    first bytes.
    """
    for picture, file in _each(images, image_files):
        fault = fault_of(file)
        if fault:
            yield Problem(fault, at=picture, data={"format": file.probe.format})


def fault_of(file: ImageFile) -> str:
    """Why a file is no picture that clients show, as a sentence; empty when it is one."""
    probe = file.probe
    if probe.fault:
        return f"{_named(file)} is broken: {probe.fault}."
    if probe.format in _NOT_PICTURES:
        return f"{_named(file)} {_NOT_PICTURES[probe.format]}."
    if probe.width * probe.height > 50_000_000:
        size = f"{probe.width:,} × {probe.height:,}"
        return f"{_named(file)} has {size} pixels, which mail clients refuse; make it smaller."
    return ""


def _each(images: Images, files: ImageFiles) -> list[tuple[Picture, ImageFile]]:
    """Every file once, with the first picture that shows it."""
    found: dict[str, tuple[Picture, ImageFile]] = {}
    for picture in images:
        file = files.of(picture)
        if file is not None:
            found.setdefault(picture.address, (picture, file))
    return list(found.values())


def _named(file: ImageFile) -> str:
    return "The picture in this address" if file.origin == "data" else f"“{file.name}”"


@rule(severity="warning")
@bad(html=f'<img src="{_GIF_AS_PNG}" alt="Tulips">', at=_GIF_AS_PNG)
@good(html=f'<img src="{_PNG}" alt="Tulips">')
def wrong_type(images: Images, image_files: ImageFiles) -> Problems:
    """A picture is something else than its ending or its content type says: a GIF that is called `.png`.

    Servers and Gmail's image proxy go by what it is called, and some then show nothing.
    """
    for picture, file in _each(images, image_files):
        declared = declared_format(file)
        if file.probe.is_picture and declared and declared != file.probe.format:
            said = file.declared
            message = f"{_named(file)} is said to be {said} and is {file.probe.format.upper()}; give it its right name."
            yield Problem(message, at=picture, data={"declared": said, "format": file.probe.format})


_SUPPORT = {
    "svg": ("SVG", "Gmail on the web does not show it; use PNG", "warning"),
    "avif": ("AVIF", "Outlook for Windows does not show it, and Gmail only in part; use JPEG or PNG", "warning"),
    "heic": ("HEIC", "few mail clients but Apple's show it; use JPEG", "error"),
    "tiff": ("TIFF", "few mail clients but Apple's show it; use JPEG or PNG", "error"),
    "jxl": ("JPEG XL", "nearly no mail client shows it; use JPEG or PNG", "error"),
    "psd": ("a Photoshop file", "no mail client shows it; export it as JPEG or PNG", "error"),
    "ai": ("an Illustrator file", "no mail client shows it; export it as PNG", "error"),
    "eps": ("EPS", "no mail client shows it; export it as PNG", "error"),
    "webp": ("WebP", "Outlook for Windows does not show it; use JPEG or PNG where that matters", "info"),
}


@rule(severity="warning")
@bad(html='<img src="https://shop.example/logo.svg" alt="Fernhill">', at="https://shop.example/logo.svg")
@bad(html='<img src="https://shop.example/tulips.heic" alt="Tulips">', at="https://shop.example/tulips.heic")
@good(html='<img src="https://shop.example/logo.png" alt="Fernhill">')
def format(images: Images, image_files: ImageFiles) -> Problems:  # noqa: A001 - the name of the rule
    """A picture has a format that many mail clients do not show: SVG, AVIF, HEIC, TIFF.

    WebP is only a hint: it is Outlook for Windows that does not show it. Told once for each format.
    """
    by_format: dict[str, list[Picture]] = {}
    for picture in images:
        if picture.kind != "vml" and not picture.address.lower().startswith("data:"):
            by_format.setdefault(format_of(picture, image_files.of(picture)), []).append(picture)
    for name, pictures in by_format.items():
        if name not in _SUPPORT:
            continue
        called, why, severity = _SUPPORT[name]
        addresses = {one.address for one in pictures}
        said = "1 picture is" if len(addresses) == 1 else f"{len(addresses)} pictures are"
        message = f"{said} {called}: {why}."
        data = {"format": name, "count": len(addresses)}
        if severity == "error":
            yield Problem(message, at=pictures[0], severity="error", data=data)
        else:
            yield Problem(message, at=pictures[0], severity="info" if severity == "info" else None, data=data)


class WeightOptions(Options):
    most: int = Field(200_000, gt=0, description="bytes that one picture may have")
    most_together: int = Field(1_000_000, gt=0, description="bytes that all pictures of a mail may have together")


@rule(severity="warning")
@bad(html=f'<img src="{_PNG}" alt="Tulips">', options={"most": 50}, at=_PNG)
@bad(html=f'<img src="{_PNG}" alt="A"> <img src="{_PNG}#2" alt="B">', options={"most_together": 130}, at=_PNG)
@good(html=f'<img src="{_PNG}" alt="Tulips">')
def weight(images: Images, image_files: ImageFiles, options: WeightOptions) -> Problems:
    """A picture, or all of them together, is heavy, so the mail stays empty for seconds on a phone.

    Only pictures that are at hand are weighed: files, parts of the mail.
    """
    files = _each(images, image_files)
    heavy = [(picture, file) for picture, file in files if file.size > options.most]
    for picture, file in heavy:
        yield Problem(too_heavy(file, options), at=picture, data={"bytes": file.size})
    total = sum(file.size for _, file in files)
    if total > options.most_together and len(files) > 1:
        picture = max(files, key=lambda pair: pair[1].size)[0]
        has, most = _differing(total, options.most_together)
        message = f"The {len(files)} pictures of this mail have {has} together; keep below {most}."
        yield Problem(message, at=picture, data={"bytes": total, "count": len(files)})


def too_heavy(file: ImageFile, options: WeightOptions) -> str:
    """What is to be said of a picture that is too heavy."""
    has, most = _differing(file.size, options.most)
    return f"{_named(file)} has {has}; make it smaller than {most}."


def _differing(size: int, most: int) -> tuple[str, str]:
    """Two sizes that are not the same, in the largest units in which they read differently."""
    kilobytes = f"{size / 1000:,.0f} kB", f"{most / 1000:,.0f} kB"
    megabytes = tuple(
        f"{one / 1_000_000:,.1f} MB" if one >= 1_000_000 else shown
        for one, shown in zip((size, most), kilobytes, strict=True)
    )
    for has, limit in (megabytes, kilobytes):
        if has != limit and "0 kB" not in (has, limit):
            return has, limit
    return f"{size:,} bytes", f"{most:,} bytes"


_TWO_FRAMES = "data:image/gif;base64,R0lGODlhAgACAIEAAP///wAAAAAAAAAAACH5BAAKAAAALAAAAAACAAIAAAgGAAEIBBAQACH5BAEKAAEALAAAAAACAAIAgQAAAAAAAAAAAAAAAAgGAAEIBBAQADs="


@rule(severity="info")
@bad(html=f'<img src="{_TWO_FRAMES}" alt="Tulips">', at=_TWO_FRAMES)
@good(html=f'<img src="{_PNG}" alt="Tulips">')
def animation(images: Images, image_files: ImageFiles) -> Problems:
    """A picture moves, and Outlook for Windows shows only its first frame (of WebP nothing).

    So the first frame has to say everything.
    """
    for picture, file in _each(images, image_files):
        if file.probe.frames > 1:
            message = f"{_named(file)} has {file.probe.frames} frames, and Outlook for Windows shows only the first; see that it says everything."
            yield Problem(message, at=picture, data={"frames": file.probe.frames, "bytes": file.size})


@rule(severity="warning")
@bad(html=f'<img src="{_TWO_FRAMES}" alt="Tulips">', at=_TWO_FRAMES)
@good(html=f'<img src="{_PNG}" alt="Tulips">')
def blank_frame(images: Images, image_files: ImageFiles) -> Problems:
    """The first frame of an animated GIF is empty, so Outlook for Windows shows nothing.

    Many animations fade in from nothing. Needs Pillow, the extra `images`; without it the rule is skipped where there is an
    animation. One that cannot be decoded is told as such, as information.
    """
    for picture, file in _each(images, image_files):
        if file.probe.format != "gif" or file.probe.frames < 2:
            continue
        try:
            blank = _is_blank(file)
        except NoDecoderError as reason:
            skip(str(reason))
        except NotDecodedError as reason:
            message = f"Whether the first frame of {_named(file)} is empty is not known, for {reason}; look at it in Outlook for Windows."
            yield Problem(message, at=picture, severity="info")
            continue
        if blank:
            yield Problem(
                f"The first frame of {_named(file)} is empty, and Outlook for Windows shows no other.", at=picture
            )


def _is_blank(file: ImageFile) -> bool:
    if len(file.content) != file.size:
        raise NotDecodedError("only its beginning was read")
    return first_frame_is_blank(file.content)


_CMYK = "data:image/jpeg;base64,/9j/wAAUCAABAAEEAREAAhEAAxEABBEA/9oADgQBAAIAAwAEAAA/AAD/2Q=="
_TURNED = (
    "data:image/jpeg;base64,/9j/4QAiRXhpZgAASUkqAAgAAAABABIBAwABAAAABgAAAAAAAAD/wAALCAABAAEBAREA/9oACAEBAAA/AAD/2Q=="
)


@rule(severity="warning")
@bad(html=f'<img src="{_CMYK}" alt="Tulips">', at=_CMYK)
@good(html=f'<img src="{_PNG}" alt="Tulips">')
def cmyk(images: Images, image_files: ImageFiles) -> Problems:
    """A JPEG has the colours of print (CMYK), which mail clients show wrongly or not at all."""
    for picture, file in _each(images, image_files):
        if file.probe.cmyk:
            yield Problem(f"{_named(file)} is in CMYK, the colours of print; save it as RGB.", at=picture)


@rule(severity="warning")
@bad(html=f'<img src="{_TURNED}" alt="Tulips">', at=_TURNED)
@good(html=f'<img src="{_PNG}" alt="Tulips">')
def rotated(images: Images, image_files: ImageFiles) -> Problems:
    """A photo relies on its Exif data to be turned, and Outlook for Windows does not look at them."""
    for picture, file in _each(images, image_files):
        if file.probe.orientation != 1:
            message = f"{_named(file)} is stored turned or mirrored, and some mail clients show it so; save it upright."
            yield Problem(message, at=picture, data={"orientation": file.probe.orientation})
