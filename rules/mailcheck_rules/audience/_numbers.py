"""Whether the number of recipients is the one that somebody counted on."""

from __future__ import annotations

from mailcheck import Problem, Problems, bad, good, rule, skip
from mailcheck.audience.people import Audience
from mailcheck.audience.tables import ReconciliationTable
from mailcheck_rules._words import count

_THREE = {"people": ["ann@shop.example", "ben@shop.example", "cem@shop.example"]}


@rule(severity="error")
@bad(audience={**_THREE, "rows": 3_000}, html="<p>x</p>", at="people")
@good(audience={**_THREE, "rows": 3}, html="<p>x</p>")
def count_claimed(audience: Audience) -> Problems:
    """The list has another number of rows than its maker says.

    A file that was cut off on its way, an export that ended early, or last week's file: the number that the service
    showed when the list was made (`rows` in the table `[audience]`) is not the number that is here.
    """
    if audience.claimed is None:
        skip("nobody says how many rows the list has (`rows` in the table [audience])")
    if audience.claimed == audience.rows:
        return
    missing = audience.claimed - audience.rows
    what = f"{missing:,} are missing" if missing > 0 else f"{-missing:,} are too many"
    yield Problem(
        f"The list {audience.shown} has {count(audience.rows, 'row')}, but {audience.claimed:,} are expected: {what}. "
        "Export it again, or correct the expected number.",
        evidence=audience.shown,
        data={"rows": audience.rows, "claimed": audience.claimed},
    )


@rule(severity="error")
@bad(reconciliation={"targeted": 100, "sendable": 90, "excluded": {"unsubscribed": 7}}, html="<p>x</p>", at="targeted")
@bad(reconciliation={"targeted": 100, "sendable": 95, "excluded": {"unsubscribed": 7}}, html="<p>x</p>", at="targeted")
@bad(audience=_THREE, reconciliation={"targeted": 9, "sendable": 9}, html="<p>x</p>", at="sendable")
@good(audience=_THREE, reconciliation={"targeted": 5, "excluded": {"bounced": 2}}, html="<p>x</p>")
@good(reconciliation={"targeted": 100, "sendable": 93, "excluded": {"unsubscribed": 7}}, html="<p>x</p>")
def reconciliation(reconciliation: ReconciliationTable, audience: Audience | None = None) -> Problems:
    """The people who were aimed at are not those who get the mail and those who were taken out, each with a reason.

    Where an unexplained number of people comes in or goes missing, a filter did something that nobody knows of. The number
    who get it is counted in the audience where there is one, and must be the number that was said.
    """
    counted = [audience.recipients, audience.rows] if audience is not None else []
    said = reconciliation.sendable
    if said is None and not counted:
        skip("how many get the mail is neither said (`sendable`) nor can be counted (no audience)")
    if said is not None and counted and said not in counted:
        yield Problem(
            f"The list has {count(counted[0], 'recipient')}, but {said:,} are said to get the mail; find out which is "
            "right before sending.",
            evidence="sendable",
            data={"sendable": said, "recipients": counted[0]},
        )
    excluded = sum(reconciliation.excluded.values())
    rests = [reconciliation.targeted - excluded - one for one in ([said] if said is not None else counted)]
    if 0 in rests:
        return
    yield _unexplained(reconciliation, rests[0], said if said is not None else counted[0])


def _unexplained(table: ReconciliationTable, rest: int, sendable: int) -> Problem:
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in table.excluded.items()) or "nobody"
    gap = (
        f"{rest:,} are missing without a reason; find out what took them out"
        if rest > 0
        else f"that is {-rest:,} more than were aimed at; find out where they come from"
    )
    return Problem(
        f"{table.targeted:,} were aimed at, {sendable:,} get the mail, and {reasons} were taken out: {gap}.",
        evidence="targeted",
        data={
            "targeted": table.targeted,
            "sendable": sendable,
            "excluded": dict(table.excluded),
            "unexplained": rest,
        },
    )
