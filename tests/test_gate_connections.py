"""Connections to sending services: settings, TLS, plug-ins, and answers that are anything."""

from __future__ import annotations

import asyncio
import copy
import json
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate_fakes import vendors
from gate_fakes.engine import Asked, Fake, Refused
from gate_fakes.world import HTML, SEND_AT, Campaign, World
from mailcheck.gate.esps import BadConnection, EspKind, Place, connect
from mailcheck.gate.esps.connected import Connected, Listed, same_message
from mailcheck.gate.esps.documents import document, mailbox
from mailcheck.gate.esps.fields import Fields
from mailcheck.gate.esps.hubspot_modules import html_of
from mailcheck.gate.esps.sfmc import why_not
from mailcheck.gate.model import Esp, EspError, GateKind, HookEvent, Judgement, Planned
from mailcheck.gate.settings import EspTable
from mailcheck.plugins import collect, hookimpl
from mailcheck.reading import ReadingError, from_mapping
from mailcheck.web.api import ANSWER_BYTES, ApiClient, ApiFailed
from test_gate_esps import EVERY, KEY, VENDORS, Account, Vendor, failed, quick, run, table

BY_KIND = {vendor.kind: vendor for vendor in VENDORS}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESP_KEY", KEY)


@pytest.fixture
def world() -> World:
    return World({"12": Campaign("12")})


@pytest.fixture
def brevo(world: World) -> Iterator[Account]:
    vendor = BY_KIND["brevo"]
    with vendor.make(world) as fake:
        yield Account(vendor, world, fake, quick(connect("mine", table(vendor, fake.url))))


def bad(**given: Any) -> str:
    with pytest.raises(BadConnection) as caught:
        connect("mine", EspTable.model_validate({"kind": "brevo", "secret": {"env": "ESP_KEY"}} | given))
    assert KEY not in str(caught.value)
    return str(caught.value)


# settings


def test_every_kind_connects_with_what_its_vendor_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESP_KEY", "abc-us21")
    urls = {
        "listmonk": "https://lists.shop.example",
        "braze": "https://rest.iad-01.braze.com",
        "sfmc": "https://mc1.rest.marketingcloudapis.com",
    }
    for vendor in VENDORS:
        given = {"kind": vendor.kind, "url": urls.get(vendor.kind), "user": vendor.user, "secret": {"env": "ESP_KEY"}}
        assert connect("mine", EspTable.model_validate(given)).name == "mine"


def test_the_key_of_mailchimp_names_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESP_KEY", "0123-us21")
    esp: Any = connect("mine", EspTable.model_validate({"kind": "mailchimp", "secret": {"env": "ESP_KEY"}}))
    assert esp.service.api.client.host == "us21.api.mailchimp.com"
    for key in ("0123", "0123-evil.example/x", "0123-", "0123-us21@evil.example"):
        monkeypatch.setenv("ESP_KEY", key)
        assert "data centre" in bad(kind="mailchimp")


def test_mistakes_in_the_settings() -> None:
    assert "did you mean 'mailchimp'?" in bad(kind="mailchimpp")
    assert "did you mean 'private'?" in bad(options={"privat": "true"})
    assert "needs secret" in bad(secret=None)
    assert "needs url and user" in bad(kind="listmonk")
    assert "needs url" in bad(kind="braze")
    assert "auth_url" in bad(kind="sfmc", url="https://mc.example.com", user="a")
    assert "the environment variable NOBODY" in bad(secret={"env": "NOBODY"})
    assert "true or false" in bad(options={"private": "maybe"})
    assert "1 to 600" in bad(options={"seconds": "-3"})
    assert "1 to 600" in bad(options={"seconds": "9" * 5000})
    assert "holds more than host and path" in bad(url="https://user:pass@api.shop.example/v3")
    assert "holds more than host and path" in bad(url="https://api.shop.example/v3?key=1")
    assert "cannot be used" in bad(url="ftp://api.shop.example")
    assert "without encryption" in bad(url="http://api.shop.example")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "gate.internal"]
)
def test_private_hosts_need_a_word_of_the_operator(host: str) -> None:
    said = bad(url=f"https://{host}/v3")
    assert 'options.private = "true"' in said
    given = {"kind": "brevo", "url": f"http://{host}/v3", "secret": {"env": "ESP_KEY"}, "options": {"private": "true"}}
    assert connect("mine", EspTable.model_validate(given))


def test_a_key_that_cannot_stand_in_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a\r\nX-Admin: 1", "clé", "a\0b"):
        monkeypatch.setattr("os.environ", {"ESP_KEY": key})
        with pytest.raises(BadConnection) as caught:
            connect("mine", EspTable.model_validate({"kind": "brevo", "secret": {"env": "ESP_KEY"}}))
        assert key not in str(caught.value)


def test_a_public_name_that_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public in the settings, and private when it is looked up."""

    def look_up(_host: str) -> tuple[object, ...]:
        from ipaddress import ip_address

        return (ip_address("127.0.0.1"),)

    monkeypatch.setattr("mailcheck.web.resolving.look_up", look_up)
    monkeypatch.setattr("mailcheck.web.api.SystemResolver", lambda: _Resolver(look_up))
    client = ApiClient("https://api.shop.example")
    with pytest.raises(ApiFailed, match="not on the public internet") as caught:
        run(client.request("GET", "/"))
    assert caught.value.settings
    assert not caught.value.sent


class _Resolver:
    def __init__(self, look_up: Any) -> None:
        self.look_up = look_up

    async def addresses(self, host: str) -> tuple[object, ...]:
        return tuple(self.look_up(host))


# TLS


def test_the_certificate_is_verified(world: World, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    vendor = BY_KIND["brevo"]
    with vendor.make(world) as plain:
        pass
    with Fake(plain.routes, plain.check, plain.media, context=context) as fake:
        trusting = replace(vendor, options={"ca_file": str(ca_file)})
        assert run(connect("mine", table(trusting, fake.url)).fetch("12")).name == "Spring sale"
        error = failed(connect("mine", table(vendor, fake.url)).fetch("12"))
        assert "certificate" in str(error)
        assert not error.unknown_outcome


# a client for APIs


def test_requests_are_what_they_should_be(world: World) -> None:
    with vendors.brevo(world) as fake:
        esp = quick(connect("mine", table(BY_KIND["brevo"], fake.url)))
        planned = replace(run(esp.fetch("12")), send_at=SEND_AT)
        run(esp.schedule(planned))
        reads = [one for one in fake.requests if one.method == "GET"]
        (write,) = [one for one in fake.requests if one.method != "GET"]
    assert all(not one.raw and "content-length" not in one.headers for one in reads)
    assert write.headers["content-type"] == "application/json"
    assert write.headers["host"] == f"127.0.0.1:{fake.port}"
    assert write.headers["user-agent"] == "mailcheck-gate"


def test_an_answer_that_is_too_large(brevo: Account) -> None:
    brevo.fake.mangle = lambda body: {"name": "x" * (ANSWER_BYTES + 1)}
    assert "too large" in str(failed(brevo.esp.fetch("12")))


def test_what_a_service_says_of_an_error_is_shown_fit_to_be_shown(brevo: Account) -> None:
    def refuse(_asked: Asked) -> None:
        raise Refused(400, {"message": f"no\r\n\u202eklara@gmail.com {'x' * 500}"})

    brevo.fake.check = refuse
    said = str(failed(brevo.esp.fetch("12")))
    assert "k…a@g….com" in said
    assert "klara" not in said
    assert not {"\r", "\n", "\u202e"} & set(said)

    def tell(_asked: Asked) -> None:
        raise Refused(400, {"message": f"the key {KEY} is not right"})

    brevo.fake.check = tell
    failed(brevo.esp.fetch("12"))


# plug-ins


def test_a_plug_in_brings_a_kind() -> None:
    module = ModuleType("toy_esps")

    def make(place: Place) -> Esp:
        return Connected(place.name, Toy())

    @hookimpl
    def mailcheck_esps() -> Sequence[EspKind]:
        return [EspKind("toy", "Toy", "polling", make, url="https://toy.example", needs=())]

    module.mailcheck_esps = mailcheck_esps  # type: ignore[attr-defined]  # a module made by hand
    registry = collect(modules=[module])
    assert not [fault for fault in registry.faults if "toy" in fault.plugin]
    esp = connect("mine", EspTable(kind="toy"), registry.extensions["esps"])
    assert run(esp.scheduled()) == {"1": SEND_AT, "2": None}
    with pytest.raises(BadConnection, match="did you mean 'toy'"):
        connect("mine", EspTable(kind="tou"), registry.extensions["esps"])


def test_kinds_that_are_none() -> None:
    def brings(*values: object) -> list[str]:
        module = ModuleType("bad_esps")

        @hookimpl
        def mailcheck_esps() -> Sequence[object]:
            return values

        module.mailcheck_esps = mailcheck_esps  # type: ignore[attr-defined]  # as above
        return [fault.message for fault in collect(modules=[module]).faults if "bad_esps" in fault.message]

    toy = EspKind("toy", "Toy", "polling", lambda place: Connected(place.name, Toy()))
    assert "which is not a EspKind" in brings("listmonk")[0]
    assert "which another plug-in brings too" in brings(toy, toy)[0]
    assert "whose fields are not what EspKind says" in brings(replace(toy, make=None))[0]  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(BadConnection, match="already exists"):
        connect("mine", EspTable(kind="brevo"), [replace(toy, name="brevo")])


class Toy:
    """A service of somebody else's."""

    title = "Toy"
    gate: GateKind = "polling"

    async def upcoming(self) -> Listed:
        return {"1": SEND_AT, "2": None}

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


# answers that are anything

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [
            *("", " ", "\0", "\ud800", "x" * 10_000, "9" * 400, "a\r\nb: c"),
            *("2027-03-19", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"),
        ]
    ),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


def places(value: object, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (*at, key)
            yield from places(value[key], (*at, key))


def changed(value: Any, at: tuple[Any, ...], junk: object, drop: bool) -> object:
    made = copy.deepcopy(value)
    inner = made
    for key in at[:-1]:
        inner = inner[key]
    if drop:
        del inner[at[-1]]
    else:
        inner[at[-1]] = junk
    return made


@EVERY
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_answer_with_anything_in_it(account: Account, data: st.DataObject) -> None:
    """One field of any answer is missing or something else: then it is an `EspError`, or a campaign that holds."""
    account.campaign.status, account.campaign.at = "scheduled", SEND_AT
    nth, junk, drop = data.draw(st.integers(0, 3)), data.draw(JUNK), data.draw(st.booleans())
    count = iter(range(100))

    def mangle(body: object) -> object:
        if next(count) != nth or not (every := list(places(body))):
            return body
        return changed(body, every[data.draw(st.integers(0, len(every) - 1))], junk, drop)

    account.fake.mangle = mangle
    said, planned = "", None
    try:
        if data.draw(st.booleans()):
            planned = run(account.esp.fetch(account.vendor.ident))
        else:
            assert all(isinstance(one, str) for one in run(account.esp.scheduled()))
    except EspError as error:
        said = str(error)
    finally:
        account.fake.mangle = lambda body: body
    assert KEY not in said
    assert "\n" not in said
    if planned is None:
        return
    assert planned.digest
    message = planned.document["message"]
    assert isinstance(message, dict)
    assert str(message.get("html", "")).strip() or str(message.get("text", "")).strip()
    with suppress(ReadingError):
        assert from_mapping(json.loads(json.dumps(planned.document, allow_nan=False))).message


@pytest.fixture
def account(vendor: Vendor, world: World) -> Iterator[Account]:
    world.campaigns = {vendor.ident: Campaign(vendor.ident)}
    with vendor.make(world) as fake:
        yield Account(vendor, world, fake, quick(connect("mine", table(vendor, fake.url))))


# times


@pytest.mark.parametrize("text", ["0001-01-02T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"])
def test_a_time_at_the_end_of_the_calendar_is_none(text: str) -> None:
    """Hours before or after it there is no day, so that nothing could be reckoned with it."""
    with pytest.raises(EspError, match="x is no moment at which anything is sent"):
        Fields("Toy", {"x": text}).moment("x")
    with pytest.raises(ValueError, match="1970"):
        Planned("mine", "12", "", "scheduled", {}, send_at=datetime.fromisoformat(text))
    with pytest.raises(ValueError, match="1970"):
        HookEvent("12", datetime.fromisoformat(text))


def test_what_programs_in_go_say_for_no_time() -> None:
    assert Fields("Toy", {"x": "0001-01-01T00:00:00Z"}).moment("x") is None


# what only one vendor does


def test_klaviyo_at_everybodys_own_hour(world: World) -> None:
    def local(body: Any) -> object:
        body["data"]["attributes"]["send_strategy"] = {
            "method": "static",
            "datetime": SEND_AT.isoformat(),
            "options": {"is_local": True},
        }
        return body

    vendor = BY_KIND["klaviyo"]
    with vendor.make(world) as fake:
        esp = quick(connect("mine", table(vendor, fake.url)))
        fake.mangle = lambda body: local(body) if "send_strategy" in str(body) else body
        planned = run(esp.fetch("12"))
        assert planned.send_at == SEND_AT - timedelta(hours=14)
        assert from_mapping(planned.judged).schedule == {"send": SEND_AT.replace(tzinfo=None), "zone": "recipient"}
        assert failed(esp.schedule(planned)).permanent
    assert world.effects == []


@contextmanager
def by_timewarp(world: World, zone: str) -> Iterator[Esp]:
    def local(body: Any) -> object:
        if "account_timezone" in body:
            return {"account_timezone": zone}
        return {**body, "settings": {**body["settings"], "timewarp": True}} if "settings" in body else body

    world.campaigns["12"].status, world.campaigns["12"].at = "scheduled", SEND_AT
    vendor = BY_KIND["mailchimp"]
    with vendor.make(world) as fake:
        fake.mangle = lambda body: local(body) if isinstance(body, dict) else body
        yield quick(connect("mine", table(vendor, fake.url)))


@pytest.mark.parametrize(("zone", "hours"), [("America/New_York", 19), ("Pacific/Kiritimati", 0), ("Europe/Oslo", 13)])
def test_mailchimp_at_everybodys_own_hour(world: World, zone: str, hours: int) -> None:
    """The hour is that on the clocks of the account, and comes first at the other end of the world."""
    with by_timewarp(world, zone) as esp:
        planned = run(esp.fetch("12"))
        there = SEND_AT.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert planned.send_at == there.replace(tzinfo=timezone(timedelta(hours=14)))
        assert planned.send_at in (SEND_AT - timedelta(hours=hours), SEND_AT - timedelta(hours=hours - 1))
        assert from_mapping(planned.judged).schedule == {"send": there, "zone": "recipient"}
        world.campaigns["12"].status = "draft"
        assert "different hours" in str(failed(esp.schedule(replace(planned, send_at=SEND_AT))))
    assert world.effects == []


def test_mailchimp_in_a_zone_that_nobody_knows(world: World) -> None:
    with by_timewarp(world, "Europe/Nowhere") as esp:
        assert "time zone" in str(failed(esp.fetch("12")))
        failed(esp.revert(Planned("mine", "12", "", "unknown", {})))
    assert world.effects == ["stop 12"]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("mailchimp", {"type": "variate"}),
        ("brevo", {"abTesting": True}),
        ("hubspot", {"isAb": True}),
        ("hubspot", {"emailTemplateMode": "DESIGN_MANAGER"}),
        ("sendgrid", {"abtest": {"type": "subject"}}),
    ],
)
def test_several_mails_are_not_taken_for_one_and_can_be_stopped_all_the_same(
    world: World, kind: str, change: dict[str, object]
) -> None:
    world.campaigns["12"].status, world.campaigns["12"].at = "scheduled", SEND_AT
    vendor = BY_KIND[kind]
    with vendor.make(world) as fake:
        esp = quick(connect("mine", table(vendor, fake.url)))
        fake.mangle = lambda body: {**body, **change} if isinstance(body, dict) else body
        error = failed(esp.fetch("12"))
        assert error.permanent
        assert error.seen == Planned("mine", "12", "", "scheduled", {}, send_at=SEND_AT)
        run(esp.revert(Planned("mine", "12", "", "unknown", {})))
    assert world.effects == ["stop 12"]


@pytest.mark.parametrize("state", ["PUBLISHED_AB", "PUBLISHED_AB_VARIANT", "PUBLISHED_OR_SCHEDULED", "SCHEDULED_AB"])
def test_hubspot_says_published_of_what_is_scheduled(world: World, state: str) -> None:
    world.campaigns["12"].status, world.campaigns["12"].at = "scheduled", SEND_AT
    vendor = BY_KIND["hubspot"]
    with vendor.make(world) as fake:
        esp = quick(connect("mine", table(vendor, fake.url)))
        fake.mangle = lambda body: json.loads(json.dumps(body).replace('"SCHEDULED"', f'"{state}"'))
        assert run(esp.scheduled()) == {"12": SEND_AT}
        assert run(esp.fetch("12")).status == "scheduled"


def test_mailchimp_only_at_the_quarter(world: World) -> None:
    vendor = BY_KIND["mailchimp"]
    with vendor.make(world) as fake:
        esp = quick(connect("mine", table(vendor, fake.url)))
        planned = replace(run(esp.fetch("12")), send_at=SEND_AT + timedelta(minutes=4))
        assert "quarter" in str(failed(esp.schedule(planned)))


def test_listmonk_of_other_kinds_of_content(world: World) -> None:
    vendor = BY_KIND["listmonk"]
    with vendor.make(world) as fake:
        fake.routes.append(
            (
                "POST",
                r"/api/campaigns/(\d+)/content",
                lambda asked, _ident: (200, {"data": f"<h1>{asked.body['body']}</h1>"}),
            )
        )
        esp = quick(connect("mine", table(vendor, fake.url)))

        def campaign(body: Any, changes: dict[str, object]) -> object:
            return {"data": {**body["data"], **changes}} if "messenger" in str(body) else body

        def template(body: Any) -> object:
            return body if "messenger" in str(body) else {"data": {"body": "<p>no place</p>"}}

        def fetched(**changes: object) -> dict[str, Any]:
            fake.mangle = lambda body: campaign(body, changes)
            message = run(esp.fetch("12")).document["message"]
            assert isinstance(message, dict)
            return message

        assert fetched(content_type="markdown", body="Hi")["html"].startswith("<!doctype html><h1>Hi</h1>")
        assert "html" not in (plain := fetched(content_type="plain"))
        assert HTML in plain["text"]
        assert fetched(content_type="visual")["html"] == HTML
        assert fetched()["headers"] == {"X-Preheader": ["Only today"]}
        assert fetched()["reply_to"] == "help@shop.example"
        fake.mangle = lambda body: campaign(body, {"messenger": "sms"})
        assert "no e-mail" in str(failed(esp.fetch("12")))
        fake.mangle = template
        assert "no place" in str(failed(esp.fetch("12")))


def test_hubspot_of_a_module_that_cannot_be_read() -> None:
    def content(**widgets: object) -> Fields:
        bodies = {name: {"body": body} for name, body in widgets.items()}
        return Fields("HubSpot", {"widgets": bodies, "flexAreas": {}})

    assert html_of(content(a={"html": "<p>x</p>"}, preview_text={"value": "pre"})) == "<p>x</p>"
    assert html_of(content(a={"value": "5 < 6"})) == "5 < 6"
    assert html_of(content(a={"value": "5 & 6"})) == "<p>5 &amp; 6</p>"
    assert html_of(content(a={"path": "@hubspot/email_divider", "line_type": "solid"})) == "<hr>"
    button = {"text": "Go", "destination": {"url": {"href": "https://shop.example/?a=1&b=2"}}}
    assert html_of(content(a=button)) == '<p><a href="https://shop.example/?a=1&amp;b=2">Go</a></p>'
    assert html_of(content(a={"path": "x/custom", "css": "color: red"})) == ""
    with pytest.raises(EspError, match="countdown") as caught:
        html_of(content(a={"path": "/modules/countdown", "deadline": "Hurry"}))
    assert caught.value.permanent


def test_journey_builder_is_told_why_not() -> None:
    assert why_not(Judgement("clear")) == ""
    assert why_not(Judgement("held", findings={"error": 2, "warning": 1, "info": 0})) == (
        "mailcheck: held (2 errors, 1 warning)"
    )
    said = why_not(Judgement("unsure", reason="no answer for klara@gmail.com"))
    assert said == "mailcheck: unsure (no answer for k…a@g….com)"
    assert why_not(Judgement("unsure"))


def test_journey_builder_calls_with_a_jwt(world: World) -> None:
    import base64

    vendor = BY_KIND["sfmc"]
    with vendor.make(world) as fake:
        esp = connect("mine", table(vendor, fake.url))
    claims = base64.urlsafe_b64encode(b'{"interactionId": "7f-01"}').rstrip(b"=")
    assert list(esp.events(b"e30." + claims + b".c2ln")) == [HookEvent("7f-01")]


def test_a_journey_with_several_mails(world: World) -> None:
    vendor = BY_KIND["sfmc"]
    world.campaigns = {"7f-01": Campaign("7f-01")}
    with vendor.make(world) as fake:
        esp = quick(connect("mine", table(vendor, fake.url)))
        assert isinstance(esp, Connected)
        assert list(run(esp.parts("7f-01"))) == ["7f-01:EMAILV2-1"]
        assert run(esp.fetch("7f-01:EMAILV2-1")).name == "Spring sale"

        def more(body: Any) -> object:
            if "activities" in body:
                body["activities"].append({**body["activities"][1], "key": "EMAILV2-2"})
            return body

        fake.mangle = more
        assert list(run(esp.parts("7f-01"))) == ["7f-01:EMAILV2-1", "7f-01:EMAILV2-2"]
        assert "name one of them" in str(failed(esp.fetch("7f-01")))
        assert run(esp.fetch("7f-01:EMAILV2-2")).campaign_id == "7f-01:EMAILV2-2"
        fake.mangle = lambda body: (
            {**body, "activities": []} if isinstance(body, dict) and "activities" in body else body
        )
        assert "no mail" in str(failed(esp.parts("7f-01")))


def test_a_token_that_ended_early_is_asked_for_anew(world: World) -> None:
    vendor = BY_KIND["sfmc"]
    world.campaigns = {"7f-01": Campaign("7f-01")}
    with vendor.make(world) as fake:
        esp = quick(connect("mine", table(vendor, fake.url)))
        run(esp.fetch("7f-01"))
        fake.faults = ["401"]
        assert run(esp.fetch("7f-01")).name == "Spring sale"
    assert sum(one.path == "/v2/token" for one in fake.requests) == 2


# small things


def test_mailboxes() -> None:
    assert mailbox("Shop", "news@shop.example") == "Shop <news@shop.example>"
    assert mailbox("", "news@shop.example") == "news@shop.example"
    assert mailbox('Shop, "the best"', "n@shop.example") == '"Shop, \\"the best\\"" <n@shop.example>'
    assert mailbox("Blåbær", "n@shop.example") == "Blåbær <n@shop.example>"


def test_one_message_at_two_times_is_the_same_message() -> None:
    def planned(at: datetime | None, subject: str = "s") -> Planned:
        made = document("x", campaign_id="1", name="n", dialect="brevo", subject=subject, sender="a", html="<p>")
        return Planned("mine", "1", "n", "draft", made, send_at=at)

    assert same_message(planned(SEND_AT), planned(None))
    assert not same_message(planned(SEND_AT), planned(SEND_AT, "t"))


def test_several_looks_at_a_time(brevo: Account) -> None:
    async def many() -> list[Planned]:
        return list(await asyncio.gather(*(brevo.esp.fetch("12") for _ in range(20))))

    assert len({one.digest for one in run(many())}) == 1
