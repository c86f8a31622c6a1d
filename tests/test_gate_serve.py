"""The service as a process: how it starts, what it does not start with, and how it ends."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gate_door import KEY, SECRET, TOKEN, signed
from mailcheck.cli import run
from mailcheck.gate.loading import load_gate
from mailcheck.gate.settings import GateSettings
from mailcheck.gate.store import Store
from mailcheck.settings import CouldNotStart

CONFIG = """
port = 0
token = { env = "GATE_TOKEN" }

[judge]
profile = "campaign"
workers = 1
seconds = 25

[senders.acme]
scheme = "standard"
secrets = [{ file = "secret" }]
esp = "main"

[esps.main]
kind = "listmonk"
url = "http://127.0.0.1:9/"
user = "gate"
secret = { env = "GATE_TOKEN" }
options = { private = "true" }
"""


BROKEN = b"\x89PNG\r\n\x1a\n, and cut off there"


@dataclass
class Service:
    """A running service."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        fields = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **(headers or {})}
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        found = answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return found

    def hook(self, campaign: str, name: str) -> tuple[int, bytes]:
        body = json.dumps({"campaign_id": campaign}).encode()
        status, text, _ = self.ask("POST", "/v1/hooks/acme", body, signed(body, name, at=int(time.time())))
        return status, text

    def log(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]


@contextlib.contextmanager
def running(folder: Path, config: str = CONFIG) -> Iterator[Service]:
    (folder / "gate.toml").write_text(config)
    (folder / "secret").write_text(SECRET + "\n")
    (folder / "tmp").mkdir(exist_ok=True)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mailcheck", "serve"],
            cwd=folder,
            env={**os.environ, "GATE_TOKEN": TOKEN, "TMPDIR": str(folder / "tmp")},
            stderr=log,
            text=True,
        )
    try:
        yield Service(process, _port(folder / "log", process), folder)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)


def _port(log: Path, process: subprocess.Popen[str]) -> int:
    for _ in range(600):
        found = re.search(r'"event": "listening".*"port": (\d+)', log.read_text())
        if found:
            return int(found[1])
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service")) as found:
        yield found


def test_it_serves(service: Service) -> None:
    assert service.ask("GET", "/healthz")[0] == 200
    assert service.ask("GET", "/readyz")[0] == 200
    campaign = {"subject": "[TEST] Hello", "html": "<p>Hello</p>", "text": "Hello", "from": "a@shop.example"}
    status, body, _ = service.ask("POST", "/v1/check", json.dumps(campaign).encode())
    said = json.loads(body)
    assert status == 200
    assert said["verdict"] == "held"
    assert "copy/placeholder" in {one["rule"] for one in said["report"]["findings"]}
    job = json.loads(service.ask("GET", f"/v1/jobs/{said['id']}")[1])
    page = service.ask("GET", job["report"] + ".html")
    assert b"[TEST]" in page[1]
    assert service.ask("GET", "/openapi.json")[0] == 200


def test_a_campaign_cannot_reach_out_of_its_bundle(service: Service) -> None:
    """Neither by its pictures, nor by what its MJML includes, nor by its manifest."""
    for folder in (service.folder, service.folder / "tmp"):
        (folder / "outside.png").write_bytes(BROKEN)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("campaign.toml", '[message]\nsubject = "Hello"\nhtml_file = "mail.html"\ntext = "Hello"\n')
        archive.writestr("inside.png", BROKEN)
        names = (
            "inside.png",
            "../../outside.png",
            "../outside.png",
            "../../../outside.png",
            "/etc/passwd",
            "file:///etc/passwd",
        )
        archive.writestr("mail.html", "".join(f'<img src="{name}" alt="x" width="9" height="9">' for name in names))
    status, body, _ = service.ask("POST", "/v1/check", data.getvalue(), {"Content-Type": "application/zip"})
    said = json.loads(body)
    assert status == 200
    assert said["report"], said
    findings = [one for one in said["report"]["findings"] if one["rule"].startswith("images/")]
    read = [one["evidence"] for one in findings if one["rule"] == "images/broken"]
    assert read == ["inside.png"]
    assert "root:" not in body.decode()


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
WHOLE = {"subject": "Hello", "from": "Shop <news@shop.example>", "text": "Hello", "stage": "rendered"}
HOSTILE: dict[str, tuple[dict[str, str], str]] = {
    "nothing of the kind": ({"html": "<p>Hello</p>"}, "clear"),
    "deep": ({"html": "<div>" * 100_000}, "unsure"),
    "deep tables": ({"html": "<table><tr><td>" * 10_000}, "unsure"),
    "attributes": ({"html": "<p " + "a=b " * 100_000 + ">x</p>"}, "unsure"),
    "one attribute": ({"html": f'<p title="{"x" * 5_000_000}">x</p>'}, ""),
    "style rules": ({"html": f"<style>{'.a{color:red}' * 100_000}</style><p>x</p>"}, ""),
    "an open comment": ({"html": "<p>x</p><!--" + "<div>" * 100_000}, ""),
    "an open style": ({"html": "<p>x</p><style>" + "a{" * 200_000}, ""),
    "open brackets": ({"html": "<" * 500_000}, ""),
    "tags that do not end": ({"html": "{{" * 200_000, "text": "*|" * 200_000}, ""),
    "spaces": ({"html": "<p>" + " " * 1_000_000 + "x", "text": " \t" * 500_000}, ""),
    "a billion laughs": ({"mjml": f"{LAUGHS}<mjml><mj-body><mj-text>&j;</mj-text></mj-body></mjml>"}, "unsure"),
    "a picture of laughs": ({"html": f"<img alt='x' src='data:image/svg+xml,{LAUGHS}<svg>&j;</svg>'>"}, ""),
    "a line break in an address": ({"from": "a@shop.example\r\nBcc: b@shop.example", "html": "<p>x</p>"}, "unsure"),
}
"""Campaigns that would keep a parser busy, and the verdict that must be, if it must be one."""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_campaign_is_judged_in_its_time(service: Service, name: str) -> None:
    campaign, verdict = HOSTILE[name]
    status, body, _ = service.ask("POST", "/v1/check", json.dumps({**WHOLE, **campaign}).encode())
    said = json.loads(body)
    assert status == 200
    assert said["report"], said["reason"]  # it came to an end by itself
    assert verdict in {"", said["verdict"]}, said["reason"]
    assert service.ask("GET", "/readyz")[0] == 200


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
        b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n",
        b"POST /v1/check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"POST /v1/check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        b"GET /healthz\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=range(10),
)
def test_what_is_no_http(service: Service, request_text: bytes) -> None:
    """Refused by the server itself, or by the door: with a status of 4xx, and the next one is served."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
        connection.sendall(request_text)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while chunk := connection.recv(65536):
                answer += chunk
    assert not answer or re.match(rb"HTTP/1\.1 4\d\d ", answer)
    assert answer.count(b"HTTP/1.1") <= 1  # no second request was made out of the rest of the first
    assert service.ask("GET", "/healthz")[0] == 200
    assert not any(line["level"] == "error" for line in service.log())


def test_a_large_body_in_chunks_is_cut_off(service: Service) -> None:
    """Memory stays as it is, and the answer comes before the body is over."""
    pid = service.process.pid
    before = _resident(pid)
    head = f"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(head.encode())
        chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
        with contextlib.suppress(ConnectionError):
            while sent < 200 * 2**20:
                connection.sendall(chunk)
                sent += 65536
        with contextlib.suppress(ConnectionError):
            answer = connection.recv(65536)
    assert not answer or answer.startswith(b"HTTP/1.1 413 ")
    assert sent < 40 * 2**20
    assert _resident(pid) - before < 60 * 2**20


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_was_accepted_survives(tmp_path: Path) -> None:
    """kill -9 right behind the answer, and a new start: the job is there, and the webhook is known."""
    with running(tmp_path) as first:
        status, answer = first.hook("12", "msg_1")
        assert status == 202
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(30)
    (job_id,) = json.loads(answer)["jobs"]
    with running(tmp_path) as second:
        assert second.hook("12", "msg_1") == (202, answer)
        assert second.ask("GET", f"/v1/jobs/{job_id}")[0] == 200
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(60) == 0
        assert second.log()[-1]["event"] == "stopped"
    store = Store.open(str(tmp_path / "gate.db"))
    job = store.job(job_id)
    store.close()
    assert job is not None
    assert job.verdict is None  # nobody could be asked for the campaign
    log = (tmp_path / "log").read_text()
    assert TOKEN not in log
    assert SECRET not in log
    assert base64.b64encode(KEY).decode() not in log


# what it does not start with

BAD: list[tuple[str, str, str]] = [
    ("not TOML", "port = ", r"gate\.toml: not valid TOML"),
    ("a slip", "prot = 1", r"gate\.toml:1: unknown setting 'prot'; did you mean 'port'\?"),
    ("a slip in a table", "\n[judge]\nworkerz = 1", r"gate\.toml:3: unknown setting 'workerz' in judge; did you mean 'workers'\?"),
    ("a slip far within", '[senders.a]\nscheme = "standard"\nsecrets = [{ envy = "X" }]\nesp = "m"', r"gate\.toml:3: unknown setting 'envy' in senders\.a\.secrets\.0; did you mean 'env'\?"),
    ("a value", "port = 99999", r"gate\.toml:1: setting port: .*65535 \(got '99999'\)"),
    ("a type", "senders = 3", r"gate\.toml:1: setting senders must be a table"),
    ("a secret in the file", 'token = "hunter2-hunter2"', r"gate\.toml:1: setting token must be a table, such as \{ env"),
    ("two places of a secret", 'token = { env = "A", file = "b" }', r"gate\.toml:1: token: name either"),
    ("something missing", '[senders.a]\nscheme = "none"', r"gate\.toml:1: setting senders\.a\.esp is missing"),
    ("no key", '[senders.a]\nscheme = "standard"\nesp = "m"', r"gate\.toml:1: senders\.a: scheme standard needs `secrets`"),
    ("a key for nothing", '[senders.a]\nscheme = "none"\nesp = "m"\nsecrets = [{ env = "A" }]', r"takes no `secrets`"),
    ("no user", '[senders.a]\nscheme = "basic"\nesp = "m"\nsecrets = [{ env = "A" }]', r"needs a `user`"),
    ("an unknown scheme", '[senders.a]\nscheme = "hmac"\nesp = "m"', r"gate\.toml:2: setting senders\.a\.scheme: .*'standard'"),
    ("an unknown connection", '[senders.a]\nscheme = "none"\nesp = "man"\n[esps.main]\nkind = "listmonk"', r"gate\.toml:3: .*no connection 'man'; did you mean 'main'\?"),
    ("an unknown policy", '[esps.main]\nkind = "listmonk"\npolicy = "strict"', r"gate\.toml:3: .*no policy 'strict'"),
    ("an unknown alert", '[policies.default]\nalerts = ["ops"]', r"gate\.toml:2: .*no alert 'ops'"),
    *(
        (f"{name} that goes back", f'{table}{name} = {value}', rf"gate\.toml:\d: setting {where}: .*greater than")
        for table, name, value, where in (
            ("", "keep", '"-P1D"', "keep"),
            ('[esps.m]\nkind = "brevo"\n', "poll", '"PT0S"', r"esps\.m\.poll"),
            ('[senders.a]\nscheme = "none"\nesp = "m"\n', "retries", '"-PT1H"', r"senders\.a\.retries"),
            ("[policies.default]\n", "recheck", '["PT30M", "-PT10M"]', r"policies\.default\.recheck\.1"),
            ("[policies.default]\n", "lead", '"-PT5M"', r"policies\.default\.lead"),
        )
    ),
    ("off loopback without a token", 'host = "0.0.0.0"', r"gate\.toml:1: a `token` is needed .* 0\.0\.0\.0"),
    ("off loopback by name", 'host = "gate.internal"', r"a `token` is needed"),
    ("an unsigned door off loopback", 'token = { env = "T" }\nhost = "::"\n[senders.a]\nscheme = "none"\nesp = "m"\n[esps.m]\nkind = "listmonk"', r"gate\.toml:4: sender 'a' signs nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_a_fault_in_the_settings_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("gate.toml").write_text(text)
    assert run(["serve"]) == 2
    said = capsys.readouterr().err
    assert re.search(why, said), said
    assert said.count("\n") == 1
    assert "hunter2" not in said


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    assert GateSettings(host=host).is_local


def test_the_host_of_the_command_line_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gate.toml").write_text('[senders.a]\nscheme = "none"\nesp = "m"\n[esps.m]\nkind = "listmonk"')
    assert load_gate(tmp_path / "gate.toml").is_local
    with pytest.raises(CouldNotStart, match="token"):
        load_gate(tmp_path / "gate.toml", {"host": "0.0.0.0", "port": None})


def test_paths_are_meant_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text(CONFIG.replace("[judge]", '[judge]\nsettings = "mailcheck.toml"'))
    found = load_gate(tmp_path / "gate.toml")
    assert found.store == str(tmp_path / "gate.db")
    assert found.judge.settings == tmp_path / "mailcheck.toml"
    assert found.senders["acme"].secrets[0].file == tmp_path / "secret"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("GATE_TOKEN", "GATE_NO_TOKEN"), "environment variable GATE_NO_TOKEN is empty or not set"),
        (('"secret"', '"no-secret"'), "no-secret cannot be read"),
        (('kind = "listmonk"', 'kind = "listmonkey"'), "there is no kind 'listmonkey'; did you mean 'listmonk'"),
        (
            ('scheme = "standard"', 'scheme = "sendgrid"'),
            "senders.acme: a key must be the verification key of SendGrid",
        ),
        (("[judge]", '[judge]\nsettings = "nothing.toml"'), "nothing.toml: the settings file cannot be read"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_what_the_settings_name_is_checked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: tuple[str, str],
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATE_TOKEN", TOKEN)
    Path("secret").write_text(SECRET)
    Path("gate.toml").write_text(CONFIG)
    assert run(["serve", "--check-config"]) == 0
    assert capsys.readouterr().out == "gate.toml: in order (1 sender, 1 connection, 0 alerts)\n"
    Path("gate.toml").write_text(CONFIG.replace(*change))
    assert run(["serve", "--check-config"]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert TOKEN not in said
    assert SECRET not in said
    assert not Path("gate.db").exists()


def test_a_port_that_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("gate.toml").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "mailcheck", "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("")
    script = "import sys; sys.modules['fastapi'] = None; from mailcheck.cli import run; sys.exit(run(['serve']))"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "the gate needs fastapi, which is not installed: pip install 'mailcheck-lint[gate]'" in done.stderr
