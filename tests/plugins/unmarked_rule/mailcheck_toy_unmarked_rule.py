"""A rule that was never marked as one."""

from mailcheck import Message, Problem, Problems, bad


@bad(html="<p>x</p>", at="x")
def forgotten(message: Message) -> Problems:
    """Has an example, but no @rule()."""
    yield Problem("x", at=message.subject)
