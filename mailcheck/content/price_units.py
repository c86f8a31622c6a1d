"""What a price is for: a month, a kilogram, a person; and words that say nothing between a word and a price.

`data/prices_units.json` holds them for all languages at once, since a slash or `per` goes before.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import NamedTuple


class Units(NamedTuple):
    """Words in lower case.

    Args:
        times: spans of time, `month`.
        measures: what is measured or counted, `kg`, `person`.
        per: words between a price and what it is for, `/`, `pro`.
        counts: words behind a number of pieces, `stk`.
        fillers: words that may stand between a price and the word that says what it is, `only`.
    """

    times: frozenset[str]
    measures: frozenset[str]
    per: frozenset[str]
    counts: frozenset[str]
    fillers: frozenset[str]


@cache
def units() -> Units:
    """The words, read once."""
    text = resources.files("mailcheck.content").joinpath("data/prices_units.json").read_text(encoding="utf-8")
    lists: dict[str, str] = json.loads(text)
    return Units(**{name: frozenset(words.split()) for name, words in lists.items()})
