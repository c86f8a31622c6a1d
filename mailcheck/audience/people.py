"""The audience: what rules may ask of the recipients. Each answer is counted in the engine when it is asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from mailcheck.audience.addresses import Fault, domain_fault, normal, normal_domain
from mailcheck.audience.field_values import FieldValues
from mailcheck.audience.staging import Staged, number
from mailcheck.audience.statements import FAULT_STATES, FIRST_FAULT, HAS_DOMAIN
from mailcheck.audience.tables import AudienceTable
from mailcheck.audience.tallies import EXAMPLES, Tally, masked
from mailcheck.audience.traits import Traits
from mailcheck.fingerprints import Figures, Fingerprint
from mailcheck.rule import Unusable

MOST_DOMAINS = 3_000_000

_USUAL_DOMAIN = re.compile(r"(?!.*--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PROVIDERS = ("gmail.com", "googlemail.com")

Columns = TypeVar("Columns", Traits, FieldValues)


class Audience:
    """The recipients of this send.

    Args:
        staged: the list in its engine.
        table: what the manifest says of it.
        traits: what else it says of people; `None` where nothing of the run asks for that, so that it was not kept.
        field_values: what it holds for the merge fields; likewise.

    A rule that looks at these asks for the facts `traits` and `field_values`. Here it would find them only where
    another rule of the run asked, so they are not shown.
    """

    def __init__(
        self,
        staged: Staged,
        table: AudienceTable,
        traits: Traits | None = None,
        field_values: FieldValues | None = None,
    ) -> None:
        self.staged = staged
        self.table = table
        self._traits = traits
        self._field_values = field_values
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

    @property
    def repetitions(self) -> str:
        """The SELECT of the valid addresses that stand in more than one row, and in how many rows each stands."""
        return f"SELECT address, n FROM {self._again} again_ WHERE best = 1"

    def repeated_examples(self) -> tuple[str, ...]:
        """Some of the addresses that stand in more than one row, masked."""
        rows = self._rows(f"{self.repetitions} ORDER BY n DESC, address LIMIT {EXAMPLES}")
        return tuple(masked(address) for address, _ in rows)

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
        return self.staged.examples(where)

    def in_domains(self, domains: Iterable[str]) -> Tally:
        """Rows whose address is at one of some domains."""
        present = [domain for domain in domains if domain in self.domains]
        if not present:
            return Tally(0)
        return Tally(sum(self.domains[one] for one in present), self.staged.examples(self._in_domains(present[:1_000])))

    def at_domains(self, domains: Iterable[str]) -> Mapping[str, int]:
        """How many rows each of some domains has, whatever else is wrong with the spelling of their addresses.

        Args:
            domains: as people write them; those without a row are left out of the answer.

        Returns:
            rows by domain, the most frequent first.
        """
        wanted = {normal_domain(domain) for domain in domains}
        found = Counter({domain: self.domains[domain] for domain in wanted if domain in self.domains})
        if wanted and any(state >= FIRST_FAULT for state in self.staged.states):
            dialect = self.staged.engine.dialect
            domain = dialect.behind("address", "@")
            where = f"state >= {FIRST_FAULT} AND {HAS_DOMAIN} AND {dialect.one_of(domain, tuple(sorted(wanted)))}"
            rows = self._rows(f"SELECT {domain}, count(*) FROM {self._kept} WHERE {where} GROUP BY {domain}")
            found.update({str(name): number(count) for name, count in rows})
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def _in_domains(self, domains: Iterable[str]) -> str:
        dialect = self.staged.engine.dialect
        return f"(state = 1 AND {dialect.one_of(dialect.behind('address', '@'), tuple(domains))})"

    def with_local(self, names: Iterable[str]) -> Tally:
        """Rows whose address begins with one of some names before the @, such as `info`."""
        dialect = self.staged.engine.dialect
        where = f"state = 1 AND {dialect.one_of(dialect.before('address', '@'), tuple(names))}"
        return self.staged.where(where)

    def holding(self, addresses: Iterable[str]) -> frozenset[str]:
        """Those of some addresses that are in the list, in the spelling in which they were asked for."""
        asked = {address: normal(address) for address in addresses}
        if not asked:
            return frozenset()
        wanted = self.staged.engine.dialect.one_of("address", tuple(sorted(set(asked.values()))))
        rows = self._rows(f"SELECT DISTINCT address FROM {self._kept} WHERE {wanted}")
        there = {str(address) for (address,) in rows}
        return frozenset(address for address, normal_form in asked.items() if normal_form in there)

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

    @property
    def _kept(self) -> str:
        return f"{self.staged.sql} kept_"

    def _rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.staged.engine.rows(sql)


def traits_of(audience: Audience) -> Traits:
    """What the list says of people besides their addresses; for facts and figures, not for rules.

    Raises:
        Unusable: nothing of the run asks for the fact `traits`, so that these columns were not kept.
    """
    return _kept(audience._traits, "traits")  # noqa: SLF001 - rules see an audience without it


def field_values_of(audience: Audience) -> FieldValues:
    """What the list holds for the merge fields of the message; for facts and figures, not for rules.

    Raises:
        Unusable: nothing of the run asks for the fact `field_values`, so that these columns were not kept.
    """
    return _kept(audience._field_values, "field_values")  # noqa: SLF001 - rules see an audience without it


def _kept(columns: Columns | None, fact: str) -> Columns:
    if columns is None:
        raise Unusable(f"these columns of the list were not kept; a rule that looks at them asks for the fact `{fact}`")
    return columns
