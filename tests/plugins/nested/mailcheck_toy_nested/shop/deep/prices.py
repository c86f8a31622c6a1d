"""Far down."""

from mailcheck import Message, Problem, Problems, rule


@rule()
def far_down(message: Message) -> Problems:
    """Says where it lives."""
    yield Problem("far_down", at=message.html)
