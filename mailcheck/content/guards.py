"""What program code around a field makes sure of: AMPscript's `SET` and `IF EMPTY(…)`, conditions in `<% %>` tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from mailcheck.content.blockpairs import asks_for
from mailcheck.content.lazily import lazy
from mailcheck.content.tags import Tag

_SCRIPT = lazy(r"<script\b[^<>]{0,200}\bampscript\b[^<>]{0,200}>(.*?)</script", re.IGNORECASE | re.DOTALL)
_NOISE = lazy(r"/\*.*?\*/", re.DOTALL)
_KEYWORD = r"(?:SET|VAR|IF|THEN|ELSE|ELSEIF|ENDIF|FOR|NEXT|DO|OUTPUT|OUTPUTLINE)"
_SET = lazy(rf"\bSET\s+@(\w+)\s*=\s*(.+?)(?=\s*(?:\b{_KEYWORD}\b|\Z|\r?\n))", re.IGNORECASE)
_SET_CALL = lazy(r"\bSet\s*\(\s*@(\w+)\s*,\s*(.+?)\)=%%", re.IGNORECASE)
_CONDITION = lazy(r"\b(?:ELSE)?IF\b(.*?)\bTHEN\b", re.IGNORECASE | re.DOTALL)
_TESTED = lazy(r"\b(?:EMPTY|IsNull|IsNullDefault|Length|IIF)\s*\(([^()]*)", re.IGNORECASE)
_WORD = lazy(r"\w+")
# A value that comes straight out of a field, with nothing for people who have none.
_PLAIN_READ = lazy(
    r"(?:(?:ProperCase|Trim|UpperCase|LowerCase)\s*\(\s*)?(?:AttributeValue\s*\(\s*[\"']([\w ]+)[\"']\s*\)|\[([\w ]+)\]|([A-Za-z_]\w*))\)?\Z",
    re.IGNORECASE,
)


def with_guards(source: str, tags: list[Tag]) -> list[Tag]:
    """The tags, with the fields marked that code before them gives a value to, or asks for."""
    if any(tag.family in ("ampscript", "ampscript_block") for tag in tags) or "ampscript" in source:
        tags = list(_in_ampscript(source, tags))
    if any(tag.family == "erb" and tag.kind != "field" for tag in tags):
        tags = list(_in_code(tags))
    return tags


def _in_ampscript(source: str, tags: Sequence[Tag]) -> Iterator[Tag]:
    pieces = [(tag.span.end, tag.text) for tag in tags if tag.family in ("ampscript", "ampscript_block")]
    pieces += [(match.end(), match[1]) for match in _SCRIPT.finditer(source)] if "ampscript" in source else []
    values: dict[str, list[str]] = {}
    asked: set[str] = set()
    waiting = sorted(pieces, reverse=True)
    for tag in tags:
        while waiting and waiting[-1][0] <= tag.span.start:
            _learn(_NOISE.sub(" ", waiting.pop()[1]), values, asked)
        if tag.family == "ampscript_block":
            # What its own conditions and assignments say is known behind it.
            yield tag
        elif tag.kind == "field" and tag.family in ("ampscript", "percent2") and _is_safe(tag, values, asked):
            yield replace(tag, guarded=True)
        elif tag.kind == "field" and tag.family == "ampscript" and (field := _read_field(tag, values)):
            yield replace(tag, name=field)
        else:
            yield tag


def _read_field(tag: Tag, values: dict[str, list[str]]) -> str:
    """The field that the variable of a tag was read from."""
    reads = [_PLAIN_READ.match(value) for value in values.get(tag.name.casefold(), ())]
    return next((group for read in reads if read for group in read.groups() if group), "")


def _learn(code: str, values: dict[str, list[str]], asked: set[str]) -> None:
    code = code.removeprefix("%%[").removesuffix("]%%")
    for pattern in (_SET, _SET_CALL):
        for match in pattern.finditer(code):
            values.setdefault(match[1].casefold(), []).append(match[2].strip())
    for pattern in (_CONDITION, _TESTED):
        for match in pattern.finditer(code):
            asked.update(word.casefold() for word in _WORD.findall(match[1]))


def _is_safe(tag: Tag, values: dict[str, list[str]], asked: set[str]) -> bool:
    """Whether the code before a tag gave its variable a value of its own, or asked whether it has one."""
    names = {word.casefold() for word in _WORD.findall(tag.name)}
    if names & asked:
        return True
    given = [value for name in names for value in values.get(name, ())]
    return any(_PLAIN_READ.match(value) is None for value in given)


_ASSIGNED = lazy(r"\s*(?:var|let|const)\s+(\w+)\s*=|\s*@?([a-z_]\w*)\s*(?:\|\|)?=(?![=>~])")


def assigned_names(tag: Tag) -> Iterator[str]:
    """Names that a tag of program code gives values to: `<% var name = … %>`."""
    for statement in re.split(r"[;\n]", tag.inner):
        if match := _ASSIGNED.match(statement):
            yield match[1] or match[2]


def _in_code(tags: Iterable[Tag]) -> Iterator[Tag]:
    """Fields of `<%= %>` tags inside of a condition that names them."""
    stack: list[str] = []
    for tag in tags:
        if tag.family != "erb":
            yield tag
            continue
        if tag.kind == "field":
            yield replace(tag, guarded=True) if any(asks_for(text, tag.name) for text in stack) else tag
            continue
        _step(stack, tag.inner)
        yield tag


_ENDS = lazy(r"\s*[-=]?\s*(?:end\b|\})")
_BEGINS = lazy(r"(?:\{|\bdo\b(?:\s*\|[^|]*\|)?)\s*-?\s*\Z|\A\s*(?:if|unless|case|for|while|until)\b")


def _step(stack: list[str], code: str) -> None:
    """Follow one tag of program code: what it closes, and what it opens."""
    if _ENDS.match(code) and stack:
        stack.pop()
    if _BEGINS.search(code):
        stack.append(code)
