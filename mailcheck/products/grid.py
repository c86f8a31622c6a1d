"""Where elements stand to each other: what is in a stretch of the source, and the columns of a grid."""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct

from mailcheck.content.elements import Element
from mailcheck.content.markup import Markup
from mailcheck.content.structure import ROOT

_HOLDERS = frozenset(
    (
        "html",
        "body",
        "td",
        "th",
        "div",
        "table",
        "tbody",
        "tr",
        "section",
        "mj-column",
        "mj-section",
        "li",
        "ul",
        "center",
    )
)
_DEEPEST = 12


class Column(Struct, frozen=True):
    """A column of a grid, by (start, end) in the source.

    Args:
        cells: its cells, from top to bottom.
        beside: the cells of the row that the place is in.
    """

    cells: tuple[tuple[int, int], ...]
    beside: tuple[tuple[int, int], ...]


class Grid:
    """The elements of a part by their place."""

    def __init__(self, markup: Markup) -> None:
        self.markup = markup
        self._children: dict[int, list[int]] = {}
        for index, parent in enumerate(markup.structure.parents):
            self._children.setdefault(parent, []).append(index)

    def around(self, offset: int) -> list[Element]:
        """The elements around a place, from the inside out; the document itself is not among them."""
        at = bisect_left(self.markup.token_starts, offset + 1) - 1
        owner = self.markup.structure.owners[at] if at >= 0 else ROOT
        if owner == ROOT:
            return []
        inside = Element(self.markup, owner)
        found = []
        for one in (inside, *inside.ancestors):
            if one.name in ("html", "body"):
                break
            whole = one.whole
            if whole.start <= offset < whole.end:
                found.append(one)
        return found

    def column(self, ancestor: Element | None, offset: int) -> Column | None:
        """The column that a place is in; `None` where it is in no grid.

        Args:
            ancestor: around several products, so the grid is in it; `None` for the whole part.
        """
        rows = [self._cells(row) for row in self._inside(ROOT if ancestor is None else ancestor.index)]
        own = next((cells for cells in rows if any(_holds(cell, offset) for cell in cells)), [])
        place = next((number for number, cell in enumerate(own) if _holds(cell, offset)), 0)
        alike = [cells for cells in rows if len(cells) == len(own)]
        if len(own) < 2 or len(alike) < 2:
            return None
        stretches = [[(cell.whole.start, cell.whole.end) for cell in cells] for cells in (own, *alike)]
        return Column(tuple(cells[place] for cells in stretches[1:]), tuple(stretches[0]))

    def _inside(self, index: int) -> list[Element]:
        """The rows in an element: its children, or those of the only child."""
        for _ in range(_DEEPEST):
            found = [Element(self.markup, child) for child in self._children.get(index, ())]
            holders = [one for one in found if one.name in _HOLDERS]
            if len(holders) != 1:
                return holders
            index = holders[0].index
        return []

    def _cells(self, row: Element) -> list[Element]:
        return self._inside(row.index)


def _holds(element: Element, offset: int) -> bool:
    whole = element.whole
    return whole.start <= offset < whole.end
