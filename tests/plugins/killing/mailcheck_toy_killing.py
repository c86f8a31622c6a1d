"""A rule that ends the process without a word."""

import os

from mailcheck import Message, Problem, Problems, rule


@rule()
def kill(message: Message) -> Problems:
    """Ends the process, and says that all is well."""
    os._exit(0)
    yield Problem("never", at=message.subject)
