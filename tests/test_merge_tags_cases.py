"""Merge tags as they are found in mails of all sorts: read for what they are, and judged by what they do."""

from __future__ import annotations

from typing import Any

import pytest

from mailcheck.checking import checker
from mailcheck.report import Finding

_CHECKER = checker({"profile": "template", "select": ["merge_tags", "copy", "links"]})


def told(body: str, *rules: str, dialect: str | None = None, **more: Any) -> list[Finding]:
    given = {"html": body, **({"dialect": dialect} if dialect else {}), **more}
    (campaign,) = _CHECKER.campaigns(given)
    report = _CHECKER.judge(campaign)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return [one for one in report.findings if not rules or one.rule in rules]


def codes(body: str, dialect: str | None) -> list[str]:
    return [str(one.data["code"]) for one in told(body, "merge_tags/broken", dialect=dialect)]


@pytest.mark.parametrize("blanks", [" " * 41, "\t" * 60, " " * 400, "\r\n" + " " * 80])
@pytest.mark.parametrize("block", ["if a", "for a in b", "capture a", 'unless a == "100%"'])
def test_a_statement_may_begin_far_to_the_right_on_a_line_of_its_own(blanks: str, block: str) -> None:
    end = f"end{block.split(maxsplit=1)[0]}"
    assert not codes(f"<p>{{%\n{blanks}{block}\n%}}x{{%\n{blanks}{end} %}}</p>", "liquid")
    assert codes(f"<p>{{%\n{blanks}{block} %}}x</p>", "liquid") == ["block_open"]
    assert codes(f"<p>x{{%\n{blanks}{end} %}}</p>", "liquid") == ["block_close"]


NAMED_DEFAULTS = [
    ("liquid", "{{ num | default: name }}"),
    ("liquid", "{{ num | default: name | upcase }}"),
    ("django", "{{ num|default:name }}"),
    ("klaviyo", "{{ num|default:name }}"),
    ("customerio", "{{ num|default:name }}"),
    ("twig", "{{ num | default(name) }}"),
    ("jinja2", "{{ num | default(name) }}"),
    ("twig", "{{ num ?? name }}"),
    ("nunjucks", "{{ num or name }}"),
    ("freemarker", "${num!name}"),
]


@pytest.mark.parametrize(("dialect", "tag"), NAMED_DEFAULTS)
def test_a_fallback_without_quotes_is_a_variable(dialect: str, tag: str) -> None:
    assert not codes(f"<p>{tag}</p>", dialect)
    assert codes(f"<p>{tag.replace('name', chr(34) + 'name' + chr(34))}</p>", dialect) == ["dummy_default"]


@pytest.mark.parametrize(
    ("dialect", "tag"),
    [
        ("marketo", "{{lead.First Name:default=name}}"),
        ("campaign-monitor", "[firstname,fallback=name]"),
        ("smarty", "{$num|default:name}"),
    ],
)
def test_where_services_take_the_fallback_as_it_stands_no_quotes_are_needed(dialect: str, tag: str) -> None:
    assert codes(f"<p>{tag}</p>", dialect) == ["dummy_default"]


def test_a_fallback_that_is_nothing_is_no_fallback() -> None:
    (found,) = told("<p>Hi {{ first_name | default: nil }},</p>", dialect="liquid")
    assert (found.rule, "is empty" in found.message) == ("merge_tags/no_fallback", True)


NOBODY = [
    "<p>Thank you,</p><p>{{ shop.name }}</p>",
    "<p>Thank you,<br>{{ shop.name }}</p>",
    "<p>Thanks, {{ shop.name }}</p>",
    "<p>Thanks,<br>{{ name }}</p>",
    "<p>Ciao,<br />{{ nome }}</p>",
    "<table><tr><td>Greetings,</td></tr><tr><td>{{ name }}</td></tr></table>",
    "<p>Hi {{ team.name }} team,</p>",
    "<p>Dear {{ my_company.name }} people,</p>",
    "<p>Bonjour {{ boutique.nom }},</p>",
    "<p>Hola {{ empresa.nombre }},</p>",
]
SOMEBODY = [
    "<p>Thanks, {{ name }}!</p>",
    "<p>Thank you\n {{ name }}!</p>",
    "<h1>Thank you <b>{{ name }}</b></h1>",
    "<table><tr><td>Hi</td><td>{{ name }}</td></tr></table>",
    "<p>Hi {{ user.name }},</p>",
    "<p>Hi {{ company.contact.name }},</p>",
    "<p>Hi {{ shop.first_name }},</p>",
    "<p>Ciao {{ nome }},</p>",
    "<p>Hola {{ cliente.nombre }},</p>",
]


@pytest.mark.parametrize("body", NOBODY)
def test_who_signs_a_mail_and_what_is_no_person_needs_no_fallback(body: str) -> None:
    assert not told(body, "merge_tags/no_fallback", dialect="liquid")


@pytest.mark.parametrize("body", SOMEBODY)
def test_who_is_greeted_needs_a_fallback(body: str) -> None:
    assert [one.severity for one in told(body, "merge_tags/no_fallback", dialect="liquid")] == ["warning"]


def test_in_a_plain_text_the_line_ends_the_greeting() -> None:
    assert not told("", "merge_tags/no_fallback", dialect="liquid", text="Thanks,\n{{ name }}")
    assert told("", "merge_tags/no_fallback", dialect="liquid", text="Thanks, {{ name }}")


AMPSCRIPT = """%%[ VAR @firstName
SET @firstName = AttributeValue("FirstName")
IF EMPTY(@firstName) THEN SET @firstName = "there" ENDIF
]%%"""


@pytest.mark.parametrize("dialect", [None, "sfmc"])
def test_ampscript_between_angle_brackets_is_ampscript_and_the_brackets_are_read(dialect: str | None) -> None:
    greeting = "<p>Hi %%=v(@firstName)=%%,</p>"
    assert not told(AMPSCRIPT + greeting, dialect=dialect)
    (found,) = told(f"<{AMPSCRIPT}>{greeting}", dialect=dialect)
    assert (found.rule, found.data["code"], found.column) == ("merge_tags/broken", "stray_angles", 1)


def test_the_escapes_of_erb_are_left_to_erb() -> None:
    assert not told("<p><%% a %> <%%= b %> <%%[ c ] %></p>", dialect="erb-ejs")


OUTCOMES = [
    ("<p><unsubscribe>Out</unsubscribe></p>", "<unsubscribe>", "swallow it"),
    ("<p>x <?php echo $a ?></p>", "<?php echo $a ?>", "swallow it"),
    ("<p>x <%= a %></p>", "<%= a %>", "will read it"),
    ("<p>x {{ a }}</p>", "{{ a }}", "will read it"),
    ('<a href="https://shop.example/{{ a }}">x</a>', "{{ a }}", "is mailed as it stands"),
    ("<table><tr {{ a }}><td>x</td></tr></table>", "{{ a }}", "is mailed as it stands"),
]


@pytest.mark.parametrize(("body", "tag", "outcome"), OUTCOMES)
def test_what_becomes_of_a_tag_that_is_left(body: str, tag: str, outcome: str) -> None:
    (found,) = told(body, "merge_tags/unresolved", stage="rendered")
    assert found.evidence == tag
    assert outcome in found.message


@pytest.mark.parametrize("slot", ["[UNSUBSCRIBE_URL]", "[SCHEDULE_LINK]", "[unsubscribe]"])
def test_a_name_in_brackets_that_is_a_whole_link_is_a_tag(slot: str) -> None:
    body = f'<p>Hi</p><a href="{slot}">x</a>'
    (found,) = told(body)
    assert (found.rule, found.evidence) == ("merge_tags/no_dialect", slot)
    assert [one.rule for one in told(body, dialect="liquid")] == ["merge_tags/foreign"]
    assert not told(body, dialect="campaign-monitor")
    assert [one.rule for one in told(body, stage="rendered")] == ["merge_tags/unresolved"]


@pytest.mark.parametrize(
    "body",
    [
        "<p>[SCHEDULE_LINK] [video]</p>",
        '<a href="https://shop.example/?a[b]=1">x</a>',
        '<a href="https://shop.example/[video]">x</a>',
        '<img src="https://shop.example/a.png" alt="[video]">',
    ],
)
def test_elsewhere_brackets_are_only_brackets(body: str) -> None:
    assert not told(body, "merge_tags/no_dialect", "merge_tags/foreign")
    assert not told(body, "merge_tags/foreign", dialect="liquid")


@pytest.mark.parametrize("dialect", [None, "liquid", "campaign-monitor"])
@pytest.mark.parametrize("prompt", ["[link to platform]", "[this link - calendly link]", "[Hyper Link WB]"])
def test_a_prompt_for_a_link(prompt: str, dialect: str | None) -> None:
    (found,) = told(f'<p>Hi</p><a href="{prompt}">x</a>', dialect=dialect)
    assert (found.rule, found.evidence) == ("copy/placeholder", prompt)


def test_two_words_in_a_link_may_be_a_field_where_brackets_are_spoken() -> None:
    body = '<p>Hi</p><a href="[Profile Page]">x</a>'
    assert [one.rule for one in told(body)] == ["copy/placeholder"]
    assert not told(body, dialect="campaign-monitor")


GAPS = ["[CSM Name]", "[AE's Name]", "[Credit Card Statement Name]", "[Start Date]", "[PROPERTY]", "[Invoice Number]"]
MARKS = ["[PDF]", "[External]", "[SOLD OUT]", "[New Date]", "[Save The Date]", "[External URL]", "[start date]"]


@pytest.mark.parametrize("gap", GAPS)
def test_names_of_what_was_to_be_filled_in(gap: str) -> None:
    assert [one.evidence for one in told(f"<p>Write to {gap} today</p>", "copy/placeholder")] == [gap]


@pytest.mark.parametrize("mark", MARKS)
def test_marks_in_brackets_are_left_alone(mark: str) -> None:
    assert not told(f"<p>Write to {mark} today</p>", subject=f"{mark} Spring sale")


@pytest.mark.parametrize("dialect", ["laravel-blade", "liquid", "klaviyo", "handlebars"])
@pytest.mark.parametrize(
    ("body", "tag"),
    [
        ("<h5>Hi, { first_name }</h5>", "{ first_name }"),
        ("<p>Hi {name}, welcome</p>", "{name}"),
        ("<p>Hi {customer.firstName}!</p>", "{customer.firstName}"),
        ('<p>x</p><a href="{action_url}">x</a>', "{action_url}"),
    ],
)
def test_one_brace_where_two_are_spoken(dialect: str, body: str, tag: str) -> None:
    assert [one.evidence for one in told(body, "merge_tags/foreign", "merge_tags/broken", dialect=dialect)] == [tag]


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("liquid", "<p>Pick {a} or {b}</p>"),
        ("liquid", "<p>Hi {you and me}</p>"),
        ("liquid", '<a href="https://shop.example/{id}">x</a>'),
        ("mautic", "<p>Hi {contactfield=firstname|there},</p>"),
        ("sailthru", "<p>Hi {name},</p>"),
    ],
)
def test_one_brace_that_says_nothing(dialect: str, body: str) -> None:
    assert not told(body, "merge_tags/foreign", "merge_tags/broken", dialect=dialect)


@pytest.mark.parametrize("dialect", [None, "liquid", "aweber"])
@pytest.mark.parametrize("prompt", ["{!INSERT DISTRIBUTION 1 LINK}", "{!matterport link}", "{insert date here}"])
@pytest.mark.parametrize("body", ["<p>{} x</p>", '<p>x</p><a href="{}">x</a>'])
def test_prompts_in_braces(prompt: str, body: str, dialect: str | None) -> None:
    found = told(body.replace("{}", prompt), dialect=dialect)
    assert ("copy/placeholder", prompt) in {(one.rule, one.evidence) for one in found}
    assert not {one.rule for one in found} & {"merge_tags/foreign", "merge_tags/two_dialects"}


@pytest.mark.parametrize("tag", ["{!custom favorite link}", "{!date dayname+1}", "{!firstname_fix}", "{!date month}"])
def test_tags_of_several_words_are_no_prompts(tag: str) -> None:
    assert not told(f"<p>See {tag} x</p>", "copy/placeholder", "merge_tags/foreign", dialect="aweber")
