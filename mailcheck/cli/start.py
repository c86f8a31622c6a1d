"""`mailcheck init`, `demo`, `schema` and `completion`: what one runs on the first day."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mailcheck.cli import console
from mailcheck.cli.options import OneOf, complete_dialect


@click.command(short_help="Write a commented settings file and a first rule.")
@click.argument("folder", default=".")
@click.option("--dialect", metavar="ID", shell_complete=complete_dialect, help="The merge tags of your service.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def init(folder: str, dialect: str | None, force: bool) -> int:
    """Write a commented settings file and a first rule of your own, into FOLDER or here."""
    from mailcheck import atomic, starting
    from mailcheck.settings import CouldNotStart

    place = Path(folder)
    if not place.is_dir():
        raise CouldNotStart(f"{folder}: there is no such folder; make it first")
    texts = starting.files(dialect)
    there = [name for name in texts if (place / name).exists()]
    if there and not force:
        are = "is" if len(there) == 1 else "are"
        raise CouldNotStart(f"{' and '.join(there)} {are} already there; nothing was written (--force overwrites)")
    for name, text in texts.items():
        try:
            atomic.write(place / name, text.encode())
        except OSError as error:
            raise CouldNotStart(f"{place / name} cannot be written ({error.strerror}); check the folder") from None
        console.out(f"wrote {place / name}\n")
    console.out(starting.next_steps(dialect))
    return 0


@click.command(short_help="Check an example that carries the classic mistakes.")
@click.option("--color", type=OneOf(["auto", "always", "never"]), default="auto", help="Colours on the terminal.")
@click.option("--gate", is_flag=True, help="Show the gate at work instead, before a small sending service of its own.")
def demo(color: str, gate: bool) -> int:
    """Check a campaign that comes with mailcheck and carries the classic mistakes.

    With --gate, a bad campaign is scheduled, held, mended, cleared, edited and pulled back, on this machine alone.
    """
    from importlib import resources

    if gate:
        return _gate_demo()
    with resources.as_file(resources.files("mailcheck") / "demo") as folder:
        return _demo(folder, color)


def _demo(folder: Path, color: str) -> int:
    from mailcheck.checking import Checker, load_mapping
    from mailcheck.cli import outputs, running
    from mailcheck.settings import CouldNotStart

    if not folder.is_dir():
        raise CouldNotStart("the example is not part of this installation; install mailcheck-lint anew")
    checker = Checker.build(load_mapping({}), local=False)
    judged = [running.Judge(checker, "found")(item) for item in running.inputs(checker, [str(folder)])]
    report = running.finish(checker, judged)
    look = outputs.Look(color, root=str(folder))
    known = outputs.reporters_of(checker)
    outputs.Delivery(report, checker, known, running.sources_of(judged), look).to([outputs.Output("terminal")])
    if report.verdict == "unsure":
        return int(report.exit_code)
    console.out(
        f"\nThis is what `mailcheck check` says of a campaign with the classic mistakes, with exit code "
        f"{int(report.exit_code)}.\nThe campaign is in {folder}\n"
        "Next: `mailcheck check FILE` on a mail of yours, and `mailcheck init` for a settings file.\n"
    )
    return 0


def _gate_demo() -> int:
    import asyncio
    import tempfile

    from mailcheck.cli.serve import require_gate

    require_gate()
    from mailcheck.gate.demo import StoryFailed, play

    with tempfile.TemporaryDirectory(prefix="mailcheck-demo-") as folder:
        try:
            asyncio.run(play(Path(folder), lambda line: console.out(line + "\n")))
        except StoryFailed as error:
            raise console.CouldNotWrite(f"the demo did not end as it should: {error}") from None
    console.out(
        "\nThe campaign was never sent with a mistake in it. All of it was real, but for the sending service.\n"
        "Next: docs/gate-service.md, and `mailcheck serve --check-config` on a gate.toml of yours.\n"
    )
    return 0


@click.command(short_help="Print the JSON schema of the report.")
def schema() -> int:
    """Print the JSON schema of the report, as --format json writes it."""
    from mailcheck.report import Report

    console.out(json.dumps(Report.model_json_schema(mode="serialization"), indent=2) + "\n", exact=True)
    return 0


@click.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=OneOf(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the completion script of a shell: eval "$(mailcheck completion bash)"."""
    from click.shell_completion import get_completion_class

    from mailcheck.cli.entry import COMPLETE_VARIABLE

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"click knows no completion for {shell}", context)
    console.out(found(context.find_root().command, {}, "mailcheck", COMPLETE_VARIABLE).source() + "\n")
    return 0
