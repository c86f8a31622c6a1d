"""Schemes of single sending services: SendGrid, Mailgun, Salesforce Marketing Cloud."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mailcheck.gate.signatures.headers import (
    WINDOW,
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
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
SHORTEST_KEY = 16
DEEPEST = 64


def sendgrid(secrets: Sequence[str]) -> Verifier:
    """ECDSA over P-256 of timestamp and body, by the public key that SendGrid shows (base64 of DER).

    There is no id, so it is a hash of timestamp and body, and not of the signature, of which there are many.

    Raises:
        ValueError: a key is none; the message does not show it.
    """
    keys = [_p256(secret) for secret in secrets]
    if not keys:
        raise ValueError("a key is needed")

    def verify(headers: Headers, body: bytes, now: float) -> Verified:
        timestamp = single(headers, TIMESTAMP)
        try:
            signature = from_base64(single(headers, SIGNATURE))
        except ValueError:
            raise Refused("malformed_header") from None
        fresh(timestamp, now)
        signed = timestamp.encode() + body
        if not any(_is_ecdsa(key, signature, signed) for key in keys):
            raise Refused("no_match")
        return Verified(hashed("sendgrid", signed), body)

    return verify


def _p256(secret: str) -> EllipticCurvePublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(from_base64(secret))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("a key must be the verification key of SendGrid as its settings show it: base64, P-256")  # noqa: TRY004 - a value
    return key


def _is_ecdsa(key: EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def mailgun(secrets: Sequence[str]) -> Verifier:
    """HMAC-SHA256 of timestamp and token, which stand in the body beside it; the token is the id.

    The rest of the body is not signed: who has seen one webhook could, for five minutes, send another body with its
    signature. Then the id is known already, and the gate answers that it conflicts.

    Raises:
        ValueError: a key is too short.
    """
    keys = [_long_enough(secret) for secret in secrets]
    if not keys:
        raise ValueError("a key is needed")

    def verify(headers: Headers, body: bytes, now: float) -> Verified:  # noqa: ARG001 - it signs no header
        said = _object(body).get("signature")
        if not isinstance(said, Mapping):
            raise Refused("malformed_body")
        timestamp, token, signature = (said.get(name) for name in ("timestamp", "token", "signature"))
        timestamp = str(timestamp) if type(timestamp) is int else timestamp
        if not (isinstance(timestamp, str) and isinstance(token, str) and isinstance(signature, str)):
            raise Refused("malformed_body")
        webhook_id = identifier(token)
        fresh(timestamp, now)
        try:
            given = binascii.unhexlify(signature)
        except ValueError:
            raise Refused("malformed_body") from None
        signed = (timestamp + token).encode()
        if not any(hmac.compare_digest(hmac.digest(key, signed, hashlib.sha256), given) for key in keys):
            raise Refused("no_match")
        return Verified(webhook_id, body)

    return verify


def sfmc(secrets: Sequence[str]) -> Verifier:
    """A JSON web token as the body, HS256 with the salt or the signing secret of the package, and nothing else.

    What the token says of its algorithm only decides whether it is refused. `exp` or `iat` must be there. The content
    is what the token holds; the id is its `jti`, or a hash of what is signed.

    Raises:
        ValueError: a key is too short.
    """
    keys = [_long_enough(secret) for secret in secrets]
    if not keys:
        raise ValueError("a key is needed")

    def verify(headers: Headers, body: bytes, now: float) -> Verified:  # noqa: ARG001 - it signs no header
        signed, _, mark = body.strip(b' \r\n"').rpartition(b".")
        head, _, claims = signed.partition(b".")
        try:
            header, content, signature = (from_base64(part.decode("ascii"), url=True) for part in (head, claims, mark))
        except ValueError:
            raise Refused("malformed_body") from None
        said = _object(header)
        if said.get("alg") != "HS256" or "crit" in said:
            raise Refused("malformed_body")
        if not any(hmac.compare_digest(hmac.digest(key, signed, hashlib.sha256), signature) for key in keys):
            raise Refused("no_match")
        claimed = _object(content)
        _still_valid(claimed, now)
        chosen = claimed.get("jti")
        return Verified(identifier(chosen) if isinstance(chosen, str) else hashed("sfmc", signed), content)

    return verify


def _still_valid(claims: Mapping[str, object], now: float) -> None:
    """Demand an end that is still to come, or a beginning just now; a beginning far ahead is refused, too."""
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if any(not isinstance(one, int | float) or isinstance(one, bool) for one in times.values()):
        raise Refused("malformed_body")
    seconds = {name: float(one) for name, one in times.items() if isinstance(one, int | float) and abs(one) < 1e12}
    if len(seconds) != len(times) or not all(map(math.isfinite, seconds.values())):
        raise Refused("malformed_body")
    if "exp" not in seconds and "iat" not in seconds:
        raise Refused("malformed_body")
    late = now > seconds["exp"] + WINDOW if "exp" in seconds else now > seconds["iat"] + WINDOW
    if late or any(seconds[name] > now + WINDOW for name in ("iat", "nbf") if name in seconds):
        raise Refused("stale")


def hashed(scheme: str, signed: bytes) -> str:
    """An id for a webhook that has none: the same for the same signed bytes."""
    return f"{scheme}-{hashlib.sha256(signed).hexdigest()}"


def _long_enough(secret: str) -> bytes:
    if len(secret.encode()) < SHORTEST_KEY:
        raise ValueError(f"a key has {len(secret.encode())} bytes; {SHORTEST_KEY} at least are needed")
    return secret.encode()


def _object(text: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused("malformed_body") from None
    if not isinstance(value, dict):
        raise Refused("malformed_body")
    return value
