"""The options that say how to judge; `check`, `fix` and `baseline` share them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypedDict, TypeVar

import click
from click.shell_completion import CompletionItem

from mailcheck.suggest import did_you_mean

P = ParamSpec("P")
R = TypeVar("R")

FORMATS = ("terminal", "html", "json", "jsonl", "sarif", "junit", "github", "gitlab", "rdjson")
"""Names of the built-in reporters, told by `--help` without importing them."""


class Judging(TypedDict):
    """What the options of `judging` hand to a command."""

    profile: str | None
    stage: str | None
    dialect: str | None
    locale: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    threshold: str | None
    settings: str | None
    online: bool | None
    fields: str | None
    history: str | None
    audience: str | None
    suppression: tuple[str, ...]
    memory: str | None
    show_addresses: bool
    local: bool


class OneOf(click.Choice[str]):
    """A choice that answers a slip with the word that was meant."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        word, known = str(value), [str(one) for one in self.choices]
        if word not in known:
            hint = did_you_mean(word, known) or f"; known are {', '.join(known)}"
            self.fail(f"there is no {word!r}{hint}", param, ctx)
        return word


def split(values: tuple[str, ...]) -> tuple[str, ...]:
    """Repeated and comma-separated values as one list."""
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def complete_dialect(_context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The dialects that start so, for the shell."""
    from mailcheck.content.dialects import builtin

    return [CompletionItem(one.id, help=one.name) for one in builtin().by_id.values() if one.id.startswith(incomplete)]


def complete_rule(_context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The families and rules that start so, for the shell."""
    from mailcheck.plugins import collect

    rules = collect().rules.values()
    families = sorted({rule.family for rule in rules})
    return [
        *(CompletionItem(name) for name in families if name.startswith(incomplete)),
        *(CompletionItem(rule.name, help=rule.summary) for rule in rules if rule.name.startswith(incomplete)),
    ]


def complete_format(_context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The formats that start so, for the shell."""
    return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]


_JUDGING = (
    click.option(
        "--profile",
        type=OneOf(["template", "campaign", "send"]),
        help="What must be known: template (markup only), campaign (the whole message), send (all, the gate). "
        "By default template for template files, campaign for mails and manifests.",
    ),
    click.option(
        "--stage",
        type=OneOf(["template", "rendered"]),
        help="Whether merge tags are still to be filled in (template), or a tag left over is an error (rendered). "
        "By default rendered for .eml files.",
    ),
    click.option(
        "--dialect",
        metavar="ID",
        shell_complete=complete_dialect,
        help="The merge tags of your sending service; `mailcheck dialects` lists them.",
    ),
    click.option("--locale", metavar="TAG", multiple=True, help="Language of the mail, such as nl-NL. Repeatable."),
    click.option(
        "--select",
        metavar="RULE",
        multiple=True,
        shell_complete=complete_rule,
        help="Run only these rules: names, families, globs. Repeatable, or comma-separated.",
    ),
    click.option(
        "--ignore",
        metavar="RULE",
        multiple=True,
        shell_complete=complete_rule,
        help="Do not run these rules, besides those that the settings ignore.",
    ),
    click.option(
        "--threshold",
        type=OneOf(["error", "warning", "info"]),
        help="Findings of this severity and above hold the campaign; error by default.",
    ),
    click.option("--settings", metavar="FILE", help="Settings file; by default the nearest mailcheck.toml."),
    click.option("--online/--offline", default=None, help="Whether rules may use the network; offline by default."),
    click.option("--fields", metavar="A,B,C", help="The fields that the audience has, for merge_tags/unknown_field."),
    click.option("--audience", metavar="FILE|URL", help="The recipients: CSV, JSON lines, Parquet, or a database."),
    click.option(
        "--suppression",
        metavar="FILE|URL",
        multiple=True,
        help="A list of people who must not get the mail. Repeatable.",
    ),
    click.option("--memory", metavar="SIZE", help="Memory for lists of people before they go to disk: 1500MB, 4GB."),
    click.option(
        "--history", metavar="FILE|URL", help="Where sends are recorded and compared: a file, or postgresql://…"
    ),
    click.option("--show-addresses", is_flag=True, help="Do not mask e-mail addresses in findings."),
    click.option(
        "--no-local", "local", flag_value=False, default=True, help="Do not load this project's mailrules.py."
    ),
)


def judging(command: Callable[P, R]) -> Callable[P, R]:
    """Add the options that say how to judge."""
    for option in reversed(_JUDGING):
        command = option(command)
    return command


def flags(given: Judging) -> dict[str, object]:
    """The settings that were given by hand; what was not given is not there. `ignore` adds, and is apart.

    Raises:
        CouldNotStart: an option was given, but with nothing in it, as by a variable that is not set.
    """
    from mailcheck.settings import CouldNotStart

    lists = {"locale": given["locale"], "select": given["select"], "ignore": given["ignore"]}
    empty = [name for name, values in lists.items() if values and not split(values)]
    empty += [name for name in ("settings", "history", "audience", "memory") if given[name] == ""]
    empty += ["fields"] if given["fields"] is not None and not split((given["fields"],)) else []
    empty += ["suppression"] if "" in given["suppression"] else []
    if empty:
        raise CouldNotStart(f"--{empty[0]} is given, but names nothing; name something")
    said: dict[str, object] = {
        "profile": given["profile"],
        "stage": given["stage"],
        "dialect": given["dialect"],
        "locale": split(given["locale"]) or None,
        "select": split(given["select"]) or None,
        "threshold": given["threshold"],
        "online": given["online"],
        "fields": None if given["fields"] is None else split((given["fields"],)),
        "history": given["history"],
        "audience": given["audience"],
        "suppression": given["suppression"] or None,
        "memory": given["memory"],
        "show_addresses": given["show_addresses"] or None,
    }
    return {name: value for name, value in said.items() if value is not None}
