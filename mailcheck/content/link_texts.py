"""Links whose text says one place and whose address leads to another."""

from __future__ import annotations

import re

from msgspec import Struct

from mailcheck.content import link_hosts
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG
from mailcheck.content.link_contact import recipients
from mailcheck.content.link_wrappers import wrapped
from mailcheck.content.links import Link
from mailcheck.content.unsubscribe import effect
from mailcheck.domains import is_one_site

_SHOWN = lazy(
    r"[<(\[]?\s*((?:https?://)?((?:[\w\-]+\.)+([^\W\d_]{2,24}|xn--[\w\-]+))(?::\d+)?(?:[/?#]\S*)?)\s*[>)\]]?[.,;:!]?",
    re.IGNORECASE,
)
_MAIL = lazy(r"[\w.+\-]+@(?:[\w\-]+\.)+[a-z]{2,24}", re.IGNORECASE)
_PHONE = lazy(
    r"(?:\+|00|\(?0|\b1[-. ])[\d ()./\-\u00a0\u2011\u2013]{6,22}\d"
    r"|\(\d{3}\)[ .\-\u00a0]?\d{3}[ .\-\u2011\u2013]\d{4}(?!\d)|(?<![\d\-.])\d{3}([\-.])\d{3}\1\d{4}(?![\d\-.])"
)
_BEGUN = lazy(r"[+(\d]++\Z")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Endings that are those of files and frameworks as well as of countries.
_ALSO_FILES = frozenset(
    ("py", "md", "rs", "sh", "ps", "cc", "pl", "so", "js", "ts", "net", "io", "zip", "mov", "ai", "app")
)
_ENDINGS = _names(
    "com net org info biz shop store online site app dev io ai co eu edu gov mil int club blog cloud news live "
    "life world today travel agency media design email digital tech xyz top vip fun art games game bike run "
    "beer wine coffee pizza restaurant hotel fitness health care clinic school academy university jobs energy "
    "solar bank finance insurance legal law consulting solutions services systems network group team company "
    "ltd inc gmbh paris london berlin amsterdam nyc tokyo africa asia cat gal bzh swiss mobi name pro tel "
    "museum coop aero example "
)


class Mismatch(Struct, frozen=True):
    """What a link shows and where it leads. `owners` says whether only the ending of the host differs."""

    shown: str
    real: str
    what: str
    same_owner: bool = False


def mismatch(link: Link) -> Mismatch | None:
    """The difference between text and target of a link, or `None`."""
    text = link.text
    if not text or len(text) > 200 or link.is_open:
        return None
    if link.scheme == "mailto":
        return _of_mail(link, text)
    if link.scheme == "tel":
        return _of_phone(link, text)
    return _of_host(link, text) if link.is_web and TAG not in link.host else None


def _of_host(link: Link, text: str) -> Mismatch | None:
    found = _SHOWN.fullmatch(text)
    if found is None:
        return None
    shown, ending = found[2].lower(), found[3].lower()
    plain = not found[1].lower().startswith(("http", "www."))
    known = ending in _ENDINGS or len(ending) == 2 or ending.startswith("xn--")
    if not known or (plain and ending in _ALSO_FILES and shown.count(".") == 1):
        return None
    if is_one_site(shown.removeprefix("www."), link.host.removeprefix("www.")) or _is_excused(link, shown):
        return None
    same = link_hosts.owner(shown) == link_hosts.owner(link.host)
    return Mismatch(shown, link.host, "page", same)


def _is_excused(link: Link, shown: str) -> bool:
    """Whether another rule speaks of this link, or a service that counts clicks stands in between."""
    host = link.host
    if any(link_hosts.placeholder(one) for one in (shown, host)) or shown.endswith(".test"):
        return True
    acting = effect(link.shape)
    if acting is not None and acting.sort == "tracked":
        return True
    inner = any(shown in parameter.value.lower() for parameter in link.address.parameters)
    known = link_hosts.tracker(host) or link_hosts.shortener(host) or wrapped(link.written, host) is not None
    return inner or known or "." not in host


def _of_mail(link: Link, text: str) -> Mismatch | None:
    found = _MAIL.fullmatch(text)
    written = recipients(link)
    if found is None or not written or TAG in "".join(written) or text.lower() in written or "@" not in written[0]:
        return None
    return Mismatch(text, written[0], "address")


def _of_phone(link: Link, text: str) -> Mismatch | None:
    found = _PHONE.search(text)
    target = re.sub(r"\D", "", re.split(r"[;,]", link.path, maxsplit=1)[0])
    if found is None or TAG in link.shape or len(target) < 7:
        return None
    # What is found may begin in the middle of a number: `00) 419-2118` of `(800) 419-2118`.
    begun = _BEGUN.search(text, 0, found.start())
    number = text[begun.start() if begun else found.start() : found.end()].strip()
    shown = re.sub(r"\D", "", number)
    tail = min(len(shown), len(target), 7)
    if tail < 6 or shown[-tail:] == target[-tail:]:
        return None
    return Mismatch(number, link.path, "number")
