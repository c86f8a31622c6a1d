"""Copy that was meant to be replaced: filler text, editor prompts, work notes, sample people.

The phrases are in `data/placeholders.json`, one list for each language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Literal, TypedDict

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content import filler, samples
from mailcheck.content.filler import Filler
from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import field_sort, greeting_pattern, person_names
from mailcheck.content.mentions import is_mentioned
from mailcheck.content.prompts import GAPS, ORDERS, SLOTS, ends_in_gap, is_order, is_prompt, prompts
from mailcheck.content.slots import fills_link
from mailcheck.content.stretches import Copy, Stretch

Severity = Literal["error", "warning", "info"]
Sort = Literal[
    "filler", "prompt", "note", "person", "bracket", "greeting", "image", "address", "test", "conflict", "slot"
]


class Placeholder(Struct, frozen=True):
    """One piece of placeholder copy.

    Args:
        span: its place; of filler text, the first phrase or the first words.
        sort: what it is.
        severity: how sure that is.
        filler: all of the filler text that stands together, when it is some.
    """

    span: Span
    sort: Sort
    severity: Severity
    filler: Filler | None = None


class _Phrase(TypedDict):
    text: str
    severity: Severity
    match: Literal["phrase", "alone", "exact"]


class _Wanted(Struct, frozen=True):
    text: str
    severity: Severity
    match: str
    sort: Sort
    words: frozenset[str] = frozenset()


_KEY = lazy(r"[^\W_][\w'’\-]{2,40}+")
_SORTS: dict[str, Sort] = {"filler": "filler", "notes": "note", "persons": "person"}


class _Data(TypedDict):
    phrases: dict[str, list[_Phrase]]
    image_hosts: list[str]
    dummy_defaults: list[str]
    mentions: list[str]


@cache
def _data() -> _Data:
    text = resources.files("mailcheck.content").joinpath("data/placeholders.json").read_text(encoding="utf-8")
    loaded: _Data = json.loads(text)
    return loaded


@cache
def _index() -> tuple[dict[str, tuple[_Wanted, ...]], tuple[_Wanted, ...]]:
    """Phrases by their longest word, and those without a word."""
    by_word: dict[str, list[_Wanted]] = {}
    wordless: list[_Wanted] = []
    for group, listed in _data()["phrases"].items():
        for phrase in listed:
            words = _KEY.findall(phrase["text"].lower())
            wanted = _Wanted(
                phrase["text"], phrase["severity"], phrase["match"], _SORTS.get(group, "prompt"), frozenset(words)
            )
            if words:
                by_word.setdefault(max(words, key=len), []).append(wanted)
            else:
                wordless.append(wanted)
    return {word: tuple(wanted) for word, wanted in by_word.items()}, tuple(wordless)


@cache
def dummy_defaults() -> frozenset[str]:
    """Fallback texts that nobody wants to mail, in lower case."""
    return frozenset(_data()["dummy_defaults"])


@cache
def _mentions() -> frozenset[str]:
    """Words of those who write about filler text."""
    return frozenset(_data()["mentions"])


@cache
def image_hosts() -> tuple[str, ...]:
    """Hosts, and parts of file names, of pictures that were to be replaced."""
    return tuple(_data()["image_hosts"])


def find_placeholders(copy: Copy) -> list[Placeholder]:
    """Every placeholder of a message, in order, without overlaps."""
    found: list[Placeholder] = []
    for stretch in copy:
        inside = list(_of_stretch(stretch))
        inside += list(_samples(stretch, inside))
        inside.sort(key=lambda one: (one.span.start, -one.span.end))
        last = -1
        for one in inside:
            if one.span.start >= last:
                found.append(one)
                last = one.span.end
    return found


def _of_stretch(stretch: Stretch) -> Iterator[Placeholder]:
    yield from _phrases(stretch)
    yield from _brackets(stretch)
    for start, end in prompts(stretch.text, stretch.words):
        if span := stretch.visible(start, end):
            yield Placeholder(span, "prompt", "error")
    yield from _braces(stretch)
    yield from _angles(stretch)
    yield from _greeted_fields(stretch)
    yield from _runs(stretch)
    yield from _conflicts(stretch)
    if stretch.part.name == "subject":
        yield from _test_subject(stretch)


def _phrases(stretch: Stretch) -> Iterator[Placeholder]:
    fillers = []
    for one, start, end in _matches(stretch):
        if one.sort == "filler":
            fillers.append((start, end))
        elif span := stretch.visible(start, end):
            yield Placeholder(span, one.sort, one.severity)
    for found in filler.stretches(stretch, fillers):
        yield Placeholder(found.span, "filler", "error", found)


def _matches(stretch: Stretch) -> Iterator[tuple[_Wanted, int, int]]:
    """Phrases of the lists, with their places."""
    by_word, wordless = _index()
    wanted = [one for word in by_word.keys() & stretch.words for one in by_word[word] if one.words <= stretch.words]
    for one in (*wanted, *(one for one in wordless if one.text in stretch.text)):
        for match in _pattern(one.text, exact=one.match == "exact").finditer(stretch.text):
            start, end = match.span()
            if _fits(stretch, one, start, end):
                yield one, start, end


@cache
def _pattern(text: str, *, exact: bool) -> re.Pattern[str]:
    """A phrase whose words may be parted by any run of spaces, since HTML is wrapped anywhere."""
    words = r"(?:[ \t\u00a0]|&nbsp;)+".join(map(re.escape, text.split(" ")))
    return re.compile(words, 0 if exact else re.IGNORECASE)


def _fits(stretch: Stretch, wanted: _Wanted, start: int, end: int) -> bool:
    before, behind = stretch.text[start - 1 : start], stretch.text[end : end + 1]
    if (before.isalnum() and wanted.text[0].isalnum()) or (behind.isalnum() and wanted.text[-1].isalnum()):
        return False
    if before in ("@", ".", "/", "-", "_") and wanted.match != "phrase":
        return False
    if (
        wanted.sort == "filler"
        and stretch.text[start:end] == "lorem ipsum"
        and is_mentioned(stretch.text, start, end, _mentions())
    ):
        return False
    if wanted.match == "alone":
        behind_end = end + (behind in (".", ":", "!"))
        return stretch.edge_before(start) and stretch.edge_behind(behind_end)
    return True


_BRACKET = lazy(r"\[(?<![\w\[\]\\$#*!]\[)\s?([^\W\d_][^\[\]<>\r\n{}|]{1,80}?)\s?\](?![(\[\w\]*:])")
_FIRST_WORDS = (
    "insert|enter|add|your|customer|client|property|company|recipient|(?:first|last|full)[ _-]?(?:name|initial)|name|date|link|url|product|price|event|amount"
    "|address|phone|number|month|day|year|time|location|title|cta|button|image|logo|offer|discount|organization|organisation"
    "|sender|team|brand|business|website|subject|headline|city|state|zip|country|email|e-mail|signature|job|position|department"
    "|naam|uw|jouw|voornaam|klant|bedrijf|vul|datum|prijs|plaats|navn|ditt|din|dato|pris|sett|namn|ange|ihr|ihre|vorname|name"
    "|firma|nom|votre|prénom|entreprise|insérer|nombre|su|tu|empresa|fecha|precio|insertar|nome|inserisci|azienda|seu|sua|nimi"
)
_HUMAN = lazy(rf"(?:{_FIRST_WORDS})\b", re.IGNORECASE)
_ORDER = lazy(
    r"(?:insert|enter|add|your|customer|client|recipient|(?:first|last|full)[ _-]?(?:name|initial)|vul|sett|voornaam)\b",
    re.IGNORECASE,
)
_LONELY = lazy(
    r"(?:click here|sic|video|pdf|image|images|link|date|time|day|year|month|city|state|team|event|amount|number)\Z"
)


def _brackets(stretch: Stretch) -> Iterator[Placeholder]:
    if "[" not in stretch.text:
        return
    for match in _BRACKET.finditer(stretch.text):
        inner = match[1].strip()
        if " " in inner and not _OF_TAGS.search(inner) and fills_link(stretch, *match.span()):
            # Two words may be a field of a service that writes them so; a sentence is none.
            sort: Sort = "slot" if inner.count(" ") > 1 else "bracket"
            yield Placeholder(stretch.readable.span(*match.span()), sort, "error")
            continue
        if is_prompt(inner) and (span := stretch.visible(match.start(), match.end())):
            yield Placeholder(span, "bracket", "error")
            continue
        named = _HUMAN.match(inner) is not None or ends_in_gap(inner)
        if not named or not is_human_bracket(inner) or stretch.text[match.end() : match.end() + 1] == "=":
            continue
        if stretch.part.name == "text" and inner.lower() in _PICTURES:
            continue  # what a picture becomes in a text that a program made
        leads = _WORD.search(stretch.text, match.end()) and not _WORD.search(stretch.text[: match.start()])
        if stretch.part.name == "subject" and leads and not _ORDER.match(inner):
            continue  # `[Team Oslo] …`: many senders begin their subjects with a name in brackets.
        span = stretch.visible(match.start(), match.end())
        if span is None and stretch.place_here(match.start()).is_url:
            span = stretch.readable.span(match.start(), match.end())
        if span is not None:
            lonely = _LONELY.match(inner.lower()) is not None
            yield Placeholder(span, "bracket", "warning" if lonely else "error")


_OF_TAGS = lazy(r"[:=|,%]")
_BRACE = lazy(r"\{(?<![\w{$#\\%]\{)(!?)\s?([A-Za-z][\w '’\-]{3,80}?)\s?\}(?!\})")


def _braces(stretch: Stretch) -> Iterator[Placeholder]:
    """`{!INSERT LINK}`, `{insert the date}`: an order in braces, which no service takes for a tag."""
    for match in _BRACE.finditer(stretch.text) if "{" in stretch.text else ():
        if not is_order(match[2]) or not (match[1] or match[2].split()[0].lower() in ORDERS):
            continue
        span = stretch.visible(*match.span())
        if span is None and stretch.place_here(match.start()).is_url:
            span = stretch.readable.span(*match.span())
        if span is not None:
            yield Placeholder(span, "prompt", "error")


_WORD = lazy(r"\w")
_STATES = frozenset(("is", "are", "was", "were", "has", "have", "will", "can", "must", "changed"))
"""Words of a statement, which nobody is to replace: `[Your data is safe]`."""
_WHOSE = frozenset(("your", "uw", "jouw", "ihr", "votre"))
_PICTURES = frozenset(("image", "logo", "picture", "photo", "banner", "bild", "afbeelding", "bilde", "foto"))
_ANGLE = lazy(
    r"(?:<|&lt;|‹)\s?((?:insert|enter|add|your|vul|sett inn|skriv|infoga|indsæt|insérer|insérez|votre|insertar|inserte|inserire|inserisci|insira|ihr|ihre|dein)"
    r"[ _][^<>&={}\"]{2,60})(?:>|&gt;|›)",
    re.IGNORECASE,
)


def _angles(stretch: Stretch) -> Iterator[Placeholder]:
    """`<insert date>`, where a reader sees the angle brackets."""
    if "&lt;" not in stretch.text and "<" not in stretch.text and "‹" not in stretch.text:
        return
    for match in _ANGLE.finditer(stretch.text):
        if span := stretch.visible(match.start(), match.end()):
            yield Placeholder(span, "prompt", "error")


def is_human_bracket(inner: str) -> bool:
    """Whether `[Customer Name]` was typed for a person to replace: capitalised words, or an instruction."""
    if re.search(r"[/|:%=;]|,\s*fallback|\.\w", inner.rstrip(".:!")):
        return False
    words = inner.split()
    if not _STATES.isdisjoint(words):
        return False
    if len(words) == 1 and words[0].lower() in ("enter", "insert", "add"):
        return False  # keys of a keyboard
    if len(words) == 1:
        return inner in SLOTS or (inner[:1].isupper() and not inner.isupper() and field_sort(inner) != "technical")
    if words[0].lower() in ORDERS:
        return words[1].lower() not in ("to", "now")  # buttons
    if words[0].lower() in _WHOSE and (words[0].islower() or words[1][:1].isupper() or words[-1].lower() in GAPS):
        return True
    if field_sort(inner) == "technical":
        return True
    capitals = sum(word[:1].isupper() for word in words)
    # `[Product news]` is a heading; `[Product name]` is a gap.
    return capitals * 2 >= len(words) and (capitals > 1 or not GAPS.isdisjoint(words))


_GREETED = lazy(rf"(?:{greeting_pattern()})[ \u00a0]+([^\W\d_][\w]{{2,20}})(?=\s?[,!.:;<\r\n]|\s?$|&)")


def _greeted_fields(stretch: Stretch) -> Iterator[Placeholder]:
    """`Beste Voornaam,`: the name of a field where the value belongs."""
    names = person_names().keys() & stretch.words
    if not names:
        return
    for match in _GREETED.finditer(stretch.text):
        if match[1].lower() not in names or not (match[1][0].isupper() or match[1].lower() not in _ALSO_WORDS):
            continue
        before = stretch.text[match.start() - 1 : match.start()]
        if before.isalnum() or before in ("/", "-"):
            continue
        if span := stretch.visible(match.start(), match.end()):
            yield Placeholder(span, "greeting", "error")


_ALSO_WORDS = frozenset({"name", "naam", "navn", "namn", "nom", "nombre", "nome"})


_RUNS = (
    lazy(r"(?<![\w*•.\-/])XX\.XX\.(?:XXXX|XX|\d{4})?(?!\w)"),
    lazy(r"(?<![\w*•.\-/])[Xx]{2}/[Xx]{2}(?:/(?:[Xx]{2,4}|\d{2,4}))?(?![\w/])"),
    lazy(r"(?:[$€£]|\b(?:kr|EUR|USD|NOK|SEK|DKK|CHF)\.?)\s?[Xx]{2,5}(?:[.,][Xx]{2})?(?![\w])"),
    lazy(r"(?:[$€£]|\b(?:EUR|USD|CHF)\s)\s?[Xx][.,][Xx]{2}(?![\w])"),
    lazy(
        r"(?<![\w])[Xx]{2,5}(?:[.,][Xx]{2})?\s?(?:€|%|(?:kr|EUR|euros?|USD|dollars?|zł|Kč|procent|Prozent|percent|per ?cent|prosent|prosenttia)\b)"
    ),
    lazy(
        r"(?<![\w\-])(?:\(X{3}\)\s?|\+?X{3}[\-. ])X{3}[\-. ]X{4}(?![\w\-])|(?<![\w\-])\+XX(?:[ \-]X{2,4}){2,4}(?![\w\-])"
    ),
    lazy(r"(?:[$€£])\s?00[.,]00(?!\d)|(?<![\d.,])00[.,]00\s?(?:€|kr\b)"),
)


_YEARS = ("yyyy", "jjjj", "aaaa", "åååå", "rrrr", "vvvv", "гггг")
_DATE_WORDS = frozenset(
    (*_YEARS, *(f"{day}-{month}-{year}" for day in ("dd", "mm", "tt", "jj", "gg", "pp", "дд") for month in ("mm", "dd", "tt", "kk", "мм") for year in _YEARS))
)  # fmt: skip
# A form tells people how to write a date; a promise that ends on one does not.
_DATE_SLOT = lazy(
    r"\b(?:until|till|through|before|ends?(?: on)?|expires?(?: on)?|on|from|tot(?: en met)?|t/m|op|vanaf|bis(?: zum)?|am|ab|til|fram til|frem til|til og med|till|t\.o\.m\.?"
    r"|jusqu['’]au|le|du|au|hasta(?: el)?|el|fino al|entro il|il|até|dia|do|asti|mennessä|до)\s((?:DD|MM|TT|JJ|GG|PP|ДД|dd|mm|tt|jj|gg|pp)"
    r"[./\- ](?:DD|MM|TT|KK|ММ|dd|mm|kk)[./\- ](?:YYYY|JJJJ|AAAA|ÅÅÅÅ|RRRR|VVVV|ГГГГ|yyyy|jjjj|aaaa|åååå|rrrr|vvvv))"
    r"(?![\w/\-])(?!\s(?:format|formaat|notatie))"
)


def _runs(stretch: Stretch) -> Iterator[Placeholder]:
    """Prices and dates made of X or zeros."""
    text = stretch.text
    runs = "XX" in text or "xx" in text or "00.00" in text or "00,00" in text
    dates = not _DATE_WORDS.isdisjoint(stretch.words)
    for pattern in (*(_RUNS if runs else ()), *((_DATE_SLOT,) if dates else ())):
        for match in pattern.finditer(text):
            if span := stretch.visible(match.start(pattern.groups and 1), match.end()):
                yield Placeholder(span, "prompt", "error")


_CONFLICT = lazy(r"(?m)^(?:<{7} |>{7} )\S[^\r\n<>]{0,80}")


def _conflicts(stretch: Stretch) -> Iterator[Placeholder]:
    """Marks of two versions that were never merged."""
    source = stretch.source
    if "<<<<<<< " in source and ">>>>>>> " in source:
        yield from (
            Placeholder(stretch.part.at(*match.span()), "conflict", "error") for match in _CONFLICT.finditer(source)
        )


def _samples(stretch: Stretch, found: list[Placeholder]) -> Iterator[Placeholder]:
    """Pictures and addresses that were to be replaced, where nothing was `found` yet."""
    for start, end in samples.pictures(stretch, image_hosts()):
        yield Placeholder(stretch.readable.span(start, end), "image", "error")
    if stretch.part.name in ("from", "reply-to"):
        for start, end in samples.senders(stretch.text):
            yield Placeholder(stretch.readable.span(start, end), "address", "error")
        return
    for start, end in samples.addresses(stretch):
        span = stretch.visible(start, end)
        if span and not any(one.span.start < span.end and span.start < one.span.end for one in found):
            yield Placeholder(span, "address", "warning")


_TEST_SUBJECT = lazy(
    r"\A\s*(?:\[\s?(?:test|draft|proof|concept|entwurf|utkast|kladde|brouillon|borrador|bozza|rascunho|luonnos)\s?\]"
    r"|(?:test|TEST|DRAFT|PROOF|CONCEPT|ENTWURF|UTKAST|KLADDE|BROUILLON|BORRADOR)\s*[-–:|]\s"
    r"|(?:test|testing|test mail|test e-?mail|testmail|subject|subject line|onderwerp|betreff|emne|ämne|objet|asunto|oggetto|assunto)\s*\Z)",
    re.IGNORECASE,
)


def _test_subject(stretch: Stretch) -> Iterator[Placeholder]:
    if match := _TEST_SUBJECT.match(stretch.text):
        start = len(match[0]) - len(match[0].lstrip())
        yield Placeholder(stretch.readable.span(start, len(match[0].rstrip())), "test", "error")
