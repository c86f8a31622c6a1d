"""The pages of the documentation that are made from the code: `python -m mailcheck.docs`.

Rules, settings, facts, dialects, commands and the report describe themselves; nothing here says it twice.
"""

from __future__ import annotations

from mailcheck.docs.writing import pages, stale, write

__all__ = ["pages", "stale", "write"]
