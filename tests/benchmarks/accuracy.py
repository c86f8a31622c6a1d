"""What the rules say about a collection of real templates and mails.

    python tests/benchmarks/accuracy.py FOLDER LIST.tsv [--rules GLOB] [--out FINDINGS.tsv] [--sample N]

LIST.tsv has the columns `path` (below FOLDER), `kind` (`template` or `mail`) and `dialect` (an id, `none`, or `-` for
unknown). Templates are judged with their dialect declared, mails as rendered. Prints the number of files and findings
by rule; writes every finding with its surroundings, for reading by hand.
"""

from __future__ import annotations

import argparse
import collections
import csv
import random
import sys
import time
from pathlib import Path

from mailcheck.checking import Checker, checker
from mailcheck.settings import CouldNotStart


def rows(folder: Path, listing: Path) -> list[tuple[Path, str, str]]:
    with listing.open(encoding="utf-8", newline="") as stream:
        return [(folder / row["path"], row["kind"], row["dialect"]) for row in csv.DictReader(stream, delimiter="\t")]


def judge(folder: Path, listing: Path, select: list[str]) -> tuple[list[dict[str, str]], collections.Counter[str]]:
    findings: list[dict[str, str]] = []
    counts: collections.Counter[str] = collections.Counter()
    checkers: dict[tuple[str | None, str], Checker] = {}
    for path, kind, dialect in rows(folder, listing):
        if kind not in ("template", "mail"):
            continue
        declared = None if dialect == "-" or kind == "mail" else dialect
        key = (declared, kind)
        if key not in checkers:
            checkers[key] = checker(
                {"dialect": declared, "profile": "template", "select": select, "max_problems": 5000}
            )
        made = checkers[key]
        try:
            campaigns = list(made.campaigns(path))
        except CouldNotStart:
            counts["unreadable"] += 1
            continue
        for campaign in campaigns:
            counts[f"{kind}s"] += 1
            report = made.judge(campaign)
            counts.update(
                f"rule error {outcome.rule}: {outcome.reason}"
                for outcome in report.outcomes
                if outcome.status == "error"
            )
            part_text = {part.name: part.text for part in campaign.message.parts()}
            for finding in report.findings:
                counts[f"{kind} {finding.rule} {finding.severity}"] += 1
                findings.append(
                    {
                        "rule": finding.rule,
                        "severity": finding.severity,
                        "dialect": dialect,
                        "path": str(path.relative_to(folder)),
                        "part": finding.part,
                        "line": str(finding.line),
                        "evidence": finding.evidence,
                        "message": finding.message,
                        "around": _around(part_text.get(finding.part, ""), finding.line),
                        "code": str(finding.data.get("code", "")),
                    }
                )
    return findings, counts


def _around(text: str, line: int) -> str:
    lines = text.splitlines()
    return " ⏎ ".join(lines[max(0, line - 2) : line + 1])[:400] if line else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("listing", type=Path)
    parser.add_argument("--rules", nargs="*", default=["*"])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    arguments = parser.parse_args()
    started = time.perf_counter()
    findings, counts = judge(arguments.folder, arguments.listing, arguments.rules)
    for name, count in sorted(counts.items()):
        print(f"{count:8,}  {name}")
    print(f"{len(findings):8,}  findings in {time.perf_counter() - started:.1f} s")
    if arguments.out and findings:
        chosen = random.Random(1).sample(findings, min(arguments.sample or len(findings), len(findings)))
        with arguments.out.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(findings[0]), delimiter="\t")
            writer.writeheader()
            writer.writerows(chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
