"""What a page says at a glance: its title, its first heading, how much text there is, where it sends on.

Pages come from servers that may mean harm, so this is one pass that looks at every character once or twice,
whatever the page holds.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from mailcheck.web.answers import Answer

_NAME = re.compile(r"/?[A-Za-z][A-Za-z0-9]*")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:\-]{1,40})", re.IGNORECASE)
_HIDDEN = frozenset(("script", "style", "template", "svg"))
_CLOSING = {tag: re.compile(f"</{tag}", re.IGNORECASE) for tag in _HIDDEN}
HTML_TYPES = frozenset(("text/html", "application/xhtml+xml", ""))


@dataclass(frozen=True, slots=True)
class Page:
    """What a visitor reads first. `words` counts the words of the whole text."""

    title: str = ""
    heading: str = ""
    text: str = ""
    source: str = ""

    @property
    def words(self) -> int:
        return len(self.text.split())


def page_of(answer: Answer) -> Page | None:
    """The page of an answer; `None` when it is no HTML."""
    if answer.content_type not in HTML_TYPES or "undecodable" in answer.notes:
        return None
    source = _decoded(answer)
    if not answer.content_type and "<" not in source[:2000]:
        return None
    title, heading, text = _texts(source)
    return Page(title, heading, text, source)


def _decoded(answer: Answer) -> str:
    found = _CHARSET.search(answer.header("content-type")) or _CHARSET.search(answer.body[:1024].decode("latin-1"))
    try:
        return answer.body.decode(found[1] if found else "utf-8", "replace")
    except (LookupError, ValueError):
        return answer.body.decode("utf-8", "replace")


def _texts(source: str) -> tuple[str, str, str]:
    """Title, first `h1`, and all text."""
    kept: dict[str, list[str]] = {"title": [], "h1": [], "": []}
    into, place = "", 0
    while place < len(source):
        start = source.find("<", place)
        kept[into].append(source[place : start if start >= 0 else len(source)])
        if start < 0:
            break
        name = _NAME.match(source, start + 1)
        tag = name[0].lower() if name else ""
        place = _after(source, start, tag)
        if tag in kept and not any(map(str.strip, kept[tag])):
            into = tag
        elif tag == f"/{into}":
            kept[""].append("".join(kept["h1"]) if into == "h1" else "")
            into = ""
        kept[into].append(" ")
    kept[""].extend(kept["h1"] if into == "h1" else ())
    title, heading, text = (" ".join(html.unescape("".join(kept[key])).split()) for key in ("title", "h1", ""))
    return title, heading, text


def _after(source: str, start: int, tag: str) -> int:
    """Where the text goes on after a tag; what is not shown is jumped over."""
    if source.startswith("<!--", start):
        end = source.find("-->", start + 4)
        return end + 3 if end >= 0 else len(source)
    if not tag and not source.startswith(("<!", "<?"), start):
        return start + 1
    end = source.find(">", start)
    if end < 0:
        return len(source)
    if tag in _HIDDEN:
        closing = _CLOSING[tag].search(source, end)
        return closing.start() if closing else len(source)
    return end + 1
