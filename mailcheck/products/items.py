"""The products that a mail is about: rows of the catalogue that are one thing, and the mentions that lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.catalogue.addresses import address_key, file_name
from mailcheck.catalogue.product import Product
from mailcheck.catalogue.wanted import LONGEST_TITLE, stands_alone, words_of
from mailcheck.products.mentions import Mention

Evidence = Literal["data", "link", "link_key", "title", "alt", "image", "text"]
"""What says so: a data attribute; the very address of the catalogue, or one with the id in it; the title as a line of
its own, as an alternative text, or within other words (`text`); the picture."""

_LEAST_SURE: tuple[Evidence, ...] = ("text", "image")
MORE_WORDS = 3
"""Words that may stand beside a title in a line that is still its own, and beside a price in a sentence that is."""


class Item(Struct, frozen=True, eq=False):
    """What a reader takes for one product: rows of the catalogue that are variants of each other, or the same.

    Args:
        number: its place among the items.
        products: at least one.
    """

    number: int
    products: tuple[Product, ...]

    @property
    def name(self) -> str:
        """What people call it."""
        return min((one.name for one in self.products), key=len)


class Found(Struct, frozen=True):
    """A mention that leads to a product.

    Args:
        mention: where; of a title in a line the line.
        at: as in `Mention`.
        item: what it leads to.
        products: which of its variants.
        evidence: what says so.
        strong: whether there is no doubt that this product is meant.
    """

    mention: Mention
    at: int
    item: Item
    products: tuple[Product, ...]
    evidence: Evidence
    strong: bool

    @property
    def span(self) -> Span:
        return self.mention.span


class Items:
    """The products of a catalogue by what may lead to them."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._products = tuple(products)
        self._keys: dict[str, list[int]] = {}
        self._pages: dict[str, list[int]] = {}
        self._titles: dict[str, list[int]] = {}
        self._files: dict[str, list[int]] = {}
        self._queries = [self._page(number, one) for number, one in enumerate(self._products)]
        for number, one in enumerate(self._products):
            for key in one.keys:
                self._keys.setdefault(key, []).append(number)
            words = words_of(one.title)
            if words:
                self._titles.setdefault(" ".join(words), []).append(number)
            if name := file_name(one.image):
                self._files.setdefault(name, []).append(number)
        self._heads = {" ".join(title.split()[:LONGEST_TITLE]) for title in self._titles}
        self.items, self._of = self._joined()

    def _page(self, number: int, one: Product) -> frozenset[str]:
        base, query = address_key(one.link)
        if base:
            self._pages.setdefault(base, []).append(number)
        return frozenset(query.split("&")) if query else frozenset()

    def _joined(self) -> tuple[tuple[Item, ...], list[Item]]:
        """Rows that share a group, a page, a first key or a title are one item."""
        first: dict[tuple[str, str], int] = {}
        root = list(range(len(self._products)))

        def top(number: int) -> int:
            while root[number] != number:
                number = root[number]
            return number

        for number, one in enumerate(self._products):
            marks = [("group", one.group), ("page", address_key(one.link)[0]), ("key", one.keys[0] if one.keys else "")]
            marks += [("title", " ".join(words_of(one.title)))]
            for mark in marks:
                if mark[1]:
                    other = top(first.setdefault(mark, number))
                    root[max(other, top(number))] = min(other, top(number))
        members: dict[int, list[Product]] = {}
        for number, one in enumerate(self._products):
            members.setdefault(top(number), []).append(one)
        items = {number: Item(place, tuple(all_)) for place, (number, all_) in enumerate(members.items())}
        return tuple(items.values()), [items[top(number)] for number in range(len(self._products))]

    def found(self, mention: Mention) -> Iterator[Found]:
        """What a mention leads to; nothing where that is not clear."""
        if mention.kind in ("line", "alt"):
            yield from self._by_title(mention)
            return
        if mention.kind == "image":
            found = self._by_picture(mention)
        elif mention.kind == "data":
            found = self._one(mention, self._numbers(mention.keys), "data", strong=True)
        else:
            found = self._by_link(mention)
        if found is not None:
            yield found

    def _numbers(self, keys: Iterable[str]) -> list[int]:
        return sorted({number for key in keys for number in self._keys.get(key, ())})

    def _one(self, mention: Mention, numbers: list[int], evidence: Evidence, *, strong: bool) -> Found | None:
        items = {self._of[number].number: self._of[number] for number in numbers}
        if len(items) != 1:
            return None
        products = tuple(self._products[number] for number in numbers)
        return Found(mention, mention.at, next(iter(items.values())), products, evidence, strong)

    def _by_link(self, mention: Mention) -> Found | None:
        pages = [address_key(link) for link in mention.links]
        for base, query in pages:
            given = frozenset(query.split("&")) if query else frozenset()
            there = self._pages.get(base, ())
            numbers = [number for number in there if self._queries[number] <= given]
            # The row with most of the query is the variant that is meant.
            most = max((len(self._queries[number]) for number in numbers), default=0)
            numbers = [number for number in numbers if len(self._queries[number]) == most]
            numbers = numbers or ([] if given & frozenset().union(*(self._queries[n] for n in there)) else list(there))
            if numbers:
                return self._one(mention, numbers, "link", strong=True)
        numbers = self._numbers(mention.keys)
        hosts = {base.partition("/")[0] for base, _ in pages}
        pages_of = {address_key(self._products[number].link)[0] for number in numbers}
        strong = all(not page or page.partition("/")[0] in hosts for page in pages_of)
        return self._one(mention, numbers, "link_key", strong=strong)

    def _by_picture(self, mention: Mention) -> Found | None:
        numbers = self._files.get(mention.file, [])
        page = address_key(mention.links[0])
        same = [number for number in numbers if address_key(self._products[number].image) == page]
        if same:
            return self._one(mention, same, "image", strong=True)
        return self._one(mention, numbers or self._numbers(mention.keys), "image", strong=False)

    def _by_title(self, mention: Mention) -> Iterator[Found]:
        """The longest titles of a line, each word in one of them at most."""
        words = words_of(mention.line)
        letters = sum(not any(sign.isdigit() for sign in word) for word in words)
        at = 0
        while at < len(words):
            length = self._longest(words, at, alone=stands_alone(words))
            if not length:
                at += 1
                continue
            beside = letters - sum(not any(sign.isdigit() for sign in word) for word in words[at : at + length])
            own = beside <= MORE_WORDS and (length > 1 or beside == 0)
            evidence: Evidence = "text" if not own else "alt" if mention.kind == "alt" else "title"
            numbers = self._titles[" ".join(words[at : at + length])]
            if (found := self._one(mention, numbers, evidence, strong=own)) is not None:
                yield found
            at += length

    def _longest(self, words: list[str], at: int, *, alone: bool) -> int:
        """How many words from one on are a title; 0 when none begins there."""
        best = 0
        for length in range(1, min(LONGEST_TITLE, len(words) - at) + 1):
            run = " ".join(words[at : at + length])
            if run in self._titles and (length > 1 or alone):
                best = length
            if length == LONGEST_TITLE and run in self._heads:
                rest = [len(title.split()) for title in self._titles if title.startswith(f"{run} ")]
                longer = [size for size in rest if " ".join(words[at : at + size]) in self._titles]
                best = max([best, *longer])
        return best


def is_sure(evidence: Evidence) -> bool:
    """Whether a kind of evidence may be enough for an error."""
    return evidence not in _LEAST_SURE
