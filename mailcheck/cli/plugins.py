"""`mailcheck plugins`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mailcheck.cli import console

if TYPE_CHECKING:
    from mailcheck.plugins import Plugin, Registry
    from mailcheck.settings import Settings


@click.command(short_help="Tell what was loaded, from where, and what is wrong with it.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--settings", metavar="FILE", help="Settings file; by default the nearest mailcheck.toml.")
@click.option("--no-local", "local", flag_value=False, default=True, help="Do not load this project's mailrules.py.")
def plugins(as_json: bool, settings: str | None, local: bool) -> int:
    """Tell what was loaded, from where, and what is wrong with it. Exit code 3 when something is."""
    from pathlib import Path

    from mailcheck.checking import registry_of
    from mailcheck.settings import load

    loaded = load(Path(settings) if settings else None)
    with console.aside():
        registry = registry_of(loaded, local=local)
    faults = [*(fault.message for fault in registry.faults), *_missing(registry, loaded.settings)]
    if as_json:
        listed = {"plugins": [_described(one, registry) for one in registry.plugins], "faults": faults}
        console.out(json.dumps(listed, indent=2) + "\n", exact=True)
    else:
        source = str(loaded.path) if loaded.path else "none found"
        console.out(f"settings: {source}\n\n" + console.columns(_rows(registry), width=console.width_of(sys.stdout)))
        for name in loaded.settings.block:
            console.out(f"blocked by the settings: {name}\n")
        for fault in faults:
            console.out(f"fault: {console.readable(fault)}\n")
    return 3 if faults else 0


def _missing(registry: Registry, settings: Settings) -> Iterator[str]:
    from mailcheck.suggest import did_you_mean

    present = registry.plugin_names()
    for name in settings.plugins:
        if name not in present:
            hint = did_you_mean(name, present)
            yield f"the settings require the plug-in {name!r}, which is not there{hint}; install it"


def _rows(registry: Registry) -> list[tuple[str, ...]]:
    head = ("PLUG-IN", "DOOR", "DISTRIBUTION", "RULES", "FACTS", "FILE")
    rows = []
    for plugin in registry.plugins:
        described = _described(plugin, registry)
        counts = (str(len(_listed(described["rules"])) or "-"), str(len(_listed(described["facts"])) or "-"))
        rows.append((plugin.name, plugin.door, _stamp(plugin), *counts, plugin.file))
    return [head, *rows]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _stamp(plugin: Plugin) -> str:
    return "-" if plugin.door == "local" else plugin.stamp


def _described(plugin: Plugin, registry: Registry) -> dict[str, object]:
    modules = {module.__name__ for module in plugin.modules}
    return {
        "name": plugin.name,
        "door": plugin.door,
        "distribution": plugin.stamp,
        "file": plugin.file,
        "rules": [
            rule.name
            for rule in registry.rules.values()
            if rule.plugin == plugin.stamp and _is_of(rule.function, modules, plugin, registry)
        ],
        "facts": [
            fact.name
            for fact in registry.facts.values()
            if fact.plugin == plugin.stamp and _is_of(fact.function, modules, plugin, registry)
        ],
    }


def _is_of(function: object, modules: set[str], plugin: Plugin, registry: Registry) -> bool:
    """Whether a function belongs to this plug-in, and not to another one of the same distribution."""
    siblings = [other for other in registry.plugins if other.stamp == plugin.stamp]
    return len(siblings) == 1 or getattr(function, "__module__", "") in modules
