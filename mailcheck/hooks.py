"""The hooks that a plug-in module may implement, and what can be wrong with an attempt."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType

from mailcheck.crashes import describe, shown
from mailcheck.rule import is_fact, is_rule, is_unmarked
from mailcheck.suggest import did_you_mean

PROJECT = "mailcheck"
HOOKS = (
    "mailcheck_rules",
    "mailcheck_facts",
    "mailcheck_dialects",
    "mailcheck_readers",
    "mailcheck_reporters",
    "mailcheck_esps",
)
DONE_HOOK = "mailcheck_report_done"

_KNOWN = (*HOOKS, DONE_HOOK)
_MARK = f"{PROJECT}_impl"
_NEAR = 0.75
"""How alike a function's name must be to a hook's to be taken for a slip."""

_KINDS: Mapping[str, str] = {
    "mailcheck_dialects": "mailcheck.content.dialects.Dialect",
    "mailcheck_readers": "mailcheck.reading.source.Reader",
    "mailcheck_reporters": "mailcheck.reporters.Reporter",
    "mailcheck_esps": "mailcheck.gate.esps.kinds.EspKind",
}
_CALLS: Mapping[str, tuple[str, ...]] = {
    "mailcheck_readers": ("matches", "read"),
    "mailcheck_reporters": ("render",),
    "mailcheck_esps": ("make",),
}


def hook_faults(module: ModuleType) -> Iterator[str]:
    """Hook implementations of a module that would never be called, each as the tail of a sentence."""
    for attribute, value in list(vars(module).items()):
        if type(value) is not FunctionType:
            continue
        mark = vars(value).get(_MARK)
        if isinstance(mark, Mapping):
            yield from _marked_faults(str(mark.get("specname") or attribute), mark, value)
        elif value.__module__ == module.__name__ and _looks_like_a_hook(attribute):
            hint = "" if attribute in _KNOWN else did_you_mean(attribute, _KNOWN)
            yield f"has a function {attribute} without @hookimpl, so it is never called{hint}{_at(value)}"


def brings_something(module: ModuleType) -> bool:
    """Whether anything in a module is marked as a rule, a fact or a hook."""
    values = list(vars(module).values())
    hooks = [value for value in values if type(value) is FunctionType and _MARK in vars(value)]
    return bool(hooks) or any(is_rule(value) or is_fact(value) or is_unmarked(value) for value in values)


def _marked_faults(name: str, mark: Mapping[str, object], function: FunctionType) -> Iterator[str]:
    if name not in _KNOWN:
        yield f"implements an unknown hook {name!r}{did_you_mean(name, _KNOWN)}{_at(function)}"
    elif is_refused(function, wrapper=bool(mark.get("wrapper") or mark.get("hookwrapper"))):
        yield f"implements {name} as a wrapper or an async function; write a plain one{_at(function)}"


def is_refused(function: Callable[..., object], *, wrapper: bool) -> bool:
    """Whether an implementation is of a kind that is not called: each is called alone, and not awaited."""
    return wrapper or inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _looks_like_a_hook(name: str) -> bool:
    prefix = f"{PROJECT}_"
    if not name.startswith(prefix):
        return False
    tails = [known.removeprefix(prefix) for known in _KNOWN]
    return bool(difflib.get_close_matches(name.removeprefix(prefix), tails, n=1, cutoff=_NEAR))


def _at(function: FunctionType) -> str:
    return f" ({function.__code__.co_filename}:{function.__code__.co_firstlineno})"


def extension_fault(hook: str, value: object, others: Sequence[object]) -> str:
    """Why a value that a hook returned is of no use, or nothing.

    Args:
        hook: `mailcheck_dialects`, `mailcheck_readers`, `mailcheck_reporters` or `mailcheck_esps`.
        value: what it returned.
        others: what plug-ins returned before.
    """
    kind = _KINDS[hook]
    if not any(f"{cls.__module__}.{cls.__qualname__}" == kind for cls in type(value).__mro__):
        return f"{shown(value, 80)}, which is not a {kind.rpartition('.')[2]}"
    if hook == "mailcheck_dialects":
        return _dialect_fault(value, others)
    calls = _CALLS[hook]
    suffixes = getattr(value, "suffixes", ())
    named = isinstance(getattr(value, "name", None), str)
    endings = isinstance(suffixes, tuple) and all(isinstance(suffix, str) for suffix in suffixes)
    if not named or not endings or not all(callable(getattr(value, call, None)) for call in calls):
        return f"{shown(value, 80)}, whose fields are not what {kind.rpartition('.')[2]} says they are"
    name = getattr(value, "name", "")
    if hook == "mailcheck_esps" and any(getattr(other, "name", None) == name for other in others):
        return f"the kind of sending service {name!r}, which another plug-in brings too"
    return ""


def _dialect_fault(value: object, others: Sequence[object]) -> str:
    from mailcheck.content.dialects import Dialect, builtin

    if not isinstance(value, Dialect):
        return f"{shown(value, 80)}, which is not a Dialect"
    if value.id in builtin().by_id or any(isinstance(one, Dialect) and one.id == value.id for one in others):
        return f"the dialect {value.id!r}, which already exists"
    try:
        value.compiled()
    except Exception as error:  # noqa: BLE001 - its patterns may be anything
        return f"the dialect {value.id!r}, whose patterns cannot be compiled: {describe(error)}"
    return ""
