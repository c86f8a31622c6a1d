"""The command line: `mailcheck check`, `fix`, `rules`, `explain` and so on.

The modules of this package import only the standard library and click; everything else is imported by
the command that needs it, so that `--version` and `--help` answer at once.
"""

from __future__ import annotations

from mailcheck.cli.entry import main, run

__all__ = ["main", "run"]
