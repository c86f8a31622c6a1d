"""When and where a campaign arrives: the local times of its recipients."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from mailcheck.audience.schedule_table import Automation, CalendarEntry

_MAIN_ZONES = {
    "AR": ("America/Argentina/Buenos_Aires",),
    "AU": ("Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth"),
    "BR": ("America/Sao_Paulo", "America/Manaus"),
    "CA": ("America/Toronto", "America/Edmonton", "America/Vancouver", "America/Winnipeg", "America/Halifax"),
    "CD": ("Africa/Kinshasa", "Africa/Lubumbashi"),
    "CL": ("America/Santiago",),
    "CN": ("Asia/Shanghai",),
    "CY": ("Asia/Nicosia",),
    "DE": ("Europe/Berlin",),
    "EC": ("America/Guayaquil",),
    "ES": ("Europe/Madrid", "Atlantic/Canary"),
    "GL": ("America/Nuuk",),
    "ID": ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"),
    "KI": ("Pacific/Tarawa",),
    "KZ": ("Asia/Almaty",),
    "MN": ("Asia/Ulaanbaatar",),
    "MX": ("America/Mexico_City", "America/Tijuana", "America/Hermosillo", "America/Cancun"),
    "MY": ("Asia/Kuala_Lumpur",),
    "NZ": ("Pacific/Auckland",),
    "PF": ("Pacific/Tahiti",),
    "PG": ("Pacific/Port_Moresby",),
    "PS": ("Asia/Hebron",),
    "PT": ("Europe/Lisbon", "Atlantic/Azores"),
    "RU": ("Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok"),
    "UA": ("Europe/Kyiv",),
    "US": ("America/New_York", "America/Chicago", "America/Los_Angeles", "America/Denver", "Pacific/Honolulu"),
    "UZ": ("Asia/Tashkent",),
}
"""Of countries with several zones those in which most people live, the most populous first."""

_WEEKENDS = {
    **dict.fromkeys(("BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "OM", "QA", "SA", "SD", "SY", "YE"), (4, 5)),
    "AF": (3, 4),
    "IR": (4,),
    "IN": (6,),
    "UG": (6,),
}
"""Days of the weekend, Monday is 0, where it is not Saturday and Sunday (CLDR)."""


_EASTERNMOST, _WESTERNMOST = timedelta(hours=14), timedelta(hours=12)
"""Offsets of the zones in which a day begins first and last."""


class LocalTime(Struct, frozen=True):
    """When the mail arrives at one place.

    Args:
        moment: on the clocks of that place; without a zone when the place is not known.
        country: ISO 3166, capitals; empty when it is not known.
        zone: IANA name; empty when it is not known.
    """

    moment: datetime
    country: str = ""
    zone: str = ""

    @property
    def place(self) -> str:
        """The city of the zone, as people read it."""
        return city(self.zone)

    @property
    def shown(self) -> str:
        """`Friday 19 March 2027 03:00 in Oslo`."""
        return f"{shown_day(self.moment)} {self.moment:%H:%M}{self._where}"

    @property
    def hour(self) -> str:
        """`03:00 in Oslo`."""
        return f"{self.moment:%H:%M}{self._where}"

    @property
    def _where(self) -> str:
        if self.zone:
            return f" in {self.place}"
        return f" ({self.moment.tzname()})" if self.moment.tzinfo is not None else ""

    @property
    def is_weekend(self) -> bool:
        return self.moment.weekday() in _WEEKENDS.get(self.country, (5, 6))

    def is_within(self, first: time, last: time) -> bool:
        """Whether the clock shows an hour from `first` to before `last`, which may be on the next morning."""
        clock = self.moment.time()
        return first <= clock < last if first <= last else clock >= first or clock < last


class Schedule(Struct, frozen=True, kw_only=True):
    """What is known of the sending.

    Args:
        send: as it was written; with an offset, or the clock of `zone`; `None` when nobody said.
        zone: IANA name, `recipient`, or empty.
        countries: where recipients live, ISO 3166, capitals.
        declared: whether somebody said so; else it was guessed from the locale or the zone.
        regions: ISO 3166-2.
        quiet: first minute of the quiet hours and the first behind them; `None` when nobody said.
        lead_hours: what the sending service needs; `None` when nobody said.
    """

    send: datetime | None = None
    zone: str = ""
    countries: tuple[str, ...] = ()
    declared: bool = False
    regions: tuple[str, ...] = ()
    quiet: tuple[time, time] | None = None
    lead_hours: float | None = None
    calendar: tuple[CalendarEntry, ...] = ()
    automations: tuple[Automation, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether everybody gets it at the same hour of their own clock."""
        return self.zone == "recipient"

    @property
    def moment(self) -> datetime | None:
        """The moment of the send, with a zone; `None` when it is not one moment, or not known."""
        if self.send is None or self.is_local:
            return None
        if self.send.tzinfo is None:
            zone = self.zone or self._only_zone
            return self.send.replace(tzinfo=ZoneInfo(zone)) if zone else None
        return self.send.astimezone(ZoneInfo(self.zone)) if self.zone else self.send

    @property
    def _only_zone(self) -> str:
        zones = [zone for country in self.countries for zone in zones_of(country)]
        return zones[0] if len(zones) == 1 else ""

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """The first and the last moment at which it may arrive; far apart where the zone is not known."""
        if self.send is None:
            return None
        if self.moment is not None:
            return self.moment, self.moment
        moments = [one.moment for one in self.local_times() if one.zone]
        if moments:
            return min(moments), max(moments)
        clock = self.send.replace(tzinfo=UTC)
        return clock - _EASTERNMOST, clock + _WESTERNMOST

    def days(self) -> tuple[date, ...]:
        """Every day on which it arrives somewhere, in order."""
        return tuple(sorted({one.moment.date() for one in self.local_times()}))

    def zones(self) -> tuple[str, ...]:
        """The zones whose clocks the written hour is read on: one, several for `recipient`, none when not known."""
        if self.is_local:
            return tuple(zone for country in self.countries for zone in zones_of(country))
        if self.send is not None and self.send.tzinfo is not None:
            return ()
        return tuple(filter(None, (self.zone or self._only_zone,)))

    def local_times(self) -> tuple[LocalTime, ...]:
        """When it arrives where recipients live, the most populous zone of each country first; empty without a send."""
        if self.send is None:
            return ()
        return tuple(self._local_times(self.send)) or (self._own_time(self.send),)

    def _local_times(self, send: datetime) -> Iterator[LocalTime]:
        moment = self.moment
        for country in self.countries:
            zones = zones_of(country)
            if territory_of(self.zone) == country:
                zones = (self.zone, *(zone for zone in zones if zone != self.zone)) if self.declared else (self.zone,)
            for zone in zones:
                if moment is not None:
                    yield LocalTime(moment.astimezone(ZoneInfo(zone)), country, zone)
                elif self.is_local:
                    yield LocalTime(send.replace(tzinfo=ZoneInfo(zone)), country, zone)
            if moment is None and not self.is_local:
                yield LocalTime(send, country)

    def _own_time(self, send: datetime) -> LocalTime:
        moment = self.moment
        if moment is None:
            return LocalTime(send.replace(tzinfo=None))
        return LocalTime(moment, territory_of(self.zone), self.zone)


def city(zone: str) -> str:
    """`Oslo` of `Europe/Oslo`."""
    return zone.rpartition("/")[2].replace("_", " ")


def shown_day(day: date) -> str:
    """`Friday 19 March 2027`."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country in which most of its people live, the most populous first; empty when it is not known.

    Args:
        country: ISO 3166, capitals.
    """
    return _MAIN_ZONES.get(country) or _only_zones().get(country, ())


def territory_of(zone: str) -> str:
    """The country in which a zone lies, ISO 3166; empty for those that lie in none, such as `UTC`."""
    if not zone or zone == "recipient":
        return ""
    found = _territories().get(zone, "")
    return found if found.isalpha() and found != "ZZ" else ""


@cache
def _territories() -> dict[str, str]:
    from babel.core import get_global

    aliases: dict[str, str] = dict(get_global("zone_aliases"))
    territories: dict[str, str] = dict(get_global("zone_territories"))
    return {**{alias: territories.get(zone, "") for alias, zone in aliases.items()}, **territories}


@cache
def _only_zones() -> dict[str, tuple[str, ...]]:
    """Of every country the zones that this system knows."""
    found: dict[str, tuple[str, ...]] = {}
    from babel.core import get_global

    for zone, territory in get_global("zone_territories").items():
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
        found[territory] = (*found.get(territory, ()), zone)
    return found


def is_skipped(clock: datetime, zone: str) -> bool:
    """Whether the clocks of a zone never show an hour, because they are put forward over it."""
    local = clock.replace(tzinfo=ZoneInfo(zone), fold=0)
    return local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != clock.replace(tzinfo=None)


def is_doubled(clock: datetime, zone: str) -> bool:
    """Whether the clocks of a zone show an hour twice, because they are put back over it."""
    if is_skipped(clock, zone):
        return False
    first, second = (clock.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
    return first != second


def after_gap(clock: datetime, zone: str) -> datetime:
    """What the clocks of a zone show instead of an hour that they skip."""
    local = clock.replace(tzinfo=ZoneInfo(zone), fold=0)
    return local.astimezone(UTC).astimezone(ZoneInfo(zone))


def other_season(send: datetime, zone: str) -> timedelta | None:
    """The offset that a zone has on the day of the send, when the written one is that of its other season.

    Args:
        send: with an offset.
    """
    known = ZoneInfo(zone)
    written, real = send.utcoffset(), send.astimezone(known).utcoffset()
    year = [datetime(send.year, month, 15, 12, tzinfo=known).utcoffset() for month in range(1, 13)]
    return real if written and written != real and written in year else None
