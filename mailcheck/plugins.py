"""Plug-ins: three doors, one mechanism. The only file that imports pluggy.

pluggy collects; the engine runs. Nothing that goes wrong here is logged and forgotten: a plug-in that
cannot be imported, speaks another generation of the API, misspells a hook or brings a broken rule is a
`PluginFault`, and a fault makes the verdict `unsure`.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Literal

import pluggy

from mailcheck.rule import Fact, InvalidRule, Rule, is_fact, is_rule, read_fact, read_rule
from mailcheck.suggest import did_you_mean

PROJECT = "mailcheck"
GENERATION = "v1"
GROUP = f"{PROJECT}.{GENERATION}"
BUILT_IN_FACTS = ("mailcheck.content.facts",)
GIVEN = ("campaign", "run", "options")
"""What the engine hands to facts and rules itself."""

HOOKS = ("mailcheck_rules", "mailcheck_facts", "mailcheck_dialects", "mailcheck_readers", "mailcheck_reporters")
DONE_HOOK = "mailcheck_report_done"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

Door = Literal["built-in", "installed", "local"]


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
    def mailcheck_report_done(self, report: object) -> None:
        """Look at the finished `Report`: to send it somewhere, to count. It cannot change it."""


@dataclass(frozen=True, slots=True)
class PluginFault:
    """Why a plug-in, or something in it, is not part of the run."""

    plugin: str
    message: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """One loaded plug-in. `stamp` is distribution and version, or the file of a local one."""

    name: str
    stamp: str
    door: Door
    file: str
    modules: tuple[ModuleType, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registry:
    """What the doors let in."""

    plugins: tuple[Plugin, ...]
    rules: Mapping[str, Rule]
    facts: Mapping[str, Fact]
    extensions: Mapping[str, tuple[object, ...]]
    faults: tuple[PluginFault, ...]
    done_hooks: tuple[tuple[str, Callable[..., object]], ...] = ()

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

    def run(self, local: Sequence[Path], modules: Sequence[ModuleType]) -> Registry:
        for name in BUILT_IN_FACTS:
            self._register("mailcheck facts", _own_stamp(), "built-in", importlib.import_module(name))
        for entry in _entry_points():
            self._installed(entry)
        for path in sorted(local):
            self._local(path)
        for module in modules:
            self._register(module.__name__, module.__name__, "local", module)
        for plugin in self.plugins:
            self._facts_of(plugin)
        self._check_facts()
        for plugin in self.plugins:
            self._rules_of(plugin)
        extensions = {hook.removeprefix("mailcheck_"): self._extend(hook) for hook in HOOKS[2:]}
        done = tuple((name, function) for name, function in self._implementations(DONE_HOOK))
        rules = dict(sorted(self.rules.items()))
        return Registry(tuple(self.plugins), rules, self.facts, extensions, tuple(self.faults), done)

    def _fault(self, plugin: str, message: str) -> None:
        self.faults.append(PluginFault(plugin, message))

    def _installed(self, entry: metadata.EntryPoint) -> None:
        distribution = entry.dist.name if entry.dist else entry.value
        stamp = f"{distribution} {entry.dist.version}" if entry.dist else entry.value
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
            door: Door = "built-in" if distribution == "mailcheck-lint" else "installed"
            self._register(entry.name, stamp, door, module)
        elif module is not None:
            self._fault(stamp, f"plug-in {stamp} [{entry.name}]: its entry point must name a module, not {entry.value!r}")

    def _local(self, path: Path) -> None:
        name = path.stem
        private = f"_mailcheck_local_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}_{name}"

        def load() -> ModuleType:
            spec = importlib.util.spec_from_file_location(private, path)
            if spec is None or spec.loader is None:
                raise ImportError(f"{path} is not a Python file")
            module = importlib.util.module_from_spec(spec)
            sys.modules[private] = module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del sys.modules[private]
                raise
            return module

        module = self._import(str(path), name, load)
        if isinstance(module, ModuleType):
            self._register(name, str(path), "local", module)

    def _import(self, stamp: str, name: str, load: Callable[[], object]) -> object:
        try:
            return load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._fault(stamp, f"plug-in {stamp} [{name}] cannot be loaded: {describe(error)}")
            return None

    def _register(self, name: str, stamp: str, door: Door, module: ModuleType) -> None:
        modules = [module]
        for info in pkgutil.iter_modules(getattr(module, "__path__", ())):
            if info.name.startswith("_") or info.name.startswith("test_"):
                continue
            submodule = self._import(stamp, name, lambda info=info: importlib.import_module(f"{module.__name__}.{info.name}"))  # type: ignore[misc]
            if isinstance(submodule, ModuleType):
                modules.append(submodule)
        for part in modules:
            self._check_hooks(stamp, name, part)
            try:
                self.manager.register(part, name=f"{stamp}:{part.__name__}")
            except Exception as error:
                self._fault(stamp, f"plug-in {stamp} [{name}] cannot be registered: {describe(error)}")
        self.plugins.append(Plugin(name, stamp, door, str(getattr(module, "__file__", "") or ""), tuple(modules)))

    def _check_hooks(self, stamp: str, name: str, module: ModuleType) -> None:
        known = (*HOOKS, DONE_HOOK)
        for attribute in vars(module):
            if attribute.startswith("mailcheck_") and attribute not in known and callable(getattr(module, attribute)):
                if getattr(getattr(module, attribute), "mailcheck_impl", None) is not None:
                    self._fault(
                        stamp, f"plug-in {stamp} [{name}] implements an unknown hook {attribute!r}{did_you_mean(attribute, known)}"
                    )

    def _implementations(self, hook: str, plugin: Plugin | None = None) -> Iterator[tuple[str, Callable[..., object]]]:
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            stamp, _, _ = implementation.plugin_name.rpartition(":")
            if plugin is None or implementation.plugin in plugin.modules:
                yield stamp, implementation.function

    def _called(self, hook: str, plugin: Plugin | None = None) -> Iterator[tuple[str, object]]:
        for stamp, function in self._implementations(hook, plugin):
            try:
                values = list(function())  # type: ignore[call-overload]
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self._fault(stamp, f"plug-in {stamp}: its hook {hook} failed: {describe(error)}")
                continue
            for value in values:
                yield stamp, value

    def _extend(self, hook: str) -> tuple[object, ...]:
        return tuple(value for _, value in self._called(hook))

    def _marked(self, plugin: Plugin, hook: str, is_marked: Callable[[object], bool]) -> Iterator[Callable[..., object]]:
        seen: set[int] = set()
        for module in plugin.modules:
            for value in vars(module).values():
                if is_marked(value) and value.__module__ == module.__name__ and id(value) not in seen:
                    seen.add(id(value))
                    yield value
        for stamp, value in self._called(hook, plugin):
            if is_marked(value):
                yield value  # type: ignore[misc]
            else:
                self._fault(stamp, f"plug-in {stamp}: its hook {hook} returned {value!r:.80}, which is not a marked function")

    def _facts_of(self, plugin: Plugin) -> None:
        for function in self._marked(plugin, "mailcheck_facts", is_fact):
            try:
                fact = read_fact(function, plugin=plugin.stamp)
            except InvalidRule as error:
                self._fault(plugin.stamp, f"plug-in {plugin.stamp}: {error}")
                continue
            taken = self.facts.get(fact.name)
            if taken is not None or fact.name in GIVEN:
                owner = taken.plugin if taken else "mailcheck"
                self._fault(plugin.stamp, f"plug-in {plugin.stamp}: the fact {fact.name!r} already comes from {owner}")
                continue
            self.facts[fact.name] = fact

    def _check_facts(self) -> None:
        for fact in list(self.facts.values()):
            for need in fact.needs:
                if need.name not in self.facts and need.name not in GIVEN:
                    hint = did_you_mean(need.name, (*self.facts, *GIVEN))
                    self._fault(fact.plugin, f"plug-in {fact.plugin}: the fact {fact.name} asks for {need.name!r}, which is no fact{hint}")

    def _rules_of(self, plugin: Plugin) -> None:
        for function in self._marked(plugin, "mailcheck_rules", is_rule):
            try:
                family = plugin.name if plugin.door == "local" else ""
                rule = read_rule(function, family=family, plugin=plugin.stamp)
                self._check_needs(rule)
            except InvalidRule as error:
                self._fault(plugin.stamp, f"plug-in {plugin.stamp}: {error}")
                continue
            if rule.name in self.rules:
                owner = self.rules[rule.name].plugin
                self._fault(plugin.stamp, f"plug-in {plugin.stamp}: a rule {rule.name!r} already comes from {owner}")
                continue
            self.rules[rule.name] = rule

    def _check_needs(self, rule: Rule) -> None:
        for need in rule.needs:
            if need.name in GIVEN:
                continue
            fact = self.facts.get(need.name)
            if fact is None:
                known = (*self.facts, *GIVEN)
                raise InvalidRule(
                    f"{rule.file}:{rule.line}: rule {rule.name} asks for {need.name!r}, "
                    f"which is no fact{did_you_mean(need.name, known)}"
                )
            if fact.returns is not object and need.annotation not in (fact.returns, object):
                raise InvalidRule(
                    f"{rule.file}:{rule.line}: rule {rule.name} annotates {need.name!r} as {_type_name(need.annotation)}; "
                    f"the fact is {_type_name(fact.returns)}"
                )


def _type_name(annotation: object) -> str:
    return getattr(annotation, "__qualname__", None) or str(annotation)


def _own_stamp() -> str:
    from mailcheck import __version__

    return f"mailcheck-lint {__version__}"


def _entry_points() -> list[metadata.EntryPoint]:
    """Every entry point of any generation of our API, in a stable order; ours first."""
    own = re.compile(rf"{PROJECT}\.v\d+\Z")
    points = metadata.entry_points()
    found = {
        (entry.group, entry.name, entry.value): entry
        for group in points.groups
        if own.match(group)
        for entry in points.select(group=group)
    }
    return [found[key] for key in sorted(found, key=lambda key: (found[key].name != PROJECT, key))]


def describe(error: BaseException) -> str:
    """Type, text and the deepest place of an exception, in one line."""
    text = " ".join(str(error).split()) or "no message"
    place = ""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is not None and "importlib" not in traceback.tb_frame.f_code.co_filename:
        place = f" ({traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno})"
    if isinstance(error, SyntaxError) and error.filename:
        place = f" ({error.filename}:{error.lineno})"
    return f"{type(error).__name__}: {text[:300]}{place}"
