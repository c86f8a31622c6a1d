"""Adapters of sending services, each against a fake of its vendor, all in the same table."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from gate_fakes import more_vendors, vendors
from gate_fakes.engine import Asked, Fake, Fault, Refused
from gate_fakes.world import HTML, SEND_AT, Campaign, World
from mailcheck.gate.esps import connect
from mailcheck.gate.esps.connected import Connected
from mailcheck.gate.model import Esp, EspError, Planned
from mailcheck.gate.settings import EspTable
from mailcheck.reading import from_mapping
from mailcheck.web.api import LONGEST_PAUSE

T = TypeVar("T")
KEY = "s3cret-key"


@dataclass(frozen=True)
class Vendor:
    """How a kind is set up, and what its fake holds."""

    kind: str
    make: Callable[[World], Fake]
    ident: str = "12"
    path: str = ""
    user: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    schedules: bool = True
    reverts: bool = True
    starts: bool = True
    """Whether what is under way can be stopped."""
    recipients: int | None = 960
    preheader: str | None = "Only today"
    html: str = HTML


VENDORS = [
    Vendor(
        "listmonk",
        vendors.listmonk,
        user="gate",
        preheader=None,
        html=f"<!doctype html>{HTML}<p>{{{{ UnsubscribeURL }}}}</p>",
    ),
    Vendor("mailchimp", vendors.mailchimp, ident="c0ffee", path="/3.0"),
    Vendor("klaviyo", vendors.klaviyo, ident="01HX"),
    Vendor("brevo", vendors.brevo, path="/v3"),
    Vendor("hubspot", more_vendors.hubspot, recipients=None, html=HTML),
    Vendor("sendgrid", more_vendors.sendgrid, ident="0b1e-22", preheader=None, starts=False),
    Vendor("braze", more_vendors.braze, ident="ab-1", schedules=False, reverts=False, recipients=None),
    Vendor(
        "sfmc",
        more_vendors.sfmc,
        ident="7f-01",
        user="gate",
        options={"account_id": "42", "sender": "Shop <news@shop.example>"},
        schedules=False,
        reverts=False,
        recipients=None,
    ),
]
EVERY = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.kind)
SCHEDULING = pytest.mark.parametrize(
    "vendor", [one for one in VENDORS if one.schedules], ids=lambda vendor: vendor.kind
)


@dataclass
class Account:
    """A fake service with one draft, and the connection to it."""

    vendor: Vendor
    world: World
    fake: Fake
    esp: Esp

    @property
    def campaign(self) -> Campaign:
        return self.world.campaigns[self.vendor.ident]

    def fetch(self) -> Planned:
        return run(self.esp.fetch(self.vendor.ident))

    def ready(self) -> Planned:
        """The draft, as it is judged and approved for its time."""
        return replace(self.fetch(), send_at=SEND_AT)


def run(work: Awaitable[T]) -> T:
    async def main() -> T:
        return await work

    return asyncio.run(main())


def table(vendor: Vendor, url: str, **changes: Any) -> EspTable:
    options = {"private": "true", "seconds": "10", **vendor.options}
    options |= {"auth_url": url} if vendor.kind == "sfmc" else {}
    given = {
        "kind": vendor.kind,
        "url": url + vendor.path,
        "user": vendor.user,
        "secret": {"env": "ESP_KEY"},
        "options": options,
    }
    return EspTable.model_validate(given | changes)


@pytest.fixture
def account(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setenv("ESP_KEY", KEY)
    world = World({vendor.ident: Campaign(vendor.ident)})
    with vendor.make(world) as fake:
        esp = connect("mine", table(vendor, fake.url))
        yield Account(vendor, world, fake, quick(esp))


def quick(esp: Esp, seconds: float = 10.0) -> Esp:
    """A connection that does not wait between its looks, and so long for an answer."""
    assert isinstance(esp, Connected)
    service: Any = esp.service
    for api in {"api", "auth"} & set(dir(service)):
        getattr(service, api).client.seconds = seconds
    return replace(esp, pauses=(0.0, 0.0, 0.0))


HANGING = 1.0
"""Seconds that are waited for an answer that never comes."""


def failed(work: Awaitable[object]) -> EspError:
    """The error that something ends with: one sentence, and no secret in it."""
    with pytest.raises(EspError) as caught:
        run(work)
    said = str(caught.value)
    assert KEY not in said
    assert "\n" not in said
    assert 10 < len(said) < 400
    assert "Traceback" not in said
    return caught.value


# reading


@EVERY
def test_a_campaign_is_fetched_whole(account: Account) -> None:
    account.campaign.at = SEND_AT
    account.campaign.status = "scheduled"
    planned = account.fetch()
    vendor = account.vendor
    expected_time = None if vendor.kind == "sfmc" else SEND_AT
    assert (planned.esp, planned.campaign_id, planned.name) == ("mine", vendor.ident, "Spring sale")
    assert (planned.status, planned.send_at, planned.recipients) == ("scheduled", expected_time, vendor.recipients)
    campaign = from_mapping(json.loads(json.dumps(planned.judged)))
    message = campaign.message
    assert campaign.dialect == vendor.kind
    assert campaign.stage == "template"
    assert campaign.service
    parts = {part.name: part.text for part in message.parts()}
    assert (parts["subject"], parts["from"]) == ("20 % off", "Shop <news@shop.example>")
    assert vendor.html in parts["html"] if vendor.kind == "hubspot" else vendor.html == parts["html"]
    assert parts.get("preheader") == vendor.preheader
    if vendor.kind not in ("brevo", "braze"):
        assert parts["text"] == "Big news"
    if expected_time:
        assert campaign.schedule
        assert campaign.schedule["send"] == SEND_AT


@EVERY
def test_the_digest_knows_message_and_time(account: Account) -> None:
    first = account.fetch()
    assert account.fetch().digest == first.digest
    account.campaign.subject = "30 % off"
    second = account.fetch()
    assert second.digest != first.digest
    if account.vendor.kind != "sfmc":
        account.campaign.status, account.campaign.at = "scheduled", SEND_AT
        assert account.fetch().digest != second.digest
        # What was approved as a draft, for that time, is what was approved when it is scheduled.
        assert account.fetch().digest == replace(second, send_at=SEND_AT).digest


@EVERY
def test_a_campaign_without_content_is_no_empty_message(account: Account) -> None:
    account.campaign.html = account.campaign.text = " "
    account.world.bare = True
    assert failed(account.esp.fetch(account.vendor.ident)).permanent


@EVERY
def test_every_page_of_the_schedule_is_read(account: Account) -> None:
    idents = [f"{account.vendor.ident}{number}" for number in range(230)]
    account.world.campaigns |= {ident: Campaign(ident, "scheduled", SEND_AT) for ident in idents}
    at = None if account.vendor.kind == "sfmc" else SEND_AT  # journeys have no time of their own
    assert run(account.esp.scheduled()) == dict.fromkeys(idents, at)


@EVERY
def test_nothing_is_scheduled(account: Account) -> None:
    assert run(account.esp.scheduled()) == {}


@EVERY
@pytest.mark.parametrize("ident", ["../lists", "1/2", "", "a b", "1?x=2", "é", "x" * 200, "%2e%2e", "1\r\nX: y"])
def test_an_id_stays_in_its_place(account: Account, ident: str) -> None:
    assert failed(account.esp.fetch(ident)).permanent
    assert account.fake.requests == []


@EVERY
def test_a_campaign_that_is_not_there(account: Account) -> None:
    error = failed(account.esp.fetch("999"))
    assert error.permanent
    assert not error.unknown_outcome


# writing


@SCHEDULING
def test_what_cannot_be_read_is_stopped_all_the_same(account: Account) -> None:
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    check = account.fake.check

    def no_reads(asked: Asked) -> None:
        check(asked)
        if asked.method == "GET":
            raise Refused(500)

    account.fake.check = no_reads
    error = failed(account.esp.revert(Planned("mine", account.vendor.ident, "", "unknown", {})))
    assert error.unknown_outcome  # nobody can see whether it is
    assert account.world.effects == [f"stop {account.vendor.ident}"]
    error = failed(account.esp.revert(Planned("mine", account.vendor.ident, "", "unknown", {})))
    assert not error.permanent
    account.fake.check = check
    run(account.esp.revert(Planned("mine", account.vendor.ident, "", "unknown", {})))
    assert account.world.effects[1:] in ([], [f"stop {account.vendor.ident}"])


@EVERY
def test_a_service_that_wants_no_request_for_a_year_is_asked_to_stop_a_campaign(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = [1000.0]
    monkeypatch.setattr("mailcheck.web.api.time", SimpleNamespace(monotonic=lambda: ticks[0]))
    account.fake.pause = 31_536_000
    account.fake.faults = ["429"]
    failed(account.esp.fetch(account.vendor.ident))
    asked = len(account.fake.requests)
    ticks[0] += LONGEST_PAUSE - 1
    assert failed(account.esp.scheduled()).retry_after
    assert len(account.fake.requests) == asked
    ticks[0] += 1
    run(account.esp.scheduled())


@SCHEDULING
def test_scheduling_twice_is_scheduling_once(account: Account) -> None:
    planned = account.ready()
    run(account.esp.schedule(planned))
    run(account.esp.schedule(planned))
    assert account.world.effects == [f"schedule {account.vendor.ident}"]
    assert (account.campaign.status, account.campaign.at) == ("scheduled", SEND_AT)


@SCHEDULING
def test_reverting_twice_is_reverting_once(account: Account) -> None:
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    planned = account.fetch()
    run(account.esp.revert(planned))
    run(account.esp.revert(planned))
    assert account.world.effects == [f"stop {account.vendor.ident}"]
    assert account.campaign.status == "draft"


@SCHEDULING
def test_what_was_edited_is_not_scheduled(account: Account) -> None:
    planned = account.ready()
    account.campaign.html += "<p>one more thing</p>"
    assert failed(account.esp.schedule(planned)).permanent
    assert account.world.effects == []


@SCHEDULING
def test_no_time_or_one_that_has_passed(account: Account) -> None:
    planned = account.fetch()
    assert failed(account.esp.schedule(replace(planned, send_at=None))).permanent
    past = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    assert failed(account.esp.schedule(replace(planned, send_at=past))).permanent
    assert account.world.effects == []


@SCHEDULING
def test_what_somebody_scheduled_for_another_time_is_left(account: Account) -> None:
    planned = account.ready()
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT + timedelta(days=1)
    assert failed(account.esp.schedule(planned)).permanent
    assert account.world.effects == []


@SCHEDULING
def test_what_was_sent_cannot_be_taken_back(account: Account) -> None:
    account.campaign.status, account.campaign.at = "sent", SEND_AT
    planned = account.fetch()
    assert "sent" in str(failed(account.esp.revert(planned)))
    assert account.world.effects == []


@SCHEDULING
def test_what_is_being_sent_is_stopped_where_that_is_possible(account: Account) -> None:
    if not account.vendor.starts:
        return
    account.campaign.status, account.campaign.at = "sending", SEND_AT
    run(account.esp.revert(account.fetch()))
    assert account.world.effects == [f"stop {account.vendor.ident}"]


@SCHEDULING
def test_a_service_that_takes_an_order_and_does_nothing(account: Account) -> None:
    planned = account.ready()
    account.world.deaf = True
    failed(account.esp.schedule(planned))
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    error = failed(account.esp.revert(planned))
    assert error.unknown_outcome


@SCHEDULING
@pytest.mark.parametrize("fault", ["hang-done", "500-done"])
def test_an_answer_that_did_not_come_to_an_order_that_was_carried_out(account: Account, fault: Fault) -> None:
    planned = account.ready()
    account.fake.writes_fail = fault
    quick(account.esp, HANGING if fault == "hang-done" else 10)
    if account.vendor.kind in ("klaviyo", "hubspot", "listmonk"):
        # Two orders; the first one only sets the time.
        account.campaign.at = SEND_AT
    if account.vendor.kind == "hubspot":
        failed(account.esp.schedule(planned))
    else:
        run(account.esp.schedule(planned))
        assert account.world.effects == [f"schedule {account.vendor.ident}"]
    account.campaign.status = "scheduled"
    account.world.effects.clear()
    run(account.esp.revert(planned))
    assert account.world.effects == [f"stop {account.vendor.ident}"]


@SCHEDULING
@pytest.mark.parametrize("fault", ["hang", "500", "reset", "half"])
def test_an_order_of_which_nothing_is_known(account: Account, fault: Fault) -> None:
    planned = account.ready()
    account.fake.writes_fail = fault
    quick(account.esp, HANGING if fault == "hang" else 10)
    error = failed(account.esp.schedule(planned))
    assert error.unknown_outcome
    assert not error.permanent
    account.fake.writes_fail = None
    quick(account.esp)
    run(account.esp.schedule(planned))
    assert account.world.effects == [f"schedule {account.vendor.ident}"]


@SCHEDULING
def test_an_order_that_was_not_taken_is_known_not_to_be(account: Account) -> None:
    planned = account.ready()
    account.fake.writes_fail = "429"
    error = failed(account.esp.schedule(planned))
    assert not error.unknown_outcome
    assert error.retry_after == 7
    assert account.world.effects == []


@EVERY
def test_what_cannot_be_done_is_said(account: Account) -> None:
    vendor = account.vendor
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    planned = account.fetch()
    if not vendor.reverts:
        assert failed(account.esp.revert(planned)).permanent
    account.campaign.status = "draft"
    if not vendor.schedules:
        assert failed(account.esp.schedule(account.ready())).permanent
    assert account.esp.gate in ("hard", "permission", "polling")


# faults


@EVERY
@pytest.mark.parametrize(
    ("fault", "permanent"),
    [
        ("500", False),
        ("503", False),
        ("429", False),
        ("401", True),
        ("404", True),
        ("302", True),
        ("garbage", False),
        ("half", False),
        ("list", False),
        ("reset", False),
    ],
)
def test_a_service_that_fails(account: Account, fault: Fault, permanent: bool) -> None:
    account.fake.all_fail = fault
    error = failed(account.esp.fetch(account.vendor.ident))
    assert error.permanent is permanent
    assert not error.unknown_outcome
    assert error.retry_after == (7 if fault == "429" else None)


@EVERY
def test_a_service_that_asked_for_a_pause_gets_one(account: Account) -> None:
    account.fake.faults = ["429"]
    failed(account.esp.fetch(account.vendor.ident))
    asked = len(account.fake.requests)
    error = failed(account.esp.scheduled())
    assert error.retry_after
    assert 0 < error.retry_after <= 7
    assert len(account.fake.requests) == asked


@EVERY
def test_a_service_that_never_answers(account: Account) -> None:
    account.fake.all_fail = "hang"
    quick(account.esp, HANGING)
    error = failed(account.esp.fetch(account.vendor.ident))
    assert not error.permanent
    assert not error.unknown_outcome


@EVERY
def test_a_service_that_is_not_there(account: Account) -> None:
    account.fake.server.close()
    gone = connect("mine", table(account.vendor, "http://127.0.0.1:9"))
    error = failed(gone.fetch(account.vendor.ident))
    assert not error.permanent


@EVERY
def test_a_key_that_is_wrong(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESP_KEY", "wrong-key-of-mine")
    esp = quick(connect("mine", table(account.vendor, account.fake.url)))
    error = failed(esp.fetch(account.vendor.ident))
    assert error.permanent
    assert "esps.mine" in str(error)
    assert "wrong-key" not in str(error)


# webhooks


@EVERY
def test_what_a_webhook_says(account: Account) -> None:
    if account.vendor.kind == "sfmc":
        (event,) = account.esp.events(b'{"interactionId": "7f-01", "activityObjectID": "x"}')
        assert (event.campaign_id, event.send_at) == ("7f-01", None)
        return
    inner = {"campaign_id": "12", "send_at": "2027-03-19T09:00:00+01:00"}
    for body in (inner, {"type": "campaign.scheduled", "data": inner}, [inner]):
        (event,) = account.esp.events(json.dumps(body).encode())
        assert (event.campaign_id, event.send_at) == ("12", datetime(2027, 3, 19, 8, tzinfo=UTC))
    assert list(account.esp.events(b'{"type": "contact.created", "data": {"id": 1}}')) == []
    assert account.esp.events(b'{"campaign_id": 12}')[0].campaign_id == "12"


@EVERY
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[1]",
        b"\xff",
        b'"x"',
        b'{"campaign_id": "../x"}',
        b'{"interactionId": {"a": 1}}',
        b'{"campaign_id": true}',
        b'{"campaign_id": "1", "interactionId": "1", "send_at": "tomorrow"}',
        b'{"campaign_id": "1", "interactionId": "1", "send_at": "2027-03-19T09:00:00"}',
        b'{"campaign_id": "1", "interactionId": "1", "send_at": "0001-01-01T00:00:00+14:00"}',
        b'{"campaign_id": "1", "interactionId": "1", "send_at": "9999-12-31T23:59:59-14:00"}',
        b'{"campaign_id": "1", "interactionId": "1", "send_at": "0001-01-01T00:00:00Z"}',
        b"[" * 100_000,
        b"a.b.c",
    ],
    ids=range(15),
)
def test_a_webhook_that_is_not_understood(account: Account, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        account.esp.events(body)
