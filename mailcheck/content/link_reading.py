"""Where the addresses of a message stand: attributes, style sheets, VML, the text part, `List-Unsubscribe`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import ClassVar

from mailcheck.campaign import Header, Part, Span
from mailcheck.content.attributes import Attribute
from mailcheck.content.elements import Element
from mailcheck.content.entities import Decoded, Decoder
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG, split
from mailcheck.content.link_css import addresses
from mailcheck.content.link_rels import is_requested
from mailcheck.content.links import Kind, Link, Place
from mailcheck.content.markup import Markup
from mailcheck.content.tags import Tag
from mailcheck.values import Brief

_TELLING = lazy(r"href|src|background|url\(|action|poster", re.IGNORECASE)
_PICTURES = frozenset(
    ("img", "image", "mj-image", "mj-carousel-image", "mj-social-element", "amp-img", "amp-anim", "input", "source")
)
_PAINTED = frozenset(("background", "background-url"))
_CANDIDATE = lazy(r"[\s,]*+([^\s,][^\s]*[^\s,]|[^\s,])(?:\s++[^,\s]++)?")
_WEB = lazy(r"(?<![\w@/.])(?:https?://|www\.(?=[\w-]+\.))[^\s<>\"\[\]{}|\\^`]+", re.IGNORECASE)
_BRACKETED = lazy(r"<\s*((?:https?|mailto):[^<>]{1,4000}?)\s*>", re.IGNORECASE)
_TRAILING = ".,;:!?'\"»”’*_"
_SPACE = " \t\r\n\f\v\0"

# What looks like a tag of some template language, where the dialect is not known: nothing is wrong with its address.
_GUESSED = lazy(
    r"\{+[^{}\s\"'<>]{1,100}\}+|\{\{[^{}\"<>]{1,100}\}\}|\[+!?[\w.:;|\-/ ]{1,80}!?\]+"
    r"|\$\{?[A-Za-z_][\w.]{0,80}\}?(?:\[['\"]?\w{1,60}['\"]?\]){0,5}"
    r"|%%[A-Za-z_][\w:.\-]{0,60}%%|%[A-Za-z_]{2}\w{1,60}%(?![0-9A-Fa-f]{2})|\#[A-Z][A-Z_]{2,60}\#|\#\#\w{1,60}\#\#"
    r"|(?<![\w%])%(?:\d\$?[sd]?|[sd])(?![\w%])"
    r"|@TrackLink\b|@(?:Model|ViewBag|ViewData|Url|Html|Raw)\b[\w.()]{0,80}|@[({][^)}]{1,80}[)}]|@@\w{1,60}@@"
    r"|__[A-Z]\w{1,60}?__|<[?%].{0,300}?[?%]>|~\[?[A-Za-z_]{2,60}\]?~|\*\|.{1,80}?\|\*|\(\([\w.]{2,60}\)\)"
    r"|\|[A-Z_]{3,40}\||<!--.{0,80}?-->"
)


class Reader(Brief, frozen=True, eq=False, dict=True):
    """Reads the addresses of one part.

    Args:
        part: the text.
        tags: the merge tags of the part, in order.
        masked: start and end of what the markup covered as template code.
    """

    unshown: ClassVar[tuple[str, ...]] = ("masked",)

    part: Part
    tags: Sequence[Tag] = ()
    masked: Sequence[tuple[int, int]] = ()

    @cached_property
    def _covered(self) -> list[tuple[int, int]]:
        spans = [(tag.span.start, tag.span.end) for tag in self.tags if not tag.human]
        merged: list[tuple[int, int]] = []
        for start, end in sorted({*spans, *self.masked}):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def link(
        self,
        start: int,
        end: int,
        kind: Kind,
        place: Place,
        *,
        text: str = "",
        within: tuple[Element, bool] | None = None,
    ) -> Link:
        """The address `part.text[start:end]`.

        Args:
            start: where it begins.
            end: where it ends.
            kind: what happens to it.
            place: where it is written.
            text: the text of the link.
            within: the element that holds it, and whether only Outlook meets it.
        """
        source = self.part.text
        while start < end and source[start] in _SPACE:
            start += 1
        while end > start and source[end - 1] in _SPACE:
            end -= 1
        tags = self._tags_in(start, end)
        decoded = self._decoded(start, end, is_html=within is not None)
        written = self._decoded_plain(start, end) if within is not None else source[start:end]
        element, outlook = within or (None, False)
        span = Span(self.part, start, end)
        return Link(span, kind, place, split(decoded.text), decoded, written, text, element, outlook, tags)

    @cached_property
    def _tag_starts(self) -> list[int]:
        return [tag.span.start for tag in self.tags]

    def _tags_in(self, start: int, end: int) -> tuple[Tag, ...]:
        last = bisect_left(self._tag_starts, end)
        return tuple(tag for tag in self.tags[:last] if tag.span.end > start) if last else ()

    def _decoded(self, start: int, end: int, *, is_html: bool) -> Decoded:
        decoder = Decoder(self.part.text, in_attribute=True)
        add = decoder.add if is_html else decoder.keep
        at = start
        for begin, finish in self._covers(start, end):
            # `\\{{ url }}` keeps one engine from filling in what another one will.
            add(at, begin - (begin > at and self.part.text[begin - 1] == "\\"))
            decoder.cover(TAG, begin, finish)
            at = finish
        add(at, end)
        return decoder.done()

    def _decoded_plain(self, start: int, end: int) -> str:
        decoder = Decoder(self.part.text, in_attribute=True)
        decoder.add(start, end)
        return decoder.done().text

    def _covers(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What of a stretch is template code, in order."""
        source, at = self.part.text, start
        index = bisect_left(self._covered, (start, start))
        if index and self._covered[index - 1][1] > start:
            index -= 1
        known = []
        while index < len(self._covered) and self._covered[index][0] < end:
            known.append((max(start, self._covered[index][0]), min(end, self._covered[index][1])))
            index += 1
        for begin, finish in (*known, (end, end)):
            yield from (match.span() for match in _GUESSED.finditer(source, at, begin))
            if finish > begin:
                yield begin, finish
            at = finish


def of_markup(markup: Markup, reader: Reader) -> list[Link]:
    """The addresses of an HTML, MJML or AMP part, those that only Outlook meets included."""
    found = list(_of_view(markup, reader, frozenset(), outlook=False))
    view = markup.view("outlook")
    if view is not markup:
        met = frozenset(markup.tokens[number][1] for number in markup.structure.tokens)
        found += _of_view(view, reader, met, outlook=True)
        found.sort(key=lambda link: link.span.start)
    return found


def _of_view(markup: Markup, reader: Reader, met: frozenset[int], *, outlook: bool) -> Iterator[Link]:
    """The addresses of a view, but for those of the tags that were met before, by where they begin."""
    tokens, masked = markup.tokens, markup.masked
    for index, number in enumerate(markup.structure.tokens):
        _, start, end, name = tokens[number]
        if start in met:
            continue
        if name in ("style", "mj-style"):
            until = tokens[number + 1][1] if number + 1 < len(tokens) else len(masked)
            yield from _of_css(reader, masked, end, until, (Element(markup, index), outlook))
        if _TELLING.search(masked, start, end):
            yield from _of_element(Element(markup, index), reader, outlook=outlook)


def _of_element(element: Element, reader: Reader, *, outlook: bool) -> Iterator[Link]:
    within = (element, outlook)
    if "mj-attributes" in element.markup.names and element.inside("mj-attributes"):
        return
    for attribute in element.attributes:
        if attribute.repeated or (attribute.value_start < 0 and attribute.name != "href"):
            continue
        start, end = attribute.value_span.start, attribute.value_span.end
        if attribute.name == "style":
            yield from _of_css(reader, element.markup.masked, start, end, within)
        elif attribute.name == "srcset" and element.name in ("img", "source", "amp-img"):
            yield from _of_srcset(reader, attribute, within)
        elif (meant := _meaning(element, attribute.name)) is not None:
            kind, place = meant
            text = _text(element, kind)
            if bound(element, attribute.name) or (element.name == "mj-navbar-link" and _has_base(element)):
                continue
            if attribute.value_start < 0 or not (attribute.raw or "").strip(_SPACE):
                yield _empty(attribute, kind, place, text, within)
            else:
                yield reader.link(start, end, kind, place, text=text, within=within)


def _has_base(element: Element) -> bool:
    """Whether the navigation bar around puts the beginning of the address in."""
    return any(one.attribute("base-url") is not None for one in element.ancestors if one.name == "mj-navbar")


def _empty(attribute: Attribute, kind: Kind, place: Place, text: str, within: tuple[Element, bool]) -> Link:
    nothing = Decoded("", [], [])
    return Link(attribute.span, kind, place, split(""), nothing, "", text, *within)


_BINDERS = (
    "",
    "v-bind",
    "x-bind",
    "t-att",
    "t-attf",
    "ng",
    "th",
    "data-ko",
    "data-th",
    "tal",
    "py",
    "bind",
    "data-bind",
)
_WHOLE_BINDERS = frozenset(("tal:attributes", "py:attrs", "data-bind", "th:attr", "data-th-attr", "data-ko-link"))


def bound(element: Element, name: str) -> bool:
    """Whether a template engine puts in the value of an attribute, by another attribute: `t-att-src`, `:href`, Mosaico's styles."""
    for attribute in element.attributes:
        other = attribute.name
        if other in _WHOLE_BINDERS or (other != name and other.strip("[]").endswith(name) and _is_binder(other, name)):
            return True
    style = element.get("style") or ""
    if f"-ko-attr-{name}" in style or f"-ko-bind-{name}" in style:
        return True
    return _has_editor(element.markup) and any(_is_edited(one) for one in (element, *element.ancestors))


@lru_cache(maxsize=2)
def _has_editor(markup: Markup) -> bool:
    return any(word in markup.source for word in ("data-ko-editable", "mktoImg"))


def _is_edited(element: Element) -> bool:
    """Whether an editor fills in what is inside: the blocks of Mosaico, and of Marketo those with a picture."""
    return element.attribute("data-ko-editable") is not None or "mktoImg" in (element.get("class") or "")


def _is_binder(written: str, name: str) -> bool:
    head = written.strip("[]").removesuffix(name).rstrip(":-.")
    return written.startswith(("[", ":")) or (head in _BINDERS and head != "") or head == "attr"


def _text(element: Element, kind: Kind) -> str:
    if kind == "image":
        return element.get("alt") or ""
    return " ".join(element.text.split()) if kind == "link" else ""


def _meaning(element: Element, attribute: str) -> tuple[Kind, Place] | None:
    """What an attribute of an element says: `None` when it is no address."""
    name = element.name
    if attribute == "href":
        return _of_href(element)
    if attribute == "src":
        if name.startswith("v:"):
            return "image", "vml"
        return ("image", "src") if name in _PICTURES else ("resource", "src")
    if attribute in _PAINTED and (name in ("body", "table", "td", "th", "tr", "tbody") or name.startswith("mj-")):
        return "image", "background"
    if attribute == "xlink:href" and name in ("a", "image"):
        return ("link", "href") if name == "a" else ("image", "href")
    if attribute in ("action", "formaction", "action-xhr") and name in ("form", "button", "input"):
        return "form", "action"
    return ("image", "src") if attribute == "poster" else None


def _of_href(element: Element) -> tuple[Kind, Place] | None:
    name = element.name
    if name == "link":
        return ("resource", "href") if is_requested(element) else None
    if name in ("a", "area", "button", "item") or (name.startswith("mj-") and name != "mj-font"):
        return "link", "href"
    if name.startswith("v:"):
        return "link", "vml"
    return ("image", "href") if name == "image" else ("resource", "href")


def _of_css(reader: Reader, masked: str, start: int, end: int, within: tuple[Element, bool]) -> Iterator[Link]:
    for begin, finish, other in addresses(masked, start, end):
        yield reader.link(begin, finish, "resource" if other else "image", "css", within=within)


def _of_srcset(reader: Reader, attribute: Attribute, within: tuple[Element, bool]) -> Iterator[Link]:
    masked = within[0].markup.masked
    for match in _CANDIDATE.finditer(masked, attribute.value_start, attribute.value_end):
        yield reader.link(*match.span(1), "image", "srcset", text=within[0].get("alt") or "", within=within)


def of_text(reader: Reader) -> Iterator[Link]:
    """The addresses of a plain text, as mail clients turn them into links."""
    text = reader.part.text
    for match in _WEB.finditer(text):
        start, end = match.span()
        end = start + len(_trimmed(text[start:end]))
        if end - start > len("https://"):
            yield reader.link(start, end, "text", "text")


def _trimmed(address: str) -> str:
    """An address without the punctuation of the sentence behind it."""
    while address:
        if address[-1] in _TRAILING or (address[-1] == ")" and address.count(")") > address.count("(")):
            address = address[:-1]
        else:
            break
    return address


def of_header(header: Header, reader: Reader) -> Iterator[Link]:
    """The addresses of a `List-Unsubscribe` header (RFC 2369)."""
    for match in _BRACKETED.finditer(header.value.text):
        yield reader.link(*match.span(1), "unsubscribe", "header")


def around(element: Element) -> Element | None:
    """The `a` around an element."""
    return next((one for one in element.ancestors if one.name == "a"), None)
