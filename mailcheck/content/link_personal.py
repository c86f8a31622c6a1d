"""Addresses that a sending service made for one recipient, and that were copied out of that recipient's mail.

A service writes them anew for every recipient: links to unsubscribe, to change what one has chosen, to look at the mail in a
browser, links and pictures that count. In a template they are somebody's. The table is in `data/links.json`; it is written
from what the services say of their links and from public mails. An address whose code is a merge tag is nobody's yet.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal, get_args

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import Stretch
from mailcheck.content.link_hosts import data
from mailcheck.content.links import Link

Sort = Literal["unsubscribe", "preferences", "forward", "view", "page", "click", "open", "parameter"]
"""What the address does in the name of that recipient; `parameter`: something in it says who that was."""

_SHORTEST = 12
"""Characters of path and query that hold who somebody is; most links of a template have fewer."""

SORTS: tuple[Sort, ...] = get_args(Sort)


class Personal(Struct, frozen=True):
    """Whose service made an address for one recipient, and what for.

    Args:
        sort: what it does.
        by: the service.
        name: of the parameter that names the recipient; empty when the whole address does.
        at: where that parameter stands in the address, else the whole address.
    """

    sort: Sort
    by: str
    name: str
    at: Stretch


def personal(link: Link) -> Personal | None:
    """Whether an address was made for one recipient; `None` when not, and when a merge tag stands for the recipient."""
    if not link.is_web:
        return None
    authority = link.address.authority or (0, 0)
    found = _of_service(link.host, link.shape[authority[1] :])
    if found is not None:
        return Personal(found[0], found[1], "", (0, len(link.shape)))
    return _of_parameter(link) if link.address.query is not None else None


def is_personal(link: Link) -> bool:
    """Whether the whole address was made for one recipient, so that another has to stand there."""
    found = personal(link)
    return found is not None and not found.name


@lru_cache(maxsize=2048)
def _of_service(host: str, rest: str) -> tuple[Sort, str] | None:
    if len(rest) < _SHORTEST:
        return None
    for one in services():
        if one.may_be(host, rest) and one.path.match(rest) and one.hosts.fullmatch(host):
            return one.sort, one.by
    return None


def _of_parameter(link: Link) -> Personal | None:
    for name, by, value in _parameters():
        if name in link.shape:
            for one in link.address.parameters:
                if one.name == name and value.fullmatch(one.value):
                    return Personal("parameter", by, name, (one.start, one.end))
    return None


class Service(Struct, frozen=True):
    """The form of one sort of addresses of a service.

    Args:
        words: one at least stands in every host; none where nothing can be said.
        start: how every path begins.
    """

    by: str
    hosts: re.Pattern[str]
    path: re.Pattern[str]
    sort: Sort
    words: tuple[str, ...]
    start: str

    def may_be(self, host: str, rest: str) -> bool:
        """Whether it is worth while to compile the patterns: most mails have no such address."""
        return rest.startswith(self.start) and (not self.words or any(word in host for word in self.words))


_WORDS = lazy(r"(?<!\\)[a-z][a-z0-9-]{3,}")
_START = lazy(r"(?:[A-Za-z0-9_/-](?![?*{+]))*")


@cache
def services() -> tuple[Service, ...]:
    """The table."""
    return tuple(_service(*row) for row in data()["personal"]["services"])


def _service(by: str, hosts: str, path: str, sort: str) -> Service:
    start = _START.match(path)
    words = tuple(_WORDS.findall(hosts))
    return Service(by, lazy(hosts), lazy(path), _sort(sort), words, start[0] if start is not None else "")


@cache
def _parameters() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple((name, by, lazy(value)) for name, by, value in data()["personal"]["parameters"])


def _sort(name: str) -> Sort:
    return next(sort for sort in SORTS if sort == name)
