"""From paths and options to judgements."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec
from msgspec import Struct

from mailcheck.cli import console
from mailcheck.cli.options import Judging, flags, split
from mailcheck.values import Brief

if TYPE_CHECKING:
    from mailcheck.campaign import Campaign, Part
    from mailcheck.checking import Checker
    from mailcheck.report import CampaignReport, Report
    from mailcheck.run import Progress, Watch
    from mailcheck.settings import Loaded

Keep = Literal["nothing", "found", "everything"]
"""Which texts a judgement brings along: those with findings, or all."""

MANIFESTS = ("campaign.toml", "campaign.json")


class Item(Brief, frozen=True):
    """One input that is one campaign.

    Args:
        path: as findings name it.
        within: the folder in which it was found; then a file that cannot be read is a finding, not an end.
        data: its content, when it was not to be read from `path`.
    """

    unshown: ClassVar[tuple[str, ...]] = ("data",)

    path: str
    within: str | None = None
    data: bytes | None = None


class Judged(Struct, frozen=True):
    """What became of an item.

    Args:
        report: `None` when the run could not start because of it.
        sources: texts for excerpts, by path and part name.
        files: every file that belongs to the campaign.
        could_not_start: the sentence that ends the run.
    """

    report: CampaignReport | None
    sources: Mapping[tuple[str, str], Part] = msgspec.field(default_factory=dict)
    files: tuple[str, ...] = ()
    could_not_start: str = ""


def settings_of(given: Judging) -> Loaded:
    """The settings of a run: the file, with what was given by hand laid over it."""
    from mailcheck.settings import load

    loaded = load(Path(given["settings"]) if given["settings"] else None, flags=flags(given))
    ignore = (*loaded.settings.ignore, *split(given["ignore"]))
    return loaded.model_copy(update={"settings": loaded.settings.model_copy(update={"ignore": ignore})})


def checker_of(given: Judging) -> Checker:
    """The checker of a run."""
    return checker_with(settings_of(given), local=given["local"])


def checker_with(loaded: Loaded, *, local: bool) -> Checker:
    """A checker; what plug-ins print while they load goes to standard error."""
    from mailcheck.checking import Checker

    with console.aside():
        checker = Checker.build(loaded, local=local)
    if not gc.isenabled():
        gc.freeze()  # what is loaded stays; workers then share it without copying
        gc.enable()
    return checker


def inputs(
    checker: Checker,
    paths: Sequence[str],
    *,
    stdin_name: str | None = None,
    allow_empty: bool = False,
    campaigns: bool = False,
) -> list[Item]:
    """The campaigns that the paths stand for, each once, in the order in which they were named.

    Args:
        stdin_name: what to call standard input.
        allow_empty: no path, or a folder with nothing in it, is no error.
        campaigns: take the campaigns to which the named files belong, instead of the files.

    Raises:
        CouldNotStart: a path is not there, or there is nothing to check.
    """
    from mailcheck.settings import CouldNotStart

    if "" in paths:
        raise CouldNotStart("one of the paths is empty; name a file or a folder")
    missing = [path for path in paths if path != "-" and not os.path.lexists(path)]
    if missing:
        names, be = ", ".join(missing[:5]), "are no such files" if len(missing) > 1 else "is no such file"
        more = f" (and {len(missing) - 5} more)" if len(missing) > 5 else ""
        raise CouldNotStart(f"{names}{more}: there {be} or folder{'s' if len(missing) > 1 else ''}; check the path")
    if campaigns:
        paths = owners(paths)
    found: dict[str, Item] = {}
    for path in paths:
        for item in _expand(checker, path, stdin_name, allow_empty):
            found.setdefault("-" if item.data is not None else os.path.realpath(item.path), item)
    if not found and not allow_empty:
        raise CouldNotStart("there is nothing to check: name files or folders, such as `mailcheck check .`")
    return list(found.values())


def owners(paths: Iterable[str]) -> list[str]:
    """The manifests of the campaigns that hold these files; files of no campaign are left out."""
    found: dict[str, None] = {}
    for path in paths:
        file = Path(path)
        folders = [file, *file.parents] if file.is_dir() else list(file.parents)
        manifests = (folder / name for folder in folders for name in MANIFESTS)
        manifest = next((one for one in manifests if one.is_file()), None)
        if manifest is not None:
            found[str(manifest)] = None
    return list(found)


def _expand(checker: Checker, path: str, stdin_name: str | None, allow_empty: bool) -> Iterator[Item]:
    if path == "-":
        yield Item(stdin_name or "-", data=_standard_input(checker.settings.max_bytes))
        return
    from mailcheck.reading import ReadingError

    try:
        found = checker.inputs(path)
    except ReadingError as error:
        if allow_empty and error.message.startswith(("there is nothing to check", "every file of this folder is")):
            return
        raise
    for one in found:
        # As the readers have it: the only file of a folder is meant as much as a named one.
        yield Item(one, within=path if len(found) > 1 else None)


def _standard_input(limit: int) -> bytes:
    from mailcheck.settings import CouldNotStart

    if sys.stdin is None:
        raise CouldNotStart("standard input is closed, so there is no mail to read; pipe one in, or name a file")
    if sys.stdin.isatty():
        console.say("reading the mail from standard input; end it with Ctrl-D")
    return sys.stdin.buffer.read(limit + 1)


class Judge(Struct, frozen=True):
    """Reads and judges one item at a time; whatever happens becomes a `Judged`.

    Args:
        record: whether what is judged is recorded in the history.
        progress: is told how many addresses of an item have been asked for.
        watch: is told how far the reading of a list of people is.
    """

    checker: Checker
    keep: Keep
    record: bool = False
    progress: Progress | None = None
    watch: Watch | None = None

    def __call__(self, item: Item) -> Judged:
        from mailcheck.settings import CouldNotStart

        try:
            with console.aside():
                campaign = self.read(item)
                report = self.checker.judge(campaign, record=self.record, progress=self.progress, watch=self.watch)
        except CouldNotStart as error:
            return Judged(None, could_not_start=str(error))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the others must still be judged
            return self.crashed(item, f"mailcheck failed on this file ({console.described(error)})")
        return Judged(report, self._sources(campaign, report), files_of(campaign))

    def read(self, item: Item) -> Campaign:
        """Read one item.

        Raises:
            CouldNotStart: it cannot be judged at all.
        """
        return next(iter(self.checker.campaigns(item.path, within=item.within, data=item.data)))

    def crashed(self, item: Item, reason: str) -> Judged:
        """The judgement of an item whose judgement did not come to an end: unsure."""
        return Judged(crash_report(self.checker, item.path, reason), files=(item.path,))

    def _sources(self, campaign: Campaign, report: CampaignReport) -> dict[tuple[str, str], Part]:
        if self.keep == "nothing":
            return {}
        from mailcheck.reporters import sources_of

        sources = sources_of([campaign])
        if self.keep == "everything":
            return sources
        wanted = {(finding.path, finding.part) for finding in report.findings}
        return {key: part for key, part in sources.items() if key in wanted}


def files_of(campaign: Campaign) -> tuple[str, ...]:
    """Every file that a campaign was read from."""
    paths = (campaign.path, *(part.path for part in campaign.message.parts()))
    return tuple(dict.fromkeys(path for path in paths if path and path != "-"))


def crash_report(checker: Checker, path: str, reason: str) -> CampaignReport:
    """A report that says of every rule that it is not known what it would have found."""
    from mailcheck.report import CampaignReport, Finding, Outcome, fingerprints

    settings = checker.settings
    finding = Finding(
        rule="engine/crash",
        severity="error",
        message=f"{console.readable(reason)}; nothing is known of it, and it must not be sent.",
        path=path,
        fingerprint=next(fingerprints([("engine/crash", "", "")])),
        plugin="mailcheck",
        blocking=True,
    )
    return CampaignReport(
        path=path,
        profile=settings.profile or "template",
        stage=settings.stage or "template",
        threshold=settings.threshold,
        findings=(finding,),
        outcomes=tuple(
            Outcome(rule=rule.name, status="error", reason=console.readable(reason), plugin=rule.plugin)
            for rule in checker.engine.rules
        ),
    )


class Recipe(Struct, frozen=True):
    """How to make a `Judge` anew, in a process that did not inherit one."""

    loaded: Loaded
    local: bool
    keep: Keep
    record: bool = False

    def __call__(self) -> Callable[[Item], Judged]:
        return Judge(checker_with(self.loaded, local=self.local), self.keep, self.record)


def finish(checker: Checker, judged: Iterable[Judged]) -> Report:
    """The report of a run: waivers, baseline, what concerns the run as a whole."""
    with console.aside():
        return checker.finish(one.report for one in judged if one.report is not None)


def sources_of(judged: Iterable[Judged]) -> dict[tuple[str, str], Part]:
    """The texts that came along with the judgements."""
    sources: dict[tuple[str, str], Part] = {}
    for one in judged:
        for key, part in one.sources.items():
            sources.setdefault(key, part)
    return sources
