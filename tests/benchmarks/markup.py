"""Speed and correctness of the HTML reading layer, on a folder of real files.

    python tests/benchmarks/markup.py FOLDER

prints how long each stage takes, as a multiple of an lxml parse of the same files in the same run, and how
its start tags, end tags and attributes compare with those of an independent WHATWG parser (turbohtml).
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from mailcheck.campaign import Part
from mailcheck.content.attributes import Attribute, split_attributes
from mailcheck.content.markup import Markup
from mailcheck.content.masking import OUTPUT, mask
from mailcheck.content.scanning import END, START, Scan

SUFFIXES = frozenset(
    (
        *(".html", ".htm", ".hbs", ".twig", ".liquid", ".erb", ".ejs", ".ftl", ".tpl", ".njk", ".php", ".j2"),
        *(".jinja", ".jinja2", ".gotmpl", ".amp", ".ampscript", ".mustache", ".cshtml", ".vm"),
    )
)
LARGEST = 1_500_000


def documents(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every file of a folder that looks like HTML."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file() and path.stat().st_size <= LARGEST:
            yield str(path.relative_to(folder)), path.read_bytes().decode("utf-8", "replace")


def normalised(source: str) -> str:
    """A masked text as a parser sees it: one kind of line end, no NUL."""
    return re.sub(r"\r\n?", "\n", mask(source).text).replace("\0", "\ufffd")


class Oracle:
    """What turbohtml finds in a text, by offset."""

    def __init__(self, text: str) -> None:
        import turbohtml

        lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self.starts: dict[int, int] = {}
        self.attributes: dict[int, dict[str, tuple[int, int]]] = {}
        for element in turbohtml.parse(text, source_locations=True).iter_elements():
            place = element.source_location
            if place is None:
                continue
            tag = place.start_tag
            start = lines[tag.start_line - 1] + tag.start_col
            self.starts[start] = lines[tag.end_line - 1] + tag.end_col
            self.attributes[start] = {
                name.lower(): (lines[one.start_line - 1] + one.start_col, lines[one.end_line - 1] + one.end_col)
                for name, one in place.attrs.items()
            }
        # Its tokenizer alone does not know when it is in SVG, and takes noscript for raw text.
        self.tags: dict[int, tuple[int, int]] | None = None
        if not re.search(r"<(?:svg|math|noscript)\b", text, re.IGNORECASE):
            self.tags = {}
            for token in turbohtml.tokenize(text, capture_source=True):
                if int(token.type) in (START, END):
                    start = lines[token.line - 1] + token.col
                    self.tags[start] = (int(token.type), start + len(token.source or ""))


def compare(text: str) -> Counter[str]:
    """Count what our scan and the oracle say of a normalised text."""
    scan, oracle, counts = Scan(text), Oracle(text), Counter[str]()
    part = Part("html", text, media="html")
    # Where a tag never ends, a browser drops the rest; we do not.
    last = min((scan.tokens[number][1] for number in scan.unfinished), default=len(text) + 1)
    tokens = [token for token in scan.tokens if token[0] in (START, END) and token[1] < last]
    ends = {start: end for kind, start, end, _ in tokens if kind == START}
    for start, end in oracle.starts.items():
        counts["elements"] += 1
        if start not in ends:
            counts["missing"] += 1
        elif ends[start] != end:
            counts["wrong"] += 1
        else:
            ours = {one.name: _extent(one) for one in _kept(part, text, start, end)}
            theirs = {
                name: place for name, place in oracle.attributes[start].items() if text[slice(*place)].strip(OUTPUT)
            }
            counts["attributes"] += len(theirs)
            if OUTPUT in text[start:end]:
                ours, theirs = _places(ours), _places(theirs)
            counts["wrong attributes"] += len(ours.items() ^ theirs.items())
    if oracle.tags is not None:
        tags = {start: (kind, end) for kind, start, end, _ in tokens}
        counts["tags"] += len(oracle.tags)
        counts["differing tags"] += len(tags.items() ^ oracle.tags.items())
    return counts


def _kept(part: Part, text: str, start: int, end: int) -> Iterator[Attribute]:
    return (one for one in split_attributes(part, text, start, end) if not one.repeated)


def _extent(attribute: Attribute) -> tuple[int, int]:
    """From name to value; `href=` without a value is only a name to the oracle."""
    empty = not attribute.quote and not attribute.value
    return attribute.start, attribute.name_end if empty else attribute.span.end


def _places(attributes: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """By place, where names hold template tags and are spelt differently."""
    return {str(place): place for place in attributes.values()}


Stage = Callable[[Markup], object]
STAGES: tuple[tuple[str, Stage], ...] = (
    ("mask", lambda markup: markup.masked),
    ("scan", lambda markup: markup.tokens),
    ("scan of the Outlook view", lambda markup: markup.view("outlook").tokens),
    ("structure", lambda markup: markup.structure),
    ("texts", lambda markup: markup.texts),
    ("blocks and their text", lambda markup: [block.text for block in markup.blocks]),
    ("links", lambda markup: markup.links),
    ("images", lambda markup: markup.images),
    ("every attribute", lambda markup: [markup.attributes(token) for token in markup.tokens]),
    ("limits", lambda markup: markup.limits_exceeded()),
    ("context of every tag", lambda markup: [markup.context(start) for start, _, _ in markup.mask.spans]),
    ("tree (lxml)", lambda markup: markup.tree),
    ("soup (BeautifulSoup)", lambda markup: markup.soup),
)


def timed(work: Callable[[], None]) -> float:
    """CPU seconds."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _parse(sources: list[str]) -> None:
    from lxml import etree

    for source in sources:
        etree.fromstring(source.encode("utf-8", "replace").strip() or b"<p>", etree.HTMLParser(encoding="utf-8"))


def measure(sources: list[str], rounds: int) -> dict[str, float]:
    """The best time of each stage, each on top of those before it."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        took = {"lxml parse": timed(partial(_parse, sources))}
        markups = [Markup(Part("html", source, media="html")) for source in sources]
        for name, stage in STAGES:
            took[name] = timed(partial(_run, stage, markups))
        best = {name: min(seconds, best.get(name, seconds)) for name, seconds in took.items()}
    return best


def _run(stage: Stage, markups: list[Markup]) -> None:
    from mailcheck.content.limits import TooComplexError

    for markup in markups:
        with suppress(TooComplexError):
            stage(markup)


def main() -> int:
    """Measure a folder and print two tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    named = list(documents(given.folder))
    if not named:
        print(f"No HTML files in {given.folder}.", file=sys.stderr)
        return 2
    sources = [source for _, source in named]
    size = sum(len(source) for source in sources)
    print(f"{len(sources):,} files, {size / 1e6:.1f} million characters\n")
    best = measure(sources, given.rounds)
    for name, seconds in best.items():
        ratio = seconds / best["lxml parse"]
        print(f"{name:26} {seconds:7.3f} s {ratio:6.2f} x lxml {size / seconds / 1e6:7.1f} M characters/s")
    counts, worst = Counter[str](), Counter[str]()
    for name, source in named:
        found = compare(normalised(source))
        counts += found
        worst[name] = sum(found[key] for key in ("missing", "wrong", "wrong attributes", "differing tags"))
    print()
    for key in ("elements", "missing", "wrong", "attributes", "wrong attributes", "tags", "differing tags"):
        print(f"{key:26} {counts[key]:>9,}")
    for name, number in worst.most_common(10):
        if number:
            print(f"    {number} in {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
