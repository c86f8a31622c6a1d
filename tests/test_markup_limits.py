"""Too much is told before any tree is built, and nothing that is read takes more than its share of work."""

from __future__ import annotations

import pytest

from mailcheck.campaign import Part
from mailcheck.content.limits import TooComplexError
from mailcheck.content.markup import Markup
from mailcheck.content.scanning import COMMENT
from support import calls


def read(text: str) -> Markup:
    return Markup(Part("html", text, "mail.html", "html"))


def test_what_is_too_much_is_told_before_any_tree_is_built() -> None:
    deep = read("<div>" * 201 + "x")
    (fault,) = deep.limits_exceeded()
    assert (fault.name, fault.blocking) == ("limit", True)
    assert "201 deep" in fault.message
    assert fault.span is not None
    assert fault.span.start == 200 * len("<div>")
    assert read("<div>" * 200).limits_exceeded() == ()
    with pytest.raises(TooComplexError, match="201 deep"):
        _ = deep.tree
    with pytest.raises(TooComplexError, match="201 deep"):
        _ = deep.soup
    (fault,) = read(f"<a {'b ' * 501}>").limits_exceeded()
    assert "501 attributes" in fault.message
    assert read(f"<a {'b ' * 500}>").limits_exceeded() == ()
    (fault,) = read("<p>" * 11).limits_exceeded(tokens=10)
    assert "11 tags" in fault.message


HOSTILE = (
    *("<div>", "<", '<a "', "<a b='<a b=\"", "<!", "</a ", "<svg>", "<svg><p>", "<svg x=/>", "<script><!--", "<a b "),
    *("<p>", "<b><p></b>", "<!--[if mso]>", "<!--[if mso]>x<![endif]-->", "<!--[if !mso]><!-->", "&", "&amp", "<li>"),
    *("<table><tr><td>", '<a href="<p class=x>', "<div hidden>x", "<Foo Bar>", "<svg><g></x>", "<ul><li><b>"),
    *("<td background=", "<b></i>", "<a href=x>"),
)


def everything(text: str) -> Markup:
    markup = read(text)
    for view in (markup, markup.view("outlook")):
        _ = (view.structure, view.limits_exceeded(), view.unknown_elements, view.unclosed_quotes, view.stray_end_tags)
        _ = ([block.text for block in view.blocks], view.hidden, view.images, len(view.links))
        _ = [view.context(offset) for offset in range(0, len(text), 4_000)]
    return markup


@pytest.mark.parametrize("unit", HOSTILE)
def test_twice_the_text_is_twice_the_tokens_and_the_work(unit: str) -> None:
    once, twice = unit * 1_000, unit * 2_000
    assert abs(len(read(twice).tokens) - 2 * len(read(once).tokens)) <= 2
    assert calls(everything, twice) <= 2.2 * calls(everything, once) + 1_000


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_file_of_one_thing_is_read(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    markup = everything(text)
    assert all(end <= len(text) for _, _, end, _ in markup.tokens)
    assert sum(kind == COMMENT for kind, _, _, _ in markup.tokens) <= len(text) / 7
