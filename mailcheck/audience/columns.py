"""Which column of a list is what: said in the manifest, or found by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean

ROLES: Mapping[str, tuple[str, ...]] = {
    "address": (
        *("email", "emailaddress", "mail", "mailaddress", "address", "subscriber", "subscriberkey", "recipient", "to"),
        *(
            "epost",
            "epostadresse",
            "emailadresse",
            "emailadres",
            "correo",
            "correoelectronico",
            "courriel",
            "adressemail",
        ),
        *("emailid", "primaryemail", "contactemail", "useremail", "emailadress", "adresseemail", "useremailaddress"),
    ),
    "country": ("country", "countrycode", "land", "pays", "pais", "market", "countryiso", "cc"),
    "language": (
        "language",
        "languagecode",
        "lang",
        "locale",
        "sprache",
        "taal",
        "langue",
        "idioma",
        "preferredlanguage",
    ),
    "source": ("source", "optinsource", "signupsource", "origin", "listsource", "channel", "acquisitionsource"),
    "last_active": (
        *(
            "lastactive",
            "lastactivity",
            "lastopen",
            "lastopened",
            "lastengaged",
            "lastseen",
            "lastclick",
            "lastpurchase",
        ),
        *("lastopendate", "lastactivitydate", "lastengagement"),
    ),
    "date": (
        *(
            "date",
            "unsubscribedat",
            "unsubscribetime",
            "unsubscribedate",
            "optouttime",
            "optoutdate",
            "optedoutat",
            "created",
        ),
        *(
            "createdat",
            "addedat",
            "suppressedat",
            "timestamp",
            "unsubscribedon",
            "bouncedat",
            "dateadded",
            "dateunsubscribed",
        ),
    ),
    "reason": ("reason", "type", "suppressionreason", "unsubreason", "status", "cause"),
    "domain": ("domain", "domains", "host"),
    "status": (
        *("status", "subscriptionstatus", "emailstatus", "memberstatus", "contactstatus", "optinstatus", "mailstatus"),
        *("subscriberstatus", "marketingstatus", "emailmarketingstatus", "consentstatus", "newsletterstatus"),
    ),
    "opted_out": (
        *("optedout", "optout", "unsubscribed", "isunsubscribed", "donotemail", "emailoptout", "hasoptedoutofemail"),
        *("unsubscribedfromallemail", "globalunsubscribe", "nonewsletter", "emailoptedout"),
    ),
    "hash": ("hash", "md5", "sha1", "sha256", "emailhash", "hashedemail", "emailmd5", "emailsha256", "emailsha1"),
    "recent_mails": ("recentmails", "mailslast7days", "sentlast7days", "emailslast7days"),
}
"""What mailcheck looks for in a list, and the names by which it is known, squeezed."""

_LONG = {"fname": "firstname", "lname": "lastname"}
"""Names of merge fields that differ from the heading under which the same service exports them."""

_UNSURE = ("address", "subscriber", "subscriberkey", "recipient", "to")
"""Headings that some lists have over something else; one that speaks of e-mail goes before."""

_SURE = tuple(name for name in ROLES["address"] if name not in _UNSURE)
_WORDS = ("email", "mailaddress", "epost", "courriel", "correoelec")
_NOT_IT = frozenset(
    {
        *("optin", "optout", "opt", "in", "out", "opted", "status", "verified", "verification", "valid"),
        *("validated", "validation", "format", "type", "sent", "sends", "open", "opens", "opened", "click"),
        *("clicks", "clicked", "date", "time", "at", "on", "count", "domain", "hash", "hashed", "md5", "sha1"),
        *("sha256", "consent", "permission", "preference", "preferences", "frequency", "marketing", "bounce"),
        *("bounced", "bounces", "provider", "subject", "name", "list", "source", "language", "id", "number"),
        *("allow", "allowed", "subscribed", "subscription", "agree", "agreed", "accept", "accepted", "score"),
        *("quality", "owner", "campaign", "template", "do", "has", "is", "no", "last", "updates", "newsletter"),
    }
)
"""What a column speaks of that is not the address."""
_SAY = 'say which with columns = { address = "…" }'

_PART = re.compile(r"[^\W\d_]?[^\WA-Z_]+|[A-Z0-9]+")
_NO_LETTER = re.compile(r"[^0-9a-z]+")


def squeezed(name: str) -> str:
    """A name of a column without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NO_LETTER.sub("", plain)


def named(columns: Mapping[str, str], wanted: str, shown: str) -> str:
    """The expression of a column that somebody named.

    Raises:
        Unusable: there is none of that name; says which was probably meant.
    """
    if wanted in columns:
        return columns[wanted]
    same = [name for name in columns if name.casefold() == wanted.casefold()]
    if len(same) == 1:
        return columns[same[0]]
    listed = ", ".join(list(columns)[:12])
    raise Unusable(f"{shown}: there is no column {wanted!r} (it has {listed}){did_you_mean(wanted, columns)}")


def of_role(role: str, columns: Mapping[str, str], said: Mapping[str, str], shown: str) -> str | None:
    """The expression of the column with a role, or `None` when no column has it.

    Raises:
        Unusable: the manifest names a column that is not there, or a role that is none.
    """
    unknown = next((name for name in said if name not in ROLES), None)
    if unknown is not None:
        raise Unusable(f"{shown}: columns.{unknown} is nothing that mailcheck knows{did_you_mean(unknown, ROLES)}")
    if role in said:
        return named(columns, said[role], shown)
    known = {squeezed(name): name for name in reversed(list(columns))}
    return next((columns[known[name]] for name in ROLES[role] if name in known), None)


def address_of(columns: Mapping[str, str], said: Mapping[str, str], shown: str, role: str = "address") -> str:
    """The expression of the column with the addresses; the only column of a list is one.

    A heading that speaks of an e-mail address in more words, such as `Email (Primary)`, is known when it is the only
    one.

    Raises:
        Unusable: it cannot be told which it is.
    """
    if role != "address" or role in said:
        found = of_role(role, columns, said, shown)
        if found is not None:
            return found
    names = [name for name in columns if squeezed(name) in _SURE] or [name for name in columns if _may_be(name)]
    first = min((_SURE.index(squeezed(name)) for name in names if squeezed(name) in _SURE), default=None)
    if first is not None:
        names = [name for name in names if squeezed(name) == _SURE[first]]
    if len(names) > 1:
        listed = ", ".join(names[:6])
        raise Unusable(f"{shown}: several columns may hold the addresses ({listed}); {_SAY}")
    names = names or [name for name in columns if squeezed(name) in _UNSURE][:1]
    if names:
        return columns[names[0]]
    if len(columns) == 1:
        return next(iter(columns.values()))
    raise Unusable(
        f"{shown}: none of its columns is known as that of the addresses; {_SAY}: it has "
        f"{', '.join(list(columns)[:12])}"
    )


def _may_be(name: str) -> bool:
    """Whether a heading speaks of an address, and of nothing about it."""
    short = squeezed(name)
    word = next((one for one in _WORDS if one in short), None)
    if word is None:
        return False
    parts = [squeezed(part) for part in _PART.findall(name)]
    return not any(part in _NOT_IT or part.replace(word, "", 1) in _NOT_IT for part in parts)


def field_columns(
    columns: Mapping[str, str], fields: Iterable[str], said: Mapping[str, str], shown: str
) -> dict[str, str]:
    """The expressions of the columns from which merge fields are filled; a field without a column is left out.

    Raises:
        Unusable: the manifest names a column that is not there.
    """
    known = {squeezed(name): name for name in reversed(list(columns))}
    found: dict[str, str] = {}
    for field in fields:
        short = squeezed(field)
        match = next((known[name] for name in (short, _LONG.get(short, short)) if name in known), None)
        if field in said:
            found[field] = named(columns, said[field], shown)
        elif match is not None:
            found[field] = columns[match]
    return found
