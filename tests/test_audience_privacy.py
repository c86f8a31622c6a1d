"""Nothing but counts and masked examples leaves: every output of full runs is searched for everybody on the lists."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailcheck
from mailcheck.audience.tallies import masked
from mailcheck.reporters import REPORTERS
from support import mailcheck as command

PEOPLE = [f"klaverblad{n}zuring@huisvlijt{n % 7}.com" for n in range(300)]
GONE = [f"weggegaan{n}persoon@huisvlijt{n % 7}.com" for n in range(60)]
ODD = [
    "Kruisbes Braam <kruisbesbraam77@huisvlijt1.com>",
    "heermoesvarkensgras",
    "duizendblad88@huisvlijt2,com",
    "brandnetel99@@huisvlijt3.com",
    "zevenblad55@huisvlijt4.com;hondsdraf66@huisvlijt5.com",
    "smeerwortel44@gmial.com",
    "speenkruid33@yopmail.com",
    "vogelmuur22@huisvlijt6.com en een notitie over mevrouw pinksterbloem",
    "\u200bdovenetel11@huisvlijt6.com",
    "knoopkruid@k\u00f6nigskerze.example",
]
SECRETS = [one.partition("@")[0] for one in (*PEOPLE, *GONE)] + [
    *("kruisbesbraam77", "heermoesvarkensgras", "duizendblad88", "brandnetel99", "zevenblad55", "hondsdraf66"),
    *("smeerwortel44", "speenkruid33", "vogelmuur22", "pinksterbloem", "dovenetel11", "knoopkruid", "ereprijsje"),
]


def manifest(folder: Path) -> Path:
    rows = [[one, "Ann" if n % 5 else "ereprijsje null", "NL"] for n, one in enumerate((*PEOPLE, *ODD, *PEOPLE[:9]))]
    for row in rows[::9]:
        row[1] = "<b>ereprijsje</b>"
    for row in rows[1::9]:
        row[1] = ""
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["email", "FNAME", "country"], *rows])
    (folder / "optout.csv").write_text("email,date\n" + "".join(f"{one},2024-01-31\n" for one in (*GONE, *PEOPLE[:40])))
    path = folder / "campaign.toml"
    path.write_text(
        """
id = "beans"
family = "weekly"
locale = "de"
dialect = "mailchimp"
subject = "*|FNAME|*, the beans"
from = "Fernhill <post@fernhill.com>"
html = "<p>Hi *|FNAME|*</p>"
[audience]
source = "people.csv"
rows = 12
seeds = ["desk@fernhill.com"]
markets = ["DE"]
[[audience.only]]
who = "people in Germany"
column = "country"
values = ["DE"]
[[audience.only]]
who = "members"
segment = "club"
[suppression]
source = "optout.csv"
rows = 100000
newest = 2026-01-01
[segments.club]
source = "optout.csv"
[reconciliation]
targeted = 9999
[history]
store = "history.sqlite"
sends = [{ sent = 2026-01-01, recipients = 41000 }, { sent = 2026-02-01, recipients = 41000 },
  { sent = 2026-03-01, recipients = 41000 }, { sent = 2026-04-01, recipients = 41000 }]
""",
        encoding="utf-8",
    )
    return path


def leaks(text: str | bytes) -> list[str]:
    plain = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    return [one for one in SECRETS if one.encode() in plain.lower()]


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return manifest(tmp_path)


def outputs(campaign: Path) -> Iterator[tuple[str, str | bytes]]:
    """Everything that runs over this campaign bring out, by what it is."""
    for name in sorted(REPORTERS):
        target = campaign.parent / f"out.{name}"
        for extra in ((), ("--verbose",), ("--quiet",)):
            done = command("check", campaign, "--format", f"{name}={target}", "--color", "never", *extra)
            yield f"{name} {extra}", done.output
            yield f"{name} stderr", done.stderr
            yield f"{name} file", target.read_bytes()
    yield "fix", command("fix", campaign).output


def test_no_output_of_a_full_run_names_anybody(campaign: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found = {name: seen for name, text in outputs(campaign) if (seen := leaks(text))}
    assert found == {}
    assert leaks(caplog.text) == []
    store = [file for file in campaign.parent.iterdir() if file.name.startswith("history.sqlite")]
    assert store
    assert [leaks(file.read_bytes()) for file in store] == [[]] * len(store)


def test_the_run_that_is_searched_has_much_to_say(campaign: Path) -> None:
    report = mailcheck.check(campaign, settings={})
    told = {one.rule for one in report.findings if one.rule.startswith(("audience/", "merge_tags/coverage"))}
    assert len(told) >= 12, sorted(told)
    assert "…" in report.model_dump_json()
    assert leaks(report.model_dump_json()) == []
    assert leaks(repr(report)) == []
    with pytest.raises(mailcheck.NotClear) as refused:
        report.raise_unless_clear()
    assert leaks(str(refused.value)) == []


def test_show_addresses_is_for_the_message_and_not_for_the_lists(campaign: Path) -> None:
    assert leaks(mailcheck.check(campaign, settings={"show_addresses": True}).model_dump_json()) == []


BROKEN = {
    "cut off": lambda data: data[: len(data) // 2 - 3] + b'\n"' + data[len(data) // 2 :],
    "other encoding": lambda data: data + "knoopkruid@blåbær.com,x,y\n".encode("latin-1"),
    "a row too wide": lambda data: data + b"knoopkruid@huisvlijt1.com,a,b,c,d,e\n",
    "a NUL": lambda data: data.replace(b"Ann", b"A\0n", 3),
    "no header": lambda data: data.partition(b"\n")[2],
    "twice a column": lambda data: data.replace(b"FNAME", b"email", 1),
}


@pytest.mark.parametrize("how", BROKEN)
def test_no_refusal_of_a_broken_list_names_anybody(campaign: Path, how: str) -> None:
    for name in ("people.csv", "optout.csv"):
        file = campaign.parent / name
        whole = file.read_bytes()
        file.write_bytes(BROKEN[how](whole))
        done = command("check", campaign, "--color", "never", "--verbose")
        assert leaks(done.output) == []
        assert "Traceback" not in done.output
        file.write_bytes(whole)


@given(st.text(min_size=3, max_size=60))
def test_what_stands_in_the_column_is_never_shown_whole(text: str) -> None:
    shown = masked(text)
    assert text not in shown
    local = text.rpartition("@")[0]
    assert len(local) < 3 or local not in shown


@given(st.emails())
def test_of_an_address_two_letters_and_the_ending_are_shown(address: str) -> None:
    local, _, domain = address.rpartition("@")
    assert len(masked(address)) <= len("a…z@h….") + len(domain.rpartition(".")[2])
    assert len(local) < 4 or local[:2] not in masked(address).partition("@")[0]
