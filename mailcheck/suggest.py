"""'Did you mean …?' for every name a person types."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A tail for an error sentence: `; did you mean 'links/insecure'?`, or nothing when nothing is near."""
    choices = sorted(set(known))
    folded = {choice.casefold(): choice for choice in choices}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if not near:
        tails = {choice.rpartition("/")[2].casefold(): choice for choice in choices if "/" in choice}
        tail = difflib.get_close_matches(name.rpartition("/")[2].casefold(), tails, n=1, cutoff=0.7)
        return f"; did you mean {tails[tail[0]]!r}?" if tail else ""
    return f"; did you mean {folded[near[0]]!r}?"
