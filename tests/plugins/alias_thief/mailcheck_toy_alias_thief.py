"""A rule whose earlier name is another's."""

from mailcheck import Message, Problem, Problems, rule


@rule(aliases=("merge_tags/empty_greeting", "copy"))
def thief(message: Message) -> Problems:
    """Answers to names that are not its own."""
    if message.subject is None:
        yield Problem("x")
