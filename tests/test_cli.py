"""The command line as a whole: fast to start, and one clear sentence with the right exit code for every slip."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import mailcheck as package
from mailcheck.checking import Checker
from mailcheck.cli.entry import COMMANDS
from mailcheck.cli.options import FORMATS
from mailcheck.cli.own_findings import OWN_FINDINGS
from mailcheck.report import ExitCode
from mailcheck.reporters import REPORTERS
from support import mailcheck

HEAVY = ("pydantic", "sqlalchemy", "duckdb", "bs4", "lxml", "babel", "rich", "pluggy", "asyncio", "multiprocessing")


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "MAILCHECK_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("args", [["--version"], ["--help"], ["check", "--help"], ["fix", "--help"], ["chek"], []])
def test_nothing_heavy_is_imported_before_there_is_work(args: list[str]) -> None:
    code = (
        "import sys; from mailcheck.cli import run; run(sys.argv[1:]); "
        f"print([m for m in sys.modules if m.split('.')[0] in {HEAVY!r} or m == 'mailcheck.engine'], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_plain_output_of_one_template_needs_no_drawing_library(own_folder: Path) -> None:
    (own_folder / "mail.html").write_text("<p>Hi {{ first_name }</p>")
    code = (
        "import sys; from mailcheck.cli import run; code = run(['check', 'mail.html']); "
        "print(code, [m for m in sys.modules if m.split('.')[0] in ('rich', 'bs4', 'babel', 'multiprocessing')], "
        "file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "1 []"


def test_version() -> None:
    result = mailcheck("--version")
    assert (result.exit_code, result.stdout) == (0, f"mailcheck {package.__version__}\n")


def test_it_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "mailcheck", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"mailcheck {package.__version__}\n"


def test_help_names_every_command_and_every_exit_code() -> None:
    result = mailcheck("--help")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", result.stdout, re.MULTILINE), name
    for code in ExitCode:
        assert str(int(code)) in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = mailcheck(command, "-h")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: mailcheck {command}")


def test_without_a_command_it_shows_the_help_and_does_not_pass() -> None:
    result = mailcheck()
    assert result.exit_code == 2
    assert "Usage: mailcheck" in result.stderr


def test_a_file_that_begins_like_an_option_can_be_named() -> None:
    Path("-draft.html").write_text("<p>Hi Anna</p>", encoding="utf-8")
    refused = mailcheck("check", "-draft.html", "--profile", "template")
    assert refused.exit_code == 2
    assert "to name the file -draft.html, write ./-draft.html" in refused.stderr
    assert mailcheck("check", "./-draft.html", "--profile", "template").exit_code == 0


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["chek", "x"], "there is no command 'chek'; did you mean 'check'?"),
        (["mail.html"], "there is no command 'mail.html'; did you mean `mailcheck check mail.html`?"),
        (["check", "--profle", "x"], "there is no option --profle; did you mean '--profile'?"),
        (["check", "--profile", "campagn", "x"], "did you mean 'campaign'?"),
        (["check", "--profile", "zzz", "x"], "known are template, campaign, send"),
        (["check", "--format", "sarf", "mail.html"], "there is no format 'sarf'; did you mean 'sarif'?"),
        (["check", "--format", "json=", "mail.html"], "write json=FILE"),
        (["check", "--dialect", "mailchmp", "mail.html"], "did you mean 'mailchimp'?"),
        (["check", "--select", "merge_tag/brokn", "mail.html"], "did you mean 'merge_tags/broken'?"),
        (["check", "--ignore", "coppy", "mail.html"], "did you mean 'copy'?"),
        (["check", "--jobs", "many", "mail.html"], "'many' is neither auto nor a number"),
        (["check", "--settings", "none.toml", "mail.html"], "none.toml: the settings file cannot be read"),
        (["check"], "there is nothing to check: name files or folders"),
        (["explain", "merge_tags/brokn"], "did you mean 'merge_tags/broken'?"),
        (["explain", "engine/plugn"], "did you mean 'engine/plugin'?"),
        (["rules", "merge_tagz"], "did you mean 'merge_tags'?"),
        (["dialects", "klavio"], "did you mean 'klaviyo'?"),
        (["init", "--dialect", "klavio"], "did you mean 'klaviyo'?"),
        (["init", "nowhere"], "nowhere: there is no such folder"),
        (["completion", "bsh"], "did you mean 'bash'?"),
        (["fix", "--apply", "-"], "standard input cannot be fixed in place"),
    ],
)
def test_a_slip_is_one_sentence_and_exit_code_2(own_folder: Path, args: list[str], sentence: str) -> None:
    (own_folder / "mail.html").write_text("<p>Hi</p>")
    result = mailcheck(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("mailcheck: ")
    assert result.stderr.count("\n") == 1
    assert sentence in result.stderr


def test_errors_mask_addresses_and_control_characters() -> None:
    result = mailcheck("check", "lists/jane.doe@shop.example\x1b[2J.html")
    assert result.exit_code == 2
    assert "jane.doe" not in result.stderr
    assert "\x1b" not in result.stderr


def test_settings_errors_name_file_and_line(own_folder: Path) -> None:
    (own_folder / "mailcheck.toml").write_text('# ours\nthreshhold = "error"\n')
    (own_folder / "mail.html").write_text("<p>Hi</p>")
    result = mailcheck("check", "mail.html")
    assert result.exit_code == 2
    assert "mailcheck.toml" in result.stderr
    assert "did you mean 'threshold'?" in result.stderr


@pytest.mark.parametrize("error", [RuntimeError("boom"), SystemExit(0), SystemExit(1), MemoryError(), EOFError()])
def test_a_bug_is_never_a_verdict(own_folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object) -> None:
        raise error

    (own_folder / "mail.html").write_text("<p>Hi</p>")
    monkeypatch.setattr(Checker, "finish", fail)
    result = mailcheck("check", "mail.html")
    assert result.exit_code not in (0, 1, 2)
    assert result.stderr.count("\n") == 1 + isinstance(error, EOFError)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("ask", ["--verbose", "environment"])
def test_a_bug_says_so_and_shows_its_traceback_to_those_who_ask(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("boom for jane@shop.example")

    (own_folder / "mail.html").write_text("<p>Hi</p>")
    monkeypatch.setattr(Checker, "finish", fail)
    quiet = mailcheck("check", "mail.html")
    assert (quiet.exit_code, "Traceback" in quiet.stderr) == (3, False)
    assert "RuntimeError: boom for j…e@s….example" in quiet.stderr
    assert "bug in mailcheck" in quiet.stderr
    if ask == "environment":
        monkeypatch.setenv("MAILCHECK_DEBUG", "1")
    loud = mailcheck("check", "mail.html", *(["--verbose"] if ask == "--verbose" else []))
    assert loud.exit_code == 3
    assert "Traceback" in loud.stderr
    assert "jane@" not in loud.stderr


def test_interrupted(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (own_folder / "mail.html").write_text("<p>Hi</p>")
    monkeypatch.setattr(Checker, "judge", interrupt)
    result = mailcheck("check", "mail.html")
    assert result.exit_code == 130
    assert "Traceback" not in result.stderr


def test_the_help_names_the_formats_that_there_are() -> None:
    assert set(FORMATS) == set(REPORTERS)
    help_text = mailcheck("check", "--help").stdout
    for name in REPORTERS:
        assert re.search(rf"\b{name}\b", help_text), name


def test_everything_that_mailcheck_reports_itself_is_explained() -> None:
    folder = Path(package.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "own_findings.py"]
    named = {name for text in sources for name in re.findall(r'"(engine/[a-z_]+)"', text)}
    named |= {f"engine/{name}" for text in sources for name in re.findall(r'\bFault\(\s*"([a-z_]+)"', text)}
    assert named
    assert named <= set(OWN_FINDINGS)
    assert "plug-in" in mailcheck("explain", "engine/plugin").stdout


def test_schema_is_the_one_of_the_json_report(own_folder: Path) -> None:
    (own_folder / "mail.html").write_text("<p>Hi {{ first_name }</p>")
    schema = json.loads(mailcheck("schema").stdout)
    Draft202012Validator.check_schema(schema)
    report = json.loads(mailcheck("check", "mail.html", "--format", "json").stdout)
    Draft202012Validator(schema).validate(report)
    assert report["campaigns"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    result = mailcheck("completion", shell)
    assert result.exit_code == 0
    assert "_MAILCHECK_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mailcheck ba", "baseline"),
        ("mailcheck check --dialect mailch", "mailchimp"),
        ("mailcheck explain merge_tags/bro", "merge_tags/broken"),
        ("mailcheck check --format sa", "sarif"),
        ("mailcheck check --profile ca", "campaign"),
    ],
)
def test_completion(words: str, expected: str) -> None:
    environment = {
        **os.environ,
        "_MAILCHECK_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    code = "from mailcheck.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert f"plain,{expected}" in done.stdout.splitlines()


def test_an_installation_with_holes_is_one_sentence_and_no_pass(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_folder / "mail.html").write_text("<p>Hi</p>")
    monkeypatch.setitem(sys.modules, "mailcheck.settings", None)
    result = mailcheck("check", "mail.html")
    assert result.exit_code == 3
    assert result.stderr.startswith("mailcheck: ModuleNotFoundError")
    assert result.stderr.count("\n") == 1
