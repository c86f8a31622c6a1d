"""People with whom something is wrong, in a file: the one place where addresses leave an engine unmasked."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from mailcheck import atomic
from mailcheck.audience.addresses import Fault
from mailcheck.audience.engines import Engine, Relation
from mailcheck.audience.mailboxes import Mailboxes
from mailcheck.audience.people import Audience
from mailcheck.audience.statements import FAULT_STATES, is_blank
from mailcheck.audience.suppressing import Listed, matching

COLUMNS = ("address", "reason", "row")
"""Of the file: the address in its normal form; why it is there; the other columns of a row without an address."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that a spreadsheet would run; the last four are = + - @ as East Asian keyboards have them."""

_MANY = 1_000
"""Values in one condition."""

REASONS: Mapping[Fault, str] = {
    "no_at": "has no @",
    "no_local": "has nothing before the @",
    "several": "is several addresses",
    "name": "has a name around it",
    "space": "has a space within",
    "comma": "has a comma for a dot",
    "invisible": "has an invisible character within",
    "local": "has a character or dots before the @ that no address may have",
    "domain": "has a domain that cannot exist",
    "address": "is no e-mail address",
}

Line = tuple[str, str, str]


class Affected(Struct, frozen=True):
    """A list, and all that is asked of it for an export.

    Args:
        audience: the list.
        relation: the same, as its maker wrote it.
        address: the expression of its addresses in the relation.
        suppression: lists of people who must not be in it.
    """

    audience: Audience
    relation: Relation
    address: str
    suppression: Sequence[Listed] = ()

    def of(self, sort: str) -> Iterator[list[Line]]:
        """The lines of one sort of people, some thousands at a time.

        Args:
            sort: one of `SORTS`.

        Raises:
            Unusable: an engine refuses.
        """
        return self._sorts()[sort]()

    def _where(self, condition: str, reason: str, *, once: bool = False) -> Iterator[list[Line]]:
        statement = f"SELECT {'DISTINCT ' if once else ''}address FROM {self._kept} WHERE {condition}"
        for batch in self._engine.batches(statement):
            yield [(str(address), reason, "") for (address,) in batch]

    def _invalid(self) -> Iterator[list[Line]]:
        for fault, state in FAULT_STATES.items():
            if self.audience.staged.states.get(state):
                yield from self._where(f"state = {state}", REASONS[fault])
        yield from self._at(self.audience.bad_domains, lambda _domain: REASONS["domain"])

    def _duplicate(self) -> Iterator[list[Line]]:
        for batch in self._engine.batches(self.audience.repetitions):
            yield [(str(address), f"stands in {count} rows", "") for address, count in batch]

    def _blank(self) -> Iterator[list[Line]]:
        dialect = self._engine.dialect
        columns = ", ".join(dialect.cast(column) for column in self.relation.columns.values())
        condition = is_blank(dialect, self.address)
        for batch in self._engine.batches(f"SELECT {columns} FROM {self.relation.sql} source_ WHERE {condition}"):
            yield [("", "has no address", _row(self.relation.columns, row)) for row in batch]

    def _suppressed(self) -> Iterator[list[Line]]:
        for listed in self.suppression:
            yield from self._where(matching(self.audience.staged, listed), f"is on {listed.name}", once=True)

    def _named(self, kind: str, reason: str) -> Iterator[list[Line]]:
        names = tuple(Mailboxes(self.audience).named(kind))
        if names:
            dialect = self._engine.dialect
            yield from self._where(f"state = 1 AND {dialect.one_of(dialect.before('address', '@'), names)}", reason)

    def _disposable(self) -> Iterator[list[Line]]:
        thrown = Mailboxes(self.audience).disposable
        yield from self._at(tuple(thrown), lambda domain: f"{domain} gives mailboxes that are thrown away")

    def _misspelt(self) -> Iterator[list[Line]]:
        meant = {one.written: one.meant for one in Mailboxes(self.audience).misspelt}
        yield from self._at(tuple(meant), lambda domain: f"{meant[domain]} may be meant")

    def _at(self, domains: Sequence[str], reason: Callable[[str], str]) -> Iterator[list[Line]]:
        dialect = self._engine.dialect
        domain = dialect.behind("address", "@")
        for start in range(0, len(domains), _MANY):
            some = dialect.one_of(domain, tuple(domains[start : start + _MANY]))
            statement = f"SELECT address, {domain} FROM {self._kept} WHERE state = 1 AND {some}"
            for batch in self._engine.batches(statement):
                yield [(str(address), reason(str(at)), "") for address, at in batch]

    @property
    def _kept(self) -> str:
        return f"{self.audience.staged.sql} kept_"

    @property
    def _engine(self) -> Engine:
        return self.audience.staged.engine

    def _sorts(self) -> Mapping[str, Callable[[], Iterator[list[Line]]]]:
        return {
            "invalid": self._invalid,
            "duplicate": self._duplicate,
            "blank": self._blank,
            "suppressed": self._suppressed,
            "role": lambda: self._named("role", "is the mailbox of a post, not of a person"),
            "unattended": lambda: self._named("unattended", "is read by nobody"),
            "test": lambda: self._named("test", "was typed to try a form"),
            "disposable": self._disposable,
            "misspelt": self._misspelt,
        }


SORTS = ("invalid", "duplicate", "blank", "suppressed", "role", "unattended", "test", "disposable", "misspelt")
"""What can be exported."""


def write(lines: Iterable[list[Line]], file: Path, *, force: bool = False, memory: str = "500MB") -> int:
    """Write lines to a file that only its owner may read: Parquet when its name ends so, CSV otherwise.

    Args:
        lines: in batches; no more than one is held.
        file: to write.
        force: whether an existing file may be replaced.
        memory: what the writing of Parquet may use.

    Returns:
        how many were written.

    Raises:
        FileExistsError: the file is there.
        OSError: it cannot be written; nothing is left of it.
    """
    with atomic.private(file, replace=force) as temporary:
        if file.suffix.lower() in (".parquet", ".pq"):
            return _parquet(lines, temporary, memory)
        return _csv(lines, temporary)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: a quote before what begins like one."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _csv(lines: Iterable[list[Line]], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for batch in lines:
            writer.writerows([guarded(cell) for cell in line] for line in batch)
            count += len(batch)
    return count


def _parquet(lines: Iterable[list[Line]], path: Path, memory: str) -> int:
    from mailcheck.audience.engines.duck import Duck

    count = 0

    def counted() -> Iterator[Line]:
        nonlocal count
        for batch in lines:
            count += len(batch)
            yield from batch

    duck = Duck(memory)
    try:
        duck.save(duck.load("export", COLUMNS, counted()), path)
    finally:
        duck.close()
    return count


def _row(columns: Iterable[str], cells: Sequence[object]) -> str:
    filled = {name: str(cell) for name, cell in zip(columns, cells, strict=True) if cell is not None}
    return json.dumps(filled, ensure_ascii=False)
