"""Every hook, and all of them crash."""

import sys
from typing import NoReturn

from mailcheck import hookimpl


@hookimpl
def mailcheck_rules() -> NoReturn:
    """Crashes."""
    raise ValueError("no rules today")


@hookimpl
def mailcheck_facts() -> NoReturn:
    """Leaves."""
    sys.exit(0)


@hookimpl
def mailcheck_dialects() -> NoReturn:
    """Crashes."""
    raise ValueError("no dialects today")


@hookimpl
def mailcheck_readers() -> NoReturn:
    """Crashes."""
    raise ValueError("no readers today")


@hookimpl
def mailcheck_reporters() -> NoReturn:
    """Crashes."""
    raise ValueError("no reporters today")


@hookimpl
def mailcheck_report_done(report: object) -> NoReturn:
    """Leaves."""
    sys.exit(0)
