"""Links: where they lead, how they are written, what they give away. Nothing here uses the network."""

from mailcheck_rules._links_campaign import utm_inconsistent, utm_invalid, utm_missing
from mailcheck_rules._links_form import (
    disguised,
    lookalike,
    mailto,
    malformed,
    mismatch,
    phone,
    secret,
    shortener,
    wrapped,
)
from mailcheck_rules._links_online import broken, certificate, not_requested, redirects, suspect, unverifiable
from mailcheck_rules._links_personal import personal
from mailcheck_rules._links_targets import empty, fragment, insecure, placeholder, relative, scheme, staging

__all__ = [
    "broken",
    "certificate",
    "disguised",
    "empty",
    "fragment",
    "insecure",
    "lookalike",
    "mailto",
    "malformed",
    "mismatch",
    "not_requested",
    "personal",
    "phone",
    "placeholder",
    "redirects",
    "relative",
    "scheme",
    "secret",
    "shortener",
    "staging",
    "suspect",
    "unverifiable",
    "utm_inconsistent",
    "utm_invalid",
    "utm_missing",
    "wrapped",
]
