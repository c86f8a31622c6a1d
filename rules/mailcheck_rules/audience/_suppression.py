"""People who said no: whether the list of them is there, whole, fresh, and kept out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median

from pydantic import Field

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.audience.facts import Excluded, Suppression
from mailcheck.audience.people import Audience
from mailcheck.audience.suppressing import Listed
from mailcheck.history.past import History
from mailcheck.rule import Unusable
from mailcheck.run import Run
from mailcheck_rules._words import (
    Options,
    begin,
    count,
    has_have,
    is_are,
    listed,
    of_all,
    percent,
    such_as,
)

_REASONS = {
    "unsubscribed": "{has} unsubscribed",
    "bounced": "{has} bounced",
    "complained": "{has} complained",
    "blocked": "{is} blocked",
    "deleted": "{has} asked to be deleted",
}
_THREE = ["ann@shop.example", "ben@shop.example", "cem@shop.example"]
_SEVEN = [f"person.{number}@shop.example" for number in range(7)]


def _why(one: Excluded) -> str:
    """What the people are, as the end of a sentence: `have unsubscribed (list optout.csv)`."""
    number = one.overlap.people.count
    said = _REASONS.get(one.listed.reason.strip().lower())
    if said is not None:
        return f"{said.format(has=has_have(number), **{'is': is_are(number)})} (list {one.listed.name})"
    if one.listed.table.holds == "domains":
        return f"{is_are(number)} at a blocked domain (list {one.listed.name})"
    return f"{is_are(number)} on the suppression list {one.listed.name}"


def _figures(audience: Audience, one: Excluded) -> dict[str, object]:
    found = {
        "list": one.listed.name,
        "people": one.overlap.people.count,
        "recipients": audience.recipients,
        "entries": one.listed.rows,
        "examples": list(one.overlap.people.examples),
    }
    return {**found, "moved": one.overlap.moved} if one.overlap.moved else found


@rule(severity="error")
@bad(
    audience={"people": _SEVEN},
    suppression={"people": [" Person.3@SHOP.example "], "name": "optout.csv", "reason": "unsubscribed"},
    html="<p>x</p>",
    at="optout.csv",
)
@bad(
    audience={"people": _THREE},
    suppression={"people": ["shop.example"], "holds": "domains", "name": "domains"},
    html="<p>x</p>",
    at="domains",
)
@good(audience={"people": _SEVEN}, suppression={"people": ["person.33@shop.example"]}, html="<p>x</p>")
def suppressed(audience: Audience, excluded: tuple[Excluded, ...]) -> Problems:
    """People on a suppression list are among the recipients.

    Who unsubscribed, complained or asked to be deleted must not get the mail: in most countries that is the law. Compared
    are normal forms (capitals, spaces, IDNA), hashes where the list is hashed, and domains where it holds domains. One
    person is enough.
    """
    for one in excluded:
        people = one.overlap.people
        if not people:
            continue
        nearly = people.count >= 20 and one.listed.table.holds == "addresses" and people.count >= 0.9 * one.listed.rows
        whole = " That is nearly everybody on the list, so it was not applied at all." if nearly else ""
        yield Problem(
            f"{begin(of_all(people.count, audience.recipients))} {_why(one)}{such_as(people.examples)}; take them out "
            f"before sending.{whole}",
            evidence=one.listed.name,
            data=_figures(audience, one),
        )


_OPT_OUT_NAME = re.compile(
    r"(?i)(?<![a-z])(?:un-?_?subscrib(?:ed|ers?|es)|opt(?:ed)?[-_ ]?outs?|suppress(?:ion|ed)s?|supp?ression[-_ ]?list"
    r"|bounced|bounces|bounce(?![-_ ]?[a-z])|bounce[-_ ]?lists?|complain(?:ts|ers|ed)|black-?list|block-?list|do[-_ ]?not[-_ ]?(?:e?mail|contact)|abgemeldet|afmeldingen"
    r"|desabonn\w*|abmeld\w*)(?![a-z])"
)
_WITHOUT = re.compile(
    r"(?i)(?<![a-z])(?:without|minus|excl\w*|ex|no|non|not|removed|clean\w*|ohne|zonder|sans|after)(?![a-z])"
)


class SwappedOptions(Options):
    share: float = Field(0.5, gt=0, le=1, description="share of the recipients on one list from which it is told")


@rule(severity="error")
@bad(
    audience={"people": _THREE},
    suppression={"people": ["ann@shop.example", "ben@shop.example", "x@a.example"], "name": "optout.csv"},
    html="<p>x</p>",
    at="optout.csv",
)
@good(audience={"people": _SEVEN}, suppression={"people": ["person.3@shop.example"]}, html="<p>x</p>")
def is_suppression_list(audience: Audience, excluded: tuple[Excluded, ...], options: SwappedOptions) -> Problems:
    """The recipients are the people who said no: the audience is the suppression list, or both are swapped.

    A segment that was built with "is" for "is not", or an export of the wrong tab. Told when half of the recipients are on
    one list; or, with a warning, when the file of the audience is named like a suppression list.
    """
    found = False
    for one in excluded:
        people = one.overlap.people.count
        if one.listed.table.holds != "addresses" or people < max(2, options.share * audience.recipients):
            continue
        found = True
        yield Problem(
            f"{begin(of_all(people, audience.recipients))} ({percent(people, audience.recipients)}) are on the "
            f"suppression list {one.listed.name}: the audience seems to be the list of people who said no, or who gets the "
            "mail and who does not was swapped. Do not send; build the audience anew.",
            evidence=one.listed.name,
            data=_figures(audience, one),
        )
    name = re.split(r"[/\\]", audience.shown)[-1]
    if not found and _OPT_OUT_NAME.search(name) and not _WITHOUT.search(_OPT_OUT_NAME.sub(" ", name)):
        yield Problem(
            f"The recipients come from {audience.shown}, which is named like a list of people who said no; make sure that "
            "it is not one.",
            evidence=audience.shown,
            severity="warning",
        )


@rule(severity="warning")
@bad(audience={"people": _THREE}, html="<p>x</p>", at="people")
@good(audience={"people": _THREE}, suppression={"people": ["x@a.example"]}, html="<p>x</p>")
@good(audience={"people": _THREE}, kind="transactional", html="<p>x</p>")
def suppression_missing(audience: Audience, campaign: Campaign) -> Problems:
    """A marketing mail is checked without any suppression list, so nobody knows whether people who said no get it.

    Even where the service keeps such people out, a list that was imported for one send goes past it easily.
    """
    if campaign.suppression is None and campaign.kind == "marketing":
        yield Problem(
            f"No suppression list was given, so it is not known how many of the {count(audience.recipients, 'recipient')} "
            "said no; give the list of those who unsubscribed, bounced or complained ([suppression] in the manifest, or "
            "--suppression).",
            evidence=audience.shown,
            data={"recipients": audience.recipients},
        )


class StaleOptions(Options):
    max_age_days: int = Field(30, ge=1, description="age of a list from which it is told, where the manifest says none")
    large_send: int = Field(5_000, ge=1, description="recipients of a send after which somebody surely opts out")


@rule(severity="warning")
@bad(
    audience={"people": _THREE},
    suppression={"people": [{"email": "x@a.example", "date": "2020-01-31"}], "name": "optout.csv"},
    html="<p>x</p>",
    at="optout.csv",
)
@bad(
    audience={"people": _THREE},
    suppression={
        "newest": "2999-01-02",
        "people": [{"email": "x@a.example", "unsubscribed at": "2999-01-01T10:00"}],
        "name": "optout.csv",
    },
    html="<p>x</p>",
    at="optout.csv",
)
@good(
    audience={"people": _THREE},
    suppression={"people": [{"email": "x@a.example", "date": "2999-01-31"}]},
    html="<p>x</p>",
)
def suppression_stale(
    suppression: Suppression, run: Run, options: StaleOptions, history: History | None = None
) -> Problems:
    """A suppression list is old, so who said no since then is not on it.

    The age is that of the newest entry where entries have dates, else that of the file. It is an error when somebody is
    known to have opted out later (`newest` in the table `[suppression]`), and a warning when the list is older than
    `max_age_days` of the list, or of the options; or when no entry is as young as the last large send of the history,
    after which somebody always opts out.
    """
    today = run.now.date()
    aged = [(one, _day_of(one)) for one in suppression.lists]
    known = suppression.table.newest
    newest = max((day for _, day in aged if day is not None), default=None)
    if newest is None:
        skip("nothing tells how old the suppression lists are: their entries have no dates, and they are no files")
    late = known is not None and newest < known
    for one, day in aged:
        if day is None:
            continue
        if late and day == newest and known is not None:
            yield _told_late(one, day, known)
            continue
        most = one.table.max_age_days or options.max_age_days
        if (today - day).days > most:
            yield _told_old(one, day, (today - day).days, most)
        elif one.newest is not None and day == newest and history is not None:
            yield from _before_the_last_send(one, day, history, run, options)


def _before_the_last_send(
    one: Listed, day: date, history: History, run: Run, options: StaleOptions
) -> Iterator[Problem]:
    """People take two days to open a mail and to opt out of it."""
    since = run.now - timedelta(days=90)
    large = [send for send in history.all(since) if (send.recipients or 0) >= options.large_send]
    settled = [send for send in large if send.at < run.now - timedelta(days=2)]
    if settled and settled[-1].at.date() > day:
        last = settled[-1]
        yield Problem(
            f"The newest entry of the suppression list {one.name} is of {day.isoformat()}, before the last send "
            f"({last.at.date().isoformat()}, {count(last.recipients or 0, 'recipient')}); who opted out of that one is "
            f"missing. Export the list again.{_unread(one)}",
            evidence=one.name,
            data={
                "list": one.name,
                "newest": day.isoformat(),
                "last_send": last.at.date().isoformat(),
                **_undated(one),
            },
        )


def _told_late(one: Listed, day: date, known: date) -> Problem:
    return Problem(
        f"Somebody opted out on {known.isoformat()}, but the newest of the {count(one.rows, 'entry', 'entries')} of the "
        f"suppression list {one.name} is of {day.isoformat()}; export the list again.{_unread(one)}",
        evidence=one.name,
        severity="error",
        data={"list": one.name, "newest": day.isoformat(), "known": known.isoformat(), **_undated(one)},
    )


def _told_old(one: Listed, day: date, age: int, most: int) -> Problem:
    what = "its newest entry is" if one.newest is not None else "the file was written"
    return Problem(
        f"The suppression list {one.name} is {count(age, 'day')} old ({what}{' of' if one.newest else ' on'} "
        f"{day.isoformat()}; {most:,} are allowed): who opted out since then would get the mail. Export it again."
        f"{_unread(one)}",
        evidence=one.name,
        data={"list": one.name, "newest": day.isoformat(), "age_days": age, "max_age_days": most, **_undated(one)},
    )


def _undated(one: Listed) -> dict[str, object]:
    return {"unread": one.undated} if one.undated else {}


def _unread(one: Listed) -> str:
    """A sentence about the dates that could not be read, of which one may be the newest."""
    if not one.undated:
        return ""
    return f" {one.undated:,} of its dates could not be read; write them like 2026-12-31, for one may be newer."


def _day_of(one: Listed) -> date | None:
    if one.newest is None:
        return one.written
    try:
        return date.fromisoformat(one.newest[:10])
    except ValueError:
        raise Unusable(
            f"the newest date of the suppression list {one.name} is {one.newest[:10]}, a day that never was; see whether "
            "its dates have the day and the month in this order"
        ) from None


class ShrunkOptions(Options):
    lost: float = Field(0.05, gt=0, le=1, description="share of the entries of earlier sends whose loss is told")
    most: float = Field(0.5, gt=0, le=1, description="share from which it is an error")


@rule(severity="error")
@bad(
    audience={"people": _THREE},
    suppression={"people": ["x@a.example"], "rows": 12_000, "name": "optout.csv"},
    html="<p>x</p>",
    at="optout.csv",
)
@bad(
    suppression={"people": ["x@a.example"]},
    history={"sends": [{"sent": "2026-03-01", "recipients": 900, "counts": {"suppression": 140}}]},
    html="<p>x</p>",
    at="entries",
)
@good(audience={"people": _THREE}, suppression={"people": ["x@a.example"], "rows": 1}, html="<p>x</p>")
def suppression_shrunk(suppression: Suppression, options: ShrunkOptions, history: History | None = None) -> Problems:
    """The suppression lists have fewer entries than they should have.

    Such lists only grow. One that lost entries was cut off, or exported with a filter, and people who said no get the mail.
    Compared are the entries with what the maker of a list says (`rows`), and all lists together with what they were at
    earlier sends.
    """
    claims = [one for one in suppression.lists if one.claimed is not None]
    earlier = [number for send in (history.all() if history else ()) if (number := send.counts.get("suppression", 0))]
    if not claims and not earlier:
        skip("nobody says how many entries the lists have (`rows` of a list), and no earlier send is known to tell")
    yield from _against_claims(claims)
    usual = round(median(earlier[-3:])) if earlier else 0
    lost = 1 - suppression.entries / usual if usual else 0.0
    if lost >= options.lost:
        names = listed(one.name for one in suppression.lists)
        yield Problem(
            f"The suppression {'list' if len(suppression.lists) == 1 else 'lists'} ({names}) had {usual:,} entries at "
            f"earlier sends and {has_have(len(suppression.lists))} {suppression.entries:,} now: {percent(lost)} are gone. "
            "Such lists only grow; look whether the export is whole.",
            evidence="entries",
            severity="error" if lost >= options.most else "warning",
            data={"entries": suppression.entries, "earlier": usual, "lost": round(lost, 4)},
        )


def _against_claims(claims: list[Listed]) -> Iterator[Problem]:
    for one in claims:
        if one.claimed is None or one.rows == one.claimed:
            continue
        fewer = one.rows < one.claimed
        yield Problem(
            f"The suppression list {one.name} has {count(one.rows, 'entry', 'entries')}, but {one.claimed:,} are expected"
            + (": people who said no are missing. Export it again." if fewer else "; correct the expected number."),
            evidence=one.name,
            severity="error" if fewer else "warning",
            data={"list": one.name, "entries": one.rows, "claimed": one.claimed},
        )
