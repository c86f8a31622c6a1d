"""`mailcheck audience`: the profile of a list, the export of people, progress, and its end by Ctrl-C."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from mailcheck.atomic import private
from mailcheck.audience.exporting import COLUMNS, SORTS, guarded, write
from mailcheck.audience.facts import open_audience
from mailcheck.audience.opening import Lists
from mailcheck.audience.tables import AudienceTable
from mailcheck.cli.entry import run
from mailcheck.history.past import open_store
from mailcheck.history.sends import Send

LIST = """email;first_name;country
Klara@larkmail.com;Klara;NL
klara@larkmail.com;KLARA B;NL
kla.ra@gmail.com;null;BE
klara@gmail.com;{{name}};BE
info@larkmail.com;;NL
no address;Piet;NL
;Kees;DE
pim@gmial.com;Pim;DE
-cmd@larkmail.com;Ed;DE
kari@mailinator.com;Kari;NO
"""
OPTED_OUT = "E-mail,Date\nklara@larkmail.com,2027-03-01\nother@larkmail.com,2027-02-01\n"

Answer = tuple[int, str, str]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Runs the command in a folder with a list and an opt-out list."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(LIST)
    (tmp_path / "optout.csv").write_text(OPTED_OUT)

    def asks(*arguments: str) -> Answer:
        code = run(["audience", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asks


def profile(ask: Callable[..., Answer], *arguments: str) -> dict[str, object]:
    code, out, err = ask(*arguments, "--format", "json")
    assert (code, err) == (0, "")
    told: dict[str, object] = json.loads(out)
    return told


def test_the_profile_for_programs(ask: Callable[..., Answer]) -> None:
    told = profile(ask, "people.csv", "--suppression", "optout.csv")
    assert (told["schema"], told["list"], told["rows"], told["recipients"], told["blank"]) == (
        1,
        "people.csv",
        10,
        8,
        1,
    )
    assert told["duplicates"] == {"rows": 1, "addresses": 1, "one_mailbox": 1}
    assert told["invalid"] == {"count": 1, "by_fault": {"no_at": {"count": 1, "examples": ["n…"]}}}
    special = told["special"]
    assert isinstance(special, dict)
    assert {name: one["count"] for name, one in special.items()} == {
        "role": 1,
        "unattended": 0,
        "test": 0,
        "misspelt": 1,
        "disposable": 1,
    }
    assert told["country"] == {"nl": 4, "de": 3, "be": 2, "no": 1}
    assert told["domains"] == {
        "count": 4,
        "largest": {"larkmail.com": 4, "gmail.com": 2, "gmial.com": 1, "mailinator.com": 1},
    }
    assert told["fields"] == {
        "first_name": {"fine": 6, "empty": 1, "null_like": 1, "markup": 1, "capitals": 1},
        "country": {"fine": 10, "empty": 0, "null_like": 0, "markup": 0, "capitals": 0},
    }
    assert told["suppression"] == [
        {
            "name": "optout.csv",
            "entries": 2,
            "newest": "2027-03-01",
            "useless": {"count": 0, "examples": []},
            "moved": "",
            "people": {"count": 1, "examples": ["k…a@l….com"]},
        }
    ]
    assert told["past"] is None


def test_the_profile_for_people_is_plain_text_without_addresses(ask: Callable[..., Answer]) -> None:
    code, out, err = ask("people.csv", "--suppression", "optout.csv")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert out.startswith(
        "people.csv\n  rows                 10  100.0 %\n  recipients            8   80.0 %  different"
    )
    for line in ("have no @", "gmail.com", "optout.csv", "of 2 entries; the newest of 2027-03-01", "1 in capitals"):
        assert line in out
    for address in ("klara", "Klara", "pim@", "kari@", "info@larkmail"):
        assert address not in out


def test_addresses_are_shown_when_asked(ask: Callable[..., Answer]) -> None:
    _, out, _ = ask("people.csv", "--suppression", "optout.csv", "--show-addresses")
    assert "klara@larkmail.com" in out
    assert "pim@gmial.com" in out
    told = profile(ask, "people.csv", "--show-addresses")
    assert told["shown"] == {
        "role": ["info@larkmail.com"],
        "misspelt": ["pim@gmial.com"],
        "disposable": ["kari@mailinator.com"],
        "invalid": ["no address"],
        "duplicate": ["klara@larkmail.com"],
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("no.csv",), "no.csv: there is no such file"),
        (("",), "PATH is given, but names nothing"),
        (("people.csv", "--memory", "much"), "no amount of memory"),
        (("people.csv", "--delimiter", "|"), "not parted by '|', but by ';'"),
        (("people.csv", "--delimiter", ""), "--delimiter is given, but names nothing"),
        (("people.csv", "--encoding", "klingon"), "'klingon' is not read"),
        (("people.csv", "--column", "adress=email"), "did you mean 'address'"),
        (("people.csv", "--column", "address=mail"), "); did you mean 'email'"),
        (("people.csv", "--column", "email"), "write it as --column address='Contact'"),
        (("people.csv", "--column", "address=first_name"), "--column address=NAME"),
        (("people.csv", "--table", "t"), "table and query are for databases"),
        (("people.csv", "--suppression", "no.csv"), "no.csv: there is no such file"),
        (("people.csv", "--of", "invalid"), "--of needs --export"),
        (("people.csv", "--export", "x.csv"), "--export needs --of"),
        (("people.csv", "--export", "x.csv", "--of", "invalud"), "did you mean 'invalid'"),
        (("people.csv", "--export", "x.xlsx", "--of", "blank"), "must end in .csv or .parquet"),
        (("people.csv", "--export", "no/x.csv", "--of", "blank"), "its folder does not exist"),
        (("people.csv", "--export", "people.csv", "--of", "blank", "--force"), "is one of the lists themselves"),
        (
            ("people.csv", "--suppression", "optout.csv", "--export", "optout.csv", "--of", "blank", "--force"),
            "lists themselves",
        ),
        (
            ("people.csv", "--suppression", "o*.csv", "--export", "optout.csv", "--of", "blank", "--force"),
            "lists themselves",
        ),
        (("people.csv", "--export", "optout.csv", "--of", "blank"), "is there already; --force replaces it"),
        (("people.csv", "--export", "x.csv", "--of", "suppressed"), "needs --suppression"),
        (("people.csv", "--history", "h.sqlite"), "--history needs --family"),
        (("people.csv", "--family", "sale"), "--family needs --history"),
        (("people.csv", "--history", "h.sqlite", "--family", "sale"), "h.sqlite"),
        (("people.csv", "--format", "jsno"), "there is no 'jsno'"),
        (("duckdb:no.duckdb", "--table", "people"), "there is no such database"),
        (("mysql://localhost/x",), "no kind of database"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(ask: Callable[..., Answer], arguments: Sequence[str], told: str) -> None:
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert err.startswith("mailcheck: ")
    assert err.count("\n") == 1
    assert {one.name for one in Path().iterdir()} == {"people.csv", "optout.csv"}


def test_a_table_and_a_query_in_a_database(ask: Callable[..., Answer]) -> None:
    with duckdb.connect("people.duckdb") as made:
        made.execute(
            "CREATE TABLE members AS SELECT 'a' || i || '@larkmail.com' AS mail, i % 2 AS odd FROM range(10) t(i)"
        )
    assert profile(ask, "duckdb:people.duckdb", "--table", "members")["rows"] == 10
    assert profile(ask, "duckdb:people.duckdb", "--query", "SELECT mail FROM members WHERE odd = 1")["rows"] == 5


def test_settings_name_the_other_lists(ask: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "mailcheck.toml").write_text('suppression = ["optout.csv"]\nmemory = "300MB"\n')
    told = profile(ask, "people.csv")["suppression"]
    assert isinstance(told, list)
    assert [one["people"]["count"] for one in told] == [1]


def test_growth_against_earlier_sends(ask: Callable[..., Answer], tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "h.sqlite"))
    lists = Lists(tmp_path)
    (tmp_path / "before.csv").write_text("email\nklara@larkmail.com\nkari@mailinator.com\n")
    before = open_audience(AudienceTable.model_validate({"source": "before.csv"}), lists)
    now = datetime.now(UTC)
    for week in range(6, 0, -1):
        at = now - timedelta(weeks=week)
        send = Send(id=f"w{week}", family="sale", status="sent", at=at, recipients=4, distinct=2)
        store.judged(send, before.fingerprint(store.salt))
        store.sent([send])
    lists.close()
    past = profile(ask, "people.csv", "--history", "h.sqlite", "--family", "sale")["past"]
    assert isinstance(past, dict)
    assert (past["of"], past["recipients"], past["last"]) == (6, 8, 2.0)
    assert past["new"] == {"count": 6, "low": 6, "high": 6, "of": 8}
    assert past["usual"][0] <= 4 <= past["usual"][1] < 8
    code, out, _ = ask("people.csv", "--history", "h.sqlite", "--family", "sale")
    assert code == 0
    assert "2.00 times the last send" in out
    assert "about 6 were in none of the sends (75%)" in out
    code, _, err = ask("people.csv", "--history", "h.sqlite", "--family", "sal")
    assert code == 2
    assert "did you mean 'sale'" in err


def lines(path: str) -> list[tuple[str, ...]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


def test_people_are_exported(ask: Callable[..., Answer]) -> None:
    code, out, err = ask("people.csv", "--suppression", "optout.csv", "--export", "x.csv", "--of", ",".join(SORTS))
    assert (code, out) == (0, "")
    assert "7 lines written to x.csv" in err
    head, *found = lines("x.csv")
    assert head == COLUMNS
    assert sorted(found) == sorted(
        [
            ("no address", "has no @", ""),
            ("klara@larkmail.com", "stands in 2 rows", ""),
            ("", "has no address", '{"first_name": "Kees", "country": "DE"}'),
            ("klara@larkmail.com", "is on optout.csv", ""),
            ("info@larkmail.com", "is the mailbox of a post, not of a person", ""),
            ("kari@mailinator.com", "mailinator.com gives mailboxes that are thrown away", ""),
            ("pim@gmial.com", "gmail.com may be meant", ""),
        ]
    )
    assert stat.S_IMODE(Path("x.csv").stat().st_mode) == 0o600
    assert ask("people.csv", "--export", "x.csv", "--of", "invalid", "--force")[0] == 0
    assert lines("x.csv")[1:] == [("no address", "has no @", "")]
    assert not [one for one in Path().iterdir() if one.name.endswith(".part")]


def test_formulas_are_guarded(ask: Callable[..., Answer]) -> None:
    nasty = ["=cmd|' /C calc'!A0\"@x.com", "+1@x..com", "-1@x..com", "@SUM(1)", '"a\nb"@ x.com', "a,b@ x.com"]
    with Path("nasty.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["email"], ["a@larkmail.com"], *([one] for one in nasty)])
    assert ask("nasty.csv", "--export", "x.csv", "--of", "invalid")[0] == 0
    found = {row[0] for row in lines("x.csv")[1:]}
    assert found == {guarded(one.lower().replace("\n", " ")) for one in nasty}
    assert sum(one.startswith("'") for one in found) == 4
    for cell in ("=1", "+1", "-1", "@x", "\tx", "\rx"):
        assert guarded(cell) == f"'{cell}"


def test_parquet_holds_what_it_is_given(ask: Callable[..., Answer]) -> None:
    code, _, _ = ask("people.csv", "--export", "x.parquet", "--of", "invalid", "--of", "misspelt")
    assert code == 0
    found = duckdb.execute("SELECT address, reason FROM 'x.parquet' ORDER BY address").fetchall()
    assert found == [("no address", "has no @"), ("pim@gmial.com", "gmail.com may be meant")]
    assert stat.S_IMODE(Path("x.parquet").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_an_export_that_fails_leaves_nothing(tmp_path: Path, name: str) -> None:
    def breaking() -> object:
        yield [("a", "b", "c")]
        raise KeyboardInterrupt

    (tmp_path / name).write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write(breaking(), tmp_path / name, force=True)  # type: ignore[arg-type]  # a generator is enough
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [(name, "old")]
    with pytest.raises(FileExistsError):
        write([[("a", "b", "c")]], tmp_path / name)
    assert (tmp_path / name).read_text() == "old"


def test_nobody_else_can_read_a_private_file_at_any_time(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with private(tmp_path / "x") as temporary:
            assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
            temporary.write_text("x")
    finally:
        os.umask(before)
    assert [(one.name, stat.S_IMODE(one.stat().st_mode)) for one in tmp_path.iterdir()] == [("x", 0o600)]


MANY = "SELECT 'p' || i || '@mail' || i % 5000 || '.com' AS email, md5(i::VARCHAR) AS name, i AS n FROM range({}) t(i)"


ROWS = 3_000_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list that takes some seconds to profile."""
    path = tmp_path_factory.mktemp("large") / "people.csv"
    duckdb.execute(f"COPY ({MANY.format(ROWS)}) TO '{path}' (HEADER)")
    return path


def command(large: Path, temporary: Path, *more: str) -> tuple[list[str], dict[str, str]]:
    # The background jobs of a shell ignore Ctrl-C, and so would their children.
    code = "from mailcheck.cli import main; import signal as s; s.signal(s.SIGINT, s.default_int_handler); main()"
    arguments = [sys.executable, "-c", code, "audience", str(large), *more]
    return arguments, {**os.environ, "TMPDIR": str(temporary), "TERM": "xterm", "COLUMNS": "100"}


class Terminal:
    """A terminal that somebody looks at: what is drawn is read all the time, or the command would wait for it."""

    def __init__(self) -> None:
        self._ours, self.theirs = pty.openpty()
        self._parts: list[bytes] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while part := os.read(self._ours, 65_536):
                self._parts.append(part)

    def said(self) -> str:
        os.close(self.theirs)
        self._thread.join(10)
        os.close(self._ours)
        return b"".join(self._parts).decode(errors="replace")


@pytest.mark.parametrize("terminal", [False, True])
def test_ctrl_c_ends_it_at_once(large: Path, tmp_path: Path, terminal: bool) -> None:
    arguments, environment = command(large, tmp_path, "--export", str(tmp_path / "x.csv"), "--of", "invalid,duplicate")
    seen = Terminal()
    stderr = seen.theirs if terminal else subprocess.DEVNULL
    process = subprocess.Popen(arguments, env=environment, cwd=tmp_path, stderr=stderr)
    try:
        until = time.monotonic() + 60
        # It spills to its own folder from the moment on in which the engine is open.
        while not list(tmp_path.iterdir()) and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    finally:
        process.kill()
        process.wait()
    assert ("interrupted" in seen.said()) == terminal
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_sees_the_progress(large: Path, tmp_path: Path) -> None:
    arguments, environment = command(large, tmp_path, "--format", "json")
    seen = Terminal()
    done = subprocess.run(
        arguments, env=environment, cwd=tmp_path, stderr=seen.theirs, stdout=subprocess.PIPE, timeout=120, check=False
    )
    said = seen.said()
    assert done.returncode == 0
    assert json.loads(done.stdout)["rows"] == ROWS
    assert "rows, " in said
    assert "/s" in said
    assert "people.csv" in said


def test_without_a_terminal_nothing_is_drawn(large: Path, tmp_path: Path) -> None:
    arguments, environment = command(large, tmp_path, "--export", str(tmp_path / "x.csv"), "--of", "invalid")
    done = subprocess.run(
        arguments, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.count("\n") == 1
