"""Works."""

from mailcheck import Message, Problem, Problems, rule


@rule()
def works(message: Message) -> Problems:
    """Says where it lives."""
    yield Problem("works", at=message.html)
