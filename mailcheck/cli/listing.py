"""`mailcheck rules` and `mailcheck dialects`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import click

from mailcheck.cli import console

if TYPE_CHECKING:
    from mailcheck.checking import Checker
    from mailcheck.content.dialects import Dialect
    from mailcheck.rule import Rule

_FIRST_NAME = re.compile(r"first.?name|f_?name|first\b|voornaam|vorname|prenom|fornavn|nombre", re.IGNORECASE)


@click.command(short_help="List the rules.")
@click.argument("pattern", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--settings", metavar="FILE", help="Settings file; by default the nearest mailcheck.toml.")
@click.option("--no-local", "local", flag_value=False, default=True, help="Do not load this project's mailrules.py.")
def rules(pattern: str | None, as_json: bool, settings: str | None, local: bool) -> int:
    """List the rules, or those that PATTERN means: a name, a family, a glob, or a word of the summary."""
    checker = plain_checker(settings, local=local)
    found = matching(list(checker.registry.rules.values()), pattern)
    if as_json:
        console.out(json.dumps([_described(rule, checker) for rule in found], indent=2) + "\n", exact=True)
    else:
        selected = {rule.name for rule in checker.engine.rules}
        rows = [
            (rule.name, severity_of(rule, checker), rule.summary + ("" if rule.name in selected else " (not selected)"))
            for rule in found
        ]
        console.out(console.columns(rows, width=console.width_of(sys.stdout)))
    tell_faults(checker)
    return 0


def plain_checker(settings: str | None, *, local: bool) -> Checker:
    """The checker of a project, to look at."""
    from pathlib import Path

    from mailcheck.cli.running import checker_with
    from mailcheck.settings import load

    loaded = load(Path(settings) if settings else None)
    # A baseline that is broken must not keep anybody from reading about rules.
    loaded = loaded.model_copy(update={"settings": loaded.settings.model_copy(update={"baseline": None})})
    return checker_with(loaded, local=local)


def tell_faults(checker: Checker) -> None:
    """Say that something is missing from a list because a plug-in is at fault."""
    from mailcheck.report import plural

    faults = checker.registry.faults
    if faults:
        console.say(f"there is {plural(len(faults), 'fault')} of plug-ins; `mailcheck plugins` tells more")


def severity_of(rule: Rule, checker: Checker) -> str:
    """The severity of a rule under these settings."""
    return checker.engine.severities.get(rule.name, rule.severity)


def matching(rules: Sequence[Rule], pattern: str | None) -> list[Rule]:
    """The rules that a pattern means.

    Raises:
        CouldNotStart: none.
    """
    from mailcheck.settings import CouldNotStart
    from mailcheck.suggest import did_you_mean
    from mailcheck.waivers import name_matches

    if pattern is None:
        return list(rules)
    wanted = pattern.casefold()
    found = [rule for rule in rules if name_matches(pattern, rule.name) or pattern in rule.aliases]
    found = found or [rule for rule in rules if wanted in rule.name or wanted in rule.summary.casefold()]
    if not found:
        names = {name for rule in rules for name in (rule.name, rule.family)}
        raise CouldNotStart(
            f"there is no rule {pattern!r}{did_you_mean(pattern, names)} (`mailcheck rules` lists them all)"
        )
    return found


def _described(rule: Rule, checker: Checker) -> dict[str, object]:
    schema = getattr(rule.options, "model_json_schema", None)
    return {
        "name": rule.name,
        "family": rule.family,
        "severity": severity_of(rule, checker),
        "summary": rule.summary,
        "explanation": rule.explanation,
        "needs": [need.name for need in rule.needs if need.required],
        "options": schema() if schema else None,
        "aliases": list(rule.aliases),
        "since": rule.since,
        "selected": any(one.name == rule.name for one in checker.engine.rules),
        "plugin": rule.plugin,
        "file": rule.file,
        "line": rule.line,
    }


@click.command(short_help="List the merge-tag dialects of sending services.")
@click.argument("pattern", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--no-local", "local", flag_value=False, default=True, help="Do not load this project's mailrules.py.")
def dialects(pattern: str | None, as_json: bool, local: bool) -> int:
    """List the merge-tag dialects, or those whose id or name holds PATTERN.

    The columns: the id for --dialect and the settings, the name, how a first name is written, how the link to
    unsubscribe is, and the shapes of its tags.
    """
    found = _dialects(pattern, local)
    shapes = {one.id: shapes_of(one) for one in found}
    if as_json:
        listed = [
            {
                "id": one.id,
                "name": one.name,
                "kind": one.kind,
                "first_name": first_name(one),
                "unsubscribe": list(one.unsubscribe),
                "families": list(shapes[one.id]),
            }
            for one in found
        ]
        console.out(json.dumps(listed, indent=2, ensure_ascii=False) + "\n", exact=True)
        return 0
    rows = [
        (one.id, _cut(one.name, 32), _cut(first_name(one) or "-", 34), _cut("".join(one.unsubscribe[:1]) or "-", 34),
         ", ".join(shapes[one.id]) or "-")
        for one in found
    ]  # fmt: skip
    head = ("ID", "NAME", "FIRST NAME", "UNSUBSCRIBE", "SHAPES")
    console.out(console.columns([head, *rows], width=console.width_of(sys.stdout)))
    return 0


def _dialects(pattern: str | None, local: bool) -> list[Dialect]:
    from mailcheck.checking import registry_of
    from mailcheck.content.dialects import with_extensions
    from mailcheck.settings import CouldNotStart, load
    from mailcheck.suggest import did_you_mean

    with console.aside():
        registry = registry_of(load(), local=local)
    known = list(with_extensions(registry.extensions["dialects"]).by_id.values())
    if pattern is None:
        return known
    wanted = pattern.casefold()
    found = [one for one in known if fnmatchcase(one.id, wanted) or wanted in one.id or wanted in one.name.casefold()]
    if not found:
        hint = did_you_mean(pattern, [name for one in known for name in (one.id, one.name)])
        raise CouldNotStart(f"there is no merge-tag dialect {pattern!r}{hint} (`mailcheck dialects` lists them all)")
    return found


def first_name(dialect: Dialect) -> str:
    """How a first name is written; any other field when none of the examples is one."""
    return next((tag for tag in dialect.fields if _FIRST_NAME.search(tag)), dialect.example())


def shapes_of(dialect: Dialect) -> tuple[str, ...]:
    """The delimiters of its tags, as the examples show them: `*|…|*`."""
    shapes = (_shape(tag) for tag in (*dialect.fields, *dialect.defaults[:2]))
    return tuple(dict.fromkeys(shape for shape in shapes if shape))[:3]


def _shape(tag: str) -> str:
    found = re.fullmatch(r"([^\w\s'\"]+)[\s\w].*?([^\w\s'\"]+)", tag)
    return f"{found[1]}…{found[2][-len(found[1]) :]}" if found and len(tag) < 60 else ""


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
