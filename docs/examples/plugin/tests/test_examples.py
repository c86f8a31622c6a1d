"""The examples of the rules are their tests. Install the plug-in first: `pip install -e ".[test]"`."""

import pytest

from mailcheck.testing import Case, cases


@pytest.mark.parametrize("case", cases("mailcheck-acme"), ids=str)
def test_example(case: Case) -> None:
    case.check()


def test_a_whole_mail(mailcheck) -> None:
    mail = {"html": "<p>Use code Summer20 today.</p>"}
    options = {"vouchers/unknown": {"codes": ["SPRING20"]}}
    checked = mailcheck.check(mail, profile="template", plugins=["mailcheck-acme"], rules=options)
    checked.must_report("vouchers/unknown", at="Summer20").must_report("vouchers/lower_case", at="Summer20")
