"""Tags and attributes are found where a browser finds them, elements where they belong, and nothing is quadratic."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailcheck.campaign import Media, Part
from mailcheck.content.entities import Decoder, decode_text, decode_value
from mailcheck.content.markup import Markup
from mailcheck.content.scanning import END, START, Scan
from mailcheck.content.vocabulary import origin


def _load(name: str) -> ModuleType:
    path = Path(__file__).parent / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


compare: Callable[[str], Counter[str]] = _load("markup").compare
normalised: Callable[[str], str] = _load("markup").normalised


def read(text: str, media: Media = "html", dialect: str | None = None) -> Markup:
    return Markup(Part("html", text, "mail.html", media), dialect)


def tags(text: str) -> list[str]:
    return [text[start:end] for _, start, end, _ in Scan(text).tokens]


# -- against an independent parser

NASTY = (
    "<p a='1' B=2 c>x<br/></p >",
    '<a =" >"x',
    "<a b= =\"x>\" y>",
    "<a b=c/>d</a/>",
    "<a/b/c>x</a b='>'>",
    "<A HREF=x\nTITLE = 'é😀>' >",
    '<a href="x"title="y"z>',
    "<a b='x' B=\"y\" b>",
    "<img src=a alt='a > b' / >",
    "<td width = 100 >",
    "a < b <3 </ x></><p>",
    "<!doctype html PUBLIC \"a>b\"><html>",
    "<!-- a -- > b --><b><!--> <i> <!---> <u> <!-- x --!> <s>",
    "<!-- <b> -->x<!->y<b>z<!",
    "<?xml version='1.0'?><b><? > <i>",
    "<script>if (a<b) '</scripty>' </script ><b>",
    "<script><!-- <script> </script> --></script><b>",
    "<script><!--></script><b>",
    "<script><!--<!--></script><i>",
    "<style>a > b {content: '</b>'} </style/><b>",
    "<title>a <b> &amp; </title><b>",
    "<textarea><b></textarea><b>",
    "<svg><title><b></b></title><style>a<i></i></style></svg><style>a<b></style>",
    "<svg><![CDATA[ <b> ]]><g/><p>out<title><b></title>",
    "<svg><foreignObject><style><b></style></foreignObject><a><b></svg>",
    "<math><mi><style><b></style></mi><title><b></title></math>",
    "<svg/><title><b></title>",
    "<table><tr><td>a<td>b</table>",
    "<xmp><b></xmp><noembed><b></noembed><iframe><b></iframe><noframes><b></noframes>",
    "<plaintext><b></plaintext>",
    "<FirstName><First Name><x-y><o:p></o:p><förnamn>< Förnamn ><émail>",
    "<p\ttitle=a\fb\r\nc=d>",
    "<a b=\"x\0y\" c\0d>",
    "\ufeff<p>x",
    "<p>x<a",
    "<p>x<a href",
    "<p>x<a href='y",
    "<p>x</a",
    "<p>x<!--",
    "<p>x<!-- y --",
    "<p>&lt;b&gt;<b>",
)  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_tags_and_attributes_are_those_of_a_browser(text: str) -> None:
    found = compare(normalised(text))
    assert {key: found[key] for key in ("missing", "wrong", "wrong attributes", "differing tags")} == dict.fromkeys(
        ("missing", "wrong", "wrong attributes", "differing tags"), 0
    )
    assert found["elements"] + found["tags"] > 0


MAIL = """<!DOCTYPE html>\n<html lang="en"><head><title>A &amp; B</title>
<style>@media (max-width:600px) { a > b { color: red } }</style></head>
<body><!-- a comment --><table width="600" class='x y' border=0><tr><td align=center>
<a href="https://x.example/?a=1&b=2" title='He said "hi"'>Text <b>bold</b></a><br/>
<img src="a.png" alt="" width=10></td></tr></table><p>One<p>Two &lt; three</body></html>"""
PIECES = st.sampled_from(
    (
        *(
            "<",
            ">",
            '"',
            "'",
            "=",
            "/",
            "!",
            "--",
            "-->",
            "<!--",
            "<!-->",
            "<a ",
            "<td",
            "</td>",
            "</",
            "<p>",
            "<b",
            " ",
        ),
        *("<script>", "</script>", "<style>", "</style>", "<title>", "</title>", "<textarea>", "</textarea>", "</>"),
        *(
            "<?",
            "<!",
            "&amp;",
            "&",
            "\t",
            "\n",
            "\f",
            ' x="',
            " y='",
            "é",
            "😀",
            "<xmp>",
            "</xmp>",
            "--!>",
            "<é>",
            "<!d",
        ),
    )
)
EDITS = st.lists(st.tuples(st.integers(0, len(MAIL)), st.integers(0, 8), PIECES), min_size=1, max_size=10)


@settings(max_examples=300, deadline=None)
@given(EDITS)
@example([(500, 0, ' x="')])
def test_damaged_mails_are_read_as_by_a_browser(edits: list[tuple[int, int, str]]) -> None:
    text = MAIL
    for at, removed, added in edits:
        text = text[:at] + added + text[at + removed :]
    found = compare(text)
    assert not any(found[key] for key in ("missing", "wrong", "wrong attributes", "differing tags"))


@given(st.lists(PIECES, max_size=30).map("".join))
def test_tokens_are_in_order_and_apart_in_every_view(text: str) -> None:
    markup = read(text)
    for view in (markup, markup.view("outlook")):
        assert len(view.masked) == len(text)
        at = 0
        for kind, start, end, name in view.tokens:
            assert at <= start < end <= len(text)
            assert bool(name) == (kind in (START, END))
            at = end


# -- tags that never end


def test_the_scan_goes_on_behind_a_quote_that_is_never_closed() -> None:
    text = '<p><a href="http://x.example>shop</a> <b>now</b>'
    markup = read(text)
    assert tags(text) == ["<p>", '<a href="http://x.example>', "</a>", "<b>", "</b>"]
    assert [span.text for span in markup.unclosed_quotes] == ['"http://x.example']
    assert markup.elements[1].get("href") == "http://x.example"
    assert markup.unclosed_tags == ()


def test_a_quote_closed_by_that_of_a_later_attribute_is_told() -> None:
    markup = read('<a href="http://x.example>shop</a> and <a href="http://y.example">y</a> <i title="a < b">')
    assert [span.text for span in markup.unclosed_quotes] == ['"http://x.example>shop</a> and <a href=']


def test_a_tag_without_an_end_stops_at_the_next() -> None:
    markup = read('<p>x <a href="y" <b>z</b> <i')
    assert tags(markup.source) == ["<p>", '<a href="y" <b>', "</b>", "<i"]
    markup = read("<p <a <b")
    assert tags(markup.source) == ["<p ", "<a ", "<b"]
    assert [span.text for span in markup.unclosed_tags] == ["<p ", "<a ", "<b"]


# -- attributes


def test_attributes_know_name_value_quote_and_place() -> None:
    text = '\ufeff<p>\r\n\t😀<a HREF="x?a=1&amp;b=2"\r\n\ttitle=\'é "q"\' data-x=y/ hidden  href=z>'
    element = read(text).elements[1]
    assert [(one.name, one.value, one.quote, one.repeated) for one in element.attributes] == [
        ("href", "x?a=1&b=2", '"', False),
        ("title", 'é "q"', "'", False),
        ("data-x", "y/", "", False),
        ("hidden", None, "", False),
        ("href", "z", "", True),
    ]
    assert element.get("href") == "x?a=1&b=2"
    assert (element.get("hidden"), element.get("absent"), element.get("absent", "-")) == ("", None, "-")
    title = element.attributes[1]
    assert (title.span.text, title.name_span.text, title.value_span.text) == ("title='é \"q\"'", "title", 'é "q"')
    where = title.value_span.where
    assert (where.line, where.column, where.end_column) == (3, 9, 14)
    assert (element.span.where.line, element.span.where.column) == (2, 3)


def test_values_hold_template_tags_as_written_and_tags_between_attributes_are_none() -> None:
    markup = read(
        '<tr {{#if x}}class="a"{{/if}} {{ attrs }} data-{{ k }}="{{ f("v") }}" href={{ url }}'
        " w={% if a %}1{% endif %}2>"
    )
    assert [(one.name, one.value) for one in markup.elements[0].attributes] == [
        ("class", "a"),
        ("data-{{ k }}", '{{ f("v") }}'),
        ("href", "{{ url }}"),
        ("w", "{% if a %}1{% endif %}2"),
    ]
    assert len(markup.tokens) == 1


def test_an_element_ends_where_the_template_tag_in_it_does_not() -> None:
    text = '<a title="{{ a > b }}" <% if a > b && c %>x<% end %>>t</a>'
    assert [text[start:end] for _, start, end, _ in read(text).tokens] == [text[:-5], "</a>"]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("?a=1&copy=2&lang=en", "?a=1&copy=2&lang=en"),
        ("a&amp;b&lt", "a&b<"),
        ("&notit;&not_", "&notit;¬_"),
        ("&#x1F600;&#150;&#0;&#xD800;&#99999999;", "😀–\ufffd\ufffd\ufffd"),
        ("&nosuch; & &#; &", "&nosuch; & &#; &"),
    ],
)
def test_references_in_values_are_decoded_as_by_a_browser(raw: str, value: str) -> None:
    assert decode_value(raw) == value


REFERENCES = st.lists(
    st.sampled_from(
        (
            *(
                "&",
                ";",
                "#",
                "x",
                "amp",
                "lt",
                "not",
                "notin",
                "copy",
                "nbsp",
                "NotEqualTilde",
                "1",
                "28",
                "150",
                "0",
                "D8",
            ),
            *("F600", "=", "a", " ", "é", "😀", "<", "&amp;", "&lt", "&#38;", "&#x26;", "ZZ", "AMP"),
        )
    ),
    max_size=20,
).map("".join)


@given(REFERENCES)
def test_references_in_text_are_decoded_as_by_a_browser_and_lead_back(raw: str) -> None:
    import turbohtml

    source = "ab" + raw + "cd"
    decoder = Decoder(source)
    decoder.add(2, 2 + len(raw))
    decoded = decoder.done()
    assert decoded.text == decode_text(raw) == turbohtml.unescape(raw)
    at = 2
    for offset, char in enumerate(decoded.text):
        start, end = decoded.source_of(offset, offset + 1)
        assert at <= start < end <= 2 + len(raw)
        assert source[start:end] == char or source[start] == "&"
        at = start
    if decoded.text:
        assert decoded.source_of(0, len(decoded.text)) == (2, 2 + len(raw))


# -- elements


def shape(text: str, media: Media = "html") -> list[tuple[str, str, str]]:
    """Name, name of the element around, and end tag of every element."""
    return [
        (one.name, one.parent.name if one.parent else "", one.end_tag.text if one.end_tag else "")
        for one in read(text, media).elements
    ]


def test_elements_know_what_is_around_them() -> None:
    assert shape("<ul><li>a<li>b</ul><p>x<div>y</div>") == [
        ("ul", "", "</ul>"), ("li", "ul", ""), ("li", "ul", ""), ("p", "", ""), ("div", "", "</div>"),
    ]  # fmt: skip
    assert shape("<table><tr><td>1<td>2</div><tr><td><b>x</table>") == [
        ("table", "", "</table>"), ("tr", "table", ""), ("td", "tr", ""), ("td", "tr", ""),
        ("tr", "table", ""), ("td", "tr", ""), ("b", "td", ""),
    ]  # fmt: skip
    assert shape("<a>x<a>y</a><br>z<o:p/>w<div/>v") == [
        ("a", "", ""), ("a", "", "</a>"), ("br", "", ""), ("o:p", "", ""), ("div", "", ""),
    ]  # fmt: skip
    assert shape("<b>x<p>y</b>z</p>") == [("b", "", "</b>"), ("p", "b", "</p>")]


def test_end_tags_that_close_nothing_are_told() -> None:
    markup = read("<div><table><tr><td></div></td></tr></table></span></div></p>")
    assert [span.text for span in markup.stray_end_tags] == ["</div>", "</span>", "</p>"]


def test_an_element_knows_its_text_and_extent() -> None:
    link = read("<p>x <a href=y>Caf&eacute; <b>now</b><!-- no --></a> z").elements[1]
    assert (link.text, link.content.text) == ("Café now", "Caf&eacute; <b>now</b><!-- no -->")
    assert link.whole.text == "<a href=y>Caf&eacute; <b>now</b><!-- no --></a>"
    assert (link.depth, link.inside("p"), link.inside("td")) == (1, True, False)


def test_unknown_elements_keep_their_spelling() -> None:
    markup = read(
        "Dear <FirstName>, <First Name> <voornaam> <Förnamn> < Förnamn > <émail> <x-card><o:p></o:p>"
        "<linearGradient><font><mj-text><unsubscribe>U</unsubscribe><row><custom name='x'><h{{ n }} x>"
    )
    assert [(one.written, one.bare) for one in markup.unknown_elements] == [
        ("FirstName", ()), ("First", ("Name",)), ("voornaam", ()), ("Förnamn", ()),
    ]  # fmt: skip
    assert [one.span.text for one in markup.unknown_elements][:2] == ["<FirstName>", "<First Name>"]
    assert [one.written for one in read("x <Name").unknown_elements] == ["Name"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("marquee", "html"), ("lineargradient", "svg"), ("mrow", "mathml"), ("v:rect", "namespace"),
        ("mj-text", "mjml"), ("amp-img", "custom"), ("columns", "inky"), ("multiline", "campaign-monitor"),
        ("elseif", "framework"),
        ("firstname", None), ("name", None), ("email", None),
    ],
)  # fmt: skip
def test_where_element_names_come_from(name: str, expected: str | None) -> None:
    assert origin(name) == expected


def test_mjml_styles_are_raw_and_its_empty_elements_close_themselves() -> None:
    text = "<mj-style>a > b <p></mj-style><mj-column><mj-image src='x' /><mj-text>t</mj-text></mj-column>"
    assert shape(text, "mjml") == [
        ("mj-style", "", "</mj-style>"), ("mj-column", "", "</mj-column>"), ("mj-image", "mj-column", ""),
        ("mj-text", "mj-column", "</mj-text>"),
    ]  # fmt: skip
