"""Implements a hook and forgets to mark it."""


def mailcheck_rules() -> list[object]:
    """Not marked with hookimpl."""
    return []
