"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from mailcheck.cli.entry import cli
from mailcheck.docs.markdown import NOTICE, block, code, table


def command_reference() -> str:
    """Every command with its arguments and options."""
    context = click.Context(cli, info_name="mailcheck", **cli.context_settings)
    sections: list[str] = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None and not command.hidden:
            sections.extend(_sections(command, click.Context(command, info_name=name, parent=context)))
    return f"{NOTICE}\n" + "\n".join(sections)


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    """A command, and those that it groups."""
    yield _command(command, context)
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _sections(inner, click.Context(inner, info_name=name, parent=context))


def _command(command: click.Command, context: click.Context) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    rows = [row for parameter in command.params for row in _row(parameter)]
    options = f"\n{table(['option', 'meaning'], rows)}" if rows else ""
    return f"### `{context.command_path}`\n\n{block(usage, 'console')}\n{_help(command)}\n{options}"


def _help(command: click.Command) -> str:
    text = inspect.cleandoc(command.help or "")
    return "\n\n".join(_paragraph(part) for part in re.split(r"\n{2,}", text)) + "\n"


def _paragraph(text: str) -> str:
    if text.startswith("\b"):
        return block(text.removeprefix("\b").lstrip("\n"))
    return text


def _row(parameter: click.Parameter) -> Iterator[list[str]]:
    if not isinstance(parameter, click.Option) or parameter.hidden:
        return
    names = ", ".join(code(name) for name in (*parameter.opts, *parameter.secondary_opts))
    value = "" if parameter.is_flag or parameter.count else f" {code(_value(parameter))}"
    yield [names + value, parameter.help or ""]


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(str(choice) for choice in option.type.choices)
    return option.metavar or option.type.name.upper()
