"""`junit`: XML that every CI server shows; one test suite a campaign, one test case a rule.

The file has a failure or an error exactly when the verdict is not `clear`: findings below the threshold
are printed by a passing test case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from msgspec import Struct

from mailcheck.report import RANK, CampaignReport, Finding, Outcome, Report, Severity, plural
from mailcheck.reporters.context import Context
from mailcheck.reporters.entries import gap_message, is_gap
from mailcheck.reporters.places import relative_path
from mailcheck.reporters.text import one_line, xml_text

_WORST = ("error", "warning", "info")


class _Case(Struct, frozen=True):
    """One test case: `tag` is `error`, `failure`, `skipped`, `system-out`, or empty when there is nothing to say."""

    name: str
    tag: str = ""
    message: str = ""
    kind: str = ""
    text: str = ""


def render(report: Report, context: Context) -> str:
    """One suite for the run as a whole when it has something to say, then one a campaign."""
    root = ET.Element("testsuites", {"name": "mailcheck"})
    run = list(_run_cases(report))
    if run:
        root.append(_suite("mailcheck", run))
    for campaign in report.campaigns:
        root.append(_suite(relative_path(campaign.path, context.root), list(_cases(campaign))))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _run_cases(report: Report) -> Iterator[_Case]:
    for rule in dict.fromkeys(fault.rule for fault in report.faults):
        yield _of_findings(rule, [fault for fault in report.faults if fault.rule == rule], report.threshold)
    if not report.campaigns:
        yield _Case("engine/nothing_judged", "error", "No campaign was judged.", "unsure", "No campaign was judged.")


def _cases(campaign: CampaignReport) -> Iterator[_Case]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in campaign.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for outcome in campaign.outcomes:
        yield _case(outcome, by_rule.pop(outcome.rule, []), campaign.threshold)
    for rule, findings in by_rule.items():
        yield _of_findings(rule, findings, campaign.threshold)


def _case(outcome: Outcome, findings: Sequence[Finding], threshold: Severity) -> _Case:
    if is_gap(outcome):
        message = gap_message(outcome)
        kind = "error" if outcome.status == "error" else "skipped"
        return _Case(outcome.rule, "error", message, kind, "\n".join([message, *map(_told, findings)]))
    if findings:
        return _of_findings(outcome.rule, findings, threshold)
    if outcome.status == "skipped":
        return _Case(outcome.rule, "skipped", outcome.reason)
    return _Case(outcome.rule)


def _of_findings(rule: str, findings: Sequence[Finding], threshold: Severity) -> _Case:
    text = "\n".join(map(_told, findings))
    worst = min((finding.severity for finding in findings), key=_WORST.index)
    message = findings[0].message if len(findings) == 1 else plural(len(findings), "finding")
    if any(finding.blocking for finding in findings):
        return _Case(rule, "error", message, "unsure", text)
    if RANK[worst] >= RANK[threshold]:
        return _Case(rule, "failure", message, worst, text)
    return _Case(rule, "system-out", text=text)


def _told(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}" if finding.line else finding.path
    part = f" [{finding.part}]" if finding.part else ""
    evidence = f"\n    {one_line(finding.evidence)}" if finding.evidence.strip() else ""
    return f"{one_line(place)}{part} {finding.severity}: {one_line(finding.message)}{evidence}".lstrip()


def _suite(name: str, cases: Sequence[_Case]) -> ET.Element:
    tags = [case.tag for case in cases]
    suite = ET.Element("testsuite", {"name": xml_text(name), "tests": str(len(cases))})
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(tags.count(tag)))
    for case in cases:
        element = ET.SubElement(suite, "testcase", {"classname": xml_text(name), "name": xml_text(case.name)})
        if case.tag:
            element.append(_result(case))
    return suite


def _result(case: _Case) -> ET.Element:
    element = ET.Element(case.tag)
    if case.message:
        element.set("message", xml_text(one_line(case.message)))
    if case.kind:
        element.set("type", case.kind)
    element.text = xml_text(case.text) or None
    return element
