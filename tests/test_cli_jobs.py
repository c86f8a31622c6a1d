"""Many files: the same report with any number of processes, and no process that dies unseen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailcheck.checking import Checker
from mailcheck.cli import judging, team
from mailcheck.cli.running import Item, Judge, Judged, Recipe, checker_with
from mailcheck.settings import CouldNotStart, load

RULES = '''
import os
import signal
import time
from pathlib import Path
from mailcheck import Campaign, Problem, Problems, bad, good, rule


@rule()
@bad(html="<p>wolf</p>", at="<p>wolf</p>")
@good(html="<p>sheep</p>")
def wolf(campaign: Campaign) -> Problems:
    """A wolf."""
    html = campaign.message.html
    if "exit" in html.text:
        os._exit(0)
    if "kill" in html.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "fault" in html.text:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "orphan" in html.text:
        if os.fork() == 0:
            time.sleep(5)
        os._exit(7)
    if "hang" in html.text:
        Path("started").write_text(str(os.getpid()))
        time.sleep(600)
    if "wolf" in html.text:
        yield Problem("A wolf.", at=html)
'''


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "mailrules.py").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILCHECK_DEBUG", raising=False)
    return tmp_path


def check(*args: str, before: str = "") -> tuple[int, dict[str, Any], str]:
    """Exit code, report and standard error of `check --format json`, in a process of its own."""
    code = f"import sys\nfrom mailcheck.cli import run, judging\n{before}\nsys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "check", "--format", "json", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="processes of other systems cannot inherit what is loaded")
@pytest.mark.parametrize("jobs", ["1", "3", "auto"])
@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("exit", "ended itself with exit code 0"),
        ("kill", "was ended by SIGKILL, as it happens when memory runs out"),
        ("fault", "was ended by SIGSEGV"),
        ("orphan", "ended itself with exit code 7"),
    ],
)
def test_a_process_that_dies_is_a_finding_of_its_file(project: Path, jobs: str, word: str, reason: str) -> None:
    for number, text in enumerate(["wolf", word, "sheep", "wolf", word]):
        (project / f"{number}.html").write_text(f"<p>{text}</p>")
    code, report, _ = check(".", "--jobs", jobs, "--select", "mailrules")
    assert code == 3
    assert [one["verdict"] for one in report["campaigns"]] == ["held", "unsure", "clear", "held", "unsure"]
    crashed = report["campaigns"][1]
    (finding,) = crashed["findings"]
    assert (finding["rule"], finding["blocking"], finding["path"]) == ("engine/crash", True, "1.html")
    assert finding["fingerprint"].startswith("v1:")
    assert reason in finding["message"]
    assert [(one["rule"], one["status"]) for one in crashed["outcomes"]] == [("mailrules/wolf", "error")]


@pytest.mark.skipif(sys.platform != "linux", reason="processes of other systems cannot inherit what is loaded")
def test_a_single_file_whose_rule_ends_the_process_is_no_pass(project: Path) -> None:
    (project / "mail.html").write_text("<p>exit</p>")
    code, report, _ = check("mail.html")
    assert (code, report["verdict"]) == (3, "unsure")


@pytest.mark.parametrize("before", ["", "judging.can_fork = lambda: False"])
def test_the_report_does_not_depend_on_the_number_of_processes(project: Path, before: str) -> None:
    for number in range(24):
        text = ["wolf", "sheep", "{{ first_name }", "*|FNAME*", ""][number % 5]
        (project / f"{number:02}.html").write_text(f"<p>{text}</p>\n" * (1 + number % 7))
    one = check(".", "--jobs", "1")
    many = check(".", "--jobs", "3", before=before)
    assert one[:2] == many[:2]
    assert len(one[1]["campaigns"]) == 24


def test_interrupting_ends_everything_at_once(project: Path) -> None:
    for number in range(6):
        (project / f"{number}.html").write_text("<p>hang</p>")
    # The background jobs of a shell ignore Ctrl-C, and so would their children.
    code = "from mailcheck.cli import main; import signal as s; s.signal(s.SIGINT, s.default_int_handler); main()"
    command = [sys.executable, "-c", code, "check", ".", "--jobs", "2", "--select", "mailrules"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    deadline = time.monotonic() + 60
    while not (project / "started").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert output == b""
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def judge_of(project: Path, *, local: bool) -> tuple[Judge, Recipe]:
    loaded = load(start=project, flags={"select": ["copy", "merge_tags/broken"]})
    return Judge(checker_with(loaded, local=local), "nothing"), Recipe(loaded, local, "nothing")


def test_workers_start_when_the_pace_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        (project / f"{number}.html").write_text("<p>{{ first_name }</p>")
    items = [Item(f"{number}.html") for number in range(9)]
    judge, recipe = judge_of(project, local=False)
    started: list[tuple[int, int]] = []

    def work(left: list[Item], make: Any, workers: int, done: Any, *, fork: bool) -> None:
        started.append((len(left), workers))
        for index, item in enumerate(left):
            done(index, judge(item))

    monkeypatch.setattr(team, "work", work)
    monkeypatch.setattr(judging, "processors", lambda: 3)
    for cost, expected in ((1e9, []), (1e-9, [(8, 3)])):
        monkeypatch.setattr(judging, "FORK_COST", cost)
        monkeypatch.setattr(judging, "SPAWN_COST", cost)
        ticks: list[int] = []
        judged = judging.judge_all(judge, recipe, items, jobs=None, tick=ticks.append)
        assert started == expected
        assert [one.report.path for one in judged if one.report] == [item.path for item in items]
        assert ticks == list(range(1, 10))


def test_the_first_input_that_is_none_is_the_one_that_is_told(project: Path) -> None:
    for name, text in (("a.html", "<p>x</p>"), ("b.html", ""), ("c.html", "")):
        (project / name).write_text(text)
    judge, recipe = judge_of(project, local=False)
    items = [Item("a.html"), Item("b.html"), Item("c.html")]
    for jobs in (1, 3):
        with pytest.raises(CouldNotStart, match=r"^b\.html: "):
            judging.judge_all(judge, recipe, items, jobs=jobs, tick=lambda _: None)


def break_checker(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object, **__: object) -> Iterator[object]:
        raise error

    monkeypatch.setattr(Checker, "campaigns", fail)


@pytest.mark.parametrize("error", [RuntimeError("boom"), SystemExit(0), RecursionError("deep"), MemoryError()])
def test_a_bug_on_one_file_is_a_finding_of_that_file(
    project: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, _ = judge_of(project, local=False)
    break_checker(monkeypatch, error)
    result = judge(Item("mail.html"))
    assert isinstance(result, Judged)
    assert result.report is not None
    assert result.report.verdict == "unsure"
    assert type(error).__name__ in result.report.findings[0].message


def test_an_interrupt_is_not_taken_for_a_bug(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge, _ = judge_of(project, local=False)
    break_checker(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        judge(Item("mail.html"))


@pytest.mark.skipif(sys.platform != "linux", reason="a lambda travels only to a copy of this process")
def test_a_result_that_cannot_travel_is_told(project: Path) -> None:
    results: dict[int, object] = {}
    make = lambda: lambda number: (lambda: number) if number == 1 else number  # noqa: E731 - no def can be pickled less
    team.work([1, 2], make, 1, results.__setitem__, fork=True)
    assert isinstance(results[0], team.Died)
    assert results[1] == 2
