"""Abbreviations of time zones, and the season in which each holds."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

_NORTH_AMERICA = frozenset(("US", "CA"))
_CENTRAL_EUROPE = frozenset(
    "AD AL AT BA BE CH CZ DE DK ES FR HR HU IT LI LU MC ME MK MT NL NO PL RS SE SI SK SM".split()  # noqa: SIM905 - reads
)
_EASTERN_EUROPE = frozenset(("BG", "CY", "EE", "FI", "GR", "LT", "LV", "MD", "RO", "UA"))


class ZoneName(Struct, frozen=True):
    """An abbreviation for half of the year.

    Args:
        place: a zone in which it is used.
        summer: it means summer time.
        other: what is said in the other half of the year.
        always: what may be said all year; empty when there is nothing.
        markets: territories where everybody changes the clock; elsewhere the winter name may hold all year.
    """

    place: str
    summer: bool
    other: str
    always: str = ""
    markets: frozenset[str] = frozenset()


def _pair(winter: str, summer: str, place: str, always: str, markets: frozenset[str]) -> dict[str, ZoneName]:
    return {
        winter: ZoneName(place, False, summer, always, markets),
        summer: ZoneName(place, True, winter, always, markets),
    }


NAMES: dict[str, ZoneName] = {
    **_pair("EST", "EDT", "America/New_York", "ET", _NORTH_AMERICA),
    **_pair("CST", "CDT", "America/Chicago", "CT", frozenset(("US",))),
    # Arizona keeps MST all year, and so do Queensland AEST and the Northern Territory ACST.
    **_pair("MST", "MDT", "America/Denver", "MT", frozenset()),
    **_pair("PST", "PDT", "America/Los_Angeles", "PT", _NORTH_AMERICA),
    **_pair("AKST", "AKDT", "America/Anchorage", "AKT", frozenset(("US",))),
    **_pair("NST", "NDT", "America/St_Johns", "", frozenset(("CA",))),
    **_pair("CET", "CEST", "Europe/Berlin", "", _CENTRAL_EUROPE),
    **_pair("MEZ", "MESZ", "Europe/Berlin", "", _CENTRAL_EUROPE),
    **_pair("WET", "WEST", "Europe/Lisbon", "", frozenset(("PT",))),
    **_pair("EET", "EEST", "Europe/Athens", "", _EASTERN_EUROPE),
    **_pair("GMT", "BST", "Europe/London", "", frozenset(("GB",))),
    **_pair("AEST", "AEDT", "Australia/Sydney", "AET", frozenset()),
    **_pair("ACST", "ACDT", "Australia/Adelaide", "ACT", frozenset()),
    **_pair("NZST", "NZDT", "Pacific/Auckland", "NZT", frozenset(("NZ",))),
}


def wrong_season(name: str, day: date, hour: time, territory: str) -> ZoneName | None:
    """The abbreviation, when nobody's clock says so on that day; `None` when it is right, or may be.

    Args:
        territory: of the readers, two letters; empty when unknown.
    """
    known = NAMES.get(name)
    if known is None:
        return None
    try:
        local = datetime.combine(day, hour, ZoneInfo(known.place))
    except ZoneInfoNotFoundError:
        return None
    in_summer = bool(local.dst())
    if in_summer == known.summer:
        return None
    return known if known.summer or territory in known.markets else None


def offset_zone(name: str, day: date, hour: time) -> datetime | None:
    """The moment that an hour in a written zone (`CET`, `ET`, `+02:00`) is; `None` for an unknown zone."""
    place = _PLACES.get(name)
    if place is None:
        try:
            return datetime.fromisoformat(f"{day.isoformat()}T{hour.isoformat()}{name or 'x'}")
        except ValueError:
            return None
    try:
        return datetime.combine(day, hour, ZoneInfo(place))
    except ZoneInfoNotFoundError:
        return None


_PLACES = {
    **{name: zone.place for name, zone in NAMES.items()},
    **{zone.always: zone.place for zone in NAMES.values() if zone.always},
    "UTC": "UTC",
    "Z": "UTC",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "AWST": "Australia/Perth",
    "MSK": "Europe/Moscow",
    "SAST": "Africa/Johannesburg",
    "HST": "Pacific/Honolulu",
}
