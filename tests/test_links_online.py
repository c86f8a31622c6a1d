"""Links and pictures asked for online, through the front door and the command line, against a server on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

import mailcheck
from link_effect_cases import ACTING, FRESH, HARMLESS, MORE_ACTING, fresh
from mailcheck.checking import checker
from mailcheck.cli import progress
from mailcheck.content.images import images_of
from mailcheck.content.link_groups import is_settled
from mailcheck.content.links import Links
from mailcheck.online.plan import plan
from mailcheck.reading import from_mapping
from mailcheck.urls import Address
from mailcheck.web import client, facts
from mailcheck.web.policy import Policy
from mailcheck.web.resolving import NoAnswer, NoSuchHost
from nasty_server import CASES, Asked, Server, Write, behaviours, page, redirect, reply
from support import mailcheck as run
from test_images import animation, picture

ONLINE = ["links", "images"]
OFFLINE = checker({})
QUICK = {"timeout": 60.0, "body_timeout": 30.0, "backoff": (0.01,), "error_span": 0.0, "gap": 0.0}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Policies without pauses; more can be said in the dictionary."""
    said: dict[str, object] = dict(QUICK)
    original = Policy.of.__func__  # type: ignore[attr-defined]  # the function behind the class method
    monkeypatch.setattr(Policy, "of", classmethod(lambda cls, table: original(cls, {**table, **said})))
    return said


@pytest.fixture(scope="module")
def nasty() -> Iterator[Server]:
    with Server(behaviours() | PICTURES | WAYS) as server:
        yield server


def checked(
    html: str, *servers: Server, web: Mapping[str, object] | None = None, **given: object
) -> mailcheck.CampaignReport:
    """A mail, judged online by the rules about links and pictures."""
    mail: dict[str, object] = {
        "html": html,
        **{name: given.pop(name) for name in ("text", "headers", "schedule") if name in given},
    }
    table = {"allow": [one.place for one in servers], **(web or {})}
    return mailcheck.check(mail, settings={"select": ONLINE, "web": table, **given}, online=True).campaigns[0]


def found(report: mailcheck.CampaignReport, *rules: str) -> list[mailcheck.Finding]:
    assert not [one for one in report.outcomes if one.status == "error"], report.outcomes
    return [one for one in report.findings if one.rule in rules]


LIVE = (
    *("links/broken", "links/suspect", "links/unverifiable", "links/not_requested", "links/redirects"),
    *("links/certificate", "images/unreachable", "images/online", "images/online_weight", "images/online_shown"),
    "images/online_format",
)


# what a marketer meets


WAYS = {
    "/five": redirect("/five-1"),
    **{f"/five-{number}": redirect(f"/five-{number + 1}") for number in range(1, 4)},
    "/five-4": redirect("/no-reason"),
    "/forgetful": redirect("/no-reason"),
    "/mindful": redirect("/no-reason?x=1&utm_campaign=spring&utm_source=mail"),
    "/moved": redirect("/no-reason", 301),
}
PNG, IMAGE = picture(size=(60, 40)), "Content-Type: image/png"
PICTURES = {
    "/good.png": reply(200, PNG, IMAGE),
    "/cut.png": reply(200, PNG[: len(PNG) // 2], IMAGE),
    "/broken-off.png": reply(200, PNG[: len(PNG) // 2], IMAGE, f"Content-Length: {len(PNG)}"),
    "/page.png": page("Shop"),
    "/page-as.png": reply(200, "<!doctype html><html><title>Shop</title></html>", IMAGE),
    "/empty.png": reply(200, b"", IMAGE),
    "/nothing-in-it.png": reply(204, b"", IMAGE),
    "/text.png": reply(200, PNG, "Content-Type: text/plain"),
    "/octets.png": reply(200, PNG, "Content-Type: application/octet-stream"),
    "/gif.png": reply(200, animation("white", "red"), IMAGE),
    "/wide.png": reply(200, picture(size=(700, 20)), IMAGE),
    "/heavy.png": reply(200, PNG + bytes(6_000_000), IMAGE),
    "/locked.png": reply(401),
    "/walled.png": reply(403, "", "cf-mitigated: challenge"),
    "/print.jpg": reply(200, picture("JPEG", "CMYK"), "Content-Type: image/jpeg"),
    "/plain": reply(200, picture("WEBP"), "Content-Type: image/webp"),
}

LINKS: list[tuple[str, str, str, str]] = [
    (
        "/gone-for-good",
        "links/broken",
        "error",
        "127.0.0.1 answers 404 Not Found. Correct the address, or put the page",
    ),
    ("/status/410", "links/broken", "error", "The page does not exist: 127.0.0.1 answers 410 Gone."),
    ("/to-404", "links/broken", "error", "answers 404 Not Found"),
    ("/status/500", "links/broken", "error", "fails every time (500 Internal Server Error). Have the server looked at"),
    ("/reset", "links/broken", "error", "breaks off the connection. Have the server looked at"),
    ("/loop", "links/broken", "error", "redirects in a circle; browsers give up. Link to the page itself."),
    ("/to-metadata", "links/broken", "error", "leads into a private network; recipients cannot open it."),
    ("/to-file", "links/broken", "error", "redirects to a place that no browser opens"),
    ("/parked-twice", "links/broken", "error", "looks like a parked domain that is for sale. Correct the address."),
    (
        "/soft-404",
        "links/suspect",
        "warning",
        "The page says “Page not found | Shop”, though its server says that all is",
    ),
    ("/soft-404-path", "links/suspect", "warning", "redirects to a page of errors (/errors/404)"),
    ("/products/lamp", "links/suspect", "warning", "redirects to the front page of 127.0.0.1: the page is gone."),
    ("/deals/members-only", "links/suspect", "warning", "leads to a login on 127.0.0.1"),
    ("/status/401", "links/suspect", "warning", "asks for a password (401 Unauthorized)"),
    ("/parked", "links/suspect", "warning", "Open it, and correct the address if so."),
    ("/garbage", "links/suspect", "warning", "Open it in a browser, and have the server looked at."),
    ("/five", "links/redirects", "warning", "takes 5 redirects, and each costs time on a phone"),
    ("/forgetful?utm_source=mail&utm_campaign=spring", "links/redirects", "warning", "loses utm_source, utm_campaign"),
    ("/moved", "links/redirects", "info", "1 link has moved for good (301)"),
]
CALM = (
    "/",
    "/chain",
    "/mindful?utm_source=mail&utm_campaign=spring",
    "/long-article",
    "/bad-header-name",
    "/my/orders",
)
SILENT = [path for path, case in CASES.items() if case[1] == "unverifiable" and not callable(case[0])]


@pytest.fixture(scope="module")
def command(nasty: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Mapping[str, object]]]:
    """The findings of one mail with everything in it, as the command line tells them, by evidence."""
    folder = tmp_path_factory.mktemp("mail")
    (folder / "mailcheck.toml").write_text(
        f'online = true\nselect = ["links", "images"]\n[web]\nallow = ["{nasty.place}"]\nper_host = 64\ngap = 0\n'
    )
    paths = [*(case[0] for case in LINKS), *CALM, *(case[0] for case in SHOWN), *SILENT]
    links = "".join(
        f'<p><a href="{nasty.url(path).replace("&", "&amp;")}">Shop</a></p>\n' for path in paths if "." not in path
    )
    pictures = "".join(f'<img src="{nasty.url(path)}" {more} alt="Tulips">\n' for path, more, *_ in SHOWN)
    (folder / "mail.html").write_text(f"{links}{pictures}")
    patch = pytest.MonkeyPatch()
    original = Policy.of.__func__  # type: ignore[attr-defined]  # the function behind the class method
    patch.setattr(Policy, "of", classmethod(lambda cls, table: original(cls, {**table, **QUICK})))
    try:
        result = run("check", folder / "mail.html", "--settings", folder / "mailcheck.toml", "--format", "json")
    finally:
        patch.undo()
    report = json.loads(result.stdout)["campaigns"][0]
    assert {one["status"] for one in report["outcomes"]} <= {"passed", "failed"}, report["outcomes"]
    told: dict[str, list[Mapping[str, object]]] = {}
    for one in report["findings"]:
        if one["rule"] in LIVE:
            told.setdefault(one["evidence"].replace("&amp;", "&"), []).append(one)
    return told


SHOWN: list[tuple[str, str, str, str, str]] = [
    ("/gone.png", "", "images/unreachable", "error", "It does not exist: 127.0.0.1 answers 404 Not Found."),
    ("/locked.png", "", "images/unreachable", "warning", "asks for a password (401 Unauthorized)"),
    ("/page.png", "", "images/online", "error", "“page.png” is a web page, not a picture"),
    ("/page-as.png", "", "images/online", "error", "“page-as.png” is a web page, not a picture"),
    ("/cut.png", "", "images/online", "error", "“cut.png” is broken: it ends in the middle"),
    ("/broken-off.png", "", "images/online", "warning", "it ends in the middle"),
    ("/empty.png", "", "images/online", "error", "it is empty"),
    ("/nothing-in-it.png", "", "images/online", "error", "it is empty"),
    ("/text.png", "", "images/online", "warning", "“text.png” is text/plain, and it is PNG; have its content type"),
    ("/heavy.png", "", "images/online_weight", "warning", "“heavy.png” has 6.0 MB; make it smaller than 200 kB."),
    ("/good.png?1", 'width="60" height="80"', "images/online_shown", "warning", "is shown as 60 × 80, out of shape"),
    ("/good.png?2", 'width="300"', "images/online_shown", "info", "is 60 pixels wide and is shown at 300"),
    ("/wide.png", "", "images/online_shown", "warning", "is 700 pixels wide, and without a width attribute"),
    ("/gif.png", "", "images/online", "warning", "is image/png, and it is GIF"),
    ("/print.jpg", "", "images/online_format", "warning", "is in CMYK"),
    ("/plain", "", "images/online_format", "info", "1 picture is WebP"),
]


@pytest.mark.parametrize(("path", "rule", "severity", "said"), LINKS, ids=[case[0] for case in LINKS])
def test_every_link_has_its_rule(
    command: dict[str, list[Mapping[str, object]]], nasty: Server, path: str, rule: str, severity: str, said: str
) -> None:
    (one,) = command[nasty.url(path)]
    assert (one["rule"], one["severity"]) == (rule, severity)
    assert said in str(one["message"])


@pytest.mark.parametrize(("path", "_", "rule", "severity", "said"), SHOWN, ids=[case[0] for case in SHOWN])
def test_every_picture_has_its_rule(
    command: dict[str, list[Mapping[str, object]]],
    nasty: Server,
    path: str,
    _: str,
    rule: str,
    severity: str,
    said: str,
) -> None:
    one = next(one for one in command[nasty.url(path)] if one["rule"] == rule)
    assert one["severity"] == severity
    assert said in str(one["message"])


def test_what_is_fine_is_not_told(command: dict[str, list[Mapping[str, object]]], nasty: Server) -> None:
    for path in CALM:
        assert nasty.url(path) not in command
    assert {one["rule"] for one in command[nasty.url("/gif.png")]} == {"images/online", "images/online_format"}


def test_what_cannot_be_verified_is_told_once_for_all(command: dict[str, list[Mapping[str, object]]]) -> None:
    (one,) = [one for listed in command.values() for one in listed if one["rule"] == "links/unverifiable"]
    assert one["severity"] == "info"
    assert "keeps out programs" in str(one["message"])
    assert "turns our program away (429)" in str(one["message"])
    data = one["data"]
    assert isinstance(data, dict)
    assert data["unverifiable"] == len(SILENT)
    assert sum(map(len, data["links"].values())) == len(SILENT)


def test_findings_are_in_the_order_of_the_mail(nasty: Server, quick: dict[str, object]) -> None:
    async def late(asked: Asked, write: Write) -> None:
        await asyncio.sleep(0.2)
        await write(reply(404))

    with Server({"/late": late, "/soon": reply(404)}) as server:
        html = "".join(f'<a href="{server.url(path)}">x</a>' for path in ("/late", "/soon", "/late?2", "/soon?2"))
        report = checked(html, server)
        assert [one.evidence for one in found(report, "links/broken")] == [
            server.url(path) for path in ("/late", "/soon", "/late?2", "/soon?2")
        ]


def test_an_address_is_asked_for_once_and_told_once(quick: dict[str, object]) -> None:
    with Server({"/big.png": reply(200, PNG, IMAGE)}) as server:
        twice = f'<a href="{server.url("/old")}">A</a>\n<a href="{server.url("/old#top")}">B</a>\n'
        html = f'{twice}<a href="{server.url("/big.png")}"><img src="{server.url("/big.png")}" alt="Tulips"></a>'
        report = checked(html, server, text=f"Shop: {server.url('/old')}")
        assert sorted(server.paths()) == ["/big.png", "/old"]
        (one,) = found(report, "links/broken")
        assert one.message.endswith("It stands in 2 more places (line 2).")
        assert one.data["count"] == 3


# what is never requested


@dataclass
class Loopback:
    """Every name is this machine."""

    asked: set[str]

    async def addresses(self, host: str) -> tuple[Address, ...]:
        self.asked.add(host)
        return (ip_address("127.0.0.1"),)


def here(monkeypatch: pytest.MonkeyPatch, resolver: Callable[[], object]) -> None:
    """Let names be resolved by the test."""
    field = client.Client.__dataclass_fields__["resolver"]
    monkeypatch.setattr(field, "default_factory", resolver)
    original = client.Client

    def made(policy: Policy, **more: object) -> client.Client:
        return original(policy, resolver=resolver(), **more)  # type: ignore[arg-type]  # a resolver for tests

    monkeypatch.setattr(client, "Client", made)


def on(server: Server, address: str) -> str:
    """An address of some host, on the server."""
    host, _, rest = address.partition("://")[2].partition("/")
    return f"http://{host}:{server.port}/{rest}"


def anchor(address: str, text: str) -> str:
    return f'<p><a href="{address.replace("&", "&amp;")}">{text or "Shop"}</a></p>\n'


def hosts_of(server: Server, addresses: list[str]) -> list[str]:
    return sorted({on(server, one).partition("://")[2].partition("/")[0].partition("?")[0] for one in addresses})


def targets(server: Server) -> set[str]:
    """Host, path and query of everything that was requested."""
    return {f"{one.header('Host').partition(':')[0]}{one.path}" for one in server.requests}


def test_what_acts_is_never_requested_and_what_looks_like_it_is(
    monkeypatch: pytest.MonkeyPatch, quick: dict[str, object]
) -> None:
    here(monkeypatch, lambda: Loopback(set()))
    acting = [case for listed in ACTING.values() for case in listed] + list(MORE_ACTING)
    acting += [case for number in FRESH for case in fresh("acting", number)]
    harmless = [case for case in HARMLESS if "?" not in case[0].partition("/")[0]]
    harmless += [case for number in FRESH for case in fresh("harmless", number) if case[0].isascii()]
    assert len(acting) >= 80
    assert len([one for one in ACTING.values() if one]) >= 12
    assert len(harmless) >= 80
    with Server({"/*": page("Spring")}) as server:
        cases = [*acting, *harmless]
        html = "".join(anchor(on(server, address), text) for address, text in cases)
        allow = hosts_of(server, [address for address, _ in cases])
        report = checked(html, server, web={"allow": allow, "per_host": 64})
        (told,) = found(report, "links/not_requested")
        requested = targets(server)
    allowed = {key(address) for address, _ in harmless}
    assert len(requested - allowed) <= 0.01 * len(acting), requested - allowed
    assert len(requested) >= 0.95 * len(allowed), allowed - requested
    counts = told.data["counts"]
    assert isinstance(counts, dict)
    assert {"unsubscribe", "preferences", "confirmation", "one-time", "tracked"} <= counts.keys()


def key(address: str) -> str:
    host, _, rest = address.partition("://")[2].partition("/")
    return f"{host}/{rest}".partition("#")[0]


def test_nor_is_what_a_redirect_leads_to(quick: dict[str, object]) -> None:
    acting = ["/unsubscribe?id=8f3a91", "/confirm-email/0d5f7c9a1b2e4f60", "/x/9", "/y/7", "/z"]
    hops = {f"/go-{number}": redirect(path) for number, path in enumerate(acting)}
    with Server({**hops, "/*": page("Spring")}) as server:
        links = "".join(anchor(server.url(path), "Shop") for path in hops)
        html = (
            f'{links}{anchor(server.url("/y/7"), "Unsubscribe")}<form action="{server.url("/z")}" method="post"></form>'
        )
        report = checked(html, server, headers={"List-Unsubscribe": f"<{server.url('/x/9')}>"})
        (told,) = found(report, "links/not_requested")
        assert sorted(server.paths()) == sorted(hops)
        assert told.data["counts"] == {"redirect": 5, "unsubscribe": 2, "form": 1}
        assert "5 leading on to one that acts" in told.message


@pytest.mark.parametrize(
    "html",
    [
        '<p>To unsubscribe, <a href="URL/a/1">click here</a>.</p>',
        '<p>Click <a href="URL/a/1">here</a> to unsubscribe from this list.</p>',
        '<p>Newsletter abbestellen: <b><a href="URL/a/1">hier klicken</a></b></p>',
        '<p>Pour vous désabonner, <a href="URL/a/1">cliquez ici</a></p>',
        '<p>如需退订请<a href="URL/a/1">点击这里</a></p>',
        '<a href="URL/a/1"><img src="cid:x" alt="Unsubscribe"></a>',
        '<a href="URL/a/{{ id }}">Shop</a>',
        '<a href="URL/a/%7B%7Bid%7D%7D">Shop</a>',
        '<a href="URL/a/[NAME]">Shop</a>',
        '<img src="URL/a/1.gif" width="1" height="1" alt="">',
        '<form action="URL/a/1" method="post"><input></form>',
        '<a href="mailto:post@shop.example">x</a><a href="tel:+31201234567">x</a><a href="sms:+31201234567">x</a>',
    ],
)
def test_what_else_is_not_requested(quick: dict[str, object], html: str) -> None:
    with Server({"/*": page("Spring")}) as server:
        checked(html.replace("URL", server.url("")), server)
        assert server.connections == 0


@pytest.mark.parametrize(
    "text",
    [
        "Unsubscribe: URL/a/1",
        "Unsubscribe here:\nURL/a/1",
        "[Afmelden](URL/a/1)",
        "Shop: https://a.example/ | Unsubscribe: URL/a/1",
    ],
)
def test_the_words_before_an_address_in_the_text_part_count(quick: dict[str, object], text: str) -> None:
    with Server({"/*": page("Spring")}) as server:
        checked("<p>Spring</p>", server, text=text.replace("URL", server.url("")))
        assert server.connections == 0


@pytest.mark.parametrize(
    "html",
    [
        '<p>To unsubscribe, write to us. See our shop <a href="URL/a/1">here</a>.</p>',
        '<p><a href="URL/u?id=1f2e3d4c">Unsubscribe</a> | <a href="URL/a/1">Our shop</a></p>',
        '<p>How spring begins: <a href="URL/a/1">click here</a></p>',
    ],
)
def test_words_about_something_else_do_not_count(quick: dict[str, object], html: str) -> None:
    with Server({"/*": page("Spring")}) as server:
        checked(html.replace("URL", server.url("")), server)
        assert server.paths() == ["/a/1"]


@pytest.mark.parametrize(
    "rest", ["?filter[weave]=9&a[b][c]=1&size[]=l", "%D0%BE%D0%B1%D1%83%D0%B2%D1%8C", "?q=100%25", "a%20b%20c%fad%fee"]
)
def test_what_only_looks_like_a_merge_tag_is_requested(quick: dict[str, object], rest: str) -> None:
    with Server({"/*": page("Spring")}) as server:
        checked(anchor(server.url(f"/{rest}"), "Shop"), server)
        assert server.paths() == [f"/{rest}"]


def test_the_settings_have_the_last_word(quick: dict[str, object]) -> None:
    with Server({"/*": page("Spring")}) as server:
        html = anchor(server.url("/confirm/0d5f7c9a1b2e4f60"), "Confirm") + anchor(server.url("/sale"), "Sale")
        web = {"allow": [server.place], "check": [f"{server.place}/confirm/*"], "never": [f"{server.place}/sale"]}
        report = checked(html, server, web=web)
        assert server.paths() == ["/confirm/0d5f7c9a1b2e4f60"]
        (told,) = found(report, "links/not_requested")
        assert (told.severity, told.data["counts"]) == ("info", {"settings": 1})


def test_a_mail_of_which_nothing_was_requested_is_told_loudly(quick: dict[str, object]) -> None:
    with Server({"/*": page("Spring")}) as server:
        report = checked(anchor(server.url("/ls/click?upn=u001.AbCdEf123456-2BgHiJkLmNoPqRsT"), "Shop"), server)
        (told,) = found(report, "links/not_requested")
        assert (told.severity, server.connections) == ("warning", 0)
        assert told.message.startswith("No link of this mail was requested")


def test_what_srcset_says_is_compared_with_what_comes(quick: dict[str, object]) -> None:
    def sent(width: int) -> bytes:
        return reply(200, picture(size=(width, 40)), "Content-Type: image/png")

    with Server({f"/{width}.png": sent(width) for width in (300, 600, 610, 900)}) as server:
        place = server.url().rstrip("/")
        html = (
            f'<img src="{place}/300.png" width="300" alt="Tulips" style="height:auto" '
            f'srcset="{place}/600.png 2x, {place}/610.png 3x"><picture><source srcset="{place}/900.png 1200w"></picture>'
            f'<img src="{place}/300.png" width="300" style="height:auto" alt="Tulips" srcset="{place}/610.png 600w">'
        )
        report = checked(html, server, rules={"images/online_weight": {"most": 500}})
    told = found(report, "images/online_shown")
    heavy = [one.evidence.rpartition("/")[2] for one in found(report, "images/online_weight")]
    assert heavy == ["300.png", "600.png", "610.png", "900.png"]
    assert [one.evidence.rpartition("/")[2] for one in told] == ["610.png", "900.png"]
    assert "for 3x of 300 it needs 900" in told[0].message
    assert "is 900 pixels wide, and srcset says 1,200w; say 900w" in told[1].message


# what did not run is no pass


def test_offline_the_rules_are_skipped_and_no_socket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> socket.socket:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    html = '<a href="https://shop.example/">Shop</a><img src="https://shop.example/a.png" alt="Tulips" width="9" height="9">'
    for profile in ("template", "campaign"):
        mail = {"html": html, "subject": "Spring", "from": "post@shop.example"}
        report = mailcheck.check(mail, profile=profile, settings={}).campaigns[0]
        outcomes = {one.rule: one for one in report.outcomes if one.rule in LIVE}
        assert set(outcomes) == set(LIVE)
        assert {(one.status, one.reason, one.required) for one in outcomes.values()} == {
            ("skipped", facts.OFFLINE, False)
        }
        assert report.verdict == "clear"


def test_offline_a_mail_can_be_judged_where_a_loop_is_running() -> None:
    async def inside() -> str:
        return mailcheck.check(
            {"html": '<a href="https://shop.example/">Shop</a>'}, profile="template", settings={"select": ONLINE}
        ).verdict

    assert asyncio.run(inside()) == "clear"


def test_the_send_profile_asks(quick: dict[str, object]) -> None:
    with Server({"/": page("Spring")}) as server:
        mail = {"html": anchor(server.url(), "Shop"), "subject": "Spring", "from": "post@shop.example"}
        report = mailcheck.check(mail, profile="send", settings={"web": {"allow": [server.place]}}).campaigns[0]
        assert server.paths() == ["/"]
        assert {one.status for one in report.outcomes if one.rule in LIVE} == {"passed"}


@dataclass
class Silent:
    """A DNS that does not answer, or that knows no name."""

    error: type[Exception]

    async def addresses(self, host: str) -> tuple[Address, ...]:
        raise self.error(host)


def test_without_any_answer_the_verdict_is_unsure(monkeypatch: pytest.MonkeyPatch, quick: dict[str, object]) -> None:
    here(monkeypatch, lambda: Silent(NoAnswer))
    html = anchor("https://shop.example/", "Shop") + anchor("https://a.example/", "A")
    report = checked(f'{html}<img src="https://a.example/a.png" alt="Tulips">')
    outcomes = {one.rule: one for one in report.outcomes if one.rule in LIVE}
    assert {one.status for one in outcomes.values()} == {"error"}
    (reason,) = {one.reason for one in outcomes.values()}
    assert reason.startswith("none of the 3 addresses of this mail could be checked (3 × the DNS did not answer)")
    assert report.verdict == "unsure"


def test_a_domain_that_does_not_exist_is_broken(monkeypatch: pytest.MonkeyPatch, quick: dict[str, object]) -> None:
    here(monkeypatch, lambda: Silent(NoSuchHost))
    (one,) = found(checked(anchor("https://shop.example/", "Shop")), "links/broken")
    assert one.message.startswith("There is no shop.example: the domain does not exist, or has no address. Correct")


def test_servers_that_do_not_answer_are_told_loudly(nasty: Server, quick: dict[str, object]) -> None:
    quick |= {"timeout": 0.3}
    html = anchor(nasty.url("/hang"), "A") + anchor(nasty.url("/"), "B")
    (one,) = found(checked(html, nasty), "links/unverifiable")
    assert one.severity == "warning"
    assert one.message.startswith("1 of 2 addresses that we asked for could not be verified: 127.0.0.1 did not")


def test_time_that_is_up_is_told_loudly(nasty: Server, quick: dict[str, object]) -> None:
    quick |= {"deadline": 0.5}
    html = anchor(nasty.url("/hang"), "A") + "".join(anchor(nasty.url(f"/?{number}"), "B") for number in range(9))
    (one,) = found(checked(html, nasty), "links/unverifiable")
    assert one.severity == "warning"
    assert "was not reached before the time was up (web.deadline)" in one.message


def test_before_a_send_time_that_is_up_is_no_pass(nasty: Server, quick: dict[str, object]) -> None:
    quick |= {"deadline": 1.5}
    html = anchor(nasty.url("/hang"), "A") + anchor(nasty.url("/hang?2"), "B") + anchor(nasty.url("/status/404"), "C")
    mail = {"html": html + anchor(nasty.url("/"), "D"), "subject": "Spring", "from": "post@shop.example"}
    settings = {"select": ["links", "images"], "web": {"allow": [nasty.place]}}
    report = mailcheck.check(mail, profile="send", settings=settings).campaigns[0]
    ended = {one.rule: one for one in report.outcomes}
    for name in ("links/broken", "links/unverifiable", "images/unreachable"):
        assert ended[name].status == "error"
        assert ended[name].reason.startswith("2 of 4 addresses were not checked before the time was up")
    assert [one.evidence for one in report.findings if one.rule == "links/broken"] == [nasty.url("/status/404")]
    (told,) = [one for one in report.findings if one.rule == "links/unverifiable"]
    assert (told.data["late"], "For want of time: 2." in told.message) == (2, True)
    assert report.verdict == "unsure"
    outcomes = {one.rule: one.status for one in checked(html, nasty).outcomes}
    assert (outcomes["links/broken"], outcomes["links/unverifiable"]) == ("failed", "failed")


def test_what_the_address_itself_says_is_told_once(quick: dict[str, object]) -> None:
    for address in ("http://127.0.0.1:81/a", "http://localhost/a", "https://shop,example/", "https://192.168.0.1/a"):
        report = checked(anchor(address, "Shop"))
        assert found(report, "links/broken", "links/suspect") == []
        assert found(report, "links/staging", "links/malformed", "links/disguised")


def test_inside_a_running_loop(quick: dict[str, object]) -> None:
    async def inside(html: str, place: str) -> mailcheck.Report:
        web = {"allow": [place]}
        return await mailcheck.acheck({"html": html}, settings={"select": ONLINE, "web": web}, online=True)

    with Server({"/": page("Spring")}) as server:
        html = anchor(server.url(), "Shop") + anchor(server.url("/old"), "Old")
        report = asyncio.run(inside(html, server.place)).campaigns[0]
    assert [one.evidence for one in found(report, "links/broken")] == [server.url("/old")]


# certificates


def test_certificates_that_end_too_soon(
    monkeypatch: pytest.MonkeyPatch, quick: dict[str, object], tmp_path: Path
) -> None:
    here(monkeypatch, lambda: Loopback(set()))
    now = datetime.now(UTC)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with ExitStack() as stack:
        places = []
        for days in (5, 40, 90):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(f"d{days}.example", not_after=now + timedelta(days=days, hours=1)).configure_cert(
                context
            )
            server = stack.enter_context(Server({"/*": page("Spring")}, context))
            places.append(f"d{days}.example:{server.port}")
        html = "".join(anchor(f"https://{place}/{number}", "Shop") for place in places for number in range(2))
        web = {"allow": places, "ca_file": str(tmp_path / "ca.pem")}
        report = checked(html, web=web)
        (one,) = found(report, "links/certificate")
        assert (one.severity, one.message.endswith("in 5 days; have it renewed.")) == ("warning", True)
        assert found(report, "links/suspect") == []
        send = {"send": (now + timedelta(days=30)).isoformat(timespec="seconds")}
        told = found(checked(html, web=web, schedule=send), "links/certificate")
        assert [one.severity for one in told] == ["warning", "info"]
        assert "before the send; have it renewed." in told[0].message
        assert "10 days after the send; have it renewed." in told[1].message


# a whole campaign at once


def test_a_campaign_takes_as_long_as_its_slowest_server(quick: dict[str, object]) -> None:
    """Every server waits until all 190 requests are there: a client that asks one after the other would never end."""
    there: list[str] = []

    async def together(asked: Asked, write: Write) -> None:
        there.append(asked.path)
        while len(there) < 190:
            await asyncio.sleep(0.01)
        await write(reply(200, PNG, IMAGE) if ".png" in asked.path else page("Spring"))

    with ExitStack() as stack:
        servers = [stack.enter_context(Server({"/*": together}, host=f"127.0.1.{number}")) for number in range(1, 26)]
        links = [servers[number % 25].url(f"/{number}") for number in range(150)]
        pictures = [servers[number % 25].url(f"/{number}.png") for number in range(40)]
        html = "".join(anchor(one, "Shop") for one in links)
        html += "".join(f'<img src="{one}" width="60" height="40" alt="Tulips">\n' for one in pictures)
        report = checked(html, *servers)
        assert found(report, *LIVE) == []
        assert len(there) == 190


@given(st.text(st.sampled_from("abc:/?=&%.-_{}[]*|@<> \n0é退"), max_size=40), st.text("ab é退|.:", max_size=20))
@settings(max_examples=100, deadline=None)
def test_every_address_is_planned_for_or_counted(address: str, text: str) -> None:
    html = f'<p>{text}<a href="https://shop.example/{address}">{text}</a></p>'
    mail = {"html": html, "text": f"{text} https://a.example/{address}"}
    links = OFFLINE.engine.sheet(from_mapping(mail), "template").resolver.ending("links").value
    assert isinstance(links, Links)
    made = plan(links, images_of(links, None))
    asked = sum(len(one.links) for one in made.questions)
    web = [one for one in links.of_kind("link", "text", "image") if one.is_web and not is_settled(one)]
    assert asked + made.unasked.get("merge-tags", 0) == len(web)


# on a terminal


class Terminal:
    """Standard error that says it is a terminal."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def isatty(self) -> bool:
        return True


def test_the_bar_counts_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    drawn: list[tuple[int, int]] = []
    monkeypatch.setattr(progress.Ticker, "_appear", lambda ticker: drawn.append((ticker.total, 0)))
    asking = progress.Asking()
    for done in (1, 2, 3):
        asking(done, 3)
    assert drawn == [(3, 0), (3, 0)]
    assert asking.ticker is None


def test_progress_is_told_of_a_single_mail(quick: dict[str, object]) -> None:
    told: list[tuple[int, int]] = []
    with Server({"/*": page("Spring")}) as server:
        made = checker({"select": ["links"], "online": True, "web": {"allow": [server.place]}})
        html = "".join(anchor(server.url(f"/{number}"), "Shop") for number in range(5))
        (campaign,) = made.campaigns({"html": html})
        made.judge(campaign, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (5, 5)
    assert told == sorted(told)


def test_offline_neither_loop_nor_client_is_imported() -> None:
    script = (
        "import sys, mailcheck;"
        "mailcheck.check({'html': '<a href=\"https://shop.example/\">x</a>'}, profile='template', settings={});"
        "print(*sorted(set(sys.modules) & {'h11', 'ssl', 'asyncio', 'sqlite3', 'mailcheck.web.client'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
