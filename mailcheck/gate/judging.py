"""Judges campaigns in worker processes of their own: whatever becomes of one, there is a judgement.

`Judges` keeps one helper process (`mailcheck.gate.nursery`) that has mailcheck and the operator's settings loaded, and
makes a copy of itself for each judgement. It inherits nothing from the service but what is named here.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from mailcheck.gate import frames
from mailcheck.gate.model import Judgement
from mailcheck.gate.settings import JudgeTable
from mailcheck.report import Report
from mailcheck.settings import CouldNotStart

ENVIRONMENT = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH"),
    *("PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8", "VIRTUAL_ENV"),
)
"""Variables of the environment that a judgement may see; `[judge] env` names others."""
START = 60
"""Seconds in which the helper process must be ready."""
GRACE = 5
"""Seconds beyond the limit of a judgement after which the helper process itself is taken to hang."""
_DIED = "The process that judges died; nothing is known of the campaign."


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """What is judged.

    Args:
        data: a campaign as JSON in the shape of a manifest, or a zip bundle (`mailcheck.gate.bundle`).
        record: whether the judgement goes into the history that the settings name, if they name one.
    """

    data: bytes
    form: Literal["json", "zip"] = "json"
    record: bool = False


class Judging(Protocol):
    """What the runner needs of it."""

    async def judge(self, request: JudgeRequest) -> Judgement:
        """The judgement of a campaign; it never raises."""
        ...


class _Gone(Exception):  # noqa: N818 - a state, not a mistake
    """The helper process ended before it answered."""


class Judges:
    """Worker processes that judge, `settings.workers` at a time.

    async with Judges(settings.judge) as judges:
        judgement = await judges.judge(JudgeRequest(data))
    """

    def __init__(self, settings: JudgeTable) -> None:
        self.settings = settings
        self._room = asyncio.Semaphore(settings.workers)
        self._starting = asyncio.Lock()
        self._environment = environment(settings)
        self._closed = False
        self._nursery: _Nursery | None = None

    async def start(self) -> None:
        """Load mailcheck and the settings.

        Raises:
            CouldNotStart: the settings of mailcheck are wrong; says where.
        """
        self._closed = False
        await self._current()

    async def close(self) -> None:
        """End every worker; what is being judged becomes `unsure`."""
        self._closed = True
        nursery, self._nursery = self._nursery, None
        if nursery is not None:
            await nursery.end()

    @property
    def ready(self) -> bool:
        """Whether a judgement can begin at once, as far as the processes are concerned."""
        return self._nursery is not None and self._nursery.alive

    async def __aenter__(self) -> Judges:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def judge(self, request: JudgeRequest) -> Judgement:
        """The judgement of a campaign; it never raises, but for a cancellation."""
        async with self._room:
            for _ in range(2):  # the helper process may have been ended by somebody, which says nothing of the campaign
                try:
                    nursery = await self._current()
                    return await self._ask(nursery, request)
                except _Gone:
                    continue
                except CouldNotStart as error:
                    return Judgement("unsure", reason=f"It could not be judged: {error}.")
            return Judgement("unsure", reason=_DIED)

    async def _current(self) -> _Nursery:
        """The helper process; a new one when there is none, or none any more."""
        async with self._starting:
            if self._closed:
                raise CouldNotStart("the service is being ended")
            if self._nursery is None or not self._nursery.alive:
                if self._nursery is not None:
                    await self._nursery.end()
                self._nursery = await _Nursery.start(self.settings, self._environment)
            return self._nursery

    async def _ask(self, nursery: _Nursery, request: JudgeRequest) -> Judgement:
        try:
            async with asyncio.timeout(self.settings.seconds + GRACE):
                head, data = await nursery.ask(request)
        except TimeoutError:
            await nursery.end()
            said = f"The judgement took longer than {self.settings.seconds} seconds; nothing is known of the campaign."
            return Judgement("unsure", reason=said)
        if head.get("reason"):
            return Judgement("unsure", reason=str(head["reason"]))
        return await asyncio.to_thread(judgement_of, data)


class _Nursery:
    """A running helper process, and who waits for its answers."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.waiting: dict[int, asyncio.Future[tuple[frames.Head, bytes]]] = {}
        self.numbers = itertools.count()
        self.alive = True
        self.listener: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, settings: JudgeTable, named: Mapping[str, str]) -> _Nursery:
        """Start one, and wait until it is ready.

        Raises:
            CouldNotStart: it is not.
        """
        pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        command = (sys.executable, "-P", "-m", "mailcheck.gate.nursery")
        folder = Path(tempfile.mkdtemp(prefix="mailcheck-gate-"))
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=nowhere, cwd="/", env=named, close_fds=True
        )
        nursery = cls(process, folder)
        try:
            async with asyncio.timeout(START):
                await nursery.send(frames.pack({**_orders(settings), "folder": str(folder)}))
                head, _ = await nursery.hear()
        except (TimeoutError, _Gone):
            await nursery.end()
            raise CouldNotStart("the process that judges does not start; see that mailcheck runs here") from None
        if "error" in head:
            await nursery.end()
            raise CouldNotStart(str(head["error"]))
        nursery.listener = asyncio.create_task(nursery.listen())
        return nursery

    async def send(self, frame: bytes) -> None:
        """Send a frame.

        Raises:
            _Gone: there is nobody.
        """
        stream = self.process.stdin
        if stream is None:
            raise _Gone
        try:
            stream.write(frame)
            await stream.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise _Gone from None

    async def hear(self) -> tuple[frames.Head, bytes]:
        """The next frame.

        Raises:
            _Gone: there is none.
        """
        stream = self.process.stdout
        if stream is None:
            raise _Gone
        try:
            length, size = frames.sizes(await stream.readexactly(frames.SIZES))
            head: frames.Head = json.loads(await stream.readexactly(length))
            return head, await stream.readexactly(size)
        except (asyncio.IncompleteReadError, ValueError):
            raise _Gone from None

    async def listen(self) -> None:
        """Hand out answers until there are none to come."""
        try:
            while True:
                head, data = await self.hear()
                future = self.waiting.pop(int(str(head["id"])), None)
                if future is not None and not future.done():
                    future.set_result((head, data))
        except _Gone:
            pass
        finally:
            self._abandon()

    def _abandon(self) -> None:
        self.alive = False
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(_Gone())
        self.waiting.clear()

    async def ask(self, request: JudgeRequest) -> tuple[frames.Head, bytes]:
        """The answer to a request.

        Raises:
            _Gone: there is none.
        """
        if not self.alive:
            raise _Gone
        number = next(self.numbers)
        future: asyncio.Future[tuple[frames.Head, bytes]] = asyncio.get_running_loop().create_future()
        self.waiting[number] = future
        try:
            await self.send(frames.pack({"id": number, "form": request.form, "record": request.record}, request.data))
            return await future
        finally:
            self.waiting.pop(number, None)
            if future.done() and not future.cancelled():
                future.exception()  # it is told by the caller, or there is none any more

    async def end(self) -> None:
        """End it, with all of its workers."""
        self._abandon()
        if self.process.stdin is not None:
            self.process.stdin.close()  # upon which it ends its workers, and itself
        try:
            async with asyncio.timeout(1):
                await self.process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
        if self.listener is not None:
            await self.listener
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


def environment(settings: JudgeTable) -> dict[str, str]:
    """What a judgement may see of the environment; where Python finds its modules comes along."""
    named = {name: os.environ[name] for name in (*ENVIRONMENT, *settings.env) if name in os.environ}
    places = [str(Path(one).absolute()) for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    return {**named, "PYTHONPATH": os.pathsep.join(places)} if places else named


def _orders(settings: JudgeTable) -> Mapping[str, object]:
    return {
        "settings": str(settings.settings.absolute()) if settings.settings else "",
        "local": settings.local,
        "profile": settings.profile,
        "seconds": settings.seconds,
        "memory_mb": settings.memory_mb,
    }


def judgement_of(data: bytes) -> Judgement:
    """The judgement that a worker's answer stands for: what is no whole report is `unsure`.

    The verdict is made anew from outcomes and findings; that of the worker must be the same.
    """
    try:
        text = data.decode()
        said = json.loads(text)
        if set(said) == {"reason"}:
            return Judgement("unsure", reason=str(said["reason"]))
        verdict = said.pop("verdict")
        said.pop("findings")
        for campaign in said["campaigns"]:
            campaign.pop("verdict")
        report = Report.model_validate(said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Judgement("unsure", reason="The worker's report is no report; nothing is known of the campaign.")
    if report.verdict != verdict:
        return Judgement("unsure", reason="The worker's report contradicts itself; nothing is known of the campaign.")
    counts: Counter[str] = Counter(finding.severity for finding in report.findings)
    reasons = list(_reasons(report)) if verdict == "unsure" else []
    return Judgement(report.verdict, text, "; ".join(reasons[:3]), dict(counts))


def _reasons(report: Report) -> Iterator[str]:
    """Why a report is unsure: what did not run though it had to."""
    yield from (fault.message for fault in report.findings if fault.blocking)
    outcomes = [one for campaign in report.campaigns for one in campaign.outcomes]
    bad = (one for one in outcomes if one.status == "error" or (one.required and one.status == "skipped"))
    yield from dict.fromkeys(one.reason for one in bad)
