"""Patterns that are compiled when they are first used.

Reading a mail needs a few of some four hundred patterns; compiling all of them would take longer than checking
a template.
"""

from __future__ import annotations

import re
from typing import cast


class _Lazy:
    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> object:
        # Only asked for what the instance does not hold yet, so that the second search costs what a plain one does.
        if name == "compiled":
            found: object = re.compile(self.pattern, self.flags)
        else:
            found = getattr(self.compiled, name)
        self.__dict__[name] = found
        return found


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern as `re.compile` makes it, but not before it is needed."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))
