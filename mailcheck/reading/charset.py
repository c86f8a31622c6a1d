"""Bytes → text, as mail clients and browsers do it, and what was doubtful about it."""

from __future__ import annotations

import codecs
import re

from msgspec import Struct
from msgspec.structs import replace

# Labels that senders use and Python does not know.
_LABELS = {
    "ansi_x3.4-1968": "ascii",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "ks_c_5601": "cp949",
    "macintosh": "mac-roman",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-gbk": "gb18030",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
}
# Charsets for which mail clients and browsers read a superset.
_SUPERSETS = {
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso2022_jp": "iso2022_jp_ext",
    "iso8859-1": "cp1252",
    "iso8859-11": "cp874",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "tis-620": "cp874",
}
# Text codecs of Python that are no charsets; some of them take quadratic time.
_NOT_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
_LABEL = re.compile(r"[a-z0-9][a-z0-9_.:+-]{0,39}")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # starts as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HALF_PAIR = re.compile(r"[\ud800-\udfff]")
_META = re.compile(rb"<meta\s[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_C1 = {code: ord(bytes([code]).decode("cp1252", "replace")) for code in range(0x80, 0xA0)}
_WINDOWS = {code: char for code, char in _C1.items() if char != 0xFFFD}
_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\f\r\x1b"))


class Decoded(Struct, frozen=True):
    """Text, and how sure it is.

    Args:
        text: has no lone surrogates.
        codec: the Python codec that gives the bytes back (`utf-8-sig` when there was a byte order mark).
        doubt: what is wrong, without a full stop; empty when nothing is.
        sure: the text is what a reader sees, in spite of the doubt.
        at: offset in `text` of the first doubtful character.
    """

    text: str
    codec: str
    doubt: str = ""
    sure: bool = True
    at: int | None = None


def codec(label: str) -> str | None:
    """The Python codec for a charset label of a mail or a page, or `None` when there is none."""
    label = label.strip(" \t\r\n\"';").lower().removeprefix("charset=")
    if not _LABEL.fullmatch(label):
        return None
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
        name = _SUPERSETS.get(name, name)
        "a".encode(name)
    except (LookupError, ValueError):
        return None
    return None if name.replace("_", "-") in _NOT_CHARSETS else name


def windows_1252(data: bytes) -> str:
    """Every byte as a character, as browsers read it: undefined ones stay control characters."""
    return data.decode("latin-1").translate(_WINDOWS)


def decode_strictly(data: bytes, name: str) -> str | None:
    """The text, or `None` when the bytes are not of this codec."""
    if name == "cp1252":
        return windows_1252(data)
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        return None
    return None if name == "utf-7" and _HALF_PAIR.search(text) else text


def decode_template(data: bytes) -> Decoded:
    """The text of a template file: byte order mark, then `<meta charset>`, then UTF-8, then Windows-1252."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            text = decode_strictly(data, name)
            return Decoded(text, name) if text is not None else _broken(data, name)
    declared = _declared(data)
    text = decode_strictly(data, "utf-8")
    if declared is None or declared == "utf-8":
        return Decoded(text, "utf-8") if text is not None else _not_utf8(data)
    if text is not None:
        return Decoded(text, "utf-8", *_mislabelled(text, declared))
    text = decode_strictly(data, declared)
    return Decoded(text, declared) if text is not None else _broken(data, declared)


def decode_body(data: bytes, label: str | None, *, html: bool = False) -> Decoded:
    """The text of a mail part with the charset of its Content-Type, or `None` when it states none."""
    declared = codec(label) if label else (_declared(data) if html else None)
    if label and declared is None:
        return _guess(data, f"the charset {label[:40]!a} is unknown")
    if declared is None or declared == "ascii":
        return _unlabelled(data, label)
    text = decode_strictly(data, "utf-8") if not label else None
    if text is not None and declared != "utf-8":
        return replace(Decoded(text, "utf-8", *_mislabelled(text, declared)), sure=False)
    text = decode_strictly(data, declared)
    return Decoded(text, declared) if text is not None else _broken(data, declared, label)


def is_binary(text: str) -> bool:
    """Whether a decoded text is no text: one character in fifty is a control character."""
    head = text[:65536]
    data = head.encode("utf-8", "surrogatepass")
    return len(data) - len(data.translate(None, _CONTROL)) > max(4, len(head) // 50)


def without_half_pairs(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be written as UTF-8."""
    return _HALF_PAIR.sub("\ufffd", text)


def _declared(data: bytes) -> str | None:
    found = _META.search(data[:4096])
    name = codec(found[1].decode("ascii", "replace")) if found else None
    # A page that can be read up to its <meta> is in no two-byte encoding, whatever it says.
    return "utf-8" if name and name.startswith(("utf-16", "utf-32", "utf-7")) else name


def _mislabelled(text: str, declared: str) -> tuple[str, bool, int | None]:
    if text.isascii() or declared == "ascii":
        return "", True, None
    first = next(offset for offset, char in enumerate(text) if not char.isascii())
    return (
        f"the <meta> tag says {declared}, but the bytes are UTF-8 and were read as UTF-8; correct the tag",
        True,
        first,
    )


def _not_utf8(data: bytes) -> Decoded:
    first = _first_bad(data, "utf-8")
    line = data.count(b"\n", 0, first) + 1
    doubt = f"the file is not UTF-8 (first bad byte: line {line}), so it was read as Windows-1252; save it as UTF-8"
    return Decoded(windows_1252(data), "cp1252", doubt, at=first)


def _broken(data: bytes, name: str, label: str | None = None) -> Decoded:
    first = _first_bad(data, name)
    line = data.count(b"\n", 0, first) + 1
    stated = (label or name)[:40].strip("\"'")
    doubt = (
        f"line {line} has bytes that are not {stated}, the stated charset; state the right charset, or save as UTF-8"
    )
    text = without_half_pairs(data.decode(name, "replace"))
    return Decoded(text, name, doubt, sure=False, at=len(data[:first].decode(name, "replace")))


def _unlabelled(data: bytes, label: str | None) -> Decoded:
    if data.isascii():
        return Decoded(data.decode("ascii"), "ascii")
    stated = f"the charset is stated as {label[:40]!a}" if label else "no charset is stated"
    text = decode_strictly(data, "utf-8")
    if text is None or label:
        return _guess(data, f"{stated}, but there are characters that are not ASCII")
    doubt = f"{stated} and the text is not ASCII, so it was read as UTF-8; state the charset"
    return Decoded(text, "utf-8", doubt, at=_first_bad(data, "ascii"))


def _guess(data: bytes, reason: str) -> Decoded:
    text = decode_strictly(data, "utf-8")
    name, read = ("utf-8", text) if text is not None else ("cp1252", windows_1252(data))
    if read.isascii():
        return Decoded(read, name, f"{reason}; state a charset that mail clients know")
    first = next(offset for offset, char in enumerate(read) if not char.isascii())
    doubt = f"{reason}, so it was read as {name}, which need not be what readers see; state the right charset"
    return Decoded(read, name, doubt, sure=False, at=first)


def _first_bad(data: bytes, name: str) -> int:
    try:
        data.decode(name)
    except UnicodeDecodeError as error:
        return error.start
    except (UnicodeError, ValueError):
        return 0
    return 0
