"""The fact `history`, and what a run records."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest

import mailcheck
from mailcheck.audience.people import Audience
from mailcheck.campaign import Campaign
from mailcheck.checking import Checker, checker
from mailcheck.fingerprints import Figures, Fingerprint
from mailcheck.history.facts import history
from mailcheck.history.past import History, identity, open_store
from mailcheck.history.sends import HistoryError, Send
from mailcheck.reading import from_mapping
from mailcheck.report import CampaignReport
from mailcheck.rule import Absent
from mailcheck.run import Run
from support import mailcheck as command

NOW = datetime(2027, 4, 1, 12, tzinfo=UTC)
MAIL: Mapping[str, object] = {
    "id": "spring",
    "family": "weekly",
    "subject": "Spring",
    "from": "Shop <post@shop.example>",
    "text": "Hello, spring is here.",
    "stage": "rendered",
}
CSV = "id,family,sent,recipients\nw1,weekly,2027-03-01,100\nm1,monthly,2027-03-02,50\nw2,weekly,2027-03-08,110\n"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILCHECK_HISTORY_KEY", raising=False)
    return tmp_path


def campaign(**given: object) -> Campaign:
    return from_mapping({**MAIL, **given})


def the_history(one: Campaign, **run: str) -> History:
    return history(one, Run(now=NOW, root=".", **run))  # type: ignore[arg-type]  # only texts are handed over


def past(name: str, days: int, **given: object) -> Send:
    told = {"family": "weekly", "status": "sent", "recipients": 100, "kind": "marketing", **given}
    return Send(id=name, at=NOW - timedelta(days), **told)  # type: ignore[arg-type]  # the cases are tables


def ids(sends: tuple[Send, ...]) -> list[str]:
    return [one.id for one in sends]


# the fact


def test_without_a_history_it_is_absent_and_says_how_to_give_one() -> None:
    with pytest.raises(Absent, match="--history FILE, `history` in the settings, or `store` or `file` in the table"):
        the_history(campaign())


def test_a_history_without_sends_is_absent_too(own_folder: Path) -> None:
    with pytest.raises(Absent, match=r"there is no history history\.sqlite yet.*`mailcheck history import`"):
        the_history(campaign(), history="history.sqlite")
    assert not (own_folder / "history.sqlite").exists()
    open_store("history.sqlite")
    with pytest.raises(Absent, match=r"history\.sqlite holds no send yet \(`mailcheck history import`"):
        the_history(campaign(), history="history.sqlite")


def test_a_csv_serves_until_the_store_is_made(own_folder: Path) -> None:
    (own_folder / "sends.csv").write_text(CSV)
    assert ids(the_history(campaign(history={"file": "sends.csv", "store": "h.sqlite"})).sends) == ["w1", "w2"]
    assert not (own_folder / "h.sqlite").exists()


def test_sends_of_the_family_and_of_all() -> None:
    store = open_store("history.sqlite")
    store.sent([past("b", 7), past("a", 14, kind="apology"), past("other", 3, family="monthly"), past("spring", 1)])
    found = the_history(campaign(), history="history.sqlite")
    assert ids(found.sends) == ["a", "b"]
    assert ids(found.all()) == ["a", "b", "other"]
    assert ids(found.all(since=NOW - timedelta(7))) == ["b", "other"]
    assert (ids(found.last()), ids(found.last(9)), ids(found.last(0))) == (["b"], ["a", "b"], [])
    assert ids(found.last(2, kind="apology")) == ["a"]
    assert found.own is not None
    assert (found.own.id, found.salt) == ("spring", store.salt)
    assert found.digest


def test_only_what_went_out_counts() -> None:
    """A wrong campaign that is judged twice must not become its own reason to pass."""
    store = open_store("history.sqlite")
    store.sent([past("sent", 9)])
    judgements = [("held", "send", "held"), ("lost", "send", "unsure"), ("draft", "campaign", "clear")]
    for name, profile, verdict in [*judgements, ("gate", "send", "clear")]:
        store.judged(past(name, 2, status="judged", profile=profile, verdict=verdict), None)
    assert ids(the_history(campaign(), history="history.sqlite").sends) == ["sent", "gate"]


def test_a_campaign_without_a_family_is_compared_with_nothing() -> None:
    open_store("history.sqlite").sent([past("a", 9, family="")])
    found = the_history(campaign(family=""), history="history.sqlite")
    assert (found.sends, ids(found.all())) == ((), ["a"])


def test_fingerprints_are_loaded_when_they_are_asked_for(own_folder: Path) -> None:
    store = open_store("history.sqlite")
    sketch = Fingerprint.of([1, 2, 3], 3, salt=store.salt)
    store.judged(past("a", 9, status="judged", profile="send", verdict="clear"), sketch)
    (send,) = the_history(campaign(), history="history.sqlite").sends
    assert send.fingerprint == sketch
    (own_folder / "history.sqlite").write_bytes(b"gone")
    with pytest.raises(HistoryError, match="cannot be used"):
        _ = send.fingerprint


def test_a_csv_beside_the_manifest(own_folder: Path) -> None:
    (own_folder / "sends.csv").write_text(CSV)
    found = the_history(campaign(history={"file": "sends.csv"}))
    assert ids(found.sends) == ["w1", "w2"]
    assert ids(found.all()) == ["w1", "m1", "w2"]
    assert (found.salt, found.where) == ("", "sends.csv")
    renamed = CSV.replace("recipients", "Delivered")
    (own_folder / "sends.csv").write_text(renamed)
    again = the_history(campaign(history={"file": "sends.csv", "columns": {"recipients": "Delivered"}}))
    assert again.sends == found.sends


def test_rows_without_families_are_of_the_familiy_of_the_campaign(own_folder: Path) -> None:
    (own_folder / "sends.csv").write_text("sent,recipients\n2027-03-01,100\n")
    assert [one.recipients for one in the_history(campaign(history={"file": "sends.csv"})).sends] == [100]


def test_a_store_and_a_csv_together(own_folder: Path) -> None:
    (own_folder / "sends.csv").write_text(CSV)
    open_store("history.sqlite").sent([past("w2", 20, recipients=111), past("w3", 10)])
    found = the_history(campaign(history={"file": "sends.csv", "store": "history.sqlite"}))
    assert [(one.id, one.recipients) for one in found.sends] == [("w1", 100), ("w2", 111), ("w3", 100)]


def test_what_is_set_for_the_run_wins_over_the_manifest() -> None:
    open_store("set.sqlite").sent([past("set", 1)])
    open_store("said.sqlite").sent([past("said", 1)])
    one = campaign(history={"store": "said.sqlite"})
    assert ids(the_history(one).sends) == ["said"]
    assert ids(the_history(one, history="set.sqlite").sends) == ["set"]


@pytest.mark.parametrize("key", ["store", "file"])
def test_a_manifest_may_not_reach_out_of_the_project(own_folder: Path, key: str) -> None:
    project = own_folder / "project"
    (project / "mails").mkdir(parents=True)
    for name in ("../../out.sqlite", str(own_folder / "out.sqlite")):
        one = replace(campaign(history={key: name}), path=str(project / "mails" / "campaign.toml"))
        with pytest.raises(HistoryError, match="lies outside of the project; name it in the settings"):
            history(one, Run(now=NOW, root=str(project)))
    assert not (own_folder / "out.sqlite").exists()
    open_store(str(project / "in.sqlite")).sent([past("w1", 1)])
    one = replace(campaign(history={"store": "../in.sqlite"}), path=str(project / "mails" / "campaign.toml"))
    assert ids(history(one, Run(now=NOW, root=str(project))).sends) == ["w1"]


def test_a_slip_in_the_table_is_refused_with_its_line(own_folder: Path) -> None:
    text = 'subject = "a"\ntext = "b"\n[history]\n{}\n'
    for line, said in [
        ('stroe = "x"', "campaign.toml:4: unknown key 'stroe' in history; did you mean 'store'?"),
        ("store = 5", "campaign.toml:4: history.store must be a text in quotes"),
        (
            'file = "a"\n[history.columns]\nsend = "b"',
            "campaign.toml:6: unknown key 'send' in history.columns",
        ),
    ]:
        (own_folder / "campaign.toml").write_text(text.format(line))
        with pytest.raises(mailcheck.CouldNotStart, match=said.replace("?", r"\?")):
            mailcheck.check("campaign.toml", settings={})
    with pytest.raises(HistoryError, match="no key 'stroe'; did you mean 'store'"):
        the_history(replace(campaign(), history={"stroe": "x"}))


def test_the_identity_of_a_campaign(own_folder: Path) -> None:
    named = campaign()
    unnamed = replace(campaign(id=""), path=str(own_folder / "mails" / "campaign.toml"))
    assert identity(named, own_folder) == "spring"
    assert identity(unnamed, own_folder) == identity(replace(unnamed, path="mails/campaign.toml"), own_folder)
    assert identity(unnamed, own_folder) != identity(replace(unnamed, path="mails/other.toml"), own_folder)
    assert identity(campaign(id=""), own_folder).startswith("unnamed-")
    with pytest.raises(HistoryError, match="no id that would tell it from others"):
        identity(Campaign(message=mailcheck.Message()), own_folder)


# what a run records


def judged(one: Mapping[str, object] | str = MAIL, **settings: object) -> CampaignReport:
    report = mailcheck.check(one, settings={"select": ["copy"], "history": "history.sqlite", **settings})
    return report.campaigns[0]


def test_a_run_records_what_it_judged() -> None:
    report = judged({**MAIL, "text": "Lorem ipsum dolor sit amet, klara@gmail.com"}, profile="campaign")
    assert report.verdict == "held"
    (found,) = open_store("history.sqlite").sends()
    assert (found.id, found.family, found.kind, found.status) == ("spring", "weekly", "marketing", "judged")
    assert (found.profile, found.verdict, found.outcomes["copy/placeholder"]) == ("campaign", "held", "failed")
    assert (found.subject, found.sender, found.recipients) == ("Spring", "Shop <post@shop.example>", None)
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert found.fingerprint is None
    judged(profile="campaign")
    (again,) = open_store("history.sqlite").sends()
    assert again.verdict == "clear"
    assert again.digest != found.digest


def test_waivers_count_for_the_verdict_that_is_recorded() -> None:
    waiver = {"rule": "copy/placeholder", "why": "the designer wants it", "until": "2999-01-01"}
    judged({**MAIL, "text": "Lorem ipsum dolor sit amet"}, profile="campaign", waive=[waiver])
    assert open_store("history.sqlite").sends()[0].verdict == "clear"


@pytest.mark.parametrize(
    ("name", "profile"), [("mail.html", None), ("mail.html", "campaign"), ("campaign.toml", "template")]
)
def test_templates_are_not_recorded(own_folder: Path, name: str, profile: str | None) -> None:
    (own_folder / "mail.html").write_text("<p>Hello</p>")
    (own_folder / "campaign.toml").write_text('id = "a"\nsubject = "b"\ntext = "c"\n')
    judged(name, profile=profile)
    assert not (own_folder / "history.sqlite").exists()


def test_nothing_is_recorded_where_no_store_is_named(own_folder: Path) -> None:
    mailcheck.check(MAIL, settings={"profile": "campaign", "select": ["copy"]})
    assert [path.name for path in own_folder.iterdir()] == [".git"]


AUDIENCE = ModuleType("audience_of_tests")
exec(
    '''
from mailcheck import bad, good, rule
from mailcheck.audience.people import Audience

@rule()
@good(text="x")
@bad(text="y", at="y")
def counted(audience: Audience):
    """Asks for the audience."""
    return
    yield
''',
    AUDIENCE.__dict__,
)


def judged_with_people(folder: Path) -> CampaignReport:
    rows = [f"klara{number}@gmail.com" for number in range(700)] + ["a@klaras-own.example"] * 2
    (folder / "people.csv").write_text("email\n" + "\n".join(rows))
    made: Checker = checker({"profile": "campaign", "history": "history.sqlite"}, modules=[AUDIENCE])
    return made.judge(dataclasses.replace(campaign(), audience={"source": "people.csv"}), record=True)


def test_the_figures_of_the_audience_are_recorded(own_folder: Path) -> None:
    judged_with_people(own_folder)
    store = open_store("history.sqlite")
    (found,) = store.sends()
    assert (found.recipients, found.distinct, found.counts["duplicates"]) == (702, 701, 1)
    assert found.domains == {"gmail.com": 700}, "a domain that few people have tells who they are"
    assert found.fingerprint is not None
    hashes = [int(hashlib.md5(f"{store.salt}klara{n}@gmail.com".encode()).hexdigest()[:12], 16) for n in range(700)]
    assert found.fingerprint.overlap(Fingerprint.of(hashes, 700, salt=store.salt)).count == 700


def test_what_cannot_be_recorded_makes_the_verdict_unsure(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_self: Audience, _salt: str) -> NoReturn:
        raise RuntimeError("the list of klara@gmail.com is gone")

    monkeypatch.setattr(Audience, "figures", fails)
    report = judged_with_people(own_folder)
    (finding,) = [one for one in report.findings if one.rule == "engine/history"]
    assert (report.verdict, finding.blocking, bool(finding.fingerprint)) == ("unsure", True, True)
    assert "This judgement was not recorded: RuntimeError: the list of k…a@g….com is gone" in finding.message
    assert not open_store("history.sqlite").sends()


def test_a_list_that_gives_no_figures_is_told_in_a_sentence(own_folder: Path) -> None:
    (own_folder / "people.csv").write_text("email,Last open\nklara@gmail.com,05/06/2026\nkim@gmail.com,07/06/2026\n")
    made: Checker = checker({"profile": "campaign", "history": "history.sqlite"}, modules=[AUDIENCE])
    report = made.judge(dataclasses.replace(campaign(), audience={"source": "people.csv"}), record=True)
    (finding,) = [one for one in report.findings if one.rule == "engine/history"]
    assert report.verdict == "unsure"
    assert finding.message == (
        "This judgement was not recorded: people.csv: the column 'Last open': the day or the month may come first in "
        "its 2 dates; write them like 2026-12-31."
    )


def test_a_store_that_cannot_be_opened_makes_the_verdict_unsure(own_folder: Path) -> None:
    (own_folder / "history.sqlite").write_text("this is a note to myself, not a database" * 9)
    report = judged(profile="campaign")
    assert report.verdict == "unsure"
    (finding,) = report.findings
    said = f"the history {own_folder / 'history.sqlite'} cannot be used: the file is no SQLite database; check the path"
    assert finding.message.startswith(f"This judgement was not recorded: {said}")
    gate = judged(profile="send")
    assert any(one.message.startswith(f"The send profile needs history: {said}") for one in gate.findings)


def test_an_id_that_is_used_again_is_told() -> None:
    judged(profile="campaign")
    open_store("history.sqlite").sent([Send(id="spring", at=NOW, recipients=41)])
    assert not judged(profile="campaign").findings
    report = judged({**MAIL, "text": "Another mail of the same id"}, profile="campaign")
    (finding,) = report.findings
    assert (finding.rule, finding.severity, report.verdict) == ("engine/history", "warning", "clear")
    assert "the id 'spring' was sent on 2027-04-01 with other content" in finding.message
    assert [(one.id, one.recipients) for one in open_store("history.sqlite").sends()] == [("spring", 41)]


def test_the_gate_needs_a_history() -> None:
    report = mailcheck.check(MAIL, settings={"profile": "send", "select": ["copy"], "history": "history.sqlite"})
    missing = [one.message for one in report.findings if one.rule == "engine/missing_input"]
    assert any("needs history" in one and "there is no history" in one for one in missing)


def test_places_are_meant_from_where_they_are_written(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_folder / "mailcheck.toml").write_text('history = "past/sends.sqlite"\nselect = ["copy"]\n')
    (own_folder / "past").mkdir()
    inner = own_folder / "mails" / "spring"
    inner.mkdir(parents=True)
    (inner / "campaign.toml").write_text('id = "a"\nsubject = "b"\nfrom = "c@d.example"\ntext = "e"\n')
    monkeypatch.chdir(inner)
    assert command("check", ".").exit_code == 0
    assert [one.id for one in open_store(str(own_folder / "past/sends.sqlite")).sends()] == ["a"]
    assert command("check", ".", "--history", "by-hand.sqlite").exit_code == 0
    assert [one.id for one in open_store(str(inner / "by-hand.sqlite")).sends()] == ["a"]


def test_the_command_line_records_in_many_processes(own_folder: Path) -> None:
    for number in range(12):
        folder = own_folder / f"mail{number:02}"
        folder.mkdir()
        (folder / "campaign.toml").write_text(f'id = "n{number}"\nsubject = "b"\nfrom = "c@d.example"\ntext = "e"\n')
    result = command("check", ".", "--history", "history.sqlite", "--select", "copy", "--jobs", "3")
    assert result.exit_code == 0, result.output
    assert {one.id for one in open_store("history.sqlite").sends()} == {f"n{number}" for number in range(12)}


def test_fix_and_baseline_record_nothing(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    (own_folder / "mailcheck.toml").write_text('history = "history.sqlite"\nselect = ["copy"]\n')
    (own_folder / "campaign.toml").write_text('id = "a"\nsubject = "b"\nfrom = "c@d.example"\ntext = "e"\n')
    for name in ("fix", "baseline"):
        command(name, ".")
    assert not (own_folder / "history.sqlite").exists()


# the commands


def test_the_commands_of_a_team_that_begins(own_folder: Path) -> None:
    (own_folder / "mailcheck.toml").write_text('history = "history.sqlite"\nselect = ["copy"]\n')
    (own_folder / "old.csv").write_text(
        CSV.replace("2027", "2021").replace("\n", ",x\n").replace("recipients,x", "recipients,opens")
    )
    dry = command("history", "import", "old.csv", "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "")
    assert "3 sends in old.csv: 3 would be new, 0 known already" in dry.stderr
    assert "not used are the columns opens" in dry.stderr
    assert not (own_folder / "history.sqlite").exists()
    assert "3 are new" in command("history", "import", "old.csv").stderr
    assert "0 are new, 3 known" in command("history", "import", "old.csv").stderr
    assert "0 would be new, 3 known" in command("history", "import", "old.csv", "--dry-run").stderr

    (own_folder / "campaign.toml").write_text(
        'id = "w3"\nfamily = "weekly"\nsubject = "For klara@gmail.com"\nfrom = "Shop <post@shop.example>"\ntext = "e"\n'
    )
    assert command("check", ".").exit_code == 0
    listed = command("history", "list", "--family", "weekly").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["ID", "w1", "w2", "w3"]
    assert "judged, clear" in listed[3]
    assert "k…a@g….com" in listed[3]

    told = command("history", "record", "w3", "--recipients", "112", "--at", "2021-03-15T09:30+01:00")
    assert "w3 is recorded as sent to 112 recipients" in told.stderr
    shown = json.loads(command("history", "show", "w3", "--json").stdout)
    assert (shown["status"], shown["recipients"], shown["at"]) == ("sent", 112, "2021-03-15T08:30:00+00:00")
    assert shown["sender"] == "Shop <p…t@s….example>"
    assert command("history", "record", "w3", "--recipients", "111").exit_code == 0
    again = json.loads(command("history", "list", "--json", "--since", "2021-03-10").stdout)
    assert [(one["id"], one["recipients"], one["at"]) for one in again] == [("w3", 111, "2021-03-15T08:30:00+00:00")]
    assert "recipients  111" in " ".join(command("history", "show", "w3").stdout.split("\n")).replace("   ", "  ")

    assert "2 sends forgotten" in command("history", "forget", "w1", "--before", "2021-03-05").stderr
    assert "1 send forgotten" in command("history", "forget", "w3").stderr
    assert [one.id for one in open_store("history.sqlite").sends()] == ["w2"]


H = ("--history", "h.sqlite")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["list"], "no history is named; give --history FILE, or write"),
        (["list", "--history", "none.sqlite"], "there is no history"),
        (["list", "--history", ""], "names nothing"),
        (["show", "week9", *H], "the history holds no send 'week9'; did you mean 'week1'?"),
        (["forget", "week9", *H], "the history holds no send 'week9'"),
        (["forget", *H], "name the sends to forget, or give --before DATE"),
        (["forget", "--before", "soon", *H], "--before 'soon' is no day; write it as 2027-03-31"),
        (["record", "week9", "--recipients", "5", *H], "was never judged here; did you mean 'week1'?"),
        (["record", "week1", "--recipients", "-5", *H], "-5 is not in the range x>=0"),
        (["record", "week1", *H], "missing option '--recipients'"),
        (["record", "week1", "--recipients", "5", "--at", "2999-01-01", *H], "is in the future"),
        (
            ["record", "week1", "--recipients", "5", "--kind", "marketin", *H],
            "did you mean 'marketing'",
        ),
        (["import", "none.csv", *H], "none.csv: there is no such file of past sends"),
        (["import", "bare.csv", *H], "does not say the families of its sends"),
        (
            ["import", "bare.csv", "--family", "x", "--column", "sent", *H],
            "--column 'sent': write it",
        ),
        (["import", "bad.csv", *H], "bad.csv:3: recipients is 'many'; write a whole number"),
        (["lst"], "no such command 'lst'"),
    ],
)
def test_slips_at_the_command_line(own_folder: Path, args: list[str], said: str) -> None:
    open_store("h.sqlite").sent([past("week1", 3)])
    (own_folder / "bare.csv").write_text("sent,recipients\n2021-03-01,5\n")
    (own_folder / "bad.csv").write_text("family,sent,recipients\na,2021-03-01,5\na,2021-03-02,many\n")
    result = command("history", *args)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert ids(open_store("h.sqlite").sends()) == ["week1"]


def test_a_damaged_fingerprint_is_said_and_can_be_forgotten(own_folder: Path) -> None:
    import sqlite3

    store = open_store("h.sqlite")
    store.judged(past("w1", 3, status="judged"), Fingerprint.of([1, 2], 2, salt=store.salt))
    with sqlite3.connect(own_folder / "h.sqlite") as raw:
        raw.execute("UPDATE mailcheck_fingerprints SET sketch = x'6d660102'")
    raw.close()
    result = command("history", "show", "w1", "--history", "h.sqlite")
    assert result.exit_code == 3
    assert "a fingerprint of an audience is damaged" in result.stderr
    assert command("history", "forget", "w1", "--history", "h.sqlite").exit_code == 0


def test_without_sqlalchemy_the_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in [name for name in sys.modules if name.startswith(("sqlalchemy", "mailcheck.history.store"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("mailcheck.history.store", raising=False)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    for name in ("mailcheck.history.databases", "mailcheck.history.schema", "mailcheck.history.rows"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(HistoryError, match=r"run pip install 'mailcheck-lint\[audience\]'"):
        open_store("history.sqlite")


def test_figures_need_nothing_but_counts() -> None:
    assert Figures(recipients=1, distinct=1).fingerprint is None
