"""Every hook, and all of them work."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from mailcheck import Campaign, Message, Part, Problem, Problems, Report, fact, hookimpl, rule
from mailcheck.content.dialects import Dialect
from mailcheck.reading import Reader, Source
from mailcheck.reporters import Context, Reporter


@hookimpl
def mailcheck_rules() -> Iterable[object]:
    """A generated rule."""

    @rule()
    def generated(toy_weather: str, message: Message) -> Problems:
        """Made by a hook."""
        yield Problem(f"The weather is {toy_weather}.", at=message.html)

    return [generated]


@hookimpl
def mailcheck_facts() -> Iterable[object]:
    """A generated fact."""

    @fact
    def toy_weather(message: Message) -> str:
        """Always fine."""
        return "fine"

    return [toy_weather]


@hookimpl
def mailcheck_dialects() -> Iterable[Dialect]:
    """A dialect of its own."""
    return [Dialect("toy", "Toy", patterns=(r"~[a-z]+~",), fields=("~name~",))]


def _read(source: Source) -> Campaign:
    return Campaign(message=Message(html=Part("html", source.data.decode(), source.path, "html")), path=source.path)


@hookimpl
def mailcheck_readers() -> Iterable[Reader]:
    """A reader for files that end in .toy."""
    return [Reader("toy", lambda path, _head: path.endswith(".toy"), _read, (".toy",))]


def _render(report: Report, _context: Context) -> str:
    return f"toy says {report.verdict}\n"


@hookimpl
def mailcheck_reporters() -> Iterable[Reporter]:
    """A format of its own."""
    return [Reporter("toy", _render, ".txt", "one line")]


@hookimpl
def mailcheck_report_done(report: Report) -> None:
    """Writes the verdict to a file."""
    if "TOY_DONE" in os.environ:
        Path(os.environ["TOY_DONE"]).write_text(report.verdict)
