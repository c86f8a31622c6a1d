"""Whether the entries of a list are what it is said to hold: addresses, hashes of one kind, or domains.

A list of hashes that is read as one of addresses matches nobody, and so looks as if nobody on it got the mail.
"""

from __future__ import annotations

from mailcheck.audience.dialect import Dialect, Hash
from mailcheck.audience.engines import Engine
from mailcheck.audience.staging import Staged, number
from mailcheck.audience.statements import FIRST_FAULT
from mailcheck.rule import Unusable

DIGITS: dict[Hash, int] = {"md5": 32, "sha1": 40, "sha256": 64}
"""Hexadecimal digits of each hash."""

_SHOWN: dict[Hash, str] = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}
_ADDRESS = "^[^@]+@[^@]"
_WHOLE_DOMAIN = "^[*]*@[^@]+[.][^@]+|^[*][.][^@]+[.]"


def is_hash(dialect: Dialect, text: str, kind: Hash) -> str:
    """The condition that a text in small letters is a hash of some kind."""
    digits = DIGITS[kind]
    return f"({dialect.matches(text, f'^[0-9a-f]{{{digits}}}')} AND length({text}) = {digits})"


def is_entry(dialect: Dialect, text: str, kind: Hash | None) -> str:
    """The condition that a text is what stands on a list of hashes of a kind, or, without one, of domains."""
    return is_hash(dialect, text, kind) if kind else f"NOT {dialect.matches(text, _ADDRESS)}"


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
    what = f"{_SHOWN[kind]} hashes of {DIGITS[kind]} hexadecimal digits" if kind else "domains, but addresses"
    hint = "" if kind is None else _hint(staged.engine, f"{staged.sql} kept_ WHERE state = {FIRST_FAULT}", kind)
    say = hint or ("; leave out `holds`" if kind is None else "; look what the column holds")
    raise Unusable(f"{staged.shown}: of its {staged.filled:,} entries, {others:,} are no {what}{say}")


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
    return _hint(engine, f"{kept} kept_ WHERE state >= {FIRST_FAULT}", None)


def _hint(engine: Engine, where: str, said: Hash | None) -> str:
    dialect, text = engine.dialect, "lower(address)"
    conditions = [is_hash(dialect, text, kind) for kind in DIGITS]
    sums = ", ".join(
        f"sum(CASE WHEN {one} THEN 1 ELSE 0 END)" for one in (dialect.matches(text, _ADDRESS), *conditions)
    )
    addresses, *hashes = (number(value) for value in engine.rows(f"SELECT {sums}, count(*) FROM {where}")[0])
    most = hashes.pop() / 2
    if said and addresses > most:
        return "; they look like addresses: leave out `hash`"
    for kind, count in zip(DIGITS, hashes, strict=True):
        if count > most and kind != said:
            return f'; they look like {_SHOWN[kind]}: say hash = "{kind}"'
    return ""
