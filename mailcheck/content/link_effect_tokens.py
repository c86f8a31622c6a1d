"""What in an address stands for one recipient: a random text, a number behind a telling name, a merge tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote

from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG, Address
from mailcheck.content.link_effect_words import word_set

_UUID = lazy(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_HEX = lazy(r"[0-9a-fA-F]{16,}")
_SHORT_HEX = lazy(r"(?=\d*[a-fA-F])(?=[a-fA-F]*\d)[0-9a-fA-F]{8,}")
_JWT = lazy(r"eyJ[\w\-]{10,}\.[\w\-]{10,}")
_PIECES = lazy(r"[^\w]|_")
_BASE64 = lazy(r"[\w\-]+={0,2}", re.ASCII)
_WEB = lazy(r"https?://", re.IGNORECASE)
_DASHES = lazy(r"[\-_]")
_KINDS = lazy(r"[a-z]+|[A-Z]+|\d+")
_VOUCHER = lazy(r"(?=[A-Z\-]*\d)(?=[\d\-]*[A-Z])[A-Z0-9]{2,6}(?:-[A-Z0-9]{2,6}){1,5}")
_WORD = lazy(r"[a-z]{6,}")
_LETTERS = lazy(r"[A-Za-z]{4}")
_CHOICE = lazy(r"\d{1,2}|yes|no|ja|nein|nee|oui|non|si|nej|maybe|y|n|true|false|up|down|good|bad|ok", re.IGNORECASE)
_NAME = lazy(r"(?<![a-z])[A-Z]?[a-z]{3,}(?![A-Za-z])")
_ACCOUNTS = frozenset(("accounts", "account", "login", "auth", "id", "signin", "billing", "pay", "checkout"))
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
    if any(_is_mixed(piece) for piece in _PIECES.split(text) if len(piece) >= min(least, 10)):
        return True
    # Of base64 that is made for addresses `-` and `_` are letters.
    is_base64 = len(text) >= 16 and _BASE64.fullmatch(text) is not None and len(_NAME.findall(text)) < 2
    return is_base64 and _is_mixed(_DASHES.sub("", text))


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
    path = segments(address)
    for before, piece in zip(["", *path], path, strict=False):
        if TAG in piece or _UUID.search(piece) or _MAIL.match(piece):
            return True
        if len(piece) < 16 and before.lower() in word_set("content_paths"):
            continue  # the number of an article: `/dp/B0C7QX9LM2`, `/rooms/44112233`
        if (
            is_random(piece, 10)
            or (len(piece) >= 10 and "-" in piece and _is_coded(piece))
            or (piece.isdigit() and len(piece) >= 6 and not piece.startswith(("19", "20")))
        ):
            return True
    return any(_is_personal(name, value) for name, value in pairs(address))


def _is_personal(name: str, value: str) -> bool:
    if name.startswith("utm_") or name in word_set("public_keys") or not value:
        return False
    if TAG in value or _MAIL.match(value) or is_random(value, 10):
        return True
    if len(value) >= 10 and "-" in value and _is_coded(value):
        return True
    known = (
        name in word_set("token_keys")
        or name in word_set("one_time_keys")
        or name.endswith(("id", "_id", "token", "key", "hash", "code"))
    )
    return known and (len(value) >= 4 and any(sign.isdigit() for sign in value))


def leads_on(address: Address) -> bool:
    """Whether an address names another one, and beside it something that stands for one recipient."""
    values = list(pairs(address))
    texts = (*segments(address), *(value for _, value in values))
    inner = [text for text in texts if _WEB.match(text) or text in ("http", "https")]
    if not inner or is_public(address):
        return False  # `twitter.com/intent/tweet?url=…` is the same for all
    here = any(is_random(piece, 10) for piece in segments(address) if "://" not in piece)
    return here or any(_is_personal(name, value) for name, value in values if value not in inner)


def has_code(address: Address) -> bool:
    """Whether there is a code of eight signs and more, in the path or under any name but that of an advertiser."""
    if names_recipient(address):
        return True
    public = word_set("public_keys")
    values = (value for name, value in pairs(address) if not name.startswith("utm_") and name not in public)
    shown = word_set("content_paths")
    path = [piece for before, piece in pairwise(segments(address)) if before.lower() not in shown]
    return any(is_random(text, 8) for text in (*path, *values))


def may_name_recipient(address: Address) -> bool:
    """The same with less to go by: what only counts together with a word that says what the link does."""
    if names_recipient(address):
        return True
    public = word_set("public_keys")
    values = [value for name, value in pairs(address) if not name.startswith("utm_") and name not in public]
    return any(_is_coded(text) for text in (*values, *segments(address)[1:]))


def is_wordless(path: list[str]) -> bool:
    """Whether a path is several codes and nothing that anybody could read: `9kqzr/hxj2vd`, `Qx7/3345a8`."""
    readable = any(_LETTERS.search(piece) and not _is_coded(piece) and not piece.isupper() for piece in path)
    numbers = sum(len(piece) for piece in path if piece.isdigit())
    return len(path) > 1 and (any(map(_is_coded, path)) or numbers > 9) and not readable


def answers(address: Address) -> bool:
    """Whether one answer of several stands in the query, beside what stands for one recipient: `/q/3345a8bc9d?a=2`."""
    chosen = [name for name, value in pairs(address) if name in word_set("answer_keys") and _CHOICE.fullmatch(value)]
    others = [value for name, value in pairs(address) if name not in (*chosen, *word_set("public_keys"))]
    return bool(chosen) and any(is_random(text, 10) for text in (*segments(address)[1:], *others))


def _is_coded(text: str) -> bool:
    """Whether digits and letters are mixed as in `ab12cd34`, `12ab`, `3345-a8Bc9d`."""
    parts = _DASHES.split(text)
    return len(text) >= 4 and any(map(_mixes, parts)) and all(part.isdigit() or _mixes(part) for part in parts)


def _mixes(text: str) -> bool:
    return (
        text.isalnum()
        and text.isascii()
        and not text.isdigit()
        and len(_KINDS.findall(text)) >= 2
        and any(sign.isdigit() for sign in text)
    )


def is_personal_page(address: Address) -> bool:
    """Whether a piece of the path is a random text, and nothing says that it is the number of an article or a file.

    Such an address was made for one recipient, whatever it does; `how-we-mill-oak-9f8e7d6c5b4a` was not.
    """
    path = segments(address)
    if _FILE.search(address.get(address.path)) or any(piece.lower() in word_set("content_paths") for piece in path):
        return False
    if is_public(address):
        return False
    # In front of a title it is the number of what has that title.
    made_up = any(
        is_random(piece, 10) and not piece.isdigit() and not _is_slug(piece) and len(_NAME.findall(behind)) < 2
        for piece, behind in pairwise([*path, ""])
        if not _VOUCHER.fullmatch(piece)
    )
    last = path[-1] if len(path) > 1 else ""
    ended = last.isalnum() and is_random(last, 8) and last != last.upper() and not _is_slug(last)
    opaque = len(path) > 1 and all(map(_is_opaque, path)) and any(map(_is_coded, path))
    return made_up or ended or opaque or _is_addressed(address, path)


def carries_code(address: Address) -> bool:
    """Whether a code stands in the query, on a page that has no need of one to say what is shown.

    Mails have few of these that nothing else holds back, and nearly all of them count a click or were made for one recipient.
    """
    free = word_set("public_keys") | word_set("free_keys")
    values = (value for name, value in pairs(address) if name not in free and not name.startswith("utm_"))
    return not is_content(address) and any(is_random(value, 10) and not value.isdigit() for value in values)


def is_content(address: Address) -> bool:
    """Whether codes in an address are those of what is shown, and not of who looks at it."""
    shown = word_set("content_paths")
    return is_public(address) or any(piece.lower() in shown for piece in segments(address))


def is_public(address: Address) -> bool:
    """Whether a host gives everything on it a random name, also what is for all."""
    labels = address.host_name.split(".")
    if labels[0] in _ACCOUNTS:
        return False
    return any(".".join(labels[place:]) in word_set("public_hosts") for place in range(len(labels)))


def _is_addressed(address: Address, path: list[str]) -> bool:
    """Whether a code stands where recipients are named: `/u/88a1c0de/topics`, `?r=7b1c9d0e2f`."""
    keys = word_set("recipient_keys")
    named = [*pairs(address), *((name.lower(), value) for name, value in pairwise(path) if name != "c")]
    if any(name in keys and is_random(value, 7) for name, value in pairs(address)):
        return True
    return any(name in keys and (is_random(value, 10) or _is_hex(value)) for name, value in named)


def _is_hex(text: str) -> bool:
    return _SHORT_HEX.fullmatch(text) is not None


def _is_opaque(piece: str) -> bool:
    """Whether a piece says nothing to anybody: `m`, `44`, `9f81ab`."""
    return piece.isascii() and piece.isalnum() and (len(piece) < 3 or piece.isdigit() or _is_coded(piece))


def _is_slug(piece: str) -> bool:
    # Without anything between them three letters are no name: `k81mzz40qpx7`.
    return (len(_NAME.findall(piece)) >= 2 and not piece.isalnum()) or _WORD.search(piece) is not None


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
