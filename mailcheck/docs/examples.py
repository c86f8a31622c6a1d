"""Runs the examples of a rule, so that its page shows what is really reported."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from mailcheck.engine import Engine
from mailcheck.plugins import Registry
from mailcheck.reading import from_mapping
from mailcheck.report import Finding
from mailcheck.rule import Example, Rule
from mailcheck.settings import Settings
from mailcheck.testing import EXAMPLES_DAY, for_examples


class Judged(Struct, frozen=True):
    """An example, the findings of its rule, and why the rule did not look at it, if so."""

    example: Example
    findings: tuple[Finding, ...]
    skipped: str = ""

    @property
    def lines(self) -> list[str]:
        """The findings as the terminal tells them, without the rule."""
        if self.skipped:
            return [f"skipped: {self.skipped}"]
        return [f"{_place(one)}{one.severity}: {one.message}" for one in self.findings]


def _place(finding: Finding) -> str:
    return f"{finding.part}:{finding.line}:{finding.column} " if finding.part else ""


def judged(rule: Rule, registry: Registry) -> list[Judged]:
    """The examples of a rule, in the order in which they stand in the source.

    Raises:
        RuntimeError: the rule failed on one of them.
    """
    return [_judged(rule, example, registry) for example in rule.examples]


def _judged(rule: Rule, example: Example, registry: Registry) -> Judged:
    options = {rule.name: dict(example.options)} if example.options else {}
    settings = Settings.model_validate({"select": (rule.name,), "rules": options, "show_addresses": True})
    engine = replace(Engine.build(for_examples(registry, rule.plugin), settings), now=EXAMPLES_DAY)
    report = engine.judge(from_mapping(example.campaign), "template")
    outcome = next(one for one in report.outcomes if one.rule == rule.name)
    if outcome.status == "error":
        raise RuntimeError(f"{rule.name} failed on an example of its own: {outcome.reason}")
    findings = tuple(finding for finding in report.findings if finding.rule == rule.name)
    return Judged(example, findings, outcome.reason if outcome.status == "skipped" else "")
