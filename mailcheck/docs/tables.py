"""Tables of what mailcheck knows: facts, hooks, dialects, formats, settings."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from mailcheck.audience.schedule_table import Automation, CalendarEntry, ScheduleTable
from mailcheck.audience.tables import AudienceTable, Only, ReconciliationTable, SuppressionList, SuppressionTable
from mailcheck.catalogue.table import CatalogueTable, PriceHistoryTable
from mailcheck.content.breakage import MESSAGES
from mailcheck.content.dialects import Dialect, builtin
from mailcheck.docs.markdown import NOTICE, code, table
from mailcheck.docs.models import fields
from mailcheck.gate.settings import AlertTable, EspTable, GateSettings, JudgeTable, PolicyTable, Secret, SenderTable
from mailcheck.plugins import HookSpecs, Registry
from mailcheck.reading.manifest_model import (
    HistoryColumns,
    HistoryTable,
    Manifest,
    MessageTable,
    PastSendTable,
)
from mailcheck.reporters import REPORTERS
from mailcheck.rule import Fact
from mailcheck.settings import REQUIRED_FACTS, Override, Settings, Waiver, WebTable

_KINDS = {
    "esp": "Sending services",
    "esp-tail": "More sending services and forms",
    "crm": "Customer databases",
    "mail-merge": "Mail merge",
    "engine": "Template engines",
    "editor": "Editors",
    "cms": "Content management",
}
_MISSING = {
    "blank": "nothing",
    "literal": "the tag itself",
    "send_fails": "the send fails",
    "default": "a default of the service",
    "error_text": "an error text",
    "unknown": "",
}
_TREES = {"soup": "bs4.BeautifulSoup", "tree": "lxml.html.HtmlElement"}


def settings_table() -> str:
    """The settings file."""
    parts = [
        fields(Settings),
        "\n### A waiver: `[[waive]]`\n\n",
        fields(Waiver),
        "\n### Settings for some files: `[[overrides]]`\n\n",
        fields(Override),
        "\n### Going online: `[web]`\n\n",
        fields(WebTable),
    ]
    return NOTICE + "\n" + "".join(parts)


def gate_table() -> str:
    """`gate.toml`."""
    tables: dict[str, type[BaseModel]] = {
        "judge": JudgeTable,
        "senders.NAME": SenderTable,
        "esps.NAME": EspTable,
        "policies.NAME": PolicyTable,
        "alerts.NAME": AlertTable,
    }
    return f"{NOTICE}\n{fields(GateSettings)}{_sections(tables)}\n### A secret\n\n{fields(Secret)}"


def _sections(tables: Mapping[str, type[BaseModel]]) -> str:
    """A section for each table of a file."""
    return "".join(f"\n### The table `[{name}]`\n\n{fields(model)}" for name, model in tables.items())


def manifest_table() -> str:
    """`campaign.toml`."""
    tables: dict[str, type[BaseModel]] = {
        "message": MessageTable,
        "audience": AudienceTable,
        "[audience.only]": Only,
        "suppression": SuppressionTable,
        "[suppression.lists]": SuppressionList,
        "reconciliation": ReconciliationTable,
        "history": HistoryTable,
        "history.columns": HistoryColumns,
        "schedule": ScheduleTable,
        "[schedule.calendar]": CalendarEntry,
        "[schedule.automations]": Automation,
        "[history.sends]": PastSendTable,
        "catalogue": CatalogueTable,
        "catalogue.history": PriceHistoryTable,
    }
    return f"{NOTICE}\n{fields(Manifest)}{_sections(tables)}"


def facts_table(facts: Iterable[Fact]) -> str:
    """What a rule may ask for."""
    given = [
        [code("campaign"), code("mailcheck.Campaign"), "The campaign itself."],
        [code("run"), code("mailcheck.run.Run"), "The circumstances of the run; for facts, seldom for rules."],
        [code("options"), "your pydantic model", "The options of this rule."],
    ]
    rows = ([code(fact.name), code(_TREES.get(fact.name) or annotation(fact.returns)), fact.summary] for fact in facts)
    return f"{NOTICE}\n" + table(["name", "type", "what it is"], [*given, *rows])


def annotation(kind: object) -> str:
    """A type as one would write it, with the module that it is imported from."""
    arguments = typing.get_args(kind)
    if isinstance(kind, types.GenericAlias) and arguments:
        inner = ", ".join("..." if one is Ellipsis else annotation(one) for one in arguments)
        return f"{annotation(typing.get_origin(kind))}[{inner}]"
    if isinstance(kind, type):
        return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return str(kind)


def hooks_table() -> str:
    """What a plug-in module may implement."""
    hooks = [(name, one) for name, one in vars(HookSpecs).items() if inspect.isfunction(one)]
    rows = ([code(f"{name}({_parameters(one)})"), inspect.getdoc(one) or ""] for name, one in hooks)
    return f"{NOTICE}\n" + table(["hook", "what it does"], rows)


def _parameters(function: types.FunctionType) -> str:
    return ", ".join(name for name in inspect.signature(function).parameters if name != "self")


def profiles_table() -> str:
    """What each profile demands."""
    rows = ([code(profile), ", ".join(map(code, facts))] for profile, facts in REQUIRED_FACTS.items())
    return f"{NOTICE}\n" + table(["profile", "facts that must be there"], rows)


def formats_table() -> str:
    """The built-in formats."""
    rows = ([code(one.name), one.summary] for one in REPORTERS.values())
    return f"{NOTICE}\n" + table(["name", "what it is for"], rows)


def dialects_table() -> str:
    """Every dialect, by kind; what is not backed by a source is marked."""
    dialects = [one for one in builtin().by_id.values() if one.patterns or one.fields]
    sections = [_dialects_of(kind, [one for one in dialects if one.kind == kind]) for kind in _KINDS]
    counted = f"{len(dialects)} dialects. A * behind the id: no published source for the entry was found yet.\n"
    return f"{NOTICE}\n{counted}\n" + "\n".join(sections)


def _dialects_of(kind: str, dialects: Iterable[Dialect]) -> str:
    rows = (
        [
            code(one.id) + ("" if one.confirmed else " *"),
            one.name,
            code(one.example()) if one.example() else "",
            code(one.defaults[0]) if one.defaults else "",
            code(one.unsubscribe[0]) if one.unsubscribe else "",
            _MISSING.get(one.missing, one.missing),
        ]
        for one in sorted(dialects, key=lambda one: one.name.casefold())
    )
    head = ["id", "name", "a field", "with a fallback", "unsubscribe", "prints for a missing value"]
    return f"### {_KINDS[kind]}\n\n{table(head, rows)}"


def breakages_table() -> str:
    """Every way in which a tag can be damaged."""
    said = {"tag": "‹tag›", "meant": "‹the tag as meant›", "dialect": "‹service›"}
    rows = ([code(name), message.format(**said)] for name, message in MESSAGES.items())
    return f"{NOTICE}\n" + table(["code", "what is said"], rows)


def built_in_facts(registry: Registry) -> list[Fact]:
    """The facts that come with mailcheck."""
    stamps = {plugin.stamp for plugin in registry.plugins if plugin.door == "built-in"}
    return [fact for fact in registry.facts.values() if fact.plugin in stamps]
