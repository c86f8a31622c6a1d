"""An address taken apart: scheme, host, path, query, fragment, each with its place.

This is for looking at what somebody wrote, however wrong; whether an address is one that a client follows is
judged elsewhere, strictly. Merge tags in it are covered by `TAG`, one character each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from mailcheck.content.lazily import lazy
from mailcheck.content.masking import OUTPUT

TAG = OUTPUT
"""Stands for one merge tag."""

_SCHEME = lazy(r"([A-Za-z][A-Za-z0-9+.\-]*+):")
_NO_SCHEME = lazy(r"[\w.\-]+\.[\w\-]+\Z|localhost\Z", re.IGNORECASE)
_PORT = lazy(r":([^:\]]*+)\Z")
_REST = lazy(r"(?P<path>[^?#]*+)(?:\?(?P<query>[^#]*+))?+(?:#(?P<fragment>.*+))?+", re.DOTALL)
_PIECES = ("path", "query", "fragment")
_PAIR = lazy(r"[^&;]++|(?<=[&;])(?=[&;]|\Z)")

Stretch = tuple[int, int]


class Parameter(NamedTuple):
    """One `name=value` of a query; `start` and `end` are offsets in the address."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Address:
    """Where the pieces of an address stand; a piece that is not there is `None`.

    Args:
        text: the address, character references resolved, merge tags covered.
        scheme: without the colon.
        authority: what is between `//` and the path.
        userinfo: what is before the `@`, without it.
        host: as written, brackets included.
        port: without the colon.
        path, query, fragment: without `?` and `#`.
    """

    text: str
    scheme: Stretch | None = None
    authority: Stretch | None = None
    userinfo: Stretch | None = None
    host: Stretch | None = None
    port: Stretch | None = None
    path: Stretch | None = None
    query: Stretch | None = None
    fragment: Stretch | None = None
    _parameters: list[tuple[Parameter, ...]] = field(default_factory=list, repr=False, compare=False)

    def get(self, stretch: Stretch | None) -> str:
        """The text of a piece; empty when it is not there."""
        return "" if stretch is None else self.text[stretch[0] : stretch[1]]

    @property
    def host_name(self) -> str:
        """The host in lower case, without a dot at its end."""
        return self.get(self.host).lower().removesuffix(".")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The pairs of the query, percent-decoded."""
        if not self._parameters:
            self._parameters.append(tuple(self._pairs(self.query)))
        return self._parameters[0]

    def parameters_in(self, stretch: Stretch | None) -> tuple[Parameter, ...]:
        """The pairs of another piece, such as a fragment that was meant as a query."""
        return tuple(self._pairs(stretch))

    def _pairs(self, stretch: Stretch | None) -> Iterator[Parameter]:
        if stretch is None:
            return
        for match in _PAIR.finditer(self.text, *stretch):
            name, _, value = match[0].partition("=")
            yield Parameter(decoded(name), decoded(value), *match.span())


def decoded(text: str) -> str:
    """A piece of a query as its reader gets it."""
    return unquote(text.replace("+", " ")) if "%" in text or "+" in text else text


def split(text: str) -> Address:
    """Take an address apart; every text has pieces, at least a path."""
    at, scheme = 0, None
    match = _SCHEME.match(text)
    if match is not None and not _is_host_and_port(text, match):
        scheme, at = match.span(1), match.end()
    authority = userinfo = host = port = None
    if text.startswith("//", at) or (_is_web(text, scheme) and text[at : at + 2] in ("\\\\", "/\\", "\\/")):
        end = _authority_end(text, at + 2)
        authority = (at + 2, end)
        userinfo, host, port = _of_authority(text, *authority)
        at = end
    rest = _REST.match(text, at)
    path, query, fragment = (None if rest is None or rest.start(name) < 0 else rest.span(name) for name in _PIECES)
    return Address(text, scheme, authority, userinfo, host, port, path, query, fragment)


def _is_host_and_port(text: str, match: re.Match[str]) -> bool:
    """Whether `shop.example:8080` or `localhost:3000` was written, and no scheme."""
    return text[match.end() : match.end() + 1].isdigit() and _NO_SCHEME.match(match[1]) is not None


def _is_web(text: str, scheme: Stretch | None) -> bool:
    return scheme is None or text[slice(*scheme)].lower() in ("http", "https")


def _authority_end(text: str, start: int) -> int:
    ends = (position for sign in "/?#\\" if (position := text.find(sign, start)) >= 0)
    return min(ends, default=len(text))


def _of_authority(text: str, start: int, end: int) -> tuple[Stretch | None, Stretch, Stretch | None]:
    userinfo = port = None
    sign = text.rfind("@", start, end)
    if sign >= 0:
        userinfo, start = (start, sign), sign + 1
    match = _PORT.search(text, start, end)
    if match is not None:
        port, end = match.span(1), match.start()
    return userinfo, (start, end), port
