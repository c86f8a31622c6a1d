"""What is known about names before the @ and about domains: posts, tests, throw-away addresses, misspelt providers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources

from mailcheck.rule import Unusable

NEIGHBOURS: Mapping[str, str] = {
    "q": "wa",
    "w": "qeas",
    "e": "wrsd",
    "r": "etdf",
    "t": "ryfg",
    "y": "tugh",
    "u": "yihj",
    "i": "uojk",
    "o": "ipkl",
    "p": "ol",
    "a": "qwsz",
    "s": "adwezx",
    "d": "sferxc",
    "f": "dgrtcv",
    "g": "fhtyvb",
    "h": "gjyubn",
    "j": "hkuinm",
    "k": "jliom",
    "l": "kop",
    "z": "asx",
    "x": "zsdc",
    "c": "xdfv",
    "v": "cfgb",
    "b": "vghn",
    "n": "bhjm",
    "m": "njk",
}
"""Keys that touch each other on a QWERTY keyboard."""

_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "com": (
        *("con", "cmo", "ocm", "comm", "coom", "cim", "cpm", "vom", "xom", "dom", "som", "clm", "ccom"),
        *("cm", "om", "co", "cok", "con.com", "comn", "copm", "ckm", "coml", "cmm", "c0m"),
    ),
    "net": ("ney", "nte", "ent", "nett", "ner", "bet", "met", "ne", "et", "nt"),
    "de": ("ded", "dee", "dr", "fe", "ed"),
    "fr": ("ft", "frr", "rf"),
    "nl": ("nll", "ln", "nk"),
}
"""Endings that are slips of another."""

_COUNTRIES = frozenset({"cm", "co", "om", "ne", "et"})
"""Those of them that are countries, where only the famous providers are known to have no mailboxes."""


def entries(name: str) -> Iterator[str]:
    """The entries of a list of `data`."""
    text = (resources.files("mailcheck.audience") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    return (line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#"))


@cache
def names(kind: str) -> frozenset[str]:
    """Names before the @: `role`, `unattended` or `test`."""
    return frozenset(entries(f"{kind}-names"))


def is_test_domain(domain: str) -> bool:
    """Whether a domain is reserved, or typed only to try a form."""
    return _is_in(domain, _test_domains())


@cache
def _test_domains() -> frozenset[str]:
    return frozenset(entries("test-domains"))


def _is_in(domain: str, listed: frozenset[str]) -> bool:
    parts = domain.split(".")
    return domain in listed or any("." + ".".join(parts[start:]) in listed for start in range(len(parts)))


def disposable(domains: Iterable[str]) -> tuple[str, ...]:
    """Those of some domains whose mailboxes are thrown away after minutes; what is below one is one, too.

    Raises:
        Unusable: the package with the list is not installed.
    """
    try:
        from disposable_email_domains import blocklist
    except ImportError:
        raise Unusable(
            "throw-away domains come from a package that is not installed: pip install 'mailcheck-lint[audience]'"
        ) from None
    return tuple(one for one in domains if any(end in blocklist for end in _ends(one)))


def _ends(domain: str) -> Iterator[str]:
    """A domain and the domains above it, without the last."""
    parts = domain.split(".")
    return (".".join(parts[start:]) for start in range(max(1, len(parts) - 1)))


@cache
def providers() -> tuple[tuple[str, ...], frozenset[str]]:
    """Domains of mailboxes that anybody can get, the best known apart; and every domain that is no misspelling."""
    text = tuple(entries("providers"))
    return text, frozenset((*text, *entries("not-misspelt")))


FAMOUS = ("gmail.com", "googlemail.com", "hotmail.com", "icloud.com", "outlook.com", "protonmail.com", "yahoo.com")
"""Providers so frequent everywhere that a slip from one is told from the spelling alone."""

_SHORTEST = 5
"""Letters of a name: one slip makes a shorter one any other word."""


@cache
def misspellings() -> Mapping[str, str]:
    """What is written, and the provider that was meant."""
    listed, real = providers()
    found: dict[str, str] = {}
    for provider in (*FAMOUS, *listed):
        for slip in _slips(provider):
            if slip not in real:
                found.setdefault(slip, provider)
    for entry in entries("misspelt"):
        written, _, meant = entry.partition(" = ")
        found[written] = meant
    return found


@cache
def surely_misspelt() -> frozenset[str]:
    """Misspellings that need no look at the rest of the list."""
    written = (entry.partition(" = ")[0] for entry in entries("misspelt"))
    return frozenset((*written, *(slip for slip, meant in misspellings().items() if meant in FAMOUS)))


def _slips(provider: str) -> Iterator[str]:
    """One slip of the finger away: a letter doubled, lost, swapped with its neighbour, or the key beside it."""
    name, _, ending = provider.partition(".")
    if len(name) >= _SHORTEST:
        yield from (f"{slip}.{ending}" for slip in _slips_of(name))
        yield from (f"{slip}.{ending}" for slip in (f"{name}s", f"{name}{ending}"))
    endings = _ENDINGS.get(ending, ())
    yield from (f"{name}.{slip}" for slip in endings if provider in FAMOUS or slip not in _COUNTRIES)
    if len(name) >= _SHORTEST:
        yield f"www.{provider}"


def _slips_of(name: str) -> Iterator[str]:
    for place, letter in enumerate(name):
        before, after = name[:place], name[place + 1 :]
        yield before + letter + letter + after
        # The first letter is seldom lost or mistaken, and what is left is often another word.
        if place:
            yield before + after
            yield from (before + near + after for near in NEIGHBOURS.get(letter, ""))
        if place + 1 < len(name):
            yield before + name[place + 1] + letter + name[place + 2 :]
        yield from (before + letter + near + after for near in NEIGHBOURS.get(letter, ""))
