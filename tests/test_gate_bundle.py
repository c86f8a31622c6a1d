"""What comes in a zip file, and what a document from somebody else may name."""

from __future__ import annotations

import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcheck.gate.bundle import BundleLimits, BundleRefused, unpack
from mailcheck.gate.foreign import DocumentRefused, confine, document_of, manifest_of

MANIFEST = '[message]\nsubject = "Hello"\nhtml_file = "mail.html"\n'
CAMPAIGN = {"campaign.toml": MANIFEST, "mail.html": "<p>Hello</p>"}

Entry = tuple[str | zipfile.ZipInfo, str | bytes]


def packed(*entries: Entry, campaign: Mapping[str, str] = CAMPAIGN, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in (*campaign.items(), *entries):
            archive.writestr(name, content)
    return data.getvalue()


def entry(name: str, mode: int = 0, attributes: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = name
    info.external_attr = mode << 16 | attributes
    return info


def renamed(name: bytes) -> bytes:
    """A bundle with an entry of a name that the standard library would not write."""
    place = b"\x7f" * len(name)
    return packed((place.decode("ascii"), "x")).replace(place, name)


def refusal(data: bytes, folder: Path, limits: BundleLimits | None = None) -> str:
    with pytest.raises(BundleRefused) as caught:
        unpack(data, folder, limits or BundleLimits())
    return str(caught.value)


def test_a_campaign_is_unpacked(tmp_path: Path) -> None:
    unpack(
        packed(("img/", ""), ("img/köpfe/a b.png", b"\x89PNG"), ("__MACOSX/._mail.html", "x"), (".DS_Store", "x")),
        tmp_path,
    )
    files = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()}
    assert files == {"campaign.toml", "mail.html", "img/köpfe/a b.png"}
    assert (tmp_path / "mail.html").read_text() == "<p>Hello</p>"
    assert manifest_of(tmp_path) == tmp_path / "campaign.toml"


def test_a_bundle_of_json(tmp_path: Path) -> None:
    unpack(packed(campaign={"campaign.json": '{"subject": "Hello"}'}), tmp_path)
    assert manifest_of(tmp_path).name == "campaign.json"


NAMES = [
    (b"../../x", "leads elsewhere"),
    (b"a/../../x", "leads elsewhere"),
    (b"/x", "leads elsewhere"),
    (b"//host/x", "leads elsewhere"),
    (b"./x", "leads elsewhere"),
    (b"a//x", "leads elsewhere"),
    (b"C:\\x", "character"),
    (b"C:x", "character"),
    (b"a\\..\\x", "character"),
    (b"x\x00.html", "character"),
    (b"x\r\ny", "character"),
    (b"x\x1b[31m", "character"),
    (b"mail.html:stream", "character"),
    (b"x?", "character"),
    (b"CON", "not every system"),
    (b"a/nul.html", "not every system"),
    (b"LPT1.txt", "not every system"),
    (b"x.", "not every system"),
    (b"x ", "not every system"),
    (b".git/config", "hidden"),
    (b"a/.htaccess", "hidden"),
    (b"a/" * 10 + b"x", "too deep"),
    (b"x" * 241, "too long"),
]


@pytest.mark.parametrize(("name", "why"), NAMES, ids=[repr(name)[:20] for name, _ in NAMES])
def test_names(tmp_path: Path, name: bytes, why: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    said = refusal(renamed(name), folder)
    assert why in said
    assert said.isprintable()
    assert [*tmp_path.iterdir()] == [folder]
    assert [*folder.iterdir()] == []


def test_a_name_that_turns_the_writing_round(tmp_path: Path) -> None:
    assert "character" in refusal(packed(("x\u202elmth.exe", "x")), tmp_path)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.png", "A.PNG"),
        ("a.png", "a.png"),
        ("ß", "SS"),
        ("ﬁ.png", "fi.png"),
        ("a", "a/b"),
        ("A/x", "a/y"),
        ("é", "e\u0301"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_names_for_one_file(tmp_path: Path, first: str, second: str) -> None:
    assert "twice" in refusal(packed((first, "1"), (second, "2")), tmp_path)


def test_an_address_in_a_name_is_masked(tmp_path: Path) -> None:
    said = refusal(packed((".klara@gmail.com", "x")), tmp_path)
    assert "klara" not in said


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices(tmp_path: Path, kind: int) -> None:
    assert "link or a device" in refusal(packed((entry("x", kind | 0o777), "/etc/passwd")), tmp_path)


def test_a_reparse_point(tmp_path: Path) -> None:
    assert "link or a device" in refusal(packed((entry("x", 0, 0x400), "x")), tmp_path)


def test_an_encrypted_entry(tmp_path: Path) -> None:
    data = bytearray(packed())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark) + offset
        data[place] |= 1
    assert "encrypted" in refusal(bytes(data), tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_methods(tmp_path: Path, method: int) -> None:
    assert "unusual" in refusal(packed(method=method), tmp_path)


def test_a_bomb_is_refused_by_what_it_says_of_itself(tmp_path: Path) -> None:
    """200 MiB of zeros in 204 KB."""
    zeros = bytes(20 * 1024 * 1024)
    data = packed(*((f"{number}.txt", zeros) for number in range(10)))
    assert len(data) < 210_000
    assert "larger than" in refusal(data, tmp_path)
    assert "grows more" in refusal(data, tmp_path, BundleLimits(bytes=2**30))
    assert [*tmp_path.iterdir()] == []


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    """The directory says 10 bytes; what is written is what it says, and then the sum of it is wrong."""
    data = packed(("x.txt", bytes(5_000_000)))
    lie = data.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10))
    assert lie != data
    tracemalloc.start()
    refusal(lie, tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    written = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file())
    assert written < 100_000


def test_the_bytes_are_counted_when_the_directory_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailcheck.gate.bundle._check", lambda *_: None)
    assert "larger than 1,000" in refusal(packed(("x.txt", bytes(5_000_000))), tmp_path, BundleLimits(bytes=1000))
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) <= 1000


def test_entries_over_one_another(tmp_path: Path) -> None:
    """Two entries of the directory that share their bytes: 42 kB can so become terabytes."""
    data = packed(("a.txt", bytes(100_000)), ("b.txt", bytes(100_000)))
    first, second = data.index(b"PK\x03\x04", 60), data.rindex(b"PK\x03\x04")
    moved = data.replace(struct.pack("<I", second), struct.pack("<I", first))
    assert moved != data
    assert "no whole zip file" in refusal(moved, tmp_path)
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) <= 200_100


def test_very_many_entries(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}", b"")
    bundle = data.getvalue()
    tracemalloc.start()
    assert "entries" in refusal(bundle, tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000  # the directory was not read
    tracemalloc.stop()


@pytest.mark.parametrize(
    "inner",
    [
        packed(),
        b"\x1f\x8b\x08\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07",
        b"BZh91AY&SY",
        b"\x28\xb5\x2f\xfd",
        b"\xfd7zXZ\x00",
    ],
)
def test_archives_within(tmp_path: Path, inner: bytes) -> None:
    assert "archive itself" in refusal(packed(("list.csv", inner)), tmp_path)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"hello", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), packed()[:-30], packed()[:80] + packed()[90:]],
)
def test_what_is_no_whole_zip(tmp_path: Path, data: bytes) -> None:
    assert "zip file" in refusal(data, tmp_path)


@pytest.mark.parametrize(
    "campaign",
    [
        {"mail.html": "x"},
        {"campaign.toml": "", "campaign.json": "{}"},
        {"sub/campaign.toml": ""},
        {"Campaign.toml": ""},
    ],
)
def test_one_manifest_at_the_top(tmp_path: Path, campaign: dict[str, str]) -> None:
    assert "at the top" in refusal(packed(campaign=campaign), tmp_path)


@pytest.mark.parametrize("name", [b"", b"\0mage.png"])
def test_an_entry_without_a_name(tmp_path: Path, name: bytes) -> None:
    data = packed(("image.png", "x"))
    if name:
        data = data.replace(b"image.png", name)
    else:
        # In the directory: the length of the name is 28 bytes after its beginning; the name becomes a comment.
        at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"image.png"))
        data = data[: at + 28] + b"\0\0" + data[at + 30 : at + 32] + b"\x09\0" + data[at + 34 :]
    assert refusal(data, tmp_path)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255), st.integers(0, 10_000))
def test_a_damaged_bundle_is_unpacked_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, cut: int
) -> None:
    data = bytearray(packed(("img/a.txt", "picture " * 50)))
    data[at % len(data)] = byte
    if cut % 3 == 0:
        del data[cut % len(data) :]
    folder = tmp_path_factory.mktemp("bundle") / "in"
    folder.mkdir()
    try:
        unpack(bytes(data), folder)
    except BundleRefused as refused:
        assert str(refused).isprintable()  # noqa: PT017 - whether it is refused is the question
    assert [*folder.parent.iterdir()] == [folder]
    assert not any(path.is_symlink() for path in folder.rglob("*"))


# what a document may name

OUTSIDE: list[dict[str, object]] = [
    {"html_file": "mail.html"},
    {"message": {"eml_file": "mail.eml"}},
    {"audience": {"source": "/etc/passwd"}},
    {"audience": {"source": "people.csv"}},
    {"audience": {"source": "postgresql://db.internal/crm", "table": "people"}},
    {"audience": {"source": "postgresql://db.internal/${DB_PASSWORD}"}},
    {"suppression": {"source": "duckdb:/srv/gate.db"}},
    {"suppression": {"lists": [{"people": ["a@b.example"]}, {"source": "https://169.254.169.254/"}]}},
    {"suppression": {"people": ["a@b.example"], "salt": "${SECRET}"}},
    {"segments": {"members": {"source": "s3://bucket/x.parquet"}}},
    {"audience": {"people": [], "query": "SELECT * FROM read_csv('/etc/passwd')"}},
    {"history": {"store": "postgresql://db.internal/crm"}},
    {"history": {"store": "history.db"}},
    {"history": {"file": "../sends.csv"}},
]


@pytest.mark.parametrize("document", OUTSIDE, ids=str)
def test_a_document_alone_names_nothing(document: dict[str, object]) -> None:
    with pytest.raises(DocumentRefused) as caught:
        confine(document, None)
    assert not any(word in str(caught.value) for word in ("internal", "etc", "SECRET", "PASSWORD"))


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../x.csv",
        "a/../../x.csv",
        "file:///etc/passwd",
        "C:\\x.csv",
        "${HOME}/x.csv",
        "https://x.example/x.csv",
        "list.csv.gz",
        "x\0.csv",
        "link/x.csv",
    ],
)
@pytest.mark.parametrize("where", ["audience", "html_file", "history"])
def test_a_bundle_names_only_what_is_in_it(tmp_path: Path, name: str, where: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    documents: dict[str, dict[str, object]] = {
        "audience": {"audience": {"source": name}},
        "html_file": {"message": {"html_file": name}},
        "history": {"history": {"file": name}},
    }
    with pytest.raises(DocumentRefused):
        confine(documents[where], tmp_path / "in")


def test_what_a_document_may_name(tmp_path: Path) -> None:
    confine(
        {
            "html_file": "mail.html",
            "subject": "Hi ${first_name}",
            "audience": {"source": "lists/*.csv", "columns": {"source": "Where from: /x"}, "people": None},
            "suppression": {"lists": [{"source": "optout.csv"}]},
            "history": {"file": "sends.csv", "sends": [{"sent": "2027-01-01", "recipients": 3}]},
        },
        tmp_path,
    )
    confine(
        {"audience": {"people": [{"address": "a@b.example", "source": "/fair", "query": "x"}]}, "html": "<p>"}, None
    )
    # What has the wrong shape is for the reader of manifests to refuse.
    confine(
        {"audience": "people.csv", "suppression": {"lists": 3}, "segments": [1], "message": None, "history": 1},
        tmp_path,
    )
    confine({"audience": {"source": 3}}, tmp_path)


# JSON

NOT_TAKEN: list[tuple[bytes, str]] = [
    (b"", "not JSON"),
    (b"{", "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b'{"a":' * 100_000, "not JSON"),
    (b"[]", "object"),
    (b"null", "object"),
    (b'"text"', "object"),
    (b'{"a": NaN}', "NaN"),
    (b'{"a": -Infinity}', "NaN"),
    (b'{"a": 1e999}', "number"),
    (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
    (b'{"html": "\\ud800"}', "surrogate"),
    (b'{"\\udfff": 1}', "surrogate"),
    (b'{"html": "\xff"}', "not JSON"),
    ('{"html": "x"}'.encode("utf-16"), "not JSON"),
    (b'\xef\xbb\xbf{"html": "x"}', "not JSON"),
    (b'{"html": "a", "html": "b"}', "twice"),
    (b'{"message": {"html": "a", "html": "b"}}', "twice"),
    (b'{"a": ' + b"[" * 65 + b"]" * 65 + b"}", "nested"),
    (b'{"html": "x"} trailing', "not JSON"),
    (b'{"html": "a\nb"}', "not JSON"),
    (b"{'html': 'x'}", "not JSON"),
    (b'{"a": [' + b"1," * 1_000_001 + b"1]}", "values"),
]


@pytest.mark.parametrize(("body", "why"), NOT_TAKEN, ids=[repr(body)[:24] for body, _ in NOT_TAKEN])
def test_json_that_is_not_taken(body: bytes, why: str) -> None:
    with pytest.raises(DocumentRefused, match=why):
        document_of(body)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\u0dDe1-.+ \n', max_size=40).map(str.encode))
def test_any_bytes_are_a_document_or_refused(body: bytes) -> None:
    try:
        assert isinstance(document_of(body), dict)
    except DocumentRefused as refused:
        assert str(refused)  # noqa: PT017 - whether it is refused is the question


MANIFESTS: list[tuple[str, Callable[[Path], object]]] = [
    ("not TOML", lambda folder: (folder / "campaign.toml").write_bytes(b"\xff")),
    ("not TOML", lambda folder: (folder / "campaign.toml").write_text("a = " + "[" * 5000)),
    ("nested", lambda folder: (folder / "campaign.toml").write_text(".".join("a" * 70) + " = 1")),
    ("number", lambda folder: (folder / "campaign.toml").write_text("a = inf")),
    ("larger", lambda folder: (folder / "campaign.toml").write_text("#" * 1_100_000)),
    ("not JSON", lambda folder: (folder / "campaign.json").write_text("{")),
    ("outside", lambda folder: (folder / "campaign.toml").write_text('html_file = "/etc/passwd"')),
    ("campaign.toml:2: unknown key 'sbject'", lambda folder: (folder / "campaign.toml").write_text('\nsbject = "x"')),
    ("campaign.json:1: subject must be", lambda folder: (folder / "campaign.json").write_text('{"subject": 3}')),
]


@pytest.mark.parametrize(("why", "write"), MANIFESTS, ids=[why for why, _ in MANIFESTS])
def test_a_manifest_that_is_not_taken(tmp_path: Path, why: str, write: Callable[[Path], object]) -> None:
    write(tmp_path)
    with pytest.raises(DocumentRefused, match=why):
        manifest_of(tmp_path)
