"""Copy that was meant to be replaced before sending."""

from __future__ import annotations

from mailcheck import Problem, Problems, Span, bad, good, rule
from mailcheck.content.placeholders import Placeholder
from mailcheck.content.tags import Tags
from mailcheck_rules._copy_language import language

__all__ = ["language", "placeholder"]

_SAID = {
    "filler": "is filler text",
    "prompt": "is a prompt of the editor, or copy that was to be replaced",
    "note": "is a note to yourselves",
    "person": "is a sample person",
    "bracket": "is a placeholder in brackets",
    "greeting": "greets the name of the field instead of a person",
    "image": "is a placeholder image",
    "address": "is a sample address",
    "slot": "stands where an address belongs",
    "conflict": "marks two versions of the text that were never merged",
    "test": "marks this mail as a test",
}


@rule(severity="error")
@bad(html="<p>Lorem ipsum dolor sit amet</p>", at="Lorem ipsum")
@bad(html="<p>Sed ut perspiciatis unde omnis iste natus error.</p>", at="Sed ut perspiciatis unde omnis")
@bad(html="<h1>Insert headline here</h1>", at="Insert headline here")
@bad(html="<p>Beste Voornaam,</p>", at="Beste Voornaam")
@bad(html="<p>Dear [Customer Name],</p>", at="[Customer Name]")
@bad(html='<a href="[link to the shop]">Shop</a>', at="[link to the shop]")
@bad(html="<p>{!INSERT OFFER 1 LINK}</p>", at="{!INSERT OFFER 1 LINK}")
@bad(subject="[TEST] Spring sale", html="<p>x</p>", at="[TEST]")
@bad(html='<img src="https://via.placeholder.com/600x200" alt="">', at="via.placeholder.com")
@bad(html='<img src="https://img.fernhill.example/hero_placeholder.jpg" alt="">', at="hero_placeholder")
@bad(html="<p>Billed to customer@example.com today.</p>", at="customer@example.com")
@good(html="<p>Per aspera ad astra. What is lorem ipsum? Write to you@shop.example.</p>")
@bad(html="<p>x</p>\n<<<<<<< HEAD\n<p>a</p>\n=======\n<p>b</p>\n>>>>>>> sale\n", at=("<<<<<<< HEAD", ">>>>>>> sale"))
@good(html="<p>TODO AL 50% &ndash; Todo incluido. Max 20% off headlines.</p>")
@good(html="<p>[video] New: the Lorem chair. Hei Navneet,</p>")
def placeholder(placeholder_copy: tuple[Placeholder, ...], tags: Tags) -> Problems:
    """Placeholder copy is still in the mail: filler text, an editor's prompt, a note, a sample person.

    Nobody meant to send it. The word lists cover many languages and are kept as data, so that a team can see what is
    looked for. Filler text is told by its vocabulary, wherever it begins, and once for all that stands together.
    """
    covered = [tag.span for tag in tags if tag.own or (tag.certain and not tag.human)]
    for found in placeholder_copy:
        if found.sort != "slot" and any(_covers(span, found.span) for span in covered):
            continue
        shown = " ".join(found.span.text.split())
        said = f"“{shown}” {_SAID[found.sort]}{_around(found)}"
        yield Problem(f"{said}; replace it before sending.", at=found, severity=found.severity, data=_data(found))


def _around(found: Placeholder) -> str:
    """How much of filler text stands around the words that are shown."""
    more = found.filler.words - len(found.span.text.split()) if found.filler is not None else 0
    return f", and {more:,} {'word' if more == 1 else 'words'} around it" if more > 0 else ""


def _data(found: Placeholder) -> dict[str, object]:
    """Where filler text begins and ends."""
    if found.filler is None:
        return {}
    whole = found.filler.whole.where
    return {"words": found.filler.words, "line": whole.line, "end_line": whole.end_line, "end_column": whole.end_column}


def _covers(tag: Span, found: Span) -> bool:
    """Whether a placeholder is part of a merge tag, and so no copy at all."""
    return tag.part is found.part and tag.start <= found.start and found.end <= tag.end
