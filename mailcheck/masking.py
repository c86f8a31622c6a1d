"""Addresses are personal data: what leaves mailcheck carries them masked."""

from __future__ import annotations

import re

# Possessive, so that a long run of letters without an @ stays linear.
_ADDRESS = re.compile(
    r"(?<![\w.!#$%&'*+/=?^`{|}~-])([\w.!#$%&'*+/=?^`{|}~-]++)@((?:[\w-]++\.)++[\w-]{2,}+)"
    r"|(?<=[{|}'*/=`])([\w.+-]++)@((?:[\w-]++\.)++[\w-]{2,}+)"
)

_PICTURE = re.compile(r"[1-4](?:\.\d)?x\.(?:png|jpe?g|gif|webp|svg|avif)", re.IGNORECASE)


def mask_address(local: str, domain: str) -> str:
    """`klara@gmail.com` becomes `k…a@g….com`."""
    host, _, ending = domain.rpartition(".")
    short = local if len(local) == 1 else local[0]
    tail = local[-1] if len(local) > 2 else ""
    return f"{short}…{tail}@{host[:1]}….{ending}"


def mask_addresses(text: str) -> str:
    """The text with every e-mail address in it masked. `logo@2x.png` is a picture."""
    if "@" not in text:
        return text
    return _ADDRESS.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    local, domain = match[1] or match[3], match[2] or match[4]
    return match[0] if _PICTURE.fullmatch(domain) else mask_address(local, domain)
