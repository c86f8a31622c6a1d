"""`mailcheck check`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import click

from mailcheck.cli import console
from mailcheck.cli.options import Judging, OneOf, complete_format, judging

if TYPE_CHECKING:
    from mailcheck.cli import outputs, running


class Checking(Judging):
    """What the options of `check` hand to it."""

    format: tuple[str, ...]
    stdin_name: str | None
    allow_empty: bool
    campaigns: bool
    jobs: int | None
    quiet: bool
    verbose: bool
    color: str


def _jobs(context: click.Context, param: click.Parameter, value: str) -> int | None:
    """The number of processes; `None` for auto."""
    if value == "auto":
        return None
    if not value.isdecimal() or not 1 <= int(value) <= 1024:
        raise click.BadParameter(f"{value!r} is neither auto nor a number from 1 to 1024", context, param)
    return int(value)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option(
    "--format",
    metavar="NAME[=FILE]",
    multiple=True,
    shell_complete=complete_format,
    help="terminal (the default), html, json, jsonl, sarif, junit, github, gitlab or rdjson; to standard output, "
    "or to FILE. Repeatable.",
)
@judging
@click.option("--stdin-name", metavar="PATH", help="What to call the mail that is read from - (standard input).")
@click.option("--allow-empty", is_flag=True, help="Exit 0 when there is nothing to check.")
@click.option(
    "--campaigns",
    is_flag=True,
    help="Check the campaigns (campaign.toml) to which the named files belong, not the files themselves.",
)
@click.option(
    "--jobs", metavar="N|auto", callback=_jobs, default="auto", help="Processes to use; auto measures what is faster."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing when the verdict is clear; no progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Tell also what passed; show tracebacks of errors.")
@click.option("--color", type=OneOf(["auto", "always", "never"]), default="auto", help="Colours on the terminal.")
def check(paths: Sequence[str], **given: Unpack[Checking]) -> int:
    """Judge mails, templates and campaigns before they are sent.

    PATH is an HTML or MJML template, an .eml file, a campaign.toml, a folder with such files, or - for standard
    input.
    """
    from mailcheck.cli import outputs, running
    from mailcheck.cli.judging import judge_all
    from mailcheck.cli.progress import Asking, Reading, Ticker

    wanted = outputs.parse(given["format"])
    checker = running.checker_of(given)
    known = outputs.reporters_of(checker)
    outputs.verify(wanted, known, ())
    items = running.inputs(
        checker,
        paths,
        stdin_name=given["stdin_name"],
        allow_empty=given["allow_empty"],
        campaigns=given["campaigns"],
    )
    outputs.verify(wanted, known, (item.path for item in items))
    # Of several mails the bar counts the mails; of a single one, its links, and the rows of its lists of people.
    single = len(items) == 1 and not given["quiet"]
    reading = Reading(wanted=single)
    asking = Asking() if single else None
    judge = running.Judge(checker, _texts_for(wanted), record=True, progress=asking, watch=reading.watch)
    recipe = running.Recipe(checker.loaded, given["local"], judge.keep, record=True)
    with Ticker(len(items), wanted=not given["quiet"]) as tick, reading:
        judged = judge_all(judge, recipe, items, jobs=given["jobs"], tick=tick)
    for output in wanted:
        outputs.spare(output, (file for one in judged for file in one.files))
    report = running.finish(checker, judged)
    look = outputs.Look(given["color"], given["quiet"], given["verbose"])
    outputs.Delivery(report, checker, known, running.sources_of(judged), look).to(wanted)
    if items or report.faults:
        return int(report.exit_code)
    if not given["quiet"]:
        console.say("there was nothing to check, which --allow-empty allows")
    return 0


def _texts_for(wanted: Sequence[outputs.Output]) -> running.Keep:
    """Which texts the formats need: none, those with findings, or all."""
    names = {output.name for output in wanted}
    if names <= {"json", "jsonl"}:
        return "nothing"
    return (
        "found"
        if names <= {"terminal", "github", "gitlab", "junit", "rdjson", "sarif", "json", "jsonl"}
        else "everything"
    )
