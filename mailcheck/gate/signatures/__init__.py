"""Who sent a webhook: every scheme behind one function that either answers or raises `Refused`.

Own verifiers on `hmac` and `cryptography`: the library of Standard Webhooks lets exceptions out for malformed headers,
knows no ed25519 and takes fractions of seconds; for the schemes of single services there is none that is kept.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Sequence
from contextlib import suppress

from mailcheck.gate.settings import Scheme
from mailcheck.gate.signatures.headers import WINDOW, Headers, Reason, Refused, Verified, Verifier
from mailcheck.gate.signatures.standard import standard
from mailcheck.gate.signatures.unsigned import basic, is_local, local
from mailcheck.gate.signatures.vendors import mailgun, sendgrid, sfmc

__all__ = ["WINDOW", "Headers", "Reason", "Refused", "Verified", "Verifier", "is_local", "nobody", "verifier", "verify"]


def verifier(scheme: Scheme, secrets: Sequence[str], user: str | None = None) -> Verifier:
    """The verifier of a sender, made once.

    Args:
        scheme: how it signs.
        secrets: its keys in the notation of the scheme; several while one is being replaced.
        user: user name of scheme `basic`.

    Raises:
        ValueError: a key cannot be used, in one sentence that does not show it.
    """
    match scheme:
        case "standard":
            return standard(secrets)
        case "svix":
            return standard(secrets, prefix="svix")
        case "sendgrid":
            return sendgrid(secrets)
        case "mailgun":
            return mailgun(secrets)
        case "sfmc":
            return sfmc(secrets)
        case "basic":
            return basic(user or "", secrets)
        case "none":
            return local


def verify(
    scheme: Scheme, secrets: Sequence[str], headers: Headers, body: bytes, now: float, user: str | None = None
) -> str:
    """The id of a webhook.

    Args:
        headers: as they came, repetitions kept.
        body: raw.
        now: seconds since 1970.

    Raises:
        Refused: it is not from this sender, or not now.
        ValueError: a key cannot be used.
    """
    return verifier(scheme, secrets, user)(headers, body, now).webhook_id


def nobody() -> Verifier:
    """A verifier for senders that do not exist: it takes as long as another, and takes nothing."""
    ours = standard([f"whsec_{randomness.token_hex(32)}"])

    def refuse(headers: Headers, body: bytes, now: float) -> Verified:
        with suppress(Refused):
            ours(headers, body, now)
        raise Refused("unknown")

    return refuse
