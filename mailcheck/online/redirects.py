"""What goes wrong on the way of a redirect."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

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


def _site(host: str | None) -> str:
    return (host or "").removeprefix("www.")
