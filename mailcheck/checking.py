"""The whole way: settings, plug-ins, readers, engine, waivers, report."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path

from mailcheck import __version__, plugins
from mailcheck.campaign import Campaign
from mailcheck.content.dialects import known_dialects
from mailcheck.engine import Engine, select
from mailcheck.plugins import Registry, describe
from mailcheck.reading import Limits, Reader, ReadingError, from_mapping, read
from mailcheck.report import CampaignReport, Finding, Report
from mailcheck.settings import CouldNotStart, Loaded, Override, Settings, load
from mailcheck.suggest import did_you_mean
from mailcheck.waivers import Acceptance, Baseline, read_baseline, relative

LOCAL_FILE = "mailrules.py"

Target = Campaign | str | PathLike[str] | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Checker:
    """Everything that a run needs, made once: settings, plug-ins, engine."""

    loaded: Loaded
    registry: Registry
    engine: Engine
    baseline: Baseline

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    @classmethod
    def build(cls, loaded: Loaded, *, local: bool = True, modules: Sequence[object] = ()) -> Checker:
        """Collect the plug-ins and bind the settings to them.

        Args:
            loaded: settings and where they came from.
            local: whether rule files of this project may be loaded (they are code).
            modules: modules of rules handed over directly.

        Raises:
            CouldNotStart: an unknown name, a required plug-in that is missing, a broken baseline.
        """
        settings = loaded.settings
        files = _local_files(loaded) if local else []
        registry = plugins.collect(local=files, block=settings.block, modules=modules)  # type: ignore[arg-type]
        check_dialect(settings.dialect, registry, "dialect")
        for override in settings.overrides:
            check_dialect(override.dialect, registry, "overrides.dialect")
        baseline = read_baseline(loaded.root / settings.baseline) if settings.baseline else Baseline()
        return cls(loaded, registry, Engine.build(registry, settings), baseline)

    def campaigns(self, target: Target) -> Iterator[Campaign]:
        """Read a target; a folder may hold many campaigns.

        Raises:
            CouldNotStart: it cannot be read.
        """
        settings = self.settings
        try:
            if isinstance(target, Campaign):
                found: Iterable[Campaign] = (target,)
            elif isinstance(target, Mapping):
                found = (from_mapping(target),)
            else:
                readers = [reader for reader in self.registry.extensions["readers"] if isinstance(reader, Reader)]
                limits = Limits(bytes=settings.max_bytes)
                found = read(target, limits=limits, readers=readers, exclude=settings.exclude)
            for campaign in found:
                yield self._adapt(campaign)
        except ReadingError as error:
            raise CouldNotStart(str(error)) from None

    def _adapt(self, campaign: Campaign) -> Campaign:
        """The campaign with what the settings say of it; what a manifest says itself stands."""
        settings = self.settings
        said: dict[str, object] = {}
        path = relative(campaign.path, self.loaded.root) if campaign.path else ""
        layers: list[Settings | Override] = [o for o in settings.overrides if any(fnmatchcase(path, g) for g in o.files)]
        for layer in (*reversed(layers), settings):
            locales = (layer.locale,) if isinstance(layer.locale, str) else layer.locale
            if layer.stage and campaign.reader not in ("manifest", "object"):
                said.setdefault("stage", layer.stage)
            if layer.dialect and campaign.dialect is None:
                said.setdefault("dialect", layer.dialect)
            if locales and not campaign.locales:
                said.setdefault("locales", locales)
            if layer.fields is not None and campaign.fields is None:
                said.setdefault("fields", layer.fields)
        adapted = dataclasses.replace(campaign, **said) if said else campaign  # type: ignore[arg-type]
        check_dialect(adapted.dialect, self.registry, campaign.path or "dialect")
        return adapted

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
        return dataclasses.replace(self.engine, rules=rules)

    def judge(self, campaign: Campaign) -> CampaignReport:
        return self._engine_for(campaign).judge(campaign, self.profile_of(campaign))

    async def ajudge(self, campaign: Campaign) -> CampaignReport:
        return await self._engine_for(campaign).ajudge(campaign, self.profile_of(campaign))

    def finish(self, reports: Iterable[CampaignReport]) -> Report:
        """Apply waivers and baseline, add what concerns the run, tell the plug-ins."""
        today = datetime.now(UTC).astimezone().date()
        acceptance = Acceptance(self.settings.waive, self.baseline, today, self.loaded.root)
        campaigns = tuple(acceptance.apply(report) for report in reports)
        faults = (*self._plugin_faults(), *acceptance.stale(rule.name for rule in self.engine.rules))
        report = Report(mailcheck=__version__, campaigns=campaigns, faults=faults, threshold=self.settings.threshold)
        told = tuple(self._tell(report))
        return report.model_copy(update={"faults": (*faults, *told)}) if told else report

    def _plugin_faults(self) -> Iterator[Finding]:
        for fault in self.registry.faults:
            yield Finding(rule="engine/plugin", severity="error", message=fault.message, plugin=fault.plugin, blocking=True)

    def _tell(self, report: Report) -> Iterator[Finding]:
        for stamp, function in self.registry.done_hooks:
            try:
                function(report=report)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                message = f"plug-in {stamp}: its hook {plugins.DONE_HOOK} failed: {describe(error)}"
                yield Finding(rule="engine/plugin", severity="error", message=message, plugin=stamp, blocking=True)


def check_dialect(name: str | None, registry: Registry, place: str) -> None:
    """Refuse a dialect that nobody knows.

    Raises:
        CouldNotStart: with the nearest known id.
    """
    if name is None:
        return
    known = known_dialects(registry.extensions["dialects"])
    if name not in known:
        raise CouldNotStart(f"{place}: there is no merge-tag dialect {name!r}{did_you_mean(name, known)} (`mailcheck dialects` lists them)")


def _local_files(loaded: Loaded) -> list[Path]:
    patterns = loaded.settings.local
    if patterns is None:
        usual = loaded.root / LOCAL_FILE
        return [usual] if usual.is_file() else []
    files: list[Path] = []
    for pattern in patterns:
        found = sorted(path for path in loaded.root.glob(pattern) if path.is_file())
        if not found:
            raise CouldNotStart(f"local: {pattern!r} matches no file below {loaded.root}")
        files.extend(found)
    return files


def checker(
    settings: Settings | Mapping[str, object] | str | PathLike[str] | None = None,
    *,
    local: bool = False,
    modules: Sequence[object] = (),
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
    if isinstance(settings, Settings):
        chosen = Settings.model_validate(settings.model_dump() | {k: v for k, v in flags.items() if v is not None})
        return Checker.build(Loaded(settings=chosen), local=local, modules=modules)
    if isinstance(settings, Mapping):
        return Checker.build(load_mapping({**settings, **flags}), local=local, modules=modules)
    return Checker.build(load(Path(settings) if settings else None, flags=flags), local=local, modules=modules)


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
    made = checker(settings, local=local, profile=profile, **flags)
    return made.finish([made.judge(campaign) for one in _targets(target) for campaign in made.campaigns(one)])


async def acheck(
    target: Target | Iterable[Target],
    *,
    profile: str | None = None,
    settings: Settings | Mapping[str, object] | str | PathLike[str] | None = None,
    local: bool = False,
    **flags: object,
) -> Report:
    """`check` for use inside a running event loop; async rules run on that loop."""
    made = checker(settings, local=local, profile=profile, **flags)
    return made.finish([await made.ajudge(campaign) for one in _targets(target) for campaign in made.campaigns(one)])


def _targets(target: Target | Iterable[Target]) -> tuple[Target, ...]:
    if isinstance(target, Campaign | str | PathLike | Mapping):
        return (target,)
    targets = tuple(target)
    if not targets:
        raise CouldNotStart("there is nothing to check: no target was given")
    return targets
