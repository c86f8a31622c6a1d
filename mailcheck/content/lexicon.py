"""Words that stand where a person's data should stand: field names and greetings, by language.

`data/lexicon.json` keeps three sorts of field names apart: technical ones, which nobody writes in a
sentence (`first_name`, `voornaam`), words that also are words (`name`, `city`), and `angles`, short words that are
field names only in angle brackets (`<Ad>`). `closings` are the greetings that also end a mail, `organisations` the
things whose name is not that of a reader: `shop.name`.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Literal, TypedDict

Sort = Literal["technical", "word"]
Person = Literal["first", "other", "greeted", "account"]
"""What sort of name a field holds; `greeted`: one that is a person's only where it is greeted, `name`; `account`: one
that nobody can be without, `user_name`."""


class _Fields(TypedDict):
    technical: list[str]
    words: list[str]


class _Lexicon(TypedDict):
    fields: dict[str, _Fields]
    angles: dict[str, list[str]]
    persons: dict[str, dict[Person, list[str]]]
    greetings: dict[str, list[str]]
    closings: dict[str, list[str]]
    organisations: dict[str, list[str]]


_SEPARATORS = re.compile(r"[\s_\-.]+")


@cache
def _load() -> _Lexicon:
    text = resources.files("mailcheck.content").joinpath("data/lexicon.json").read_text(encoding="utf-8")
    lexicon: _Lexicon = json.loads(text)
    return lexicon


def squeeze(name: str) -> str:
    """A field name without case and separators: `First_Name` and `first name` are `firstname`."""
    return _SEPARATORS.sub("", name).casefold()


@cache
def _fields() -> dict[str, Sort]:
    found: dict[str, Sort] = {}
    for fields in _load()["fields"].values():
        found.update({squeeze(word): "word" for word in fields["words"] if squeeze(word) not in found})
        found.update({squeeze(word): "technical" for word in fields["technical"]})
    return found


_PREFIXES = ("contact", "customer", "subscriber", "recipient", "user", "lead", "member", "profile", "client", "person")
_WHOSE_NAME = (*_PREFIXES, "billing", "shipping")


@cache
def field_sort(name: str) -> Sort | None:
    """What sort of field name a word is, or `None`."""
    squeezed = squeeze(name.strip(" *!$@:;"))
    sort = _fields().get(squeezed)
    if sort is None:
        for prefix in _PREFIXES:
            if squeezed.startswith(prefix) and _fields().get(squeezed[len(prefix) :]) is not None:
                return "technical"
    return sort


@cache
def _in_angles() -> frozenset[str]:
    return frozenset(squeeze(word) for words in _load()["angles"].values() for word in words)


def angle_sort(name: str) -> Sort | None:
    """What sort of field name a word in angle brackets is: there even `Ad`, a word of many languages, is one."""
    return field_sort(name) or ("word" if squeeze(name) in _in_angles() else None)


@cache
def person_names() -> dict[str, Person]:
    """Names of fields that hold a person's name, squeezed, and what sort of name it is."""
    return {
        squeeze(name): person
        for listed in _load()["persons"].values()
        for person, names in listed.items()
        for name in names
    }


@cache
def person_sort(name: str) -> Person | None:
    """What sort of person's name a field holds, `customer_first_name` included, or `None`."""
    squeezed = squeeze(name)
    prefix = next((one for one in _WHOSE_NAME if squeezed.startswith(one)), "")
    names = person_names()
    return names.get(squeezed) or (names.get(squeezed[len(prefix) :]) if prefix else None)


@cache
def technical_tokens() -> frozenset[str]:
    """Every technical field name that is one word, in the spellings in which it is typed, lower case."""
    words = {word for fields in _load()["fields"].values() for word in fields["technical"]}
    return frozenset(form for word in words for form in (word, word.replace("_", ""), word.replace("_", "-")))


@cache
def first_words() -> frozenset[str]:
    """The first words of the technical field names that are written in several, lower case."""
    names = {word for fields in _load()["fields"].values() for word in fields["technical"]}
    parts = (_SEPARATORS.split(name) for name in names)
    return frozenset(words[0].casefold() for words in parts if len(words) > 1) | frozenset(_PREFIXES)


@cache
def greetings() -> dict[str, tuple[str, ...]]:
    """Greeting words by language, longest first."""
    return {language: tuple(sorted(words, key=len, reverse=True)) for language, words in _load()["greetings"].items()}


@cache
def closings() -> frozenset[str]:
    """Greetings with which mails also end, in lower case: `Thanks,` above the name of the sender."""
    return frozenset(word.casefold() for words in _load()["closings"].values() for word in words)


@cache
def organisations() -> frozenset[str]:
    """Words for what is no reader but has a name, squeezed: `shop`, `bedrijf`."""
    return frozenset(squeeze(word) for words in _load()["organisations"].values() for word in words)


@cache
def greeting_pattern() -> str:
    """One alternation of every greeting, longest first, without duplicates."""
    words = sorted({word for words in greetings().values() for word in words}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace("\\ ", r"[ \u00a0]") for word in words)
