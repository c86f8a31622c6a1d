"""Filler text, told by its words: Cicero's passages, and what generators make of his words.

Whoever pastes filler begins anywhere in it, so no list of beginnings is enough. A run of words is filler when nearly
all of them are of the vocabulary and some of them are met nowhere else, or when four in a row stand so in one of the
passages. Latin that means something (mottos, liturgy, maxims) has the common words of it, and neither of the two.
The words are in `data/filler.json`; `telling` are those that hardly occur in Latin literature or in a living language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import TypedDict

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.lazily import lazy
from mailcheck.content.stretches import Stretch


class _Words(TypedDict):
    passages: list[str]
    telling: list[str]
    other: list[str]


class Filler(Struct, frozen=True):
    """A stretch of filler text.

    Args:
        span: its first phrase, or its first words.
        whole: all of it.
        words: how many words it has.
    """

    span: Span
    whole: Span
    words: int


class _Word(Struct, frozen=True):
    text: str
    start: int
    end: int


_WORD = lazy(r"(?<![\w&])[^\W\d_]+(?![\w;])|(?<=&nbsp;)[^\W\d_]+(?!\w)")
_ROW = 4
"""Words in a row of a passage that nobody writes by chance."""
_LONG = 8
_SHOWN = 5
"""Words of a stretch that stand for it when it holds no known phrase."""
_KNOWN_SHARE = 0.75


@cache
def _data() -> _Words:
    text = resources.files("mailcheck.content").joinpath("data/filler.json").read_text(encoding="utf-8")
    loaded: _Words = json.loads(text)
    return loaded


@cache
def _telling() -> frozenset[str]:
    return frozenset(_data()["telling"])


@cache
def _known() -> frozenset[str]:
    return _telling() | frozenset(_data()["other"])


@cache
def _rows() -> frozenset[tuple[str, ...]]:
    """Every row of words of the passages that holds a long one: `quo minus id quod` is any jurist's Latin."""
    passages = (re.findall(r"\w+", passage.lower()) for passage in _data()["passages"])
    rows = (tuple(words[at : at + _ROW]) for words in passages for at in range(len(words) - _ROW + 1))
    return frozenset(row for row in rows if len(max(row, key=len)) >= _LONG)


@cache
def _hints() -> frozenset[str]:
    """Words without one of which nothing is filler: the telling ones, and the longest of each row."""
    return _telling() | {max(row, key=len) for row in _rows()}


def runs(text: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Start and end of every run of filler in a text; `words` are those of the text, in lower case."""
    if _hints().isdisjoint(words):
        return
    for line in re.finditer(r"[^\n]+", text):
        found = [_Word(match[0].lower(), *match.span()) for match in _WORD.finditer(text, *line.span())]
        for run in _known_runs(found):
            if _is_filler([word.text for word in run]):
                yield run[0].start, run[-1].end


def _known_runs(words: list[_Word]) -> Iterator[list[_Word]]:
    """Runs that begin and end with words of the vocabulary and hold no two others in a row."""
    run: list[_Word] = []
    strange: list[_Word] = []
    for word in words:
        if word.text in _known():
            run += [*strange, word]
            strange = []
        elif run and not strange:
            strange = [word]
        else:
            if run:
                yield run
            run, strange = [], []
    if run:
        yield run


def _is_filler(words: list[str]) -> bool:
    if any(tuple(words[at : at + _ROW]) in _rows() for at in range(len(words) - _ROW + 1)):
        return True
    known = sum(word in _known() for word in words)
    telling = len(_telling().intersection(words))
    if len(words) < 3 or known < _KNOWN_SHARE * len(words):
        return False
    return telling >= 2 or (telling == 1 and known == len(words) >= _ROW and sum(len(word) > 3 for word in words) >= 3)


def stretches(stretch: Stretch, phrases: Iterable[tuple[int, int]]) -> Iterator[Filler]:
    """The filler of a text, one for all that stands together; `phrases` are the places of those that always are."""
    known = frozenset(phrases)
    group: list[tuple[int, int]] = []
    last = 0
    for start, end in sorted({*known, *runs(stretch.text, stretch.words)}):
        if not stretch.visible(start, end):
            continue
        if group and not _continues(stretch, last, start):
            yield _made(stretch, group, last, known)
            group, last = [], 0
        group.append((start, end))
        last = max(last, end)
    if group:
        yield _made(stretch, group, last, known)


def _made(stretch: Stretch, group: list[tuple[int, int]], end: int, phrases: frozenset[tuple[int, int]]) -> Filler:
    start = group[0][0]
    first = next((one for one in group if one in phrases), None)
    if first is None:
        shown = [match.end() for match in _WORD.finditer(stretch.text, *group[0])][:_SHOWN]
        first = (start, shown[-1])
    words = sum(1 for _ in _WORD.finditer(stretch.text, start, end))
    return Filler(stretch.readable.span(*first), stretch.readable.span(start, end), words)


_TAG = lazy(r"</?\s*([A-Za-z][\w:-]*)")
_INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "big", "em", "font", "i", "mark", "s", "small", "span", "strike", "strong", "sub",
     "sup", "u", "wbr")
)  # fmt: skip
_FOLLOWS = frozenset(("blockquote", "br", "center", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "ul"))


def _continues(stretch: Stretch, end: int, start: int) -> bool:
    """Whether what starts belongs to what ended: in one block of text, or the sentence that follows."""
    between = stretch.text[end : max(start, end)]
    if "\n" not in between:
        return True
    if stretch.markup is None:
        return re.search(r"\n\s*\n", between) is None or _all_known(between)
    readable = stretch.readable
    if readable.piece(start).kind != "text" or readable.piece(end - 1).kind != "text":
        return False
    source = stretch.source[readable.source(end - 1) : readable.source(start)]
    tags = {match[1].lower() for match in _TAG.finditer(source)}
    return tags <= _INLINE or (tags <= _INLINE | _FOLLOWS and _all_known(between))


def _all_known(text: str) -> bool:
    return all(match[0].lower() in _known() for match in _WORD.finditer(text))
