"""A list of people in the engine that holds it, normalised once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from mailcheck.audience.addresses import cleaned, fault_of, normal
from mailcheck.audience.engines import Engine, Relation
from mailcheck.audience.statements import BLANK, FAULT_STATES, GOOD, ODD, Column, staged
from mailcheck.audience.tallies import EXAMPLES, Tally, masked
from mailcheck.rule import Unusable

MOST_ODD = 500_000
"""Different addresses that are looked at one by one; a list with more is no list of addresses."""

_HOLD_ADDRESSES = (GOOD, *(FAULT_STATES[fault] for fault in ("name", "invisible", "several")))
"""States of which one at least is met in a column that holds addresses."""


class Staged(Struct, frozen=True):
    """A list with a normalised address and its state in every row.

    Args:
        engine: that holds it.
        sql: what stands behind FROM: columns `address`, `state`, and those that were asked for.
        shown: what the user named.
        states: how many rows have each state of `statements`.
    """

    engine: Engine
    sql: str
    shown: str
    states: Mapping[int, int]

    @property
    def rows(self) -> int:
        """Rows of the list, those without an address too."""
        return sum(self.states.values())

    @property
    def blank(self) -> int:
        """Rows without an address."""
        return self.states.get(BLANK, 0)

    @property
    def filled(self) -> int:
        """Rows with an address."""
        return self.rows - self.blank

    def first(self, condition: str, most: int) -> list[str]:
        """Different addresses for which a condition of SQL holds, at most so many, the first by their code points."""
        rows = f"FROM {self.sql} kept_ WHERE address IS NOT NULL AND ({condition}) ORDER BY address"
        # The first rows are cheap, and few of them alike; what is different in all of them is dear to find.
        some = self.engine.rows(f"SELECT address {rows} LIMIT {4 * most}")
        found = list(dict.fromkeys(str(address) for (address,) in some))
        if len(found) < most and len(some) == 4 * most:
            found = [str(address) for (address,) in self.engine.rows(f"SELECT DISTINCT address {rows} LIMIT {most}")]
        return found[:most]

    def where(self, condition: str) -> Tally:
        """Rows for which a condition of SQL holds, with examples."""
        count = number(self.engine.rows(f"SELECT count(*) FROM {self.sql} kept_ WHERE {condition}")[0][0])
        return Tally(count, self.examples(condition) if count else ())

    def examples(self, condition: str) -> tuple[str, ...]:
        """A few addresses, masked, for which a condition of SQL holds."""
        return tuple(masked(address) for address in self.first(condition, EXAMPLES))


def stage(engine: Engine, relation: Relation, address: str, name: str, more: Sequence[Column] = ()) -> Staged:
    """Normalise a list once, for all that is asked of it.

    Args:
        engine: that holds it.
        relation: the list.
        address: the expression of its addresses.
        name: of what is kept: letters and digits.
        more: further columns to keep.

    Raises:
        Unusable: the list cannot be read, has no rows, or holds no addresses.
    """
    columns = [column.name for column in more]
    kept = engine.keep(name, staged(engine.dialect, relation.sql, address, more))
    counts = _by_state(engine, kept)
    rows = sum(counts.values())
    if not rows:
        raise Unusable(f"{relation.shown}: there is nobody on the list; if that is not a mistake, do not give it")
    if rows == counts.get(BLANK, 0):
        raise Unusable(f"{relation.shown}: the column of the addresses is empty in all of the {rows:,} rows")
    if counts.get(ODD):
        judged = engine.load(f"{name}_odd", ("raw_", "address", "state"), _looked_at(engine, kept, relation.shown))
        kept = engine.amend(kept, columns, judged)
        counts = _by_state(engine, kept)
    if not any(counts.get(state) for state in _HOLD_ADDRESSES):
        from mailcheck.audience.entries import looks_like

        raise Unusable(
            f"{relation.shown}: not one of the {rows - counts.get(BLANK, 0):,} values in the column of the addresses "
            f"is an e-mail address{looks_like(engine, kept) or '; say which column holds them (columns.address)'}"
        )
    return Staged(engine, kept, relation.shown, counts)


def number(value: object) -> int:
    """A whole number out of an answer; engines give decimals, and nothing for the sum of nothing."""
    return int(str(value).partition(".")[0]) if value is not None else 0


def _by_state(engine: Engine, kept: str) -> dict[int, int]:
    counted = engine.rows(f"SELECT state, count(*) FROM {kept} kept_ GROUP BY state")
    return {number(state): number(count) for state, count in counted}


def _looked_at(engine: Engine, kept: str, shown: str) -> Iterator[tuple[str, str | None, int]]:
    """The addresses that the engine left alone, with their normal form and what is wrong with them."""
    seen = 0
    statement = f"SELECT DISTINCT address FROM {kept} kept_ WHERE state = {ODD} LIMIT {MOST_ODD + 1}"
    for batch in list(engine.batches(statement)):
        seen += len(batch)
        if seen > MOST_ODD:
            raise Unusable(
                f"{shown}: more than {MOST_ODD:,} different values in the column of the addresses are none; "
                "say which column holds them (columns.address)"
            )
        for (raw,) in batch:
            text = str(raw)
            if not cleaned(text):
                yield text, None, BLANK
            else:
                fault = fault_of(text)
                yield text, normal(text), FAULT_STATES[fault] if fault else GOOD
