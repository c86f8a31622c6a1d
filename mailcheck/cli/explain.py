"""`mailcheck explain`: the page of a rule, in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from mailcheck.cli import console
from mailcheck.cli.options import OneOf, complete_rule

if TYPE_CHECKING:
    from mailcheck.checking import Checker
    from mailcheck.reporters.lines import Line
    from mailcheck.rule import Example, Rule

WIDTH = 100


@click.command(short_help="Tell everything about a rule.")
@click.argument("name", metavar="RULE", shell_complete=complete_rule)
@click.option("--settings", metavar="FILE", help="Settings file; by default the nearest mailcheck.toml.")
@click.option("--no-local", "local", flag_value=False, default=True, help="Do not load this project's mailrules.py.")
@click.option("--color", type=OneOf(["auto", "always", "never"]), default="auto", help="Colours on the terminal.")
def explain(name: str, settings: str | None, local: bool, color: str) -> int:
    """Tell everything about a rule: what it finds, why that matters, its options and examples.

    RULE is the name in a finding, such as merge_tags/unresolved; a family explains all of its rules.
    """
    from mailcheck.cli.listing import plain_checker
    from mailcheck.reporters.lines import wrap, write

    checker = plain_checker(settings, local=local)
    pages = _pages(name, checker)
    width = min(console.width_of(sys.stdout) or WIDTH, WIDTH)
    wrapped = (piece for line, indent in pages for piece in wrap(line, width, indent))
    console.out(write(wrapped, colour=console.wants_colour(color, sys.stdout)))
    return 0


Laid = tuple["Line", int]
"""A line, and the indent of what does not fit on it."""


def _pages(name: str, checker: Checker) -> list[Laid]:
    from mailcheck.cli.own_findings import OWN_FINDINGS
    from mailcheck.settings import CouldNotStart
    from mailcheck.suggest import did_you_mean

    rules = checker.registry.rules
    name = checker.registry.aliases.get(name, name)
    if name in OWN_FINDINGS:
        return [([(name, "strong")], 0), ([], 0), ([(OWN_FINDINGS[name], "")], 0)]
    found = [rule for rule in rules.values() if name in (rule.name, rule.family)]
    if not found:
        known = (*rules, *OWN_FINDINGS, *(rule.family for rule in rules.values()))
        raise CouldNotStart(f"there is no rule {name!r}{did_you_mean(name, known)} (`mailcheck rules` lists them)")
    lines: list[Laid] = []
    for rule in found:
        lines += [([], 0), ([], 0)] if lines else []
        lines += _page(rule, checker)
    return lines


def _page(rule: Rule, checker: Checker) -> Iterator[Laid]:
    yield [(rule.name, "strong")], 0
    yield [], 0
    yield [(rule.summary, "")], 0
    for paragraph in filter(None, rule.explanation.split("\n\n")):
        yield [], 0
        yield from _paragraph(paragraph)
    yield [], 0
    for label, value in _facts(rule, checker):
        yield [(f"{label:<10}", "quiet"), (value, "")], 10
    yield from _options(rule)
    for number, example in enumerate(rule.examples):
        yield [], 0
        yield from _example(example, first=number == 0)


def _paragraph(text: str) -> Iterator[Laid]:
    """A paragraph of a docstring; lists and literal blocks keep their lines."""
    lines = text.splitlines()
    if any(line.startswith((" ", "* ", "- ")) for line in lines):
        yield from (([(line, "")], 2) for line in lines)
    else:
        yield [(" ".join(lines), "")], 0


def _facts(rule: Rule, checker: Checker) -> Iterator[tuple[str, str]]:
    from mailcheck.cli.listing import severity_of

    severity = severity_of(rule, checker)
    changed = f" (by default {rule.severity})" if severity != rule.severity else ""
    yield "severity", severity + changed
    for word, required in (("needs", True), ("uses", False)):
        needs = ", ".join(need.name for need in rule.needs if need.required is required)
        if needs:
            yield word, needs
    if all(one.name != rule.name for one in checker.engine.rules):
        yield "selected", "no, by `select` and `ignore` of the settings"
    if rule.aliases:
        yield "formerly", ", ".join(rule.aliases)
    if rule.since:
        yield "since", rule.since
    yield "plug-in", rule.plugin
    yield "source", f"{rule.file}:{rule.line}"


def _options(rule: Rule) -> Iterator[Laid]:
    schema = getattr(rule.options, "model_json_schema", None)
    properties: Mapping[str, Mapping[str, object]] = schema().get("properties", {}) if schema else {}
    if not properties:
        return
    yield [], 0
    yield [(f'options, in the settings below [rules."{rule.name}"]', "strong")], 0
    for name, about in properties.items():
        default = f" = {_toml(about['default'])}" if "default" in about else " (required)"
        yield [(f"  {name}", "rule"), (default, ""), (f"  {about.get('type', '')}".rstrip(), "quiet")], 6
        if about.get("description"):
            yield [(f"      {about['description']}", "")], 6


def _toml(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _example(example: Example, *, first: bool) -> Iterator[Laid]:
    if first:
        yield [("examples", "strong")], 0
    yield [("  wrong" if example.bad else "  right", "error" if example.bad else "clear")], 0
    for key, value in (*example.campaign.items(), *example.options.items()):
        lines = str(value).splitlines() or [""]
        yield [(f"    {key:<9} ", "quiet"), (lines[0], "")], 14
        yield from (([(" " * 14 + line, "")], 14) for line in lines[1:])
    for place in example.at:
        yield [("    found at  ", "quiet"), (place, "path")], 14
    if example.fixed is not None:
        yield [("    fixed     ", "quiet"), (example.fixed, "fix")], 14
