"""The verdict on everything that a server can do; nothing raises, nothing grows, nothing waits for ever."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from mailcheck.web.answers import PAGE_BYTES, Answer, Verdict
from mailcheck.web.client import Client
from mailcheck.web.policy import Policy
from nasty_server import CASES, STATUSES, Asked, Server, Write, behaviours, reply

PATIENT = {"timeout": 60.0, "body_timeout": 30.0, "backoff": (0.01,), "error_span": 0.0, "gap": 0.0}
HURRIED = {"timeout": 0.6, "body_timeout": 0.2}
WAITS = {"/hang", "/hang-in-head", "/drip-head", "/hang-in-body", "/drip-body"}
"""What only a clock ends; everything else gets the time that a busy machine needs."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(behaviours()) as running:
        yield running


def client(*servers: Server, **policy: object) -> Client:
    return Client(Policy.of({**PATIENT, "allow": tuple(one.place for one in servers), **policy}))


def check(made: Client, *urls: str) -> list[Verdict]:
    async def all_of() -> list[Verdict]:
        return list(await asyncio.gather(*(made.check(url) for url in urls)))

    return asyncio.run(all_of())


def fetch(made: Client, url: str, limit: int = PAGE_BYTES) -> Answer:
    async def one() -> Answer:
        return await made.fetch(url, limit=limit)

    return asyncio.run(one())


@pytest.fixture(scope="module")
def verdicts(server: Server) -> dict[str, Verdict]:
    """All cases in one run, as a campaign would meet them."""
    paths = {path: path.replace("/*", "/0") for path in CASES}
    found: dict[str, Verdict] = {}
    for names, policy in ((CASES.keys() - WAITS, {}), (WAITS, HURRIED)):
        verdicts = check(client(server, per_host=64, **policy), *(server.url(paths[name]) for name in names))
        found.update(zip(names, verdicts, strict=True))
    return found


@pytest.mark.parametrize("path", CASES)
def test_every_case_has_its_verdict(verdicts: dict[str, Verdict], path: str) -> None:
    _, state, reason = CASES[path]
    verdict = verdicts[path]
    assert (verdict.state, verdict.reason) == (state, reason), verdict
    assert verdict.message.endswith((".", ".)"))


@pytest.mark.parametrize(("state", "status"), [(state, one) for state, many in STATUSES.items() for one in many])
def test_every_status_has_its_verdict(server: Server, state: str, status: int) -> None:
    (verdict,) = check(client(server), server.url(f"/status/{status}"))
    assert verdict.state == state, verdict


def test_what_is_never_ending_is_cut_off(server: Server) -> None:
    for path in ("/endless-body", "/endless-nothing", "/header-flood", "/endless-line", "/hint-flood", "/bomb"):
        before = server.sent
        answer = fetch(client(server), server.url(path))
        assert len(answer.body) <= PAGE_BYTES
        # What the server could send on top is what fits into the buffers of two sockets.
        assert server.sent - before < 16 * 2**20


def test_notes_say_what_a_browser_forgave(server: Server) -> None:
    notes = {
        "/bad-header-name": ("malformed",),
        "/length-too-long": ("short",),
        "/drip-body": ("slow",),
        "/br": ("undecodable",),
        "/": (),
    }
    for path, expected in notes.items():
        policy = HURRIED if path in WAITS else {}
        assert fetch(client(server, **policy), server.url(path)).notes == expected


def test_a_body_says_how_it_ended(server: Server) -> None:
    for path, ended in (("/", "whole"), ("/endless-body", "cut"), ("/chunks-cut", "short"), ("/hang-in-body", "slow")):
        policy = HURRIED if path in WAITS else {}
        assert fetch(client(server, **policy), server.url(path)).ended == ended
    assert len(fetch(client(server), server.url("/endless-body"), limit=1000).body) == 1000


def test_one_client_answers_equal_questions_once() -> None:
    with Server({"/*": reply(200, "hi")}) as server:
        made = client(server)
        urls = [server.url("/a"), server.url("/a#x"), server.url("/a#y"), server.url("/b/../a"), server.url("/a?")]
        found = check(made, *urls)
        assert [one.answer.url for one in found if one.answer] == urls
        assert sorted(server.paths()) == ["/a", "/a?"]


def test_what_passes_is_asked_again_and_what_does_not_is_not() -> None:
    tries = {"/500": 3, "/503": 3, "/429": 3, "/404": 1, "/403": 1, "/200": 1, "/wait": 1}
    answers = {path: reply(int(path[1:])) for path in tries if path != "/wait"}
    with Server({**answers, "/wait": reply(503, "", "Retry-After: 86400")}) as server:
        check(client(server), *(server.url(path) for path in tries))
        assert {path: server.paths().count(path) for path in tries} == tries


def test_a_server_error_must_last(server: Server) -> None:
    (verdict,) = check(client(server, tries=2), server.url("/status/500"))
    assert (verdict.state, verdict.reason) == ("unverifiable", "status")
    slow = client(server, error_span=0.7)
    (verdict,) = check(slow, server.url("/status/500"))
    assert verdict.answer is not None
    assert verdict.state == "broken"
    assert verdict.answer.span >= 0.7


def test_nobody_listens() -> None:
    with Server({}) as server:
        place = server.place
    made = Client(Policy.of({**PATIENT, "allow": (place,)}))
    (verdict,) = check(made, f"http://{place}/")
    assert (verdict.state, verdict.reason) == ("broken", "refused")
    assert verdict.answer is not None
    assert verdict.answer.tries == 3


def test_the_run_has_an_end(server: Server) -> None:
    found = check(client(server, timeout=60, deadline=0.3), *(server.url(f"/hang?{number}") for number in range(100)))
    assert {(one.state, one.reason) for one in found} == {("unverifiable", "deadline")}


def test_a_host_is_not_overrun() -> None:
    async def slow(asked: Asked, write: Write) -> None:
        await asyncio.sleep(0.02)
        await write(reply(503, "", "Retry-After: 86400"))

    with Server({"/*": slow}) as server:
        check(client(server, per_host=3), *(server.url(f"/{number}") for number in range(40)))
        assert server.most_open <= 3
        assert len(server.requests) == 40


def test_a_host_that_answers_well_is_given_more() -> None:
    async def slow(asked: Asked, write: Write) -> None:
        await asyncio.sleep(0.02)
        await write(reply(200, "hi"))

    with Server({"/*": slow}) as server:
        check(client(server, per_host=3), *(server.url(f"/{number}") for number in range(60)))
        assert 3 < server.most_open <= 12


def test_settings_say_what_is_fine_and_what_is_never_asked(server: Server) -> None:
    accept = {"127.0.0.1/status/4*": (403, 404), "other.example": (404,)}
    made = client(server, accept={key.replace("127.0.0.1", server.place): value for key, value in accept.items()})
    states = [one.state for one in check(made, server.url("/status/404"), server.url("/status/410"))]
    assert states == ["ok", "broken"]
    before = len(server.requests)
    never = client(server, never=(f"{server.place}/chain*", "http://*/no-reason"))
    found = check(never, server.url("/chain"), server.url("/no-reason"), server.url("/to-root-path"))
    assert [one.state for one in found] == ["not-requested", "not-requested", "ok"]
    assert "/chain" not in server.paths()[before:]
    (hop,) = check(client(server, never=("*/chain-3",)), server.url("/chain"))
    assert hop.state == "not-requested"
    assert hop.answer is not None
    assert [one.status for one in hop.answer.hops] == [302, 302]


def test_what_a_rule_forbids_is_not_asked_unless_the_settings_say_so(server: Server) -> None:
    async def ask(made: Client) -> Verdict:
        return await made.check(
            server.url("/chain"), forbid=lambda url: "It unsubscribes." if url.path == "/chain-2" else None
        )

    verdict = asyncio.run(ask(client(server)))
    assert (verdict.state, verdict.message) == ("not-requested", "It unsubscribes.")
    assert asyncio.run(ask(client(server, check=("*/chain-2",)))).state == "ok"


def test_only_our_own_headers_are_sent_and_cookies_stay_with_their_host() -> None:
    with Server({"/*": reply(200, "hi")}) as other:
        home = {"/": redirect_with_cookie(other.url("/there")), "/back": reply(200)}
        with Server(home, host="127.0.0.2") as server:
            headers = {"127.0.0.2": {"X-Preview": "secret"}}
            check(client(server, other, headers=headers), server.url("/"))
            first, second = server.requests[0], other.requests[0]
            assert first.head.startswith("GET / HTTP/1.1\r\nHost: 127.0.0.2:")
            assert first.header("X-Preview") == ""  # over plain http everybody would read it
            assert first.header("User-Agent").startswith("mailcheck ")
            assert first.header("Accept-Encoding") == "identity"  # no packing that we would have to undo
            assert second.path == "/there"
            assert (second.header("X-Preview"), second.header("Cookie"), second.header("Referer")) == ("", "", "")


def redirect_with_cookie(to: str) -> bytes:
    return reply(302, "", f"Location: {to}", "Set-Cookie: a=b")


def test_no_corruption_of_an_answer_escapes() -> None:
    chance = random.Random(5)
    seeds = [case[0] for case in CASES.values() if isinstance(case[0], bytes) and 0 < len(case[0]) < 3000]
    broken = {f"/{number}": corrupted(chance.choice(seeds), chance) for number in range(400)}
    with Server(broken) as server:
        made = client(server, per_host=64, tries=1)
        found = check(made, *(server.url(path) for path in broken))
    assert len(found) == 400
    assert {one.state for one in found} <= {"ok", "broken", "suspect", "unverifiable"}


def corrupted(raw: bytes, chance: random.Random) -> bytes:
    data = bytearray(raw)
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(data))
        data[at : at + chance.choice((0, 1, 3))] = bytes(chance.randrange(256) for _ in range(chance.choice((0, 1, 2))))
        if not data:
            break
    return bytes(data)


def test_a_campaign_takes_as_long_as_its_slowest_answer() -> None:
    """150 links and 40 images over 40 hosts: nobody is answered before all have asked, so nobody waits in line."""
    paths = [f"127.0.0.{1 + number % 40} /{number}" for number in range(190)]
    everybody = asyncio.Event()

    async def together(asked: Asked, write: Write) -> None:
        if len(crowd.requests) == len(paths):
            everybody.set()
        await everybody.wait()
        await write(reply(200, "hi"))

    with Server({"/*": together}, host="0.0.0.0") as crowd:
        urls = [f"http://{host}:{crowd.port}{path}" for host, path in map(str.split, paths)]
        allow = tuple(f"127.0.0.{number}:{crowd.port}" for number in range(1, 41))
        found = check(Client(Policy(allow=allow, timeout=20.0)), *urls)
    assert {one.state for one in found} == {"ok"}
    assert crowd.most_open == len(paths)
