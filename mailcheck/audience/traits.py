"""What a list says of people besides their addresses: where they live, what they read, when they were last active."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from msgspec import Struct

from mailcheck.audience.addresses import cleaned
from mailcheck.audience.dates import ISO_DATE, Dates, dates_in
from mailcheck.audience.staging import Staged, number
from mailcheck.audience.statements import NOTHING, folded, is_blank, spaces_off, spellings
from mailcheck.audience.tables import AudienceTable, Only
from mailcheck.audience.tallies import Tally
from mailcheck.rule import Unusable

MOST_VALUES = 1_000
MOST_STATES = 1_000_000
LONGEST_VALUE = 60
"""Characters of a value that are looked at to tell whether it is a status."""
DORMANT_DAYS = 365

_WHOLE = re.compile(r"\s*(-?[0-9]+)(?:\.0*)?\s*", re.ASCII)


class Said(Struct, frozen=True):
    """What one column says of people.

    Args:
        heading: what the column is called.
        values: how many rows have each value, by the sort of the value; the most frequent first.
    """

    heading: str
    values: Mapping[str, Mapping[str, int]]


class Traits:
    """The columns of a list that say what kind of people they are.

    Args:
        staged: the list in its engine.
        table: what the manifest says of it.
        roles: the kept columns by role: `country`, `language`, `source`, `last_active`, `recent_mails`, `status`,
            `opted_out`; further columns with a role as `status_2` …
        only: the kept columns of `table.only`, by number.
        headings: what the columns of `roles` are called in the list.
    """

    def __init__(
        self,
        staged: Staged,
        table: AudienceTable,
        roles: Mapping[str, str],
        only: Mapping[int, str],
        headings: Mapping[str, str],
    ) -> None:
        self._staged = staged
        self._table = table
        self._roles = roles
        self._only = only
        self._headings = headings

    def heading(self, role: str) -> str:
        """What the column with a role is called in the list."""
        return self._headings[role]

    def has(self, role: str) -> bool:
        """Whether the list has a column with a role, such as `country`."""
        return role in self._roles

    def values(self, role: str) -> Mapping[str, int]:
        """How many rows have each value of a role's column, in small letters and without spaces; the largest first.

        At most 1,000 values; rows without one count under the empty text.
        """
        if role not in self._roles:
            return {}
        value = f"COALESCE({folded(self._staged.engine.dialect, 'raw_')}, '')"
        rows = self._rows(
            f"SELECT {value} AS value_, sum(n) AS n FROM ({self._written(self._roles[role])}) written_ "
            f"GROUP BY {value} ORDER BY n DESC, value_ LIMIT {MOST_VALUES}"
        )
        found: Counter[str] = Counter()
        for name, count in rows:
            found[unicodedata.normalize("NFC", str(name).lower())] += number(count)
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def said(self, role: str, sort_of: Callable[[str], str]) -> Iterator[Said]:
        """What each column with a role says, whatever the number of its values.

        Args:
            role: `status` or `opted_out`, which several columns may have.
            sort_of: the sort of a value, which is in small letters, without spaces at its ends and without invisible
                characters, a time behind a day left out; nothing for a value of no interest.

        Raises:
            Unusable: a column has more different values than any status.
        """
        for name, column in self._roles.items():
            if name == role or name.startswith(f"{role}_"):
                counted: dict[str, Counter[str]] = {}
                for value, rows in self._different(column, self._headings[name]):
                    if sort := sort_of(value):
                        tally = counted.setdefault(sort, Counter())
                        tally[value if value in tally or len(tally) < MOST_VALUES else "\u2026"] += rows
                yield Said(self._headings[name], {sort: dict(one.most_common()) for sort, one in counted.items()})

    def _different(self, column: str, heading: str) -> Iterator[tuple[str, int]]:
        dialect = self._staged.engine.dialect
        day = f"CASE WHEN {dialect.matches('raw_', ISO_DATE)} THEN substr(raw_, 1, 10)"
        value = f"COALESCE(substr({day} ELSE {folded(dialect, 'raw_')} END, 1, {LONGEST_VALUE}), '')"
        statement = (
            f"SELECT {value} AS value_, sum(n) AS n FROM ({self._written(column)}) written_ GROUP BY {value} "
            f"LIMIT {MOST_STATES + 1}"
        )
        seen = 0
        for batch in self._staged.engine.batches(statement):
            seen += len(batch)
            if seen > MOST_STATES:
                raise Unusable(
                    f"{self._staged.shown}: the column {heading!r} has more than {MOST_STATES:,} different values, so "
                    "it does not say who opted out; say which does (columns.status or columns.opted_out)"
                )
            for name, rows in batch:
                yield cleaned(unicodedata.normalize("NFC", str(name).lower())), number(rows)

    def before(self, role: str, day: date) -> tuple[int, int]:
        """How many rows have a date before a day in a role's column, and how many have one at all.

        Raises:
            Unusable: its dates cannot be read.
        """
        dates = self._dates(self._roles[role], self._headings[role])
        old = f"{dates.is_read} AND {dates.iso} < {self._staged.engine.dialect.literal(day.isoformat())}"
        return number(self._rows(f"SELECT sum(CASE WHEN {old} THEN 1 ELSE 0 END) FROM {self._kept}")[0][0]), dates.read

    def _dates(self, column: str, called: str) -> Dates:
        return dates_in(self._staged.engine, self._staged.sql, column, f"{self._staged.shown}: the column {called!r}")

    @cached_property
    def dormant(self) -> tuple[int, int]:
        """How many rows were last active more than a year ago, and how many have a date of it at all."""
        return self.before("last_active", datetime.now(UTC).date() - timedelta(days=DORMANT_DAYS))

    def at_least(self, role: str, least: int) -> Tally:
        """Rows with a number of at least `least` in a role's column; `3.0` and `3,0` are one, too."""
        column = self._roles[role]

        def often(text: str) -> str:
            is_read, whole = self._number(text)
            return f"CASE WHEN {is_read} THEN CAST({whole} AS INTEGER) ELSE 0 END >= {least}"

        count = number(self._rows(f"SELECT sum(n) FROM ({self._written(column)}) written_ WHERE {often('raw_')}")[0][0])
        return Tally(count, self._staged.examples(often(column)) if count else ())

    def numbers(self, role: str) -> tuple[int, int]:
        """How many rows have a number that can be read in a role's column, and how many have anything in it."""
        dialect = self._staged.engine.dialect
        nothing = f"{is_blank(dialect, 'raw_')} OR {dialect.one_of(folded(dialect, 'raw_'), tuple(sorted(NOTHING)))}"
        conditions = (self._number("raw_")[0], f"NOT ({nothing})")
        sums = ", ".join(f"sum(CASE WHEN {condition} THEN n ELSE 0 END)" for condition in conditions)
        read, filled = self._rows(f"SELECT {sums} FROM ({self._written(self._roles[role])}) written_")[0]
        return number(read), number(filled)

    def _number(self, column: str) -> tuple[str, str]:
        """The condition that a column holds a number, and the expression of its digits before the point."""
        dialect = self._staged.engine.dialect
        # Most are plain, and `translate` is dear.
        pointed = f"translate({spaces_off(dialect, column)}, ',', '.')"
        text = f"CASE WHEN {dialect.matches(column, '[^0-9.]')} THEN {pointed} ELSE {column} END"
        whole = dialect.before(text, ".")
        is_read = (
            f"{dialect.matches(text, '^[0-9]')} AND NOT {dialect.matches(text, '[^0-9.]|[.][0-9]*[.]')}"
            f" AND length({whole}) < 9"
        )
        return is_read, whole

    def outside(self, only: Only, today: date) -> Tally:
        """Rows of people who are not those whom an offer is for; a value that cannot be read counts as outside.

        Args:
            only: by a column; segments are asked of `segments`.
            today: the day on which an age is reached.

        Raises:
            Unusable: the dates of birth cannot be read.
        """
        column, dialect = self._only[self._table.only.index(only)], self._staged.engine.dialect
        if only.min_age is None:
            return self._others(column, only.values)
        born = _years_before(today, only.min_age).isoformat()
        dates = self._dates(column, only.column or "")
        inside = f"{dates.is_read} AND {dates.iso} < {dialect.literal(born + 'U')}"
        return self._staged.where(f"address IS NOT NULL AND NOT COALESCE({inside}, (1 = 0))")

    def _others(self, column: str, values: tuple[str, ...]) -> Tally:
        """Rows with an address whose column holds none of some values; `1.0` is the value 1, as files write it."""
        dialect = self._staged.engine.dialect
        written_so, whole = spellings(values), tuple(found[1] for one in values if (found := _WHOLE.fullmatch(one)))

        def outside(text: str) -> str:
            plain = folded(dialect, text)
            inside = dialect.one_of(plain, written_so)
            if whole:
                same = dialect.one_of(dialect.before(plain, "."), whole)
                inside = f"({inside} OR ({same} AND NOT {dialect.matches(plain, '[.]0*[^0]')}))"
            return f"NOT COALESCE({inside}, (1 = 0))"

        written = self._written(column, "address IS NOT NULL")
        count = number(self._rows(f"SELECT sum(n) FROM ({written}) written_ WHERE {outside('raw_')}")[0][0])
        return Tally(count, self._staged.examples(outside(column)) if count else ())

    def _written(self, column: str, condition: str = "(1 = 1)") -> str:
        """The SELECT of the values of a column as they are written, and how many rows have each.

        Few differ, so that what is computed of them is computed seldom.
        """
        return f"SELECT {column} AS raw_, count(*) AS n FROM {self._kept} WHERE {condition} GROUP BY {column}"

    @property
    def _kept(self) -> str:
        return f"{self._staged.sql} kept_"

    def _rows(self, sql: str) -> list[tuple[object, ...]]:
        return self._staged.engine.rows(sql)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
