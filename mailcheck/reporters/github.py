"""`github`: workflow commands that GitHub Actions turns into annotations.

Message data has `%`, CR and LF escaped, properties `:` and `,` as well. A step shows ten annotations of a
kind and drops the rest without a word, so the worst come first and the last one says what was left out.
"""

from __future__ import annotations

from mailcheck.report import Report, plural
from mailcheck.reporters.context import Context
from mailcheck.reporters.entries import Entry, entries, worst_first
from mailcheck.reporters.places import file_place
from mailcheck.reporters.text import one_line

SHOWN = 10

_KIND = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, context: Context) -> str:
    """At most ten commands of a kind, the worst first; the last is a notice with the verdict."""
    ordered = worst_first(entries(report))
    of_kind = {kind: [entry for entry in ordered if entry.finding.severity == kind] for kind in _KIND}
    shown = [*of_kind["error"][:SHOWN], *of_kind["warning"][:SHOWN], *of_kind["info"][: SHOWN - 1]]
    lines = [_command(entry, context) for entry in shown]
    return "".join(f"{line}\n" for line in [*lines, _last(report, len(ordered) - len(shown))])


def _last(report: Report, hidden: int) -> str:
    more = f" {plural(hidden, 'more finding')} not shown here; see another format for all." if hidden else ""
    return f"::notice title=mailcheck::{_data(report.summary() + '.' + more)}"


def _command(entry: Entry, context: Context) -> str:
    finding = entry.finding
    place = file_place(entry, context)
    properties = {"file": place.path} if entry.path else {}
    if entry.path and place.line:
        properties |= {"line": str(place.line)}
    if entry.path and place.exact:
        properties |= {"endLine": str(place.end_line), "col": str(place.column), "endColumn": str(place.end_column)}
    properties["title"] = finding.rule
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_KIND[finding.severity]} {told}::{_data(one_line(finding.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")
