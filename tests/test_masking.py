"""Template tags are covered, whole and only they, and offsets stay what they were."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcheck.content.delimiters import Finder
from mailcheck.content.masking import OUTPUT, mask
from support import calls

COVERED = "█"


def shown(source: str, dialect: str | None = None) -> str:
    return mask(source, dialect=dialect).text.replace(OUTPUT, COVERED)


def covered(source: str, dialect: str | None = None) -> list[str]:
    return [source[start:end] for start, end, _ in mask(source, dialect=dialect).spans]


@pytest.mark.parametrize(
    ("source", "tags"),
    [
        ('<a href="{{ f("x") }}">', ['{{ f("x") }}']),
        ("{{ a < b }}{{{raw}}}", ["{{ a < b }}", "{{{raw}}}"]),
        ('{{ "{{" }}x{{ "}}" }}', ['{{ "{{" }}', '{{ "}}" }}']),
        ("{{${first_name}}}", ["{{${first_name}}}"]),
        ("{{{{raw}}}} {{{{/raw}}}}", ["{{{{raw}}}}", "{{{{/raw}}}}"]),
        ("{{{ x }} y", ["{{{ x }}"]),
        ("{{ user's name }} it's {{ x }}", ["{{ user's name }}", "{{ x }}"]),
        ('{{ a|default:"x }} and {{ b|default:"y" }}', ['{{ a|default:"x }}', '{{ b|default:"y" }}']),
        ("{{ a\r\n  | upper }}", ["{{ a\r\n  | upper }}"]),
        ("{{!-- <b> }} --}}x{{! <td> }}", ["{{!-- <b> }} --}}", "{{! <td> }}"]),
        ("{{/* <b> */}}{{-- <b> --}}", ["{{/* <b> */}}", "{{-- <b> --}}"]),
        ('{% if a > "b" %}x{% endif %}', ['{% if a > "b" %}', "{% endif %}"]),
        ("{% comment %}<b \"{% endcomment %}", ["{% comment %}<b \"{% endcomment %}"]),
        ("<% if a > b && c %>x<%= y %>", ["<% if a > b && c %>", "<%= y %>"]),
        ("<%-- %> --%>x", ["<%-- %> --%>"]),
        ('%%[ set @x = "</td>" ]%%%%=v(@x)=%%', ['%%[ set @x = "</td>" ]%%', "%%=v(@x)=%%"]),
        ("<?php if ($a > 3): ?><?= $x ?>", ["<?php if ($a > 3): ?>", "<?= $x ?>"]),
        ("{!! $html !!}", ["{!! $html !!}"]),
        ("<#if (a > b)>x</#if><@m x=\">\"/><#-- <b> -->", ["<#if (a > b)>", "</#if>", '<@m x=">"/>', "<#-- <b> -->"]),
        ('${form("x")} [[data:n:"y"]] *|IF:X > 3|*', ['${form("x")}', '[[data:n:"y"]]', "*|IF:X > 3|*"]),
        ("{# a note #}", ["{# a note #}"]),
    ],
)  # fmt: skip
def test_tags_that_could_mislead_html_are_covered(source: str, tags: list[str]) -> None:
    assert covered(source) == tags


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }</p> <style>@media{a{}}</style>",
        "{{ name\n\n}}",
        "{{ <span>name</span> }}",
        "{{ name --> x }}",
        "<% open",
        "%%[ set @x = 1",
        "%%=v(@x)",
        "<#if x",
        "{!! $x",
        "<?php echo 1;",
        "@media{#top{color:#fff}#b{a:b}}",
        "style='width:100%}'",
        "{{ " + "x" * 3_000 + " }}",
        "Slack says <@user and <#channel>",
        "text [[ wiki ]] *| x",
        "function(){return {a:{b:1}}}",
    ],
)
def test_what_is_not_closed_or_no_tag_is_left_alone(source: str) -> None:
    assert mask(source).text == source
    assert mask(source).spans == ()


def test_an_unclosed_tag_does_not_reach_into_the_next() -> None:
    assert covered("{{ first } and {{ second }} {% if x } {% endif %}") == ["{{ second }}", "{% endif %}"]
    assert covered("<% a <% b %> %%[ c %%[ d ]%%") == ["<% b %>", "%%[ d ]%%"]


def test_statements_become_spaces_and_output_a_run_of_its_own() -> None:
    assert shown('<tr {{#if x}}class="a"{{/if}}>') == '<tr          class="a"       >'
    assert shown("{%\r\n a \n%}{{x}}") == "  \r\n   \n  █████"
    assert shown("{{else}}{{ if .X }}{{end}}{{ end.date }}") == " " * 8 + " " * 11 + " " * 7 + COVERED * 14
    assert shown("<% x %><%=x%><%asm_url%>") == " " * 7 + COVERED * 6 + COVERED * 11
    assert shown("*|END:IF|**|FNAME|*") == " " * 10 + COVERED * 9


def test_a_statement_in_a_value_without_quotes_keeps_the_value_together() -> None:
    assert (
        shown("<td width={% if a %}10{% else %}20{% endif %} x>")
        == f"<td width={COVERED * 10}10{COVERED * 10}20{COVERED * 11} x>"
    )
    assert shown("<td a={{x}} {% if y %}b>") == f"<td a={COVERED * 5} {' ' * 10}b>"


@pytest.mark.parametrize(
    ("source", "dialect", "tags"),
    [
        ("{#no space#}", "jinja2", ["{#no space#}"]),
        ("[[ OR \"a>b\" ]]", "mailjet", ["[[ OR \"a>b\" ]]"]),
        ('${.now?string("a > b")}', "freemarker", ['${.now?string("a > b")}']),
        ("*|fname|*", "mailchimp", ["*|fname|*"]),
        ('{if $a > "b"}{$n|default:"y"}{/if} td{padding:0}', "smarty", ['{if $a > "b"}', '{$n|default:"y"}', "{/if}"]),
        ('#if($a > "b") #fff', "velocity", ['#if($a > "b")']),
        ('@if($a > "b") @media (x) a@b(c)', "laravel-blade", ['@if($a > "b")']),
    ],
)  # fmt: skip
def test_some_delimiters_are_read_only_in_their_dialect(source: str, dialect: str, tags: list[str]) -> None:
    assert covered(source, dialect) == tags
    assert covered(source, "erb-ejs") == []


def test_the_covered_stretch_at_an_offset() -> None:
    found = mask("a {{ b }} c {% d %}")
    assert [found.at(offset) for offset in (1, 2, 8, 9, 18, 19)] == [
        None, (2, 9, "{{"), (2, 9, "{{"), None, (12, 19, "{%"), None,
    ]  # fmt: skip


FRAGMENTS = st.sampled_from(
    (
        *(
            "{{",
            "}}",
            "{",
            "}",
            "{{{",
            "}}}",
            "{%",
            "%}",
            "<%",
            "%>",
            "<%=",
            "%%[",
            "]%%",
            "%%=",
            "=%%",
            "<?php ",
            "?>",
        ),
        *("{!!", "!!}", "{{!--", "--}}", "<#if ", "</#if>", "<@m ", ">", "<", "{#", "#}", "[[", "]]", "${", "*|", "|*"),
        *(
            '"',
            "'",
            "`",
            "\n",
            "\r\n",
            "\n\n",
            " ",
            "x",
            "é",
            "😀",
            "</p>",
            "<b>",
            "-->",
            "=",
            "if ",
            "else",
            "A",
            "\\",
        ),
        *("{% comment %}", "{% endcomment %}", "(", ")", "$", "/", "|", "@if(", "#set("),
    )
)
SOURCES = st.lists(FRAGMENTS, max_size=40).map("".join)
DIALECTS = st.sampled_from(
    (None, "jinja2", "smarty", "velocity", "mailchimp", "mailjet", "laravel-blade", "unheard-of")
)


@given(SOURCES, DIALECTS)
def test_offsets_and_line_ends_stay_and_only_the_spans_change(source: str, dialect: str | None) -> None:
    found = mask(source, dialect=dialect)
    assert len(found.text) == len(source)
    rest, at = [], 0
    for start, end, _ in found.spans:
        assert at <= start < end
        assert found.text[at:start] == source[at:start]
        inside = found.text[start:end]
        assert set(inside) <= {" ", "\r", "\n"} or set(inside) == {OUTPUT}
        rest.append(inside)
        at = end
    assert found.text[at:] == source[at:]
    for (start, end, _), inside in zip(found.spans, rest, strict=True):
        if OUTPUT not in inside:
            assert [char for char in inside if char != " "] == [char for char in source[start:end] if char in "\r\n"]


HOSTILE = (
    *(
        "{{",
        "{{ ",
        '{{ "',
        "{{'{{\"",
        '{{ a "}}" ',
        "{{ '}}\" {{ \"}}' ",
        "{% ",
        '{% "%}" ',
        "<% ",
        "%%[",
        "%%=",
        "{{{",
    ),
    *('<#if "(', "<@a (", "[[a ", "${a ", "*|A ", "{{!--", "{% comment %}", "{# ", "{{`", "{{\r\n", "{{x}}", "={%a%}"),
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_twice_the_text_is_twice_the_work(unit: str) -> None:
    once, twice = calls(mask, unit * 2_000), calls(mask, unit * 4_000)
    assert twice <= 2.1 * once + 100


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_file_of_openers_is_read(unit: str) -> None:
    source = unit * (300_000 // len(unit))
    assert len(mask(source).text) == len(source)


def test_a_missing_closer_is_searched_for_once() -> None:
    class Counting(str):
        __slots__ = ()
        searched = 0

        def find(self, *arguments: Any) -> int:
            Counting.searched += 1
            return super().find(*arguments)

    finder = Finder(Counting("%%[" * 1_000))
    assert {finder.after("]%%", offset)[0] for offset in range(0, 3_000, 3)} == {1 << 62}
    assert Counting.searched == 1
