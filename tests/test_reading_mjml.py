"""MJML source compiled in process."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest

from mailcheck.campaign import Campaign, Fault, Part
from mailcheck.reading import Limits, compile_mjml, from_mapping, read

pytest.importorskip("mrml")


T = TypeVar("T")


def sure(value: T | None) -> T:
    assert value is not None
    return value


def document(body: str, head: str = "") -> str:
    return f"<mjml>\n<mj-head>{head}</mj-head>\n<mj-body>{body}</mj-body>\n</mjml>"


def section(body: str) -> str:
    return f"<mj-section><mj-column>{body}</mj-column></mj-section>"


def compiled(text: str, path: str | Path = "", limits: Limits | None = None) -> Part:
    result = compile_mjml(Part("mjml", text, str(path), "mjml"), limits=limits or Limits())
    assert isinstance(result, Part), result
    return result


def fault(text: str, path: str | Path = "", limits: Limits | None = None) -> Fault:
    result = compile_mjml(Part("mjml", text, str(path), "mjml"), limits=limits or Limits())
    assert isinstance(result, Fault), result
    assert result.blocking
    return result


def test_source_becomes_a_page() -> None:
    page = compiled(document(section("<mj-text>Grüße</mj-text>")), "a.mjml")
    assert (page.name, page.media, page.path, page.origin) == ("html", "html", "a.mjml", None)
    assert "Grüße" in page.text
    assert "<mj-text" not in page.text


@pytest.mark.parametrize(
    "tag",
    [
        "{{ name }}",
        "{{{ a < b && c }}}",
        '{{ name | default: "you" }}',
        "{% if a < b %}",
        "{# note < #}",
        "<%= name %>",
        "%%=v(@name)=%%",
        "%%first_name%%",
        "*|FNAME|*",
        "*|IF:A < B|*",
        "[[name]]",
        "${name}",
        "#{name}",
        "{{\n name\n}}",
    ],
)
@pytest.mark.parametrize(
    "place",
    [
        "<mj-text>Hi {}, you</mj-text>",
        "<mj-text>{}</mj-text>",
        "<mj-text>\n{}\n{}\n</mj-text>",
        "<mj-text><p>é{}</p></mj-text>",
        "<mj-raw>{}</mj-raw>",
        "<mj-table>{}<tr><td>x</td></tr>{}</mj-table>",
        "<mj-button>Go {}</mj-button>",
        "{}<mj-text>x</mj-text>\n{}",
    ],
)
def test_merge_tags_survive(tag: str, place: str) -> None:
    source = document(section(place.replace("{}", tag)))
    assert compiled(source).text.count(tag) == place.count("{}")


@pytest.mark.parametrize("attribute", ["href", "css-class", "name", "background-color"])
@pytest.mark.parametrize("tag", ["{{ url }}", "*|URL|*", "%%url%%", "<%= url %>", "{% if a < b %}x{% endif %}"])
def test_merge_tags_survive_in_attributes(attribute: str, tag: str) -> None:
    page = compiled(document(section(f'<mj-button {attribute}="{tag}">x</mj-button>')))
    assert tag in page.text


def test_merge_tags_survive_between_sections_and_in_the_head() -> None:
    head = "<mj-title>{{ a }}</mj-title><mj-preview>{{ b }}</mj-preview><mj-style>.x { color: {{ c }} }</mj-style>"
    body = "{{#each d}}" + section("<mj-text>x</mj-text>") + "{{/each}}"
    page = compiled(document(body, head)).text
    for tag in ("{{ a }}", "{{ b }}", "{{ c }}", "{{#each d}}", "{{/each}}"):
        assert tag in page


@pytest.mark.parametrize("space", ["\r\n", "  ", "\t\n", "\n", ""])
def test_white_space_of_any_kind(space: str) -> None:
    text = document(section(f"{space}<mj-text>x</mj-text>{space}"), f"{space}<mj-title>x</mj-title>{space}")
    assert "<title>" in compiled(text.replace("\n", space or "\n")).text


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (document("", "\n  oops"), 3, 3),
        (document(section("<mj-text>x</mj-text>"), "<mj-title>{{ é < b }}</mj-title>\n  <mj-foo/>"), 3, 4),
        (document("\r\n{{ é < x }}\r\n" + section("<mj-social>\r\n oops</mj-social>")), 6, 2),
        (document("\n" + section("<mj-text>a < b</mj-text>")), 4, None),
        (document("\n{{ x }}\n" + section("<mj-text><p>x</mj-text>")), 5, None),
        (document("\n" + section("<mj-text>x</mj-text>"))[:-20], 4, None),
    ],
)
def test_an_error_names_the_line_of_the_source(text: str, line: int, column: int | None) -> None:
    found = fault(text, "a.mjml")
    assert found.name == "compile"
    assert found.message.startswith("The MJML cannot be compiled: ")
    assert sure(found.span).where.line == line
    assert column is None or sure(found.span).where.column == column


def test_includes_are_read_from_the_folder_only(tmp_path: Path) -> None:
    main = tmp_path / "mails" / "a.mjml"
    (main.parent / "parts").mkdir(parents=True)
    (tmp_path / "secret.mjml").write_text(section("<mj-text>secret</mj-text>"))
    (main.parent / "parts" / "one.mjml").write_text(
        section('<mj-text>one {{ a < b }}</mj-text><mj-include path="two.mjml"/>')
    )
    (main.parent / "parts" / "two.mjml").write_text("<mj-text>two</mj-text>")
    (main.parent / "link.mjml").symlink_to(tmp_path / "secret.mjml")
    (main.parent / "style.css").write_text(".x { color: red }")
    head = '<mj-include path="style.css" type="css"/>'
    page = compiled(document('<mj-include path="./parts/one.mjml" />', head), main).text
    assert "one {{ a < b }}" in page
    assert "two" in page
    assert "color: red" in page
    for name in ("../secret.mjml", str(tmp_path / "secret.mjml"), "link.mjml", "https://x.example/a.mjml", "none.mjml"):
        found = fault(document("\n" + section(f'<mj-include path="{name}"/>')), main)
        assert (found.name, sure(found.span).text, sure(found.span).where.line) == ("compile", name, 4)
        assert repr(name) in found.message
    commented = section('<!-- <mj-include path="../none.mjml"/> --><mj-text>x</mj-text>')
    assert compiled(document(commented), main)


def test_without_a_path_nothing_is_included(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mjml").write_text("<mj-text>x</mj-text>")
    monkeypatch.chdir(tmp_path)
    text = document(section('<mj-include path="a.mjml"/>'))
    assert compiled(text, "main.mjml")
    for path in ("", "-"):
        assert "is not in the folder" in fault(text, path).message


def test_includes_end(tmp_path: Path) -> None:
    main = tmp_path / "a.mjml"
    (tmp_path / "circle.mjml").write_text('<mj-text>x</mj-text><mj-include path="circle.mjml"/>')
    assert "includes itself" in fault(document(section('<mj-include path="circle.mjml"/>')), main).message
    for number in range(20):
        (tmp_path / f"{number}.mjml").write_text(f'<mj-include path="{number + 1}.mjml"/>' * 2)
    assert fault(document(section('<mj-include path="0.mjml"/>')), main).name == "limit"
    (tmp_path / "x.mjml").write_text("<mj-text>" + "x" * 40 + "</mj-text>")
    many = section('<mj-include path="x.mjml"/>' * 101)
    assert fault(document(many), main).name == "limit"
    few = document(section('<mj-include path="x.mjml"/>' * 3))
    assert fault(few, main, Limits(bytes=150)).name == "limit"
    assert compiled(few, main, Limits(bytes=200))


def test_an_error_in_an_include_names_it(tmp_path: Path) -> None:
    (tmp_path / "part.mjml").write_text("<mj-text>x</mj-text>\n<mj-foo/>")
    found = fault(document(section('<mj-include path="part.mjml"/>')), tmp_path / "a.mjml")
    assert "in the mj-include 'part.mjml'" in found.message


@pytest.mark.parametrize(
    "opening",
    ["<div>", "<é>", "<_a>", '<div a="</div>">', "<div a='/>'>", "<div><!-- </div> -->", "<br><p>"],
)
def test_deep_nesting_is_a_limit_and_never_reaches_the_compiler(monkeypatch: pytest.MonkeyPatch, opening: str) -> None:
    import mrml

    monkeypatch.setattr(mrml, "to_html", lambda *_: pytest.fail("reached"))
    name = opening.rpartition("<")[2][:1] if opening == "<br><p>" else opening[1:].partition(" ")[0].partition(">")[0]
    text = document("<mj-raw>" + opening * 300 + f"</{name}>" * 300 + "</mj-raw>")
    found = fault(text)
    assert found.name == "limit"
    assert "200" in found.message


def test_depth_is_counted_in_includes_too(tmp_path: Path) -> None:
    (tmp_path / "deep.mjml").write_text("<div>" * 300 + "</div>" * 300)
    assert fault(document('<mj-include path="deep.mjml"/>'), tmp_path / "a.mjml").name == "limit"


def test_many_elements_beside_each_other_are_no_depth() -> None:
    page = document(section("<mj-text>" + "<p>a<br>b<img src='x'></p><i/>" * 300 + "</mj-text>"))
    assert compiled(page)


def test_without_mrml_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mrml", None)
    found = fault(document(""))
    assert (found.name, "pip install 'mailcheck-lint[mjml]'" in found.message) == ("compile", True)


def test_a_panic_of_the_compiler_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})

    def to_html(*_: object) -> None:
        raise panic("boundary")

    fake = SimpleNamespace(to_html=to_html, ParserOptions=lambda **_: None, memory_loader=lambda _: None)
    monkeypatch.setitem(sys.modules, "mrml", fake)
    assert fault(document("")).name == "compile"

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    fake.to_html = interrupted
    with pytest.raises(KeyboardInterrupt):
        fault(document(""))


def source(path: Path, text: str) -> Campaign:
    path.write_text(text)
    (campaign,) = read(path)
    return campaign


def test_a_source_that_does_not_compile_is_not_judged(tmp_path: Path) -> None:
    assert source(tmp_path / "a.mjml", document(section("<mj-text>Hi</mj-text>"))).faults == ()
    (unknown,) = source(tmp_path / "a.mjml", document("<mj-section>")).faults
    assert (unknown.name, unknown.blocking) == ("compile", True)
    (missing,) = source(tmp_path / "a.mjml", document('<mj-include path="b.mjml" />')).faults
    assert "b.mjml" in missing.message
    assert from_mapping({"mjml": "<mjml><mj-body>"}).faults[0].name == "compile"
    assert from_mapping({"mjml": "<mjml></mjml>"}).faults[0].name == "unreadable"


def test_without_the_compiler_a_source_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mrml", None)
    (fault,) = from_mapping({"mjml": document(section("<mj-text>Hi</mj-text>"))}).faults
    assert (fault.name, fault.blocking, "mailcheck-lint[mjml]" in fault.message) == ("compile", True, True)


def test_a_piece_for_other_sources_is_judged_as_it_stands(tmp_path: Path) -> None:
    assert source(tmp_path / "a.mjml", "<mj-section></mj-section>").faults == ()


def test_what_a_source_includes_is_judged_with_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.mjml").write_text('<mj-text>Hi *|FNAME|*</mj-text>\n<mj-include path="c.mjml"/>')
    (tmp_path / "sub" / "c.mjml").write_text("<mjml><mj-body>\n<mj-text>inner</mj-text>\n</mj-body></mjml>")
    (tmp_path / "p.css").write_text("p { color: red }")
    include = '<mj-include path="sub/b.mjml" />'
    head = '<mj-include path="p.css" type="css" />'
    part = source(tmp_path / "a.mjml", document(section(f"<mj-text>a</mj-text>\n{include}"), head)).message.html
    text = sure(part).text
    assert "*|FNAME|*" in text
    assert "inner" in text
    assert "color" not in text
    where = sure(part).at(text.index("*|"), text.index("|*") + 2).where
    assert (where.line, where.column) == (4, 1)
    end = text.index("</mj-column>")
    assert sure(part).at(end, end + 1).where.column == len(include) + 1


def test_a_tag_about_the_root_does_not_matter() -> None:
    assert compiled("{# x #}\n" + document(section("<mj-text>Hi</mj-text>")) + "\n{% end %}\n")
