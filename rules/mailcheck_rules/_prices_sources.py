"""Where prices come from: from data beside typed ones, and from pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from mailcheck import Problem, Problems, Span, bad, good, rule
from mailcheck.content.images import Images, Picture
from mailcheck.content.lazily import lazy
from mailcheck.content.price_text import common_tags
from mailcheck.content.price_units import units
from mailcheck.content.price_words import tokens, words_of
from mailcheck.content.prices import find_prices
from mailcheck.content.prices_located import LocatedPrice, PricedPart, Prices

_COMPARED = ("plain", "was", "now", "from")
_LONGEST = 300
_WORD = lazy(r"[^\W\d_]{2,}")
_PRICE_FIELD = lazy(
    r"(?:price|preis|prix|precio|pre[cç]o|prezzo|\bpris|prijs|\bcena|\bamount\b|compare_at)(?!\w*(?:_?(?:rule|list|id|url|currency|type)))",
    re.IGNORECASE,
)
_LOGIC = lazy(r"^\{%|^\{\{[#/^]|^\*\|(?:IF|ELSE|END)|^<%[^=]|^\{[#$]?(?:if|/if|foreach)\b", re.IGNORECASE)
_IN_FILE_NAME = lazy(
    r"(?<![a-z0-9])(?:(?P<first>usd|eur|gbp|chf|nok|sek|dkk|pln|czk)[-_]?)?(?P<amount>\d{1,5}(?:[-_.,]\d\d)?)[-_]?"
    r"(?P<behind>kr|kc|zl|euros?|eur|usd|gbp|chf|nok|sek|dkk|pln|czk|dollars?|pounds?|kroner|kronor)?(?![a-z0-9])",
    re.IGNORECASE,
)


# from data


@rule(severity="warning")
@bad(html="<p>Hiking boots £199, now £{{ product.price }}</p>", locale="en-GB", at="£199")
@bad(html="<div><h2>Boots</h2><p>{{ item.price | money }}</p><p>€ 49,00</p></div>", locale="de-DE", at="€ 49,00")
@bad(html="<p>Hiking boots, red: £{{ price }}</p>", text="Hiking boots, red: £199", locale="en-GB", at="£199")
@good(html="<p>Boots £{{ price }}, free delivery over £50</p><p>Hat £20</p>", locale="en-GB")
@good(html="<p>Boots: was £{{ old_price }}, now £{{ price }}</p>", text="Boots: £{{ price }}", locale="en-GB")
def personalised(prices: Prices) -> Problems:
    """A price comes from data, and a typed one stands beside it for the same offer.

    When the data changes, only one of the two does: readers see “was £199, now £249”, or another price in the text part than in
    the HTML. Let both come from data, or type both. Amounts to be spent, shipping and prices for a measure are not compared.
    """
    compares = _comparing(prices.market.language)
    for part in prices.parts:
        for at, tag in _tagged(part):
            fixed = _beside(part, at, compares)
            if fixed is not None:
                yield Problem(
                    f"“{fixed.written}” is typed, but “{tag}” beside it comes from data and may say something else; "
                    "take both from data, or type both.",
                    at=fixed,
                    data={"tag": tag, "price": f"{fixed.found.amount:f}"},
                )
    yield from _between_parts(prices)


def _tagged(part: PricedPart) -> Iterator[tuple[tuple[int, int], str]]:
    """The merge tags of a part that print a price: where they stand in its text, and how they are written."""
    text = part.text.text
    marked = {one.tag for one in part.tagged}
    for start, end in common_tags(text):
        tag = text[start:end]
        if not _LOGIC.match(tag) and (tag in marked or _PRICE_FIELD.search(tag)):
            yield (start, end), tag


class _Place:
    """A stretch of a text with its place."""

    def __init__(self, part: PricedPart, at: tuple[int, int]) -> None:
        self.at = at
        self.span: Span = part.text.span(*at)


def _comparing(language: str) -> frozenset[str]:
    """The words of a language that say that a price is the old or the new one, and those that say nothing."""
    known = words_of(language).before.values()
    said = (phrase for phrases in known for phrase, meaning in phrases if meaning in ("was", "now"))
    return units().fillers.union(*said)


def _beside(part: PricedPart, at: tuple[int, int], compares: frozenset[str]) -> LocatedPrice | None:
    """The one typed price in the line of a tag, or in the smallest element around it with any price."""
    for scope in part.scopes(_Place(part, at)):
        if scope[1] - scope[0] > _LONGEST:
            return None
        found = part.within(*scope)
        if found:
            one = found[0]
            alone = len(found) == 1 and one.kind in _COMPARED and one.found.amount > 0
            return one if alone and _is_one_thing(part, one.at, at, compares) else None
    return None


def _is_one_thing(part: PricedPart, one: tuple[int, int], other: tuple[int, int], compares: frozenset[str]) -> bool:
    """Whether nothing stands between the two but words for an old or a new price."""
    first, second = sorted((one, other))
    between = part.text.text[first[1] : second[0]]
    return not re.search(r"[.!?;]\s", between) and all(word in compares for word in tokens(between) if word.isalpha())


def _between_parts(prices: Prices) -> Iterator[Problem]:
    """Lines with the same words in two parts: here a price from data, there a typed one."""
    html, text = prices.of("html"), prices.of("text")
    if html is None or text is None:
        return
    for data, typed in ((html, text), (text, html)):
        labels = {_label(data, at): tag for at, tag in _tagged(data)}
        for one in typed.items:
            label = _label(typed, one.at)
            if one.kind in _COMPARED and len(label.split()) > 1 and label in labels:
                yield Problem(
                    f"“{one.written}” is typed, but “{labels[label]}” stands in its place in the other part; "
                    "take both from data, or type both.",
                    at=one,
                    data={"tag": labels[label], "price": f"{one.found.amount:f}"},
                )


def _label(part: PricedPart, at: tuple[int, int]) -> str:
    """The words of the line around a price or tag; empty when it has several prices."""
    start, end = next(part.scopes(_Place(part, at)))
    text = part.text.text
    tags = [tag for tag in common_tags(text[start:end]) if tag[0] + start != at[0]]
    if end - start > _LONGEST or tags or len(part.within(start, end)) > 1:
        return ""
    return " ".join(_WORD.findall(f"{text[start : at[0]]} {text[at[1] : end]}")).lower()


# from pictures


@rule(severity="info")
@bad(
    html='<img src="boots.png" alt="Hiking boots, now £199"><p>Shop now</p>',
    locale="en-GB",
    at="Hiking boots, now £199",
)
@bad(html='<img src="boots-199-kr.png" alt="Tursko"><p>Kjøp nå</p>', locale="nb-NO", at="boots-199-kr.png")
@good(html='<img src="boots.png" alt="Hiking boots, now £199"><p>Now £199</p>', locale="en-GB")
@good(html='<img src="boots-600-400.png" alt="Hiking boots"><p>Shop now</p>', locale="en-GB")
def only_in_image(prices: Prices, images: Images) -> Problems:
    """A price seems to stand in a picture only; neither HTML nor text part names any.

    What a picture shows cannot be read here, so its prices are compared with nothing. Readers who load no pictures do not see
    them either, unless the alternative text says them. Told is what the alternative text or the name of the file gives away.
    """
    bodies = [part for part in (prices.of("html"), prices.of("text")) if part is not None]
    if any(part.items or part.tagged or any(_tagged(part)) for part in bodies):
        return
    for picture in images.shown:
        if picture.is_hidden or picture.is_pixel:
            continue
        said = _said(picture, prices.locale)
        attribute = picture.element.attribute("alt")
        if said and attribute is not None:
            yield Problem(
                f"The price “{said}” stands in this picture, and nowhere in the text; write it in the text as well.",
                at=attribute.value_span,
                data={"price": said},
            )
        elif not said and (amount := _in_file_name(picture)) is not None:
            yield Problem(
                f"The name of this picture speaks of a price ({amount:f}), and neither its alternative text nor the mail does; "
                "make sure that readers without pictures see the price.",
                at=picture,
                data={"price": f"{amount:f}"},
            )


def _said(picture: Picture, locale: str) -> str:
    """The first price of the alternative text, as written."""
    alt = picture.alt or ""
    found = find_prices(alt, locale=locale) if any(sign.isdigit() for sign in alt) else ()
    return next((alt[slice(*one.span)] for one in found if one.kind in _COMPARED), "")


def _in_file_name(picture: Picture) -> Decimal | None:
    """The amount of a file name with a currency: `boots-199-kr.png`, `eur-49-95.jpg`."""
    name = picture.address.partition("?")[0].rpartition("/")[2].rpartition(".")[0]
    for match in _IN_FILE_NAME.finditer(name):
        if match["first"] or match["behind"]:
            return Decimal(re.sub(r"[-_,]", ".", match["amount"]))
    return None
