"""The files that people really have: each is read right, or refused with one sentence, and never an empty list."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcheck.audience.facts import open_audience, open_list
from mailcheck.audience.opening import Lists
from mailcheck.audience.people import Audience, traits_of
from mailcheck.audience.tables import AudienceTable, SuppressionList
from mailcheck.rule import Unusable

PEOPLE = [f"anna{number}@larkmail.com" for number in range(5)]
SECRET = "Roswitha"
"""A value of a cell, which no sentence may show."""


def table(mark: str = ",", end: str = "\n", head: tuple[str, ...] = ("email", "name", "country")) -> str:
    rows = [[address, SECRET, "NL", *["x"] * 400][: max(len(head), 2)] for address in PEOPLE]
    return "".join(mark.join(row) + end for row in ([list(head)] if head else []) + rows)


def many(row: str, number: int = 3_000) -> str:
    """A large list, with one row in its midst."""
    half = "".join(f"p{place}@larkmail.com,{SECRET}\n" for place in range(number))
    return f"email,name\n{half}{row}{half.replace('p', 'q')}"


@dataclass
class Read:
    """Reads lists of a folder: `read(name, content)` writes the file first, `read.of(name)` takes what is there."""

    folder: Path
    opened: list[Lists] = field(default_factory=list)

    def __call__(self, name: str, content: str | bytes, **more: object) -> Audience:
        (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return self.of(name, **more)

    def of(self, name: str, **more: object) -> Audience:
        self.opened.append(Lists(self.folder))
        return open_audience(AudienceTable.model_validate({"source": name, **more}), self.opened[-1])


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    made = Read(tmp_path)
    yield made
    for lists in made.opened:
        lists.close()


def fine(audience: Audience, rows: int = 5, recipients: int | None = None) -> None:
    assert (audience.rows, audience.recipients) == (rows, recipients or rows)
    assert not audience.invalid


BOM = "\ufeff"

RIGHT = {
    "semicolon": table(";"),
    "tab": table("\t"),
    "pipe": table("|"),
    "crlf": table(end="\r\n"),
    "cr only": table(end="\r"),
    "bom": BOM + table(),
    "bom, crlf, semicolon": BOM + table(";", "\r\n"),
    "utf-16": table("\t", "\r\n").encode("utf-16"),
    "quoted delimiters, line breaks and quotation marks": "email,name,note\n"
    + "".join(f'{one},"Berg, A ""B"" C","one\nemail,name\n"\n' for one in PEOPLE),
    "all quoted": '"email";"name"\r\n' + "".join(f'"{one}";"Berg; A"\r\n' for one in PEOPLE),
    "trailing delimiter everywhere": table(head=("email", "name", "")),
    "trailing delimiter in rows only": "email,name\n" + "".join(f"{one},x,\n" for one in PEOPLE),
    "blank lines": "email,name\n\n" + "\n\n".join(f"{one},x" for one in PEOPLE) + "\n\n\n",
    "blank lines first": "\n\n\nemail,name\n" + "".join(f"{one},x\n" for one in PEOPLE),
    "blank lines, one column": "email\n\n" + "\n\n".join(PEOPLE) + "\n\n",
    "no header": table(head=()),
    "no header, one column": "\n".join(PEOPLE),
    "no header, the address last": "".join(f"{SECRET},{one}\n" for one in PEOPLE),
    "one column": "email\n" + "\n".join(PEOPLE),
    "one column, quoted": '"email"\n' + "\n".join(f'"{one}"' for one in PEOPLE),
    "headings twice": table(head=("email", "note", "note")),
    "headings empty": table(head=("email", "", "")),
    "spaces around headings": table(head=(" E-mail ", " first name", "country ")),
    "300 columns": table(head=("email", *(f"c{number}" for number in range(299)))),
    "sep=; of Excel": "sep=;\r\n" + table(";", "\r\n"),
    "sep=tab, quoted": '"sep=\t"\n' + table("\t"),
    "a title above": f"Newsletter of March\n\n{table()}",
    "a title above, padded": f"Newsletter,,\n{table()}",
    "a comment above": f"# exported 2027-03-01\n{table(';')}",
    "commas in prices": table(";", head=("email", "price", "country")).replace(SECRET, "1,50"),
    "an inch": table().replace(SECRET, '5"'),
    "Email (Primary)": table(head=("Email (Primary)", "First", "Country")),
    "E-mail 1 - Value": table(head=("E-mail 1 - Value", "Name", "E-mail 1 - Type")),
    "email @ work": table(head=("email @ work", "Name", "Country")),
    "a postal address beside": "".join(
        f"{one}\n" for one in ["address,customer_email,n", *(f"High Street 1,{one},x" for one in PEOPLE)]
    ),
    "about the e-mail, beside": table(head=("Email", "Email Opt In", "email_status")),
    "NUL in a name": table().replace(SECRET, "\0x"),
}


@pytest.mark.parametrize("content", RIGHT.values(), ids=list(RIGHT))
def test_read_right(read: Read, content: str | bytes) -> None:
    fine(read("list.csv", content))


WRONG = {
    "empty": ("", "the file is empty"),
    "bom only": (BOM, "nothing but empty lines"),
    "line end only": ("\n", "nothing but empty lines"),
    "sep= only": ("sep=;\n", "nothing but sep"),
    "header only": ("email,name\n", "nobody on the list"),
    "header only, one column": ("email", "nobody on the list"),
    "addresses blank": ("email,name\n,x\n,y\n", "empty in all of the 2 rows"),
    "a short row": (many(f"zed{SECRET}@larkmail.com\n"), "line 3,002: the row has 1 column where the others have 2"),
    "a long row": (many(f"z@larkmail.com,{SECRET},x,y\n"), "line 3,002: the row has 3 columns where"),
    "an open quotation mark": (many(f'z@larkmail.com,"{SECRET}\n'), "line 3,002: a quotation mark is not closed"),
    "text behind a quotation mark": (many(f'z@larkmail.com,"{SECRET}" x\n'), "line 3,002: a quotation mark"),
    "cut in a quoted cell": (many("")[:-1] + f'\nz@larkmail.com,"{SECRET}', "line 6,002: a quotation mark is not"),
    "cut in a line": (many("") + SECRET, "line 6,002: the row has 1 column"),
    "a total below": (table() + "Total: 5\n", "line 7: the row has 1 column"),
    "ragged": (f"email,name\na@b.com,x,y,z\nb@b.com,{SECRET},x\n", "different numbers of columns"),
    "two kinds of line ends": (table(end="\r\n") + table(head=()), "two kinds of line ends"),
    "latin-1": (table().replace(SECRET, "Ren\xe9").encode("latin-1"), "line 2: not in the encoding"),
    "utf-16 without bom": (table().encode("utf-16-le"), "UTF-16"),
    "utf-16, high byte first": (b"\xfe\xff" + table().encode("utf-16-be"), "UTF-16"),
    "NULs": (table() + "\0" * 4096, "no text in UTF-8"),
    "binary": (random.Random(1).randbytes(5_000), "encoding"),
    "workbook": (b"PK\x03\x04" + bytes(50), "Excel workbook"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + bytes(50), "Excel workbook"),
    "PDF": (b"%PDF-1.7\n", "a PDF"),
    "gzip": (gzip.compress(table().encode()), "compressed by gzip"),
    "web page": ("<!DOCTYPE html>\n<html><p>Please, log in: help@larkmail.com</html>", "a web page"),
    "error in XML": ('<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>', "a web page or XML"),
    "error in JSON": ('{"error": "not allowed, ask a@b.com"}', "it is JSON"),
    "several e-mail columns": (table(head=("Work e-mail", "Private e-mail", "n")), "several columns may hold"),
    "the heading twice": (table(head=("email", "Email", "n")), "several columns may hold"),
    "no known heading": (table(head=("Kontakt", "n", "m")), "it has Kontakt, n, m"),
    "no address in the column": (table(head=("Kontakt", "email", "m")), "not one of the 5 values"),
    "all on one line": (";".join(PEOPLE), "line 1: all addresses are on one line"),
    "another mark": (table("^"), "parted by '^'"),
    "a huge line": ("email,name\n" + f"a@b.com,{'x' * 3_000_000}\n", "line 2: a line of more than 2 MB"),
    "one huge line": ("x" * 3_000_000, "line 1: a line of more than 2 MB"),
    "only commas": (",,\n,,\n", "none of its columns"),
}


@pytest.mark.parametrize(("content", "told"), WRONG.values(), ids=list(WRONG))
def test_refused_in_a_sentence(read: Read, content: str | bytes, told: str) -> None:
    with pytest.raises(Unusable, match=r"list\.csv") as caught:
        read("list.csv", content)
    sentence = str(caught.value)
    assert told in sentence
    assert "\n" not in sentence
    assert len(sentence) < 300
    assert SECRET not in sentence
    assert "@" not in sentence.replace("list.csv", "")


def test_an_unknown_delimiter_is_said(read: Read) -> None:
    fine(read("a.csv", table("^"), delimiter="^"))
    fine(read("b.csv", table("\t"), delimiter="tab"))
    with pytest.raises(Unusable, match="not parted by ';', but by ','"):
        read("c.csv", table(), delimiter=";")
    with pytest.raises(Unusable, match="cannot be a delimiter"):
        read("d.csv", table(), delimiter="::")


def test_an_encoding_is_said(read: Read) -> None:
    latin = table().replace(SECRET, "Ren\xe9").encode("latin-1")
    for name in ("latin-1", "ISO-8859-1", "windows-1252"):
        fine(read("a.csv", latin, encoding=name))
    with pytest.raises(Unusable, match="'klingon' is not read"):
        read("a.csv", latin, encoding="klingon")


def test_json_keys_in_two_cases_are_not_two_columns(read: Read) -> None:
    rows = [*({"email": f"q{n}@larkmail.com", "n": 1} for n in range(300)), {"Email": "p1@larkmail.com", "n": 1}]
    text = "\n".join(map(json.dumps, rows))
    with pytest.raises(Unusable, match=r"k.jsonl: the key 'Email' is written in two cases"):
        read("k.jsonl", text)
    with pytest.raises(Unusable, match=r"k.json: the key 'Email' is written in two cases"):
        read("k.json", json.dumps(rows))
    named = [{"email": "a@larkmail.com", "email_1": "x", "n": 1}, {"email": "b@larkmail.com", "N_1": 2}]
    fine(read("k.jsonl", "\n".join(map(json.dumps, named))), 2)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_quotation_marks_of_windows(read: Read, encoding: str) -> None:
    rows = ("ann@larkmail.com,D\u2019Arcy,C\u00f4te d\u2019Ivoire", "ben@larkmail.com,\u20ac\u0152,Österreich")
    text = "\n".join(("email,name,country", *rows))
    found = read("a.csv", text.encode("cp1252"), encoding=encoding)
    fine(found, 2)
    assert traits_of(found).values("country") == {"côte d\u2019ivoire": 1, "österreich": 1}
    with pytest.raises(Unusable, match="not in the encoding UTF-16"):
        read("b.csv", table(), encoding="utf-16")


def packed(columns: str, ending: str, number: int, folder: Path) -> bytes:
    path = folder / f"packed{ending}"
    options = {".csv.zst": "FORMAT csv, COMPRESSION zstd", ".parquet": "FORMAT parquet"}[ending]
    duckdb.execute(f"COPY (SELECT {columns} FROM range({number}) t(i)) TO '{path}' ({options})")
    return path.read_bytes()


ADDRESS = "'a' || i || '@larkmail.com' AS email"


@pytest.mark.parametrize("share", [0.002, 0.3, 0.5, 0.9, 0.999, 0.99999])
def test_a_compressed_list_that_is_cut_off(read: Read, tmp_path: Path, share: float) -> None:
    plain = "email\n" + "".join(f"a{number}@larkmail.com\n" for number in range(60_000))
    zipped, zst = gzip.compress(plain.encode()), packed(ADDRESS, ".csv.zst", 60_000, tmp_path)
    fine(read("whole.csv.gz", zipped), 60_000)
    fine(read("whole.csv.zst", zst), 60_000)
    for name, data in (("cut.csv.gz", zipped), ("cut.csv.zst", zst)):
        with pytest.raises(Unusable, match="damaged or cut off"):
            read(name, data[: max(5, min(int(len(data) * share), len(data) - 1))])


def test_compressed_in_parts_and_damaged(read: Read, tmp_path: Path) -> None:
    fine(read("parts.csv.gz", gzip.compress(table().encode()) + gzip.compress(b"z@larkmail.com,x,NL\n")), 6)
    zst = packed(ADDRESS, ".csv.zst", 100, tmp_path)
    skipped = (0x184D2A50).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
    fine(read("parts.csv.zst", skipped + zst), 100)
    stored = bytearray(gzip.compress(table().encode(), 0))
    stored[stored.find(b"anna3") + 4] = ord("9")
    with pytest.raises(Unusable, match="damaged"):
        read("turned.csv.gz", bytes(stored))
    for name in ("plain.csv.gz", "plain.csv.zst"):
        with pytest.raises(Unusable, match="not compressed by"):
            read(name, table())


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.text(st.sampled_from('ab",;\n|\té '), max_size=12), st.sampled_from("xyz")), min_size=1),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_the_cells_hold(rows: list[tuple[str, str]], mark: str, end: str) -> None:
    import tempfile

    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["email", "note", "kind"])
    writer.writerows([f"p{place}@larkmail.com", note, kind] for place, (note, kind) in enumerate(rows))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "list.csv").write_bytes(text.getvalue().encode())
        lists = Lists(Path(folder))
        fine(open_audience(AudienceTable.model_validate({"source": "list.csv"}), lists), len(rows))
        lists.close()


def test_rows_in_cells_are_no_rows(read: Read) -> None:
    # Large enough for several threads, each of which begins in the midst of a cell.
    cell = "\nfake@larkmail.com,Bob" * 30
    rows = "".join(f'p{number}@larkmail.com,"{cell}"\n' for number in range(30_000))
    fine(read("list.csv", f"email,name\n{rows}"), 30_000)
    with pytest.raises(Unusable, match="a quotation mark is not closed"):
        read("cut.csv", f"email,name\n{rows}"[:-2])


ROWS = [{"email": one, "name": SECRET} for one in PEOPLE]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps(ROWS)),
        ("a.json", json.dumps(ROWS, indent=2)),
        ("a.jsonl", "\n".join(map(json.dumps, ROWS))),
        ("a.ndjson", "\r\n".join(map(json.dumps, ROWS))),
        ("a.json", "\n".join(map(json.dumps, ROWS))),
        ("a.jsonl", json.dumps(ROWS)),
        ("a.json", json.dumps(PEOPLE)),
        ("a.jsonl", "".join(json.dumps({**one, "tags": ["a"], "at": {"city": "x"}}) + "\n" for one in ROWS)),
        ("a.jsonl.gz", gzip.compress("\n".join(map(json.dumps, ROWS)).encode(), mtime=0)),
    ],
)
def test_json_read_right(read: Read, name: str, content: str | bytes) -> None:
    fine(read(name, content))


def test_a_key_that_comes_late_is_known(read: Read) -> None:
    rows = '{"name": "x", "n": 1}\n' * 25_000 + json.dumps({"email": PEOPLE[0], "n": "a"})
    audience = read("late.jsonl", rows)
    assert (audience.rows, audience.recipients, audience.blank) == (25_001, 1, 25_000)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (json.dumps(ROWS)[:-30], "damaged or cut off"),
        (json.dumps(ROWS)[:-1], "damaged or cut off"),
        ("\n".join(map(json.dumps, ROWS))[:-9], "damaged or cut off"),
        ("\n".join(map(json.dumps, ROWS * 999)) + f"\n{SECRET}", "record 4,996: the file is damaged"),
        ("[]", "nobody on the list"),
        ("{}", "holds lists or structures"),
        ('{"error": "not allowed"}', "not one of the 1 values"),
        (json.dumps({"data": ROWS}), "not one of the 1 values"),
        ("".join(json.dumps({"email": [one]}) + "\n" for one in PEOPLE), "not one of the 5 values"),
        (f'{{"email": "{PEOPLE[0]}", "email": "{PEOPLE[1]}"}}', "the same key twice"),
        (BOM + json.dumps(ROWS), "byte-order mark"),
        (json.dumps(ROWS).encode("utf-16"), "UTF-16"),
        ('[{"email": "a@b.com", "n": "Ren\xe9"}]'.encode("latin-1"), "not in the encoding"),
        (table(), "damaged"),
    ],
)
def test_json_refused(read: Read, content: str | bytes, told: str) -> None:
    with pytest.raises(Unusable, match=r"list\.json") as caught:
        read("list.json", content)
    assert told in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "@" not in str(caught.value)


def test_parquet(read: Read, tmp_path: Path) -> None:
    whole = packed(f"{ADDRESS}, 'x' AS name", ".parquet", 5_000, tmp_path)
    fine(read("a.parquet", whole), 5_000)
    fine(read("b.parquet", packed(f"({ADDRESS.partition(' AS')[0]})::BLOB AS email", ".parquet", 9, tmp_path)), 9)
    for cut in (3, 200, len(whole) // 2, len(whole) - 1):
        with pytest.raises(Unusable, match=r"cut off|no Parquet file"):
            read("cut.parquet", whole[:cut])
    with pytest.raises(Unusable, match="damaged or cut off"):
        read("damaged.parquet", whole[:2000] + b"\xff" * 300 + whole[2300:])
    with pytest.raises(Unusable, match="no Parquet file"):
        read("text.parquet", table())
    with pytest.raises(Unusable, match="a Parquet file"):
        read("list.csv", whole)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("i AS email", "not one of the 7 values"),
        ("['a@b.com'] AS email", "holds lists or structures"),
        ("{'v': 'a@b.com'} AS email", "holds lists or structures"),
        ("NULL::VARCHAR AS email", "empty in all of the 7 rows"),
        (f"{ADDRESS} WHERE", "nobody on the list"),
    ],
)
def test_parquet_columns_that_hold_no_addresses(read: Read, tmp_path: Path, column: str, told: str) -> None:
    chosen, _, nobody = column.partition(" WHERE")
    data = packed(chosen, ".parquet", 0 if column.endswith("WHERE") else 7, tmp_path)
    assert nobody == ""
    with pytest.raises(Unusable, match=told):
        read("list.parquet", data)


def test_folders_and_patterns(read: Read, tmp_path: Path) -> None:
    parts = tmp_path / "parts.csv"
    parts.mkdir()
    (parts / "part-0.csv").write_text(table())
    (parts / "part-1.csv.gz").write_bytes(gzip.compress(b"email,name,country\nz@larkmail.com,x,NL\n"))
    (parts / "part-2.csv").write_text("email,name,country\n")
    (parts / "_SUCCESS").touch()
    (parts / ".part-0.csv.crc").write_text("x")
    fine(read.of("parts.csv"), 6)
    fine(read.of("parts.csv/*.csv"), 5)
    fine(read.of("*/part-[01].*"), 6)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "no list in the folder"),
        ({"_SUCCESS": ""}, "no list in the folder"),
        ({"day=1/a.csv": table()}, r"no list in the folder itself; name a pattern such as some/\*\*/"),
        ({"a.csv": table(), "b.csv": ""}, "b.csv: the file is empty"),
        ({"a.csv": table(), "b.csv": table(head=())}, "b.csv has other columns than a.csv"),
        ({"a.csv": table(), "b.csv": table(head=("email", "country", "name"))}, "b.csv has other columns"),
        ({"a.csv": table(), "b.csv": table(";")}, "b.csv is parted in another way"),
        ({"a.csv": table(), "b.jsonl": "{}"}, "files of different kinds"),
        ({"a.csv": table(), "b.csv": table()[:-4] + '"x'}, "b.csv, line 6: the row has"),
        (
            {"a.csv": table(), "more/b.csv": table()},
            r"more: this folder holds lists, too \(b.csv\); .* some/\*\*/\*.csv",
        ),
        ({"a.csv": table(), "_b.csv": table()}, "_b.csv: files that begin with _ are left out"),
        ({"a.csv": table(), "_temporary/0": "x"}, "some: it is still being written"),
        ({"a.csv": table(), "_delta_log/0.json": "{}"}, "some: it is a Delta table"),
    ],
)
def test_folders_refused(read: Read, tmp_path: Path, files: dict[str, str], told: str) -> None:
    (tmp_path / "some").mkdir()
    for name, content in files.items():
        path = tmp_path / "some" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    with pytest.raises(Unusable, match=told):
        read.of("some")


@pytest.mark.parametrize("folder", ["_delta_log", "_temporary"])
@pytest.mark.parametrize("named", ["t", "t/*.csv", "**/*.csv"])
def test_folders_that_keep_more_than_the_list(read: Read, tmp_path: Path, folder: str, named: str) -> None:
    (tmp_path / "t" / folder).mkdir(parents=True)
    (tmp_path / "t/a.csv").write_text(table())
    with pytest.raises(Unusable, match=r"^t: it is (a Delta table|still being written)"):
        read.of(named)


@pytest.mark.parametrize("named", ["some", "some/*.csv", "some/**/*.csv"])
def test_a_part_that_is_not_there_or_cannot_be_had_is_no_shorter_list(read: Read, tmp_path: Path, named: str) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some/a.csv").write_text(table())
    (tmp_path / "some/b.csv").symlink_to(tmp_path / "nowhere/b.csv")
    with pytest.raises(Unusable, match=r"b\.csv: it is a link that leads nowhere"):
        read.of(named)


def test_a_folder_that_a_pattern_meets_is_not_left_out(read: Read, tmp_path: Path) -> None:
    (tmp_path / "b.csv").mkdir()
    (tmp_path / "a.csv").write_text(table())
    fine(read.of("*.csv"))
    (tmp_path / "b.csv/part-0.csv").write_text(table())
    with pytest.raises(Unusable, match=r"b\.csv: this folder holds lists, too \(part-0\.csv\)"):
        read.of("*.csv")
    (tmp_path / "b.csv/part-0.csv").write_text("email,name,country\nz@larkmail.com,x,NL\n")
    fine(read.of("**/*.csv"), 6)


def test_parquet_files_with_other_columns(read: Read, tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some/a.parquet").write_bytes(packed(f"{ADDRESS}, 'x' AS name", ".parquet", 9, tmp_path))
    (tmp_path / "some/b.parquet").write_bytes(packed("i AS email", ".parquet", 9, tmp_path))
    with pytest.raises(Unusable, match="has other columns than"):
        read.of("some")


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("start", [20_000, 1_100_000])
def test_a_hole_in_a_file_is_no_shorter_list(read: Read, ending: str, columns: int, start: int) -> None:
    people = [{"email": f"p{n}@larkmail.com", "b": "Ann", "c": "NL"} for n in range(60_000)]
    if ending == ".csv":
        lines = [",".join(("email", "b", "c")[:columns]), *(",".join(list(one.values())[:columns]) for one in people)]
    else:
        lines = [json.dumps(dict(list(one.items())[:columns])) for one in people]
    data = "\n".join(lines).encode()
    fine(read(f"whole{ending}", data), 60_000)
    # From the midst of a cell to the midst of another, so that the row looks like any other.
    end = data.index(data[start : start + 2], start + 50_000)
    with pytest.raises(Unusable, match=rf"hole\{ending}: from byte {start:,} on there is nothing but zeros"):
        read(f"hole{ending}", data[:start] + bytes(end - start) + data[end:])


@pytest.mark.parametrize(
    "name",
    [
        "it's (1).csv",
        "[a].csv",
        "s*r.csv",
        "q?.csv",
        'dq".csv',
        "new\nline.csv",
        "{x}.csv",
        "a:b.csv",
        "postgres:x.csv",
    ],
)
def test_names_mean_themselves(read: Read, tmp_path: Path, name: str) -> None:
    for other in ("a.csv", "star.csv", "qu.csv", "x.csv"):
        (tmp_path / other).write_text("email\nother@larkmail.com\n")
    fine(read(name, table()))
    folder = tmp_path / f"in {name}"
    folder.mkdir()
    (folder / "a.csv").write_text(table())
    fine(read.of(f"in {name}/*.csv"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no.csv", "there is no such file"),
        ("no/*.csv", "there is no such file"),
        ("a" * 5_000, "file name too long"),
        ("list.xlsx", "workbooks are not read"),
        ("list.csv.zip", "unpack it first"),
        ("list", "not known as a table by its name"),
        ("pipe.csv", "no plain file"),
        ("loop.csv", "there is no such file"),
    ],
)
def test_paths_refused(read: Read, tmp_path: Path, name: str, told: str) -> None:
    for one in ("list.xlsx", "list.csv.zip", "list"):
        (tmp_path / one).write_text(table())
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    with pytest.raises(Unusable, match=told) as caught:
        read.of(name)
    assert len(str(caught.value)) < 250


def test_without_permission(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    fine(read("list.csv", table()))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root, as whom tests may run, can read everything.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Unusable, match=r"list.csv: cannot be read: permission denied"):
        read.of("list.csv")


def test_a_suppression_list_is_as_hard_to_misread(tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    (tmp_path / "optout.csv").write_text("Email (Primary);Reason\na@b.com;unsubscribed\n")
    assert open_list(SuppressionList.model_validate({"source": "optout.csv"}), lists, "s").entries == 1
    (tmp_path / "wrong.csv").write_text("email;name\nAnna;a@b.com\n")
    with pytest.raises(Unusable, match="not one of the 1 values"):
        open_list(SuppressionList.model_validate({"source": "wrong.csv"}), lists, "t")
    lists.close()
