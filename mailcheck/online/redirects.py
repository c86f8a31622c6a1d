"""What goes wrong on the way of a redirect."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from mailcheck.domains import is_one_site
from mailcheck.web.answers import Answer

_FOR_GOOD = frozenset((301, 308))


def lost_parameters(answer: Answer) -> tuple[str, ...]:
    """The campaign parameters of an address that are not in the one where it ends, nor inside another parameter."""
    asked = [name for name, value in parse_qsl(urlsplit(answer.url).query) if name.lower().startswith("utm_") and value]
    final = answer.final_url.lower()
    return tuple(name for name in dict.fromkeys(asked) if name.lower() not in final)


def downgraded(answer: Answer) -> str:
    """The host to which https leads without https; empty when none does."""
    seen_https = False
    for hop in answer.hops:
        parts = urlsplit(hop.url)
        if seen_https and parts.scheme == "http":
            return parts.hostname or ""
        seen_https = seen_https or parts.scheme == "https"
    return ""


def moved_for_good(answer: Answer) -> bool:
    """Whether every redirect is a permanent one, within one site, to another page than the same one with https."""
    if not all(hop.status in _FOR_GOOD for hop in answer.hops[:-1]):
        return False
    asked, final = urlsplit(answer.hops[0].url), urlsplit(answer.final_url)
    if _site(asked.hostname) != _site(final.hostname):
        return False
    return (asked.hostname, asked.path, asked.query) != (final.hostname, final.path, final.query)


def ends_elsewhere(answer: Answer) -> str:
    """The host at which a link ends when another name was registered for it than for the one it shows; else empty."""
    asked, final = urlsplit(answer.url).hostname or "", urlsplit(answer.final_url).hostname or ""
    ends = "" if not asked or not final or is_one_site(asked, final) else final
    return "" if asked.replace(".", "").isdigit() or ":" in asked else ends


def _site(host: str | None) -> str:
    return (host or "").removeprefix("www.")
