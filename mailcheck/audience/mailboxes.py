"""What the addresses of an audience look like: of posts, typed for tests, at throw-away or misspelt domains."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from mailcheck.audience import known
from mailcheck.audience.people import Audience
from mailcheck.audience.staging import number
from mailcheck.audience.tallies import Tally

_NUMBERED = ("", *map(str, range(1, 13)), "123", "1234", "12345")
"""What people put behind `test` to get another test."""

_RARER = 10
"""How many times as many people the provider must have whose misspelling a domain is taken for."""


class Misspelt(Struct, frozen=True):
    """A domain that is a slip of another.

    Args:
        written: as it is in the list.
        meant: the provider.
        count: rows.
    """

    written: str
    meant: str
    count: int


class Mailboxes:
    """What the addresses of an audience look like.

    Args:
        audience: that is asked, one scan for all names.
    """

    def __init__(self, audience: Audience) -> None:
        self.audience = audience

    def named(self, kind: str) -> Mapping[str, int]:
        """Rows for each name before the @ that is of a kind (`role`, `unattended`, `test`), the most frequent first."""
        wanted = _tests() if kind == "test" else known.names(kind)
        return {name: count for name, count in self._named.items() if name in wanted}

    @cached_property
    def _named(self) -> Mapping[str, int]:
        staged = self.audience.staged
        dialect = staged.engine.dialect
        wanted = tuple(sorted(known.names("role") | known.names("unattended") | _tests()))
        rows = staged.engine.rows(
            f"SELECT name_, count(*) AS n FROM (SELECT {dialect.before('address', '@')} AS name_ "
            f"FROM {staged.sql} kept_ WHERE state = 1) names_ WHERE {dialect.one_of('name_', wanted)} GROUP BY name_"
        )
        counted = {str(name): number(count) for name, count in rows}
        return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))

    def people_named(self, kind: str) -> Tally:
        """Rows whose name before the @ is of a kind, with examples."""
        found = self.named(kind)
        return self.audience.with_local(found) if found else Tally(0)

    def tests(self, *, reserved: bool = True) -> Tally:
        """Rows with an address that was typed to try a form.

        Args:
            reserved: whether domains below `.example` count, which nobody can have.
        """
        staged = self.audience.staged
        dialect = staged.engine.dialect
        names = tuple(self.named("test"))
        domains = tuple(one for one in self.audience.domains if known.is_test_domain(one))
        if not reserved:
            domains = tuple(one for one in domains if not one.endswith(".example"))
        if not names and not domains:
            return Tally(0)
        either = (
            dialect.one_of(dialect.before("address", "@"), names),
            dialect.one_of(dialect.behind("address", "@"), domains),
        )
        return staged.where(f"state = 1 AND ({' OR '.join(either)})")

    @cached_property
    def misspelt(self) -> tuple[Misspelt, ...]:
        """Domains that are slips of a provider's, the most frequent first.

        A slip of a provider that is famous everywhere is known by its spelling; of another, only where the provider has
        ten times as many people in the same list. What is more frequent than the provider is no slip.
        """
        domains = self.audience.domains
        slips, surely = known.misspellings(), known.surely_misspelt()
        found = []
        for written, count in domains.items():
            meant = slips.get(written)
            if meant is None:
                continue
            others = domains.get(meant, 0)
            if (written in surely and count <= max(3, others)) or count * _RARER <= others:
                found.append(Misspelt(written, meant, count))
        return tuple(found)

    @cached_property
    def disposable(self) -> Mapping[str, int]:
        """Rows for each domain whose mailboxes are thrown away, the most frequent first; misspelt ones are none.

        Raises:
            Unusable: the list of such domains is not installed.
        """
        slips = {one.written for one in self.misspelt}
        thrown = known.disposable(self.audience.domains)
        return {domain: self.audience.domains[domain] for domain in thrown if domain not in slips}


def _tests() -> frozenset[str]:
    return frozenset(f"{name}{digits}" for name in known.names("test") for digits in _NUMBERED)
