"""Doors without a signature: a password (Postmark has no more), and none at all on this machine."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from mailcheck.gate.signatures.headers import (
    WINDOW,
    Headers,
    Refused,
    Verified,
    Verifier,
    from_base64,
    identifier,
    single,
)
from mailcheck.gate.signatures.vendors import hashed

SHORTEST_PASSWORD = 16
IDS = ("webhook-id", "idempotency-key")
"""Headers in which a sender that signs nothing may say an id of its own."""

_OURS = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)


def basic(user: str, secrets: Sequence[str]) -> Verifier:
    """Basic authentication (RFC 7617) by a user name and any of these passwords.

    Raises:
        ValueError: there is no user name or password, or one that is too short.
    """
    if not user or ":" in user:
        raise ValueError("a user name without a colon is needed")
    if not secrets:
        raise ValueError("a password is needed")
    if any(len(secret) < SHORTEST_PASSWORD for secret in secrets):
        raise ValueError(f"a password is too short; {SHORTEST_PASSWORD} characters at least are needed")
    known = [_hash(f"{user}:{secret}".encode()) for secret in secrets]

    def verify(headers: Headers, body: bytes, now: float) -> Verified:
        scheme, _, coded = single(headers, "authorization").partition(" ")
        if scheme.lower() != "basic":
            raise Refused("malformed_header")
        try:
            given = _hash(from_base64(coded.strip(" ")))
        except ValueError:
            raise Refused("malformed_header") from None
        # Hashes have one length, so that the time tells nothing of that of the password.
        if not any([hmac.compare_digest(given, one) for one in known]):  # noqa: C419 - all are compared, always
            raise Refused("no_match")
        return Verified(_id("basic", headers, body, now), body)

    return verify


def local(headers: Headers, body: bytes, now: float) -> Verified:
    """Take whatever a program on this machine sends, and nothing that a browser was made to send."""
    if not is_local(headers):
        raise Refused("not_local")
    return Verified(_id("none", headers, body, now), body)


def is_local(headers: Headers) -> bool:
    """Whether a request that came over loopback was meant for it: its host is this machine, and no page sent it.

    A page of any site can let a browser post to 127.0.0.1, and a name can be made to point there.
    """
    names = {name.lower() for name, _ in headers}
    hosts = [value for name, value in headers if name.lower() == b"host"]
    if b"origin" in names or b"sec-fetch-site" in names or len(hosts) != 1:
        return False
    return _OURS.fullmatch(hosts[0].decode("latin-1")) is not None


def _id(scheme: str, headers: Headers, body: bytes, now: float) -> str:
    """The id that the sender chose; otherwise one that holds for this body in these five minutes.

    A campaign that is scheduled, taken back and scheduled again says the same each time: with an id for ever, the
    second time would be taken for a repetition of the first, and nobody would look at it.
    """
    given = [name for name in IDS if any(key.lower() == name.encode() for key, _ in headers)]
    if given:
        return identifier(single(headers, given[0]))
    return hashed(scheme, b"%d." % (now // WINDOW) + body)


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
