"""What must not be requested is refused before any packet; only `mailcheck.web` can send one."""

from __future__ import annotations

import ast
import asyncio
import html
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from mailcheck.urls import Address
from mailcheck.web.answers import Answer, Verdict
from mailcheck.web.client import Client
from mailcheck.web.policy import Policy
from mailcheck.web.resolving import NoAnswer, NoSuchHost, SystemResolver, look_up
from nasty_server import Server, page, redirect
from nasty_urls import ALLOWED, DNS, REFUSED

ROOT = Path(__file__).parents[1]
PATIENT = Policy(backoff=(0.001,), gap=0.0, timeout=2.0)


class TripwireError(Exception):
    """A socket was about to send something."""


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where sockets wanted to connect to. No packet leaves: every way to send one is wired."""
    tried: list[str] = []

    def tripped(sock: socket.socket, *arguments: object) -> int:
        address = next((one for one in reversed(arguments) if isinstance(one, tuple)), None)
        assert address is not None
        tried.append(f"{ip_address(address[0])}:{address[1]}")
        raise ConnectionRefusedError(111, "tripwire")

    def looked_up(*arguments: object, **options: object) -> object:
        raise TripwireError(f"look-up of {arguments[0]!r}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, tripped)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "gethostbyname", looked_up)
    return tried


def resolver(ask: Callable[[str], tuple[Address, ...]] | None = None) -> SystemResolver:
    def known(host: str) -> tuple[Address, ...]:
        if host not in DNS:
            raise NoSuchHost(host)
        return tuple(map(ip_address, DNS[host]))

    return SystemResolver(ask or known)


def check(made: Client, url: str) -> Verdict:
    return asyncio.run(made.check(url))


def test_there_are_enough_of_them() -> None:
    assert len(REFUSED) >= 211
    assert len(ALLOWED) >= 20


@pytest.mark.parametrize("url", REFUSED, ids=repr)
def test_refused_before_any_packet(url: str, places: list[str]) -> None:
    made = Client(PATIENT, resolver())
    verdict = check(made, url)
    state = "suspect" if REFUSED[url] == "sloppy-url" else "broken"
    assert (verdict.state, verdict.reason) == (state, REFUSED[url]), verdict.message
    answer: Answer = asyncio.run(made.fetch(url))
    assert answer.failure is not None
    assert answer.failure.kind == REFUSED[url]
    assert places == []


@pytest.mark.parametrize("url", ALLOWED, ids=repr)
def test_legal_ones_go_to_the_address_that_was_looked_at(url: str, places: list[str]) -> None:
    verdict = check(Client(PATIENT, resolver()), url)
    assert verdict.reason == "refused"  # by the tripwire
    host, _, port = ALLOWED[url].rpartition(":")
    assert places[0] == f"{ip_address(host)}:{port}"


def doors() -> dict[str, bytes]:
    """Pages that lead to everything that is refused: by a redirect, by themselves, by a script."""
    found: dict[str, bytes] = {}
    for number, url in enumerate(REFUSED):
        if not any(sign in url for sign in "\r\n\0"):
            found[f"/302/{number}"] = redirect(url)
            found[f"/308/{number}"] = redirect(url, 308)
        shown = html.escape(url)
        found[f"/meta/{number}"] = page("Door", f'<meta http-equiv="refresh" content="0; url={shown}">')
        found[f"/script/{number}"] = page("Door", f"<script>location.href = '{url}'</script>")
    return found


def test_nothing_leads_there_by_a_detour(monkeypatch: pytest.MonkeyPatch) -> None:
    """With real sockets, which may only go to the door."""
    tried: list[object] = []
    connect = socket.socket.connect

    def only_to_the_door(sock: socket.socket, address: tuple[str, int]) -> None:
        if address[:2] != ("127.0.0.1", door.port):
            tried.append(address)
            raise ConnectionRefusedError(111, "tripwire")
        connect(sock, address)

    names = {**DNS, "door.example": ("127.0.0.1",)}

    def ask(host: str) -> tuple[Address, ...]:
        return tuple(map(ip_address, names[host])) if host in names else _nowhere(host)

    made = doors()
    with Server(made) as door:
        monkeypatch.setattr(socket.socket, "connect", only_to_the_door)
        policy = Policy(allow=(f"door.example:{door.port}",), gap=0.0, per_host=64, backoff=(0.001,), deadline=300.0)
        asked = Client(policy, SystemResolver(ask))

        async def all_of() -> list[Verdict]:
            return list(await asyncio.gather(*(asked.check(f"http://door.example:{door.port}{path}") for path in made)))

        verdicts = dict(zip(made, asyncio.run(all_of()), strict=True))
        assert tried == []
        assert {one.answer.hops[0].status for one in verdicts.values() if one.answer is not None} == {200, 302, 308}
    # What is no absolute address stays with the door, which has no such page.
    led = [one for path, one in verdicts.items() if path.startswith("/302")]
    assert {one.state for one in led} <= {"broken", "suspect"}
    assert sum(one.reason == "private-address" for one in led) >= 90


def _nowhere(host: str) -> tuple[Address, ...]:
    raise NoSuchHost(host)


def test_a_name_is_looked_up_once_for_all_hops_and_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that was public at the first hop cannot be private at the second."""
    answers = iter(["127.0.0.1", "10.0.0.1", "10.0.0.2"])
    with Server({"/": redirect("/two"), "/two": redirect("/three"), "/three": page("Spring")}) as server:
        made = Client(
            Policy(allow=(f"flip.example:{server.port}",), gap=0.0),
            SystemResolver(lambda _: (ip_address(next(answers)),)),
        )
        assert check(made, f"http://flip.example:{server.port}/").state == "ok"
        assert server.paths() == ["/", "/two", "/three"]
    assert next(answers) == "10.0.0.1"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    inside = {"/": page("Inside")}
    with Server(inside) as running:
        yield running


def test_redirects_into_the_network_never_arrive(server: Server) -> None:
    """With real sockets: nothing reaches the server inside, which the door would lead to."""
    names = {"door.example": "127.0.0.1", "inside.example": "127.0.0.1", "ten.example": "10.0.0.1"}

    def ask(host: str) -> tuple[Address, ...]:
        return (ip_address(names[host]),)

    port = server.port
    targets = [
        f"http://127.0.0.1:{port}/",
        f"http://inside.example:{port}/",
        f"//inside.example:{port}/",
        f"http://[::ffff:127.0.0.1]:{port}/",
        f"http://localhost:{port}/",
        f"http://2130706433:{port}/",
        f"http://door.example:{port}/",
        "http://ten.example/",
    ]
    doors = {f"/{number}": redirect(target) for number, target in enumerate(targets)}
    with Server(doors) as door:
        made = Client(Policy(allow=(f"door.example:{door.port}",), gap=0), SystemResolver(ask))
        for number in range(len(targets)):
            verdict = check(Client(made.policy, SystemResolver(ask)), f"http://door.example:{door.port}/{number}")
            assert verdict.state == "broken"
            assert verdict.reason in ("private-address", "special-use-name", "invalid-url"), verdict
            assert "10.0.0.1" not in verdict.message
        assert len(door.requests) == len(targets)
    assert server.connections == 0


def test_a_name_that_changes_its_address_is_looked_up_once(places: list[str]) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    made = Client(PATIENT, resolver(lambda host: (ip_address(next(answers)),)))
    assert check(made, "http://rebinding.example/").reason == "refused"
    assert set(places) == {"93.184.216.34:80"}
    assert next(answers) == "127.0.0.1"


def test_a_name_that_is_private_at_second_sight_is_refused(places: list[str]) -> None:
    answers = iter(["", "127.0.0.1"])

    def ask(host: str) -> tuple[Address, ...]:
        address = next(answers)
        if not address:
            raise NoAnswer(host)
        return (ip_address(address),)

    assert check(Client(PATIENT, resolver(ask)), "http://rebinding.example/").reason == "private-address"
    assert places == []


def test_what_is_allowed_is_exactly_that(places: list[str]) -> None:
    policy = Policy(allow=("127.0.0.1:8080", "ten.example", "[::1]", "wiki.corp:99"), backoff=(0.001,), gap=0.0)
    wiki = {**DNS, "wiki.corp": ("10.9.9.9",)}

    def ask(host: str) -> tuple[Address, ...]:
        return tuple(map(ip_address, wiki[host]))

    def reason(url: str) -> str:
        return check(Client(policy, SystemResolver(ask)), url).reason

    for url in ("http://127.0.0.1:8080/", "http://ten.example/", "https://ten.example/", "http://[::1]/"):
        assert reason(url) == "refused", url
    assert reason("http://wiki.corp:99/") == "refused"
    assert {place.rpartition(":")[0] for place in places} == {"127.0.0.1", "10.1.2.3", "::1", "10.9.9.9"}
    del places[:]
    for url in (
        "http://127.0.0.1/",
        "http://127.0.0.1:8081/",
        "http://127.0.0.2:8080/",
        "http://ten.example:8080/",
        "http://sub.ten.example/",
        "http://127.0.0.1.nip.example:8080/",
        "http://wiki.corp/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://2130706433:8080/",
    ):
        wiki.setdefault("sub.ten.example", ("10.1.2.3",))
        assert reason(url) in ("private-address", "special-use-name", "invalid-url"), url
    assert places == []


def test_proxies_of_the_environment_are_not_used(places: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.0.0.9:3128")
    check(Client(PATIENT, resolver()), "http://shop.example/")
    assert set(places) == {"93.184.216.34:80"}


def test_dns_that_fails_is_not_held_against_a_link(places: list[str]) -> None:
    def silent(host: str) -> tuple[Address, ...]:
        raise NoAnswer(host)

    assert check(Client(PATIENT, resolver(silent)), "http://shop.example/").state == "unverifiable"
    gone = check(Client(PATIENT, resolver()), "http://gone.example/")
    assert (gone.state, gone.reason) == ("broken", "no-such-host")
    assert gone.answer is not None
    assert gone.answer.tries == 2


def test_a_machine_that_can_look_up_nothing_blames_no_name(places: list[str]) -> None:
    def cut_off(host: str) -> tuple[Address, ...]:
        raise NoSuchHost(host)

    made = Client(PATIENT, resolver(cut_off))

    async def all_of() -> list[Verdict]:
        return list(await asyncio.gather(*(made.check(f"http://shop-{number}.example/") for number in range(8))))

    assert {one.state for one in asyncio.run(all_of())} == {"unverifiable"}


def test_a_name_that_takes_for_ever(places: list[str]) -> None:
    import threading

    never = threading.Event()

    def hangs(host: str) -> tuple[Address, ...]:
        never.wait(30)
        return ()

    slow = SystemResolver(hangs, seconds=0.05)
    try:
        verdict = check(Client(PATIENT, slow), "http://shop.example/")
    finally:
        never.set()
    assert (verdict.state, verdict.reason) == ("unverifiable", "dns")


def test_the_resolver_of_the_system() -> None:
    assert ip_address("127.0.0.1") in look_up("localhost")


# the only door

NETWORK = (
    "socket ssl socketserver select selectors http.client http.server urllib.request urllib3 requests httpx httpcore "
    "aiohttp h11 h2 dns ftplib smtplib imaplib poplib telnetlib nntplib xmlrpc websockets pycurl paramiko trio anyio"
)
CALLS = frozenset(
    ("open_connection", "open_unix_connection", "create_connection", "create_datagram_endpoint", "sock_connect")
)
# The connection to a database that its owner named, which is no address out of a mail.
EXEMPT = {
    "mailcheck/history/databases.py": ["ssl"],
    "mailcheck/audience/engines/postgres_url.py": ["create_connection", "socket", "ssl"],
    "mailcheck/audience/engines/spark_session.py": ["create_connection", "socket"],
}
SOURCES = sorted([*(ROOT / "mailcheck").rglob("*.py"), *(ROOT / "rules").rglob("*.py")])


def reaches_out(source: str) -> list[str]:
    """Whatever in a module could open a socket."""
    known = NETWORK.split()
    found = []
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            names = [str(first)] if called in ("import_module", "__import__") else []
            found += [called] if called in CALLS else []
        found += [name for name in names if any(name == one or name.startswith(f"{one}.") for one in known)]
    return found


def test_only_the_guarded_client_opens_a_socket() -> None:
    inside = {path for path in SOURCES if path.is_relative_to(ROOT / "mailcheck" / "web")}
    assert any(reaches_out(path.read_text(encoding="utf-8")) for path in inside)
    outside = {
        path.relative_to(ROOT).as_posix(): sorted(set(found))
        for path in SOURCES
        if path not in inside and (found := reaches_out(path.read_text(encoding="utf-8")))
    }
    assert outside == EXEMPT


@pytest.mark.parametrize(
    "source",
    [
        "import socket",
        "from http import client",
        "import urllib.request as u",
        "from urllib.request import urlopen",
        "import importlib; importlib.import_module('ssl')",
        "async def f(loop): await loop.create_connection(None)",
        "from asyncio import open_connection\nopen_connection('a', 1)",
        "import dns.resolver",
    ],
)
def test_the_test_would_see_it(source: str) -> None:
    assert reaches_out(source)
    assert not reaches_out("from urllib.parse import quote\nfrom http import HTTPStatus\nimport asyncio")
