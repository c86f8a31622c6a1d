"""The tables of merge tags and copy: every mistake is named at its place, and of what is harmless nothing is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mailcheck.checking import Checker, checker
from mailcheck.report import Finding

DATA = Path(__file__).parent / "data"
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
Group = tuple[str, list[str]]


def groups(name: str) -> Iterator[Group]:
    """The groups of a table: what stands in the square brackets, and the texts below."""
    head, texts = "", list[str]()
    for line in (DATA / name).read_text(encoding="utf-8").split("\n"):
        if not line or (line.startswith("#") and not head):
            continue
        if line.startswith("[") and line.endswith("]") and _is_head(line):
            if head:
                yield head, texts
            head, texts = line[1:-1], []
            continue
        texts.append(_ESCAPE.sub(lambda match: _unescape(*match.groups()), line))
    yield head, texts


def _is_head(line: str) -> bool:
    return re.fullmatch(r"\[(?:[a-z_|]+ )?[a-z0-9\-]+ (?:template|rendered) [a-z_]+(?: \S+)?\]", line) is not None


def _unescape(short: str | None, long: str | None, letter: str | None) -> str:
    return _PLAIN[letter] if letter else chr(int(short or long or "", 16))


@cache
def _checker(dialect: str, stage: str, fields: str) -> Checker:
    flags: dict[str, object] = {"profile": "template", "stage": stage, "select": ["merge_tags", "copy/placeholder"]}
    flags |= {"dialect": dialect} if dialect != "-" else {}
    flags |= {"fields": fields.replace("_Color", " Color").split(",")} if fields else {}
    return checker({**flags, "show_addresses": True})


def findings(dialect: str, stage: str, part: str, text: str, fields: str = "") -> list[Finding]:
    mail = {"html": text} if part == "html" else {"html": "<p>x</p>", part: text}
    made = _checker(dialect, stage, fields)
    return [finding for campaign in made.campaigns(mail) for finding in made.judge(campaign).findings]


def place(marked: str) -> tuple[str, tuple[int, int], tuple[int, int]]:
    """The text without its marks, and where they stood: line and column, as the report counts them."""
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    plain = marked.replace("⟦", "").replace("⟧", "")
    return plain, _line_and_column(plain, start), _line_and_column(plain, end)


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    lines = re.split(r"\r\n|\r|\n", text[:offset])
    return len(lines), len(lines[-1]) + 1


def _told(one: Finding) -> str:
    return f"{one.rule} {one.part} {one.line}:{one.column}-{one.end_line}:{one.end_column}"


@pytest.mark.parametrize("group", list(groups("tags_mistakes.txt")), ids=lambda group: group[0])
def test_a_mistake_is_named_at_its_place(group: Group) -> None:
    rules, dialect, stage, part, *fields = group[0].split()
    wanted = {f"{'copy' if rule == 'placeholder' else 'merge_tags'}/{rule}" for rule in rules.split("|")}
    missed = []
    for marked in group[1]:
        text, start, end = place(marked)
        found = findings(dialect, stage, part, text, *fields)
        name = part.replace("_", "-")
        hit = any(
            one.rule in wanted
            and one.part == name
            and (one.line, one.column, one.end_line, one.end_column) == start + end
            for one in found
        )
        if not hit:
            missed.append((marked, start, end, [_told(one) for one in found]))
    assert not missed


@pytest.mark.parametrize("group", list(groups("tags_harmless.txt")), ids=lambda group: group[0])
def test_of_what_is_harmless_nothing_is_said(group: Group) -> None:
    dialect, stage, part = group[0].split()
    said = [
        (text, [_told(one) for one in found]) for text in group[1] if (found := findings(dialect, stage, part, text))
    ]
    assert not said
