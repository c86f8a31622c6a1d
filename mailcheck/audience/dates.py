"""Dates as lists write them, read by the engine that holds the list."""

from __future__ import annotations

from msgspec import Struct

from mailcheck.audience.dialect import Dialect
from mailcheck.audience.engines import Engine
from mailcheck.audience.staging import number
from mailcheck.rule import Unusable

ISO_DATE = "^[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
LIKE = "write them like 2026-12-31"

# A column of which more cannot be read holds something else, or is written in several ways.
_MOST_UNREAD = 0.2

_YEAR_FIRST = "^[12][0-9]{3}[./][0-9]+[./][0-9]+|^[12][0-9]{3}-[0-9]+-[0-9]+"
_COMPACT, _LONGER = "^[12][0-9]{3}[01][0-9][0-3][0-9]", "^[0-9]{9}"
_DOTTED = "^[0-3]*[0-9][.][01]*[0-9][.][12][0-9]{3}"
_SLASHED = "^[0-3]*[0-9][/-][0-3]*[0-9][/-][12][0-9]{3}"


class Dates(Struct, frozen=True):
    """A column of dates.

    Args:
        iso: the expression of the day, as `2026-12-31`, perhaps with a time behind it.
        is_read: the condition that a row has a day that could be read.
        filled: rows that hold anything with a digit other than zero.
        read: rows whose day could be read.
    """

    iso: str
    is_read: str
    filled: int
    read: int


def dates_in(engine: Engine, kept: str, column: str, what: str) -> Dates:
    """Find out how a column writes its dates.

    Known are `2026-12-31`, `2026/12/31`, `20261231`, `31.12.2026`, and `31/12/2026` or `12/31/2026` where the column
    shows which of both it is; a time may follow. Words such as `never`, and `0000-00-00`, are no date.

    Args:
        engine: that holds the list.
        kept: the relation, as it stands behind FROM.
        column: a column of texts in it.
        what: the list and its column, as the beginning of a sentence.

    Raises:
        Unusable: its dates cannot be read, or have the day or the month first and nothing tells which.
    """
    dialect = engine.dialect
    filled = f"{dialect.matches(column, '[1-9]')} AND {dialect.matches(column, '[0-9]')}"
    iso = dialect.matches(column, ISO_DATE)
    dated = _count(engine, kept, (filled, iso))
    if dated[0] == dated[1]:
        return Dates(column, iso, dated[0], dated[1])
    order = _order(engine, kept, column, what)
    day = _day(dialect, f"trim({column})", month_first=order)
    is_read = f"COALESCE({dialect.matches(day, ISO_DATE)}, (1 = 0))"
    read = _count(engine, kept, (is_read,))[0]
    unread = dated[0] - read
    if unread > _MOST_UNREAD * dated[0]:
        none = "is no date" if unread == 1 else "are no dates"
        raise Unusable(f"{what}: {unread:,} of its {dated[0]:,} values {none} that can be read; {LIKE}")
    return Dates(day, is_read, dated[0], read)


def _count(engine: Engine, kept: str, conditions: tuple[str, ...]) -> list[int]:
    sums = ", ".join(f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)" for condition in conditions)
    return [number(value) for value in engine.rows(f"SELECT {sums} FROM {kept} kept_")[0]]


def _order(engine: Engine, kept: str, column: str, what: str) -> bool:
    """Whether dates with slashes have the month first."""
    dialect = engine.dialect
    text = f"trim({column})"
    slashed = dialect.matches(text, _SLASHED)
    dashes = _dashes(text)
    first, second = (_two(dialect, _part(dialect, dashes, place)) for place in (1, 2))
    found = _count(engine, kept, (slashed, f"{slashed} AND {first} > '12'", f"{slashed} AND {second} > '12'"))
    if found[0] and bool(found[1]) == bool(found[2]):
        how = "some have the day first and others the month" if found[1] else "the day or the month may come first"
        raise Unusable(f"{what}: {how} in its {found[0]:,} dates; {LIKE}")
    return bool(found[2])


def _dashes(text: str) -> str:
    return f"translate({text}, './', '--')"


def _part(dialect: Dialect, text: str, place: int) -> str:
    return dialect.split(text, dialect.literal("-"), place)


def _two(dialect: Dialect, part: str) -> str:
    """The number of a day or month, with two digits."""
    one = dialect.concat("'0'", f"substr({part}, 1, 1)")
    return f"CASE WHEN {dialect.matches(part, '^[0-9][0-9]')} THEN substr({part}, 1, 2) ELSE {one} END"


def _day(dialect: Dialect, text: str, *, month_first: bool) -> str:
    """The expression of a day as ISO 8601 writes it; NULL for what is no date."""
    parts = [_part(dialect, _dashes(text), place) for place in (1, 2, 3)]
    day, month = (parts[1], parts[0]) if month_first else (parts[0], parts[1])
    year = f"substr({parts[2]}, 1, 4)"

    def joined(*three: str) -> str:
        dashed = dialect.concat(dialect.concat(three[0], "'-'"), three[1])
        return dialect.concat(dialect.concat(dashed, "'-'"), three[2])

    cut = [f"substr({text}, {start}, {length})" for start, length in ((1, 4), (5, 2), (7, 2))]
    return (
        f"(CASE WHEN {dialect.matches(text, _YEAR_FIRST)}"
        f" THEN {joined(parts[0], _two(dialect, parts[1]), _two(dialect, parts[2]))}"
        f" WHEN {dialect.matches(text, _COMPACT)} AND NOT {dialect.matches(text, _LONGER)} THEN {joined(*cut)}"
        f" WHEN {dialect.matches(text, _DOTTED)}"
        f" THEN {joined(year, _two(dialect, parts[1]), _two(dialect, parts[0]))}"
        f" WHEN {dialect.matches(text, _SLASHED)} THEN {joined(year, _two(dialect, month), _two(dialect, day))}"
        " ELSE NULL END)"
    )
