"""The words of links that act, in many languages, and how a text or a piece of an address is compared with them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from importlib import resources
from typing import TypedDict

from msgspec import Struct
from msgspec.structs import replace

from mailcheck.content.lazily import lazy

_CAMEL = lazy(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN = lazy(r"[^\W\d_]+")
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe", "’": "'"})


class _Always(TypedDict):
    stems: list[str]
    phrases: list[str]
    alone: list[str]
    other_scripts: list[str]


class Data(TypedDict):
    """The shape of `data/actions.json`."""

    unsubscribe: _Always
    preferences: _Always
    with_token: dict[str, list[str]]
    alone_with_token: dict[str, list[str]]
    ending: dict[str, list[str]]
    ending_scripts: list[list[list[str]]]
    here: list[str]
    public_keys: list[str]
    answer_keys: list[str]
    companions: list[str]
    articles: list[str]
    content_paths: list[str]
    asking_scripts: list[str]
    recipient_keys: list[str]
    public_hosts: list[str]
    token_keys: list[str]
    one_time_keys: list[str]
    free_keys: list[str]
    services: list[list[str]]
    tracking_labels: list[str]
    tracking_paths: list[str]


@cache
def data() -> Data:
    """The words, read once."""
    text = resources.files("mailcheck.content").joinpath("data/actions.json").read_text(encoding="utf-8")
    loaded: Data = json.loads(text)
    return loaded


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, without diacritics: `Désabonner` → `desabonner`."""
    lower = text.casefold().translate(_LETTERS)
    if lower.isascii():
        return lower
    return "".join(sign for sign in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(sign))


def words_of(text: str) -> list[str]:
    """The folded words of a text; `emailPreferences` and `email-preferences` are two each."""
    return list(_words_of(text))


@lru_cache(maxsize=4096)
def _words_of(text: str) -> tuple[str, ...]:
    # One piece of an address is compared with every list of words.
    return tuple(_TOKEN.findall(fold(_CAMEL.sub(" ", text))))


class Words(Struct, frozen=True, dict=True):
    """Words that say one thing.

    Args:
        stems: beginnings of words; those of six letters and more also count inside of a word.
        phrases: words that follow each other, by their first word.
        joined: the phrases written as one word.
        alone: words that only count by themselves.
        scripts: texts of scripts without word boundaries, or that are written otherwise.
        undone: words that take back a subscription by their first syllable count too.
    """

    stems: tuple[str, ...] = ()
    phrases: dict[str, tuple[tuple[str, ...], ...]] | None = None
    joined: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    scripts: tuple[str, ...] = ()
    undone: bool = False

    def found(self, words: Sequence[str]) -> frozenset[int]:
        """Which of these words say it, by their place."""
        hit: set[int] = set()
        for place, word in enumerate(words):
            if (
                word in self.joined
                or (self.undone and _UNDONE.search(word))
                or word.startswith(self.stems)
                or (len(word) > 6 and self._inner.search(word))
            ):
                hit.add(place)
            for phrase in (self.phrases or {}).get(word, ()):
                if tuple(words[place : place + len(phrase)]) == phrase:
                    hit.update(range(place, place + len(phrase)))
        return frozenset(hit)

    @cached_property
    def _inner(self) -> re.Pattern[str]:
        """The stems that count inside of a word; words are looked at by the thousand, so at once."""
        return re.compile("|".join(re.escape(stem) for stem in self.stems if len(stem) >= 6) or r"(?!)")

    def with_stems_of(self, least: int) -> Words:
        """The same, in which phrases of one long word are stems."""
        single = [word[0] for listed in (self.phrases or {}).values() for word in listed if len(word) == 1]
        return replace(self, stems=(*self.stems, *(word for word in single if len(word) >= least)))

    def in_script(self, folded: str) -> bool:
        """Whether a folded text says it in another script."""
        return not folded.isascii() and any(one in folded for one in self.scripts)


def _words(stems: Sequence[str], phrases: Sequence[str], alone: Sequence[str], scripts: Sequence[str]) -> Words:
    by_first: dict[str, tuple[tuple[str, ...], ...]] = {}
    for phrase in phrases:
        parts = tuple(words_of(phrase))
        by_first[parts[0]] = (*by_first.get(parts[0], ()), parts)
    joined = frozenset("".join(words_of(phrase)) for phrase in phrases if len(phrase) > 6)
    return Words(tuple(map(fold, stems)), by_first, joined, frozenset(map(fold, alone)), tuple(map(fold, scripts)))


@cache
def always() -> dict[str, Words]:
    """What is said by the words alone: `unsubscribe`, `preferences`."""
    return {
        "unsubscribe": replace(_of(data()["unsubscribe"]), undone=True),
        "preferences": _of(data()["preferences"]),
    }


def _of(listed: _Always) -> Words:
    return _words(listed["stems"], listed["phrases"], listed["alone"], listed["other_scripts"])


@cache
def with_token() -> dict[str, Words]:
    """What is only said together with something that stands for one recipient."""
    return {name: _mixed(listed).with_stems_of(7) for name, listed in data()["with_token"].items()}


@cache
def alone_with_token() -> dict[str, Words]:
    """What is only said together with that, and with nothing else: "Keep me", `skip`; elsewhere they are any words."""
    return {name: _mixed(listed) for name, listed in data()["alone_with_token"].items()}


def _mixed(listed: Sequence[str]) -> Words:
    latin = [word for word in listed if fold(word).isascii()]
    return _words((), latin, (), [word for word in listed if not fold(word).isascii()])


def ends_list(words: Sequence[str]) -> bool:
    """Whether words speak of ending a newsletter, in whatever order: "Cancella la tua iscrizione", `sair-da-lista`.

    Also said by what is not to be received any more: "Geen e-mails meer ontvangen".
    """
    known = _ending()
    if known["words"].begin(words) and known["lists"].begin(words):
        return True
    if not any(word in known["not"].whole for word in words):
        return False
    more = any(word in known["more"].whole for word in words)
    return known["receive"].begin(words) or (more and known["lists"].begin(words))


def names_list(words: Sequence[str]) -> bool:
    """Whether words name a newsletter or its mails."""
    return _ending()["lists"].begin(words)


_UNDONE = lazy(r"(?:un|de|des|dis|od|dez)(?:subscr|subskr|suscr|inscr|iscr|abon|regist)")


def ends_list_in_script(folded: str) -> bool:
    """The same of a folded text in another script, which has no words to go by."""
    return not folded.isascii() and any(
        any(one in folded for one in endings) and any(one in folded for one in things) for endings, things in _scripts()
    )


@cache
def _scripts() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    return tuple((tuple(map(fold, endings)), tuple(map(fold, things))) for endings, things in data()["ending_scripts"])


@cache
def _asking() -> tuple[str, ...]:
    return tuple(map(fold, data()["asking_scripts"]))


@cache
def _here() -> frozenset[str]:
    return frozenset(" ".join(fold(one).split()) for one in data()["here"])


def says_here(folded: str) -> bool:
    """Whether a folded text only points: "here", "klik hier", "こちら"."""
    return " ".join(folded.split()).strip(" .!»>→›:") in _here()


def asks_in_script(folded: str) -> bool:
    """Whether a folded text in another script asks or tells how something is done, and so does not do it."""
    return not folded.isascii() and any(one in folded for one in _asking())


class _Beginnings(Struct, frozen=True):
    """Beginnings of words; short ones are whole words: `end` is none of `endive`, nor `thu` of Thursday."""

    long: tuple[str, ...]
    short: frozenset[str]
    whole: frozenset[str]

    def begin(self, words: Sequence[str]) -> bool:
        return any(word in self.short or word.startswith(self.long) for word in words)


@cache
def _ending() -> dict[str, _Beginnings]:
    folded = {name: tuple(map(fold, listed)) for name, listed in data()["ending"].items()}
    return {name: _beginnings(listed) for name, listed in folded.items()}


def _beginnings(listed: Sequence[str]) -> _Beginnings:
    short = frozenset(one for one in listed if len(one) < 5)
    return _Beginnings(tuple(one for one in listed if len(one) > 4), short, frozenset(listed))


@cache
def companions() -> frozenset[str]:
    """Words that stand beside such words in an address and say nothing else."""
    return frozenset(data()["companions"])


@cache
def word_set(name: str) -> frozenset[str]:
    """One of the plain lists of the data: `articles`, `token_keys` …"""
    listed = {
        "articles": data()["articles"],
        "recipient_keys": data()["recipient_keys"],
        "public_keys": data()["public_keys"],
        "answer_keys": data()["answer_keys"],
        "content_paths": data()["content_paths"],
        "public_hosts": data()["public_hosts"],
        "token_keys": data()["token_keys"],
        "one_time_keys": data()["one_time_keys"],
        "free_keys": data()["free_keys"],
        "tracking_labels": data()["tracking_labels"],
        "tracking_paths": data()["tracking_paths"],
    }
    return frozenset(listed[name])


@cache
def services() -> tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]:
    """Host, path and effect of the links of known sending services."""
    return tuple((lazy(host), lazy(path, re.IGNORECASE), sort) for host, path, sort in data()["services"])
