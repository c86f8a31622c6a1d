"""The mail as a document of its own for a sandboxed frame: nothing in it runs, loads or leads away.

Two walls stand independently. The frame's empty `sandbox` and the policy forbid everything by themselves;
and before that, everything that could act is taken out of the markup, because a policy says nothing about
connections opened ahead of time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from html import escape, unescape
from importlib.resources import files

from mailcheck.reporters.page.marks import Mark, pieces, worst
from mailcheck.reporters.page.markup import Html
from mailcheck.reporters.page.tokens import Token, tokens
from mailcheck.reporters.text import mask_in_place, valid

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
LONGEST = 1_000_000
"""Longer mails, in characters, get no preview."""

# Their tags vanish, their content stays: without svg and math the browser never leaves plain HTML parsing.
_DROPPED = frozenset(
    {"applet", "audio", "base", "embed", "fencedframe", "frame", "frameset", "link", "math", "meta", "noscript"}
    | {"object", "param", "portal", "source", "svg", "template", "track", "video"}
)
_DROPPED_WITH_CONTENT = frozenset({"script", "title", "iframe", "noembed", "noframes"})
_AS_PRE = frozenset({"xmp", "plaintext"})
_DROPPED_ATTRIBUTES = frozenset(
    {"action", "autofocus", "formaction", "http-equiv", "is", "manifest", "nonce", "ping", "popovertarget"}
    | {"shadowrootmode", "slot", "srcdoc", "srcset", "target"}
)
# A numbered badge may stand before these, and inside those; elsewhere text would be moved out of the table.
_INLINE = frozenset(
    {"a", "abbr", "b", "big", "button", "code", "em", "font", "i", "img", "label", "s", "small", "span", "strong"}
    | {"strike", "sub", "sup", "u"}
)
_BLOCK = frozenset(
    {"address", "article", "aside", "blockquote", "center", "div", "footer", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"header", "li", "main", "nav", "p", "section", "td", "th"}
)
_BARE = frozenset(
    {"body", "br", "col", "colgroup", "dd", "dl", "dt", "form", "head", "hr", "html", "input", "ol", "select", "style"}
    | {"table", "tbody", "textarea", "tfoot", "thead", "tr", "ul"}
)
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_ENTITY = re.compile(r"&#?\w{1,32};?")

_HEAD = (
    "<!doctype html>"
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    '<meta http-equiv="x-dns-prefetch-control" content="off">'
    '<meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    '<meta name="viewport" content="width=device-width">'
    # Every link then opens a new window, which the sandbox forbids.
    '<base target="_blank">'
)


def preview(source: str, marks: Sequence[Mark]) -> Html | None:
    """The document for the frame, or nothing when the mail is too long for one.

    Places are marked in running text; a place inside a tag puts an outline around the element.
    """
    if len(source) > LONGEST:
        return None
    # One replacement character for one NUL or surrogate: the offsets of the marks stay right.
    clean = mask_in_place(valid(source.replace("\x00", "\ufffd")))
    style = files("mailcheck.reporters.page").joinpath("preview.css").read_text("utf-8")
    body = _rewritten(clean, sorted(marks, key=lambda mark: mark.start))
    return Html(f"{_HEAD}<style>{style}</style>{''.join(body)}")


def _rewritten(source: str, marks: Sequence[Mark]) -> Iterator[str]:
    waiting = _Window(marks)
    for token in tokens(source):
        here = waiting.touching(token.start, token.end)
        if token.kind == "text":
            yield from _text(source, token, here)
        elif token.kind == "raw":
            yield _raw(source, token)
        elif token.kind in ("start", "end"):
            yield from _tag(token, here)


class _Window:
    """The marks that touch a stretch, for stretches that only move forward."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._later = list(reversed(marks))
        self._open: list[Mark] = []

    def touching(self, start: int, end: int) -> list[Mark]:
        while self._later and self._later[-1].start < end:
            self._open.append(self._later.pop())
        self._open = [mark for mark in self._open if mark.end > start or mark.start >= start]
        return list(self._open)


def _text(source: str, token: Token, marks: Sequence[Mark]) -> Iterator[str]:
    content = source[token.start : token.end]
    if not marks or not content.strip():  # white space between table rows must stay what it is
        yield _literal(content)
        return
    for piece in pieces(token.start, token.end, _around_entities(content, token.start, marks)):
        written = _literal(source[piece.start : piece.end])
        if not piece.inside or not (written.strip() or piece.opening):
            yield written
            continue
        numbers = ",".join(str(mark.number) for mark in piece.opening)
        numbered = f' data-mailcheck-n="{numbers}"' if numbers else ""
        yield f'<mark class="mailcheck {worst(piece.inside)}"{numbered}>{written}</mark>'


def _literal(content: str) -> str:
    # What was cut out behind a lone `<` would make it the start of a tag.
    return content.replace("<", "&lt;")


def _around_entities(content: str, offset: int, marks: Sequence[Mark]) -> list[Mark]:
    """The marks with borders that lie inside a character reference moved out of it."""
    if "&" not in content:
        return list(marks)
    spans = [(match.start() + offset, match.end() + offset) for match in _ENTITY.finditer(content)]

    def moved(edge: int, to: int) -> int:
        before = bisect_left(spans, (edge, 0)) - 1
        return spans[before][to] if before >= 0 and edge < spans[before][1] else edge

    return [Mark(moved(mark.start, 0), moved(mark.end, 1), mark.number, mark.severity) for mark in marks]


def _raw(source: str, token: Token) -> str:
    content = source[token.start : token.end]
    if token.name in _DROPPED_WITH_CONTENT:
        return ""
    return escape(content) if token.name in _AS_PRE else content


def _tag(token: Token, marks: Sequence[Mark]) -> Iterator[str]:
    name = "pre" if token.name in _AS_PRE else token.name
    if not token.closed or name in _DROPPED or name in _DROPPED_WITH_CONTENT:
        return
    if token.kind == "end":
        yield f"</{name}>"
        return
    begun = [mark for mark in marks if mark.start >= token.start]
    numbers = ",".join(str(mark.number) for mark in begun)
    if begun and name not in _BLOCK and name not in _BARE:
        yield f'<b class="mailcheck {worst(begun)}">{numbers}</b>'
    outline = _outline(name, begun, numbers)
    kept = "".join(f" {key}={value}" if value else f" {key}" for key, value in _kept(token.attributes))
    yield f"<{name}{kept}{outline}>"


def _outline(name: str, begun: Sequence[Mark], numbers: str) -> str:
    # An element that HTML does not know, such as <FirstName>, swallows the rest of the text: no outline.
    if not begun or not (name in _INLINE or name in _BLOCK or name in _BARE):
        return ""
    numbered = f' data-mailcheck-n="{numbers}"' if name in _BLOCK else ""
    return f' data-mailcheck="{worst(begun)}"{numbered}'


def _kept(attributes: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    titled = any(name == "title" for name, _ in attributes)
    for name, value in attributes:
        if not _PLAIN_NAME.fullmatch(name) or name.startswith(("on", "data-mailcheck")) or name in _DROPPED_ATTRIBUTES:
            continue
        if name == "href":
            # Browsers connect to the server of a link before it is clicked; so its target is only told.
            yield name, '"#"'
            if value and not titled:
                yield "title", value
        elif name not in ("src", "background") or _is_embedded(value):
            yield name, value


def _is_embedded(value: str) -> bool:
    return unescape(value.strip("\"'")).lower().startswith("data:image/")
