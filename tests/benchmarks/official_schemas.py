"""Validates what the reporters write against the published schemas of the formats.

Those schemas are not part of this repository. Get them from their projects and name the files:

    python tests/benchmarks/official_schemas.py \
        --sarif sarif-schema-2.1.0.json --rdjson DiagnosticResult.json --gitlab codeclimate.json --junit junit-10.xsd

Ends with 1 when an output does not fit.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from jsonschema import Draft4Validator
from lxml import etree

from mailcheck.campaign import Part
from mailcheck.report import CampaignReport, Edit, Finding, Outcome, Report, Suggestion, Waived
from mailcheck.reporters import Context, render

TEXT = '<p>Dear <FirstName>, “早春”\t😀</p>\r\n<a href="http://shop.example/">Shop</a>\n'


def reports() -> dict[str, Report]:
    """A report with everything in it, a clear one, and one that judged nothing."""
    fix = Suggestion(edits=(Edit(start=TEXT.index("http"), end=TEXT.index("http") + 4, replacement="https"),))
    html = Part("html", TEXT, "a b/ü%.html", "html")
    findings = tuple(
        Finding(
            rule=f"family/{severity}",
            severity=severity,
            message=f"Line one\nline two: {{{{tag}}}} [link](1) \x1b \ud800 100%, {severity}",
            part="html",
            path=html.path,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            fix=fix if severity == "warning" else None,
            blocking=severity == "error",
        )
        for severity in ("error", "warning", "info")
        for line, column, end_line, end_column in ((0, 0, 0, 0), (1, 9, 1, 20), (1, 30, 2, 4))
    )
    outcomes = tuple(
        Outcome(rule=f"family/{status}", status=status, reason="because <&>", required=required)
        for status in ("passed", "failed", "skipped", "error")
        for required in (False, True)
    )
    waived = (Waived(finding=findings[4], why="agreed", until="2030-01-01"),)
    full = CampaignReport(
        path=html.path, profile="send", stage="rendered", findings=findings, outcomes=outcomes, waived=waived
    )
    clear = CampaignReport(path="clear.html", profile="template", stage="template", outcomes=outcomes[:1])
    return {
        "full": Report(mailcheck="1.0", campaigns=(full, clear), faults=findings[:1]),
        "clear": Report(campaigns=(clear,)),
        "nothing": Report(),
    }


def json_check(schema: Path, *, each: bool) -> Callable[[str], list[str]]:
    """A check of a text against a JSON schema; `each`: of every item of its array."""
    validator = Draft4Validator(json.loads(schema.read_text("utf-8")))

    def check(text: str) -> list[str]:
        document = json.loads(text)
        return [error.message for item in (document if each else [document]) for error in validator.iter_errors(item)]

    return check


def xml_check(schema: Path) -> Callable[[str], list[str]]:
    """A check of a text against an XML schema."""
    validator = etree.XMLSchema(etree.parse(schema))

    def check(text: str) -> list[str]:
        return [] if validator.validate(etree.fromstring(text.encode())) else [str(validator.error_log)]

    return check


def main() -> int:
    """Check every report in every format for which a schema was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("sarif", "rdjson", "gitlab", "junit"):
        parser.add_argument(f"--{name}", type=Path, metavar="SCHEMA")
    named = {name: path for name, path in vars(parser.parse_args()).items() if path}
    if not named:
        parser.error("name at least one schema")
    failed = False
    for name, path in named.items():
        check = xml_check(path) if name == "junit" else json_check(path, each=name == "gitlab")
        for title, report in reports().items():
            context = Context(sources={("a b/ü%.html", "html"): Part("html", TEXT, "a b/ü%.html", "html")})
            errors = check(render(report, name, context))
            failed = failed or bool(errors)
            print(f"{name:7} {title:8} {'ok' if not errors else errors[0]}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
