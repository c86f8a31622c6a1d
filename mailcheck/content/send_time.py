"""When a campaign is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from mailcheck.campaign import Campaign
from mailcheck.rule import Absent

_FIRST_YEAR = 1980
"""There was no Internet mail before; a Date header that says so is broken."""


class SendTime(Struct, frozen=True):
    """The moment of sending, as far as it is known.

    Args:
        moment: in the zone of the campaign; without a zone when nobody said one, and then the local time of the sender.
        zone: IANA name, `recipient`, or empty.
        source: the table `[schedule]`, or the Date header of a finished mail.
    """

    moment: datetime
    zone: str = ""
    source: Literal["schedule", "header"] = "schedule"

    @property
    def day(self) -> date:
        """The day of sending, where the mail thinks."""
        return self.moment.date()


def send_time_of(campaign: Campaign) -> SendTime:
    """The send time of the manifest, else that of the Date header.

    Raises:
        Absent: neither is there.
    """
    table: Mapping[str, object] = campaign.schedule or {}
    moment, zone = table.get("send"), str(table.get("zone") or "")
    if isinstance(moment, datetime):
        return SendTime(_local(moment, zone), zone)
    for header in campaign.message.headers:
        if header.name.lower() == "date" and (read := _header_date(header.value.text)):
            return SendTime(_local(read, zone), zone, "header")
    raise Absent("nobody said when it is sent (`send` in the table [schedule] of the manifest)")


def _local(moment: datetime, zone: str) -> datetime:
    if not zone or zone == "recipient":
        return moment
    known = ZoneInfo(zone)
    return moment.replace(tzinfo=known) if moment.tzinfo is None else moment.astimezone(known)


def _header_date(text: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return read if read.year >= _FIRST_YEAR else None
