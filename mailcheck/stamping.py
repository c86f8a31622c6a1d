"""Stamping: what a rule yields becomes a finding, or is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import cast

from msgspec import Struct
from msgspec.structs import replace
from pydantic import JsonValue

from mailcheck.campaign import Fault, Part, Span
from mailcheck.crashes import shown
from mailcheck.masking import mask_addresses
from mailcheck.report import Edit, Finding, Severity, Suggestion
from mailcheck.rule import Fix, Problem, Rule
from mailcheck.settings import Settings

EVIDENCE_LENGTH = 160


class Refused(Exception):  # noqa: N818 - an ending, like Absent
    """A rule did what no rule may do; the text goes on after its name: `yielded 'x', which is not a Problem`."""


class Stamped(Struct, frozen=True):
    """A finding that has no fingerprint yet.

    Args:
        finding: the finding.
        start: where in its part it starts; -1 for nowhere.
        identity: what the fingerprint is made of: rule, part, evidence (masked, whatever the settings say).
    """

    finding: Finding
    start: int
    identity: tuple[str, str, str]


class Stamper(Struct, frozen=True):
    """Makes findings about one campaign.

    Args:
        settings: `docs_url`, `show_addresses`.
        severities: what the settings say, by name of rule.
        path: of the campaign, for findings without a place.
    """

    settings: Settings
    severities: Mapping[str, Severity]
    path: str

    def problem(self, rule: Rule, problem: object) -> Stamped:
        """The finding of a problem.

        Raises:
            Refused: it is no problem, or one whose message, place, fix or data is of no use.
        """
        checked, span = _checked(problem)
        severity = self.severities.get(rule.name) or checked.severity or rule.severity
        stamped = self._stamped(rule.name, severity, checked, span, rule.plugin)
        url = f"{self.settings.docs_url.rstrip('/')}/{rule.name}.html" if self.settings.docs_url else ""
        return replace(stamped, finding=stamped.finding.model_copy(update={"url": url}))

    def fault(self, fault: Fault) -> Stamped:
        """The finding of something that could not be read."""
        severity: Severity = "error" if fault.blocking else "warning"
        span = fault.span if _is_place(fault.span) else None
        stamped = self._stamped(f"engine/{fault.name}", severity, Problem(fault.message), span, "mailcheck")
        return replace(stamped, finding=stamped.finding.model_copy(update={"blocking": fault.blocking}))

    def mask(self, text: str) -> str:
        """A text as it may leave mailcheck: valid Unicode, addresses masked."""
        return _valid(text) if self.settings.show_addresses else mask_addresses(_valid(text))

    def _stamped(self, rule: str, severity: Severity, problem: Problem, span: Span | None, plugin: str) -> Stamped:
        where = span.where if span is not None else None
        evidence = problem.evidence if problem.evidence is not None else span.text if span is not None else ""
        finding = Finding(
            rule=rule,
            severity=severity,
            message=self.mask(problem.message),
            part=where.part if where else "",
            path=(where.path if where else "") or self.path,
            line=where.line if where else 0,
            column=where.column if where else 0,
            end_line=where.end_line if where else 0,
            end_column=where.end_column if where else 0,
            evidence=shorten(self.mask(evidence)),
            plugin=plugin,
            fix=_suggestion(problem.fix, span),
            data=cast("dict[str, JsonValue]", self._masked(_json(problem.data))),
        )
        identity = (rule, finding.part, shorten(mask_addresses(_valid(evidence))))
        return Stamped(finding, span.start if span else -1, identity)

    def _masked(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, list):
            return [self._masked(one) for one in value]
        if isinstance(value, dict):
            return {self.mask(key): self._masked(one) for key, one in value.items()}
        return value


def _valid(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def shorten(evidence: str) -> str:
    """Evidence in one readable piece: cut in the middle when long. After masking: half an address is one, too."""
    if len(evidence) <= EVIDENCE_LENGTH:
        return evidence
    half = EVIDENCE_LENGTH // 2
    return f"{evidence[:half]} … {evidence[-half:]}"


def _checked(problem: object) -> tuple[Problem, Span | None]:
    if not isinstance(problem, Problem):
        raise Refused(f"yielded {shown(problem)}, which is not a Problem")
    if not isinstance(problem.message, str) or not problem.message.strip():
        raise Refused("yielded a Problem without a message")
    if problem.severity not in (None, "error", "warning", "info"):
        raise Refused(f"yielded a Problem of severity {shown(problem.severity)}")
    if not isinstance(problem.evidence, str | None):
        raise Refused(f"yielded a Problem whose evidence is {shown(problem.evidence)}, not text")
    if problem.at is None:
        return problem, None
    span = getattr(problem.at, "span", None)
    if not _is_place(span):
        raise Refused(f"yielded a Problem at {shown(problem.at)}, which is no place in the campaign")
    return problem, span


def _is_place(span: object) -> bool:
    if not isinstance(span, Span) or not isinstance(span.part, Part):
        return False
    if not isinstance(span.start, int) or not isinstance(span.end, int):
        return False
    return 0 <= span.start <= span.end <= len(span.part.text)


def _json(data: object) -> JsonValue:
    if not isinstance(data, Mapping):
        raise Refused(f"yielded a Problem whose data is {shown(data)}, not a mapping")
    try:
        copy: JsonValue = json.loads(json.dumps(dict(data), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise Refused(f"yielded a Problem whose data is not JSON ({error})") from None
    return copy


def _suggestion(fix: object, span: Span | None) -> Suggestion | None:
    if fix is None:
        return None
    if not isinstance(fix, Fix) or not all(_is_place(edited) and isinstance(text, str) for edited, text in fix.edits):
        raise Refused(f"yielded a Problem with a fix that cannot be applied: {shown(fix)}")
    if span is None or any(edited.part is not span.part for edited, _ in fix.edits):
        raise Refused("yielded a Problem with a fix in another part than its place")
    edits = sorted((edited.start, edited.end, text) for edited, text in fix.edits)
    if any(before[1] > after[0] for before, after in pairwise(edits)):
        raise Refused("yielded a Problem with a fix whose edits overlap")
    return Suggestion(edits=tuple(Edit(start=s, end=e, replacement=t) for s, e, t in edits), safe=bool(fix.safe))
