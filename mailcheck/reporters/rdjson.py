"""`rdjson`: the Reviewdog Diagnostic Format, for comments on pull requests, with suggested changes.

Its columns count UTF-8 bytes, so they are told only where the text is known.
"""

from __future__ import annotations

from mailcheck.report import Report
from mailcheck.reporters.context import Context
from mailcheck.reporters.entries import Entry, entries
from mailcheck.reporters.machine import pretty
from mailcheck.reporters.places import FilePlace, edit_place, file_place, line_of, line_starts, written_in
from mailcheck.reporters.text import valid

_SEVERITY = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render(report: Report, context: Context) -> str:
    """A `DiagnosticResult`; gaps in the judgement are diagnostics too."""
    listed = entries(report)
    result: dict[str, object] = {
        "source": {"name": "mailcheck"},
        "diagnostics": [_diagnostic(entry, context) for entry in listed],
    }
    if listed:
        result["severity"] = next(
            name for kind, name in _SEVERITY.items() if any(entry.finding.severity == kind for entry in listed)
        )
    return pretty(result)


def _diagnostic(entry: Entry, context: Context) -> dict[str, object]:
    finding = entry.finding
    place = file_place(entry, context)
    location: dict[str, object] = {"path": place.path}
    if place.line:
        location["range"] = _range(place, _text(entry, context))
    code = {"value": finding.rule} | ({"url": finding.url} if finding.url else {})
    diagnostic: dict[str, object] = {
        "message": finding.message,
        "location": location,
        "severity": _SEVERITY[finding.severity],
        "code": code,
    }
    if suggestions := _suggestions(entry, context):
        diagnostic["suggestions"] = suggestions
    return diagnostic


def _suggestions(entry: Entry, context: Context) -> list[dict[str, object]]:
    fix, text = entry.finding.fix, _text(entry, context)
    # Suggestions are accepted one by one, so a fix of several edits could be applied in half.
    if fix is None or text is None or len(fix.edits) != 1:
        return []
    edit = fix.edits[0]
    place = edit_place(entry, edit.start, edit.end, context)
    return [{"range": _range(place, text), "text": edit.replacement}] if place else []


def _text(entry: Entry, context: Context) -> str | None:
    part = context.part(entry.finding.path, entry.finding.part)
    return None if part is None else written_in(part)


def _range(place: FilePlace, text: str | None) -> dict[str, object]:
    if text is None or not place.exact:
        return {"start": {"line": place.line}, "end": {"line": max(place.end_line, place.line)}}
    return {
        "start": {"line": place.line, "column": _byte_column(text, place.line, place.column)},
        "end": {"line": place.end_line, "column": _byte_column(text, place.end_line, place.end_column)},
    }


def _byte_column(text: str, line: int, column: int) -> int:
    if line > len(line_starts(text)):
        return column
    start, _ = line_of(text, line)
    return len(valid(text[start : start + column - 1]).encode("utf-8")) + 1
