"""A CSV of past sends → `Send`s: everything is understood, or it is refused with file and line."""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from msgspec import Struct, field

from mailcheck.campaign import Kind
from mailcheck.history.sends import TABLES, HistoryError, Send, plain, whole
from mailcheck.suggest import did_you_mean

COLUMNS = ("id", "family", "name", "kind", "sent", "recipients", "distinct", "subject", "sender")
"""What a table of past sends may say; `sent` and `recipients` it must."""
REQUIRED = ("sent", "recipients")
MAX_BYTES = 64 * 1024 * 1024
MAX_RECIPIENTS = 100_000_000_000

_DELIMITERS = ",;\t|"
_KINDS: tuple[str, ...] = typing.get_args(Kind)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?=\Z|[ T]\d\d:)", re.ASCII)
_PLAIN = re.compile(r"([0-9]{1,15})(?:\.0{1,2})?")
_GROUPED = re.compile(r"[0-9]{1,3}([,. '’\u00a0\u202f])[0-9]{3}(?:\1[0-9]{3}){0,4}")


class PastSends(Struct, frozen=True):
    """A table of past sends.

    Args:
        sends: in the order of the rows, all of status `sent`.
        unused: the columns that mailcheck knows nothing of.
        has_families: whether the rows say their family.
    """

    sends: tuple[Send, ...]
    unused: tuple[str, ...] = ()
    has_families: bool = True


class Format(Struct, frozen=True):
    """What cannot be read from the table itself.

    Args:
        columns: names of columns in the file, by their names here (`COLUMNS`).
        family: of every row, where there is no such column.
        now: later sends are refused.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    family: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def load(path: Path, name: str, form: Format) -> PastSends:
    """Read a file of past sends.

    Args:
        name: what to call it.

    Raises:
        HistoryError: it cannot be read, or not be understood.
    """
    try:
        if path.exists() and not path.is_file():
            raise HistoryError(f"{name} is no file; name a CSV of past sends")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise HistoryError(f"{name}: there is no such file of past sends; check the path") from None
    except OSError as error:
        raise HistoryError(f"{name} cannot be read ({error.strerror}); check the path and its permissions") from None
    if len(data) > MAX_BYTES:
        raise HistoryError(f"{name} is larger than {MAX_BYTES:,} bytes, which is more than past sends need; shorten it")
    return read(data, name, form)


def given(rows: Sequence[Mapping[str, object]], form: Format) -> PastSends:
    """Past sends that are written in the manifest, or given in Python: `COLUMNS`, and the counts that a `Send` keeps.

    Raises:
        HistoryError: a row that cannot be understood, or an id twice.
    """
    sends: dict[str, Send] = {}
    for number, row in enumerate(rows, 1):
        values = {key: str(row[key]) for key in COLUMNS if row.get(key) is not None}
        send = _Row(f"send {number} of the history", values, form).send()
        more: dict[str, Any] = {
            key: dict(cast("Mapping[str, int]", row[key])) for key in (*TABLES, "counts") if row.get(key)
        }
        if send.id in sends:
            raise HistoryError(f"send {number} of the history: the send {send.id!r} is given twice; delete one")
        sends[send.id] = replace(send, digest=plain(str(row.get("digest") or "")), **more)
    return PastSends(tuple(sends.values()))


def read(data: bytes, name: str, form: Format) -> PastSends:
    """The sends of a CSV.

    Raises:
        HistoryError: one sentence with the line: an encoding, a row, a value or a column is wrong, or nothing is there.
    """
    text = _text(data, name)
    rows = _rows(text, name)
    _, header = next(rows, (0, []))
    if not any(cell.strip() for cell in header):
        raise HistoryError(f"{name} is empty; a table of past sends has a line of column names and a row for each send")
    places = _places(header, form.columns, name)
    sends: dict[str, Send] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            said = f"{len(cells)} values for {len(header)} columns"
            raise HistoryError(f"{name}:{line}: {said}; correct the row, or export the file again if it is cut off")
        send = _Row(f"{name}:{line}", {key: cells[at].strip() for key, at in places.items()}, form).send()
        if send.id in sends:
            raise HistoryError(f"{name}:{line}: the send {send.id!r} stands in the file twice; delete one")
        sends[send.id] = send
    if not sends:
        raise HistoryError(f"{name} has column names and not a single send; export it again")
    unused = tuple(cell.strip() for at, cell in enumerate(header) if at not in places.values())
    return PastSends(tuple(sends.values()), unused, "family" in places)


def _text(data: bytes, name: str) -> str:
    codec = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise HistoryError(f"{name}:{line}: this is not UTF-8; save it as CSV UTF-8") from None
    if "\0" in text:
        raise HistoryError(f"{name} has NUL characters, so it is no text or cut off; save it as CSV UTF-8")
    return text


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; blank lines are left out."""
    first = re.sub(r'"[^"]*+"?', "", text.lstrip("\r\n").partition("\n")[0])
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            reason = "a quotation mark is never closed" if "end of data" in str(error) else str(error)
            said = f"{name}:{line}: {reason}; correct it, or export the file again if it is cut off"
            raise HistoryError(said) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _places(header: Sequence[str], columns: Mapping[str, str], name: str) -> dict[str, int]:
    """Where each of the known columns is; each found, each once."""
    known = [_folded(cell) for cell in header]
    twice = next((cell for cell in known if cell and known.count(cell) > 1), None)
    if twice is not None:
        raise HistoryError(f"{name}: two columns are called {twice!r}; rename one")
    places: dict[str, int] = {}
    for key, said in columns.items():
        if key not in COLUMNS:
            raise HistoryError(f"a send has no column {key!r}{did_you_mean(key, COLUMNS) or _list(COLUMNS)}")
        if _folded(said) not in known:
            raise HistoryError(f"{name} has no column {said!r}{did_you_mean(said, header) or _list(header)}")
        places[key] = known.index(_folded(said))
    for key in COLUMNS:
        if key not in places and key in known and known.index(key) not in places.values():
            places[key] = known.index(key)
    _nothing_missing(header, places, name)
    return places


def _nothing_missing(header: Sequence[str], places: Mapping[str, int], name: str) -> None:
    """Refuse a table without a required column, and one where a slip would hide a column."""
    free = [cell.strip() for at, cell in enumerate(header) if at not in places.values() and cell.strip()]
    missing = [key for key in COLUMNS if key not in places]
    for cell in free:
        near = difflib.get_close_matches(_folded(cell), missing, n=1, cutoff=0.8)
        if near:
            raise HistoryError(f"{name}: unknown column {plain(cell)[:40]!r}; did you mean {near[0]!r}?")
    for key in REQUIRED:
        if key in missing:
            said = f"{name} has no column {key!r}{_list(header)}"
            how = f"--column {key}=…, or in the manifest, [history.columns]: {key} = '…'"
            raise HistoryError(f"{said}; say which one it is ({how})")


def _as_iso(found: re.Match[str]) -> str:
    """A date with dots has the day first everywhere."""
    day, month, year = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def _list(names: Sequence[str]) -> str:
    return f"; there are {', '.join(plain(name)[:40] for name in names[:12])}"


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


class _Row(Struct, frozen=True):
    """One row: its place, and the values of the known columns."""

    place: str
    values: Mapping[str, str]
    form: Format

    def send(self) -> Send:
        sent = self._moment()
        family = self._get("family") if "family" in self.values else self.form.family
        return Send(
            id=plain(self._get("id")) or self._made_up_id(),
            family=plain(family),
            name=plain(self._get("name")),
            kind=self._kind(),
            status="sent",
            at=sent,
            sent=sent,
            recipients=self._number("recipients", required=True),
            distinct=self._number("distinct"),
            subject=plain(self._get("subject")),
            sender=whole(self._get("sender")),
        )

    def _get(self, key: str) -> str:
        return self.values.get(key, "")

    def _error(self, key: str, said: str) -> HistoryError:
        value = plain(self._get(key))[:40]
        return HistoryError(f"{self.place}: {key} is {value!r}; {said}")

    def _made_up_id(self) -> str:
        if "id" in self.values:
            raise HistoryError(f"{self.place}: the id is missing; every send needs one, or leave the column out")
        told = "\0".join(self._get(key) for key in COLUMNS if key != "sender")
        return "row-" + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _kind(self) -> str:
        kind = self._get("kind").lower() or "marketing"
        if kind not in _KINDS:
            raise self._error("kind", f"it must be {', '.join(_KINDS)}{did_you_mean(kind, _KINDS)}")
        return kind

    def _moment(self) -> datetime:
        text = _DOTTED.sub(_as_iso, self._get("sent"), count=1)
        try:
            found = datetime.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:
            found = None
        if found is None:
            raise self._error("sent", "write it as 2027-03-31 or 2027-03-31 14:30")
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        if found > self.form.now + timedelta(days=1):
            raise self._error("sent", "that is in the future; only sends that went out belong here")
        return found

    def _number(self, key: str, *, required: bool = False) -> int | None:
        text = self._get(key)
        if not text and not required:
            return None
        plain_number = _PLAIN.fullmatch(text)
        digits = plain_number[1] if plain_number else re.sub(r"\D", "", text) if _GROUPED.fullmatch(text) else ""
        if not digits or int(digits) > MAX_RECIPIENTS:
            raise self._error(key, "write a whole number, such as 41250")
        return int(digits)
