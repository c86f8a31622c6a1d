"""Prices in the text of a mail: amount, currency, what they are, and where they stand.

Digits first, then what stands beside them; all markers of all locales count at once. What the text does not tell is
left open: a currency that may be several is `None` with its candidates, digits that may be read in two ways keep both.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from msgspec import Struct

from mailcheck.content.price_context import Kind
from mailcheck.content.price_kinds import kinds_of
from mailcheck.content.price_markers import SPACES, Found, near
from mailcheck.content.price_markets import market
from mailcheck.content.price_ranges import join_ranges
from mailcheck.content.price_scan import Hit, Scanner
from mailcheck.content.price_text import Flat, blanked, common_tags, flatten


class Price(Struct, frozen=True):
    """A price as a reader meets it.

    Args:
        amount: the amount; of a range the lower end; of a price in cents, in the main unit.
        amount_max: the upper end of a range, else `None`.
        currency: as in ISO 4217; `None` when the text and the locale do not tell.
        candidates: every currency that the marker may mean, in alphabetical order.
        kind: what the words around it say that it is.
        span: (start, end) in the text: amount and marker, without the words around them.
        marker: the marker as written, `kr`; for a price that only its form shows that form, `,-`.
        other: another amount that the digits may mean, `1.299` or the last group of `15 999`; else `None`.
    """

    amount: Decimal
    currency: str | None
    kind: Kind
    span: tuple[int, int]
    amount_max: Decimal | None = None
    candidates: tuple[str, ...] = ()
    marker: str = ""
    other: Decimal | None = None


class TaggedPrice(Struct, frozen=True):
    """A currency beside a merge tag: the amount comes from data and is not known here.

    Args:
        tag: (start, end) of the tag in the text.
        span: (start, end) of tag and marker.
        currency, candidates, marker: as in `Price`.
    """

    tag: tuple[int, int]
    span: tuple[int, int]
    currency: str | None
    candidates: tuple[str, ...]
    marker: str


def _plain(value: Decimal) -> Decimal:
    """Without the zeros of writing: 19.90 is 19.9, 1E+3 is 1000."""
    if value.as_tuple().exponent == 0:
        return value
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


@cache
def _in_order(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(codes))


def price_of(hit: Hit, kind: Kind, flat: Flat) -> Price:
    """A price as found, with offsets of the original text."""
    return Price(
        amount=_plain(hit.value),
        currency=hit.currency,
        kind=kind,
        span=flat.source(hit.start, hit.end),
        amount_max=None if hit.high is None else _plain(hit.high),
        candidates=_in_order(hit.codes),
        marker=hit.marker,
        other=None if hit.other is None else _plain(hit.other),
    )


def find_prices(text: str, *, locale: str, tags: Sequence[tuple[int, int]] | None = None) -> tuple[Price, ...]:
    """The prices of a text, in order; a number without a marker is none.

    Args:
        text: copy as it is read; entities (`&euro;`) and no-break spaces are understood.
        locale: the reader's, `nb_NO`; without a territory its likely one counts.
        tags: where merge tags stand, as (start, end); nothing is found in them or across them. Without it the usual
            syntaxes are known.

    Raises:
        ValueError: `locale` is no locale.
    """
    place = market(locale)
    flat = flatten(blanked(text, common_tags(text) if tags is None else tags))
    scanner = Scanner(flat.text, place)
    hits = join_ranges(scanner, list(scanner.hits()))
    return tuple(price_of(hit, kind, flat) for hit, kind in zip(hits, kinds_of(flat.text, hits, place), strict=True))


def _belongs_elsewhere(before: str, behind: str, left: Found | None, right: Found | None) -> bool:
    """Whether the currency beside a tag is that of a number on its other side: `{{ name }} £45`, `45 € {{ name }}`."""
    if left is not None:
        return not left.tight and before[: left.start].rstrip(SPACES)[-1:].isdigit()
    return right is not None and not right.tight and behind[right.end :].lstrip(SPACES)[:1].isdigit()


def find_tagged_prices(
    text: str, *, locale: str, tags: Sequence[tuple[int, int]] | None = None
) -> tuple[TaggedPrice, ...]:
    """Currencies that stand beside a merge tag, `$ {{ price }}`, in order.

    Args and errors as for `find_prices`.
    """
    place = market(locale)
    markers = near(place)
    found = []
    for start, end in common_tags(text) if tags is None else tags:
        before = flatten(text[max(0, start - 16) : start])
        behind = flatten(text[end : end + 16])
        left = markers.before(before.text, len(before.text), 0)
        right = markers.behind(behind.text, 0) if left is None else None
        beside = left or right
        if beside is None or _belongs_elsewhere(before.text, behind.text, left, right):
            continue
        if beside.marker.minor or (beside.marker.code and beside.marker.codes[0] != place.currency):
            continue
        first = max(0, start - 16) + before.source(beside.start, beside.end)[0] if left else start
        last = end if left else end + behind.source(beside.start, beside.end)[1]
        marker = beside.marker
        found.append(
            TaggedPrice((start, end), (first, last), marker.currency(place), tuple(sorted(marker.codes)), marker.text)
        )
    return tuple(found)
