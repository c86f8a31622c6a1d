"""Every example that a built-in rule carries, and what must hold of all of them."""

from __future__ import annotations

import pytest

import mailcheck_rules
from mailcheck.testing import Case, cases


@pytest.mark.parametrize("case", cases(mailcheck_rules), ids=str)
def test_example(case: Case) -> None:
    case.check()
