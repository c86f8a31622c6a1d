"""The facts that mailcheck itself supplies about the message.

`soup` and `tree` are annotated `object`, so that neither BeautifulSoup nor lxml is imported before a rule
asks for them; rules annotate them as `bs4.BeautifulSoup` and `lxml.html.HtmlElement`.
"""

from __future__ import annotations

from mailcheck.campaign import Campaign, Fault, Header, Message, Part
from mailcheck.content import dialectcheck, leaks, ownership, placeholders, pseudo, tagscan
from mailcheck.content.dialects import Dialect, Dialects, with_extensions
from mailcheck.content.fields import audience_name
from mailcheck.content.lexicon import squeeze
from mailcheck.content.limits import TooComplexError
from mailcheck.content.markup import Markup
from mailcheck.content.stretches import Copy, copy_of
from mailcheck.content.tags import Tag, Tags
from mailcheck.rule import Absent, fact
from mailcheck.run import Run


@fact
def message(campaign: Campaign) -> Message:
    """What is mailed: headers, subject, preheader, HTML part, text part, attachments."""
    return campaign.message


@fact
def body(message: Message) -> tuple[Part, ...]:
    """The HTML and text parts that were given."""
    parts = tuple(part for part in (message.html, message.text) if part is not None and part.text.strip())
    if not parts:
        raise Absent("the message has neither an HTML nor a text part")
    return parts


@fact
def subject(message: Message) -> Part:
    """The subject line."""
    if message.subject is None or not message.subject.text.strip():
        raise Absent("no subject line was given (`subject` in the manifest)")
    return message.subject


@fact
def preheader(message: Message) -> Part:
    """The preheader, when it was given apart from the HTML."""
    if message.preheader is None:
        raise Absent("no preheader was given (`preheader` in the manifest)")
    return message.preheader


@fact
def sender(message: Message) -> Part:
    """The From header."""
    if message.sender is None or not message.sender.text.strip():
        raise Absent("no sender was given (`from` in the manifest)")
    return message.sender


@fact
def headers(message: Message) -> tuple[Header, ...]:
    """Every header field that was given, in order."""
    if not message.headers:
        raise Absent("no headers were given")
    return message.headers


@fact
def unguarded_markup(message: Message, campaign: Campaign) -> Markup:
    """The HTML part before its limits were looked at; rules ask for `markup`."""
    if message.html is None:
        raise Absent("the message has no HTML part")
    return Markup(message.html, campaign.dialect)


@fact
def limits(unguarded_markup: Markup | None = None) -> tuple[Fault, ...]:
    """What of the HTML part is too much to be judged: nesting, attributes, tags."""
    return unguarded_markup.limits_exceeded() if unguarded_markup is not None else ()


@fact
def markup(unguarded_markup: Markup, limits: tuple[Fault, ...]) -> Markup:
    """The HTML part with everything in it that knows its place: elements, links, images, texts."""
    if limits:
        raise TooComplexError(limits[0].message)
    return unguarded_markup


@fact
def text(message: Message) -> Part:
    """The plain-text part."""
    if message.text is None:
        raise Absent("the message has no text part")
    return message.text


@fact
def soup(markup: Markup) -> object:
    """The HTML part as a `bs4.BeautifulSoup`, with `sourceline` and `sourcepos`."""
    return markup.soup


@fact
def tree(markup: Markup) -> object:
    """The HTML part as an `lxml.html.HtmlElement`."""
    return markup.tree


@fact
def dialects(run: Run) -> Dialects:
    """The merge-tag dialects that this run knows."""
    return with_extensions(run.extensions.get("dialects", ()))


@fact
def copy(campaign: Campaign, markup: Markup | None = None) -> Copy:
    """Every text that a recipient reads, with what surrounds each offset."""
    return copy_of(campaign, markup)


@fact
def tags(copy: Copy, campaign: Campaign, dialects: Dialects) -> Tags:
    """Every merge tag of the message, well-formed or broken, and whose they are."""
    fields = frozenset(squeeze(name) for name in campaign.fields or ())
    declared: Dialect | None = dialects.get(campaign.dialect)
    families = ownership.families_of(declared) if declared else frozenset()
    vocabulary = tagscan.Vocabulary(dialects, fields, declared, families, copy.rendered)
    found: list[Tag] = []
    for stretch in copy:
        found.extend(tagscan.scan(stretch, vocabulary))
    for header in copy.headers:
        # Addresses are full of percent signs and angles, so what is half a tag elsewhere is none here.
        found.extend(tag for tag in tagscan.scan(header, vocabulary) if not tag.breakage)
    settled = ownership.settle(found, dialects, campaign.dialect, [stretch.source for stretch in copy])
    return dialectcheck.examine(settled, dialects)


@fact
def merge_fields(tags: Tags) -> tuple[str, ...]:
    """The names of the audience's fields that the message fills in, each once, as the tags write them."""
    names = (audience_name(tag, tags, {}) for tag in tags)
    return tuple(dict.fromkeys(name for name in names if name))


@fact
def pseudo_elements(copy: Copy) -> tuple[pseudo.PseudoElement, ...]:
    """`<FirstName>` and its kin, which mail clients swallow as unknown elements."""
    return tuple(one for stretch in copy for one in pseudo.pseudo_elements(stretch))


@fact
def placeholder_copy(copy: Copy) -> tuple[placeholders.Placeholder, ...]:
    """Filler text, editor prompts, work notes and sample people."""
    return tuple(placeholders.find_placeholders(copy))


@fact
def null_leaks(copy: Copy) -> tuple[leaks.Leak, ...]:
    """What a template engine printed for a missing value."""
    return tuple(leaks.find_leaks(copy))


@fact
def empty_greetings(copy: Copy) -> tuple[leaks.EmptyGreeting, ...]:
    """Greetings whose name is missing."""
    return tuple(leaks.find_empty_greetings(copy))
