"""A rule that ends the program."""

import sys

from mailcheck import Message, Problem, Problems, rule


@rule()
def leave(message: Message) -> Problems:
    """Ends the program, and says that all is well."""
    sys.exit(0)
    yield Problem("never", at=message.subject)
