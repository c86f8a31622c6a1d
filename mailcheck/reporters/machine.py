"""`json` and `jsonl`: the report itself, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from mailcheck.report import CampaignReport, Finding, Report, Waived
from mailcheck.reporters.context import Context
from mailcheck.reporters.text import valid

# Legal in JSON, but Python's `splitlines` and others take them for the end of a line.
_LINE_BREAKS = {0x7F: "\\u007f", 0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def render_json(report: Report, _context: Context) -> str:
    """The whole report as one JSON document, described by the published schema."""
    try:
        return report.model_dump_json(indent=2) + "\n"
    except ValueError:  # a lone surrogate cannot be encoded
        return pretty(report.model_dump(mode="python"))


def render_jsonl(report: Report, _context: Context) -> str:
    """One object a line, told apart by `type`: `finding`, `waived`, `not_run`, and last one `summary`."""
    return "".join(_line(record) for record in _records(report))


def pretty(value: object) -> str:
    """JSON for people to read too, with nothing in it that cannot be encoded."""
    return json.dumps(encodable(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def encodable(value: object) -> object:
    """The value with lone surrogates replaced and figures that JSON has not as null."""
    if isinstance(value, str):
        return valid(value)
    if isinstance(value, Mapping):
        return {valid(str(key)): encodable(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [encodable(item) for item in value]
    if isinstance(value, float) and value - value != 0:
        return None
    return value


def _line(record: Mapping[str, object]) -> str:
    text = json.dumps(encodable(record), ensure_ascii=False, allow_nan=False)
    return text.translate(_LINE_BREAKS) + "\n"


def _records(report: Report) -> Iterator[dict[str, object]]:
    for fault in report.faults:
        yield _finding(fault, None)
    for campaign in report.campaigns:
        yield from (_finding(finding, campaign.path) for finding in campaign.findings)
        yield from (_waived(waived, campaign.path) for waived in campaign.waived)
        yield from _not_run(campaign)
    yield _summary(report)


def _finding(finding: Finding, campaign: str | None) -> dict[str, object]:
    return {"type": "finding", "campaign": campaign, **finding.model_dump(mode="python")}


def _waived(waived: Waived, campaign: str) -> dict[str, object]:
    return {"type": "waived", "campaign": campaign, **waived.model_dump(mode="python")}


def _not_run(campaign: CampaignReport) -> Iterator[dict[str, object]]:
    for outcome in campaign.outcomes:
        if outcome.status in ("skipped", "error"):
            yield {"type": "not_run", "campaign": campaign.path, **outcome.model_dump(mode="python")}


def _summary(report: Report) -> dict[str, object]:
    severities = [finding.severity for finding in report.findings]
    verdicts: list[JsonValue] = [{"path": campaign.path, "verdict": campaign.verdict} for campaign in report.campaigns]
    return {
        "type": "summary",
        "verdict": report.verdict,
        "exit_code": int(report.exit_code),
        "summary": report.summary(),
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "infos": severities.count("info"),
        "waived": sum(len(campaign.waived) for campaign in report.campaigns),
        "campaigns": verdicts,
        "schema_version": report.schema_version,
        "mailcheck": report.mailcheck,
    }
