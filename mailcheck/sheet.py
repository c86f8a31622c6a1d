"""The judgement of one campaign while it is being made: every rule is run alone and gets an ending."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import cast

from msgspec import Struct, field

from mailcheck.campaign import Campaign, Fault
from mailcheck.crashes import describe, line_of, said, shown
from mailcheck.report import CampaignReport, Outcome, Status, fingerprints
from mailcheck.resolving import Missing, Resolver
from mailcheck.rule import Rule, Skip, Unusable
from mailcheck.settings import REQUIRED_FACTS, Settings
from mailcheck.stamping import Refused, Stamped, Stamper

Prepared = tuple[Rule, dict[str, object]]
"""A rule with its arguments."""

STRAY_EXIT = (
    "Something that an async rule started by itself tried to end the program (SystemExit), "
    "so it is not known what else was not done; look at the async rules of your plug-ins."
)


class Sheet(Struct):
    """One campaign on the desk.

    Args:
        rules: the selected ones; each has an outcome in the report.
        options: a model for every rule that has options.
    """

    campaign: Campaign
    profile: str
    rules: tuple[Rule, ...]
    options: Mapping[str, object]
    settings: Settings
    resolver: Resolver
    stamper: Stamper
    found: dict[str, list[Stamped]] = field(default_factory=dict)
    endings: dict[str, Outcome] = field(default_factory=dict)
    exits: int = 0

    def judge(self) -> CampaignReport:
        """Run every rule; the async ones on a loop of their own.

        Raises:
            RuntimeError: there are async rules with all they need, and this thread already runs an event loop.
        """
        waiting = self._prepare_async()
        if not waiting:
            self._run_sync()
            return self.report()
        # Imported only where an async rule has what it needs: asyncio costs as much as a small mail.
        from mailcheck.bounded import refuse_running_loop, run_bounded

        refuse_running_loop()
        self._run_sync()
        self.exits = run_bounded(self._run_async(waiting))
        return self.report()

    def close(self) -> None:
        """Let go of what facts hold: connections and temporary files. A value with a `close` is closed."""
        for ending in self.resolver.endings.values():
            close = getattr(ending.value, "close", None)
            if callable(close):
                close()

    async def ajudge(self) -> CampaignReport:
        """Run every rule, the async ones on the running loop."""
        waiting = self._prepare_async()
        self._run_sync()
        await self._run_async(waiting)
        return self.report()

    def _run_sync(self) -> None:
        for rule in self.rules:
            if rule.is_async:
                continue
            arguments = self._prepare(rule)
            if arguments is not None:
                self._run(rule, arguments)

    def _prepare_async(self) -> list[Prepared]:
        """The async rules that have everything they need; offline those that go online have ended here."""
        prepared = ((rule, self._prepare(rule)) for rule in self.rules if rule.is_async)
        return [(rule, arguments) for rule, arguments in prepared if arguments is not None]

    async def _run_async(self, waiting: list[Prepared]) -> None:
        if not waiting:
            return
        import asyncio

        tasks = {asyncio.ensure_future(self._arun(rule, arguments)): rule for rule, arguments in waiting}
        limit = self.settings.rule_timeout
        pending = set(tasks)
        try:
            _, pending = await asyncio.wait(tasks, timeout=limit)
        finally:
            for task in pending:
                task.cancel()
        for task in pending:
            self._fail(tasks[task], f"did not end within {limit:g} s (setting rule_timeout)")

    def _prepare(self, rule: Rule) -> dict[str, object] | None:
        """The arguments of a rule, or `None` when it has ended for want of one."""
        try:
            arguments = self.resolver.arguments(rule.needs)
        except Missing as missing:
            ending = missing.ending
            required = bool(ending.missing & set(REQUIRED_FACTS[self.profile]))
            self._end(rule, "error" if ending.failed else "skipped", ending.failed or ending.absent, required=required)
            return None
        try:
            # A copy, so that a rule cannot change what it is given for the next campaign.
            options = {"options": deepcopy(self.options[rule.name])} if rule.options is not None else {}
        except Exception as error:  # noqa: BLE001 - the model is a plug-in's own
            self._ended_by(rule, error, None)
            return None
        return arguments | options

    def _run(self, rule: Rule, arguments: Mapping[str, object]) -> None:
        problems: object = None
        try:
            problems = rule.function(**arguments)
            self._drain(rule, cast("Generator[object, None, object]", problems))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a rule's fault must not end the run
            self._ended_by(rule, error, problems)
        else:
            self._end(rule, "failed" if self.found.get(rule.name) else "passed")

    def _drain(self, rule: Rule, problems: Generator[object, None, object]) -> None:
        while True:
            try:
                problem = next(problems)
            except StopIteration as end:
                if end.value is not None:
                    raise Refused(f"returned {shown(end.value)}; a rule yields its problems") from None
                return
            self._take(rule, problem)

    async def _arun(self, rule: Rule, arguments: Mapping[str, object]) -> None:
        problems: object = None
        try:
            problems = rule.function(**arguments)
            async for problem in cast("AsyncIterator[object]", problems):
                self._take(rule, problem)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a rule's fault must not end the run
            self._ended_by(rule, error, problems)
        else:
            self._end(rule, "failed" if self.found.get(rule.name) else "passed")

    def _take(self, rule: Rule, problem: object) -> None:
        if rule.name in self.endings:
            raise Refused("went on after its time was up")
        collected = self.found.setdefault(rule.name, [])
        limit = self.settings.max_problems
        if len(collected) >= limit:
            raise Refused(f"found more than {limit:,} problems and was stopped (setting max_problems)")
        collected.append(self.stamper.problem(rule, problem))

    def _ended_by(self, rule: Rule, error: BaseException, problems: object) -> None:
        if isinstance(error, Skip):
            status: Status = "failed" if self.found.get(rule.name) else "skipped"
            self._end(rule, status, said(error) or "it does not apply here")
        elif isinstance(error, Unusable):
            # Lists are looked into while rules ask for more, so what fails in a fact may fail here as well.
            self._end(rule, "error", said(error))
        elif isinstance(error, Refused):
            self._fail(rule, said(error), line_of(problems))
        else:
            self._end(rule, "error", f"{rule.name} of {rule.plugin} crashed: {describe(error, rule.function)}")

    def _fail(self, rule: Rule, what: str, line: int = 0) -> None:
        self._end(rule, "error", f"{rule.name} of {rule.plugin} {what} ({rule.file}:{line or rule.line})")

    def _end(self, rule: Rule, status: Status, reason: str = "", *, required: bool = False) -> None:
        if rule.name not in self.endings:
            found = len(self.found.get(rule.name, ()))
            self.endings[rule.name] = _outcome(
                rule.name, status, self.stamper.mask(reason) if reason else "", found, required, rule.plugin
            )

    def report(self) -> CampaignReport:
        """The judgement, every finding with its fingerprint."""
        faults = (*self._stray_exits(), *self.campaign.faults, *self._limits(), *self._missing())
        stamped = [self.stamper.fault(fault) for fault in faults]
        stamped.extend(self._ordered())
        prints = fingerprints(one.identity for one in stamped)
        findings = [
            one.finding.model_copy(update={"fingerprint": print_}) for one, print_ in zip(stamped, prints, strict=True)
        ]
        return CampaignReport(
            path=self.campaign.path,
            reader=self.campaign.reader,
            name=self.campaign.name or self.campaign.id,
            family=self.campaign.family,
            profile=self.profile,
            stage=self.campaign.stage,
            dialect=self.campaign.dialect,
            threshold=self.settings.threshold,
            findings=tuple(findings),
            outcomes=tuple(self._outcomes()),
        )

    def _outcomes(self) -> Iterator[Outcome]:
        for rule in self.rules:
            if rule.name not in self.endings:
                self._fail(rule, "was ended from outside before it was done")
        # Where every rule was skipped, nothing was checked at all.
        nothing = all(ending.status == "skipped" for ending in self.endings.values())
        for rule in self.rules:
            ending = self.endings[rule.name]
            yield ending.model_copy(update={"required": True}) if nothing else ending

    def _ordered(self) -> list[Stamped]:
        """The findings of the rules in the order in which a reader of the mail meets them."""
        order = {part.name: number for number, part in enumerate(self.campaign.message.parts())}
        stamped = [one for rule in self.rules for one in self.found.get(rule.name, ())]
        return sorted(stamped, key=lambda one: (order.get(one.finding.part, -1), one.start, one.finding.rule))

    def _stray_exits(self) -> tuple[Fault, ...]:
        return (Fault("exit", STRAY_EXIT),) if self.exits else ()

    def _limits(self) -> tuple[Fault, ...]:
        """What of the message is too much to be judged; a limit that could not be counted counts as one."""
        if "limits" not in self.resolver.facts:
            return ()
        ending = self.resolver.ending("limits")
        if ending.failed:
            return (Fault("limit", ending.failed),)
        return cast("tuple[Fault, ...]", ending.value or ())

    def _missing(self) -> Iterator[Fault]:
        read = next(iter(self.campaign.message.parts()), None)
        if read is None and any(fault.name == "unreadable" for fault in self.campaign.faults):
            return  # nothing of it was read, and that has been said
        for name in REQUIRED_FACTS[self.profile]:
            ending = self.resolver.ending(name)
            reason = ending.absent or ending.failed
            if reason:
                yield Fault("missing_input", f"The {self.profile} profile needs {name}: {reason}.")


@lru_cache(maxsize=4096)
def _outcome(rule: str, status: Status, reason: str, findings: int, required: bool, plugin: str) -> Outcome:
    """An outcome; over many campaigns most are the same, and are made once."""
    return Outcome(rule=rule, status=status, reason=reason, findings=findings, required=required, plugin=plugin)
