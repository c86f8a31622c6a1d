"""Merge tags: left over, another service's, broken, without a fallback, unknown to the audience."""

from __future__ import annotations

import difflib
import re
from typing import Literal

from mailcheck import Campaign, Fix, Problem, Problems, bad, good, rule, skip
from mailcheck.content.dialects import NO_TAGS, Dialect, Dialects
from mailcheck.content.fields import audience_name, is_unguarded, person_of
from mailcheck.content.leaks import EmptyGreeting, Leak
from mailcheck.content.markup import Markup
from mailcheck.content.placeholders import Placeholder
from mailcheck.content.pseudo import PseudoElement
from mailcheck.content.tags import Tag, Tags
from mailcheck_rules._coverage import coverage  # noqa: F401 - a rule of this family
from mailcheck_rules._samples import left_over
from mailcheck_rules._tag_words import PLACES, place, quote, short


@rule(severity="error")
@bad(html="<p>Dear *|FNAME|*,</p>", stage="rendered", at="*|FNAME|*")
@bad(html="<p>Dear <FirstName>,</p>", at="<FirstName>")
@bad(html="<p>Beste &lt;Voornaam&gt;,</p>", stage="rendered", at="&lt;Voornaam&gt;")
@bad(subject="{{ first_name }}, your order", html="<p>Hi</p>", stage="rendered", at="{{ first_name }}")
@bad(html='<a href="/?e=*%7CEMAIL%7C*">x</a>', stage="rendered", at="*%7CEMAIL%7C*")
@bad(html='<p>Dear <b th:text="${user.name}">John</b>,</p>', stage="rendered", at="th:text")
@good(html="<p>Dear Anna,</p>", stage="rendered")
@good(html='<p>Dear <b th:text="${user.name}">John</b>,</p>')
@good(html="<p>Dear *|FNAME|*,</p>", dialect="mailchimp")
@good(html="<style>.a{color:red}</style><p>Write to Jan &lt;jan@example.org&gt;</p>", stage="rendered")
def unresolved(
    tags: Tags, pseudo_elements: tuple[PseudoElement, ...], campaign: Campaign, markup: Markup | None = None
) -> Problems:
    """A merge tag is still there, so recipients read it instead of their own data.

    In a rendered mail (a proof, an .eml as it will arrive) every tag that is left is an error. In a template the tags of
    your own service are fine; a field name in angle brackets, `<FirstName>`, never is: mail clients take it for an
    unknown element and show nothing at all. A tag that is damaged and can still be read as one is told here too, with
    what is wrong with it; half a tag is left to `merge_tags/broken`. Where an engine is told by an attribute what to put in
    the place of a sample (`th:text` of Thymeleaf, `t-out` of Odoo), a rendered mail that still has it shows the sample.
    """
    own = {tag.span.start for tag in tags if tag.own} if tags.declared and campaign.stage != "rendered" else set()
    for element in pseudo_elements:
        if element.span.start in own:
            continue
        seen = "recipients will read it as it stands" if element.escaped else "mail clients swallow it and show nothing"
        message = f"{quote(element.span.text)} is not a merge tag: {seen}. Use the field tag of your service."
        yield Problem(message, at=element, severity="info" if element.quoted else None)
    if campaign.stage != "rendered":
        return
    yield from left_over(markup)
    told = {element.span.start for element in pseudo_elements}
    for tag in tags:
        if not tag.is_left_over or tag.span.start in told:
            continue
        message = f"The merge tag {quote(tag.text)}{place(tag)} was not filled in; {_outcome(tag)}."
        data = {"field": tag.name}
        if (fault := tag.breakage) is not None and fault.code not in _ONLY_ADVICE:
            message, data = f"{message} {fault.message}", data | {"code": fault.code}
        yield Problem(message, at=tag, severity="info" if tag.place.quoted else None, data=data)


_SWALLOWED = re.compile(r"<[?/A-Za-z]")


def _outcome(tag: Tag) -> str:
    """What becomes of a tag that nobody filled in."""
    if tag.place.kind in ("text", "tag") and tag.span.part.media != "text" and _SWALLOWED.match(tag.text):
        return "mail clients swallow it, so recipients get nothing in its place"
    if tag.place.is_url or tag.place.kind in ("tag", "style", "script"):
        return "it is mailed as it stands"
    return "recipients will read it as it stands"


@rule(severity="error")
@bad(html="<p>Hi %FIRSTNAME%,</p>", dialect="mailchimp", at="%FIRSTNAME%")
@bad(html="<p>Hi {{ lead.name }}</p>", dialect="hubspot", at="{{ lead.name }}")
@bad(html="<p>Hi *|FNAME|*</p>", dialect="none", at="*|FNAME|*")
@good(html="<p>Hi *|FNAME|*, see [video] and {a}</p>", dialect="mailchimp")
@good(html="<p>Hi {{ contact.firstname }}</p>", dialect="hubspot")
def foreign(tags: Tags, campaign: Campaign, dialects: Dialects) -> Problems:
    """A merge tag belongs to another sending service, so yours will mail it as plain text or refuse the send.

    Happens when copy is pasted from an older template, or when a template moves to another service. Only checked when
    the dialect is declared or the other tags of the mail tell it.
    """
    dialect = tags.dialect
    if campaign.stage == "rendered":
        skip("a rendered mail has no tags of its own; merge_tags/unresolved judges it")
    for tag in tags:
        if dialect is None or not tag.foreign:
            continue
        if dialect.id == NO_TAGS:
            message = (
                f"{quote(tag.text)} is a merge tag, but this mail is sent without any; it will be read as it stands."
            )
        else:
            message = (
                f"{quote(tag.text)} is not a tag of {short(dialect.name)}{_likely(tag.owners, dialects)}. "
                f"It will not be filled in.{_written(tag, dialect)}"
            )
        yield Problem(message, at=tag, data={"dialects": sorted(tag.owners)[:10]})


def _likely(owners: frozenset[str], dialects: Dialects) -> str:
    """Whose tag it may be, in a few words."""
    names = sorted({short(dialects.by_id[name].name) for name in owners if dialects.by_id[name].kind in ("esp", "crm")})
    if not names or len(names) > 4:
        return ""
    return f"; it looks like {names[0]}'s" if len(names) == 1 else f"; it looks like one of {' or '.join(names)}"


def _written(tag: Tag, dialect: Dialect) -> str:
    """How the declared service writes what this tag means."""
    for purpose in ("unsubscribe", "view_online", "address", "preferences"):
        if tag.is_for(purpose):
            listed: tuple[str, ...] = getattr(dialect, purpose)
            return f" Write it like {listed[0]}." if listed else ""
    is_name = tag.kind == "field" and person_of(tag) == "first"
    return f" Write it like {dialect.example()}." if is_name and dialect.example() else ""


_ONLY_ADVICE = frozenset({"quotes_in_attribute", "url_as_text", "token_filter", "block_crosses", "parameter_glued"})


@rule(severity="error")
@bad(html="<p>Hi {{ first_name }</p>", at="{{ first_name }")
@bad(html="<p>Hi *|FNAME*, welcome</p>", dialect="mailchimp", at="*|FNAME*", fixed="<p>Hi *|FNAME|*, welcome</p>")
@bad(html='<a href="%7B%7Bunsubscribe_url%7D%7D">x</a>', at="%7B%7Bunsubscribe_url%7D%7D")
@bad(html="{% if vip %}<p>Hi</p>", dialect="liquid", at="{% if vip %}")
@bad(html="<p>{{ name | default: ‘there’ }}</p>", dialect="liquid", at="{{ name | default: ‘there’ }}")
@good(html="{% if vip %}<p>Hi {{ name | default: 'there' }}</p>{% endif %}", dialect="liquid")
@good(html="<style>@media screen{.a{width:100%}}</style><p>Save 20% or 30% today, {name of your friend}</p>")
def broken(tags: Tags, campaign: Campaign) -> Problems:
    """A merge tag or block is damaged, so the service cannot read it.

    One brace instead of two, typographic quotes, a non-breaking space or markup inside the tag, full-width characters,
    a URL-encoded tag in a link, a block that is never closed: the tag is mailed as text, or the send fails. In a
    rendered mail a damaged tag that can still be read as one is told once, by `merge_tags/unresolved`.
    """
    for tag in tags:
        fault = tag.breakage
        if fault is None or tag.place.quoted or (tag.place.kind == "comment" and fault.code != "in_comment"):
            continue
        if campaign.stage == "rendered" and tag.is_left_over:
            continue
        severity: Literal["warning", "info"] | None = "warning" if fault.code in _ONLY_ADVICE else None
        if fault.code == "in_comment":
            severity = "info"
        fix = (
            Fix.replace(tag, fault.meant, safe=_is_safe(fault.code, fault.meant))
            if _is_whole(fault.code) and fault.meant and fault.meant != tag.text
            else None
        )
        yield Problem(fault.message, at=tag, severity=severity, fix=fix, data={"code": fault.code})


_SAFE = frozenset(
    {
        "half",
        "full_width",
        "look_alike",
        "zero_width",
        "nbsp",
        "spaced",
        "url_encoded",
        "double_encoded",
        "one_close",
        "one_open",
    }
)


_PLAIN = re.compile(
    r"\{\{\s?[\w.]+(?:\s?\|[^{}\"'<>]*)?\s?\}\}|\*\|[\w:]+\|\*|%%\w[\w ]*%%|\[\[?[\w.]+\]\]?|\$?\{[\w.$]+\}|\$\[[\w:]+\]\$|%\w+%|@\w+@|##\w+##"
)


def _is_safe(code: str, meant: str) -> bool:
    """Whether nobody has to think about the fix: the fault is plain, and what was meant is a bare name."""
    return code in _SAFE and _PLAIN.fullmatch(meant) is not None


def _is_whole(code: str) -> bool:
    """Whether `meant` of this fault stands for the whole tag."""
    return not code.startswith("block_") and code != "default_form"


@rule(severity="warning")
@bad(html="<p>Hi {{ first_name }},</p>", dialect="klaviyo", at="{{ first_name }}")
@bad(subject="{{ first_name }}, look at this", html="<p>x</p>", dialect="klaviyo", at="{{ first_name }}")
@good(html="<p>Hi {{ first_name|default:'there' }},</p>", dialect="klaviyo")
@good(html="<p>Hi{% if first_name %} {{ first_name }}{% endif %},</p>", dialect="klaviyo")
@good(html="<p>Order {{ order_number }}</p>", dialect="klaviyo")
@good(html="<p>Hi [Customer First Name],</p>")
def no_fallback(tags: Tags, campaign: Campaign, placeholder_copy: tuple[Placeholder, ...]) -> Problems:
    """A personal field has no fallback, so people whose data is missing read a hole.

    "Hi ," is what a blank first name looks like. It weighs most in a greeting and in the subject line; elsewhere it is
    told as a hint. Fields inside an `if` that asks whether they exist are fine.
    """
    if campaign.stage == "rendered":
        skip("a rendered mail is filled in already")
    to_replace = {(one.span.part, one.span.start) for one in placeholder_copy}
    for tag in tags:
        if tag.human and (tag.span.part, tag.span.start) in to_replace:
            continue
        person = person_of(tag)
        greeting = tag.greeted or tag.span.part.name in ("subject", "preheader")
        told = person == "first" or (person == "other" and greeting) or (person == "greeted" and tag.greeted)
        if not told or tag.foreign or not is_unguarded(tag, tags):
            continue
        where = "in the subject line" if tag.span.part.name == "subject" else "in the greeting" if greeting else "here"
        if tag.default is not None:
            message = f"The fallback of {quote(tag.text)} {where} is empty; {_missing(tags)}"
        else:
            message = f"{quote(tag.text)} has no fallback {where}; {_missing(tags)} {_advice(tag, tags)}"
        yield Problem(message, at=tag, severity=None if greeting else "info", data={"field": tag.name})


def _missing(tags: Tags) -> str:
    """What happens to people whose value is missing, as far as it is known of the service."""
    fails = tags.dialect is not None and tags.dialect.missing == "send_fails"
    return (
        "people without a value may not get the mail at all." if fails else "people without a value will read a hole."
    )


def _advice(tag: Tag, tags: Tags) -> str:
    dialect = tags.dialect
    fitting = [one for one in dialect.defaults if one[:2] == tag.text[:2] and len(one) <= 60] if dialect else []
    if fitting:
        return f"A fallback is written like this: {fitting[0]}."
    return "Give the field a default value in your service, or write the sentence so that it works without."


@rule(severity="error")
@bad(html="<p>Hi *|FNAM|*</p>", dialect="mailchimp", fields=["FNAME", "EMAIL"], at="*|FNAM|*")
@bad(html="<p>Hi {{ contact.FirstName }}</p>", dialect="brevo", fields=["FIRSTNAME"], at="{{ contact.FirstName }}")
@bad(html="<p>{{ contact.CITI }}</p>", dialect="brevo", fields=["FIRSTNAME", "CITY"], at="{{ contact.CITI }}")
@good(html="<p>Hi *|FNAME|* <a href='*|UNSUB|*'>x</a></p>", dialect="mailchimp", fields=["FNAME", "EMAIL"])
def unknown_field(tags: Tags, campaign: Campaign) -> Problems:
    """A tag names a field that the audience does not have.

    The manifest (or the settings) lists the fields of the audience; a name that is not among them prints nothing for
    everybody, or stops the send.
    """
    if campaign.fields is None:
        skip("the fields of the audience are not known (`fields` in the manifest or the settings)")
    if campaign.stage == "rendered":
        skip("a rendered mail is filled in already")
    known = {name.casefold(): name for name in campaign.fields or ()}
    for tag in tags:
        name = audience_name(tag, tags, known)
        if not name or name in known.values():
            continue
        same = known.get(name.casefold())
        if same is not None:
            message = f"The audience has the field {same!r}, but {quote(tag.text)} writes it {name!r}; many services tell them apart."
            yield Problem(message, at=tag, severity="warning", data={"field": name, "known": same})
            continue
        near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
        hint = f" Did you mean {known[near[0]]!r}?" if near else f" It has: {', '.join(sorted(known.values())[:8])}."
        yield Problem(
            f"The audience has no field {name!r}, so {quote(tag.text)} stays empty for everybody.{hint}",
            at=tag,
            data={"field": name},
        )


@rule(severity="error")
@bad(html="<p>Hi ,</p>", at="Hi ,")
@bad(html="<p>Beste&nbsp;,<br>Tot snel</p>", at="Beste&nbsp;,")
@bad(text="Hei !\nHer er nytt", at="Hei !")
@good(html="<p>Hi, and welcome</p>")
@good(html="<p>Hi {{ first_name }},</p>")
@good(html='<html lang="fr"><p>Bonjour !</p></html>')
def empty_greeting(empty_greetings: tuple[EmptyGreeting, ...]) -> Problems:
    """A greeting has no name: "Hi ,".

    The sign of a merge field that was blank, or of a tag that was deleted. Give the field a fallback, or write the
    greeting without a name.
    """
    for greeting in empty_greetings:
        shown = " ".join(greeting.span.text.replace("&nbsp;", " ").split())
        yield Problem(
            f"The greeting “{shown}” has no name in it; give the field a fallback, or greet without a name.",
            at=greeting,
        )


_LEAKS = {
    "error": "is an error text of the template engine",
    "object": "is what a template engine prints for a value that it cannot show",
    "value": "is what a template engine prints for a missing value",
    "greeting": "stands where the recipient's name belongs",
    "url": "stands in a link where a value belongs",
    "format": "is a gap of a program's text that was not filled in",
    "date": "is the date that computers print for “no date”",
}


@rule(severity="error")
@bad(html="<p>Dear null,</p>", at="null")
@bad(html="<td>undefined</td>", at="undefined")
@bad(html="<p>You saved $NaN</p>", at="NaN")
@bad(html="<p>Hello [object Object]</p>", at="[object Object]")
@good(html="<p>The contract is null and void. None of it is undefined behaviour.</p>")
@good(html="<p>0 oder null Punkte</p>")
def null_leak(null_leaks: tuple[Leak, ...]) -> Problems:
    """The mail shows what a program prints for a missing value: `null`, `undefined`, `NaN`, an error text.

    Somebody's data was missing when the mail was filled in. Give the field a fallback.
    """
    for leak in null_leaks:
        message = f"“{quote(leak.span.text)}” {_LEAKS[leak.sort]}; give the field a fallback."
        yield Problem(message, at=leak, severity=leak.severity)


@rule(severity="warning")
@bad(html="<p>x</p>", sender="*|FNAME|* <news@shop.example>", dialect="mailchimp", at="*|FNAME|*")
@good(html="<p>*|FNAME|*</p>", sender="Shop <news@shop.example>", dialect="mailchimp")
def in_sender(tags: Tags, campaign: Campaign) -> Problems:
    """The sender or reply-to address holds a merge tag.

    Several services do not fill in tags there: recipients then see the tag as the name of the sender, or cannot answer.
    """
    if campaign.stage == "rendered":
        skip("merge_tags/unresolved judges rendered mails")
    for tag in tags:
        if tag.span.part.name in ("from", "reply-to") and tag.certain and not tag.breakage:
            yield Problem(
                f"{quote(tag.text)} stands {PLACES[tag.span.part.name]}, where many services do not fill in tags; check a proof.",
                at=tag,
            )


@rule(severity="error")
@bad(html="<p>Hi {{ first_name }}</p><a href='*|UNSUB|*'>x</a>", at="{{ first_name }}")
@good(html="<p>Hi *|FNAME|*</p><a href='*|UNSUB|*'>x</a>")
def two_dialects(tags: Tags, campaign: Campaign) -> Problems:
    """The mail holds tags of two sending services, and none fills in both.

    Only one of them will be filled in. Declare the dialect to hear which tags are the strangers.
    """
    if campaign.stage == "rendered" or tags.declared or not tags.strangers:
        return
    first = tags.strangers[0]
    strangers = {tag.text for tag in tags.strangers}
    other = next((tag for tag in tags if tag.strong and not tag.breakage and tag.text not in strangers), None)
    count = len(tags.strangers)
    more = f" (and {count - 1} more like it)" if count > 1 else ""
    with_whom = f" and {quote(other.text)}" if other else ""
    message = f"No service fills in all the tags of this mail: {quote(first.text)}{more}{with_whom} belong to different ones; keep to one."
    yield Problem(message, at=first, data={"candidates": list(tags.candidates[:5]), "strangers": count})


@rule(severity="warning")
@bad(html="<p>Hi {{ first_name }}</p>", at="{{ first_name }}")
@bad(html='<a href="[UNSUBSCRIBE_URL]">Unsubscribe</a>', at="[UNSUBSCRIBE_URL]")
@good(html="<p>Hi {{ first_name }}</p>", dialect="liquid")
@good(html="<p>Hi *|FNAME|*, <a href='*|UNSUB|*'>unsubscribe</a></p>")
def no_dialect(tags: Tags, campaign: Campaign, dialects: Dialects) -> Problems:
    """The mail has merge tags, but it is not known which sending service is to fill them in.

    Without that, another service's tags cannot be told from your own. Declare it: `dialect = "mailchimp"` in the
    settings or the manifest, or `--dialect` on the command line.
    """
    if campaign.stage == "rendered" or tags.declared or tags.dialect is not None or tags.strangers:
        return
    strong = [tag for tag in tags if tag.strong and not tag.breakage and not tag.place.quoted and tag.kind != "comment"]
    counted = strong or [tag for tag in tags if tag.is_in_brackets]
    if not counted or not tags.candidates:
        return
    names = [short(dialects.by_id[name].name) for name in tags.candidates]
    whose = f"of {' or '.join(names)}" if len(names) <= 5 else "of many services"
    what = f"{len(counted)} merge tags" if len(counted) > 1 else "A merge tag"
    message = f"{what} in this mail could be {whose}; declare the dialect, so that they can be judged."
    yield Problem(message, at=counted[0], data={"candidates": list(tags.candidates), "tags": len(counted)})
