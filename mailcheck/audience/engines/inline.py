"""What engines have in common that may keep nothing: rows written into the statement, and sub-selects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from mailcheck.audience.dialect import Dialect
from mailcheck.audience.statements import ODD
from mailcheck.audience.tables import Source
from mailcheck.rule import Unusable

KEPT = "mailcheck_kept_"
"""How the name of what is kept for the run begins, so that it hides no table of the user."""

MOST_ROWS = 5_000
MOST_CHARACTERS = 700_000
"""Of the rows in one statement; the smallest limit of a warehouse is a megabyte (BigQuery)."""


def inlined(dialect: Dialect, engine: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A relation of rows that are written into the statement.

    Raises:
        Unusable: there are too many.
    """
    listed: list[list[str]] = []
    characters = 0
    for row in rows:
        listed.append(row_of(dialect, columns, row))
        characters += sum(map(len, listed[-1]))
        if len(listed) > MOST_ROWS or characters > MOST_CHARACTERS:
            raise Unusable(
                f"{engine}: more than {len(listed) - 1:,} entries would have to be written into every statement; allow "
                "temporary tables (temporary = true) where the engine has them, or bring both lists into one engine"
            )
    if not listed:
        empty = dialect.inline(columns, [row_of(dialect, columns, [None] * len(columns))])
        return f"(SELECT * FROM {empty} none_ WHERE 1 = 0)"
    return dialect.inline(columns, listed)


def row_of(dialect: Dialect, columns: Sequence[str], row: Sequence[object]) -> list[str]:
    """The literals of a row; the column `state` is a small number, and all others are texts."""
    return [_value(dialect, column, value) for column, value in zip(columns, row, strict=True)]


def _value(dialect: Dialect, column: str, value: object) -> str:
    kind = dialect.small if column == "state" else dialect.text
    if value is None:
        return f"CAST(NULL AS {kind})"
    return f"CAST({int(str(value))} AS {kind})" if column == "state" else dialect.literal(str(value))


def amended(kept: str, columns: Sequence[str], others: str, hint: str = "") -> str:
    """The SELECT that gives rows of `kept` in the state `ODD` the address and state that `others` has for them."""
    more = "".join(f", k.{column}" for column in columns)
    # The key is empty where nothing is to be looked up, which is nearly everywhere.
    return (
        f"SELECT {hint}CASE WHEN k.state = {ODD} THEN o.address ELSE k.address END AS address, "
        f"CASE WHEN k.state = {ODD} THEN o.state ELSE k.state END AS state{more} "
        f"FROM {kept} k LEFT JOIN {others} o ON CASE WHEN k.state = {ODD} THEN k.address END = o.raw_"
    )


def named_in(source: Source, database: str, table: Callable[[str, str], str]) -> tuple[str, str]:
    """What stands behind FROM for the table or query of a source, and what it is called in sentences.

    Args:
        source: in a database.
        database: as it may be told.
        table: `(name, shown)` → the relation of a table.

    Raises:
        Unusable: neither is named, or the query is more than one statement.
    """
    if source.query:
        shown = f"the query in {database}"
        return select_of(source, shown), shown
    if source.table:
        shown = f"{source.table} in {database}"
        return table(source.table, shown), shown
    raise Unusable(f"{database}: say which table = or query = holds the list")


def select_of(source: Source, shown: str) -> str:
    """The query of a source as a relation; it is one statement, since it is put into one.

    Raises:
        Unusable: it is more than one statement.
    """
    text = (source.query or "").strip().rstrip(";").strip()
    if not text or ";" in text:
        raise Unusable(f"{shown}: query has to be one SELECT, without a semicolon")
    # A comment at its end must not swallow the bracket.
    return f"(\n{text}\n)"


def columns_of(dialect: Dialect, names: Iterable[str], shown: str) -> Mapping[str, str]:
    """The expressions of the columns of a table.

    Raises:
        Unusable: two columns have one name.
    """
    columns: dict[str, str] = {}
    for name in names:
        if name in columns:
            raise Unusable(f"{shown}: two columns are called {name!r}; give each a name of its own")
        columns[name] = dialect.quote(name)
    return columns
