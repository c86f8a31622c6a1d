"""What the fake services hold: the same campaigns, whatever the vendor calls things."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gate_fakes.engine import Refused

# On the quarter of an hour, as Mailchimp wants it, and in the future for as long as the tests are run.
SEND_AT = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=15, second=0, microsecond=0)
HTML = '<html><body><p>Big news</p><a href="https://shop.example/sale">To the sale</a></body></html>'


@dataclass
class Campaign:
    """One campaign of a fake service."""

    id: str
    status: str = "draft"
    at: datetime | None = None
    name: str = "Spring sale"
    subject: str = "20 % off"
    preheader: str = "Only today"
    html: str = HTML
    text: str = "Big news"


@dataclass
class World:
    """Campaigns by id, and what was really done to them."""

    campaigns: dict[str, Campaign]
    effects: list[str] = field(default_factory=list)
    deaf: bool = False
    """Whether it takes orders and does nothing, as services do that fail inside a 200."""
    bare: bool = False
    """Whether nothing stands around the content of a campaign: no frame, no other modules."""

    def find(self, ident: str, status: int = 404) -> Campaign:
        if ident not in self.campaigns:
            raise Refused(status, {"message": "not found", "detail": "not found"})
        return self.campaigns[ident]

    def schedule(self, ident: str, at: datetime | None) -> None:
        found = self.find(ident)
        if self.deaf:
            return
        if found.status not in ("draft", "paused") or at is None or at < datetime.now(UTC):
            raise Refused(400, {"message": f"cannot schedule what is {found.status}"})
        found.status, found.at = "scheduled", at
        self.effects.append(f"schedule {ident}")

    def stop(self, ident: str, status: str = "draft") -> None:
        found = self.find(ident)
        if self.deaf:
            return
        if found.status not in ("scheduled", "sending"):
            raise Refused(400, {"message": f"cannot stop what is {found.status}"})
        found.status = status
        self.effects.append(f"stop {ident}")

    def scheduled(self) -> list[Campaign]:
        return [one for one in self.campaigns.values() if one.status == "scheduled"]


def moment(text: object) -> datetime:
    """A moment that a vendor takes."""
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refused(400, {"message": f"{text} is no moment"}) from None
    if when.tzinfo is None:
        raise Refused(400, {"message": "no offset"})
    return when.astimezone(UTC)
