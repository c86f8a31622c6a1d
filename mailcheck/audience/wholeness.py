"""What kind of file it is by its first bytes, and whether a compressed one is whole.

DuckDB takes a Zstandard file that was cut off for a shorter list, and does not compare the checksum of a gzip file
(2.0.0, tried), so both are looked at here.
"""

from __future__ import annotations

import zlib
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from mailcheck.rule import Unusable

CHUNK = 1 << 20
LONGEST_CELL = 1 << 24
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_UTF16 = b"\xff\xfe"
_HOLE = bytes(64)

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive; save the list as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook; save the list as CSV (UTF-8)"),
    (b"%PDF", "a PDF; export the list as CSV (UTF-8)"),
    (b"PAR1", "a Parquet file; give it a name that ends in .parquet"),
    (_GZIP, "compressed by gzip; give it a name that ends in .gz"),
    (_ZSTD, "compressed by Zstandard; give it a name that ends in .zst"),
    (b"BZh", "compressed by bzip2; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"\xfe\xff", "UTF-16 with the high byte first; save it as UTF-8"),
    (b"SQLite format 3\x00", "an SQLite database; export the list as CSV (UTF-8)"),
)


def refuse_other(path: Path, kind: str, *, wide: bool = False) -> None:
    """Refuse a file that is something else than its name says, or is not whole.

    Args:
        path: an existing file.
        kind: `csv`, `json` or `parquet`.
        wide: whether it may be UTF-16 that does not say so.

    Raises:
        Unusable: one sentence.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(4096)
        if is_compressed(path):
            _refuse_broken(file, start, path.suffix.lower(), path.name)
        elif kind == "parquet":
            _refuse_cut_parquet(file, start, path.name)
        else:
            _refuse_kind(start, kind, path.name, wide=wide)
            if not wide and not start.startswith(_UTF16):
                _refuse_hole(file, path.name)


def is_utf16(path: Path) -> bool:
    """Whether a file is UTF-16 as Windows writes it: it says so, or every other byte is nothing."""
    with path.open("rb") as file:
        start = file.read(4096)
    return start.startswith(_UTF16) or (start[1::2].count(0) * 3 > len(start) and not start[::2].count(0))


def is_compressed(path: Path) -> bool:
    """Whether a file is compressed, by its name."""
    return path.suffix.lower() in (".gz", ".zst")


def quotes_are_closed(path: Path, encoding: str, delimiter: str) -> bool:
    """Whether no quotation mark of a CSV file stays open at its end; `False` also when that cannot be told."""
    import csv
    import gzip

    if path.suffix.lower() == ".zst":
        return False
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        opened = gzip.open if path.suffix.lower() == ".gz" else open
        with opened(path, "rt", encoding=encoding, newline="") as file:
            for _ in csv.reader(file, delimiter=delimiter, strict=True):
                pass
    except (OSError, csv.Error, UnicodeError, EOFError):
        return False
    finally:
        csv.field_size_limit(limit)
    return True


def _refuse_kind(start: bytes, kind: str, name: str, *, wide: bool) -> None:
    found = next((said for magic, said in _KINDS if start.startswith(magic)), None)
    if found is not None:
        raise Unusable(f"{name}: it is {found}")
    if start.startswith(_UTF16):
        if kind == "json":
            raise Unusable(f"{name}: it is UTF-16; save it as UTF-8")
    elif start.count(0) * 3 > len(start) and not wide:
        raise Unusable(f"{name}: it is no text in UTF-8; if it is UTF-16, save it as UTF-8")
    elif kind == "json" and start.startswith(b"\xef\xbb\xbf"):
        raise Unusable(f"{name}: it begins with a byte-order mark, which JSON must not; save it as UTF-8 without BOM")


def _refuse_hole(file: BufferedReader, name: str) -> None:
    """Refuse a file with a hole, as a disk leaves it where a file was not written before the power went.

    Rows that begin before a hole and end behind it are single rows to an engine, and those between are gone.
    """
    buffer = bytearray(CHUNK)
    place = file.seek(0)
    while length := file.readinto(buffer):
        # To look for one byte is five times as quick, and hardly a file has it at all.
        if buffer.find(0, 0, length) >= 0 and (hole := buffer.find(_HOLE, 0, length)) >= 0:
            raise Unusable(
                f"{name}: from byte {place + hole:,} on there is nothing but zeros for a while, as in a file that was "
                "only half written; export it again"
            )
        place += length


def _refuse_cut_parquet(file: BinaryIO, start: bytes, name: str) -> None:
    if not start.startswith(b"PAR1"):
        raise Unusable(f"{name}: it is no Parquet file; give it the name of what it is")
    file.seek(max(len(start), file.seek(0, 2)) - 4)
    if len(start) < 12 or file.read(4) != b"PAR1":
        raise Unusable(f"{name}: the file is cut off; export it again")


def _refuse_broken(file: BinaryIO, start: bytes, ending: str, name: str) -> None:
    magic, said = (_GZIP, "gzip") if ending == ".gz" else (_ZSTD, "Zstandard")
    if not start.startswith(magic) and not (magic == _ZSTD and _is_skipped(start)):
        raise Unusable(f"{name}: it is not compressed by {said}; give it the name of what it is")
    file.seek(0)
    if not (_gzip_is_whole(file) if ending == ".gz" else _zstd_is_whole(file)):
        raise Unusable(f"{name}: the file is damaged or cut off; export it again")


def _gzip_is_whole(file: BinaryIO) -> bool:
    """Whether every member of a gzip file ends, and has the sum that it says (RFC 1952)."""
    unpacked = zlib.decompressobj(wbits=31)
    try:
        while chunk := file.read(CHUNK):
            while chunk:
                unpacked.decompress(chunk)
                chunk = unpacked.unused_data
                if chunk:
                    unpacked = zlib.decompressobj(wbits=31)
                    chunk = chunk.lstrip(b"\x00")
    except zlib.error:
        return False
    return unpacked.eof


def _zstd_is_whole(file: BinaryIO) -> bool:
    """Whether every frame of a Zstandard file ends (RFC 8878, 3.1): its blocks say how long they are."""
    size = file.seek(0, 2)
    file.seek(0)
    while (place := file.tell()) < size:
        magic = file.read(4)
        if _is_skipped(magic):
            file.seek(int.from_bytes(file.read(4), "little"), 1)
        elif magic != _ZSTD or not _zstd_frame(file):
            return False
        if file.tell() > size or file.tell() <= place:
            return False
    return True


def _is_skipped(start: bytes) -> bool:
    """Whether a frame begins that holds nothing of the file."""
    return len(start) >= 4 and 0x184D2A50 <= int.from_bytes(start[:4], "little") <= 0x184D2A5F


def _zstd_frame(file: BinaryIO) -> bool:
    """Go to the end of a frame, from behind its magic number."""
    descriptor = file.read(1)
    if not descriptor:
        return False
    single, dictionary = descriptor[0] >> 5 & 1, (0, 1, 2, 4)[descriptor[0] & 3]
    length = (1 if single else 0, 2, 4, 8)[descriptor[0] >> 6]
    file.seek(length + dictionary + (not single), 1)
    while True:
        header = file.read(3)
        if len(header) < 3:
            return False
        block = int.from_bytes(header, "little")
        # A block of kind 1 is one byte, repeated.
        file.seek(1 if block >> 1 & 3 == 1 else block >> 3, 1)
        if block & 1:
            file.seek(4 if descriptor[0] & 4 else 0, 1)
            return True
