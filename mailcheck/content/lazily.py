"""Patterns that are compiled when they are first used.

Reading a mail needs a few of some four hundred patterns; compiling all of them would take longer than checking
a template.
"""

from __future__ import annotations

import re
from typing import cast


class _Lazy:
    """Becomes what it was asked for: a method once used is its own, and as quick as that of the pattern."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags
        self._compiled: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> object:
        # What is set is found before this is asked.
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self.flags)
        found: object = getattr(self._compiled, name)
        setattr(self, name, found)
        return found


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern as `re.compile` makes it, but not before it is needed."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))
