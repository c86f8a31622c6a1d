"""Judgements in worker processes: whatever the worker does, there is a judgement, and it is `unsure` or true."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from mailcheck.gate.judging import JudgeRequest, Judges, judgement_of
from mailcheck.gate.model import Judgement
from mailcheck.gate.settings import JudgeTable
from mailcheck.settings import CouldNotStart

GOOD = {
    "subject": "Hello",
    "from": "Shop <news@shop.example>",
    "html": "<html lang='en'><body><p>Hello</p></body></html>",
}
HELD = {**GOOD, "html": "<html lang='en'><body><p>lorem ipsum dolor</p></body></html>"}

HOSTILE = '''
import ctypes, os, signal, sys, threading, time
from mailcheck import Part, Problem, Problems, rule

@rule(severity="error")
def hostile(subject: Part) -> Problems:
    """Does what the subject says.

    For tests.
    """
    word = subject.text
    if word == "exit":
        os._exit(0)
    if word == "exit with code":
        os._exit(7)
    if word == "segfault":
        ctypes.string_at(0)
    if word == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "kill the parent":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(30)
    if word == "loop":
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        signal.setitimer(signal.ITIMER_REAL, 0)
        while True:
            pass
    if word == "recursion":
        def deep(): deep()
        sys.setrecursionlimit(10**9)
        deep()
    if word == "memory":
        kept = []
        while True:
            kept.append(bytearray(10**7))
    if word == "flood":
        for number in range(3, 64):
            try:
                while True:
                    os.write(number, b"\\xff" * 65536)
            except OSError:
                pass
    if word == "print":
        for _ in range(2000):
            print("x" * 1000)
            os.write(1, b"y" * 1000)
            os.write(2, b"z" * 1000)
    if word == "child":
        if os.fork() == 0:
            os.setsid()
            time.sleep(30)
        os._exit(0)
    if word == "threads":
        for _ in range(5):
            threading.Thread(target=time.sleep, args=(30,)).start()
    if word == "file":
        with open("big", "wb") as file:
            while True:
                file.write(b"x" * 10**7)
    if word == "look":
        open_ = sorted(int(name) for name in os.listdir("/proc/self/fd"))
        seen = [os.environ.get("GATE_SECRET"), os.environ.get("NAMED"), len(open_), os.listdir("."), os.getcwd()]
        yield Problem(repr(seen))
'''


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gate")
    (folder / "mailrules.py").write_text(HOSTILE)
    file = folder / "mailcheck.toml"
    file.write_text('select = ["*"]\n')
    return file


class Kept:
    """Judges that stay for a module, on a loop of their own."""

    def __init__(self, table: JudgeTable) -> None:
        self.runner = asyncio.Runner()
        self.judges = self.runner.run(self._start(table))

    async def _start(self, table: JudgeTable) -> Judges:
        judges = Judges(table)
        await judges.start()
        return judges

    def judge(self, request: JudgeRequest) -> Judgement:
        return self.runner.run(self.judges.judge(request))

    def judge_all(self, requests: Sequence[JudgeRequest]) -> list[Judgement]:
        async def work() -> list[Judgement]:
            return await asyncio.gather(*(self.judges.judge(one) for one in requests))

        return self.runner.run(work())

    def close(self) -> None:
        self.runner.run(self.judges.close())
        self.runner.close()


def judged(table: JudgeTable, work: Callable[[Judges], Awaitable[object]]) -> object:
    async def main() -> object:
        async with Judges(table) as judges:
            return await work(judges)

    return asyncio.run(main())


def document(subject: str) -> JudgeRequest:
    return JudgeRequest(json.dumps({**GOOD, "subject": subject}).encode())


# what is whole


def test_a_campaign_is_judged_as_by_the_command_line(plain: Kept) -> None:
    clear, held = [plain.judge(JudgeRequest(json.dumps(one).encode())) for one in (GOOD, HELD)]
    assert (clear.verdict, clear.reason) == ("clear", "")
    assert held.verdict == "held"
    assert held.findings["error"] == 1
    report = json.loads(held.report)
    assert [finding["rule"] for finding in report["findings"]] == ["copy/placeholder"]
    assert report["campaigns"][0]["path"] == "campaign.json"
    assert all(str(Path.cwd()) not in one.report for one in (clear, held))


def test_several_are_judged_at_a_time(plain: Kept) -> None:
    found = plain.judge_all([document(f"Hello {number}") for number in range(8)])
    assert [one.verdict for one in found] == ["clear"] * 8


def test_the_profile_of_the_gate_demands_what_a_send_needs() -> None:
    async def work(judges: Judges) -> Judgement:
        return await judges.judge(JudgeRequest(json.dumps(GOOD).encode()))

    found = judged(JudgeTable(), work)
    assert isinstance(found, Judgement)
    assert found.verdict == "unsure"
    assert "no recipients were given" in found.reason


def test_a_bundle_is_judged_with_its_files(plain: Kept) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("campaign.toml", MANIFEST)
        archive.writestr("mail.html", "<html lang='en'><body><p>Hello</p></body></html>")
    found = plain.judge(JudgeRequest(packed.getvalue(), "zip"))
    assert (found.verdict, found.reason) == ("clear", "")
    refused = plain.judge(JudgeRequest(packed.getvalue()[:-30], "zip"))
    assert refused.verdict == "unsure"
    assert "zip file" in refused.reason


MANIFEST = """
[message]
subject = "Hello"
from = "Shop <news@shop.example>"
html_file = "mail.html"
"""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"message": {"html_file": "/etc/passwd"}}', "html_file names a file"),
        (b'{"html": "x", "audience": {"source": "/etc/passwd"}}', "audience.source names a file"),
        (b'{"html": "x", "audience": {"source": "postgresql://x/y"}}', "audience.source names a file"),
        (b'{"html": "x", "history": {"store": "postgresql://x/y"}}', "history.store"),
        (b'{"html": ', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"htlm": "x"}', "did you mean 'html'"),
        (b"\xff", "not JSON"),
        (b"", "not JSON"),
        (b"{}", "nothing to check"),
    ],
)
def test_what_cannot_be_judged_is_unsure_and_says_why(judges: Kept, data: bytes, reason: str) -> None:
    found = judges.judge(JudgeRequest(data))
    assert (found.verdict, found.report) == ("unsure", "")
    assert reason in found.reason
    assert "Traceback" not in found.reason


@pytest.fixture(scope="module")
def judges(settings: Path) -> Iterator[Kept]:
    os.environ["GATE_SECRET"], os.environ["NAMED"] = "hush", "told"
    try:
        table = JudgeTable(profile="campaign", settings=settings, local=True, seconds=2, memory_mb=300, env=("NAMED",))
        kept = Kept(table)
    finally:
        del os.environ["GATE_SECRET"], os.environ["NAMED"]
    yield kept
    kept.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[Kept]:
    kept = Kept(JudgeTable(profile="campaign"))
    yield kept
    kept.close()


# what is hostile


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("exit", "ended with code 0 and left no answer"),
        ("exit with code", "ended with code 7"),
        ("segfault", "SIGSEGV"),
        ("kill", "SIGKILL"),
        ("loop", "longer than 2 seconds"),
        ("recursion", ""),
        ("memory", "MemoryError"),
        ("flood", ""),
        ("child", ""),
        ("file", ""),
    ],
)
def test_a_worker_that_does_not_answer_makes_it_unsure(judges: Kept, subject: str, reason: str) -> None:
    found = judges.judge(document(subject))
    assert found.verdict == "unsure"
    assert found.reason
    assert reason in found.reason
    assert judges.judge(document("Hello")).verdict == "clear"


@pytest.mark.parametrize("subject", ["print", "threads"])
def test_what_a_rule_prints_or_starts_is_no_answer(judges: Kept, subject: str) -> None:
    assert judges.judge(document(subject)).verdict == "clear"


def test_a_worker_that_ends_its_parent_is_unsure_and_others_are_judged(judges: Kept) -> None:
    found = judges.judge(document("kill the parent"))
    assert (found.verdict, found.report) == ("unsure", "")
    assert judges.judge(document("Hello")).verdict == "clear"


def test_a_worker_inherits_nothing(judges: Kept) -> None:
    found = judges.judge(document("look"))
    (message,) = [one["message"] for one in json.loads(found.report)["findings"] if one["rule"].endswith("/hostile")]
    assert message.startswith("[None, 'told', 5, [], ")  # three to nowhere, one to answer, one to list them
    assert "/mailcheck-gate-" in message


def test_rule_files_are_loaded_only_when_the_operator_says_so(settings: Path) -> None:
    async def work(judges: Judges) -> Judgement:
        return await judges.judge(document("exit"))

    found = judged(JudgeTable(profile="campaign", settings=settings), work)
    assert isinstance(found, Judgement)
    assert found.verdict == "clear"


def test_a_helper_that_is_ended_is_replaced(plain: Kept) -> None:
    assert plain.judges.ready
    nursery = plain.judges._nursery
    assert nursery is not None
    os.kill(nursery.process.pid, signal.SIGKILL)
    assert plain.judge(document("Hello")).verdict == "clear"


def test_workers_end_with_the_service_and_leave_no_files(settings: Path) -> None:
    folders: list[Path] = []

    async def work(judges: Judges) -> int:
        asking = asyncio.create_task(judges.judge(document("loop")))
        await asyncio.sleep(0.3)
        nursery = judges._nursery
        assert nursery is not None
        pid = nursery.process.pid
        folders.append(nursery.folder)
        assert list(nursery.folder.iterdir())
        await judges.close()
        assert (await asking).verdict == "unsure"
        return pid

    pid = judged(JudgeTable(profile="campaign", settings=settings, local=True, seconds=30), work)
    assert isinstance(pid, int)
    until = time.monotonic() + 10
    while _processes_of(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert _processes_of(pid) == []
    assert not folders[0].exists()


def _processes_of(parent: int) -> list[str]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(parent) and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


def test_settings_that_are_wrong_end_the_start(tmp_path: Path) -> None:
    (tmp_path / "mailcheck.toml").write_text("selekt = []\n")

    async def work(judges: Judges) -> None: ...

    with pytest.raises(CouldNotStart, match="did you mean 'select'"):
        judged(JudgeTable(settings=tmp_path / "mailcheck.toml"), work)


def test_a_report_that_says_another_verdict_than_its_findings_is_not_believed(plain: Kept) -> None:
    found = plain.judge(JudgeRequest(json.dumps(HELD).encode()))
    forged = found.report.replace('"verdict":"held"', '"verdict":"clear"').encode()
    assert judgement_of(found.report.encode()).verdict == "held"
    assert judgement_of(forged).verdict == "unsure"
    empty = b'{"verdict": "clear", "findings": [], "campaigns": []}'
    for data in (b"", b"null", b"[]", b"{}", empty, b"\xff", forged[:-5]):
        assert judgement_of(data).verdict == "unsure"
