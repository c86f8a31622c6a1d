"""Waivers and the baseline: findings that somebody accepted, and acceptances that have gone stale."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from mailcheck.report import CampaignReport, Finding, Waived
from mailcheck.settings import CouldNotStart, Waiver

BASELINE_VERSION = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """Fingerprints of accepted findings, by file. Empty when there is no baseline."""

    path: Path | None = None
    entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Acceptance:
    """Sorts findings into accepted and open ones, and remembers which acceptance was ever used."""

    waivers: Sequence[Waiver]
    baseline: Baseline
    today: date
    root: Path
    used: set[int] = field(default_factory=set)
    matched: set[tuple[str, str]] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)

    def apply(self, report: CampaignReport) -> CampaignReport:
        """The report with its accepted findings moved to `waived`."""
        path = relative(report.path, self.root)
        self.paths.add(path)
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
        for index, waiver in enumerate(self.waivers):
            if matches(waiver, finding, path):
                self.used.add(index)
                if waiver.until >= self.today:
                    return Waived(finding=finding, why=waiver.why, until=waiver.until.isoformat())
        if finding.fingerprint in self.baseline.entries.get(path, ()):
            self.matched.add((path, finding.fingerprint))
            return Waived(finding=finding, why="in the baseline")
        return None

    def stale(self, selected: Iterable[str]) -> Iterator[Finding]:
        """What the acceptances themselves are to be blamed for."""
        rules = set(selected)
        for index, waiver in enumerate(self.waivers):
            concerned = any(name_matches(waiver.rule, rule) for rule in rules)
            looked = not waiver.path or any(fnmatchcase(path, waiver.path) for path in self.paths)
            what = f"The waiver of {waiver.rule!r}" + (f" for {waiver.match!r}" if waiver.match else "")
            if index in self.used and waiver.until < self.today:
                message = f"{what} ended on {waiver.until}; mend the mail, or renew the waiver with a new reason."
                yield Finding(rule="engine/waiver_expired", severity="warning", message=message)
            elif index not in self.used and concerned and looked:
                message = f"{what} matches nothing any more; delete it from the settings."
                yield Finding(rule="engine/waiver_unused", severity="warning", message=message)
        for path, prints in self.baseline.entries.items():
            gone = [one for one in prints if (path, one) not in self.matched]
            if path in self.paths and gone:
                message = f"{len(gone)} of the {len(prints)} baseline entries of this file match nothing any more; run `mailcheck baseline`."
                yield Finding(rule="engine/baseline_stale", severity="info", message=message, path=path)


def name_matches(pattern: str, rule: str) -> bool:
    """Whether a rule is meant by its name, its family or a glob."""
    return pattern in (rule, rule.partition("/")[0]) or fnmatchcase(rule, pattern)


def matches(waiver: Waiver, finding: Finding, path: str) -> bool:
    if not name_matches(waiver.rule, finding.rule):
        return False
    if waiver.path and not fnmatchcase(path, waiver.path):
        return False
    return not waiver.match or waiver.match in finding.evidence or waiver.match in finding.message


def relative(path: str, root: Path) -> str:
    """The path as settings name it: from the root, with forward slashes."""
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError):
        return path.replace("\\", "/")


def read_baseline(path: Path) -> Baseline:
    """Read a baseline file.

    Raises:
        CouldNotStart: missing or broken; a baseline that cannot be read hides nothing and accepts nothing.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version, entries = document["version"], document["findings"]
        prints = {str(name): tuple(str(entry["fingerprint"]) for entry in listed) for name, listed in entries.items()}
    except FileNotFoundError:
        raise CouldNotStart(f"{path}: the baseline does not exist; make it with `mailcheck baseline`") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CouldNotStart(f"{path}: not a baseline of mailcheck ({error}); make it anew with `mailcheck baseline`") from None
    if version != BASELINE_VERSION:
        raise CouldNotStart(f"{path}: baseline version {version} is not known to this mailcheck; make it anew with `mailcheck baseline`")
    return Baseline(path, prints)


def write_baseline(path: Path, reports: Iterable[CampaignReport], root: Path) -> int:
    """Write the open findings of a run as accepted; the number of findings written."""
    findings: dict[str, list[dict[str, str]]] = {}
    for report in reports:
        listed = [
            {"fingerprint": finding.fingerprint, "rule": finding.rule, "evidence": finding.evidence}
            for finding in (*report.findings, *(w.finding for w in report.waived if not w.until))
            if not finding.rule.startswith("engine/")
        ]
        if listed:
            findings[relative(report.path, root)] = sorted(listed, key=lambda entry: (entry["rule"], entry["fingerprint"]))
    document = {"version": BASELINE_VERSION, "findings": dict(sorted(findings.items()))}
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(path)
    return sum(len(listed) for listed in findings.values())
