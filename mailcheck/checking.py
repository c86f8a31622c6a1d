"""The whole way: settings, plug-ins, readers, engine, waivers, report."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from os import PathLike, fspath
from pathlib import Path
from types import ModuleType
from typing import cast

from msgspec import Struct

from mailcheck import __version__, plugins
from mailcheck.adapting import adapted, check_dialect
from mailcheck.campaign import Campaign, Fault
from mailcheck.crashes import describe
from mailcheck.engine import Engine, select
from mailcheck.guarding import guarded
from mailcheck.masking import mask_addresses
from mailcheck.plugins import Registry
from mailcheck.reading import Limits, Reader, ReadingError, find, from_mapping, read, read_each
from mailcheck.recording import recorded
from mailcheck.report import CampaignReport, Finding, Report
from mailcheck.run import Progress, Watch
from mailcheck.settings import CouldNotStart, Loaded, Settings, load, placed
from mailcheck.sheet import Sheet
from mailcheck.waivers import Acceptance, Baseline, read_baseline, relative

LOCAL_FILE = "mailrules.py"

Target = Campaign | str | PathLike[str] | Mapping[str, object]


class Checker(Struct, frozen=True):
    """Everything that a run needs, made once: settings, plug-ins, engine."""

    loaded: Loaded
    registry: Registry
    engine: Engine
    baseline: Baseline

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    @classmethod
    def build(cls, loaded: Loaded, *, local: bool = True, modules: Sequence[ModuleType] = ()) -> Checker:
        """Collect the plug-ins and bind the settings to them.

        Args:
            loaded: settings and where they came from.
            local: whether rule files of this project may be loaded (they are code).
            modules: modules of rules handed over directly.

        Raises:
            CouldNotStart: an unknown name, a required plug-in that is missing, a broken baseline.
        """
        try:
            return cls._built(loaded, local=local, modules=modules)
        except CouldNotStart as error:
            raise CouldNotStart(placed(str(error), loaded)) from error.__cause__

    @classmethod
    def _built(cls, loaded: Loaded, *, local: bool, modules: Sequence[ModuleType]) -> Checker:
        settings = loaded.settings
        registry = registry_of(loaded, local=local, modules=modules)
        check_dialect(settings.dialect, registry, "dialect")
        for override in settings.overrides:
            check_dialect(override.dialect, registry, "overrides.dialect")
        baseline = read_baseline(loaded.root / settings.baseline) if settings.baseline else Baseline()
        return cls(loaded, registry, Engine.build(registry, settings, str(loaded.root)), baseline)

    def inputs(self, path: str | PathLike[str]) -> list[str]:
        """The files that a path stands for, as `mailcheck.reading.find` has it.

        Raises:
            ReadingError: a folder that cannot be read, or with nothing in it.
        """
        suffixes = [suffix for reader in self._readers() for suffix in reader.suffixes]
        return find(path, suffixes=suffixes, exclude=self.settings.exclude)

    def _readers(self, crashes: list[str] | None = None) -> list[Reader]:
        """The readers of plug-ins, guarded; what goes wrong in their `matches` is added to `crashes`."""
        brought = zip(self.registry.extensions["readers"], self.registry.origins["readers"], strict=True)
        said = [] if crashes is None else crashes
        return [guarded(reader, stamp, said) for reader, stamp in brought if isinstance(reader, Reader)]

    def campaigns(self, target: Target, *, within: str | None = None, data: bytes | None = None) -> Iterator[Campaign]:
        """Read a target; a folder may hold many campaigns.

        Args:
            target: what `check` takes.
            within: the folder in which `inputs` found this file among others; a file that cannot be read is
                then a campaign with a blocking fault.
            data: the content, when it is not to be read from the path.

        Raises:
            CouldNotStart: it cannot be read.
        """
        if isinstance(target, str) and not target:
            raise CouldNotStart("there is nothing to check: the path is empty")  # it would mean the working folder
        settings = self.settings
        limits = Limits(bytes=settings.max_bytes)
        crashes: list[str] = []
        readers = self._readers(crashes)
        try:
            if isinstance(target, Campaign):
                found: Iterable[Campaign] = (target,)
            elif isinstance(target, Mapping):
                found = (from_mapping(target),)
            elif within is not None:
                found = read_each([fspath(target)], within=within, limits=limits, readers=readers)
            else:
                found = read(target, data=data, limits=limits, readers=readers, exclude=settings.exclude)
            for campaign in found:
                one = adapted(campaign, self.loaded, self.registry, says_stage=_says_stage(target, campaign))
                faults = tuple(Fault("plugin", crash) for crash in dict.fromkeys(crashes))
                yield dataclasses.replace(one, faults=(*one.faults, *faults)) if faults else one
        except ReadingError as error:
            raise CouldNotStart(str(error)) from None

    def profile_of(self, campaign: Campaign) -> str:
        if self.settings.profile:
            return self.settings.profile
        return "template" if campaign.reader in ("html", "mjml", "text") else "campaign"

    def _engine_for(self, campaign: Campaign) -> Engine:
        if not self.settings.overrides or not campaign.path:
            return self.engine
        path = relative(campaign.path, self.loaded.root)
        dropped = [p for o in self.settings.overrides if any(fnmatchcase(path, g) for g in o.files) for p in o.ignore]
        if not dropped:
            return self.engine
        rules = select(self.registry, self.settings.select, (*self.settings.ignore, *dropped))
        return self.engine.with_rules(rules)

    def judge(
        self,
        campaign: Campaign,
        *,
        record: bool = False,
        progress: Progress | None = None,
        watch: Watch | None = None,
    ) -> CampaignReport:
        """Judge one campaign, and record it in the history when that is wanted and there is one.

        Args:
            progress: is told how many addresses have been checked, and how many there are.
            watch: is told how far the reading of a list of people is.
        """
        with closing(self._sheet(campaign, progress, watch)) as sheet:
            return self._recorded(sheet, sheet.judge()) if record else sheet.judge()

    async def ajudge(self, campaign: Campaign, *, record: bool = False) -> CampaignReport:
        """`judge` on the running event loop."""
        with closing(self._sheet(campaign)) as sheet:
            return self._recorded(sheet, await sheet.ajudge()) if record else await sheet.ajudge()

    def _sheet(self, campaign: Campaign, progress: Progress | None = None, watch: Watch | None = None) -> Sheet:
        return self._engine_for(campaign).sheet(campaign, self.profile_of(campaign), progress, watch)

    def _recorded(self, sheet: Sheet, report: CampaignReport) -> CampaignReport:
        verdict = "unsure" if self.registry.faults else self.acceptance().apply(report).verdict
        return recorded(sheet, report, verdict)

    def finish(self, reports: Iterable[CampaignReport]) -> Report:
        """Apply waivers and baseline, add what concerns the run, tell the plug-ins."""
        acceptance = self.acceptance()
        campaigns = tuple(acceptance.apply(report) for report in reports)
        faults = (*self._plugin_faults(), *acceptance.stale())
        report = Report(mailcheck=__version__, campaigns=campaigns, faults=faults, threshold=self.settings.threshold)
        told = tuple(self._tell(report))
        return report.model_copy(update={"faults": (*faults, *told)}) if told else report

    def acceptance(self) -> Acceptance:
        """The waivers and the baseline of these settings, as of today."""
        today = datetime.now(UTC).astimezone().date()
        aliases = self.registry.aliases
        waivers = [one.model_copy(update={"rule": aliases.get(one.rule, one.rule)}) for one in self.settings.waive]
        return Acceptance(waivers, self.baseline, today, self.loaded.root)

    def _plugin_faults(self) -> Iterator[Finding]:
        for fault in self.registry.faults:
            yield self._plugin_fault(fault.plugin, fault.message)

    def _plugin_fault(self, stamp: str, message: str) -> Finding:
        said = message if self.settings.show_addresses else mask_addresses(message)
        return Finding(rule="engine/plugin", severity="error", message=said, plugin=stamp, blocking=True)

    def _tell(self, report: Report) -> Iterator[Finding]:
        for stamp, function in self.registry.done_hooks:
            try:
                function(report=report)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - a plug-in's fault must not end the run
                message = f"plug-in {stamp}: its hook {plugins.DONE_HOOK} failed: {describe(error)}"
                yield self._plugin_fault(stamp, message)


def registry_of(loaded: Loaded, *, local: bool = True, modules: Sequence[ModuleType] = ()) -> Registry:
    """What the plug-ins of these settings bring; `local` says whether rule files of the project are loaded."""
    files = _local_files(loaded) if local else []
    return plugins.collect(local=files, block=loaded.settings.block, modules=modules)


def _local_files(loaded: Loaded) -> list[Path]:
    patterns = loaded.settings.local
    if patterns is None:
        usual = loaded.root / LOCAL_FILE
        return [usual] if usual.is_file() else []
    files: list[Path] = []
    for pattern in patterns:
        try:
            found = sorted(path for path in loaded.root.glob(pattern) if path.is_file())
        except (NotImplementedError, ValueError):
            raise CouldNotStart(
                f"local: {pattern!r} must be a pattern below {loaded.root}; write it from there"
            ) from None
        if not found:
            raise CouldNotStart(f"local: {pattern!r} matches no file below {loaded.root}")
        files.extend(found)
    return files


def _says_stage(target: Target, campaign: Campaign) -> bool:
    """Whether the stage was said where the campaign was, so that a settings file does not change it."""
    if isinstance(target, Mapping):
        return target.get("stage") is not None
    return campaign.reader in ("manifest", "object")


def checker(
    settings: Settings | Mapping[str, object] | str | PathLike[str] | None = None,
    *,
    local: bool = False,
    modules: Sequence[ModuleType] = (),
    **flags: object,
) -> Checker:
    """Make a `Checker` from whatever a script has at hand.

    Args:
        settings: a `Settings`, a mapping of settings, or the path of a settings file; by default the
            nearest settings file is used.
        local: whether to load the project's own rule files; they are code, so only when asked.
        modules: modules of rules.
        flags: single settings laid over the others; `None` is not set.
    """
    return Checker.build(settings_from(settings, flags), local=local, modules=modules)


def settings_from(
    settings: Settings | Mapping[str, object] | str | PathLike[str] | None,
    flags: Mapping[str, object],
    *,
    start: Path | None = None,
) -> Loaded:
    """The settings of a run.

    Args:
        settings: a `Settings`, a mapping of settings, or the path of a settings file; by default the
            nearest settings file is used.
        flags: single settings laid over the others; `None` is not set.
        start: where to look for a settings file; the working folder by default.

    Raises:
        CouldNotStart: the file cannot be read, or a name or value is wrong.
    """
    if not isinstance(settings, Settings | Mapping):
        return load(Path(settings) if settings else None, flags=flags, start=start)
    base = settings.model_dump(exclude_unset=True) if isinstance(settings, Settings) else settings
    given = {name: value for name, value in flags.items() if value is not None}
    return load_mapping({**base, **given}).model_copy(update={"by_hand": frozenset(given)})


def load_mapping(mapping: Mapping[str, object]) -> Loaded:
    """Settings from a mapping, without any file."""
    return load(flags=mapping, use_file=False)


def check(
    target: Target | Iterable[Target],
    *,
    profile: str | None = None,
    settings: Settings | Mapping[str, object] | str | PathLike[str] | None = None,
    local: bool = False,
    **flags: object,
) -> Report:
    """Check one or more campaigns.

    Args:
        target: a `Campaign`, a path (file, folder, manifest), a mapping in the shape of a manifest, or a
            list of them.
        profile: `template`, `campaign` or `send`: what must be known for a complete judgement.
        settings: see `checker`.
        local: load the project's own rule files.
        flags: single settings, e.g. `dialect="mailchimp"`, `select=["merge_tags"]`.

    Returns:
        the report; `report.verdict` is `clear`, `held` or `unsure`.

    Raises:
        CouldNotStart: bad settings, an unknown name, an unreadable file, nothing to check.
    """
    made = Checker.build(settings_from(settings, {"profile": profile, **flags}), local=local)
    found = (campaign for one in targets(target) for campaign in made.campaigns(one))
    return made.finish([made.judge(campaign, record=True) for campaign in found])


async def acheck(
    target: Target | Iterable[Target],
    *,
    profile: str | None = None,
    settings: Settings | Mapping[str, object] | str | PathLike[str] | None = None,
    local: bool = False,
    **flags: object,
) -> Report:
    """`check` for use inside a running event loop; async rules run on that loop."""
    made = Checker.build(settings_from(settings, {"profile": profile, **flags}), local=local)
    found = (campaign for one in targets(target) for campaign in made.campaigns(one))
    return made.finish([await made.ajudge(campaign, record=True) for campaign in found])


def targets(target: Target | Iterable[Target]) -> tuple[Target, ...]:
    """One target or several as a tuple.

    Raises:
        CouldNotStart: there is none.
    """
    if isinstance(target, Campaign | str | PathLike):
        return (target,)
    if isinstance(target, Mapping):
        return (cast("Mapping[str, object]", target),)
    if isinstance(target, bytes) or not isinstance(target, Iterable):
        raise CouldNotStart(f"a target is a Campaign, a path, a mapping or a list of them, not {type(target).__name__}")
    several = tuple(target)
    if not several:
        raise CouldNotStart("there is nothing to check: no target was given")
    return several
