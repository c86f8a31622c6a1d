"""The store of a history: SQLite and PostgreSQL alike, whole at every moment, and without anybody's address."""

from __future__ import annotations

import random
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailcheck.fingerprints import SPACE, Fingerprint, FingerprintError, K
from mailcheck.history import schema
from mailcheck.history.databases import engine_of
from mailcheck.history.past import open_store
from mailcheck.history.sends import HistoryError, NoHistoryError, Send, digest_of
from mailcheck.history.store import Store
from mailcheck.reading import from_mapping

if TYPE_CHECKING:
    from postgres import Server

pytest_plugins = ["postgres"]

DAY = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)
KEY = "a key of twenty-odd characters"


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILCHECK_HISTORY_KEY", raising=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "history.sqlite")
    server: Server = request.getfixturevalue("postgresql")
    return server.database()


def send(name: str = "spring", **given: object) -> Send:
    told = {"family": "weekly", "kind": "marketing", "at": DAY, "judged": DAY, "recipients": 41_000, "digest": "d1"}
    return Send(id=name, **{**told, **given})  # type: ignore[arg-type]  # the cases are a table


def sketch(store: Store, people: int = 40, seed: int = 1) -> Fingerprint:
    hashes = random.Random(seed).sample(range(SPACE), min(people, K))
    return Fingerprint.of(hashes, people, salt=store.salt)


def known(store: Store) -> list[tuple[str, str, int | None]]:
    return [(one.id, one.status, one.recipients) for one in store.sends()]


# what is recorded


def test_everything_of_a_send_comes_back(where: str) -> None:
    whole = send(
        name="Frühling \N{SEEDLING} 'quoted' \\ %s :name",
        subject="Ends tonight, klara.jansen@gmail.com!\0",
        sender="Fernhill <post@fernhill.example>",
        sent=None,
        distinct=40_912,
        domains={"gmail.com": 30_000, "web.de": 9_000},
        countries={"DE": 40_000},
        sources={"shop": 12},
        locales={"de-DE": 41_000},
        counts={"suppressed": 0, "duplicates": 88},
        profile="send",
        verdict="clear",
        outcomes={"audience/suppressed": "passed"},
    )
    store = open_store(where)
    print_ = sketch(store, 9_000)
    assert store.judged(whole, print_) == "added"
    (found,) = open_store(where).sends()
    expected = {**vars_of(whole), "subject": "Ends tonight, k…n@g….com!"}
    assert vars_of(found) == expected
    assert found.fingerprint == print_


def vars_of(one: Send) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "load"}


def test_a_later_judgement_takes_the_place_of_an_earlier_one(where: str) -> None:
    store = open_store(where)
    store.judged(send(recipients=1, verdict="held"), sketch(store, seed=1))
    assert store.judged(send(recipients=2, verdict="clear", digest="d2"), sketch(store, seed=2)) == "replaced"
    (found,) = store.sends()
    assert (found.recipients, found.verdict, found.digest) == (2, "clear", "d2")
    assert found.fingerprint == sketch(store, seed=2)
    assert store.judged(send(recipients=3), None) == "replaced"
    assert store.sends()[0].fingerprint is None


def test_a_judgement_that_did_not_look_at_the_audience_leaves_its_figures(where: str) -> None:
    store = open_store(where)
    figures: dict[str, Any] = {"distinct": 40_912, "domains": {"gmail.com": 30_000}, "counts": {"duplicates": 88}}
    store.judged(send(verdict="clear", **figures), sketch(store))
    assert store.judged(send(recipients=None, verdict="clear", counts={"suppression": 4}), None) == "replaced"
    (found,) = store.sends()
    assert (found.recipients, found.distinct, found.domains) == (41_000, 40_912, {"gmail.com": 30_000})
    assert found.counts == {"duplicates": 88, "suppression": 4}
    assert found.fingerprint == sketch(store)


@pytest.mark.parametrize(
    ("ran", "verdict"),
    [({}, "held"), ({"b": "passed"}, "held"), ({"a": "passed", "b": "passed"}, "clear"), ({"a": "skipped"}, "clear")],
)
def test_whoever_runs_other_rules_does_not_clear_what_was_held(where: str, ran: dict[str, str], verdict: str) -> None:
    store = open_store(where)
    store.judged(send(profile="send", verdict="held", outcomes={"a": "failed", "b": "passed"}), None)
    for _ in range(2):
        store.judged(send(profile="send", verdict="clear", outcomes=ran), None)
        (found,) = store.sends()
        assert (found.verdict, found.counts_as_sent) == (verdict, verdict == "clear")


def test_what_was_judged_becomes_what_was_sent(where: str) -> None:
    store = open_store(where)
    store.judged(send(recipients=41_000, subject="Spring", verdict="clear"), sketch(store))
    later = DAY + timedelta(hours=3)
    assert store.sent([Send(id="spring", at=later, recipients=40_871)]) == ["amended"]
    (found,) = store.sends()
    assert (found.status, found.at, found.sent, found.judged) == ("sent", later, later, DAY)
    assert (found.recipients, found.subject, found.family, found.verdict) == (40_871, "Spring", "weekly", "clear")
    assert found.fingerprint == sketch(store)


def test_a_sent_campaign_is_amended_and_never_doubled(where: str) -> None:
    store = open_store(where)
    assert store.sent([send(at=DAY, sent=DAY, recipients=None, digest="", judged=None)]) == ["added"]
    assert store.judged(send(recipients=41_000, at=DAY + timedelta(1), digest="d1"), sketch(store)) == "amended"
    (found,) = store.sends()
    assert (found.status, found.at, found.recipients, found.digest) == ("sent", DAY, 41_000, "d1")
    assert found.fingerprint == sketch(store)
    assert store.judged(send(recipients=99, digest="d1"), sketch(store, seed=9)) == "kept"
    assert store.judged(send(recipients=99, digest="d2"), sketch(store, seed=9)) == "other"
    assert store.sends() == (found,)
    assert store.sends()[0].fingerprint == sketch(store)
    assert store.sent([Send(id="spring", at=DAY, recipients=40_990)]) == ["amended"]
    assert store.sent([Send(id="spring", at=DAY, recipients=40_990)]) == ["kept"]
    assert store.sent([Send(id="spring", at=DAY, recipients=1)], amend=False) == ["kept"]
    assert known(store) == [("spring", "sent", 40_990)]


def test_families_and_times(where: str) -> None:
    store = open_store(where)
    sends = [send(f"n{day}", at=DAY + timedelta(day), family="a" if day % 2 else "b") for day in (3, 1, 2, 4)]
    store.sent(sends)
    assert [one.id for one in store.sends()] == ["n1", "n2", "n3", "n4"]
    assert [one.id for one in store.sends(family="a")] == ["n1", "n3"]
    assert [one.id for one in store.sends(since=DAY + timedelta(2))] == ["n2", "n3", "n4"]
    assert [one.id for one in store.sends(before=DAY + timedelta(2))] == ["n1"]
    assert store.find("n3") == store.sends()[2]
    assert store.find("n5") is None


def test_no_address_is_kept_but_that_of_the_sender(where: str) -> None:
    store = open_store(where)
    address = "klara.jansen@gmail.com"
    counts = {"domains": {address: 900}}
    told = {"family": address, "subject": address, "sender": f"<{address}>", **counts}
    one = replace(send(f"for {address}", **told), name=address)
    store.judged(one, None)
    (found,) = store.sends()
    assert store.find(f"for {address}") == found
    assert store.sends(family=address) == (found,)
    kept = [name for name, value in vars_of(found).items() if address in str(value)]
    assert kept == ["sender"]


def test_a_refused_send_leaves_the_store_as_it_was(where: str) -> None:
    store = open_store(where)
    store.sent([send("first")])
    with pytest.raises(HistoryError):
        store.sent([send("second"), send("third", subject="x", kind=None)])
    assert known(store) == [("first", "sent", 41_000)]
    with pytest.raises(HistoryError, match="another salt"):
        store.judged(send("fourth"), Fingerprint.of([1], 1, salt="of somebody else"))
    assert known(store) == [("first", "sent", 41_000)]


def test_a_preview_touches_nothing(where: str) -> None:
    store = open_store(where)
    store.sent([send("sent")])
    store.judged(send("judged"), None)
    assert store.preview([send("new"), send("sent"), send("judged")]) == ["added", "kept", "amended"]
    assert len(store.sends()) == 2


# what is forgotten


def test_forgetting_takes_the_fingerprint_too(where: str) -> None:
    store = open_store(where)
    for number in range(4):
        store.judged(send(f"n{number}"), sketch(store, seed=number))
    assert store.forget(["n1", "n3", "never"]) == 2
    assert [one.id for one in store.sends()] == ["n0", "n2"]
    assert store.fingerprint("n1") is None
    assert store.sends()[1].fingerprint == sketch(store, seed=2)


def test_what_was_forgotten_is_in_no_file_any_more(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "history.sqlite"))
    data = sketch(store, 3000).to_bytes()
    store.judged(send("kept"), sketch(store, 3000, seed=8))
    store.judged(send("gone", subject="The Unforgettable Sale"), sketch(store, 3000))
    watcher = sqlite3.connect(tmp_path / "history.sqlite")  # holds the journal open, as another process would
    pieces = [data[at : at + 64] for at in range(100, len(data) - 64, 997)] + [b"Unforgettable"]
    assert all(any(piece in file.read_bytes() for file in tmp_path.iterdir()) for piece in pieces)
    store.forget(["gone"])
    assert not [file.name for file in tmp_path.iterdir() for piece in pieces if piece in file.read_bytes()]
    watcher.close()


def test_a_reader_that_keeps_the_journal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailcheck.history.databases.BUSY", 0)
    store = open_store(str(tmp_path / "history.sqlite"))
    store.judged(send("gone"), sketch(store))
    watcher = sqlite3.connect(tmp_path / "history.sqlite", isolation_level=None)
    watcher.execute("BEGIN")
    watcher.execute("SELECT * FROM mailcheck_sends").fetchall()
    with pytest.raises(HistoryError, match="another process still reads the journal; forget it again"):
        store.forget(["gone"])
    watcher.close()
    store.forget(["gone"])


# opening


def test_a_store_has_one_salt_for_ever(where: str) -> None:
    first, second = open_store(where), open_store(where)
    assert len(first.salt) >= 32
    assert first.salt == second.salt


def test_two_stores_have_two_salts(tmp_path: Path) -> None:
    stores = [open_store(str(tmp_path / name)) for name in ("a.sqlite", "b.sqlite")]
    prints = [sketch(store) for store in stores]
    with pytest.raises(FingerprintError, match="different salts"):
        prints[0].overlap(prints[1])


def test_the_salt_of_a_key_is_not_in_the_store(where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MAILCHECK_HISTORY_KEY", KEY)
    store = open_store(where)
    store.judged(send(), sketch(store))
    assert open_store(where).salt == store.salt
    with engine_of(where).connect() as connection:
        kept = schema.meta(connection)
    assert set(kept) == {"version", "salt_id"}
    assert not {KEY, store.salt} & set(kept.values())
    monkeypatch.setenv("MAILCHECK_HISTORY_KEY", KEY + "!")
    with pytest.raises(HistoryError, match="was begun with another MAILCHECK_HISTORY_KEY; set the key"):
        open_store(where)
    monkeypatch.delenv("MAILCHECK_HISTORY_KEY")
    with pytest.raises(HistoryError, match="was begun with a MAILCHECK_HISTORY_KEY; set the key"):
        open_store(where)


def test_a_key_must_be_there_from_the_beginning_and_long(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILCHECK_HISTORY_KEY", "short")
    with pytest.raises(HistoryError, match="fewer than 16 characters"):
        open_store(where)
    monkeypatch.delenv("MAILCHECK_HISTORY_KEY")
    open_store(where)
    monkeypatch.setenv("MAILCHECK_HISTORY_KEY", KEY)
    with pytest.raises(HistoryError, match="begun without MAILCHECK_HISTORY_KEY; unset it"):
        open_store(where)


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _scribble(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[200:] = b"\xaa" * (len(data) - 200)
    file.write_bytes(data)


def _foreign(file: Path) -> None:
    file.unlink()
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()


def _unversioned(file: Path) -> None:
    other = sqlite3.connect(file)
    other.execute("DELETE FROM mailcheck_meta WHERE name = 'version'")
    other.commit()
    other.close()


def _newer(file: Path) -> None:
    other = sqlite3.connect(file)
    other.execute("UPDATE mailcheck_meta SET value = '999' WHERE name = 'version'")
    other.commit()
    other.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_truncate, "damaged; bring it back from a copy"),
        (_scribble, "damaged; bring it back|no SQLite database"),
        (lambda file: file.write_text("not a database at all, but a note\n" * 9), "no SQLite database; check the path"),
        (_foreign, "database of another program"),
        (_unversioned, "does not say its version"),
        (_newer, "newer mailcheck .its schema is 999, this one knows 1.; update mailcheck"),
        (lambda file: (file.unlink(), file.mkdir()), "is a folder; name a file in it"),
    ],
)
def test_what_is_no_history_is_refused_in_one_sentence(
    tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    file = tmp_path / "history.sqlite"
    store = open_store(str(file))
    for number in range(40):
        store.judged(send(f"n{number}"), sketch(store, seed=number))
    spoil(file)
    with pytest.raises(HistoryError, match=said) as caught:
        open_store(str(file)).sends()
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere/history.sqlite", "the folder of the history .* does not exist"),
        ("mysql://root@localhost/x", "cannot be kept in mysql; give the path of a file, or postgresql://"),
        ("postgresql+psycopg://localhost/x", r"cannot be kept in postgresql\+psycopg; did you mean"),
        ("postgresql://u:secret@127.0.0.1:1/x", "the server does not answer"),
        ("postgresql://u:secret@127.0.0.1:1/x?sslmode=perhaps", "sslmode=perhaps, which is not known"),
        ("postgresql://u:secret@127.0.0.1:1/x?conect_timeout=1", "says conect_timeout, which is not known"),
        ("postgresql://u:secret@127.0.0.1:no/x", "cannot be used"),
    ],
)
def test_a_place_where_no_history_can_be(
    place: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HistoryError, match=said) as caught:
        open_store(place)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_history_is_not_made_by_those_who_only_read(where: str) -> None:
    for _ in range(2):
        with pytest.raises(NoHistoryError, match="there is no history"):
            open_store(where, create=False)
    open_store(where)
    assert open_store(where, create=False).sends() == ()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
def test_a_history_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    open_store(str(folder / "history.sqlite"))
    script = (
        "import os, sys\n"
        "from mailcheck.history.past import open_store\n"
        "from mailcheck.history.sends import HistoryError, Send\n"
        "from datetime import datetime, UTC\n"
        "one = Send(id='x', at=datetime.now(UTC))\n"
        "open_store(sys.argv[2]).sent([one])\n"  # so that everything is imported
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: open_store(sys.argv[1]).sent([one])\n"
        "except HistoryError as error: print(error)\n"
    )
    for path in (tmp_path, *takewhile(lambda path: path != Path(tempfile.gettempdir()), tmp_path.parents)):
        path.chmod(path.stat().st_mode | stat.S_IROTH | stat.S_IXOTH)
    (folder / "history.sqlite").chmod(0o444)
    folder.chmod(0o555)
    files = [str(folder / "history.sqlite"), str(tmp_path / "other.sqlite")]
    done = subprocess.run([sys.executable, "-c", script, *files], capture_output=True, text=True, check=True)
    folder.chmod(0o755)
    assert re.fullmatch(r"the history \S+ cannot be used: .*; check .*permissions.*\n", done.stdout), done.stdout


def test_the_password_may_come_from_the_environment(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "p@ss/word")
    url = engine_of(postgresql.database()).url
    assert url.password == "p@ss/word"
    assert engine_of("postgres://u:own@localhost/x").url.password == "own"


# versions


def test_a_store_of_every_earlier_version_is_brought_up_to_date(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last version here is made up, so that there is an earlier one whatever the number of real ones."""
    real = schema.MIGRATIONS
    made_up = ("ALTER TABLE mailcheck_sends ADD COLUMN mood TEXT", "UPDATE mailcheck_sends SET mood = family")
    for version in range(1, len(real) + 1):
        monkeypatch.setattr(schema, "MIGRATIONS", real[:version])
        store = open_store(where)
        store.sent([send()])
        monkeypatch.setattr(schema, "MIGRATIONS", (*real, made_up))
        again = open_store(where)
        assert again.salt == store.salt
        assert known(again) == [("spring", "sent", 41_000)]
        with again.engine.connect() as connection:
            assert schema.version_of(connection) == len(real) + 1
            assert connection.exec_driver_sql("SELECT mood FROM mailcheck_sends").scalar() == "weekly"
        monkeypatch.setattr(schema, "MIGRATIONS", real)
        with pytest.raises(HistoryError, match="newer mailcheck"):
            open_store(where)


def test_a_migration_that_fails_changes_nothing(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(where)
    store.sent([send()])
    broken = ("ALTER TABLE mailcheck_sends ADD COLUMN mood TEXT", "UPDATE mailcheck_sends SET moood = 'good'")
    real = schema.MIGRATIONS
    monkeypatch.setattr(schema, "MIGRATIONS", (*real, broken))
    with pytest.raises(HistoryError):
        open_store(where)
    monkeypatch.setattr(schema, "MIGRATIONS", real)
    assert known(open_store(where)) == [("spring", "sent", 41_000)]
    monkeypatch.setattr(schema, "MIGRATIONS", (*real, broken[:1]))
    assert known(open_store(where)) == [("spring", "sent", 41_000)]


# several at a time, and sudden ends

WRITER = textwrap.dedent("""
    import random, signal, sys
    from datetime import datetime, UTC
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    from mailcheck.fingerprints import SPACE, Fingerprint
    from mailcheck.history.past import open_store
    from mailcheck.history.sends import Send

    where, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    print("begun", flush=True)
    sys.stdin.readline()
    store = open_store(where)
    for number in range(count):
        hashes = random.sample(range(SPACE), 2000)
        send = Send(id=f"{name}{number}", family="f", at=datetime.now(UTC), counts={"hashes": 2000}, recipients=number)
        print("next", number, flush=True)
        store.judged(send, Fingerprint.of(hashes, 2000, salt=store.salt))
        store.judged(Send(id="shared", family="f", at=datetime.now(UTC), recipients=number), None)
        print("done", number, flush=True)
""")


@pytest.fixture
def writer() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(where: str, name: str, count: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, where, name, str(count)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_processes_may_write_at_the_same_time(where: str, writer: Callable[..., subprocess.Popen[str]]) -> None:
    """They even make the store at the same time."""
    processes = [writer(where, name, 7) for name in "abc"]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    store = open_store(where)
    assert {one.id for one in store.sends()} == {"shared", *(f"{name}{n}" for name in "abc" for n in range(7))}
    prints = [one.fingerprint for one in store.sends() if one.id != "shared"]
    assert all(one is not None and one.overlap(prints[0] or one).of == 2000 for one in prints)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_sudden_end_leaves_nothing_half_recorded(
    where: str, writer: Callable[..., subprocess.Popen[str]], end: signal.Signals
) -> None:
    """tests/benchmarks/sudden_ends.py does the same many more times."""
    rng = random.Random(7)
    finished = 0
    for round_ in range(2):
        process = writer(where, f"r{round_}-", 10_000)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        moment = rng.randrange(1, 12)
        while (line := process.stdout.readline()) and line != f"next {moment}\n":
            pass
        process.send_signal(end)
        rest, _ = process.communicate()
        finished += moment + rest.count("done")
        whole = [one for one in open_store(where).sends() if one.id != "shared"]
        assert finished <= len(whole) <= finished + round_ + 1
        for one in whole:
            found = one.fingerprint
            assert found is not None
            assert (found.distinct, one.counts) == (2000, {"hashes": 2000})
        finished = len(whole)


def test_a_copy_of_the_file_is_a_history(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "history.sqlite"))
    store.judged(send(), sketch(store))
    shutil.copy(tmp_path / "history.sqlite", tmp_path / "copy.sqlite")
    copy = open_store(str(tmp_path / "copy.sqlite"))
    assert copy.sends() == store.sends()
    assert copy.salt == store.salt


def test_the_digest_is_that_of_the_content() -> None:
    def digest(**parts: str) -> str:
        return digest_of(from_mapping(parts).message)

    one = digest(html="<p>Hello  you</p>\r\n", subject="a")
    assert one == digest(html="<p>Hello you</p>", subject="b")
    assert one != digest(html="<p>Hello you</p>", text="Hello you")
    assert digest(text="x") != digest(html="x")
    assert digest(subject="only this") == ""
