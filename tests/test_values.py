"""Values that show only part of themselves."""

from __future__ import annotations

from typing import ClassVar

import pytest
from rich.pretty import pretty_repr

from mailcheck.values import Brief


class Letter(Brief, frozen=True):
    unshown: ClassVar[tuple[str, ...]] = ("body",)

    name: str
    body: str = ""


@pytest.mark.parametrize("show", [repr, pretty_repr, str])
def test_what_is_not_to_be_shown_is_not(show: object) -> None:
    assert callable(show)
    assert show(Letter("a", "kept to itself")) == "Letter(name='a')"


def test_what_is_not_shown_still_counts() -> None:
    assert Letter("a", "one") != Letter("a", "two")
    assert len({Letter("a", "one"), Letter("a", "two"), Letter("a", "one")}) == 2
