"""Coupon codes of a message: what is written in copy, in pictures' alternative texts and in links, and with which offer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.coupon_words import announced
from mailcheck.content.entities import decode_value
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG, decoded
from mailcheck.content.links import Link
from mailcheck.content.price_percents import find_percents
from mailcheck.content.price_text import blanked, common_tags
from mailcheck.content.prices_located import PricedPart, Prices

Source = Literal["copy", "image", "link"]

_PERCENT = lazy(r"(?<![\d.,])(\d{1,2})(?:[.,]0)?[ \u00a0\u202f]?[%％٪]|(?<![\w%])[%٪](\d{1,2})(?![\w%])")
_UP_TO = lazy(
    r"(?:\b(?:up to|upto|as much as|over|more than|at least|bis zu|opptil|inntil|upptill|upp till|op til|tot|jusqu['’][àa]u?|hasta|até|fino al?"
    r"|až|nawet|do|mehr als|über|vähintään|jopa|akár|până la|до|έως)|最大|최대|高达|-e varan)[ \u00a0]*(?:an extra |un |el |ao )?[-–−]?[ \u00a0]?\d{1,2}[ \u00a0]?[%％]",
    re.IGNORECASE,
)
_NUMBER = lazy(r"\d+")
_LONGEST = 400
_QUERY_NAMES = (
    "coupon couponcode coupon_code coupon-code coupons discount discountcode discount_code discount-code promocode promo_code promo-code voucher"
    " vouchercode voucher_code gutschein gutscheincode kortingscode rabattkode rabattkod kampanjkod codepromo code_promo cupon cupom"
    " redeem_code redeem apply_coupon applycoupon"
)
_IN_QUERY = frozenset(_QUERY_NAMES.split())
_ONLY_CODES = frozenset(("promo", "code", "kod", "kode", "offer_code", "pc"))
"""Names of parameters that hold other things as well."""
_SHOP_PATH = lazy(r"/discount/([^/?#]{3,40})", re.IGNORECASE)
_CODE = lazy(r"[^\W_][\w-]{2,30}[^\W_]")
_PLAIN_CODE = lazy(r"[A-Z][A-Z0-9-]*[0-9][A-Z0-9-]*")
_NO_CODES = (
    "true false none null auto test apply applied automatic free yes summer winter banner header footer newsletter"
)
_WORDS = frozenset(_NO_CODES.split())


class Coupon(Struct, frozen=True):
    """A coupon code and its place.

    Args:
        code: as written, character references resolved.
        span: where it stands.
        source: copy that is read, the alternative text of a picture, or the address of a link.
        percents: the percentages of the offer that it belongs to: those of its line, else of the smallest element with any.
        numbers: every number of that stretch, digits only; that of the code itself left out.
        said: the text of that stretch, white space folded; empty in a link.
        at: (start, end) in the text of its part, as `PartText` lays it out; (0, 0) outside of it.
        up_to: that stretch names a percentage that is a limit only, `up to 50 %`.
    """

    code: str
    span: Span
    source: Source
    percents: tuple[Decimal, ...] = ()
    numbers: frozenset[str] = frozenset()
    said: str = ""
    at: tuple[int, int] = (0, 0)
    up_to: bool = False

    @property
    def part(self) -> str:
        """Name of the part that it stands in."""
        return self.span.part.name

    @property
    def key(self) -> str:
        """The code as shops compare it, which mostly means without case."""
        return self.code.upper()


class Coupons(Struct, frozen=True):
    """Every coupon code of a message, in the order in which a reader meets the parts.

    Args:
        items: the codes; one that stands in several places is there several times.
        percents: every percentage that the message says to be taken off.
        written: every percentage that it names.
        year: the year of the run: digits of a code that are those of a year are no discount.
    """

    items: tuple[Coupon, ...] = ()
    percents: frozenset[Decimal] = frozenset()
    written: frozenset[Decimal] = frozenset()
    year: int = 0

    def __iter__(self) -> Iterator[Coupon]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def of(self, *sources: Source) -> Iterator[Coupon]:
        return (one for one in self.items if one.source in sources)


def coupons_of(prices: Prices, links: Iterable[Link], tags: Iterable[Span], year: int) -> Coupons:
    """Read the codes of every part that a recipient reads.

    Args:
        prices: the parts, as they are read.
        tags: merge tags; a code that comes from one is not known here.
    """
    covered = list(tags)
    found: list[Coupon] = []
    percents: set[Decimal] = set()
    written: set[Decimal] = set()
    for part in prices.parts:
        found += _in_copy(part, covered)
        found += _in_images(part)
        percents.update(one.value for one in find_percents(part.text.text))
        written.update(_percents(part.text.text))
    found += (one for link in links if link.is_followed and (one := _in_link(link)) is not None)
    return Coupons(tuple(found), frozenset(percents), frozenset(written), year)


def _in_copy(part: PricedPart, tags: list[Span]) -> Iterator[Coupon]:
    text = part.text.text
    seen: set[tuple[int, int]] = set()
    for start, end in announced(blanked(text, common_tags(text))):
        span = part.text.span(start, end)
        hidden = any(tag.part is span.part and tag.start < span.end and span.start < tag.end for tag in tags)
        if (start, end) not in seen and not hidden and not part.text.is_quoted(start):
            seen.add((start, end))
            yield _with_offer(part, Coupon(text[start:end], span, "copy", at=(start, end)))


def _with_offer(part: PricedPart, one: Coupon) -> Coupon:
    """The code with what its line says, or the smallest element around it that names a percentage."""
    text = part.text.text
    chosen: tuple[int, int] | None = None
    for scope in part.scopes(one):
        if chosen is not None and scope[1] - scope[0] > _LONGEST:
            break
        if chosen is None or any(_percents(text[slice(*scope)])):
            chosen = scope
        if any(_percents(text[slice(*chosen)])):
            break
    start, end = chosen or one.at
    around = f"{text[start : one.at[0]]} {text[one.at[1] : end]}"
    return Coupon(
        one.code,
        one.span,
        one.source,
        tuple(sorted(set(_percents(around)))),
        frozenset(_NUMBER.findall(around)),
        " ".join(text[start:end].split())[:_LONGEST],
        one.at,
        _UP_TO.search(around) is not None,
    )


def _percents(text: str) -> Iterator[Decimal]:
    if "%" in text or "％" in text or "٪" in text:
        for match in _PERCENT.finditer(text):
            yield Decimal(match[1] or match[2])


def _in_images(part: PricedPart) -> Iterator[Coupon]:
    """The codes that the alternative texts of pictures say."""
    if not part.text.blocks:
        return
    for image in part.text.blocks[0].pieces[0].markup.named("img"):
        attribute = image.attribute("alt")
        if attribute is None or not attribute.raw:
            continue
        text = decode_value(attribute.raw)
        for start, end in announced(text):
            same = text == attribute.raw
            span = (
                part.part.at(attribute.value_start + start, attribute.value_start + end)
                if same
                else attribute.value_span
            )
            around = text[:start] + " " + text[end:]
            numbers = frozenset(_NUMBER.findall(around))
            yield Coupon(text[start:end], span, "image", tuple(sorted(set(_percents(around)))), numbers, text)


def _in_link(link: Link) -> Coupon | None:
    """The code that a link brings along: `?coupon=SAVE20`, `/discount/SAVE20`."""
    for one in link.address.parameters:
        name = one.name.lower()
        if name in _IN_QUERY or name in _ONLY_CODES:
            wanted = _CODE if name in _IN_QUERY else _PLAIN_CODE
            if _is_code(one.value) and wanted.fullmatch(one.value):
                end = one.end
                start = end - len(link.shape[one.start : end].partition("=")[2])
                return Coupon(one.value, link.at((start, end)), "link")
    path = _SHOP_PATH.search(link.path)
    if path is None or link.address.path is None:
        return None
    code, base = decoded(path[1]), link.address.path[0]
    if not _is_code(code) or not _CODE.fullmatch(code):
        return None
    return Coupon(code, link.at((base + path.start(1), base + path.end(1))), "link")


def _is_code(value: str) -> bool:
    """Whether a value is written like a code; merge tags and switches are none."""
    letters = any(sign.isalpha() for sign in value)
    looks = any(sign.isupper() for sign in value) or any(sign.isdigit() for sign in value)
    return TAG not in value and letters and looks and 4 <= len(value) <= 32 and value.lower() not in _WORDS
