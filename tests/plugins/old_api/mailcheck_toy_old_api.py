"""Speaks an older generation of the API."""

from mailcheck import Message, Problem, Problems, rule


@rule()
def old(message: Message) -> Problems:
    """From before."""
    yield Problem("old", at=message.subject)
