"""The hour of sending: it is still to come, it exists, and people are awake and at their mail."""

from mailcheck_rules._schedule_calendar import automation_passed, blackout, collision, holiday, weekend
from mailcheck_rules._schedule_hours import (
    ambiguous_time,
    in_past,
    lead_time,
    nonexistent_time,
    quiet_hours,
    wrong_offset,
)

__all__ = [
    "ambiguous_time",
    "automation_passed",
    "blackout",
    "collision",
    "holiday",
    "in_past",
    "lead_time",
    "nonexistent_time",
    "quiet_hours",
    "weekend",
    "wrong_offset",
]
