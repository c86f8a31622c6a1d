"""The helper process of `Judges`: loads mailcheck once, and makes a copy of itself for each judgement.

    python -m mailcheck.gate.nursery

speaks frames over standard input and output. It starts no threads, so that copies of it are sound, and it ends, with
all of its workers, when its input does.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailcheck.gate import cell, frames

if TYPE_CHECKING:
    from mailcheck.checking import Checker

CHUNK = 1 << 16
LENGTH = 8
"""Bytes that say how long an answer is."""
PATIENCE = 0.25
"""Seconds to learn how a worker ended that left no answer."""


@dataclass(slots=True)
class Worker:
    """A judgement under way."""

    request: int
    pid: int
    answer: int
    folder: Path
    until: float
    data: bytearray = field(default_factory=bytearray)


class Nursery:
    """Starts workers, gathers their answers, and ends those that take too long or say too much."""

    def __init__(self, checker: Checker, limits: cell.Limits, folder: Path, requests: int, answers: int) -> None:
        self.checker = checker
        self.folder = folder
        self.limits = limits
        self.requests = requests
        self.answers = answers
        self.workers: dict[int, Worker] = {}
        self.selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Work until there are no more requests to come."""
        self.selector.register(self.requests, selectors.EVENT_READ)
        try:
            while True:
                for key, _ in self.selector.select(self._pause()):
                    if key.fd == self.requests:
                        self._start(*frames.read(self._take))
                    else:
                        self._listen(self.workers[key.fd])
                self._end_late()
        except frames.Cut:
            pass
        finally:
            for worker in list(self.workers.values()):
                self._end(worker)
            shutil.rmtree(self.folder, ignore_errors=True)  # the service does so too, unless it was ended

    def _pause(self) -> float | None:
        if not self.workers:
            return None
        return max(0.0, min(worker.until for worker in self.workers.values()) - time.monotonic())

    def _take(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            some = os.read(self.requests, min(CHUNK * 16, size - len(data)))
            if not some:
                break
            data += some
        return bytes(data)

    def _start(self, head: frames.Head, data: bytes) -> None:
        number = head.get("id")
        if not isinstance(number, int):
            raise frames.Cut  # this is not the service, which numbers its requests
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        # Files are looked for in the project of a campaign: this says that it ends here.
        (folder / "mailcheck.toml").touch()
        inner = folder / "campaign"
        inner.mkdir()
        mine, its = os.pipe()
        pid = os.fork()
        if pid == 0:
            task = cell.Task(data, str(head["form"]), bool(head["record"]), inner)
            cell.live(task, self.limits, self.checker, its)
        os.close(its)
        worker = Worker(number, pid, mine, folder, time.monotonic() + self.limits.seconds)
        self.workers[mine] = worker
        self.selector.register(mine, selectors.EVENT_READ)

    def _listen(self, worker: Worker) -> None:
        some = os.read(worker.answer, CHUNK)
        worker.data += some
        length = int.from_bytes(worker.data[:LENGTH], "big") if len(worker.data) >= LENGTH else None
        if length is not None and length > self.limits.output:
            self._end(worker)
            self._say(worker, {"reason": "The report is larger than it may be; nothing is known of the campaign."})
        elif length is not None and len(worker.data) >= length + LENGTH:
            self._end(worker)
            self._say(worker, {}, bytes(worker.data[LENGTH : length + LENGTH]))
        elif not some:
            status = self._end(worker, patience=PATIENCE)
            how = f"was ended by {_signal(-status)}" if status < 0 else f"ended with code {status}"
            reason = f"The process that judged it {how} and left no answer; nothing is known of the campaign."
            self._say(worker, {"reason": reason})

    def _end_late(self) -> None:
        now = time.monotonic()
        for worker in [one for one in self.workers.values() if one.until <= now]:
            self._end(worker)
            reason = f"The judgement took longer than {self.limits.seconds} seconds; nothing is known of the campaign."
            self._say(worker, {"reason": reason})

    def _end(self, worker: Worker, patience: float = 0.0) -> int:
        """End a worker and whatever it has started; its exit code, or minus the signal that ended it."""
        self.selector.unregister(worker.answer)
        os.close(worker.answer)
        del self.workers[worker.answer]
        until = time.monotonic() + patience
        done, status = os.waitpid(worker.pid, os.WNOHANG)
        while not done and time.monotonic() < until:
            time.sleep(0.0005)
            done, status = os.waitpid(worker.pid, os.WNOHANG)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)
        if not done:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
            _, status = os.waitpid(worker.pid, 0)
        shutil.rmtree(worker.folder, ignore_errors=True)
        return os.waitstatus_to_exitcode(status)

    def _say(self, worker: Worker, head: dict[str, object], data: bytes = b"") -> None:
        say(self.answers, {"id": worker.request, **head}, data)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def say(descriptor: int, head: frames.Head, data: bytes = b"") -> None:
    """Write a frame.

    Raises:
        Cut: nobody listens any more.
    """
    rest = memoryview(frames.pack(head, data))
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except BrokenPipeError:
        raise frames.Cut from None


def checker_of(given: Mapping[str, Any]) -> Checker:
    """The checker of the operator's settings.

    Raises:
        CouldNotStart: they are wrong.
    """
    from mailcheck.checking import Checker
    from mailcheck.settings import load

    path = Path(given["settings"]) if given["settings"] else None
    flags = {"profile": given["profile"]}
    loaded = load(path, flags=flags, start=Path("/"), use_file=path is not None)
    if loaded.settings.memory is None:
        # Lists of people get a part of what the judgement may take; the rest goes to disk.
        settings = loaded.settings.model_copy(update={"memory": f"{given['memory_mb'] * 6 // 10}MB"})
        loaded = loaded.model_copy(update={"settings": settings})
    return Checker.build(loaded, local=given["local"])


def warm(checker: Checker) -> None:
    """Have everything loaded and compiled that a judgement is likely to need, by judging a mail.

    Only by what came with mailcheck: others' rules run in workers, and nowhere else.
    """
    from mailcheck.checking import Checker

    for needed in ("ctypes", "resource"):
        import_module(needed)
    others = tuple(plugin.name for plugin in checker.registry.plugins if plugin.door != "built-in")
    changes = {"block": others, "plugins": (), "rules": {}, "severity": {}, "online": False, **_ALONE}
    settings = checker.settings.model_copy(update=changes)
    own = Checker.build(checker.loaded.model_copy(update={"settings": settings}), local=False)
    if any(plugin.door != "built-in" for plugin in own.registry.plugins):
        return
    # Of the last one nobody knows the language, so that the words of all are looked for.
    for mail in (_MAIL, {**_MAIL, "dialect": "klaviyo"}, {"subject": "31.12.2030", "html": "<p>31.12.2030 99,95</p>"}):
        for campaign in own.campaigns("campaign.json", data=json.dumps(mail).encode()):
            own.finish([own.judge(campaign)]).model_dump_json()


_ALONE: dict[str, object] = {"audience": None, "suppression": (), "history": None, "baseline": None, "waive": ()}
_HTML = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Spring</title><style>
@media (max-width: 600px) { .a { width: 100% !important } }</style></head><body style="margin:0">
<!--[if mso]><table role="presentation"><tr><td><![endif]-->
<table role="presentation" width="600" cellpadding="0"><tr><td style="color:#222;padding:4px">
<h1>Hello {{ first_name | default: "you" }}, save 20% until Sunday, 31 March 2030</h1>
<p>Was €49.99, now €39.99. From 9:00 to 17:30 h. Questions? help@shop.example or +44 20 7946 0000</p>
<a href="https://shop.example/sale?utm_source=mail&amp;utm_medium=email&amp;id={{ id }}"><img src="https://shop.example/a.png"
width="300" height="100" alt="Spring sale"></a> <a href="mailto:help@shop.example">Write to us</a>
<a href="https://shop.example/unsubscribe/{{ id }}">Unsubscribe</a> <a href="tel:+442079460000">Call</a>
{% if vip %}<p>For members: -25&nbsp;% on everything.</p>{% endif %}</td></tr></table>
<!--[if mso]></td></tr></table><![endif]--><p>Shop Ltd, 1 Street, London</p></body></html>"""
_MAIL = {
    "subject": "Save 20% on spring, {{ first_name }}",
    "preheader": "Only until Sunday",
    "from": "Shop <news@shop.example>",
    "reply_to": "help@shop.example",
    "html": _HTML,
    "text": "Save 20% until Sunday, 31 March 2030: https://shop.example/sale\nUnsubscribe: https://shop.example/u",
    "schedule": {"send": "2030-03-28T09:00:00+00:00"},
}


def main() -> None:
    """Be the nursery."""
    answers, requests = os.dup(1), os.dup(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):  # what plug-ins print must not look like an answer
        os.dup2(nowhere, standard)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the service, which then ends this
    stream = os.fdopen(requests, "rb", buffering=0, closefd=False)

    def take(size: int) -> bytes:
        data = b""
        while len(data) < size and (some := stream.read(size - len(data))):
            data += some
        return data

    given, _ = frames.read(take)
    from mailcheck.settings import CouldNotStart

    try:
        checker = checker_of(given)
        warm(checker)
    except CouldNotStart as error:
        return say(answers, {"error": str(error)})
    gc.collect()
    gc.freeze()
    say(answers, {"ready": True})
    numbers: Mapping[str, Any] = given
    limits = cell.Limits(seconds=numbers["seconds"], memory_mb=numbers["memory_mb"])
    return Nursery(checker, limits, Path(numbers["folder"]), requests, answers).run()


if __name__ == "__main__":
    main()
    sys.exit(0)
