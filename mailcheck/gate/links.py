"""Addresses of reports that people open from an alert, where a browser sends no bearer token."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from mailcheck.gate.settings import GateSettings

KEY = "key"
"""Name of the parameter that opens one report as a page."""


@dataclass(frozen=True, slots=True)
class ReportLinks:
    """Makes links to reports, and knows those that it made.

    A link opens one report, as a page, for whoever has it, as long as the report is kept and the token is not changed.

    Args:
        public_url: address of the gate as others reach it; without it there are no links.
        secret: what the keys are made with; None where no token is asked for, so that no key is needed either.
    """

    public_url: str | None = None
    secret: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: GateSettings) -> ReportLinks:
        """Of the settings.

        Raises:
            ValueError: the token is not there.
        """
        if settings.token is None:
            return cls(settings.public_url)
        token = settings.token.read().get_secret_value().encode()
        return cls(settings.public_url, hashlib.sha256(b"links to reports\0" + token).digest())

    def to(self, report_id: str) -> str:
        """The link to a report; empty when there is none."""
        if not self.public_url or not report_id:
            return ""
        query = "" if self.secret is None else f"?{KEY}={_key(self.secret, report_id)}"
        return f"{self.public_url.rstrip('/')}/v1/reports/{report_id}.html{query}"

    def opens(self, key: str, report_id: str) -> bool:
        """Whether a key is that of a report."""
        if self.secret is None:
            return False
        return hmac.compare_digest(_key(self.secret, report_id).encode(), key.encode("utf-8", "surrogatepass"))


def _key(secret: bytes, report_id: str) -> str:
    digest = hmac.digest(secret, report_id.encode("utf-8", "surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(digest[:24]).decode()
