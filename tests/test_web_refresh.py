"""Pages that lead on by themselves are followed like redirects, through every guard, and no script is run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from mailcheck.urls import Url
from mailcheck.web.answers import Verdict
from mailcheck.web.client import Client
from mailcheck.web.policy import Policy
from nasty_server import Server, page, redirect, reply

TARGET = "/spring"


def sends(head: str, body: str = "", *headers: str) -> bytes:
    return reply(200, f"<!doctype html><html><head><title>One moment</title>{head}</head><body>{body}</body>", *headers)


LED = {
    "meta": sends(f'<meta http-equiv="refresh" content="0; url={TARGET}">'),
    "quoted": sends(f"<META CONTENT=\"0;URL='{TARGET}'\" HTTP-EQUIV=refresh>"),
    "bare": sends(f"<meta http-equiv=Refresh content=3,{TARGET}>"),
    "entity": sends('<meta http-equiv="refresh" content="0; url=/spring&#x3f;a=1&amp;b=2">'),
    "base": sends('<base href="/spring/"><meta http-equiv="refresh" content="0; url=../spring">'),
    "header": sends("", "", f"Refresh: 0; url={TARGET}"),
    "script": sends(f'<script>window.location.href = "{TARGET}";</script>'),
    "replace": sends(f"<script type=text/javascript> location.replace('{TARGET}') </script>"),
}
NOT_LED = {
    "noscript": sends(f'<noscript><meta http-equiv="refresh" content="0; url={TARGET}"></noscript>'),
    "comment": sends(f'<!-- <meta http-equiv="refresh" content="0; url={TARGET}"> -->'),
    "slow": sends(f'<meta http-equiv="refresh" content="30; url={TARGET}">'),
    "reload": sends('<meta http-equiv="refresh" content="5">'),
    "itself": sends('<meta http-equiv="refresh" content="0; url=/itself">'),
    "javascript": sends('<meta http-equiv="refresh" content="0; url=javascript:alert(1)">'),
    "decides": sends(f'<script>if (old) location.href = "{TARGET}"</script>'),
    "reads": sends(f'<script>location.href = "{TARGET}"</script>', "<p>A page with much to read.</p>" * 30),
    "wall": sends(f'<script>window._cf_chl_opt={{}}</script><meta http-equiv="refresh" content="5; url={TARGET}">'),
}
OTHERS = {
    TARGET: page("Spring"),
    "/round": sends('<meta http-equiv="refresh" content="0; url=/about">'),
    "/about": sends('<meta http-equiv="refresh" content="0; url=/round">'),
    "/on/*": sends('<meta http-equiv="refresh" content="0; url=x/">'),
    "/gone": sends('<meta http-equiv="refresh" content="0; url=/nowhere">'),
    "/inside": sends('<meta http-equiv="refresh" content="0; url=http://10.0.0.7/">'),
    "/acts": sends('<meta http-equiv="refresh" content="0; url=/unsubscribe?id=4c1d88e0">'),
    "/moved": redirect("/meta"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server({f"/{name}": answer for name, answer in {**LED, **NOT_LED}.items()} | OTHERS) as running:
        yield running


def checked(server: Server, path: str) -> Verdict:
    def forbid(url: Url) -> str | None:
        return "it may unsubscribe a recipient" if "unsubscribe" in url.path else None

    async def ask() -> Verdict:
        client = Client(Policy(allow=(server.place,), backoff=(0.01,), error_span=0.0))
        return await client.check(server.url(path), forbid=forbid)

    server.requests.clear()
    return asyncio.run(ask())


@pytest.mark.parametrize("name", LED)
def test_a_page_that_leads_on_is_followed(server: Server, name: str) -> None:
    verdict = checked(server, f"/{name}")
    assert verdict.state == "ok"
    assert verdict.answer is not None
    assert [hop.status for hop in verdict.answer.hops] == [200, 200]
    assert [path.partition("?")[0] for path in server.paths()] == [f"/{name}", TARGET]


@pytest.mark.parametrize("name", NOT_LED)
def test_a_page_that_is_to_be_read_is_not(server: Server, name: str) -> None:
    assert checked(server, f"/{name}").state == ("unverifiable" if name == "wall" else "ok")
    assert server.paths() == [f"/{name}"]


def test_pages_that_lead_to_each_other_are_read(server: Server) -> None:
    assert checked(server, "/round").state == "ok"
    assert server.paths() == ["/round", "/about"]
    checked(server, "/on/0/")
    assert len(server.paths()) == 4


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/gone", "broken", "status"),
        ("/inside", "broken", "private-address"),
        ("/acts", "not-requested", "not-requested"),
        ("/moved", "ok", "status"),
    ],
)
def test_what_it_leads_to_goes_through_every_guard(server: Server, path: str, state: str, reason: str) -> None:
    verdict = checked(server, path)
    assert (verdict.state, verdict.reason) == (state, reason)
    assert not any("unsubscribe" in one for one in server.paths())


def test_what_is_fetched_for_itself_is_not_followed(server: Server) -> None:
    async def fetch() -> int:
        return len((await Client(Policy(allow=(server.place,))).fetch(server.url("/meta"))).hops)

    assert asyncio.run(fetch()) == 1
