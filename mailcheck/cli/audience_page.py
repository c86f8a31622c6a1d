"""The profile of a list, drawn for a person or written for a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from mailcheck.cli import console

if TYPE_CHECKING:
    from mailcheck.audience.exporting import Affected
    from mailcheck.audience.profile import OnList, Profile
    from mailcheck.audience.tallies import Coverage, Tally
    from mailcheck.cli.audience_growth import Past

LARGEST = 10
"""Domains, countries and so on that are shown to a person."""
FOR_PROGRAMS = 100
EXAMPLES = 3
BAR = 24

Shown = Mapping[str, Sequence[str]]
"""Unmasked examples by sort, for those who asked."""

WORDS = {
    "role": "belong to a post, such as info@",
    "unattended": "are read by nobody, such as noreply@",
    "test": "were typed to try a form",
    "disposable": "are thrown away after minutes",
    "misspelt": "are at a misspelt domain",
}


class Section(Struct, frozen=True):
    """Lines under a heading.

    Args:
        title: the heading.
        lines: name, count, remark.
        of: what the counts are a share of; 0 for no share and no bar.
    """

    title: str
    lines: Sequence[tuple[str, int, str]]
    of: int = 0


def shown_examples(affected: Affected, profile: Profile) -> dict[str, Sequence[str]]:
    """Some addresses of each sort that there is, unmasked."""
    from mailcheck.audience.profile import examples_of

    sorts = [sort for sort, tally in profile.special.items() if tally]
    sorts += ["invalid"] if profile.wrong else []
    sorts += ["duplicate"] if profile.duplicates else []
    sorts += ["suppressed"] if any(one.overlap.people for one in profile.suppression) else []
    return {sort: examples_of(affected, sort, EXAMPLES) for sort in sorts}


def as_json(profile: Profile, past: Past | None, shown: Shown) -> str:
    """A profile for programs; the names are those of `Profile`."""
    told: dict[str, object] = {
        "schema": 1,
        "list": profile.shown,
        "rows": profile.rows,
        "recipients": profile.recipients,
        "blank": profile.blank,
        "duplicates": {
            "rows": profile.duplicates,
            "addresses": profile.repeated,
            "one_mailbox": profile.one_mailbox,
        },
        "invalid": {"count": profile.wrong, "by_fault": {name: _tally(one) for name, one in profile.invalid.items()}},
        "special": {name: _tally(one) for name, one in profile.special.items()},
        "unknown": dict(profile.unknown),
        "domains": {"count": len(profile.domains), "largest": dict(islice(profile.domains.items(), FOR_PROGRAMS))},
        **{role: dict(islice(values.items(), FOR_PROGRAMS)) for role, values in profile.values.items()},
        "fields": {one.field: _field(one) for one in profile.fields},
        "fields_not_looked_at": profile.unseen,
        "suppression": [
            {
                "name": one.name,
                "entries": one.entries,
                "newest": one.newest,
                "useless": _tally(one.useless),
                "moved": one.overlap.moved,
                "people": _tally(one.overlap.people),
            }
            for one in profile.suppression
        ],
        "past": _past(past) if past else None,
    }
    if shown:
        told["shown"] = {sort: list(addresses) for sort, addresses in shown.items()}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _tally(tally: Tally) -> dict[str, object]:
    return {"count": tally.count, "examples": list(tally.examples)}


def _field(one: Coverage) -> dict[str, int]:
    return {name: getattr(one, name) for name in ("fine", "empty", "null_like", "markup", "capitals")}


def _past(past: Past) -> dict[str, object]:
    told = msgspec.structs.asdict(past)
    new = past.new
    told["new"] = None if new is None else {"count": new.count, "low": new.low, "high": new.high, "of": new.of}
    return told


def draw(profile: Profile, past: Past | None, shown: Shown) -> None:
    """Show a profile to a person: with bars on a terminal, in plain columns elsewhere."""
    from rich.console import Console

    sections = [one for one in _sections(profile, past, shown) if one.lines]
    if not sys.stdout.isatty():
        console.out("\n".join(_plain(one) for one in sections))
        return
    terminal = Console()
    for number, one in enumerate(sections):
        if number:
            terminal.print()
        terminal.print(_drawn(one))


def _sections(profile: Profile, past: Past | None, shown: Shown) -> list[Section]:
    rows = profile.rows
    found = [
        Section(_clean(profile.shown), _counts(profile, shown), rows),
        Section("What is wrong with addresses", _faults(profile, shown), rows),
        Section("Addresses to look at", _looks(profile, shown), rows),
        Section("On suppression lists", _listed(profile, shown), profile.recipients),
    ]
    groups = {"domain": profile.domains, **profile.values}
    names = {"domain": "Domains", "country": "Countries", "language": "Languages", "source": "Sources"}
    found += [Section(f"{names[name]} ({len(values):,})", _largest(values), rows) for name, values in groups.items()]
    found.append(Section("Columns: rows with something to mail", [_filled(one) for one in profile.fields], rows))
    if past:
        found.append(_growth(past))
    return found


def _counts(profile: Profile, shown: Shown) -> list[tuple[str, int, str]]:
    from mailcheck.report import plural

    several = f"of {plural(profile.repeated, 'person')}{_such('duplicate', shown)}" if profile.repeated else ""
    lines = [
        ("rows", profile.rows, ""),
        ("recipients", profile.recipients, "different addresses"),
        ("without an address", profile.blank, ""),
        ("duplicate rows", profile.duplicates, several),
        ("invalid", profile.wrong, ", ".join(shown.get("invalid", ()))),
    ]
    if profile.one_mailbox:
        lines.append(("of the same mailbox", profile.one_mailbox, "another spelling of a Gmail address that is there"))
    return lines


def _faults(profile: Profile, shown: Shown) -> list[tuple[str, int, str]]:
    from mailcheck.audience.addresses import FAULTS

    words: Mapping[str, str] = {str(fault): text for fault, text in FAULTS.items()}
    examples = {} if shown else {name: ", ".join(tally.examples) for name, tally in profile.invalid.items()}
    return [(words[name], tally.count, examples.get(name, "")) for name, tally in profile.invalid.items()]


def _looks(profile: Profile, shown: Shown) -> list[tuple[str, int, str]]:
    found = [
        (WORDS[name], tally.count, ", ".join(shown.get(name, tally.examples)))
        for name, tally in profile.special.items()
        if tally
    ]
    return found + [(f"{name}: not known", 0, reason) for name, reason in profile.unknown.items()]


def _listed(profile: Profile, shown: Shown) -> list[tuple[str, int, str]]:
    return [
        (
            _clean(one.name),
            one.overlap.people.count,
            "; ".join(
                filter(
                    None,
                    (
                        f"of {one.entries:,} entries",
                        _useless(one),
                        one.newest and f"the newest of {one.newest[:10]}",
                        ", ".join(shown.get("suppressed", one.overlap.people.examples)),
                        one.overlap.moved,
                    ),
                )
            ),
        )
        for one in profile.suppression
    ]


def _useless(one: OnList) -> str:
    count, examples = one.useless.count, ", ".join(one.useless.examples)
    return f"{count:,} of them stop{'s' if count == 1 else ''} nobody ({examples})" if count else ""


def _largest(values: Mapping[str, int]) -> list[tuple[str, int, str]]:
    largest = [(_clean(name) or "(none)", count, "") for name, count in islice(values.items(), LARGEST)]
    others = sum(values.values()) - sum(count for _, count, _ in largest)
    return [*largest, ("others", others, "")] if others else largest


def _filled(one: Coverage) -> tuple[str, int, str]:
    parts = {
        "empty": one.empty,
        "like null": one.null_like,
        "with a tag or markup": one.markup,
        "in capitals": one.capitals,
    }
    return _clean(one.field), one.fine + one.capitals, ", ".join(f"{n:,} {word}" for word, n in parts.items() if n)


def _growth(past: Past) -> Section:
    lines = [(day, count, "") for day, count in past.sends]
    told = [f"{past.last:.2f} times the last send"] if past.last is not None else []
    told += [f"usual are {past.usual[0]:,} to {past.usual[1]:,}"] if past.usual else []
    if past.new is not None:
        told.append(f"about {past.new.count:,} were in none of the sends ({past.new.share:.0%})")
    lines.append(("this list", past.recipients, "; ".join(told)))
    return Section(f"Sends of {_clean(past.family)} (the last {len(past.sends)} of {past.of:,})", lines, _most(lines))


def _most(lines: Sequence[tuple[str, int, str]]) -> int:
    return max((count for _, count, _ in lines), default=0)


def _such(sort: str, shown: Shown) -> str:
    return f": {', '.join(shown[sort])}" if shown.get(sort) else ""


def _clean(text: str) -> str:
    """A text of a list on one line, without anything that steers a terminal."""
    line = " ".join(text.split())[:60]
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in line)


def _share(count: int, of: int) -> str:
    if not of:
        return ""
    share = count / of
    return "<0.1 %" if 0 < share < 0.001 else ">99.9 %" if 0.999 < share < 1 else f"{share:.1%}".replace("%", " %")


def _plain(section: Section) -> str:
    cells = [(name, f"{count:,}", _share(count, section.of), remark) for name, count, remark in section.lines if name]
    wide = [max(len(row[place]) for row in cells) for place in range(3)]
    lines = [
        f"  {name:<{wide[0]}}  {count:>{wide[1]}}  {share:>{wide[2]}}  {remark}".rstrip()
        for name, count, share, remark in cells
    ]
    return "\n".join([section.title, *lines, ""])


def _drawn(section: Section) -> object:
    from rich.bar import Bar
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, title=section.title, title_justify="left")
    table.title_style = "bold"
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=44)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(width=BAR)
    table.add_column(overflow="fold")
    for name, count, remark in section.lines:
        if name:
            bar = Bar(max(section.of, 1), 0, count, width=BAR, color="cyan")
            table.add_row(Text(name), f"{count:,}", _share(count, section.of), bar, Text(_readable(remark)))
    return table


def _readable(text: str) -> str:
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in text)
