"""A bad campaign is scheduled, held, fixed, cleared, scheduled, edited, and pulled back before it goes out."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailcheck.gate.demo.pretend import KEY, USER, Campaign, Pretend
from mailcheck.report import plural
from mailcheck.web.api import ApiClient, ApiFailed, ApiReply, path_of

_GOOD = """<h1>20 % off all coats</h1>
<p>Until Sunday all coats cost 20 % less.</p>
<p><a href="https://shop.example/coats">See the coats</a></p>
<p>Shop, 1 High Street, Springfield. <a href="{{ UnsubscribeURL }}">Unsubscribe</a></p>"""
_BAD = _GOOD.replace("<p>Until", "<p>Hello *|FNAME|*, until").replace("https://shop.example", "http://localhost:3000")
_EDITED = _GOOD.replace("<p>Until", "<p>Hello {{ .Subscriber.FirstName, until")

_SETTINGS = """\
store = "gate.db"
port = {own}
public_url = "http://127.0.0.1:{own}"

[judge]
profile = "campaign"
settings = "mailcheck.toml"
workers = 1

[senders.automation]
scheme = "standard"
secrets = [{{ env = "DEMO_WEBHOOK_KEY" }}]
esp = "lists"

[esps.lists]
kind = "listmonk"
url = "http://127.0.0.1:{port}"
user = "{user}"
secret = {{ env = "DEMO_ESP_KEY" }}
options = {{ private = "true" }}

[policies.default]
clear = "schedule"
recheck = ["PT{before}S"]
lead = "PT2S"
notify = ["held", "unsure", "cleared", "reverted", "failed"]

[alerts.team]
url = {{ env = "DEMO_ALERT_URL" }}
"""
# Whether the demo is run at night or on a holiday is not its subject.
_RULES = 'ignore = ["schedule"]\n'
_PATIENCE = 90.0
"""Seconds that anything may take."""


class StoryFailed(Exception):  # noqa: N818 - the end of a story
    """The demo did not go as it should; the text says where."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: from the fix to the send, and from the second look to the send."""

    ahead: int = 20
    before: int = 10


@dataclass
class _Stage:
    folder: Path
    say: Callable[[str], None]
    pace: Pace
    pretend: Pretend
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    shown: int = 0

    def line(self, who: str, what: str) -> None:
        now = datetime.now().astimezone()
        self.say(f"{now:%H:%M:%S}  {who:<10} {what}")

    def show_alerts(self) -> None:
        for title, body in self.pretend.alerts[self.shown :]:
            self.line("alert", title)
            for text in body.splitlines():
                self.say(f"{'':<21}│ {text}")
        self.shown = len(self.pretend.alerts)

    async def until(self, what: str, done: Callable[[], bool]) -> None:
        """Wait for something.

        Raises:
            StoryFailed: it does not happen.
        """
        ends = time.monotonic() + _PATIENCE
        while not done():
            if time.monotonic() > ends:
                raise StoryFailed(f"{what} did not happen within {_PATIENCE:g} s")
            self.show_alerts()
            await asyncio.sleep(0.1)
        self.show_alerts()

    async def told(self, count: int) -> None:
        await self.until("an alert", lambda: len(self.pretend.alerts) >= count)


async def play(folder: Path, say: Callable[[str], None], pace: Pace | None = None) -> None:
    """Play the whole story: a real service with a real store and real workers, in a process of its own.

    Args:
        folder: where settings, store and log of the service are put.
        say: takes a line at a time.

    Raises:
        StoryFailed: something went otherwise than it should.
    """
    pace = pace or Pace()
    campaign = Campaign(_BAD, datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))
    stage: list[_Stage] = []
    pretend = Pretend(campaign, lambda what: stage[0].line("listmonk", what))
    stage.append(_Stage(folder, say, pace, pretend))
    await pretend.start()
    try:
        async with _service(stage[0]) as gate:
            await _acts(stage[0], gate)
    finally:
        await pretend.end()


async def _acts(stage: _Stage, gate: ApiClient) -> None:
    campaign = stage.pretend.campaign
    campaign.status = "scheduled"
    stage.line("listmonk", f"somebody schedules “{campaign.name}”, with mistakes in it")
    job = await _webhook(stage, gate)
    _expect(await _ended(stage, gate, job), "held", "revert")
    _expect_status(stage, "draft")
    await stage.told(1)

    campaign.body = _GOOD
    campaign.send_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=stage.pace.ahead)
    at = campaign.send_at.astimezone()
    stage.line("listmonk", f"somebody mends the mistakes, and wants it to go out at {at:%H:%M:%S}")
    job = await _webhook(stage, gate)
    _expect(await _ended(stage, gate, job), "clear", "schedule")
    _expect_status(stage, "scheduled")
    await stage.told(2)

    campaign.body = _EDITED
    stage.line("listmonk", "somebody edits the scheduled campaign, without telling anybody")
    stage.line("gate", f"waits for its second look, {stage.pace.before} s before the send")
    await stage.until("the second look", lambda: campaign.status == "draft")
    if datetime.now(UTC) >= campaign.send_at:
        raise StoryFailed("the second look came too late")
    await stage.told(4)
    _expect_status(stage, "draft")


async def _webhook(stage: _Stage, gate: ApiClient) -> str:
    """Tell the gate that the campaign is about to be scheduled; the id of the job."""
    data = {"campaign_id": stage.pretend.campaign.id, "send_at": stage.pretend.campaign.send_at.isoformat()}
    body = json.dumps({"type": "campaign.scheduled", "data": data}).encode()
    headers = {"Content-Type": "application/json", **_signed(stage.key, body)}
    reply = await _asked(gate, "POST", "/v1/hooks/automation", body, headers)
    if reply.status != 202:
        raise StoryFailed(f"the gate answered the webhook with {reply.status}")
    job = str(json.loads(reply.body)["jobs"][0])
    stage.line("webhook", f"signed, and taken by the gate as job {job[:8]}…")
    return job


def _signed(key: bytes, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    ident, at = f"msg_{secrets.token_hex(8)}", str(int(time.time()))
    mark = hmac.new(key, f"{ident}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mark).decode()
    return {"webhook-id": ident, "webhook-timestamp": at, "webhook-signature": signature}


async def _ended(stage: _Stage, gate: ApiClient, job: str) -> dict[str, object]:
    """A job when it has come to its end."""
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        reply = await _asked(gate, "GET", path_of("/v1/jobs/{}", job))
        found: dict[str, object] = json.loads(reply.body)
        stage.show_alerts()
        if found.get("state") in ("done", "failed"):
            counts = found.get("findings")
            shown = ", ".join(plural(n, name) for name, n in counts.items() if n) if isinstance(counts, dict) else ""
            stage.line("gate", f"{found.get('verdict')} ({shown or 'no findings'}): {found.get('reason')}")
            return found
        await asyncio.sleep(0.1)
    raise StoryFailed(f"the gate did not come to an end with the campaign within {_PATIENCE:g} s")


def _expect(job: dict[str, object], verdict: str, action: str) -> None:
    if (job.get("verdict"), job.get("action")) != (verdict, action):
        raise StoryFailed(f"the gate said {job.get('verdict')} and did {job.get('action')}: {job.get('reason')}")


def _expect_status(stage: _Stage, status: str) -> None:
    if stage.pretend.campaign.status != status:
        raise StoryFailed(f"the campaign is {stage.pretend.campaign.status} where it should be {status}")


async def _asked(
    gate: ApiClient, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> ApiReply:
    try:
        return await gate.request(method, path, body=body, headers=headers)
    except ApiFailed as error:
        raise StoryFailed(f"the gate does not answer: {error}") from None


@asynccontextmanager
async def _service(stage: _Stage) -> AsyncIterator[ApiClient]:
    """`mailcheck serve` in a process of its own."""
    folder, log = stage.folder, stage.folder / "gate.log"
    text = _SETTINGS.format(port=stage.pretend.port, own=await _free_port(), user=USER, before=stage.pace.before)
    (folder / "gate.toml").write_text(text, encoding="utf-8")
    (folder / "mailcheck.toml").write_text(_RULES, encoding="utf-8")
    known = {
        "DEMO_ESP_KEY": KEY,
        "DEMO_WEBHOOK_KEY": "whsec_" + base64.b64encode(stage.key).decode(),
        "DEMO_ALERT_URL": f"json://127.0.0.1:{stage.pretend.port}/alerts",
    }
    command = [sys.executable, "-m", "mailcheck", "serve", "--config", str(folder / "gate.toml")]
    with log.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            *command, stderr=stream, stdout=stream, env={**os.environ, **known}
        )
    try:
        port = await _listening(process, log)
        stage.line("gate", f"listens on 127.0.0.1:{port} (its log: {log})")
        yield ApiClient(f"http://127.0.0.1:{port}", private=True)
    finally:
        await _stopped(process)


async def _free_port() -> int:
    """A port that nobody listens at; it stands in the links of the alerts before the service is there."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def _listening(process: asyncio.subprocess.Process, log: Path) -> int:
    """The port at which the service listens."""
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends and process.returncode is None:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):
                said = json.loads(line)
                if isinstance(said, dict) and said.get("event") == "listening":
                    return int(said["port"])
        await asyncio.sleep(0.1)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise StoryFailed(f"the gate did not start: {''.join(last)[:300] or 'it said nothing'}")


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(40):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
