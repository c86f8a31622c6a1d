"""The same family as a built-in one."""

from mailcheck import Message, Problem, Problems, rule


@rule()
def empty_greeting(message: Message) -> Problems:
    """Never finds anything."""
    if message.html is None:
        yield Problem("x")
