"""The files behind the pictures of a message, as far as they are at hand: on disk, in the mail, in the address itself.

A template repository keeps its pictures beside its templates, or in a folder that a build step copies. So a relative
address is looked for beside the template, and then anywhere in its project, as a file whose path ends like it; never
outside of the project.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import ClassVar, Literal
from urllib.parse import unquote, unquote_to_bytes

import msgspec
from msgspec import Struct

from mailcheck.campaign import Attachment, Campaign, Message
from mailcheck.content.image_probe import Probe, probe
from mailcheck.content.images import Images, Picture
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG
from mailcheck.values import Brief

MOST_BYTES = 20_000_000
"""Of a file this much is read; of a larger one only size and header are known."""

Origin = Literal["disk", "part", "data", "web"]
_ROOTS = (".git", ".hg", "mailcheck.toml", "pyproject.toml", "package.json", "composer.json", "Gemfile")
_NOT_OURS = frozenset(("node_modules", "vendor", "__pycache__", "bower_components"))
_MOST_FILES = 50_000
_FRESH = 2
"""Seconds for which a look at the whole project holds, so that a thousand templates do not walk it a thousand times."""
_HIGHEST = 12
_DATA = lazy(r"data:([^,;]*)((?:;[^,;]*)*),(.*)", re.IGNORECASE | re.DOTALL)
_CALLED = lazy(r"cid:([^\"'\s)>]+)", re.IGNORECASE)
_WINDOWS = lazy(r"[A-Za-z]:[\\/]")


class ImageFile(Brief, frozen=True):
    """A file that a picture shows.

    Args:
        origin: where it is.
        name: of the file; of a part its file name or id.
        declared: what it is said to be: a content type, or an ending with its dot.
        size: in bytes.
        probe: what it really is.
        content: its bytes, as far as they were read.
    """

    unshown: ClassVar[tuple[str, ...]] = ("content",)

    origin: Origin
    name: str
    declared: str
    size: int
    probe: Probe
    content: bytes = b""


class ImageFiles(Struct, frozen=True, eq=False):
    """The files of a message by the address that pictures call them.

    Args:
        found: what was found.
        missing: addresses that were looked for and not found, and why, for a sentence.
        unreferenced: pictures in the mail that nothing shows.
    """

    found: Mapping[str, ImageFile] = msgspec.field(default_factory=dict)
    missing: Mapping[str, str] = msgspec.field(default_factory=dict)
    unreferenced: tuple[Attachment, ...] = ()

    def of(self, picture: Picture) -> ImageFile | None:
        return self.found.get(picture.address)


class _Look(Struct, frozen=True):
    """One look at the disk: the address, the moment of the run, and what was not found so far."""

    address: str
    moment: datetime
    missing: dict[str, str]


def files_of(images: Images, message: Message, campaign: Campaign, moment: datetime) -> ImageFiles:
    """Look for the files of every picture whose address is no address of the web.

    Args:
        images: the pictures.
        message: what came with the mail.
        campaign: where the template stands.
        moment: of the run.
    """
    found: dict[str, ImageFile] = {}
    missing: dict[str, str] = {}
    by_id = {one.content_id.casefold(): one for one in message.attachments if one.content_id}
    for picture in images:
        address = picture.address
        if not address or picture.link is None or address in found or address in missing:
            continue
        scheme = picture.link.scheme
        if scheme == "data":
            file = _of_data(picture.link.written)
        elif scheme == "cid":
            file = _of_part(address, by_id)
            if file is None:
                missing[address] = "no part of the mail has this Content-ID"
        elif scheme or picture.link.address.authority is not None or TAG in address:
            continue
        else:
            file = _on_disk(address, picture, campaign, _Look(address, moment, missing))
        if file is not None:
            found[address] = file
    return ImageFiles(found, missing, _unreferenced(images, message))


def _of_data(address: str) -> ImageFile | None:
    match = _DATA.match(address)
    if match is None:
        return None
    declared, parameters, body = match.groups()
    try:
        content = (
            base64.b64decode(unquote(body), validate=False)
            if ";base64" in parameters.lower()
            else unquote_to_bytes(body)
        )
    except (binascii.Error, ValueError):
        return ImageFile("data", "data:", declared.lower(), len(body), Probe("unknown", fault="its base64 is broken"))
    return ImageFile("data", "data:", declared.lower(), len(content), probe(content), content)


def _of_part(address: str, by_id: Mapping[str, Attachment]) -> ImageFile | None:
    name = unquote(address.partition(":")[2]).strip("<> ").casefold()
    part = by_id.get(name)
    if part is None:
        return None
    shown = part.filename.text or part.content_id
    content = part.content
    whole = len(content) == part.size
    return ImageFile("part", shown, part.content_type.lower(), part.size, probe(content, whole=whole), content)


def _unreferenced(images: Images, message: Message) -> tuple[Attachment, ...]:
    """Pictures that are meant to stand in the text, and that nothing shows."""
    if message.html is None:
        return ()
    called = {unquote(one).strip("<>").casefold() for one in _CALLED.findall(message.html.text)}
    return tuple(
        one
        for one in message.attachments
        if one.content_id
        and one.content_type.lower().startswith("image/")
        and one.inline
        and one.content_id.casefold() not in called
        and not any(one.filename.text and one.filename.text in picture.address for picture in images)
    )


def _on_disk(address: str, picture: Picture, campaign: Campaign, look: _Look) -> ImageFile | None:
    template = picture.span.part.path
    if campaign.reader == "eml" or not template or template == "-" or _WINDOWS.match(address):
        return None
    name = unquote(re.split(r"[?#]", address, maxsplit=1)[0]).strip()
    if not name or "\0" in name:
        return None
    try:
        path = _locate(Path(template), name, look)
    except (OSError, ValueError, RuntimeError):
        path = None
    if path is None:
        look.missing.setdefault(address, "there is no such file beside the template, nor elsewhere in its project")
        return None
    file = _read(path)
    if file is None:
        look.missing.setdefault(address, "the file is there, but it cannot be read")
    return file


def _locate(template: Path, name: str, look: _Look) -> Path | None:
    """The file, or `None` with a reason in `look.missing` when there is a better one than that it is not there."""
    folder = template.absolute().parent.resolve()
    root = project_of(folder)
    relative = name.replace("\\", "/").lstrip("/")
    beside = folder / relative
    if not name.startswith("/") and beside.is_file():
        if beside.resolve().is_relative_to(root):
            return beside
        look.missing[look.address] = "it is outside of the project, where nobody else has it"
        return None
    # `../img/a.png` is written for the place that a build step copies the template to.
    tail = re.sub(r"\A(?:\.{1,2}/)+", "", relative)
    found = files_below(root, int(look.moment.timestamp()) // _FRESH).get(PurePosixPath(tail).name.casefold(), ())
    ends = [path for path in found if path.casefold().endswith(f"/{tail.casefold()}")]
    exact = [path for path in ends if path.endswith(f"/{tail}")]
    if ends and not exact:
        shown = PurePosixPath(ends[0]).name
        look.missing[look.address] = f"the file is called “{shown}”, and web servers tell capitals apart"
    return Path(min(exact, key=lambda path: (len(path), path))) if exact else None


def project_of(folder: Path) -> Path:
    """The folder of the project that a folder belongs to: the nearest that looks like one, else the one above."""
    for one in [folder, *folder.parents][:_HIGHEST]:
        if any((one / mark).exists() for mark in _ROOTS):
            return one
    return folder.parent


@lru_cache(maxsize=4)
def files_below(root: Path, moment: int) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG001 - another moment looks again
    """The files of a project by their name in lower case; looked up anew when `moment` is another."""
    found: dict[str, list[str]] = {}
    seen = 0
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".") and name not in _NOT_OURS]
        seen += len(names)
        if seen > _MOST_FILES:
            break
        for name in names:
            found.setdefault(name.casefold(), []).append(f"{folder}/{name}".replace(os.sep, "/"))
    return {name: tuple(paths) for name, paths in found.items()}


def _read(path: Path) -> ImageFile | None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            content = file.read(MOST_BYTES)
    except OSError:
        return None
    whole = size <= MOST_BYTES
    return ImageFile("disk", path.name, path.suffix.lower(), size, probe(content, whole=whole), content)
