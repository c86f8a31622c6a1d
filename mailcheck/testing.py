"""The examples of rules as tests, for any test runner.

import pytest
from mailcheck.testing import cases

@pytest.mark.parametrize("case", cases("mailcheck_acme"), ids=str)
def test_examples(case):
    case.check()
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, cast

import msgspec
from msgspec import Struct

from mailcheck.campaign import Campaign, Header, Part
from mailcheck.engine import Engine
from mailcheck.plugins import Plugin, Registry, collect
from mailcheck.reading import ReadingError, from_mapping
from mailcheck.report import Finding
from mailcheck.rule import Example, Fact, Rule
from mailcheck.settings import CouldNotStart, Settings
from mailcheck.sheet import Sheet
from mailcheck.stamping import shorten
from mailcheck.values import Brief

PROFILE = "template"
EXAMPLES_DAY = datetime(2027, 1, 4, 12, tzinfo=UTC)
"""The moment at which examples are judged, so that they hold for ever: a Monday."""


class Case(Brief, frozen=True):
    """One thing that must hold of a rule. `str(case)` is its name: `links/insecure-bad-1`."""

    unshown: ClassVar[tuple[str, ...]] = ("_test",)

    name: str
    _test: Callable[[], None]

    def check(self) -> None:
        """Raise `AssertionError`, with a text that says what was expected and what was found, or return."""
        __tracebackhide__ = True
        self._test()

    def __str__(self) -> str:
        return self.name


def cases(target: ModuleType | str | PathLike[str], *, facts: Mapping[str, object] | None = None) -> list[Case]:
    """The examples of every rule of a plug-in, and what else must hold of it.

    Args:
        target: a module of rules, the name of one, the name of an installed plug-in (entry point or
            distribution), or the path of a local rule file.
        facts: values that stand in for facts which no example can supply, such as the network. Those that a module
            of the plug-in gives itself, by a function `example_facts()` that returns them by name, are there already.

    A plug-in with a fault, or without any rule, has a case that fails: a test run over nothing proves nothing.
    """
    plugin, registry, faults = _open(target)
    registry = registry if plugin is None else for_examples(registry, plugin.stamp)
    registry = _with_facts(registry, facts or {})
    rules = [rule for rule in registry.rules.values() if plugin is not None and rule.plugin == plugin.stamp]
    found = []
    if faults or not rules:
        found.append(Case(f"{_called(target)}-loads", partial(_fail_to_load, _called(target), faults)))
    for rule in rules:
        found.append(Case(f"{rule.name}-examples", partial(_check_examples, rule)))
        found.extend(_example_cases(registry, rule))
    return found


def _example_cases(registry: Registry, rule: Rule) -> Iterator[Case]:
    counts = {True: 0, False: 0}
    for example in rule.examples:
        counts[example.bad] += 1
        name = f"{rule.name}-{'bad' if example.bad else 'good'}-{counts[example.bad]}"
        trial = Trial(registry, rule, example, name)
        yield Case(name, trial.run)


class Trial(Struct, frozen=True):
    """A rule on one of its examples, under the `template` profile, with addresses unmasked."""

    registry: Registry
    rule: Rule
    example: Example
    name: str

    def run(self) -> None:
        """Raise `AssertionError` unless the rule does on its example what the example says."""
        __tracebackhide__ = True
        engine = self._engine()
        campaign = self._campaign()
        findings = self._judged(engine, campaign)
        found, expected = [one.evidence for one in findings], [shorten(at) for at in self.example.at]
        if found != expected:
            said = "".join(f"\n  finding:  {one.message}" for one in findings)
            raise self._failed(f"\n  expected: {_listed(expected)}\n  found:    {_listed(found)}{said}")
        self._check_fixes(engine, campaign, findings)

    def _failed(self, text: str) -> AssertionError:
        given = ", ".join(f"{name}={value!r}" for name, value in self.example.campaign.items())
        return AssertionError(f"{self.name} ({self.rule.file}:{self.rule.line}): {text.lstrip()}\n  campaign: {given}")

    def _engine(self) -> Engine:
        options = {self.rule.name: dict(self.example.options)} if self.example.options else {}
        settings = {"select": (self.rule.name,), "rules": options, "show_addresses": True}
        try:
            return msgspec.structs.replace(
                Engine.build(self.registry, Settings.model_validate(settings)), now=EXAMPLES_DAY
            )
        except CouldNotStart as error:
            raise self._failed(str(error)) from None

    def _campaign(self) -> Campaign:
        try:
            campaign = from_mapping(self.example.campaign)
        except ReadingError as error:
            raise self._failed(f"the example is no campaign: {error}") from None
        if campaign.faults:
            raise self._failed(f"the example cannot be read: {campaign.faults[0].message}")
        return campaign

    def _judged(self, engine: Engine, campaign: Campaign) -> tuple[Finding, ...]:
        """The findings of the rule, which must have run to its end and left everything as it was."""
        __tracebackhide__ = True
        sheet = engine.sheet(campaign, PROFILE)
        before = _fingerprint(sheet, self.rule)
        report = sheet.judge()
        outcome = report.outcomes[0]
        if outcome.status not in ("passed", "failed"):
            raise self._failed(f"the rule did not run: {outcome.status}: {outcome.reason}")
        for name, content in _fingerprint(sheet, self.rule).items():
            if content != before[name]:
                raise self._failed(f"the rule changed {name}; rules after it would judge something else")
        return tuple(one for one in report.findings if one.rule == self.rule.name)

    def _check_fixes(self, engine: Engine, campaign: Campaign, findings: Sequence[Finding]) -> None:
        __tracebackhide__ = True
        if self.example.fixed is not None:
            self._check_fixed(engine, campaign, findings, self.example.fixed)
        safe = [one for one in findings if one.fix is not None and one.fix.safe]
        if safe:
            left = self._judged(engine, self._mended(campaign, safe))
            if len(left) > len(findings) - len(safe):
                raise self._failed(
                    f"after its safe fixes the rule still finds {_listed([one.evidence for one in left])}"
                )

    def _check_fixed(self, engine: Engine, campaign: Campaign, findings: Sequence[Finding], fixed: str) -> None:
        __tracebackhide__ = True
        mendable = [one for one in findings if one.fix is not None]
        if not mendable:
            raise self._failed("`fixed` is given, but the rule offers no fix")
        mended = self._mended(campaign, mendable)
        text = next(part.text for part in _parts(mended) if part.name == mendable[0].part)
        if text != fixed:
            raise self._failed(f"\n  fixed should be: {fixed!r}\n  but is:          {text!r}")
        left = self._judged(engine, mended)
        if left:
            raise self._failed(f"the fixed text is not clean: {_listed([one.evidence for one in left])}")

    def _mended(self, campaign: Campaign, findings: Sequence[Finding]) -> Campaign:
        texts = {part.name: _edited(part, findings) for part in _parts(campaign)}
        try:
            return _rewritten(campaign, {name: text for name, text in texts.items() if text is not None})
        except ValueError as error:
            raise self._failed(str(error)) from None


def _open(target: ModuleType | str | PathLike[str]) -> tuple[Plugin | None, Registry, tuple[str, ...]]:
    """The plug-in that is meant, everything that is loaded, and the plug-in's faults."""
    if isinstance(target, PathLike) or (isinstance(target, str) and target.endswith(".py")):
        path = Path(target)
        return _chosen(collect(local=[path]), lambda plugin: plugin.stamp == str(path), str(path))
    registry = collect()
    if isinstance(target, str):
        named = _chosen(registry, lambda plugin: target in (plugin.name, plugin.stamp.partition(" ")[0]), target)
        if named[0] is not None or named[2]:
            return named
        target = importlib.import_module(target)
    module = target
    loaded = _chosen(registry, lambda plugin: module in plugin.modules, module.__name__)
    if loaded[0] is not None:
        return loaded
    return _chosen(collect(modules=[module]), lambda plugin: module in plugin.modules, module.__name__)


def _chosen(
    registry: Registry, is_meant: Callable[[Plugin], bool], name: str
) -> tuple[Plugin | None, Registry, tuple[str, ...]]:
    plugin = next((plugin for plugin in registry.plugins if is_meant(plugin)), None)
    if plugin is not None:
        return plugin, registry, tuple(fault.message for fault in registry.faults if fault.plugin == plugin.stamp)
    faults = [
        one
        for one in registry.faults
        if name in (one.plugin, one.plugin.partition(" ")[0]) or f"[{name}]" in one.message
    ]
    return None, registry, tuple(fault.message for fault in faults)


def for_examples(registry: Registry, stamp: str) -> Registry:
    """A registry with the facts that a plug-in brings for its own examples, by `example_facts()` in its modules.

    Args:
        stamp: of the plug-in, as `Rule.plugin` has it.
    """
    given: dict[str, object] = {}
    for module in (module for plugin in registry.plugins if plugin.stamp == stamp for module in plugin.modules):
        bring = getattr(module, "example_facts", None)
        if callable(bring):
            given.update(cast("Mapping[str, object]", bring()))
    return _with_facts(registry, given) if given else registry


def _with_facts(registry: Registry, facts: Mapping[str, object]) -> Registry:
    def given(name: str, value: object) -> Fact:
        return Fact(name, lambda: value, object, (), "given by the test", "the test")

    added = {name: given(name, value) for name, value in facts.items()}
    return msgspec.structs.replace(registry, facts={**registry.facts, **added})


def _called(target: ModuleType | str | PathLike[str]) -> str:
    return target.__name__ if isinstance(target, ModuleType) else str(target)


def _fail_to_load(name: str, faults: Sequence[str]) -> None:
    __tracebackhide__ = True
    raise AssertionError("\n".join(faults) or f"{name} has no rules, so there is nothing to test")


def _check_examples(rule: Rule) -> None:
    __tracebackhide__ = True
    place = f"{rule.name} ({rule.file}:{rule.line})"
    for bad, name in ((False, "good"), (True, "bad")):
        if not any(example.bad is bad for example in rule.examples):
            raise AssertionError(f"{place} has no @{name} example")
    for index, example in enumerate(rule.examples):
        if example.bad and not example.at:
            raise AssertionError(f"{place} has a @bad example that expects nothing")
        twins = [
            one for one in rule.examples[:index] if (one.campaign, one.options) == (example.campaign, example.options)
        ]
        if twins:
            raise AssertionError(f"{place} has the same example twice: {dict(example.campaign)!r}")


def _fingerprint(sheet: Sheet, rule: Rule) -> dict[str, str]:
    """What the rule may look at, as text."""
    seen = {"the campaign": _content(sheet.campaign, set())}
    for need in rule.needs:
        seen[f"the fact {need.name}"] = _content(sheet.resolver.ending(need.name).value, set())
    return seen


def _content(value: object, seen: set[int]) -> str:
    """Everything in a value as text, each object once; private fields are caches."""
    if isinstance(value, str | int | float | bytes | None):
        return repr(value)
    if id(value) in seen:
        return "…"
    seen.add(id(value))
    names = _field_names(value)
    if names is not None:
        public = [name for name in names if not name.startswith("_")]
        return f"{type(value).__name__}({', '.join(_content(getattr(value, name), seen) for name in public)})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_content(one, seen)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_content(one, seen) for one in value) + "]"
    return _markup_text(value)


def _field_names(value: object) -> tuple[str, ...] | None:
    """The fields of a value of the house, or `None` where it is something else."""
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    if dataclasses.is_dataclass(value):
        return tuple(one.name for one in dataclasses.fields(value))
    return None


def _markup_text(value: object) -> str:
    library = type(value).__module__.partition(".")[0]
    if library == "lxml":
        from lxml import etree

        return str(etree.tostring(cast("Any", value), encoding="unicode"))
    return str(value) if library == "bs4" else repr(value)


def _listed(places: Sequence[str]) -> str:
    return ", ".join(repr(place) for place in places) or "nothing"


def _parts(campaign: Campaign) -> Iterator[Part]:
    yield from campaign.message.parts()
    yield from (header.value for header in campaign.message.headers)


def _edited(part: Part, findings: Sequence[Finding]) -> str | None:
    """The text of a part after the fixes of these findings; `None` when none is for it."""
    fixes = [one.fix for one in findings if one.fix is not None and one.part == part.name]
    edits = {(edit.start, edit.end, edit.replacement) for fix in fixes for edit in fix.edits}
    if not edits:
        return None
    text, limit = part.text, len(part.text)
    for start, end, replacement in sorted(edits, reverse=True):
        if end > limit:
            raise ValueError("the fixes of this example overlap")
        text = text[:start] + replacement + text[end:]
        limit = start
    return text


def _rewritten(campaign: Campaign, texts: Mapping[str, str]) -> Campaign:
    """The campaign with other texts in some of its parts."""

    def renewed(part: Part) -> Part:
        return dataclasses.replace(part, text=texts[part.name]) if part.name in texts else part

    message = campaign.message
    fields = {f.name: getattr(message, f.name) for f in dataclasses.fields(message)}
    changed: dict[str, Any] = {name: renewed(value) for name, value in fields.items() if isinstance(value, Part)}
    changed["headers"] = tuple(Header(header.name, renewed(header.value), header.raw) for header in message.headers)
    return dataclasses.replace(campaign, message=dataclasses.replace(message, **changed))
