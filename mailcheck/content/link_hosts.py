"""What is known of hosts: placeholders, staging and preview hosts, shorteners, and whose domain one belongs to.

The lists are in `data/links.json`.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import TypedDict

from mailcheck.content.lazily import lazy
from mailcheck.domains import registrable


class _Placeholder(TypedDict):
    names: list[str]
    hosts: list[str]
    words: list[str]
    accounts: list[str]


class _Staging(TypedDict):
    sure: list[str]
    likely: list[str]
    public: list[str]
    hosts: dict[str, str]
    own_sites: list[str]


class _Tracking(TypedDict):
    hosts: list[str]
    labels: list[str]


class _Personal(TypedDict):
    services: list[tuple[str, str, str, str]]
    parameters: list[tuple[str, str, str]]


class _Data(TypedDict):
    placeholder: _Placeholder
    staging: _Staging
    shorteners: list[str]
    shorteners_dead: dict[str, str]
    tracking: _Tracking
    personal: _Personal


@cache
def data() -> _Data:
    """The lists, read once."""
    text = resources.files("mailcheck.content").joinpath("data/links.json").read_text(encoding="utf-8")
    loaded: _Data = json.loads(text)
    return loaded


def owner(host: str) -> str:
    """The first label of the registered name: `shop.fernhill.co.uk` → `fernhill`."""
    return registrable(host).partition(".")[0]


_YOURS = lazy(
    r"(?:(?:the|put|insert|enter|add)-?)?"
    r"(?:your|uw|jouw|ihre?|deine?|votre|tu|su|seu|sua|tuo|vostro|ditt?|din|twoja|vas)"
    r"[-_]?(?:own[-_]?)?(?:custom[-_]?|brand[-_]?|real[-_]?)?"
    r"(?:domain|domein|domaine|dominio|domene|doman|domäne|domaene|domena|website|webseite|webbplats|nettside|site|sitio|sito"
    r"|seite|web|company|bedrijf|firma|firm|entreprise|empresa|azienda|unternehmen|business|brand|store|shop|winkel|tienda"
    r"|app|url|link|server|host|hostname|org|organi[sz]ation|product|blog|platform|project|saas|startup|service|agency"
    r"|landing-?page|cdn|tienda|loja|negozio)"
    r"[-_]?(?:name|here|url|goes-?here|naam|hier)?"
)
_MINE = lazy(r"my-?(?:domain|website|web-?site|site|company|server|host|url|org|business)(?:-?name)?")


@cache
def placeholder(host: str) -> bool:
    """Whether a host stands for one that somebody was to fill in: `yourdomain.com`, `example.org`.

    Names below the top-level domain `example` are left alone: documentation is written with them.
    """
    name = registrable(host)
    first, _, rest = name.partition(".")
    known = data()["placeholder"]
    if name in known["hosts"] or host in known["hosts"]:
        return True
    if not rest or rest == "example":
        return False
    return first in known["names"] or bool(_YOURS.fullmatch(first) or _MINE.fullmatch(first))


_DIGITS = lazy(r"\d+\Z")


@cache
def staging(host: str) -> str:
    """What kind of unfinished place a host is, for a sentence; empty when it is none."""
    known = data()["staging"]
    if host in known["own_sites"] or host in known["public"]:
        return ""
    labels = host.split(".")
    for start in range(1, len(labels) - 1):
        if (kind := known["hosts"].get(".".join(labels[start:]))) is not None:
            return kind
    own = labels[: -len(registrable(host).split("."))]
    for label in own:
        words = [_DIGITS.sub("", word) for word in re.split(r"[-_]", label)]
        if any(word in known["sure"] for word in words):
            return "a staging host"
        if _DIGITS.sub("", label) in known["likely"] or (len(words) > 1 and _is_test_of(words, known["likely"])):
            return "a test host"
    return ""


def _is_test_of(words: list[str], likely: list[str]) -> bool:
    """`www-dev`, `test-shop`: the first or last word says so, and the rest is a name of two words at most."""
    return len(words) <= 3 and (words[-1] in likely or (words[0] in likely and words[0] not in ("preview", "sandbox")))


@cache
def shortener(host: str) -> bool:
    """Whether a host shortens addresses for anybody."""
    return host.removeprefix("www.") in data()["shorteners"]


@cache
def tracker(host: str) -> bool:
    """Whether a host counts clicks for a sending service, by its name."""
    labels = host.split(".")
    known = data()["tracking"]
    if any(".".join(labels[start:]) in known["hosts"] for start in range(len(labels) - 1)):
        return True
    below = labels[: -len(registrable(host).split("."))]
    return any(_DIGITS.sub("", word) in known["labels"] for label in below for word in re.split(r"[-_]", label))
