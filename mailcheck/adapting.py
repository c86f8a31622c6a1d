"""What settings say of a campaign, laid over what it says itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from mailcheck.campaign import Campaign
from mailcheck.content.dialects import JOIN, NO_TAGS, known_dialects
from mailcheck.plugins import Registry
from mailcheck.settings import CouldNotStart, Loaded, Override, Settings
from mailcheck.suggest import did_you_mean
from mailcheck.waivers import relative


def adapted(campaign: Campaign, loaded: Loaded, registry: Registry, *, says_stage: bool) -> Campaign:
    """The campaign with what the settings say of it.

    What a manifest says itself stands against the settings file, but not against what was given by hand.
    """
    settings = loaded.settings
    said: dict[str, Any] = {}
    for layer in (*_overrides(campaign, loaded), settings):
        locales = (layer.locale,) if isinstance(layer.locale, str) else layer.locale
        if layer.stage and not says_stage:
            said.setdefault("stage", layer.stage)
        if layer.dialect and campaign.dialect is None:
            said.setdefault("dialect", layer.dialect)
        if locales and not campaign.locales:
            said.setdefault("locales", locales)
        if layer.fields is not None and campaign.fields is None:
            said.setdefault("fields", layer.fields)
    by_hand = {"stage": settings.stage, "dialect": settings.dialect, "fields": settings.fields}
    said.update((name, value) for name, value in by_hand.items() if name in loaded.by_hand)
    if "locale" in loaded.by_hand:
        said["locales"] = settings.locales
    said.update(_lists(campaign, loaded))
    result = dataclasses.replace(campaign, **said) if said else campaign
    check_dialect(result.dialect, registry, campaign.path or "dialect")
    check_locales(result.locales, campaign.path or "locale")
    return result


def _overrides(campaign: Campaign, loaded: Loaded) -> list[Settings | Override]:
    """The overrides for the file of a campaign, the last one first."""
    if not loaded.settings.overrides:
        return []
    path = relative(campaign.path, loaded.root) if campaign.path else ""
    return [one for one in reversed(loaded.settings.overrides) if any(fnmatchcase(path, glob) for glob in one.files)]


def _lists(campaign: Campaign, loaded: Loaded) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The tables of people that the settings name; by hand wins over a manifest, which wins over a file."""
    settings, by_hand = loaded.settings, loaded.by_hand
    if settings.audience and (campaign.audience is None or "audience" in by_hand):
        yield "audience", {**_described(campaign.audience), "source": settings.audience}
    if settings.suppression and (campaign.suppression is None or "suppression" in by_hand):
        yield "suppression", {"lists": [{"source": one} for one in settings.suppression]}


def _described(table: Mapping[str, object] | None) -> dict[str, object]:
    """What a manifest says of its audience besides where it is."""
    place = ("source", "table", "query", "rows", "encoding", "delimiter", "temporary")
    return {key: value for key, value in (table or {}).items() if key not in place}


def check_dialect(name: str | None, registry: Registry, place: str) -> None:
    """Refuse a dialect that nobody knows.

    Raises:
        CouldNotStart: with the nearest known id.
    """
    if name is None:
        return
    known = known_dialects(registry.extensions["dialects"])
    parts = name.split(JOIN)
    if NO_TAGS in parts and len(parts) > 1:
        raise CouldNotStart(f"{place}: the dialect {name!r} says that tags are filled in, and that none are; say one")
    for part in parts:
        if part not in known:
            hint = did_you_mean(part, known)
            raise CouldNotStart(
                f"{place}: there is no merge-tag dialect {part!r}{hint} (`mailcheck dialects` lists them)"
            )


def check_locales(locales: Iterable[str], place: str) -> None:
    """Refuse a language tag that the CLDR does not know.

    Raises:
        CouldNotStart: with the tag.
    """
    for name in locales:
        # Imported only where a language was declared: babel's data is large.
        from babel import Locale, UnknownLocaleError

        try:
            Locale.parse(name.replace("_", "-"), sep="-")
        except (UnknownLocaleError, ValueError):
            raise CouldNotStart(
                f"{place}: there is no language tag {name!r}; write it like nl, nb-NO or pt-BR"
            ) from None
