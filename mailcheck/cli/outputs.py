"""Where a report goes: `--format NAME[=FILE]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from mailcheck.cli import console

if TYPE_CHECKING:
    from mailcheck.checking import Checker
    from mailcheck.report import Report
    from mailcheck.reporters import Reporter, Sources

FILE_WIDTH = 100


class Output(Struct, frozen=True):
    """One format and its file; `None` for standard output."""

    name: str
    file: Path | None = None


class Look(Struct, frozen=True):
    """How the terminal format is drawn: `--color`, `--quiet`, `--verbose`; `root` is where paths start."""

    color: str = "auto"
    quiet: bool = False
    verbose: bool = False
    root: str = ""


def parse(values: Sequence[str]) -> list[Output]:
    """The outputs that were asked for; the terminal, when nothing else goes to standard output.

    Raises:
        CouldNotStart: two for standard output, or for one file.
    """
    from mailcheck.settings import CouldNotStart

    outputs: list[Output] = []
    for value in values:
        name, equals, file = value.partition("=")
        if equals and not file:
            raise CouldNotStart(f"--format {value}: the name of the file is missing; write {name}=FILE")
        outputs.append(Output(name, Path(file) if file and file != "-" else None))
    spoken = [output.name for output in outputs if output.file is None]
    if len(spoken) > 1:
        advice = f"give one of them a file, such as {spoken[1]}=FILE"
        raise CouldNotStart(f"--format: {spoken[0]} and {spoken[1]} cannot both go to standard output; {advice}")
    files = [os.path.realpath(output.file) for output in outputs if output.file is not None]
    twice = next((file for file in files if files.count(file) > 1), None)
    if twice is not None:
        raise CouldNotStart(f"--format: two formats would be written to {twice}; give each its own file")
    return outputs if spoken else [*outputs, Output("terminal")]


def reporters_of(checker: Checker) -> dict[str, Reporter]:
    """The formats by name: the built-in ones, and those of plug-ins.

    Raises:
        CouldNotStart: a plug-in brings something else, or a name that is taken.
    """
    from mailcheck.reporters import REPORTERS, Reporter
    from mailcheck.settings import CouldNotStart

    known = dict(REPORTERS)
    for one in checker.registry.extensions["reporters"]:
        if not isinstance(one, Reporter):
            raise CouldNotStart(f"a plug-in brings {one!r:.60} as a format, which is not a Reporter; block the plug-in")
        if one.name in known:
            raise CouldNotStart(f"a plug-in brings the format {one.name!r}, which already exists; block the plug-in")
        known[one.name] = one
    return known


def verify(outputs: Iterable[Output], known: Mapping[str, Reporter], inputs: Iterable[str]) -> None:
    """Refuse before anything is judged what could not be delivered afterwards.

    Raises:
        CouldNotStart: an unknown format, or a file that cannot be written or is one of the inputs.
    """
    from mailcheck.settings import CouldNotStart
    from mailcheck.suggest import did_you_mean

    for output in outputs:
        if output.name not in known:
            hint = did_you_mean(output.name, known) or f"; known are {', '.join(known)}"
            raise CouldNotStart(f"--format: there is no format {output.name!r}{hint}")
        if output.file is None:
            continue
        if output.file.is_dir():
            raise CouldNotStart(f"--format: {output.file} is a folder; name a file in it")
        if not output.file.absolute().parent.is_dir():
            raise CouldNotStart(f"--format: the folder of {output.file} does not exist; make it first")
        spare(output, inputs)


def spare(output: Output, inputs: Iterable[str]) -> None:
    """Refuse to write a report over a file that is judged.

    Raises:
        CouldNotStart: it is one of them.
    """
    from mailcheck.settings import CouldNotStart

    if output.file is not None and os.path.realpath(output.file) in {os.path.realpath(path) for path in inputs}:
        raise CouldNotStart(
            f"--format: {output.file} is itself one of the files to be checked; write the report to another file"
        )


class Delivery(Struct, frozen=True):
    """A report, and what it takes to draw and write it.

    Args:
        known: the formats by name.
        sources: the texts that were judged.
    """

    report: Report
    checker: Checker
    known: Mapping[str, Reporter]
    sources: Sources
    look: Look

    def to(self, outputs: Iterable[Output]) -> None:
        """Draw and write every output; one that fails does not keep the others from being written.

        Raises:
            CouldNotWrite: one could not be drawn or written.
        """
        failed: list[str] = []
        for output in outputs:
            if output == Output("terminal") and self.look.quiet and self.report.verdict == "clear":
                continue
            try:
                self._write(output)
            except console.CouldNotWrite as error:
                failed.append(str(error))
        if failed:
            raise console.CouldNotWrite("; ".join(failed))

    def _write(self, output: Output) -> None:
        text = self._draw(output)
        if output.file is None:
            console.out(text, exact=output.name != "terminal")
            return
        from mailcheck import atomic

        try:
            atomic.write(output.file, text.encode("utf-8"))
        except OSError as error:
            raise console.CouldNotWrite(
                f"{output.file} cannot be written ({error.strerror}); check the place"
            ) from None

    def _draw(self, output: Output) -> str:
        from mailcheck.reporters import Context, render

        stream = sys.stdout if output.file is None else None
        context = Context(
            width=FILE_WIDTH if stream is None else console.width_of(stream),
            colour=stream is not None and console.wants_colour(self.look.color, stream),
            sources=self.sources,
            rules={rule.name: rule for rule in self.checker.engine.rules},
            root=self.look.root or str(Path.cwd()),
            verbose=self.look.verbose,
        )
        try:
            with console.aside():
                return render(self.report, output.name, context, self.known)
        except Exception as error:
            raise console.CouldNotWrite(
                f"the format {output.name} failed ({console.described(error)}); use another one, and report this"
            ) from error
