"""Content-Transfer-Encoding: as senders write it, and as the standards know it."""

from __future__ import annotations

import re
from email.errors import MessageDefect
from email.message import Message

_COMMENT = re.compile(r"\([^()]*+\)")
_IDENTITY = re.compile(r"(?:[678][- ]?bits?|binary|plain|none)?+")
_ENCODINGS = {"base64", "quoted-printable"}
_UUENCODE = {"x-uuencode", "uuencode", "uue", "x-uue"}
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]++")
_CONTINUED = re.compile(rb"=[A-Za-z0-9+/]")


class UndecodedDefect(MessageDefect):
    """The standard library failed on the content, so nothing of it was read."""


class UnknownTransferEncodingDefect(MessageDefect):
    """The encoding has a name that nobody knows, so the content was read as it stands."""


class ContinuedBase64Defect(MessageDefect):
    """Something stands behind the padding that ends base64; mail programs differ on whether it is content."""


class BrokenUuencodeDefect(MessageDefect):
    """The lines are not what uuencode writes."""


def encoding(part: Message) -> str:
    """The name of the transfer encoding in lower case, without comments, quotes and parameters."""
    stated = _COMMENT.sub(" ", str(part.get("content-transfer-encoding", "")))
    return stated.partition(";")[0].strip(" \t\r\n\"'").lower()


def decode(part: Message) -> bytes:
    """The bytes of a leaf; what is wrong with them is added to the defects of the part.

    The standard library knows only the exact names, so the header field of the part is put right first.
    """
    name = encoding(part)
    known = name in _ENCODINGS or name in _UUENCODE
    if not known and not _IDENTITY.fullmatch(name):
        part.defects.append(UnknownTransferEncodingDefect())
    if "content-transfer-encoding" in part:
        part.replace_header("content-transfer-encoding", name if known else "8bit")
    data = part.get_payload(decode=True)
    decoded = data if isinstance(data, bytes) else b""
    if known and name != "quoted-printable":
        _doubt(part, name, decoded)
    return decoded


def _doubt(part: Message, name: str, decoded: bytes) -> None:
    part.replace_header("content-transfer-encoding", "8bit")
    raw = part.get_payload(decode=True)
    part.replace_header("content-transfer-encoding", name)
    if not isinstance(raw, bytes):
        return
    if name in _UUENCODE and decoded == raw and raw.strip():
        part.defects.append(BrokenUuencodeDefect())
    if name == "base64" and _CONTINUED.search(_NOT_BASE64.sub(b"", raw)):
        part.defects.append(ContinuedBase64Defect())
