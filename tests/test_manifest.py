"""`campaign.toml`, `campaign.json` and Python mappings."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import pytest

from mailcheck.campaign import Campaign
from mailcheck.reading import Limits, ReadingError, from_mapping, read

FULL = """
id = "4711"
name = "Spring sale"
family = "sale"
kind = "marketing"
stage = "rendered"
dialect = "mailchimp"
locales = ["de-DE", "en"]
fields = ["FNAME", "LNAME"]

[message]
subject = "Hi *|FNAME|*"
preheader = "20 % off"
from = "Shop <news@shop.example>"
reply_to = "help@shop.example"
html_file = "parts/body.html"
text = '''
Hi
there'''
amp_file = "amp.html"

[message.headers]
List-Unsubscribe = "<https://shop.example/u>"
X-Tag = ["a", "b"]

[audience]
source = "people.csv"
rows = 10
only = [{ who = "members", column = "club", values = ["yes"] }]

[suppression]
source = "out.csv"

[segments.members]
source = "members.csv"

[reconciliation]
targeted = 12
excluded = { bounced = 2 }

[history]
file = "sends.csv"
[history.columns]
sent = "Send date"
[schedule]
send = 2026-03-01T09:00:00+01:00
[catalogue]
file = "products.csv"
columns = { price = "Pris" }
[brand]
name = "Shop"
[approval]
by = "Ada"
[service]
lists = ["Customers"]
"""


T = TypeVar("T")


def sure(value: T | None) -> T:
    assert value is not None
    return value


def folder(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def toml(text: str, name: str = "campaign.toml") -> Campaign:
    (campaign,) = read(name, data=text.encode())
    return campaign


def refused(text: str | bytes, name: str = "campaign.toml") -> tuple[str, int | None]:
    with pytest.raises(ReadingError) as caught:
        read(name, data=text if isinstance(text, bytes) else text.encode())
    assert caught.value.path == name
    return caught.value.message, caught.value.line


def test_a_full_manifest(tmp_path: Path) -> None:
    folder(tmp_path, {"campaign.toml": FULL, "parts/body.html": "<p>Hi</p>", "amp.html": "<html amp4email>"})
    (campaign,) = read(tmp_path)
    message = campaign.message
    assert (campaign.id, campaign.name, campaign.family, campaign.kind) == ("4711", "Spring sale", "sale", "marketing")
    assert (campaign.reader, campaign.stage, campaign.dialect) == ("manifest", "rendered", "mailchimp")
    assert (campaign.locales, campaign.fields) == (("de-DE", "en"), ("FNAME", "LNAME"))
    assert [(part.name, part.media, part.text) for part in message.parts()] == [
        ("from", "header", "Shop <news@shop.example>"),
        ("reply-to", "header", "help@shop.example"),
        ("subject", "header", "Hi *|FNAME|*"),
        ("preheader", "text", "20 % off"),
        ("html", "html", "<p>Hi</p>"),
        ("text", "text", "Hi\nthere"),
        ("amp", "amp", "<html amp4email>"),
    ]
    assert [(header.name, header.value.name, header.value.text) for header in message.headers] == [
        ("List-Unsubscribe", "header:List-Unsubscribe", "<https://shop.example/u>"),
        ("X-Tag", "header:X-Tag", "a"),
        ("X-Tag", "header:X-Tag", "b"),
    ]
    assert sure(message.subject).path == str(tmp_path / "campaign.toml")
    assert sure(message.html).path == str(tmp_path / "parts" / "body.html")
    assert sure(message.html).origin is None
    only = {"who": "members", "column": "club", "values": ("yes",)}
    assert campaign.audience == {"source": "people.csv", "rows": 10, "only": (only,)}
    assert campaign.suppression == {"source": "out.csv"}
    assert campaign.segments == {"members": {"source": "members.csv"}}
    assert campaign.reconciliation == {"targeted": 12, "excluded": {"bounced": 2}}
    assert campaign.history == {"file": "sends.csv", "columns": {"sent": "Send date"}}
    assert campaign.schedule == {"send": datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=1)))}
    assert campaign.catalogue == {"file": ("products.csv",), "columns": {"price": "Pris"}}
    assert (campaign.brand, campaign.approval) == ({"name": "Shop"}, {"by": "Ada"})
    assert campaign.service == {"lists": ["Customers"]}


def test_json_and_a_mapping_mean_the_same(tmp_path: Path) -> None:
    folder(tmp_path, {"body.html": "<p>"})
    mapping = {
        "locale": "de",
        "message": {"subject": "Hi", "html_file": "body.html", "headers": {"X-A": ["1", "2"]}},
        "audience": {"source": "people.csv"},
    }
    (tmp_path / "campaign.json").write_text(json.dumps(mapping))
    (in_json,) = read(tmp_path / "campaign.json")
    in_python = from_mapping(mapping, root=tmp_path)
    assert in_python.reader == "object"
    for campaign in (in_json, in_python):
        assert [part.text for part in campaign.message.parts()] == ["Hi", "<p>"]
        assert [header.value.text for header in campaign.message.headers] == ["1", "2"]
        assert (campaign.locales, campaign.stage, campaign.kind) == (("de",), "template", "marketing")
        assert campaign.audience == {"source": "people.csv"}
        assert (campaign.fields, campaign.dialect, campaign.history) == (None, None, None)
    assert sure(in_python.message.subject).origin is None
    assert sure(in_python.message.subject).span.where.line == 1


def test_the_short_form() -> None:
    campaign = from_mapping(
        {
            "html": "<p>",
            "subject": "Hi",
            "text": "Hi",
            "preheader": "pre",
            "sender": "Shop <a@b.example>",
            "reply_to": "c@d.example",
            "headers": MappingProxyType({"X-A": "1"}),
            "dialect": "mailchimp",
            "stage": "rendered",
            "fields": ("A", "B"),
        }
    )
    assert [part.name for part in campaign.message.parts()] == [
        "from",
        "reply-to",
        "subject",
        "preheader",
        "html",
        "text",
    ]
    assert sure(campaign.message.sender).text == "Shop <a@b.example>"
    assert (campaign.fields, campaign.stage) == (("A", "B"), "rendered")
    assert campaign.message.headers[0].value.text == "1"


def test_mjml_stands_in_the_place_of_html(tmp_path: Path) -> None:
    part = sure(from_mapping({"mjml": "<mjml>"}).message.html)
    assert (part.name, part.media) == ("mjml", "mjml")
    folder(tmp_path, {"campaign.toml": "[message]\nmjml_file = 'a.mjml'", "a.mjml": "<mjml></mjml>"})
    part = sure(read(tmp_path)[0].message.html)
    assert (part.name, part.media, part.path) == ("mjml", "mjml", str(tmp_path / "a.mjml"))


def test_an_empty_text_is_given() -> None:
    message = from_mapping({"subject": "", "html": "", "reply_to": ""}).message
    assert (sure(message.subject).text, sure(message.html).text, sure(message.reply_to).text) == ("", "", "")


def test_a_finished_mail(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "campaign.toml": "dialect = 'braze'\n[message]\neml_file = 'a.eml'",
        "a.eml": b"Subject: Hi\n\n\xff",
    }
    (campaign,) = read(folder(tmp_path, files))
    assert (campaign.stage, campaign.dialect, campaign.reader) == ("rendered", "braze", "manifest")
    assert sure(campaign.message.subject).text == "Hi"
    assert sure(campaign.message.subject).path == str(tmp_path / "a.eml")
    assert [fault.name for fault in campaign.faults] == ["charset"]


def test_the_short_form_names_files_too(tmp_path: Path) -> None:
    files = {
        "campaign.toml": "subject = 'x'\nhtml_file = 'a.html'\ntext_file = 'a.txt'",
        "a.html": "<p>Hi</p>",
        "a.txt": "Hi",
    }
    (campaign,) = read(folder(tmp_path, files))
    message = campaign.message
    assert (sure(message.html).text, sure(message.text).text) == ("<p>Hi</p>", "Hi")
    assert sure(message.html).path == str(tmp_path / "a.html")
    with pytest.raises(ReadingError, match=r"html_file = '\.\./b\.html' leads out of the folder"):
        read(folder(tmp_path, {"campaign.toml": "html_file = '../b.html'"}))


def test_doubts_about_message_files_are_faults(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "campaign.toml": "[message]\nhtml_file = 'a.html'\ntext_file = 'big.txt'",
        "a.html": b"\xff",
        "big.txt": "x" * 101,
    }
    (campaign,) = read(folder(tmp_path, files), limits=Limits(bytes=100))
    assert [(fault.name, fault.blocking) for fault in campaign.faults] == [("charset", False), ("limit", True)]
    assert "text_file = 'big.txt'" in campaign.faults[1].message
    assert campaign.message.text is None
    files = {"campaign.toml": "[message]\neml_file = 'big.txt'"}
    (campaign,) = read(folder(tmp_path, files), limits=Limits(bytes=100))
    assert [(fault.name, fault.blocking) for fault in campaign.faults] == [("limit", True)]


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("name = 'x'\n\nsubjct = 'y'", "unknown key 'subjct'; did you mean 'subject'?", 3),
        ("[message]\nsubject = 'x'\nhtlm = 'y'", "unknown key 'htlm' in message; did you mean 'html'?", 3),
        ("[message]\nsubject = 'x'\n\"Dialect\" = 'y'", "unknown key 'Dialect' in message", 3),
        ("zzzzzzzz = 1", "unknown key 'zzzzzzzz'; known are subject, preheader", 1),
        ("[mesage]\nsubject = 'x'", "unknown key 'mesage'; did you mean 'message'?", 1),
        ("[message]\nsubject = 'x'\ndialect = 'y'", "dialect does not belong here; write it above [message]", 3),
        ("[message]\nhtml = 'x'\nname = 'y'", "name does not belong here; write it above [message]", 3),
        ("html = 'x'\nhtml_file = 'y'", "html and html_file are both given; keep one", 2),
        ("name = 'x'\neml_file = 'x'\nfrom = 'y'", "from is given beside eml_file", 3),
        ("b.c = 1\n[d]\n[message]\nx = 1", "(2 more like this)", 1),
        (
            "\nkind = 'marketin'",
            "kind must be 'marketing', 'transactional' or 'apology', not 'marketin'; did you mean",
            2,
        ),
        ("stage = 3", "stage must be 'template' or 'rendered', not '3'", 1),
        ("id = 3\nhtml = 'x'", "id must be a text in quotes", 1),
        ("html = 'x'\nmessage = 3", "message must be a table", 2),
        ("html = 'x'\naudience = [1]", "audience must be a table", 2),
        ("html = 'x'\nlocales = 'de'", "locales must be a list of texts", 2),
        ("html = 'x'\nfields = [\n 'a',\n 3]", "fields.1 must be a text in quotes", 4),
        ("html = 'x'\n[headers]\nX-A = 3", "headers.X-A must be a list of texts", 3),
        ("html = 'x'\n[headers]\nX-A = [\n'a', 3]", "headers.X-A.1 must be a text in quotes", 4),
        ("html = 'x'\n[headers]\n'X A' = 'x'", "headers.X A is no name of a header field", 3),
        ("html = 'x'\n[headers]\nReply-To = 'x'", "headers.Reply-To has a place of its own; use reply_to", 3),
        ("html = 'x'\nmjml = 'y'", "html and mjml are both given; keep one", 2),
        ("[message]\nhtml = 'x'\nhtml_file = 'y'", "html and html_file are both given; keep one", 3),
        ("html = 'x'\nfrom = 'a'\nsender = 'b'", "from and sender are both given; keep one", 3),
        ("html = 'x'\nlocale = 'xx-!'", "locale 'xx-!' is no language tag", 2),
        ("html = 'x'\nlocales = ['']", "locales.0 '' is no language tag", 2),
        ('html = "x\\u0000"', "html has a NUL character", 1),
        ("html = 'x'\nlocale = 'nl'\nlocales = ['de']", "locale and locales are both given; keep one", 3),
        ("html = 'x'\n[message]\nsubject = 'y'", "html stands at the top level, though there is a table message", 1),
        ("[message]\neml_file = 'x'\nfrom = 'y'", "from is given beside eml_file", 3),
        ("html = 'x'\nsubject == 'y'", "this is not TOML", 2),
        ("html = 'x'\nsubject = 'y", "this is not TOML", 2),
        ("html = 'x'\nhtml = 'y'\n\n", "this is not TOML: Cannot overwrite a value", 2),
        (b"html = 'x'\nsubject = '\xff'", "this is not UTF-8; save the manifest as UTF-8", 2),
        ("x = " + "[" * 5000 + "]" * 5000, "nested too deeply", None),
        ("x = 1" + "0" * 5000, "this is not TOML", None),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str | bytes, said: str, line: int | None) -> None:
    message, found = refused(text)
    assert said in message
    assert found == line


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ('{\n"subjct": "x"}', "unknown key 'subjct'; did you mean 'subject'?", 2),
        ('{"html": "x",\n"fields": ["a",\n3]}', "fields.1 must be a text in quotes", 3),
        ('{"html":\nnope}', "this is not JSON", 2),
        ("[]", "a campaign is a JSON object", 1),
        ('{"html":\n"\\ud800"}', "html has half of a surrogate pair", 1),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply", None),
        ('{"a": 1' + "0" * 5000 + "}", "this is not JSON", None),
    ],
)
def test_what_is_wrong_in_json_is_told_with_its_line(text: str, said: str, line: int | None) -> None:
    message, found = refused(text, "campaign.json")
    assert said in message
    assert found == line


def test_a_fault_reads_as_one_line() -> None:
    with pytest.raises(ReadingError, match=r"^a/campaign\.toml:2: unknown key 'subjct'; did you mean 'subject'\?$"):
        read("a/campaign.toml", data=b"name = 'x'\nsubjct = 'y'")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"subjct": "x"}, "unknown key 'subjct'; did you mean 'subject'?"),
        ({"html": 3}, "html must be a text in quotes"),
        ({1: "x"}, "1 must be a text, as every key"),
        ({"message": {"htlm": "x"}}, "unknown key 'htlm' in message"),
        ({"message": {"html": "x"}, "subject": "y"}, "subject stands at the top level"),
        ({"html": "\udc80"}, "half of a surrogate pair"),
        ({"html": "x", "stage": "jan.jansen@example.com"}, "n@e….com'"),
        ({"from_": "x"}, "unknown key 'from_'; did you mean 'from'?"),
        (
            {"html": "mails/spring.html"},
            "html = 'mails/spring.html' is the name of a file, and no text; write html_file",
        ),
        ({"message": {"html": "<p>x</p>", "text": "mail.txt"}}, "is the name of a file, and no text; write text_file"),
        ({"message": {"html_file": "x.html"}}, "the campaign has no folder; give the text itself, or a root"),
    ],
)
def test_what_is_wrong_in_a_mapping(mapping: dict[str, object], said: str) -> None:
    with pytest.raises(ReadingError) as caught:
        from_mapping(mapping)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("files", "key", "said"),
    [
        ({}, "html_file = 'none.html'", "there is no such file"),
        ({"sub/x": ""}, "html_file = 'sub'", "this is a folder, not a file"),
        ({"a.html": ""}, "html_file = 'a.html'", "the input is empty"),
        ({"a.html": bytes(range(1, 30)) * 9}, "html_file = 'a.html'", "binary data"),
        ({"a.eml": ""}, "eml_file = 'a.eml'", "the input is empty"),
        ({}, "html_file = '../secret.html'", "leads out of the folder of the campaign"),
        ({}, "html_file = '/etc/hostname'", "leads out of the folder of the campaign"),
        ({}, "text_file = 'link.txt'", "leads out of the folder of the campaign"),
        ({}, 'amp_file = "a\\u0000b"', "has a NUL character"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, files: dict[str, str | bytes], key: str, said: str) -> None:
    inside = tmp_path / "campaign"
    folder(tmp_path, {"secret.html": "secret", "campaign/campaign.toml": f"[message]\n\n{key}"})
    (inside / "link.txt").symlink_to(tmp_path / "secret.html")
    folder(inside, files)
    with pytest.raises(ReadingError) as caught:
        read(inside)
    assert said in caught.value.message
    assert "secret" not in caught.value.message.replace("../secret.html", "")
    assert (caught.value.path, caught.value.line) == (str(inside / "campaign.toml"), 3)


def test_a_manifest_from_standard_input_names_no_files() -> None:
    message, _ = refused('{"message": {"html_file": "campaign.toml"}}', "-")
    assert "has no folder" in message


def test_the_caller_s_mapping_is_left_alone() -> None:
    mapping = {"html": "x", "headers": {"X-A": "1"}, "audience": {"source": "x.csv", "only": []}}
    before = json.dumps(mapping)
    from_mapping(mapping)
    assert json.dumps(mapping) == before


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ({"subject": "a\nBcc: b"}, "subject"),
        ({"from": "a@shop.example \r\n x"}, "from"),
        ({"reply_to": "a\rb"}, "reply-to"),
        ({"headers": {"X-A": ["x", "a\n b"]}}, "X-A"),
    ],
)
def test_a_line_break_in_a_header_field(field: dict[str, object], name: str) -> None:
    (fault,) = from_mapping({"html": "x", **field}).faults
    assert (fault.name, fault.blocking, f"The field {name} has a line break" in fault.message) == (
        "malformed",
        True,
        True,
    )


def test_a_line_end_about_a_subject_does_no_harm() -> None:
    assert from_mapping({"html": "x", "subject": "\n Hi \n"}).faults == ()
