"""Merge tags through the front door: what is found, what stays silent, and where."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mailcheck
from mailcheck.checking import Checker, checker
from mailcheck.content import leaks
from mailcheck.report import Finding

_CHECKERS: dict[tuple[str | None, str], Checker] = {}


def findings(
    body: str, *, dialect: str | None = None, stage: str = "template", part: str = "html", **more: Any
) -> list[Finding]:
    key = (dialect, stage)
    if key not in _CHECKERS:
        _CHECKERS[key] = checker({"profile": "template", "select": ["merge_tags", "copy"]})
    made = _CHECKERS[key]
    given_ = {part: body, "stage": stage, **({"dialect": dialect} if dialect else {}), **more}
    (campaign,) = made.campaigns(given_)
    report = made.judge(campaign)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return list(report.findings)


def rules(body: str, **more: Any) -> set[str]:
    return {finding.rule for finding in findings(body, **more) if finding.severity != "info"}


BROKEN = [
    ("klaviyo", "{{ first_name }", "one_close"),
    ("klaviyo", "{ first_name }}", "one_open"),
    ("klaviyo", "{{{ first_name }}", "brace_too_many_open"),
    ("klaviyo", "{{ first_name }}}", "brace_too_many"),
    ("klaviyo", "{ { first_name } }", "spaced"),
    ("mailchimp", "* |FNAME| *", "spaced"),
    ("klaviyo", "{{ first_name", "never_closed"),
    ("klaviyo", "{{ first_name | default: ‘there’ }}", "curly_quotes"),
    ("klaviyo", "{{&nbsp;first_name&nbsp;}}", "nbsp"),
    ("klaviyo", "{{ first_\u200bname }}", "zero_width"),
    ("mailchimp", "*|FN­AME|*", "zero_width"),
    ("klaviyo", "{{ <span>first_name</span> }}", "markup"),
    ("klaviyo", "{<b>{</b> first_name }}", "markup"),
    ("klaviyo", "&#123;&#123; first_name &#125;&#125;", "escaped"),
    ("klaviyo", "&lcub;&lcub; first_name &rcub;&rcub;", "escaped"),
    ("mailchimp", "*|FNAME*", "half"),
    ("mailchimp", "*FNAME|*", "half"),
    ("mailchimp", "|FNAME|", "half"),
    ("mailchimp", "*¦FNAME¦*", "look_alike"),
    ("mailchimp", "＊｜FNAME｜＊", "full_width"),
    ("klaviyo", "｛｛ first_name ｝｝", "full_width"),
    ("sfmc", "％％FirstName％％", "full_width"),
    ("sfmc", "%%FirstName%", "half"),
    ("sfmc", "%FirstName%%", "half"),
    ("sfmc", "%%=v(@FirstName)%%", "ampscript_equals"),
    ("mailchimp", "*|fname|*", "case"),
    ("campaign-monitor", "[firstname", "half"),
    ("campaign-monitor", "[firstname,fallback=”there”]", "curly_quotes"),
    ("campaign-monitor", "[firstname fallback=there]", "default_form"),
    ("getresponse", "[[firstname]", "half"),
    ("mailerlite", '{$name default="x"}', "default_form"),
    ("customerio", "{{ customer.first_name | default 'x' }}", "default_form"),
    ("customerio", "{{ customer.first_name || 'x' }}", "default_form"),
    ("klaviyo", "{{ first_name|default: 'x' }}", "default_form"),
    ("marketo", "{{lead.First Name:default=edit me}}", "dummy_default"),
    ("klaviyo", "{{ first name }}", "space_in_name"),
    ("liquid", "{{#if vip}}x{{/if}}", "foreign_syntax"),
    ("zoho-campaigns", "$[FNAME]", "half"),
    ("activecampaign", "%FIRSTNAME", "half"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "tag", "code"), BROKEN)
def test_broken_tags_are_told_at_their_place(dialect: str, tag: str, code: str) -> None:
    body = f"<table><tr><td>\n  <p>Dear {tag}, welcome</p></td></tr></table>"
    found = [one for one in findings(body, dialect=dialect) if one.rule == "merge_tags/broken"]
    assert [one.data["code"] for one in found][:1] == [code]
    assert (found[0].line, found[0].column) == (2, 11)
    if code not in ("never_closed", "foreign_syntax", "markup"):
        assert found[0].evidence == tag
        assert (found[0].end_line, found[0].end_column) == (2, 11 + len(tag))


@pytest.mark.parametrize(
    "tag", ["{{ unsubscribe_url }}", "*|UNSUB|*", "[[UNSUB_LINK_EN]]", "$[LI:UNSUBSCRIBE]$", "%UNSUBSCRIBELINK%"]
)
@pytest.mark.parametrize("times", [1, 2])
def test_encoded_tags_in_links(tag: str, times: int) -> None:
    address = tag
    for _ in range(times):
        address = quote(address, safe="*")
    (found,) = [one for one in findings(f'<a href="{address}">x</a>') if one.rule == "merge_tags/broken"]
    assert found.data["code"] == ("url_encoded" if times == 1 else "double_encoded")
    assert found.evidence == address


@pytest.mark.parametrize(
    "glued",
    [
        "http://*|UNSUB|*",
        "https://{{unsubscribe_url}}",
        "http://$[LI:UNSUBSCRIBE]$",
        "https://shop.example/{{unsubscribe_url}}",
    ],
)
def test_a_scheme_before_a_tag_that_is_a_whole_link(glued: str) -> None:
    assert "merge_tags/broken" in rules(f'<a href="{glued}">x</a>')


def test_dotdigital_wants_the_scheme() -> None:
    assert rules('<a href="http://$UNSUB$">x</a>', dialect="dotdigital") == set()


BLOCKS = [
    ("mailchimp", "*|IF:VIP|*Hi", "*|IF:VIP|*"),
    ("mailchimp", "Hi*|END:IF|*", "*|END:IF|*"),
    ("liquid", "{% if a %}Hi", "{% if a %}"),
    ("liquid", "Hi{% endif %}", "{% endif %}"),
    ("liquid", "{% for a in b %}{% if a %}Hi{% endfor %}{% endif %}", "{% endfor %}"),
    ("handlebars", "{{#each items}}Hi", "{{#each items}}"),
    ("handlebars", "{{#if a}}{{#each b}}x{{/if}}{{/each}}", "{{/if}}"),
    ("sfmc", "%%[ IF @a == 1 THEN ]%%Hi", "IF"),
    ("sfmc", "Hi %%[ ENDIF ]%%", "ENDIF"),
    ("freemarker", "<#if a>Hi", "<#if a>"),
    ("smarty", "{if $a}Hi", "{if $a}"),
    ("go-template", "{{ if .A }}{{ range .B }}x{{ end }}", "{{ if .A }}"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "body", "evidence"), BLOCKS)
def test_blocks_that_do_not_pair(dialect: str, body: str, evidence: str) -> None:
    found = [one for one in findings(f"<p>{body}</p>", dialect=dialect) if one.rule == "merge_tags/broken"]
    assert evidence in {one.evidence for one in found}


WELL = [
    ("liquid", "{% if a %}x{% elsif b %}y{% else %}z{% endif %}{% assign c = 1 %}{% for a in b %}{% endfor %}{% raw %}{{ x }{% endraw %}"),
    ("twig", "{% set a = 1 %}{% set b %}x{% endset %}{% block c %}{% endblock %}{% trans %}x{% endtrans %}{{ a ?? 'b' }}"),
    ("django", '{% load i18n %}{% trans "x" %}{% blocktrans %}y{% endblocktrans %}{% with a=b %}{% endwith %}'),
    ("jinja2", "{% trans name='x' -%} hi {%- endtrans %}{% call f() %}{% endcall %}{{ end }}"),
    ("handlebars", "{{#if a}}x{{else if b}}y{{else}}z{{/if}}{{> partial url=\"{{x}}\" }}{{!-- {{ note --}}{{{raw}}}"),
    ("mustache", "{{#a}}x{{/a}}{{^a}}y{{/a}}"),
    ("go-template", "{{ if .A }}{{ .B }}{{ else }}{{ end }}{{- range .C -}}{{ end }}"),
    ("sfmc", "%%[ /* don't */ IF EMPTY(@a) THEN SET @b = 'IF' ELSEIF @c THEN ENDIF ]%%%%=v(@b)=%% %%First Name%%"),
    ("mailchimp", "*|IF:FNAME|**|FNAME|**|ELSE:|*there*|END:IF|*"),
    ("braze", "{% if {{custom_attribute.${a}}} > 0 %}{{${first_name} | default: 'x'}}{% endif %}"),
    ("freemarker", "<#if a??>x<#elseif b>y<#else>z</#if><@layout.main>q</@layout.main>${a!'b'}"),
    ("smarty", "{if $a > 0}{foreach from=$b item=c}{$c|escape}{/foreach}{/if}"),
    ("listmonk", '{{ or .Subscriber.FirstName "there" }} <a href="{{ UnsubscribeURL }}">x</a>'),
    ("hubspot", '{{ personalization_token("contact.firstname", "there") }}'),
    ("erb-ejs", "<% if a && b > c %><%= x %><% end %>"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "body"), WELL, ids=[dialect for dialect, _ in WELL])
def test_well_formed_templates_are_silent(dialect: str, body: str) -> None:
    assert rules(f"<table><tr><td>{body}</td></tr></table>", dialect=dialect) == set()


SILENT = [
    "<style>@media only screen and (max-width:600px){.a{width:100%!important}} td{padding:0} u + .body [data-ogsc] .x{}</style>",
    "<!--[if mso]><o:p></o:p><v:roundrect href='https://x.example/' arcsize='10%'><w:anchorlock/></v:roundrect><![endif]-->",
    "<p>Jan &lt;jan@voorbeeld.example&gt; <my-card></my-card> <svg><linearGradient/></svg> <font>x</font></p>",
    '<script type="application/ld+json">{"@context":"http://schema.org","name":"x"}</script>',
    '<a href="https://x.example/a%20b%3Fc%3D1?utm=50%25off&u=%7B%22a%22%3A1%7D">Save 20% or 30% today; 100%</a>',
    "<p>$9.99$ / $5 - $10 / US$100 / $USD $AAPL [1] [a] [*] [sic] [video] [NL] [PDF] [ ] [x] items[0]</p>",
    "<p>{:-) ;-} @_@ ^_^ &#8203;&#x1F600; #sommer #salg @brand first.last@shop.example &lt;&lt; back | next &gt;&gt;</p>",
    "<p>« Bonjour tout le monde », a &lt; b and c &gt; d; 5 &lt;10 ; &lt;3 Unter&shy;nehmen</p>",
    "<p>null and void; Null-Tarif; 0 oder null Punkte; Nan's recipes; undefined behaviour; None of it</p>",
    "<p>Hei! Hi, Hallo, Hei Navneet, Dear Nina, TODO AL 50% Todo incluido XXXL Protest test drive</p>",
    "<div>&#847;&zwnj;&nbsp;&#8199;&#847;&zwnj;&nbsp;&#8199;</div>",
    "<p><code>{{ first_name }}</code> <pre>*|FNAME|*</pre></p>",
    '<img src="cid:logo@abc"> <img src="data:image/png;base64,iVBOR%7B..{x}">',
    "<td width=100%>x</td><td>100%DEAL% 20%</td>",
    '<a href="mailto:a@shop.example?subject=Re%3A%20%5BTicket%5D">x</a><a href="#top">y</a>',
]  # fmt: skip


@pytest.mark.parametrize("stage", ["template", "rendered"])
@pytest.mark.parametrize("body", SILENT)
def test_ordinary_mail_is_silent(body: str, stage: str) -> None:
    told = [
        one
        for one in findings(body, stage=stage, dialect="none" if stage == "template" else None)
        if one.severity != "info"
    ]
    assert not told, told


PSEUDO = [
    "FirstName",
    "First Name",
    "Voornaam",
    "Fornavn",
    "Förnamn",
    "Vorname",
    "Prénom",
    "Nombre",
    "Etunimi",
    "Imię",
    "Jméno",
    "Keresztnév",
    "OrderNumber",
]


@pytest.mark.parametrize("name", PSEUDO)
@pytest.mark.parametrize("stage", ["template", "rendered"])
def test_pseudo_elements(name: str, stage: str) -> None:
    body = f"<p>Dear <{name}>,</p>\r\n<p>x</p>"
    (found,) = [one for one in findings(body, stage=stage) if one.rule == "merge_tags/unresolved"]
    assert (found.evidence, found.line, found.column) == (f"<{name}>", 1, 9)


@pytest.mark.parametrize("name", PSEUDO[:-1])
def test_escaped_pseudo_elements(name: str) -> None:
    body = f"<p>Dear {html.escape(f'<{name}>')},</p>"
    assert "merge_tags/unresolved" in rules(body)
    assert "merge_tags/unresolved" in rules(f"Dear <{name}>,", part="text")


RENDERED = ["{{ first_name }}", "*|FNAME|*", "%%FirstName%%", "%FIRSTNAME%", "{$name}", "${first_name}", "[[UNSUB_LINK_EN]]", "<%= name %>",
            "@FIRSTNAME@", "##firstname##", "$[FNAME]$", "{contactfield=firstname}", "#recipient:name#", "~Contact.FirstName~", "[firstname]",
            "{% if vip %}", "{!Contact.FirstName}", "%recipient.first%", "«FirstName»"]  # fmt: skip


@pytest.mark.parametrize("tag", RENDERED)
@pytest.mark.parametrize(
    "where",
    ["<p>Hi {}</p>", '<a href="https://x.example/?u={}">y</a>', '<img src="x.png" alt="{}">', "<title>{}</title>"],
)
def test_left_over_tags_in_a_rendered_mail(tag: str, where: str) -> None:
    body = where.format(tag)
    (found,) = [
        one for one in findings(body, stage="rendered") if one.rule in ("merge_tags/unresolved", "merge_tags/broken")
    ][:1]
    assert found.column == body.index(tag) + 1


@pytest.mark.parametrize("part", ["subject", "preheader", "from", "text"])
def test_every_part_is_looked_at(part: str) -> None:
    found = [one for one in findings("Hi *|FNAME|*", part=part, stage="rendered") if not one.blocking]
    assert [(one.rule, one.part, one.column) for one in found] == [("merge_tags/unresolved", part, 4)]


POSITIONS = [
    ("<p>\n<a\n  class='x'\n  href='{{ u }'>", 4, 9, "{{ u }"),
    ("<p>&eacute;&amp; {{ a }</p>", 1, 18, "{{ a }"),
    ("<tr {{#if x}}class=\"a\"{{/if}}><td>{{ a }</td></tr>", 1, 35, "{{ a }"),
    ("<!--[if mso]><td>{{ a }</td><![endif]-->", 1, 18, "{{ a }"),
    ("x\r\n\t\U0001f600 {{ a }", 2, 4, "{{ a }"),
    ("x\ry {{ a }", 2, 3, "{{ a }"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "line", "column", "evidence"), POSITIONS)
def test_places_are_exact(body: str, line: int, column: int, evidence: str) -> None:
    found = [one for one in findings(body, dialect="handlebars") if one.rule == "merge_tags/broken"]
    assert [(one.line, one.column, one.evidence) for one in found] == [(line, column, evidence)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('<a href="https://x.example/?e=*%7CEMAIL%7C*">x</a>', "url_encoded"),
        ("<p>Hi {{&nbsp;first_name }}</p>", "nbsp"),
        ("<p>Hi &lcub;&lcub;first_name&rcub;&rcub;</p>", "escaped"),
        ("<p>{% if vip %} Hi</p>", "block_open"),
        ("<p>Hi {{ first_name }</p>", "one_close"),
        ("<p>Hi *|FNAME*, x</p>", "half"),
    ],
)
def test_a_damaged_tag_in_a_rendered_mail_is_told_once_and_with_its_damage(body: str, code: str) -> None:
    (found,) = findings(body, stage="rendered")
    assert found.data["code"] == code
    assert found.rule == ("merge_tags/broken" if code in ("one_close", "half") else "merge_tags/unresolved")


def test_of_a_foreign_tag_no_fallback_is_asked() -> None:
    (found,) = findings("<p>Hi {{lead.First Name}}</p>", dialect="brevo")
    assert found.rule == "merge_tags/foreign"


def test_a_format_string_is_left_to_the_program_until_the_mail_is_rendered() -> None:
    assert rules("<p>Hi %s, welcome</p>", stage="rendered") == {"merge_tags/null_leak"}
    assert not rules("<p>Hi %s, welcome</p>")


def test_a_foreign_tag_names_the_likely_service_and_how_to_write_it() -> None:
    (found,) = findings("<p>Hi *|FNAME|*</p>", dialect="brevo")
    assert found.rule == "merge_tags/foreign"
    assert "Mailchimp" in found.message
    assert "{{ contact.FIRSTNAME }}" in found.message


@pytest.mark.parametrize(
    ("dialect", "tag"),
    [("klaviyo", "{{ lead.First Name }}"), ("hubspot", "{{ contact.FIRSTNAME }}"), ("brevo", "{{ subscriber.first_name }}"), ("kit", "{{ ${first_name} }}"),
     ("mailchimp", "[UNSUBSCRIBE]"), ("mailchimp", "%FIRSTNAME%"), ("none", "{{ x }}"), ("postmark", "{% if a %}x{% endif %}"), ("sendgrid", "<unsubscribe>Out</unsubscribe>")],
)  # fmt: skip
def test_tags_of_others_are_foreign(dialect: str, tag: str) -> None:
    assert "merge_tags/foreign" in rules(f"<p>Hi {tag}</p>", dialect=dialect)


def test_sample_data_under_own_names_is_not_foreign() -> None:
    assert rules("<p>{{ lead.name }} {{ subscriber.x }} {{ my.own }}</p>", dialect="sendgrid") == set()
    assert rules("{% for lead in leads %}<p>{{ lead.name }}</p>{% endfor %}", dialect="klaviyo") == set()


def test_the_dialect_is_told_by_its_fingerprints() -> None:
    assert rules("<p>Hi *|FNAME|*</p><a href='*|UNSUB|*'>x</a>") - {"merge_tags/no_fallback"} == set()
    assert "merge_tags/no_dialect" in rules("<p>{{ order }}</p>")
    assert "merge_tags/two_dialects" in rules("<p>{{ order }}</p><a href='*|UNSUB|*'>x</a>")


def test_unknown_fields() -> None:
    (found,) = [
        one
        for one in findings("<p>*|FNAMEE|*</p>", dialect="mailchimp", fields=["FNAME", "EMAIL"])
        if one.rule == "merge_tags/unknown_field"
    ]
    assert "Did you mean 'FNAME'?" in found.message
    quiet = "{% for item in event.items %}{{ item.title }}{% endfor %}{{ first_name|default:'x' }}{% assign a = 1 %}{{ a }}{{ organization.name }}"
    assert "merge_tags/unknown_field" not in rules(f"<p>{quiet}</p>", dialect="klaviyo", fields=["first_name"])
    assert "merge_tags/unknown_field" in rules("<p>{{ contact.Firstname }}</p>", dialect="brevo", fields=["FIRSTNAME"])


def test_a_guarded_field_needs_no_fallback() -> None:
    for body in (
        "Hi{% if first_name %} {{ first_name }}{% else %} there{% endif %},",
        "Hi {{ first_name|default:'there' }},",
    ):
        assert rules(f"<p>{body}</p>", dialect="klaviyo") == set()
    assert rules("<p>Hi {{ first_name }},</p>", dialect="klaviyo") == {"merge_tags/no_fallback"}
    assert rules("<p>Hi {{ first_name|default:'' }},</p>", dialect="klaviyo") == {"merge_tags/no_fallback"}


GREETINGS = [
    "Hi ,",
    "Beste ,",
    "Hei !",
    "Hej ,",
    "Dear&nbsp;,",
    "Hallo ,",
    "Bonjour ,",
    "Hola ,",
    "Ciao ,",
    "Olá ,",
    "Cześć ,",
    "Kjære ,",
]


@pytest.mark.parametrize("greeting", GREETINGS)
def test_empty_greetings(greeting: str) -> None:
    (found,) = findings(f"<table><tr><td>{greeting}<br>Nice to see you</td></tr></table>", stage="rendered")
    assert (found.rule, found.evidence, found.column) == ("merge_tags/empty_greeting", greeting, 16)


@pytest.mark.parametrize("body", ["Hi <b></b>,", "Hi <span> </span>,", "Dear &nbsp; ,"])
def test_empty_greetings_with_markup(body: str) -> None:
    assert rules(f"<p>{body}</p>") == {"merge_tags/empty_greeting"}


@pytest.mark.parametrize(
    "body",
    [
        "Bonjour !",
        "Salut !",
        "Hi there,",
        "Say Hi , she said",
        "Hi {{ name }},",
        "Hi{% if a %} {{ a }}{% endif %},",
        "Welcome !",
    ],
)
def test_greetings_that_are_fine(body: str) -> None:
    assert "merge_tags/empty_greeting" not in rules(f"<p>{body}</p>", dialect="liquid")


LEAKS = ["Dear null,", "Hello undefined,", "Hi None,", "Hei [object Object]!", "You saved $NaN", "Save NaN% today", "Liquid error: x", "Total: (null)", "Your points: undefined",
         "&lt;no value&gt;", "%!s(MISSING)", "Invalid Date", "#REF!"]  # fmt: skip


@pytest.mark.parametrize("body", LEAKS)
def test_null_leaks(body: str) -> None:
    assert "merge_tags/null_leak" in rules(f"<p>{body}</p>", stage="rendered")


PLACEHOLDERS = [
    "Lorem ipsum", "Insert headline here", "Beste Voornaam,", "Hei Fornavn,", "[Customer Name]", "[Insert Link]", "Hier steht Ihr Text", "Votre texte ici",
    "Skriv tekst her", "Tu texto aquí", "DO NOT SEND", "TODO: price", "€ 00,00", "XX/XX/2026", "Max Mustermann", "Lisää teksti tähän", "[your name]",
]  # fmt: skip


@pytest.mark.parametrize("body", PLACEHOLDERS)
def test_placeholder_copy(body: str) -> None:
    assert "copy/placeholder" in rules(f"<table><tr><td>{body}</td></tr></table>")


def test_phrases_may_be_wrapped_over_lines() -> None:
    (found,) = findings("<p>Insert\n     headline here</p>")
    assert (found.rule, found.line, found.column, found.end_line) == ("copy/placeholder", 1, 4, 2)


def test_safe_fixes_leave_the_mail_clean() -> None:
    report = mailcheck.check({"html": "<p>Hi *|FNAME*, *¦LNAME¦*</p>", "dialect": "mailchimp"}, profile="template")
    fixes = [finding.fix for finding in report.of("merge_tags/broken")]
    assert [fix.edits[0].replacement for fix in fixes if fix] == ["*|FNAME|*", "*|LNAME|*"]


PIECES = [
    *"{}[]%*|$#@<>&;:'\"=\\/-~ \n\ta1_«»",
    "{{",
    "}}",
    "{%",
    "%}",
    "%%",
    "*|",
    "|*",
    "first_name",
    "FNAME",
    "&nbsp;",
    "<b>",
    "Hi ,",
    "[[",
    "｛",
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@given(TEXT)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_ends_in_a_judgement_with_places_in_it(body: str) -> None:
    for dialect in (None, "mailchimp", "liquid"):
        for one in findings(f"<p>{body}</p>", dialect=dialect):
            assert one.line >= 1
            assert one.column >= 1
            assert (one.end_line, one.end_column) >= (one.line, one.column)


@given(st.sampled_from(["{{ first_name }}", "*|FNAME|*", "%%FirstName%%", "{$name}", "${name}"]), TEXT, TEXT)
@settings(max_examples=200, deadline=None)
def test_places_point_at_the_tag(tag: str, before: str, behind: str) -> None:
    body = f"<p>{before}</p>\n<p>{tag}</p>\n<p>{behind}</p>"
    lines = body.splitlines()
    for one in findings(body, stage="rendered"):
        if one.line == one.end_line and one.rule == "merge_tags/unresolved" and len(one.evidence) < 150:
            assert lines[one.line - 1][one.column - 1 : one.end_column - 1] == one.evidence


@pytest.mark.parametrize("name", ["<Your Name>", "<uw naam>", "&lt;Your First Name&gt;", "<enter name>"])
def test_a_field_that_somebody_was_to_fill_in(name: str) -> None:
    report = mailcheck.check({"html": f"<p>Dear {name},</p>"}, stage="rendered", profile="template", settings={})
    assert [finding.evidence for finding in report.of("merge_tags/unresolved")] == [name]


@pytest.mark.parametrize("name", ["<the shop>", "<your>", "&lt;your shop&gt;", "<din>"])
def test_what_is_no_field(name: str) -> None:
    report = mailcheck.check({"html": f"<p>Dear {name},</p>"}, stage="rendered", profile="template", settings={})
    assert not report.of("merge_tags/unresolved")


@pytest.mark.parametrize("said", leaks._ENGINE_TEXTS)
def test_every_error_text_of_an_engine_is_found(said: str) -> None:
    report = mailcheck.check({"text": f"Hello Anna,\n{said} x\n"}, stage="rendered", profile="template", settings={})
    assert said in {finding.evidence for finding in report.of("merge_tags/null_leak")}
