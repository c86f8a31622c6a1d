"""A rule that crashes after its first problem."""

from mailcheck import Message, Problem, Problems, rule


@rule()
def crash(message: Message) -> Problems:
    """Crashes."""
    yield Problem("found before the crash", at=message.subject)
    raise KeyError("colour")
