"""`sarif`: SARIF 2.1.0, within the limits of GitHub code scanning.

Messages are written as they are. The standard wants literal braces doubled, but neither GitHub nor the
common viewers undo that for a message without arguments, and a doubled brace in a merge tag is itself a
mistake that readers would look for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mailcheck.report import CampaignReport, Outcome, Report, Severity, fingerprints, plural
from mailcheck.reporters.context import Context
from mailcheck.reporters.entries import Entry, entries, gap_message, is_gap, worst_first
from mailcheck.reporters.machine import pretty
from mailcheck.reporters.places import FilePlace, edit_place, file_place, uri
from mailcheck.reporters.text import shortened, valid, visible

RESULTS = 5_000
"""GitHub keeps this many results of a run and drops the others."""
NOTIFICATIONS = 1_000

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}

Json = dict[str, object]


def render(report: Report, context: Context) -> str:
    """One run. At most 5,000 results, the most severe; a notification says how many were left out."""
    rules = {name: index for index, name in enumerate(_rule_names(report))}
    results, left_out = _results(report, context, rules)
    run: Json = {
        "tool": {"driver": _driver(report, context, rules)},
        "invocations": [_invocation(report, rules, left_out)],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder in which mailcheck ran."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return pretty({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule_names(report: Report) -> list[str]:
    names = {entry.finding.rule for entry in entries(report)}
    for campaign in report.campaigns:
        names |= {outcome.rule for outcome in campaign.outcomes}
        names |= {waived.finding.rule for waived in campaign.waived}
    return sorted(set(map(valid, names)))


def _driver(report: Report, context: Context, rules: Mapping[str, int]) -> Json:
    urls = {finding.rule: finding.url for finding in report.findings if finding.url}
    driver: Json = {"name": "mailcheck"}
    if report.mailcheck:
        driver["version"] = report.mailcheck
    driver["rules"] = [_descriptor(name, context, urls.get(name, "")) for name in rules]
    return driver


def _descriptor(name: str, context: Context, url: str) -> Json:
    rule = context.rules.get(name)
    summary = shortened(rule.summary, 1_000) if rule else name
    explanation = visible_lines(rule.explanation) if rule else ""
    level = _LEVEL[rule.severity] if rule else "error"
    descriptor: Json = {
        "id": name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": shortened(explanation, 1_000) if explanation else summary},
        "help": {"text": explanation or summary, "markdown": f"{summary}\n\n{explanation}".strip()},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["email", name.partition("/")[0]], "problem.severity": _PROBLEM[level]},
    }
    if url.startswith(("https://", "http://")) and url.isascii() and url.isprintable() and " " not in url:
        descriptor["helpUri"] = url
    return descriptor


def visible_lines(text: str) -> str:
    """The text with its lines kept and every other unseen character spelled out."""
    return "\n".join(visible(line) for line in text.splitlines())


def _results(report: Report, context: Context, rules: Mapping[str, int]) -> tuple[list[Json], int]:
    waived = [
        (Entry(waived.finding, waived.finding.path or campaign.path, campaign), waived.why)
        for campaign in report.campaigns
        for waived in campaign.waived
    ]
    open_ones = worst_first(entries(report))
    kept, kept_waived = open_ones[:RESULTS], waived[: max(0, RESULTS - len(open_ones))]
    results = [_result(entry, context, rules) for entry in kept]
    if waived:  # once one result tells of suppressions, all have to
        results = [result | {"suppressions": []} for result in results]
    for entry, why in kept_waived:
        suppression = {"kind": "external", "status": "accepted", "justification": why}
        results.append(_result(entry, context, rules) | {"suppressions": [suppression]})
    return results, len(open_ones) + len(waived) - len(results)


def _result(entry: Entry, context: Context, rules: Mapping[str, int]) -> Json:
    finding = entry.finding
    name = finding.fingerprint or next(fingerprints([(finding.rule, finding.part, finding.evidence)]))
    result: Json = {
        "ruleId": valid(finding.rule),
        "ruleIndex": rules[valid(finding.rule)],
        "level": _LEVEL[finding.severity],
        "message": {"text": finding.message or finding.rule},
        "locations": [_location(entry, context)],
        # GitHub tells alerts apart by the first alone.
        "partialFingerprints": {"primaryLocationLineHash": name, "mailcheckFinding/v1": name},
    }
    if fix := _fix(entry, context):
        result["fixes"] = [fix]
    return result


def _location(entry: Entry, context: Context) -> Json:
    place = file_place(entry, context)
    physical: Json = {"artifactLocation": _artifact(place.path), "region": _region(place)}
    if not entry.finding.part:
        return {"physicalLocation": physical}
    return {"physicalLocation": physical, "logicalLocations": [{"name": entry.finding.part}]}


def _artifact(path: str) -> Json:
    reference = uri(path)
    return {"uri": reference} if reference.startswith("file:") else {"uri": reference, "uriBaseId": "%SRCROOT%"}


def _region(place: FilePlace) -> Json:
    if not place.exact:
        return {"startLine": max(place.line, 1)}
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _fix(entry: Entry, context: Context) -> Json | None:
    fix = entry.finding.fix
    if fix is None or not fix.edits:
        return None
    replacements: list[Json] = []
    for edit in fix.edits:
        place = edit_place(entry, edit.start, edit.end, context)
        if place is None:
            return None
        replacements.append({"deletedRegion": _region(place), "insertedContent": {"text": edit.replacement}})
    artifact = _artifact(file_place(entry, context).path)
    return {"artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}]}


def _invocation(report: Report, rules: Mapping[str, int], left_out: int) -> Json:
    notifications = list(_notifications(report, rules))
    cut = len(notifications) - NOTIFICATIONS
    if cut > 0:
        notifications = [
            *notifications[:NOTIFICATIONS],
            _notice(f"{plural(cut, 'more notification')} left out.", "note"),
        ]
    if left_out:
        text = f"{plural(left_out, 'finding')} left out: the file holds the {RESULTS:,} most severe ones."
        notifications.append(_notice(text, "warning"))
    return {
        "executionSuccessful": report.verdict != "unsure",
        "exitCode": int(report.exit_code),
        "exitCodeDescription": report.summary(),
        "toolExecutionNotifications": notifications,
    }


def _notifications(report: Report, rules: Mapping[str, int]) -> Iterator[Json]:
    if not report.campaigns:
        yield _notice("No campaign was judged.", "error")
    for fault in report.faults:
        yield _about(fault.rule, rules, fault.message, _LEVEL[fault.severity])
    for finding in (finding for campaign in report.campaigns for finding in campaign.findings if finding.blocking):
        yield _about(finding.rule, rules, f"{finding.path}: {finding.message}".lstrip(": "), "error")
    for outcome, campaigns in _not_run(report).items():
        where = campaigns[0] if len(campaigns) == 1 else plural(len(campaigns), "campaign")
        message = gap_message(outcome) if is_gap(outcome) else f"The rule was skipped: {outcome.reason}"
        yield _about(outcome.rule, rules, f"{message} ({where})", "error" if is_gap(outcome) else "note")


def _not_run(report: Report) -> dict[Outcome, Sequence[str]]:
    """Errors and required skips first; the same outcome of several campaigns is told once."""
    found: dict[Outcome, list[str]] = {}
    for campaign in report.campaigns:
        for outcome in _stopped(campaign):
            same = outcome.model_copy(update={"findings": 0})
            found.setdefault(same, []).append(campaign.path or "campaign")
    return dict(sorted(found.items(), key=lambda item: not is_gap(item[0])))


def _stopped(campaign: CampaignReport) -> Iterator[Outcome]:
    return (outcome for outcome in campaign.outcomes if outcome.status in ("skipped", "error"))


def _about(rule: str, rules: Mapping[str, int], message: str, level: str) -> Json:
    return _notice(message or rule, level) | {"associatedRule": {"id": valid(rule), "index": rules[valid(rule)]}}


def _notice(message: str, level: str) -> Json:
    return {"level": level, "message": {"text": message}}
