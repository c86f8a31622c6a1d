"""Suppression lists and segments: who else is on a list, wherever the two lists lie."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from msgspec import Struct

from mailcheck.audience.addresses import cleaned, normal_domain
from mailcheck.audience.dates import Dates, dates_in
from mailcheck.audience.engines import Engine
from mailcheck.audience.people import MOST_DOMAINS
from mailcheck.audience.staging import Staged, number
from mailcheck.audience.statements import HAS_DOMAIN, folded
from mailcheck.audience.tables import SuppressionList
from mailcheck.audience.tallies import EXAMPLES, NOBODY, Tally, masked
from mailcheck.rule import Unusable

MOST_LISTED = 1_000
"""Values that are written into a statement; more are loaded."""

_MOVED_SALT = secrets.token_hex(16)


class Overlap(Struct, frozen=True):
    """Who of the audience is on another list.

    Args:
        people: different addresses of the audience that are on it, with examples.
        moved: what was moved between engines to find out, as part of a sentence; empty when nothing was.
    """

    people: Tally
    moved: str = ""


class Listed:
    """A list of people that an audience is compared with.

    Args:
        staged: the list in its engine: `address` is the normal address, the hash, or the domain; with the column
            `date_` where the list has dates, and `reason_` where it has reasons.
        table: what the manifest says of it.
        columns: which of `date_` and `reason_` there are.
        written: the day on which its newest file was written, when it lies in files.
        useless: entries that can stop nobody, such as names in a list of addresses.
    """

    def __init__(
        self,
        staged: Staged,
        table: SuppressionList,
        columns: frozenset[str],
        written: date | None = None,
        useless: Tally = NOBODY,
    ) -> None:
        self.staged = staged
        self.table = table
        self.written = written
        self.useless = useless
        self._columns = columns

    @property
    def name(self) -> str:
        """What people call it."""
        return self.table.name or self.staged.shown

    @property
    def reason(self) -> str:
        """Why they are on it, when the whole list has one reason."""
        return self.table.reason

    @property
    def rows(self) -> int:
        """Rows of the list."""
        return self.staged.rows

    @property
    def claimed(self) -> int | None:
        """How many rows its maker says it has."""
        return self.table.rows

    @cached_property
    def entries(self) -> int:
        """Different entries."""
        rows = self.staged.engine.rows(f"SELECT count(DISTINCT address) FROM {self.staged.sql} kept_")
        return number(rows[0][0])

    @cached_property
    def newest(self) -> str | None:
        """The newest date of an entry (ISO 8601), or `None` when the list has no dates.

        A date after tomorrow is a slip, and counts only where there is no other.

        Raises:
            Unusable: its dates cannot be read.
        """
        dates, engine = self._dates, self.staged.engine
        if dates is None:
            return None
        tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
        past = f"{dates.iso} < {engine.dialect.literal(tomorrow + 'U')}"
        rows = engine.rows(
            f"SELECT max(CASE WHEN {past} THEN {dates.iso} END), max({dates.iso}) FROM {self.staged.sql} kept_ "
            f"WHERE {dates.is_read}"
        )
        newest = rows[0][0] if rows[0][0] is not None else rows[0][1]
        return str(newest) if newest is not None else None

    @property
    def undated(self) -> int:
        """Entries whose date could not be read.

        Raises:
            Unusable: as of `newest`.
        """
        return self._dates.filled - self._dates.read if self._dates is not None else 0

    @cached_property
    def _dates(self) -> Dates | None:
        if "date_" not in self._columns:
            return None
        what = f"{self.staged.shown}: the column of the dates"
        return dates_in(self.staged.engine, self.staged.sql, "date_", what)

    @cached_property
    def reasons(self) -> Mapping[str, int]:
        """How many entries have each reason, the most frequent first; empty when the list has none."""
        if "reason_" not in self._columns:
            return {self.reason: self.rows} if self.reason else {}
        reason = f"COALESCE({folded(self.staged.engine.dialect, 'reason_')}, '')"
        rows = self.staged.engine.rows(
            f"SELECT {reason} AS r, count(*) AS n FROM {self.staged.sql} kept_ "
            f"GROUP BY {reason} ORDER BY n DESC, r LIMIT 50"
        )
        return {str(reason): number(count) for reason, count in rows}


def overlap(audience: Staged, listed: Listed) -> Overlap:
    """Who of an audience is on a list.

    In one engine the two are joined. In two engines the smaller moves, as salted hashes of its different addresses.

    Raises:
        Unusable: an engine refuses, or cannot compute the hash of the list.
    """
    if listed.table.holds == "domains":
        return _by_domain(audience, listed)
    key, other = _keys(audience, listed)
    if audience.engine is listed.staged.engine:
        return Overlap(_matched(audience, key, f"SELECT address FROM {listed.staged.sql} listed_"))
    if listed.rows <= audience.rows:
        keys = _hashes(listed.staged, other)
        moved = audience.engine.load(_name(listed), ("key_",), keys)
        said = f"{listed.rows:,} hashed entries of {listed.staged.shown} were moved to {audience.engine.name}"
        return Overlap(_matched(audience, key, f"SELECT key_ FROM {moved} moved_"), said)
    keys = _hashes(audience, key)
    moved = listed.staged.engine.load(_name(listed), ("key_",), keys)
    said = f"{audience.rows:,} hashed addresses of {audience.shown} were moved to {listed.staged.engine.name}"
    return Overlap(_met(audience, key, listed, other, moved), said)


def matching(audience: Staged, listed: Listed) -> str:
    """The condition of SQL that the rows of an audience fulfil who are on a list.

    Where the two are in two engines, the hashed entries of the list move, for it is the audience's rows that are asked.

    Raises:
        Unusable: an engine refuses, or cannot compute the hash of the list.
    """
    if listed.table.holds == "domains":
        return _in_blocked(audience, listed)
    key, other = _keys(audience, listed)
    keys = f"SELECT address FROM {listed.staged.sql} listed_"
    if audience.engine is not listed.staged.engine:
        moved = audience.engine.load(_name(listed), ("key_",), _hashes(listed.staged, other))
        keys = f"SELECT key_ FROM {moved} moved_"
    return f"address IS NOT NULL AND {key} IN ({keys})"


def outside(audience: Staged, listed: Listed) -> Overlap:
    """Who of an audience is not on a list (people of an audience that is for members only)."""
    inside = overlap(audience, listed)
    rows = audience.engine.rows(f"SELECT count(DISTINCT address) FROM {audience.sql} kept_")
    return Overlap(Tally(number(rows[0][0]) - inside.people.count), inside.moved)


def _keys(audience: Staged, listed: Listed) -> tuple[str, str]:
    """The expressions by which the rows of the audience and of the list are the same person."""
    kind = listed.table.hash
    if kind is not None:
        return hashed(audience.engine, kind, "address", listed.table.salt, behind=listed.table.salt_behind), "address"
    if audience.engine is listed.staged.engine:
        return "address", "address"
    own = hashed(audience.engine, "md5", "address", _MOVED_SALT)
    return own, hashed(listed.staged.engine, "md5", "address", _MOVED_SALT)


def hashed(engine: Engine, kind: str, expression: str, salt: str = "", *, behind: bool = False) -> str:
    """The expression of the hash of an address, in small hexadecimal digits.

    Raises:
        Unusable: the engine has no such function.
    """
    dialect = engine.dialect
    function = {str(name): function for name, function in dialect.hashes.items()}.get(kind)
    if function is None:
        raise Unusable(
            f"{engine.name} cannot compute {kind.upper()} here; in PostgreSQL CREATE EXTENSION pgcrypto adds it, "
            "or hash the list by SHA-256"
        )
    if not salt:
        return function(expression)
    pair = (expression, dialect.literal(salt)) if behind else (dialect.literal(salt), expression)
    return function(dialect.concat(*pair))


def _matched(audience: Staged, key: str, keys: str) -> Tally:
    return _people(audience, f"address IS NOT NULL AND {key} IN ({keys})")


def _people(audience: Staged, where: str) -> Tally:
    """How many different people a condition holds for, and the first of them: asked at once, for joins are dear."""
    met = f"SELECT DISTINCT address FROM {audience.sql} kept_ WHERE {where}"
    rows = audience.engine.rows(
        f"WITH met_ AS ({met}) SELECT address, (SELECT count(*) FROM met_) AS n FROM met_ ORDER BY address "
        f"LIMIT {EXAMPLES}"
    )
    return Tally(number(rows[0][1]), tuple(masked(address) for address, _ in rows)) if rows else Tally(0)


def _met(audience: Staged, key: str, listed: Listed, other: str, moved: str) -> Tally:
    """The same, asked of the engine that holds the list."""
    engine = listed.staged.engine
    where = f"address IS NOT NULL AND {other} IN (SELECT key_ FROM {moved} moved_)"
    count = number(engine.rows(f"SELECT count(DISTINCT {other}) FROM {listed.staged.sql} kept_ WHERE {where}")[0][0])
    if not count:
        return Tally(0)
    first = engine.rows(
        f"SELECT DISTINCT {other} AS key_ FROM {listed.staged.sql} kept_ WHERE {where} ORDER BY key_ LIMIT {EXAMPLES}"
    )
    found = audience.engine.dialect.one_of(key, tuple(str(one) for (one,) in first))
    return Tally(count, _examples(audience, f"address IS NOT NULL AND {found}"))


def _examples(audience: Staged, where: str) -> tuple[str, ...]:
    return tuple(masked(address) for address in audience.first(where, EXAMPLES))


def _hashes(staged: Staged, key: str) -> Iterator[tuple[str]]:
    statement = f"SELECT DISTINCT {key} AS key_ FROM {staged.sql} kept_ WHERE address IS NOT NULL"
    for batch in staged.engine.batches(statement):
        for (one,) in batch:
            yield (str(one),)


def _name(listed: Listed) -> str:
    return f"moved_{secrets.token_hex(4)}_{'h' if listed.table.hash else 'a'}"


def _by_domain(audience: Staged, listed: Listed) -> Overlap:
    return Overlap(_people(audience, _in_blocked(audience, listed)))


def _in_blocked(audience: Staged, listed: Listed) -> str:
    """Domains are few: those of the list come here, and the audience is asked for the people there.

    Whose address is written with a name around it, or is wrong in another way, is somebody at that domain all the same:
    the service that sends may well read it.
    """
    dialect = audience.engine.dialect
    domain = dialect.behind("address", "@")
    statement = (
        f"SELECT DISTINCT address FROM {listed.staged.sql} kept_ WHERE address IS NOT NULL LIMIT {MOST_DOMAINS + 1}"
    )
    entries = [str(name) for batch in listed.staged.engine.batches(statement) for (name,) in batch]
    if len(entries) > MOST_DOMAINS:
        raise Unusable(f"{listed.staged.shown}: more than {MOST_DOMAINS:,} domains; split the list")
    blocked = {_entry(name) for name in entries}
    present = [
        str(name)
        for batch in audience.engine.batches(f"SELECT DISTINCT {domain} FROM {audience.sql} kept_ WHERE {HAS_DOMAIN}")
        for (name,) in batch
    ]
    met = tuple(name for name in present if is_blocked(name, blocked))
    among = dialect.one_of(domain, met)
    if len(met) > MOST_LISTED:
        loaded = audience.engine.load(_name(listed), ("key_",), ((name,) for name in met))
        among = f"{domain} IN (SELECT key_ FROM {loaded} moved_)"
    return f"{HAS_DOMAIN} AND {among}"


def _entry(text: str) -> str:
    """A domain as it stands on a list, in normal form, with the star or dot that means what is below it."""
    name = cleaned(text).removeprefix("*@").lstrip("@")
    below = "*." if name.startswith("*.") else "." if name.startswith(".") else ""
    return below + normal_domain(name.removeprefix(below))


def is_blocked(domain: str, blocked: set[str]) -> bool:
    """Whether a domain is on a list: itself, or below an entry such as `*.shop.example` or `.shop.example`."""
    if domain in blocked:
        return True
    parts = domain.split(".")
    ends = (".".join(parts[start:]) for start in range(len(parts)))
    return any(f"*.{end}" in blocked or f".{end}" in blocked for end in ends)
