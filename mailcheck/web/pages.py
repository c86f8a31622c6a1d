"""What a page says at a glance: its title, its first heading, how much text there is.

Pages come from servers that may mean harm: every expression here either ends at the next `<` or takes the rest of
the page, so that none of them looks at a character twice.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from functools import cached_property

from mailcheck.web.answers import Answer

HTML_TYPES = frozenset(("text/html", "application/xhtml+xml", ""))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:\-]{1,40})", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<!--(?:.*?-->|.*)|<(script|style|template|svg)(?![a-z0-9])(?:.*?</\1|.*)", re.IGNORECASE | re.DOTALL
)
_UNSEEN_STARTS = ("<!--", "<script", "<style", "<template", "<svg")
_TAG = re.compile(r"<[^<>]*+>?")
_TITLE = re.compile(r"<title(?:\s[^<>]*+)?>([^<]*+)", re.IGNORECASE)
_HEADING = re.compile(r"<h1(?:\s[^<>]*+)?>", re.IGNORECASE)
_HEADING_LENGTH = 600
MANY_ELEMENTS = 200


@dataclass
class Page:
    """A page. `source` is its text as it came."""

    source: str = field(repr=False)

    @cached_property
    def lowered(self) -> str:
        """The source in lower case, to look for marks in."""
        return self.source.lower()

    @cached_property
    def is_rich(self) -> bool:
        """Whether a page has so many elements that it cannot be a mere sign: “parked”, “are you a robot?”."""
        return self.source.count("</") > MANY_ELEMENTS

    @cached_property
    def _seen(self) -> str:
        return _UNSEEN.sub(" ", self.source)

    @cached_property
    def title(self) -> str:
        found = _TITLE.search(self.source)
        if found is not None and any(self.lowered.find(unseen, 0, found.start()) >= 0 for unseen in _UNSEEN_STARTS):
            found = _TITLE.search(self._seen)  # that one may stand in a script
        return _plain(found[1][:300]) if found else ""

    @cached_property
    def heading(self) -> str:
        """The first heading."""
        found = _HEADING.search(self._seen) if "<h1" in self.lowered else None
        if found is None:
            return ""
        start = self._seen[found.end() : found.end() + _HEADING_LENGTH]
        return _plain(_TAG.sub("", re.split("(?i)</h1", start, maxsplit=1)[0]))

    @cached_property
    def text(self) -> str:
        """Everything that a visitor reads."""
        return _plain(_TAG.sub(" ", self._seen))

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
    return Page(source)


def _decoded(answer: Answer) -> str:
    found = _CHARSET.search(answer.header("content-type"))
    if found is None and b"charset" in (start := answer.body[:1024].lower()):
        found = _CHARSET.search(start.decode("latin-1"))
    try:
        return answer.body.decode(found[1] if found else "utf-8", "replace")
    except (LookupError, ValueError):
        return answer.body.decode("utf-8", "replace")


def _plain(text: str) -> str:
    return " ".join(html.unescape(text).split())
