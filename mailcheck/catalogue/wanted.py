"""What of a catalogue is wanted: the products that a mail mentions, told row by row without keeping any."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field

from mailcheck.catalogue.addresses import address_key, file_name, last_segment
from mailcheck.catalogue.fields import KEYS

LONGEST_TITLE = 10
"""Words of a title that are looked up; a longer one is compared by its first words."""

_WORDS = re.compile(r"\w+")
_NO_KEY = frozenset(("", "0", "none", "null", "n/a", "-"))


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared: small letters, composed, without signs."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return _WORDS.findall(text.casefold())


def title_key(title: str) -> str:
    """The first words of a title, by which it is looked up."""
    return " ".join(words_of(title)[:LONGEST_TITLE])


def runs(words: list[str]) -> Iterator[tuple[int, int, str]]:
    """Every run of at most `LONGEST_TITLE` words of a line: first word, the one behind the last, joined."""
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + LONGEST_TITLE) + 1):
            yield start, end, " ".join(words[start:end])


def stands_alone(words: list[str]) -> bool:
    """Whether a line is one word, or one word and numbers.

    One word is a title only there: a plant called “Thyme” is not in every recipe.
    """
    return len(words) == 1 or sum(not any(sign.isdigit() for sign in word) for word in words) == 1


def folded_key(value: str) -> str:
    """A key as it is compared; empty for what stands for none."""
    folded = value.strip().lower()
    return "" if folded in _NO_KEY else folded


class Wanted(Struct, frozen=True):
    """What a mail mentions.

    Args:
        keys: texts that may be an id, SKU, bar code, part number or handle, folded.
        links: the queries of its addresses, taken apart, by host and path; see `address_key`.
        titles: runs of words that may be a title, and whole lines.
        files: names of pictures, in lower case.
    """

    keys: frozenset[str] = frozenset()
    links: Mapping[str, frozenset[frozenset[str]]] = field(default_factory=dict)
    titles: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def wants(self, row: Mapping[str, str]) -> bool:
        """Whether a row of a catalogue is one of the products."""
        for name in KEYS:
            value = row.get(name)
            if value and value.strip().lower() in self.keys:
                return True
        link = row.get("link")
        # The last part of the path is looked at first: it is cheap, and most rows end here.
        if link and last_segment(link) in self.keys and self.has_link(link):
            return True
        image = row.get("image")
        if image and image.rpartition("/")[2].partition("?")[0].lower() in self.files:
            return True
        title = row.get("title")
        return bool(title) and title_key(title or "") in self.titles

    def has_link(self, link: str) -> bool:
        """Whether the mail leads to the page of an address; what the mail adds to its query does not count."""
        base, query = address_key(link)
        queries = self.links.get(base)
        if queries is None:
            return False
        wants = frozenset(query.split("&")) if query else frozenset()
        return any(not one or wants <= one for one in queries)


def wanted(
    keys: Iterable[str], links: Iterable[str], lines: Iterable[str], files: Iterable[str], *, most_words: int = 30_000
) -> Wanted:
    """What is wanted, from what a mail holds.

    Args:
        keys: values that may name a product.
        links: addresses that a reader can follow.
        lines: everything that is read, line by line.
        files: addresses of pictures.
        most_words: so many words are looked at.
    """
    titles: set[str] = set()
    left = most_words
    for line in lines:
        words = words_of(line)[:left]
        left -= len(words)
        alone = stands_alone(words)
        titles.update(run for start, end, run in runs(words) if end - start > 1 or alone)
    pages: dict[str, set[frozenset[str]]] = {}
    for link in links:
        base, query = address_key(link)
        if base:
            pages.setdefault(base, set()).add(frozenset(query.split("&")) if query else frozenset())
    segments = {last_segment(base) for base in pages}
    found = {folded for key in keys if (folded := folded_key(key))} | (segments - {""})
    return Wanted(
        frozenset(found),
        {base: frozenset(queries) for base, queries in pages.items()},
        frozenset(titles),
        frozenset(filter(None, map(file_name, files))),
    )
