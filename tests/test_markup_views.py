"""What rules see: texts, blocks, links, images, places, the Outlook view and the trees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcheck.campaign import Media, Part
from mailcheck.content.conditionals import holds_in_outlook
from mailcheck.content.markup import Markup


def read(text: str, media: Media = "html", dialect: str | None = None) -> Markup:
    return Markup(Part("html", text, "mail.html", media), dialect)


# -- text


def test_texts_are_what_a_reader_sees_with_what_is_around_them() -> None:
    markup = read(
        "<html><head><title>A &amp; B</title><style>a > b {}</style><script>x</script></head><body>"
        "<!-- no --><p>Hi <b>you</b></p> <xml><o:x>96</o:x></xml><template>t</template>"
        "<div style='display: NONE'><i>pre</i></div><div hidden>gone</div><pre>[code]</pre></body></html>"
    )
    found = [(one.text, one.names[:2], one.hidden, one.in_code, one.in_title) for one in markup.texts]
    assert found == [
        ("A & B", ("title", "head"), False, False, True),
        ("Hi ", ("p", "body"), False, False, False),
        ("you", ("b", "p"), False, False, False),
        ("pre", ("i", "div"), True, False, False),
        ("gone", ("div", "body"), True, False, False),
        ("[code]", ("pre", "body"), False, True, False),
    ]
    assert [one.raw for one in read("<template>{{x}}</template>", "amp").texts] == ["{{x}}"]


def test_text_behind_references_keeps_its_columns() -> None:
    text = read("<p>\r\n\tCaf&eacute; &nbsp;😀 {{ name }}</p>").texts[0]
    at = text.text.index("{{")
    span = text.span_of(at, at + len("{{ name }}"))
    assert span.text == "{{ name }}"
    assert (span.where.line, span.where.column, span.where.end_column) == (2, 22, 32)
    assert text.span_of(text.text.index("é"), text.text.index("é") + 1).text == "&eacute;"
    assert "{{ name }}" not in text.masked


def test_blocks_join_over_inline_elements_and_end_at_others() -> None:
    markup = read(
        "<td>Hi {{ fir<b>st</b>_<!-- x -->name }}, <FirstName>&nbsp;a<o:p></o:p>b<br>new <img src=x>line</td>"
        "<td>cell</td>\r\n<p> </p>"
    )
    assert [one.text for one in markup.blocks] == ["Hi {{ first_name }}, \xa0ab", "new line", "cell"]
    block = markup.blocks[0]
    start, end = block.text.index("{{"), block.text.index("}}") + 2
    assert block.span_of(start, end).text == "{{ fir<b>st</b>_<!-- x -->name }}"
    assert block.span_of(end, end).start == markup.source.index(", <First")
    assert [piece.raw for piece in block.pieces][:3] == ["Hi {{ fir", "st", "_"]


LINES = st.lists(
    st.sampled_from(
        ("<b>", "</b>", "a", "&amp;", "&nbsp", "é", "😀", "\r\n", "<p>", "<br>", "<!-- -->", " ", "{{ x }}", "&")
    ),
    max_size=30,
).map("".join)


@given(LINES, st.data())
def test_every_stretch_of_a_block_has_its_place(text: str, data: st.DataObject) -> None:
    for block in read(text).blocks:
        start = data.draw(st.integers(0, len(block.text)))
        end = data.draw(st.integers(start, len(block.text)))
        span = block.span_of(start, end)
        assert block.span.start <= span.start <= span.end <= block.span.end
        inside = Markup(Part("html", span.text, media="html"))
        if start < end and "&" not in block.text[start:end]:
            assert "".join(one.text for one in inside.blocks) in block.text[start:end]


# -- the Outlook view

MSO = """<p>a</p><!--[if mso]><v:rect href="http://o.example/"><v:fill src="f.png" /><v:textbox>O</v:textbox></v:rect>
<![endif]--><!--[if !mso]><!--><a href="http://web.example/">W</a><!--<![endif]--><![if !mso]>w<![endif]>
<!--[if IE]><a href="http://ie.example/">I</a><![endif]--><p>z</p>"""


def test_outlook_reads_what_browsers_skip_and_the_other_way_round() -> None:
    markup = read(MSO)
    outlook = markup.view("outlook")
    assert [one.text for one in markup.texts] == ["a", "W", "w", "z"]
    assert [one.text for one in outlook.texts] == ["a", "O", "z"]
    assert len(outlook.masked) == len(MSO)
    assert [one.span.text for one in outlook.elements if one.name == "v:fill"] == ['<v:fill src="f.png" />']
    assert markup.view("default") is markup
    assert outlook.view("outlook") is outlook
    assert read("<p>").view("outlook").texts == ()


def test_conditional_comments_are_told_with_their_content() -> None:
    found = {
        (one.condition, one.hidden, one.outlook, MSO[slice(*one.content)].strip()[:9]) for one in read(MSO).conditionals
    }
    assert found == {
        ("mso", True, True, "<v:rect h"),
        ("!mso", False, False, "<a href=\""),
        ("!mso", False, False, "w"),
        ("IE", True, False, "<a href=\""),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<!--[if !mso]><!-- -->", "<!--<![endif]-->"),
        ("<!--[if !mso]>-->", "<!--<![endif]-->"),
        ("<!--[if !(gte mso 9)]-->", "<!--[endif]---->"),
        ("<![IF !MSO]>", "<![ENDIF]>"),
    ],
)
def test_every_way_to_hide_from_outlook_is_known(opening: str, closing: str) -> None:
    markup = read(f"a{opening}<b>x</b>{closing}c")
    assert "x" in [one.text for one in markup.texts]
    assert [one.text for one in markup.view("outlook").texts] == ["a", "c"]


@pytest.mark.parametrize(
    "text", ["<!--[if mso]>", "<!--[if mso]", "<![if mso]", "<!--[if mso]>x", "<!--[if mso]>x-->", "<![endif]-->"]
)
def test_broken_conditional_comments_are_survived(text: str) -> None:
    assert len(read(text).view("outlook").masked) == len(text)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("mso", True), ("!mso", False), ("mso | IE", True), ("(gte mso 9)|(lte ie 8)", True), ("lte mso 11", False),
        ("!((mso)|(IE))", False), ("gte vml 1", True), ("!vml", False), ("!supportLists", False), ("IE", False),
        ("mso 16", True), ("mso & IE", False), ("gt mso 15 & lt mso 17", True), ("true", True), ("false", False),
        ("", False), ("(((", False), ("mso &", False), ("mso)", False), ("mso 1.2.3", False),
        ("!" * 5_000 + "mso", False),
    ],
)  # fmt: skip
def test_conditions_hold_as_in_outlook(condition: str, holds: bool) -> None:
    assert holds_in_outlook(condition) is holds


# -- links and images


def test_links_and_images_are_found_in_both_views() -> None:
    markup = read(
        '<table background="bg.png"><tr><td BACKGROUND=\'c.png\' style="background:red">'
        '<a href="{{ url("x") }}?a=1&amp;b=2">Click  <i>me</i></a><a name=x>no</a><img src=a.png alt="" width=10>'
        "<map><area href=/m></map><img>" + MSO
    )
    assert [(one.href, one.text, one.outlook) for one in markup.links] == [
        ('{{ url("x") }}?a=1&b=2', "Click me", False),
        ("/m", "", False),
        ("http://o.example/", "O", True),
        ("http://web.example/", "W", False),
    ]
    assert markup.links[0].span.text == '{{ url("x") }}?a=1&amp;b=2'
    assert [(one.src, one.kind, one.alt, one.width, one.outlook) for one in markup.images] == [
        ("bg.png", "background", None, None, False),
        ("c.png", "background", None, None, False),
        ("a.png", "image", "", "10", False),
        ("", "image", None, None, False),
        ("f.png", "vml", None, None, True),
    ]
    assert markup.images[3].span.text == "<img>"
    assert [one.href for one in markup.view("outlook").links] == ['{{ url("x") }}?a=1&b=2', "/m", "http://o.example/"]


def test_links_and_images_of_mjml() -> None:
    markup = read(
        '<mj-section background-url="b.png"><mj-button href="https://x.example">Go</mj-button>'
        '<mj-image src="i.png" href="/i" alt="A"/></mj-section>',
        "mjml",
    )
    assert [(one.href, one.text) for one in markup.links] == [("https://x.example", "Go"), ("/i", "")]
    assert [(one.src, one.kind, one.alt) for one in markup.images] == [
        ("b.png", "background", None),
        ("i.png", "image", "A"),
    ]


# -- places

PLACES = """<!doctype html><title>¶1</title><style>¶2</style><script>¶3</script><!-- ¶4 --><!--[if mso]>¶5<![endif]-->
<tr {{#if ¶6}}class="¶7"{{/if}}><td title='a ¶8' ¶9>¶A<code>¶B</code><iframe>¶C</iframe></td ¶D>
<svg><![CDATA[¶E]]></svg>
<!--[if !mso]><!-->¶F<!--<![endif]--><textarea>¶G</textarea><a href={{ ¶H }}>"""


@pytest.mark.parametrize(
    ("mark", "kind", "element", "attribute", "quoted"),
    [
        ("1", "title", "title", "", False), ("2", "style", "style", "", False), ("3", "script", "script", "", False),
        ("4", "comment", "", "", False), ("5", "conditional", "", "", False), ("6", "tag", "tr", "", False),
        ("7", "attribute", "tr", "class", False), ("8", "attribute", "td", "title", False),
        ("9", "tag", "td", "", False),
        ("A", "text", "td", "", False), ("B", "text", "code", "", True), ("C", "script", "iframe", "", False),
        ("D", "tag", "td", "", False), ("E", "text", "", "", False), ("F", "text", "tr", "", False),
        ("G", "text", "textarea", "", False), ("H", "attribute", "a", "href", False),
    ],
)  # fmt: skip
def test_every_offset_knows_its_place(mark: str, kind: str, element: str, attribute: str, quoted: bool) -> None:
    found = read(PLACES).context(PLACES.index("¶" + mark))
    assert (found.kind, found.element, found.attribute, found.quoted) == (kind, element, attribute, quoted)
    assert "¶" + mark in found.span.text


def test_places_at_the_edges() -> None:
    assert read(PLACES).context(3).kind == "doctype"
    assert read("").context(0).kind == "text"
    assert read("ab").context(1).span.text == "ab"
    assert read("<p>").context(3).span.text == ""
    assert read("<b x=''>").context(6).kind == "tag"


# -- trees

TREE = """<!DOCTYPE html>
<html><head><title>A &amp; B</title></head><body>
<table><tr {{#if x}}class="a"{{/if}} ID=q id=r mc-i=7>
\t<td>{{ a < b }}<a href='{{ f("x") }}?a=1&amp;b=2' class="m n">Hi<br>😀 <FirstName>x</a><!-- c --></td></table>
<p>one<p>two <b>three</b></body></html>"""


def test_the_lxml_tree_leads_back_to_the_source() -> None:
    markup = read(TREE)
    link = markup.tree.xpath("//a")[0]
    assert link.get("href") == '{{ f("x") }}?a=1&b=2'
    assert markup.span_of(link).text == """<a href='{{ f("x") }}?a=1&amp;b=2' class="m n">"""
    assert markup.tree.xpath("//tr/@class") == ["a"]
    assert "{{ a < b }}" in markup.tree.text_content()
    names = {one.tag: markup.element_of(one).name for one in markup.tree.iter() if isinstance(one.tag, str)}
    assert names == {name: name for name in names}
    partial = read("<td>x")
    assert partial.span_of(partial.tree).text == "<td>"
    assert read("").tree.tag == "html"
    for stranger in (read("").tree, read(TREE).tree):
        with pytest.raises(LookupError, match="does not come from"):
            markup.span_of(stranger)


def test_the_soup_has_lines_and_positions_and_leads_back() -> None:
    markup = read(TREE)
    soup = markup.soup
    link = soup.select_one("td > a.m")
    assert link is not None
    assert link["href"] == '{{ f("x") }}?a=1&b=2'
    assert (link.sourceline, link.sourcepos) == (4, 16)
    assert markup.span_of(link).where.column == 17
    assert [tag.get_text() for tag in soup.find_all("p")] == ["one", "two three"]
    assert [markup.element_of(tag).name for tag in soup.find_all(True)] == [one.name for one in markup.elements]
    row = soup.tr
    assert row is not None
    assert row.attrs == {"class": ["a"], "id": "q", "mc-i": "7"}
    with pytest.raises(LookupError, match="does not come from"):
        read(TREE).span_of(link)


def test_places_are_told_in_the_file_that_the_part_was_written_in() -> None:
    from mailcheck.campaign import Origin

    source = 'html = """\n<p>x</p>"""'
    at = source.index("<p>")
    part = Part("html", "<p>x</p>", "c.toml", "html", Origin(source, range(at, at + 9)))
    tag = Markup(part).soup.p
    assert tag is not None
    assert (tag.sourceline, tag.sourcepos) == (2, 0)
