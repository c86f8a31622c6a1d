"""Which pages there are, and keeping them as the code says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from mailcheck.docs import tables
from mailcheck.docs.commands import command_reference
from mailcheck.docs.markdown import code, page, table
from mailcheck.docs.rules import index_page, rule_page
from mailcheck.plugins import Registry, collect
from mailcheck.report import Report
from mailcheck.rule import Rule
from mailcheck.settings import CouldNotStart


def pages() -> dict[str, str]:
    """Every generated file of the documentation: its path below the folder, and its text.

    Raises:
        CouldNotStart: a plug-in, perhaps our own, cannot be loaded.
    """
    registry = collect()
    _refuse_gaps(registry)
    rules = _built_in(registry)
    texts = {f"rules/{rule.name}.md": rule_page(rule, registry) for rule in rules}
    return {
        **texts,
        "rules/index.md": index_page(rules, {"engine": "engine"}),
        "rules/engine.md": engine_page(),
        "report.schema.json": schema(),
        "generated/settings.md": tables.settings_table(),
        "generated/gate.md": tables.gate_table(),
        "generated/manifest.md": tables.manifest_table(),
        "generated/facts.md": tables.facts_table(tables.built_in_facts(registry)),
        "generated/hooks.md": tables.hooks_table(),
        "generated/profiles.md": tables.profiles_table(),
        "generated/formats.md": tables.formats_table(),
        "generated/dialects.md": tables.dialects_table(),
        "generated/breakages.md": tables.breakages_table(),
        "generated/commands.md": command_reference(),
    }


def rule_pages() -> dict[str, str]:
    """The pages of every rule that this project loads, for teams that host their own: see `docs_url`."""
    from mailcheck.checking import registry_of
    from mailcheck.settings import load

    registry = registry_of(load())
    _refuse_gaps(registry)
    rules = list(registry.rules.values())
    texts = {f"{rule.name}.md": rule_page(rule, registry) for rule in rules}
    return {**texts, "index.md": index_page(rules, {"engine": "engine"}), "engine.md": engine_page()}


def engine_page() -> str:
    """What mailcheck reports about itself."""
    from mailcheck.cli.own_findings import OWN_FINDINGS

    rows = ([code(name), text] for name, text in sorted(OWN_FINDINGS.items()))
    said = (
        "What mailcheck itself reports: inputs that it could not read, plug-ins that are broken, acceptances that are "
        "stale. No setting switches these off and no waiver covers them.\n"
    )
    return page("engine", said, table(["finding", "what it means, and what to do"], rows))


def schema() -> str:
    """The JSON schema of the report."""
    return json.dumps(Report.model_json_schema(mode="serialization"), indent=2) + "\n"


def _refuse_gaps(registry: Registry) -> None:
    """What cannot be loaded would be missing from the pages, and its own pages be deleted."""
    if registry.faults:
        raise CouldNotStart(registry.faults[0].message)


def _built_in(registry: Registry) -> list[Rule]:
    stamps = {plugin.stamp for plugin in registry.plugins if plugin.door == "built-in"}
    return [rule for rule in registry.rules.values() if rule.plugin in stamps]


def stale(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """The pages that are not as the code says, and those whose rule is gone."""
    late = [name for name, text in texts.items() if _read(folder / name) != text]
    return sorted([*late, *_orphans(folder, texts)])


def write(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Write what is out of date and delete what is left over; the paths that were touched."""
    touched = stale(folder, texts)
    for name in touched:
        file = folder / name
        if name not in texts:
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(texts[name], encoding="utf-8", newline="\n")
    return touched


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _orphans(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Generated rule pages that no rule stands behind any more."""
    found = [*folder.glob("rules/**/*.md"), *folder.glob("generated/*.md")]
    names = (file.relative_to(folder).as_posix() for file in found)
    return [name for name in names if name not in texts]
