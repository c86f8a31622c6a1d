"""What in an address stands for one recipient: a random text, a number behind a telling name, a merge tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG, Address
from mailcheck.content.link_effect_words import word_set

_UUID = lazy(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_HEX = lazy(r"[0-9a-fA-F]{16,}")
_JWT = lazy(r"eyJ[\w\-]{10,}\.[\w\-]{10,}")
_PIECES = lazy(r"[^\w]|_")
_KINDS = lazy(r"[a-z]+|[A-Z]+|\d+")
_VOUCHER = lazy(r"(?=[A-Z\-]*\d)[A-Z0-9]{3,6}(?:-[A-Z0-9]{3,6}){1,5}")
_FILE = lazy(
    r"\.(?:pdf|png|jpe?g|gif|webp|svg|avif|mp4|mp3|css|js|woff2?|ics|docx?|xlsx?|pptx?|zip|csv)\Z", re.IGNORECASE
)
_MAIL = lazy(r"[^@\s]+@[^@\s]+\.\w+\Z")


def is_random(text: str, least: int = 8) -> bool:
    """Whether a machine made a text up: hex, base64, a UUID; not words, dates or article numbers."""
    if len(text) < least:
        return False
    if _UUID.search(text) or _HEX.fullmatch(text) or _JWT.search(text) or _VOUCHER.fullmatch(text):
        return True
    if " " in text:
        return False
    return any(_is_mixed(piece) for piece in _PIECES.split(text) if len(piece) >= min(least, 10))


def _is_mixed(piece: str) -> bool:
    """Whether digits and letters, or capitals and small letters, change more often than in a name."""
    if not any(sign.isdigit() for sign in piece) and len(piece) < 16:
        return False
    changes = len(_KINDS.findall(piece)) - 1
    return changes >= 3 and changes * 6 >= len(piece) and any(sign.isalpha() for sign in piece)


def segments(address: Address) -> list[str]:
    """The pieces of the path, percent-decoded."""
    return [unquote(piece) for piece in address.get(address.path).split("/") if piece]


def pairs(address: Address) -> Iterator[tuple[str, str]]:
    """Names and values of the query, and of a fragment that looks like one; names in lower case."""
    yield from ((one.name.lower(), one.value) for one in address.parameters)
    if "=" in address.get(address.fragment):
        yield from ((one.name.lower(), one.value) for one in address.parameters_in(address.fragment))


def names_recipient(address: Address) -> bool:
    """Whether anything in an address stands for one recipient."""
    for piece in segments(address):
        if TAG in piece or is_random(piece, 10) or _UUID.search(piece) or _MAIL.match(piece):
            return True
        if piece.isdigit() and len(piece) >= 6 and not piece.startswith(("19", "20")):
            return True
    return any(_is_personal(name, value) for name, value in pairs(address))


def _is_personal(name: str, value: str) -> bool:
    if name.startswith("utm_") or not value:
        return False
    if TAG in value or _MAIL.match(value) or is_random(value, 10):
        return True
    known = (
        name in word_set("token_keys")
        or name in word_set("one_time_keys")
        or name.endswith(("id", "_id", "token", "key", "hash", "code"))
    )
    return known and (len(value) >= 4 and any(sign.isdigit() for sign in value))


def may_name_recipient(address: Address) -> bool:
    """The same with less to go by: what only counts together with a word that says what the link does."""
    if names_recipient(address):
        return True
    values = [value for name, value in pairs(address) if not name.startswith("utm_")]
    return any(_is_coded(text) for text in (*values, *segments(address)[1:]))


def _is_coded(text: str) -> bool:
    """Whether digits and letters are mixed as in `ab12cd34`, `12ab`."""
    return (
        len(text) >= 4
        and text.isalnum()
        and text.isascii()
        and not text.isdigit()
        and len(_KINDS.findall(text)) >= 2
        and any(sign.isdigit() for sign in text)
    )


def works_once(address: Address) -> bool:
    """Whether an address carries a ticket of its own, whatever its words say."""
    if _FILE.search(address.get(address.path)):
        return False
    if _JWT.search(address.text):
        return True
    return any(
        name in word_set("one_time_keys")
        and (TAG in value or is_random(value, 12) or (len(value) >= 20 and " " not in value))
        for name, value in pairs(address)
    )


def longest_token(address: Address) -> int:
    """Length of the longest random text in the path or in a value."""
    found = [len(piece) for piece in segments(address) if is_random(piece, 10)]
    found += [len(value) for name, value in pairs(address) if is_random(value, 10) and not name.startswith("utm_")]
    query = address.get(address.query)
    if "=" not in query and is_random(query, 10):
        found.append(len(query))
    return max(found, default=0)
