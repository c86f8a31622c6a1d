"""The facts `send_time` and `dates`."""

from __future__ import annotations

from mailcheck.campaign import Campaign
from mailcheck.content.copyrights import Copyright
from mailcheck.content.copyrights import copyrights as find_copyrights
from mailcheck.content.dates_located import Dates, PartText, dates_of
from mailcheck.content.markup import Markup
from mailcheck.content.send_time import SendTime, send_time_of
from mailcheck.content.tags import Tags
from mailcheck.rule import fact
from mailcheck.run import Run


@fact
def send_time(campaign: Campaign) -> SendTime:
    """When the campaign is sent: from the table `[schedule]`, or the Date header of a finished mail."""
    return send_time_of(campaign)


@fact
def dates(
    campaign: Campaign, run: Run, tags: Tags, markup: Markup | None = None, send_time: SendTime | None = None
) -> Dates:
    """Every date of the message, with what it is for and whether its weekday agrees."""
    spans = (tag.span for tag in tags if tag.own or tag.certain)
    return dates_of(campaign, markup, spans, send_time, run.now.date())


@fact
def copyrights(campaign: Campaign, markup: Markup | None = None) -> tuple[Copyright, ...]:
    """The copyright notices of the HTML and the text part that name a year."""
    message = campaign.message
    parts = [
        PartText(part, markup if part is message.html else None, hidden=False)
        for part in (message.html, message.text)
        if part
    ]
    return tuple(one for part in parts for one in find_copyrights(part))
