"""The fact `schedule`."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from mailcheck.audience.locales import country_of
from mailcheck.audience.schedule import Schedule, territory_of
from mailcheck.audience.schedule_table import ScheduleTable, quiet_hours
from mailcheck.campaign import Campaign
from mailcheck.rule import Absent, Unusable, fact


@fact
def schedule(campaign: Campaign) -> Schedule:
    """When and where the mail arrives, the calendar of the team, and mails that a condition sets off."""
    if campaign.schedule is None:
        raise Absent("nobody said when it is sent (`send` in the table [schedule] of the manifest)")
    try:
        table = ScheduleTable.model_validate(dict(campaign.schedule))
    except ValidationError as error:
        fault = error.errors()[0]
        keys = ".".join(str(key) for key in ("schedule", *fault["loc"]))
        raise Unusable(f"{keys}: {fault['msg'].removeprefix('Value error, ')}") from None
    countries, declared = _countries(table, campaign)
    return Schedule(
        send=table.send,
        zone=table.zone or "",
        countries=countries,
        declared=declared,
        regions=table.regions,
        quiet=quiet_hours(table.quiet_hours) if table.quiet_hours else None,
        lead_hours=table.lead_hours,
        calendar=table.calendar,
        automations=table.automations,
    )


def _countries(table: ScheduleTable, campaign: Campaign) -> tuple[tuple[str, ...], bool]:
    """Where recipients live, and whether somebody said so."""
    said = _codes((*table.countries, *(region[:2] for region in table.regions)))
    markets = (campaign.audience or {}).get("markets")
    said = said or _codes(markets if isinstance(markets, list | tuple) else (markets,) if markets else ())
    if said:
        return said, True
    home = territory_of(table.zone or "")
    # English is written everywhere, often as `en-US` by default: then the zone tells more.
    locales = [one.replace("_", "-") for one in campaign.locales if not (home and one[:2].lower() == "en")]
    spoken = _codes(part for one in locales for part in one.split("-")[1:] if len(part) == 2)
    return spoken or _codes((home,)), False


def _codes(names: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for name in names if (code := country_of(str(name)).upper())))
