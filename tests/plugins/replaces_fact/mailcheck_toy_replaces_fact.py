"""A fact that mailcheck has already."""

from mailcheck import Message, Part, fact


@fact
def subject(message: Message) -> Part:
    """Another subject."""
    return Part("subject", "All is well")
