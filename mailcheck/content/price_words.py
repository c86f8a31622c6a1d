"""Words beside a price that say what it is, by language; `data/prices_words.json`, reviewed by hand.

Each list is parted by `|`. Lists without `_after` hold what stands before a price, those with it and `off` what
stands behind one. Chinese, Japanese, Korean and Thai do not part their words: there a list holds parts of the text.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

from msgspec import Struct

TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[/%=+~→×]")
JOINED = frozenset({"ja", "ko", "zh", "yue", "th"})
_FLAGS = frozenset({"ship", "free", "pairs", "multibuy"})
_SAME = {"no": "nb", "fil": "en", "gl": "es", "gsw": "de", "lb": "de", "fo": "da", "kk": "ru", "ky": "ru", "yue": "zh"}


class Words(Struct, frozen=True):
    """What a language says before and behind prices.

    Args:
        before: phrases with what they mean, by their last word, longest first.
        behind: the same by their first word.
        joined_before, joined_behind: parts of the text with what they mean, where words are not parted, by their last
            and their first character, longest first.
        ship, free: what is sent, and that it costs nothing.
        multibuy: stands between a count and a price, `3 for`.
        pairs: words before an old and a new price, `van … voor …`.
    """

    before: dict[str, list[tuple[tuple[str, ...], str]]]
    behind: dict[str, list[tuple[tuple[str, ...], str]]]
    joined_before: dict[str, list[tuple[str, str]]]
    joined_behind: dict[str, list[tuple[str, str]]]
    ship: frozenset[str]
    free: frozenset[str]
    multibuy: frozenset[tuple[str, ...]]
    pairs: frozenset[tuple[str, str]]


@cache
def _data() -> dict[str, dict[str, str]]:
    text = resources.files("mailcheck.content").joinpath("data/prices_words.json").read_text(encoding="utf-8")
    made: dict[str, dict[str, str]] = json.loads(text)
    return made


def tokens(text: str) -> list[str]:
    """The words and numbers of a text in lower case."""
    return TOKEN.findall(text.lower())


def _listed(lists: dict[str, str], name: str) -> list[str]:
    return [phrase for phrase in lists.get(name, "").split("|") if phrase]


def _is_behind(name: str) -> bool:
    return name == "off" or name.endswith("_after")


def _meaning(name: str) -> str:
    return "save" if name == "off" else name.removesuffix("_after")


def _phrases(sources: list[dict[str, str]], *, behind: bool) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    found: dict[str, set[tuple[tuple[str, ...], str]]] = {}
    for lists in sources:
        for name in lists:
            if name in _FLAGS or _is_behind(name) != behind:
                continue
            for phrase in _listed(lists, name):
                words = tuple(tokens(phrase))
                if words:
                    found.setdefault(words[0 if behind else -1], set()).add((words, _meaning(name)))
    return {key: sorted(phrases, key=lambda one: (-len(one[0]), one)) for key, phrases in found.items()}


def _parts(sources: list[dict[str, str]], *, behind: bool) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for lists in sources:
        for name in lists:
            if name in _FLAGS - {"multibuy"} or _is_behind(name) != behind:
                continue
            for phrase in _listed(lists, name):
                part = phrase.lower()
                found.setdefault(part[0 if behind else -1], set()).add((part, _meaning(name)))
    return {sign: sorted(parts, key=lambda one: (-len(one[0]), one)) for sign, parts in found.items()}


@cache
def words_of(language: str) -> Words:
    """The words of a language; English ones that shops write everywhere are in each."""
    known = _data()
    language = _SAME.get(language, language)
    sources = [known["*"]]
    if language in known:
        sources.append(known[language])
    if language not in known or language == "ms":
        sources.append(known["en"])
    joined = language in JOINED
    return Words(
        before=_phrases(sources, behind=False) if not joined else {},
        behind=_phrases(sources, behind=True) if not joined else {},
        joined_before=_parts(sources, behind=False) if joined else {},
        joined_behind=_parts(sources, behind=True) if joined else {},
        ship=frozenset(word for lists in sources for word in _listed(lists, "ship")),
        free=frozenset(word for lists in sources for word in _listed(lists, "free")),
        multibuy=frozenset(tuple(tokens(word)) for lists in sources for word in _listed(lists, "multibuy")),
        pairs=frozenset(
            (pair.rpartition(" ")[0], pair.rpartition(" ")[2]) for lists in sources for pair in _listed(lists, "pairs")
        ),
    )
