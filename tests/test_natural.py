"""Natural templates: an attribute says what takes the place of a sample."""

from __future__ import annotations

import pytest

import mailcheck
from mailcheck.campaign import Part
from mailcheck.content.markup import Markup

ATTRIBUTES = {
    "thymeleaf": 'th:text="${user.name}"',
    "thymeleaf, markup": "th:utext='#{mail.greeting(${name})}'",
    "thymeleaf, html5": 'data-th-text="${user.name}"',
    "odoo": "t-out=\"object.partner_id.name or ''\"",
    "odoo, before 15": 't-esc="object.name"',
    "tal": 'tal:content="here/name"',
    "genshi": 'py:content="user.name"',
}


def judged(html: str, **given: object) -> mailcheck.Report:
    mail = {"subject": "Your order", "from": "post@fernhill.com", "text": "Hello there", "html": html, **given}
    return mailcheck.check(mail)


@pytest.mark.parametrize("attribute", ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_a_sample_is_no_copy_until_it_is_mailed(attribute: str) -> None:
    html = f"<p>Dear <b class='x' {attribute}>John <i>Doe</i></b>, your parcel is here.</p>"
    assert judged(html).verdict == "clear"
    assert not judged(html).findings
    left = judged(html, stage="rendered")
    found = next(one for one in left.of("merge_tags/unresolved") if "template was not filled in" in one.message)
    assert left.verdict == "held"
    assert "recipients read the samples in it: “John Doe”" in found.message
    assert html[found.column - 1 :].startswith(attribute.partition("=")[0])


def test_what_stands_around_a_sample_is_copy() -> None:
    html = '<div th:text="${a}">lorem <p>ipsum</p></div><p>John Doe</p><p th:if="${b}">Lorem ipsum dolor sit amet</p>'
    said = {one.evidence for one in judged(html).of("copy/placeholder")}
    assert any("John Doe" in one for one in said)
    assert any("Lorem ipsum" in one for one in said)
    assert [one.text for one in Markup(Part("html", html)).samples] == ["lorem ipsum"]


def test_text_that_only_speaks_of_it_is_text() -> None:
    html = '<p title="th:text=">Use th:text="${name}" in <code>&lt;b th:text="x"&gt;</code>, John Doe.</p>'
    assert not Markup(Part("html", html)).samples
    assert judged(html).of("copy/placeholder")


def test_a_mail_that_is_all_filled_in_is_a_mail() -> None:
    assert judged('<html><body><p th:utext="#{mail.body}"></p></body></html>').verdict == "clear"
    assert judged("<html><body><p></p></body></html>").verdict == "unsure"


def test_thymeleaf_is_known_by_its_attributes() -> None:
    html = '<p>Hello <b th:text="${user.name}">x</b>, see <a th:href="@{/x(id=${id})}">it</a> or [[${url}]].</p>'
    assert not judged(html).of("merge_tags/no_dialect")
    assert not judged(html, dialect="thymeleaf").findings
    assert judged(html.replace("th:", "data-x-"), dialect=None).of("merge_tags/no_dialect")
