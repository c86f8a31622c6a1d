"""The audience: what rules may ask of the recipients. Each answer is counted in the engine when it is asked for."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Literal

from mailcheck.audience.addresses import Fault, domain_fault, normal
from mailcheck.audience.dates import Dates, dates_in
from mailcheck.audience.staging import Staged, number
from mailcheck.audience.statements import CAPITALS, EMPTY, FAULT_STATES, FINE, MARKUP, NULL_LIKE, folded, spellings
from mailcheck.audience.tables import AudienceTable, Only
from mailcheck.audience.tallies import EXAMPLES, Coverage, Tally, masked
from mailcheck.fingerprints import Figures, Fingerprint
from mailcheck.rule import Unusable

MOST_DOMAINS = 3_000_000
MOST_VALUES = 1_000
DORMANT_DAYS = 365

_USUAL_DOMAIN = re.compile(r"(?!.*--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PROVIDERS = ("gmail.com", "googlemail.com")


class Audience:
    """The recipients of this send.

    Args:
        staged: the list in its engine.
        table: what the manifest says of it.
        roles: the kept columns by role: `country`, `language`, `source`, `last_active`, `recent_mails`.
        fields: the kept state columns, by merge field.
        only: the kept columns of `table.only`, by number.
    """

    def __init__(
        self,
        staged: Staged,
        table: AudienceTable,
        roles: Mapping[str, str],
        fields: Mapping[str, str],
        only: Mapping[int, str],
    ) -> None:
        self.staged = staged
        self.table = table
        self._roles = roles
        self._fields = fields
        self._only = only
        self._coverage: dict[str, Coverage] = {}
        self._prints: dict[str, Fingerprint] = {}

    @property
    def shown(self) -> str:
        """What the user named."""
        return self.staged.shown

    @property
    def rows(self) -> int:
        """Rows of the list."""
        return self.staged.rows

    @property
    def claimed(self) -> int | None:
        """How many rows its maker says it has."""
        return self.table.rows

    @property
    def blank(self) -> int:
        """Rows without an address."""
        return self.staged.blank

    @property
    def recipients(self) -> int:
        """Different addresses: how many people would get the mail."""
        return self._grouped[0]

    @property
    def repeated(self) -> int:
        """Valid addresses that stand in more than one row."""
        return self._grouped[1]

    @property
    def surplus(self) -> int:
        """Rows whose address, a valid one, stands in another row already."""
        return self._grouped[2]

    @cached_property
    def _grouped(self) -> tuple[int, int, int]:
        rows = self._rows(
            "SELECT sum(n - 1), sum(CASE WHEN best = 1 THEN 1 ELSE 0 END), "
            f"sum(CASE WHEN best = 1 THEN n - 1 ELSE 0 END) FROM {self._again} again_"
        )
        again, repeated, surplus = map(number, rows[0])
        return self.staged.filled - again, repeated, surplus

    @cached_property
    def _again(self) -> str:
        """The relation of the addresses that stand in more than one row: how many rows, and the least state of them."""
        grouped = f"SELECT address, count(*) AS n, min(state) AS best FROM {self._kept} WHERE address IS NOT NULL"
        return self.staged.engine.keep("again", f"{grouped}{self._may_repeat} GROUP BY address HAVING count(*) > 1")

    @property
    def _may_repeat(self) -> str:
        """A further condition: rows whose address stands in another row fulfil it, and hardly any other row does.

        Most addresses stand there once, which numbers in order tell in less time and memory than groups of texts.
        """
        number_of = self.staged.engine.dialect.number
        if number_of is None:
            return ""
        key = number_of("address")
        keys = f"SELECT {key} AS key_ FROM {self._kept} WHERE address IS NOT NULL"
        ordered = f"SELECT key_, lag(key_) OVER (ORDER BY key_) AS before_ FROM ({keys}) keys_"
        return f" AND {key} IN (SELECT key_ FROM ({ordered}) ordered_ WHERE key_ = before_)"

    def repeated_examples(self) -> tuple[str, ...]:
        """Some of the addresses that stand in more than one row, masked."""
        rows = self._rows(
            f"SELECT address FROM {self._again} again_ WHERE best = 1 ORDER BY n DESC, address LIMIT {EXAMPLES}"
        )
        return tuple(masked(address) for (address,) in rows)

    def same_mailbox(self) -> Tally:
        """Addresses that differ, but reach one Gmail mailbox: dots and what follows a plus do not count there."""
        # Where the domains were counted already, they may spare the question.
        known: Mapping[str, int] | None = vars(self).get("domains")
        if known is not None and sum(known.get(provider, 0) for provider in _PROVIDERS) < 2:
            return Tally(0)
        sql, dialect = self._kept, self.staged.engine.dialect
        local, domain = dialect.before("address", "@"), dialect.behind("address", "@")
        mailbox = f"replace({dialect.before(local, '+')}, '.', '')"
        # All of them end so, and looking there first spares most rows the cutting.
        rows = self._rows(
            "SELECT sum(n - 1), min(one) FROM (SELECT count(DISTINCT address) AS n, min(address) AS one "
            f"FROM {sql} WHERE state = 1 AND address LIKE '%mail.com' AND {dialect.one_of(domain, _PROVIDERS)} "
            f"GROUP BY {mailbox}) grouped_ WHERE n > 1"
        )
        count = number(rows[0][0])
        return Tally(count, (masked(rows[0][1]),) if count else ())

    @cached_property
    def domains(self) -> Mapping[str, int]:
        """How many rows each domain has, the largest first."""
        dialect = self.staged.engine.dialect
        domain = dialect.behind("address", "@")
        statement = (
            f"SELECT {domain} AS domain_, count(*) AS n FROM {self._kept} WHERE state = 1 GROUP BY {domain} "
            f"LIMIT {MOST_DOMAINS + 1}"
        )
        found = {str(name): number(count) for batch in self.staged.engine.batches(statement) for name, count in batch}
        if len(found) > MOST_DOMAINS:
            raise Unusable(f"{self.shown}: more than {MOST_DOMAINS:,} domains; split the list")
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    @cached_property
    def invalid(self) -> Mapping[Fault, Tally]:
        """Rows whose address no mail server takes, by what is wrong with it."""
        found: dict[Fault, int] = {fault: self.staged.states.get(state, 0) for fault, state in FAULT_STATES.items()}
        bad = self.bad_domains
        found["domain"] += sum(self.domains[domain] for domain in bad)
        return {fault: Tally(count, self._invalid_examples(fault)) for fault, count in found.items() if count}

    @cached_property
    def bad_domains(self) -> tuple[str, ...]:
        """Domains of addresses that look right, but cannot exist."""
        return tuple(one for one in self.domains if not _USUAL_DOMAIN.fullmatch(one) and domain_fault(one))

    def _invalid_examples(self, fault: Fault) -> tuple[str, ...]:
        where = f"state = {FAULT_STATES[fault]}"
        if fault == "domain" and self.bad_domains:
            where = f"({where} OR {self._in_domains(self.bad_domains[:100])})"
        return self.examples(where)

    def in_domains(self, domains: Iterable[str]) -> Tally:
        """Rows whose address is at one of some domains."""
        present = [domain for domain in domains if domain in self.domains]
        if not present:
            return Tally(0)
        return Tally(sum(self.domains[one] for one in present), self.examples(self._in_domains(present[:1_000])))

    def _in_domains(self, domains: Iterable[str]) -> str:
        dialect = self.staged.engine.dialect
        return f"(state = 1 AND {dialect.one_of(dialect.behind('address', '@'), tuple(domains))})"

    def with_local(self, names: Iterable[str]) -> Tally:
        """Rows whose address begins with one of some names before the @, such as `info`."""
        dialect = self.staged.engine.dialect
        where = f"state = 1 AND {dialect.one_of(dialect.before('address', '@'), tuple(names))}"
        return self.where(where)

    def holding(self, addresses: Iterable[str]) -> frozenset[str]:
        """Those of some addresses that are in the list, in the spelling in which they were asked for."""
        asked = {normal(address): address for address in addresses}
        if not asked:
            return frozenset()
        wanted = self.staged.engine.dialect.one_of("address", tuple(asked))
        rows = self._rows(f"SELECT DISTINCT address FROM {self._kept} WHERE {wanted}")
        return frozenset(asked[str(address)] for (address,) in rows)

    def has(self, role: str) -> bool:
        """Whether the list has a column with a role, such as `country`."""
        return role in self._roles

    def values(self, role: str) -> Mapping[str, int]:
        """How many rows have each value of a role's column, in small letters and without spaces; the largest first.

        At most 1,000 values; rows without one count under the empty text.
        """
        if role not in self._roles:
            return {}
        value = f"COALESCE({folded(self.staged.engine.dialect, 'raw_')}, '')"
        rows = self._rows(
            f"SELECT {value} AS value_, sum(n) AS n FROM ({self._written(self._roles[role])}) written_ "
            f"GROUP BY {value} ORDER BY n DESC, value_ LIMIT {MOST_VALUES}"
        )
        found: Counter[str] = Counter()
        for name, count in rows:
            found[unicodedata.normalize("NFC", str(name).lower())] += number(count)
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def before(self, role: str, day: date) -> tuple[int, int]:
        """How many rows have a date before a day in a role's column, and how many have one at all.

        Raises:
            Unusable: its dates cannot be read.
        """
        dates = self._dates(self._roles[role], role)
        old = f"{dates.is_read} AND {dates.iso} < {self.staged.engine.dialect.literal(day.isoformat())}"
        return number(self._rows(f"SELECT sum(CASE WHEN {old} THEN 1 ELSE 0 END) FROM {self._kept}")[0][0]), dates.read

    def _dates(self, column: str, called: str) -> Dates:
        return dates_in(self.staged.engine, self.staged.sql, column, f"{self.shown}: the column {called!r}")

    @cached_property
    def dormant(self) -> tuple[int, int]:
        """How many rows were last active more than a year ago, and how many have a date of it at all."""
        return self.before("last_active", datetime.now(UTC).date() - timedelta(days=DORMANT_DAYS))

    def at_least(self, role: str, least: int) -> Tally:
        """Rows with a whole number of at least `least` in a role's column; `3.0` is one, too."""
        dialect = self.staged.engine.dialect
        text = f"trim({self._roles[role]})"
        whole = dialect.before(text, ".")
        digits = (
            f"{dialect.matches(text, '^[0-9]')} AND NOT {dialect.matches(text, '[^0-9.]|[.][0-9]*[1-9.]')}"
            f" AND length({whole}) < 9"
        )
        return self.where(f"CASE WHEN {digits} THEN CAST({whole} AS INTEGER) ELSE 0 END >= {least}")

    def has_field(self, field: str) -> bool:
        """Whether a merge field is filled from a column of the list."""
        return field in self._fields

    def coverage(self, field: str) -> Coverage:
        """What a merge field holds."""
        if not self._coverage:
            self._coverage = self._all_coverage()
        found = self._coverage[field]
        if not (found.empty or found.null_like or found.markup) or found.examples:
            return found
        where = f"{self._fields[field]} IN ({EMPTY}, {NULL_LIKE}, {MARKUP}) AND address IS NOT NULL"
        found = Coverage(
            field, found.fine, found.empty, found.null_like, found.markup, found.capitals, self.examples(where)
        )
        self._coverage[field] = found
        return found

    def examples_of(self, field: str, sort: Literal["empty", "null_like", "markup", "capitals"]) -> tuple[str, ...]:
        """Masked addresses of some whose value of a merge field is of one sort."""
        state = {"empty": EMPTY, "null_like": NULL_LIKE, "markup": MARKUP, "capitals": CAPITALS}[sort]
        return self.examples(f"{self._fields[field]} = {state}")

    def all_coverage(self) -> Mapping[str, Coverage]:
        """What every merge field holds, counted at once and without examples."""
        if not self._coverage and self._fields:
            self._coverage = self._all_coverage()
        return self._coverage

    def _all_coverage(self) -> dict[str, Coverage]:
        states = (FINE, EMPTY, NULL_LIKE, MARKUP, CAPITALS)
        sums = ", ".join(
            f"sum(CASE WHEN {column} = {state} THEN 1 ELSE 0 END)"
            for column in self._fields.values()
            for state in states
        )
        counts = [number(value) for value in self._rows(f"SELECT {sums} FROM {self._kept}")[0]]
        width = len(states)
        by_field = {field: counts[i * width : (i + 1) * width] for i, field in enumerate(self._fields)}
        return {
            field: Coverage(field, fine, empty, null_like, markup, capitals)
            for field, (fine, empty, null_like, markup, capitals) in by_field.items()
        }

    def outside(self, only: Only, today: date) -> Tally:
        """Rows of people who are not those whom an offer is for; a value that cannot be read counts as outside.

        Args:
            only: by a column; segments are asked of `segments`.
            today: the day on which an age is reached.

        Raises:
            Unusable: the dates of birth cannot be read.
        """
        column, dialect = self._only[self.table.only.index(only)], self.staged.engine.dialect
        if only.min_age is None:
            return self._others(column, spellings(only.values))
        born = _years_before(today, only.min_age).isoformat()
        dates = self._dates(column, only.column or "")
        inside = f"{dates.is_read} AND {dates.iso} < {dialect.literal(born + 'U')}"
        return self.where(f"address IS NOT NULL AND NOT COALESCE({inside}, (1 = 0))")

    def _others(self, column: str, values: tuple[str, ...]) -> Tally:
        """Rows with an address whose column holds none of some folded values."""
        dialect = self.staged.engine.dialect

        def outside(text: str) -> str:
            return f"NOT COALESCE({dialect.one_of(folded(dialect, text), values)}, (1 = 0))"

        written = self._written(column, "address IS NOT NULL")
        count = number(self._rows(f"SELECT sum(n) FROM ({written}) written_ WHERE {outside('raw_')}")[0][0])
        return Tally(count, self.examples(outside(column)) if count else ())

    def _written(self, column: str, condition: str = "(1 = 1)") -> str:
        """The SELECT of the values of a column as they are written, and how many rows have each.

        Few differ, so that what is computed of them is computed seldom.
        """
        return f"SELECT {column} AS raw_, count(*) AS n FROM {self._kept} WHERE {condition} GROUP BY {column}"

    def figures(self, salt: str) -> Figures:
        """What is kept of the audience once it was mailed: counts, shares and a sketch, but no address."""
        from mailcheck.audience.figuring import figures_of

        return figures_of(self, salt)

    def fingerprint(self, salt: str) -> Fingerprint:
        """The sketch with which this audience can be compared with earlier ones.

        Args:
            salt: that of the history; see `mailcheck.history.past.History.salt`.
        """
        if salt not in self._prints:
            from mailcheck.audience.figuring import fingerprint_of

            self._prints[salt] = fingerprint_of(self, salt)
        return self._prints[salt]

    def where(self, condition: str) -> Tally:
        """Rows for which a condition of SQL holds, with examples."""
        count = number(self._rows(f"SELECT count(*) FROM {self._kept} WHERE {condition}")[0][0])
        return Tally(count, self.examples(condition) if count else ())

    def examples(self, condition: str) -> tuple[str, ...]:
        """A few addresses, masked, for which a condition of SQL holds."""
        return tuple(masked(address) for address in self.staged.first(condition, EXAMPLES))

    @property
    def _kept(self) -> str:
        return f"{self.staged.sql} kept_"

    def _rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.staged.engine.rows(sql)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
