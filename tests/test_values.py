"""Values that show only part of themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import ClassVar

import pytest
from rich.pretty import pretty_repr

import mailcheck
from mailcheck.values import Brief


class Letter(Brief, frozen=True):
    unshown: ClassVar[tuple[str, ...]] = ("body",)

    name: str
    body: str = ""


@pytest.mark.parametrize("show", [repr, pretty_repr, str])
def test_what_is_not_to_be_shown_is_not(show: Callable[[object], str]) -> None:
    assert show(Letter("a", "kept to itself")) == "Letter(name='a')"


def test_what_is_not_shown_still_counts() -> None:
    assert Letter("a", "one") != Letter("a", "two")
    assert len({Letter("a", "one"), Letter("a", "two"), Letter("a", "one")}) == 2


def test_whatever_is_left_out_is_a_field() -> None:
    """A name with a slip in it would leave nothing out."""
    folder = Path(mailcheck.__file__).parent
    paths = [path for path in folder.rglob("*.py") if "(Brief" in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(folder.parent).with_suffix("").parts) for path in paths]
    modules = [import_module(name.removesuffix(".__init__")) for name in names]
    found = {one for module in modules for _, one in inspect.getmembers(module, inspect.isclass)}
    brief = [one for one in found if issubclass(one, Brief) and one is not Brief]
    assert len(brief) >= len(paths) > 15
    assert not [one for one in brief if not one.unshown or not set(one.unshown) <= set(one.__struct_fields__)]
