"""The store of a history: every change is one transaction, so that a store never holds half of a send.

Imported only when a store is opened; see `databases`.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

import sqlalchemy

from mailcheck.fingerprints import Fingerprint, salt_id
from mailcheck.history import schema
from mailcheck.history.databases import engine_of, purge, told, writing
from mailcheck.history.locations import file_of, shown
from mailcheck.history.rows import row_of, send_of
from mailcheck.history.schema import FINGERPRINTS, SENDS
from mailcheck.history.sends import HistoryError, NoHistoryError, Send, plain, stamp

KEY_VARIABLE = "MAILCHECK_HISTORY_KEY"
KEY_LENGTH = 16

Change = Literal["added", "replaced", "amended", "kept", "other"]
"""What became of a send that was handed to the store.

`kept`: it is there already, and stays as it is; `other`: its id belongs to a send with other content.
"""


@dataclass(frozen=True, slots=True)
class Store:
    """An open history. Connections are made for each call, so that it may be used in several processes.

    Args:
        where: path or URL.
        salt: with which addresses are hashed for the fingerprints of this store.
    """

    where: str
    engine: sqlalchemy.Engine = field(repr=False, compare=False)
    salt: str = field(repr=False)

    # reading

    def sends(
        self, *, family: str | None = None, since: datetime | None = None, before: datetime | None = None
    ) -> tuple[Send, ...]:
        """What is recorded, the newest last: of one family, since a moment, before a moment.

        Raises:
            HistoryError: the store cannot be read.
        """
        query = sqlalchemy.select(SENDS).order_by(SENDS.c.at, SENDS.c.id)
        if family is not None:
            query = query.where(SENDS.c.family == plain(family))
        if since is not None:
            query = query.where(SENDS.c.at >= stamp(since))
        if before is not None:
            query = query.where(SENDS.c.at < stamp(before))
        with self._reading() as connection:
            return tuple(self._send(row) for row in connection.execute(query).mappings())

    def find(self, name: str) -> Send | None:
        """The send of a campaign, by its id.

        Raises:
            HistoryError: the store cannot be read.
        """
        with self._reading() as connection:
            return self._found(connection, name)

    def fingerprint(self, name: str) -> Fingerprint | None:
        """The sketch of the audience of a send, if it has one.

        Raises:
            HistoryError: the store cannot be read.
            FingerprintError: it is damaged.
        """
        with self._reading() as connection:
            query = sqlalchemy.select(FINGERPRINTS.c.sketch).where(FINGERPRINTS.c.send == name)
            data = connection.execute(query).scalar()
        return None if data is None else Fingerprint.from_bytes(data)

    # writing

    def judged(self, send: Send, fingerprint: Fingerprint | None) -> Change:
        """Record a judgement: it takes the place of an earlier judgement of the same campaign.

        What it did not look at, an audience or a rule, stays as the earlier one has it. A campaign that was sent stays
        as it was sent; only what nobody knew is filled in.

        Raises:
            HistoryError: it cannot be recorded; the store is as it was.
        """
        with self._writing() as connection:
            before = self._found(connection, send.id)
            if before is None:
                self._put(connection, send, fingerprint)
                return "added"
            if before.status == "judged":
                put = self._amend if send.recipients is None else self._put
                put(connection, _judged_again(before, send), fingerprint)
                return "replaced"
            if before.digest and send.digest and before.digest != send.digest:
                return "other"
            amended = _filled(before, send)
            if amended == before and (fingerprint is None or self._has_fingerprint(connection, before.id)):
                return "kept"
            self._amend(connection, amended, fingerprint)
            return "amended"

    def sent(self, sends: Iterable[Send], *, amend: bool = True) -> list[Change]:
        """Record that sends went out at their `at`, all of them or none.

        What was judged before is now sent; what is known to be sent takes the new figures, unless `amend` is off.

        Raises:
            HistoryError: they cannot be recorded; the store is as it was.
        """
        with self._writing() as connection:
            return [self._sent(connection, send, amend) for send in sends]

    def preview(self, sends: Iterable[Send]) -> list[Change]:
        """What `sent` would do without amending; the store is not touched.

        Raises:
            HistoryError: the store cannot be read.
        """
        with self._reading() as connection:
            known = {one.id: one.status for one in self._all(connection)}
        return ["added" if plain(one.id) not in known else _BY_STATUS[known[plain(one.id)]] for one in sends]

    def forget(self, names: Sequence[str]) -> int:
        """Delete sends and their fingerprints, from the journal as well; how many there were.

        Raises:
            HistoryError: the store cannot be written.
        """
        with told(self.where):
            with writing(self.engine) as connection:
                chosen = [plain(name) for name in names]
                connection.execute(sqlalchemy.delete(FINGERPRINTS).where(FINGERPRINTS.c.send.in_(chosen)))
                deleted = connection.execute(sqlalchemy.delete(SENDS).where(SENDS.c.id.in_(chosen))).rowcount
            for table in (FINGERPRINTS, SENDS):
                purge(self.engine, table.name)
        return deleted

    # the work behind

    @contextmanager
    def _reading(self) -> Iterator[sqlalchemy.Connection]:
        with told(self.where), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlalchemy.Connection]:
        with told(self.where), writing(self.engine) as connection:
            yield connection

    def _send(self, row: sqlalchemy.RowMapping) -> Send:
        load: Callable[[], Fingerprint | None] = partial(self.fingerprint, row["id"])
        return send_of(row, load, shown(self.where))

    def _all(self, connection: sqlalchemy.Connection) -> Iterator[Send]:
        yield from (self._send(row) for row in connection.execute(sqlalchemy.select(SENDS)).mappings())

    def _found(self, connection: sqlalchemy.Connection, name: str) -> Send | None:
        row = connection.execute(sqlalchemy.select(SENDS).where(SENDS.c.id == plain(name))).mappings().first()
        return None if row is None else self._send(row)

    def _has_fingerprint(self, connection: sqlalchemy.Connection, name: str) -> bool:
        query = sqlalchemy.select(FINGERPRINTS.c.send).where(FINGERPRINTS.c.send == name)
        return connection.execute(query).first() is not None

    def _put(self, connection: sqlalchemy.Connection, send: Send, fingerprint: Fingerprint | None) -> None:
        connection.execute(sqlalchemy.delete(SENDS).where(SENDS.c.id == plain(send.id)))
        connection.execute(sqlalchemy.insert(SENDS).values(**row_of(send)))
        self._sketch(connection, send.id, fingerprint)

    def _amend(self, connection: sqlalchemy.Connection, send: Send, fingerprint: Fingerprint | None = None) -> None:
        connection.execute(sqlalchemy.update(SENDS).where(SENDS.c.id == plain(send.id)).values(**row_of(send)))
        if not self._has_fingerprint(connection, plain(send.id)):
            self._sketch(connection, send.id, fingerprint)

    def _sketch(self, connection: sqlalchemy.Connection, name: str, fingerprint: Fingerprint | None) -> None:
        if fingerprint is None:
            return
        if fingerprint.salt_id != salt_id(self.salt):
            raise HistoryError(f"a fingerprint was made with another salt than that of the history {shown(self.where)}")
        values = {"send": plain(name), "sketch": fingerprint.to_bytes()}
        connection.execute(sqlalchemy.insert(FINGERPRINTS).values(**values))

    def _sent(self, connection: sqlalchemy.Connection, send: Send, amend: bool) -> Change:
        before = self._found(connection, send.id)
        went_out = replace(send, status="sent", sent=send.at)
        if before is None:
            self._put(connection, went_out, None)
            return "added"
        if before.status == "sent" and not amend:
            return "kept"
        merged = replace(_filled(went_out, before), judged=before.judged)
        if merged == before:
            return "kept"
        self._amend(connection, merged)
        return "amended"


_BY_STATUS: dict[str, Change] = {"sent": "kept", "judged": "amended"}
_FILLED = ("family", "name", "kind", "judged", "recipients", "distinct", "digest", "subject", "sender")
_JUDGED = ("profile", "verdict", "outcomes")
_FIGURES = ("domains", "countries", "sources", "locales", "counts")


def _judged_again(before: Send, send: Send) -> Send:
    """A judgement, with what only the one before it looked at.

    Whoever runs a few rules over a campaign that others held does not clear it.
    """
    if send.recipients is None:
        known = {name: getattr(before, name) for name in ("recipients", "distinct", *_FIGURES)}
        # A suppression list may have been looked at without the audience.
        send = replace(send, **{**known, "counts": {**before.counts, **send.counts}})
    left = {rule for rule, ending in before.outcomes.items() if ending in ("failed", "error")} - send.outcomes.keys()
    if not left or before.verdict in ("", "clear") or send.verdict != "clear":
        return send
    return replace(send, verdict=before.verdict, outcomes={**before.outcomes, **send.outcomes})


def _filled(first: Send, second: Send) -> Send:
    """The first send, with what it does not know taken from the second."""
    gaps = [name for name in (*_FILLED, *_JUDGED, *_FIGURES) if getattr(first, name) in (None, "", {})]
    return replace(first, **{name: getattr(second, name) for name in gaps})


def open_store(where: str, *, create: bool = True) -> Store:
    """Open a history; one that is not there is made, one of an older version is brought up to date.

    Args:
        where: path of an SQLite file, or `postgresql://user@host/database`.
        create: whether it may be made.

    Raises:
        NoHistoryError: it is not there and may not be made.
        HistoryError: it cannot be opened, is newer, or was begun with another key.
    """
    file = file_of(where)
    if file is not None:
        _check_file(file, create)
    engine = engine_of(where)
    with told(where):
        with engine.connect() as connection:
            version = schema.version_of(connection)
            schema.check_version(version, where)
            if version == 0 and not create:
                raise NoHistoryError(
                    f"there is no history in {shown(where)} yet; the first check that records makes it"
                )
            ready = version == len(schema.MIGRATIONS)
            salt = _salt(connection, where) if ready else ""
        if not ready:
            with writing(engine) as connection:
                schema.migrate(connection, where)
                salt = _salt(connection, where) or _new_salt(connection)
    return Store(where, engine, salt)


def _check_file(file: Path, create: bool) -> None:
    if file.is_dir():
        raise HistoryError(f"the history {file} is a folder; name a file in it")
    if not file.parent.is_dir():
        raise HistoryError(f"the folder of the history {file} does not exist; make it, or correct the path")
    if not create and not file.exists():
        raise NoHistoryError(f"there is no history {file} yet; the first check that records, or an import, makes it")


def _key() -> str:
    """The salt that the key in the environment stands for; empty when there is none."""
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        return ""
    if len(key) < KEY_LENGTH:
        raise HistoryError(
            f"{KEY_VARIABLE} has fewer than {KEY_LENGTH} characters and could be guessed; make it longer"
        )
    # Slow on purpose: whoever has a fingerprint could try keys.
    return hashlib.scrypt(key.encode("utf-8", "surrogateescape"), salt=b"mailcheck history 1", n=2**14, r=8, p=1).hex()


def _salt(connection: sqlalchemy.Connection, where: str) -> str:
    """The salt of a store; empty for one that has none yet.

    Raises:
        HistoryError: it was begun with another key, or with one that is not here.
    """
    kept = schema.meta(connection)
    identity, own = kept.get("salt_id", ""), kept.get("salt", "")
    key = _key()
    if not identity:
        return ""
    if own and key:
        said = f"was begun without {KEY_VARIABLE}; unset it, or begin another history"
    elif own or (key and salt_id(key) == identity):
        return own or key
    else:
        said = f"was begun with {'another' if key else 'a'} {KEY_VARIABLE}; set the key that it was begun with"
    raise HistoryError(f"the history {shown(where)} {said}")


def _new_salt(connection: sqlalchemy.Connection) -> str:
    """Settle on a salt: that of the key, which is then not kept, or one by chance, which is."""
    key = _key()
    salt = key or secrets.token_hex(32)
    if not key:
        schema.set_meta(connection, "salt", salt)
    schema.set_meta(connection, "salt_id", salt_id(salt))
    return salt
