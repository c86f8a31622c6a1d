"""How an address is written: what browsers repair, refuse or read otherwise than it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG, Stretch
from mailcheck.content.links import Link
from mailcheck.urls import InvalidUrl, Url, is_public, parse, special_use

LONGEST = 2083
"""Characters of the longest address that every mail client and security gateway passes on (Internet Explorer's limit)."""


class Malformed(Struct, frozen=True):
    """One thing that is wrong with the writing of an address.

    Args:
        message: what, and what to do.
        at: where in the address.
        sure: it cannot work; otherwise clients and servers differ.
        instead: what belongs there, when that is certain.
        code: a stable word for machines.
    """

    message: str
    at: Stretch
    sure: bool
    code: str
    instead: str | None = None


_DISGUISES = frozenset(("obfuscated-ipv4", "percent-in-host"))
_TYPES_OF_COM = frozenset(
    ("con", "cmo", "ocm", "comm", "coom", "vom", "xom", "cim", "c0m", "comn", "ocom", "nett", "ogr", "orgg")
)
_QUOTES = "“”„‟«»‘’‚″\"'`"
_DOUBLE_SCHEME = lazy(r"(https?):?/{0,2}(https?)(?::/{0,2}|//)", re.IGNORECASE)
_AMP = lazy(r"&(?:amp|#38|#x26);", re.IGNORECASE)
_TWICE_ENCODED = lazy(r"%25(?:20|2[CcFf6Bb]|3[AaDdFf]|40|7[BbDdCc])")
_BARE_PERCENT = lazy(r"%(?![0-9A-Fa-f]{2}|\ue000)")
_SECOND_MARK = lazy(r"\?[\w\-\[\]]{1,40}=")
_AMPERSAND_FIRST = lazy(r"&[a-z_]{2,30}=[^/]*\Z", re.IGNORECASE)
_NESTED = lazy(r"://|%3A(?:%2F|/){2}", re.IGNORECASE)


@lru_cache(maxsize=2048)
def strictly(shape: str, port: Stretch | None) -> Url | InvalidUrl:
    """The strict reading of a web address; merge tags in it are read as one letter, in a port as one digit."""
    text = shape
    if port is not None and TAG in text[slice(*port)]:
        text = text[: port[0]] + text[slice(*port)].replace(TAG, "1") + text[port[1] :]
    try:
        return parse(text.replace(TAG, "x"))
    except InvalidUrl as error:
        return error


def read(link: Link) -> Url | InvalidUrl | None:
    """The strict reading of a link; `None` when it is none of the web, or a merge tag makes up its host."""
    if link.scheme not in ("http", "https") or (link.has_tags and link.host.strip(TAG + ".") == ""):
        return None
    return strictly(link.shape, link.address.port)


def malformed(link: Link) -> Iterator[Malformed]:
    """What is wrong with the writing of an address; at most one thing for the address, one for its query."""
    text = link.shape
    if text and text[0] in _QUOTES:
        yield _quoted(text)
        return
    lost = unclosed(link)
    if lost is not None:
        message = (
            f"The quotation mark that ends this address is missing, so “{_folded(text[slice(*lost)])}” became part of it;"
            f" put one before “{_WORD.findall(text, *lost)[0]}”."
        )
        yield Malformed(message, lost, True, "unclosed_quote")
        return
    style = in_style(link)
    if style is not None:
        message = "“url(…)” is for styles, and here it becomes part of the address; write the address alone."
        yield Malformed(message, (0, len(text)), True, "url", style if TAG not in style else None)
        return
    double = _DOUBLE_SCHEME.match(text)
    if double is not None:
        start = double.start(2)
        instead = "" if text[start:].lower().startswith(("http://", "https://")) else None
        yield Malformed("The address begins twice; delete the first one.", (0, start), True, "double_scheme", instead)
        return
    strict = read(link)
    if isinstance(strict, InvalidUrl) and strict.reason not in _DISGUISES and strict.reason != "no-host":
        # What a text part shows is only taken for an address.
        if link.kind != "text" or strict.reason not in ("bad-host", "bad-port"):
            yield _refused(link, strict)
    elif (typo := _host_typo(link)) is not None:
        yield typo
    if link.scheme in ("http", "https"):
        query = _query(link)
        if query is not None:
            yield query


_SWALLOWED = lazy(r"[ \t\r\n\f]([A-Za-z][\w:\-]*+[ \t\r\n\f]*+=)|(/?>)")
_WORD = lazy(r"/?>|[\w:\-]+")
_CUT = lazy(r"[ \t\r\n\f]([A-Za-z][\w:\-]*+)[ \t\r\n\f]*+=\Z")
_NEXT_QUOTE = lazy(r"[ \t\r\n\f]*+([\"'])(.?)", re.DOTALL)
_USUAL = frozenset(
    ("alt", "align", "bgcolor", "border", "class", "height", "href", "hspace", "id", "name", "rel", "role", "src", "style",
     "target", "title", "valign", "vspace", "width", "aria-label", "aria-hidden", "srcset", "sizes", "loading", "background")
)  # fmt: skip


def unclosed(link: Link) -> Stretch | None:
    """Where what an address swallowed begins and ends, when its closing quotation mark is missing.

    It then ends at the quotation mark that opens the value of a later attribute, behind ` name=`.
    """
    source, start, end = link.span.part.text, link.span.start, link.span.end
    if link.element is None or link.place == "css":
        return None
    cut, quote = _CUT.search(link.shape), _NEXT_QUOTE.match(source, end)
    while start and source[start - 1] in " \t\r\n\f":
        start -= 1
    if cut is None or quote is None or source[start - 1 : start] != quote[1]:
        return None
    if cut[1].lower() not in _USUAL and quote[2] in " \t\r\n\f>/":
        return None
    first = _SWALLOWED.search(link.shape) or cut
    return first.start(first.lastindex or 0), len(link.shape)


def in_style(link: Link) -> str | None:
    """The address that was meant, where an attribute holds what belongs into a style: `url('https://…')`."""
    if link.element is None or link.place == "css" or link.shape[:4].lower() != "url(":
        return None
    return link.shape[4:].rstrip("; \t\r\n\f").removesuffix(")").strip("\"' \t\r\n\f")


def is_misread(link: Link) -> bool:
    """Whether what stands in the attribute is more than an address, so that only `links/malformed` has something to say."""
    return unclosed(link) is not None or in_style(link) is not None


def _folded(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def _quoted(text: str) -> Malformed:
    inner = text.strip(_QUOTES)
    message = "There are quotation marks around the address, so it leads nowhere; delete them."
    return Malformed(message, (0, len(text)), True, "quotes", inner if TAG not in inner else None)


_BLANKS = {
    " ": "There is a space in the address; write it as %20.",
    "\n": "The address is broken over two lines; put it on one.",
    "\r": "The address is broken over two lines; put it on one.",
    "\t": "There is a tab in the address; take it out.",
}


def _refused(link: Link, error: InvalidUrl) -> Malformed:
    place, text = error.place, link.shape
    is_space = error.reason == "control-or-space"
    host_end = (link.address.authority or (0, 0))[1]
    sure = not is_space or place[0] < host_end or not text[slice(*place)].isascii()
    instead = _instead(error, text)
    message = _BLANKS.get(text[slice(*place)], f"The address is broken: {error}.")
    return Malformed(message, place, sure, error.reason.replace("-", "_"), instead)


def _instead(error: InvalidUrl, text: str) -> str | None:
    sign = text[slice(*error.place)]
    if error.reason == "backslash":
        return "/"
    if error.reason == "slashes" and ":" in sign:
        return "://"
    if error.reason == "control-or-space":
        if sign in "\r\n\t" or not sign.isprintable():
            return ""
        return "%20" if sign == " " else None
    return None


def _host_typo(link: Link) -> Malformed | None:
    host, place = link.host, link.address.host
    if place is None or TAG in host:
        return None
    last = host.rpartition(".")[2]
    if last in _TYPES_OF_COM and "." in host:
        return Malformed(f"“.{last}” is misspelt; there is no such ending of a host.", place, True, "ending")
    first = host.partition(".")[0]
    if first in ("ww", "wwww", "www2www", "wwwww", "wwe", "wwww") and host.count(".") > 1:
        return Malformed(f"“{first}.” is misspelt; write “www.”.", place, False, "www")
    return None


def _query(link: Link) -> Malformed | None:
    text, address = link.shape, link.address
    if amp := _AMP.search(text):
        message = "“&” is encoded twice here, so what follows never reaches the page."
        return Malformed(message, amp.span(), False, "double_encoded", "&")
    if address.query is None and address.path is not None:
        found = _AMPERSAND_FIRST.search(text, *address.path)
        if found and not _NESTED.search(text, found.start()):
            message = "The first parameter begins with “?”, not with “&”; as it stands, the page may not be found."
            return Malformed(message, (found.start(), found.start() + 1), False, "no_question_mark", "?")
    if address.query is not None:
        found = _SECOND_MARK.search(text, *address.query)
        if found and not _NESTED.search(text, address.query[0], found.start()):
            message = "There is a second “?” in the address; parameters behind the first are joined with “&”."
            return Malformed(message, (found.start(), found.start() + 1), False, "second_question_mark", "&")
    if (twice := _TWICE_ENCODED.search(text)) and not _NESTED.search(text, len("https://")):
        message = f"“{twice[0]}” is encoded twice; the page gets “%{twice[0][3:]}” instead of the character."
        return Malformed(message, twice.span(), False, "double_encoded", f"%{twice[0][3:]}")
    if bare := _BARE_PERCENT.search(text):
        message = "A percent sign in an address is written “%25”; as it stands, many servers refuse the address."
        return Malformed(message, bare.span(), False, "bare_percent", "%25")
    if len(link.written) > LONGEST:
        message = f"The address has {len(link.written):,} characters; more than {LONGEST:,} are cut off on the way."
        return Malformed(message, (0, len(text)), False, "too_long")
    return None


def private(link: Link) -> str:
    """Why nobody outside reaches the host, for a sentence; empty when they do, or when it cannot be read."""
    strict = read(link)
    if isinstance(strict, InvalidUrl):
        means = strict.means
        return f"it is {means}, an address of a private network" if means and not is_public(means) else ""
    if strict is None or TAG in link.host:
        return ""
    if strict.address is not None:
        return "" if is_public(strict.address) else "it is an address of a private network or of this computer"
    special = special_use(strict.host)
    if special is None:
        return ""
    if "." not in strict.host and strict.host != "localhost":
        return "it has no dot, so it is a name of a private network at best"
    return f"such names are for {special}"
