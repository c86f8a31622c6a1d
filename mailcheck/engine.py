"""The engine: selects the rules, binds them to the settings, and judges campaigns.

pluggy is not involved: it stops at the first exception and cannot await. Here every selected rule ends
in an `Outcome`, whatever it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import cast

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ValidationError

from mailcheck.campaign import Campaign
from mailcheck.crashes import describe, shown
from mailcheck.needs import reached
from mailcheck.plugins import Registry
from mailcheck.report import CampaignReport, Severity
from mailcheck.resolving import Ending, Resolver
from mailcheck.rule import Rule
from mailcheck.run import Progress, Run, Watch
from mailcheck.settings import CouldNotStart, Settings
from mailcheck.sheet import Sheet
from mailcheck.stamping import Stamper
from mailcheck.suggest import did_you_mean
from mailcheck.waivers import name_matches


class Engine(Struct, frozen=True):
    """Rules and facts, bound to settings. Judges any number of campaigns.

    `now` is the moment of the run; by default that of each judgement. `asked` are the facts that the rules may ask for.
    """

    registry: Registry
    settings: Settings
    rules: tuple[Rule, ...]
    options: Mapping[str, object]
    severities: Mapping[str, Severity]
    root: str = "."
    now: datetime | None = None
    asked: frozenset[str] | None = None

    @classmethod
    def build(cls, registry: Registry, settings: Settings, root: str = ".") -> Engine:
        """Select the rules and validate every name in the settings.

        Args:
            root: the folder of the project.

        Raises:
            CouldNotStart: an unknown rule, option or plug-in, or nothing selected.
        """
        _require_plugins(registry, settings)
        rules = select(registry, settings.select, settings.ignore)
        _known_names(registry, settings)
        options = _all_options(registry, settings, rules)
        severities = _severities(registry, settings)
        return cls(registry, settings, rules, options, severities, root, asked=reached(rules, registry.facts))

    def with_rules(self, rules: tuple[Rule, ...]) -> Engine:
        """The same with other rules."""
        return replace(self, rules=rules, asked=reached(rules, self.registry.facts))

    def sheet(
        self, campaign: Campaign, profile: str, progress: Progress | None = None, watch: Watch | None = None
    ) -> Sheet:
        """A campaign with everything that is needed to judge it.

        Args:
            progress: is told how far slow work is.
            watch: is told how far the reading of a list of people is.
        """
        settings = self.settings
        run = Run(
            profile=profile,
            online=settings.online or profile == "send",
            now=self.now or datetime.now(UTC),
            root=self.root,
            memory=settings.memory or "",
            history=settings.history or "",
            extensions=self.registry.extensions,
            tables=settings.tables(),
            progress=progress,
            watch=watch,
            # What is recorded of an audience are figures of all that its list says.
            asked=None if settings.history or campaign.history else self.asked,
        )
        resolver = Resolver(self.registry.facts, {"campaign": Ending(campaign), "run": Ending(run)})
        stamper = Stamper(settings, self.severities, campaign.path)
        return Sheet(campaign, profile, self.rules, self.options, settings, resolver, stamper)

    def judge(self, campaign: Campaign, profile: str) -> CampaignReport:
        """Judge one campaign.

        Raises:
            RuntimeError: there are async rules and this thread already runs an event loop.
        """
        return self.sheet(campaign, profile).judge()

    async def ajudge(self, campaign: Campaign, profile: str) -> CampaignReport:
        """Judge one campaign; async rules run together, each under the same time limit."""
        return await self.sheet(campaign, profile).ajudge()


def select(registry: Registry, wanted: Iterable[str], unwanted: Iterable[str]) -> tuple[Rule, ...]:
    """The rules meant by names, families and globs.

    Raises:
        CouldNotStart: a name means nothing, or nothing is left.
    """
    chosen = {rule for pattern in wanted for rule in expand(registry, pattern, "select")}
    dropped = {rule for pattern in unwanted for rule in expand(registry, pattern, "ignore")}
    rules = tuple(rule for name, rule in registry.rules.items() if name in chosen - dropped)
    if not rules:
        raise CouldNotStart(f"no rule is left to run; look at `select` and `ignore`{_because(registry)}")
    return rules


def expand(registry: Registry, pattern: str, setting: str) -> tuple[str, ...]:
    """The names of the rules that a name, family or glob means.

    Raises:
        CouldNotStart: it means none.
    """
    pattern = registry.aliases.get(pattern, pattern)
    names = tuple(name for name in registry.rules if name_matches(pattern, name))
    if not names and pattern != "*":
        if pattern.startswith("engine/"):
            raise CouldNotStart(f"{setting}: {pattern!r} is a finding of the engine, which no setting can switch off")
        families = {name.partition("/")[0] for name in registry.rules}
        hint = did_you_mean(pattern, (*registry.rules, *families))
        raise CouldNotStart(
            f"{setting}: there is no rule or family {pattern!r}{hint} (`mailcheck rules` lists them)"
            f"{_because(registry)}"
        )
    return names


def _because(registry: Registry) -> str:
    """What may be the reason that a rule is not there."""
    return "".join(f"; {fault.message}" for fault in registry.faults[:3])


def _require_plugins(registry: Registry, settings: Settings) -> None:
    present = registry.plugin_names()
    for name in settings.plugins:
        if name not in present:
            fault = next((f" ({fault.message})" for fault in registry.faults if name in fault.message), "")
            raise CouldNotStart(
                f"the settings require the plug-in {name!r}, which is not there{fault}; "
                f"install it{did_you_mean(name, present)}"
            )


def _known_names(registry: Registry, settings: Settings) -> None:
    """Refuse names that would otherwise be looked at only when a file happens to match."""
    for override in settings.overrides:
        for pattern in override.ignore:
            expand(registry, pattern, "overrides.ignore")
    for waiver in settings.waive:
        expand(registry, waiver.rule, "waive")
    for name, given in settings.rules.items():
        found = registry.rules.get(registry.aliases.get(name, name))
        if found is None:
            hint = did_you_mean(name, registry.rules)
            raise CouldNotStart(f"rules.{name!r}: there is no rule {name!r}{hint}{_because(registry)}")
        if found.options is None and given:
            raise CouldNotStart(f"rules.{name!r}: the rule {name} has no options")
        if name != found.name and found.name in settings.rules:
            raise CouldNotStart(f"rules.{name!r} is an earlier name of {found.name}, which has options too; keep one")


def _all_options(registry: Registry, settings: Settings, rules: Iterable[Rule]) -> dict[str, object]:
    """The options of the selected rules, and of those that the settings speak of."""
    spoken_of = {registry.aliases.get(name, name) for name in settings.rules}
    wanted = {rule.name for rule in rules} | spoken_of
    return {name: _options(rule, settings) for name, rule in registry.rules.items() if rule.options and name in wanted}


def _options(rule: Rule, settings: Settings) -> BaseModel:
    given = next((settings.rules[name] for name in (rule.name, *rule.aliases) if name in settings.rules), {})
    model = cast("type[BaseModel]", rule.options)
    try:
        return model.model_validate(given) if given or not _stands_alone(model) else model.model_construct()
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            hint = did_you_mean(key, model.model_fields)
            raise CouldNotStart(f"{rule.name} has no option {key!r}{hint}") from None
        wrong = f"{fault['msg'][0].lower()}{fault['msg'][1:]} (got {shown(fault['input'])})"
        raise CouldNotStart(f"{rule.name}: option {key!r}: {wrong}") from None
    except Exception as error:  # noqa: BLE001 - a validator of a plug-in may raise anything
        raise CouldNotStart(f"{rule.name} of {rule.plugin}: its options cannot be read: {describe(error)}") from None


def _stands_alone(model: type[BaseModel]) -> bool:
    """Whether its defaults are all there is to it, so that nothing has to be built to have them."""
    decorators = model.__pydantic_decorators__
    checked = any(getattr(decorators, name) for name in ("validators", "field_validators", "model_validators"))
    asked = checked or model.model_config.get("validate_default")
    return not asked and not any(field.is_required() for field in model.model_fields.values())


def _severities(registry: Registry, settings: Settings) -> dict[str, Severity]:
    """The severity that the settings give a rule; its own name wins over families and globs."""
    severities: dict[str, Severity] = {}
    for pattern, severity in settings.severity.items():
        severities.update(dict.fromkeys(expand(registry, pattern, "severity"), severity))
    for pattern, severity in settings.severity.items():
        name = registry.aliases.get(pattern, pattern)
        if name in registry.rules:
            severities[name] = severity
    return severities
