"""Strict reading of http and https URLs, by the rules of browsers and with none of their leniency.

Browsers repair a URL silently: they drop tabs and line ends, take `\\` for `/`, and read `0x7f.1` as an
address. Here each of these is an `InvalidUrl` that says what is wrong and where. What is accepted means the
same as in a browser (WHATWG URL standard): the same scheme, host, port and request.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mailcheck.hostnames import BadHostError, special_use, to_ascii, to_unicode
from mailcheck.ip_addresses import Address, ends_in_number, is_public, numeric_v4

__all__ = ["Address", "InvalidUrl", "Place", "Places", "Reason", "Url", "is_public", "join", "parse", "special_use"]

Place = tuple[int, int]
"""Offsets into the URL as it was written; the second is the first that no longer belongs to the place."""

Reason = Literal[
    "empty",
    "control-or-space",
    "backslash",
    "not-absolute",
    "scheme",
    "slashes",
    "no-host",
    "percent-in-host",
    "bad-host",
    "obfuscated-ipv4",
    "bad-ipv4",
    "bad-ipv6",
    "bad-port",
]

DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_AUTHORITY_END = re.compile(r"[/?#]")
_ASCII_BLANK = re.compile(r"[\x00-\x20\x7f]")
# What is invisible and yet part of writing: joiners, which Persian and Indic scripts need.
_JOINERS = "\u200c\u200d"
_PATH_ESCAPED = re.compile(r"[^!$%&'()*+,\-./0-9:;=@A-Z\[\\\]_a-z|~]+")
_QUERY_ESCAPED = re.compile(r"[^!$%&()*+,\-./0-9:;=?@A-Z\[\\\]^_`a-z{|}~]+")
_DOT = re.compile(r"%2e", re.IGNORECASE)


class InvalidUrl(ValueError):  # noqa: N818 - reads as what it says
    """A URL that is not one, or that a browser reads otherwise than it looks.

    Attributes:
        reason: the class of the fault, for machines.
        place: where it is in the URL.
        means: the IPv4 address that a browser makes of an obfuscated one.
    """

    def __init__(self, reason: Reason, message: str, place: Place, *, means: Address | None = None) -> None:
        self.reason: Reason = reason
        self.place = place
        self.means = means
        super().__init__(message)


class Places(Struct, frozen=True):
    """Where the parts of a URL are, without their delimiters; `None` for what it does not have."""

    scheme: Place
    host: Place
    path: Place
    userinfo: Place | None = None
    port: Place | None = None
    query: Place | None = None
    fragment: Place | None = None


class Url(Struct, frozen=True):
    """An absolute http or https URL.

    Args:
        text: as it was written.
        scheme: `http` or `https`.
        userinfo: what stands before the `@`, as written; empty without.
        host: in A-labels and lower case, without brackets; IPv6 in its short form.
        address: the host as an address when it is one.
        port: the written or the default one.
        path, query, fragment: as written; query and fragment are `None` when not there.
    """

    text: str
    scheme: str
    userinfo: str
    host: str
    address: Address | None
    port: int
    path: str
    query: str | None
    fragment: str | None
    places: Places

    @property
    def authority(self) -> str:
        """Host and, when it is not the usual one, port: the value of the `Host` header."""
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        """Path and query as a browser sends them: dots resolved, everything else percent-encoded."""
        return _target(self.path, self.query)

    @property
    def normal(self) -> str:
        """The URL as a browser requests it: the same for all that lead to the same answer."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def unicode_host(self) -> str:
        """The host as a browser may show it, A-labels decoded."""
        return to_unicode(self.host)


@lru_cache(maxsize=4096)
def parse(text: str) -> Url:
    """Read a URL.

    Raises:
        InvalidUrl: it is no absolute http or https URL, or not written as it is meant.
    """
    _refuse_blanks(text)
    backslash = text.find("\\", 0, _path_end(text, 0))
    if backslash >= 0:
        message = "there is a backslash in it, which browsers take for a slash; write “/”"
        raise InvalidUrl("backslash", message, (backslash, backslash + 1))
    scheme, start = _scheme(text)
    found = _AUTHORITY_END.search(text, start)
    end = found.start() if found else len(text)
    userinfo_place = _userinfo(text, start, end)
    host_start = userinfo_place[1] + 1 if userinfo_place else start
    host_place, port, port_place = _host_and_port(text, host_start, end)
    host, address = _host(text, host_place)
    path_end = _path_end(text, end)
    fragment_at = text.find("#", end)
    fragment = (fragment_at + 1, len(text)) if fragment_at >= 0 else None
    query_end = fragment_at if fragment_at >= 0 else len(text)
    query = (path_end + 1, query_end) if text[path_end : path_end + 1] == "?" else None
    return Url(
        text=text,
        scheme=scheme,
        userinfo=text[slice(*userinfo_place)] if userinfo_place else "",
        host=host,
        address=address,
        port=DEFAULT_PORTS[scheme] if port is None else port,
        path=text[end:path_end],
        query=text[slice(*query)] if query else None,
        fragment=text[slice(*fragment)] if fragment else None,
        places=Places((0, len(scheme)), host_place, (end, path_end), userinfo_place, port_place, query, fragment),
    )


def join(base: Url, location: str) -> Url:
    """The URL that a `Location` header or a relative reference leads to, as browsers resolve it.

    Blanks around it are dropped and blanks in it encoded, as every browser does and many servers rely on.

    Raises:
        InvalidUrl: it leads to no http or https URL.
    """
    text = location.strip("\t\n\f\r ").replace(" ", "%20")
    scheme = _SCHEME.match(text)
    if scheme:
        return parse(text)
    if text.startswith("//"):
        return parse(f"{base.scheme}:{text}")
    root = f"{base.scheme}://{base.authority}"
    path = base.path or "/"
    query = "" if base.query is None else f"?{base.query}"
    if text.startswith(("/", "\\")):
        joined = parse(root + text)
    elif text.startswith("?"):
        joined = parse(root + path + text)
    elif not text or text.startswith("#"):
        joined = parse(root + path + query + text)
    else:
        joined = parse(root + path[: path.rfind("/") + 1] + text)
    if joined.fragment is None and base.fragment is not None:
        return replace(joined, fragment=base.fragment)
    return joined


def _refuse_blanks(text: str) -> None:
    if not text:
        raise InvalidUrl("empty", "it is empty", (0, 0))
    found = _ASCII_BLANK.search(text)
    at = found.start() if found else -1
    if not text.isascii():
        at = min((place for place in (at, _invisible(text)) if place >= 0), default=-1)
    if at < 0:
        return
    sign = text[at]
    name = "space" if sign == " " else unicodedata.name(sign, f"control character U+{ord(sign):04X}").lower()
    where = "at its beginning" if at == 0 else "at its end" if not text[at:].strip() else "in it"
    raise InvalidUrl("control-or-space", f"there is a {name} {where}; take it out, or encode it", (at, at + 1))


def _invisible(text: str) -> int:
    for place, sign in enumerate(text):
        if (
            sign > "\x7f"
            and sign not in _JOINERS
            and unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf", "Cs")
        ):
            return place
    return -1


def _scheme(text: str) -> tuple[str, int]:
    """The scheme, and the offset at which the authority begins."""
    found = _SCHEME.match(text)
    if found is None:
        raise InvalidUrl("not-absolute", "it does not begin with https://", (0, len(text)))
    scheme = found[1].lower()
    if scheme not in DEFAULT_PORTS:
        if "." in scheme and not text.startswith("//", found.end()):
            raise InvalidUrl("not-absolute", f"it does not begin with https:// but with “{found[1]}”", found.span(1))
        raise InvalidUrl("scheme", f"“{found[1]}:” is neither http nor https", found.span(1))
    rest = text[found.end() :]
    slashes = len(rest) - len(rest.lstrip("/"))
    if slashes != 2:
        message = f"after “{found[1]}:” there must be two slashes, and there {_are(slashes)}"
        raise InvalidUrl("slashes", message, (found.end() - 1, found.end() + slashes))
    return scheme, found.end() + 2


def _are(slashes: int) -> str:
    return {0: "is none", 1: "is one"}.get(slashes, f"are {slashes}")


def _path_end(text: str, start: int) -> int:
    ends = [place for place in (text.find("?", start), text.find("#", start)) if place >= 0]
    return min(ends, default=len(text))


def _userinfo(text: str, start: int, end: int) -> Place | None:
    at = text.rfind("@", start, end)
    return (start, at) if at >= 0 else None


def _host_and_port(text: str, start: int, end: int) -> tuple[Place, int | None, Place | None]:
    closing = text.find("]", start, end) if text.startswith("[", start) else start
    if closing < 0:
        raise InvalidUrl("bad-ipv6", "the “[” around its address is never closed", (start, end))
    colon = text.find(":", closing, end)
    host = (start, end if colon < 0 else colon)
    if host[0] == host[1]:
        raise InvalidUrl("no-host", "it names no host", (start, end))
    if colon < 0:
        return host, None, None
    digits = text[colon + 1 : end]
    place = (colon + 1, end)
    if not digits:
        return host, None, place
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits.lstrip("0")) <= 5 else 0
    if not 0 < number < 65536:
        raise InvalidUrl("bad-port", f"“{digits[:20]}” is no port; ports are numbers from 1 to 65535", place)
    return host, number, place


def _host(text: str, place: Place) -> tuple[str, Address | None]:
    try:
        return _named(text[slice(*place)])
    except InvalidUrl as error:
        raise InvalidUrl(error.reason, str(error), place, means=error.means) from None


@lru_cache(maxsize=1024)
def _named(raw: str) -> tuple[str, Address | None]:
    """A host in its normal form; many links lead to one."""
    if raw.startswith("[") and "%" not in raw:
        return _ipv6(raw)
    all_of_it = (0, len(raw))
    if "%" in raw:
        raise InvalidUrl("percent-in-host", f"its host “{raw[:80]}” is percent-encoded; write it plainly", all_of_it)
    try:
        host = to_ascii(raw)
    except BadHostError as error:
        raise InvalidUrl("bad-host", f"its host “{raw[:80]}” is no domain name: {error}", all_of_it) from None
    if not ends_in_number(host):
        return host, None
    means = numeric_v4(host)
    if means is None:
        message = f"its host “{raw[:80]}” is neither a domain name nor an IP address"
        raise InvalidUrl("bad-ipv4", message, all_of_it)
    if str(means) != raw:
        message = f"its host “{raw[:80]}” is a disguised way of writing the IP address {means}"
        raise InvalidUrl("obfuscated-ipv4", message, all_of_it, means=means)
    return host, means


def _ipv6(raw: str) -> tuple[str, Address]:
    all_of_it = (0, len(raw))
    if not raw.endswith("]"):
        message = f"there is text after the address “{raw[: raw.find(']') + 1][:80]}”"
        raise InvalidUrl("bad-ipv6", message, all_of_it)
    try:
        address = IPv6Address(raw[1:-1])
    except AddressValueError:
        raise InvalidUrl("bad-ipv6", f"“{raw[:80]}” is no IPv6 address", all_of_it) from None
    return _hextets(address), address


def _hextets(address: IPv6Address) -> str:
    """An address as the WHATWG URL standard writes it; Python 3.13 and later write a mapped one with dots."""
    mapped = address.ipv4_mapped
    return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}" if mapped is not None else address.compressed


@lru_cache(maxsize=4096)
def _target(path: str, query: str | None) -> str:
    escaped = _PATH_ESCAPED.sub(_percent, _without_dots(path))
    return escaped if query is None else f"{escaped}?{_QUERY_ESCAPED.sub(_percent, query)}"


def _without_dots(path: str) -> str:
    """A path with `.` and `..` resolved, encoded ones included (WHATWG URL standard, path state)."""
    kept: list[str] = []
    segments = path.split("/")[1:] or [""]
    for number, segment in enumerate(segments, start=1):
        plain = _DOT.sub(".", segment) if len(segment) <= 6 else segment
        if plain == ".." and kept:
            kept.pop()
        if plain not in (".", ".."):
            kept.append(segment)
        elif number == len(segments):
            kept.append("")
    return "/" + "/".join(kept)


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))
