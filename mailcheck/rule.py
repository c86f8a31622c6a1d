"""The words of rule authors: `rule`, `good`, `bad`, `fact`, `Problem`, `Fix`, `Absent`, `skip`.

The decorators only mark a function; nothing is registered and nothing is wrapped. `read_rule` and
`read_fact` turn a marked function into a description when plug-ins are collected.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn, ParamSpec, TypeVar

from mailcheck.campaign import Located, Span

Severity = Literal["error", "warning", "info"]

_RULE = "__mailcheck_rule__"
_EXAMPLES = "__mailcheck_examples__"
_FACT = "__mailcheck_fact__"


class Absent(Exception):  # noqa: N818 - an ending, not a mistake
    """Raised by a fact whose input was not given; the text says what is missing and how to supply it."""


class Unusable(Exception):  # noqa: N818 - as above
    """Raised by a fact whose input was given but cannot be used; the text is one sentence: what, where, what to do."""


class Skip(Exception):  # noqa: N818 - as above
    """Raised by `skip`."""


class InvalidRule(Exception):  # noqa: N818 - reads as what it says
    """A marked function that cannot be a rule or a fact; the text says why, with file and line."""


def skip(reason: str) -> NoReturn:
    """End the rule: it does not apply to this campaign, for this reason."""
    raise Skip(reason)


@dataclass(frozen=True, slots=True)
class Fix:
    """A text edit that ends the problem.

    `safe` edits are those that nobody has to think about; only they are applied by `mailcheck fix`.
    """

    edits: tuple[tuple[Span, str], ...]
    safe: bool = True

    @classmethod
    def replace(cls, at: Located, text: str, *, safe: bool = True) -> Fix:
        return cls(((at.span, text),), safe)

    @classmethod
    def delete(cls, at: Located, *, safe: bool = True) -> Fix:
        return cls(((at.span, ""),), safe)

    @classmethod
    def insert(cls, before: Located, text: str, *, safe: bool = True) -> Fix:
        span = before.span
        return cls(((Span(span.part, span.start, span.start), text),), safe)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule yields.

    Args:
        message: what is wrong, how much it hits and what to do, for a marketer.
        at: the place; `None` for the campaign as a whole.
        fix: an edit that ends it.
        data: figures for machines; JSON values only.
        severity: overrides the rule's own severity for this problem; settings override both.
        evidence: shown instead of the text at the place.
    """

    message: str
    at: Located | None = None
    fix: Fix | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    severity: Severity | None = None
    evidence: str | None = None


Problems = Iterator[Problem]
AsyncProblems = AsyncIterator[Problem]

P = ParamSpec("P")
R = TypeVar("R", Iterator[Problem], AsyncIterator[Problem])
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Example:
    """A campaign on which a rule must be silent, or must yield exactly the stated places."""

    bad: bool
    campaign: Mapping[str, object]
    at: tuple[str, ...] = ()
    fixed: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Mark:
    severity: Severity
    aliases: tuple[str, ...]
    since: str


def rule(
    *, severity: Severity = "error", aliases: tuple[str, ...] = (), since: str = ""
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a generator function as a rule.

    Args:
        severity: default severity of its findings.
        aliases: earlier names of the rule, `family/name`, that settings may still use.
        since: the version that brought it.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        setattr(function, _RULE, _Mark(severity, aliases, since))
        return function

    return mark


def _example(example: Example) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def mark(function: Callable[P, R]) -> Callable[P, R]:
        setattr(function, _EXAMPLES, (example, *getattr(function, _EXAMPLES, ())))
        return function

    return mark


def good(
    *, options: Mapping[str, object] | None = None, **campaign: object
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a rule with a campaign on which it must be silent. The names are those of the manifest."""
    return _example(Example(False, campaign, options=options or {}))


def bad(
    *,
    at: str | tuple[str, ...],
    fixed: str | None = None,
    options: Mapping[str, object] | None = None,
    **campaign: object,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a rule with a campaign on which it must yield exactly the places `at`, in order.

    Args:
        at: the evidence of each expected problem.
        fixed: the part of the first problem after its fix; must lint clean.
        options: options of the rule for this example.
        campaign: fields of the manifest: `html=`, `subject=`, `dialect=`, `stage=` …
    """
    places = (at,) if isinstance(at, str) else tuple(at)
    return _example(Example(True, campaign, places, fixed, options or {}))


def fact(function: Callable[P, T]) -> Callable[P, T]:
    """Mark a function as a fact: its name is what rules ask for, its return annotation the type."""
    setattr(function, _FACT, True)
    return function


@dataclass(frozen=True, slots=True)
class Need:
    """One parameter of a rule or a fact."""

    name: str
    annotation: object
    required: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A collected fact."""

    name: str
    function: Callable[..., object] = field(repr=False)
    returns: object
    needs: tuple[Need, ...]
    summary: str
    plugin: str = ""
    network: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A collected rule. `options` is the pydantic model of its options, or `None`."""

    name: str
    family: str
    function: Callable[..., object] = field(repr=False)
    severity: Severity
    needs: tuple[Need, ...]
    options: type[object] | None
    is_async: bool
    summary: str
    explanation: str
    examples: tuple[Example, ...] = field(repr=False)
    aliases: tuple[str, ...] = ()
    since: str = ""
    plugin: str = ""
    file: str = ""
    line: int = 0


def is_rule(value: object) -> bool:
    """Whether a value carries the mark of `rule`; it may still be no valid rule."""
    return _RULE in _own_attributes(value)


def is_fact(value: object) -> bool:
    """Whether a value carries the mark of `fact`; it may still be no valid fact."""
    return _FACT in _own_attributes(value)


def is_unmarked(value: object) -> bool:
    """Whether somebody gave examples to a function and forgot to mark it as a rule."""
    return _EXAMPLES in _own_attributes(value) and not is_rule(value)


def _own_attributes(value: object) -> Mapping[str, object]:
    """The `__dict__` of any object, asked for in a way that runs none of its code (lazy proxies, mocks)."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if isinstance(found, Mapping) else {}


def read_rule(function: Callable[..., object], *, family: str = "", plugin: str = "") -> Rule:
    """Describe a marked function.

    Raises:
        InvalidRule: it is not a generator, has no docstring, or a parameter or annotation cannot be read.
    """
    if not inspect.isfunction(function):
        raise InvalidRule(f"{function!r:.80} is marked as a rule, but only a function can be one")
    mark: _Mark = getattr(function, _RULE)
    if not (inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)):
        raise InvalidRule(
            f"{_place(function)}: rule {function.__name__} never yields; a rule is a generator of Problems"
        )
    summary, explanation = _docstring(function)
    needs = _needs(function)
    options = next((need.annotation for need in needs if need.name == "options"), None)
    if options is not None and not (isinstance(options, type) and hasattr(options, "model_validate")):
        raise InvalidRule(f"{_place(function)}: options of {function.__name__} must be annotated with a pydantic model")
    if options is not None and getattr(options, "model_config", {}).get("extra") != "forbid":
        raise InvalidRule(
            f"{_place(function)}: the options of {function.__name__} would swallow a misspelt name; "
            'set model_config = ConfigDict(extra="forbid")'
        )
    family = family or function.__module__.rpartition(".")[2].lstrip("_")
    return Rule(
        name=f"{family}/{function.__name__}",
        family=family,
        function=function,
        severity=mark.severity,
        needs=tuple(need for need in needs if need.name != "options"),
        options=options,
        is_async=inspect.isasyncgenfunction(function),
        summary=summary,
        explanation=explanation,
        examples=getattr(function, _EXAMPLES, ()),
        aliases=mark.aliases,
        since=mark.since,
        plugin=plugin,
        file=inspect.getsourcefile(function) or "",
        line=function.__code__.co_firstlineno,
    )


def read_fact(function: Callable[..., object], *, plugin: str = "") -> Fact:
    """Describe a function marked with `fact`.

    Raises:
        InvalidRule: not a plain function, no return annotation, or annotations that cannot be read.
    """
    if not inspect.isfunction(function):
        raise InvalidRule(f"{function!r:.80} is marked as a fact, but only a function can be one")
    kinds = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    if any(is_kind(function) for is_kind in kinds):
        raise InvalidRule(f"{_place(function)}: fact {function.__name__} must return its value, not yield or await it")
    returns = _hints(function).get("return")
    if returns is None:
        raise InvalidRule(f"{_place(function)}: fact {function.__name__} must say what it returns")
    summary, _ = _docstring(function)
    return Fact(function.__name__, function, returns, _needs(function), summary, plugin)


def _place(function: Callable[..., object]) -> str:
    return f"{inspect.getsourcefile(function)}:{function.__code__.co_firstlineno}"


def _docstring(function: Callable[..., object]) -> tuple[str, str]:
    text = inspect.getdoc(function)
    if not text:
        raise InvalidRule(f"{_place(function)}: {function.__name__} has no docstring; it is the page that users read")
    summary, _, explanation = text.partition("\n\n")
    return " ".join(summary.split()), explanation.strip()


def _hints(function: Callable[..., object]) -> dict[str, object]:
    try:
        return typing.get_type_hints(function)
    except Exception as error:
        raise InvalidRule(
            f"{_place(function)}: the annotations of {function.__name__} cannot be read ({error}); "
            "import their types at run time, not only under TYPE_CHECKING"
        ) from error


def _needs(function: Callable[..., object]) -> tuple[Need, ...]:
    hints = _hints(function)
    needs = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise InvalidRule(
                f"{_place(function)}: {function.__name__} may only have plain named parameters, not {parameter}"
            )
        if name not in hints:
            raise InvalidRule(f"{_place(function)}: parameter {name} of {function.__name__} needs an annotation")
        required = parameter.default is parameter.empty
        if not required and parameter.default is not None and name != "options":
            raise InvalidRule(
                f"{_place(function)}: an optional fact of {function.__name__} has the default None, not {parameter}"
            )
        needs.append(Need(name, _without_none(hints[name]) if not required else hints[name], required))
    return tuple(needs)


def _without_none(annotation: object) -> object:
    arguments = [argument for argument in typing.get_args(annotation) if argument is not type(None)]
    if type(None) in typing.get_args(annotation) and len(arguments) == 1:
        return arguments[0]
    return annotation
