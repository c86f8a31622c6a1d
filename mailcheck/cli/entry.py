"""The door: finds the command, and turns whatever happens into one sentence and an exit code."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from mailcheck import __version__
from mailcheck.cli import console
from mailcheck.suggest import did_you_mean

CLEAR, HELD, COULD_NOT_START, UNSURE, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit codes, as in `mailcheck.report.ExitCode`; here without its imports."""

COMPLETE_VARIABLE = "_MAILCHECK_COMPLETE"

COMMANDS = {
    "check": "check:check",
    "fix": "fix:fix",
    "rules": "listing:rules",
    "explain": "explain:explain",
    "plugins": "plugins:plugins",
    "dialects": "listing:dialects",
    "init": "start:init",
    "baseline": "baseline:baseline",
    "audience": "audience:audience",
    "history": "history:history",
    "serve": "serve:serve",
    "demo": "start:demo",
    "schema": "start:schema",
    "completion": "start:completion",
}
"""Module and function of each command."""


class Commands(click.Group):
    """Commands that are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"mailcheck.cli.{module}"), function)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and name not in COMMANDS and not ctx.resilient_parsing:
            hint = did_you_mean(name, COMMANDS)
            if not hint and Path(name).exists():
                hint = f"; did you mean `mailcheck check {name}`?"
            raise click.UsageError(f"there is no command {name!r}{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clear, 1 held, 2 could not start, 3 unsure (something was not judged), 130 interrupted.",
)
@click.version_option(__version__, prog_name="mailcheck", message="%(prog)s %(version)s")
def cli() -> None:
    """Stop a wrong e-mail campaign before it is sent.

    Try `mailcheck demo` first, then `mailcheck check FILE`.
    """


def main() -> NoReturn:
    """Run the command line of this process and exit."""
    gc.disable()  # imports make no garbage; `running.checker_with` turns it on again
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run the command line with these arguments.

    Returns:
        the exit code; 0 only when a command said so itself.
    """
    try:
        code = cli.main(list(args), prog_name="mailcheck", complete_var=COMPLETE_VARIABLE, standalone_mode=False)
    except SystemExit as error:
        if os.environ.get(COMPLETE_VARIABLE):
            raise
        return _ended(error, args)
    except BaseException as error:  # noqa: BLE001 - the last one who can say it in a sentence
        return _ended(error, args)
    return code if isinstance(code, int) else UNSURE


def _wants_traceback(args: Sequence[str]) -> bool:
    return os.environ.get("MAILCHECK_DEBUG", "") not in {"", "0"} or "--verbose" in args or "-v" in args


def _ended(error: BaseException, args: Sequence[str]) -> int:
    traceback = _wants_traceback(args)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        console.say("interrupted; nothing was decided")
        return INTERRUPTED
    if isinstance(error, SystemExit) and console.reader_is_gone():
        return UNSURE
    if isinstance(error, click.ClickException):
        return _misused(error, args)
    if traceback:
        console.traceback(error)
    if _could_not_start(error):
        console.say(str(error))
        return COULD_NOT_START
    if isinstance(error, console.CouldNotWrite):
        console.say(str(error))
        return UNSURE
    if isinstance(error, FileNotFoundError) and not _has_folder():
        console.say("the working folder does not exist any more; go to another one")
        return COULD_NOT_START
    console.say(
        f"{console.described(error)}; this is a bug in mailcheck, nothing is known of the mails: please report it"
        f"{'' if traceback else ' (MAILCHECK_DEBUG=1 shows more)'}"
    )
    return UNSURE


def _has_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _could_not_start(error: BaseException) -> bool:
    try:
        from mailcheck.history.sends import HistoryError
        from mailcheck.reading import ReadingError
        from mailcheck.settings import CouldNotStart
    except Exception:  # noqa: BLE001 - an installation that is broken this far is told as the error that it is
        return False
    return isinstance(error, CouldNotStart | HistoryError | ReadingError)


def _misused(error: click.ClickException, args: Sequence[str]) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return COULD_NOT_START
    message = error.format_message().rstrip(".")
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option {error.option_name}{did_you_mean(error.option_name, error.possibilities or ())}"
        file = next((arg for arg in args if arg.startswith(error.option_name) and Path(arg).is_file()), None)
        message += f"; to name the file {file}, write ./{file}" if file else ""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "mailcheck"
    console.say(f"{message[:1].lower()}{message[1:]} (see `{command} --help`)")
    return COULD_NOT_START
