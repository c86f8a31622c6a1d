"""The tools for rule authors: examples that prove something, and the fixture for repositories of campaigns."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

import mailcheck_rules
from mailcheck.pytest_plugin import Mailcheck
from mailcheck.testing import Case, cases

PRELUDE = """\
from __future__ import annotations
import asyncio
from pydantic import BaseModel, ConfigDict
from mailcheck import Absent, AsyncProblems, Fix, Message, Part, Problem, Problems, bad, fact, good, rule, skip
from mailcheck.content.markup import Markup
"""

Examine = Callable[..., "list[Case]"]


@pytest.fixture
def examine(tmp_path: Path) -> Examine:
    """The cases of a rule file with this source."""

    def run(source: str, **options: Any) -> list[Case]:
        path = tmp_path / "mailrules.py"
        path.write_text(PRELUDE + dedent(source))
        return cases(path, **options)

    return run


def failures(found: list[Case]) -> dict[str, str]:
    said = {}
    for case in found:
        try:
            case.check()
        except AssertionError as error:
            said[str(case)] = str(error)
    return said


INSECURE = '''
def insecure(markup: Markup) -> Problems:
    """A link uses http, not https."""
    for link in markup.links:
        start = link.span.text.find("http:")
        if start >= 0:
            at = link.span.part.at(link.span.start + start, link.span.start + start + 5)
            yield Problem("Use https.", at=at, fix=Fix.replace(at, "https:"))
'''
GOOD = """@good(html='<a href="https://shop.example/">Shop</a>')\n"""
BAD = """@bad(
    html='<a href="http://shop.example/">Shop</a>', at="http:", fixed='<a href="https://shop.example/">Shop</a>'
)
"""


def test_a_rule_that_does_what_its_examples_say_passes(examine: Examine) -> None:
    found = examine("@rule()\n" + BAD + GOOD + INSECURE)
    assert [str(case) for case in found] == [
        "mailrules/insecure-examples",
        "mailrules/insecure-bad-1",
        "mailrules/insecure-good-1",
    ]
    assert failures(found) == {}


TWO = """@bad(html='<a href="http://a.example">A</a><a href="http://b.example">B</a>', at=("http:", "http:"),
     fixed='<a href="https://a.example">A</a><a href="https://b.example">B</a>')
"""


def test_fixed_is_the_text_after_the_fixes_of_all_problems(examine: Examine) -> None:
    assert failures(examine("@rule()\n" + TWO + GOOD + INSECURE)) == {}


HTTP = """html='<a href="http://b.example">B</a>'"""


@pytest.mark.parametrize(
    ("examples", "case", "said"),
    [
        (BAD, "insecure-examples", "has no @good example"),
        (GOOD, "insecure-examples", "has no @bad example"),
        (BAD + GOOD + GOOD, "insecure-examples", "has the same example twice"),
        (BAD + GOOD + "@bad(html='<p>x</p>', at=())\n", "insecure-examples", "a @bad example that expects nothing"),
        (BAD + GOOD + f"@good({HTTP})\n", "insecure-good-2", "found:    'http:'"),
        (BAD + GOOD + "@bad(html='<p>x</p>', at='http:')\n", "insecure-bad-2", "found:    nothing"),
        (BAD + GOOD + f"@bad({HTTP}, at='http')\n", "insecure-bad-2", "expected: 'http'"),
        (BAD + GOOD + f"@bad({HTTP}, at=('http:', 'http:'))\n", "insecure-bad-2", "expected: 'http:', 'http:'"),
        (BAD + GOOD + f"@bad({HTTP}, at='http:', fixed='<a>')\n", "insecure-bad-2", "fixed should be: '<a>'"),
        (BAD + GOOD + "@good(text='no markup')\n", "insecure-good-2", "did not run: skipped: the message has no HTML"),
        (BAD + GOOD + "@good(htlm='x')\n", "insecure-good-2", "is no campaign: "),
        (BAD + GOOD + "@good(html='x', options={'a': 1})\n", "insecure-good-2", "has no options"),
    ],
)
def test_an_example_that_does_not_hold_fails_readably(examine: Examine, examples: str, case: str, said: str) -> None:
    found = failures(examine("@rule()\n" + examples + INSECURE))
    failed = found.pop(f"mailrules/{case}")
    assert said in failed
    assert "mailrules.py:" in failed
    assert set(found) <= {"mailrules/insecure-bad-2"}


RULE = """
@rule()
@bad(html="<p>x</p>", at="x")
@good(html="<p>y</p>")
def r(markup: Markup) -> Problems:
    '''About x.'''
    start = markup.part.text.find("x")
    at = markup.part.at(start, start + 1)
    if start >= 0:
        yield Problem("x", at=at)
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("    if start", "    return\n    if start"), {"bad-1": "expected: 'x'\n  found:    nothing"}),
        (("if start >= 0", "if True"), {"good-1": "did not run: error"}),
        (("if start >= 0", "if start < 0"), {"bad-1": "found:    nothing", "good-1": "did not run: error"}),
        (
            ("    if start", "    1 / 0\n    if start"),
            {"bad-1": "error", "good-1": "ZeroDivisionError: division by zero"},
        ),
        (
            ("    if start", "    skip('no')\n    if start"),
            {"bad-1": "skipped: no", "good-1": "did not run: skipped: no"},
        ),
        (("yield Problem(", "yield str("), {"bad-1": "did not run: error"}),
        (('Problem("x", at=at)', 'Problem("x", at=at, fix=Fix.replace(at, "xx"))'), {"bad-1": "after its safe fixes"}),
        (('at="x")', 'at="x", fixed="<p></p>")'), {"bad-1": "`fixed` is given, but the rule offers no fix"}),
        (("    if start", "    markup.soup.clear()\n    if start"), {}),
        (("(markup: Markup)", "(markup: Markup, gone: int)"), None),
    ],
)
def test_a_rule_that_does_not_hold_fails_readably(
    examine: Examine, change: tuple[str, str], said: dict[str, str] | None
) -> None:
    source = RULE.replace(*change)
    assert source != RULE
    found = failures(examine(source))
    if said is None:
        (text,) = found.values()
        assert "asks for 'gone', which is no fact" in text
        return
    assert set(found) == {f"mailrules/r-{name}" for name in said}
    assert all(text in found[f"mailrules/r-{name}"] for name, text in said.items())


@pytest.mark.parametrize(
    ("parameter", "change", "what"),
    [
        ("soup: BeautifulSoup", "soup.p.decompose()", "the fact soup"),
        ("tree: HtmlElement", "tree.clear()", "the fact tree"),
        ("words: list[str]", "words.clear()", "the fact words"),
        ("campaign: Campaign", "campaign.audience.clear()", "the campaign"),
        ("body: tuple[Part, ...]", "object.__setattr__(body[0], 'text', '')", "the campaign"),
    ],
)
def test_a_rule_may_not_change_what_it_looks_at(examine: Examine, parameter: str, change: str, what: str) -> None:
    found = failures(
        examine(f"""
        from bs4 import BeautifulSoup
        from lxml.html import HtmlElement
        from mailcheck import Campaign
        @fact
        def words(message: Message) -> list[str]:
            '''Mutable, alas.'''
            return message.html.text.split()
        @rule()
        @bad(html="<p>x</p>", audience={{"source": "a.csv"}}, at="")
        @good(html="<p>y</p>", audience={{"source": "a.csv"}})
        def r(message: Message, {parameter}) -> Problems:
            '''About x.'''
            found = "x" in message.html.text
            {change}
            if found:
                yield Problem("x")
        """)
    )
    assert set(found) == {"mailrules/r-bad-1", "mailrules/r-good-1"}
    assert all(f"the rule changed {what}" in text for text in found.values())


def test_addresses_are_not_masked_in_examples(examine: Examine) -> None:
    assert not failures(examine(RULE.replace('"x"', '"a@shop.example"').replace("<p>x", "<p>a@shop.example").replace(
        "start + 1", "start + 14")))  # fmt: skip


def test_long_evidence_may_be_written_out(examine: Examine) -> None:
    long = "x" * 300
    assert not failures(examine(RULE.replace("<p>x</p>", f"<p>{long}</p>").replace('at="x"', f'at="{long}"').replace(
        "start + 1", "start + 300")))  # fmt: skip


def test_async_rules_have_examples_too(examine: Examine) -> None:
    source = RULE.replace("def r", "async def r").replace("-> Problems", "-> AsyncProblems")
    assert failures(examine(source)) == {}
    assert (
        "expected: 'x'"
        in failures(examine(source.replace("if start", "await asyncio.sleep(0)\n    if 0 and start")))[
            "mailrules/r-bad-1"
        ]
    )


def test_a_fact_that_no_example_can_supply_is_given_by_the_test(examine: Examine) -> None:
    source = """
    class Web:
        def status(self, url: str) -> int:
            raise OSError("no network here")
    @fact
    def surf(message: Message) -> Web:
        '''The network.'''
        raise Absent("the run is offline")
    @rule()
    @bad(html="<p>x</p>", at="")
    @good(html="<p>y</p>")
    async def r(message: Message, surf: Web) -> AsyncProblems:
        '''Asks the network.'''
        if surf.status(message.html.text) == 404:
            yield Problem("gone")
    """

    class Fake:
        def status(self, url: str) -> int:
            return 404 if "x" in url else 200

    assert set(failures(examine(source)).values()) != set()
    assert failures(examine(source, facts={"surf": Fake()})) == {}


def test_options_of_an_example_reach_the_rule(examine: Examine) -> None:
    found = examine("""
    class Options(BaseModel):
        model_config = ConfigDict(extra="forbid")
        word: str = "x"
    @rule()
    @bad(html="<p>cheap</p>", options={"word": "cheap"}, at="")
    @good(html="<p>cheap</p>")
    @good(html="<p>cheap</p>", options={"word": "dear"})
    def r(message: Message, options: Options) -> Problems:
        '''A word.'''
        if options.word in message.html.text:
            yield Problem("cheap")
    """)
    assert len(found) == 4
    assert failures(found) == {}


def test_a_module_without_rules_is_a_failure(examine: Examine) -> None:
    (text,) = failures(examine("")).values()
    assert "has no rules, so there is nothing to test" in text


def test_a_fault_of_the_plug_in_is_a_failure_and_the_other_rules_are_tested(examine: Examine) -> None:
    found = failures(
        examine(RULE + "@rule()\ndef undocumented(message: Message) -> Problems:\n    yield Problem('x')\n")
    )
    (text,) = found.values()
    assert "undocumented has no docstring" in text


def test_a_file_that_cannot_be_imported_is_a_failure(examine: Examine) -> None:
    (text,) = failures(examine("import nothing_of_that_name")).values()
    assert "cannot be loaded: ModuleNotFoundError" in text


def test_a_module_that_is_not_installed_can_be_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_for_test.py").write_text(PRELUDE + RULE)
    monkeypatch.syspath_prepend(tmp_path)
    found = cases("acme_for_test")
    assert str(found[0]) == "acme_for_test/r-examples"
    assert failures(found) == {}
    assert [str(case) for case in cases(sys.modules["acme_for_test"])] == [str(case) for case in found]


@pytest.mark.parametrize("target", [mailcheck_rules, "mailcheck_rules", "mailcheck", "mailcheck-lint"])
def test_an_installed_plug_in_is_found_by_module_and_by_name(target: ModuleType | str) -> None:
    names = [str(case) for case in cases(target)]
    assert "merge_tags/empty_greeting-bad-1" in names
    assert len(set(names)) == len(names)


def test_an_unknown_module_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError):
        cases("nothing_of_that_name")


def test_examples_cannot_be_run_within_a_loop_unnoticed(examine: Examine) -> None:
    found = examine(RULE.replace("def r", "async def r").replace("-> Problems", "-> AsyncProblems"))

    async def main() -> None:
        with pytest.raises(RuntimeError):
            found[1].check()

    asyncio.run(main())


# the fixture


@pytest.fixture
def repository(tmp_path: Path) -> Mailcheck:
    (tmp_path / "spring").mkdir()
    (tmp_path / "spring/mail.html").write_text("<p>Hi there</p>")
    (tmp_path / "spring/wrong.html").write_text("<p>\nHi ,</p>")
    return Mailcheck(tmp_path)


def test_relative_paths_start_at_the_root(repository: Mailcheck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    checked = repository.check("spring/mail.html").must_be_clear()
    assert checked.report.verdict == "clear"
    assert checked.findings == ()


def test_must_be_clear_lists_what_was_found(repository: Mailcheck) -> None:
    with pytest.raises(AssertionError) as raised:
        repository.check("spring/wrong.html").must_be_clear()
    said = str(raised.value)
    assert said.startswith("held: 1 error in 1 campaign\n  spring/wrong.html:2:1: error merge_tags/empty_greeting: ")
    assert "'Hi ,'" in said


def test_must_be_clear_lists_what_was_not_checked(repository: Mailcheck) -> None:
    (repository.root / "mailrules.py").write_text(PRELUDE + RULE.replace("    if start", "    1 / 0\n    if start"))
    (repository.root / "mailcheck.toml").touch()
    with pytest.raises(
        AssertionError, match=r"mailrules/r was not checked: mailrules/r of .* crashed: ZeroDivisionError"
    ):
        repository.check("spring/mail.html").must_be_clear()
    repository.check("spring/mail.html", local=False).must_be_clear()


def test_the_settings_file_of_the_root_holds(repository: Mailcheck, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository.root / "mailcheck.toml").write_text('ignore = ["merge_tags"]')
    (repository.root / "strict.toml").write_text('select = ["merge_tags"]')
    monkeypatch.chdir("/")
    repository.check("spring").must_be_clear()
    repository.check("spring", settings="strict.toml").must_report("merge_tags/empty_greeting")


def test_must_report_finds_a_rule_at_a_place(repository: Mailcheck) -> None:
    checked = repository.check(["spring/mail.html", "spring/wrong.html"])
    assert checked.must_report("merge_tags/empty_greeting", at="Hi ,") is checked
    with pytest.raises(AssertionError, match="merge_tags/empty_greeting reports nothing at 'Hello'"):
        checked.must_report("merge_tags/empty_greeting", at="Hello")
    with pytest.raises(AssertionError, match="merge_tags/broken reports nothing"):
        checked.must_report("merge_tags/broken")


def test_flags_and_mappings_are_taken(repository: Mailcheck) -> None:
    repository.check({"html": "Dear *|FNAME|*"}, profile="template", stage="rendered").must_report(
        "merge_tags/unresolved"
    )


def pytest_run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )


def test_the_fixture_is_there_in_any_repository(tmp_path: Path) -> None:
    (tmp_path / "spring.html").write_text("<p>Hi there</p>")
    (tmp_path / "wrong.html").write_text("<p>Hi ,</p>")
    (tmp_path / "test_campaigns.py").write_text(
        dedent("""
        def test_spring(mailcheck):
            mailcheck.check("spring.html").must_be_clear()
        def test_wrong(mailcheck):
            mailcheck.check("wrong.html").must_be_clear()
        """)
    )
    done = pytest_run(tmp_path)
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "wrong.html:1:4: error merge_tags/empty_greeting" in done.stdout


def test_the_examples_of_a_rule_file_are_tests(tmp_path: Path) -> None:
    (tmp_path / "mailrules.py").write_text(PRELUDE + RULE)
    (tmp_path / "test_rules.py").write_text(
        dedent("""
        import pytest
        from mailcheck.testing import cases

        @pytest.mark.parametrize("case", cases("mailrules.py"), ids=str)
        def test_examples(case):
            case.check()
        """)
    )
    done = pytest_run(tmp_path, "-v", "-W", "error")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_examples[mailrules/r-bad-1] PASSED" in done.stdout


def test_a_pytest_run_that_does_not_use_it_pays_next_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        dedent("""
        import sys
        def test_nothing_heavy_is_loaded():
            assert "mailcheck.pytest_plugin" in sys.modules
            assert not {"mailcheck.checking", "mailcheck.engine", "pydantic", "lxml", "bs4"} & set(sys.modules)
        """)
    )
    done = pytest_run(tmp_path, "-p", "no:hypothesispytest")
    assert done.returncode == 0, done.stdout
