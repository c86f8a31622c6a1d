"""Past sends from a CSV: understood wholly, or refused with file and line."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcheck.history.sends import HistoryError, Send
from mailcheck.history.table import MAX_BYTES, Format, PastSends, load, read

NOW = datetime(2027, 4, 1, 12, tzinfo=UTC)


def past(text: str | bytes, *, family: str = "", **columns: str) -> PastSends:
    data = text.encode() if isinstance(text, str) else text
    return read(data, "sends.csv", Format(columns, family, NOW))


def sends(text: str | bytes, **columns: str) -> tuple[Send, ...]:
    return past(text, **columns).sends


def refused(text: str | bytes, **columns: str) -> str:
    with pytest.raises(HistoryError) as caught:
        past(text, **columns)
    said = str(caught.value)
    assert "\n" not in said
    return said


WHOLE = """\
id,family,name,kind,sent,recipients,distinct,subject,sender
w12,weekly,Week 12,marketing,2027-03-22,41250,41100,"Spring, at last","Shop <post@shop.example>"
w13,weekly,,apology,2027-03-29 14:30+02:00,"42,018",,Sorry klara@gmail.com,
"""


def test_every_column() -> None:
    first, second = sends(WHOLE)
    assert (first.id, first.family, first.name, first.kind) == ("w12", "weekly", "Week 12", "marketing")
    assert (first.recipients, first.distinct, first.subject) == (41250, 41100, "Spring, at last")
    assert first.sender == "Shop <post@shop.example>"
    assert first.at == first.sent == datetime(2027, 3, 22, tzinfo=UTC)
    assert (first.status, first.counts_as_sent) == ("sent", True)
    assert (second.recipients, second.distinct, second.kind) == (42018, None, "apology")
    assert second.at == datetime(2027, 3, 29, 12, 30, tzinfo=UTC)
    assert second.subject == "Sorry k…a@g….com"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_dialects_of_csv(delimiter: str, codec: str, ending: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=ending)
    writer.writerows([["Sent", "Subject", " RECIPIENTS "], ["2027-03-22", f'Größe; "M", or | {delimiter} or\nL', "12"]])
    (one,) = sends(file.getvalue().encode(codec))
    assert (one.recipients, one.subject) == (
        12,
        f'Größe; "M", or | {" ".join(delimiter.split())} or L'.replace("  ", " "),
    )


@pytest.mark.parametrize(
    ("written", "number"),
    [("0", 0), ("41250", 41250), ("41250.0", 41250), ("98,113", 98113), ("98.113", 98113), ("1 234 567", 1234567),
     ("1'234", 1234), ("1\u00a0234", 1234), ("1\u202f234", 1234), ("1.000", 1000)],
)  # fmt: skip
def test_numbers_as_people_and_programs_write_them(written: str, number: int) -> None:
    (one,) = sends(f'sent,recipients\n2027-03-22,"{written}"\n')
    assert one.recipients == number


@pytest.mark.parametrize(
    "written", ["", "many", "-5", "12.5", "1,23", "1,234.567", "12,34,567", "1e5", "٣٤", "9999999999999", "0x12", "12,"]
)
def test_what_is_no_number_is_refused(written: str) -> None:
    said = refused(f'sent,recipients\n2027-03-20,7\n2027-03-22,"{written}"\n')
    assert said.startswith(f"sends.csv:3: recipients is {written!r}; write a whole number")


@pytest.mark.parametrize("written", ["", "22.03.27", "03/22/2027", "2027-13-01", "2027-02-30", "20270322", "today"])
def test_what_is_no_day_is_refused(written: str) -> None:
    said = refused(f"recipients,sent\n7,{written}\n")
    assert said == f"sends.csv:2: sent is {written!r}; write it as 2027-03-31 or 2027-03-31 14:30"


@pytest.mark.parametrize("written", ["22.03.2027", "22.3.2027", "22.03.2027 00:00"])
def test_a_day_with_dots_begins_with_the_day(written: str) -> None:
    (one,) = sends(f"recipients,sent\n7,{written}\n")
    assert one.at.isoformat() == "2027-03-22T00:00:00+00:00"


def test_a_send_of_the_future_is_refused() -> None:
    assert "sends.csv:2: sent is '2027-04-04'; that is in the future" in refused("recipients,sent\n7,2027-04-04\n")
    assert len(sends("recipients,sent\n7,2027-04-01\n")) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sends.csv is empty"),
        ("\n\n", "sends.csv is empty"),
        (",,,\n", "sends.csv is empty"),
        ("id,sent,recipients\n", "has column names and not a single send"),
        ("id,sent,recipients\nw1,2027-03-01\n", "sends.csv:2: 2 values for 3 columns; correct the row, or export"),
        ("id,sent,recipients\nw1,2027-03-01,5,6\n", "sends.csv:2: 4 values for 3 columns"),
        ('id,sent,recipients\n\n"w1,2027-03-01,5\nw2,2027-03-02,6\n', "sends.csv:3: a quotation mark is never closed"),
        ("id,sent,recipients\nw1,2027-03-01,5\nw1,2027-03-02,6\n", "csv:3: the send 'w1' stands in the file twice"),
        ("id,sent,recipients\n,2027-03-01,5\n", "sends.csv:2: the id is missing"),
        ("sent,sent,recipients\n1,2,3\n", "two columns are called 'sent'"),
        ("id,recipients\nw1,5\n", "has no column 'sent'; there are id, recipients; say which one it is"),
        ("sent,recipents\n2027-03-01,5\n", "unknown column 'recipents'; did you mean 'recipients'?"),
        ("sent,recipients,famly\n2027-03-01,5,x\n", "unknown column 'famly'; did you mean 'family'?"),
        ("sent,recipients,kind\n2027-03-01,5,marketting\n", "kind is 'marketting'; it must be marketing,"),
        (b"sent,recipients,subject\n2027-03-01,5,Gr\xfc\xdfe\n", "sends.csv:2: this is not UTF-8; save"),
        (b"sent,recipients\n2027-03-01,\x00\x00\x00\n", "has NUL characters"),
        ("sent,recipients\n".encode("utf-16-le"), "has NUL characters"),
        (b"\xff\xfes", "sends.csv:1: this is not UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00", "has NUL characters, so it is no text"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_in_one_sentence(text: str | bytes, said: str) -> None:
    assert said in refused(text)


def test_columns_of_other_names() -> None:
    text = "Campaign;Send Date;Delivered;Opens\nspring;2027-03-22;812;90\n"
    found = past(text, id="campaign", sent="send date", recipients="Delivered")
    assert [(one.id, one.recipients) for one in found.sends] == [("spring", 812)]
    assert found.unused == ("Opens",)
    assert not found.has_families
    assert "has no column 'Sent Date'; did you mean 'Send Date'?" in refused(text, sent="Sent Date")
    assert "a send has no column 'recipient'; did you mean 'recipients'?" in refused(text, recipient="Delivered")


def test_a_column_that_is_renamed_does_not_serve_twice() -> None:
    """`sent` here is the number that was sent, and says so."""
    (one,) = sends("date,sent\n2027-03-22,812\n", sent="date", recipients="sent")
    assert (one.recipients, one.at.day) == (812, 22)


def test_rows_without_ids_and_families() -> None:
    text = "sent,recipients\n2027-03-22,812\n2027-03-23,812\n"
    first, again = past(text, family="weekly"), past(text, family="weekly")
    assert [one.family for one in first.sends] == ["weekly", "weekly"]
    assert [one.id for one in first.sends] == [one.id for one in again.sends]
    assert len({one.id for one in first.sends}) == 2


@given(st.binary(max_size=400))
def test_any_bytes_are_sends_or_one_sentence(data: bytes) -> None:
    text = b"sent,recipients\n2027-03-01,5\n" + data
    try:
        found = past(text)
    except HistoryError:
        assert refused(text)
    else:
        assert found.sends


@given(st.lists(st.tuples(st.dates(date(2000, 1, 1), NOW.date()), st.integers(0, 10**9)), min_size=1))
def test_every_send_arrives(rows: list[tuple[object, int]]) -> None:
    text = "id,sent,recipients\n" + "".join(f"n{at},{day},{count}\n" for at, (day, count) in enumerate(rows))
    assert [(one.at.date(), one.recipients) for one in sends(text)] == rows


def test_a_cut_off_file_never_loses_a_whole_row_silently() -> None:
    """Wherever it ends, what is left is a part of a number, or refused."""
    for end in range(len(WHOLE)):
        try:
            found = sends(WHOLE[:end])
        except HistoryError:
            continue
        whole_lines = WHOLE[:end].count("\n") - 1 + (not WHOLE[:end].endswith("\n"))
        assert len(found) == whole_lines


def test_files(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    form = Format(now=NOW)
    with pytest.raises(HistoryError, match="there is no such file of past sends"):
        load(folder / "sends.csv", "sends.csv", form)
    with pytest.raises(HistoryError, match="is no file; name a CSV"):
        load(folder, "folder", form)
    with (folder / "large.csv").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(HistoryError, match="is larger than 67,108,864 bytes"):
        load(folder / "large.csv", "large.csv", form)
