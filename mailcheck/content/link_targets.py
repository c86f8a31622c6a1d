"""Addresses that lead nowhere in a mail: empty ones, schemes that no client follows, relative ones, placeholders."""

from __future__ import annotations

import difflib
import re

from msgspec import Struct

from mailcheck.content import link_hosts
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG
from mailcheck.content.links import Link

_BEGUN = {
    "http:": "web page",
    "https:": "web page",
    "http": "web page",
    "https": "web page",
    "www": "web page",
    "mailto:": "e-mail address",
    "tel:": "phone number",
    "sms:": "phone number",
}
_HASHES = lazy(r"#[#!/]*\Z")
_SCRIPT = lazy(r"java\s*script\s*:", re.IGNORECASE)


def nowhere(link: Link) -> str:
    """Why a link leads nowhere, for a sentence; empty when it leads somewhere."""
    text = link.shape.strip()
    if not text:
        return "has no address at all"
    if _HASHES.match(text):
        return f"has only “{text}” for an address"
    if _SCRIPT.match(text):
        return "runs a script, which every mail client takes out"
    lower = text.lower()
    if lower.startswith("about:"):
        return f"leads to “{text}”, which is no page"
    begun = _BEGUN.get(lower.rstrip("/?"))
    return f"only begins an address (“{text}”): the {begun} is missing" if begun else ""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FOLLOWED = frozenset(("http", "https", "mailto", "tel", "sms"))
_NEVER = {
    "file": "leads to a file on somebody's computer",
    "data": "holds its page in itself, which browsers refuse to open from a mail",
    "blob": "leads to something that only existed in one browser window",
    "vbscript": "runs a script, which every mail client takes out",
    "livescript": "runs a script, which every mail client takes out",
    "ftp": "uses FTP, which browsers no longer open",
    "x-apple-data-detectors": "was left by Apple Mail, which marks dates and places so in a mail that was received",
    "applewebdata": "was left by Apple Mail and leads nowhere",
    "cid": "leads to a part of the mail itself, which clients do not open as a link",
    "mid": "leads to a message by its id, which clients do not open",
    "onenote": "leads into a notebook on somebody's computer",
    "outlook": "leads into somebody's own Outlook",
    "view-source": "is for developers only",
    "chrome": "leads into the settings of a browser",
    "res": "leads into a program of Windows",
}
_APPS = _names(
    "whatsapp viber skype tg facetime facetime-audio maps geo webcal fb fb-messenger twitter instagram itms itms-apps itms-appss"
    " market intent spotify zoommtg msteams slack vnd.youtube comgooglemaps waze callto sip sips xmpp bitcoin magnet signal line"
)


class Scheme(Struct, frozen=True):
    """What is wrong with a scheme. `meant` is the scheme that was misspelt; `sure` that no client follows it."""

    message: str
    sure: bool
    meant: str = ""


def bad_scheme(link: Link) -> Scheme | None:
    """What is wrong with the scheme of a link, or `None`."""
    scheme = link.scheme
    if not scheme or scheme in _FOLLOWED or scheme in ("javascript", "about") or TAG in scheme:
        return None
    if scheme in _NEVER:
        return Scheme(f"This link {_NEVER[scheme]}; link to a page on the web.", sure=True)
    if scheme == "callto":
        return Scheme(
            "“callto:” is only understood by old programs; write “tel:” and the number.", sure=False, meant="tel"
        )
    if scheme not in _APPS:
        close = difflib.get_close_matches(scheme, sorted(_FOLLOWED), n=1, cutoff=0.74)
        if close and scheme != "http":
            return Scheme(f"“{scheme}:” is misspelt; write “{close[0]}:”.", sure=True, meant=close[0])
        if " " in link.shape or not link.shape[len(scheme) + 1 :].strip("/"):
            return Scheme(f"“{_short(link.shape)}” is no address; put the address of the page here.", sure=True)
    message = f"Webmail and many clients take “{scheme}:” out of a link; use a web address that opens the app."
    return Scheme(message, sure=False)


def _short(text: str) -> str:
    folded = " ".join(text.replace(TAG, "…").split())
    return folded if len(folded) <= 60 else f"{folded[:59]}…"


_FILES = (
    "html?|php\\d?|aspx?|jsp|xhtml|shtml|cfm|cgi|pdf|docx?|xlsx?|pptx?|zip|csv|txt|xml|json|css|js|ics|vcf|mp[34]|mov|md"
    "|png|jpe?g|gif|svg|webp|avif|ico|bmp|mjml|hbs|erb|ejs|liquid|twig|eml|png|tsx?|jsx|scss|svg"
)
_FILE = lazy(rf".*\.(?:{_FILES})\Z", re.IGNORECASE)
_HOST = lazy(
    r"(?:[\w\-\ue000]+\.)+(?:[a-z]{2,24}|xn--[\w-]+)(?::\d+)?(?=[/?#]|\Z)|localhost(?::\d+)?(?=[/?#]|\Z)", re.IGNORECASE
)
_ADDRESS = lazy(r"[\w.+\-\ue000]+@[\w\-\ue000]+(?:\.[\w\-\ue000]+)+(?:\?\S*)?\Z")
_PHONE = lazy(r"\+?[\d(][\d ()./\-]{6,20}\Z")
_QUOTED = lazy(r"[“”„‟«»‘’‚″\"'`]")
_UNDECODED = lazy(r"(?:3D)?=?\"?3D|=\"")
_WORDS_ONLY = lazy(r"[\w .!?,'’\-]+\Z")


class Relative(Struct, frozen=True):
    """What is wrong with an address that has no scheme. `missing` stands in front when it is mended."""

    message: str
    missing: str = ""
    safe: bool = False


def relative(link: Link) -> Relative | None:
    """What is wrong with a link that does not say where it begins, or `None`."""
    address, text = link.address, link.shape
    if address.scheme is not None or not text or text.startswith((TAG, "#", "{!")) or _QUOTED.match(text):
        return None
    if address.authority is not None:
        message = "An address that begins with // has no https: in front; several mail clients look for a file then."
        return Relative(message, "https:", safe=True)
    if _ADDRESS.match(text):
        return Relative(
            "This is an e-mail address; put “mailto:” in front, or nobody can write to it.", "mailto:", True
        )
    if _PHONE.match(text):
        return Relative("This is a phone number; put “tel:” in front, or nobody can call it.", "tel:")
    host = _HOST.match(text)
    if host is not None and (not _FILE.match(host[0]) or text.lower().startswith("www.")):
        sure = text.lower().startswith("www.") or "/" in text
        return Relative("“https://” is missing in front, so mail clients find no page.", "https://", safe=sure)
    if _UNDECODED.match(text):
        return Relative("This is quoted-printable that nobody decoded (“=3D” stands for “=”); encode the mail anew.")
    if " " in text and _WORDS_ONLY.match(text):
        return Relative(f"“{_short(text)}” is no address; put the address of the page here.")
    return Relative(
        f"“{_short(text)}” leads to a place beside the mail, and a mail has none; write the whole address, https and all."
    )


_SOCIAL = _names(
    "facebook fb twitter x instagram linkedin youtube tiktok pinterest github threads snapchat vimeo t medium vk xing"
    " dribbble behance yelp foursquare tumblr reddit flickr soundcloud spotify twitch discord telegram wa whatsapp mastodon"
)
_WORD = lazy(r"[\W_]+")
_NAME = lazy(r"[A-Z]{2,}\d*(?:_[A-Z0-9]+)+\Z")
_PROMPT = lazy(
    r"(?<![A-Za-z])(?:(?:INSERT|ENTER|ADD|YOUR|REPLACE|PUT|PASTE)(?:[_\-]|%20)(?:[A-Z]+(?:[_\-]|%20)?)*(?:LINK|URL|HREF|HERE|PAGE|SITE|WEBSITE|DOMAIN|ID|NAME|ADDRESS|HANDLE|USERNAME|ME|THIS|PATH|SLUG|UUID|KEY|TOKEN)"
    r"|(?:insert|enter|add|put|paste)[_\-](?:your[_\-])?(?:link|url)(?:[_\-]here)?|your[_\-](?:link|url)(?:[_\-]here)?"
    r"|(?:id|url|link|name|slug|page|path|token|product|app)[_\-]placeholder|placeholder[_\-](?:id|url|link|name|slug|page|path|token)"
    r"|URL_?HERE|LINK_?HERE|TODO|FIXME|CHANGE_?ME|REPLACE_?ME|(?<!\d)X{4,}(?!\d))(?![A-Za-z])"
)


def placeholder(link: Link) -> tuple[str, tuple[int, int]] | None:
    """What in an address was to be filled in, and where; `None` when nothing was."""
    address = link.address
    if link.is_web or (address.authority is not None and address.scheme is None):
        host = link.host
        if TAG not in host and link_hosts.placeholder(host):
            return f"“{host}” stands for a host that was to be filled in", address.host or (0, 0)
        if (account := _account(link)) is not None:
            return f"“{address.get(account)}” stands for a name that was to be filled in", account
    elif address.scheme is None and not link.shape.startswith("#"):
        if _WORD.sub("", link.shape).lower() in link_hosts.data()["placeholder"]["words"] or _NAME.match(link.shape):
            return f"“{_short(link.shape)}” stands for an address that was to be filled in", (0, len(link.shape))
        host_like = _HOST.match(link.shape)
        if host_like is not None and link_hosts.placeholder(host_like[0].partition(":")[0].lower()):
            return f"“{host_like[0]}” stands for a host that was to be filled in", host_like.span()
    elif link.scheme == "mailto" and (host := _mail_host(link)) and link_hosts.placeholder(host):
        return f"“{host}” stands for a domain that was to be filled in", (0, len(link.shape))
    start = address.authority[1] if address.authority else 0
    prompt = _PROMPT.search(link.shape, start) if link.scheme in ("", "http", "https") else None
    return (f"“{prompt[0]}” was to be filled in", prompt.span()) if prompt else None


def _mail_host(link: Link) -> str:
    recipient = link.path.partition(",")[0].lower()
    return recipient.rpartition("@")[2] if TAG not in recipient else ""


def _account(link: Link) -> tuple[int, int] | None:
    """A segment of the path that stands for a page of one's own on a social network."""
    if link.address.path is None or link_hosts.owner(link.host) not in _SOCIAL:
        return None
    at, end = link.address.path
    for segment in link.shape[at:end].split("/"):
        if segment.lower().lstrip("@") in link_hosts.data()["placeholder"]["accounts"]:
            return at, at + len(segment)
        at += len(segment) + 1
    return None
