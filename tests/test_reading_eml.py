"""Mails, well-formed and nasty, through the front door of `mailcheck.reading`."""

from base64 import b64encode
from email.errors import MessageDefect
from email.message import Message
from email.parser import BytesFeedParser
from typing import Any, TypeVar

import pytest

from mailcheck.campaign import Campaign
from mailcheck.reading import Limits, ReadingError, mime, read
from mailcheck.reading.source import OverLimit

T = TypeVar("T")


def sure(value: T | None) -> T:
    assert value is not None
    return value


def mail(data: bytes | str, **options: Any) -> Campaign:
    (campaign,) = read("a.eml", data=data if isinstance(data, bytes) else data.encode(), **options)
    return campaign


def texts(campaign: Campaign) -> tuple[str | None, str | None, str | None]:
    message = campaign.message
    subject, text, html = (
        None if part is None else part.text for part in (message.subject, message.text, message.html)
    )
    return subject, text, html


def faults(campaign: Campaign) -> set[tuple[str, bool]]:
    return {(fault.name, fault.blocking) for fault in campaign.faults}


NEWSLETTER = (
    b"Received: from a\r\n\tby b\r\n"
    b"From: =?utf-8?q?Bj=C3=B6rn?= <bjorn@shop.example>\r\n"
    b"Reply-To: help@shop.example\r\n"
    b"Subject: =?UTF-8?B?R3LDvA==?=\r\n =?UTF-8?B?w59l?= today\r\n"
    b"X-One: 1\r\nX-One: 2\r\n"
    b'Content-Type: multipart/mixed; boundary="out"\r\n\r\npreamble\r\n'
    b'--out\r\nContent-Type: multipart/related; boundary="rel"\r\n\r\n'
    b'--rel\r\nContent-Type: multipart/alternative; boundary="alt"\r\n\r\n'
    b"--alt\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"Gr=FC=DFe, a =\r\nlong line\r\n"
    b"--alt\r\nContent-Type: text/x-amp-html; charset=utf-8\r\n\r\n<html amp4email>\r\n"
    b"--alt\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + b64encode("<p>Grüße</p>\r\n<img src='cid:logo@x'>".encode())
    + b"\r\n--alt--\r\n"
    b"--rel\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n"
    b"--rel--\r\n"
    b"--out\r\nContent-Type: application/pdf; name*=utf-8''%C3%A4.pdf\r\n"
    b"Content-Disposition: attachment; filename==?utf-8?Q?price=C3=A4.pdf?=\r\n\r\nPDF\r\n"
    b"--out\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: text/html\r\n\r\n<b>inner</b>\r\n"
    b"--out--\r\nepilogue"
)


def test_every_part_of_a_newsletter_is_found() -> None:
    campaign = mail(NEWSLETTER)
    message = campaign.message
    assert texts(campaign) == (
        "Grüße today",
        "Grüße, a long line",
        "<p>Grüße</p>\r\n<img src='cid:logo@x'>",
    )
    assert sure(message.amp).text == "<html amp4email>"
    assert sure(message.sender).text == "Björn <bjorn@shop.example>"
    assert sure(message.reply_to).text == "help@shop.example"
    assert [part.name for part in message.parts()][:6] == ["from", "reply-to", "subject", "html", "text", "amp"]
    assert faults(campaign) == {("unread", True)}  # the mail within
    assert (campaign.reader, campaign.stage) == ("eml", "rendered")


def test_headers_keep_order_duplicates_and_their_raw_form() -> None:
    headers = mail(NEWSLETTER).message.headers
    assert [(header.name, header.value.name) for header in headers] == [
        ("Received", "header:Received"),
        ("From", "from"),
        ("Reply-To", "reply-to"),
        ("Subject", "subject"),
        ("X-One", "header:X-One"),
        ("X-One", "header:X-One"),
        ("Content-Type", "header:Content-Type"),
    ]
    assert headers[0].value.text == "from a\tby b"
    assert headers[0].raw == "from a\r\n\tby b"
    assert headers[3].raw == "=?UTF-8?B?R3LDvA==?=\r\n =?UTF-8?B?w59l?= today"
    assert [header.value.text for header in headers[4:6]] == ["1", "2"]


def test_attachments_have_name_type_size_and_content_id() -> None:
    found = [
        (a.span.part.name, a.filename.text, a.content_type, a.size, a.content_id, a.inline)
        for a in mail(NEWSLETTER).message.attachments
    ]
    assert found == [
        ("attachment:1", "", "image/png", 4, "logo@x", True),
        ("attachment:2", "priceä.pdf", "application/pdf", 3, "", False),
        ("attachment:3", "", "message/rfc822", 52, "", False),
    ]


def test_a_place_counts_in_the_decoded_part() -> None:
    html = sure(mail(NEWSLETTER).message.html)
    where = html.at(html.text.index("<img"), html.text.index("src")).where
    assert (where.part, where.path, where.line, where.column, where.end_column) == ("html", "a.eml", 2, 1, 6)


def test_a_second_subject_is_another_header() -> None:
    message = mail("Subject: one\nSubject: two\n\nx").message
    assert sure(message.subject).text == "one"
    assert [header.value.name for header in message.headers] == ["subject", "header:Subject"]


ALTERNATIVE = "Content-Type: multipart/alternative; boundary=b\n\n"


@pytest.mark.parametrize(
    ("data", "subject", "text", "html", "expected"),
    [
        pytest.param("Subject: x\n\nHi\n", "x", "Hi\n", None, set(), id="plain"),
        pytest.param("From a Mon\nSubject: x\n\nHi", "x", "Hi", None, set(), id="mbox line"),
        pytest.param("\r\n\r\nSubject: x\r\n\r\nHi", "x", "Hi", None, set(), id="leading empty lines"),
        pytest.param("\ufeffSubject: x\n\nHi", "x", "Hi", None, set(), id="byte order mark"),
        pytest.param("Subject: x\rTo: a@b\r\rHi", "x", "Hi", None, set(), id="bare carriage returns"),
        pytest.param("Subject:x\nContent-Type: text/html\n\n<p>x", "x", None, "<p>x", set(), id="no space"),
        pytest.param("Content-Type: text/html\n\n<p>x", None, None, "<p>x", set(), id="no subject"),
        pytest.param("Subject: x\nContent-Type: garbage\n\nHi", "x", "Hi", None, set(), id="odd content type"),
        pytest.param("Subject:\n\nHi", "", "Hi", None, set(), id="empty subject"),
        pytest.param("Subject: x\nHello\n\nHi", "x", "Hello\n\nHi", None, {("malformed", False)}, id="no empty line"),
        pytest.param(" folded\nSubject: x\n\nHi", "x", "Hi", None, {("malformed", False)}, id="starts folded"),
        pytest.param(": v\nSubject: x\n\nHi", "x", "Hi", None, {("malformed", False)}, id="no header name"),
        pytest.param(
            "Hello you\n\nHi",
            None,
            "Hello you\n\nHi",
            None,
            {("malformed", True), ("malformed", False)},
            id="no header",
        ),
        pytest.param("Subject: x\n\n", "x", "", None, {("unreadable", True)}, id="empty body"),
        pytest.param("Subject: x\nContent-Type: image/png\n\nxyz", "x", None, None, {("unreadable", True)}, id="image"),
        pytest.param(
            "Content-Disposition: attachment\nContent-Type: text/html\n\n<p>",
            None,
            None,
            None,
            {("unreadable", True), ("unread", False)},
            id="attached",
        ),
        pytest.param(
            "Content-Type: multipart/mixed\n\n--b\n\nHi\n--b--",
            *(None, None, None, {("malformed", True), ("unreadable", True)}),
            id="no boundary stated",
        ),
        pytest.param(
            "Content-Type: multipart/mixed; boundary=c\n\n--b\n\nHi\n--b--",
            *(None, None, None, {("malformed", True), ("unreadable", True)}),
            id="boundary never comes",
        ),
        pytest.param(ALTERNATIVE + "--b\n\nHi", None, "Hi", None, {("malformed", True)}, id="no closing boundary"),
        pytest.param(
            'Content-Type: multipart/mixed; boundary="b\n c"\n\n--b c\n\nHi\n--b c--',
            None,
            "Hi",
            None,
            set(),
            id="folded boundary",
        ),
        pytest.param(
            ALTERNATIVE + "--b\n\none\n--b\n\ntwo\n--b--", None, "one", None, {("unread", True)}, id="two texts"
        ),
        pytest.param(
            ALTERNATIVE + "--b\n\none\n--b\n\n\n--b--", None, "one", None, set(), id="a second text that is empty"
        ),
        pytest.param(
            ALTERNATIVE + "--b\n\none\n--b\nContent-Type: text/plain; name=a.txt\n\ntwo\n--b--",
            *(None, "one", None, {("unread", True)}),
            id="a text file",
        ),
        pytest.param(
            ALTERNATIVE + "--b\nContent-Type: text/html\nContent-Disposition: ATTACHMENT; filename=a\n\n1\n"
            "--b\nContent-Type: text/html\n\n2\n--b--",
            *(None, None, "2", {("unread", False)}),
            id="attached page first",
        ),
        pytest.param(
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\nHi\n--b--",
            *(None, None, None, {("unreadable", True), ("unread", True)}),
            id="digest",
        ),
        pytest.param(
            "Content-Type: message/rfc822\n\nSubject: in\n\nHi",
            None,
            None,
            None,
            {("unreadable", True), ("unread", True)},
            id="forwarded",
        ),
    ],
)
def test_structure(
    data: str, subject: str | None, text: str | None, html: str | None, expected: set[tuple[str, bool]]
) -> None:
    campaign = mail(data)
    assert texts(campaign) == (subject, text, html)
    assert faults(campaign) == expected


def body(charset: str, data: bytes, encoding: str = "8bit", kind: str = "text/plain") -> bytes:
    return f"Content-Type: {kind}{charset}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + data


@pytest.mark.parametrize(
    ("data", "text", "expected"),
    [
        (body("; charset=utf-8", "ä".encode()), "ä", set()),
        (body('; charset=" UTF-8 "', "ä".encode()), "ä", set()),
        (body("; charset='utf-8'", "ä".encode()), "ä", set()),
        (body("; charset*=us-ascii'en'utf-8", "ä".encode()), "ä", set()),
        (body("; charset=iso-8859-1", b"\x93\xe4"), "\u201cä", set()),
        (body("; charset=windows-1252", b"\x81"), "\x81", set()),
        (body("; charset=gb2312", "龍".encode("gb18030")), "龍", set()),
        (body("; charset=ks_c_5601-1987", "한".encode("cp949")), "한", set()),
        (body("; charset=x-sjis", "①".encode("cp932")), "①", set()),
        (body("; charset=iso-8859-8-i", "א".encode("iso8859-8")), "א", set()),
        (body("; charset=unicode-1-1-utf-7", b"+AOQ-"), "ä", set()),
        (body("; charset=utf-16", "ä".encode("utf-16")), "ä", set()),
        (body("", b"plain"), "plain", set()),
        (body("", "ä".encode()), "ä", {("charset", False)}),
        (body("", b"\xe4"), "ä", {("charset", True)}),
        (body("; charset=us-ascii", "ä".encode()), "ä", {("charset", True)}),
        (body("; charset=utf-8", b"a\xe4b"), "a\ufffdb", {("charset", True)}),
        (body("; charset=utf-7", b"+2AA-"), "\ufffd", {("charset", True)}),
        (body("; charset=klingon", b"a"), "a", {("charset", False)}),
        (body("; charset=klingon", "ä".encode()), "ä", {("charset", True)}),
        (body("; charset=klingon", b"\xe4"), "ä", {("charset", True)}),
        (body("; charset=hex", b"\xe4"), "ä", {("charset", True)}),
        (body("; charset=zlib", b"\xe4"), "ä", {("charset", True)}),
        (body("; charset=punycode", b"\xe4"), "ä", {("charset", True)}),
        (body("; charset=unicode_escape", b"\\x41"), "\\x41", {("charset", False)}),
        (body("; charset=undefined", b"x"), "x", {("charset", False)}),
        (body("; charset=a\0b", b"x"), "x", {("charset", False)}),
        (body("; charset=" + "x" * 300, b"x"), "x", {("charset", False)}),
        (body("; charset=utf-8", b"w6Q=", "base64"), "ä", set()),
        (body("; charset=utf-8", b"w6Q", "base64"), "ä", {("malformed", True)}),
        (body("; charset=utf-8", b"w6Q=!", "BASE64"), "ä", {("malformed", False)}),
        (body("; charset=utf-8", b"AAAAA", "base64"), "AAAAA", {("malformed", True)}),
        (body("; charset=utf-8", b"=C3=A4=", "Quoted-Printable"), "ä", set()),
        (body("; charset=utf-8", b"=XY", "quoted-printable"), "=XY", set()),
        (body("; charset=utf-8", b"x", "8-bits"), "x", set()),
        (body("; charset=utf-8", b"w6Q=", "base64;"), "ä", set()),
        (body("; charset=utf-8", b"w6Q=", '"Base64" (padded) ; x=y'), "ä", set()),
        (body("; charset=utf-8", b"w6Q=", "(c)base64\n "), "ä", set()),
        (body("; charset=utf-8", b"w6Q=", "base-64"), "w6Q=", {("malformed", True)}),
        (body("; charset=utf-8", b"w6Q=", "7bit base64"), "w6Q=", {("malformed", True)}),
        (body("; charset=utf-8", b"eA==\neA==", "base64"), "x", {("malformed", True), ("malformed", False)}),
        (body("; charset=utf-8", b"Hi", "x-uuencode"), "Hi", {("malformed", True)}),
        (body("; charset=utf-8", "x".encode("utf-16-le")), "x\0", {("malformed", True)}),
        (body("; charset=utf-8; format=flowed", b"Hi \nyou\n-- \nme\n"), "Hi you\n-- \nme\n", set()),
        (body("; charset=utf-8; format=Flowed; delsp=Yes", b"*|FNA \n ME|*\n\n  x"), "*|FNAME|*\n\n x", set()),
        (body("; charset=utf-8", b"Hi\n-----BEGIN PGP MESSAGE-----\n"), None, {("unread", True)}),
    ],
)
def test_charsets_and_transfer_encodings(data: bytes, text: str | None, expected: set[tuple[str, bool]]) -> None:
    campaign = mail(data)
    if text is not None:
        assert sure(campaign.message.text).text == text
    assert faults(campaign) == expected


@pytest.mark.parametrize(
    ("data", "text", "expected"),
    [
        (b"<meta charset=windows-1250>\x9a", "<meta charset=windows-1250>š", set()),
        (b"<meta charset=utf-8>\xc3\xa4", "<meta charset=utf-8>ä", set()),
        (b"<meta charset=windows-1250>\xc3\xa4", "<meta charset=windows-1250>ä", {("charset", True)}),
        (b"\xc3\xa4", "ä", {("charset", False)}),
    ],
)
def test_a_page_without_charset_in_its_header_states_it_itself(
    data: bytes, text: str, expected: set[tuple[str, bool]]
) -> None:
    campaign = mail(body("", data, kind="text/html"))
    assert sure(campaign.message.html).text == text
    assert faults(campaign) == expected


def test_a_charset_fault_names_the_place() -> None:
    (fault,) = mail(body("; charset=utf-8", b"ab\r\nc\xffd")).faults
    assert (sure(fault.span).text, sure(fault.span).where.line, sure(fault.span).where.column) == ("\ufffd", 2, 2)


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("=?utf-8?q?a_b=C3=A4?=", "a bä", set()),
        ("=?utf-8?Q?a b?= c", "a b c", set()),
        ("=?UTF-8*en?B?w6Q=?=", "ä", set()),
        ("=?utf-8?B?w6Q?=", "ä", set()),
        ("=?utf-8?B?w?= =?utf-8?B?6Q=?=", None, {("charset", True)}),
        ("=?utf-8?q?=C3?=  =?utf-8?q?=A4?=", "ä", set()),
        ("=?utf-8?q?=C3?=\n\t=?utf-8?q?=A4?=", "ä", set()),
        ("=?utf-8?q?a?= - =?utf-8?q?b?=", "a - b", set()),
        ("=?utf-8?q?a?=x=?utf-8?q?b?=", "axb", set()),
        ("=?iso-8859-1?q?\xe4=E4?=", None, set()),
        ("=?iso-8859-1?q?=93?= =?utf-8?q?=C3=A4?=", "\u201cä", set()),
        ("=?utf-8?q?=FF?=", "\ufffd", {("charset", True)}),
        ("=?none?q?=E4?=", "ä", {("charset", True)}),
        ("=?us-ascii?q?=C3=A4?=", "ä", {("charset", True)}),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?=", set()),
        ("=?utf-8?b??=", "", set()),
        ("=?utf-8?b?A?=", "=?utf-8?b?A?=", {("charset", True)}),
        ("=?utf-7?q?+2AA-?=", "\ufffd", {("charset", True)}),
        ("Grüße", "Grüße", set()),
        (b"Gr\xfc\xdfe", "Grüße", {("charset", True)}),
        (b"=?iso-8859-1?q?Gr\xfc\xdfe?=", "Grüße", set()),
        ("a\n  b\n\tc", "a  b\tc", set()),
        ("{{ first_name }}, 50% off", "{{ first_name }}, 50% off", set()),
    ],
)
def test_subjects(field: str | bytes, text: str | None, expected: set[tuple[str, bool]]) -> None:
    data = field if isinstance(field, bytes) else field.encode()
    campaign = mail(b"Subject: " + data + b"\n\nHi")
    if text is not None:
        assert sure(campaign.message.subject).text == text
    assert faults(campaign) == expected
    if campaign.faults:
        assert sure(campaign.faults[0].span).part is campaign.message.subject


def test_doubt_about_another_header_does_not_block() -> None:
    assert faults(mail(b"X-A: \xe4\n\nHi")) == {("charset", False)}


def nested(levels: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels))


def many(parts: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * parts


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(nested(10_000), "30 levels", id="depth"),
        pytest.param(b"Content-Type: message/rfc822\n\n" * 10_000, "30 levels", id="forwarded"),
        pytest.param(
            b"Content-Type: message/delivery-status\n\n" + b"A: b\n\n" * 100_000, "500 MIME parts", id="status"
        ),
        pytest.param(many(100_000), "500 MIME parts", id="parts"),
        pytest.param(b"X: y\n" * 100_000 + b"\nHi", "5,000 header fields", id="headers"),
        pytest.param(b"X: " + b"y" * 100_000 + b"\n\nHi", "32,768 bytes in one header field", id="header"),
        pytest.param(b"X: y\n" + b" y\n" * 100_000 + b"\n\nHi", "32,768 bytes in one header field", id="folds"),
        pytest.param(
            (b"X: " + b"y" * 30_000 + b"\n") * 40 + b"\nHi", "1,048,576 bytes of header fields", id="header bytes"
        ),
        pytest.param(b"A: b\n\n" + b"\n" * 300_000, "200,000 lines", id="lines"),
        pytest.param(b"A: b\n\n" + b"\r" * 300_000, "200,000 lines", id="carriage returns"),
    ],
)
def test_bombs_are_limits(data: bytes, said: str) -> None:
    campaign = mail(data)
    assert faults(campaign) == {("limit", True)}
    assert said in campaign.faults[0].message
    assert list(campaign.message.parts()) == []


def test_limits_are_inclusive() -> None:
    assert faults(mail(many(499))) == {("malformed", True), ("unread", True)}
    assert faults(mail(many(500))) == {("limit", True)}
    assert ("limit", True) not in faults(mail(nested(29)))
    assert ("limit", True) not in faults(mail(nested(30) + b"\nHi"))
    assert ("limit", True) in faults(mail(nested(31) + b"\nHi"))
    assert faults(mail("A: b\nC: d\n\nx", limits=Limits(headers=2))) == set()
    assert faults(mail("A: b\nC: d\n\nx", limits=Limits(headers=1))) == {("limit", True)}


def test_a_bomb_is_left_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    fed = []
    feed = BytesFeedParser.feed

    def spy(self: BytesFeedParser, data: bytes) -> None:
        fed.append(len(data))
        feed(self, data)

    monkeypatch.setattr(BytesFeedParser, "feed", spy)
    with pytest.raises(OverLimit):
        mime.parse(nested(100_000), Limits())
    assert sum(fed) <= 64 * 1024


def test_a_header_without_text_or_binary_data_is_no_mail() -> None:
    with pytest.raises(ReadingError, match="empty"):
        mail(b"\r\n \r\n")
    with pytest.raises(ReadingError, match="this is not a mail"):
        mail(b"\x00\x01\x02\x03\x04\x05\x06\x07" * 20)


INNER = "--b\nContent-Type: {}\n\nHi\n"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("text/enriched", {("unread", True)}),
        ("text/watch-html", {("unread", True)}),
        ("application/xhtml+xml", {("unread", True)}),
        ("text/calendar", {("unread", False)}),
        ("message/rfc822\nContent-Disposition: attachment", {("unread", True)}),
        ("message/partial; id=a; number=1", {("unread", True)}),
        ("message/external-body; access-type=URL", {("unread", True)}),
        ("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", {("unread", True)}),
        ("application/ms-tnef; name=winmail.dat", {("unread", True)}),
        ("text/html\nContent-Disposition: attachment", {("unread", True)}),
        ("text/html; name=a.html\nContent-Disposition: attachment", {("unread", False)}),
        ("message/delivery-status", set()),
        ("application/pdf; name=a.pdf", set()),
        ("image/png", set()),
        ('"text / HTML";', set()),
        ("Text/Html, x", set()),
    ],
)
def test_what_was_not_judged_is_said(kind: str, expected: set[tuple[str, bool]]) -> None:
    within = "mixed" if kind.startswith("image") else "alternative"
    data = f"Content-Type: multipart/{within}; boundary=b\n\n{INNER.format('text/plain')}{INNER.format(kind)}--b--"
    assert faults(mail(data)) == expected


@pytest.mark.parametrize(
    "html",
    ["", " ", "<!-- x -->", "<!-- unclosed <p>Hi", "<html><head><title>Hi</title></head><body>&nbsp;\u200b</body>"],
)
def test_html_that_shows_nothing_is_no_judgement(html: str) -> None:
    data = f"{ALTERNATIVE}{INNER.format('text/plain')}--b\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b--"
    assert faults(mail(data)) == {("unreadable", True)}


@pytest.mark.parametrize(
    "html", ["<img src=a>", "<td background=a>", "{{> body }}", "<p style='background:url(a)'>", "<hr>"]
)
def test_html_that_shows_something_is(html: str) -> None:
    assert faults(mail(f"Content-Type: text/html\n\n{html}")) == set()


@pytest.mark.parametrize("name", ["Subject", "From", "Reply-To", "Content-Type", "Content-Transfer-Encoding"])
def test_a_field_that_stands_twice_is_ambiguous(name: str) -> None:
    assert faults(mail(f"{name}: 7bit\n{name}: 7bit\n\nHi")) == set()
    assert faults(mail(f"{name}: 7bit\n{name}: 8bit\n\nHi")) == {("malformed", True)}


def test_a_place_in_flowed_text_counts_in_the_lines_of_the_mail() -> None:
    text = sure(mail(body("; format=flowed; delsp=yes", b"one\r\nHi *|FNA \r\nME|*, you")).message.text)
    where = text.at(text.text.index("*|"), text.text.index(",")).where
    assert (where.line, where.column, where.end_line, where.end_column) == (2, 4, 3, 5)


def test_a_subject_that_ends_within_an_encoded_word() -> None:
    assert faults(mail("Subject: =?utf-8?B?SGkgKnxGTkFNRXwq\n\nHi")) == {("charset", True)}


def test_a_part_on_which_the_library_fails_is_not_taken_for_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> bytes:
        raise LookupError("unknown")

    good = b"Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nHello\n--b--\n"
    assert mail(good).faults == ()
    monkeypatch.setattr("mailcheck.reading.transfer.decode", fail)
    assert ("malformed", True) in [(fault.name, fault.blocking) for fault in mail(good).faults]


def test_a_defect_that_nobody_foresaw_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    class NewDefect(MessageDefect):
        pass

    def decode(part: Message) -> bytes:
        part.defects.append(NewDefect())
        return b"Hello"

    monkeypatch.setattr("mailcheck.reading.transfer.decode", decode)
    (fault,) = mail(b"Subject: x\n\nHello\n").faults
    assert (fault.name, fault.blocking) == ("malformed", True)
