"""`Run`, which lives in `mailcheck.run`; here for those who still look for it in this place."""

from __future__ import annotations

from mailcheck.run import Run

__all__ = ["Run"]
