"""The facts about offers: `coupons`, `structured_data`."""

from __future__ import annotations

from mailcheck.content.coupons import Coupons, coupons_of
from mailcheck.content.links import Links
from mailcheck.content.markup import Markup
from mailcheck.content.prices_located import Prices
from mailcheck.content.structured import StructuredData, structured_data_of
from mailcheck.content.tags import Tags
from mailcheck.rule import fact
from mailcheck.run import Run


@fact
def coupons(prices: Prices, tags: Tags, run: Run, links: Links | None = None) -> Coupons:
    """The coupon codes of the message, in copy, pictures' texts and links, with the percentage of their offer."""
    spans = (tag.span for tag in tags if tag.own or tag.certain)
    return coupons_of(prices, links or (), spans, run.now.year)


@fact
def structured_data(markup: Markup) -> StructuredData:
    """The JSON-LD and microdata of the HTML part, with which mail clients show prices, codes and dates."""
    return structured_data_of(markup)
