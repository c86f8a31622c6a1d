"""A zip file from somebody else → a folder with a campaign, or a refusal.

Everything that the directory of the archive says is checked before a byte is written, and the bytes are counted while
they are written, since a directory may lie. The standard library would mend names silently; here they are refused.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mailcheck.masking import mask_addresses

MANIFESTS = ("campaign.toml", "campaign.json")

_FIRST = b"PK\x03\x04"
_IN_DIRECTORY = b"PK\x01\x02"
_BZIP2 = tuple(b"BZh%d1AY&SY" % level for level in range(1, 10))
_ARCHIVES = (_FIRST, b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!\x1a", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", *_BZIP2)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1 | 0x40
_REPARSE_POINT = 0x400
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
# What Windows forbids in names, control and format characters: bidirectional ones make a name look like another.
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]')
_OF_THE_PACKER = re.compile(r"__MACOSX/.*|(?:.*/)?\.DS_Store|(?:.*/)?Thumbs\.db")
_CHUNK = 64 * 1024
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, LookupError, NotImplementedError, RuntimeError, ValueError),
)
"""What the standard library raises for an archive that is not whole."""


class BundleRefused(ValueError):  # noqa: N818 - an answer, not a mistake
    """A zip file is not taken: one sentence for whoever packed it."""


@dataclass(frozen=True, slots=True)
class BundleLimits:
    """Bounds on a bundle.

    Args:
        bytes: of all files, unpacked.
        entries: files and folders.
        ratio: unpacked to packed size, beyond the first MiB.
        name: characters of a path.
        depth: folders within each other.
    """

    bytes: int = 64 * 1024 * 1024
    entries: int = 1000
    ratio: int = 200
    name: int = 240
    depth: int = 10


LIMITS = BundleLimits()


def unpack(data: bytes, folder: Path, limits: BundleLimits = LIMITS) -> None:
    """Unpack a bundle with one manifest at its top.

    What packers of macOS and Windows add (`__MACOSX`, `.DS_Store`, `Thumbs.db`) is left out.

    Args:
        data: the zip file.
        folder: exists and is empty; to be thrown away when this raises.

    Raises:
        BundleRefused: it is no zip file, too large, or holds what a campaign does not.
    """
    if not data.startswith(_FIRST):
        raise BundleRefused("this is no zip file with anything in it")
    # Before the directory is read: each of its entries becomes an object.
    if data.count(_IN_DIRECTORY) > limits.entries:
        raise BundleRefused(f"the bundle has more than {limits.entries:,} entries; pack only the campaign")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [one for one in archive.infolist() if not _OF_THE_PACKER.fullmatch(one.filename)]
            _check(entries, len(data), limits)
            _write(archive, entries, folder, limits)
    except BundleRefused:
        raise
    except _DAMAGE:
        raise BundleRefused("this is no whole zip file; pack it again") from None
    except OSError:
        raise BundleRefused("the bundle cannot be unpacked; pack it again, with plain names") from None


def _check(entries: Sequence[zipfile.ZipInfo], packed: int, limits: BundleLimits) -> None:
    if len(entries) > limits.entries:
        raise BundleRefused(f"the bundle has more than {limits.entries:,} entries; pack only the campaign")
    total = sum(one.file_size for one in entries)
    if total > limits.bytes:
        raise BundleRefused(f"the bundle is larger than {limits.bytes:,} bytes when it is unpacked")
    if total > limits.ratio * packed and total > 1024 * 1024:
        raise BundleRefused(f"the bundle grows more than {limits.ratio} times when it is unpacked")
    for entry in entries:
        if reason := _why_not(entry, limits):
            raise BundleRefused(f"{_shown(entry.orig_filename)} {reason}")
    if twice := _same_twice(entries):
        raise BundleRefused(f"{_shown(twice)} is in the bundle twice, or differs from another name only by case")
    tops = [one.filename for one in entries if one.filename in MANIFESTS]
    if len(tops) != 1:
        what = "there are two manifests" if tops else "there is no manifest"
        raise BundleRefused(f"{what} at the top of the bundle; pack one, {' or '.join(MANIFESTS)}")


def _why_not(entry: zipfile.ZipInfo, limits: BundleLimits) -> str:
    """Why an entry is refused; empty when it is not."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or entry.external_attr & _REPARSE_POINT:
        return "is a link or a device; pack plain files"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted; pack it without a password"
    if entry.compress_type not in _METHODS:
        return "is packed in an unusual way; use store or deflate"
    # Its name first: the standard library asks for the last character of one that has none.
    if reason := _why_not_so_called(entry.orig_filename, limits):
        return reason
    return "is a folder with content" if entry.is_dir() and entry.file_size else ""


def _why_not_so_called(name: str, limits: BundleLimits) -> str:
    parts = name.removesuffix("/").split("/")
    if len(name) > limits.name or len(parts) > limits.depth:
        return "has a name that is too long or too deep; use a shorter one"
    if _FORBIDDEN.search(name):
        return "has a character in its name that no file name should have; rename it"
    if any(part in {"", ".", ".."} for part in parts):
        return "has a name that leads elsewhere; pack files below one folder, with names relative to it"
    if any(part.startswith(".") for part in parts):
        return "is a hidden file or folder; leave it out"
    if any(part != part.strip() or part.endswith(".") or _RESERVED.fullmatch(part) for part in parts):
        return "has a name that not every system can hold; rename it"
    return ""


def _same_twice(entries: Sequence[zipfile.ZipInfo]) -> str:
    """A name that means the same file as another one on some system, or a file that another needs as a folder."""
    files: set[str] = set()
    folders: dict[str, str] = {}
    for entry in entries:
        parts = entry.filename.removesuffix("/").split("/")
        for length in range(1, len(parts) + entry.is_dir()):
            folder = "/".join(parts[:length])
            if folders.setdefault(_folded(folder), folder) != folder:
                return entry.filename
        if not entry.is_dir():
            key = _folded(entry.filename)
            if key in files:
                return entry.filename
            files.add(key)
    return next((one for one in files if one in folders), "")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def _write(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], folder: Path, limits: BundleLimits) -> None:
    left = limits.bytes
    for entry in entries:
        path = folder / entry.filename
        if entry.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as packed, path.open("xb") as file:
            for chunk in _chunks(packed):
                left -= len(chunk)
                if left < 0:
                    raise BundleRefused(f"the bundle is larger than {limits.bytes:,} bytes when it is unpacked")
                if not file.tell() and chunk.startswith(_ARCHIVES):
                    raise BundleRefused(f"{_shown(entry.filename)} is an archive itself; pack what is in it")
                file.write(chunk)


def _chunks(packed: IO[bytes]) -> Iterator[bytes]:
    while chunk := packed.read(_CHUNK):
        yield chunk


def _shown(name: str) -> str:
    """A name from a stranger, fit to be told."""
    return repr(mask_addresses("".join(one if one.isprintable() else "?" for one in name[:60])))
