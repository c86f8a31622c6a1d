"""Pages that lead on by themselves: `<meta http-equiv="refresh">`, the header `Refresh`, a script with nothing else.

No script is run. One is only looked at when it consists of nothing but the address to go to, on a page that shows
next to nothing: what else a script may decide, nobody can tell from its text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from mailcheck.urls import InvalidUrl, Url, join
from mailcheck.web.answers import Answer
from mailcheck.web.pages import Page, page_of
from mailcheck.web.walls import is_wall

MOST = 3
"""So many pages of one chain may lead on by themselves; walls against robots do it for ever."""
LONGEST = 10.0
"""Seconds after which a page has been read, so that it is the one that was meant."""
FEW_WORDS = 40
_HEAD = 16 * 1024
_UNUSED = re.compile(
    r"<!--(?:.*?-->|.*)|<(noscript|script|style|template)(?![a-z0-9])(?:.*?</\1|.*)", re.IGNORECASE | re.DOTALL
)
_META = re.compile(r"<meta\s[^<>]{0,2000}+>?", re.IGNORECASE)
_IS_REFRESH = re.compile(r"http-equiv\s*+=\s*+[\"']?\s*+refresh\b", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*+=\s*+(?:\"([^\"<>]*+)\"|'([^'<>]*+)'|([^\s<>]++))", re.IGNORECASE)
_BASE = re.compile(r"<base\s[^<>]{0,500}?\bhref\s*+=\s*+[\"']?([^\"'\s<>]++)", re.IGNORECASE)
_WHERE = re.compile(
    r"\s*+(\d{0,6})(?:\.[\d.]*+)?\s*+(?:[;,\s]\s*+(?:url\s*+=)?\s*+([\"']?)(.*))?", re.IGNORECASE | re.DOTALL
)
_PLACE = r"(?:(?:window|document|self|top|parent)\s*\.\s*)?location"
_QUOTED = r"([\"'])([^\"'<>\s\\]{1,2000})"
_GOES = rf"{_PLACE}(?:\.href)?\s*=\s*{_QUOTED}\1|{_PLACE}\.(?:replace|assign)\(\s*{_QUOTED}\3\s*\)"
_SCRIPT = re.compile(rf"<script(?:\s[^<>]*+)?>\s*(?:{_GOES})\s*;?\s*</script", re.IGNORECASE)


def led_on(answer: Answer, url: Url) -> Url | None:
    """Where a page sends its readers without their doing anything; `None` when it is to be read, or leads nowhere.

    Args:
        answer: what came for `url`: its last answer and the page.
        url: of that page.
    """
    target = _from(answer.header("refresh")) if answer.header("refresh") else None
    base = ""
    if target is None:
        page = page_of(answer)
        if page is None or is_wall(answer, page):
            return None
        target, base = _meta(page) or _script(page), _base(page)
    return _joined(url, base, target) if target else None


def may_lead_on(headers: Iterable[tuple[str, str]], body: bytearray) -> bool:
    """Whether `led_on` can find anything: a quick look at every page, before a slow one."""
    head = body[:_HEAD].lower()
    return b"refresh" in head or b"location" in head or any(name == "refresh" for name, _ in headers)


def _meta(page: Page) -> str | None:
    head = page.source[:_HEAD]
    if "refresh" not in head.lower():
        return None
    for found in _META.finditer(_UNUSED.sub(" ", head)):
        content = _CONTENT.search(found[0])
        if content is not None and _IS_REFRESH.search(found[0]):
            return _from(html.unescape(content[1] or content[2] or content[3] or ""))
    return None


def _from(content: str) -> str | None:
    """The address in `0; url=/sale`; `None` without one, and when it takes so long that the page has been read."""
    found = _WHERE.fullmatch(content)
    if found is None or not found[3] or float(found[1] or 0) > LONGEST:
        return None
    return (found[3].partition(found[2])[0] if found[2] else found[3]).strip() or None


def _script(page: Page) -> str | None:
    found = _SCRIPT.search(page.source[:_HEAD])
    return (found[2] or found[4]) if found is not None and page.words < FEW_WORDS else None


def _base(page: Page) -> str:
    found = _BASE.search(page.source[:_HEAD])
    return html.unescape(found[1]) if found else ""


def _joined(url: Url, base: str, target: str) -> Url | None:
    try:
        led = join(join(url, base) if base else url, target)
    except InvalidUrl:
        return None  # what is no web address no browser goes to
    return None if led.normal == url.normal else led
