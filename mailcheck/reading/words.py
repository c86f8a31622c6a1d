"""Header fields → text: unfolding, encoded words (RFC 2047) and 8-bit characters, well-formed or not."""

from __future__ import annotations

import binascii
import quopri
import re

from mailcheck.reading.charset import codec, decode_strictly, windows_1252, without_half_pairs

_FOLD = re.compile(r"(?:\r\n|\r|\n)(?=[ \t])")
_LINE_END = re.compile(r"[\r\n]+")
# The encoded text may hold spaces, which RFC 2047 forbids and senders write.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*+)\?=")
_CUT_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*+\??$")
_NO_ESCAPE = re.compile(r"[\ud800-\udc7f\udd00-\udfff]")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]++")


def field_text(raw: str) -> tuple[str, str]:
    """The decoded value of a header field, and what is doubtful about it (empty when nothing is).

    Args:
        raw: the field body as the standard library's parser gives it: bytes that are not ASCII are
            surrogate escapes.
    """
    return decode_words(_LINE_END.sub(" ", _FOLD.sub("", raw)).strip())


def raw_text(raw: str) -> str:
    """The field body as written, folds included, without surrogate escapes."""
    return _plain(raw, [])


def decode_words(text: str) -> tuple[str, str]:
    """Replace every encoded word; neighbours of one charset are joined before they are decoded.

    Senders cut words in the middle of a character, so only the joined bytes can be decoded.
    """
    pieces: list[str] = []
    doubts: list[str] = []
    run: list[tuple[str, bytes]] = []
    end = 0
    for match in _WORD.finditer(text):
        gap = text[end : match.start()]
        if not run or gap.strip():
            pieces.append(_flush(run, doubts) + _plain(gap, doubts))
        data = _word_bytes(match[2], match[3])
        if data is None:
            pieces.append(_flush(run, doubts) + _plain(match[0], doubts))
            doubts.append("has an encoded word that cannot be decoded")
        else:
            run.append((match[1].partition("*")[0].lower(), data))
        end = match.end()
    pieces.append(_flush(run, doubts) + _plain(text[end:], doubts))
    if _CUT_WORD.search(text[end:]):
        doubts.append("ends in the middle of an encoded word")
    return without_half_pairs("".join(pieces)), doubts[0] if doubts else ""


def _plain(text: str, doubts: list[str]) -> str:
    data = _escaped(text)
    decoded = decode_strictly(data, "utf-8")
    if decoded is None:
        doubts.append("has bytes that are neither ASCII nor UTF-8")
    return windows_1252(data) if decoded is None else decoded


def _escaped(text: str) -> bytes:
    """The bytes of a text with surrogate escapes."""
    return _NO_ESCAPE.sub("\ufffd", text).encode("utf-8", "surrogateescape")


def _flush(run: list[tuple[str, bytes]], doubts: list[str]) -> str:
    joined: list[tuple[str, bytes]] = []
    for label, data in run:
        if joined and joined[-1][0] == label:
            joined[-1] = (label, joined[-1][1] + data)
        else:
            joined.append((label, data))
    run.clear()
    return "".join(_decode(label, data, doubts) for label, data in joined)


def _decode(label: str, data: bytes, doubts: list[str]) -> str:
    name = codec(label)
    if name == "ascii" and not data.isascii():
        name = None
    text = decode_strictly(data, name) if name else None
    if text is not None:
        return text
    doubts.append(f"has characters that are not {label[:40]!a}, their stated charset" if name else _unknown(label))
    if name:
        return data.decode(name, "replace")
    text = decode_strictly(data, "utf-8")
    return windows_1252(data) if text is None else text


def _unknown(label: str) -> str:
    return f"is encoded in {label[:40]!a}, which is no charset or not the right one"


def _word_bytes(encoding: str, encoded: str) -> bytes | None:
    if encoding in "qQ":
        return quopri.decodestring(_escaped(encoded), header=True)
    digits = _NOT_BASE64.sub("", encoded)
    try:
        return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))
    except binascii.Error:
        return None
