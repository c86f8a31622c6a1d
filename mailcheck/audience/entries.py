"""Whether the entries of a list are what it is said to hold: addresses, hashes of one kind, or domains.

A list of hashes that is read as one of addresses matches nobody, and so looks as if nobody on it got the mail.
"""

from __future__ import annotations

from typing import Literal

from mailcheck.audience.dialect import Dialect, Hash
from mailcheck.audience.engines import Engine
from mailcheck.audience.staging import Staged, number
from mailcheck.audience.statements import FIRST_FAULT
from mailcheck.rule import Unusable

DIGITS: dict[Hash, int] = {"md5": 32, "sha1": 40, "sha256": 64}
"""Hexadecimal digits of each hash."""

Looks = Literal["addresses", "md5", "sha1", "sha256"]
_SHOWN: dict[Looks, str] = {"addresses": "addresses", "md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}
_ADDRESS = "^[^@]*[^@*][^@]*@[^@]"
_URL = "^[a-z]+://"
_WHOLE_DOMAIN = "^[*]*@[^@]+[.][^@]+|^[*][.][^@]+[.]"


def is_hash(dialect: Dialect, text: str, kind: Hash) -> str:
    """The condition that a text in small letters is a hash of some kind."""
    digits = DIGITS[kind]
    return f"({dialect.matches(text, f'^[0-9a-f]{{{digits}}}')} AND length({text}) = {digits})"


def is_entry(dialect: Dialect, text: str, kind: Hash | None) -> str:
    """The condition that a text is what stands on a list of hashes of a kind, or, without one, of domains."""
    if kind is not None:
        return is_hash(dialect, text, kind)
    others = [dialect.matches(text, pattern) for pattern in (_ADDRESS, _URL)]
    others += [is_hash(dialect, text, one) for one in DIGITS]
    return f"NOT ({' OR '.join(others)})"


def refuse_others(staged: Staged, kind: Hash | None) -> None:
    """Refuse a list of hashes, or of domains, that holds something else.

    Args:
        staged: entries in small letters, in a state of `FIRST_FAULT` where `is_entry` does not hold.
        kind: of the hashes; `None` for domains.

    Raises:
        Unusable: how many entries are something else, and what they look like.
    """
    others = staged.states.get(FIRST_FAULT, 0)
    if not others:
        return
    what = f"{_SHOWN[kind]} hashes of {DIGITS[kind]} hexadecimal digits" if kind else "domains"
    looks, say = _looks(staged.engine, staged.sql), "look what the column holds"
    if looks is not None and others * 2 <= staged.filled:
        say = f"they look like {_SHOWN[looks]}: put them in a list of their own"
    elif looks == "addresses":
        say = f"they look like addresses: leave out `{'hash' if kind else 'holds'}`"
    elif looks is not None:
        say = _said_hash(looks)
    raise Unusable(f"{staged.shown}: of its {staged.filled:,} entries, {others:,} are no {what}; {say}")


def refuse_mixed(staged: Staged) -> None:
    """Refuse a list of addresses of which some entries are whole domains or hashes: they would match nobody.

    Raises:
        Unusable: how many, and what to do.
    """
    if not any(count for state, count in staged.states.items() if state >= FIRST_FAULT):
        return
    dialect, text = staged.engine.dialect, "lower(address)"
    hashes = " OR ".join(is_hash(dialect, text, kind) for kind in DIGITS)
    found = staged.engine.rows(
        f"SELECT sum(CASE WHEN {dialect.matches('address', _WHOLE_DOMAIN)} THEN 1 ELSE 0 END), "
        f"sum(CASE WHEN {hashes} THEN 1 ELSE 0 END) FROM {staged.sql} kept_ WHERE state >= {FIRST_FAULT}"
    )[0]
    for count, what, how in (
        (number(found[0]), "whole domains (@shop.example)", 'holds = "domains"'),
        (number(found[1]), "hashes", "hash"),
    ):
        if count:
            raise Unusable(
                f"{staged.shown}: {what} stand among its addresses, {count:,} of {staged.filled:,} entries; "
                f"put them in a list of their own, with {how}"
            )


def looks_like(engine: Engine, kept: str) -> str:
    """What the entries of a list look like that holds no address, as the end of a sentence."""
    looks = _looks(engine, kept)
    return "" if looks is None or looks == "addresses" else f"; {_said_hash(looks)}"


def _said_hash(kind: Looks) -> str:
    return f'they look like {_SHOWN[kind]}: say hash = "{kind}"'


def _looks(engine: Engine, kept: str) -> Looks | None:
    """What most of the entries that are not what they should be look like."""
    dialect, text = engine.dialect, "lower(address)"
    names: tuple[Looks, ...] = ("addresses", *DIGITS)
    conditions = (dialect.matches(text, _ADDRESS), *(is_hash(dialect, text, kind) for kind in DIGITS))
    sums = ", ".join(f"sum(CASE WHEN {one} THEN 1 ELSE 0 END)" for one in conditions)
    *counts, every = engine.rows(f"SELECT {sums}, count(*) FROM {kept} kept_ WHERE state >= {FIRST_FAULT}")[0]
    return next((name for name, one in zip(names, counts, strict=True) if number(one) * 2 > number(every)), None)
