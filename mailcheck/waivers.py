"""Waivers and the baseline: findings that somebody accepted, and acceptances that have gone stale."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct, field

from mailcheck import atomic
from mailcheck.report import CampaignReport, Finding, Waived
from mailcheck.settings import CouldNotStart, Waiver

BASELINE_VERSION = 1


class Baseline(Struct, frozen=True):
    """Accepted findings by file: fingerprint → rule. Empty when there is no baseline."""

    path: Path | None = None
    entries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Acceptance(Struct):
    """Sorts findings into accepted and open ones, and remembers which acceptance was ever used.

    Args:
        waivers: rules in them by their present names.
        today: the day for which waivers must hold.
        root: folder of the settings file; paths in waivers and baseline start there.
    """

    waivers: Sequence[Waiver]
    baseline: Baseline
    today: date
    root: Path
    used: set[int] = field(default_factory=set)
    matched: set[tuple[str, str]] = field(default_factory=set)
    judged: set[tuple[str, str]] = field(default_factory=set)

    def apply(self, report: CampaignReport) -> CampaignReport:
        """The report with its accepted findings moved to `waived`."""
        path = relative(report.path, self.root)
        ended = [outcome.rule for outcome in report.outcomes if outcome.status in ("passed", "failed")]
        self.judged.update((path, rule) for rule in ended)
        accepted: list[Waived] = []
        still: list[Finding] = []
        for finding in report.findings:
            waived = self._accept(finding, path)
            if waived is None:
                still.append(finding)
            else:
                accepted.append(waived)
        if not accepted:
            return report
        return report.model_copy(update={"findings": tuple(still), "waived": tuple(accepted)})

    def _accept(self, finding: Finding, path: str) -> Waived | None:
        if finding.rule.startswith("engine/"):
            return None
        fitting = [index for index, waiver in enumerate(self.waivers) if matches(waiver, finding, path)]
        self.used.update(fitting)
        for waiver in (self.waivers[index] for index in fitting):
            if waiver.until >= self.today:
                return Waived(finding=finding, why=waiver.why, until=waiver.until.isoformat())
        if finding.fingerprint in self.baseline.entries.get(path, {}):
            self.matched.add((path, finding.fingerprint))
            return Waived(finding=finding, why="in the baseline")
        return None

    def stale(self) -> Iterator[Finding]:
        """What the acceptances themselves are to be blamed for, as far as this run can tell."""
        for index, waiver in enumerate(self.waivers):
            what = f"The waiver of {waiver.rule!r}" + (f" for {waiver.match!r}" if waiver.match else "")
            if index in self.used and waiver.until < self.today:
                message = f"{what} ended on {waiver.until}; mend the mail, or renew the waiver with a new reason."
                yield Finding(rule="engine/waiver_expired", severity="warning", message=message, plugin="mailcheck")
            elif index not in self.used and self._was_judged(waiver):
                message = f"{what} matches nothing any more; delete it from the settings."
                yield Finding(rule="engine/waiver_unused", severity="warning", message=message, plugin="mailcheck")
        for path, entries in self.baseline.entries.items():
            looked_for = [one for one, rule in entries.items() if (path, rule) in self.judged]
            gone = [one for one in looked_for if (path, one) not in self.matched]
            if gone:
                message = (
                    f"{len(gone)} of the {len(entries)} baseline entries of this file match nothing any more; "
                    "run `mailcheck baseline`."
                )
                yield Finding(
                    rule="engine/baseline_stale", severity="info", message=message, path=path, plugin="mailcheck"
                )

    def _was_judged(self, waiver: Waiver) -> bool:
        """Whether a rule that the waiver means was run to its end on a file that it means."""
        return any(
            name_matches(waiver.rule, rule) and (not waiver.path or fnmatchcase(path, waiver.path))
            for path, rule in self.judged
        )


def name_matches(pattern: str, rule: str) -> bool:
    """Whether a rule is meant by its name, its family or a glob."""
    return pattern in (rule, rule.partition("/")[0]) or fnmatchcase(rule, pattern)


def matches(waiver: Waiver, finding: Finding, path: str) -> bool:
    """Whether a waiver is about this finding, be it expired or not."""
    if not name_matches(waiver.rule, finding.rule):
        return False
    if waiver.path and not fnmatchcase(path, waiver.path):
        return False
    return not waiver.match or waiver.match in finding.evidence or waiver.match in finding.message


def relative(path: str, root: Path) -> str:
    """The path as settings name it: from the root, with forward slashes; empty for a campaign without one."""
    if not path:
        return ""
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):  # a link that leads to itself is a RuntimeError before 3.13
        return path.replace("\\", "/")


def read_baseline(path: Path) -> Baseline:
    """Read a baseline file.

    Raises:
        CouldNotStart: missing or broken; a baseline that cannot be read hides nothing and accepts nothing.
    """
    again = "make it anew with `mailcheck baseline`"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version, files = document["version"], document["findings"]
        if version != BASELINE_VERSION:
            raise CouldNotStart(f"{path}: baseline version {version} is not known to this mailcheck; {again}")
        entries = {
            str(name): {str(entry["fingerprint"]): str(entry["rule"]) for entry in listed}
            for name, listed in files.items()
        }
    except FileNotFoundError:
        raise CouldNotStart(f"{path}: the baseline does not exist; make it with `mailcheck baseline`") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CouldNotStart(f"{path}: not a baseline of mailcheck ({error}); {again}") from None
    return Baseline(path, entries)


def write_baseline(path: Path, reports: Iterable[CampaignReport], root: Path) -> int:
    """Write the open findings of a run as accepted; the number of findings written.

    Entries of other files that still exist, and of rules that did not run, stay as they were; a file that was no
    baseline is written anew.
    """
    judged = {relative(report.path, root): report for report in reports}
    before = _old_entries(path)
    findings = {name: old for name, old in before.items() if name not in judged and (root / name).exists()}
    written = 0
    for name, report in judged.items():
        listed = [
            {"fingerprint": finding.fingerprint, "rule": finding.rule, "evidence": finding.evidence}
            for finding in (*report.findings, *(w.finding for w in report.waived if not w.until))
            if not finding.rule.startswith("engine/")
        ]
        written += len(listed)
        ran = {outcome.rule for outcome in report.outcomes if outcome.status in ("passed", "failed")}
        listed += [entry for entry in before.get(name, ()) if entry["rule"] not in ran and entry not in listed]
        if listed:
            findings[name] = sorted(listed, key=lambda entry: (entry["rule"], entry["fingerprint"]))
    document = {"version": BASELINE_VERSION, "findings": dict(sorted(findings.items()))}
    atomic.write(path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
    return written


def _old_entries(path: Path) -> dict[str, list[dict[str, str]]]:
    """The entries of a baseline, or none when there is none that can be read."""
    try:
        read_baseline(path)
        findings: dict[str, list[dict[str, str]]] = json.loads(path.read_text(encoding="utf-8"))["findings"]
    except (OSError, CouldNotStart):
        return {}
    return findings
