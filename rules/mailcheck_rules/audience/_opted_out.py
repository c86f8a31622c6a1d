"""People of whom the list itself says that they said no: columns of a status, and columns of yes and no."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mailcheck import Problem, Problems, bad, good, rule, skip
from mailcheck.audience.people import Audience
from mailcheck.audience.statements import NOTHING
from mailcheck.audience.traits import Said, Traits
from mailcheck.rule import Severity
from mailcheck_rules._words import begin, is_are, listed, of_all

_OUT = re.compile(
    r"(?:un[-_ ]?subscribed?|un[-_ ]?sub|opt(?:ed)?[-_ ]?out|abgemeldet|uitgeschreven|afgemeld|d[e\u00e9]sabonn[e\u00e9]|desinscrit"
    r"|(?:hard[-_ ]?)?bounced?|cleaned|(?:spam[-_ ]?)?complain(?:ed|t)|suppressed|do[-_ ]?not[-_ ]?(?:e?mail|contact))"
)
_DOUBTFUL = re.compile(
    r"(?:spam|abuse|blocked|blacklisted|deleted|archived|removed|forgotten|pending|un-?confirmed|not[-_ ]confirmed"
    r"|awaiting[-_ ]confirmation|soft[-_ ]?bounced?|(?:non|not|never)[-_ ]?subscribed"
    r"|(?:un[-_ ]?subscribed|opted[-_ ]out)[^a-z].*)"
)
_YES = frozenset(
    {
        *(
            "true",
            "yes",
            "y",
            "t",
            "on",
            "ja",
            "j",
            "oui",
            "si",
            "s\u00ed",
            "sim",
            "tak",
            "ano",
            "kyll\u00e4",
            "igen",
            "da",
        ),
        *(
            "x",
            "\u2713",
            "\u2714",
            "\u2705",
            "\u2611",
            "checked",
            "waar",
            "wahr",
            "vrai",
            "vero",
            "verdadero",
            "sand",
            "sant",
        ),
        *("unsubscribes", "opt-outs", "opted out of all", "unsubscribed from all"),
    }
)
_NO = frozenset(
    {
        *("", "false", "no", "n", "f", "off", "nein", "nee", "non", "nej", "nei", "n\u00e3o", "nao", "nie", "ne", "ei"),
        *("onwaar", "falsch", "faux", "falso", "falsk", "usann", "unchecked", "never", "nooit", "jamais", "nunca"),
        *("subscribed", "active", "opted in", "opted-in", "opt in", "opt-in", "optin"),
        *("not opted out", "not unsubscribed"),
        *NOTHING,
    }
) - {"unknown", "?"}

_NUMBER = re.compile(r"([+-]?[0-9]{1,15})(?:[.,]0*)?", re.ASCII)
_DAY = re.compile(
    r"(?:([0-9]{4})[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}))(?![0-9]).*", re.ASCII
)
_IN_WORDS = re.compile(
    r"(?=.*\b(?:jan|feb|m[a\u00e4]r|mrt|apr|ma[iyj]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*\b)[^0-9]*(?:[0-9]{1,2}\b[^0-9]*)?"
    r"([0-9]{4})\b.*",
    re.ASCII,
)
_YEARS = range(1990, 2100)
"""What is outside of them stands for "never", or for nothing: 1900-01-01, 1970-01-01, 9999-12-31."""
_SECONDS = range(631_152_000, 4_102_444_800)
"""The same years, as computers count."""

_LONGEST_SHOWN = 20


@rule(severity="error")
@bad(
    audience={
        "people": [{"email": "a@b.example", "status": "subscribed"}, {"email": "c@d.example", "status": "Unsubscribed"}]
    },
    html="<p>x</p>",
    at="status",
)
@bad(
    audience={"people": [{"email": "a@b.example", "Opted out": True}, {"email": "c@d.example", "Opted out": False}]},
    html="<p>x</p>",
    at="Opted out",
)
@bad(
    audience={
        "people": [{"email": "a@b.example", "unsubscribed": "2026-03-01"}, {"email": "c@d.example", "unsubscribed": ""}]
    },
    html="<p>x</p>",
    at="unsubscribed",
)
@good(
    audience={"people": [{"email": "a@b.example", "status": "active"}, {"email": "c@d.example", "status": "VIP"}]},
    html="<p>x</p>",
)
def opted_out(audience: Audience, traits: Traits) -> Problems:
    """The list itself says of people that they said no, or that their address bounced.

    An export of everybody has a column for it (`status`, `unsubscribed`, `Opted out`), and the filter was forgotten. Every
    such column is looked at. In a column of yes and no, a day is a yes: that on which somebody left. Words that may mean
    something else (`pending`, `blocked`, `deleted`), and what is neither yes nor no in a column of these, are told with a
    warning.
    """
    if not (traits.has("status") or traits.has("opted_out")):
        skip("the list has no column that says who unsubscribed (`columns.status` or `columns.opted_out`)")
    for said in traits.said("status", _sort_of_status):
        yield from _told(audience, said, "out", "must not get the mail")
        yield from _told(audience, said, "doubtful", "may not want it", severity="warning")
    for said in traits.said("opted_out", _sort_of_flag):
        yield from _told(audience, said, "yes", "opted out")
        yield from _unclear(audience, said)


def _sort_of_status(value: str) -> str:
    if _OUT.fullmatch(value):
        return "out"
    return "doubtful" if _DOUBTFUL.fullmatch(value) else ""


def _sort_of_flag(value: str) -> str:
    """`yes`, `day` (on which somebody left), `unclear`, or nothing for a no."""
    if value in _NO:
        return ""
    if value in _YES or _OUT.fullmatch(value):
        return "yes"
    number = _NUMBER.fullmatch(value)
    if number is not None:
        return _sort_of_number(number[1])
    day = _DAY.fullmatch(value) or _IN_WORDS.fullmatch(value)
    if day is None:
        return "unclear"
    year = int(next(filter(None, day.groups())))
    return "day" if year in _YEARS else "unclear" if year else ""


def _sort_of_number(text: str) -> str:
    """A number is a yes or a no (-1 is the yes of some databases), a day, or says something else, such as how often."""
    number = int(text)
    if number in (0, 1, -1):
        return "yes" if number else ""
    is_compact = len(text) == 8 and number // 10_000 in _YEARS
    return "day" if is_compact or number in _SECONDS or number // 1_000 in _SECONDS else "unclear"


def _told(audience: Audience, said: Said, sort: str, what: str, severity: Severity | None = None) -> Iterator[Problem]:
    found = dict(said.values.get(sort, {}))
    days = sum(said.values.get("day", {}).values()) if sort == "yes" else 0
    number = sum(found.values()) + days
    if not number:
        return
    parts = [f"\u201c{value}\u201d ({n:,})" for value, n in found.items()] + ([f"a date ({days:,})"] if days else [])
    yield Problem(
        f"{begin(of_all(number, audience.rows, 'rows'))} {is_are(number)} of people who {what}, says the list itself "
        f"(column \u201c{said.heading}\u201d): {listed(parts)}. Leave them out.",
        evidence=said.heading,
        severity=severity,
        data={"rows": audience.rows, "people": number, "values": {**found, **({"a date": days} if days else {})}},
    )


def _unclear(audience: Audience, said: Said) -> Iterator[Problem]:
    found = _shown(said.values.get("unclear", {}))
    number = sum(found.values())
    if number:
        values = listed(
            f"\u201c{value}\u201d ({n:,})" if value else f"other texts ({n:,})" for value, n in found.items()
        )
        yield Problem(
            f"{begin(of_all(number, audience.rows, 'rows'))} {'has' if number == 1 else 'have'} neither yes nor no in the "
            f"column \u201c{said.heading}\u201d, so it is not known whether these people opted out: {values}. Find out "
            "what it means, and leave out who said no.",
            evidence=said.heading,
            severity="warning",
            data={
                "rows": audience.rows,
                "unclear": number,
                "values": {value or "other": n for value, n in found.items()},
            },
        )


def _shown(values: Mapping[str, int]) -> dict[str, int]:
    """The values that can be shown; what is long, or may be an address or a number of a person, counts as other."""
    found: dict[str, int] = {}
    for value, number in values.items():
        private = len(value) > _LONGEST_SHOWN or "@" in value or sum(map(str.isdigit, value)) > 4
        name = "" if private and not _DAY.fullmatch(value) else value
        found[name] = found.get(name, 0) + number
    return found
