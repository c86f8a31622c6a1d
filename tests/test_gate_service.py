"""The door of the gate: what is taken, what is refused, and that refusals tell nothing."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate_door import KEY, NOW, TOKEN, Answer, Door, asked, make_door, signed
from mailcheck.gate.links import ReportLinks
from mailcheck.gate.model import Judgement
from mailcheck.gate.service import create_app, logs
from mailcheck.gate.service.state import State, Work

HELLO = b'{"subject": "Hello", "html": "<p>Hello</p>"}'


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    return make_door(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door for tests that leave nothing behind."""
    with pytest.MonkeyPatch.context() as patch:
        found = make_door(tmp_path_factory.mktemp("gate"), patch)
        yield found
        found.store.close()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service writes into its log."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    logs.set_up(stream)
    yield stream
    root.handlers[:], root.level = before, level


def bundle(**files: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return data.getvalue()


def jobs_of(answer: Answer) -> list[str]:
    jobs = answer.json()["jobs"]
    assert isinstance(jobs, list)
    return [str(one) for one in jobs]


# webhooks


def test_a_webhook_becomes_a_job(door: Door) -> None:
    answer = door.hook()
    assert answer.status == 202
    (job_id,) = jobs_of(answer)
    job = door.store.job(job_id)
    assert job is not None
    assert (job.campaign_id, job.esp, job.kind) == ("12", "main", "hook")
    said = door.get(f"/v1/jobs/{job_id}").json()
    assert (said["campaign"], said["state"], said["verdict"]) == ("12", "waiting", None)


def test_a_repeated_webhook_gets_the_same_answer_and_nothing_else(door: Door) -> None:
    first, again = door.hook(), door.hook()
    assert (again.status, again.body) == (first.status, first.body)
    assert door.store.depth(NOW).waiting == 1


def test_an_id_with_another_body_conflicts(door: Door) -> None:
    door.hook()
    assert door.hook(b'{"campaigns": ["13"]}').status == 409
    assert door.store.depth(NOW).waiting == 1


def test_a_webhook_about_something_else_is_taken_and_makes_no_job(door: Door) -> None:
    assert door.hook(b'{"campaigns": []}').json() == {"jobs": []}


def test_ids_are_those_of_their_sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"scheme": "standard", "secrets": [{"env": "GATE_TEST_SECRET"}], "esp": "main"}
    door = make_door(tmp_path, monkeypatch, senders={"acme": secrets, "other": secrets})
    body = b'{"campaigns": ["12"]}'
    door.hook(body)
    other = door.ask("POST", "/v1/hooks/other", [*signed(b'{"campaigns": ["13"]}').items()], b'{"campaigns": ["13"]}')
    assert other.status == 202


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"{",
        b"[" * 100_000,
        b'{"campaigns": ["a\\u0000b"]}',
        b'{"campaigns": [""]}',
        b'{"campaigns": ["a\\nb"]}',
        json.dumps({"campaigns": ["x" * 201]}).encode(),
        json.dumps({"campaigns": list(range(1001))}).encode(),
    ],
    ids=lambda one: repr(one)[:20],
)
def test_a_signed_body_that_is_not_understood(shared: Door, body: bytes) -> None:
    assert shared.hook(body).status == 422
    assert shared.store.depth(NOW).waiting == 0


def test_a_full_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = make_door(tmp_path, monkeypatch, queue=2)
    answers = [door.hook(f'{{"campaigns": ["{n}"]}}'.encode(), f"msg_{n}") for n in range(4)]
    assert [one.status for one in answers] == [202, 202, 429, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 120
    # What came before is still known, and what was refused is not.
    assert door.hook(b'{"campaigns": ["0"]}', "msg_0").body == answers[0].body
    assert door.get("/readyz").status == 503


def test_what_is_refused_is_told_nothing(door: Door, log: io.StringIO) -> None:
    """Unknown sender, wrong key, stale, repeated header: the same bare 401."""
    body = b'{"campaigns": ["klara@gmail.com"]}'
    wrong = signed(body, key=KEY[::-1])
    cases = {
        "no_match": ("/v1/hooks/acme", [*wrong.items()]),
        "stale": ("/v1/hooks/acme", [*signed(body, at=int(NOW.timestamp()) - 301).items()]),
        "missing_header": ("/v1/hooks/acme", []),
        "malformed_header": ("/v1/hooks/acme", [*signed(body, name="a b").items()]),
        "repeated_header": ("/v1/hooks/acme", [*signed(body).items(), ("Webhook-Id", "msg_1")]),
        "unknown": ("/v1/hooks/nobody", [*signed(body).items()]),
    }
    answers = {reason: door.ask("POST", path, fields, body) for reason, (path, fields) in cases.items()}
    shown = {(one.status, re.sub(r"urn:uuid:[0-9a-f-]{36}", "", one.text), len(one.fields)) for one in answers.values()}
    assert len(shown) == 1
    assert shown.pop()[0] == 401
    metrics = door.get("/metrics").text
    for reason in ("no_match", "stale", "missing_header", "malformed_header", "repeated_header", "unknown"):
        assert f'mailcheck_gate_webhooks_total{{outcome="refused",reason="{reason}"}} 1.0' in metrics
    assert "nobody" not in metrics + log.getvalue()
    assert "klara" not in metrics + log.getvalue()


def test_a_name_of_a_sender_of_any_kind(shared: Door) -> None:
    for name in ("%00", "acme%2f..", "a" * 5000, "..", "acme ", "ACME", "\N{SNOWMAN}"):
        assert shared.ask("POST", f"/v1/hooks/{name}", [], b"").status in {401, 404}


# checks


def test_a_campaign_is_checked(door: Door) -> None:
    door.judges.judgement = Judgement("held", '{"verdict":"held","x":"é"}', findings={"error": 2})
    answer = door.check(HELLO)
    assert answer.status == 200
    said = answer.json()
    assert said | {"id": ""} == {
        "id": "",
        "verdict": "held",
        "reason": "",
        "findings": {"error": 2},
        "report": {"verdict": "held", "x": "é"},
    }
    assert door.judges.asked[0].data == HELLO
    assert door.get(f"/v1/jobs/{said['id']}").json()["verdict"] == "held"


def test_a_bundle_is_checked(door: Door) -> None:
    data = bundle(campaign_toml='[message]\nhtml_file = "mail.html"', mail_html="<p>")
    assert door.check(data, "application/zip").json()["verdict"] == "clear"
    assert (door.judges.asked[0].form, door.judges.asked[0].data) == ("zip", data)


def test_no_judgement_is_unsure_and_says_why(door: Door) -> None:
    door.judges.judgement = Judgement("unsure", reason="It took too long.")
    said = door.check(HELLO).json()
    assert (said["verdict"], said["reason"], said["report"]) == ("unsure", "It took too long.", None)


UNREADABLE = [
    ("application/json", b"{", "JSON"),
    ("application/json", b"[]", "object"),
    ("application/json", b'{"html": NaN}', "NaN"),
    ("application/json", b'{"html": "\\udead"}', "surrogate"),
    ("application/json", b'{"a":' * 30_000, "JSON"),
    ("application/json", b'{"a": ' + b"9" * 100_000 + b"}", "JSON"),
    ("application/json", b'{"audience": {"source": "/etc/passwd"}}', "names a file"),
    ("application/json", b'{"audience": {"source": "postgresql://klara:hunter2@db/x"}}', "names a file"),
    ("application/json", b'{"history": {"store": "/srv/x.db"}}', "settings"),
    ("application/json", b'{"sbject": "x"}', "did you mean 'subject'"),
    ("application/json", b'{"subject": ["klara@gmail.com"]}', "subject must be a text"),
    ("application/json", b'{"kind": "klara.lindqvist@gmail.com"}', "kind must be"),
    ("application/zip", bundle(campaign_toml="sbject = 1"), "campaign.toml:1: unknown key"),
    ("application/zip", b"", "zip"),
    ("application/zip", HELLO, "zip"),
    ("application/zip", bundle(mail_html="<p>"), "manifest"),
    ("application/zip", bundle(campaign_toml='html_file = "../../etc/passwd"'), "outside"),
    ("application/zip", bundle(campaign_toml="x", a_zip=bundle(x="y").decode("latin-1")), "zip"),
    ("application/zip", bundle(campaign_toml="x = ["), "TOML"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("media", "body", "why"), UNREADABLE, ids=[f"{why} {number}" for number, (_, _, why) in enumerate(UNREADABLE)]
)
def test_what_cannot_be_read(shared: Door, media: str, body: bytes, why: str) -> None:
    answer = shared.check(body, media)
    assert answer.status == 422
    assert why in str(answer.json()["detail"])
    assert body not in [one.data for one in shared.judges.asked]
    assert "passwd" not in answer.text
    assert "hunter2" not in answer.text
    assert "klara" not in answer.text


@pytest.mark.parametrize(
    "media", ["", "text/plain", "application/xml", "multipart/form-data; boundary=x", "json", "application/json+x"]
)
def test_other_kinds_of_content(shared: Door, media: str) -> None:
    assert shared.check(HELLO, media).status == 415


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "Application/JSON"])
def test_kinds_of_content_as_people_write_them(shared: Door, media: str) -> None:
    assert shared.check(HELLO, media).status == 200


def test_when_too_much_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = make_door(tmp_path, monkeypatch, judge={"workers": 1})

    async def scene() -> list[int]:
        event = asyncio.Event()
        door.judges.gate = lambda: event
        fields = [("authorization", f"Bearer {TOKEN}"), ("content-type", "application/json")]
        first = [asyncio.create_task(asked(door.app, "POST", "/v1/check", fields, HELLO)) for _ in range(2)]
        while len(door.judges.asked) < 2:
            await asyncio.sleep(0.01)
        refused = await asked(door.app, "POST", "/v1/check", fields, HELLO)
        assert refused.headers["retry-after"] == "5"
        event.set()
        return [refused.status, *[(await one).status for one in first]]

    assert asyncio.run(scene()) == [429, 200, 200]
    door.judges.gate = None
    assert door.check(HELLO).status == 200


# bodies


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip", ""])
def test_a_body_with_a_coding(shared: Door, coding: str) -> None:
    assert shared.hook(content_encoding=coding).status == 415
    assert shared.check(HELLO, "application/json", ("content-encoding", coding)).status == 415


def test_a_body_that_is_too_large(door: Door) -> None:
    limit = door.settings.body_bytes
    exact = b'{"html": "' + b"x" * (limit - 12) + b'"}'
    assert len(exact) == limit
    assert door.check(exact).status == 200
    assert door.check(exact + b" ").status == 413
    assert door.check(b"", "application/json", ("content-length", str(limit + 1))).status == 413
    assert door.hook(b" " * (limit + 1)).status == 413


def test_a_body_in_chunks_is_read_no_further_than_its_limit(door: Door) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 10_000
            yield bytes(10_000)

    async def endless() -> Answer:
        source = chunks()
        start: dict[str, object] = {}

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": next(source), "more_body": True}

        async def send(message: dict[str, object]) -> None:
            start.setdefault("status", message.get("status"))

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/check",
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", b"application/json")],
        }
        await door.app(scope, receive, send)  # type: ignore[arg-type]  # as ASGI has them
        return Answer(int(str(start["status"])), (), b"")

    tracemalloc.start()
    assert asyncio.run(endless()).status == 413
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()
    assert sent <= door.settings.body_bytes + 20_000


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "٣", "9" * 30, "0x10"])
def test_a_length_that_is_none(shared: Door, length: str) -> None:
    """A server does not let it through; if one did, the bytes themselves are counted."""
    assert shared.check(HELLO, "application/json", ("content-length", length)).status == 200


def test_all_bodies_together_have_a_bound(door: Door) -> None:
    door.state.intake.held = door.state.intake.most
    assert door.check(HELLO).status == 503
    assert door.hook().headers["retry-after"] == "2"
    door.state.intake.held = 0
    assert door.hook().status == 202
    assert door.state.intake.held == 0


def test_a_body_that_takes_too_long(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailcheck.gate.service.bodies.SECONDS", 0.02)

    async def scene() -> int:
        async def receive() -> dict[str, object]:
            await asyncio.sleep(60)
            return {}

        said: list[object] = []

        async def send(message: dict[str, object]) -> None:
            said.append(message.get("status"))

        scope = {"type": "http", "method": "POST", "path": "/v1/hooks/acme", "query_string": b"", "headers": []}
        await door.app(scope, receive, send)  # type: ignore[arg-type]  # as ASGI has them
        return int(str(said[0]))

    assert asyncio.run(scene()) == 408


# the lock

WRONG = [
    [],
    [("authorization", "Bearer")],
    [("authorization", "Bearer ")],
    [("authorization", f"Basic {TOKEN}")],
    [("authorization", f"Bearer {TOKEN}x")],
    [("authorization", f"Bearer {TOKEN[:-1]}")],
    [("authorization", TOKEN)],
    [("authorization", "Bearer \udcff")],
    [("authorization", f"Bearer {TOKEN}"), ("authorization", f"Bearer {TOKEN}")],
]


@pytest.mark.parametrize("fields", WRONG, ids=range(len(WRONG)))
def test_the_token_is_needed(shared: Door, fields: list[tuple[str, str]]) -> None:
    before = len(shared.judges.asked)
    for method, path in (
        ("POST", "/v1/check"),
        ("GET", "/v1/jobs/x"),
        ("GET", "/v1/reports/x.json"),
        ("GET", "/v1/reports/x.html"),
        ("GET", "/metrics"),
    ):
        answer = shared.ask(method, path, fields, HELLO)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert len(shared.judges.asked) == before


def test_without_a_token_only_programs_on_this_machine_are_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = make_door(tmp_path, monkeypatch, token=None)
    media = ("content-type", "application/json")
    assert door.ask("POST", "/v1/check", [media], HELLO).status == 200
    for other in (("origin", "https://evil.example"), ("host", "evil.example:8025"), ("sec-fetch-site", "cross-site")):
        assert door.ask("POST", "/v1/check", [media, other], HELLO).status == 401


# results


def a_report(door: Door) -> str:
    import mailcheck

    campaign = {"subject": "<script>alert(1)</script> [TEST]", "html": "<p>Hi *|FNAME|*, =cmd()</p>", "text": "x"}
    report = mailcheck.check(campaign, settings={}, profile="campaign")
    door.judges.judgement = Judgement(report.verdict, report.model_dump_json())
    return str(door.check(HELLO).json()["id"])


def test_reports(door: Door) -> None:
    job = door.get(f"/v1/jobs/{a_report(door)}").json()
    address = str(job["report"])
    plain = door.get(address + ".json")
    assert plain.json()["verdict"] in {"held", "unsure"}
    assert plain.headers["content-type"] == "application/json"
    sarif = door.get(address + ".sarif")
    assert sarif.json()["version"] == "2.1.0"
    page = door.get(address + ".html")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert "sandbox" in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script" not in page.headers["content-security-policy"]


def test_the_link_of_an_alert_opens_its_report_and_nothing_else(door: Door) -> None:
    first, second = (str(door.get(f"/v1/jobs/{a_report(door)}").json()["report"]).rpartition("/")[2] for _ in range(2))
    links = ReportLinks.of(door.settings.model_copy(update={"public_url": "https://gate.example/"}))
    address, _, query = links.to(first).partition("?")
    assert address == f"https://gate.example/v1/reports/{first}.html"
    key = query.removeprefix("key=")

    def status(path: str, query: str) -> int:
        return door.ask("GET", f"/v1/reports/{path}", [], query=query.encode("utf-8", "surrogateescape")).status

    assert status(f"{first}.html", query) == 200
    wrong = ["", "key=", f"key={key[:-1]}", f"key={key}x", f"key={key}&key={key}", "key=é", "key=\udcff", f"Key={key}"]
    assert {status(f"{first}.html", one) for one in wrong} == {401}
    assert {status(path, query) for path in (f"{second}.html", f"{first}.json", f"{first}.sarif")} == {401}
    assert door.ask("GET", f"/v1/jobs/{first}", [], query=query.encode()).status == 401
    assert status(f"{first}.html", ReportLinks("https://gate.example", b"another").to(first).partition("?")[2]) == 401


def test_without_a_token_a_link_opens_nothing_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = make_door(tmp_path, monkeypatch, token=None)
    links = ReportLinks.of(door.settings.model_copy(update={"public_url": "http://127.0.0.1:8025"}))
    assert links.to("r-1") == "http://127.0.0.1:8025/v1/reports/r-1.html"
    answer = door.ask("GET", "/v1/reports/r-1.html", [("origin", "https://evil.example")], query=b"key=")
    assert answer.status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/v1/jobs/none",
        "/v1/jobs/%00",
        "/v1/jobs/a%20b",
        "/v1/jobs/" + "x" * 101,
        "/v1/jobs/../../etc/passwd",
        "/v1/reports/none.json",
        "/v1/reports/none.html",
        "/v1/reports/..%2f..%2fetc.json",
        "/v1/reports/x.exe",
        "/v1/reports/x",
        "/v1/jobs/",
        "/",
        "/docs",
        "/redoc",
        "/v1/check/",
    ],
)
def test_what_is_not_there(shared: Door, path: str) -> None:
    answer = shared.get(path)
    assert answer.status == 404
    assert "passwd" not in answer.text


def test_other_methods(shared: Door) -> None:
    for method, path in (
        ("GET", "/v1/check"),
        ("GET", "/v1/hooks/acme"),
        ("POST", "/healthz"),
        ("DELETE", "/v1/jobs/x"),
        ("BREW", "/v1/check"),
    ):
        answer = shared.ask(method, path, [("authorization", f"Bearer {TOKEN}")])
        assert answer.status == 405
        assert answer.headers["allow"]


# how it is


def test_health(shared: Door) -> None:
    assert shared.ask("GET", "/healthz").json() == {"status": "ok"}
    assert shared.ask("GET", "/readyz").json() == {"status": "ok"}


def test_readiness(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door.judges.ready = False
    assert door.get("/readyz").status == 503
    door.judges.ready = True
    stopped = State.make(door.settings, door.store, door.judges, {}, work=Work(goes_on=lambda: False), now=lambda: NOW)
    answer = asyncio.run(asked(create_app(stopped), "GET", "/readyz"))
    assert (answer.status, answer.is_problem()) == (503, True)


def test_a_store_that_cannot_be_used(door: Door, tmp_path: Path) -> None:
    door.store.close()
    (tmp_path / "gate.db").write_bytes(b"this is no database at all, but some text of some length" * 100)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"gate.db{suffix}").unlink(missing_ok=True)
    for answer in (door.hook(), door.get("/v1/jobs/x"), door.get("/readyz"), door.get("/metrics")):
        assert answer.status == 503
        assert answer.headers["retry-after"]
        assert str(tmp_path) not in answer.text
    assert door.ask("GET", "/healthz").status == 200


def test_figures_hold_no_names(door: Door) -> None:
    door.hook(b'{"campaigns": ["klara@gmail.com"]}')
    door.check(HELLO)
    door.ask("PROPFIND", "/v1/klara@gmail.com")
    text = door.get("/metrics").text
    assert 'mailcheck_gate_webhooks_total{outcome="new",reason=""} 1.0' in text
    assert 'mailcheck_gate_checks_total{verdict="clear"} 1.0' in text
    assert 'mailcheck_gate_jobs{state="waiting"} 1.0' in text
    assert 'method="other",route="none",status="404"' in text
    assert not re.search("klara|acme|PROPFIND", text)


def test_the_description_is_complete(shared: Door) -> None:
    described = shared.get("/openapi.json").json()
    paths = described["paths"]
    assert isinstance(paths, dict)
    assert sorted(paths) == ["/healthz", "/metrics", "/readyz", "/v1/check", "/v1/hooks/{sender}", "/v1/hooks/{sender}/validate", "/v1/jobs/{job_id}", "/v1/reports/{report_id}.html", "/v1/reports/{report_id}.json", "/v1/reports/{report_id}.sarif"]  # fmt: skip
    for path, operations in paths.items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status[0] in "45":
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)


# faults and the log


def test_a_fault_is_told_without_anything_of_the_request(door: Door, log: io.StringIO) -> None:
    answer = door.hook(b'{"broken": true, "secret": "hunter2"}')
    assert answer.status == 500
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (fault,) = [line for line in lines if line["event"] == "a request failed"]
    assert fault["kind"] == "RuntimeError"
    assert fault["instance"] == answer.json()["instance"]
    for secret in ("hunter2", "klara", "Traceback"):
        assert secret not in log.getvalue() + answer.text


def test_a_line_of_the_log_is_a_line(log: io.StringIO) -> None:
    logs.set_up(log)  # without the handler of pytest, whose workers cannot send half a surrogate pair
    nasty = "a\r\nlevel=error\x1b[31m\u2028b\u202ec\x9bd\ud800 klara@gmail.com\0"
    logs.say(nasty, note=nasty)
    logging.getLogger("uvicorn.error").warning("Invalid %s", nasty)
    logging.getLogger("asyncio").error("it failed", exc_info=ValueError(nasty))
    lines = log.getvalue().splitlines()
    assert len(lines) == 3
    for line in lines:
        said = json.loads(line)
        assert line.isascii()
        assert line.isprintable()
        texts = [one for one in said.values() if isinstance(one, str)]
        assert all(text.isprintable() for text in texts)
        assert "klara@" not in line


def test_the_log_has_no_paths_and_no_queries(door: Door, log: io.StringIO) -> None:
    door.ask("GET", "/v1/jobs/klara", [], query=b"token=hunter2")
    door.ask("GET", "/nothing/klara\n{}", [], query=b"token=hunter2")
    assert "hunter2" not in log.getvalue()
    assert "klara" not in log.getvalue()
    assert [json.loads(line)["route"] for line in log.getvalue().splitlines()] == ["/v1/jobs/{job_id}", "none"]


def test_writers_do_not_wait_for_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many webhooks at the same time: each has its job, none is refused or lost."""
    door = make_door(tmp_path, monkeypatch)

    async def scene() -> list[Answer]:
        bodies = [f'{{"campaigns": ["{n:03}"]}}'.encode() for n in range(100)]
        length = ("content-length", str(len(bodies[0])))
        return await asyncio.gather(
            *(
                asked(door.app, "POST", "/v1/hooks/acme", [*signed(body, f"m_{n}").items(), length], body)
                for n, body in enumerate(bodies)
            )
        )

    answers = asyncio.run(scene())
    assert {one.status for one in answers} == {202}
    assert door.store.depth(NOW).waiting == 100
