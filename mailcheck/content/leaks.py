"""What a template engine prints when a value is missing: `null`, `undefined`, `NaN`, error texts; and empty greetings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.lazily import lazy
from mailcheck.content.lexicon import greetings
from mailcheck.content.placeholders import Severity
from mailcheck.content.stretches import Copy, Stretch


class Leak(Struct, frozen=True):
    """A printed nothing. `sort`: `error` text of an engine, `object`, `value`, `greeting`, `url`, `date` or `format`."""

    span: Span
    sort: str
    severity: Severity


class EmptyGreeting(Struct, frozen=True):
    """A greeting whose name is missing: `Hi ,`."""

    span: Span
    word: str


_ENGINE_TEXTS = (
    "Liquid error", "Liquid syntax error", "FreeMarker template error", "MERGE ERROR", "*** Unknown field:", "Missing helper:",
    "TemplateSyntaxError", "UndefinedError", "Undefined variable", "Undefined index", "Undefined array key", "Parse error: syntax",
    "{{ERROR}}", "Error! Reference source not found", "Error! Bookmark not defined", "Fout! Verwijzingsbron niet gevonden",
    "Feil! Fant ikke referansekilden", "Fel! Hittar inte referenskälla", "Fejl! Henvisningskilde ikke fundet",
    "Fehler! Verweisquelle konnte nicht gefunden werden", "Erreur ! Source du renvoi introuvable",
    "¡Error! No se encuentra el origen de la referencia", "Errore. L'origine riferimento non è stata trovata",
    "translation missing:", "Translation missing:", "[[ERROR", "Template render error", "java.lang.", "ReferenceError:", "TypeError: Cannot",
    "Traceback (most recent call last)", "Fatal error: Uncaught", "Fatal error</b>: Uncaught", "Uncaught TypeError", "Uncaught ReferenceError",
)  # fmt: skip
_ENGINE_HINTS = (
    "rror",
    "ndefined",
    "*** ",
    "issing",
    "java.",
    "Traceback",
    "Fehler",
    "Feil!",
    "Fel!",
    "Fejl!",
    "Fout!",
    "Erreur",
    "ERROR",
)
_OBJECTS = lazy(
    r"\[object (?:Object|HTML\w*|Undefined|Null|Array|Promise)\]|System\.(?:String|Int32|Object)\[\]|System\.Collections[\w.]*(?:`1)?"
    r"|&lt;no value&gt;|<no value>|%!\w\((?:MISSING|EXTRA|BADINDEX|NOVERB)\)?|&lt;nil&gt;|%!\w\((?:<nil>|&lt;nil&gt;|string=|int=)"
    r"|Optional\([\"'&]|<built-in method|&lt;built-in method|<function \w|#(?:N/A|REF!|NAME\?|VALUE!|DIV/0!)(?![\w])"
    r"|(?<![\w@.])[a-z]\w*(?:\.[a-z]\w*)+\.[A-Z]\w*@[0-9a-f]{1,8}(?![\w.])|#(?:<|&lt;)[A-Z]\w*(?:::\w+)*:0x[0-9a-f]+[^<>&\r\n]{0,80}(?:>|&gt;)?"
    r"|(?:<|&lt;)[\w.]{1,60} object at 0x[0-9a-f]+(?:>|&gt;)"
)
_OBJECT_HINTS = (
    "[object ",
    "System.",
    "no value",
    "%!",
    "Optional(",
    "built-in",
    "nil&gt;",
    "<nil>",
    "<function",
    "#N/A",
    "#REF!",
    "#NAME?",
    "#VALUE!",
    "#DIV/0!",
    ":0x",
    "at 0x",
)
_JAVA_HINT = lazy(r"\.[A-Z]\w*@[0-9a-f]")
# Who writes about them says `use %s` or `%d and %s`.
_NUMBER_BEFORE = lazy(r"\w:? ?#\Z")
_FORMAT = lazy(
    r"(?i:(?<!\band )(?<!\bor )(?<!\buse )(?<!\bwith )(?<!\bof )(?<!\btype ))(?:(?<=[^\W\d] )|(?<=[^\W\d], )|(?<=[^\W\d]: )|(?<= #))%(?:\d\$)?[sd](?=[\s,.!?<]|\Z)"
)
_NULLS = lazy(
    r"(?<![\w.\-/=\"'@:])(?<![^ \u00a0]#)(\(null\)|\(undefined\)|null|NULL|undefined|NaN|None|nil|N/A|Invalid [Dd]ate(?! of\b))(?![\w\-/=\"'(:])"
)
_NULL_HINTS = ("N/A", "null", "NULL", "undefined", "NaN", "None", "nil", "Invalid ")
_ALONE = frozenset(
    {
        "null",
        "NULL",
        "undefined",
        "NaN",
        "(null)",
        "(undefined)",
        "[object Object]",
        "Invalid Date",
        "Invalid date",
        "nil",
    }
)
_MONEY_BEFORE = lazy(r"(?:[$€£¥]|&euro;|&pound;|\b(?:EUR|USD|GBP|NOK|SEK|DKK|CHF|PLN|kr\.?))(?:\s|&nbsp;)?\Z")
_UNIT_BEHIND = lazy(
    r"(?:\s|&nbsp;)?(?:%|[€£$]|&euro;|(?:EUR|USD|kr|points?|punten|poeng|poäng|Punkte|items?|days?|years?)\b)"
)
_ALWAYS = frozenset({"(null)", "(undefined)", "Invalid Date", "Invalid date"})
_URL_NULL = lazy(
    r"(?:[?&;][\w.\-]{1,40}=|/)(undefined|NaN|\[object(?:%20| )Object\]|null|None)(?=[&\"'#/?<>\s;]|\.(?:png|jpe?g|gif|webp|html?)\b|$)"
)
_EPOCH = lazy(
    r"(?<![\d/.\-])(?:0?1[/.\-]0?1[/.\-](?:1970|0001)|(?:1970|0001)-01-01|1969-12-31|(?:31[/.\-]12|12/31)[/.\-]1969|1899-12-30|30[/.\-]12[/.\-]1899"
    r"|(?:[A-Z][a-z]{2,8},? )?(?:0?1(?:st|er|\.|º)? (?:de |d['’])?(?i:jan|gen|ene|sty|led|янв|ιαν|oca)[^\W\d]{0,8}\.?,? (?:de )?(?:1970|0001)"
    r"|Jan(?:uary)?\.? 0?1(?:st)?,? (?:1970|0001)|31(?:st|\.)? Dec[a-z]{0,6}\.?,? 1969|Dec(?:ember)?\.? 31(?:st)?,? 1969))(?![\d/\-])"
)
_NO_YEAR = lazy(r"1970|1969|0001|1899")
_NO_DATE = lazy(r"(?<![\d\-/.])(?:0000-00-00|00[/.]00[/.]0000)(?![\d\-/])")


_TIME_BEHIND = lazy(r"(?:,? (?:at|um|om|kl\.?|à|a las|alle|às|o))?[ T]\d{1,2}[:.h]\d{2}")
_UNTIL = lazy(
    r"\b(?:expir\w+(?: (?:on|le|el|il|em|am))?|ends?(?: on)?|(?:starts?|renews?|arriv\w+|ships?|deliver\w+|scheduled|booked) (?:on|for)|until|(?:endet|läuft|eindigt|loopt af|slutter|slutar|termine|termina|finaliza) (?:am|op|den|le|il|el|em)|valid (?:till|thru|through|to)|due(?: on| by)?|gültig bis|läuft ab am|geldig tot|verloopt op|valable jusqu.?au"
    r"|válid[oa] hasta|caduca el|valid[oa] fino al|scade il|válid[oa] até|expira em|gyldig til|utløper|giltigt? till|går ut|voimassa|ważn[ey] do)\Z",
    re.IGNORECASE,
)


def find_leaks(copy: Copy) -> list[Leak]:
    """Every leak of a message, in order."""
    return [
        leak
        for stretch in copy
        for leak in sorted(_of_stretch(stretch, rendered=copy.rendered), key=lambda leak: leak.span.start)
    ]


def _of_stretch(stretch: Stretch, *, rendered: bool) -> Iterator[Leak]:
    text = stretch.text
    if any(hint in text for hint in _ENGINE_HINTS):
        yield from _errors(stretch)
    if any(hint in text for hint in _OBJECT_HINTS) or ("@" in text and _JAVA_HINT.search(text)):
        yield from _objects(stretch)
    position = stretch.source.find("<no value>") if stretch.markup is not None else -1
    while position >= 0:
        # HTML takes it for an element, so no text holds it.
        yield Leak(stretch.part.at(position, position + 10), "object", "error")
        position = stretch.source.find("<no value>", position + 10)
    if rendered and any(slot in text for slot in ("%s", "%d", "$s")):
        yield from _formats(stretch)
    if any(hint in text for hint in _NULL_HINTS):
        yield from _nulls(stretch)
        yield from _urls(stretch)
    if any(year in text for year in ("0000", "1970", "1969", "0001", "1899")):
        yield from _dates(stretch)


def _errors(stretch: Stretch) -> Iterator[Leak]:
    for said in _ENGINE_TEXTS:
        position = stretch.text.find(said)
        while position >= 0:
            if span := stretch.visible(position, position + len(said)):
                yield Leak(span, "error", "error")
            position = stretch.text.find(said, position + len(said))


def _formats(stretch: Stretch) -> Iterator[Leak]:
    """`Hi %s,`: in a rendered mail, for a template may leave them to the program that fills it in."""
    for match in _FORMAT.finditer(stretch.text):
        read = stretch.readable.piece(match.start()).attribute in ("", "alt", "title")
        if read and (span := stretch.visible(*match.span())):
            yield Leak(span, "format", "error")


def _dates(stretch: Stretch) -> Iterator[Leak]:
    """Dates that computers print for “no date”: the impossible one anywhere, the others where a day was promised."""
    text = stretch.text
    for match in _NO_DATE.finditer(text):
        if span := stretch.visible(match.start(), match.end()):
            yield Leak(span, "date", "error")
    done = 0
    for year in _NO_YEAR.finditer(text):
        # Asked only around such a year: the day and its month stand within forty characters.
        day = _EPOCH.search(text, max(done, year.start() - 40), year.end() + 8)
        if day is None:
            continue
        done = day.end()
        if _is_promised(stretch, *day.span()) and (span := stretch.visible(*day.span())):
            yield Leak(span, "date", "warning")


def _is_promised(stretch: Stretch, start: int, end: int) -> bool:
    """Whether a date stands behind “until”, behind a label, or alone; a history of the seventies names it in a sentence."""
    text = stretch.text
    before = text[max(0, start - 40) : start].rstrip(_SPACES)
    ends = stretch.edge_behind(end + text.startswith(".", end)) or _TIME_BEHIND.match(text, end) is not None
    if _UNTIL.search(before) is not None:
        return ends or text[end : end + 1] in (",", ".", ";", "!")
    return ends and (stretch.edge_before(start) or before.endswith(":"))


def _objects(stretch: Stretch) -> Iterator[Leak]:
    for match in _OBJECTS.finditer(stretch.text):
        if span := stretch.visible(match.start(), match.end()):
            yield Leak(span, "object", "error")


def _nulls(stretch: Stretch) -> Iterator[Leak]:
    for match in _NULLS.finditer(stretch.text):
        word = match[1]
        sort, severity = _null_in(stretch, word, match.start(1), match.end(1))
        if not sort or stretch.readable.piece(match.start(1)).attribute not in ("", "alt", "title"):
            continue
        if span := stretch.visible(match.start(1), match.end(1)):
            yield Leak(span, sort, severity)


def _null_in(stretch: Stretch, word: str, start: int, end: int) -> tuple[str, Severity]:
    """What makes a word like `null` a leak here, or an empty string."""
    before = stretch.text[max(0, start - 60) : start]
    if _greeting_before().search(_spaced(before)) and _AFTER_NAME.match(stretch.text, end):
        return "greeting", "error"
    if word in _ALWAYS or (word in _ALONE and _NUMBER_BEFORE.search(before)):
        return "value", "error"
    if word == "N/A" or (before.endswith("$") and word in ("null", "None", "nil")):
        return "", "info"
    money = _MONEY_BEFORE.search(before) is not None
    if word in ("None", "nil") or money:
        return ("value", "error") if money else ("", "info")
    if _UNIT_BEHIND.match(stretch.text, end):
        # "null Punkte" and "null poeng" are zero points in German and Norwegian.
        return ("", "info") if word == "null" and not stretch.text.startswith("%", end) else ("value", "error")
    return ("value", "error") if word in _ALONE and _stands_alone(stretch, word, before, start, end) else ("", "info")


def _stands_alone(stretch: Stretch, word: str, before: str, start: int, end: int) -> bool:
    """A whole cell, the value behind a label, or the first word where a name belongs."""
    first = stretch.edge_before(start)
    labelled = before.rstrip(_SPACES).endswith(":") and not (word == "null" and _null_is_zero(stretch))
    if stretch.edge_behind(end):
        return first or labelled
    return first and stretch.text[end : end + 1] in (",", "!")


_WHOLE_NULL = lazy(r"(?m)^(?:undefined|null|NaN|None)$")


def _urls(stretch: Stretch) -> Iterator[Leak]:
    for match in _WHOLE_NULL.finditer(stretch.text):
        if stretch.place_here(match.start()).is_url:
            yield Leak(stretch.readable.span(match.start(), match.end()), "url", "error")
    for match in _URL_NULL.finditer(stretch.text):
        if stretch.place_here(match.start(1)).is_url:
            certain = match[1] not in ("null", "None")
            yield Leak(stretch.readable.span(match.start(1), match.end(1)), "url", "error" if certain else "warning")


_TAG = lazy(
    r"</?(?:a|b|i|u|em|strong|span|font|small|big|sub|sup|o:p|td|th|tr|table|tbody|div|p|br|h[1-6]|li|ul|ol|center|body|hr|mj-text|title)"
    r"(?=[\s/>])[^<>]{0,200}>",
    re.IGNORECASE,
)


def _spaced(text: str) -> str:
    """The text with entities of space, and the seams of inline markup, as spaces."""
    return _SPACE_ENTITY.sub(" ", text).replace("\n", " ")


_AFTER_NAME = lazy(r"(?:\s(?:null|undefined|None|NaN))?\s?(?:[,!.:;<\r\n–-]|&|\Z)")


def _null_is_zero(stretch: Stretch) -> bool:
    """German, Norwegian, Danish and Swedish call zero null."""
    return (
        len(
            stretch.words & {"und", "der", "die", "das", "och", "att", "det", "ikke", "jeg", "ist", "auf", "für", "med"}
        )
        >= 2
    )


@cache
def _greeting_before() -> re.Pattern[str]:
    words = {word for listed in greetings().values() for word in listed}
    return re.compile(
        rf"(?:\A|[\s>(])(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})(?:,?[ \u00a0]+(?:Mr|Mrs|Ms|Herr|Frau|Dr)\.?)?,?[ \u00a0]+\Z"
    )


_NOT_FOR_EMPTY = frozenset(
    {"Welcome", "Welkom", "Velkommen", "Välkommen", "Willkommen", "Bienvenue", "Bienvenido", "Bienvenida", "Benvenuto", "Benvenuta",
     "Bem-vindo", "Bem-vinda", "Tervetuloa", "Welcome back", "Thanks", "Thank you", "Congratulations", "Happy birthday", "Hea", "Dag", "Hi there"}
)  # fmt: skip
_GAP = lazy(r"([,!.:;،，])(?<=[ \u00a0\u2007\u2009\u202f\u200b\t\r\n;>,][,!.:;،，])(?=[\s<&]|\Z|[A-ZÀ-Þ](?![)(\]]))")
_SPACES = " \u00a0\u2007\u202f\u200b\t\r\n"


@cache
def _empty_pattern() -> re.Pattern[str]:
    french = set(greetings()["fr"])
    words = {word: word in french for listed in greetings().values() for word in listed}
    alternation = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(rf"(?:\A|[\r\n>.!?])[ \t\u00a0\"“]*((?i:{alternation}))(?:,?[{_SPACES}]+|[{_SPACES}]*,)\Z")


_COMMA_FIRST = lazy(r"\s*, ?[^\W\d_]")


def find_empty_greetings(copy: Copy) -> list[EmptyGreeting]:
    """Every greeting without its name, in order."""
    french = copy.language == "fr"
    found = [one for stretch in copy for one in _empty_greetings(stretch, french=french or _looks_french(stretch))]
    # `, your order has shipped`: the name that began the subject is missing.
    headers = [one for one in copy if one.part.name in ("subject", "preheader") and _COMMA_FIRST.match(one.text)]
    return [EmptyGreeting(one.readable.span(at := one.text.index(","), at + 1), "") for one in headers] + found


def _looks_french(stretch: Stretch) -> bool:
    return len(stretch.words & {"vous", "votre", "nous", "pour", "avec", "dans", "merci", "une", "les"}) >= 3


def _empty_greetings(stretch: Stretch, *, french: bool) -> Iterator[EmptyGreeting]:
    source = stretch.source
    for match in _GAP.finditer(stretch.text):
        end = stretch.readable.source(match.start(1))
        window = max(0, end - 160)
        if not _greets_before(source, window, end):
            continue
        before, starts = _stripped(source, window, end)
        found = _empty_pattern().search(before if window else "\n" + before)
        if found is None:
            continue
        word = found[1]
        mark = match[1]
        if mark not in ",،，" and (french or word in greetings()["fr"] or word in _NOT_FOR_EMPTY):
            continue
        if mark in ".:;" and not stretch.edge_behind(match.end()):
            continue
        start = starts[found.start(1) - (0 if window else 1)]
        place = stretch.place(start)
        if place.kind in ("text", "plain", "header", "title", "conditional") and not place.quoted:
            yield EmptyGreeting(stretch.part.at(start, end + 1), word)


_INLINE = lazy(r"<[^<>]{0,160}>|&\w{2,6};|&#\w{2,6};")
_LAST_WORD = lazy(r"[^\s<>,.!?\"“]+\Z")


@cache
def _last_words() -> frozenset[str]:
    return frozenset(word.split()[-1].rstrip(".").casefold() for listed in greetings().values() for word in listed)


def _greets_before(source: str, start: int, end: int) -> bool:
    """A cheap look for the last word of any greeting at the end of a window."""
    word = _LAST_WORD.search(_INLINE.sub(" ", source[start:end]).rstrip(f",.{_SPACES}"))
    return word is not None and word[0].casefold() in _last_words()


def _stripped(text: str, start: int, end: int) -> tuple[str, list[int]]:
    """The text without inline tags and with entities of space as spaces, and where each character stood."""
    characters: list[str] = []
    offsets: list[int] = []
    position = start
    while position < end:
        if text[position] == "<" and (tag := _TAG.match(text, position, end)):
            if _BREAK.match(tag[0]):
                characters.append("\n")
                offsets.append(position)
            position = tag.end()
            continue
        entity = _SPACE_ENTITY.match(text, position, end)
        characters.append(" " if entity else text[position])
        offsets.append(position)
        position = entity.end() if entity else position + 1
    offsets.append(end)
    return "".join(characters), offsets


_SPACE_ENTITY = lazy(r"&(?:nbsp|#160|#xa0|ensp|emsp|thinsp|#8203|zwnj);", re.IGNORECASE)
_BREAK = lazy(
    r"</?(?:p|td|th|tr|table|div|br|h[1-6]|li|ul|ol|body|center|hr|blockquote|mj-text|title|preheader)\b", re.IGNORECASE
)
