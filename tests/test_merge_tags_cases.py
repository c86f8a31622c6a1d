"""Merge tags as they are found in mails of all sorts: read for what they are, and judged by what they do."""

from __future__ import annotations

from typing import Any

import pytest

from mailcheck.checking import checker
from mailcheck.report import Finding

_CHECKER = checker({"profile": "template", "select": ["merge_tags", "copy", "links"]})


def told(body: str, *rules: str, dialect: str | None = None, **more: Any) -> list[Finding]:
    given = {"html": body, **({"dialect": dialect} if dialect else {}), **more}
    (campaign,) = _CHECKER.campaigns(given)
    report = _CHECKER.judge(campaign)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return [one for one in report.findings if not rules or one.rule in rules]


def codes(body: str, dialect: str | None) -> list[str]:
    return [str(one.data["code"]) for one in told(body, "merge_tags/broken", dialect=dialect)]


@pytest.mark.parametrize("blanks", [" " * 41, "\t" * 60, " " * 400, "\r\n" + " " * 80])
@pytest.mark.parametrize("block", ["if a", "for a in b", "capture a", 'unless a == "100%"'])
def test_a_statement_may_begin_far_to_the_right_on_a_line_of_its_own(blanks: str, block: str) -> None:
    end = f"end{block.split()[0]}"
    assert not codes(f"<p>{{%\n{blanks}{block}\n%}}x{{%\n{blanks}{end} %}}</p>", "liquid")
    assert codes(f"<p>{{%\n{blanks}{block} %}}x</p>", "liquid") == ["block_open"]
    assert codes(f"<p>x{{%\n{blanks}{end} %}}</p>", "liquid") == ["block_close"]
