"""Pictures: the files behind them are found and read, in templates, in mails and in addresses."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import mailcheck
from mailcheck import CampaignReport, Finding
from mailcheck.checking import Checker, checker
from mailcheck.content import image_decode
from mailcheck.content.image_probe import CROWDED, CUT, PICTURES, probe


def picture(name: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(stream, name, **options)
    return stream.getvalue()


def animation(*colours: str, name: str = "GIF") -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in colours]
    frames[-1].putpixel((3, 3), (9, 99, 199))
    stream = io.BytesIO()
    frames[0].save(stream, name, save_all=True, append_images=frames[1:], duration=100)
    return stream.getvalue()


@cache
def made(rule: str, profile: str = "template") -> Checker:
    return checker({"profile": profile, "select": [rule]})


def judged(rule: str, path: Path, profile: str = "template") -> CampaignReport:
    checked = made(rule, profile)
    (campaign,) = checked.campaigns(path)
    return checked.judge(campaign)


def findings(rule: str, path: Path, profile: str = "template") -> list[Finding]:
    report = judged(rule, path, profile)
    assert {one.status for one in report.outcomes} <= {"passed", "failed"}, report.outcomes
    return [one for one in report.findings if one.rule == rule]


def template(folder: Path, html: str, **files: bytes) -> Path:
    for name, content in files.items():
        target = folder / name.replace("__", "/").replace("_dot_", ".")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    path = folder / "mails" / "offer.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"<p>Hello</p>{html}", encoding="utf-8")
    return path


# the probe


@pytest.mark.parametrize(
    ("name", "mode", "format_", "options"),
    [
        ("PNG", "RGBA", "png", {}),
        ("JPEG", "RGB", "jpeg", {}),
        ("JPEG", "L", "jpeg", {"progressive": True}),
        ("JPEG", "CMYK", "jpeg", {}),
        ("GIF", "P", "gif", {}),
        ("WEBP", "RGB", "webp", {}),
        ("WEBP", "RGBA", "webp", {"lossless": True}),
        ("AVIF", "RGB", "avif", {}),
        ("BMP", "RGB", "bmp", {}),
    ],
)
def test_a_picture_is_known_and_every_cut_is_seen(name: str, mode: str, format_: str, options: dict[str, Any]) -> None:
    data = picture(name, mode, **options)
    found = probe(data)
    assert (found.format, found.width, found.height, found.frames, found.fault) == (format_, 60, 40, 1, "")
    assert found.cmyk == (mode == "CMYK")
    unseen = [end for end in range(len(data) // 4, len(data) - 2, 7) if not probe(data[:end]).fault]
    assert unseen == []
    assert probe(data[: len(data) // 2], whole=False).fault == ""


def test_damage_inside_a_png_is_seen() -> None:
    data = bytearray(picture("PNG"))
    data[len(data) // 2] ^= 0xFF
    assert "checksum" in probe(bytes(data)).fault


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG"])
def test_frames_are_counted(name: str) -> None:
    found = probe(animation("red", "green", "blue", name=name))
    assert (found.frames, found.fault) == (3, "")


def test_a_photo_that_has_to_be_turned() -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    assert probe(picture("JPEG", exif=exif)).orientation == 6


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (b"<!DOCTYPE html><html></html>", "html"),
        (b"\xef\xbb\xbf\n<!-- x --><html>", "html"),
        (b'{"error": "not found"}', "json"),
        (b"Not found", "text"),
        (b"%PDF-1.7", "pdf"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "lfs"),
        (b"\x00\x00\x00\x20ftypmp42", "video"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1", "heic"),
        (b"", "empty"),
        (b"\0\0\0\0", "empty"),
        (b"\x07\x08\x00\x01", "unknown"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<svg viewBox="0 0 20 10"></svg>', "svg"),
    ],
)
def test_what_is_no_picture_is_known(data: bytes, format_: str) -> None:
    assert probe(data).format == format_


def test_the_size_of_a_drawing() -> None:
    assert (probe(b'<svg width="30px" height="20"></svg>').width, probe(b'<svg viewBox="0 0 7 9"></svg>').height) == (
        30,
        9,
    )
    assert probe(b"<svg width='1'><g>").fault == CUT


@pytest.mark.parametrize(
    ("attributes", "keeps_shape"),
    [
        ("viewBox='0 0 400 200'", True),
        ("viewBox='0 0 400 200' preserveAspectRatio='xMidYMid slice'", True),
        ("viewBox='0 0 400 200' width='400' height='200'", True),
        ("width='400' height='200'", False),
        ("viewBox='0 0 400 200' preserveAspectRatio='none'", False),
        ("viewBox='0 0 400 200' preserveAspectRatio=' none slice'", False),
        ("width='400' height='200' data-viewBox='0 0 400 200'", False),
    ],
)
def test_a_drawing_with_a_box_of_its_own_is_not_stretched(tmp_path: Path, attributes: str, keeps_shape: bool) -> None:
    drawing = f"<svg {attributes}></svg>".encode()
    assert probe(drawing).keeps_shape == keeps_shape
    path = template(tmp_path, '<img src="a.svg" width="400" height="300" alt="x">', mails__a_dot_svg=drawing)
    assert len(findings("images/stretched", path)) == (not keeps_shape)


_SEEDS = [picture(name) for name in ("PNG", "JPEG", "WEBP", "AVIF", "BMP", "GIF")]


@given(
    st.sampled_from(_SEEDS),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8),
    st.integers(0, 5000),
)
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_ends_in_a_word(seed: bytes, damage: list[tuple[int, int]], end: int) -> None:
    data = bytearray(seed)
    for place, value in damage:
        data[place % len(data)] = value
    found = probe(bytes(data[: end or None]))
    assert found.width >= 0
    assert found.height >= 0
    assert isinstance(found.fault, str)
    if not found.fault and found.format in ("png", "jpeg", "gif") and found.format in PICTURES and not damage:
        Image.open(io.BytesIO(bytes(data[: end or None]))).load()


# on disk


def test_a_picture_beside_the_template_is_found(tmp_path: Path) -> None:
    path = template(tmp_path, '<img src="img/tulips.png?v=2#x" alt="x"><img src="img/r%C3%B8d%20rose.png" alt="x">')
    assert len(findings("images/missing", path)) == 2
    for name in ("tulips.png", "rød rose.png"):
        (path.parent / "img").mkdir(exist_ok=True)
        (path.parent / "img" / name).write_bytes(picture())
    fresh = template(tmp_path / "b", '<img src="img/tulips.png?v=2#x" alt="x">')
    (fresh.parent / "img").mkdir()
    (fresh.parent / "img" / "tulips.png").write_bytes(picture())
    assert findings("images/missing", fresh) == []
    assert findings("images/broken", path) == []


@pytest.mark.parametrize(
    "src", ["img/tulips.png", "/img/tulips.png", "../img/tulips.png", "./img/tulips.png", "img\\tulips.png"]
)
def test_a_picture_elsewhere_in_the_project_is_found(tmp_path: Path, src: str) -> None:
    path = template(tmp_path, f'<img src="{src}" alt="x">', public__assets__img__tulips_dot_png=picture())
    assert findings("images/missing", path) == []


def test_capitals_count(tmp_path: Path) -> None:
    path = template(tmp_path, '<img src="img/Tulips.png" alt="x">', mails__img__tulips_dot_png=picture())
    (found,) = findings("images/missing", path)
    assert found.severity == "warning"
    assert "capitals" in found.message


def test_nothing_outside_of_the_project_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"<html>secret</html>")
    path = template(tmp_path / "project", '<img src="../../secret.png" alt="x"><img src="link.png" alt="x">')
    (path.parent / "link.png").symlink_to(tmp_path / "secret.png")
    assert findings("images/broken", path) == []
    found = findings("images/missing", path)
    assert len(found) == 2
    assert "outside" in found[0].message


def test_a_picture_that_cannot_be_read_does_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = template(tmp_path, '<img src="tulips.png" alt="x">', mails__tulips_dot_png=picture())
    opened = Path.open

    def refuses(self: Path, *arguments: Any, **more: Any) -> Any:
        if self.name == "tulips.png":
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", refuses)
    (found,) = findings("images/missing", path)
    assert "cannot be read" in found.message


def test_a_finished_mail_has_no_place_beside_it(tmp_path: Path) -> None:
    path = template(tmp_path, '<img src="tulips.png" alt="x">', mails__tulips_dot_png=picture())
    assert findings("images/missing", path) == []
    (found,) = findings("images/missing", path, "send")
    assert found.severity == "error"


def test_a_page_that_was_saved_as_a_picture(tmp_path: Path) -> None:
    html = '<img src="a.png" alt="x"><img src="b.jpg" alt="x"><img src="c.gif" alt="x"><td background="d.png"></td>'
    path = template(
        tmp_path,
        html,
        mails__a_dot_png=b"<html>404</html>",
        mails__b_dot_jpg=picture("JPEG")[:-400],
        mails__c_dot_gif=b"",
        mails__d_dot_png=picture("JPEG"),
    )
    assert [one.message.partition(" ")[2][:12] for one in findings("images/broken", path)] == [
        "is a web pag",
        "is broken: i",
        "is broken: i",
    ]
    (found,) = findings("images/wrong_type", path)
    assert "said to be .png and is JPEG" in found.message


def test_sizes_and_weights(tmp_path: Path) -> None:
    html = '<img src="a.png" width="600" height="100" alt="x"><img src="b.png" width="60" alt="x"><img src="a.png" alt="x">'
    path = template(
        tmp_path, html, mails__a_dot_png=picture(size=(900, 450)), mails__b_dot_png=picture(size=(400, 400))
    )
    (found,) = findings("images/stretched", path)
    assert found.message.endswith("for this width the height is 300.")
    (found,) = findings("images/oversized", path)
    assert found.data["width"] == 400
    assert [one.severity for one in findings("images/dimensions", path)] == ["warning"]
    assert len(findings("images/weight", path)) == 3
    path = template(tmp_path / "c", '<img src="c.png" width="300" alt="x">', mails__c_dot_png=picture(size=(60, 40)))
    assert [one.data["shown"] for one in findings("images/blurry", path)] == [300]


def test_a_limit_that_is_just_passed_reads_otherwise_than_the_weight(tmp_path: Path) -> None:
    whole = picture()
    padded = {
        "mails__a_dot_png": whole + b"x" * (520_000 - len(whole)),
        "mails__b_dot_png": whole + b"x" * (526_000 - len(whole)),
    }
    path = template(tmp_path, '<img src="a.png" alt="x"><img src="b.png" alt="x">', **padded)
    together = findings("images/weight", path)[-1].message
    assert "have 1,046 kB together; keep below 1,000 kB" in together
    padded = {"mails__a_dot_png": whole + b"x" * (200_100 - len(whole))}
    (found,) = findings("images/weight", template(tmp_path / "b", '<img src="a.png" alt="x">', **padded))
    assert found.message.endswith("has 200,100 bytes; make it smaller than 200,000 bytes.")


def test_styles_say_sizes_too(tmp_path: Path) -> None:
    html = '<img src="a.png" style="width:300px;max-width:100%;height:auto" alt="x">'
    path = template(tmp_path, html, mails__a_dot_png=picture(size=(400, 200)))
    assert findings("images/stretched", path) == []
    assert findings("images/dimensions", path) == []


def _without_pixels() -> bytes:
    """Two frames whose pixels are packed in a way that no decoder knows."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 4, 0) + b"\x0f\x01\x00\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0x80, 0, 0) + bytes(6) + frame + frame + b";"


def test_the_first_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = '<img src="a.gif" alt="x"><img src="b.gif" alt="x">'
    frames = [Image.effect_noise((20, 20), 60).convert("P") for _ in range(2)]
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    path = template(tmp_path, html, mails__a_dot_gif=animation("white", "red"), mails__b_dot_gif=stream.getvalue())
    assert [one.evidence for one in findings("images/blank_frame", path)] == ["a.gif"]
    assert len(findings("images/animation", path)) == 2

    huge = stream.getvalue()[:6] + struct.pack("<HH", 9_000, 9_000) + stream.getvalue()[10:]
    html = '<img src="c.gif" alt="x"><img src="d.gif" alt="x">'
    other = template(tmp_path / "other", html, mails__c_dot_gif=huge, mails__d_dot_gif=_without_pixels())
    told = findings("images/blank_frame", other)
    assert [(one.evidence, one.severity) for one in told] == [("c.gif", "info"), ("d.gif", "info")]
    assert "it is 9,000 × 9,000 pixels large" in told[0].message
    assert "it cannot be decoded" in told[1].message

    def no_pillow(content: bytes) -> bool:
        raise image_decode.NoDecoderError("install mailcheck-lint[images]")

    monkeypatch.setattr("mailcheck_rules._images_files.first_frame_is_blank", no_pillow)
    (outcome,) = judged("images/blank_frame", path).outcomes
    assert (outcome.status, outcome.reason) == ("skipped", "install mailcheck-lint[images]")


# in a mail


def mail(folder: Path, html: str, *parts: tuple[str, str, bytes]) -> Path:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@shop.example", "b@shop.example", "Spring"
    message.set_content(f"<p>Hello</p>{html}", subtype="html")
    for name, kind, content in parts:
        message.add_related(content, "image", kind, cid=f"<{name}>", filename=f"{name}.{kind}", disposition="inline")
    path = folder / "mail.eml"
    path.write_bytes(message.as_bytes())
    return path


def test_parts_and_pictures_are_compared_both_ways(tmp_path: Path) -> None:
    html = '<img src="cid:a%40shop" alt="x"><img src="cid:gone" alt="x"><td style="background:url(cid:b)">x</td>'
    path = mail(tmp_path, html, ("a@shop", "png", picture()), ("b", "png", picture()), ("c", "png", picture()))
    found = findings("images/missing", path)
    assert [(one.severity, one.evidence) for one in found] == [("error", "cid:gone"), ("info", "c.png")]


def test_parts_are_looked_into(tmp_path: Path) -> None:
    html = '<img src="cid:a" alt="x"><img src="cid:b" alt="x">'
    path = mail(tmp_path, html, ("a", "png", picture()[:-40]), ("b", "gif", picture("JPEG")))
    assert [one.evidence for one in findings("images/broken", path)] == ["cid:a"]
    assert [one.evidence for one in findings("images/wrong_type", path)] == ["cid:b"]


# in the address


def test_a_picture_in_its_own_address() -> None:
    good = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    html = f'<img src="{good}" alt="x"><img src="data:image/png;base64,!!!" alt="x"><img src="data:image/svg+xml,%3Csvg%3E%3C/svg%3E" alt="x">'
    report = mailcheck.check(
        {"html": f"<p>x</p>{html}"}, settings={"select": ["images/broken", "images/source"], "profile": "template"}
    )
    told = [(one.rule, one.severity) for one in report.campaigns[0].findings]
    assert told == [("images/source", "warning"), ("images/broken", "error")]


# alternative texts


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://a.example/o.gif" width="1" height="1">',
        '<img src="https://a.example/a.png" role="presentation">',
        '<img src="https://a.example/a.png" aria-label="Tulips">',
        '<img src="https://a.example/a.png" :alt="name">',
        '<div style="display:none"><img src="https://a.example/a.png"></div>',
        '<a href="https://a.example/"><img src="https://a.example/a.png" alt=""><img src="https://a.example/b.png" alt="Shop"></a>',
        '<a href="https://a.example/" title="Shop"><img src="https://a.example/a.png" alt=""></a>',
        '<a href="https://a.example/" aria-label="Shop"><img src="https://a.example/a.png" alt=""></a>',
        '<a href="https://a.example/"><img src="https://a.example/a.png" alt=""><span>Shop</span></a>',
        '<img src="https://a.example/facebook.png" alt="facebook">',
        '<img src="https://a.example/a.png" alt="Image of the year: tulips.jpg by Anna">',
        '<img src="https://a.example/{{ name }}.png" alt="{{ name }}">',
    ],
)
def test_alternative_texts_that_are_right(html: str) -> None:
    report = mailcheck.check(
        {"html": f"<p>x</p>{html}"}, settings={"select": ["images/alt_*", "images/linked_alt"], "profile": "template"}
    )
    assert [(one.rule, one.message) for one in report.campaigns[0].findings] == []


def test_a_picture_without_alternative_text_is_told_once() -> None:
    spacer, logo = '<img src="https://a.example/clear.gif">', '<img src="https://a.example/logo.png">'
    amp = "<html amp4email><body><amp-img src='https://a.example/clear.gif'></amp-img></body></html>"
    report = mailcheck.check(
        {"html": f"<p>x</p>{spacer}\n{logo}\n{spacer}\n{spacer}<p>x</p>", "amp": amp},
        settings={"select": ["images/alt_missing"], "profile": "template"},
    )
    first, second, *rest = report.campaigns[0].findings
    assert (first.evidence, first.line, first.data) == (
        "https://a.example/clear.gif",
        1,
        {"count": 3, "lines": [1, 3, 4]},
    )
    assert first.message.startswith("This picture has no alternative text in 3 places (lines 1, 3, 4); say")
    assert (second.evidence, second.data["count"]) == ("https://a.example/logo.png", 1)
    assert [one.part for one in rest] == ["amp"]


def _of_nothing(kind: str) -> bytes:
    """A file of 5 MB that claims to have hundreds of thousands of pieces."""
    count = 5_000_000
    if kind == "png":
        head = b"IHDR" + struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)
        first = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
        return b"\x89PNG\r\n\x1a\n" + first + (b"\0\0\0\0tEXt" + struct.pack(">I", zlib.crc32(b"tEXt"))) * (count // 12)
    if kind == "gif":
        return b"GIF89a\1\0\1\0\0\0\0" + b"\x21\xfe\1a\0" * (count // 5)
    return b"\xff\xd8" + b"\xff" * count


@pytest.mark.parametrize("kind", ["png", "gif", "jpeg"])
def test_a_file_of_countless_pieces_is_given_up(kind: str) -> None:
    found = probe(_of_nothing(kind))
    assert (found.format, found.fault) == (kind, CROWDED)


def test_a_png_with_a_piece_that_is_none_is_damaged() -> None:
    data = picture("PNG")
    assert probe(data).fault == ""
    assert "none of this format" in probe(data[:33] + bytes(40) + data[33:]).fault
