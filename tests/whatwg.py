"""What a browser makes of a URL, asked from an independent parser of the WHATWG standard."""

from __future__ import annotations

import re

import ada_url

from mailcheck.urls import DEFAULT_PORTS, Url

# ada's table of writing directions lacks these signs of Unicode 14: it refuses them beside Hebrew.
_UNKNOWN_THERE = re.compile("[\u0870-\u088e\u0890-\u089f\u08b5\u08c8-\u08d2\u2e53-\u2e5d]")


def disagreement(url: Url) -> str:
    """What a browser reads otherwise than we do; empty when nothing is."""
    try:
        theirs = ada_url.URL(url.text)
    except ValueError:
        if _UNKNOWN_THERE.search(url.unicode_host):
            return ""
        return f"refused there, {url.normal!r} here"
    port = int(theirs.port) if theirs.port else DEFAULT_PORTS.get(theirs.protocol[:-1], 0)
    told = (theirs.protocol[:-1], theirs.hostname.strip("[]"), port, theirs.pathname + theirs.search)
    # A browser drops a question mark that nothing follows from `search`, though it is part of the URL.
    ours = (url.scheme, url.host, url.port, url.target.removesuffix("?") if url.query == "" else url.target)
    return "" if told == ours else f"{told} there, {ours} here"
