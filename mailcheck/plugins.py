"""Plug-ins: three doors, one mechanism. The only file that imports pluggy.

pluggy collects; the engine runs. Nothing that goes wrong here is logged and forgotten: a plug-in that
cannot be imported, speaks another generation of the API, misspells a hook or brings a broken rule is a
`PluginFault`, and a fault makes the verdict `unsure`.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import metadata
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Literal, TypeVar, cast

import msgspec
import pluggy
from msgspec import Struct

from mailcheck.crashes import describe, shown
from mailcheck.hooks import DONE_HOOK, HOOKS, PROJECT, brings_something, extension_fault, hook_faults, is_refused
from mailcheck.installed import BUILT_IN_FACTS, DISTRIBUTION, GENERATION, GROUP, entry_points, own_stamp, stamp_of
from mailcheck.localfile import load_file
from mailcheck.needs import GIVEN, check_needs
from mailcheck.rule import Fact, InvalidRule, Rule, is_fact, is_rule, is_unmarked, read_fact, read_rule
from mailcheck.values import Brief

__all__ = ["DONE_HOOK", "GROUP", "HOOKS", "Plugin", "PluginFault", "Registry", "collect", "describe", "hookimpl"]

Door = Literal["built-in", "installed", "local"]
T = TypeVar("T")

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class HookSpecs:
    """What a plug-in module may implement, besides marking functions."""

    @hookspec
    def mailcheck_rules(self) -> Iterable[Callable[..., object]]:
        """Return functions marked with `rule`, for generated rules."""
        return ()

    @hookspec
    def mailcheck_facts(self) -> Iterable[Callable[..., object]]:
        """Return functions marked with `fact`."""
        return ()

    @hookspec
    def mailcheck_dialects(self) -> Iterable[object]:
        """Return `mailcheck.content.dialects.Dialect` objects."""
        return ()

    @hookspec
    def mailcheck_readers(self) -> Iterable[object]:
        """Return `mailcheck.reading.Reader` objects; they are asked before the built-in ones."""
        return ()

    @hookspec
    def mailcheck_reporters(self) -> Iterable[object]:
        """Return `mailcheck.reporters.Reporter` objects."""
        return ()

    @hookspec
    def mailcheck_esps(self) -> Iterable[object]:
        """Return `mailcheck.gate.esps.EspKind` objects: sending services that the gate can connect to."""
        return ()

    @hookspec
    def mailcheck_report_done(self, report: object) -> None:
        """Look at the finished `Report`: to send it somewhere, to count. It cannot change it."""


class PluginFault(Struct, frozen=True):
    """Why a plug-in, or something in it, is not part of the run."""

    plugin: str
    message: str


class Plugin(Brief, frozen=True):
    """One loaded plug-in. `stamp` is distribution and version, or the file of a local one."""

    unshown: ClassVar[tuple[str, ...]] = ("modules",)

    name: str
    stamp: str
    door: Door
    file: str
    modules: tuple[ModuleType, ...]


class Registry(Struct, frozen=True):
    """What the doors let in.

    `extensions` holds dialects, readers, reporters and kinds of sending services; `origins` the stamps of the plug-ins
    that brought them, in the same order.
    """

    plugins: tuple[Plugin, ...]
    rules: Mapping[str, Rule]
    facts: Mapping[str, Fact]
    extensions: Mapping[str, tuple[object, ...]]
    faults: tuple[PluginFault, ...]
    done_hooks: tuple[tuple[str, Callable[..., object]], ...] = ()
    origins: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)

    def plugin_names(self) -> set[str]:
        """Every name by which settings may require a plug-in."""
        return {name for plugin in self.plugins for name in (plugin.name, plugin.stamp.partition(" ")[0])}

    @property
    def aliases(self) -> dict[str, str]:
        return {alias: rule.name for rule in self.rules.values() for alias in rule.aliases}


def collect(*, local: Sequence[Path] = (), block: Iterable[str] = (), modules: Sequence[ModuleType] = ()) -> Registry:
    """Open the doors and describe what came in.

    Args:
        local: rule files of this project, loaded by path.
        block: names of plug-ins (entry point or distribution) that are not loaded.
        modules: modules handed over directly, as local plug-ins (for tests of plug-ins).
    """
    return _Collector(frozenset(block)).run(local, modules)


class _Collector:
    def __init__(self, block: frozenset[str]) -> None:
        self.block = block
        self.manager = pluggy.PluginManager(PROJECT)
        self.manager.add_hookspecs(HookSpecs)
        self.plugins: list[Plugin] = []
        self.faults: list[PluginFault] = []
        self.rules: dict[str, Rule] = {}
        self.facts: dict[str, Fact] = {}
        self.homes: set[str] = set()

    def run(self, local: Sequence[Path], modules: Sequence[ModuleType]) -> Registry:
        for area, names in groupby(BUILT_IN_FACTS, lambda name: " ".join(name.split(".")[:2])):
            self._register(area, own_stamp(), "built-in", *map(importlib.import_module, names))
        self._all_installed()
        for path in sorted(local):
            self._local(path)
        for module in modules:
            self._register(module.__name__, module.__name__, "local", module)
        for plugin in self.plugins:
            self._facts_of(plugin)
        self._check_facts()
        for plugin in self.plugins:
            self._rules_of(plugin)
        self._check_aliases()
        brought = {hook.removeprefix("mailcheck_"): self._extend(hook) for hook in HOOKS[2:]}
        done = tuple(self._done_hooks())
        return Registry(
            tuple(self.plugins),
            dict(sorted(self.rules.items())),
            self.facts,
            {kind: tuple(value for _, value in pairs) for kind, pairs in brought.items()},
            tuple(self.faults),
            done,
            {kind: tuple(stamp for stamp, _ in pairs) for kind, pairs in brought.items()},
        )

    def _fault(self, plugin: str, message: str) -> None:
        self.faults.append(PluginFault(plugin, message))

    def _has_fault(self, plugin: str) -> bool:
        return any(fault.plugin == plugin for fault in self.faults)

    # the doors

    def _all_installed(self) -> None:
        entries = entry_points()
        for entry in entries:
            self._installed(entry)
        if not any(entry.name == PROJECT for entry in entries) and not self.block & {PROJECT, DISTRIBUTION}:
            message = (
                f"mailcheck's own rules are not there: {own_stamp()} has no entry point {GROUP!r}; "
                "install it anew (a copied folder is not an installation)"
            )
            self._fault(own_stamp(), message)

    def _installed(self, entry: metadata.EntryPoint) -> None:
        distribution = entry.dist.name if entry.dist else entry.value
        stamp = stamp_of(entry)
        if {entry.name, distribution} & self.block:
            return
        generation = entry.group.partition(".")[2]
        if generation != GENERATION:
            self._fault(
                stamp,
                f"plug-in {stamp} [{entry.name}] speaks plug-in API {generation!r}; this mailcheck speaks "
                f"{GENERATION!r}: install a version of it that fits, or block it in the settings",
            )
            return
        module = self._import(stamp, entry.name, entry.load)
        if isinstance(module, ModuleType):
            door: Door = "built-in" if distribution == DISTRIBUTION else "installed"
            self._register(entry.name, stamp, door, module)
        elif module is not None:
            message = f"plug-in {stamp} [{entry.name}]: its entry point must name a module, not {entry.value!r}"
            self._fault(stamp, message)

    def _local(self, path: Path) -> None:
        module = self._import(str(path), path.stem, partial(load_file, path))
        if isinstance(module, ModuleType):
            self._register(path.stem, str(path), "local", module)

    def _import(self, stamp: str, name: str, load: Callable[[], object]) -> object:
        """What `load` gives; `None` when it fails, and a fault says why."""
        try:
            return load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plug-in may raise anything
            self._fault(stamp, f"plug-in {stamp} [{name}] cannot be loaded: {describe(error)}")
            return None

    def _register(self, name: str, stamp: str, door: Door, *roots: ModuleType) -> None:
        modules = [module for root in roots for module in self._with_submodules(stamp, name, root)]
        for part in modules:
            for fault in hook_faults(part):
                self._fault(stamp, f"plug-in {stamp} [{name}] {fault}")
            try:
                self.manager.register(part, name=f"{stamp}:{part.__name__}")
            except Exception as error:  # noqa: BLE001 - pluggy looks at every attribute
                self._fault(stamp, f"plug-in {stamp} [{name}] cannot be registered: {describe(error)}")
        if door == "installed" and not any(brings_something(part) for part in modules) and not self._has_fault(stamp):
            message = "brings nothing: no function marked with @rule or @fact, and no hook; look at its entry point"
            self._fault(stamp, f"plug-in {stamp} [{name}] {message}")
        self.homes.update(part.__name__ for part in modules)
        self.plugins.append(Plugin(name, stamp, door, str(getattr(roots[0], "__file__", "") or ""), tuple(modules)))

    def _with_submodules(self, stamp: str, name: str, module: ModuleType) -> list[ModuleType]:
        """A module and, of a package, everything below that is neither private nor a test."""
        modules = [module]
        for info in pkgutil.iter_modules(getattr(module, "__path__", ())):
            if info.name.startswith(("_", "test_")) or info.name in {"tests", "conftest"}:
                continue
            submodule = self._import(stamp, name, partial(importlib.import_module, f"{module.__name__}.{info.name}"))
            if isinstance(submodule, ModuleType):
                modules.extend(self._with_submodules(stamp, name, submodule))
        return modules

    # what they bring

    def _implementations(self, hook: str, plugin: Plugin | None = None) -> Iterator[tuple[str, pluggy.HookImpl]]:
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            stamp, _, _ = implementation.plugin_name.rpartition(":")
            if is_refused(implementation.function, wrapper=implementation.wrapper or implementation.hookwrapper):
                continue
            if plugin is None or implementation.plugin in plugin.modules:
                yield stamp, implementation

    def _called(self, hook: str, plugin: Plugin | None = None) -> Iterator[tuple[str, object]]:
        for stamp, implementation in self._implementations(hook, plugin):
            try:
                values = list(cast("Iterable[object]", implementation.function()))
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - a plug-in may raise anything
                said = describe(error, implementation.function)
                self._fault(stamp, f"plug-in {stamp}: its hook {hook} failed: {said}")
                continue
            for value in values:
                yield stamp, value

    def _extend(self, hook: str) -> list[tuple[str, object]]:
        brought: list[tuple[str, object]] = []
        for stamp, value in self._called(hook):
            fault = extension_fault(hook, value, [other for _, other in brought])
            if fault:
                self._fault(stamp, f"plug-in {stamp}: its hook {hook} returned {fault}")
            else:
                brought.append((stamp, value))
        return brought

    def _done_hooks(self) -> Iterator[tuple[str, Callable[..., object]]]:
        for stamp, implementation in self._implementations(DONE_HOOK):
            function = implementation.function
            yield stamp, function if "report" in implementation.argnames else _without_report(function)

    def _marked(
        self, plugin: Plugin, hook: str, is_marked: Callable[[object], bool]
    ) -> Iterator[tuple[str, Callable[..., object]]]:
        """Marked functions of a plug-in, each with its family.

        A function that a module imports is the plug-in's too, unless it lives in a module that is looked
        through for itself.
        """
        seen: set[int] = set()
        for module in plugin.modules:
            for value in list(vars(module).values()):
                if not is_marked(value) or id(value) in seen:
                    continue
                home = getattr(value, "__module__", "")
                if home == module.__name__ or home not in self.homes:
                    seen.add(id(value))
                    yield _family(plugin, module), value
        for stamp, value in self._called(hook, plugin):
            if is_marked(value):
                yield "", cast("Callable[..., object]", value)
            else:
                message = f"its hook {hook} returned {shown(value, 80)}, which is not a marked function"
                self._fault(stamp, f"plug-in {stamp}: {message}")

    def _facts_of(self, plugin: Plugin) -> None:
        for _, function in self._marked(plugin, "mailcheck_facts", is_fact):
            fact = self._read(plugin, partial(read_fact, function, plugin=plugin.stamp))
            if fact is None:
                continue
            taken = self.facts.get(fact.name)
            if taken is not None or fact.name in GIVEN:
                owner = taken.plugin if taken else "mailcheck"
                self._fault(plugin.stamp, f"plug-in {plugin.stamp}: the fact {fact.name!r} already comes from {owner}")
                continue
            self.facts[fact.name] = fact

    def _check_facts(self) -> None:
        for fact in list(self.facts.values()):
            try:
                check_needs(fact, self.facts)
            except InvalidRule as error:
                self._fault(fact.plugin, f"plug-in {fact.plugin}: {error}")
                del self.facts[fact.name]

    def _rules_of(self, plugin: Plugin) -> None:
        for family, function in self._marked(plugin, "mailcheck_rules", is_rule):
            rule = self._read(plugin, partial(read_rule, function, family=family, plugin=plugin.stamp))
            if rule is None:
                continue
            try:
                check_needs(rule, self.facts)
            except InvalidRule as error:
                self._fault(plugin.stamp, f"plug-in {plugin.stamp}: {error}")
                continue
            if rule.name in self.rules:
                owner = self.rules[rule.name].plugin
                self._fault(plugin.stamp, f"plug-in {plugin.stamp}: a rule {rule.name!r} already comes from {owner}")
                continue
            self.rules[rule.name] = rule
        for module in plugin.modules:
            for name in [name for name, value in vars(module).items() if is_unmarked(value)]:
                message = f"{module.__file__}: {name} has examples but no @rule(), so it would never run"
                self._fault(plugin.stamp, f"plug-in {plugin.stamp}: {message}")

    def _read(self, plugin: Plugin, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InvalidRule as error:
            self._fault(plugin.stamp, f"plug-in {plugin.stamp}: {error}")
        except Exception as error:  # noqa: BLE001 - what is marked may be anything
            self._fault(plugin.stamp, f"plug-in {plugin.stamp}: {describe(error)}")
        return None

    def _check_aliases(self) -> None:
        """Take away aliases that would hide another rule or a family behind a rule."""
        taken = {name: rule.plugin for name, rule in self.rules.items()}
        for rule in list(self.rules.values()):
            for alias in rule.aliases:
                if "/" in alias and alias not in taken:
                    taken[alias] = rule.plugin
                    continue
                why = f"already names a rule of {taken[alias]}" if alias in taken else "is not of the form family/name"
                self._fault(rule.plugin, f"plug-in {rule.plugin}: the alias {alias!r} of {rule.name} {why}")
                kept = tuple(other for other in self.rules[rule.name].aliases if other != alias)
                self.rules[rule.name] = dataclasses.replace(self.rules[rule.name], aliases=kept)


def _family(plugin: Plugin, module: ModuleType) -> str:
    """The module's own name; that of a local file is the file's."""
    if module.__name__.startswith("_mailcheck_local_"):
        return plugin.name
    return module.__name__.rpartition(".")[2]


def _without_report(function: Callable[..., object]) -> Callable[..., object]:
    return lambda report: function()  # noqa: ARG005 - pluggy lets an implementation leave arguments out
