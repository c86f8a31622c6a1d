"""The addresses of a message: found wherever they stand, with exact places; and what is wrong with them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mailcheck
from mailcheck import CampaignReport, Finding, domains
from mailcheck.checking import Checker, checker
from mailcheck.content.link_address import TAG, split
from mailcheck.content.link_hosts import placeholder, staging, tracker
from mailcheck.content.link_lookalikes import lookalike
from mailcheck.content.link_personal import Service, services
from mailcheck.content.link_wrappers import wrapped
from mailcheck.content.links import Link, Links
from mailcheck.domains import is_one_site, registrable
from mailcheck.reading import from_mapping
from support import calls


@cache
def made(*rules: str) -> Checker:
    return checker({"profile": "template", "select": list(rules or ("*",)), "show_addresses": not rules})


def told(campaign: dict[str, object], *rules: str) -> CampaignReport:
    return made(*rules).judge(from_mapping(campaign))


def links(**campaign: object) -> list[Link]:
    sheet = made().engine.sheet(from_mapping(campaign), "template")
    ending = sheet.resolver.ending("links")
    assert not ending.failed, ending.failed
    assert isinstance(ending.value, Links)
    return list(ending.value)


def findings(rule: str, **campaign: object) -> list[Finding]:
    report = told(campaign, rule)
    (outcome,) = report.outcomes
    assert outcome.status in ("passed", "failed"), outcome
    return [one for one in report.findings if one.rule == rule]


# where they stand


HTML = """<html><head><style>.a{background:url('https://a.example/1.png')} @import url(https://a.example/2.css);
@font-face{src:url(https://a.example/3.woff)}</style></head><body background="https://a.example/4.png">
<a href=" https://a.example/5?x=1&amp;y=2 ">Five &amp; <b>more</b></a>
<img src="https://a.example/6.png" srcset="https://a.example/7.png 1x, https://a.example/8.png 2x" alt="Six">
<td style="background-image:url(&quot;https://a.example/9.png&quot;)"></td>
<!--[if mso]><v:roundrect href="https://a.example/10"><v:fill src="https://a.example/11.png"/></v:roundrect><![endif]-->
<map><area href="https://a.example/12"></map><form action="https://a.example/13"></form><a href>14</a></body></html>"""


def test_every_place_is_found() -> None:
    found = {(link.kind, link.place, link.outlook, link.written) for link in links(html=HTML)}
    assert found == {
        ("image", "css", False, "https://a.example/1.png"),
        ("resource", "css", False, "https://a.example/2.css"),
        ("resource", "css", False, "https://a.example/3.woff"),
        ("image", "background", False, "https://a.example/4.png"),
        ("link", "href", False, "https://a.example/5?x=1&y=2"),
        ("image", "src", False, "https://a.example/6.png"),
        ("image", "srcset", False, "https://a.example/7.png"),
        ("image", "srcset", False, "https://a.example/8.png"),
        ("image", "css", False, "https://a.example/9.png"),
        ("link", "vml", True, "https://a.example/10"),
        ("image", "vml", True, "https://a.example/11.png"),
        ("link", "href", False, "https://a.example/12"),
        ("form", "action", False, "https://a.example/13"),
        ("link", "href", False, ""),
    }


def test_a_link_knows_its_text_and_the_places_of_its_pieces() -> None:
    (link,) = [one for one in links(html=HTML) if one.written.startswith("https://a.example/5")]
    assert link.text == "Five & more"
    assert link.span.text == "https://a.example/5?x=1&amp;y=2"
    assert link.at(link.address.query or (0, 0)).text == "x=1&amp;y=2"
    assert [(one.name, one.value) for one in link.address.parameters] == [("x", "1"), ("y", "2")]
    assert link.scheme_span.text == "https"


def test_the_text_part_and_the_header() -> None:
    text = "See https://a.example/x_(y), www.a.example/z. (Or <https://a.example/w>) {{ url }} and mail@a.example"
    header = {"List-Unsubscribe": "<mailto:u@a.example>, <https://a.example/u?id={{ id }}>"}
    found = [(link.kind, link.span.text) for link in links(html="<p>x</p>", text=text, headers=header)]
    assert found == [
        ("text", "https://a.example/x_(y)"),
        ("text", "www.a.example/z"),
        ("text", "https://a.example/w"),
        ("unsubscribe", "mailto:u@a.example"),
        ("unsubscribe", "https://a.example/u?id={{ id }}"),
    ]


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("https://a.example/?id={{ id | default: 'a b' }}&x=1", f"https://a.example/?id={TAG}&x=1"),
        ("*|URL|*/x", f"{TAG}/x"),
        ("{% if a %}https://a.example{% endif %}", f"{TAG}https://a.example{TAG}"),
        ("https://%%host%%/a", f"https://{TAG}/a"),
        (r"\{{ url }}", TAG),
        ("[% url %]", TAG),
        ("https://a.example/%C3%A9%20b", "https://a.example/%C3%A9%20b"),
        ("https://a.example/@fernhill", "https://a.example/@fernhill"),
        ("https://a.example/#TOP", "https://a.example/#TOP"),
    ],
)
def test_merge_tags_are_covered(written: str, shape: str) -> None:
    (link,) = links(html=f'<a href="{written}">x</a>')
    assert link.shape == shape
    assert link.span.text == written


@pytest.mark.parametrize(
    ("element", "requested"),
    [
        ('<link itemprop="method" href="http://schema.org/HttpRequestMethod/GET"/>', False),
        ('<link itemprop="availability" href="https://schema.org/InStock">', False),
        ('<link itemprop="itemCondition" href="http://purl.org/goodrelations/v1#New">', False),
        ('<link itemprop="sameAs" href="http://en.wikipedia.org/wiki/Tulip">', False),
        ('<link itemprop="url" href="http://shop.example/orders/1">', True),
        ('<link itemprop="url" href="http://schema.organic.example/">', True),
        ('<link rel="schema.DC" href="http://purl.org/dc/elements/1.1/">', False),
        ('<link rel="profile" href="http://gmpg.org/xfn/11">', False),
        ('<link rel=File-List href="http://a.example/filelist.xml">', False),
        ('<link href="http://a.example/a.css">', False),
        ('<link rel="stylesheet" href="http://a.example/a.css">', True),
        ('<link rel="Alternate StyleSheet" href="http://a.example/a.css">', True),
        ('<link rel="stylesheet" itemprop="url" href="http://schema.org/docs/schemaorg.css">', True),
        ('<link rel="dns-prefetch" href="http://a.example">', True),
        ('<link rel="{{ rel }}" href="http://a.example/a.css">', True),
        ('<div itemscope itemtype="http://schema.org/Order" itemid="http://a.example/#1"></div>', False),
    ],
)
def test_what_only_names_something_is_no_link(element: str, requested: bool) -> None:
    assert len(links(html=f"{element}<p>x</p>")) == requested
    assert len(findings("links/insecure", html=f"{element}<p>x</p>")) == requested


def test_a_font_is_no_picture_however_long_its_declaration() -> None:
    far = f"url('https://a.example/{'a' * 2000}.woff;') format('woff')"
    css = (
        f"@font-face{{font-family:g;/*;*/ src:{far},{far},url('https://a.example/2.svg#g')}}.a{{cursor:url(c.svg)}}"
        ".src{background:url('data:image/svg+xml;utf8,src:'),url(p.svg)}/*}*/ @import 'https://a.example/3.css';"
    )
    found = [link for link in links(html=f"<style>{css}</style>") if link.place == "css"]
    assert [link.kind for link in found] == ["resource"] * 4 + ["image"] * 2 + ["resource"]
    assert findings("images/format", html=f"<style>{css.replace('p.svg', 'p.png')}</style>") == []


def test_what_an_engine_or_an_editor_fills_in_is_no_empty_link() -> None:
    html = """<a href="" :href="url">a</a><a href="#" th:href="@{x}">b</a><a href="" style="-ko-attr-href: @url">c</a>
    <img t-att-src="x" alt="d"><td data-ko-editable="text"><a href="">e</a></td><div class="mktoImg"><img alt=""></div>"""
    assert findings("links/empty", html=html) == []
    assert findings("images/source", html=html) == []
    mjml = '<mjml><mj-head><mj-attributes><mj-image padding="0"/></mj-attributes></mj-head><mj-body><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section></mj-body></mjml>'
    assert findings("images/source", mjml=mjml) == []


_PIECES = st.sampled_from(
    [
        "https:",
        "//",
        "/",
        "\\",
        "@",
        ":",
        "?",
        "#",
        "&",
        "&amp;",
        "=",
        "%20",
        "%",
        " ",
        "a",
        "shop.example",
        "{{ x }}",
        "[::1]",
        "é",
        "\n",
        "+",
        "'",
        ";",
    ]
)


@given(st.lists(_PIECES, max_size=12))
@settings(max_examples=300, deadline=None)
def test_pieces_cover_the_address_and_lead_back_to_the_source(pieces: list[str]) -> None:
    written = "".join(pieces)
    html = f'<a href="{written}">x</a>'
    found = [link for link in links(html=html) if link.kind == "link"]
    for link in found:
        address = link.address
        if not link.shape:
            assert link.span.text == f'href="{written}"'
            continue
        known = [
            one for one in (address.scheme, address.authority, address.path, address.query, address.fragment) if one
        ]
        assert all(start <= end <= len(link.shape) for start, end in known)
        assert [one[0] for one in known] == sorted(one[0] for one in known)
        for piece in known:
            inside = link.at(piece)
            assert link.span.start <= inside.start <= inside.end <= link.span.end
            if TAG not in address.get(piece) and "&" not in written:
                assert inside.text == address.get(piece)
    ran = [one.status for one in told({"html": html}, "links/*").outcomes if "(--online)" not in one.reason]
    assert set(ran) <= {"passed", "failed"}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("https://u:p@shop.example:8080/a?b#c", ("https", "u:p", "shop.example", "8080", "/a", "b", "c")),
        ("//shop.example/a", ("", "", "shop.example", "", "/a", "", "")),
        ("shop.example:8080/a", ("", "", "", "", "shop.example:8080/a", "", "")),
        ("mailto:a@b.example?subject=x", ("mailto", "", "", "", "a@b.example", "subject=x", "")),
        ("https:\\\\shop.example\\a", ("https", "", "shop.example", "", "\\a", "", "")),
        ("https://[::1]:80/", ("https", "", "[::1]", "80", "/", "", "")),
        ("#top", ("", "", "", "", "", "", "top")),
        ("https://shop.example?x#y?z", ("https", "", "shop.example", "", "", "x", "y?z")),
    ],
)
def test_an_address_is_taken_apart(text: str, pieces: tuple[str, ...]) -> None:
    one = split(text)
    stretches = (one.scheme, one.userinfo, one.host, one.port, one.path, one.query, one.fragment)
    assert tuple(one.get(stretch) for stretch in stretches) == pieces


def test_hostile_markup_takes_no_more_than_its_length() -> None:
    def work(text: str) -> object:
        return links(html=text)

    for unit in (
        '<a href="',
        "<style>url(",
        '<a href="{{',
        "<img srcset='a ,",
        '<a href="https://a.example/%">',
        "url(&quot;",
        "<style>a{src:url(a) /**/",
        '<img src="a b=',
    ):
        short, long = calls(work, unit * 200), calls(work, unit * 800)
        assert long < short * 6, unit


# what is wrong with them, beyond the examples on the pages of the rules


SILENT = [
    '<a href="https://dev.to/x">dev.to</a>',
    '<a href="https://www.gov.uk/">gov.uk</a>',
    '<a href="https://shop.example/?q=100%25&amp;r=a%2Bb">x</a>',
    '<a href="https://shop.example/?u=https://other.example/?a=1">x</a>',
    '<a href="https://web.archive.org/web/2020/http://shop.example/">x</a>',
    '<a href="https://medium.com/@fernhill/story">x</a>',
    '<a href="https://shop.example/a(b)c,d;e!f*g\'h~i">x</a>',
    '<a href="https://x.list-manage.com/track/click?u=1&amp;id=2">www.shop.example</a>',
    '<a href="https://www.shop.example/nl">shop.example/nl</a>',
    '<a href="https://nodejs.org/">Node.js</a>',
    '<a href="mailto:help@shop.example?subject=50%25%20off&amp;body=Hello%2C%0D%0Athere">x</a>',
    '<a href="mailto:{{ email }}?subject={{ subject }}">x</a>',
    '<a href="mailto:?subject=Look%20at%20this&amp;body=https%3A%2F%2Fshop.example">Tell a friend</a>',
    '<a href="mailto:a@shop.example,b@shop.example">x</a>',
    '<a href="tel:+49-30-123456">030 / 12 34 56</a>',
    '<a href="tel:112">112</a>',
    '<a href="tel:{{ phone }}">Call {{ phone }}</a>',
    '<a href="sms:+31612345678?&amp;body=Yes">x</a>',
    '<a href="https://bücher.example/">x</a>',
    '<a href="https://例え.テスト.example/">x</a>',
    '<a href="https://shop.example/?token={{ token }}&amp;email={{ email }}">x</a>',
    '<a href="https://shop.example/?session=morning&amp;key=spring&amp;pass=vip">x</a>',
    '<a href="https://fonts.googleapis.com/css?family=Roboto:400,700|Lato">x</a>',
    '<a href="https://shop.example/sale?utm_source=mail&amp;utm_medium=email&amp;utm_campaign=spring&amp;utm_content=top">x</a>',
    '<a href="https://wa.me/31612345678">x</a>',
    '<a href="https://maps.app.goo.gl/AbC">x</a>',
    '<body><a href="#{{ id }}">x</a></body>',
    '<body>{% include "top" %}<a href="#offers">x</a></body>',
    '<a href="https://translate.google.com/?sl=en&amp;text=https://shop.example">x</a>',
    '<a href="https://{{ shop }}.example:{{ port }}/">x</a>',
]


@pytest.mark.parametrize("html", SILENT)
def test_what_is_right_is_left_alone(html: str) -> None:
    report = told({"html": f"{html}<p>x</p>"}, "links/*")
    assert [(one.rule, one.message) for one in report.findings] == []


FOUND = [
    ("links/empty", "error", '<a href="mailto:">x</a>'),
    ("links/empty", "error", '<a href="&#32;#&#10;">x</a>'),
    ("links/empty", "error", '<area href="#">'),
    ("links/scheme", "error", '<a href="data:text/html,hi">x</a>'),
    ("links/scheme", "error", '<a href="x-apple-data-detectors://1">12 May</a>'),
    ("links/scheme", "error", '<a href="mailo:a@shop.example">x</a>'),
    ("links/scheme", "warning", '<a href="whatsapp://send?text=hi">x</a>'),
    ("links/relative", "error", '<a href="shop.example/sale">x</a>'),
    ("links/relative", "error", '<a href="localhost:3000/sale">x</a>'),
    ("links/relative", "error", '<a href="Click here to view">x</a>'),
    ("links/placeholder", "error", '<a href="https://jouwdomein.nl/">x</a>'),
    ("links/placeholder", "error", '<a href="mailto:info@ihredomain.de">x</a>'),
    ("links/placeholder", "error", '<a href="https://shop.example/YOUR_LINK_HERE">x</a>'),
    ("links/placeholder", "error", '<img src="https://www.beispiel.de/bild.png" alt="x">'),
    ("links/staging", "error", '<a href="https://intranet/x">x</a>'),
    ("links/staging", "error", '<a href="http://10.0.0.7/x">x</a>'),
    ("links/staging", "error", '<a href="https://shop.local/x">x</a>'),
    ("links/staging", "error", '<a href="http://0x7f000001/">x</a>'),
    ("links/staging", "warning", '<a href="https://acc.shop.nl/x">x</a>'),
    ("links/staging", "warning", '<a href="https://www-test.shop.co.uk/x">x</a>'),
    ("links/staging", "warning", '<a href="https://shop.example:8443/x">x</a>'),
    ("links/malformed", "error", '<a href="https://shop..example/">x</a>'),
    ("links/malformed", "error", '<a href="https:\\\\shop.example/">x</a>'),
    ("links/malformed", "error", "<a href=”https://shop.example/”>x</a>"),
    ("links/malformed", "error", '<a href="https://shop.example/a\u200bb">x</a>'),
    ("links/malformed", "error", '<a href="https://shop.con/">x</a>'),
    ("links/malformed", "warning", '<a href="https://shop.example/a?x=1?y=2">x</a>'),
    ("links/malformed", "warning", '<a href="https://shop.example/a&utm_source=mail">x</a>'),
    ("links/malformed", "warning", '<a href="https://shop.example/a%2520b">x</a>'),
    ("links/disguised", "error", '<a href="https://%73hop.example/">x</a>'),
    ("links/lookalike", "error", '<a href="https://pаypal.com/">x</a>'),
    ("links/lookalike", "warning", '<a href="https://аррӏе.com/">x</a>'),
    ("links/mismatch", "info", '<a href="https://shop.de/">shop.nl</a>'),
    ("links/mismatch", "warning", '<a href="https://evil.example/">https://www.bank.com/login</a>'),
    ("links/shortener", "error", '<a href="https://goo.gl/abc">x</a>'),
    ("links/secret", "error", '<a href="https://shop.example/?AKIAIOSFODNN7EXAMPLE">x</a>'),
    ("links/secret", "error", '<a href="https://shop.example/?user=x&amp;password=tulips2027">x</a>'),
    ("links/secret", "warning", '<a href="https://shop.example/?access_token=a1b2c3d4e5f6a7b8">x</a>'),
    ("links/mailto", "error", '<a href="mailto:Klara &lt;k@shop.example&gt;">x</a>'),
    ("links/mailto", "warning", '<a href="mailto:a@shop.example;b@shop.example">x</a>'),
    ("links/mailto", "warning", '<a href="mailto:a@shop.example?subject=My+new+order">x</a>'),
    ("links/mailto", "warning", '<a href="mailto:a@shop.example?subject=Salt & pepper">x</a>'),
    ("links/phone", "error", '<a href="tel:+31 (0) 20 1234567">x</a>'),
    ("links/phone", "warning", '<a href="tel:1-800-FLOWERS">x</a>'),
    ("links/utm_invalid", "warning", '<a href="mailto:a@shop.example?utm_source=mail">x</a>'),
    ("links/utm_invalid", "warning", '<a href="https://shop.example/?UTM_Source=mail">x</a>'),
]


@pytest.mark.parametrize(("rule", "severity", "html"), FOUND)
def test_what_is_wrong_is_found(rule: str, severity: str, html: str) -> None:
    found = findings(rule, html=f"{html}<p>x</p>")
    assert [one.severity for one in found] == [severity], found


@pytest.mark.parametrize(
    ("html", "swallowed"),
    [
        ('<img src="https://a.example/top.jpg border="0" width="27">', "border="),
        ("<img src='https://a.example/top.jpg border='0' width='27'>", "border="),
        ('<img src="images/top.jpg border="0" width="27">', "border="),
        ('<a href="https://a.example/sale target="_blank" style="color:red">x</a>', "target="),
        ('<a href="offers.html target="_blank">x</a>', "target="),
        ('<a href="{{ url }} target="_blank">x</a>', "target="),
        ('<a href="https://a.example/sale target=\'_blank\' style="color:red">x</a>', "target='_blank' style="),
        ('<a href="https://a.example/sale data-kind="x">x</a>', "data-kind="),
        ('<a href="https://a.example/sale>x</a> <a href="https://b.example/">y</a>', ">x</a> <a href="),
        ('<td background="https://a.example/a b.png width="1">x</td>', "width="),
    ],
)
def test_a_lost_quotation_mark_is_told_as_such(html: str, swallowed: str) -> None:
    report = told({"html": f"{html}<p>x</p>"}, "links/*", "images/*")
    (found,) = report.findings
    assert (found.rule, found.severity, found.evidence, found.fix) == ("links/malformed", "error", swallowed, None)
    assert found.message.startswith("The quotation mark that ends this address is missing")


@pytest.mark.parametrize(
    "html", ['<a href="https://a.example/?q=a b=">x</a>', '<a href="https://a.example/?q=a b=c">x</a>']
)
def test_a_space_in_an_address_is_no_lost_quotation_mark(html: str) -> None:
    (found,) = findings("links/malformed", html=f"{html}<p>x</p>")
    assert (found.severity, found.evidence) == ("warning", " ")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("url('https://a.example/white-bg.jpg')", "https://a.example/white-bg.jpg"),
        ("url( &quot;images/bg.jpg&quot; );", "images/bg.jpg"),
        ("URL(https://a.example/a(1).jpg)", "https://a.example/a(1).jpg"),
    ],
)
def test_a_style_in_an_attribute_is_told_as_such(written: str, meant: str) -> None:
    html = f'<table><td background="{written}">x</td></table>'
    (found,) = told({"html": html}, "links/*", "images/*").findings
    assert (found.rule, found.severity) == ("links/malformed", "error")
    assert found.fix is not None
    assert found.fix.edits[0].replacement == meant


def test_a_telephone_number_is_quoted_whole() -> None:
    for number in ("(800) 419-2118", "(888) 419-2118", "800-419-2118", "+1 (800) 419-2118", "49(0)30 1234567"):
        (found,) = findings("links/mismatch", html=f'<a href="tel:8004192188">Call {number}</a>')
        assert f"“{number}”" in found.message
    assert findings("links/mismatch", html='<a href="tel:+18004192118">Call 24/7 (800) 419-2118</a>') == []


def test_one_mistake_is_told_once() -> None:
    rows = "".join(f'<p>\n<a href="http://shop.example/{number}">x</a></p>' for number in range(40))
    (found,) = findings("links/insecure", html=rows, text="http://shop.example/text")
    assert "41 places" in found.message
    assert found.data["count"] == 41
    assert found.fix is not None
    assert len(found.fix.edits) == 40
    html = '<a href="https://www.yourdomain.com/?x=1">a</a>\n<a href="https://www.yourdomain.com/?x=1">b</a>'
    (found,) = findings("links/placeholder", html=html)
    assert "1 other (line 2)" in found.message


def test_the_button_for_outlook_is_not_told_twice() -> None:
    html = '<!--[if mso]><v:roundrect href="#"></v:roundrect><![endif]--><a href="#">Shop</a>'
    (found,) = findings("links/empty", html=html)
    assert found.evidence == "#"
    (found,) = findings("links/empty", html='<!--[if mso]><v:roundrect href="#"></v:roundrect><![endif]--><p>x</p>')


def test_nothing_is_told_by_two_rules() -> None:
    for html in (
        '<a href="http://">x</a>',
        '<a href="http://localhost/">x</a>',
        '<a href="http://www.yourdomain.com/a b">x</a>',
        '<img src="http://via.placeholder.com/600x200&amp;x=1" width="1" height="2" alt="Tulips">',
        '<a href="https://bit.ly/abc">x</a>',
        '<a href="[Insert Link]">x</a>',
        '<a href="{{ url }">x</a>',
        '<a href="https://shop.example/undefined">x</a>',
        '<a href="%7B%7Burl%7D%7D">x</a>',
        '<a href="//shop.example">shop.example</a>',
        '<a href="http://user:tulip@shop.example.com.:80b/">x</a>',
    ):
        found = told({"html": f"<p>{html}</p>"}).findings
        assert len(found) == 1, [(one.rule, one.message) for one in found]


def test_passwords_and_addresses_are_not_repeated() -> None:
    html = (
        '<a href="https://klara:tulip@shop.example/">x</a> <a href="https://shop.example/?api_key=9f8e7d6c5b4a39281706">x</a>'
        ' <a href="https://shop.example/?e=klara@gmail.com">x</a>'
    )
    report = told({"html": html}, "links/disguised", "links/secret")
    assert len(report.findings) == 3
    for secret in ("tulip", "9f8e7d6c5b4a39281706", "klara@gmail.com"):
        assert secret not in report.model_dump_json()


WRAPPED = [
    (
        "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example%2F%3Fa%3D1%26b%3D2&data=05%7C02",
        "https://shop.example/?a=1&b=2",
    ),
    (
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__shop.example_a-5Fb-3Fc-3D1&d=DwMF&c=x&r=y",
        "https://shop.example/a_b?c=1",
    ),
    ("https://urldefense.proofpoint.com/v1/url?u=https://shop.example/&k=x", "https://shop.example/"),
    ("https://urldefense.com/v3/__https://shop.example/a?b=1*c__;Iw!!Abc!def$", "https://shop.example/a?b=1#c"),
    ("https://urldefense.com/v3/__https:/shop.example/*a/b**A__;4oKs4oKs!!Abc$", ""),
    ("https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fshop.example%2f&c=E,1", "https://shop.example/"),
    ("https://secure-web.cisco.com/1abcDEF/https%3A%2F%2Fshop.example%2Fx", "https://shop.example/x"),
    ("https://www.google.com/url?q=https://shop.example/&sa=D&ust=1", "https://shop.example/"),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example%2F&h=AT0", "https://shop.example/"),
    ("https://protect-eu.mimecast.com/s/AbCdEfGhIj?domain=shop.example", ""),
    ("https://url.avanan.click/v2/___https://shop.example/x___.YXAz", "https://shop.example/x"),
    (
        "https://ci3.googleusercontent.com/proxy/AbC=s0-d-e1-ft#https://img.shop.example/a.png",
        "https://img.shop.example/a.png",
    ),
]


@pytest.mark.parametrize(("address", "inner"), WRAPPED)
def test_wrapped_addresses_are_known_and_unwrapped(address: str, inner: str) -> None:
    found = wrapped(address, split(address).host_name)
    assert found is not None
    assert found.inner == inner


@pytest.mark.parametrize(
    "address",
    [
        "https://www.google.com/search?q=https://shop.example/",
        "https://lh3.googleusercontent.com/a-/AOh14Gh",
        "https://shop.example/url?q=https://other.example/",
        "https://www.proofpoint.com/us",
        "https://www.mimecast.com/blog/",
    ],
)
def test_what_is_not_wrapped(address: str) -> None:
    assert wrapped(address, split(address).host_name) is None


SERVICES = services()
_PERSON = "u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6&amp;e=042ea43672"
_LONG = "KFKNn3sGqBUw9TbW2Ym1xL5cR8dZ4vJ7hQpEaXoS6tIuHkDgFyMwNrCbVlPe0iOA"
_HEX = "944dcb6b7bdd6d948ffc85acbd7efc8a113aabcaf29e6e3dcec8dd4e52859b805c1cdaaa829e775b"
_UUID = "0b9c2f4e-5d6a-4f3b-8c7d-1e2f3a4b5c6d"


@pytest.mark.parametrize(
    ("sort", "address"),
    [
        ("unsubscribe", f"https://a.us4.list-manage.com/unsubscribe?{_PERSON}&amp;c=eb2795e9e6"),
        ("unsubscribe", f"http://a.us4.list-manage2.com/unsubscribe?{_PERSON.replace('042ea43672', '__test_email__')}"),
        ("preferences", f"https://a.us4.list-manage.com/profile?{_PERSON}"),
        ("click", f"https://a.us4.list-manage.com/track/click?{_PERSON}"),
        ("open", f"https://a.us4.list-manage.com/track/open.php?{_PERSON}"),
        ("page", f"https://a.us4.list-manage.com/about?{_PERSON}"),
        ("view", f"http://us4.campaign-archive2.com/?{_PERSON}"),
        ("view", "https://mailchi.mp/a/spring-sale?e=042ea43672"),
        ("forward", f"http://us4.forward-to-friend.com/forward?{_PERSON}"),
        ("click", f"https://u123.ct.sendgrid.net/ls/click?upn=u001.{_LONG}"),
        ("click", f"https://links.a.example/ls/click?upn={_LONG}"),
        ("open", f"https://u123.ct.sendgrid.net/wf/open?upn={_LONG}"),
        ("unsubscribe", f"https://u123.ct.sendgrid.net/asm/unsubscribe/?user_id=123&amp;data={_LONG}"),
        ("unsubscribe", "https://mandrillapp.com/track/unsub.php?u=30069&amp;id=5c1f0e9d8b7a6f5e4d3c2b1a05c1f0e9"),
        ("click", f"https://mandrillapp.com/track/click/30069/a.example?p={_LONG}"),
        ("click", f"https://click.mail.a.example/?qs={_HEX}"),
        ("view", f"https://view.mail.a.example/?qs={_HEX}"),
        ("unsubscribe", f"https://click.mail.a.example/unsub_center.aspx?qs={_HEX}"),
        ("preferences", f"https://click.mail.a.example/profile_center.aspx?qs={_HEX}"),
        ("unsubscribe", "https://a.cmail20.com/t/d-u-jidutik-juyklhmj/"),
        ("click", "https://a.createsend1.com/t/d-l-jidutik-juyklhmj-r/"),
        ("unsubscribe", f"https://a.example/hs/manage-preferences/unsubscribe?v=1&amp;d={_LONG}"),
        ("click", f"https://d1x.na1.hubspotlinks.com/Ctc/GF+113/{_LONG}"),
        (
            "unsubscribe",
            "https://manage.kmail-lists.com/subscriptions/unsubscribe?a=Ab12&amp;c=01H8XQ2V5K7M9N&amp;k=0f1e",
        ),
        ("unsubscribe", f"https://a.activehosted.com/proc.php?nl=1&amp;c=2&amp;s={_HEX[:32]}&amp;act=unsub"),
        ("click", f"https://r.mail.a.example/mk/cl/f/sh/{_LONG}"),
        ("click", "https://xk1z.mjt.lu/lnk/AVMAAFyyBTcAAAAA/3/abc/aHR0cHM6"),
        ("unsubscribe", f"https://email.a.example/u/eJ{_LONG}"),
        ("click", "https://abc123.r.us-east-1.awstrack.me/L0/https:%2F%2Fa.example%2F/1/0100"),
        ("unsubscribe", f"https://a.example/subscription/{_UUID}/{_UUID}"),
        ("unsubscribe", f"https://go.a.example/unsubscribe/u/12345/{_HEX[:64]}/678"),
        ("parameter", "https://a.example/sale?mc_cid=199bb58d0b&amp;mc_eid=042ea43672"),
        ("parameter", f"https://a.example/sale?mkt_tok={_LONG}#top"),
    ],
)
def test_a_link_of_one_recipient_is_told_in_a_template_and_right_in_a_mail(sort: str, address: str) -> None:
    html = f'<a href="{address}">x</a> <p>x</p> <a href="{address}">y</a>'
    (found,) = findings("links/personal", html=html)
    assert (found.data["sort"], found.data["count"]) == (sort, 2)
    assert found.severity == ("warning" if sort in ("click", "open", "parameter") else "error")
    assert findings("links/personal", html=html, stage="rendered") == []


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(SERVICES))
def test_no_address_of_a_service_is_passed_over_unread(data: st.DataObject, one: Service) -> None:
    host = data.draw(st.from_regex(one.hosts.pattern, fullmatch=True))
    path = data.draw(st.from_regex(one.path.pattern).filter(one.path.match))
    assert one.may_be(host, path)


def test_a_link_of_one_recipient_in_the_header_and_in_the_text_is_told_once() -> None:
    address = f"http://a.us4.list-manage.com/unsubscribe?{_PERSON.replace('&amp;', '&')}"
    headers = {"List-Unsubscribe": f"<{address}>"}
    (found,) = findings("links/personal", html="<p>x</p>", text=f"Leave: {address}", headers=headers)
    assert found.data["count"] == 2
    assert findings("links/insecure", html="<p>x</p>", text=f"Leave: {address}") == []


@pytest.mark.parametrize(
    "address",
    [
        "https://a.us4.list-manage.com/unsubscribe?u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6",
        "https://a.us4.list-manage.com/unsubscribe?u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6&amp;e=*|UNIQID|*",
        "https://a.us4.list-manage.com/unsubscribe?u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6&amp;e=[UNIQID]",
        "https://a.us4.list-manage.com/subscribe?u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6",
        "https://us4.campaign-archive2.com/?u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6",
        "https://us4.campaign-archive2.com/home/?u=5c1f0e9d8b7a6f5e4d3c2b1a0&amp;id=9bc9573bd6",
        "https://gallery.mailchimp.com/5c1f0e9d8b7a6f5e4d3c2b1a0/images/a.png?e=042ea43672",
        "https://click.mail.a.example/?qs=spring",
        f"https://pages.exacttarget.example/page.aspx?QS={_HEX}",
        "https://click.mail.a.example/?qs={{ token }}",
        "https://u123.ct.sendgrid.net/ls/click?upn={{ token }}",
        "https://i1.cmail20.com/ei/d/A8/57E/075/060154/csfinal/a.png",
        "https://a.example/hs/manage-preferences/unsubscribe-simple",
        f"https://a.example/subscription/{_UUID}/00000000-0000-0000-0000-000000000000",
        "https://a.example/c/eJ",
        "https://a.example/?mc_eid=*|UNIQID|*&amp;mkt_tok={{lead.token}}&amp;mc_cid=199bb58d0b",
        "https://a.example/?elq=00000000000000000000000000000000&amp;elqTrackId=9A3A8A5B29B5C3C7C075CE12B85BB8FE",
    ],
)
def test_a_link_for_everybody_belongs_to_nobody(address: str) -> None:
    assert findings("links/personal", html=f'<a href="{address}">x</a>') == []


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("a.b.shop.co.uk", "shop.co.uk"),
        ("shop.nl", "shop.nl"),
        ("a.shop.com.au", "shop.com.au"),
        ("x.y.github.io", "y.github.io"),
        ("www.gov.uk", "www.gov.uk"),
    ],
)
def test_registered_names(host: str, name: str) -> None:
    assert registrable(host) == name


def test_hosts() -> None:
    assert [
        host
        for host in ("example.com", "www.example.nl", "mijn.jouwwebsite.nl", "votre-domaine.fr")
        if not placeholder(host)
    ] == []
    assert [
        host for host in ("shop.example", "sample.com", "yourself.com", "mysterious.com") if placeholder(host)
    ] == []
    assert staging("staging.shop.nl")
    assert staging("shop-git-main-team.vercel.app")
    assert not staging("vercel.app")
    assert not staging("www.testament.nl")
    assert not staging("qatar.nl")
    assert tracker("click.shop.nl")
    assert tracker("us4.list-manage.com")
    assert not tracker("www.shop.nl")
    assert lookalike("xn--bcher-kva.example") is None


def test_the_shape_of_the_lists() -> None:
    """Lists that people add to: lower case, no doubles."""
    folder = Path(mailcheck.__file__).parent / "content" / "data"
    known = json.loads((folder / "links.json").read_text(encoding="utf-8"))
    for listed in (known["shorteners"], *known["placeholder"].values(), known["tracking"]["hosts"]):
        assert all(one == one.lower() and not re.search(r"\s|/", one) for one in listed)
    assert known["shorteners_dead"].keys() <= set(known["shorteners"])


@pytest.mark.parametrize(
    ("address", "allow"),
    [
        ("https://staging.fernhill.example/sale", "staging.fernhill.example"),
        ("http://localhost:3000/sale", "localhost:3000"),
        ("https://192.168.1.20/sale", "192.168.1.20"),
        ("https://preview.fernhill.example:8443/", "preview.fernhill.example:8443"),
    ],
)
def test_a_preview_that_the_settings_allow_is_not_told(address: str, allow: str) -> None:
    def told(profile: str, *allowed: str) -> list[str]:
        settings = {"select": ["links/staging"], "web": {"allow": list(allowed)}}
        mail = {"html": f'<a href="{address}">Sale</a>', "subject": "Spring", "from": "post@shop.example"}
        report = mailcheck.check(mail, profile=profile, settings=settings, online=False)
        return [one.severity for one in report.campaigns[0].findings if one.rule == "links/staging"]

    assert len(told("campaign")) == 1
    assert told("campaign", allow) == []
    assert len(told("campaign", "other.example", f"{allow.partition(':')[0]}:1")) == 1
    private = "localhost" in address or "192" in address
    assert told("send", allow) == (["info"] if private else [])


@pytest.mark.parametrize(
    ("one", "other", "by_list", "by_table"),
    [
        ("www.fernhill.example", "img.fernhill.example", True, True),
        ("shop.fernhill.co.uk", "fernhill.co.uk", True, True),
        ("fernhill.co.uk", "other.co.uk", False, False),
        ("fernhill.github.io", "other.github.io", False, False),
        ("fernhill.city.kawasaki.jp", "other.city.kawasaki.jp", True, True),
        ("fernhill.kawasaki.jp", "other.kawasaki.jp", False, True),
        ("fernhill.example.evil.example", "fernhill.example", False, False),
        ("fernhill.com.evil.net", "fernhill.com", False, False),
        ("xn--fernhll-bza.example", "fernhill.example", False, False),
    ],
)
def test_whose_domain_it_is(
    one: str, other: str, by_list: bool, by_table: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("publicsuffixlist")
    domains.site.cache_clear()
    assert is_one_site(one, other) == by_list
    monkeypatch.setattr(domains, "_list", lambda: None)
    domains.site.cache_clear()
    assert is_one_site(one, other) == by_table
    domains.site.cache_clear()


def test_a_host_under_another_name_is_told() -> None:
    """The one that is shown stands in front of the one that was registered."""
    for host, count in (("www.fernhill.com.secure-login.net", 1), ("pay.fernhill.com", 0)):
        assert len(findings("links/mismatch", html=f'<a href="https://{host}/">www.fernhill.com</a>')) == count
