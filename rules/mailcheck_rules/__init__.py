"""The rules that come with mailcheck: a plug-in like any other, one module a family."""

from __future__ import annotations

from collections.abc import Mapping


def example_facts() -> Mapping[str, object]:
    """What stands in for the web in the examples of the rules that ask it."""
    from mailcheck_rules._online_examples import WEB

    return {"web": WEB}
