"""How prices are written, and whether the parts of a mail agree about them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.content.lazily import lazy
from mailcheck.content.price_markets import market
from mailcheck.content.price_parts import (
    Differing,
    differing_lines,
    differing_prices,
    differing_titles,
    headline_prices,
)
from mailcheck.content.prices_located import LocatedPrice, PricedPart, Prices

_SETTLED = {
    ",": frozenset(
        (
            "AT",
            "BE",
            "BG",
            "BR",
            "CZ",
            "DE",
            "DK",
            "EE",
            "ES",
            "FI",
            "FR",
            "GR",
            "HR",
            "HU",
            "IT",
            "LT",
            "LV",
            "NL",
            "NO",
            "PL",
            "PT",
            "RO",
            "SE",
            "SI",
            "SK",
        )
    ),
    ".": frozenset(
        ("AU", "CN", "GB", "HK", "IE", "IL", "IN", "JP", "KR", "MX", "MY", "NZ", "PH", "SG", "TH", "TW", "US")
    ),
}
"""Territories in which everybody writes one decimal sign; in the others (CH, ZA, CA, CL …) both are met."""
_ONE_HOME = frozenset(("nb", "nn", "no", "da", "pl", "cs", "hu", "ja", "ko"))
"""Languages of one currency, told without a territory."""
_CENTS = lazy(r"\d([.,])\d\d(?![\d.,]*\d)")
_TERRITORY = lazy(r"[a-z]{2,3}(?:[-_][a-z]{4})?[-_]([a-z]{2})\b", re.IGNORECASE)
_PARTS = {"subject": "subject", "preheader": "preheader", "html": "HTML", "mjml": "HTML", "text": "text part"}


def _territory(locale: str) -> str:
    """The territory that a locale names or leaves no doubt about; else empty."""
    match = _TERRITORY.match(locale)
    if match is not None:
        return match[1].upper()
    language = locale[:2].lower()
    return market(language).territory if language in _ONE_HOME else ""


@rule(severity="warning")
@bad(text="Boots 49,00 €\nJacket 99,00 €\nHat $19.00", locale="de-DE", at="$19.00")
@bad(html="<p>Boots 49,00 €</p><p>Jacket <s>129,00 €</s> <b>$99.00</b></p>", locale="de-DE", at="$99.00")
@good(text="Boots 49,00 €\nJacket 99,00 €", locale="de-DE")
@good(text="Was £140 (€160), now £120 (€138)", locale="en-IE")
@good(text="Boots £49.00 ($62.00)\nJacket £99.00", locale="en-GB")
@good(text="Boots £49.00\nJacket 99,00 €", locales=["en-GB", "en-IE"])
def currency(prices: Prices, campaign: Campaign) -> Problems:
    """A price is in a currency of another market, while the others are in that of the reader.

    It was often left standing when the mail was made from that of another country. Two currencies side by side are taken
    for a conversion.
    """
    if not campaign.locales:
        skip("nobody said for which market it is (`locale` or `locales` in the manifest)")
    places = [_territory(one) for one in campaign.locales]
    if not all(places):
        skip("the locale names no territory, so the currency is not known; write it like en-GB")
    own = {market(one).currency for one in campaign.locales}
    if not any(one.found.currency in own for one in prices):
        return
    for part in prices.parts:
        for one in part.items:
            code = one.found.currency
            if code is None or code in own or one.found.amount == 0 or _is_converted(part, one, own):
                continue
            yield Problem(
                f"“{one.written}” is in {code}, but the other prices are in {' or '.join(sorted(own))}; "
                "write it in the currency of the reader.",
                at=one,
                data={"currency": code},
            )


def _is_converted(part: PricedPart, one: LocatedPrice, own: set[str]) -> bool:
    """Whether the price stands in one line with one in the reader's currency, or right beside it, or is half of a rate, `EUR/USD 1.08`."""
    text = part.text.text
    if text[: one.at[0]].endswith("/"):
        return True
    if any(_is_same_role(one, other) for other in part.within(*next(part.scopes(one))) if other.found.currency in own):
        return True
    number = part.items.index(one)
    for other in (*part.items[max(0, number - 1) : number], *part.items[number + 1 : number + 2]):
        first, second = sorted((one.at, other.at))
        between = text[first[1] : second[0]]
        if (
            other.found.currency in own
            and _is_same_role(one, other)
            and part.text.blocks
            and len(between.strip(" \n\u00a0()/≈~=")) == 0
        ):
            return True
    return False


def _is_same_role(one: LocatedPrice, other: LocatedPrice) -> bool:
    """Whether one price may be the other, converted: a new price is never an old one."""
    return one.kind == "was" or other.kind != "was"


@rule(severity="warning")
@bad(text="Wanderschuhe 49.90 €", locale="de-DE", at="49.90 €")
@bad(subject="Boots for £49,90", text="x", locale="en-GB", at="£49,90")
@good(text="Wanderschuhe 49,90 € oder 1.299 €, in New York $59.90", locale="de-DE")
@good(text="Schuhe CHF 49.90", locale="de-CH")
def number_format(prices: Prices, campaign: Campaign) -> Problems:
    """A price has the decimal sign of another country.

    Readers stumble over “49.90 €” in German and over “£49,90” in English, and take the mail for a translation at best. Only
    prices in the reader's own currency are judged, and only for countries in which everybody writes one sign.
    """
    if not campaign.locales:
        skip("nobody said for which market it is (`locale` or `locales` in the manifest)")
    signs = {sign for one in campaign.locales for sign, lands in _SETTLED.items() if _territory(one) in lands}
    if len(signs) != 1 or not all(
        any(_territory(one) in lands for lands in _SETTLED.values()) for one in campaign.locales
    ):
        return
    (sign,) = signs
    own = {market(one).currency for one in campaign.locales}
    for one in prices:
        match = _CENTS.search(one.written)
        if match is not None and match[1] != sign and one.found.currency in own:
            name = "comma" if sign == "," else "point"
            yield Problem(
                f"“{one.written}” should have a decimal {name} in this market.", at=one, data={"decimal": sign}
            )


_TWICE = lazy(
    r"(?<![$€£¥₹\w])(?:([$€£])[ \u00a0]?\1[ \u00a0]?(?=\d[\d.,]*[.,]\d\d\b|\d{2,}\b)\d[\d.,]*"
    r"|([$€£])[ \u00a0]?\d[\d.,]*[ \u00a0]?\2(?![ \u00a0]*[\d$€£]))"
)
_BRINGS_ITS_OWN = lazy(
    r"\|\s*(?:money(?:_with_currency|_without_trailing_zeros)?|currency|format_currency|formatCurrency)\b(?!_)"
    r"|\b(?:currency_format|number_to_currency|format_currency|formatCurrency)\b"
    r"|\b(?:currency|curr)[._]?(?:symbol|sign)\b",
    re.IGNORECASE,
)


@rule(severity="error")
@bad(html="<p>Only ${{ product.price | money }} today</p>", at="${{ product.price | money }}")
@bad(text="Only €€49.00 today", at="€€49.00")
@bad(text="Only € 49.00 € today", at="€ 49.00 €")
@good(html="<p>Only {{ product.price | money }} today, ${{ product.price }} in the shop</p>")
@good(text="From €49.00 to €59.00. Restaurants: $$. Was $5 $4 now")
@good(html="<p><s>89,00 €</s> <b>69,00 €</b></p>", locale="de-DE")
def double_symbol(prices: Prices) -> Problems:
    """A currency symbol stands twice, or beside a merge tag that brings its own.

    `$` beside `{{ price | money }}` is mailed as “$$49.00”.
    """
    for one in prices.tagged:
        if _BRINGS_ITS_OWN.search(one.tag):
            yield Problem(
                f"{one.tag} brings its own currency symbol, so readers see two; "
                f"take away the “{one.found.marker}” beside it.",
                at=one,
            )
    for part in prices.parts:
        for match in _TWICE.finditer(part.text.text):
            if part.text.is_quoted(match.start()) or not part.within(match.start(), match.end()):
                continue
            # Of “89,00 € 69,00 €” the first symbol is that of the price before.
            if not any(one.at[0] < match.start() < one.at[1] for one in part.items):
                yield Problem(
                    f"“{match[0]}” has its currency symbol twice; take one away.", at=part.text.span(*match.span())
                )


@rule(severity="error")
@bad(subject="Hiking boots now £199", html="<p>Hiking boots, now £249. Size 36 to 45.</p>", locale="en-GB", at="£199")
@bad(html="<p>Hiking boots £249</p>", text="Hiking boots £199", locale="en-GB", at="£199")
@bad(html="<p>Boots £50</p><p>Hat £20</p>", text="Boots £50\nHat £25", locale="en-GB", at="£25")
@good(subject="Hiking boots now £199", html="<p>Boots £199</p>", text="Boots: £199.00", locale="en-GB")
@good(subject="Win £500", html="<p>Boots {{ price }}</p>", locale="en-GB")
def parts_disagree(prices: Prices) -> Problems:
    """Subject, preheader, HTML and text part name different prices.

    It is an error when the two lines are about the same product; a warning when the price of the subject is merely not among
    those of the body. Prices that come from merge tags are not judged.
    """
    for pair in headline_prices(prices):
        yield Problem(
            f"{_says(pair.text)} is nowhere in the body, which says {_says(pair.html)}; correct one of them.",
            at=pair.text,
            severity="error" if pair.label else "warning",
            data={"price": f"{pair.text.found.amount:f}", "body": f"{pair.html.found.amount:f}"},
        )
    for pair in _between_parts(prices):
        label = f" for “{pair.label}”" if pair.label else ""
        yield Problem(
            f"HTML and text part name different prices{label}: {_says(pair.html)} · {_says(pair.text)}; correct one.",
            at=pair.text,
            data={"html": f"{pair.html.found.amount:f}", "text": f"{pair.text.found.amount:f}"},
        )


def _between_parts(prices: Prices) -> Iterator[Differing]:
    html, text = prices.of("html"), prices.of("text")
    if html is None or text is None or html.tagged or text.tagged:
        return
    lines = list(differing_lines(html, text))
    told = {id(pair.text) for pair in lines}
    lines += [pair for pair in differing_titles(html, text) if id(pair.text) not in told]
    yield from lines or differing_prices(html, text)


def _says(one: LocatedPrice) -> str:
    return f"{_PARTS.get(one.part, one.part)}: “{one.written}”"
