"""Mistakes in whole campaigns are told, and right ones are left alone."""

from __future__ import annotations

from typing import Any

import pytest

from mailcheck.checking import Checker, checker
from offer_campaigns import CASES

FAMILIES = ["prices", "coupons", "dates", "schedule", "copy"]


@pytest.fixture(scope="module")
def made() -> Checker:
    asked = {"prices/unit_price_missing": {"required": True}}
    return checker({"profile": "template", "select": FAMILIES, "rules": asked})


@pytest.mark.parametrize(
    ("rule", "campaign"), CASES, ids=[f"{n} {rule or 'right'}" for n, (rule, _) in enumerate(CASES)]
)
def test_a_campaign(made: Checker, rule: str, campaign: dict[str, Any]) -> None:
    (one,) = made.campaigns(campaign)
    report = made.judge(one)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    told = {finding.rule for finding in report.findings}
    assert rule in told if rule else not told


def test_there_are_many() -> None:
    assert sum(bool(rule) for rule, _ in CASES) >= 55
    assert sum(not rule for rule, _ in CASES) >= 45
