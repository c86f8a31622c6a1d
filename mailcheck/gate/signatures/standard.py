"""Standard Webhooks 1.0: `v1` (HMAC-SHA256) and `v1a` (ed25519), several signatures, several keys.

https://github.com/standard-webhooks/standard-webhooks. Svix, and Resend with it, sign alike under other names.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from mailcheck.gate.signatures.headers import (
    Headers,
    Refused,
    Verified,
    Verifier,
    fresh,
    from_base64,
    identifier,
    single,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SHORTEST_KEY = 16
"""Bytes; the specification asks for 24 to 64, and its own examples have fewer."""

MOST_SIGNATURES = 16

_SIGNATURE = re.compile(r"([A-Za-z0-9_]+),([!-~]+)")

_Key = tuple[str, Callable[[bytes, bytes], bool]]
"""The version of the signatures that it makes, and whether a signature is one of signed bytes."""


def standard(secrets: Sequence[str], prefix: str = "webhook") -> Verifier:
    """A verifier that takes a signature by any of these keys.

    Args:
        secrets: `whsec_…` or bare base64 for HMAC, `whpk_…` for ed25519.
        prefix: of the three headers.

    Raises:
        ValueError: a key is none; the message does not show it.
    """
    keys = [_key(secret) for secret in secrets]
    if not keys:
        raise ValueError("a key is needed")

    def verify(headers: Headers, body: bytes, now: float) -> Verified:
        webhook_id = identifier(single(headers, f"{prefix}-id"))
        if "." in webhook_id:  # the specification forbids it: it could move text between what is signed
            raise Refused("malformed_header")
        timestamp = single(headers, f"{prefix}-timestamp")
        given = list(_signatures(single(headers, f"{prefix}-signature")))
        fresh(timestamp, now)
        signed = b".".join((webhook_id.encode(), timestamp.encode(), body))
        if not any(
            version == made and matches(signature, signed) for made, matches in keys for version, signature in given
        ):
            raise Refused("no_match")
        return Verified(webhook_id, body)

    return verify


def _signatures(header: str) -> Iterator[tuple[str, bytes]]:
    """Version and bytes of each signature; versions that we do not know are passed on, and match no key."""
    parts = header.split(" ")
    if len(parts) > MOST_SIGNATURES:
        raise Refused("malformed_header")
    for part in parts:
        match = _SIGNATURE.fullmatch(part)
        if not match:
            raise Refused("malformed_header")
        try:
            yield match[1], from_base64(match[2])
        except ValueError:
            continue


def _key(secret: str) -> _Key:
    if secret.startswith("whsk_"):
        raise ValueError("this is the sender's secret key (whsk_); give its public key (whpk_)")
    if secret.startswith("whpk_"):
        return "v1a", partial(_is_ed25519, _public_key(secret.removeprefix("whpk_")))
    try:
        key = from_base64(secret.removeprefix("whsec_"))
    except ValueError:
        raise ValueError("a key must be base64, with whsec_ or whpk_ before it") from None
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"a key has {len(key)} bytes; {SHORTEST_KEY} at least are needed, and 24 to 64 are usual")
    return "v1", partial(_is_hmac, key)


def _public_key(text: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        return Ed25519PublicKey.from_public_bytes(from_base64(text))
    except ValueError:
        raise ValueError("a key that begins with whpk_ must be base64 of 32 bytes") from None


def _is_hmac(key: bytes, signature: bytes, signed: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(key, signed, hashlib.sha256), signature)


def _is_ed25519(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
