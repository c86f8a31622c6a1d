"""Which column of a list is what: said in the manifest, or found by its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from mailcheck.audience.headings import shown_columns, squeezed
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

OFTEN_TWICE = ("status", "opted_out")
"""Roles that several columns of one list have; all of them are read."""

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
    listed = shown_columns(columns)
    near = did_you_mean(wanted, columns) if listed.are_headings else ""
    raise Unusable(f"{shown}: there is no column {wanted!r} ({listed.text}){near}")


def called(names: Iterable[str], wanted: str) -> tuple[str, ...]:
    """Those of some names that may be meant by one: itself; else the same in capitals or not; else the same squeezed.

    Returns:
        no name, the name that is meant, or several of which nobody knows which it is.
    """
    names = tuple(dict.fromkeys(names))
    if wanted in names:
        return (wanted,)
    same = tuple(name for name in names if name.casefold() == wanted.casefold())
    short = squeezed(wanted)
    # A name of nothing but marks squeezes to nothing, and would be the same as any other of that kind.
    return same or (tuple(name for name in names if squeezed(name) == short) if short else ())


def refuse_unknown(said: Mapping[str, str], roles: Collection[str], columns: Mapping[str, str], shown: str) -> None:
    """Refuse what `columns` of a manifest says and nobody would look at.

    Args:
        said: names of columns by role.
        roles: those that a table of this kind can have.
        columns: of the table.
        shown: what to call it.

    Raises:
        Unusable: a role that is none, or that this table cannot have, or a column that is not there.
    """
    for role, name in said.items():
        if role not in ROLES:
            raise Unusable(f"{shown}: columns.{role} is nothing that mailcheck knows{did_you_mean(role, ROLES)}")
        if role not in roles:
            known = ", ".join(one for one in ROLES if one in roles)
            raise Unusable(
                f"{shown}: columns.{role} is nothing that is looked for in this list; take it out (columns may say "
                f"{known})"
            )
        named(columns, name, shown)


def of_role(role: str, columns: Mapping[str, str], said: Mapping[str, str], shown: str) -> str | None:
    """The expression of the column with a role, or `None` when no column has it.

    Raises:
        Unusable: the manifest names a column that is not there, or several columns have the same name for it.
    """
    if role in said:
        return named(columns, said[role], shown)
    short = {name: squeezed(name) for name in columns}
    for known in ROLES[role]:
        found = [name for name in columns if short[name] == known]
        if len(found) > 1 and role not in OFTEN_TWICE:
            raise Unusable(
                f"{shown}: several columns may be the {role} ({', '.join(found[:6])}); "
                f'say which with columns = {{ {role} = "…" }}'
            )
        if found:
            return columns[found[0]]
    return None


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
        f"{shown}: none of its columns is known as that of the addresses; {_SAY}: {shown_columns(columns).text}"
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
) -> dict[str, tuple[str, ...]]:
    """The names of the columns that may fill merge fields; a field without a column is left out.

    A column of just that name goes before one that differs in capitals, and that before one that differs in accents and
    punctuation. Where several are left, nobody knows which it is, and all are given.

    Args:
        columns: expressions by name.
        fields: as the tags write them.
        said: columns by field, of the manifest; case and punctuation of the fields do not count there either.
        shown: what to call the list.

    Raises:
        Unusable: the manifest names a column that is not there, or several for one field.
    """
    for name in said.values():
        named(columns, name, shown)
    found: dict[str, tuple[str, ...]] = {}
    for field in fields:
        keys = called(said, field)
        if len({said[key] for key in keys}) > 1:
            raise Unusable(f"{shown}: fields names several columns for {field} ({', '.join(keys)}); keep one")
        long = _LONG.get(squeezed(field), "")
        names = (_name_of(columns, said[keys[0]]),) if keys else called(columns, field) or called(columns, long)
        if names:
            found[field] = names
    return found


def _name_of(columns: Mapping[str, str], wanted: str) -> str:
    """The name, as the list writes it, of a column that is there."""
    return wanted if wanted in columns else next(name for name in columns if name.casefold() == wanted.casefold())
