"""Plug-ins that are installed for real: what is wrong with one is told, and never looks like a pass.

Every folder of `tests/plugins` becomes a wheel, is unpacked into a folder of packages as an installer would, and
the command line judges a mail in a process that sees this folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

import mailcheck
from mailcheck.plugins import collect

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "docs/examples/plugin"
TOYS = sorted(path.parent.name for path in (HERE / "plugins").glob("*/pyproject.toml"))
GREETING = "merge_tags/empty_greeting"
CLEAR, HELD, COULD_NOT_START, UNSURE = 0, 1, 2, 3


@dataclass(frozen=True)
class Ran:
    """What became of a run of the command line."""

    code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.stdout)
        return found

    def findings(self, rule: str) -> list[Mapping[str, object]]:
        return [finding for finding in self.report["findings"] if finding["rule"] == rule]

    def outcomes(self) -> dict[str, Mapping[str, object]]:
        return {outcome["rule"]: outcome for campaign in self.report["campaigns"] for outcome in campaign["outcomes"]}

    def said(self) -> str:
        """Everything that tells what was not judged."""
        reasons = [f"{outcome['reason']}" for outcome in self.outcomes().values() if outcome["status"] == "error"]
        faults = [f"{one['plugin']}: {one['message']}" for one in self.report["findings"] if one["blocking"]]
        return "\n".join((*reasons, *faults))


def wheel(folder: Path, into: Path) -> Path:
    (built,) = WheelBuilder(str(folder)).build(directory=str(into), versions=["standard"])
    return Path(built)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A wheel of each toy."""
    folder = tmp_path_factory.mktemp("wheels")
    return {name: wheel(HERE / "plugins" / name, folder) for name in TOYS}


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, wheels: Mapping[str, Path]) -> Run:
    """Install toys, and judge a mail without a name in its greeting."""
    packages, work = tmp_path / "packages", tmp_path / "work"
    packages.mkdir()
    work.mkdir()

    def go(*toys: str, settings: str = "", command: str = "check mail.html --format json", **environ: str) -> Ran:
        for toy in toys:
            zipfile.ZipFile(wheels[toy]).extractall(packages)
        (work / "mail.html").write_text("<p>Hi ,</p>")
        (work / "mailcheck.toml").write_text(f"rule_timeout = 0.5\n{settings}")
        path = os.pathsep.join((str(packages), *filter(None, [os.environ.get("PYTHONPATH")])))
        env = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environ}
        program = [sys.executable, "-m", "mailcheck", *command.split()]
        done = subprocess.run(program, check=False, capture_output=True, text=True, cwd=work, env=env, timeout=60)
        assert "Traceback" not in done.stderr + done.stdout
        return Ran(done.returncode, done.stdout, done.stderr)

    return go


@pytest.fixture(scope="session")
def known() -> dict[str, Ran]:
    """Runs with one toy, for the tests that look at several things in them."""
    return {}


def assert_unsure_and_the_others_ran(ran: Ran, toy: str, reason: str) -> None:
    assert ran.code == UNSURE, ran.stderr
    assert ran.report["verdict"] == "unsure"
    assert re.search(reason, ran.said()), ran.said()
    assert f"mailcheck-toy-{toy.replace('_', '-')} 2.1" in ran.said()
    assert [finding["evidence"] for finding in ran.findings(GREETING)] == ["Hi ,"]


PLACE = r"\(\S*mailcheck_toy_\w+\S*\.py:\d+\)"


@pytest.mark.parametrize(
    ("toy", "reason"),
    [
        ("import_error", rf"cannot be loaded: ImportError: cannot import name 'gone_in_this_version'.* {PLACE}"),
        ("syntax_error", rf"cannot be loaded: SyntaxError: .* {PLACE}"),
        ("exits_at_import", rf"cannot be loaded: SystemExit: 0 {PLACE}"),
        ("half", rf"cannot be loaded: ModuleNotFoundError: No module named 'nothing_of_that_name' {PLACE}"),
        ("crashing", rf"crash of mailcheck-toy-crashing 2.1 crashed: KeyError: 'colour' {PLACE}"),
        ("hanging", rf"hang of mailcheck-toy-hanging 2.1 did not end within 0.5 s \(setting rule_timeout\) {PLACE}"),
        ("clinging", rf"cling of mailcheck-toy-clinging 2.1 did not end within 0.5 s .* {PLACE}"),
        ("exiting", rf"leave of mailcheck-toy-exiting 2.1 crashed: SystemExit: 0 {PLACE}"),
        ("junk", rf"yielded 'the subject is too long', which is not a Problem {PLACE}"),
        ("old_api", r"speaks plug-in API 'v0'; this mailcheck speaks 'v1'"),
        ("new_api", r"speaks plug-in API 'v2'; this mailcheck speaks 'v1'"),
        ("misspelt_hook", rf"an unknown hook 'mailcheck_rulez'; did you mean 'mailcheck_rules'\? {PLACE}"),
        ("unmarked_hook", rf"a function mailcheck_rules without @hookimpl, so it is never called {PLACE}"),
        ("async_hook", rf"implements mailcheck_rules as a wrapper or an async function; write a plain one {PLACE}"),
        ("unknown_fact", r"\.py:\d+: rule .*asks for 'subjekt', which is no fact; did you mean 'subject'\?"),
        ("wrong_annotation", r"\.py:\d+: rule .*mistakes annotates 'subject' as str; it is Part"),
        ("duplicate", r"a rule 'merge_tags/empty_greeting' already comes from mailcheck-lint"),
        ("replaces_fact", r"the fact 'subject' already comes from mailcheck-lint"),
        ("undocumented", r"\.py:\d+: silent has no docstring"),
        ("unmarked_rule", r"forgotten has examples but no @rule\(\), so it would never run"),
        ("alias_thief", r"the alias 'merge_tags/empty_greeting' of .*thief already names a rule of mailcheck-lint"),
        ("alias_thief", r"the alias 'copy' of .*thief is not of the form family/name"),
        ("empty", r"brings nothing: no function marked with @rule or @fact, and no hook"),
        ("not_a_module", r"its entry point must name a module, not 'mailcheck_toy_not_a_module:main'"),
        ("hooks_crash", rf"its hook mailcheck_rules failed: ValueError: no rules today {PLACE}"),
        ("hooks_crash", rf"its hook mailcheck_facts failed: SystemExit: 0 {PLACE}"),
        ("hooks_crash", rf"its hook mailcheck_dialects failed: ValueError: no dialects today {PLACE}"),
        ("hooks_crash", rf"its hook mailcheck_readers failed: ValueError: no readers today {PLACE}"),
        ("hooks_crash", rf"its hook mailcheck_reporters failed: ValueError: no reporters today {PLACE}"),
        ("hooks_crash", rf"its hook mailcheck_report_done failed: SystemExit: 0 {PLACE}"),
        ("hooks_junk", r"its hook mailcheck_rules returned <built-in function len>, which is not a marked function"),
        ("hooks_junk", r"its hook mailcheck_facts failed: TypeError"),
        ("hooks_junk", r"its hook mailcheck_dialects returned 'mailchimp', which is not a Dialect"),
        ("hooks_junk", r"returned the dialect 'mailchimp', which already exists"),
        ("hooks_junk", r"returned the dialect 'toy', whose patterns cannot be compiled"),
        ("hooks_junk", r"its hook mailcheck_readers returned Reader\(.*, whose fields are not what Reader says"),
        ("hooks_junk", r"its hook mailcheck_reporters returned <built-in function print>, which is not a Reporter"),
        (
            "reader_crash",
            r"The reader anxious of plug-in mailcheck-toy-reader-crash 2.1 could not say whether it reads",
        ),
    ],
)
def test_a_faulty_plug_in_makes_the_verdict_unsure(run: Run, known: dict[str, Ran], toy: str, reason: str) -> None:
    if toy not in known:
        known[toy] = run(toy)
    assert_unsure_and_the_others_ran(known[toy], toy, reason)


def test_every_toy_is_tested() -> None:
    source = Path(__file__).read_text()
    assert [toy for toy in TOYS if f'"{toy}"' not in source] == []


def test_a_rule_that_kills_the_process_makes_the_verdict_unsure(run: Run) -> None:
    ran = run("killing")
    assert (ran.code, ran.report["verdict"]) == (UNSURE, "unsure")
    assert ran.findings("engine/crash")


@pytest.mark.parametrize(
    ("toy", "message"), [("crashing", "found before the crash"), ("junk", "found before the junk")]
)
def test_what_was_found_before_a_crash_is_kept(run: Run, toy: str, message: str) -> None:
    assert message in [finding["message"] for finding in run(toy).report["findings"]]


def test_the_good_half_of_a_plug_in_still_runs(run: Run) -> None:
    assert run("half").findings("works/works")


def test_a_thief_gets_nothing(run: Run) -> None:
    for name in (GREETING, "copy"):
        ran = run("alias_thief", settings=f'select = ["{name}"]')
        assert not any(rule.startswith("mailcheck_toy") for rule in ran.outcomes())


def test_all_faults_at_once(run: Run) -> None:
    harmless = {"good", "hooks", "nested", "killing"}
    ran = run(*(toy for toy in TOYS if toy not in harmless), "good")
    for toy in TOYS:
        if toy not in harmless:
            assert_unsure_and_the_others_ran(ran, toy, "")
    assert ran.outcomes()["mailcheck_toy_good/shouting"]["status"] == "passed"


# plug-ins that work


def test_a_good_plug_in_is_heard(run: Run) -> None:
    ran = run("good", settings='[rules."mailcheck_toy_good/shouting"]\nword = ",</p>"')
    (finding,) = ran.findings("mailcheck_toy_good/shouting")
    assert (ran.code, finding["plugin"]) == (HELD, "mailcheck-toy-good 2.1")
    assert not [one for one in ran.report["findings"] if one["rule"].startswith("engine/")]
    assert ran.outcomes()["mailcheck_toy_good/shouting"]["plugin"] == "mailcheck-toy-good 2.1"


def test_the_options_of_a_plug_in_are_checked(run: Run) -> None:
    ran = run("good", settings='[rules."mailcheck_toy_good/shouting"]\nwrod = "x"')
    assert ran.code == COULD_NOT_START
    assert "did you mean 'word'?" in ran.stderr


def test_rules_are_found_in_every_corner_of_a_package(run: Run) -> None:
    ran = run("nested")
    rules = {name for name, outcome in ran.outcomes().items() if outcome["plugin"] == "mailcheck-toy-nested 2.1"}
    assert rules == {"mailcheck_toy_nested/hidden", "prices/far_down"}
    assert ran.code == HELD


def test_hooks_that_work(run: Run, tmp_path: Path) -> None:
    done = tmp_path / "done.txt"
    ran = run("hooks", settings='dialect = "toy"', TOY_DONE=str(done))
    assert ran.code == HELD
    (finding,) = [one for one in ran.report["findings"] if "weather" in one["message"]]
    assert finding["message"] == "The weather is fine."
    assert done.read_text() == "held"


def test_a_reporter_and_a_reader_of_a_plug_in(run: Run, tmp_path: Path) -> None:
    (tmp_path / "work/mail.toy").write_text("<p>Hi ,</p>")
    ran = run("hooks", command="check mail.toy --profile template --format toy")
    assert (ran.code, ran.stdout) == (HELD, "toy says held\n")


def test_a_reader_that_flees_leaves_its_file_unsure_and_the_others_judged(run: Run, tmp_path: Path) -> None:
    (tmp_path / "work/mail.toy").write_text("<p>Hi ,</p>")
    ran = run("reader_crash", command="check . --format json")
    assert ran.code == UNSURE
    assert "The reader fleeing of plug-in mailcheck-toy-reader-crash 2.1 failed: SystemExit: 0" in ran.said()
    assert ran.findings(GREETING)


# which plug-ins there must and must not be


def test_a_required_plug_in_that_is_there(run: Run) -> None:
    for name in ("mailcheck-toy-good", "toy-good"):
        assert run("good", settings=f'plugins = ["{name}"]').code == HELD


def test_a_required_plug_in_that_is_missing_ends_the_run(run: Run) -> None:
    ran = run("good", settings='plugins = ["mailcheck-toy-god"]')
    assert ran.code == COULD_NOT_START
    assert "require the plug-in 'mailcheck-toy-god', which is not there" in ran.stderr
    assert "did you mean 'mailcheck-toy-good'?" in ran.stderr


def test_a_required_plug_in_that_cannot_be_loaded_ends_the_run_and_says_why(run: Run) -> None:
    ran = run("import_error", settings='plugins = ["mailcheck-toy-import-error"]')
    assert ran.code == COULD_NOT_START
    assert "cannot import name 'gone_in_this_version'" in ran.stderr


@pytest.mark.parametrize("name", ["mailcheck-toy-crashing", "toy-crashing"])
def test_a_blocked_plug_in_is_not_loaded(run: Run, name: str) -> None:
    ran = run("crashing", settings=f'block = ["{name}"]')
    assert ran.code == HELD
    assert not any("crash" in rule for rule in ran.outcomes())


def test_a_rule_that_is_gone_with_its_plug_in_is_told_with_the_reason(run: Run) -> None:
    ran = run("import_error", settings='select = ["mailcheck_toy_import_error/x", "merge_tags"]')
    assert ran.code == COULD_NOT_START
    assert "cannot import name 'gone_in_this_version'" in ran.stderr


# what is not a toy: broken installations


def dist_info(folder: Path, name: str, entry_points: str) -> None:
    info = folder / f"{name.replace('-', '_')}-2.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.1\n")
    (info / "entry_points.txt").write_text(entry_points)


def test_garbled_entry_points_never_look_like_a_pass(run: Run, tmp_path: Path) -> None:
    # Python's own reader of entry points, and pydantic with it, fails on such an installation.
    dist_info(tmp_path / "packages", "mailcheck-toy-garbled", "[mailcheck.v1]\nno equals sign\n")
    assert run("good").code not in {CLEAR, HELD}


def test_a_module_that_is_not_there_is_a_fault(run: Run, tmp_path: Path) -> None:
    dist_info(tmp_path / "packages", "mailcheck-toy-gone", "[mailcheck.v1]\ntoy = mailcheck_toy_gone\n")
    assert_unsure_and_the_others_ran(run(), "gone", "cannot be loaded: ModuleNotFoundError")


QUIET = '''
from mailcheck import Message, Problem, Problems, rule


@rule()
def quiet(message: Message) -> Problems:
    """Never speaks."""
    if False:
        yield Problem("x")
'''


def test_a_copied_folder_of_mailcheck_without_its_rules_is_unsure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mailrules.py").write_text(QUIET)
    (tmp_path / "mailcheck.toml").touch()
    monkeypatch.setattr(metadata, "entry_points", lambda **_: metadata.EntryPoints([]))
    report = mailcheck.check({"html": "x"}, profile="template", settings=tmp_path / "mailcheck.toml", local=True)
    assert [one.rule for one in report.campaigns[0].outcomes] == ["mailrules/quiet"]
    assert report.verdict == "unsure"
    assert "mailcheck's own rules are not there" in report.of("engine/plugin")[0].message


def test_our_own_rules_may_be_blocked_by_name() -> None:
    for name in ("mailcheck", "mailcheck-lint"):
        registry = collect(block=[name])
        assert (registry.rules, registry.faults) == ({}, ())


# the doors

LOCAL_RULE = '''
from mailcheck import Message, Problem, Problems, bad, good, rule

@rule()
@good(text="x")
@bad(text="y", at="y")
def NAME(message: Message) -> Problems:
    """Finds y."""
    if message.text is not None and "y" in message.text.text:
        yield Problem("y", at=message.text)
'''


def module_of(source: str, name: str = "handed_over") -> ModuleType:
    module = ModuleType(name)
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    return module


def test_a_local_file_that_was_just_changed_runs_as_it_is_now(tmp_path: Path) -> None:
    """Bytecode counts as that of a file of the same second and size."""
    file = tmp_path / "mailrules.py"
    for name in ("wolves", "sheeps"):
        file.write_text(LOCAL_RULE.replace("NAME", name), encoding="utf-8")
        os.utime(file, (1_700_000_000, 1_700_000_000))
        assert f"mailrules/{name}" in collect(local=[file]).rules
    assert not (tmp_path / "__pycache__").exists()


def test_ours_come_first_and_the_order_is_stable() -> None:
    names = [plugin.name for plugin in collect().plugins]
    assert names.index("mailcheck content") < names.index("mailcheck") == len(names) - 1
    assert names == [plugin.name for plugin in collect().plugins]


def test_a_module_that_is_handed_over_is_a_plug_in() -> None:
    registry = collect(modules=[module_of(QUIET)])
    assert registry.rules["handed_over/quiet"].plugin == "handed_over"
    assert not registry.faults


def test_two_rule_files_with_one_rule_are_a_fault(tmp_path: Path) -> None:
    files = [tmp_path / "a/mailrules.py", tmp_path / "b/mailrules.py"]
    for file in files:
        file.parent.mkdir()
        file.write_text(QUIET)
    (fault,) = collect(local=files).faults
    assert "a rule 'mailrules/quiet' already comes from" in fault.message
    assert str(files[1]) in fault.message


def test_keyboard_interrupt_while_loading_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "mailrules.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        collect(local=[tmp_path / "mailrules.py"])


def test_a_rule_file_that_crashes_leaves_no_half_module_behind(tmp_path: Path) -> None:
    (tmp_path / "mailrules.py").write_text("1 / 0")
    before = set(sys.modules)
    assert "ZeroDivisionError" in collect(local=[tmp_path / "mailrules.py"]).faults[0].message
    assert not [name for name in set(sys.modules) - before if name.startswith("_mailcheck_local_")]


@pytest.mark.parametrize("parameters", ["report: object", ""])
def test_a_rule_file_may_look_at_the_finished_report(tmp_path: Path, parameters: str) -> None:
    done = tmp_path / "done.txt"
    (tmp_path / "mailrules.py").write_text(
        f"from pathlib import Path\nfrom mailcheck import hookimpl\n@hookimpl\n"
        f"def mailcheck_report_done({parameters}) -> None:\n    Path({str(done)!r}).write_text('told')\n"
    )
    (tmp_path / "mailcheck.toml").touch()
    report = mailcheck.check({"html": "x"}, profile="template", settings=tmp_path / "mailcheck.toml", local=True)
    assert report.verdict == "clear"
    assert done.read_text() == "told"


# the example of the documentation


def test_the_example_plug_in_in_a_fresh_environment(tmp_path: Path) -> None:
    ours, example = wheel(HERE.parent, tmp_path / "wheels"), wheel(EXAMPLE, tmp_path / "wheels")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    bin_ = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTEST_ADDOPTS"}}

    def call(*command: str | Path) -> Ran:
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, env=env)
        return Ran(done.returncode, done.stdout, done.stderr)

    installed = call(bin_ / "python", "-m", "pip", "install", "--quiet", ours, f"{example}[test]")
    if installed.code:
        pytest.skip(f"a package index is needed: {installed.stderr.strip()[-300:]}")
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    tests = call(bin_ / "python", "-m", "pytest", "--import-mode=importlib", "-p", "no:cacheprovider", "tests")
    assert tests.code == 0, tests.stdout
    assert "10 passed" in tests.stdout
    (tmp_path / "mail.html").write_text("<p>Use code Spring20</p>")
    (tmp_path / "mailcheck.toml").write_text('plugins = ["mailcheck-acme"]\nthreshold = "warning"')
    ran = call(bin_ / "mailcheck", "check", "mail.html", "--format", "json")
    assert ran.code == HELD
    (finding,) = ran.findings("vouchers/lower_case")
    assert (finding["plugin"], finding["line"], finding["column"]) == ("mailcheck-acme 1.0.0", 1, 13)
