"""`gitlab`: a Code Quality report, a JSON array that GitLab shows in merge requests."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from mailcheck.report import Finding, Report
from mailcheck.reporters.context import Context
from mailcheck.reporters.entries import Entry, entries
from mailcheck.reporters.machine import pretty
from mailcheck.reporters.places import FilePlace, file_place

_SEVERITY = {"error": "critical", "warning": "minor", "info": "info"}


def render(report: Report, context: Context) -> str:
    """Every finding and every gap in the judgement; a finding without a line stands in line 1."""
    return pretty(list(_issues(report, context)))


def _issues(report: Report, context: Context) -> Iterator[dict[str, object]]:
    seen: Counter[str] = Counter()
    for entry in entries(report):
        place = file_place(entry, context)
        key = _key(entry, place)
        seen[key] += 1
        yield {
            "description": entry.finding.message,
            "check_name": entry.finding.rule,
            "fingerprint": hashlib.sha256(f"{key}\x1f{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest(),
            "severity": _severity(entry.finding),
            "location": {"path": place.path, "lines": {"begin": max(place.line, 1)}},
        }


def _severity(finding: Finding) -> str:
    return "blocker" if finding.blocking else _SEVERITY[finding.severity]


def _key(entry: Entry, place: FilePlace) -> str:
    # GitLab shows only the first issue of a fingerprint; the path tells apart the same finding in two files.
    finding = entry.finding
    return "\x1f".join((place.path, finding.rule, finding.part, finding.fingerprint or finding.evidence))
