"""Reporters: a report becomes text, nothing else.

A reporter is loaded when it is used. Installed plug-ins add more by returning `Reporter` objects from
the hook `mailcheck_reporters`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import ClassVar, TextIO

from mailcheck.report import Report
from mailcheck.reporters.context import Context, RuleText, Sources, sources_of
from mailcheck.reporters.text import valid
from mailcheck.suggest import did_you_mean
from mailcheck.values import Brief

__all__ = ["REPORTERS", "Context", "Render", "Reporter", "RuleText", "Sources", "render", "sources_of", "wants_colour"]

Render = Callable[[Report, Context], str]


class Reporter(Brief, frozen=True):
    """One output format.

    Args:
        name: what `--format` takes.
        render: makes the text; pure, deterministic, and the result can be encoded as UTF-8.
        extension: of a file with this text, with its dot.
        summary: one line for `--help`.
    """

    unshown: ClassVar[tuple[str, ...]] = ("render",)

    name: str
    render: Render
    extension: str
    summary: str


def _late(module: str, function: str = "render") -> Render:
    def load_and_render(report: Report, context: Context) -> str:
        loaded = importlib.import_module(f"mailcheck.reporters.{module}")
        found: Render = getattr(loaded, function)
        return found(report, context)

    return load_and_render


_BUILT_IN = (
    Reporter("terminal", _late("terminal"), ".txt", "for people: excerpts, fixes and a summary"),
    Reporter("html", _late("page"), ".html", "one page to mail to a colleague, with a preview of the mail"),
    Reporter("json", _late("machine", "render_json"), ".json", "the whole report"),
    Reporter("jsonl", _late("machine", "render_jsonl"), ".jsonl", "one finding a line, the verdict last"),
    Reporter("sarif", _late("sarif"), ".sarif", "SARIF 2.1.0, for code scanning"),
    Reporter("junit", _late("junit"), ".xml", "JUnit XML, for CI servers"),
    Reporter("github", _late("github"), ".txt", "annotations of GitHub Actions"),
    Reporter("gitlab", _late("gitlab"), ".json", "GitLab Code Quality"),
    Reporter("rdjson", _late("rdjson"), ".json", "Reviewdog diagnostics, with suggested changes"),
)

REPORTERS: dict[str, Reporter] = {reporter.name: reporter for reporter in _BUILT_IN}
"""The built-in formats by name."""


def render(
    report: Report, name: str, context: Context | None = None, reporters: Mapping[str, Reporter] = REPORTERS
) -> str:
    """The report in a format.

    Args:
        report: the judgement.
        name: a name of `reporters`.
        context: how to draw it; the defaults when not given.
        reporters: the formats to choose from; the built-in ones when not given.

    Raises:
        ValueError: no such format; the text says which is meant.
    """
    reporter = reporters.get(name)
    if reporter is None:
        known = ", ".join(sorted(reporters))
        raise ValueError(f"There is no format {name!r}{did_you_mean(name, reporters)}; known are {known}.")
    return valid(reporter.render(report, context or Context()))


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the `terminal` format should be coloured on this stream.

    `NO_COLOR` (no-color.org) and `TERM=dumb` switch colour off, `FORCE_COLOR` on; otherwise a terminal has it.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"
