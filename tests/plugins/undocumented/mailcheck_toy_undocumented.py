"""A rule without a docstring."""

from mailcheck import Message, Problem, Problems, rule


@rule()
def silent(message: Message) -> Problems:
    yield Problem("x", at=message.subject)
