"""Rules `links/*` about campaign parameters."""

from __future__ import annotations

import re
from collections import Counter

from mailcheck import Fix, Problem, Problems, bad, good, rule
from mailcheck.content import link_utm, unsubscribe
from mailcheck.content.link_address import TAG
from mailcheck.content.link_groups import grouped, is_settled
from mailcheck.content.links import Link, Links


@rule(severity="warning")
@bad(
    html='<a href="https://shop.example/?utm_campain=spring">Shop</a>',
    at="utm_campain",
    fixed='<a href="https://shop.example/?utm_campaign=spring">Shop</a>',
)
@bad(html='<a href="https://shop.example/?utm_source=">Shop</a>', at="utm_source=")
@bad(html='<a href="https://shop.example/?utm_source=a&amp;utm_source=b">Shop</a>', at="utm_source=b")
@bad(html='<a href="https://shop.example/#utm_source=mail">Shop</a>', at="utm_source=mail")
@good(html='<a href="https://shop.example/?utm_source=mail&amp;utm_medium=email#top">Shop</a>')
@good(html='<a href="https://shop.example/?utm_source={{ source }}">Shop</a>')
def utm_invalid(links: Links) -> Problems:
    """A campaign parameter is not counted as it stands: misspelt, empty, twice, behind `#`.

    The visits that the mail brings are then counted under no campaign, or under a wrong one.
    """
    for group in grouped((link for link in links.followed if not is_settled(link)), lambda link: link.shape):
        for fault in link_utm.faults(group.first):
            instead = fault.instead
            edits = () if instead is None else tuple((link.at(fault.at), instead) for link in group.in_one_part)
            fix = Fix(edits, safe=False) if edits else None
            place = group.first.at(fault.at)
            yield Problem(fault.message + group.more(), at=place, fix=fix, data={"code": fault.code, **group.data})


@rule(severity="warning")
@bad(
    html='<a href="https://shop.example/?utm_campaign=spring">A</a> <a href="https://shop.example/b?utm_campaign=spring">B</a>'
    ' <a href="https://shop.example/c?utm_campaign=Spring">C</a>',
    at="utm_campaign=Spring",
)
@good(
    html='<a href="https://shop.example/?utm_campaign=spring&amp;utm_content=a">A</a>'
    ' <a href="https://shop.example/?utm_campaign=spring&amp;utm_content=b">B</a>'
)
def utm_inconsistent(links: Links) -> Problems:
    """The links of one mail are counted under several campaigns, sources or media.

    Statistics tell capitals apart, so `Spring` and `spring` are two campaigns. A value that differs in more than that may be
    meant: it is only a hint, and only where nearly all other links have the same one.
    """
    for found in link_utm.differing([link for link in links.followed if link.is_web]):
        values = ", ".join(f"“{value}” ({count})" for value, count in found.counts[:4])
        more = f" and {len(found.counts) - 4} others" if len(found.counts) > 4 else ""
        message = f"{found.name} has {len(found.counts)} values in this mail: {values}{more}; use one."
        severity = None if found.only_case else "info"
        yield Problem(
            message,
            at=found.link.at(found.at),
            severity="info" if severity else None,
            data={"values": dict(found.counts)},
        )


@rule(severity="info")
@bad(
    html='<a href="https://shop.example/?utm_source=mail">A</a> <a href="https://shop.example/b">B</a>',
    at="https://shop.example/b",
)
@good(html='<a href="https://shop.example/">A</a> <a href="https://shop.example/b">B</a>')
@good(
    html='<a href="https://shop.example/?utm_source=mail">A</a> <a href="https://shop.example/unsubscribe">Unsubscribe</a>'
)
def utm_missing(links: Links) -> Problems:
    """Some links to a site carry campaign parameters and others do not.

    Only told of sites that have them on at least as many links of the same mail; links to unsubscribe and the like need none.
    """
    web = [link for link in links.followed if link.is_web and link.kind == "link" and TAG not in link.host]
    counted = Counter(link.host for link in web if link_utm.own(link))
    bare = (link for link in web if link.host in counted and _should_count(link))
    for group in grouped(bare, lambda link: link.host):
        count = len(group.links)
        if count > counted[group.first.host]:
            continue
        said = "1 link" if count == 1 else f"{count:,} links"
        message = f"{said} to {group.first.host} without campaign parameters, though others have them; add them."
        yield Problem(message, at=group.first, data=group.data)


def _should_count(link: Link) -> bool:
    if link_utm.own(link) or "utm_" in link.shape or (link.address.query is not None and TAG in link.shape):
        return False
    return unsubscribe.effect_of(link) is None and not is_settled(link) and not _LEGAL.search(link.shape)


_LEGAL = re.compile(
    r"privacy|terms|legal|imprint|impressum|polic(?:y|ies)|cookie|datenschutz|agb\b|voorwaarden|conditions|mentions"
    r"|confidential|aviso|privacidad|personvern|integritet|disclaimer|unsubscribe",
    re.IGNORECASE,
)
