"""Lines of styled text: measured in terminal cells, wrapped, and written plain or in colour."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

Segment = tuple[str, str]
"""Text and the name of its style, a key of `STYLES`."""
Line = Sequence[Segment]

STYLES = {
    "": "",
    "strong": "bold",
    "quiet": "dim",
    "path": "cyan",
    "rule": "bold",
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold blue",
    "clear": "bold green",
    "held": "bold red",
    "unsure": "bold magenta",
    "fix": "green",
}


def cells(text: str) -> int:
    """Width of a text on a terminal: wide characters take two cells, combining ones none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def take(text: str, budget: int) -> str:
    """The longest start of the text that fits into so many cells, combining marks included."""
    if text.isascii():
        return text[:budget]
    return _taken(text, budget)


def take_end(text: str, budget: int) -> str:
    """The longest end of the text that fits into so many cells and does not start with a combining mark."""
    if text.isascii():
        return text[len(text) - budget :] if 0 < budget < len(text) else text[: max(budget, 0) and len(text)]
    end = _taken(text[::-1], budget)[::-1]
    return end.lstrip("".join({char for char in end if unicodedata.combining(char)})) if end else end


def _taken(text: str, budget: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += cells(char)
        if used > budget:
            return text[:index]
    return text


def wrap(line: Line, width: int, indent: int) -> Iterator[Line]:
    """The line broken at spaces so that it fits, later lines indented; a width of 0 leaves it whole.

    A word that is wider than the room is broken anywhere.
    """
    if width <= 0 or sum(cells(text) for text, _ in line) <= width:
        yield line
        return
    indent = min(indent, width // 2)
    current: list[Segment] = []
    used = 0
    for word, style in _words(line, max(width - indent, 8)):
        text = word
        if used + cells(text.rstrip()) > width and current:
            yield current
            text = text.lstrip()
            current, used = [(" " * indent, "")], indent
        current.append((text, style))
        used += cells(text)
    yield current


def _words(line: Line, room: int) -> Iterator[Segment]:
    for text, style in line:
        rest = text
        while rest:
            word = rest[: _word_end(rest)]
            word = take(word, room) or rest[0]
            yield word, style
            rest = rest[len(word) :]


def _word_end(text: str) -> int:
    """Where the first word ends: its leading spaces belong to it."""
    start = len(text) - len(text.lstrip(" "))
    end = text.find(" ", start)
    return end if end > 0 else len(text)


def write(lines: Iterable[Line], *, colour: bool) -> str:
    """The lines as text, with ANSI colours when asked for; no line ends in spaces."""
    if not colour:
        return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
    from rich.console import Console
    from rich.text import Text

    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="standard", no_color=False, legacy_windows=False)
    for line in lines:
        runs = (("".join(text for text, _ in run), style) for style, run in groupby(line, key=itemgetter(1)))
        console.print(Text.assemble(*((text, STYLES[style]) for text, style in runs)), soft_wrap=True, highlight=False)
    return stream.getvalue()
