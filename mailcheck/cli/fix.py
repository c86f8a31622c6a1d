"""`mailcheck fix`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click
from msgspec import Struct, field

from mailcheck.cli import console
from mailcheck.cli.options import Judging, OneOf, judging

if TYPE_CHECKING:
    from mailcheck.campaign import Campaign, Part
    from mailcheck.checking import Checker
    from mailcheck.cli.running import Item, Judge
    from mailcheck.fixing import Repair
    from mailcheck.report import CampaignReport, Finding
    from mailcheck.rewriting import TextFile


class Fixing(Judging):
    """What the options of `fix` hand to it."""

    apply: bool
    color: str
    verbose: bool


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option("--apply", is_flag=True, help="Write the fixed files; without it, only the difference is shown.")
@judging
@click.option("-v", "--verbose", is_flag=True, help="Show tracebacks of errors.")
@click.option("--color", type=OneOf(["auto", "always", "never"]), default="auto", help="Colours on the terminal.")
def fix(paths: Sequence[str], **given: Unpack[Fixing]) -> int:
    """Apply the fixes that nobody has to think about.

    Shows a unified diff of what it would do; --apply does it. Every result is checked again, and a fix that makes
    things worse is not kept. Mails (.eml) and texts inside a manifest are never written. Exit code 1 means that
    fixes are left to apply.
    """
    from mailcheck.cli import running
    from mailcheck.settings import CouldNotStart

    if given["apply"] and "-" in paths:
        raise CouldNotStart("standard input cannot be fixed in place; leave out --apply to see the difference")
    # Every result is judged again: links would be asked for each time, and no fix depends on what they answer.
    given["online"] = bool(given["online"])
    checker = running.checker_of(given)
    items = running.inputs(checker, paths)
    desk, repairs = _mended(running.Judge(checker, "nothing"), items)
    desk.give_up_unwritable()
    if given["apply"]:
        desk.write()
    else:
        _show(desk, console.wants_colour(given["color"], sys.stdout))
    return _conclude(checker, repairs, desk, applied=given["apply"])


def _mended(judge: Judge, items: Sequence[Item]) -> tuple[Desk, list[Repair]]:
    """Mend all items in memory; in another process, when rules of others are loaded that could end it.

    Raises:
        CouldNotStart: an item cannot be judged at all.
        CouldNotWrite: the process ended before it was done.
    """
    from mailcheck.cli import judging, team

    if not (judging.runs_code_of_others(judge) and judging.can_fork()):
        return _mend(judge, items)
    answers: list[tuple[Desk, list[Repair]] | Exception | team.Died] = []

    def work(_: None) -> tuple[Desk, list[Repair]] | Exception:
        try:
            return _mend(judge, items)
        except Exception as error:  # noqa: BLE001 - it is raised again in the other process
            return error

    team.work([None], lambda: work, 1, lambda _, answer: answers.append(answer), fork=True)
    (answer,) = answers
    if isinstance(answer, team.Died):
        raise console.CouldNotWrite(f"the process that mended the files {answer.reason}; nothing was written")
    if isinstance(answer, Exception):
        raise answer
    return answer


def _mend(judge: Judge, items: Sequence[Item]) -> tuple[Desk, list[Repair]]:
    desk, repairs = Desk(), []
    for item in items:
        with console.aside():
            repairs.append(_repair(judge.checker, desk.current(judge.read(item)), desk))
        desk.take(repairs[-1])
    return desk, repairs


def _repair(checker: Checker, campaign: Campaign, desk: Desk) -> Repair:
    from mailcheck.fixing import repair

    def judge(one: Campaign) -> CampaignReport:
        return checker.acceptance().apply(checker.judge(one))

    return repair(campaign, judge, desk.locked)


class Desk(Struct):
    """The files of a run while they are mended, in memory.

    Args:
        files: each file as it was, by its real path.
        names: what the user calls it.
        texts: the new texts.
        fixed: what was fixed in it.
        reasons: why a part cannot be edited, by its path and name; empty when it can.
        failed: files that could not be written, and why.
    """

    files: dict[str, TextFile] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, list[Finding]] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    stdin: dict[str, str] = field(default_factory=dict)

    def current(self, campaign: Campaign) -> Campaign:
        """The campaign with what was already mended in its files for another campaign."""
        from mailcheck.fixing import with_texts

        mended = {}
        for part in campaign.message.parts():
            self.locked(part)
            key = os.path.realpath(part.path)
            if part.origin is None and part.path and key in self.texts:
                mended[part.name] = self.texts[key]
        return with_texts(campaign, mended) if mended else campaign

    def locked(self, part: Part) -> str:
        """Why this part cannot be edited; empty when it can."""
        key = part.path, part.name
        if key not in self.reasons:
            self.reasons[key] = self._open(part)
        return self.reasons[key]

    def _open(self, part: Part) -> str:
        from mailcheck.rewriting import CannotRewrite, TextFile

        if part.origin is not None or not part.path:
            return "it is written inside another file; mend it there by hand"
        if not Path(part.path).is_file():
            self.stdin.setdefault(part.path, part.text)
            return ""
        key = os.path.realpath(part.path)
        try:
            file = self.files.get(key) or TextFile.read(Path(part.path))
        except CannotRewrite as error:
            return str(error)
        if file.text != part.text:
            return "it is a part of a mail or of another format, which is never written; mend it where it is made"
        self.files[key] = file
        self.names.setdefault(key, part.path)
        return ""

    def take(self, repair: Repair) -> None:
        """Keep what a repair made of the files."""
        for part, text in repair.texts:
            key = os.path.realpath(part.path)
            self.names.setdefault(key, part.path)
            self.texts[key] = text
            found = [finding for finding in repair.fixed if finding.part == part.name]
            self.fixed.setdefault(key, []).extend(found)

    def old(self, key: str) -> str:
        return self.files[key].text if key in self.files else self.stdin[self.names[key]]

    def give_up_unwritable(self) -> None:
        """Drop what the encoding of its file cannot hold, before anything is written or promised."""
        from mailcheck.rewriting import CannotRewrite

        for key in [key for key in self.texts if key in self.files]:
            try:
                self.files[key].with_text(self.texts[key])
            except CannotRewrite as error:
                self._fail(key, str(error))

    def write(self) -> None:
        from mailcheck.rewriting import CannotRewrite

        for key in list(self.texts):
            try:
                self.files[key].write(self.texts[key])
            except CannotRewrite as error:
                self._fail(key, str(error))

    def _fail(self, key: str, reason: str) -> None:
        self.failed[key] = reason
        del self.texts[key]


def _show(desk: Desk, colour: bool) -> None:
    for key, text in desk.texts.items():
        for line in difference(desk.names[key], desk.old(key), text):
            console.out(_painted(line) if colour else line)


def difference(name: str, old: str, new: str) -> Iterator[str]:
    """A unified diff that `patch` takes: only a line feed ends a line."""
    import difflib

    before, after = (text.split("\n") for text in (old, new))
    for line in difflib.unified_diff(_ended(before), _ended(after), name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _ended(lines: list[str]) -> list[str]:
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


_COLOURS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}


def _painted(line: str) -> str:
    """A line of the diff in colour, with nothing in it that steers the terminal."""
    from mailcheck.reporters.text import visible

    text = visible(line.rstrip("\r\n").replace("\t", "    "))
    return f"{_COLOURS.get(line[:1], '')}{text}\x1b[0m\n"


def _conclude(checker: Checker, repairs: Sequence[Repair], desk: Desk, *, applied: bool) -> int:
    from mailcheck.report import plural

    refused = [one for repair in repairs for one in repair.refused]
    for one in refused:
        console.say(f"{_place(one.finding)} {one.finding.rule} was not fixed: {one.why}")
    for key, reason in desk.failed.items():
        console.say(f"{desk.names[key]} was not written: {reason}")
    done = sum(len(desk.fixed.get(key, ())) for key in desk.texts)
    lost = sum(len(desk.fixed.get(key, ())) for key in desk.failed)
    unsafe = sum(repair.unsafe for repair in repairs)
    can = "fixed" if applied else "can be fixed"
    told = f"{plural(done, 'problem')} {can} in {plural(len(desk.texts), 'file')}"
    left = len(refused) + lost
    told += f", {left:,} left" if left else ""
    told += f", {unsafe:,} with a fix that you must look at first (`mailcheck check` shows it)" if unsafe else ""
    console.say(told + ("; --apply writes them" if done and not applied else ""))
    gaps = list(dict.fromkeys(_gaps(checker, repairs)))
    for gap in gaps[:5]:
        console.say(gap)
    if gaps:
        return 3
    return 1 if left or (done and not applied) else 0


def _gaps(checker: Checker, repairs: Iterable[Repair]) -> Iterator[str]:
    """Why the judgement after fixing is not complete."""
    yield from (fault.message for fault in checker.registry.faults)
    for repair in repairs:
        report = repair.after
        if report.verdict != "unsure":
            continue
        yield from (f"{_place(finding)} {finding.message}" for finding in report.findings if finding.blocking)
        for outcome in report.outcomes:
            if outcome.status == "error" or (outcome.required and outcome.status == "skipped"):
                yield f"{report.path}: {outcome.reason}"


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}:{finding.column}" if finding.line else f"{finding.path}:"
