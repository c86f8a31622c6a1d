"""What comes out: findings, the outcome of every rule, and the verdict.

The models here are the public contract: their JSON schema is published in the documentation and carries
a version of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, computed_field

Severity = Literal["error", "warning", "info"]
Verdict = Literal["clear", "held", "unsure"]
Status = Literal["passed", "failed", "skipped", "error"]

SCHEMA_VERSION = 1
RANK: dict[str, int] = {"info": 0, "warning": 1, "error": 2}


class ExitCode(IntEnum):
    """What the command line returns."""

    CLEAR = 0
    HELD = 1
    COULD_NOT_START = 2
    UNSURE = 3
    INTERRUPTED = 130


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Edit(_Frozen):
    """Replace `text[start:end]` of a part by `replacement`; offsets in characters."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    replacement: str


class Suggestion(_Frozen):
    """A fix that a rule proposes for the part of its finding."""

    edits: tuple[Edit, ...]
    safe: bool = Field(default=True, description="`mailcheck fix` applies only safe fixes")


class Finding(_Frozen):
    """One problem, at one place, as a rule saw it and the engine stamped it.

    Lines and columns count from 1 in Unicode code points; `end_column` is the first column behind the
    place. A finding about the campaign as a whole has line 0.
    """

    rule: str = Field(description="family/name; `engine/…` for what the engine itself reports")
    severity: Severity
    message: str
    part: str = Field(default="", description="html, text, subject, preheader, from, reply-to, header:<Name> …")
    path: str = ""
    line: int = Field(default=0, ge=0)
    column: int = Field(default=0, ge=0)
    end_line: int = Field(default=0, ge=0)
    end_column: int = Field(default=0, ge=0)
    evidence: str = Field(default="", description="the text at the place, as written; addresses are masked")
    fingerprint: str = ""
    url: str = ""
    plugin: str = Field(default="", description="distribution and version that brought the rule")
    fix: Suggestion | None = None
    data: dict[str, JsonValue] = Field(default_factory=dict)
    blocking: bool = Field(default=False, description="the judgement is incomplete because of this: verdict unsure")


class Outcome(_Frozen):
    """What became of one rule on one campaign. Every selected rule has one."""

    rule: str
    status: Status
    reason: str = ""
    findings: int = 0
    required: bool = Field(default=False, description="the profile demands that this rule ran")
    plugin: str = ""


class Waived(_Frozen):
    """A finding that somebody accepted, with the reason."""

    finding: Finding
    why: str
    until: str = Field(default="", description="ISO date; empty for a baseline entry")


class CampaignReport(_Frozen):
    """The judgement of one campaign."""

    path: str
    reader: str = ""
    name: str = ""
    family: str = ""
    profile: str
    stage: str
    dialect: str | None = None
    threshold: Severity = "error"
    findings: tuple[Finding, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    waived: tuple[Waived, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def verdict(self) -> Verdict:
        """`unsure` wins over `held`, which wins over `clear`."""
        if any(finding.blocking for finding in self.findings):
            return "unsure"
        if any(o.status == "error" or (o.required and o.status == "skipped") for o in self.outcomes):
            return "unsure"
        if any(RANK[finding.severity] >= RANK[self.threshold] for finding in self.findings):
            return "held"
        return "clear"


class NotClear(Exception):  # noqa: N818 - a verdict, not a mistake
    """Raised by `Report.raise_unless_clear`; `report` holds the whole judgement."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(report.summary())


class Report(_Frozen):
    """The judgement of a run: one or more campaigns, and what concerns the run as a whole."""

    schema_version: int = SCHEMA_VERSION
    mailcheck: str = Field(default="", description="version of mailcheck")
    campaigns: tuple[CampaignReport, ...] = ()
    faults: tuple[Finding, ...] = Field(default=(), description="findings about the run: plug-ins, waivers, settings")
    threshold: Severity = "error"

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the run; a run that judged nothing is `unsure`."""
        verdicts = {campaign.verdict for campaign in self.campaigns}
        if not verdicts or "unsure" in verdicts or any(fault.blocking for fault in self.faults):
            return "unsure"
        if any(RANK[fault.severity] >= RANK[self.threshold] for fault in self.faults):
            return "held"
        return "held" if "held" in verdicts else "clear"

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of the run: those about the run first, then campaign by campaign."""
        return (*self.faults, *(finding for campaign in self.campaigns for finding in campaign.findings))

    @property
    def exit_code(self) -> ExitCode:
        return {"clear": ExitCode.CLEAR, "held": ExitCode.HELD, "unsure": ExitCode.UNSURE}[self.verdict]

    def of(self, rule: str) -> tuple[Finding, ...]:
        """The findings of one rule."""
        return tuple(finding for finding in self.findings if finding.rule == rule)

    def summary(self) -> str:
        """One sentence for people."""
        counts = dict.fromkeys(("error", "warning", "info"), 0)
        for finding in self.findings:
            counts[finding.severity] += 1
        said = ", ".join(plural(number, word) for word, number in counts.items() if number) or "no findings"
        return f"{self.verdict}: {said} in {plural(len(self.campaigns), 'campaign')}"

    def raise_unless_clear(self) -> Report:
        """Return the report when the verdict is `clear`.

        Raises:
            NotClear: the verdict is `held` or `unsure`.
        """
        if self.verdict != "clear":
            raise NotClear(self)
        return self


def plural(number: int, word: str) -> str:
    """`1 error`, `2 errors`, `1,204 errors`; `info` stays as it is."""
    ending = "" if number == 1 or word == "info" else "s"
    return f"{number:,} {word}{ending}"


def fingerprints(keys: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """A stable name for each finding of a campaign, from `(rule, part, evidence)`.

    The n-th identical one is counted, so that a baseline of one does not hide a second. Neither line,
    nor message, nor count enters: moving, rewording and translating leave it as it is.
    """
    seen: dict[tuple[str, str, str], int] = {}
    for rule, part, evidence in keys:
        key = (rule, part, " ".join(evidence.split()))
        seen[key] = seen.get(key, 0) + 1
        digest = hashlib.sha256("\x1f".join((*key, str(seen[key]))).encode("utf-8", "surrogatepass"))
        yield "v1:" + digest.hexdigest()[:24]
