"""`terminal`: for people: every finding with its line, then a summary that names what was not judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mailcheck.report import RANK, CampaignReport, Finding, Report, Verdict, plural
from mailcheck.reporters.context import Context
from mailcheck.reporters.entries import is_gap
from mailcheck.reporters.excerpt import draw, excerpt, gutter_width, last_line_of
from mailcheck.reporters.hints import fix_hint
from mailcheck.reporters.lines import Line, wrap, write
from mailcheck.reporters.places import relative_path, spot
from mailcheck.reporters.text import one_line, shortened

_FILE_PARTS = ("", "html", "mjml", "amp", "text")
_NAMED = 8

_MEANING: dict[Verdict, str] = {
    "clear": "every required rule ran and found nothing to hold the campaign for",
    "held": "do not send before this is mended",
    "unsure": "do not send; something could not be judged",
}


def render(report: Report, context: Context) -> str:
    """Findings of the run, then campaign by campaign and file by file, then the summary."""
    lines = [*_findings(report, context), *_summary(report, context)]
    wrapped = (piece for line, indent in lines for piece in wrap(line, context.width if indent >= 0 else 0, indent))
    return write(wrapped, colour=context.colour)


Laid = tuple[Line, int]
"""A line and the indent of its continuation, or `_WHOLE` when it must not be broken."""
_WHOLE = -1


def _findings(report: Report, context: Context) -> Iterator[Laid]:
    for fault in report.faults:
        yield from _finding(fault, "", context)
    for campaign in report.campaigns:
        if campaign.findings or context.verbose:
            yield from _header(campaign, context)
        for finding in _by_file(campaign.findings):
            yield from _finding(finding, campaign.reader, context)


def _header(campaign: CampaignReport, context: Context) -> Iterator[Laid]:
    path = one_line(relative_path(campaign.path, context.root))
    about = [f"profile {campaign.profile}", f"stage {campaign.stage}"]
    if campaign.dialect:
        about.append(f"dialect {campaign.dialect}")
    name = f" {one_line(campaign.name)}" if campaign.name else ""
    told = one_line(", ".join(about))
    yield [(path, "strong"), (f"{name}: ", ""), (campaign.verdict, campaign.verdict), (f" ({told})", "quiet")], 4
    yield [], 0


def _by_file(findings: Sequence[Finding]) -> list[Finding]:
    order = {path: index for index, path in enumerate(dict.fromkeys(finding.path for finding in findings))}
    return sorted(findings, key=lambda f: (order[f.path], f.line, f.column, -RANK[f.severity]))


def _finding(finding: Finding, reader: str, context: Context) -> Iterator[Laid]:
    path = one_line(relative_path(finding.path, context.root)) if finding.path else "mailcheck"
    place = f"{path}:{finding.line}:{finding.column}" if finding.line else path
    named = finding.part not in _FILE_PARTS or (reader == "eml" and finding.part)
    yield (
        [
            (place, "path"),
            (" ", ""),
            (finding.severity, finding.severity),
            (" ", ""),
            (one_line(finding.rule), "rule"),
            (f" [{one_line(finding.part)}]" if named else "", "quiet"),
            (" " + one_line(finding.message), ""),
        ],
        4,
    )
    yield from ((line, _WHOLE) for line in _excerpt(finding, context))
    if hint := fix_hint(finding, context):
        yield [("      fix: ", "fix"), (hint, "")], 11
    yield [], 0


def _excerpt(finding: Finding, context: Context) -> Iterator[Line]:
    part = context.part(finding.path, finding.part)
    place = spot(finding, part) if part else None
    if place is None:
        yield from _evidence(finding, context)
        return
    room = max((context.width or 100) - gutter_width(finding.line), 10)
    ellipsis = "…" if context.colour else "..."
    shown = excerpt(place, finding.line, last_line_of(place, finding.line), room, ellipsis)
    yield from draw(shown, finding.severity, "│" if context.colour else "|")


def _evidence(finding: Finding, context: Context) -> Iterator[Line]:
    if finding.evidence.strip():
        yield [("      ", ""), (shortened(finding.evidence, max((context.width or 100) - 6, 10)), "quiet")]


def _summary(report: Report, context: Context) -> Iterator[Laid]:
    yield [(report.verdict, report.verdict), (report.summary().removeprefix(report.verdict), "strong")], 2
    yield [("  " + _MEANING[report.verdict], "")], 2
    if len(report.campaigns) > 1:
        verdicts = Counter(campaign.verdict for campaign in report.campaigns)
        told = ", ".join(f"{verdicts[verdict]:,} {verdict}" for verdict in _MEANING if verdicts[verdict])
        yield [(f"  campaigns: {told}", "")], 4
    if not report.campaigns:
        yield [("  nothing was judged", "unsure")], 4
    yield from _not_run(report, context, gaps=True)
    yield from _not_run(report, context, gaps=False)
    yield from _counts(report)


def _not_run(report: Report, context: Context, *, gaps: bool) -> Iterator[Laid]:
    """Rules that did not run, by reason; those whose absence makes the verdict unsure, or the others."""
    reasons: dict[tuple[str, str], Counter[str]] = {}
    for campaign in report.campaigns:
        for outcome in campaign.outcomes:
            if outcome.status in ("error", "skipped") and is_gap(outcome) == gaps:
                word = "could not run" if outcome.status == "error" else "required, but skipped" if gaps else "skipped"
                reasons.setdefault((word, outcome.reason), Counter())[outcome.rule] += 1
    style = "unsure" if gaps else "quiet"
    for (word, reason), rules in sorted(reasons.items()):
        told = one_line(reason) or "no reason was given"
        yield [(f"  {word}: ", style), (f"{_rules(rules, context)}: {told}", "" if gaps else "quiet")], 4


def _rules(rules: Counter[str], context: Context) -> str:
    names = sorted(rules)
    shown = names if context.verbose else names[:_NAMED]
    told = ", ".join(one_line(name) + (f" ({rules[name]:,} times)" if rules[name] > 1 else "") for name in shown)
    return told + (f" and {plural(len(names) - len(shown), 'more rule')}" if len(shown) < len(names) else "")


def _counts(report: Report) -> Iterator[Laid]:
    statuses: Counter[str] = Counter(outcome.status for campaign in report.campaigns for outcome in campaign.outcomes)
    waived = sum(len(campaign.waived) for campaign in report.campaigns)
    told = ", ".join(
        f"{statuses[status]:,} {word}"
        for status, word in (("passed", "passed"), ("failed", "failed"), ("skipped", "skipped"), ("error", "in error"))
        if statuses[status]
    )
    if told:
        yield [(f"  rules: {told}", "quiet")], 4
    if waived:
        yield [(f"  waived: {plural(waived, 'finding')}", "quiet")], 4
