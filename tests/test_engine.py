"""Every way in which a rule or a fact can end, through the front door: nothing that fails may look like a pass."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent

import pytest

import mailcheck
from mailcheck.checking import Target
from mailcheck.report import CampaignReport, Outcome, Report

PRELUDE = """\
from __future__ import annotations
import asyncio, os, sys, time
from collections.abc import Iterator
from mailcheck import Absent, AsyncProblems, Campaign, Fix, Message, Part, Problem, Problems, Span, fact, rule, skip
from mailcheck.content.markup import Markup
"""
GREETING = "merge_tags/empty_greeting"
MAIL = {"html": "<p>Hi ,</p>", "subject": "Spring", "text": "Hi ,"}

Judge = Callable[..., Report]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judge a mail by a `mailrules.py` of this source and by one built-in rule, which finds `Hi ,`."""

    def run(rules: str, target: Target | Sequence[Target] = MAIL, **flags: object) -> Report:
        (tmp_path / "mailrules.py").write_text(PRELUDE + dedent(rules))
        settings = tmp_path / "mailcheck.toml"
        settings.touch()
        given = {"select": ["mailrules", GREETING]} | flags
        return mailcheck.check(target, profile="template", settings=settings, local=True, **given)

    return run


def outcome(report: Report, name: str = "mailrules/r") -> Outcome:
    (campaign,) = report.campaigns
    (found,) = [one for one in campaign.outcomes if one.rule == name]
    return found


def assert_unsure_and_the_others_ran(report: Report, reason: str, name: str = "mailrules/r") -> None:
    ending = outcome(report, name)
    assert ending.status == "error"
    assert reason in ending.reason
    assert report.verdict == "unsure"
    assert report.exit_code == 3
    assert outcome(report, GREETING).status == "failed"
    assert report.of(GREETING)
    with pytest.raises(mailcheck.NotClear):
        report.raise_unless_clear()


def line_of(tmp_path: Path, text: str) -> str:
    """`file:line` of a line of the rule file."""
    path = tmp_path / "mailrules.py"
    lines = path.read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if text in line]
    return f"({path}:{number})"


# rules


def test_a_rule_that_is_silent_has_passed(judge: Judge) -> None:
    report = judge(
        '''
        @rule()
        def r(message: Message) -> Problems:
            """Nothing."""
            if False:
                yield Problem("x")
    ''',
        {"html": "<p>x</p>"},
    )
    assert outcome(report).status == outcome(report, GREETING).status == "passed"
    assert (report.verdict, report.exit_code, report.findings) == ("clear", 0, ())
    assert report.raise_unless_clear() is report


def test_a_rule_that_yields_has_failed(judge: Judge) -> None:
    report = judge('''
        @rule()
        def r(message: Message) -> Problems:
            """Two."""
            yield Problem("first", at=message.subject)
            yield Problem("second", at=message.html.at(3, 5))
    ''')  # fmt: skip
    assert (outcome(report).status, outcome(report).findings) == ("failed", 2)
    found = {one.message: one for one in report.of("mailrules/r")}
    place = found["second"]
    assert (place.part, place.line, place.column, place.end_line, place.end_column) == ("html", 1, 4, 1, 6)
    assert (place.evidence, found["first"].evidence) == ("Hi", "Spring")
    assert place.plugin.endswith("mailrules.py")
    assert (report.verdict, report.exit_code) == ("held", 1)


def test_a_rule_may_say_that_it_does_not_apply(judge: Judge) -> None:
    report = judge(
        '''
        @rule()
        def r(message: Message) -> Problems:
            """Skips."""
            skip("no prices in this mail")
            yield Problem("x")
    ''',
        {"html": "<p>x</p>"},
    )
    assert (outcome(report).status, outcome(report).reason) == ("skipped", "no prices in this mail")
    assert report.verdict == "clear"


def test_what_a_rule_found_before_it_skips_stays(judge: Judge) -> None:
    report = judge('''
        @rule()
        def r(message: Message) -> Problems:
            """Yields, then skips."""
            yield Problem("found")
            skip("enough")
    ''')
    assert (outcome(report).status, outcome(report).reason) == ("failed", "enough")
    assert [one.message for one in report.of("mailrules/r")] == ["found"]


@pytest.mark.parametrize(
    ("crash", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("sys.exit(0)", "SystemExit: 0"),
        ("sys.exit()", "SystemExit"),
        ("raise asyncio.CancelledError", "CancelledError"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("raise StopIteration", "StopIteration"),
        ("raise BaseException('x')", "BaseException: x"),
        ("raise Absent('not the place for it')", "Absent: not the place for it"),
        ("(lambda f: f(f))(lambda f: f(f))", "RecursionError"),
        ("raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})", "Odd: no message"),
    ],
)
def test_a_crash_is_an_error_and_what_was_found_before_stays(
    judge: Judge, tmp_path: Path, crash: str, reason: str
) -> None:
    report = judge(f'''
        @rule()
        def r(message: Message) -> Problems:
            """Crashes."""
            yield Problem("found before")
            {crash}  # here
    ''')
    assert_unsure_and_the_others_ran(report, reason)
    ending = outcome(report)
    assert "mailrules/r of " in ending.reason
    assert line_of(tmp_path, "# here") in ending.reason
    assert ending.findings == 1
    assert [one.message for one in report.of("mailrules/r")] == ["found before"]


def test_a_crash_in_a_library_is_told_at_the_line_of_the_rule(judge: Judge, tmp_path: Path) -> None:
    report = judge('''
        import json
        @rule()
        def r(message: Message) -> Problems:
            """Crashes far away."""
            yield Problem(json.loads("{"))  # here
    ''')
    assert_unsure_and_the_others_ran(report, line_of(tmp_path, "# here"))


def test_keyboard_interrupt_ends_the_run(judge: Judge) -> None:
    with pytest.raises(KeyboardInterrupt):
        judge('''
            @rule()
            def r(message: Message) -> Problems:
                """Ctrl-C."""
                raise KeyboardInterrupt
                yield
        ''')


def test_a_rule_without_yield_is_a_fault(judge: Judge) -> None:
    report = judge('''
        @rule()
        def r(message: Message) -> Problems:
            """Returns a list."""
            return [Problem("x")]
    ''', select=[GREETING])  # fmt: skip
    assert report.verdict == "unsure"
    (fault,) = report.of("engine/plugin")
    assert "rule r never yields" in fault.message
    assert fault.blocking
    assert report.of(GREETING)


def test_a_returned_list_is_not_lost(judge: Judge, tmp_path: Path) -> None:
    report = judge('''
        @rule()
        def r(message: Message) -> Problems:
            """Returns what it should yield."""
            if message.subject:
                return [Problem("x")]
            yield Problem("no subject")
    ''')
    assert_unsure_and_the_others_ran(report, "returned [Problem(")


@pytest.mark.parametrize(
    ("junk", "reason"),
    [
        ("'a string'", "yielded 'a string', which is not a Problem"),
        ("None", "yielded None, which is not a Problem"),
        ("Problem", "which is not a Problem"),
        ("[Problem('x')]", "which is not a Problem"),
        ("Problem('')", "without a message"),
        ("Problem(' ')", "without a message"),
        ("Problem(5)", "without a message"),
        ("Problem('x', at='here')", "yielded a Problem at 'here', which is no place in the campaign"),
        ("Problem('x', at=5)", "which is no place"),
        ("Problem('x', at=Span(message.html, -3, 2))", "which is no place"),
        ("Problem('x', at=Span(message.html, 5, 2))", "which is no place"),
        ("Problem('x', at=Span(message.html, 0, 5000))", "which is no place"),
        ("Problem('x', at=Span(message.html, 'a', None))", "which is no place"),
        ("Problem('x', at=Span(None, 0, 0))", "which is no place"),
        ("Problem('x', severity='fatal')", "of severity 'fatal'"),
        ("Problem('x', evidence=b'bytes')", "whose evidence is b'bytes', not text"),
        ("Problem('x', data={'a': object()})", "whose data is not JSON"),
        ("Problem('x', data={'a': float('nan')})", "whose data is not JSON"),
        ("Problem('x', data={(1, 2): 3})", "whose data is not JSON"),
        ("Problem('x', data=[('a', 1)])", "not a mapping"),
        ("Problem('x', at=message.html, fix='delete it')", "with a fix that cannot be applied"),
        ("Problem('x', at=message.html, fix=Fix(((Span(message.html, 0, 999), ''),)))", "with a fix that cannot"),
        ("Problem('x', at=message.html, fix=Fix.delete(message.subject))", "with a fix in another part"),
        ("Problem('x', fix=Fix.delete(message.html))", "with a fix in another part"),
        (
            "Problem('x', at=message.html, fix=Fix(((message.html.at(0, 4), ''), (message.html.at(2, 6), ''))))",
            "overlap",
        ),
        ("Problem('x', at=type('T', (), {'span': property(lambda self: 1 / 0)})())", "ZeroDivisionError"),
        ("type('T', (), {'__repr__': lambda self: 1 / 0})()", "yielded <T>, which is not a Problem"),
    ],
)
def test_junk_is_an_error(judge: Judge, tmp_path: Path, junk: str, reason: str) -> None:
    report = judge(f'''
        @rule()
        def r(message: Message) -> Problems:
            """Yields junk."""
            yield Problem("found before")
            yield {junk}  # here
    ''')
    assert_unsure_and_the_others_ran(report, reason)
    assert line_of(tmp_path, "# here") in outcome(report).reason or "ZeroDivisionError" in reason
    assert [one.message for one in report.of("mailrules/r")] == ["found before"]


def test_a_rule_that_finds_no_end_is_stopped(judge: Judge) -> None:
    report = judge('''
        @rule()
        def r(message: Message) -> Problems:
            """Yields for ever."""
            while True:
                yield Problem("again")
    ''', max_problems=7)  # fmt: skip
    assert_unsure_and_the_others_ran(report, "found more than 7 problems and was stopped (setting max_problems)")
    assert len(report.of("mailrules/r")) == outcome(report).findings == 7


def test_as_many_problems_as_the_limit_are_fine(judge: Judge) -> None:
    report = judge('''
        @rule()
        def r(message: Message) -> Problems:
            """Yields seven."""
            for number in range(7):
                yield Problem(str(number))
    ''', max_problems=7)  # fmt: skip
    assert (outcome(report).status, outcome(report).findings) == ("failed", 7)


def test_a_rule_cannot_change_the_options_of_the_next_campaign(judge: Judge) -> None:
    report = judge('''
        from pydantic import BaseModel, ConfigDict
        class Options(BaseModel):
            model_config = ConfigDict(extra="forbid")
            words: list[str] = ["spring"]
        @rule()
        def r(message: Message, options: Options) -> Problems:
            """Uses its options up."""
            while options.words:
                yield Problem(options.words.pop())
    ''', [MAIL, MAIL])  # fmt: skip
    assert len(report.of("mailrules/r")) == 2


def test_options_that_cannot_be_copied_are_an_error(judge: Judge) -> None:
    report = judge('''
        import threading
        from pydantic import BaseModel, ConfigDict, PrivateAttr
        class Options(BaseModel):
            model_config = ConfigDict(extra="forbid")
            _lock = PrivateAttr(default_factory=threading.Lock)
        @rule()
        def r(message: Message, options: Options) -> Problems:
            """Has a lock among its options."""
            yield Problem("x")
    ''')
    assert_unsure_and_the_others_ran(report, "cannot pickle '_thread.lock' object")


# facts


def test_a_rule_whose_input_is_not_there_is_skipped_with_the_reason(judge: Judge) -> None:
    report = judge(
        '''
        @rule()
        def r(preheader: Part) -> Problems:
            """Needs a preheader."""
            yield Problem("x")
    ''',
        {"html": "<p>x</p>"},
    )
    assert outcome(report).status == "skipped"
    assert outcome(report).reason == "no preheader was given (`preheader` in the manifest)"
    assert not outcome(report).required
    assert report.verdict == "clear"


def test_a_run_in_which_every_rule_lacks_its_input_is_unsure(judge: Judge) -> None:
    report = judge(
        '''
        @rule()
        def r(preheader: Part) -> Problems:
            """Needs a preheader."""
            yield Problem("x")
    ''',
        {"html": "<p>x</p>"},
        select=["mailrules"],
    )
    assert outcome(report).required
    assert report.verdict == "unsure"


def test_an_optional_fact_that_is_absent_is_none(judge: Judge) -> None:
    report = judge('''
        @rule()
        def r(message: Message, preheader: Part | None = None) -> Problems:
            """Does without."""
            yield Problem(f"preheader: {preheader}")
    ''')
    assert [one.message for one in report.of("mailrules/r")] == ["preheader: None"]


def test_an_optional_fact_that_fails_is_still_an_error(judge: Judge) -> None:
    report = judge('''
        @fact
        def weather(message: Message) -> str:
            """Fails."""
            raise OSError("no barometer")
        @rule()
        def r(message: Message, weather: str | None = None) -> Problems:
            """Does without absent facts, not without failed ones."""
            yield Problem("x")
    ''')
    assert_unsure_and_the_others_ran(report, "the fact weather of ")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise OSError('no barometer')", "failed: OSError: no barometer"),
        ("sys.exit(0)", "failed: SystemExit: 0"),
        ("raise asyncio.CancelledError", "failed: CancelledError"),
        ("skip('facts do not skip')", "failed: Skip: facts do not skip"),
        ("return iter([1, 2])", "returned an iterator, which is empty for its second reader; return a tuple"),
        ("return asyncio.sleep(0)", "returned something to await"),
        ("return None", "returned nothing; raise Absent"),
    ],
)
def test_a_failed_fact_is_the_same_error_for_every_rule_and_computed_once(judge: Judge, body: str, reason: str) -> None:
    report = judge(
        f'''
        calls = []
        @fact
        def weather(message: Message) -> object | None if False else list:
            """Fails."""
            calls.append(1)
            {body}
        @fact
        def forecast(weather: list) -> int:
            """Needs the weather."""
            return 1
        @rule()
        def r(weather: list) -> Problems:
            """One."""
            yield Problem("x")
        @rule()
        def s(forecast: int) -> Problems:
            """Two."""
            yield Problem("x")
        @rule()
        def calls_of_weather(message: Message) -> Problems:
            """Counts."""
            yield Problem(str(len(calls)))
    '''.replace("object | None if False else list", "list")
    )
    assert_unsure_and_the_others_ran(report, reason)
    assert_unsure_and_the_others_ran(report, reason, "mailrules/s")
    assert outcome(report).reason == outcome(report, "mailrules/s").reason
    assert report.of("mailrules/calls_of_weather")[0].message in {"0", "1"}
    assert "the fact weather of " in outcome(report).reason


def test_facts_are_computed_once_and_only_when_asked_for(judge: Judge) -> None:
    report = judge('''
        calls = []
        @fact
        def weather(message: Message) -> str:
            """Asked for twice."""
            calls.append("weather")
            return "fine"
        @fact
        def moon(message: Message) -> str:
            """Never asked for."""
            calls.append("moon")
            return "full"
        @rule()
        def r(weather: str) -> Problems:
            """One."""
            yield Problem(weather)
        @rule()
        def s(weather: str) -> Problems:
            """Two."""
            yield Problem(",".join(calls))
    ''')
    assert report.of("mailrules/s")[0].message == "weather"


def test_a_fact_may_return_none_where_it_says_so(judge: Judge) -> None:
    report = judge('''
        @fact
        def weather(message: Message) -> str | None:
            """May be unknown."""
            return None
        @rule()
        def r(weather: str | None) -> Problems:
            """Told."""
            yield Problem(f"weather {weather}")
    ''')
    assert report.of("mailrules/r")[0].message == "weather None"


def test_the_reason_of_an_absent_fact_reaches_the_rules_behind_it(judge: Judge) -> None:
    report = judge(
        '''
        @fact
        def weather(message: Message) -> str:
            """Not given."""
            raise Absent("no barometer is connected (--barometer)")
        @fact
        def forecast(weather: str) -> str:
            """Needs the weather."""
            return weather
        @rule()
        def r(forecast: str) -> Problems:
            """Needs the forecast."""
            yield Problem("x")
    ''',
        {"html": "<p>x</p>"},
    )
    assert (outcome(report).status, outcome(report).reason) == ("skipped", "no barometer is connected (--barometer)")
    assert report.verdict == "clear"


def test_facts_that_ask_for_each_other_are_an_error(judge: Judge) -> None:
    report = judge('''
        @fact
        def hen(egg: str) -> str:
            """From the egg."""
            return egg
        @fact
        def egg(hen: str) -> str:
            """From the hen."""
            return hen
        @rule()
        def r(hen: str) -> Problems:
            """Which was first?"""
            yield Problem("x")
    ''')
    assert_unsure_and_the_others_ran(report, "the fact hen asks for itself (hen → egg → hen)")


DOC = '"""About it."""'


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        ("def weather(message: Message) -> Iterator[int]", f"{DOC}; yield 1", "not yield"),
        ("async def weather(message: Message) -> int", f"{DOC}; return 1", "not yield or await"),
        ("def weather(message: Message)", f"{DOC}; return 1", "must say what it returns"),
        ("def weather(message: Message) -> int", "return 1", "has no docstring"),
        ("def weather(options: Message) -> int", f"{DOC}; return 1", "asks for 'options', which is no fact"),
        ("def weather(mesage: Message) -> int", f"{DOC}; return 1", "did you mean 'message'?"),
        ("def weather(message: str) -> int", f"{DOC}; return 1", "annotates 'message' as str; it is Message"),
        ("def subject(message: Message) -> Part", f"{DOC}; return 1", "'subject' already comes from mailcheck-lint"),
        ("class weather", "pass", "only a function can be one"),
    ],
)
def test_a_fact_that_cannot_be_one_is_a_fault(judge: Judge, head: str, body: str, reason: str) -> None:
    report = judge(f'''
        @fact
        {head}:
            {body}
        @rule()
        def r(subject: Part) -> Problems:
            """Still runs."""
            yield Problem(subject.text)
    ''')
    assert report.verdict == "unsure"
    (fault,) = report.of("engine/plugin")
    assert reason in fault.message
    assert "mailrules.py" in fault.message
    assert report.of("mailrules/r")[0].message == "Spring"


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        ("def r(mesage: Message) -> Problems", f"{DOC}; yield", "asks for 'mesage', which is no fact; did you mean 'm"),
        ("def r(message: str) -> Problems", f"{DOC}; yield", "annotates 'message' as str; it is Message"),
        ("def r(campaign: str) -> Problems", f"{DOC}; yield", "annotates 'campaign' as str; it is Campaign"),
        ("def r(message) -> Problems", f"{DOC}; yield", "needs an annotation"),
        ("def r(*message: Message) -> Problems", f"{DOC}; yield", "plain named parameters"),
        ("def r(message: Message = 5) -> Problems", f"{DOC}; yield", "has the default None"),
        ("def r(message: Gone) -> Problems", f"{DOC}; yield", "annotations of r cannot be read"),
        ("def r(message: Message) -> Problems", "yield", "has no docstring"),
        ("def r(message: Message, options: dict) -> Problems", f"{DOC}; yield", "annotated with a pydantic model"),
        (
            "def r(message: Message, options: Loose) -> Problems",
            f"{DOC}; yield",
            'set model_config = ConfigDict(extra="for',
        ),
        ("class r", "pass", "only a function can be one"),
    ],
)
def test_a_rule_that_cannot_be_one_is_a_fault(judge: Judge, head: str, body: str, reason: str) -> None:
    report = judge(f'''
        from pydantic import BaseModel
        class Loose(BaseModel):
            words: tuple[str, ...] = ()
        @rule()
        {head}:
            {body}
        @rule()
        def s(subject: Part) -> Problems:
            """Still runs."""
            yield Problem(subject.text)
    ''')
    assert report.verdict == "unsure"
    (fault,) = report.of("engine/plugin")
    assert reason in fault.message
    assert "mailrules.py" in fault.message
    assert report.of("mailrules/s")
    assert report.of(GREETING)


def test_examples_without_the_mark_of_a_rule_are_a_fault(judge: Judge) -> None:
    report = judge('''
        from mailcheck import bad
        @bad(html="<p>x</p>", at="x")
        def r(message: Message) -> Problems:
            """Somebody forgot @rule()."""
            yield Problem("x")
    ''', select=[GREETING])  # fmt: skip
    assert report.verdict == "unsure"
    assert "r has examples but no @rule(), so it would never run" in report.of("engine/plugin")[0].message


def test_names_that_only_look_marked_are_left_alone(judge: Judge) -> None:
    report = judge('''
        from unittest.mock import MagicMock
        everything = MagicMock()
        class Proxy:
            __slots__ = ()
            def __getattr__(self, name):
                raise RuntimeError("outside of a request")
        proxy = Proxy()
        @rule()
        def r(subject: Part) -> Problems:
            """Runs."""
            yield Problem(subject.text)
    ''')
    assert not report.of("engine/plugin")
    assert report.of("mailrules/r")


# async rules


def test_async_rules_run_together(judge: Judge) -> None:
    report = judge('''
        met = []
        async def wait_for_the_other() -> None:
            met.append(1)
            while len(met) < 2:
                await asyncio.sleep(0)
        @rule()
        async def r(message: Message) -> AsyncProblems:
            """Waits for s."""
            await wait_for_the_other()
            yield Problem("met s")
        @rule()
        async def s(message: Message) -> AsyncProblems:
            """Waits for r."""
            await wait_for_the_other()
            yield Problem("met r")
    ''')
    assert (outcome(report).status, outcome(report, "mailrules/s").status) == ("failed", "failed")
    assert report.verdict == "held"


@pytest.mark.parametrize(
    ("crash", "reason"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("sys.exit(0)", "SystemExit: 0"),
        ("raise asyncio.CancelledError", "CancelledError"),
        ("asyncio.current_task().cancel(); await asyncio.sleep(9)", "CancelledError"),
        ("yield 'junk'", "yielded 'junk', which is not a Problem"),
        ("await asyncio.gather(asyncio.sleep(0), asyncio.create_task(leaves()))", "SystemExit: 0"),
        ("await asyncio.wait_for(asyncio.sleep(9), 0.001)", "TimeoutError"),
    ],
)
def test_an_async_rule_that_crashes_is_an_error(judge: Judge, tmp_path: Path, crash: str, reason: str) -> None:
    report = judge(f'''
        async def leaves() -> None:
            sys.exit(0)  # leaves
        @rule()
        async def r(message: Message) -> AsyncProblems:
            """Crashes."""
            yield Problem("found before")
            {crash}  # here
        @rule()
        async def s(message: Message) -> AsyncProblems:
            """Still runs."""
            await asyncio.sleep(0.01)
            yield Problem("here")
    ''')
    assert_unsure_and_the_others_ran(report, reason)
    place = "sys.exit(0)  # leaves" if "leaves" in crash else "# here"
    assert line_of(tmp_path, place) in outcome(report).reason
    assert [one.message for one in report.of("mailrules/r")] == ["found before"]
    assert report.of("mailrules/s")


def test_an_async_rule_may_skip(judge: Judge) -> None:
    report = judge(
        '''
        @rule()
        async def r(message: Message) -> AsyncProblems:
            """Skips."""
            skip("no links in this mail")
            yield Problem("x")
    ''',
        {"html": "<p>x</p>"},
    )
    assert (outcome(report).status, outcome(report).reason) == ("skipped", "no links in this mail")


@pytest.mark.parametrize(
    "hang",
    [
        "await asyncio.Event().wait()",
        "while True: await asyncio.sleep(0)",
    ],
)
def test_an_async_rule_that_hangs_is_given_up(judge: Judge, hang: str) -> None:
    report = judge(f'''
        @rule()
        async def r(message: Message) -> AsyncProblems:
            """Hangs."""
            yield Problem("found before")
            {hang}
        @rule()
        async def s(message: Message) -> AsyncProblems:
            """Does not."""
            yield Problem("here")
    ''', rule_timeout=0.2)  # fmt: skip
    assert_unsure_and_the_others_ran(report, "did not end within 0.2 s (setting rule_timeout)")
    assert [one.message for one in report.of("mailrules/r")] == ["found before"]
    assert outcome(report, "mailrules/s").status == "failed"


@pytest.mark.filterwarnings("ignore:coroutine method 'aclose'")
def test_an_async_rule_that_will_not_be_cancelled_is_left_behind(judge: Judge) -> None:
    report = judge('''
        @rule()
        async def r(message: Message) -> AsyncProblems:
            """Clings to life."""
            while True:
                try:
                    await asyncio.sleep(9)
                except asyncio.CancelledError:
                    yield Problem("still here")
    ''', rule_timeout=0.1)  # fmt: skip
    assert_unsure_and_the_others_ran(report, "did not end within 0.1 s")
    assert outcome(report).findings == len(report.of("mailrules/r"))


@pytest.mark.parametrize(
    "stray",
    [
        "asyncio.get_running_loop().call_soon(sys.exit, 0)",
        "asyncio.ensure_future(leaves())",
        "asyncio.ensure_future(clings())",
    ],
)
def test_what_an_async_rule_started_cannot_end_the_program(judge: Judge, stray: str) -> None:
    report = judge(f'''
        async def leaves() -> None:
            sys.exit(0)
        async def clings() -> None:
            try:
                await asyncio.sleep(9)
            finally:
                sys.exit(0)
        @rule()
        async def r(message: Message) -> AsyncProblems:
            """Starts something and forgets it."""
            kept.append({stray})
            await asyncio.sleep(0.01)
            yield Problem("x")
        kept = []
    ''')
    assert report.verdict == "unsure"
    assert "tried to end the program" in report.of("engine/exit")[0].message
    assert report.of("mailrules/r")
    assert report.of(GREETING)


def test_an_async_rule_cannot_stop_the_loop(judge: Judge) -> None:
    report = judge('''
        @rule()
        async def r(message: Message) -> AsyncProblems:
            """Stops the loop."""
            asyncio.get_running_loop().stop()
            await asyncio.sleep(0.01)
            yield Problem("still judged")
    ''')
    assert report.of("mailrules/r")[0].message == "still judged"


def test_an_async_rule_that_cancels_everything_takes_nothing_with_it(judge: Judge) -> None:
    report = judge('''
        @rule()
        async def r(message: Message) -> AsyncProblems:
            """Cancels whatever there is."""
            for task in asyncio.all_tasks():
                task.cancel()
            await asyncio.sleep(9)
            yield Problem("x")
        @rule()
        async def s(message: Message) -> AsyncProblems:
            """Is among it."""
            await asyncio.sleep(0.01)
            yield Problem("x")
    ''')
    assert_unsure_and_the_others_ran(report, "")
    assert_unsure_and_the_others_ran(report, "", "mailrules/s")


def test_keyboard_interrupt_in_an_async_rule_ends_the_run(judge: Judge) -> None:
    with pytest.raises(KeyboardInterrupt):
        judge('''
            @rule()
            async def r(message: Message) -> AsyncProblems:
                """Ctrl-C."""
                raise KeyboardInterrupt
                yield
        ''')


ASYNC_RULE = '''
@rule()
async def r(message: Message) -> AsyncProblems:
    """Waits a moment."""
    await asyncio.sleep(0)
    yield Problem("x")
'''


def rule_file(tmp_path: Path, source: str) -> Path:
    (tmp_path / "mailrules.py").write_text(PRELUDE + source)
    settings = tmp_path / "mailcheck.toml"
    settings.touch()
    return settings


def test_check_inside_a_running_loop_says_what_to_do(tmp_path: Path) -> None:
    settings = rule_file(tmp_path, ASYNC_RULE)

    async def main() -> None:
        with pytest.raises(RuntimeError, match=r"await mailcheck\.acheck"):
            mailcheck.check(MAIL, settings=settings, local=True, profile="template")

    asyncio.run(main())


def test_check_without_async_rules_works_inside_a_running_loop() -> None:
    async def main() -> Report:
        return mailcheck.check(MAIL, profile="template", select=[GREETING])

    assert asyncio.run(main()).of(GREETING)


def test_acheck_works_inside_a_running_loop(tmp_path: Path) -> None:
    settings = rule_file(tmp_path, ASYNC_RULE)

    async def main() -> Report:
        return await mailcheck.acheck(MAIL, settings=settings, local=True, profile="template")

    report = asyncio.run(main())
    assert report.of("mailrules/r")
    assert report.of(GREETING)


def test_cancelling_acheck_cancels_the_rules(tmp_path: Path) -> None:
    settings = rule_file(tmp_path, ASYNC_RULE.replace("sleep(0)", "sleep(60)"))

    async def main() -> None:
        task = asyncio.ensure_future(mailcheck.acheck(MAIL, settings=settings, local=True, profile="template"))
        await asyncio.sleep(0.05)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.05)
        assert [other for other in asyncio.all_tasks() if other is not asyncio.current_task()] == []

    asyncio.run(main())


def test_a_process_that_checks_does_not_end_with_zero_when_a_rule_exits(tmp_path: Path) -> None:
    settings = rule_file(tmp_path, ASYNC_RULE.replace("await asyncio.sleep(0)", "await asyncio.gather(leaves())"))
    path = tmp_path / "mailrules.py"
    path.write_text(path.read_text() + "async def leaves() -> None:\n    sys.exit(0)\n")
    program = (
        "import mailcheck, sys; sys.exit(mailcheck.check({'html': 'x'}, settings=sys.argv[1], local=True).exit_code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(settings)], check=False, capture_output=True, cwd=tmp_path
    )
    assert done.returncode == 3, done.stderr


# the order, and what is stamped


def test_findings_stand_in_the_order_of_reading(judge: Judge) -> None:
    report = judge('''
        @rule()
        def r(message: Message) -> Problems:
            """Out of order."""
            yield Problem("text", at=message.text.at(0, 1))
            yield Problem("late", at=message.html.at(5, 6))
            yield Problem("early", at=message.html.at(1, 2))
            yield Problem("whole")
            yield Problem("subject", at=message.subject)
    ''', select=["mailrules"])  # fmt: skip
    assert [one.message for one in report.findings] == ["whole", "subject", "early", "late", "text"]


LEAKY = '''
@rule()
def r(message: Message) -> Problems:
    """Shows addresses wherever it can."""
    text = "to klara@example.com"
    yield Problem(text, at=message.html, data={"klara@example.com": ["klara@example.com", {"a": text}], "n": 5})
    yield Problem("cut", evidence="x" * 70 + " klara@example.com " + "y" * 90)
    yield Problem("odd", evidence="klara@example.com", data={"a": "\\x01klara@example.com"})
    raise ValueError(text)
@fact
def weather(message: Message) -> str:
    """Says an address when it is absent."""
    raise Absent("ask klara@example.com")
@rule()
def s(weather: str) -> Problems:
    """Is skipped."""
    yield Problem("x")
@rule()
def t(message: Message) -> Problems:
    """Yields junk with an address."""
    yield "klara@example.com"
'''


def test_addresses_are_masked_everywhere(judge: Judge) -> None:
    mail = {"html": "<p>Write to klara@example.com</p>"}
    masked = judge(LEAKY, mail)
    assert "klara" not in masked.model_dump_json()
    data = {one.message: one.data for one in masked.of("mailrules/r")}
    assert data["odd"] == {"a": "\x01k…a@e….com"}
    assert data["to k…a@e….com"] == {"k…a@e….com": ["k…a@e….com", {"a": "to k…a@e….com"}], "n": 5}
    assert outcome(masked, "mailrules/s").reason == "ask k…a@e….com"
    assert "k…a@e….com" in outcome(masked).reason
    assert "a@e….com" in outcome(masked, "mailrules/t").reason


def test_addresses_can_be_shown_and_the_fingerprints_stay(judge: Judge) -> None:
    mail = {"html": "<p>Write to klara@example.com</p>"}
    masked, shown = judge(LEAKY, mail), judge(LEAKY, mail, show_addresses=True)
    assert "to klara@example.com" in {one.message for one in shown.of("mailrules/r")}
    assert [one.fingerprint for one in masked.findings] == [one.fingerprint for one in shown.findings]


def test_addresses_in_the_faults_of_plug_ins_are_masked(judge: Judge) -> None:
    report = judge("raise ValueError('ask klara@example.com')", select=[GREETING])
    assert "ask k…a@e….com" in report.of("engine/plugin")[0].message


def test_fingerprints_depend_on_rule_part_and_evidence_only(judge: Judge) -> None:
    rules = '''
        @rule()
        def r(message: Message) -> Problems:
            """Finds every Hi."""
            text = message.html.text
            start = text.find("Hi")
            while start >= 0:
                yield Problem("MESSAGE", at=message.html.at(start, start + 2), data={"n": start})
                start = text.find("Hi", start + 1)
    '''

    def prints(html: str, source: str = rules) -> list[str]:
        return [one.fingerprint for one in judge(source, {"html": html}, select=["mailrules"]).findings]

    first, second = prints("<p>Hi</p><p>Hi</p>")
    assert first != second
    assert first.startswith("v1:")
    assert prints("\n\n<p>Hi</p>\n<b>Hi</b>") == [first, second]
    assert prints("<p>Hi</p>", rules.replace("MESSAGE", "Other words")) == [first]
    assert prints("<p>Hi</p>", rules.replace("mailrules", "x").replace("def r(", "def other(")) != [first]


def test_the_evidence_folds_white_space_for_the_fingerprint(judge: Judge) -> None:
    rules = '''
        @rule()
        def r(message: Message) -> Problems:
            """The whole mail."""
            yield Problem("x", at=message.html)
    '''
    one = judge(rules, {"html": "<p>Hi  there</p>"}).of("mailrules/r")[0]
    other = judge(rules, {"html": "<p>Hi\n\tthere</p>"}).of("mailrules/r")[0]
    assert one.fingerprint == other.fingerprint
    assert one.evidence != other.evidence


def test_long_evidence_is_cut_in_the_middle(judge: Judge) -> None:
    report = judge(
        '''
        @rule()
        def r(message: Message) -> Problems:
            """The whole mail."""
            yield Problem("x", at=message.html)
    ''',
        {"html": "<p>" + "a" * 500 + "</p>"},
    )
    evidence = report.of("mailrules/r")[0].evidence
    assert len(evidence) < 200
    assert evidence.startswith("<p>a")
    assert evidence.endswith("a</p>")


def test_the_url_of_a_finding_is_where_the_team_hosts_the_pages(judge: Judge) -> None:
    report = judge(
        '''
        @rule()
        def r(message: Message) -> Problems:
            """One."""
            yield Problem("x")
    ''',
        docs_url="https://docs.shop.example/mailcheck/",
    )
    assert report.of("mailrules/r")[0].url == "https://docs.shop.example/mailcheck/mailrules/r.html"


def test_half_a_character_does_not_break_the_report(judge: Judge) -> None:
    report = judge('''
        @rule()
        def r(message: Message) -> Problems:
            """Yields half of a surrogate pair."""
            yield Problem("bad \\ud83d", evidence="\\ud83d", data={"a": "\\ud83d"})
    ''')
    assert report.of("mailrules/r")
    assert Report.model_json_schema()
    report.model_dump_json().encode()


# the verdict, without a run


@pytest.mark.parametrize(
    ("statuses", "required", "blocking", "severity", "verdict"),
    [
        (["passed"], False, False, None, "clear"),
        (["passed", "skipped"], False, False, None, "clear"),
        (["passed", "failed"], False, False, "info", "clear"),
        (["failed"], False, False, "error", "held"),
        (["passed", "skipped"], True, False, None, "unsure"),
        (["passed", "error"], False, False, None, "unsure"),
        (["failed", "error"], False, False, "error", "unsure"),
        (["failed"], False, True, "error", "unsure"),
        (["passed"], False, True, "info", "unsure"),
    ],
)
def test_unsure_wins_over_held_and_held_over_clear(
    statuses: list[str], required: bool, blocking: bool, severity: str | None, verdict: str
) -> None:
    outcomes = [
        {"rule": f"a/{n}", "status": status, "required": required and status == "skipped"}
        for n, status in enumerate(statuses)
    ]
    findings = [{"rule": "a/0", "severity": severity, "message": "x", "blocking": blocking}] if severity else []
    campaign = CampaignReport.model_validate(
        {"path": "a", "profile": "template", "stage": "template", "outcomes": outcomes, "findings": findings}
    )
    calm = CampaignReport(
        path="b", profile="template", stage="template", outcomes=(Outcome(rule="a/0", status="passed"),)
    )
    assert campaign.verdict == verdict
    assert Report(campaigns=(calm, campaign, calm)).verdict == verdict


def test_a_run_that_judged_nothing_is_unsure() -> None:
    assert Report().verdict == "unsure"
