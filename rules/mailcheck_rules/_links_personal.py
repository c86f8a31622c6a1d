"""Rule `links/personal`: links that belong to one recipient, left in what everybody gets."""

from __future__ import annotations

from mailcheck import Problem, Problems, bad, good, rule
from mailcheck.content.link_groups import grouped
from mailcheck.content.link_personal import Sort
from mailcheck.content.link_personal import personal as recipient_of
from mailcheck.content.links import Links
from mailcheck.rule import Severity

_TAG = "use the merge tag of your service instead"
_SAID: dict[Sort, str] = {
    "unsubscribe": f"Whoever follows this link of {{by}} unsubscribes the one person out of whose mail it was copied; {_TAG}.",
    "preferences": f"Whoever follows this link of {{by}} changes the choices of the one person out of whose mail it was copied; {_TAG}.",
    "forward": f"Whoever follows this link of {{by}} forwards a mail in the name of the one person out of whose mail it was copied; {_TAG}.",
    "view": f"This link of {{by}} shows the mail of one person, out of which it was copied, with that person's own links; {_TAG}.",
    "page": f"This link of {{by}} was made for the one person out of whose mail it was copied; {_TAG}.",
    "click": "This link of {by} counts as a click of the one person out of whose mail it was copied; use the address of the page itself.",
    "open": "This picture of {by} counts as an opening by the one person out of whose mail it was copied; take it out.",
    "parameter": "“{name}” says that whoever follows this link is the one person out of whose mail it was copied ({by}); take it out.",
}
_COUNTING: frozenset[Sort] = frozenset(("click", "open", "parameter"))

_LISTED = "https://fernhill.us4.list-manage.com"
_WHO = "u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6&amp;e=042ea43672"


@rule(severity="error")
@bad(html=f'<a href="{_LISTED}/unsubscribe?{_WHO}">Unsubscribe</a>', at=f"{_LISTED}/unsubscribe?{_WHO}")
@bad(html=f'<a href="{_LISTED}/track/click?{_WHO}">Shop</a>', at=f"{_LISTED}/track/click?{_WHO}")
@bad(html='<a href="https://shop.example/?mc_eid=042ea43672">Shop</a>', at="mc_eid=042ea43672")
@good(html=f'<a href="{_LISTED}/unsubscribe?{_WHO}">Unsubscribe</a>', stage="rendered")
@good(html=f'<a href="{_LISTED}/unsubscribe?u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6">Unsubscribe</a>')
@good(
    html=f'<a href="{_LISTED}/unsubscribe?u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6&amp;e=*|UNIQID|*">Unsubscribe</a>'
)
def personal(links: Links) -> Problems:
    """A link belongs to one recipient: it was copied out of a mail that somebody received.

    Sending services write links anew for every recipient. Left in a template, one link to unsubscribe unsubscribes the same
    person for everybody who follows it, and nobody else. Links and pictures that only count, and parameters that name a
    recipient (`mc_eid`, `mkt_tok`), are warnings. In a rendered mail such links are those of its recipient, and nothing is told.
    """
    if links.rendered:
        return
    found = {link: one for link in links if (one := recipient_of(link)) is not None}
    for group in grouped(found, lambda link: (found[link].by, found[link].sort, found[link].name)):
        one = found[group.first]
        message = _SAID[one.sort].format(by=one.by, name=one.name) + group.more()
        severity: Severity | None = "warning" if one.sort in _COUNTING else None
        yield Problem(
            message, at=group.first.at(one.at), severity=severity, data={"by": one.by, "sort": one.sort, **group.data}
        )
