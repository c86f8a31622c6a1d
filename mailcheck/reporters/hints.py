"""A fix, in words."""

from __future__ import annotations

from mailcheck.report import Finding, plural
from mailcheck.reporters.context import Context
from mailcheck.reporters.text import shortened

_LONGEST = 60


def fix_hint(finding: Finding, context: Context) -> str:
    """What the proposed edit does and who has to do it; empty when there is none."""
    if finding.fix is None or not finding.fix.edits:
        return ""
    edit = finding.fix.edits[0]
    part = context.part(finding.path, finding.part)
    old = _quoted(part.text[edit.start : edit.end]) if part else ""
    new = _quoted(edit.replacement)
    if edit.start == edit.end:
        what = f"insert {new}"
    elif not edit.replacement:
        what = f"delete {old or 'it'}"
    else:
        what = f"replace {old} by {new}" if old else f"write {new}"
    more = f" and {plural(len(finding.fix.edits) - 1, 'more edit')}" if len(finding.fix.edits) > 1 else ""
    how = "mailcheck fix does it" if finding.fix.safe else "look at it first"
    return f"{what}{more} ({how})"


def _quoted(text: str) -> str:
    return f'"{shortened(text, _LONGEST)}"'
