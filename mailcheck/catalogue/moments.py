"""When a sale is: `2027-03-18T00:00+0100/2027-03-21T23:59+0100`, and what feeds make of that."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from mailcheck.catalogue.product import Window

_MOMENT = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:[T ](?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_FARTHEST = timedelta(hours=14)


def read_window(text: str, zone: str = "") -> Window:
    """A sale window as the feeds of Google and Meta write it.

    Args:
        zone: IANA name, for moments without an offset.

    Raises:
        ValueError: it is none.
    """
    start, slash, end = text.strip().partition("/")
    if not slash:
        raise ValueError(f"{text[:60]!r} is no pair of moments; write start/end")
    first = read_moment(start, zone) if start.strip() else None
    last = read_moment(end, zone, at_end=True) if end.strip() else None
    if first is None and last is None:
        raise ValueError("it says neither start nor end")
    if first is not None and last is not None and last.replace(tzinfo=None) < first.replace(tzinfo=None) - _FARTHEST:
        raise ValueError(f"{text[:60]!r} ends before it begins")
    return Window(first, last)


def read_moment(text: str, zone: str = "", *, at_end: bool = False) -> datetime:
    """A moment in ISO 8601, leniently; without an offset in `zone`, else without a zone.

    Args:
        at_end: a day alone means its last second, not its first.

    Raises:
        ValueError: it is none.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()[:40]!r} is no moment; write one such as 2027-03-18T00:00+0100")
    day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    clock = time(23, 59, 59) if at_end else time()
    if match["hour"]:
        hour = int(match["hour"])
        clock = time(23, 59, 59) if hour == 24 else time(hour, int(match["minute"]), int(match["second"] or 0))
    found = datetime.combine(day, clock)
    offset = _offset(match["zone"] or "")
    if offset is not None:
        return found.replace(tzinfo=offset)
    return found.replace(tzinfo=ZoneInfo(zone)) if zone else found


def _offset(said: str) -> timezone | None:
    """The offset; none where nobody lives by it, as in `T0:00-23:59`, which Meta's own template has."""
    if not said:
        return None
    if said[0] not in "+-":
        return UTC
    digits = said[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if distance > _FARTHEST:
        return None
    return timezone(-distance if said[0] == "-" else distance)
