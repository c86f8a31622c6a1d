"""What the documentation says is what happens: its Python is run, its commands are run and their output compared.

Blocks of a page are taken in order, in a folder of their own that holds the two example campaigns:

- ``<!-- file: NAME -->`` in front of a block writes the block into that file,
- ``<!-- start afresh -->`` begins again with an empty folder,
- ``<!-- not run: WHY -->`` leaves the next block out,
- ``...`` in the output of a command stands for anything.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailcheck.cli.own_findings import OWN_FINDINGS
from mailcheck.content.dialects import builtin
from mailcheck.docs.examples import judged
from mailcheck.gate.settings import GateSettings
from mailcheck.plugins import collect
from mailcheck.settings import Settings
from mailcheck.testing import cases

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.glob("*.md")])
NOT_RUN = 15
"""Blocks that may be left out, in all pages together; so few that each one is a decision."""

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>file|not run|start afresh)(?:: (?P<said>[^\n]*?))? -->\n+)?"
    r"^(?P<fence>`{3,})(?P<language>[a-z]+)\n(?P<text>.*?)^(?P=fence)\n|^<!-- start afresh -->\n",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^\$ (.*)\n", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    mark: str
    said: str
    language: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    source = page.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(source):
        afresh = match["language"] is None
        yield Block(
            "start afresh" if afresh else match["mark"] or "",
            match["said"] or "",
            match["language"] or "",
            match["text"] or "",
            source.count("\n", 0, match.start("text") if not afresh else match.start()) + 1,
        )


class Sandbox:
    """A folder in which the blocks of a page are run."""

    def __init__(self, page: Path, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.names: dict[str, object] = {"__name__": "page"}
        self.code = 0
        self.fill()

    def fill(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        (self.folder / ".git").mkdir()
        for name in ("spring-sale", "spring-sale-fixed"):
            shutil.copytree(DOCS / "examples" / name, self.folder / name)

    def run(self, block: Block) -> None:
        place = f"{self.page.name}:{block.line}"
        if block.mark == "start afresh":
            self.fill()
        elif block.mark == "file":
            file = self.folder / block.said
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            if "@rule(" in block.text:
                self.try_rules(file)
        elif block.mark == "not run":
            assert block.said, f"{place}: say why the block is not run"
        elif block.language == "python" and "@rule(" in block.text:
            file = self.folder / f"rules_of_line_{block.line}.py"
            file.write_text(block.text, encoding="utf-8")
            self.try_rules(file)
            file.unlink()
        elif block.language == "python":
            exec(compile(block.text, place, "exec", dont_inherit=True), self.names)
        elif block.language == "toml":
            document = tomllib.loads(block.text)
            model = GateSettings if {"esps", "alerts", "senders", "policies", "judge"} & document.keys() else Settings
            assert "project" in document or model.model_validate(document), place
        elif block.language == "console":
            self.type_in(block, place)

    def try_rules(self, file: Path) -> None:
        found = cases(file)
        assert found
        for case in found:
            case.check()

    def type_in(self, block: Block, place: str) -> None:
        pieces = _COMMAND.split(block.text)
        assert not pieces[0], f"{place}: a console block begins with a command"
        for command, wanted in zip(pieces[1::2], pieces[2::2], strict=True):
            got = self.shell(command)
            checker = doctest.OutputChecker()
            assert checker.check_output(wanted, got, doctest.ELLIPSIS), f"{place}: {command}\n{got}"

    def shell(self, command: str) -> str:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV", "MAILCHECK"))}
        for key in ("CI", "COLUMNS", "FORCE_COLOR"):
            kept.pop(key, None)
        kept |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
        kept |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
        script = f"(exit {self.code}); {command}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=kept,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=300,
        )
        self.code = done.returncode
        return done.stdout.decode()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Sandbox(page, tmp_path / "folder")
    monkeypatch.chdir(sandbox.folder)
    for block in blocks(page):
        sandbox.run(block)


def test_few_blocks_are_not_run() -> None:
    left_out = [f"{page.name}:{block.line}" for page in PAGES for block in blocks(page) if block.mark == "not run"]
    assert len(left_out) <= NOT_RUN, left_out
    assert sum(block.language == "console" and not block.mark for page in PAGES for block in blocks(page)) > 10
    assert sum(block.language == "python" for page in PAGES for block in blocks(page)) > 10


def test_the_example_on_a_rule_page_shows_what_is_reported() -> None:
    registry = collect()
    for rule in registry.rules.values():
        for one in judged(rule, registry):
            assert bool(one.findings) is one.example.bad, f"{rule.name}: {one.example.campaign}"


def test_every_finding_of_the_engine_is_explained() -> None:
    source = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "mailcheck").rglob("*.py"))
    named = set(re.findall(r"\"(engine/[a-z_]+)\"", source))
    named |= {f"engine/{name}" for name in re.findall(r"Fault\(\s*\"([a-z_]+)\"", source)}
    named |= {f"engine/{name}" for name in re.findall(r"unread\([^,]+, [^,]+, \"([a-z_]+)\"", source)}
    assert named == set(OWN_FINDINGS)


def test_the_number_of_dialects_is_right() -> None:
    counted = sum(bool(one.patterns or one.fields) for one in builtin().by_id.values())
    said = {
        int(number)
        for page in (*PAGES, ROOT / "CHANGELOG.md")
        for number in re.findall(r"\b(\d+) dialects\b", page.read_text(encoding="utf-8"))
    }
    assert said == {counted}
