"""Plants known mistakes into real templates and counts how many are found.

    python tests/benchmarks/recall.py FOLDER LIST.tsv [--files N] [--missed MISSED.tsv]

LIST.tsv as for accuracy.py. For every template with a declared dialect and every sort of mistake one copy is made with
the mistake planted at a random tag or sentence; it counts as found when a finding of the family covers the place and
the untouched template has none there.
"""

from __future__ import annotations

import argparse
import collections
import csv
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from mailcheck.campaign import Campaign, Message, Part
from mailcheck.checking import Checker, checker
from mailcheck.content.dialects import Dialect, builtin
from mailcheck.content.markup import Markup
from mailcheck.content.stretches import Stretch
from mailcheck.content.tags import Tag
from mailcheck.content.tagscan import Vocabulary, scan

Change = Callable[[str], str | None]


def _inside(change: Callable[[str], str]) -> Change:
    """Change the text between the delimiters, where it is a plain name."""

    def mutate(tag: str) -> str | None:
        for opener, closer in PAIRS:
            if tag.startswith(opener) and tag.endswith(closer) and len(tag) > len(opener) + len(closer):
                return opener + change(tag[len(opener) : -len(closer)]) + closer
        return None

    return mutate


PAIRS = (
    ("{{{", "}}}"), ("{{", "}}"), ("{%", "%}"), ("*|", "|*"), ("%%=", "=%%"), ("%%", "%%"), ("<%=", "%>"), ("[[", "]]"), ("${", "}"),
    ("{$", "}"), ("##", "##"), ("[", "]"), ("{", "}"), ("%", "%"),
)  # fmt: skip
WIDE = str.maketrans(
    {
        chr(code): chr(code + 0xFEE0)
        for code in range(0x21, 0x7F)
        if not chr(code).isalnum() and chr(code) not in "._-'\"/:"
    }
)


def _without_last(tag: str) -> str | None:
    return tag[:-1]


def _without_first(tag: str) -> str | None:
    return tag[1:]


def _spaced(tag: str) -> str | None:
    return f"{tag[0]} {tag[1:-1]} {tag[-1]}" if tag[:2] in ("{{", "*|", "{%") and not tag.startswith("{{{") else None


def _escaped(tag: str) -> str | None:
    table = {
        "{": "&#123;",
        "}": "&#125;",
        "%": "&#37;",
        "*": "&ast;",
        "|": "&verbar;",
        "[": "&lsqb;",
        "]": "&rsqb;",
        "<": "&lt;",
        ">": "&gt;",
    }
    for opener, closer in PAIRS:
        if tag.startswith(opener) and tag.endswith(closer):
            inner = tag[len(opener) : len(tag) - len(closer)]
            return "".join(table.get(c, c) for c in opener) + inner + "".join(table.get(c, c) for c in closer)
    return None


def _encoded(tag: str) -> str | None:
    return quote(tag, safe="*._-") if tag[:1] in "{*[$" and "%" not in tag else None


TAG_CHANGES: dict[str, Change] = {
    "last character lost": _without_last,
    "first character lost": _without_first,
    "space between delimiters": _spaced,
    "nbsp inside": _inside(lambda inner: "&nbsp;" + inner.strip() + "&nbsp;"),
    "zero width inside": _inside(lambda inner: inner[: len(inner) // 2] + "\u200b" + inner[len(inner) // 2 :]),
    "markup inside": _inside(lambda inner: f"<span>{inner}</span>"),
    "full width": lambda tag: tag.translate(WIDE) if '"' not in tag and "'" not in tag else None,
    "escaped": _escaped,
}
OTHER_SERVICE = {"*|FNAME|*": "star_pipe", "{{ contact.FIRSTNAME }}": "braces", "%%FirstName%%": "percent2", "%FIRSTNAME%": "percent1",
                 "{$name}": "smarty", "<%= recipient.firstName %>": "erb", "[[UNSUB_LINK_EN]]": "bracket2", "{contactfield=firstname}": "brace1"}  # fmt: skip
SENTENCES = (
    "Dear <FirstName>,", "Beste <voornaam>,", "Hei <Fornavn>,", "Hallo &lt;Vorname&gt;,", "Hi ,", "Beste ,", "Dear null,", "Hello undefined,",
    "Lorem ipsum dolor sit amet", "Insert headline here", "Hei Fornavn,", "Dear [Customer Name],", "Liquid error: internal",
)  # fmt: skip


def known_dialect(name: str) -> Dialect:
    found = builtin().get(name)
    assert found is not None
    return found


def tags_of(part: Part, dialect: str) -> list[Tag]:
    markup = Markup(part, dialect) if part.media != "text" else None
    found = scan(Stretch(part, markup), Vocabulary(builtin()))
    known = known_dialect(dialect)
    from mailcheck.content.ownership import families_of

    return [
        tag
        for tag in found
        if tag.certain and not tag.breakage and tag.kind == "field" and tag.place.kind in ("text", "attribute", "plain")
        and tag.family in families_of(known) and not tag.place.quoted and len(tag.text) < 60 and "\n" not in tag.text
    ]  # fmt: skip


def plants(part: Part, dialect: str, dice: random.Random) -> Iterator[tuple[str, str, int, int]]:
    """`(mistake, new text, start, end)` of every mistake that fits this template."""
    tags = tags_of(part, dialect)
    text = part.text
    for name, change in TAG_CHANGES.items():
        usable = [tag for tag in tags if not (name in ("escaped", "markup inside") and tag.place.kind == "attribute")]
        if not usable:
            continue
        tag = dice.choice(usable)
        if tag.family == "erb" and name == "zero width inside":
            continue  # Program code may hold any character in its strings.
        changed = change(tag.text)
        if changed and changed != tag.text:
            yield (
                name,
                text[: tag.span.start] + changed + text[tag.span.end :],
                tag.span.start,
                tag.span.start + len(changed),
            )
    links = [tag for tag in tags if tag.place.is_url]
    if links and (changed := _encoded((tag := dice.choice(links)).text)):
        yield (
            "percent-encoded in a link",
            text[: tag.span.start] + changed + text[tag.span.end :],
            tag.span.start,
            tag.span.start + len(changed),
        )
    place = text.find("</p>") if "</p>" in text else text.find("</td>")
    if place < 0:
        return
    from mailcheck.content.ownership import families_of

    families = families_of(known_dialect(dialect))
    foreign = dice.choice([tag for tag, family in OTHER_SERVICE.items() if family not in families])
    for kind, planted in (("another service's tag", foreign), ("sentence", dice.choice(SENTENCES))):
        yield (
            f"{kind}: {planted}" if kind == "sentence" else kind,
            text[:place] + f"<br>{planted}<br>" + text[place:],
            place + 4,
            place + 4 + len(planted),
        )


def found(made: Checker, part: Part, text: str, start: int, end: int) -> bool:
    new = Part(part.name, text, part.path, part.media)
    campaign = Campaign(
        message=Message(html=new) if part.media != "text" else Message(text=new),
        path=part.path,
        reader="html",
        dialect=made.settings.dialect,
    )
    report = made.judge(campaign)
    first, last = new.line_column(start), new.line_column(end)
    return any(
        (f.line, f.column) < last and (f.end_line, f.end_column) > first and f.severity != "info"
        for f in report.findings
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("listing", type=Path)
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--missed", type=Path)
    arguments = parser.parse_args()
    dice = random.Random(7)
    with arguments.listing.open(encoding="utf-8", newline="") as stream:
        rows = [
            r
            for r in csv.DictReader(stream, delimiter="\t")
            if r["kind"] == "template" and r["dialect"] not in ("-", "none", "mjml")
        ]
    dice.shuffle(rows)
    hits: collections.Counter[str] = collections.Counter()
    tries: collections.Counter[str] = collections.Counter()
    missed = []
    for row in rows[: arguments.files]:
        made = checker({"dialect": row["dialect"], "profile": "template", "select": ["merge_tags", "copy"]})
        for campaign in made.campaigns(arguments.folder / row["path"]):
            part = campaign.message.html or campaign.message.text
            if part is None:
                continue
            for name, text, start, end in plants(part, row["dialect"], dice):
                tries[name] += 1
                if found(made, part, text, start, end):
                    hits[name] += 1
                else:
                    missed.append(
                        (row["dialect"], name, row["path"], text[max(0, start - 60) : end + 60].replace("\n", "⏎"))
                    )
    for name in sorted(tries):
        print(f"{hits[name]:6}/{tries[name]:<6} {hits[name] / tries[name]:6.1%}  {name}")
    total, right = sum(tries.values()), sum(hits.values())
    print(f"{right:6}/{total:<6} {right / total:6.1%}  all")
    if arguments.missed:
        arguments.missed.write_text("\n".join("\t".join(one) for one in missed), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
