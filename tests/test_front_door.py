"""`import mailcheck`: the names, what they cost, and what `check` takes."""

from __future__ import annotations

import importlib
import inspect
import json
import pickle
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mailcheck
from mailcheck.report import Report

if TYPE_CHECKING:
    from mailcheck.checking import Target

GREETING = "merge_tags/empty_greeting"
HEAVY = {"pydantic", "bs4", "lxml", "babel", "rich", "pluggy", "click", "email_validator", "asyncio", "mailcheck_rules"}


def python(program: str, *arguments: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=False, capture_output=True, text=True, cwd=cwd
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# names


@pytest.mark.parametrize("name", mailcheck.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(mailcheck, name) is not None
    assert name in dir(mailcheck)


def test_the_front_door_is_sorted_and_small() -> None:
    assert sorted(set(mailcheck.__all__)) == mailcheck.__all__
    assert len(mailcheck.__all__) <= 30


def test_every_public_thing_says_what_it_is() -> None:
    for name in mailcheck.__all__:
        thing = getattr(mailcheck, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'mailcheck' has no attribute 'chek'"):
        mailcheck.chek  # noqa: B018 - the look-up is the test


def test_importing_costs_nothing_heavy() -> None:
    loaded = set(json.loads(python("import mailcheck, sys, json; print(json.dumps(list(sys.modules)))")))
    assert "mailcheck" in loaded
    assert not HEAVY & loaded


def test_names_are_imported_when_they_are_used() -> None:
    program = "import sys, mailcheck; assert 'mailcheck.report' not in sys.modules; mailcheck.Report; "
    python(program + "assert 'mailcheck.report' in sys.modules; assert 'Report' in vars(mailcheck)")


@pytest.mark.parametrize(
    "before",
    ["", "import mailcheck.rule; ", "import mailcheck.checking; ", "import mailcheck.plugins; mailcheck.check; "],
)
def test_rule_is_the_function_whatever_was_imported_before(before: str) -> None:
    python(
        f"{before}from mailcheck import rule; import mailcheck; assert callable(rule); assert mailcheck.rule is rule"
    )


def test_a_rule_can_be_called_by_hand() -> None:
    @mailcheck.rule()
    def r(subject: mailcheck.Part) -> mailcheck.Problems:
        yield mailcheck.Problem("too long", at=subject)

    assert [one.message for one in r(mailcheck.Part("subject", "Spring"))] == ["too long"]


# what check takes


def test_a_mapping_a_campaign_a_path_and_a_text_path_are_judged_alike(tmp_path: Path) -> None:
    (tmp_path / "mail.html").write_text("<p>Hi ,</p>")
    part = mailcheck.Part("html", "<p>Hi ,</p>", "", "html")
    targets: list[Target] = [
        {"html": "<p>Hi ,</p>"},
        mailcheck.Campaign(message=mailcheck.Message(html=part)),
        tmp_path / "mail.html",
        str(tmp_path / "mail.html"),
    ]
    for target in targets:
        (finding,) = mailcheck.check(target, profile="template").of(GREETING)
        assert (finding.line, finding.column, finding.evidence) == (1, 4, "Hi ,")


def test_several_targets_make_one_report() -> None:
    report = mailcheck.check(({"html": html} for html in ("<p>Hi ,</p>", "<p>Hi there</p>")), profile="template")
    assert [campaign.verdict for campaign in report.campaigns] == ["held", "clear"]
    assert (report.verdict, report.summary()) == ("held", "held: 1 error in 2 campaigns")


def test_a_folder_is_every_file_in_it(tmp_path: Path) -> None:
    for name in ("a.html", "sub/b.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<p>Hi ,</p>")
    assert len(mailcheck.check(tmp_path).campaigns) == 2


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ([], "there is nothing to check"),
        (iter(()), "there is nothing to check"),
        ("gone.html", "there is no such file"),
        ("", "the path is empty"),
        ({"htlm": "x"}, "did you mean 'html'"),
        ({"html": 5}, "html"),
        ({"message": {"html_file": "a.html"}}, "the campaign has no folder"),
    ],
)
def test_what_cannot_be_judged_ends_the_run(
    target: Target, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(mailcheck.CouldNotStart, match=said):
        mailcheck.check(target, profile="template")


def test_an_empty_folder_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(mailcheck.CouldNotStart):
        mailcheck.check(tmp_path)


def test_an_unknown_dialect_in_a_campaign_ends_the_run() -> None:
    with pytest.raises(mailcheck.CouldNotStart, match="did you mean 'mailchimp'"):
        mailcheck.check({"html": "x", "dialect": "mailchip"}, profile="template")


def test_a_message_without_a_body_is_unsure() -> None:
    report = mailcheck.check({}, profile="template")
    assert (report.verdict, report.exit_code) == ("unsure", 3)


def test_a_file_over_the_limit_is_unsure(tmp_path: Path) -> None:
    (tmp_path / "big.html").write_text("<p>Hi there</p>" * 1000)
    report = mailcheck.check(tmp_path / "big.html", max_bytes=2000)
    assert report.verdict == "unsure"
    assert report.of("engine/limit")[0].blocking


# the report


def test_raise_unless_clear_carries_the_report() -> None:
    report = mailcheck.check({"html": "<p>Hi ,</p>"}, profile="template")
    with pytest.raises(mailcheck.NotClear, match="held: 1 error in 1 campaign") as raised:
        report.raise_unless_clear()
    assert raised.value.report is report


def test_a_report_cannot_be_changed() -> None:
    report = mailcheck.check({"html": "<p>Hi ,</p>"}, profile="template")
    with pytest.raises(ValueError, match="frozen"):
        report.campaigns = ()  # type: ignore[misc]  # what may not be done is done
    with pytest.raises(ValueError, match="frozen"):
        report.findings[0].severity = "info"  # type: ignore[misc]  # what may not be done is done


def test_a_report_travels_between_processes() -> None:
    report = mailcheck.check({"html": "<p>Hi ,</p>"}, profile="template")
    assert pickle.loads(pickle.dumps(report)) == report


def test_every_selected_rule_has_one_outcome() -> None:
    report = mailcheck.check({"html": "<p>Hi ,</p>"}, profile="template")
    outcomes = [one.rule for one in report.campaigns[0].outcomes]
    assert len(set(outcomes)) == len(outcomes) > 5
    counted = {one.rule: one.findings for one in report.campaigns[0].outcomes if one.findings}
    assert counted == {GREETING: 1}


def test_the_json_holds_what_the_contract_names() -> None:
    finding = json.loads(mailcheck.check({"html": "<p>Hi ,</p>"}, profile="template").model_dump_json())["findings"][0]
    names = "rule severity message part path line column end_line end_column evidence fingerprint"
    assert set(names.split()) <= set(finding)


def test_checking_twice_gives_the_same_report() -> None:
    first, second = (mailcheck.check({"html": "<p>Hi ,</p>"}, profile="template") for _ in range(2))
    assert first == second


def test_every_module_can_be_imported_alone() -> None:
    folder = Path(inspect.getfile(mailcheck)).parent
    names = sorted(f"mailcheck.{path.stem}" for path in folder.glob("*.py") if not path.stem.startswith("__"))
    assert len(names) > 10
    for name in names:
        assert isinstance(importlib.import_module(name), type(sys))


# the tests themselves


def test_tests_have_no_network() -> None:
    for host in ("192.0.2.1", "shop.example"):
        with pytest.raises(AssertionError, match="tests may only talk to this machine"):
            socket.create_connection((host, 80), timeout=1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, pytest.raises(AssertionError):
        datagram.sendto(b"x", ("192.0.2.1", 53))


def test_tests_may_talk_to_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_reports_are_what_check_returns() -> None:
    assert isinstance(mailcheck.check({"html": "x"}, profile="template"), Report)
