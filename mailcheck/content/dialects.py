"""The merge-tag dialects: which sending service resolves which tags.

The table is `data/dialects.json`: delimiters, examples and fingerprints of 160 services and template
engines, each with its sources.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Any, ClassVar, Literal

from msgspec import Struct

from mailcheck.content.quick import carries
from mailcheck.values import Brief

Purpose = Literal["", "unsubscribe", "view_online", "address", "preferences", "system"]

JOIN = "+"
"""Joins the ids of dialects that are filled in one after the other."""

NO_TAGS = "none"
"""The dialect of mails that no service fills in: every tag is a mistake."""

_PURPOSES: tuple[tuple[Purpose, str], ...] = (
    ("unsubscribe", "unsubscribe"),
    ("view_online", "view_online"),
    ("address", "address"),
    ("preferences", "preferences"),
    ("system", "system"),
)


class Dialect(Struct, frozen=True):
    """One merge-tag syntax.

    Args:
        id: the name in settings, `mailchimp`.
        name: the name for people.
        kind: `esp`, `esp-tail`, `crm`, `mail-merge`, `engine`, `editor`, `cms`.
        patterns: regular expressions of its tags, linear and on one line.
        fields, defaults, blocks, comments: examples of each sort of tag.
        unsubscribe, view_online, address, preferences, system: the tags that the service fills itself.
        missing: what it prints for a missing value: `blank`, `literal`, `send_fails`, `default`,
            `error_text` or `unknown`.
        fingerprints: strings that only this service's templates carry.
        confirmed: whether an external source backs the entry.
    """

    id: str
    name: str
    kind: str = "esp"
    patterns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    view_online: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    missing: str = "unknown"
    fingerprints: tuple[str, ...] = ()
    confirmed: bool = False
    sources: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def is_engine(self) -> bool:
        """A template engine, or a service whose field names are the sender's own."""
        return self.kind == "engine" or self.id in OPEN_VOCABULARY

    def compiled(self) -> tuple[re.Pattern[str], ...]:
        return tuple(_compile(pattern) for pattern in self.patterns)

    def owns(self, text: str) -> bool:
        """Whether a tag, as written, is one of this dialect."""
        return any(pattern.fullmatch(text) for pattern in self.compiled()) or fold(text) in _known_of(self)

    def example(self) -> str:
        """How a first name is written here."""
        return self.fields[0] if self.fields else ""


OPEN_VOCABULARY = frozenset(
    {
        "sendgrid", "sendgrid-legacy", "postmark", "mailgun", "mandrill", "amazon-ses", "iterable", "sparkpost",
        "spreadsheet-merge-addons", "mjml", "mailjet", "sfmc", "mapp", "adobe-campaign", "responsys",
    }
)  # fmt: skip
"""Services that fill in whatever data the sender hands over, under the sender's own names."""


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_FIRST = re.compile(r"(?:\\(?P<escaped>[^\w\s])|(?P<plain>[<%~#@&!]))(?![?*{])")


@lru_cache(maxsize=1024)
def _first(pattern: str) -> str:
    """The character with which everything that a pattern fits begins, or an empty string; compiling is dear."""
    match = _FIRST.match(pattern)
    if match is None:
        return ""
    outside, groups = _NO_SYNTAX.sub("", pattern), 1
    while groups:
        outside, groups = _GROUP.subn("", outside)
    return "" if "|" in outside else match["escaped"] or match["plain"]


_NO_SYNTAX = re.compile(r"\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]", re.DOTALL)
_GROUP = re.compile(r"\([^()]*\)")


@cache
def _known_of(dialect: Dialect) -> frozenset[str]:
    return frozenset(
        fold(tag)
        for tags in (dialect.unsubscribe, dialect.view_online, dialect.address, dialect.preferences, dialect.system)
        for tag in tags
    )


def fold(tag: str) -> str:
    """A tag without its white space and case, for look-ups."""
    return "".join(tag.split()).casefold()


class Dialects(Brief, frozen=True):
    """The dialects of a run: the built-in table and what plug-ins added."""

    unshown: ClassVar[tuple[str, ...]] = ("known",)

    by_id: dict[str, Dialect]
    known: dict[str, tuple[tuple[Purpose, str], ...]]

    def get(self, name: str | None) -> Dialect | None:
        """A dialect by its id, or several at once: `handlebars+mailchimp` fills in the tags of both."""
        if not name:
            return None
        parts = [self.by_id[part] for part in name.split(JOIN) if part in self.by_id]
        return parts[0] if len(parts) == 1 else _joined(tuple(parts)) if parts else None

    def purposes(self, tag: str) -> tuple[tuple[Purpose, str], ...]:
        """`(purpose, dialect id)` pairs under which a tag is known, as written."""
        return self.known.get(fold(tag), ())

    def owners(self, tag: str) -> frozenset[str]:
        """Ids of the dialects one of whose patterns the tag fits."""
        return _owners(tag, self)

    def fingerprints_in(self, text: str, names: frozenset[str]) -> Iterator[str]:
        """For each mark that a text carries, the ids of those of some dialects whose templates carry it."""
        for opener, marks in _fingerprints(self).items():
            for mark, owners in marks if not opener or carries(text, opener) else ():
                if not names.isdisjoint(owners) and mark in text:
                    yield from (owner for owner in owners if owner in names)

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=8)
def _fingerprints(dialects: Dialects) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """The marks and their owners, by the two delimiters that three or more of them begin with: one search spares many.

    Two characters take longer to look for than a whole mark, so that it is not worth it for fewer.
    """
    owners: dict[str, list[str]] = {}
    for one in dialects.by_id.values():
        for mark in one.fingerprints:
            owners.setdefault(mark, []).append(one.id)
    often = {opener for opener, count in Counter(map(_opener, owners)).items() if count > 2}
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for mark, ids in owners.items():
        opener = _opener(mark)
        found.setdefault(opener if opener in often else "", []).append((mark, tuple(ids)))
    return found


def _opener(mark: str) -> str:
    return "" if any(character.isalnum() or character.isspace() for character in mark[:2]) else mark[:2]


_DELIMITER = re.compile(r"[^\w\s]")


@lru_cache(maxsize=64)
def _joined(parts: tuple[Dialect, ...]) -> Dialect:
    """One dialect that stands for several: a template engine and the service behind it."""
    tables: tuple[str, ...] = (
        "patterns",
        "fields",
        "defaults",
        "blocks",
        "comments",
        "unsubscribe",
        "view_online",
        "address",
    )
    tables = (*tables, "preferences", "system", "fingerprints", "sources")
    values: dict[str, Any] = {table: tuple(one for part in parts for one in getattr(part, table)) for table in tables}
    engine = any(part.is_engine for part in parts)
    identity = JOIN.join(part.id for part in parts)
    name = " + ".join(part.name for part in parts)
    return Dialect(id=identity, name=name, kind="engine" if engine else "esp", confirmed=True, **values)


@lru_cache(maxsize=65536)
def _owners(tag: str, dialects: Dialects) -> frozenset[str]:
    fitting: dict[str, bool] = {}
    found: set[str] = set()
    if not _DELIMITER.search(tag):
        return frozenset(owner for _, owner in dialects.purposes(tag))
    for one in dialects.by_id.values():
        for pattern in one.patterns:
            if pattern not in fitting:
                starts = _first(pattern) in ("", tag[0])
                fitting[pattern] = starts and _compile(pattern).fullmatch(tag) is not None
            if fitting[pattern]:
                found.add(one.id)
                break
    found.update(owner for _, owner in dialects.purposes(tag))
    return frozenset(found)


@cache
def builtin() -> Dialects:
    """The table of the package."""
    text = resources.files("mailcheck.content").joinpath("data/dialects.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    nothing = Dialect(NO_TAGS, "no merge tags", kind="engine", confirmed=True)
    return _index([nothing, *(_dialect(row) for row in rows)])


def _dialect(row: dict[str, Any]) -> Dialect:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Dialect(**values)


def _index(dialects: Iterable[Dialect]) -> Dialects:
    by_id = {dialect.id: dialect for dialect in dialects}
    known: dict[str, list[tuple[Purpose, str]]] = {}
    for dialect in by_id.values():
        for purpose, attribute in _PURPOSES:
            for tag in getattr(dialect, attribute):
                known.setdefault(fold(tag), []).append((purpose, dialect.id))
    return Dialects(by_id, {tag: tuple(pairs) for tag, pairs in known.items()})


def with_extensions(added: tuple[object, ...]) -> Dialects:
    """The built-in table with the dialects of plug-ins; a plug-in cannot replace a built-in one.

    Raises:
        TypeError: something that is not a `Dialect`, or an id that is taken.
    """
    if not added:
        return builtin()
    table = dict(builtin().by_id)
    for dialect in added:
        if not isinstance(dialect, Dialect):
            raise TypeError(f"a plug-in added {dialect!r:.60}, which is not a Dialect")
        if dialect.id in table:
            raise TypeError(f"a plug-in added the dialect {dialect.id!r}, which already exists")
        table[dialect.id] = dialect
    return _index(table.values())


def known_dialects(added: tuple[object, ...] = ()) -> frozenset[str]:
    """Every id that may be declared."""
    return frozenset(builtin().by_id) | {dialect.id for dialect in added if isinstance(dialect, Dialect)}
