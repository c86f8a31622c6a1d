"""The web of the examples: what it answers to the rules that ask it. Everything else is there, and fine."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from mailcheck.web.answers import Answer, Failure, FailureKind, Hop, Verdict
from mailcheck.web.recorded import Recorded

_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mM4wcAARAwQCgAZDgMhlGTNegAAAABJRU5ErkJggg=="
_GIF = "R0lGODlhAgACAIEAAP///wAAAAAAAAAAACH5BAAKAAAALAAAAAACAAIAAAgGAAMAGBgQACH5BAEKAAIALAAAAAACAAIAgf///wAAAAAAAAAAAAgHAAUECCAgIAA7"
_CMYK = "/9j/wAAUCAABAAEEAREAAhEAAxEABBEA/9oADgQBAAIAAwAEAAA/AAD/2Q=="
_SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'></svg>"
_SHOP = "https://shop.example"


def _way(*urls: str, status: int = 302) -> Answer:
    """An answer at the end of a way of redirects."""
    return Answer(urls[0], (*(Hop(url, status) for url in urls[:-1]), Hop(urls[-1], 200)))


def _failed(url: str, kind: FailureKind, message: str) -> Answer:
    return Answer(url, failure=Failure(kind, message), tries=3)


def _picture(path: str, body: bytes, kind: str) -> Answer:
    url = f"{_SHOP}/{path}"
    return Answer(url, (Hop(url, 200),), headers=(("content-type", kind),), body=body)


def _missing(url: str) -> Answer:
    return Answer(url, (Hop(url, 404),))


_PICTURES = (
    _missing(f"{_SHOP}/gone.png"),
    _failed("https://fernhil.example/a.png", "no-such-host", "There is no fernhil.example."),
    Answer(f"{_SHOP}/locked.png", (Hop(f"{_SHOP}/locked.png", 401),)),
    _picture("tulips.png", base64.b64decode(_PNG), "image/png"),
    _picture("cut.png", base64.b64decode(_PNG)[:40], "image/png"),
    _picture("page.png", b"<!doctype html><html><title>Spring</title></html>", "text/html"),
    _picture("empty.png", b"", "image/png"),
    _picture("mistyped.png", base64.b64decode(_PNG), "text/plain"),
    _picture("lamp.gif", base64.b64decode(_GIF), "image/gif"),
    _picture("print.jpg", base64.b64decode(_CMYK), "image/jpeg"),
    _picture("logo", _SVG, "image/svg+xml"),
)
_WAYS = (
    _way(f"{_SHOP}/a", "http://shop.example/a", f"{_SHOP}/sale"),
    _way(f"{_SHOP}/b", *(f"{_SHOP}/{number}" for number in range(5))),
    _way(f"{_SHOP}/c?utm_source=mail", f"{_SHOP}/sale"),
    _way(f"{_SHOP}/d", f"{_SHOP}/sale", status=301),
    _way(f"{_SHOP}/e?utm_source=mail", f"{_SHOP}/sale?utm_source=mail"),
    _way(f"{_SHOP}/f", "https://fernhill.example/sale"),
)
_SOON = Answer(
    "https://soon.example/",
    (Hop("https://soon.example/", 200),),
    certificate_ends=datetime(2099, 3, 24, 12, tzinfo=UTC),
)

WEB = Recorded(
    verdicts={
        f"{_SHOP}/gone": Verdict(
            "broken",
            "status",
            "The page does not exist: shop.example answers 404 Not Found.",
            _missing(f"{_SHOP}/gone"),
        ),
        "https://fernhil.example/": Verdict(
            "broken",
            "no-such-host",
            "There is no fernhil.example: the domain does not exist.",
            _failed("https://fernhil.example/", "no-such-host", ""),
        ),
        f"{_SHOP}/spring-sale": Verdict(
            "suspect", "soft-404", "The page says “Page not found”, though its server says that all is well."
        ),
        f"{_SHOP}/members-only": Verdict("suspect", "login", "The link leads to a login on shop.example."),
        "https://www.linkedin.com/company/fernhill": Verdict(
            "unverifiable", "bot-wall", "www.linkedin.com keeps out programs."
        ),
        "https://slow.example/": Verdict("unverifiable", "timeout", "slow.example does not answer."),
        "https://slow.example/b": Verdict("unverifiable", "timeout", "slow.example does not answer."),
        "https://soon.example/": Verdict("suspect", "certificate-ends", "A certificate ends.", _SOON),
        **{one.url: Verdict("ok", "status", "Answers.", one) for one in _WAYS},
    },
    answers={one.url: one for one in _PICTURES},
)
