"""mailcheck stops a wrong e-mail campaign before it is sent.

    import mailcheck

    report = mailcheck.check("campaigns/spring")
    report.raise_unless_clear()

Everything public is here; names are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

# Eager, and light: the function `rule` must win over the module of that name.
from mailcheck.rule import Absent, AsyncProblems, Fix, Problem, Problems, bad, fact, good, rule, skip

__version__ = "0.1.0"

_HOMES = {
    "Campaign": "mailcheck.campaign",
    "CampaignReport": "mailcheck.report",
    "CouldNotStart": "mailcheck.settings",
    "Finding": "mailcheck.report",
    "Message": "mailcheck.campaign",
    "NotClear": "mailcheck.report",
    "Outcome": "mailcheck.report",
    "Part": "mailcheck.campaign",
    "Report": "mailcheck.report",
    "Settings": "mailcheck.settings",
    "Span": "mailcheck.campaign",
    "acheck": "mailcheck.checking",
    "check": "mailcheck.checking",
    "hookimpl": "mailcheck.plugins",
}

__all__ = [
    "Absent",
    "AsyncProblems",
    "Campaign",
    "CampaignReport",
    "CouldNotStart",
    "Finding",
    "Fix",
    "Message",
    "NotClear",
    "Outcome",
    "Part",
    "Problem",
    "Problems",
    "Report",
    "Settings",
    "Span",
    "__version__",
    "acheck",
    "bad",
    "check",
    "fact",
    "good",
    "hookimpl",
    "rule",
    "skip",
]

if TYPE_CHECKING:
    from mailcheck.campaign import Campaign, Message, Part, Span
    from mailcheck.checking import acheck, check
    from mailcheck.plugins import hookimpl
    from mailcheck.report import CampaignReport, Finding, NotClear, Outcome, Report
    from mailcheck.settings import CouldNotStart, Settings


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'mailcheck' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
