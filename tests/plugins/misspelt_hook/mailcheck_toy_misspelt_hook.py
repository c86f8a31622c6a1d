"""Implements a hook that does not exist."""

from mailcheck import hookimpl


@hookimpl
def mailcheck_rulez() -> list[object]:
    """A slip."""
    return []
