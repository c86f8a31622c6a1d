"""Whose domain a host belongs to: the name that somebody registered.

Two hosts are compared by the Public Suffix List where the library `publicsuffixlist` is installed (the extra `web`; it
brings the list along and fetches nothing), and else by a table of the usual endings in `data/suffixes.json`. The table
also serves where a host is only looked at: reading the list takes longer than judging a template.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


class _Suffixes(TypedDict):
    usual: list[str]
    own: dict[str, list[str]]
    shared: list[str]


@cache
def _table() -> _Suffixes:
    text = resources.files("mailcheck").joinpath("data/suffixes.json").read_text(encoding="utf-8")
    loaded: _Suffixes = json.loads(text)
    return loaded


@cache
def _list() -> PublicSuffixList | None:
    try:
        from publicsuffixlist import PublicSuffixList
    except ImportError:
        return None
    return PublicSuffixList()


@cache
def registrable(host: str) -> str:
    """The name that somebody registered, by the table: `shop.example.co.uk` → `example.co.uk`.

    Args:
        host: in lower case, without a dot at its end.
    """
    labels = host.split(".")
    suffixes = _table()
    for size in (3, 2):
        if ".".join(labels[-size:]) in suffixes["shared"] and len(labels) > size:
            return ".".join(labels[-size - 1 :])
    if len(labels) < 3:
        return host
    second, last = labels[-2:]
    below = len(last) == 2 and (second in suffixes["usual"] or second in suffixes["own"].get(last, ()))
    return ".".join(labels[-3 if below else -2 :])


@cache
def site(host: str) -> str:
    """The same by the whole Public Suffix List, where it is installed; a host that is an ending itself is its own site.

    Args:
        host: as above; A-labels or Unicode. No IP address.
    """
    known = _list()
    if known is None:
        return registrable(host)
    return known.privatesuffix(host) or host


def is_one_site(one: str, other: str) -> bool:
    """Whether two hosts were registered by one name: `www.shop.example` and `img.shop.example`."""
    return one == other or site(one) == site(other)
