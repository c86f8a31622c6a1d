"""Every hook, and all of them return junk."""

from mailcheck import hookimpl
from mailcheck.content.dialects import Dialect
from mailcheck.reading import Reader


@hookimpl
def mailcheck_rules() -> list[object]:
    """No marked function."""
    return [len]


@hookimpl
def mailcheck_facts() -> None:
    """Nothing to go through."""


@hookimpl
def mailcheck_dialects() -> list[object]:
    """A name, a dialect that exists, and one whose pattern is broken."""
    return ["mailchimp", Dialect("mailchimp", "Another"), Dialect("toy", "Toy", patterns=("(",))]


@hookimpl
def mailcheck_readers() -> list[object]:
    """A reader that cannot read."""
    return [Reader("toy", None, None)]  # type: ignore[arg-type]  # junk is the point


@hookimpl
def mailcheck_reporters() -> list[object]:
    """A function."""
    return [print]
