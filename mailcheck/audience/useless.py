"""Entries of a list that can stop nobody: several addresses in one field, a bare domain among addresses, a name.

The engine tells which entries are none of those that are compared; what they are is told apart here, so that every
engine has the same answer for it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from msgspec import Struct

from mailcheck.audience.addresses import cleaned, fault_of, normal_domain
from mailcheck.audience.known import entries
from mailcheck.audience.staging import Staged, number
from mailcheck.audience.statements import FIRST_FAULT, GOOD, NOTHING
from mailcheck.audience.tables import SuppressionList
from mailcheck.audience.tallies import EXAMPLES, Tally, masked
from mailcheck.rule import Unusable

MOST_USELESS = 500_000
"""Different entries that are told apart; a list with more is no list of addresses or domains."""

TOO_MANY = 0.1
"""The share of useless entries from which nobody knows what the list is, so that nothing compared with it is sure."""

Sort = Literal["", "several", "domain", "other"]

_USUAL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}")
_BETWEEN = re.compile(r"[\s,;|/<>()\[\]\"']+")
_ADDRESS = re.compile(r"[^@]+@[^@]+\.[^@.]+")
_LABELS = re.compile(r"(?:https?://)?[*.]{0,2}((?:[\w-]{1,63}\.)+[^\W\d_][\w-]*)[./]?")
_LISTED_DOMAIN = re.compile(r"[*]?@?[*]?\.?((?:[\w-]{1,63}\.)+[\w-]{2,63}|localhost)\.?")


class Useless(Struct, frozen=True):
    """Entries of a list that can stop nobody, in rows.

    Args:
        several: fields with several addresses, or several domains.
        domains: bare domains in a list of addresses.
        others: anything else, such as names and numbers.
    """

    several: Tally
    domains: Tally
    others: Tally


def useless_of(staged: Staged, table: SuppressionList) -> Useless:
    """The entries of a list that can stop nobody; comments (`# …`) and a program's word for nothing are none.

    Raises:
        Unusable: there are too many different ones.
    """
    found: dict[Sort, list[tuple[str, int]]] = {"": [], "several": [], "domain": [], "other": []}
    condition = _condition(staged, table)
    if condition:
        of_domains = table.holds == "domains"
        for text, count in _suspects(staged, condition):
            found[_in_domains(text) if of_domains else _in_addresses(text)].append((text, count))
    return Useless(*(_tally(found[sort]) for sort in ("several", "domain", "other")))


def refuse_hidden(staged: Staged, table: SuppressionList, found: Useless) -> None:
    """Refuse a list that names people in a way in which they would not be met.

    Raises:
        Unusable: several addresses stand in one field, or bare domains among addresses.
    """
    of_all = f"of its {staged.filled:,} entries"
    if found.several:
        what = "domains" if table.holds == "domains" else "addresses"
        raise Unusable(
            f"{staged.shown}: several {what} stand in one field, in {found.several.count:,} {of_all}"
            f"{_such_as(found.several)}, so that nobody of them would be met; put each on a line of its own"
        )
    if found.domains:
        raise Unusable(
            f"{staged.shown}: bare domains stand among its addresses, {found.domains.count:,} {of_all}"
            f'{_such_as(found.domains)}; put them in a list of their own, with holds = "domains"'
        )


def refuse_most(staged: Staged, table: SuppressionList, others: Tally) -> None:
    """Refuse a list of which a tenth and more is something else than it should hold.

    Raises:
        Unusable: how many entries that are.
    """
    if others and others.count >= TOO_MANY * staged.filled:
        what = "domain" if table.holds == "domains" else "address"
        are, end = ("is", "s") if others.count == 1 else ("are", "")
        raise Unusable(
            f"{staged.shown}: {others.count:,} of its {staged.filled:,} entries {are} no {what}{_such_as(others)} and "
            f"stop{end} nobody; look whether the right column is read, and take out what is none"
        )


def _condition(staged: Staged, table: SuppressionList) -> str:
    """What the rows fulfil that may be useless; empty where there is none."""
    if table.hash is not None:
        return ""
    if table.holds == "domains":
        dialect = staged.engine.dialect
        odd = dialect.matches("address", "[^a-z0-9.@*_-]")
        return f"state = {GOOD} AND ({odd} OR NOT {dialect.matches('address', '[.]')})"
    return f"state >= {FIRST_FAULT}" if any(state >= FIRST_FAULT for state in staged.states) else ""


def _suspects(staged: Staged, condition: str) -> list[tuple[str, int]]:
    statement = (
        f"SELECT address, count(*) FROM {staged.sql} kept_ WHERE {condition} GROUP BY address LIMIT {MOST_USELESS + 1}"
    )
    found = [(str(text), number(count)) for batch in staged.engine.batches(statement) for text, count in batch]
    if len(found) > MOST_USELESS:
        raise Unusable(f"{staged.shown}: more than {MOST_USELESS:,} different entries are not what it should hold")
    return sorted(found)


def _in_addresses(raw: str) -> Sort:
    """What an entry of a list of addresses is that is none."""
    text = cleaned(raw).lower()
    # The normal form mends a name around an address, or a dot behind it; such an entry stops its person.
    if text.startswith("#") or text in NOTHING or _USUAL.fullmatch(text) or not fault_of(text):
        return ""
    if sum(_ADDRESS.fullmatch(part) is not None for part in _BETWEEN.split(text)) > 1:
        return "several"
    parts = [part for part in _BETWEEN.split(text) if part] if "@" not in text else []
    if "://" in text:
        return "domain" if _is_domain(text) else "other"
    return "domain" if parts and all(map(_is_domain, parts)) else "other"


def _is_domain(text: str) -> bool:
    labels = _LABELS.fullmatch(text)
    if labels is None:
        return False
    ending = labels[1].rpartition(".")[2]
    # Without a look at the ending, `ann.lee` would be a domain, too.
    return ending in _endings() or (len(ending) == 2 and ending.isascii()) or ending.startswith("xn--")


@cache
def _endings() -> frozenset[str]:
    return frozenset(entries("domain-endings"))


def _in_domains(raw: str) -> Sort:
    """What an entry of a list of domains is; empty when it is one."""
    text = cleaned(raw).lower()
    if text.startswith("#") or text in NOTHING or _LISTED_DOMAIN.fullmatch(normal_domain(text)):
        return ""
    parts = [part for part in _BETWEEN.split(text) if part]
    return "several" if len(parts) > 1 and all(map(_LISTED_DOMAIN.fullmatch, parts)) else "other"


def _tally(found: list[tuple[str, int]]) -> Tally:
    return Tally(sum(count for _, count in found), tuple(masked(text) for text, _ in found[:EXAMPLES]))


def _such_as(tally: Tally) -> str:
    return f" (such as {', '.join(tally.examples)})" if tally.examples else ""
