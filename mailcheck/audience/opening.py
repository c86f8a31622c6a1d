"""Opens what a source names: one engine for files, one for each database, each opened once in a run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

from mailcheck.audience.columns import OFTEN_TWICE, ROLES, of_role
from mailcheck.audience.engines import Engine, Relation
from mailcheck.audience.engines.duck import MEMORY, Duck
from mailcheck.audience.frames import files_of
from mailcheck.audience.headings import squeezed
from mailcheck.audience.tables import Source
from mailcheck.rule import Unusable
from mailcheck.run import Watch
from mailcheck.suggest import did_you_mean

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):(?://)?")
# Up to the last @ of a word: who forgets to write %40 has one in the password.
_PASSWORD = re.compile(r"(://[^/:@\s]*):\S*@")
_SECRET = re.compile(r"(?i)\b(\w*(?:password|pwd|token|secret)=)[^&\s]*[^&\s:;,.'\"]")


class Opened(Engine, Protocol):
    """An engine that can find the table that a source names."""

    def relation(self, source: Source, base: Path) -> Relation:
        """The table that a source names."""
        ...


def _postgres(url: str, temporary: bool) -> Opened:
    from mailcheck.audience.engines.postgres import Postgres

    return Postgres(url, temporary=temporary)


def _spark(url: str, temporary: bool) -> Opened:
    from mailcheck.audience.engines.spark import Spark

    return Spark(url, temporary=temporary)


def _warehouse(url: str, temporary: bool) -> Opened:
    from mailcheck.audience.engines.warehouse import open_warehouse

    return open_warehouse(url, temporary=temporary)


SCHEMES: dict[str, Callable[[str, bool], Opened]] = {
    "postgresql": _postgres,
    "postgres": _postgres,
    "spark": _spark,
    "bigquery": _warehouse,
    "snowflake": _warehouse,
    "trino": _warehouse,
    "redshift": _warehouse,
    "databricks": _warehouse,
}
"""How the URL of a database begins, and what opens it."""


class Lists(Struct):
    """The tables of people of one campaign.

    Args:
        base: the folder that relative paths start from.
        memory: of the embedded engine.
        watch: is told how far the embedded engine is.
    """

    base: Path
    memory: str = MEMORY
    watch: Watch | None = None
    engines: dict[tuple[str, bool], Opened] = field(default_factory=dict)

    def open(self, source: Source) -> tuple[Opened, Relation]:
        """The engine that holds a table, and the table.

        Raises:
            Unusable: it cannot be read; the sentence shows no password.
        """
        if source.people:
            return self.embedded(), self.embedded().people(source.people)
        given = source.model_copy(update={"source": with_variables(source.source)})
        try:
            engine = self._engine(given)
            return engine, engine.relation(given, self.base)
        except Unusable as error:
            raise Unusable(without_password(str(error))) from None

    def written(self, source: Source) -> date | None:
        """The day on which the newest file of a list was written, in UTC; `None` when it does not lie in files."""
        named = with_variables(source.source)
        if not named or (_SCHEME.match(named) and not (self.base / named).exists()):
            return None
        newest = max(path.stat().st_mtime for path in files_of(named, self.base).paths)
        return datetime.fromtimestamp(newest, UTC).date()

    def embedded(self) -> Duck:
        """The engine for files."""
        found = self.engines.get(("", True))
        if not isinstance(found, Duck):
            found = self.engines["", True] = Duck(self.memory, self.watch)
        return found

    def close(self) -> None:
        """Close every engine."""
        while self.engines:
            self.engines.popitem()[1].close()

    def _engine(self, source: Source) -> Opened:
        scheme = _SCHEME.match(source.source)
        # One letter and a colon is a drive.
        if scheme is None or scheme[1] == "duckdb" or (self.base / source.source).exists():
            return self.embedded()
        opener = SCHEMES.get(scheme[1])
        if opener is None:
            known = ("duckdb", *SCHEMES)
            raise Unusable(
                f"{source.source}: no kind of database is called {scheme[1]!r}{did_you_mean(scheme[1], known)}"
            )
        key = (source.source, source.temporary)
        if key not in self.engines:
            self.engines[key] = opener(*key)
        return self.engines[key]


def role_columns(relation: Relation, source: Source, roles: tuple[str, ...]) -> dict[str, str]:
    """The expressions of the columns that have one of some roles.

    Returns:
        by role; where several columns say who opted out, the others are called `status_2`, `opted_out_2` …
    """
    first = {role: of_role(role, relation.columns, source.columns, relation.shown) for role in roles}
    found = {role: expression for role, expression in first.items() if expression is not None}
    for role in (one for one in OFTEN_TWICE if one in found and one not in source.columns):
        named = [column for name, column in relation.columns.items() if squeezed(name) in ROLES[role]]
        others = [column for column in named if column != found[role]]
        found.update({f"{role}_{place}": column for place, column in enumerate(others, 2)})
    return found


def with_variables(text: str) -> str:
    """A text with `${NAME}` filled in from the environment.

    Raises:
        Unusable: a variable is not set.
    """

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if not found:
            raise Unusable(f"the environment variable {match[1]}, which the manifest names, is not set")
        return found

    return _VARIABLE.sub(value, text)


def without_password(text: str) -> str:
    """A sentence with the passwords of URLs left out."""
    return _SECRET.sub(r"\1…", _PASSWORD.sub(r"\1:…@", text))
