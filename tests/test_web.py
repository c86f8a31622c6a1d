"""The facts `web` and `dns`, the table `[web]`, and the cache: from the outside."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

import mailcheck
from mailcheck.checking import checker
from mailcheck.settings import CouldNotStart, load
from mailcheck.web.answers import Answer, DnsUnsure, Hop, Verdict
from mailcheck.web.cache import Cache
from mailcheck.web.client import Client
from mailcheck.web.facts import OFFLINE
from mailcheck.web.policy import Policy
from mailcheck.web.recorded import Recorded
from mailcheck.web.records import SystemDns
from nasty_server import Server, page, redirect, reply

MAIL = {"subject": "Spring", "from": "a@shop.example", "html": "<p>Spring</p>"}
RULES = '''
from mailcheck import AsyncProblems, Campaign, Problem, bad, good, rule
from mailcheck.web.answers import Dns, Web
import asyncio

@rule()
@good(html="<p>x</p>")
@bad(html="<p>x</p>", at="x")
async def dead(web: Web, campaign: Campaign) -> AsyncProblems:
    """A link is dead."""
    urls = campaign.message.html.text.split()
    verdicts = await asyncio.gather(*(web.check(url) for url in urls))
    for verdict in verdicts:
        if verdict.state != "ok":
            yield Problem(f"{verdict.state}: {verdict.message}", at=campaign.message.html)

@rule()
@good(html="<p>x</p>")
@bad(html="<p>x</p>", at="x")
async def unmailable(dns: Dns) -> AsyncProblems:
    """The domain takes no mail."""
    if not await dns.addresses("localhost"):
        yield Problem("No address.")
'''


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mailrules.py").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judged(
    folder: Path, settings: str, html: str, *, online: bool | None = None, profile: str | None = None
) -> mailcheck.CampaignReport:
    (folder / "mailcheck.toml").write_text('select = ["mailrules"]\n' + settings)
    mail: dict[str, object] = {**MAIL, "html": html}
    made = checker(folder / "mailcheck.toml", local=True, online=online, profile=profile)
    return made.judge(next(made.campaigns(mail)))


def test_offline_the_rules_are_skipped_with_the_reason(rules: Path) -> None:
    report = judged(rules, "", "https://shop.example/")
    assert {(one.status, one.reason) for one in report.outcomes} == {("skipped", OFFLINE)}
    assert "(--online)" in OFFLINE


def test_online_the_rules_run(rules: Path) -> None:
    pages = {"/": page("Spring"), "/old": reply(410), "/moved": redirect("/?from=mail")}
    with Server(pages) as server:
        settings = f'[web]\nallow = ["{server.place}"]\n'
        urls = [server.url(path) for path in ("/", "/old", "/moved")]
        report = judged(rules, settings, " ".join(urls), online=True)
        assert [one.status for one in report.outcomes] == ["failed", "passed"]
        assert [one.message[:20] for one in report.findings] == ["broken: The page doe"]
        assert sorted(server.paths()) == ["/", "/?from=mail", "/moved", "/old"]


def test_without_a_word_in_the_settings_nothing_private_is_asked(rules: Path) -> None:
    with Server({"/": page("Spring")}) as server:
        report = judged(rules, "", server.url(), online=True)
        assert "private network" in report.findings[0].message
        assert server.connections == 0


def test_the_send_profile_is_online(rules: Path) -> None:
    with Server({"/": page("Spring")}) as server:
        report = judged(rules, f'[web]\nallow = ["{server.place}"]\n', server.url(), profile="send")
        assert {one.rule: one.status for one in report.outcomes}["mailrules/dead"] == "passed"
        assert server.paths() == ["/"]


def test_the_deadline_comes_before_the_time_limit_of_rules(rules: Path) -> None:
    async def never(asked: object, write: object) -> None:
        await asyncio.sleep(60)

    with Server({"/*": never}) as server:
        settings = f'rule_timeout = 0.8\n[web]\nallow = ["{server.place}"]\n'
        report = judged(rules, settings, server.url(), online=True)
        assert [one.status for one in report.outcomes] == ["failed", "passed"]
        assert report.findings[0].message.startswith("unverifiable: There was no answer within 0.72 s")


def test_a_missing_extra_is_an_error_that_says_how_to_get_it(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "h11" else found(name, *rest))
    report = judged(rules, "", "https://shop.example/", online=True)
    dead = next(one for one in report.outcomes if one.rule == "mailrules/dead")
    assert dead.status == "error"
    assert "pip install 'mailcheck-lint[web]'" in dead.reason


def test_offline_nothing_of_the_client_is_imported() -> None:
    script = (
        "import sys, mailcheck; mailcheck.check({'html': '<p>x</p>'}, profile='template');"
        "print(*sorted(set(sys.modules) & {'h11', 'ssl', 'dns', 'asyncio', 'sqlite3', 'mailcheck.web.client'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# settings


WRONG = [
    ('allow = ["*.shop.example"]', "is no host or host:port"),
    ('allow = ["http://shop.example"]', "is no host or host:port"),
    ('allow = ["10.0.0.0/8"]', "is no host or host:port"),
    ('allowed = ["a.example"]', "did you mean 'allow'"),
    ("timeout = 0", "greater than 0"),
    ("redirects = 99", "less than or equal to 20"),
    ('[web.headers."a.example"]\nX-Y = "a\\r\\nb"', "cannot be sent"),
    ('[web.headers."a.example"]\nHost = "b.example"', "cannot be set"),
    ('[web.headers."a.example"]\nAccept-Encoding = "br"', "cannot be set"),
    ('user_agent = "a\\r\\nb: c"', "printable ASCII"),
    ('[web.headers."a.example"]\n"X Y" = "a"', "cannot be sent"),
    ('accept = {"a.example" = ["x"]}', "whole number"),
]


@pytest.mark.parametrize(("table", "said"), WRONG)
def test_wrong_settings_are_refused(tmp_path: Path, table: str, said: str) -> None:
    path = tmp_path / "mailcheck.toml"
    path.write_text(f"[web]\n{table}\n")
    with pytest.raises(CouldNotStart) as refused:
        load(path)
    assert said in str(refused.value)
    assert "mailcheck.toml:" in str(refused.value)


def test_files_of_the_table_are_beside_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "mailcheck.toml"
    path.write_text('[web]\ncache = "links.sqlite3"\nca_file = "ca.pem"\n')
    table = load(path).settings.tables()["web"]
    assert (table["cache"], table["ca_file"]) == (str(tmp_path / "links.sqlite3"), str(tmp_path / "ca.pem"))
    assert Policy.of(table).redirects == 20


# the cache


def verdict(state: str, retry_after: float | None = None) -> Verdict:
    hops = (Hop("https://a.example/", 301), Hop("https://a.example/b", 200))
    ends = datetime(2030, 1, 2, tzinfo=UTC)
    answer = Answer("https://a.example/", hops, certificate_ends=ends, retry_after=retry_after)
    return Verdict(state, "status", "Said.", answer)  # type: ignore[arg-type]  # one of the five


def test_a_verdict_is_kept_as_long_as_it_can_be_trusted(tmp_path: Path) -> None:
    now = [1000.0]
    cache = Cache(tmp_path / "deep" / "links.sqlite3", "me", lambda: now[0])
    hours = {"ok": 24, "suspect": 1, "unverifiable": 0.25, "broken": 0, "not-requested": 0}
    for state in hours:
        cache.put(f"https://a.example/{state}", verdict(state))
    for state, kept in hours.items():
        for hour, there in ((0.0, kept > 0), (kept - 0.01, kept > 0), (kept + 0.01, False)):
            now[0] = 1000 + hour * 3600
            assert (cache.get(f"https://a.example/{state}") is not None) == there, (state, hour)
    now[0] = 1000
    found = cache.get("https://a.example/ok")
    assert found is not None
    assert found.cached
    assert found.answer is not None
    assert (found.answer.final_url, found.answer.status, found.answer.redirected) == ("https://a.example/b", 200, True)
    assert found.answer.certificate_ends == datetime(2030, 1, 2, tzinfo=UTC)


def test_a_server_that_asked_for_a_pause_gets_it(tmp_path: Path) -> None:
    now = [0.0]
    cache = Cache(tmp_path / "links.sqlite3", clock=lambda: now[0])
    cache.put("https://a.example/", verdict("unverifiable", 7200))
    now[0] = 7100
    assert cache.get("https://a.example/") is not None
    now[0] = 7300
    assert cache.get("https://a.example/") is None


def test_other_settings_are_another_question(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite3"
    Cache(path, Policy().fingerprint).put("https://a.example/", verdict("ok"))
    assert Cache(path, Policy().fingerprint).get("https://a.example/") is not None
    for other in (
        Policy(user_agent="me"),
        Policy(accept={"*": (404,)}),
        Policy(allow=("a",)),
        Policy(headers={"a": {}}),
    ):
        assert Cache(path, other.fingerprint).get("https://a.example/") is None


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + bytes(200)])
def test_a_cache_that_cannot_be_used_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "links.sqlite3"
    path.write_bytes(content)
    for cache in (Cache(path), Cache(tmp_path), Cache(path / "below")):
        cache.put("https://a.example/", verdict("ok"))
        assert cache.get("https://a.example/") is None
        cache.close()


def test_a_cache_with_nonsense_in_it_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite3"
    cache = Cache(path)
    cache.put("https://a.example/", verdict("ok"))
    for text in ("", "[]", "null", '{"url": 1}', '{"state": "fine"}'):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE verdicts_1 SET verdict = ?", (text,))
        connection.close()
        assert cache.get("https://a.example/") is None


def test_the_second_run_asks_only_what_was_broken(tmp_path: Path) -> None:
    with Server({"/": page("Spring"), "/old": reply(404), "/busy": reply(403)}) as server:
        policy = Policy(allow=(server.place,), gap=0)
        urls = [server.url(path) for path in ("/", "/old", "/busy")]
        states = []
        for _ in range(2):
            cache = Cache(tmp_path / "links.sqlite3", policy.fingerprint)
            found = asyncio.run(all_of(Client(policy, cache=cache), urls))
            states.append([one.state for one in found])
            cache.close()
        assert states[0] == states[1] == ["ok", "broken", "unverifiable"]
        assert sorted(server.paths()) == ["/", "/busy", "/old", "/old"]
        assert [one.cached for one in found] == [True, False, True]


async def all_of(made: Client, urls: list[str]) -> list[Verdict]:
    return list(await asyncio.gather(*(made.check(url) for url in urls)))


def test_the_cache_holds_no_bodies_and_no_headers(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite3"
    with Server({"/": reply(200, "a secret page", "Set-Cookie: secret=1")}) as server:
        policy = Policy(allow=(server.place,), headers={"127.0.0.1": {"Authorization": "secret"}})
        asyncio.run(all_of(Client(policy, cache=Cache(path, policy.fingerprint)), [server.url()]))
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT verdict FROM verdicts_1").fetchall()
    connection.close()
    assert set(json.loads(rows[0][0])) == {
        "state",
        "reason",
        "message",
        "url",
        "hops",
        "certificate_ends",
        "content_type",
    }
    assert "secret" not in rows[0][0]


# the DNS


@contextmanager
def name_server(records: Mapping[tuple[str, str], list[str]]) -> Iterator[SystemDns]:
    """A name server on loopback that knows these records; `SERVFAIL` stands for trouble."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        threading.Thread(target=answer_all, args=(server, records), daemon=True).start()
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.getsockname()[1]
        yield SystemDns(server=resolver)


def answer_all(server: socket.socket, records: Mapping[tuple[str, str], list[str]]) -> None:
    while True:
        try:
            data, asker = server.recvfrom(4096)
        except OSError:
            return
        query = dns.message.from_wire(data)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        found = records.get((question.name.to_text(omit_final_dot=True), kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if found is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif found == ["SERVFAIL"]:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif found:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        server.sendto(response.to_wire(), asker)


def test_records() -> None:
    known = {
        ("shop.example", "MX"): ["20 second.example.", "10 first.example."],
        ("shop.example", "TXT"): ['"v=spf1 " "-all"', '"other"'],
        ("www.shop.example", "CNAME"): ["cdn.example."],
        ("empty.example", "MX"): [],
        ("trouble.example", "MX"): ["SERVFAIL"],
    }

    async def ask(questions: SystemDns) -> None:
        assert await questions.records("shop.example", "MX") == ("first.example", "second.example")
        assert set(await questions.records("shop.example", "TXT")) == {"v=spf1 -all", "other"}
        assert await questions.records("www.shop.example", "CNAME") == ("cdn.example",)
        assert await questions.records("empty.example", "MX") == ()
        assert await questions.records("gone.example", "MX") == ()
        assert await questions.records("a" * 70 + ".example", "MX") == ()
        with pytest.raises(DnsUnsure):
            await questions.records("trouble.example", "MX")

    with name_server(known) as questions:
        asyncio.run(ask(questions))


def test_addresses() -> None:
    assert "127.0.0.1" in asyncio.run(SystemDns().addresses("localhost"))


# for the tests of rules


def test_a_recorded_web_says_what_the_test_wants() -> None:
    url = "https://shop.example/"
    web = Recorded({url: verdict("broken")}, {url + "x": Answer(url + "x", (Hop(url + "x", 200),), body=b"abc")})

    async def ask() -> None:
        assert (await web.check(url)).state == "broken"
        assert (await web.check(url + "other")).state == "ok"
        assert (await web.fetch(url + "x", limit=2)).body == b"ab"
        assert (await web.check(url, forbid=lambda _: "It acts.")).state == "not-requested"

    asyncio.run(ask())
