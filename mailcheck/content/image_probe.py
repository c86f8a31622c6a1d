"""What a picture file is, read off its structure: format, size, frames, whether it is whole. Nothing is decoded.

A probe of our own, because the libraries that read headers find no truncation, and those that decode are large and
slow (and some of their checks miss truncated files, too). Sources: PNG (W3C, third edition), GIF89a, JPEG (ITU T.81)
with Exif 2.32, the WebP container, ISO base media files (AVIF, HEIF), BMP, ICO, TIFF 6, SVG.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

CUT = "it ends in the middle, so it was not copied or uploaded whole"
CROWDED = "it has more pieces than any program writes, so it is damaged or made to harm"
PIECES = 100_000
"""So many are looked at: a file of 5 MB may claim to have hundreds of thousands, and nothing in them."""


class Probe(Struct, frozen=True):
    """What a file is.

    Args:
        format: `png`, `jpeg`, `gif`, `webp`, `avif`, `heic`, `svg`, `bmp`, `ico`, `tiff`, `jxl`; of what is no picture
            `html`, `json`, `text`, `pdf`, `video`, `zip`, `lfs`, `empty`, or `unknown`.
        width, height: in pixels, as stored; 0 when unknown.
        frames: of an animation; 1 for a picture that stands still.
        fault: why it is not whole, for a sentence; empty when nothing is wrong.
        orientation: Exif, 1 to 8; other than 1 it has to be turned.
        cmyk: its colours are those of print.
        milliseconds: how long one round of an animated GIF takes.
        keeps_shape: whatever box it is shown in, it is drawn in its own proportions, with room left over.
    """

    format: str
    width: int = 0
    height: int = 0
    frames: int = 1
    fault: str = ""
    orientation: int = 1
    cmyk: bool = False
    milliseconds: int = 0
    keeps_shape: bool = False

    @property
    def is_picture(self) -> bool:
        return self.format in PICTURES


PICTURES = frozenset(("png", "jpeg", "gif", "webp", "avif", "heic", "svg", "bmp", "ico", "tiff", "jxl"))
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL ", "jxl"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"version https://git-lfs.github.com/spec/", "lfs"),
)
_SVG = rb"(?s)\A(?:\xef\xbb\xbf)?\s*+(?:<\?xml.{0,500}?\?>|<!--.{0,2000}?-->|<!DOCTYPE\s+svg.{0,500}?>|\s++){0,20}<(?:\w+:)?svg[\s>]"
_HTML = rb"(?si)\A(?:\xef\xbb\xbf)?\s*+(?:<!--.{0,2000}?-->\s*+){0,5}<(?:!doctype\s+html|html|head|body|script|div|meta|title)\b"
_SIZE = rb"<(?:\w+:)?svg\b([^>]{0,4000})>"
_ATTRIBUTE = rb"(?<![\w:-])(width|height|viewBox|preserveAspectRatio)\s*=\s*[\"']([^\"']{1,80})[\"']"


def probe(data: bytes, *, whole: bool = True) -> Probe:
    """What a file is.

    Args:
        data: its bytes, or the first of them.
        whole: `data` is the whole file, so that an early end is a fault.
    """
    if not data.strip(b"\0 \r\n\t"):
        return Probe("empty", fault="it is empty")
    name = _format(data)
    read = _READERS.get(name)
    if read is None:
        return Probe(name)
    try:
        found = read(data)
    except (struct.error, IndexError, ValueError):
        found = Probe(name, fault=CUT)
    return found if whole or found.fault != CUT else replace(found, fault="")


def _format(data: bytes) -> str:
    for signature, name in _SIGNATURES:
        if data.startswith(signature) and (name != "bmp" or data[6:10] == b"\0\0\0\0"):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in (b"avif", b"avis"):
            return "avif"
        return "heic" if brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1") else "video"
    head = data[:8192]
    if re.match(_SVG, head):
        return "svg"
    if re.match(_HTML, head):
        return "html"
    return _text(head)


def _text(head: bytes) -> str:
    if b"\0" in head:
        return "unknown"
    if head.lstrip()[:1] in (b"{", b"["):
        return "json"
    try:
        head.decode("utf-8", "strict" if len(head) < 8192 else "ignore")
    except UnicodeDecodeError:
        return "unknown"
    return "text"


def _png(data: bytes) -> Probe:
    width, height = struct.unpack(">II", data[16:24])
    at, frames, fault = 8, 1, CUT
    for _ in range(PIECES):
        length, kind = struct.unpack(">I4s", data[at : at + 8].ljust(8, b"\xff"))
        end = at + 12 + length
        if end > len(data):
            break
        if not kind.isalpha():
            fault = "a piece of it is none of this format, so it was damaged on its way"
            break
        if (
            kind in (b"IHDR", b"PLTE", b"IDAT")
            and zlib.crc32(data[at + 4 : end - 4]) != struct.unpack(">I", data[end - 4 : end])[0]
        ):
            fault = "a checksum in it is wrong, so it was damaged on its way"
            break
        if kind == b"acTL":
            frames = max(1, struct.unpack(">I", data[at + 8 : at + 12])[0])
        if kind == b"IEND":
            fault = ""
            break
        at = end
    else:
        fault = CROWDED
    return Probe("png", width, height, frames, fault)


def _gif(data: bytes) -> Probe:
    width, height, flags = struct.unpack("<HHB", data[6:11])
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    frames, time, fault = 0, 0, CUT
    for _ in range(PIECES):
        kind = data[at] if at < len(data) else -1
        if kind == 0x3B:
            fault = ""
            break
        if kind == 0x2C:
            frames += 1
            local = data[at + 9]
            at = _blocks(data, at + 11 + (3 << ((local & 7) + 1) if local & 0x80 else 0))
        elif kind == 0x21:
            if data[at + 1] == 0xF9:
                time += struct.unpack("<H", data[at + 4 : at + 6])[0] * 10
            at = _blocks(data, at + 2)
        elif kind == 0:
            at += 1
        else:
            break
    else:
        fault = CROWDED
    if not frames and not fault:
        fault = "it has no frame"
    return Probe("gif", width, height, max(1, frames), fault, milliseconds=time)


def _blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


_SIZES = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))


def _jpeg(data: bytes) -> Probe:
    at, width, height, components, orientation = 2, 0, 0, 0, 1
    for _ in range(PIECES):
        if at + 4 > len(data):
            break
        if data[at] != 0xFF:
            return Probe("jpeg", width, height, fault=CUT)
        marker = data[at + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            break
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        body = data[at + 4 : at + 2 + length]
        if marker in _SIZES and len(body) >= 6:
            height, width, components = struct.unpack(">HHB", body[1:6])
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:])
        at += 2 + length
        if marker == 0xDA:
            break
    else:
        return Probe("jpeg", width, height, fault=CROWDED)
    whole = width > 0 and data.rfind(b"\xff\xd9", max(0, at - 2)) >= 0
    return Probe("jpeg", width, height, fault="" if whole else CUT, orientation=orientation, cmyk=components == 4)


def _orientation(tiff: bytes) -> int:
    """Tag 0x112 of the first directory of Exif; 1 when it cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        start = struct.unpack(f"{order}I", tiff[4:8])[0]
        count = struct.unpack(f"{order}H", tiff[start : start + 2])[0]
        for number in range(min(count, 200)):
            entry = tiff[start + 2 + 12 * number : start + 14 + 12 * number]
            tag, _, _, value = struct.unpack(f"{order}HHIH", entry[:10])
            if tag == 0x112:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _webp(data: bytes) -> Probe:
    size = struct.unpack("<I", data[4:8])[0] + 8
    kind, frames = data[12:16], 1
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        frames = max(1, sum(1 for name, _, _ in _riff(data) if name == b"ANMF"))
    elif kind == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    else:
        width, height = (value & 0x3FFF for value in struct.unpack("<HH", data[26:30]))
    return Probe("webp", width, height, frames, CUT if size > len(data) + 1 else "")


def _riff(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    for _ in range(PIECES):
        if at + 8 > len(data):
            return
        length = struct.unpack("<I", data[at + 4 : at + 8])[0]
        yield data[at : at + 4], at + 8, length
        at += 8 + length + (length & 1)


def _boxed(name: str) -> Callable[[bytes], Probe]:
    """A reader of ISO base media files; the size is that of the largest picture in it."""

    def read(data: bytes) -> Probe:
        at, fault = 0, ""
        for _ in range(PIECES):
            if at + 8 > len(data):
                break
            length = struct.unpack(">I", data[at : at + 4])[0]
            if length == 1:
                length = struct.unpack(">Q", data[at + 8 : at + 16])[0]
            if length == 0:
                break
            if length < 8 or at + length > len(data):
                fault = CUT
                break
            at += length
        else:
            fault = CROWDED
        sizes = [struct.unpack(">II", data[m.end() + 4 : m.end() + 12]) for m in re.finditer(b"ispe", data[:65536])]
        width, height = max(sizes, default=(0, 0), key=lambda size: size[0] * size[1])
        return Probe(name, width, height, fault=fault)

    return read


def _bmp(data: bytes) -> Probe:
    size = struct.unpack("<I", data[2:6])[0]
    width, height = struct.unpack("<ii", data[18:26])
    return Probe("bmp", abs(width), abs(height), fault=CUT if size > len(data) else "")


def _ico(data: bytes) -> Probe:
    count = struct.unpack("<H", data[4:6])[0]
    entries = (struct.unpack("<II", data[14 + 16 * number : 22 + 16 * number]) for number in range(count))
    fault = CUT if any(size + at > len(data) for size, at in entries) else ""
    return Probe("ico", data[6] or 256, data[7] or 256, fault=fault)


def _svg(data: bytes) -> Probe:
    found = re.search(_SIZE, data[:16384])
    values = {match[1]: match[2] for match in re.finditer(_ATTRIBUTE, found[1])} if found else {}
    box = re.findall(rb"[\d.]+", values.get(b"viewBox", b""))
    width, height = (_pixels(values.get(name, b"")) for name in (b"width", b"height"))
    if not (width and height) and len(box) == 4:
        width, height = int(float(box[2])), int(float(box[3]))
    # As browsers draw it: a drawing without a box of its own is stretched, one with such a box is fitted in.
    fitted = len(box) == 4 and not values.get(b"preserveAspectRatio", b"").lstrip().startswith(b"none")
    fault = "" if re.search(rb"</(?:\w+:)?svg\s*>|<(?:\w+:)?svg[^>]*/>", data) else CUT
    return Probe("svg", width, height, fault=fault, keeps_shape=fitted)


def _pixels(value: bytes) -> int:
    match = re.fullmatch(rb"\s*(\d+(?:\.\d+)?)(?:px)?\s*", value)
    return int(float(match[1])) if match else 0


_READERS: dict[str, Callable[[bytes], Probe]] = {
    "png": _png,
    "gif": _gif,
    "jpeg": _jpeg,
    "webp": _webp,
    "avif": _boxed("avif"),
    "heic": _boxed("heic"),
    "bmp": _bmp,
    "ico": _ico,
    "svg": _svg,
}
