"""`mailcheck audience`: what a list of people holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypedDict, Unpack

import click

from mailcheck.cli import console
from mailcheck.cli.options import OneOf, split

if TYPE_CHECKING:
    from mailcheck.audience.exporting import Affected
    from mailcheck.audience.opening import Lists
    from mailcheck.audience.tables import AudienceTable
    from mailcheck.cli.audience_growth import Growth
    from mailcheck.cli.progress import Reading
    from mailcheck.settings import Settings


class Asked(TypedDict):
    """What the options hand to the command."""

    table: str | None
    query: str | None
    column: tuple[str, ...]
    encoding: str | None
    delimiter: str | None
    suppression: tuple[str, ...]
    history: str | None
    family: str | None
    memory: str | None
    settings: str | None
    format: str
    export: str | None
    of: tuple[str, ...]
    force: bool
    show_addresses: bool
    quiet: bool


@click.command(short_help="Tell what a list of recipients holds.")
@click.argument("path", metavar="PATH")
@click.option("--table", metavar="NAME", help="The table, where PATH is the URL of a database.")
@click.option("--query", metavar="SQL", help="A SELECT, where PATH is the URL of a database.")
@click.option(
    "--column", metavar="ROLE=NAME", multiple=True, help="Which column is what: --column address='Contact'. Repeatable."
)
@click.option("--encoding", metavar="NAME", help="Of a CSV file: utf-8 (the default), utf-16 or latin-1.")
@click.option("--delimiter", metavar="MARK", help="Of a CSV file; found by looking at it when not given.")
@click.option("--suppression", metavar="FILE|URL", multiple=True, help="People who must not get mails. Repeatable.")
@click.option("--history", metavar="FILE|URL", help="Earlier sends, to tell the growth of --family.")
@click.option("--family", metavar="NAME", help="The family of sends that the list is for.")
@click.option("--memory", metavar="SIZE", help="Memory before it goes to disk: 1500MB, 4GB.")
@click.option("--settings", metavar="FILE", help="Settings file; by default the nearest mailcheck.toml.")
@click.option("--format", type=OneOf(["terminal", "json"]), default="terminal", help="terminal, or json for programs.")
@click.option("--export", metavar="FILE", help="Write the people of --of to a CSV or Parquet file, addresses unmasked.")
@click.option(
    "--of",
    metavar="SORT",
    multiple=True,
    help="Whom to export: invalid, duplicate, blank, suppressed, role, unattended, test, disposable, misspelt. "
    "Repeatable, or comma-separated.",
)
@click.option("--force", is_flag=True, help="Replace the file of --export when it is there.")
@click.option("--show-addresses", is_flag=True, help="Do not mask the addresses of examples.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def audience(path: str, **given: Unpack[Asked]) -> int:
    """Tell what a list of recipients holds: how many, how many twice, what is wrong with whom.

    PATH is a file (CSV, JSON lines, Parquet; .gz, .zst), a folder or a pattern of files, or the URL of a database.
    """
    from mailcheck.cli.progress import Reading

    _refuse_empty(path, given)
    settings = _settings(given)
    sorts = _sorts(given)
    if given["export"] is not None:
        _refuse_place(Path(given["export"]), (path, *given["suppression"], settings.history), force=given["force"])
    growth = _growth(settings, given)
    with Reading(wanted=not given["quiet"]) as reading, _sentences(), _lists(settings, reading) as lists:
        affected = _read(path, settings, lists, given)
        if given["export"] is not None:
            return _export(affected, sorts, Path(given["export"]), force=given["force"])
        return _tell(affected, growth, given, reading)


def _tell(affected: Affected, growth: Growth | None, given: Asked, reading: Reading) -> int:
    from mailcheck.audience.profile import profile_of
    from mailcheck.cli import audience_page

    profile = profile_of(affected)
    past = growth.of(affected.audience) if growth else None
    shown = audience_page.shown_examples(affected, profile) if given["show_addresses"] else {}
    reading.stop()
    if given["format"] == "json":
        console.out(audience_page.as_json(profile, past, shown), exact=True)
    else:
        audience_page.draw(profile, past, shown)
    return 0


def _refuse_empty(path: str, given: Asked) -> None:
    names = ("table", "query", "encoding", "delimiter", "history", "family", "memory", "settings", "export")
    empty = ["PATH"] if not path else []
    empty += [f"--{name}" for name, value in given.items() if name in names and value == ""]
    empty += ["--suppression"] if "" in given["suppression"] else []
    if empty:
        _refuse(f"{empty[0]} is given, but names nothing; name something")


def _settings(given: Asked) -> Settings:
    from mailcheck.settings import load

    flags = {
        "history": given["history"],
        "memory": given["memory"],
        "suppression": given["suppression"] or None,
    }
    return load(Path(given["settings"]) if given["settings"] else None, flags=flags).settings


def _sorts(given: Asked) -> tuple[str, ...]:
    from mailcheck.audience.exporting import SORTS
    from mailcheck.suggest import did_you_mean

    sorts = tuple(dict.fromkeys(split(given["of"])))
    unknown = next((one for one in sorts if one not in SORTS), None)
    if unknown is not None:
        hint = did_you_mean(unknown, SORTS) or f"; known are {', '.join(SORTS)}"
        _refuse(f"--of: there is no {unknown!r}{hint}")
    if given["export"] is not None and not sorts:
        _refuse(f"--export needs --of: say whom to export, of {', '.join(SORTS)}")
    if sorts and given["export"] is None:
        _refuse("--of needs --export: say which file to write")
    return sorts


def _refuse_place(file: Path, others: Sequence[str | None], *, force: bool) -> None:
    """Refuse before anything is read what could not be written afterwards."""
    if file.suffix.lower() not in (".csv", ".parquet", ".pq"):
        _refuse(f"--export: {file} must end in .csv or .parquet")
    if file.is_dir() or not file.absolute().parent.is_dir():
        _refuse(f"--export: {file} is a folder, or its folder does not exist; name a file in a folder that exists")
    if file.exists() and any(_reads(one, file) for one in others if one):
        _refuse(f"--export: {file} is one of the lists themselves, or the history; name another file")
    if file.exists() and not file.is_file():
        _refuse(f"--export: {file} is no plain file; name another")
    if file.exists() and not force:
        _refuse(f"--export: {file} is there already; --force replaces it")


def _reads(named: str, file: Path) -> bool:
    """Whether a file is what somebody named, or one of the files of that folder or pattern."""
    from mailcheck.audience.frames import files_of
    from mailcheck.rule import Unusable

    if Path(named).is_file():
        return file.samefile(named)
    with suppress(Unusable):  # which is told when it is read
        return any(file.samefile(path) for path in files_of(named, Path()).paths)
    return False


def _growth(settings: Settings, given: Asked) -> Growth | None:
    if given["family"] is None:
        if given["history"] is not None:
            _refuse("--history needs --family: say which sends the list is to be compared with")
        return None
    if not settings.history:
        _refuse("--family needs --history: say where the earlier sends are")
    from mailcheck.cli.audience_growth import opened

    return opened(settings.history, given["family"])


@contextmanager
def _lists(settings: Settings, reading: Reading) -> Iterator[Lists]:
    from mailcheck.audience.engines.duck import MEMORY
    from mailcheck.audience.opening import Lists

    lists = Lists(Path(), settings.memory or MEMORY, watch=reading.watch)
    try:
        yield lists
    finally:
        lists.close()


def _read(path: str, settings: Settings, lists: Lists, given: Asked) -> Affected:
    from mailcheck.audience.profile import affected_of
    from mailcheck.audience.tables import SuppressionList

    suppression = [SuppressionList.model_validate({"source": one}) for one in settings.suppression]
    return affected_of(_table(path, given), suppression, lists, fields=given["export"] is None)


def _table(path: str, given: Asked) -> AudienceTable:
    from pydantic import ValidationError

    from mailcheck.audience.tables import AudienceTable

    columns: dict[str, str] = {}
    for value in given["column"]:
        role, _, name = (piece.strip() for piece in value.partition("="))
        if not (role and name):
            _refuse(f"--column {value!r}: write it as --column address='Contact'")
        columns[role] = name
    try:
        return AudienceTable.model_validate(
            {
                "source": path,
                "table": given["table"],
                "query": given["query"],
                "columns": columns,
                "encoding": given["encoding"] or "utf-8",
                "delimiter": given["delimiter"],
            }
        )
    except ValidationError as error:
        _refuse(error.errors()[0]["msg"].removeprefix("Value error, "))


def _export(affected: Affected, sorts: Sequence[str], file: Path, *, force: bool) -> int:
    from mailcheck.audience.exporting import write

    if "suppressed" in sorts and not affected.suppression:
        _refuse("--of suppressed needs --suppression: say which lists")
    lines = (batch for sort in sorts for batch in affected.of(sort))
    try:
        count = write(lines, file, force=force)
    except FileExistsError:
        _refuse(f"--export: {file} is there already; --force replaces it")
    except OSError as error:
        raise console.CouldNotWrite(f"{file} cannot be written ({error.strerror}); check the place") from None
    console.say(f"{count:,} line{'' if count == 1 else 's'} written to {file}, with addresses; only you can read it")
    return 0


@contextmanager
def _sentences() -> Iterator[None]:
    """What cannot be read ends the command, in the words of the command line."""
    from mailcheck.rule import Unusable

    try:
        yield
    except Unusable as error:
        said = str(error)
        for manifest, option in _WORDS:
            said = said.replace(manifest, option)
        _refuse(said)


_WORDS = (
    ('columns = { address = "…" }', "--column address=NAME"),
    ("columns.address", "--column address=NAME"),
    ("delimiter = ", "--delimiter "),
    ("encoding = ", "--encoding "),
    ("table = or query = of", "--table or --query of"),
    ("raise memory, such as", "raise --memory, such as"),
)
"""How a manifest says a thing, and how an option does."""


def _refuse(sentence: str) -> NoReturn:
    from mailcheck.settings import CouldNotStart

    raise CouldNotStart(sentence)
