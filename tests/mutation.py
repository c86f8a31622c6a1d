"""Break the code on purpose, and see that a test notices. Not collected by pytest.

    python tests/mutation.py            all of it
    python tests/mutation.py rules      only the rules
    python tests/mutation.py engine     only the engine
    python tests/mutation.py alias      only changes with this word in their name

Rules: the body of each is emptied, and each of its `yield`s is dropped, one at a time; the examples of the rules must
fail. Engine: the places that keep a failure from looking like a pass are disarmed, one at a time; the named tests must
fail. Everything happens in a copy; the exit code is 1 when a change goes unnoticed.
"""

from __future__ import annotations

import ast
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULES = "rules/mailcheck_rules"
COPIED = ("mailcheck", "rules", "tests", "conftest.py", "pyproject.toml")
SLOW = "tests/test_plugins.py::test_the_example_plug_in_in_a_fresh_environment"
SECONDS = 90
"""A test run that takes longer hangs, which is a way of noticing."""
MEMORY = 3 * 2**30
"""Bytes of address space for a test run, for changes that take a limit away."""


@dataclass(frozen=True)
class Mutation:
    """One change: the file as it becomes, and the tests that must notice."""

    name: str
    file: str
    text: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Swap:
    """A change of `mutation.toml`: `old`, which stands in the file `times` times, becomes `new`."""

    name: str
    file: str
    old: str
    new: str
    tests: str
    times: int = 1


def engine_mutations() -> Iterator[Mutation]:
    """The changes by hand. One that does not apply any more is a mistake of the list."""
    listed = tomllib.loads((ROOT / "tests/mutation.toml").read_text(encoding="utf-8"))["swap"]
    for swap in (Swap(**entry) for entry in listed):
        file = f"mailcheck/{swap.file}.py"
        text = (ROOT / file).read_text(encoding="utf-8")
        if text.count(swap.old) != swap.times:
            raise SystemExit(f"{file}: {swap.old!r} stands there {text.count(swap.old)} times, not {swap.times}")
        for turn in range(swap.times):
            pieces = text.split(swap.old)
            changed = swap.old.join(pieces[: turn + 1]) + swap.new + swap.old.join(pieces[turn + 1 :])
            name = swap.name if swap.times == 1 else f"{swap.name} ({turn + 1})"
            yield Mutation(name, file, changed, (f"tests/test_{swap.tests}.py",))


def rule_mutations() -> Iterator[Mutation]:
    """Every rule emptied, and every `yield` of it dropped."""
    for path in sorted((ROOT / RULES).glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_rule(node):
                name = f"{path.stem}/{node.name}"
                tests, file = ("tests/test_rules.py",), f"{RULES}/{path.name}"
                yield Mutation(f"{name}: empty", file, _emptied(text, node), tests)
                yields = [
                    one for one in ast.walk(node) if isinstance(one, ast.Expr) and isinstance(one.value, ast.Yield)
                ]
                for found in sorted(yields, key=lambda one: one.lineno) if len(yields) > 1 else ():
                    yield Mutation(
                        f"{name}: no yield in line {found.lineno}", file, _unyielded(text, node, found), tests
                    )


def _is_rule(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = [one.func for one in node.decorator_list if isinstance(one, ast.Call)]
    return any(isinstance(call, ast.Name) and call.id == "rule" for call in calls)


def _emptied(text: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The text with nothing left of a function but its docstring; still a generator."""
    lines = text.splitlines(keepends=True)
    first = node.body[1].lineno - 1
    return "".join((*lines[:first], "    return\n    yield\n", *lines[node.end_lineno or first :]))


def _unyielded(text: str, node: ast.FunctionDef | ast.AsyncFunctionDef, found: ast.Expr) -> str:
    lines = text.splitlines(keepends=True)
    indent = " " * found.col_offset
    lines[found.lineno - 1 : found.end_lineno] = [f"{indent}pass\n", *["\n"] * ((found.end_lineno or 0) - found.lineno)]
    return "".join(lines)


def passes(folder: Path, tests: Sequence[str]) -> bool:
    """Whether tests pass in a copy; one that hangs does not."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--deselect", SLOW, *tests]
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(folder), str(folder / "rules"))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(
            command, check=False, cwd=folder, env=env, timeout=SECONDS, capture_output=True, preexec_fn=_limited
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def survives(folder: Path, mutation: Mutation) -> bool:
    """Whether the tests pass in spite of a change."""
    path = folder / mutation.file
    before = path.read_text(encoding="utf-8")
    path.write_text(mutation.text, encoding="utf-8")
    try:
        return passes(folder, mutation.tests)
    finally:
        path.write_text(before, encoding="utf-8")


def copied(folder: Path) -> None:
    """Copy what the tests need; the copy comes before the installed code on the path."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "benchmarks"))
        else:
            shutil.copy(ROOT / name, folder / name)


def chosen(wanted: Sequence[str]) -> list[Mutation]:
    """The changes that are meant by the words of the command line; all without any."""
    rules, engine = list(rule_mutations()), list(engine_mutations())
    if not wanted:
        return rules + engine
    kinds = (rules if "rules" in wanted else []) + (engine if "engine" in wanted else [])
    named = [one for one in rules + engine if any(word in one.name for word in wanted)]
    return kinds + [one for one in named if one not in kinds]


def main(wanted: Sequence[str]) -> int:
    """Make every change in turn and print what became of it."""
    mutations = chosen(wanted)
    if not mutations:
        raise SystemExit(f"no change is called {' or '.join(wanted)}")
    survivors = []
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name)
        copied(folder)
        tests = sorted({test for mutation in mutations for test in mutation.tests})
        where = "import mailcheck, mailcheck_rules; print(mailcheck.__file__, mailcheck_rules.__file__)"
        env = os.environ | {"PYTHONPATH": os.pathsep.join((name, str(folder / "rules")))}
        found = subprocess.run(
            [sys.executable, "-c", where], check=True, capture_output=True, text=True, cwd=name, env=env
        )
        if found.stdout.count(name) != 2:
            raise SystemExit(f"the copy is not what is imported: {found.stdout}")
        for test in tests:
            if not passes(folder, [test]):
                raise SystemExit(f"{test} fails already without any change")
        width = max(len(mutation.name) for mutation in mutations)
        for mutation in mutations:
            alive = survives(folder, mutation)
            survivors += [mutation.name] if alive else []
            print(f"{mutation.name:{width}}  {'SURVIVED' if alive else 'noticed'}", flush=True)
    print(f"\n{len(mutations) - len(survivors)} of {len(mutations)} changes were noticed")
    print(textwrap.indent("\n".join(survivors), "  survived: "))
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
