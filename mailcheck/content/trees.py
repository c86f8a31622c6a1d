"""Trees for rules that want one: lxml and BeautifulSoup, both made from our own tokens.

The parsers never see a template tag where it could mislead them, and every element leads back to its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from mailcheck.content.elements import Element
from mailcheck.content.entities import decode_text
from mailcheck.content.limits import TooComplexError
from mailcheck.content.scanning import BOGUS, CDATA, COMMENT, DOCTYPE, END, START, Token, self_closed
from mailcheck.content.structure import ROOT

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from lxml.html import HtmlElement

    from mailcheck.content.markup import Markup

POSITION = "mc-i"
"""The attribute of lxml elements that holds their number. It comes first, so that no author can set it."""

_ELEMENT = "_mailcheck_element"
_RAW = frozenset(("script", "style", "iframe", "noembed", "noframes", "xmp", "plaintext", "mj-style"))
_VERBATIM = _RAW | {"title", "textarea"}
_NAME = re.compile(r"[a-zA-Z_:@\-][\w:.\-]*\Z")


def _check(markup: Markup) -> None:
    faults = markup.limits_exceeded()
    if faults:
        raise TooComplexError(faults[0].message)


def build_tree(markup: Markup) -> HtmlElement:
    """Parse with lxml.

    Raises:
        TooComplexError: a limit is exceeded.
    """
    _check(markup)
    from lxml import html
    from lxml.etree import ParserError

    text = "".join(_for_lxml(markup)).replace("\0", "\ufffd")
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except ParserError:  # nothing but white space and comments
        return html.document_fromstring(b"<html></html>", parser=parser)


def _for_lxml(markup: Markup) -> Iterator[str]:
    """The source with numbered start tags, and nothing left that reads otherwise than our tokens say."""
    source, at, number, verbatim = markup.source, 0, 0, False
    for token in markup.tokens:
        kind, start, end, name = token
        gap = source[at:start]
        yield gap if verbatim else gap.replace("<", "&lt;")
        verbatim, at = False, end
        if kind == START:
            yield _start_tag(markup, token, number)
            number, verbatim = number + 1, name in _VERBATIM
        elif kind == END:
            yield f"</{name}>"
        elif kind == COMMENT:
            yield f"<!--{_comment_text(source[start:end]).replace('--', '- -')}-->"
        elif kind == DOCTYPE:
            yield source[start:end]
        elif kind == CDATA:
            yield _cdata_text(source[start:end]).replace("&", "&amp;").replace("<", "&lt;")
    yield source[at:] if verbatim else source[at:].replace("<", "&lt;")


def _start_tag(markup: Markup, token: Token, number: int) -> str:
    _, start, end, name = token
    head = f'<{name} {POSITION}="{number}"'
    as_written = markup.source[start:end]
    if as_written == markup.masked[start:end] and as_written.endswith(">") and name.isascii():
        return head + as_written[1 + len(name) :]
    values = (
        f' {one.name}="{(one.raw or "").replace(chr(34), "&quot;")}"'
        for one in markup.attributes(token)
        if not one.repeated and _NAME.match(one.name)
    )
    return f"{head}{''.join(values)}{' /' if self_closed(markup.masked, start, end) else ''}>"


def _comment_text(comment: str) -> str:
    return re.sub(r"\A<!--|--!?>\Z", "", comment)


def _cdata_text(section: str) -> str:
    return section[9:].removesuffix("]]>")


def build_soup(markup: Markup) -> BeautifulSoup:
    """Build a BeautifulSoup from the tokens.

    Raises:
        TooComplexError: a limit is exceeded.
    """
    _check(markup)
    from bs4 import BeautifulSoup
    from bs4.builder import HTMLTreeBuilder

    feeder = partial(_Feeder, markup)

    class Builder(HTMLTreeBuilder):
        """Hands tokens to BeautifulSoup, instead of parsing."""

        def feed(self, markup: str | bytes) -> None:  # noqa: ARG002 - the tokens are there already
            if isinstance(self.soup, BeautifulSoup):
                feeder(self.soup).feed()

    return BeautifulSoup("", builder=Builder())


class _Feeder:
    """Plays the tokens of a markup to a BeautifulSoup."""

    def __init__(self, markup: Markup, soup: BeautifulSoup) -> None:
        self._markup = markup
        self._soup = soup
        self._open: list[int] = []

    def feed(self) -> None:
        markup, structure = self._markup, self._markup.structure
        at, owner, element = 0, ROOT, 0
        for number, token in enumerate(markup.tokens):
            kind, start, end, _ = token
            self._text(at, start, owner)
            at, owner = end, structure.owners[number]
            if kind == START:
                self._close_to(structure.parents[element])
                self._start(token, element, stays_open=owner == element)
                element += 1
            elif kind != END:
                self._close_to(owner)
                self._other(kind, markup.source[start:end])
        self._text(at, len(markup.source), owner)

    def _close_to(self, owner: int) -> None:
        while self._open and self._open[-1] != owner:
            element = Element(self._markup, self._open.pop())
            self._soup.handle_endtag(element.name)

    def _start(self, token: Token, number: int, *, stays_open: bool) -> None:
        values: dict[str, str] = {}
        for attribute in self._markup.attributes(token):
            values.setdefault(attribute.name, attribute.value or "")
        line, column = self._markup.part.line_column(token[1])
        name = token[3]
        tag = self._soup.handle_starttag(name, None, None, values, sourceline=line, sourcepos=column - 1)
        if tag is not None:
            vars(tag)[_ELEMENT] = Element(self._markup, number)
        if stays_open:
            self._open.append(number)
        else:
            self._soup.handle_endtag(name)

    def _text(self, start: int, end: int, owner: int) -> None:
        if start >= end:
            return
        self._close_to(owner)
        text = self._markup.source[start:end]
        raw = owner != ROOT and Element(self._markup, owner).name in _RAW
        self._soup.handle_data(text if raw else decode_text(text))

    def _other(self, kind: int, text: str) -> None:
        from bs4.element import CData, Comment, Doctype

        soup = self._soup
        soup.endData()
        if kind == DOCTYPE:
            soup.handle_data(text[9:].removesuffix(">").strip())
            soup.endData(Doctype)
        elif kind == CDATA:
            soup.handle_data(_cdata_text(text))
            soup.endData(CData)
        else:
            soup.handle_data(text[1:].removesuffix(">") if kind == BOGUS else _comment_text(text))
            soup.endData(Comment)


def element_of(markup: Markup, node: HtmlElement | Tag) -> Element:
    """The element that a node was made from; see `Markup.element_of`."""
    from lxml.html import HtmlElement

    if isinstance(node, HtmlElement):
        top = cast("HtmlElement", node)
        numbers = (inner.get(POSITION) for inner in top.iter() if isinstance(inner.tag, str))
        number = next((int(number) for number in numbers if number is not None), -1)
        if number >= 0 and top.getroottree().getroot() is vars(markup).get("tree"):
            return Element(markup, number)
        name = str(top.tag)
    else:
        known, name = vars(node).get(_ELEMENT), node.name
        if isinstance(known, Element) and known.markup is markup:
            return known
    message = f"<{name}> does not come from {markup!r}"
    raise LookupError(message)
