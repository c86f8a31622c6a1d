"""The loop: select rules, resolve facts, run each rule alone, stamp what it yields.

pluggy is not involved: it stops at the first exception and cannot await. Here every selected rule ends
in an `Outcome`, whatever it does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue, TypeAdapter, ValidationError

from mailcheck.campaign import Campaign, Span, Where
from mailcheck.content.run import Run
from mailcheck.masking import mask_addresses
from mailcheck.plugins import Registry, describe
from mailcheck.report import CampaignReport, Edit, Finding, Outcome, Severity, Suggestion, fingerprints
from mailcheck.rule import Absent, Fix, Problem, Rule, Skip
from mailcheck.settings import REQUIRED_FACTS, CouldNotStart, Settings
from mailcheck.suggest import did_you_mean
from mailcheck.waivers import name_matches

EVIDENCE_LENGTH = 160

_JSON: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class _Value:
    """How a fact ended: a value, or the reason why there is none."""

    value: object = None
    absent: str = ""
    failed: str = ""
    missing: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Stop(Exception):
    outcome: _Value


@dataclass(frozen=True, slots=True)
class Engine:
    """Rules and facts, bound to settings. Judges any number of campaigns."""

    registry: Registry
    settings: Settings
    rules: tuple[Rule, ...]
    options: Mapping[str, object]
    severities: Mapping[str, Severity]

    @classmethod
    def build(cls, registry: Registry, settings: Settings) -> Engine:
        """Select the rules and validate every name in the settings.

        Raises:
            CouldNotStart: an unknown rule, option or plug-in, or nothing selected.
        """
        _require_plugins(registry, settings)
        rules = select(registry, settings.select, settings.ignore)
        options = {rule.name: _options(rule, settings) for rule in registry.rules.values() if rule.options}
        _known_options(registry, settings)
        severities = _severities(registry, settings)
        return cls(registry, settings, rules, options, severities)

    def judge(self, campaign: Campaign, profile: str) -> CampaignReport:
        """Judge one campaign.

        Raises:
            RuntimeError: there are async rules and this thread already runs an event loop.
        """
        if not any(rule.is_async for rule in self.rules):
            sheet = _Sheet(self, campaign, profile)
            sheet.run_sync()
            return sheet.report()
        return run_bounded(self.ajudge(campaign, profile))

    async def ajudge(self, campaign: Campaign, profile: str) -> CampaignReport:
        """Judge one campaign; async rules run together, each under its own time limit."""
        sheet = _Sheet(self, campaign, profile)
        sheet.run_sync()
        await sheet.run_async()
        return sheet.report()


def run_bounded(work: object) -> CampaignReport:
    """Run a coroutine on a loop of its own that no leftover task can keep open."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        work.close()  # type: ignore[attr-defined]
        raise RuntimeError("an event loop is already running here; use `await mailcheck.acheck(...)`")
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        return loop.run_until_complete(work)  # type: ignore[arg-type, no-any-return]
    finally:
        leftover = asyncio.all_tasks(loop)
        for task in leftover:
            task.cancel()
        if leftover:
            loop.run_until_complete(asyncio.wait(leftover, timeout=0.2))
        loop.close()


def select(registry: Registry, wanted: Iterable[str], unwanted: Iterable[str]) -> tuple[Rule, ...]:
    """The rules meant by names, families and globs.

    Raises:
        CouldNotStart: a name means nothing, or nothing is left.
    """
    chosen = {rule for pattern in wanted for rule in expand(registry, pattern, "select")}
    dropped = {rule for pattern in unwanted for rule in expand(registry, pattern, "ignore")}
    rules = tuple(rule for name, rule in registry.rules.items() if name in chosen - dropped)
    if not rules:
        raise CouldNotStart("no rule is left to run; look at `select` and `ignore`")
    return rules


def expand(registry: Registry, pattern: str, setting: str) -> tuple[str, ...]:
    """The names of the rules that a name, family or glob means.

    Raises:
        CouldNotStart: it means none.
    """
    pattern = registry.aliases.get(pattern, pattern)
    names = tuple(name for name in registry.rules if name_matches(pattern, name))
    if not names and pattern != "*":
        families = {name.partition("/")[0] for name in registry.rules}
        hint = did_you_mean(pattern, (*registry.rules, *families))
        raise CouldNotStart(f"{setting}: there is no rule or family {pattern!r}{hint} (`mailcheck rules` lists them)")
    return names


def _require_plugins(registry: Registry, settings: Settings) -> None:
    present = registry.plugin_names()
    for name in settings.plugins:
        if name not in present:
            fault = next((f" ({fault.message})" for fault in registry.faults if name in fault.message), "")
            raise CouldNotStart(
                f"the settings require the plug-in {name!r}, which is not there{fault}; install it{did_you_mean(name, present)}"
            )


def _known_options(registry: Registry, settings: Settings) -> None:
    for name in settings.rules:
        found = registry.rules.get(registry.aliases.get(name, name))
        if found is None:
            raise CouldNotStart(f"rules.{name!r}: there is no rule {name!r}{did_you_mean(name, registry.rules)}")
        if found.options is None and settings.rules[name]:
            raise CouldNotStart(f"rules.{name!r}: the rule {name} has no options")


def _options(rule: Rule, settings: Settings) -> object:
    given = next((settings.rules[name] for name in (rule.name, *rule.aliases) if name in settings.rules), {})
    try:
        return rule.options.model_validate(given)  # type: ignore[union-attr]
    except ValidationError as error:
        fault = error.errors()[0]
        key = str(fault["loc"][0]) if fault["loc"] else ""
        if fault["type"] == "extra_forbidden":
            known = rule.options.model_fields  # type: ignore[union-attr]
            raise CouldNotStart(f"{rule.name} has no option {key!r}{did_you_mean(key, known)}") from None
        raise CouldNotStart(f"{rule.name}: option {key}: {fault['msg']}") from None


def _severities(registry: Registry, settings: Settings) -> dict[str, Severity]:
    return {
        name: severity
        for pattern, severity in settings.severity.items()
        for name in expand(registry, pattern, "severity")
    }


class _Sheet:
    """The judgement of one campaign while it is being made."""

    def __init__(self, engine: Engine, campaign: Campaign, profile: str) -> None:
        self.engine = engine
        self.campaign = campaign
        self.profile = profile
        self.required = frozenset(REQUIRED_FACTS[profile])
        online = engine.settings.online or profile == "send"
        run = Run(profile=profile, online=online, now=datetime.now(UTC), extensions=engine.registry.extensions)
        self.values: dict[str, _Value] = {"campaign": _Value(campaign), "run": _Value(run)}
        self.resolving: list[str] = []
        self.problems: dict[str, list[Problem]] = {}
        self.endings: dict[str, Outcome] = {}

    # facts

    def value(self, name: str) -> _Value:
        found = self.values.get(name)
        if found is None:
            found = self.values[name] = self._resolve(name)
        return found

    def _resolve(self, name: str) -> _Value:
        fact = self.engine.registry.facts.get(name)
        if fact is None:
            return _Value(absent=f"nothing here can supply {name!r}", missing=frozenset({name}))
        if name in self.resolving:
            return _Value(failed=f"the fact {name} asks for itself ({' → '.join((*self.resolving, name))})")
        self.resolving.append(name)
        try:
            return _Value(fact.function(**self._arguments(fact.needs)))
        except _Stop as stop:
            return _Value(absent=stop.outcome.absent, failed=stop.outcome.failed, missing=stop.outcome.missing | {name})
        except Absent as reason:
            return _Value(absent=str(reason) or f"{name} was not given", missing=frozenset({name}))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return _Value(failed=f"the fact {name} failed: {describe(error)}")
        finally:
            self.resolving.pop()

    def _arguments(self, needs: Iterable[object]) -> dict[str, object]:
        arguments: dict[str, object] = {}
        for need in needs:
            found = self.value(need.name)  # type: ignore[attr-defined]
            if found.failed or (found.absent and need.required):  # type: ignore[attr-defined]
                raise _Stop(found)
            arguments[need.name] = None if found.absent else found.value  # type: ignore[attr-defined]
        return arguments

    # rules

    def run_sync(self) -> None:
        for rule in self.engine.rules:
            if rule.is_async:
                continue
            arguments = self._prepare(rule)
            if arguments is not None:
                self._run_rule(rule, arguments)

    def _prepare(self, rule: Rule) -> dict[str, object] | None:
        try:
            arguments = self._arguments(rule.needs)
        except _Stop as stop:
            missing = stop.outcome
            if missing.failed:
                self._end(rule, "error", missing.failed)
            else:
                self._end(rule, "skipped", missing.absent, required=bool(missing.missing & self.required))
            return None
        if rule.options is not None:
            arguments["options"] = self.engine.options[rule.name]
        return arguments

    def _run_rule(self, rule: Rule, arguments: dict[str, object]) -> None:
        collected = self.problems.setdefault(rule.name, [])
        try:
            for problem in rule.function(**arguments):  # type: ignore[attr-defined]
                self._take(rule, problem, collected)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._ended_by(rule, error)
        else:
            self._end(rule, "failed" if collected else "passed")

    def _take(self, rule: Rule, problem: object, collected: list[Problem]) -> None:
        check_problem(problem)
        if len(collected) >= self.engine.settings.max_problems:
            raise OverflowError(
                f"it found more than {self.engine.settings.max_problems:,} problems and was stopped (setting max_problems)"
            )
        collected.append(problem)  # type: ignore[arg-type]

    def _ended_by(self, rule: Rule, error: BaseException) -> None:
        if isinstance(error, Skip):
            collected = self.problems.get(rule.name)
            self._end(rule, "failed" if collected else "skipped", str(error))
        elif isinstance(error, OverflowError) and "max_problems" in str(error):
            self._end(rule, "error", f"{rule.name}: {error}")
        else:
            self._end(rule, "error", f"{rule.name} of {rule.plugin} crashed: {describe(error)}")

    async def run_async(self) -> None:
        prepared = [(rule, self._prepare(rule)) for rule in self.engine.rules if rule.is_async]
        tasks = {
            asyncio.ensure_future(self._consume(rule, arguments)): rule
            for rule, arguments in prepared
            if arguments is not None
        }
        if not tasks:
            return
        try:
            await self._wait(tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            raise

    async def _wait(self, tasks: Mapping[asyncio.Future[None], Rule]) -> None:
        limit = self.engine.settings.rule_timeout
        deadline = time.monotonic() + limit
        done, pending = await asyncio.wait(tasks, timeout=max(0.0, deadline - time.monotonic()))
        for task in pending:
            task.cancel()
            rule = tasks[task]
            self._end(rule, "error", f"{rule.name} of {rule.plugin} did not end within {limit:g} s (setting rule_timeout)")
        for task in done:
            rule = tasks[task]
            error = asyncio.CancelledError("the rule cancelled itself") if task.cancelled() else task.exception()
            if isinstance(error, KeyboardInterrupt):
                raise error
            if error is not None:
                self._ended_by(rule, error)
            else:
                self._end(rule, "failed" if self.problems.get(rule.name) else "passed")

    async def _consume(self, rule: Rule, arguments: dict[str, object]) -> None:
        collected = self.problems.setdefault(rule.name, [])
        problems: AsyncIterator[object] = rule.function(**arguments)  # type: ignore[assignment]
        try:
            async for problem in problems:
                self._take(rule, problem, collected)
        except SystemExit as error:
            # asyncio would let it end the whole loop.
            raise RuntimeError(f"SystemExit({error.code!r})") from error

    def _end(self, rule: Rule, status: str, reason: str = "", *, required: bool = False) -> None:
        if rule.name not in self.endings:
            self.endings[rule.name] = Outcome(
                rule=rule.name,
                status=status,  # type: ignore[arg-type]
                reason=self._mask(reason),
                findings=len(self.problems.get(rule.name, ())),
                required=required,
                plugin=rule.plugin,
            )

    # findings

    def report(self) -> CampaignReport:
        findings = [*self._faults(), *self._missing(), *self._rule_findings()]
        prints = fingerprints((finding.rule, finding.part, finding.evidence) for finding in findings)
        stamped = tuple(
            finding.model_copy(update={"fingerprint": print_}) for finding, print_ in zip(findings, prints, strict=True)
        )
        return CampaignReport(
            path=self.campaign.path,
            reader=self.campaign.reader,
            name=self.campaign.name or self.campaign.id,
            family=self.campaign.family,
            profile=self.profile,
            stage=self.campaign.stage,
            dialect=self.campaign.dialect,
            threshold=self.engine.settings.threshold,
            findings=stamped,
            outcomes=tuple(self.endings[rule.name] for rule in self.engine.rules),
        )

    def _faults(self) -> Iterator[Finding]:
        for fault in self.campaign.faults:
            yield self._finding(
                f"engine/{fault.name}",
                "error" if fault.blocking else "warning",
                Problem(fault.message, fault.span),
                plugin=self.engine_stamp,
                blocking=fault.blocking,
            )

    def _missing(self) -> Iterator[Finding]:
        for name in REQUIRED_FACTS[self.profile]:
            found = self.value(name)
            reason = found.absent or found.failed
            if reason:
                message = f"The {self.profile} profile needs {name}: {reason}."
                yield self._finding("engine/missing_input", "error", Problem(message), plugin=self.engine_stamp, blocking=True)

    @property
    def engine_stamp(self) -> str:
        return "mailcheck"

    def _rule_findings(self) -> list[Finding]:
        order = {part.name: index for index, part in enumerate(self.campaign.message.parts())}
        placed: list[tuple[tuple[int, int, int, str], Finding]] = []
        for rule in self.engine.rules:
            for number, problem in enumerate(self.problems.get(rule.name, ())):
                finding = self._stamped(rule, problem)
                span = problem.at.span if problem.at is not None else None
                key = (order.get(finding.part, -1), span.start if span else -1, number, rule.name)
                placed.append((key, finding))
        return [finding for _, finding in sorted(placed, key=lambda pair: (pair[0][0], pair[0][1], pair[0][3], pair[0][2]))]

    def _stamped(self, rule: Rule, problem: Problem) -> Finding:
        severity = self.engine.severities.get(rule.name) or problem.severity or rule.severity
        return self._finding(rule.name, severity, problem, plugin=rule.plugin, blocking=False)

    def _finding(self, rule: str, severity: Severity, problem: Problem, *, plugin: str, blocking: bool) -> Finding:
        span = problem.at.span if problem.at is not None else None
        where = span.where if span is not None else Where("", self.campaign.path, 0, 0, 0, 0)
        evidence = problem.evidence if problem.evidence is not None else span.text if span is not None else ""
        return Finding(
            rule=rule,
            severity=severity,
            message=self._mask(problem.message),
            part=where.part,
            path=where.path or self.campaign.path,
            line=where.line,
            column=where.column,
            end_line=where.end_line,
            end_column=where.end_column,
            evidence=self._mask(clean(evidence)),
            url=self._url(rule),
            plugin=plugin,
            fix=_suggestion(problem.fix, span),
            data=self._data(problem),
            blocking=blocking,
        )

    def _url(self, rule: str) -> str:
        base = self.engine.settings.docs_url
        return f"{base.rstrip('/')}/{rule}.html" if base and not rule.startswith("engine/") else ""

    def _data(self, problem: Problem) -> dict[str, JsonValue]:
        if not problem.data:
            return {}
        text = json.dumps(dict(problem.data), ensure_ascii=False)
        return _JSON.validate_json(self._mask(text).encode("utf-8", "replace"))

    def _mask(self, text: str) -> str:
        text = text.encode("utf-8", "replace").decode() if not text.isascii() else text
        return text if self.engine.settings.show_addresses else mask_addresses(text)


def check_problem(problem: object) -> None:
    """Refuse what a rule must not yield.

    Raises:
        TypeError: not a `Problem`, or one whose message, place or data is of no use.
    """
    if not isinstance(problem, Problem):
        raise TypeError(f"it yielded {problem!r:.60}, which is not a Problem")
    if not isinstance(problem.message, str) or not problem.message.strip():
        raise TypeError("it yielded a Problem without a message")
    if problem.at is not None and not isinstance(getattr(problem.at, "span", None), Span):
        raise TypeError(f"it yielded a Problem at {problem.at!r:.60}, which has no place in the campaign")
    if problem.severity not in (None, "error", "warning", "info"):
        raise TypeError(f"it yielded a Problem of severity {problem.severity!r}")
    if problem.data:
        try:
            json.dumps(dict(problem.data))
        except (TypeError, ValueError) as error:
            raise TypeError(f"it yielded a Problem whose data is not JSON ({error})") from None


def clean(evidence: str) -> str:
    """Evidence in one readable piece: cut in the middle when long."""
    if len(evidence) <= EVIDENCE_LENGTH:
        return evidence
    half = EVIDENCE_LENGTH // 2
    return f"{evidence[:half]} … {evidence[-half:]}"


def _suggestion(fix: Fix | None, span: Span | None) -> Suggestion | None:
    if fix is None or span is None or any(edited.part is not span.part for edited, _ in fix.edits):
        return None
    edits = sorted(((edited.start, edited.end, text) for edited, text in fix.edits))
    return Suggestion(edits=tuple(Edit(start=s, end=e, replacement=t) for s, e, t in edits), safe=fix.safe)

