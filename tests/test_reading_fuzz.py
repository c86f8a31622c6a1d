"""Whatever the bytes: a campaign or a `ReadingError`, and text that can be written."""

import random
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailcheck.campaign import Campaign
from mailcheck.reading import ReadingError, from_mapping, read

MAILS = [
    b"From: =?utf-8?q?B=C3=B6?= <a@b.example>\r\nSubject: =?x?b?w6Q=?= {{ x }}\r\n\r\nHi",
    (
        b'Content-Type: multipart/mixed; boundary="a"\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n'
        b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nw6Q=\n"
        b"--b\nContent-Type: text/html; charset*0=iso-; charset*1=8859-1\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n<p>=E4\n--b--\n"
        b"--a\nContent-Type: message/rfc822\n\nSubject: in\n\nHi\n"
        b"--a\nContent-Type: message/delivery-status\n\nA: b\n\nC: d\n\n"
        b"--a\nContent-Type: image/png; name*=utf-8''%C3%A4\nContent-ID: <x>\n"
        b'Content-Disposition: inline; filename="=?utf-8?q?=C3=A4?="\n\nx\n--a--\n'
    ),
]
TOKENS = [
    *[
        b"\n",
        b"\r\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xed\xa0\x80",
        b" ",
        b"\t",
        b":",
        b";",
        b'"',
        b"=",
        b"?=",
        b"=?",
        b"--a",
        b"--b--",
    ],
    *[
        b"Content-Type: ",
        b"multipart/mixed",
        b"message/rfc822",
        b"text/html",
        b"; charset=",
        b"utf-7",
        b"utf-16",
        b"\xc3",
    ],
    *[
        b"Content-Transfer-Encoding: base64\n",
        b"x-uuencode",
        b"begin 644 a\n",
        b"=?utf-8?b?",
        b"=?utf-7?q?+2AA-?=",
        b"*0*=",
        b"''",
    ],
    *[
        b"boundary=",
        b"; name=",
        b"Subject: ",
        b"Content-Disposition: attachment; filename*=",
        b"%ED%A0%80",
        b"idna",
        b"(",
        b"\\",
    ],
]


def mutated(base: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    data = bytearray(base)
    for _ in range(chance.randint(1, 12)):
        at = chance.randint(0, len(data))
        data[at : at + chance.choice([0, 0, 1, 3, 20])] = chance.choice(TOKENS)
    return bytes(data)


def check(name: str, data: bytes) -> Campaign | None:
    try:
        (campaign,) = read(name, data=data)
    except ReadingError as error:
        str(error).encode()
        if error.__cause__ is not None:  # an exception that a reader did not expect
            raise error.__cause__ from None
        return None
    message = campaign.message
    for part in (*message.parts(), *(header.value for header in message.headers)):
        part.text.encode()
        assert part.span.where.line >= 1
        assert part.line_column(len(part.text))
    for header in message.headers:
        (header.name + header.raw).encode()
    for fault in campaign.faults:
        fault.message.encode()
        assert fault.span is None or fault.span.where.end_line >= fault.span.where.line
    return campaign


@settings(deadline=None)
@given(st.sampled_from(["a.html", "a.eml", "a.mjml", "a.txt", "a.toml", "a.json", "-", "a"]), st.binary(max_size=300))
def test_random_bytes(name: str, data: bytes) -> None:
    check(name, data)


@settings(deadline=None)
@given(st.sampled_from(MAILS), st.integers())
@example(b"Content-Type: text/plain; charset=\xff\n\nx", 0)
def test_mutated_mails(base: bytes, seed: int) -> None:
    check("a.eml", base)
    check("a.eml", mutated(base, seed))


@settings(deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=40).map(b"".join))
@example(b'Content-Type: multipart/mixed; boundary="a\n')
@example(b"Content-Type: image/png; name*=a; name*0=b\n\nx")
@example(b"Content-Type: multipart/mixed; boundary*=a; boundary*0=b\n\nx")
@example(b"Content-Type: a; name*0*=x''%\n\nx")
@example(b"Content-Disposition: attachment; filename*=a\0b'en'x\nContent-Type: x/y\n\nz")
def test_mails_of_hostile_pieces(data: bytes) -> None:
    check("a.eml", b"Subject: x\n" + data)


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "cp1252", "shift_jis", "utf-8-sig", "gb18030"]))
def test_templates_in_any_charset(text: str, codec: str) -> None:
    data = text.encode(codec, "ignore")
    campaign = check("a.html", data)
    stated = "charset" in text or text.startswith("\ufeff")
    readable = codec in {"utf-8", "utf-8-sig", "utf-16"} and "\0" not in text
    if campaign is not None and readable and not stated:
        assert campaign.message.html is not None
        assert campaign.message.html.text == text
        assert {fault.name for fault in campaign.faults} <= {"unreadable"}  # some texts show a reader nothing


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_subject_survives_a_mail(text: str) -> None:
    from email.header import Header

    header = Header(text, "utf-8").encode()
    campaign = check("a.eml", f"Subject: {header}\n\nHi".encode())
    kept = " ".join(text.split())
    assert campaign is not None
    assert campaign.message.subject is not None
    assert " ".join(campaign.message.subject.text.split()) == kept


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["html", "subject", "from", "sender", "headers", "message", "fields", "locales", "audience", "stage"]
)


@settings(deadline=None)
@given(st.dictionaries(NAMES | st.text(max_size=8), JSON_LIKE, max_size=5))
def test_random_mappings(mapping: dict[str, object]) -> None:
    with suppress(ReadingError):
        from_mapping(mapping)


@pytest.mark.parametrize("seed", range(300))
def test_mutated_mails_of_every_run(seed: int) -> None:
    check("a.eml", mutated(MAILS[seed % 2], seed))
