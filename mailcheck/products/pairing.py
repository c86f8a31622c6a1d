"""Prices and products: the smallest element around a price that is about one, its column, or what goes before."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mailcheck.campaign import Span
from mailcheck.catalogue.addresses import address_key
from mailcheck.catalogue.product import Product
from mailcheck.catalogue.wanted import words_of
from mailcheck.content.elements import Element
from mailcheck.content.lazily import lazy
from mailcheck.content.links import Link
from mailcheck.content.markup import Markup
from mailcheck.content.price_units import units
from mailcheck.content.prices_located import LocatedPrice, PricedPart
from mailcheck.products.grid import Grid
from mailcheck.products.items import MORE_WORDS, Evidence, Found, Item, is_sure

How = Literal["lca", "column", "section", "preceding", "only"]
"""How a pair was made: the price stands in the smallest element, line or paragraph that is about the product and about
nothing else; in its column of a grid; under its heading; behind it; or the part is about nothing else."""

Role = Literal["now", "was", "from", "unit", "lowest", "other"]

_ROLES: dict[str, Role] = {
    "plain": "now",
    "now": "now",
    "was": "was",
    "from": "from",
    "unit": "unit",
    "lowest_30_days": "lowest",
}
_WORD = lazy(r"[^\W\d_]{3,}")
_FEWEST_WORDS = 2
_MOST_PRICES = 3
"""A product has its price in a line, on a button, in the text of a picture; more are of several products."""
_MOST_PICTURES = 1
_SENTENCE_END = lazy(r"[.!?;…][”\"’)]*\s|[|•·。！？]")
_LONGEST_SENTENCE = 300
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PRIORITY: dict[Evidence, int] = {"data": 0, "link": 1, "title": 2, "alt": 3, "link_key": 4, "image": 5, "text": 6}


class Pair(Struct, frozen=True):
    """A price of the mail and the product that it is of.

    Args:
        price: as it stands.
        item: the product with all its variants.
        products: the variants that may be meant.
        role: what the price is.
        how: how the pair was made.
        evidence: what says that the product is meant there.
        strong: whether there is no doubt; only such a pair may be an error.
        mention: where the mail speaks of the product.
        mention_at: the same as an offset, as scopes are counted.
        scope: (start, end) of the stretch that the pair was made in, in the source.
    """

    price: LocatedPrice
    item: Item
    products: tuple[Product, ...]
    role: Role
    how: How
    evidence: Evidence
    strong: bool
    mention: Span
    mention_at: int
    scope: tuple[int, int]

    @property
    def name(self) -> str:
        """What people call the product."""
        return min((one.name for one in self.products), key=len)


class Stage(Struct, frozen=True, dict=True):
    """A part whose prices are paired.

    Args:
        priced: its prices.
        found: what leads to products, in order.
        foreign: places that are about something else: links to other pages, headings of other things.
        pictures: places of pictures that are not known to be of a product.
        markup: of an HTML part.
    """

    priced: PricedPart
    found: Sequence[Found]
    foreign: Sequence[int]
    pictures: Sequence[int] = ()
    markup: Markup | None = None

    @cached_property
    def _ats(self) -> list[int]:
        return [one.at for one in self.found]

    @cached_property
    def _price_ats(self) -> list[int]:
        return [self.offset(one) for one in self.priced.items]

    @cached_property
    def grid(self) -> Grid | None:
        return None if self.markup is None else Grid(self.markup)

    @cached_property
    def headings(self) -> list[int]:
        """Where headings begin."""
        return [] if self.markup is None else [one.span.start for one in self.markup.named(*_HEADINGS)]

    def offset(self, price: LocatedPrice) -> int:
        """Where a price stands, as mentions are counted."""
        return price.at[0] if self.markup is None else price.span.start

    def within(self, start: int, end: int) -> Sequence[Found]:
        """What leads to products in a stretch."""
        return self.found[bisect_left(self._ats, start) : bisect_left(self._ats, end)]

    def strangers(self, start: int, end: int) -> int:
        """How many other things a stretch is about."""
        return bisect_left(self.foreign, end) - bisect_left(self.foreign, start)

    def prices(self, start: int, end: int) -> Sequence[LocatedPrice]:
        """The prices of a stretch."""
        return self.priced.items[bisect_left(self._price_ats, start) : bisect_left(self._price_ats, end)]

    def _is_pair(self, news: Sequence[LocatedPrice]) -> bool:
        """Whether prices are an old and a new one: two amounts, and hardly a word between them."""
        text = self.priced.text.text
        between = (text[one.at[1] : other.at[0]] for one, other in pairwise(news))
        return len(_amounts(news)) == 2 and not any(_WORD.search(words) for words in between)

    def is_clear(self, start: int, end: int) -> bool:
        """Whether a stretch is about one thing: nothing else is in it, and no more prices than one thing has."""
        prices = self.prices(start, end)
        news = [one for one in prices if one.kind in ("plain", "now")]
        if self.strangers(start, end) or len(news) > _MOST_PRICES:
            return False
        amounts = _amounts(prices)
        if len(amounts) > 1 and (any(one.kind == "was" for one in prices) or not self._is_pair(news)):
            return False
        return len(_between(self.pictures, start, end)) <= _MOST_PICTURES


def _amounts(prices: Sequence[LocatedPrice]) -> set[Decimal]:
    """The amounts that may be new prices."""
    return {one.found.amount for one in prices if one.kind in ("plain", "now")}


def pairs_of(stage: Stage) -> Iterator[Pair]:
    """The pairs of a part, in the order of its prices."""
    made = [_pair(stage, price) for price in stage.priced.items if price.kind in _ROLES and stage.found]
    yield from _settled(stage, _with_roles([one for one in made if one is not None]))


def _pair(stage: Stage, price: LocatedPrice) -> Pair | None:
    if len(_amounts(stage.priced.within(*next(stage.priced.scopes(price))))) > 2:
        return None
    at = stage.offset(price)
    ancestor: tuple[int, int] | None = None
    element: Element | None = None
    for start, end, around in _scopes(stage, price):
        found = stage.within(start, end)
        if not found:
            if stage.strangers(start, end):
                return None
            continue
        if len(_items(found)) == 1 and stage.is_clear(start, end):
            return _made(stage, price, found, "lca", (start, end))
        ancestor, element = (start, end), around
        break
    if ancestor is None:
        ancestor = (0, len(stage.priced.part.text))
        if len(_items(stage.found)) == 1 and stage.is_clear(*ancestor):
            return _made(stage, price, stage.found, "only", ancestor)
    column = stage.grid.column(element, at) if stage.grid is not None else None
    if column is not None:
        # A row that is about something by itself is no row of prices only.
        if _events(stage, column.beside)[0]:
            return _by_order(stage, price, column.beside, "preceding")
        return _by_order(stage, price, column.cells, "column")
    return _by_section(stage, price, ancestor) or _by_order(stage, price, [ancestor], "preceding")


def _scopes(stage: Stage, price: LocatedPrice) -> Iterator[tuple[int, int, Element | None]]:
    """Stretches around a price from the inside out: elements of HTML; the line and the paragraph of a text."""
    if stage.grid is not None:
        for element in stage.grid.around(price.span.start):
            whole = element.whole
            yield whole.start, whole.end, element
        return
    for start, end in stage.priced.scopes(price):
        yield start, end, None


def _items(found: Sequence[Found]) -> dict[int, Item]:
    return {one.item.number: one.item for one in found}


def _made(stage: Stage, price: LocatedPrice, found: Sequence[Found], how: How, scope: tuple[int, int]) -> Pair:
    """A pair with the best evidence there is; the variants that all of the evidence allows."""
    best = min(found, key=lambda one: (not one.strong, _PRIORITY[one.evidence], one.at))
    products = best.products
    for one in found:
        common = tuple(product for product in products if product in one.products)
        products = common or products
    sure = how == "lca" and best.strong and is_sure(best.evidence) and not _is_in_prose(stage, price, best)
    return Pair(price, best.item, products, _ROLES[price.kind], how, best.evidence, sure, best.span, best.at, scope)


def _is_in_prose(stage: Stage, price: LocatedPrice, best: Found) -> bool:
    """Whether the price stands in a sentence among others that does not name the product and says more than a price.

    `A guide to the hills is £85.` is no price of the boots whose link stands in the sentence before.
    """
    text = stage.priced.text.text
    start, end = price.at
    above = text[max(0, start - _LONGEST_SENTENCE) : start].rpartition("\n")[2]
    below = text[end : end + _LONGEST_SENTENCE].partition("\n")[0]
    before = _SENTENCE_END.split(above)[-1]
    behind = _SENTENCE_END.split(below, maxsplit=1)[0]
    if (
        best.evidence == "data"
        or price.kind not in ("plain", "now")
        or (before == above and len(behind) + 1 >= len(below.rstrip()))
    ):
        return False
    said = words_of(f"{before} {behind}")
    titles = [set(words_of(one.title)) for one in best.item.products]
    if any(title and title <= set(said) for title in titles):
        return False
    known = units().fillers.union(*titles)
    return len([word for word in said if word.isalpha() and word not in known]) > MORE_WORDS


def _by_section(stage: Stage, price: LocatedPrice, ancestor: tuple[int, int]) -> Pair | None:
    """The product of the heading above."""
    at = stage.offset(price)
    number = bisect_right(stage.headings, at)
    if not number or stage.headings[number - 1] < ancestor[0]:
        return None
    end = min(stage.headings[number] if number < len(stage.headings) else ancestor[1], ancestor[1])
    start = stage.headings[number - 1]
    found = stage.within(start, end)
    # The heading may call the product otherwise.
    if len(_items(found)) != 1 or not stage.is_clear(start + 1, end):
        return None
    return _made(stage, price, found, "section", (start, end))


def _events(stage: Stage, stretches: Sequence[tuple[int, int]]) -> tuple[list[int], list[Found]]:
    """Where some stretches begin to be about something, known or not; and what of it is known."""
    found = [one for stretch in stretches for one in stage.within(*stretch)]
    strange = [at for places in (stage.foreign, stage.pictures) for one in stretches for at in _between(places, *one)]
    return sorted({*(one.at for one in found), *strange}), found


def _by_order(stage: Stage, price: LocatedPrice, stretches: Sequence[tuple[int, int]], how: How) -> Pair | None:
    """The product that goes before; where every product follows its price, that; else only what is both."""
    at = stage.offset(price)
    events, every = _events(stage, stretches)
    prices = [stage.offset(one) for stretch in stretches for one in stage.prices(*stretch) if one.kind in _ROLES]
    if not every or not prices:
        return None
    known = [one.at for one in every]
    titled = any(one.evidence in ("title", "text") for one in every)
    number = bisect_left(events, at)
    before, behind = events[:number][-1:], events[number:][:1]
    goes_before = titled or (min(known) < min(prices) and max(known) < max(prices))
    follows = not goes_before and min(prices) < min(known) and max(prices) < max(known)
    chosen = behind if follows else before if goes_before else [*before, *behind]
    found = [one for one in every if one.at in chosen]
    if len(_items(found)) != 1 or {one.at for one in found} != set(chosen):
        return None
    return _made(stage, price, found, how, (min(at, *chosen), max(at, *chosen)))


def _between(places: Sequence[int], start: int, end: int) -> Sequence[int]:
    return places[bisect_left(places, start) : bisect_left(places, end)]


def _with_roles(pairs: list[Pair]) -> Iterator[Pair]:
    """Of two prices of a product that nothing tells apart, the higher is the old one."""
    by_scope: dict[tuple[int, tuple[int, int]], list[Pair]] = {}
    for one in pairs:
        by_scope.setdefault((one.item.number, one.scope), []).append(one)
    for one in pairs:
        beside = by_scope[one.item.number, one.scope]
        plain = {other.price.found.amount for other in beside if other.role == "now"}
        told = any(other.role == "was" for other in beside)
        is_old = one.role == "now" and not told and len(plain) == 2 and one.price.found.amount == max(plain)
        yield replace(one, role="was") if is_old and one.price.kind == "plain" else one


def _settled(stage: Stage, pairs: Iterator[Pair]) -> Iterator[Pair]:
    """Without pairs that a nearer one makes doubtful: who has a price needs none from farther off.

    An old price may stand outside of the button that has the new one, if no other new one does.
    """
    every = list(_first_ones(pairs))
    for one in every:
        nearer = next((other for other in every if _is_nearer(other, one)), None)
        if nearer is None:
            yield one
        elif one.role == "was" and not _has_old(every, nearer):
            around = sum(price.kind in ("plain", "now") for price in stage.prices(*one.scope))
            inside = sum(price.kind in ("plain", "now") for price in stage.prices(*nearer.scope))
            if around == inside:
                yield one


def _is_nearer(other: Pair, one: Pair) -> bool:
    """Whether another pair has the new price of the same product, in a stretch within that of this one."""
    if other.item is not one.item or other.role != "now" or other.how not in ("lca", "section"):
        return False
    if one.how == "preceding":
        # What speaks of the product there has a price of its own beside it.
        return one.price.part == other.price.part and other.scope[0] <= one.mention_at < other.scope[1]
    return other.scope != one.scope and one.scope[0] <= other.scope[0] and other.scope[1] <= one.scope[1]


def _has_old(every: Sequence[Pair], pair: Pair) -> bool:
    """Whether the product of a pair has an old price in the same stretch."""
    return any(one.item is pair.item and one.role == "was" and one.scope == pair.scope for one in every)


def _first_ones(pairs: Iterator[Pair]) -> Iterator[Pair]:
    """Of what was paired by its order, the first price of each role: behind it something else begins."""
    seen: dict[tuple[int, int], dict[Role, set[Decimal]]] = {}
    for one in pairs:
        if one.how == "lca":
            yield one
            continue
        roles = seen.setdefault((one.item.number, one.mention.start), {})
        amounts = roles.setdefault(one.role, set())
        amounts.add(one.price.found.amount)
        if all(len(known) == 1 for known in roles.values()):
            yield one


def unknown_pictures(links: Sequence[Link], found: Sequence[Found]) -> Iterator[int]:
    """Where pictures with a text of their own stand that leads to no product."""
    known = {one.at for one in found}
    for link in links:
        element = link.element
        if link.kind == "image" and element is not None and link.place == "src" and not link.outlook:
            around = {one.span.start for one in element.ancestors if one.name == "a"}
            if (element.get("alt") or "").strip() and element.span.start not in known and not around & known:
                yield element.span.start


def foreign_links(links: Sequence[Link], found: Sequence[Found]) -> Iterator[int]:
    """Where a part leads to other pages than those of products."""
    known = {one.span.start for one in found if one.mention.kind == "link"}
    pages = {address_key(link)[0] for one in found if one.mention.kind == "link" for link in one.mention.links}
    for link in links:
        if not (link.is_followed and link.is_web) or link.outlook or link.span.start in known:
            continue
        base = address_key(link.shape)[0]
        if base and base not in pages:
            yield link.element.span.start if link.element is not None else link.span.start


def foreign_headings(markup: Markup, found: Sequence[Found]) -> Iterator[int]:
    """Where headings of other things begin; one that says little more than a price is none."""
    ats = [one.at for one in found]
    for heading in markup.named(*_HEADINGS):
        whole = heading.whole
        words = _WORD.findall(heading.text)
        is_price = any(sign.isdigit() for sign in heading.text) and len(words) < _FEWEST_WORDS
        if words and not is_price and bisect_left(ats, whole.start) == bisect_left(ats, whole.end):
            yield whole.start
