"""The texts of a campaign as the page shows them: envelope, preview, sources, and the marks in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from mailcheck.campaign import Part
from mailcheck.report import CampaignReport, Finding
from mailcheck.reporters.context import Context
from mailcheck.reporters.page.marks import Mark
from mailcheck.reporters.page.markup import Html, Node, element
from mailcheck.reporters.page.preview import preview
from mailcheck.reporters.page.source import marked, source_view
from mailcheck.reporters.places import relative_path, span_in_part, spot, written_in
from mailcheck.reporters.text import one_line

_ENVELOPE = {"from": "From", "reply-to": "Reply to", "subject": "Subject", "preheader": "Preheader"}
_LONG = ("html", "mjml", "amp", "text")


class Texts(Struct):
    """The parts of one campaign and the marks of its findings; `marked` are the findings that are shown."""

    parts: dict[str, Part] = field(default_factory=dict)
    short: dict[str, list[Mark]] = field(default_factory=dict)
    inner: dict[str, list[Mark]] = field(default_factory=dict)
    """Marks by offsets in the part's own text."""
    sources: dict[tuple[str, str], list[Mark]] = field(default_factory=dict)
    """Marks of the long parts by path and text of the file in which their lines are counted."""
    names: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    marked: set[int] = field(default_factory=set)


def texts_of(campaign: CampaignReport, ordered: Sequence[Finding], context: Context) -> Texts:
    """What is known of the campaign's texts; findings are numbered from 1 in the order given."""
    texts = Texts(_parts(campaign, context))
    for name, part in texts.parts.items():
        if not is_short(name):
            key = (part.path or campaign.path, written_in(part))
            texts.sources.setdefault(key, [])
            texts.names.setdefault(key, []).append(name)
    for number, finding in enumerate(ordered, 1):
        _place(texts, campaign, finding, number)
    return texts


def _parts(campaign: CampaignReport, context: Context) -> dict[str, Part]:
    paths = list(dict.fromkeys([campaign.path, *(finding.path for finding in campaign.findings)]))
    named = dict.fromkeys([*_ENVELOPE, *_LONG, *(finding.part for finding in campaign.findings if finding.part)])
    found = ((name, next(filter(None, (context.part(path, name) for path in paths)), None)) for name in named)
    return {name: part for name, part in found if part is not None}


def is_short(name: str) -> bool:
    """Whether a part is a line of the envelope rather than a text of many lines."""
    return name not in _LONG


def _place(texts: Texts, campaign: CampaignReport, finding: Finding, number: int) -> None:
    part = texts.parts.get(finding.part)
    outer, inner = (spot(finding, part), span_in_part(finding, part)) if part else (None, None)
    if part is None or outer is None or inner is None:
        return
    texts.marked.add(number)
    mark = Mark(*inner, number, finding.severity)
    texts.inner.setdefault(finding.part, []).append(mark)
    if is_short(finding.part):
        texts.short.setdefault(finding.part, []).append(mark)
    else:
        key = (part.path or campaign.path, written_in(part))
        texts.sources[key].append(Mark(outer.start, outer.end, number, finding.severity))


def envelope(texts: Texts, prefix: str) -> Html | None:
    """Sender, subject and whatever else is one line, places marked."""
    names = [name for name in texts.parts if is_short(name)]
    if not names:
        return None
    rows: list[Node] = []
    for name in names:
        shown = marked(texts.parts[name].text, texts.short.get(name, []), prefix)
        label = _ENVELOPE.get(name) or one_line(name.removeprefix("header:"))
        rows += [element("dt", {}, label), element("dd", {"class": "subject" if name == "subject" else ""}, shown)]
    return element("dl", {"class": "envelope"}, rows)


def frame(texts: Texts) -> Html | None:
    """The mail itself, in a frame in which nothing can happen."""
    part = texts.parts.get("html")
    if part is None or not part.text.strip():
        return None
    document = preview(part.text, texts.inner.get("html", []))
    if document is None:
        return element("p", {"class": "note"}, "The mail is too long for a preview.")
    attributes: dict[str, str | bool] = {
        "title": "Preview of the mail",
        "sandbox": "",
        "referrerpolicy": "no-referrer",
        "srcdoc": document,
    }
    note = "Images of other servers are not loaded, and links lead nowhere: rest on one to read its target."
    return Html(element("iframe", attributes) + element("p", {"class": "note"}, note))


def source_details(texts: Texts, prefix: str, context: Context) -> Html | None:
    """The source of every long part; one with marks is open."""
    if not texts.sources:
        return None
    return element("div", {"class": "sources"}, _details(texts, prefix, context))


def _details(texts: Texts, prefix: str, context: Context) -> Iterator[Html]:
    for key, marks in texts.sources.items():
        path, source = key
        told = f"Source: {one_line(relative_path(path, context.root))} ({', '.join(texts.names[key])})"
        summary = element("summary", {}, told)
        yield element("details", {"open": bool(marks)}, summary, source_view(source, marks, prefix))
