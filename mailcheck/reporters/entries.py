"""Everything of a report that a machine has to be told, as one flat list.

A rule that could not run is no finding, but a format that carries only findings would then show an unsure
run as a clean one. So every gap in the judgement becomes an entry too: nothing but a clear report is free
of errors and of findings at its threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from mailcheck.report import RANK, CampaignReport, Finding, Outcome, Report


class Entry(Struct, frozen=True):
    """A finding, the campaign it belongs to (none: the run), and the path under which it is told."""

    finding: Finding
    path: str
    campaign: CampaignReport | None = None

    @property
    def reader(self) -> str:
        return self.campaign.reader if self.campaign else ""


def entries(report: Report) -> tuple[Entry, ...]:
    """All findings of the run and all gaps in its judgement, those of the run first."""
    return tuple(_entries(report))


def _entries(report: Report) -> Iterator[Entry]:
    fallback = next((campaign.path for campaign in report.campaigns if campaign.path), "")
    for fault in report.faults:
        yield Entry(fault, fault.path or fallback)
    if not report.campaigns:
        yield Entry(_gap("engine/nothing_judged", "No campaign was judged, so nothing is known to be right.", ""), "")
    for campaign in report.campaigns:
        for finding in (*campaign.findings, *gaps(campaign)):
            yield Entry(finding, finding.path or campaign.path, campaign)


def gaps(campaign: CampaignReport) -> tuple[Finding, ...]:
    """A blocking finding for every rule whose not having run makes the campaign unsure."""
    told = {finding.rule for finding in campaign.findings if finding.blocking}
    return tuple(
        _gap(outcome.rule, gap_message(outcome), campaign.path)
        for outcome in campaign.outcomes
        if is_gap(outcome) and outcome.rule not in told
    )


def is_gap(outcome: Outcome) -> bool:
    """Whether this outcome leaves the judgement incomplete."""
    return outcome.status == "error" or (outcome.required and outcome.status == "skipped")


def gap_message(outcome: Outcome) -> str:
    """Why the judgement is incomplete, in one sentence."""
    if outcome.status == "error":
        return f"The rule could not run: {outcome.reason or 'no reason was given'}"
    return f"The rule is required and was skipped: {outcome.reason or 'no reason was given'}"


def _gap(rule: str, message: str, path: str) -> Finding:
    return Finding(rule=rule, severity="error", message=message, path=path, blocking=True)


def worst_first(items: Iterable[Entry]) -> list[Entry]:
    """Blocking ones, then by severity, otherwise in the order of the report."""
    return sorted(items, key=lambda entry: (not entry.finding.blocking, -RANK[entry.finding.severity]))
