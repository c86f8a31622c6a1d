"""What a list holds for the merge fields of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from mailcheck.audience.staging import Staged, number
from mailcheck.audience.statements import CAPITALS, EMPTY, FINE, MARKUP, NULL_LIKE
from mailcheck.audience.tallies import Coverage


class FieldValues:
    """The columns of a list from which merge fields are filled in.

    Args:
        staged: the list in its engine.
        columns: the kept state columns, by merge field.
        unclear: names of columns by merge field, where several may be meant and none is just it.
    """

    def __init__(
        self, staged: Staged, columns: Mapping[str, str], unclear: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self._staged = staged
        self._columns = columns
        self._unclear = unclear or {}
        self._coverage: dict[str, Coverage] = {}

    def has(self, field: str) -> bool:
        """Whether a merge field is filled from a column of the list."""
        return field in self._columns

    def unclear(self, field: str) -> tuple[str, ...]:
        """The names of the columns that may fill a merge field, where they are several and nobody knows which it is."""
        return self._unclear.get(field, ())

    def coverage(self, field: str) -> Coverage:
        """What a merge field holds."""
        if not self._coverage:
            self._coverage = self._counted()
        found = self._coverage[field]
        if not (found.empty or found.null_like or found.markup) or found.examples:
            return found
        where = f"{self._columns[field]} IN ({EMPTY}, {NULL_LIKE}, {MARKUP}) AND address IS NOT NULL"
        found = Coverage(
            field, found.fine, found.empty, found.null_like, found.markup, found.capitals, self._staged.examples(where)
        )
        self._coverage[field] = found
        return found

    def examples_of(self, field: str, sort: Literal["empty", "null_like", "markup", "capitals"]) -> tuple[str, ...]:
        """Masked addresses of some whose value of a merge field is of one sort."""
        state = {"empty": EMPTY, "null_like": NULL_LIKE, "markup": MARKUP, "capitals": CAPITALS}[sort]
        return self._staged.examples(f"{self._columns[field]} = {state}")

    def all(self) -> Mapping[str, Coverage]:
        """What every merge field holds, counted at once and without examples."""
        if not self._coverage and self._columns:
            self._coverage = self._counted()
        return self._coverage

    def _counted(self) -> dict[str, Coverage]:
        states = (FINE, EMPTY, NULL_LIKE, MARKUP, CAPITALS)
        sums = ", ".join(
            f"sum(CASE WHEN {column} = {state} THEN 1 ELSE 0 END)"
            for column in self._columns.values()
            for state in states
        )
        counts = [
            number(value) for value in self._staged.engine.rows(f"SELECT {sums} FROM {self._staged.sql} kept_")[0]
        ]
        width = len(states)
        by_field = {field: counts[i * width : (i + 1) * width] for i, field in enumerate(self._columns)}
        return {
            field: Coverage(field, fine, empty, null_like, markup, capitals)
            for field, (fine, empty, null_like, markup, capitals) in by_field.items()
        }
