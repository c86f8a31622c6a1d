"""Files of a catalogue: found where the manifest may name them, opened as streams, told apart by their first bytes."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import BinaryIO, Literal, cast

from msgspec import Struct

from mailcheck.rule import Unusable

Kind = Literal["xml", "json", "parquet", "text"]
MOST_BYTES = 8_000_000_000
"""Unpacked; a catalogue of millions of products has less."""

_HEAD = 2048
_NOT_FEEDS = (
    (b"PK\x03\x04", "is a ZIP archive or a workbook; unpack it, or save it as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "is a workbook; save it as CSV (UTF-8)"),
    (b"%PDF", "is a PDF; export the feed as CSV or XML"),
    (b"\x89PNG", "is a picture; name the feed"),
    (b"(\xb5/\xfd", "is packed by zstd, which is not read; unpack it first"),
    (b"BZh", "is packed by bzip2, which is not read; unpack it first"),
)


class FeedFile(Struct, frozen=True):
    """A file that can be read.

    Args:
        path: where it is.
        shown: what to call it.
        kind: what its first bytes say.
        packed: by gzip.
    """

    path: Path
    shown: str
    kind: Kind
    packed: bool = False

    def open(self) -> BinaryIO:
        """Its bytes, unpacked, as a stream."""
        if not self.packed:
            return self.path.open("rb")
        return cast("BinaryIO", _Bounded(self.path, self.shown))


class _Bounded(gzip.GzipFile):
    """Unpacks no more than a catalogue can hold."""

    def __init__(self, path: Path, shown: str) -> None:
        super().__init__(path, "rb")
        self._shown = shown

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > MOST_BYTES:
            raise Unusable(f"{self._shown} unpacks to more than {MOST_BYTES:,} bytes; split it")
        return super().read(size)


def feed_file(named: str, folder: Path, root: Path) -> FeedFile:
    """The file that a manifest names.

    Args:
        folder: of the manifest.
        root: of the project; a manifest may come from anybody, so it names files in one of both.

    Raises:
        Unusable: it is not there, elsewhere, empty, or clearly no feed; one sentence.
    """
    try:
        path = (folder / named).resolve()
        if not (path.is_relative_to(folder.resolve()) or path.is_relative_to(root.resolve())):
            raise Unusable(f"{named} lies outside of the project; copy the feed beside the manifest")
        if path.is_dir():
            raise Unusable(f"{named} is a folder; name the file of the feed")
        if not path.exists():
            raise Unusable(f"{named}: there is no such file; give the path of the feed, relative to the manifest")
        if not path.is_file():
            raise Unusable(f"{named} is no plain file; save the feed to one")
        return _looked_at(path, named)
    except OSError as error:
        raise Unusable(f"{named} cannot be read ({(error.strerror or 'unreadable').lower()}); check the file") from None
    except ValueError:
        raise Unusable(f"{named!r:.60} is no path; name the file of the feed") from None


def _looked_at(path: Path, shown: str) -> FeedFile:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    packed = head.startswith(b"\x1f\x8b")
    if packed:
        try:
            with gzip.open(path) as unpacked:
                head = unpacked.read(_HEAD)
        except (EOFError, gzip.BadGzipFile, OSError):
            raise Unusable(f"{shown} is damaged or cut off: it cannot be unpacked; download it again") from None
    for mark, said in _NOT_FEEDS:
        if head.startswith(mark):
            raise Unusable(f"{shown} {said}")
    if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise Unusable(f"{shown} is empty, so nobody knows what the shop sells; export it again")
    return FeedFile(path, shown, _kind(head, shown), packed)


def _kind(head: bytes, shown: str) -> Kind:
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    start = text.lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise Unusable(f"{shown} is a web page, not a feed, perhaps that of a log-in; download the feed again")
    if start.startswith(b"<"):
        return "xml"
    return "json" if start.startswith((b"{", b"[")) else "text"


def text_of(file: FeedFile, encoding: str) -> io.TextIOWrapper:
    """The text of a file as a stream; a byte-order mark wins over what was said.

    Raises:
        Unusable: there is no such encoding.
    """
    stream = file.open()
    try:
        codec = encoding
        with file.open() as head:
            mark = head.read(3)
        if mark.startswith((b"\xff\xfe", b"\xfe\xff")):
            codec = "utf-16"
        elif mark.startswith(b"\xef\xbb\xbf") or encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
            codec = "utf-8-sig"
        return io.TextIOWrapper(stream, encoding=codec, errors="strict", newline="")
    except LookupError:
        stream.close()
        raise Unusable(f"there is no encoding {encoding[:40]!r}; write utf-8, utf-16 or latin-1") from None


def wrong_encoding(file: FeedFile, encoding: str) -> Unusable:
    """The sentence for a file whose bytes are not text, with the line on which they are not."""
    line = 1
    try:
        with file.open() as stream:
            for number, raw in enumerate(stream, 1):
                line = number
                raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        pass
    return Unusable(
        f"{file.shown}:{line}: this is not {encoding.upper()}; save the feed as UTF-8, or say its encoding "
        "(in the manifest, [catalogue]: encoding = 'latin-1')"
    )
