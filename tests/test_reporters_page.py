"""The page: marks at the exact places, everything in it, and a preview without anything that acts."""

from __future__ import annotations

import re
from html import unescape

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcheck.campaign import Part
from mailcheck.report import CampaignReport, Finding, Outcome, Report, Waived
from mailcheck.reporters import Context, render
from mailcheck.reporters.page.marks import Mark, pieces
from mailcheck.reporters.page.preview import LONGEST, POLICY, preview
from mailcheck.reporters.page.tokens import tokens


def found(text: str, at: str, rule: str = "a/b", severity: str = "error", part: str = "html") -> Finding:
    where = Part(part, text).at(text.index(at), text.index(at) + len(at)).where
    return Finding.model_validate(
        {
            "rule": rule,
            "severity": severity,
            "message": "Look at it.",
            "part": part,
            "path": "m.html",
            "line": where.line,
            "column": where.column,
            "end_line": where.end_line,
            "end_column": where.end_column,
            "evidence": at,
        }
    )


def page(*findings: Finding, sources: dict[str, str] | None = None, **campaign: object) -> str:
    given: dict[str, object] = {"path": "m.html", "profile": "template", "stage": "template", "findings": findings}
    report = Report(campaigns=(CampaignReport.model_validate(given | campaign),))
    return render(report, "html", Context(sources={("m.html", name): text for name, text in (sources or {}).items()}))


def tree(written: str) -> BeautifulSoup:
    return BeautifulSoup(written, "html.parser", multi_valued_attributes=None)


def by_id(document: BeautifulSoup, identity: str) -> Tag:
    (found_there,) = document.find_all(id=identity)
    assert isinstance(found_there, Tag)
    return found_there


TEXT = """<p>Dear <b>{{name}</b>,</p>\r\n<p>Tom &amp; Ana 😀 <a href="http://x.example/">shop</a></p>\n"""


# ---------------------------------------------------------------- the source view


@pytest.mark.parametrize(
    "at", ["{{name}", "Dear <b>{{name}</b>,", "http://x.example/", "😀", "&amp;", "</p>\r\n<p>", TEXT]
)
def test_the_source_marks_exactly_the_place_and_links_to_it(at: str) -> None:
    document = tree(page(found(TEXT, at), sources={"html": TEXT}))
    marked = "".join(mark.get_text() for mark in document.select(".source mark"))
    assert marked == re.sub(r"\r\n|\n", "", at)
    (link,) = document.select(".finding .where a")
    (badge,) = document.select(".source a.badge")
    assert [link["href"], badge["id"]] == ["#c1m1", "c1m1"]
    assert badge.get("href") == "#c1f1"
    assert by_id(document, "c1f1").get_text().count("Look at it.") == 1


@pytest.mark.parametrize("text", ["a\r\nb\n", "\n", "ab", "a\rb"])
def test_every_place_has_its_mark_even_between_lines(text: str) -> None:
    findings = []
    for start in range(len(text) + 1):
        for end in range(start, len(text) + 1):
            where = Part("html", text).at(start, end).where
            columns = {"column": where.column, "end_line": where.end_line, "end_column": where.end_column}
            findings.append(found("x", "x").model_copy(update={"line": where.line, **columns}))
    document = tree(page(*findings, sources={"html": text}))
    badges = [badge["id"] for badge in document.select(".source a.badge")]
    assert sorted(badges) == sorted(f"c1m{number}" for number in range(1, len(findings) + 1))


def test_overlapping_places_are_all_marked() -> None:
    document = tree(page(found(TEXT, "Tom &amp; Ana"), found(TEXT, "Ana 😀", "c/d", "warning"), sources={"html": TEXT}))
    marks = [(mark.get_text(), mark["class"]) for mark in document.select(".source mark")]
    assert marks == [("Tom &amp; ", "error"), ("Ana", "error"), (" 😀", "warning")]
    assert [badge.get("id") for badge in document.select(".source a.badge")] == ["c1m1", "c1m2"]


def test_the_source_is_shown_line_by_line_as_it_is_written() -> None:
    document = tree(page(sources={"html": TEXT}))
    lines = [line.get_text() for line in document.select(".source .code")]
    assert lines == re.split(r"\r\n|\n", TEXT)
    assert [number.get("data-n") for number in document.select(".source .number")] == ["1", "2", "3"]


def test_a_long_source_is_shown_around_its_marks() -> None:
    text = "x" * 100 + "\n"
    text = text * 2000 + "place\n" + text * 2000
    document = tree(page(found(text, "place"), sources={"html": text}))
    assert [mark.get_text() for mark in document.select(".source mark")] == ["place"]
    assert len(document.select(".source .row")) == 10
    assert "⋯ 1,995 lines left out" in document.get_text()


def test_one_endless_line_is_cut_but_its_place_is_not() -> None:
    text = "<td>" * 20_000 + "place" + "</td>" * 20_000
    written = page(found(text, "place"), sources={"text": text, "html": text})
    assert [mark.get_text() for mark in tree(written).select(".source mark")] == ["place"]
    shown = tree(written).select(".source")[0].get_text()
    assert len(shown) < 2000
    assert "characters left out" in shown


@given(st.integers(0, 20), st.integers(0, 20), st.lists(st.tuples(st.integers(0, 22), st.integers(0, 6)), max_size=6))
def test_pieces_cover_the_text_without_gaps(start: int, length: int, spans: list[tuple[int, int]]) -> None:
    marks = [Mark(left, left + size, number, "error") for number, (left, size) in enumerate(spans)]
    cut = list(pieces(start, start + length, marks))
    covered = [offset for piece in cut for offset in range(piece.start, piece.end)]
    assert covered == list(range(start, start + length))
    for piece in cut:
        for offset in range(piece.start, piece.end):
            assert {m.number for m in piece.inside} == {m.number for m in marks if m.start <= offset < m.end}
    opened = [mark.number for piece in cut for mark in piece.opening]
    assert len(opened) == len(set(opened))
    inner = {mark.number for mark in marks if start <= mark.start < start + length}
    assert inner <= set(opened)


# ---------------------------------------------------------------- the rest of the page


def test_subject_and_sender_stand_over_the_mail() -> None:
    subject = "Hi {{name}"
    sources = {"subject": subject, "from": "Tulip <a@shop.example>", "html": TEXT}
    document = tree(page(found(subject, "{{name}", part="subject"), sources=sources))
    assert [mark.get_text() for mark in document.select(".envelope .subject mark")] == ["{{name}"]
    assert by_id(document, "c1m1").get("href") == "#c1f1"
    assert "Tulip <a@s**p.example>" in document.select(".envelope")[0].get_text()


def test_addresses_are_masked_in_the_source_and_in_the_preview() -> None:
    document = page(found(TEXT, "{{name}"), sources={"html": f"{TEXT}<p>to jan.jansen@example.com</p>"})
    assert "jan.jansen" not in document
    assert document.count("j********n@e*****e.com") == 2


def test_without_the_texts_the_findings_are_still_there() -> None:
    document = tree(page(found(TEXT, "{{name}")))
    assert not document.select("iframe, .source, .finding a")
    assert document.select(".evidence")[0].get_text() == "{{name}"


def test_thousands_of_findings_in_one_line_are_all_drawn() -> None:
    text = "{{a} " * 5000
    findings = [
        found(text, "{{a}").model_copy(update={"column": 5 * n + 1, "end_column": 5 * n + 5}) for n in range(5000)
    ]
    written = page(*findings, sources={"html": text})
    assert written.count('<a class="badge error" id="c1m') == 5000
    assert written.count("data-mailcheck-n=") == 5000


def test_what_was_not_judged_stands_before_the_findings() -> None:
    outcomes = (
        Outcome(rule="acme/boom", status="error", reason="it broke"),
        Outcome(rule="a/skipped", status="skipped", reason="no audience was given"),
    )
    written = page(found(TEXT, "{{name}"), sources={"html": TEXT}, outcomes=outcomes)
    (gaps,) = tree(written).select(".gaps")
    assert "acme/boom The rule could not run: it broke" in gaps.get_text()
    assert "a/skipped" not in gaps.get_text()
    assert written.index('class="gaps"') < written.index('class="finding ')
    assert "no audience was given" in written


def test_waived_findings_are_told_with_their_reason() -> None:
    waived = Waived(finding=found(TEXT, "{{name}"), why="agreed with Ana", until="2027-01-01")
    cells = [cell.get_text() for cell in tree(page(waived=(waived,))).select("details td")]
    assert cells == ["a/b", "Look at it.", "agreed with Ana", "2027-01-01"]


def test_clear_campaigns_of_a_large_run_are_only_named() -> None:
    clear = CampaignReport(path="calm.html", profile="template", stage="template")
    held = clear.model_copy(update={"path": "m.html", "findings": (found(TEXT, "{{name}"),)})
    document = tree(render(Report(campaigns=(clear, held)), "html"))
    assert len(document.select("section.campaign")) == 1
    assert document.select("nav details")[0].get_text() == "1 clear without findingscalm.html"


def test_a_large_run_shows_the_mails_of_the_first_campaigns_only() -> None:
    report = Report(
        campaigns=tuple(
            CampaignReport(path=f"{n}.html", profile="p", stage="template", findings=(found(TEXT, "{{name}"),))
            for n in range(30)
        )
    )
    document = tree(render(report, "html", Context(sources={(f"{n}.html", "html"): TEXT for n in range(30)})))
    assert len(document.select("section.campaign")) == 30
    assert len(document.select("iframe")) == 25


def test_the_page_asks_for_nothing_and_has_landmarks() -> None:
    document = tree(page(found(TEXT, "{{name}"), sources={"html": TEXT}))
    assert [meta.get("content") for meta in document.select("meta[http-equiv='Content-Security-Policy']")] == [POLICY]
    assert not document.select("script, link, img, object, embed, form, base, video, audio")
    (frame,) = document.select("iframe")
    assert (frame.get("sandbox"), frame.get("title"), frame.get("src")) == ("", "Preview of the mail", None)
    for landmark in ("main", "header", "footer", "section[aria-labelledby]", "h1", "a.skip"):
        assert document.select(landmark), landmark
    assert document.select("html[lang=en]")
    for labelled in document.select("[aria-labelledby]"):
        assert by_id(document, str(labelled["aria-labelledby"])).get_text()


# ---------------------------------------------------------------- the preview


def shown(source: str, *marks: Mark) -> str:
    """The preview without its head."""
    document = preview(source, marks)
    assert document is not None
    return document.split("</style>", 1)[1]


def mark(source: str, at: str, number: int = 1) -> Mark:
    return Mark(source.index(at), source.index(at) + len(at), number, "error")


@pytest.mark.parametrize(
    ("source", "at", "expected"),
    [
        ("<p>a place b</p>", "place", '<p>a <mark class="mailcheck error" data-mailcheck-n="1">place</mark> b</p>'),
        ("<p>a &amp; b</p>", "amp", '<p>a <mark class="mailcheck error" data-mailcheck-n="1">&amp;</mark> b</p>'),
        (
            "<p>a <i>b</i> c</p>",
            "a <i>b</i> c",
            (
                '<p><mark class="mailcheck error" data-mailcheck-n="1">a </mark><i>'
                '<mark class="mailcheck error">b</mark></i><mark class="mailcheck error"> c</mark></p>'
            ),
        ),
        (
            '<p><a href="http://x/">b</a></p>',
            "http://x/",
            '<p><b class="mailcheck error">1</b><a href="#" title="http://x/" data-mailcheck="error">b</a></p>',
        ),
        ("<td width=1>b</td>", "width=1", '<td width=1 data-mailcheck="error" data-mailcheck-n="1">b</td>'),
        ("<tr bgcolor=x><td>b", "bgcolor", '<tr bgcolor=x data-mailcheck="error"><td>b'),
        ("Hi <FirstName>, you", "<FirstName>", 'Hi <b class="mailcheck error">1</b><firstname>, you'),
        ("<table>\n<tr>", "\n", "<table>\n<tr>"),
        ("<style>a{}</style>b", "a{}", "<style>a{}</style>b"),
        ("a<!-- place -->b", "place", "ab"),
    ],
)
def test_places_are_marked_where_that_is_safe(source: str, at: str, expected: str) -> None:
    assert shown(source, mark(source, at)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<!doctype html><p class=x>a</p>", "<p class=x>a</p>"),
        ("a<script>b</script>c", "ac"),
        ("a<SCRIPT x>b</script y>c", "ac"),
        ("a<script>b", "a"),
        ("<<!-- -->script>alert(1)</script>", "&lt;script>alert(1)"),
        ("<<script></script>script>x", "&lt;script>x"),
        ("a < b <3 c", "a &lt; b &lt;3 c"),
        ("<svg><style><img src=x onerror=y></style></svg>", "<style><img src=x onerror=y></style>"),
        ("<math><mi>x</mi></math>", "<mi>x</mi>"),
        ("<img src=x onerror=y ONLOAD='z' alt=k>", "<img alt=k>"),
        ('<img src="data:image/png;base64,AA==">', '<img src="data:image/png;base64,AA==">'),
        ("<a href=javascript:x target=_top>y</a>", '<a href="#" title=javascript:x>y</a>'),
        ("<a href='http://x/' title=z>y</a>", '<a href="#" title=z>y</a>'),
        ("<area href=>y", '<area href="#">y'),
        ("<a href='http://x/' ping=z>y</a>", "<a href=\"#\" title='http://x/'>y</a>"),
        ("<a href/=javascript:x>y</a>", '<a href="#">y</a>'),
        ('<a x="1"onclick="y"z=1>', '<a x="1" z=1>'),
        ("<iframe srcdoc='x'>y</iframe>z", "z"),
        ("<base href=x><link rel=preconnect href=y><meta http-equiv=refresh content=0>", ""),
        ("<form action=x><input formaction=y autofocus></form>", "<form><input></form>"),
        ("<textarea></p><script>x</textarea>", "<textarea></p><script>x</textarea>"),
        ("<xmp><b></xmp>", "<pre>&lt;b&gt;</pre>"),
        ("<noscript><p>a</noscript>", "<p>a"),
        ("<![CDATA[<p>x]]>", "x]]>"),
        ("</>a</ b>c<?x?>d<!x>e", "acde"),
        ("<!-->a<!--->b<!-- --!>c<!-- -- > -->d", "abcd"),
        ("<p a='", ""),
        ("<o:p>x</o:p><v:rect xmlns:v='y'>z</v:rect>", "<o:p>x</o:p><v:rect>z</v:rect>"),
        ("a\x00b\ud800c", "a\ufffdb\ufffdc"),
    ],
)
def test_everything_that_could_act_is_taken_out(source: str, expected: str) -> None:
    assert shown(source) == expected


def test_a_mail_that_is_too_long_has_no_preview() -> None:
    assert preview("x" * (LONGEST + 1), ()) is None
    written = page(sources={"html": "x" * (LONGEST + 1)})
    assert "too long for a preview" in written
    assert "<iframe" not in written


def test_the_preview_is_wholly_inside_its_attribute() -> None:
    source = "\"'></iframe><script>alert(1)</script><p title='\"'>&quot;&amp;quot; </textarea></title></style>"
    written = page(sources={"html": source})
    (frame,) = tree(written).select("iframe")
    (attribute,) = re.findall(r'srcdoc="([^"]*)"', written)
    assert unescape(attribute) == frame.get("srcdoc") == preview(source, ())
    assert len(re.findall("</iframe>", written)) == 1
    assert "<script" not in written


markup = st.lists(
    st.sampled_from(
        [
            "<",
            "</",
            "<!",
            "<!--",
            "-->",
            "--",
            ">",
            "/",
            "=",
            '"',
            "'",
            "&",
            ";",
            "<p",
            "<a",
            "href=",
            "<img",
            "src=",
            "onerror=",
            "javascript:",
            "<script",
            "</script",
            "<style",
            "</style",
            "<svg",
            "</svg>",
            "<title>",
            "</title",
            "<textarea",
            "<math>",
            "<iframe",
            "srcdoc=",
            "<base",
            "<link",
            "<meta",
            "http-equiv=refresh",
            "<form",
            "action=",
            "<x:y",
            "<![CDATA[",
            "]]>",
            "<?x",
            "{{",
            "}}",
            "<table>",
            "<select>",
            "<plaintext>",
            "<template>",
            "<noscript>",
            "a",
            "b",
            "\n",
            "\t",
            "\x00",
            "é",
        ]
    ),
    max_size=25,
).map(" ".join) | st.text("<>/=\"'!-abs& \n", max_size=40)

FORBIDDEN = {"script", "svg", "math", "iframe", "object", "embed", "base", "link", "meta", "frame", "template"}


@settings(max_examples=1500, deadline=None)
@given(markup, st.integers(0, 60), st.integers(0, 20))
def test_an_independent_browser_parser_finds_nothing_that_acts(source: str, start: int, length: int) -> None:
    import turbohtml

    document = preview(source, [Mark(start, start + length, 1, "error")])
    assert document is not None
    for element in turbohtml.parse(document.split("</style>", 1)[1]).iter_elements():
        assert element.tag not in FORBIDDEN
        assert element.attrs.get("href", "#") == "#"
        assert not any(name.startswith("on") or name in ("srcdoc", "action", "http-equiv") for name in element.attrs)


@given(markup)
def test_tokens_cover_the_source(source: str) -> None:
    position = 0
    for token in tokens(source):
        assert token.start == position
        assert token.end > token.start or token.kind == "raw"
        position = token.end
    assert position == len(source)


@pytest.mark.parametrize(
    "unit", ["<", "<a ", "<a '", '<a "', "<!--", "</", "<a b=", "<style>", "&amp", "<a b='c' ", "<p>\n", "a<"]
)
def test_reading_is_linear(unit: str) -> None:
    source = unit * (400_000 // len(unit))
    assert sum(token.end - token.start for token in tokens(source)) == len(source)
    assert preview(source, [Mark(5, 10, 1, "error")]) is not None
