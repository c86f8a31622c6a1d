"""The fact `prices`."""

from __future__ import annotations

from mailcheck.campaign import Campaign
from mailcheck.content.markup import Markup
from mailcheck.content.prices_located import Prices, prices_of
from mailcheck.content.tags import Tags
from mailcheck.rule import fact


@fact
def prices(campaign: Campaign, tags: Tags, markup: Markup | None = None) -> Prices:
    """Every price of the message, with what it is and where it stands; and where one comes from a merge tag."""
    return prices_of(campaign, markup, (tag.span for tag in tags if tag.own or tag.certain))
