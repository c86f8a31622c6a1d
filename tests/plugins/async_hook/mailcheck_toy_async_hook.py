"""Implements a hook that would have to be awaited."""

from mailcheck import hookimpl


@hookimpl
async def mailcheck_rules() -> list[object]:
    """Async."""
    return []
