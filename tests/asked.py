"""Everything that is asked of an audience, and what plain Python answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import nasty
import plain
from mailcheck.audience import known
from mailcheck.audience.addresses import cleaned, normal, normal_domain
from mailcheck.audience.facts import open_audience, open_list
from mailcheck.audience.mailboxes import Mailboxes
from mailcheck.audience.opening import Lists
from mailcheck.audience.people import Audience, field_values_of, traits_of
from mailcheck.audience.suppressing import outside, overlap
from mailcheck.audience.tables import AudienceTable, SuppressionList
from mailcheck.audience.tallies import masked
from mailcheck.fingerprints import BITS, Fingerprint, K

TODAY = date(2026, 3, 1)
FIELDS = ("first_name",)
COUNTRIES = ("de", "Österreich")
SEEDS = ("Anna@example.com ", "nobody@nowhere.example", "BOB@EXAMPLE.COM", "x@bücher.example", "o'neil@example.com")
BLOCKED = ("gmail.com", "*.shop.example", " BÜ\u200bCHER.example ", "@k.example", ".example.com", "xn--strae-oqa.de")
SAID = {"status": "plan", "opted_out": "last_active"}
AT = ("example.com", "B\u00dcCHER.example", "example,com", "absent.example")
ONLY = (
    {"who": "people here", "column": "country", "values": COUNTRIES},
    {"who": "adults", "column": "born", "min_age": 18},
    {"who": "often", "column": "recent_mails", "values": [3, "7.0"]},
)


def audience_of(lists: Lists, source: dict[str, Any]) -> Audience:
    return open_audience(AudienceTable.model_validate({"only": ONLY, "columns": SAID, **source}), lists, FIELDS)


def _sort(value: str) -> str:
    return value and ("number" if value[0].isdecimal() else "text")


def answers(audience: Audience) -> dict[str, object]:
    """What an audience says, question by question."""
    coverage = field_values_of(audience).coverage("first_name")
    invalid = audience.invalid
    return {
        "rows": audience.rows,
        "blank": audience.blank,
        "recipients": audience.recipients,
        "repeated": audience.repeated,
        "surplus": audience.surplus,
        "repeated_examples": audience.repeated_examples(),
        "domains": dict(audience.domains),
        "invalid": {str(fault): tally.count for fault, tally in invalid.items()},
        "invalid_examples": {str(fault): tally.examples for fault, tally in invalid.items()},
        "same_mailbox": audience.same_mailbox().count,
        "in_domains": audience.in_domains(["gmail.com", "xn--bcher-kva.example", "absent.example"]),
        "at_domains": dict(audience.at_domains(AT)),
        "with_local": audience.with_local(["info", "noreply", "o'neil"]),
        "holding": audience.holding(SEEDS),
        "values": dict(traits_of(audience).values("country")),
        "said": {role: [dict(one.values) for one in traits_of(audience).said(role, _sort)] for role in SAID},
        "before": traits_of(audience).before("last_active", date(2008, 3, 1)),
        "at_least": traits_of(audience).at_least("recent_mails", 3),
        "coverage": [coverage.fine, coverage.empty, coverage.null_like, coverage.markup, coverage.capitals],
        "coverage_examples": coverage.examples,
        "outside_values": traits_of(audience).outside(audience.table.only[0], TODAY),
        "outside_number": traits_of(audience).outside(audience.table.only[2], TODAY),
        "numbers": traits_of(audience).numbers("recent_mails"),
        "outside_age": traits_of(audience).outside(audience.table.only[1], TODAY),
        "examples": audience.staged.examples("state >= 10"),
        "fingerprint": audience.fingerprint("salt"),
        "role": dict(Mailboxes(audience).named("role")),
        "tests": Mailboxes(audience).tests(),
    }


def expected(rows: Sequence[nasty.Row]) -> dict[str, object]:
    """The same from plain Python; examples that need a condition of SQL are left to the comparison of engines."""
    people = plain.Plain(nasty.COLUMNS, rows)
    domains = people.domains()
    faults = people.faults()
    coverage = people.coverage("first_name")
    reached = people.reached()
    digits = BITS // 4
    hashes = sorted({int(plain.hashed("md5", one, "salt")[:digits], 16) for one in people.addresses})
    return {
        "rows": len(rows),
        "blank": people.blank,
        "recipients": len(people.counted),
        "repeated": people.repeated,
        "surplus": people.surplus,
        "repeated_examples": people.repeated_examples(),
        "domains": domains,
        "invalid": faults,
        "same_mailbox": people.same_mailbox(),
        "in_domains": sum(domains.get(one, 0) for one in ("gmail.com", "xn--bcher-kva.example")),
        "at_domains": people.at_domains(normal_domain(one) for one in AT),
        "with_local": sum(one.rpartition("@")[0] in {"info", "noreply", "o'neil"} for one in reached),
        "holding": frozenset(one for one in SEEDS if normal(one) in people.counted),
        "values": people.values("country"),
        "said": {role: [people.said(column, _sort)] for role, column in SAID.items()},
        "before": people.before("last_active", date(2008, 3, 1)),
        "at_least": people.at_least("recent_mails", 3),
        "coverage": list(coverage.values()),
        "outside_values": people.outside_values("country", COUNTRIES),
        "outside_number": people.outside_values("recent_mails", ("3", "7")),
        "numbers": people.numbers("recent_mails"),
        "outside_age": people.younger("born", 18, TODAY),
        "fingerprint": Fingerprint.of(hashes[:K], len(people.counted), salt="salt"),
        "role": dict(Counter(name for one in reached if (name := one.rpartition("@")[0]) in known.names("role"))),
        "examples": tuple(
            masked(one)
            for one in sorted(
                {str(row["address"]) for row in people.rows if row["fault"] and row["address"] not in set(reached)}
            )[:3]
        ),
    }


def same(found: dict[str, object], wanted: dict[str, object]) -> None:
    """Compare question by question, so that a difference names what was asked."""
    differing = {}
    for question, value in wanted.items():
        answer = found[question]
        count = getattr(answer, "count", None)
        got = count if isinstance(count, int) and isinstance(value, int) else answer
        if got != value:
            differing[question] = _difference(got, value)
    assert not differing, differing


def _difference(got: object, wanted: object) -> object:
    if not isinstance(got, dict) or not isinstance(wanted, dict):
        return got, wanted
    keys = [key for key in {**got, **wanted} if got.get(key) != wanted.get(key)]
    return {str(key)[:60]: (got.get(key), wanted.get(key)) for key in keys[:10]}


def listed(kind: str, rows: Sequence[nasty.Row], share: float) -> tuple[list[str], dict[str, Any], int]:
    """A list of one kind: its entries, what a manifest says of it, and how many people of the rows are on it."""
    people = plain.Plain(nasty.COLUMNS, rows)
    entries = nasty.part(rows, share, seed=3)
    if kind == "addresses":
        # A list with several addresses in one field is refused.
        entries = [one for one in entries if one.count("@") < 2]
    normals = sorted({normal(one) for one in entries if cleaned(one)})
    if kind == "addresses":
        return entries, {}, people.met(normals)[0]
    if kind == "domains":
        return list(BLOCKED), {"holds": "domains", "columns": {"domain": "email"}}, people.met_domains(BLOCKED)
    name, _, how = kind.partition(" ")
    salt, behind = ("s$l't\\ ${x}", how == "behind") if how in {"salted", "behind"} else ("", False)
    hashes = [plain.hashed(name, one, salt, behind=behind) for one in normals]
    if how == "capitals":
        hashes = [f" {one.upper()}\u00a0" for one in hashes]
    said = {"hash": name, "columns": {"hash": "email"}, "salt": salt.replace("${x}", "${NASTY}"), "salt_behind": behind}
    return hashes, said, people.met_hashed(name, hashes, salt, behind=behind)


def padding(kind: str, count: int) -> list[str]:
    """Entries of a list of one kind that are nobody's."""
    if kind == "domains":
        return [f"padding{one}.example" for one in range(count)]
    addresses = [f"padding{one}@padding.example" for one in range(count)]
    return addresses if kind == "addresses" else [plain.hashed(kind.partition(" ")[0], one) for one in addresses]


KINDS = ("addresses", "md5", "sha1", "sha256", "md5 capitals", "sha256 salted", "sha1 behind", "domains")


def overlaps(audience: Audience, lists: Lists, sources: Iterator[tuple[str, dict[str, Any]]]) -> dict[str, object]:
    """Who is on each of some lists, by a name of the list."""
    found: dict[str, object] = {}
    for number, (name, source) in enumerate(sources):
        entry = open_list(SuppressionList.model_validate(source), lists, f"list_{number}")
        met = overlap(audience.staged, entry)
        found[name] = met.people
        found[f"not on {name}"] = outside(audience.staged, entry).people.count
    return found
