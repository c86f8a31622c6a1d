"""The rules of the house: what must hold of the repository as a whole."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tokenize
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import mailcheck
from mailcheck.docs import pages, stale
from mailcheck.plugins import collect
from mailcheck.rule import Rule

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MODULES = sorted([*(ROOT / "mailcheck").rglob("*.py"), *(ROOT / "rules").rglob("*.py")])

FRONT_DOOR = """
Absent AsyncProblems Campaign CampaignReport CouldNotStart Finding Fix Message NotClear Outcome Part Problem Problems
Report Settings Span __version__ acheck bad check fact good hookimpl rule skip
"""
MODULE_LINES = 400

FUNCTION_LINES = 40

FORBIDDEN = {
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|hom[e]/\w+|User[s]/\w+|op[t]|tm[p])/\w"),
    "a host of a registry": re.compile(r"pypi\.or[g]|pythonhosted\.or[g]|registry\.npmj[s]|crates\.i[o]|index-ur[l]"),
    "the number of an issue": re.compile(r"(?i)\bissu[e]s?[ /]#?\d|\bPR #\d|\(#\d+\)"),
    "a word of the workshop": re.compile(r"(?i)\bclaud[e]\b|anthropi[c]|subagen[t]|language mode[l]"),
}


def built_in() -> list[Rule]:
    registry = collect()
    stamps = {plugin.stamp for plugin in registry.plugins if plugin.door == "built-in"}
    return [rule for rule in registry.rules.values() if rule.plugin in stamps]


def tree() -> Iterator[Path]:
    """Every text file that is, or would be, part of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        file = ROOT / name
        if file.is_file() and b"\0" not in file.read_bytes()[:4096]:
            yield file


# the documentation


def test_the_generated_pages_are_up_to_date() -> None:
    assert stale(DOCS, pages()) == [], "run `python -m mailcheck.docs`"


def test_every_rule_has_a_page() -> None:
    for rule in built_in():
        text = (DOCS / "rules" / f"{rule.name}.md").read_text(encoding="utf-8")
        assert rule.summary in text
        assert "### Reported" in text
        assert "### Not reported" in text


def test_a_report_fits_the_published_schema() -> None:
    import jsonschema

    schema = json.loads((DOCS / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    report = mailcheck.check(DOCS / "examples" / "spring-sale", settings={}, show_addresses=True)
    jsonschema.Draft202012Validator(schema).validate(json.loads(report.model_dump_json()))
    described = schema["$defs"]["Finding"]["properties"]
    assert set(described) == set(mailcheck.Finding.model_fields)


# names


def test_the_front_door() -> None:
    assert sorted(mailcheck.__all__) == FRONT_DOOR.split()
    for name in mailcheck.__all__:
        assert getattr(mailcheck, name) is not None
    assert set(dir(mailcheck)) == set(mailcheck.__all__)


def test_the_version_is_said_once() -> None:
    assert importlib.metadata.version("mailcheck-lint") == mailcheck.__version__
    assert f"## {mailcheck.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_retired_name_is_never_used_again() -> None:
    lines = (ROOT / "tests" / "retired-rules.txt").read_text(encoding="utf-8").splitlines()
    retired = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    rules = built_in()
    names = {rule.name for rule in rules}
    aliases = [alias for rule in rules for alias in rule.aliases]
    assert not retired & names
    assert not retired & set(aliases)
    assert not names & set(aliases)
    assert len(aliases) == len(set(aliases))
    # The changelog knows every name there ever was, so that none can go without a trace.
    told = set(re.findall(r"`([a-z_]+/[a-z_]+)`", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
    assert names <= told
    assert told <= names | set(aliases) | retired


# the code


def test_no_module_is_long() -> None:
    assert {_name(file): count for file in MODULES if (count := _lines(file)) > MODULE_LINES} == {}


def test_no_function_is_long() -> None:
    long = {
        f"{_name(file)}:{node.name}"
        for file in MODULES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > FUNCTION_LINES
    }
    assert not long


_CALL_IN_TEXT = re.compile(r"(?<!\{)\{_?[a-z]\w*\([^{}]*\)\}")


def test_no_text_shows_code_that_was_to_be_filled_in() -> None:
    """A piece of a sentence that lost its `f` is mailed to people as it stands, and no other check sees it."""
    lost = [
        f"{_name(file)}:{token.start[0]}: {token.string}"
        for file in MODULES
        for token in tokenize.generate_tokens(iter(file.read_text(encoding="utf-8").splitlines(True)).__next__)
        if token.type == tokenize.STRING and not _NO_TEXT.match(token.string) and _CALL_IN_TEXT.search(token.string)
    ]
    assert not lost


_NO_TEXT = re.compile(r"[rR]?[fF]|\"\"\"")


# What holds for a whole file stands in `pyproject.toml`, where all of it can be seen, and not in the file.
_SUPPRESSED = re.compile(
    r"#\s*(?:(?:(?:ruff|flake8):\s*)?noqa|ruff:\s*(?:disable|isort)|type:\s*ignore|pyright:|mypy:|pragma|pylint:)"
)
_REASONED = re.compile(r"#\s*noqa: [A-Z0-9, ]+ - \w|#\s*(?:type|pyright): ignore\[[A-Za-z, -]+\]  # \w")


def test_whatever_is_suppressed_says_why() -> None:
    silent = [
        f"{_name(file)}:{number}: {line.strip()}"
        for file in tree()
        if file.suffix == ".py"
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if _SUPPRESSED.search(line) and not _REASONED.search(line) and "re.compile" not in line
    ]
    assert not silent


SKIPPING = """
import pytest

@pytest.mark.parametrize("how", ["call", "fixture"])
def test_skips(how, request):
    if how == "fixture":
        request.getfixturevalue("service")
    pytest.skip("no database here")

@pytest.fixture
def service():
    pytest.skip("no server here")

@pytest.mark.skipif(True, reason="another system")
def test_elsewhere(): ...
"""


@pytest.mark.parametrize(("ci", "summary"), [("true", "2 failed, 1 skipped, 1 error"), ("", "4 skipped")])
def test_nothing_skips_in_ci(tmp_path: Path, ci: str, summary: str) -> None:
    (tmp_path / "conftest.py").write_bytes((ROOT / "conftest.py").read_bytes())
    (tmp_path / "test_one.py").write_text(SKIPPING)
    (tmp_path / "test_whole.py").write_text("import pytest\npytest.importorskip('nothing_of_that_name')")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", "."]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert summary in done.stdout
    assert ("no database here" in done.stdout) == bool(ci)


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    length = (function.end_lineno or 0) - function.lineno + 1
    docstring = function.body[0]
    if ast.get_docstring(function) is not None:
        length -= (docstring.end_lineno or 0) - docstring.lineno + 1
    return length


def _lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_in_the_tree_names(what: str) -> None:
    found = [
        f"{_name(file)}:{number}: {line.strip()[:100]}"
        for file in tree()
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


def test_the_walls_stand() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_asking_for_the_version_imports_nothing_heavy() -> None:
    script = (
        "import sys; from mailcheck.cli import run; code = run(['--version']);"
        "print(code, *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    version, loaded = done.stdout.splitlines()
    assert version == f"mailcheck {mailcheck.__version__}"
    code, *names = loaded.split()
    assert code == "0"
    assert not {"pydantic", "bs4", "lxml", "babel", "rich", "pluggy", "mailcheck_rules"} & set(names)


# the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names of the files in the built wheel."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("mailcheck_lint-*.whl")
    return zipfile.ZipFile(file).namelist()


def test_the_wheel_has_two_packages_at_its_top(wheel: list[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    assert tops == {"mailcheck", "mailcheck_rules", f"mailcheck_lint-{mailcheck.__version__}.dist-info"}


def test_the_wheel_holds_every_file_of_the_packages(wheel: list[str]) -> None:
    there = {
        file.relative_to(base).as_posix()
        for base, package in ((ROOT, "mailcheck"), (ROOT / "rules", "mailcheck_rules"))
        for file in (base / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert there <= set(wheel)
    assert {"mailcheck/py.typed", "mailcheck_rules/py.typed", "mailcheck/content/data/dialects.json"} <= there
    assert not [name for name in wheel if "/test_" in name or "__pycache__" in name]
