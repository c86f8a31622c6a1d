"""What rules and facts ask for, checked against what there is when they are collected."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping

from mailcheck.campaign import Campaign
from mailcheck.rule import Fact, InvalidRule, Need, Rule
from mailcheck.run import Run
from mailcheck.suggest import did_you_mean

GIVEN: Mapping[str, object] = {"campaign": Campaign, "run": Run, "options": None}
"""What the engine hands out itself, and its type; `options` is for rules only."""


def check_needs(asker: Rule | Fact, facts: Mapping[str, Fact]) -> None:
    """Refuse a rule or fact that asks for something unknown, or for a type that it will not get.

    Raises:
        InvalidRule: says which parameter, with file and line.
    """
    for need in asker.needs:
        known = {**{name: kind for name, kind in GIVEN.items() if kind}, **{n: f.returns for n, f in facts.items()}}
        if need.name not in known:
            raise InvalidRule(f"{_who(asker)} asks for {need.name!r}, which is no fact{did_you_mean(need.name, known)}")
        returns = known[need.name]
        if not _fits(need, returns):
            said = f"annotates {need.name!r} as {_type_name(need.annotation)}; it is {_type_name(returns)}"
            raise InvalidRule(f"{_who(asker)} {said}")


def reached(rules: Iterable[Rule], facts: Mapping[str, Fact]) -> frozenset[str]:
    """The facts that some rules may ask for, themselves or through other facts."""
    found: set[str] = set()
    waiting = [need.name for rule in rules for need in rule.needs]
    while waiting:
        name = waiting.pop()
        if name in facts and name not in found:
            found.add(name)
            waiting += (need.name for need in facts[name].needs)
    return frozenset(found)


def _fits(need: Need, returns: object) -> bool:
    return returns is object or need.annotation in (returns, object)


def _who(asker: Rule | Fact) -> str:
    function = inspect.unwrap(asker.function)
    kind = "rule" if isinstance(asker, Rule) else "fact"
    return f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}: {kind} {asker.name}"


def _type_name(annotation: object) -> str:
    if isinstance(annotation, type) and not getattr(annotation, "__args__", ()):
        return annotation.__qualname__
    return str(annotation)
