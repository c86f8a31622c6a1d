"""Prompts of editors, told by their words: a thing, `here` or an order to insert it, and nothing else on the line.

`Hier steht der Text`, `Zde vložte obrázek`, `Your headline here`: whatever the order of the words, such a line says
only where something was to stand. So do a line that ends in “goes here”, the thing's name three times over, and the
names of the parts of an address one after the other. The words are in `data/prompts.json`, by language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import NotRequired, TypedDict, cast

from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import field_sort


class _Words(TypedDict):
    things: list[str]
    here: list[str]
    orders: list[str]
    others: list[str]
    going: NotRequired[list[str]]


class _Address(TypedDict):
    fields: list[str]


_Sets = tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]
_LINE = lazy(r"[^\r\n]+")
_WORD = lazy(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_MARKS = "<>{}[]()«»\"'“”„*.!…: \t\u00a0"
_LONGEST = 80
"""Characters of a line from which on it is copy, whatever words it holds."""


ORDERS = frozenset(("insert", "enter", "add", "vul", "sett", "inserisci", "insérer", "insertar"))
GAPS = frozenset(
    (
        "name", "names", "title", "date", "number", "no", "no.", "address", "link", "url", "description", "price",
        "image", "logo", "time", "location", "code", "id", "type", "here", "line", "text", "copy", "phone", "email",
        "e-mail", "amount", "city", "state", "country", "year", "month", "day", "button", "headline", "subject",
        "naam", "datum", "prijs", "adres", "nummer", "navn", "dato", "pris", "adresse", "namn", "nombre", "fecha",
        "precio", "nome", "prezzo", "preço", "nom", "prix", "hier", "her", "här", "ici", "aquí", "qui", "aqui",
    )
)  # fmt: skip
"""Last words of a name that stands for what was to be filled in: `Product name`."""
SLOTS = frozenset(
    (
        "LINK", "URL", "DATE", "NAME", "PRICE", "AMOUNT", "LOGO", "CTA", "ADDRESS", "PHONE", "CITY", "COMPANY",
        "HEADLINE", "DATUM", "NAAM", "PRIJS", "PREIS", "DATO", "NAVN", "PRIS", "NAMN", "PRIX", "NOM", "PRÉNOM",
        "FECHA", "NOMBRE", "PRECIO", "DATA", "NOME", "PREZZO", "PREÇO", "IMIĘ", "CENA", "HINTA", "NIMI", "PROPERTY",
        "CUSTOMER", "CLIENT", "ORGANIZATION", "ORGANISATION",
    )
)  # fmt: skip
"""What nobody prints in brackets and capitals as a mark: the thing itself was to stand there."""
_KEYWORDS = frozenset(("global", "custom", "date"))
"""Words that begin a tag of several words where services write them in one brace and an exclamation mark."""


@cache
def _loaded() -> dict[str, _Words | _Address]:
    text = resources.files("mailcheck.content").joinpath("data/prompts.json").read_text(encoding="utf-8")
    loaded: dict[str, _Words | _Address] = json.loads(text)
    return loaded


@cache
def _words() -> tuple[_Words, ...]:
    return tuple(cast("_Words", words) for name, words in _loaded().items() if name != "address")


@cache
def _languages() -> tuple[_Sets, ...]:
    return tuple(
        (frozenset(words["things"]), frozenset(words["here"]), frozenset(words["orders"]), frozenset(words["others"]))
        for words in _words()
    )


@cache
def _things() -> frozenset[str]:
    """Every thing of every language."""
    return frozenset(thing for words in _words() for thing in words["things"])


@cache
def _going() -> frozenset[str]:
    """Things of which it is said that they go here."""
    return frozenset(thing for words in _words() if "going" in words for thing in (*words["going"], *words["things"]))


@cache
def _fields() -> frozenset[str]:
    """Names of the parts of a postal address."""
    return frozenset(cast("_Address", _loaded()["address"])["fields"])


@cache
def _telling() -> frozenset[str]:
    """Every word for `here` or `insert`: without one of them nothing is a prompt."""
    return frozenset(word for _, here, orders, _ in _languages() for word in here | orders)


def is_prompt(text: str) -> bool:
    """Whether a text says nothing but what was to stand in its place."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not 2 <= len(words) <= 8 or _telling().isdisjoint(words) or any(map(str.isdigit, text)):
        return False
    said = frozenset(words)
    return any(_is_prompt_in(said, sets) for sets in _languages())


def _is_prompt_in(said: frozenset[str], sets: _Sets) -> bool:
    things, here, orders, others = sets
    if said.isdisjoint(things) or not said <= things | here | orders | others:
        return False
    return not said.isdisjoint(here) or (not said.isdisjoint(orders) and len(said) <= 4)


def is_order(text: str) -> bool:
    """Whether the words between delimiters are a prompt and no name of a field: `INSERT LINK`, `matterport link`."""
    words = text.lower().split()
    if len(words) < 2 or words[0] in _KEYWORDS or not "".join(words).replace("-", "").replace("'", "").isalnum():
        return False
    return field_sort(text) is None and (words[-1] in GAPS if words[0] not in ORDERS else words[1] not in ("to", "now"))


def ends_in_gap(inner: str) -> bool:
    """Whether capitalised words end in what was to be filled in: `[CSM Name]`, and not `[New Date]`, which is news."""
    words = inner.split()
    if len(words) < 2 or words[0].lower() in _NEWS or words[-1].lower() not in _SURE_GAPS:
        return False
    return all(word[0].isupper() for word in words)


_SURE_GAPS = frozenset(("name", "names", "date", "number", "amount", "title", "address", "url"))
_NEWS = frozenset(
    (
        "new", "updated", "changed", "revised", "corrected", "correct", "save", "final", "last", "next", "same",
        "other", "another", "internal", "external", "no", "wrong", "rescheduled", "confirmed", "important", "missing",
        "release", "launch", "deadline", "due",
    )
)  # fmt: skip


_GOES_HERE = lazy(
    r"(?:the |your |our |my |this |an? |some )?((?:[^\W\d_]+(?:['’\-][^\W\d_]+)*[ \u00a0]+){1,7})go(?:es)? here", 2
)
_ASKING = frozenset(("what", "which", "who", "whose", "where", "why", "how", "when", "nothing", "no", "not"))
_THRICE = lazy(r"(?<![\w'’\-])([^\W\d_]{3,20})(?:[ \u00a0]+\1){2,}(?![\w'’\-])", 2)
_PARTED = frozenset(",;|•·/")
_COMMAS = lazy(r"\s*[,;|•·/]\s*")


def _goes_here(said: str) -> bool:
    """`The introduction of your message goes here`."""
    match = _GOES_HERE.fullmatch(said) if said[-4:].lower() == "here" else None
    words = match[1].lower().split() if match else []
    return not _going().isdisjoint(words) and _ASKING.isdisjoint(words)


def _stands_twice(text: str, things: frozenset[str]) -> bool:
    """Whether a word may follow itself: a cheap question before `_repeated`."""
    return any(f"{one} {one}" in text or f"{one}  " in text or f"{one}\u00a0" in text for one in things)


def _repeated(text: str) -> Iterator[tuple[int, int]]:
    """`Copy copy copy`, alone or before what is not yet written."""
    for match in _THRICE.finditer(text):
        if match[1].lower() in _things():
            yield match.span()


def _is_address_form(said: str) -> bool:
    """`Address line 1, City, State`."""
    if _PARTED.isdisjoint(said):
        return False
    named = [name.lower() for name in _COMMAS.split(said)]
    return len(named) >= 3 and len(set(named)) == len(named) and _fields().issuperset(named)


def prompts(text: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Start and end of every line that is a prompt; `words` are those of the text, in lower case."""
    things = _things() & words
    if things and _stands_twice(text.lower(), things):
        yield from _repeated(text)
    telling, fields = not _telling().isdisjoint(words), not _fields().isdisjoint(words)
    for line in _LINE.finditer(text) if telling or fields else ():
        said = line[0].strip(_MARKS)
        if not 4 <= len(said) <= _LONGEST:
            continue
        if (telling and (is_prompt(said) or _goes_here(said))) or (fields and _is_address_form(said)):
            start = line.start() + line[0].index(said)
            yield start, start + len(said)
