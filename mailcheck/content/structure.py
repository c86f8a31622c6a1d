"""Which element is inside which, found in one pass over the tokens.

This is a scan, not the tree construction of the WHATWG standard: it knows void elements, end tags that may be
left out, and that an end tag inside a table cell cannot close what was opened outside of it. It moves and
invents nothing. Every step is constant time on average, however deep or broken the nesting is.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from mailcheck.content.scanning import END, START, Token, self_closed
from mailcheck.content.vocabulary import HTML, VOID, is_block

ROOT = -1


_CELL = ("table", "td", "th", "caption", "template", "object", "marquee", "mj-text", "mj-table", "mj-raw")
_TABLE = ("table", "template", "mj-table")
_ROW = ("tr", "table", "template")
_PARAGRAPH = (("p",), (*_CELL, "button"))
_SECTION = (("tbody", "thead", "tfoot", "colgroup", "caption"), _TABLE)
_ENDS_PARAGRAPH = (
    *("address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset"),
    *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "main"),
    *("menu", "nav", "ol", "p", "pre", "section", "table", "ul"),
)
_CLOSING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(_ENDS_PARAGRAPH, _PARAGRAPH),
    **dict.fromkeys(("tbody", "thead", "tfoot"), _SECTION),
    "li": (("li", "p"), (*_CELL, "ul", "ol", "menu", "dir")),
    "dt": (("dt", "dd", "p"), (*_CELL, "dl")),
    "dd": (("dt", "dd", "p"), (*_CELL, "dl")),
    "tr": (("tr", "caption", "colgroup"), _TABLE),
    "td": (("td", "th"), _ROW),
    "th": (("td", "th"), _ROW),
    "option": (("option",), ("select", "datalist", *_CELL)),
    "optgroup": (("optgroup", "option"), ("select", *_CELL)),
    "a": (("a",), _CELL),
    "nobr": (("nobr",), _CELL),
    "body": (("head",), ()),
}
"""For each start tag: the open elements that it ends, and those that protect what is outside of them."""

_CELL_PARTS = frozenset(("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup"))
_WALLS = frozenset(("table", "td", "th", "caption", "template", "object", "marquee"))
_ONCE = frozenset(("html", "body", "head"))


class Structure(Struct):
    """The elements of a token list, by number in the order of their start tags.

    Args:
        tokens: token number of each element's start tag.
        parents: number of the element around each, or `ROOT`.
        ends: token number of each element's end tag, or -1 when it has none.
        owners: for every token, the element that the text behind it is in.
        depth: the deepest nesting.
        stray: token numbers of end tags that close nothing.
    """

    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    depth: int = 0
    stray: list[int] = field(default_factory=list)


def build(text: str, tokens: Sequence[Token]) -> Structure:
    """Find the structure of a scanned text."""
    found = Structure()
    stack = _Stack(found)
    owners, owner = found.owners, ROOT
    for number, (kind, start, end, name) in enumerate(tokens):
        if kind == START:
            owner = stack.start(number, name, closed=_is_empty(text, start, end, name))
        elif kind == END:
            owner = stack.end(number, name)
        owners.append(owner)
    return found


def _is_empty(text: str, start: int, end: int, name: str) -> bool:
    return name in VOID or (text[end - 2] == "/" and name not in HTML and self_closed(text, start, end))


class _Stack:
    """The open elements. `closed` elements stay on it as long as a block that they cross is open."""

    __slots__ = ("_blocks", "_found", "_names", "_open", "_places", "_walls")

    def __init__(self, found: Structure) -> None:
        self._found = found
        self._open: list[int] = []
        self._names: list[str] = []
        # Where on the stack the open elements of each name are; where the blocks and the walls are.
        self._places: dict[str, list[int]] = {}
        self._blocks: list[int] = []
        self._walls: list[int] = []

    def start(self, number: int, name: str, *, closed: bool) -> int:
        """Open an element; the element that text behind its start tag is in."""
        rule = _CLOSING.get(name)
        if rule is not None and self._open:
            self._imply(*rule)
        found, stack = self._found, self._open
        element = len(found.tokens)
        found.tokens.append(number)
        found.parents.append(stack[-1] if stack else ROOT)
        found.ends.append(-1)
        if closed or (name in _ONCE and self._places.get(name)):
            return stack[-1] if stack else ROOT
        place = len(stack)
        stack.append(element)
        self._names.append(name)
        self._places.setdefault(name, []).append(place)
        if is_block(name):
            self._blocks.append(place)
            if name in _WALLS:
                self._walls.append(place)
        if place >= found.depth:
            found.depth = place + 1
        return element

    def end(self, number: int, name: str) -> int:
        """Close the element of that name, if there is one in reach."""
        stack, found = self._open, self._found
        if stack and self._names[-1] == name:
            found.ends[stack[-1]] = number
            self._cut(len(stack) - 1)
        else:
            self._end_below(number, name)
        return stack[-1] if stack else ROOT

    def _end_below(self, number: int, name: str) -> None:
        places = self._places.get(name)
        if not places or places[-1] < self._wall(name):
            self._found.stray.append(number)
            return
        place = places[-1]
        self._found.ends[self._open[place]] = number
        if self._blocks and self._blocks[-1] > place and not is_block(name):
            # An inline element that ends inside of a block that began inside of it: the block stays open.
            places.pop()
            self._names[place] = ""
        else:
            self._cut(place)

    def _wall(self, name: str) -> int:
        if name in _CELL_PARTS:
            tables = self._places.get("table")
            return tables[-1] if tables and name != "table" else ROOT
        return self._walls[-1] if self._walls else ROOT

    def _imply(self, closes: tuple[str, ...], walls: tuple[str, ...]) -> None:
        places = self._places
        lowest = len(self._open)
        wall = ROOT
        for name in closes:
            open_ones = places.get(name)
            if open_ones:
                if wall == ROOT:
                    wall = max((places[other][-1] for other in walls if places.get(other)), default=-2)
                if open_ones[-1] > wall:
                    lowest = min(lowest, open_ones[-1])
        if lowest < len(self._open):
            self._cut(lowest)

    def _cut(self, place: int) -> None:
        """Take everything from `place` on off the stack, and what was closed below it."""
        stack, names, places = self._open, self._names, self._places
        while len(stack) > place or (stack and not names[-1]):
            stack.pop()
            name = names.pop()
            if name:
                places[name].pop()
        for marks in (self._blocks, self._walls):
            while marks and marks[-1] >= len(stack):
                marks.pop()
