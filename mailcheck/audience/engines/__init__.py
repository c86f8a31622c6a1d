"""The engines that hold lists, behind one small protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from mailcheck.audience.dialect import Dialect

Row = tuple[object, ...]


class Relation(Struct, frozen=True):
    """A table of people as an engine sees it.

    Args:
        sql: what stands behind FROM.
        columns: the expression of each column, by its name, in order.
        shown: what the user named, for sentences.
        nested: the names of columns that hold lists or structures, of which none can be an address.
    """

    sql: str
    columns: Mapping[str, str]
    shown: str
    nested: frozenset[str] = frozenset()


class Engine(Protocol):
    """Something that answers SQL. Only counts and a few rows come back from it.

    Every method raises `mailcheck.rule.Unusable` with one sentence when the engine refuses.
    """

    dialect: Dialect
    name: str

    def rows(self, sql: str) -> list[Row]:
        """Every row of a small answer."""
        ...

    def batches(self, sql: str) -> Iterator[list[Row]]:
        """The rows of an answer that may be large, some thousands at a time."""
        ...

    def keep(self, name: str, select: str) -> str:
        """Keep the rows of a SELECT for the run, and return what to write behind FROM."""
        ...

    def load(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
        """Bring rows of texts (and whole numbers) into the engine for the run, and return what to write behind FROM."""
        ...

    def amend(self, kept: str, columns: Sequence[str], others: str) -> str:
        """Give rows of `kept` the address and state that `others` (raw_, address, state) has for their address.

        Returns:
            what to write behind FROM.
        """
        ...

    def close(self) -> None:
        """Let go of everything that was kept."""
        ...
