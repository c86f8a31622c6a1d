"""What is refused before any packet is sent. Every URL comes by here, and so does every redirect.

What leads into a private network is also wrong for recipients, who are not in it: so this is not for
services only. Messages never tell an address that a name was resolved to.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailcheck.urls import Address, InvalidUrl, Url, is_public, parse, special_use
from mailcheck.web.answers import Failure
from mailcheck.web.policy import Policy

_BAD_PORTS = """
1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119
123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990
993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697
10080
"""
BAD_PORTS = frozenset(map(int, _BAD_PORTS.split()))
"""Those of the fetch standard: what speaks there is no web server, and could be made to obey."""

SLOPPY = frozenset(("control-or-space", "backslash", "slashes", "percent-in-host"))
"""Faults that browsers repair without a word; so the link is not dead for everybody."""


def admitted(text: str, policy: Policy) -> Url | Failure:
    """A URL that may be requested as far as its text tells, or why not."""
    try:
        url = parse(text)
    except InvalidUrl as error:
        if error.reason in SLOPPY:
            return Failure("sloppy-url", f"Browsers may repair this address, other programs do not: {error}.")
        return Failure("invalid-url", f"This is no address that works: {error}.")
    return refusal(url, policy) or url


def refusal(url: Url, policy: Policy) -> Failure | None:
    """Why a URL must not be requested, as far as its text tells."""
    if url.places.userinfo is not None:
        return Failure("userinfo", "The link holds a user name or password; mail clients warn about such links.")
    if policy.allows(url):
        return None
    if url.port in BAD_PORTS:
        return Failure("port", f"Port {url.port} is not one of web pages; browsers refuse it.")
    if url.address is not None:
        return None if is_public(url.address) else _private(url)
    use = special_use(url.host)
    if use is None:
        return None
    message = f"“{url.unicode_host}” is a name for {use}; recipients cannot open it."
    return Failure("special-use-name", f"{message} (For a preview of yours: web.allow.)")


def refused_addresses(url: Url, addresses: Iterable[Address], policy: Policy) -> Failure | None:
    """Why a host must not be connected to: one of its addresses is not public."""
    if policy.allows(url) or all(map(is_public, addresses)):
        return None
    return _private(url)


def _private(url: Url) -> Failure:
    message = f"“{url.unicode_host}” leads into a private network; recipients cannot open it."
    return Failure("private-address", f"{message} (For a preview of yours: web.allow.)")
