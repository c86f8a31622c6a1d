"""The table `[schedule]` of a manifest: its shape."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mailcheck.audience.locales import country_of

_HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*")
_REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


def _moment(value: object) -> object:
    """JSON has no moments, so a text is read as ISO 8601; a day alone says nothing of the hour."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value[:40]!r} is no moment; write one such as 2027-03-19T09:00:00+01:00") from None
    if not isinstance(value, datetime):
        raise ValueError("must be a day with an hour, such as 2027-03-19T09:00:00+01:00")  # noqa: TRY004 - pydantic's
    return value


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value[:40]!r} is no day; write one such as 2027-03-19") from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("must be a day, such as 2027-03-19")  # noqa: TRY004 - pydantic's
    return value


def _zone(name: str) -> str:
    if name == "recipient":
        return name
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name[:40]!r} is no time zone; write one such as 'Europe/Oslo', or 'recipient'") from None
    return name


def _country(name: str) -> str:
    if not country_of(name):
        raise ValueError(f"{name[:40]!r} is no country; write its code, such as 'NO'")
    return name


def _region(code: str) -> str:
    if not _REGION.fullmatch(code.upper()):
        raise ValueError(f"{code[:40]!r} is no code of a region (ISO 3166-2); write one such as 'DE-BY'")
    return code.upper()


def _quiet(text: str) -> str:
    quiet_hours(text)
    return text


def quiet_hours(text: str) -> tuple[time, time]:
    """The first minute of the quiet hours, and the first one behind them.

    Raises:
        ValueError: it is not written as `21:00-08:00`.
    """
    match = _HOURS.fullmatch(text)
    try:
        if match is None:
            raise ValueError  # noqa: TRY301 - the same sentence for both
        first, minute, last, end = map(int, match.groups())
        found = time(first, minute), time(last % 24 if (last, end) == (24, 0) else last, end)
    except ValueError:
        raise ValueError(f"{text[:40]!r} are no hours; write them such as '21:00-08:00'") from None
    return found


SendMoment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[date, BeforeValidator(_day)]
Zone = Annotated[str, AfterValidator(_zone)]
Countries = Annotated[tuple[Annotated[str, AfterValidator(_country)], ...], Field(strict=False)]
Regions = Annotated[tuple[Annotated[str, AfterValidator(_region)], ...], Field(strict=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class CalendarEntry(_Strict):
    """Days of your own: `[[schedule.calendar]]`."""

    name: str = Field(min_length=1, description="what people call it: `Stocktaking`, `Spring sale, reminder`")
    day: Day | None = Field(None, description="the day, when it is one")
    first: Day | None = Field(None, description="the first day, when there are several")
    last: Day | None = Field(None, description="the last one")
    what: Literal["blackout", "send"] = Field(
        "blackout", description="`blackout`: nothing goes out; `send`: another send is planned"
    )
    family: str = Field("", description="of the send, or the only one that the blackout is for")

    @model_validator(mode="after")
    def _some_day(self) -> CalendarEntry:
        several = (self.first, self.last)
        if (self.day is None) == (several == (None, None)) or (self.day is None and None in several):
            raise ValueError("say the day by day, or the days by first and last")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError("last is before first; exchange them")
        return self

    def holds(self, day: date) -> bool:
        """Whether a day is one of its days."""
        return day == self.day or (self.first is not None and self.last is not None and self.first <= day <= self.last)


class Automation(_Strict):
    """A mail that a condition sets off: `[[schedule.automations]]`."""

    name: str = Field(min_length=1, description="what people call it")
    trigger: Day | None = Field(None, description="the day that sets it off")
    until: Day | None = Field(None, description="the last day on which its condition can hold")

    @model_validator(mode="after")
    def _some_day(self) -> Automation:
        if self.trigger is None and self.until is None:
            raise ValueError("say the day that sets it off by trigger, or the last day of its condition by until")
        return self


class ScheduleTable(_Strict):
    """The table `[schedule]`."""

    send: SendMoment | None = Field(
        None, description="when it is sent: `2027-03-19T09:00:00+01:00`, or the local time beside a `zone`"
    )
    zone: Zone | None = Field(
        None,
        description="IANA name of the zone that the mail thinks in: `Europe/Oslo`; `recipient` for everybody's own",
    )
    countries: Countries = Field(
        (), description="where recipients live; by default `markets` of [audience], else what `locale` or `zone` tell"
    )
    regions: Regions = Field((), description="regions with holidays of their own, ISO 3166-2: `DE-BY`, `GB-SCT`")
    quiet_hours: Annotated[str, AfterValidator(_quiet)] | None = Field(
        None, description="local hours in which nobody gets mail; by default those of the rule"
    )
    lead_hours: float | None = Field(
        None, ge=0, le=100_000, strict=False, description="hours that the sending service needs before the send"
    )
    calendar: Annotated[tuple[CalendarEntry, ...], Field(strict=False)] = Field(
        (), description="days of your own: blackouts and other sends"
    )
    automations: Annotated[tuple[Automation, ...], Field(strict=False)] = Field(
        (), description="mails that a condition sets off"
    )
