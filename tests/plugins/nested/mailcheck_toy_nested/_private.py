"""Looked into only where it is imported."""

from mailcheck import Message, Problem, Problems, rule


@rule()
def hidden(message: Message) -> Problems:
    """Says where it lives."""
    yield Problem("hidden", at=message.html)
