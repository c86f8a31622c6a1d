"""The same answers as those of an audience, the slow way: plain Python over every row."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from mailcheck.audience.addresses import INVISIBLE, SPACES, cleaned, domain_fault, fault_of, normal, normal_domain
from mailcheck.audience.statements import NULL_WORDS
from mailcheck.audience.tallies import masked

_PLAIN = re.compile(r"(?![.@])(?!.*\.\.)(?!.*\.@)[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9._+-]{0,64}(?<!\.)\Z", re.ASCII)
_ISO_DATE = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]", re.ASCII)
_DATE = re.compile(r"([12][0-9]{3})([-./])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_DOTTED_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([12][0-9]{3})", re.ASCII)
_MARKUP = re.compile(r"<[a-zA-Z/!]|\{[{%]|\}\}|\*\||\|\*|%%|\$\{|&[a-z]+;|&#[0-9]+;")
_SPACES = f" {SPACES}"


def small(text: str) -> str:
    """ASCII letters made small, and no others."""
    return "".join(char.lower() if char.isascii() else char for char in text)


def trimmed(text: str) -> str:
    return text.strip(_SPACES)


def is_plain(raw: str) -> bool:
    """Whether the engine itself sees to an address."""
    return _PLAIN.match(trimmed(raw)) is not None


def day_of(text: str) -> str:
    """A day as ISO 8601 writes it, or nothing where the text is none."""
    if found := _DATE.match(text.strip(" ")):
        year, _, month, day = found.groups()
    elif found := _DOTTED_DATE.match(text.strip(" ")):
        day, month, year = found.groups()
    else:
        return ""
    iso = f"{year}-{month:0>2}-{day:0>2}"
    return iso if _ISO_DATE.fullmatch(iso) else ""


class Plain:
    """A list, as rows of (address, further columns)."""

    def __init__(self, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
        self.rows = [dict(zip(columns, row, strict=True)) for row in rows]
        for row in self.rows:
            raw = row["email"]
            blank = raw is None or not cleaned(raw)
            row["fault"] = None if raw is None or blank else fault_of(raw)
            row["address"] = None if raw is None or blank else normal(raw)
        self.addresses = [row["address"] for row in self.rows if row["address"] is not None]
        self.counted = Counter(self.addresses)

    @property
    def blank(self) -> int:
        return len(self.rows) - len(self.addresses)

    @property
    def repeated(self) -> int:
        return sum(self.counted[one] > 1 for one in set(self.reached()))

    @property
    def surplus(self) -> int:
        return sum(self.counted[one] - 1 for one in set(self.reached()))

    def repeated_examples(self) -> tuple[str, ...]:
        found = sorted((-self.counted[one], one) for one in set(self.reached()) if self.counted[one] > 1)
        return tuple(masked(one) for _, one in found[:3])

    def reached(self) -> list[str]:
        """The addresses that the engine counts by domain: valid ones, and plain ones whose domain cannot exist."""
        return [
            str(row["address"])
            for row in self.rows
            if row["fault"] == "" or (row["fault"] == "domain" and is_plain(row["email"] or ""))
        ]

    def domains(self) -> dict[str, int]:
        return dict(Counter(one.rpartition("@")[2] for one in self.reached()))

    def at_domains(self, domains: Iterable[str]) -> dict[str, int]:
        """Whoever has an address with one @, whatever is wrong with it."""
        found = Counter(one.rpartition("@")[2] for one in self.addresses if one.count("@") == 1)
        return {domain: found[domain] for domain in domains if found[domain]}

    def faults(self) -> dict[str, int]:
        return dict(Counter(str(row["fault"]) for row in self.rows if row["fault"]))

    def same_mailbox(self) -> int:
        found: dict[str, set[str]] = {}
        for one in self.reached():
            local, _, domain = one.rpartition("@")
            if domain in {"gmail.com", "googlemail.com"}:
                found.setdefault(local.partition("+")[0].replace(".", ""), set()).add(one)
        return sum(len(same) - 1 for same in found.values())

    def values(self, column: str) -> dict[str, int]:
        found = Counter(unicodedata.normalize("NFC", small(trimmed(row[column] or "")).lower()) for row in self.rows)
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def said(self, column: str, sort_of: Callable[[str], str]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for row in self.rows:
            raw = row[column] or ""
            text = raw[:10] if _ISO_DATE.match(raw) else small(trimmed(raw))[:60]
            value = cleaned(unicodedata.normalize("NFC", text.lower()))
            if sort := sort_of(value):
                tally = found.setdefault(sort, {})
                tally[value] = tally.get(value, 0) + 1
        return found

    def before(self, column: str, day: date) -> tuple[int, int]:
        dated = [one for row in self.rows if (one := day_of(row[column] or ""))]
        return sum(one < day.isoformat() for one in dated), len(dated)

    def at_least(self, column: str, least: int) -> int:
        numbers = (row[column] or "" for row in self.rows)
        whole = (re.fullmatch(r"([0-9]{1,8})(?:[.,][0-9]*+)?", trimmed(one)) for one in numbers)
        return sum(found is not None and int(found[1]) >= least for found in whole)

    def numbers(self, column: str) -> tuple[int, int]:
        values = [trimmed("".join(char for char in row[column] or "" if char not in INVISIBLE)) for row in self.rows]
        read = sum(
            re.fullmatch(r"([0-9]{1,8})(?:[.,][0-9]*+)?", trimmed(row[column] or "")) is not None for row in self.rows
        )
        return read, sum(bool(one) and small(one) not in {word.lower() for word in NULL_WORDS} for one in values)

    def outside_values(self, column: str, values: Iterable[str]) -> int:
        inside = {one.casefold() for one in values}
        return sum(
            row["address"] is not None
            and re.sub(r"^(-?[0-9]+)\.0*$", r"\1", unicodedata.normalize("NFC", trimmed(row[column] or "")).casefold())
            not in inside
            for row in self.rows
        )

    def younger(self, column: str, years: int, today: date) -> int:
        born = today.replace(year=today.year - years).isoformat()
        return sum(row["address"] is not None and not "" < day_of(row[column] or "") <= born for row in self.rows)

    def coverage(self, column: str) -> dict[str, int]:
        found = Counter(_state(row[column]) for row in self.rows)
        return {state: found[state] for state in ("fine", "empty", "null_like", "markup", "capitals")}

    def met(self, others: Iterable[str]) -> tuple[int, tuple[str, ...]]:
        """How many people are among some normal addresses, and the first three, masked."""
        both = sorted(set(self.addresses) & set(others))
        return len(both), tuple(masked(one) for one in both[:3])

    def met_hashed(self, kind: str, hashes: Iterable[str], salt: str = "", *, behind: bool = False) -> int:
        known = {small(trimmed(one)) for one in hashes}
        return sum(hashed(kind, one, salt, behind=behind) in known for one in set(self.addresses))

    def met_domains(self, entries: Iterable[str]) -> int:
        exact, below = set(), set()
        for entry in entries:
            text = cleaned(small(entry)).lstrip("@")
            if text.startswith(("*.", ".")):
                below.add(normal_domain(text.removeprefix("*").removeprefix(".")))
            else:
                exact.add(normal_domain(text))
        found = set()
        for one in (address for address in self.addresses if address.count("@") == 1):
            domain = one.rpartition("@")[2]
            if domain in exact or any(domain == end or domain.endswith(f".{end}") for end in below):
                found.add(one)
        return len(found)


def hashed(kind: str, address: str, salt: str = "", *, behind: bool = False) -> str:
    text = address + salt if behind else salt + address
    return hashlib.new(kind, text.encode()).hexdigest()


def bad_domains(domains: Iterable[str]) -> set[str]:
    return {one for one in domains if domain_fault(one)}


def _state(value: str | None) -> str:
    text = value or ""
    if not "".join(char for char in text if char not in SPACES + INVISIBLE.replace("\x00", "") + " "):
        return "empty"
    if f"|{trimmed(text)}|" in "|" + "|".join(NULL_WORDS) + "|":
        return "null_like"
    if _MARKUP.search(text):
        return "markup"
    if re.search("[a-z]", text):
        return "fine"
    return "capitals" if len(re.findall("[A-Z]", text)) >= 3 else "fine"
