"""The words of dates, language by language: names from CLDR, and a reviewed list of what CLDR lacks.

`date_names.json` is made from babel by `tests/date_names.py`. `date_words.json` holds inflected weekdays, the
words that say what a date is for, and those between the parts of a date; `|` separates spellings.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import cast

from msgspec import Struct, field

from mailcheck.content.date_text import Text, flattened, is_space, tokenizer, tokens_of

Entry = tuple[tuple[str, ...], dict[str, int]]
Found = tuple[int, int]
"""Where a phrase ends (or begins), and its value."""

_SAME = {"no": "nb", "nn": "nb", "gsw": "de", "yue": "zh", "tl": "fil", "iw": "he", "in": "id", "mo": "ro", "ckb": "ar"}
_NAMED = {"tl": "fil", "iw": "he", "in": "id", "mo": "ro", "sh": "sr"}
_KINDS = """
until from since near_deadline near_start near_event near_history after_until after_from after_history
after_deadline after_event to between and skip of this next this_after next_after day_units week_units hour_units in
left left_after recurring not_after not_before year_words day_words oclock am pm future on
after_past after_start past
"""
_WORD_KINDS = _KINDS.split()
_TIME_KINDS = ("at", "am", "pm", "oclock", "noon", "midnight")
_ENDING_SIGNS = frozenset((".", "'", ")", "-"))
"""Signs that many phrases end with; these are found by the token before as well."""
_COLON_HOURS = frozenset(("pl", "ru", "uk", "be", "bg", "ro", "cs", "sk", "hr", "sr", "bs", "sl", "tr", "lv", "mk"))
_MARK = re.compile(r"[\u0300-\u036f]")
_EUROPEAN = re.compile(r"[a-z\u00df-\u024f\u0370-\u03ff\u1e00-\u1eff]")
_LETTERS = str.maketrans("ıłøđðħ", "ilodoh")


class Order(Struct, frozen=True):
    """How a locale writes numeric dates: `dmy`, its sign, and `dm` or `md` without a year."""

    full: str = "dmy"
    sign: str = "/"
    short: str = "dm"
    certain: bool = True


class Vocabulary(Struct, frozen=True, eq=False, dict=True):
    """Everything that the search for dates knows about the languages of a text.

    Args:
        everything: the languages are not known, and all of them are here.
        ahead, behind: phrases by their first, and by their last token, longest first.
        colon_hours: hours are written with a colon only, so that `12.10` is none.
        anchors: tokens that begin the name of a month, a weekday, a relative day or a unit of time.
    """

    order: Order
    everything: bool
    month_first: bool
    weekday_last: bool
    careful: re.Pattern[str]
    ahead: dict[str, list[Entry]]
    behind: dict[str, list[Entry]]
    anchors: frozenset[str]
    ordinals: frozenset[str]
    until_endings: frozenset[str]
    from_endings: frozenset[str]
    times: dict[str, tuple[str, ...]] = field(default_factory=dict)
    eras: dict[str, int] = field(default_factory=dict)
    colon_hours: bool = False

    def find(self, text: Text, index: int, *kinds: str) -> Found | None:
        """The longest phrase of these kinds that begins at a token: its end, and its value."""
        tokens = text.tokens
        if not 0 <= index < len(tokens):
            return None
        for phrase, meanings in self.ahead.get(tokens[index], ()):
            for kind in kinds:
                if kind in meanings and (len(phrase) == 1 or _stands(tokens, index, phrase)):
                    return index + len(phrase), meanings[kind]
        return None

    def find_back(self, text: Text, end: int, *kinds: str) -> tuple[int, int, str] | None:
        """The longest phrase of these kinds that ends before a token: its start, its value, its kind."""
        tokens = text.tokens
        if not 0 < end <= len(tokens):
            return None
        last = tokens[end - 1]
        key = last if last not in _ENDING_SIGNS or end == 1 else tokens[end - 2] + last
        for phrase, meanings in self.behind.get(key) or self.behind.get(last) or ():
            for kind in kinds:
                if kind in meanings and (len(phrase) == 1 or _stands(tokens, end - len(phrase), phrase)):
                    return end - len(phrase), meanings[kind], kind
        return None


def _stands(tokens: list[str], start: int, phrase: tuple[str, ...]) -> bool:
    if start < 0 or start + len(phrase) > len(tokens):
        return False
    for number, one in enumerate(phrase, start):
        if tokens[number] != one and not (one == " " and is_space(tokens[number])):
            return False
    return True


@cache
def _data() -> tuple[dict[str, dict[str, object]], dict[str, dict[str, object]]]:
    folder = resources.files("mailcheck.content") / "data"
    names = json.loads((folder / "date_names.json").read_text(encoding="utf-8"))["languages"]
    return names, json.loads((folder / "date_words.json").read_text(encoding="utf-8"))


def languages() -> list[str]:
    """Codes of every language whose months and weekdays are known."""
    return sorted(_data()[0])


def split_locale(locale: str) -> tuple[str, str]:
    """Language and territory of a BCP 47 tag: `sr-Latn-RS` is `sr` and `RS`."""
    parts = re.split(r"[-_]", locale.strip())
    code = parts[0].lower()
    region = next((part.upper() for part in parts[1:] if re.fullmatch(r"[A-Za-z]{2}|\d{3}", part)), "")
    return _NAMED.get(code, code), region


@cache
def vocabulary(locale: str) -> Vocabulary:
    """The words of a locale and of English; of all languages when the locale is empty, `und` or `mul`."""
    names, _ = _data()
    code, region = split_locale(locale)
    everything = code in ("", "und", "mul")
    codes = sorted(names) if everything else [code] if code == "en" else [code, "en"]
    return _Builder([one for one in codes if one in names]).built(_order(code, region), code)


def _order(code: str, region: str) -> Order:
    names, _ = _data()
    if code not in names:
        return Order(certain=False)
    orders = cast("dict[str, str]", names[code]["orders"])
    default = orders[""] if code != "en" or region in ("", "US", "PH", "PR", "GU", "AS", "VI") else orders["001"]
    full, short, _ = orders.get(region, default).split()
    # CLDR has the ISO order for Canada, where letters are full of both others; nobody knows what 04/05 is there.
    certain = not (code == "en" and region in ("", "CA", "ZA")) and (code, region) != ("fr", "CA")
    return Order(full[:-1], full[-1], short, certain)


class _Builder:
    """Puts the words of some languages together; a word that means two things in them is left out."""

    def __init__(self, codes: list[str]) -> None:
        self.codes = codes
        self.meanings: dict[str, dict[str, int]] = {}
        self.clashing: set[tuple[str, str]] = set()
        self.lists: dict[str, list[str]] = {
            kind: [] for kind in ("ordinal", "ends_until", "ends_from", "until", *_TIME_KINDS)
        }
        self.eras: dict[str, int] = {}
        self.said_by: Counter[str] = Counter()

    def built(self, order: Order, main: str) -> Vocabulary:
        names, words = _data()
        for code in self.codes:
            # English is there for all, but never against the language of the mail.
            self._names(names[code], words.get(code, {}), keep=code == "en" and code != main)
            self._words(words.get(code) or words.get(_SAME.get(code, ""), {}), keep=code == "en" and code != main)
        if len(self.codes) > 2:
            # Where all languages are on, a name of two or three letters is one only if several languages agree.
            short = {name for name in self.meanings if len(name) < 4 and name.isascii()}
            english = names["en"]["short_days"]
            self.clashing.update((name, "month") for name in short if self.said_by[name] < 2)
            self.clashing.update((name, "day_short") for name in short if name not in cast("dict[str, int]", english))
        for phrase, kind in self.clashing:
            self.meanings[phrase].pop(kind, None)
        foreign = [phrase for phrase in self.meanings if not phrase.isascii()]
        careful = tokenizer([word for phrase in foreign for word in (phrase, *phrase.split())])
        ahead, behind = self._tables(careful)
        own = names.get(main, {})
        anchoring = {"month", "month_word", "day", "relative", "day_units", "week_units", "hour_units"}
        return Vocabulary(
            order=order,
            everything=len(self.codes) > 2,
            month_first=main not in names or str(cast("dict[str, str]", own["orders"])[""]).endswith("md"),
            weekday_last=bool(own.get("weekday_last")),
            careful=careful,
            ahead=ahead,
            behind=behind,
            anchors=frozenset(
                first for first, entries in ahead.items() if any(anchoring & one[1].keys() for one in entries)
            ),
            ordinals=frozenset(one.lstrip("-").rstrip(".") for one in self.lists["ordinal"]),
            until_endings=frozenset(self.lists["ends_until"]),
            from_endings=frozenset(self.lists["ends_from"]),
            times={kind: tuple(self.lists[kind]) for kind in ("until", *_TIME_KINDS)},
            eras=self.eras,
            colon_hours=main in _COLON_HOURS,
        )

    def _add(self, phrase: str, kind: str, value: int = 0, *, keep: bool = False) -> None:
        phrase = flattened(phrase.strip())
        if not phrase:
            return
        meanings = self.meanings.setdefault(phrase, {})
        if meanings.setdefault(kind, value) != value and not keep:
            self.clashing.add((phrase, kind))

    def _names(self, names: dict[str, object], words: dict[str, object], *, keep: bool) -> None:
        for kind, key in (("month", "months"), ("day", "days"), ("day_short", "short_days")):
            for name, value in cast("dict[str, int]", names[key]).items():
                if kind == "month" and re.fullmatch(r"\d+\D", name):
                    self._add(name[-1], "month_word", keep=True)
                else:
                    self.said_by[name] += kind == "month"
                    self._with_variants(name, kind, value, words, keep=keep)
        for kind, key, first in (("month", "months", 1), ("day", "days", 0)):
            for value, said in enumerate(cast("list[str]", words.get(key, [])), first):
                for name in filter(None, said.split("|")):
                    self._with_variants(name, kind, value, {}, keep=keep)

    def _with_variants(self, name: str, kind: str, value: int, words: dict[str, object], *, keep: bool) -> None:
        for form in dict.fromkeys(_forms(name, kind, words)):
            self._add(form, kind, value, keep=keep)
            if form.isascii():
                continue
            plain = _without_accents(form)
            if plain != form and plain not in self.meanings:
                self._add(plain, kind, value, keep=True)

    def _words(self, words: dict[str, object], *, keep: bool) -> None:
        for kind in _WORD_KINDS:
            for phrase in str(words.get(kind, "")).split("|"):
                self._add(phrase, kind, keep=True)
        for days, said in cast("dict[str, str]", words.get("relative", {})).items():
            for phrase in said.split("|"):
                self._add(phrase, "relative", int(days), keep=keep)
        for kind, known in self.lists.items():
            known.extend(flattened(one) for one in str(words.get(kind, "")).split("|") if one)
        self.eras.update(cast("dict[str, int]", words.get("eras", {})))
        for phrase in self.eras:
            self._add(phrase, "era", keep=True)

    def _tables(self, careful: re.Pattern[str]) -> tuple[dict[str, list[Entry]], dict[str, list[Entry]]]:
        ahead: dict[str, list[Entry]] = {}
        behind: dict[str, list[Entry]] = {}
        for phrase, meanings in self.meanings.items():
            if not meanings:
                continue
            tokens = tokens_of(phrase, careful)
            if len(tokens) > 1:
                tokens = [" " if is_space(one) else one for one in tokens]
            entry = tuple(tokens), meanings
            ahead.setdefault(tokens[0], []).append(entry)
            joined = len(tokens) > 1 and tokens[-1] in _ENDING_SIGNS
            behind.setdefault("".join(tokens[-2:]) if joined else tokens[-1], []).append(entry)
        for table in (ahead, behind):
            for entries in table.values():
                entries.sort(key=lambda entry: -len(entry[0]))
        return ahead, behind


def _forms(name: str, kind: str, words: dict[str, object]) -> Iterator[str]:
    """A name, and how its language writes it within a sentence."""
    yield name
    if kind == "day_short":
        return
    if kind == "month" and len(name) > 4 and name.isalpha():
        yield from (f"{name[:length]}." for length in range(3, min(6, len(name))))
    suffixes = str(words.get(f"{kind}_suffix", "")).split("|")
    stem = name
    for ending in filter(None, str(words.get(f"{kind}_stem", "")).split("|")):
        stem = stem.removesuffix(ending)
    if len(name) > 3:
        yield from (stem + suffix for suffix in suffixes if suffix)
    yield from (prefix + name for prefix in str(words.get("prefix", "")).split("|") if prefix)


def _without_accents(name: str) -> str:
    """`marco` for `março`: mails are often written so, capitals above all. Scripts that need their marks keep them."""
    if not _EUROPEAN.match(name):
        return name
    plain = _MARK.sub("", unicodedata.normalize("NFD", name))
    return unicodedata.normalize("NFC", plain).translate(_LETTERS)
