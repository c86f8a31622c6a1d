"""Speaks a newer generation of the API."""

from mailcheck import Message, Problem, Problems, rule


@rule()
def new(message: Message) -> Problems:
    """From later."""
    yield Problem("new", at=message.subject)
