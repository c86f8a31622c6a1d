"""People are told: the outbox of the store is delivered to Slack, Teams, mail and webhooks, through apprise.

The addresses of apprise are secrets. They are neither shown nor logged; people see the name of the alert.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailcheck.gate.jobs import StoreError, ToTell
from mailcheck.gate.links import ReportLinks
from mailcheck.gate.settings import GateSettings, PolicyTable
from mailcheck.gate.store import Store
from mailcheck.masking import mask_addresses
from mailcheck.report import plural

if TYPE_CHECKING:
    from apprise import Apprise

SHOWN = 3
"""Findings that an alert shows; the report has all of them."""
SECONDS = 60.0
"""For the delivery to one target."""
TAKEN = timedelta(minutes=3)
"""For which a notice is one process's; when that has ended meanwhile, another one delivers it."""
FIRST, MOST = timedelta(seconds=30), timedelta(hours=1)
"""Until a failed delivery is tried again; the pause doubles."""
IDLE = 1.0
_TITLES = {
    "held": "Held",
    "unsure": "Not sure",
    "cleared": "Clear",
    "reverted": "Taken out of the schedule",
    "failed": "The gate needs you",
}
_LEVELS = {"cleared": "success", "held": "warning", "unsure": "warning", "reverted": "warning", "failed": "failure"}
_RANK = {"error": 0, "warning": 1}
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_CALLS_OUT = re.compile(r"@(?=(?:channel|here|everyone|all|room)\b)", re.IGNORECASE)
_LENGTH = 300

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """An alert as people read it. `level` is apprise's: `success`, `warning`, `failure`."""

    title: str
    body: str
    level: str


def words(notice: ToTell, report: str | None = None, link: str = "") -> Words:
    """What people are told, without addresses and without anything that a chat would take for an order.

    Args:
        report: the report as JSON, for the first of its findings.
        link: where the report is.
    """
    lines = [_clean(notice.text, 2 * _LENGTH)]
    lines += _findings(report)
    where = f"Connection {_clean(notice.esp)}"
    lines.append(f"{where}, campaign {_clean(notice.campaign_id)}." if notice.campaign_id else f"{where}.")
    if link:
        lines.append(f"Report: {link}")
    return Words(
        f"{_TITLES[notice.topic]}: {_clean(notice.name) or 'a campaign'}", "\n".join(lines), _LEVELS[notice.topic]
    )


def _clean(text: str, length: int = _LENGTH) -> str:
    """One line of text that came from somebody else."""
    shown = _NO_TEXT.sub(" ", mask_addresses(text)).replace("<", "‹").replace(">", "›")
    shown = _CALLS_OUT.sub("@ ", shown).strip()
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def _findings(report: str | None) -> list[str]:
    """The first findings of a report, the grave ones before the others."""
    try:
        value: Any = json.loads(report or "{}")
        found = [*value.get("faults", ()), *(one for each in value.get("campaigns", ()) for one in each["findings"])]
        told = sorted((one for one in found if one["severity"] in _RANK), key=lambda one: _RANK[one["severity"]])
        shown = [f"- {_clean(str(one['message']))} ({_clean(str(one['rule']))})" for one in told[:SHOWN]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    more = len(told) - len(shown)
    return [*shown, f"- and {plural(more, 'more finding')}"] if more > 0 else shown


class BadAlert(ValueError):  # noqa: N818 - reads as what it says
    """An alert of the settings that cannot be used; the text names it, and not its address."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where people are told."""

    name: str
    apprise: Apprise = field(repr=False)

    @classmethod
    def of(cls, name: str, url: str) -> Target:
        """A target of the settings.

        Raises:
            BadAlert: apprise is not installed, or does not know such an address.
        """
        try:
            from apprise import Apprise, AppriseAsset, PersistentStoreMode
        except ImportError:
            raise BadAlert(f"alerts.{name} needs apprise: pip install 'mailcheck-lint[gate]'") from None
        _silence()
        asset = AppriseAsset(secure_logging=True, storage_mode=PersistentStoreMode.MEMORY)
        apprise = Apprise(asset=asset)
        if any(mark in url for mark in (" ", ",", "\n")) or not apprise.add(url) or len(apprise) != 1:
            raise BadAlert(f"alerts.{name}: apprise knows no such address; look at its list of services")
        return cls(name, apprise)

    def send(self, said: Words) -> bool:
        """Deliver it; blocks. Whether it was taken."""
        return bool(self.apprise.notify(said.body, title=said.title, notify_type=said.level, body_format="text"))


def targets_of(settings: GateSettings) -> dict[str, Target]:
    """The targets of the settings. No packet is sent.

    Raises:
        BadAlert: one of them cannot be used.
    """
    targets = {}
    for name, table in settings.alerts.items():
        try:
            targets[name] = Target.of(name, table.url.read().get_secret_value())
        except BadAlert:
            raise
        except ValueError as error:
            raise BadAlert(f"alerts.{name}: {error}") from None
    return targets


def _silence() -> None:
    """What apprise and its HTTP library log holds addresses, which are secrets."""
    for name in ("apprise", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class Alerts:
    """Delivers what is in the outbox.

    Args:
        targets: by name.
        policies: say which of them are told; without names, all.
        log: takes one line on every delivery that failed: the name of the alert, never its address.
    """

    store: Store
    targets: Mapping[str, Target]
    policies: Mapping[str, PolicyTable]
    links: ReportLinks = field(default_factory=ReportLinks)
    clock: Callable[[], datetime] = _utc
    log: Callable[[str], None] = logger.warning
    _told: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False)

    @classmethod
    def of(cls, settings: GateSettings, store: Store) -> Alerts:
        """The alerts of the settings.

        Raises:
            BadAlert: one of them cannot be used.
            ValueError: the token, with which links are made, is not there.
        """
        return cls(store, targets_of(settings), settings.policies, ReportLinks.of(settings))

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until somebody says stop."""
        while not stop.is_set():
            try:
                await self.deliver()
            except StoreError as error:
                self.log(f"the outbox cannot be read: {error}")
            await _pause(stop, IDLE)

    async def deliver(self) -> int:
        """Deliver what is due; how many notices that were.

        Raises:
            StoreError: the store cannot be used; what was delivered meanwhile is not forgotten.
        """
        notices = await asyncio.to_thread(self.store.untold, self.clock())
        for notice in notices:
            await self._deliver(notice)
        return len(notices)

    async def _deliver(self, notice: ToTell) -> None:
        now = self.clock()
        if not await asyncio.to_thread(self.store.take, notice.id, now=now, until=now + TAKEN):
            return  # by another process on the same store
        report = await asyncio.to_thread(self.store.report, notice.report_id) if notice.report_id else None
        said = words(notice, report, self.links.to(notice.report_id))
        left = [target for target in self._targets(notice) if (notice.id, target.name) not in self._told]
        took = await asyncio.gather(*(_sent(target, said) for target in left))
        self._told.update((notice.id, target.name) for target, taken in zip(left, took, strict=True) if taken)
        failed = [target.name for target, taken in zip(left, took, strict=True) if not taken]
        if not failed:
            await asyncio.to_thread(self.store.was_told, notice.id, now=self.clock())
            self._told = {one for one in self._told if one[0] != notice.id}
            return
        error = f"not delivered to {', '.join(failed)}"
        self.log(f"alert {notice.id}: {error}; it is tried again")
        pause = min(MOST, FIRST * (1 << min(notice.tries, 10)))
        await asyncio.to_thread(self.store.tell_later, notice.id, error, due_at=self.clock() + pause)

    def _targets(self, notice: ToTell) -> Sequence[Target]:
        """Those of the policy; of a policy that names one that is gone, all: somebody has to know."""
        policy = self.policies.get(notice.policy)
        names = policy.alerts if policy else ()
        known = [self.targets[name] for name in names if name in self.targets]
        return known if names and len(known) == len(names) else list(self.targets.values())


async def _sent(target: Target, said: Words) -> bool:
    try:
        async with asyncio.timeout(SECONDS):
            return await asyncio.to_thread(target.send, said)
    except Exception:  # noqa: BLE001 - a plug-in of apprise may raise anything, with the address in it
        return False


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    waiting: Awaitable[bool] = stop.wait()
    try:
        await asyncio.wait_for(waiting, seconds)
    except TimeoutError:
        return
