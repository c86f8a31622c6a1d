"""The page of a rule: everything on it comes from the rule itself, and its examples are run."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from mailcheck.docs.examples import Judged, judged
from mailcheck.docs.markdown import block, code, page, table
from mailcheck.docs.models import fields
from mailcheck.plugins import Registry
from mailcheck.rule import Example, Rule

WIDTH = 88
"""Characters of a line in a block that every screen shows whole."""

_TEXTS = ("from", "reply_to", "subject", "preheader", "html", "mjml", "text", "amp")


def rule_page(rule: Rule, registry: Registry) -> str:
    """One rule, as Markdown."""
    results = judged(rule, registry)
    return page(
        rule.name,
        f"{rule.summary}\n",
        f"{rule.explanation}\n" if rule.explanation else "",
        _facts(rule, results),
        _options(rule),
        "## Examples\n",
        *(_example(one) for one in sorted(results, key=lambda one: not one.example.bad)),
    )


def index_page(rules: Sequence[Rule], more: Mapping[str, str] | None = None) -> str:
    """All rules by family.

    Args:
        rules: the rules.
        more: further pages, path and title.
    """
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        families.setdefault(rule.family, []).append(rule)
    sections = [_family(name, listed) for name, listed in sorted(families.items())]
    entries = [*((rule.name, rule.name) for rule in rules), *(more or {}).items()]
    tree_lines = "".join(f"{title} <{path}>\n" for path, title in entries)
    tree = f"```{{toctree}}\n:hidden:\n\n{tree_lines}```\n"
    return page("Rules", _INTRODUCTION, *sections, tree)


_INTRODUCTION = """\
Every rule with its page. The severity is the rule's own; `[severity]` in the settings changes it. `mailcheck explain
RULE` shows the same page in the terminal, and `mailcheck rules` lists what your project loads, plug-ins included.
"""


def _family(name: str, rules: Sequence[Rule]) -> str:
    rows = ([f"[{rule.name}]({rule.name}.md)", rule.severity, rule.summary] for rule in rules)
    return f"## {name}\n\n" + table(["rule", "severity", "what it finds"], rows)


def _facts(rule: Rule, results: Sequence[Judged]) -> str:
    rows = [["severity", rule.severity], ["needs", _needs(rule, required=True) or "nothing"]]
    if uses := _needs(rule, required=False):
        rows.append(["uses, when it is there", uses])
    rows.append(["fix", _fix(results)])
    if rule.is_async:
        rows.append(["runs", "async"])
    if rule.aliases:
        rows.append(["earlier names", ", ".join(map(code, rule.aliases))])
    if rule.since:
        rows.append(["since", rule.since])
    rows.append(["source", f"{code(_source(rule))}, function {code(rule.name.partition('/')[2])}"])
    return table(["", ""], ([f"**{label}**", value] for label, value in rows))


def _needs(rule: Rule, *, required: bool) -> str:
    return ", ".join(code(need.name) for need in rule.needs if need.required is required)


def _fix(results: Sequence[Judged]) -> str:
    fixes = [finding.fix for one in results for finding in one.findings if finding.fix]
    if any(fix.safe for fix in fixes):
        return "some findings carry a safe fix, which `mailcheck fix` applies"
    return "some findings propose a change, which you apply by hand" if fixes else "none"


def _source(rule: Rule) -> str:
    """The file of a rule, from the folder that holds its package."""
    parts = Path(rule.file).parts
    package = rule.function.__module__.partition(".")[0]
    if package in parts:
        index = len(parts) - 1 - parts[::-1].index(package)
        start = index - 1 if index and parts[index - 1] == "rules" else index
        return "/".join(parts[start:])
    return parts[-1] if parts else ""


def _options(rule: Rule) -> str:
    if not (isinstance(rule.options, type) and issubclass(rule.options, BaseModel)):
        return ""
    return f'## Options\n\nIn the settings, below `[rules."{rule.name}"]`:\n\n{fields(rule.options)}'


def _example(one: Judged) -> str:
    heading = "### Reported" if one.example.bad else "### Not reported"
    said = "".join(f"{textwrap.fill(line, WIDTH, subsequent_indent='    ')}\n" for line in one.lines)
    fixed = f"\nAfter the fix:\n\n{block(one.example.fixed, 'html')}" if one.example.fixed is not None else ""
    reported = f"\n{block(said)}" if said else ""
    return f"{heading}{_circumstances(one.example)}\n\n{_source_of(one.example)}{reported}{fixed}"


def _circumstances(example: Example) -> str:
    plain = {name: value for name, value in example.campaign.items() if name not in _TEXTS}
    said = [f"{name} {code(_plain(value))}" for name, value in plain.items() if not isinstance(value, Mapping)]
    said += [f"option {code(f'{name} = {value}')}" for name, value in example.options.items()]
    return f" ({', '.join(said)})" if said else ""


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _source_of(example: Example) -> str:
    texts = {name: str(value) for name, value in example.campaign.items() if name in _TEXTS}
    tables = [f"[{name}]\n{_entries(value)}" for name, value in example.campaign.items() if isinstance(value, Mapping)]
    if tables and texts == _NO_MAIL:
        texts = {}
    if set(texts) == {"html"} and not tables:
        return block(texts["html"], "html")
    return block("\n".join(filter(None, ("".join(_labelled(texts)), *tables))))


_NO_MAIL = {"html": "<p>x</p>"}
"""The mail of examples that are about something else."""

_SHOWN = 4


def _entries(table: Mapping[str, object]) -> str:
    """A table of the manifest, as one would write it; of long lists the end, where examples have what is told."""
    return "".join(f"{name} = {_value(value)}\n" for name, value in table.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(name))} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        shown = [_value(one) for one in value]
        if len(shown) > _SHOWN + 1:
            shown = [f"({len(shown) - _SHOWN} more)", *shown[-_SHOWN:]]
        return f"[{', '.join(shown)}]"
    return (
        str(value) if isinstance(value, int) and not isinstance(value, bool) else json.dumps(value, ensure_ascii=False)
    )


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() else json.dumps(name, ensure_ascii=False)


def _labelled(texts: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(texts, key=_TEXTS.index):
        first, *rest = texts[name].splitlines() or [""]
        yield f"{name}: {first}\n"
        yield from (f"{' ' * (len(name) + 2)}{line}\n" for line in rest)
