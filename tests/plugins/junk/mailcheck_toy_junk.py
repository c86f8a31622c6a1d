"""A rule that yields what is no problem."""

from collections.abc import Iterator

from mailcheck import Message, Problem, rule


@rule()  # type: ignore[type-var]  # junk is the point
def junk(message: Message) -> Iterator[object]:
    """Yields a text."""
    yield Problem("found before the junk", at=message.subject)
    yield "the subject is too long"
