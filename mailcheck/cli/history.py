"""`mailcheck history`: what was sent before."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypedDict, TypeVar, Unpack

import click

from mailcheck.cli import console
from mailcheck.suggest import did_you_mean

if TYPE_CHECKING:
    from mailcheck.history.sends import Send
    from mailcheck.history.store import Change, Store
    from mailcheck.history.table import PastSends

P = ParamSpec("P")
R = TypeVar("R")


class Place(TypedDict):
    """Where the history is, as the options have it."""

    history: str | None
    settings: str | None


class Told(Place):
    """What the options of `record` hand to it."""

    recipients: int
    at: str | None
    family: str | None
    kind: str | None
    title: str | None
    subject: str | None


def placed(command: Callable[P, R]) -> Callable[P, R]:
    """Add the options that say where the history is."""
    where = click.option("--history", metavar="FILE|URL", help="The history; by default that of the settings.")
    settings = click.option("--settings", metavar="FILE", help="Settings file; by default the nearest mailcheck.toml.")
    return where(settings(command))


@click.group(short_help="What was sent before: list, show, import, record, forget.")
def history() -> None:
    """Keep the history of sends, with which campaigns are compared.

    It is a file or a PostgreSQL database: `history` in the settings, or --history. It holds figures, salted
    fingerprints and how judgements ended, and no address of a recipient.
    """


@history.command("list", short_help="List the sends.")
@click.option("--family", help="Only this family.")
@click.option("--since", metavar="DATE", help="Only since this day.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@placed
def list_sends(family: str | None, since: str | None, as_json: bool, **place: Unpack[Place]) -> int:
    """List the sends, the newest last."""
    sends = _opened(place).sends(family=family, since=_day(since, "--since") if since else None)
    if as_json:
        _json([_described(send) for send in sends])
    elif sends:
        _table(("ID", "FAMILY", "WHEN (UTC)", "STATUS", "RECIPIENTS", "SUBJECT"), [_listed(send) for send in sends])
    else:
        console.say("the history holds no such send")
    return 0


@history.command(short_help="Show everything that is kept of a send.")
@click.argument("name", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@placed
def show(name: str, as_json: bool, **place: Unpack[Place]) -> int:
    """Show everything that is kept of a send."""
    from mailcheck.fingerprints import FingerprintError

    (send,) = _known(_opened(place), [name])
    told = _described(send)
    try:
        sketch = send.fingerprint
        told["fingerprint"] = None if sketch is None else {"distinct": sketch.distinct, "sampled": len(sketch.hashes)}
    except FingerprintError as error:
        console.say(str(error))
        told["fingerprint"] = "damaged"
    if as_json:
        _json(told)
    else:
        _table(("", ""), [(key, _value(value)) for key, value in told.items() if value not in (None, "", {})])
    return 3 if told["fingerprint"] == "damaged" else 0


@history.command("import", short_help="Take over past sends from a CSV.")
@click.argument("file", metavar="FILE")
@click.option(
    "--column", metavar="NAME=COLUMN", multiple=True, help="What a column is called in the file: --column sent=Date."
)
@click.option("--family", help="The family of all of them, where the file has no such column.")
@click.option("--dry-run", is_flag=True, help="Only say what would be new.")
@placed
def import_sends(file: str, column: tuple[str, ...], family: str | None, dry_run: bool, **place: Unpack[Place]) -> int:
    """Take over past sends from a CSV, all of them or none.

    It needs the columns sent and recipients, and may have id, family, name, kind, distinct, subject and sender. Sends
    that are known already stay as they are.
    """
    from mailcheck.history import table

    past = table.load(Path(file), file, table.Format(_columns(column), family or ""))
    if not (past.has_families or family):
        _refuse(f"{file} does not say the families of its sends, with which they are compared; give --family NAME")
    changes = _would_be(past, place) if dry_run else _opened(place, create=True).sent(past.sends, amend=False)
    if past.unused:
        console.say(f"not used are the columns {', '.join(past.unused[:20])}")
    new, turned, known = (changes.count(change) for change in ("added", "amended", "kept"))
    told = f"{_sends(len(changes))} in {file}: {new:,} {'would be' if dry_run else 'are'} new, {known:,} known already"
    console.say(told + (f", {turned:,} judged before and now sent" if turned else ""))
    return 0


def _would_be(past: PastSends, place: Place) -> list[Change]:
    """What an import would do; a history that is not there yet is not made for that."""
    from mailcheck.history.locations import file_of

    file = file_of(_where(place))
    if file is not None and not file.exists():
        return ["added"] * len(past.sends)
    return _opened(place).preview(past.sends)


@history.command(short_help="Tell that a campaign was sent.")
@click.argument("name", metavar="ID")
@click.option("--recipients", type=click.IntRange(min=0), required=True, help="How many it really went to.")
@click.option("--at", metavar="TIME", help="When: 2027-03-31 or 2027-03-31T14:30+02:00; now by default.")
@click.option("--family", help="Its family; needed when it was not judged before.")
@click.option("--kind", help="marketing, transactional or apology.")
@click.option("--name", "title", help="Its name.")
@click.option("--subject", help="Its subject line.")
@placed
def record(name: str, **given: Unpack[Told]) -> int:
    """Tell that the campaign ID was sent, and to how many.

    What was judged becomes what was sent; telling it again corrects it.
    """
    from mailcheck.history.sends import Send

    now = datetime.now(UTC)
    at = _day(given["at"], "--at") if given["at"] else now
    if at > now + timedelta(days=1):
        _refuse(f"--at {given['at']} is in the future; record a send when it went out")
    kind = _kind(given["kind"])
    store = _opened(given, create=True)
    before = store.find(name)
    if before is None and not given["family"]:
        _refuse(f"the campaign {name!r} was never judged here{_near(store, name)}; give --family to record it anew")
    send = Send(
        id=name,
        family=given["family"] or "",
        name=given["title"] or "",
        kind=kind or ("" if before else "marketing"),
        at=at if given["at"] or before is None or before.sent is None else before.sent,
        recipients=given["recipients"],
        subject=given["subject"] or "",
    )
    store.sent([send])
    console.say(f"{name} is recorded as sent to {given['recipients']:,} recipients")
    return 0


@history.command(short_help="Delete sends and their fingerprints.")
@click.argument("names", metavar="[ID]...", nargs=-1)
@click.option("--before", metavar="DATE", help="Every send before this day.")
@placed
def forget(names: Sequence[str], before: str | None, **place: Unpack[Place]) -> int:
    """Delete sends with all that is kept of them, also from the database's own files."""
    if not names and not before:
        _refuse("name the sends to forget, or give --before DATE")
    store = _opened(place)
    chosen = [send.id for send in _known(store, names)]
    if before:
        chosen += [send.id for send in store.sends(before=_day(before, "--before"))]
    console.say(f"{_sends(store.forget(list(dict.fromkeys(chosen))))} forgotten")
    return 0


def _opened(place: Place, *, create: bool = False) -> Store:
    """The history that was named, or that of the settings.

    Raises:
        CouldNotStart: none is.
        HistoryError: it cannot be opened, or is not there.
    """
    from mailcheck.history.past import open_store

    return open_store(_where(place), create=create)


def _where(place: Place) -> str:
    from mailcheck.settings import load

    if "" in (place["history"], place["settings"]):
        _refuse("--history or --settings is given, but names nothing; name something")
    loaded = load(Path(place["settings"]) if place["settings"] else None, flags={"history": place["history"]})
    if not loaded.settings.history:
        _refuse('no history is named; give --history FILE, or write `history = "history.sqlite"` into mailcheck.toml')
    return loaded.settings.history


def _refuse(sentence: str) -> NoReturn:
    from mailcheck.settings import CouldNotStart

    raise CouldNotStart(sentence)


def _known(store: Store, names: Iterable[str]) -> list[Send]:
    """The sends of these ids; each must be there."""
    found: list[Send] = []
    for name in names:
        send = store.find(name)
        if send is None:
            _refuse(f"the history holds no send {name!r}{_near(store, name)} (`mailcheck history list` lists them)")
        found.append(send)
    return found


def _near(store: Store, name: str) -> str:
    return did_you_mean(name, [send.id for send in store.sends()])


def _day(text: str, option: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        _refuse(f"{option} {text!r} is no day; write it as 2027-03-31 or 2027-03-31T14:30+02:00")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _kind(text: str | None) -> str:
    from typing import get_args

    from mailcheck.campaign import Kind

    kinds: tuple[str, ...] = get_args(Kind)
    if text is not None and text not in kinds:
        _refuse(f"--kind: there is no {text!r}{did_you_mean(text, kinds) or '; known are ' + ', '.join(kinds)}")
    return text or ""


def _columns(values: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for value in values:
        name, _, column = (piece.strip() for piece in value.partition("="))
        if not (name and column):
            _refuse(f"--column {value!r}: write it as --column sent='Send date'")
        columns[name] = column
    return columns


def _sends(number: int) -> str:
    return f"{number:,} send" + ("" if number == 1 else "s")


def _listed(send: Send) -> tuple[str, ...]:
    status = "sent" if send.status == "sent" else f"judged, {send.verdict}" if send.verdict else "judged"
    recipients = "-" if send.recipients is None else f"{send.recipients:,}"
    return send.id, send.family or "-", f"{send.at.astimezone(UTC):%Y-%m-%d %H:%M}", status, recipients, send.subject


def _described(send: Send) -> dict[str, object]:
    """A send for programs, in the order of its fields; addresses masked, even the sender's."""
    from mailcheck.masking import mask_addresses

    names = [field.name for field in dataclasses.fields(send) if field.name != "load"]
    told: dict[str, object] = {name: getattr(send, name) for name in names}
    told["sender"] = mask_addresses(send.sender)
    for name, value in told.items():
        if isinstance(value, datetime):
            told[name] = value.astimezone(UTC).isoformat(timespec="seconds")
    return told


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(one)}" for key, one in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def _json(value: object) -> None:
    console.out(json.dumps(value, indent=2, ensure_ascii=False) + "\n", exact=True)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Rows for a person: drawn on a terminal, plain columns elsewhere."""
    shown = [tuple(console.readable(cell) for cell in row) for row in rows]
    if not sys.stdout.isatty():
        console.out(console.columns([head, *shown] if any(head) else shown))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=any(head), header_style="bold", pad_edge=False)
    for name in head:
        cut = name not in ("", "ID")
        table.add_column(
            name,
            justify="right" if name == "RECIPIENTS" else "left",
            no_wrap=cut,
            overflow="ellipsis" if cut else "fold",
        )
    for row in shown:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
