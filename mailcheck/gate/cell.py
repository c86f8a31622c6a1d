"""One judgement in a process of its own: a copy of the nursery that gives up what it does not need, judges and ends."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mailcheck.gate import foreign
from mailcheck.gate.bundle import BundleRefused, unpack
from mailcheck.gate.foreign import DocumentRefused

if TYPE_CHECKING:
    from mailcheck.campaign import Campaign
    from mailcheck.checking import Checker

MEGABYTE = 1024 * 1024
FILES = 1024
"""Open files; links are asked for over up to 512 connections at a time."""
MOST_FILES = 1 << 20
"""Descriptors that a process may have where there is no limit."""
WRITTEN = 512 * MEGABYTE
"""Bytes of one file: lists of people may be put on disk."""
GRACE = 2
"""Seconds after which a worker ends itself when nobody else does."""
NICE = 10
"""Whoever calls the service is answered first; a judgement can wait."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one judgement may take.

    Args:
        seconds: by the clock.
        memory_mb: address space beyond what the nursery has.
        output: bytes of a report.
    """

    seconds: int = 60
    memory_mb: int = 1024
    output: int = 16 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Task:
    """What is judged, and where: `folder` is empty, and nobody else's."""

    data: bytes
    form: str
    record: bool
    folder: Path


def live(task: Task, limits: Limits, checker: Checker, answer: int) -> None:
    """Be the worker: judge, write the answer to a descriptor, and end. It does not return."""
    code = 1
    try:
        confine(limits, answer)
        os.chdir(task.folder)
        data = _answer(task, checker)
        code = 0 if _write(answer, data) else 1
    except BaseException as error:  # noqa: BLE001 - whatever it is, this copy of the nursery must end here
        with contextlib.suppress(BaseException):
            _write(answer, _reasoned(_told(error)))
            code = 0
    finally:
        os._exit(code)


def confine(limits: Limits, keep: int) -> None:
    """Give up what is not needed: descriptors, the terminal, and the right to more than the limits."""
    os.setsid()
    os.nice(NICE)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + GRACE)
    _die_with_parent()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.closerange(3, keep)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    os.closerange(keep + 1, MOST_FILES if most == resource.RLIM_INFINITY else most)
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: WRITTEN,
        resource.RLIMIT_NOFILE: FILES,
        resource.RLIMIT_AS: address_space() + limits.memory_mb * MEGABYTE,
        resource.RLIMIT_CPU: (limits.seconds + GRACE) * (os.cpu_count() or 1),
    }
    for kind, bound in bounds.items():
        _bound(kind, bound)


def _bound(kind: int, bound: int) -> None:
    _, most = resource.getrlimit(kind)
    bound = bound if most == resource.RLIM_INFINITY else min(bound, most)
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
        resource.setrlimit(kind, (bound, bound))


def address_space() -> int:
    """Bytes of address space that this process has; 0 where that cannot be told."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _die_with_parent() -> None:
    """On Linux: end when the nursery ends, however it ends."""
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _answer(task: Task, checker: Checker) -> bytes:
    gc.enable()
    report = checker.finish([checker.judge(one, record=task.record) for one in _campaigns(task, checker)])
    return report.model_dump_json().encode("utf-8", "replace")


def _campaigns(task: Task, checker: Checker) -> list[Campaign]:
    """The campaigns that came.

    Raises:
        BundleRefused, DocumentRefused, CouldNotStart: they cannot be judged.
    """
    if task.form == "zip":
        unpack(task.data, task.folder)
        return list(checker.campaigns(foreign.manifest_of(task.folder).name))
    foreign.confine(foreign.document_of(task.data), None)
    # Read from its text, so that findings can say where in it they are.
    return list(checker.campaigns("campaign.json", data=task.data))


def _told(error: BaseException) -> str:
    from mailcheck.crashes import describe
    from mailcheck.settings import CouldNotStart

    if isinstance(error, BundleRefused | DocumentRefused | CouldNotStart):
        return f"It could not be judged: {error}."
    if isinstance(error, MemoryError):
        return "The judgement took more memory than it may; nothing is known of it."
    return f"mailcheck failed ({describe(error)}); nothing is known of it."


def _reasoned(reason: str) -> bytes:
    return json.dumps({"reason": reason}).encode()


def _write(descriptor: int, data: bytes) -> bool:
    """Write an answer with its length before it, so that half an answer is none."""
    rest = memoryview(len(data).to_bytes(8, "big") + data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return True
