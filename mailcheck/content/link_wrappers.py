"""Addresses that a mail filter, a webmail or a browser has wrapped, and what they were before.

Written from the public descriptions of the formats: Microsoft Defender Safe Links, Proofpoint URL Defense (v1 to
v3), Barracuda, Cisco, Symantec, Trend Micro, Sophos, Check Point (Avanan), FireEye, Google, Facebook, Slack.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qs, unquote

from msgspec import Struct

from mailcheck.content.lazily import lazy

_QUERY: tuple[tuple[str, str, str, str], ...] = (
    (r"(?:[\w-]+\.)*safelinks\.protection\.outlook\.com", "", "url", "Microsoft Safe Links"),
    (r"safelinks\.protection\.office365\.us", "", "url", "Microsoft Safe Links"),
    (r"statics\.teams\.cdn\.office\.net", "/evergreen-assets/safelinks", "url", "Microsoft Teams"),
    (r"urldefense\.proofpoint\.com", "/v1/", "u", "Proofpoint"),
    (r"linkprotect\.cudasvc\.com", "/url", "a", "Barracuda"),
    (r"(?:[\w-]+\.)*clicktime\.symantec\.com", "", "u", "Symantec"),
    (r"(?:[\w-]+\.)*protect2?\.fireeye\.com", "", "u", "FireEye"),
    (r"(?:[\w-]+\.)*trendmicro\.com", "/wis/clicktime", "url", "Trend Micro"),
    (r"(?:[\w-]+\.)*secure-web\.sophos\.com", "", "u", "Sophos"),
    (r"(?:[\w-]+\.)*seclinks\.cloud", "", "u", "Hornetsecurity"),
    (r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?", "/url", "q url", "Google"),
    (r"lm?\.(?:facebook|instagram)\.com", "", "u", "Facebook"),
    (r"slack-redir\.net", "/link", "url", "Slack"),
    (r"(?:www\.)?linkedin\.com", "/redir/", "url", "LinkedIn"),
    (r"(?:[\w-]+\.)*yusercontent\.com", "/mail", "url", "Yahoo Mail"),
    (r"(?:www\.)?youtube\.com", "/redirect", "q", "YouTube"),
    (r"exchange\.[\w.-]+|outlook\.[\w.-]+", "/owa/redir.aspx", "url", "Outlook on the web"),
    (r"deref-(?:gmx|web-02|web|mail)\.(?:\w+)", "/mail/client", "redirecturl", "GMX or WEB.DE"),
)
_CLOSED: tuple[tuple[str, str, str], ...] = (
    (r"(?:[\w-]+\.)*mimecast(?:protect)?\.com", "/s/", "Mimecast"),
    (r"urlsand\.esvalabs\.com", "", "Libraesva"),
    (r"link\.edgepilot\.com", "/s/", "EdgePilot"),
    (r"url\.emailprotection\.link", "", "Intermedia"),
    (r"(?:[\w-]+\.)*mailguard\.com\.au", "/", "MailGuard"),
    (r"t\.co", "/", "X (Twitter)"),
)
_KEPT_PICTURES: tuple[tuple[str, str, str], ...] = (
    (r"(?:[\w-]+\.)?googleusercontent\.com", r"/(?:proxy|meips)/", "Gmail's image proxy"),
    (r"mail\.google\.com", r"/mail/.*[?&]ui=", "somebody's Gmail"),
    (
        r"attachments\.(?:office\.net|office\.com)|outlook\.(?:live|office|office365)\.com",
        r"/(?:owa|mail)",
        "somebody's Outlook",
    ),
    (r"(?:[\w-]+\.)*mail\.yahoo\.com", r"/", "somebody's Yahoo Mail"),
)


class Wrapped(Struct, frozen=True):
    """Who wrapped an address, and what it was before; `inner` is empty when that cannot be told."""

    by: str
    inner: str


def wrapped(address: str, host: str) -> Wrapped | None:
    """Who wrapped a web address, or `None`.

    Args:
        address: an absolute web address.
        host: its host in lower case.
    """
    rest = address.partition("://")[2]
    path = rest[len(rest.partition("/")[0].partition("?")[0]) :]
    for hosts, start, names, by in _QUERY:
        if path.startswith(start) and lazy(hosts).fullmatch(host):
            inner = _from_query(path, names.split())
            return Wrapped(by, inner) if inner else None
    if host in ("urldefense.com", "urldefense.us", "urldefense.proofpoint.com"):
        return Wrapped("Proofpoint", _proofpoint(path))
    if host in ("secure-web.cisco.com", "secure-web.security.cisco.com"):
        return Wrapped("Cisco", _http(unquote(path.rpartition("/")[2])))
    if host.endswith(("avanan.click", "checkpoint.com")) and (found := _AVANAN.search(path)):
        return Wrapped("Check Point", _http(found[1]))
    if host.endswith("protection.sophos.com"):
        return Wrapped("Sophos", _base64(_from_query(path, ["u"], any_text=True)))
    for hosts, start, by in _CLOSED:
        if path.startswith(start) and lazy(hosts).fullmatch(host) and len(path) > 4:
            return Wrapped(by, "")
    return _picture(address, host, path)


def _picture(address: str, host: str, path: str) -> Wrapped | None:
    for hosts, pattern, by in _KEPT_PICTURES:
        if lazy(hosts).fullmatch(host) and lazy(pattern).match(path):
            return Wrapped(by, _http(address.partition("#")[2]))
    return None


def _from_query(path: str, names: list[str], *, any_text: bool = False) -> str:
    values = parse_qs(path.partition("?")[2].partition("#")[0])
    for name in names:
        for key, value in values.items():
            if key.lower() == name:
                return value[0] if any_text else _http(value[0])
    return ""


def _http(text: str) -> str:
    """A text that is a web address, else nothing."""
    return text if text.lower().startswith(("http://", "https://")) else ""


_V3 = lazy(r"/v3/__(.+?)__;([^!]*+)!")
_RUN = lazy(r"\*(\*.)?")
_V2_CODE = lazy(r"-([0-9A-F]{2})")
_AVANAN = lazy(r"___(https?://.+?)(?:___|\Z)")
_RUN_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _proofpoint(path: str) -> str:
    if path.startswith("/v3/"):
        return _proofpoint_v3(path)
    inner = _from_query(path, ["u"], any_text=True)
    if path.startswith("/v2/"):
        inner = unquote(_V2_CODE.sub(r"%\1", inner.replace("_", "/")))
    return _http(inner)


def _proofpoint_v3(path: str) -> str:
    """Version 3 puts `*` where characters were taken out, and those, in base64, behind the address."""
    found = _V3.match(path)
    if found is None:
        return ""
    taken = _base64(found[2])
    at = 0

    def back(match: re.Match[str]) -> str:
        nonlocal at
        length = _RUN_LENGTHS.find(match[1][1]) + 2 if match[1] else 1
        piece, at = taken[at : at + length], at + length
        return piece

    inner = _RUN.sub(back, found[1])
    inner = re.sub(r"\A(https?):/(?!/)", r"\1://", inner)
    return _http(inner) if at == len(taken) else ""


def _base64(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
    except ValueError:
        return ""
