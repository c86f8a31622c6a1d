"""Files, folders, standard input and templates through the front door of `mailcheck.reading`."""

import io
import os
import sys
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from mailcheck.campaign import Campaign, Message, Part
from mailcheck.reading import Limits, Reader, ReadingError, Source, find, from_mapping, read, read_each

T = TypeVar("T")


def sure(value: T | None) -> T:
    assert value is not None
    return value


def one(path: str | Path, **options: Any) -> Campaign:
    (campaign,) = read(path, **options)
    return campaign


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def faults(campaign: Campaign) -> list[tuple[str, bool]]:
    return [(fault.name, fault.blocking) for fault in campaign.faults]


@pytest.mark.parametrize(
    ("name", "content", "reader", "part", "media", "stage"),
    [
        ("a.html", "<p>Hi</p>", "html", "html", "html", "template"),
        ("a.HTM", "<p>Hi</p>", "html", "html", "html", "template"),
        ("a.liquid", "<p>{{ name }}</p>", "html", "html", "html", "template"),
        ("noending", "{{#if x}}<p>Hi</p>{{/if}}", "html", "html", "html", "template"),
        ("a.mjml", "<mjml><mj-body><mj-raw>x</mj-raw></mj-body></mjml>", "mjml", "mjml", "mjml", "template"),
        (
            "a.mjml.twig",
            "{# x #}\n<mjml><mj-body><mj-raw>x</mj-raw></mj-body></mjml>",
            "mjml",
            "mjml",
            "mjml",
            "template",
        ),
        ("a.txt", "Hi", "text", "text", "text", "template"),
        ("a.eml", "Subject: x\n\nHi", "eml", "text", "text", "rendered"),
        ("saved", "Received: by x\n\ty\nSubject: x\n\nHi", "eml", "text", "text", "rendered"),
        ("campaign.json", '{"html": "<p>x"}', "manifest", "html", "html", "template"),
        ("spring.toml", 'html = "<p>x"', "manifest", "html", "html", "template"),
    ],
)
def test_a_file_finds_its_reader(
    tmp_path: Path, name: str, content: str, reader: str, part: str, media: str, stage: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    campaign = one(path)
    found = sure(campaign.message.html or campaign.message.text)
    assert (campaign.reader, found.name, found.media, campaign.stage) == (reader, part, media, stage)
    assert campaign.path == found.path == str(path)
    assert not campaign.faults


@pytest.mark.parametrize(
    ("content", "reader"),
    [
        (b"<p>From: me</p>", "html"),
        (b"{% extends 'x' %}", "html"),
        (b"{{ subject }}: hello", "html"),
        (b'  {"subject": "Hi"}', "manifest"),
        (b'{\n"text": "x"}', "manifest"),
        (b"<!-- x --><mjml><mj-body/></mjml>", "mjml"),
        (b"From x@y Mon\nSubject: Hi\n\nBody", "eml"),
        (b"\xef\xbb\xbfX-A: 1\r\n folded\r\nMIME-Version: 1.0\r\n\r\nBody", "eml"),
        (b"Dear all: hello", "html"),
    ],
)
def test_standard_input_is_told_by_its_content(monkeypatch: pytest.MonkeyPatch, content: bytes, reader: str) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    campaign = one("-")
    assert (campaign.reader, campaign.path) == (reader, "-")


def test_given_data_is_read_instead_of_the_file(tmp_path: Path) -> None:
    campaign = one(tmp_path / "missing.html", data=b"<p>new</p>")
    assert sure(campaign.message.html).text == "<p>new</p>"


def test_what_the_caller_knows_wins() -> None:
    campaign = one(
        "a.toml", data=b'html = "x"\ndialect = "a"\nlocale = "de"', dialect="b", stage="rendered", locales=["fr"]
    )
    assert (campaign.dialect, campaign.stage, campaign.locales) == ("b", "rendered", ("fr",))
    campaign = one("a.toml", data=b'html = "x"\ndialect = "a"\nlocale = "de"\nstage = "rendered"')
    assert (campaign.dialect, campaign.stage, campaign.locales) == ("a", "rendered", ("de",))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.html", None, "none.html: there is no such file; check the path"),
        ("a.html", b"", "the input is empty"),
        ("a.eml", b"\r\n\r\n", "the input is empty"),
        ("a.html", b" \r\n\t", "the input is empty"),
        ("a.html", b"<p>\n\0</p>", "a.html:2: there is a NUL character"),
        ("a.png", bytes(range(256)) * 9, "binary data"),
        ("a.msg", b"\xd0\xcf\x11\xe0" + bytes(range(32)) * 99, "save the Outlook message as .eml"),
        ("a.eml", bytes(range(256)) * 9, "this is not a mail"),
        ("a.toml", b'name = "x"', "there is nothing to check in it"),
        ("-.json", b"{}", "there is nothing to check in it"),
    ],
)
def test_what_cannot_be_judged_is_refused(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReadingError) as caught:
        read(path)
    assert said in str(caught.value)
    assert caught.value.path == str(path)


@pytest.mark.parametrize(
    ("data", "text", "expected"),
    [
        ("<p>ä</p>".encode(), "<p>ä</p>", []),
        ("\ufeff<p>ä</p>".encode(), "<p>ä</p>", []),
        ("<p>ä</p>".encode("utf-16"), "<p>ä</p>", []),
        (b"\xfe\xff" + "<p>ä</p>".encode("utf-16-be"), "<p>ä</p>", []),
        ("<p>ä</p>".encode("utf-32"), "<p>ä</p>", []),
        (b'<meta charset="windows-1251">\xcf', '<meta charset="windows-1251">\u041f', []),
        (b"<meta http-equiv=x content='text/html; charset=Shift_JIS'>\x82\xa0", None, []),
        (b'<meta charset="iso-8859-1">\x93', '<meta charset="iso-8859-1">\u201c', []),
        (b'<meta charset="utf-16">\xc3\xa4', '<meta charset="utf-16">ä', []),
        (b'<meta charset="{{ charset }}">\xc3\xa4', '<meta charset="{{ charset }}">ä', []),
        (b'<meta charset="nonsense">\xc3\xa4', '<meta charset="nonsense">ä', []),
        (b'<meta charset="iso-8859-1">\xc3\xa4', '<meta charset="iso-8859-1">ä', [("charset", False)]),
        (b"a\r\nb\xe4", "a\r\nbä", [("charset", False)]),
        (b'<meta charset="shift_jis">\n\x82', '<meta charset="shift_jis">\n\ufffd', [("charset", True)]),
        (b"\xff\xfea\0b", "a\ufffd", [("charset", True)]),
        (b'<meta charset="utf-7">+2AA- x', '<meta charset="utf-7">+2AA- x', []),
    ],
)
def test_the_charset_of_a_template(data: bytes, text: str | None, expected: list[tuple[str, bool]]) -> None:
    campaign = one("a.html", data=data)
    if text is not None:
        assert sure(campaign.message.html).text == text
    assert faults(campaign) == expected


def test_a_wrong_charset_names_the_line_and_the_place() -> None:
    campaign = one("a.html", data=b"<p>\r\n  caf\xe9</p>")
    (fault,) = campaign.faults
    assert "line 2" in fault.message
    assert "Windows-1252" in fault.message
    assert (sure(fault.span).text, sure(fault.span).where.line, sure(fault.span).where.column) == ("é", 2, 6)


def test_line_ends_are_untouched() -> None:
    assert sure(one("a.html", data=b"a\r\nb\rc\n").message.html).text == "a\r\nb\rc\n"


def test_a_large_file_is_not_read_and_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(b"x" * 101)
    campaign = one(path, limits=Limits(bytes=100))
    assert faults(campaign) == [("limit", True)]
    assert campaign.message.html is None
    assert "100 bytes" in campaign.faults[0].message
    assert faults(one(path, limits=Limits(bytes=101))) == []
    assert faults(one("a.html", data=b"x" * 101, limits=Limits(bytes=100))) == [("limit", True)]


def test_no_more_than_the_limit_is_taken_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = SimpleNamespace(asked=[])
    endless.read = lambda size: endless.asked.append(size) or b"x" * size
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=endless))
    assert faults(one("-", limits=Limits(bytes=100))) == [("limit", True)]
    assert endless.asked == [101]


def test_a_folder_is_searched(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "b.html": "b",
            "a/x.mjml": "<mjml>",
            "a/y.eml": "Subject: x\n\nHi",
            "a/z.HTM": "z",
            "a/readme.txt": "no",
            "a/page.php": "no",
            "node_modules/no.html": "no",
            ".git/no.html": "no",
            "env/pyvenv.cfg": "",
            "env/no.html": "no",
            "c/campaign.toml": '[message]\nhtml_file = "body.html"',
            "c/body.html": "body",
            "c/inner/more.html": "no",
        },
    )
    names = [Path(campaign.path).relative_to(tmp_path).as_posix() for campaign in read(tmp_path)]
    assert names == ["b.html", "a/x.mjml", "a/y.eml", "a/z.HTM", "c/campaign.toml"]


def test_files_can_be_excluded(tmp_path: Path) -> None:
    write(tmp_path, {"a.html": "a", "drafts/b.html": "b", "c.old.html": "c"})
    kept = read(tmp_path, exclude=["drafts/*", "*.old.html"])
    assert [Path(campaign.path).name for campaign in kept] == ["a.html"]
    with pytest.raises(ReadingError, match="every file of this folder is excluded"):
        read(tmp_path, exclude=["*"])
    assert sure(one(tmp_path / "a.html", exclude=["*"]).message.html).text == "a"


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, {"a.html": "a", "b.html": b"\0\0", "c/campaign.toml": "subjct = 'x'", "d.html": "x" * 2000})
    campaigns = read(tmp_path, limits=Limits(bytes=1000))
    assert [faults(campaign) for campaign in campaigns] == [
        [],
        [("unreadable", True)],
        [("limit", True)],
        [("unreadable", True)],
    ]
    assert "Line 1: unknown key 'subjct'" in campaigns[3].faults[0].message


def test_a_folder_that_is_one_campaign_is_refused_as_a_file_is(tmp_path: Path) -> None:
    write(tmp_path, {"campaign.toml": "subjct = 'x'", "a.html": "a"})
    with pytest.raises(ReadingError, match="did you mean 'subject'"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "nothing to check"),
        ({"readme.md": "x", ".hidden/a.html": "x"}, "nothing to check"),
        ({"campaign.toml": "", "campaign.json": "{}"}, "keep one"),
    ],
)
def test_folders_without_a_clear_campaign_are_refused(tmp_path: Path, files: dict[str, str | bytes], said: str) -> None:
    write(tmp_path, files)
    with pytest.raises(ReadingError, match=said):
        find(tmp_path)


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"secret.html": "secret", "inside/a.html": "a"})
    folder = tmp_path / "inside"
    (folder / "b.html").symlink_to(tmp_path / "secret.html")
    (folder / "c.html").symlink_to(folder / "a.html")
    (folder / "loop").symlink_to(folder)
    (folder / "out").symlink_to(tmp_path)
    campaigns = {Path(campaign.path).name: campaign for campaign in read(folder)}
    assert set(campaigns) == {"a.html", "b.html", "c.html", "out"}
    assert faults(campaigns["out"]) == [("unreadable", True)]
    assert faults(campaigns["b.html"]) == [("unreadable", True)]
    assert campaigns["b.html"].message.html is None
    assert sure(campaigns["c.html"].message.html).text == "a"
    (folder / "a.html").unlink()
    (folder / "c.html").unlink()
    (folder / "out").unlink()
    with pytest.raises(ReadingError, match="a link out of the folder"):
        read(folder)


def test_found_files_are_read_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.html": "a", "b.html": "b"})
    paths = find(tmp_path)
    campaigns = read_each(paths, within=tmp_path)
    assert sure(next(campaigns).message.html).text == "a"
    Path(paths[1]).unlink()
    assert faults(next(campaigns)) == [("unreadable", True)]


def reader(**changes: Any) -> Reader:
    def read_upper(source: Source) -> Campaign:
        return Campaign(
            message=Message(text=Part("text", source.data.decode().upper(), source.path)),
            path=source.path,
            reader="loud",
        )

    given: dict[str, Any] = {
        "name": "loud",
        "matches": lambda path, head: path.endswith(".loud"),
        "read": read_upper,
        "suffixes": (".loud",),
    }
    return Reader(**(given | changes))


def test_a_plug_in_reads_its_own_files(tmp_path: Path) -> None:
    write(tmp_path, {"a.loud": "hi", "b.html": "b"})
    campaigns = read(tmp_path, readers=[reader()])
    assert [(campaign.reader, sure(campaign.message.text).text) for campaign in campaigns[:1]] == [("loud", "HI")]
    assert campaigns[1].reader == "html"


def broken(*_: object) -> None:
    raise KeyError("oops")


@pytest.mark.parametrize("changes", [{"read": broken}, {"matches": broken}])
def test_a_plug_in_that_fails_is_named(tmp_path: Path, changes: dict[str, Any]) -> None:
    write(tmp_path, {"a.loud": "hi", "b.loud": "hi"})
    with pytest.raises(ReadingError, match="the reader loud failed"):
        read(tmp_path / "a.loud", readers=[reader(**changes)])
    assert [faults(campaign) for campaign in read(tmp_path, readers=[reader(**changes)])] == [
        [("unreadable", True)]
    ] * 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.4\n", "a PDF"),
        (b"{\\rtf1 Hello}", "RTF"),
        (b"\xd0\xcf\x11\xe0aaaa", "Outlook message"),
        (b"PK\x03\x04aaaa", "ZIP"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull"),
        (b"From: a@shop.example\nMIME-Version: 1.0\n\nPHA+", "a whole mail"),
        (b64encode(b"<p>Hi *|FNAME|*</p>" * 9), "base64"),
    ],
)
def test_another_format_under_the_name_of_a_page(content: bytes, said: str) -> None:
    with pytest.raises(ReadingError, match=said):
        read("a.html", data=content)


@pytest.mark.parametrize("content", ["<!-- x -->", "<!doctype html>", "&nbsp;", "<html><title>x</title>", "<!-- <p>"])
def test_a_page_that_shows_nothing_is_not_judged(content: str) -> None:
    assert faults(one("a.html", data=content.encode())) == [("unreadable", True)]
    assert faults(from_mapping({"html": content})) == [("unreadable", True)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, {"a.html": "a", "c/campaign.toml": "[message]\nhtml_file = 'p.html'"})
    os.mkfifo(tmp_path / "b.html")
    os.mkfifo(tmp_path / "c" / "p.html")
    said = {Path(campaign.path).name: campaign.faults for campaign in read(tmp_path)}
    assert said["a.html"] == ()
    assert "a pipe or a device" in said["b.html"][0].message
    assert "a pipe or a device" in said["campaign.toml"][0].message


def test_a_folder_within_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.html": "a", "sub/b.html": "b"})

    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)  # as for the marker of a virtual environment in such a folder
    assert [Path(path).name for path in find(tmp_path)] == ["a.html", "b.html"]
