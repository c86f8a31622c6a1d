"""Addresses of products as they are compared: without scheme, `www.`, fragment and what only counts visitors."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

_COUNTING = re.compile(
    r"utm_|mc_[ce]id$|_hs|mkt_|trk_|pk_|mtm_|piwik_|_ga|_kx$|_ke$|gclid$|fbclid$|gad_|dclid$|msclkid$|yclid$|ref$|source$"
    r"|campaign$|cid$|srsltid$|currency$|_pos$|_sid$|_ss$|_psq$|_fid$|affid$|awc$|from$|lid$|vero_|sc_|wt_|et_"
)


def address_key(address: str) -> tuple[str, str]:
    """Host and path of an address, and the part of its query that tells pages apart; two empty texts for no page.

    The start page of a shop is no page of a product, so it has no key.
    """
    text = address.strip().partition("#")[0]
    _, web, rest = text.partition("://")
    if not web:
        rest = text.removeprefix("//")
        if not text.startswith("/"):
            return "", ""
    path, _, query = rest.partition("?")
    host, slash, inside = path.partition("/")
    inside = (unquote(inside) if "%" in inside else inside).rstrip("/")
    if not slash or (not inside and not query):
        return "", ""
    host = host.lower().removeprefix("www.").partition(":")[0]
    return f"{host}/{inside}", _telling(query) if query else ""


def _telling(query: str) -> str:
    pairs = parse_qsl(query.replace(";", "&"), keep_blank_values=True, errors="replace", max_num_fields=None)
    kept = sorted((name.lower(), value) for name, value in pairs if not _COUNTING.match(name.lower()))
    return "&".join(f"{name}={value}" for name, value in kept)


def last_segment(address: str) -> str:
    """The last part of the path, in lower case and without a file ending; cheap, for many rows."""
    path = address.partition("?")[0].partition("#")[0].rstrip("/")
    name = path.rpartition("/")[2].lower()
    return name.removesuffix(".html").removesuffix(".htm")


def file_name(address: str) -> str:
    """The name of a file in an address, in lower case; empty for what any picture is called."""
    name = unquote(address.partition("?")[0].rpartition("/")[2]).lower()
    stem = name.rpartition(".")[0] or name
    return name if len(stem) >= 5 and not _ANY.fullmatch(stem) else ""


_ANY = re.compile(
    r"(?:image|img|photo|picture|bild|product|banner|hero|logo|large|medium|small|default|main|thumb)[\W_\d]*"
)
