"""Facts: computed when first asked for, at most once in a campaign, each with a remembered ending."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, field

from mailcheck.crashes import describe, said
from mailcheck.rule import Absent, Fact, Need, Unusable


class Ending(Struct, frozen=True):
    """How a fact ended: with a value, or with the reason why there is none.

    Args:
        value: what the fact returned.
        absent: what was not given, and how to supply it.
        failed: what went wrong; every rule that needed the fact says this same sentence.
        missing: the names of the facts that are not there because of it.
    """

    value: object = None
    absent: str = ""
    failed: str = ""
    missing: frozenset[str] = frozenset()


class Missing(Exception):  # noqa: N818 - an ending, like Absent
    """An input that is needed is not there; `ending` says why."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        super().__init__(ending.failed or ending.absent)


class Resolver(Struct):
    """The facts of one campaign.

    Args:
        facts: what plug-ins brought, by name.
        endings: what is known already; the engine puts in `campaign` and `run`.
    """

    facts: Mapping[str, Fact]
    endings: dict[str, Ending] = field(default_factory=dict)
    resolving: list[str] = field(default_factory=list)

    def ending(self, name: str) -> Ending:
        """How a fact ends; it is computed now if nobody asked before."""
        found = self.endings.get(name)
        if found is None:
            found = self.endings[name] = self._resolve(name)
        return found

    def arguments(self, needs: Iterable[Need]) -> dict[str, object]:
        """The values that a rule or a fact asks for.

        Raises:
            Missing: one that it cannot do without is absent, or any of them failed.
        """
        arguments: dict[str, object] = {}
        for need in needs:
            found = self.ending(need.name)
            if found.failed or (found.absent and need.required):
                raise Missing(found)
            arguments[need.name] = None if found.absent else found.value
        return arguments

    def _resolve(self, name: str) -> Ending:
        fact = self.facts.get(name)
        if fact is None:
            return Ending(absent=f"nothing here can supply {name!r}", missing=frozenset({name}))
        if name in self.resolving:
            return Ending(failed=f"the fact {name} asks for itself ({' → '.join((*self.resolving, name))})")
        self.resolving.append(name)
        try:
            return self._computed(fact)
        finally:
            self.resolving.pop()

    def _computed(self, fact: Fact) -> Ending:
        try:
            value = fact.function(**self.arguments(fact.needs))
        except Missing as missing:
            ending = missing.ending
            return Ending(absent=ending.absent, failed=ending.failed, missing=ending.missing | {fact.name})
        except Absent as reason:
            return Ending(absent=said(reason) or f"{fact.name} was not given", missing=frozenset({fact.name}))
        except Unusable as reason:
            return Ending(failed=said(reason) or f"{fact.name} cannot be used", missing=frozenset({fact.name}))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plug-in's fault must not end the run
            return Ending(failed=f"the fact {fact.name} of {fact.plugin} failed: {describe(error, fact.function)}")
        refusal = _refusal(fact, value)
        if refusal:
            return Ending(failed=f"the fact {fact.name} of {fact.plugin} {refusal}")
        return Ending(value)


def _refusal(fact: Fact, value: object) -> str:
    """Why a returned value must not reach a rule, or nothing."""
    if isinstance(value, Iterator):
        return "returned an iterator, which is empty for its second reader; return a tuple"
    if inspect.isawaitable(value):
        if inspect.iscoroutine(value):
            value.close()
        return "returned something to await; facts are plain functions"
    if value is None and not _may_be_none(fact.returns):
        return "returned nothing; raise Absent with the reason instead"
    return ""


def _may_be_none(annotation: object) -> bool:
    return annotation in (object, None, type(None)) or type(None) in typing.get_args(annotation)
