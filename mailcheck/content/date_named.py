"""Dates with the name of a month: `5 May 2027`, `May 5th`, `2027. május 5.`, `2027年5月5日`."""

from __future__ import annotations

from mailcheck.content.date_parts import Raw, Search, day_of, is_glued_before, year_of
from mailcheck.content.date_text import Text
from mailcheck.content.date_vocabulary import Vocabulary
from mailcheck.content.lazily import lazy

_CENTURY = 70
_GLUE = frozenset((".", ",", "-", "/", "'", "–", "(", ")"))
_JOINTS = frozenset(("-", "/", "–"))
"""Signs that join the parts of a date only where no space is beside them; else they join two dates."""
_DAY_SIGNS = frozenset(("日", "号", "號", "일"))
_YEAR_SIGNS = frozenset(("年", "년"))
_RISKY = frozenset(
    ("may", "march", "mar", "mars", "sep", "sept", "set", "out", "ago", "dec", "sol", "mai", "maj", "med", "gen")
)
"""Names that are also words of some language: alone beside a number they are no date without something more."""


def named_date(search: Search, index: int, end: int, month: int) -> Raw | None:
    """The date around the name of a month, `tokens[index:end]`."""
    text, words = search.text, search.words
    if text.at(end) == "-" and text.at(end + 1).isalpha():
        return None
    own_order = words.month_first and not words.everything and text.at(index) not in ENGLISH
    if own_order and (raw := _month_first(search, index, end, month)):
        return raw
    day = _day_before(text, words, index)
    left = _day_first(search, day, index, end, month) if day is not None else None
    if left is not None and (left.year is not None or not _is_apart(text, left.first, index)):
        return left
    right = _month_first(search, index, end, month)
    return right if left is None or (right is not None and right.year is not None) else left


def _is_apart(text: Text, day: int, index: int) -> bool:
    """Whether a number before a month may be something else: `No. 24   August 9, 2027`."""
    return text.starts[index] - text.starts[day + 1] > 1


def _back_over(text: Text, words: Vocabulary, index: int, kinds: tuple[str, ...], limit: int = 5) -> int:
    """Steps back over spaces, signs and small words; gives the word that stands before them."""
    for _ in range(limit):
        index = text.skip_back(index)
        word = text.at(index - 1)
        if word == "," and not words.weekday_last:
            break
        if word in _GLUE and not (word in _JOINTS and (text.is_space(index) or text.is_space(index - 2))):
            index -= 1
        elif kinds and (found := words.find_back(text, index, *kinds)):
            index = found[0]
        else:
            break
    return index - 1


def _day_before(text: Text, words: Vocabulary, index: int) -> tuple[int, int] | None:
    """The word of the day before a month, and its value."""
    at = _back_over(text, words, index, ("of",))
    if text.at(at) in words.ordinals:
        at -= 1
        if text.at(at) in ("-", "'"):
            at -= 1
    value = day_of(text, at)
    if value is None or text.breaks(at, index) or is_glued_before(text, at, "-/–,."):
        return None
    return None if _goes_on_left(text, at) else (at, value)


def _goes_on_left(text: Text, at: int) -> bool:
    """Whether a number with a point before it is the end of a longer one: `1.5 May`, but not `5.–8. May`."""
    if text.at(at - 1) in (".", ","):
        return text.at(at - 2).isdecimal()
    return text.at(at - 1) in ("-", "/") and (
        len(text.at(at - 2)) > 2
        or text.at(at - 3) in ("-", "/")
        or (text.at(at - 2).isalpha() and text.at(at - 2).isascii())
    )


def _day_first(search: Search, day: tuple[int, int], index: int, end: int, month: int) -> Raw | None:
    text, words = search.text, search.words
    first, value = day
    end = end + 1 if text.at(end) == "." and _is_short(text, index, end) else end
    last, year = year_after(text, words, end)
    if year is None and (written := _year_before(text, words, first, strict=True)):
        first, year = written
    if year is None and _is_duration(search, index, value):
        return None
    return Raw(first, last, value, month, year)


def _is_short(text: Text, index: int, end: int) -> bool:
    """Whether the point behind a name belongs to it, as an abbreviation."""
    return len("".join(text.tokens[index:end])) <= 5 and text.at(end + 1) in (" ", "'", ",") and not text.is_space(end)


def _is_duration(search: Search, index: int, value: int) -> bool:
    """`12 mars chocolatés`: a bare number before a word that is a month only by chance."""
    text = search.text
    if text.at(index) not in _RISKY or value == 0 or text.at(index) in ("mai", "maj", "march", "may"):
        return False
    behind = text.skip(index + 1)
    return text.at(index) in ("mars", "sol") and _is_plural(text.at(behind))


def _is_plural(word: str) -> bool:
    return len(word) > 3 and word.isalpha() and word.endswith("s")


def year_after(text: Text, words: Vocabulary, end: int) -> tuple[int, int | None]:
    """Where the date ends, and the year behind `end`."""
    if found := _year_behind_clock(text, end):
        return found
    at = end
    for _ in range(4):
        step = text.skip(at)
        if text.at(step) in (",", ".", "-", "/", "'", "–"):
            at = step + 1
        elif found := words.find(text, step, "of", "year_words"):
            at = found[0]
        else:
            at = step
            break
    glue = "".join(text.tokens[end:at])
    year = _short_year(text, at, glue) or year_of(text.at(at))
    if (
        year is None
        or text.breaks(end, at)
        or (text.at(at + 1) in (":", ",", ".", "-", "%") and text.at(at + 2).isdecimal())
    ):
        return end, None
    if words.find(text, text.skip(at + 1), "not_after"):
        return end, None
    return _over_year_word(text, words, at + 1), year


_CLOCK = lazy(r"\s+\d\d?:\d\d(?::\d\d)?(?:\s+(?:[a-z]{2,5}|[+-]\d{4}))?\s+((?:19|20)\d\d)(?!\d)")
_CLOCK_BEHIND = lazy(r"\s+\d\d?:\d\d")


def _year_behind_clock(text: Text, end: int) -> tuple[int, int] | None:
    """`Oct 8 10:29:39 1991`, as logs and mail programs write it."""
    match = _CLOCK.match(text.low, text.starts[end])
    return (text.index(match.end()), int(match[1])) if match else None


def _short_year(text: Text, at: int, glue: str) -> int | None:
    """`'27`, or `27` in `5-May-27`."""
    token = text.at(at)
    if len(token) != 2 or not token.isdecimal():
        return None
    clock = glue.isspace() and _CLOCK_BEHIND.match(text.low, text.starts[at + 1])
    if glue in ("-", "/") or glue.endswith("'") or clock:
        return int(token) + (2000 if int(token) < _CENTURY else 1900)
    return None


def _over_year_word(text: Text, words: Vocabulary, end: int) -> int:
    found = words.find(text, text.skip(end), "year_words")
    return found[0] if found else end


def _year_before(text: Text, words: Vocabulary, index: int, *, strict: bool) -> tuple[int, int] | None:
    """The token of a year before a month or a day; `strict` asks for a word that says that it is a year."""
    at, said = index, False
    for _ in range(6):
        at = text.skip_back(at)
        token = text.at(at - 1)
        if token in _YEAR_SIGNS:
            at, said = at - 1, True
        elif token in _GLUE:
            at -= 1
        elif found := words.find_back(text, at, "year_words", "ordinal"):
            at, said = found[0], True
        else:
            break
    at -= 1
    year = year_of(text.at(at)) or _han_year(text, at) or _era_year(search_words=words, text=text, at=at)
    if year is None or (strict and not said) or is_glued_before(text, at, "("):
        return None
    if words.find_back(text, at, "era"):
        at -= 1
    return at, year


def _han_year(text: Text, at: int) -> int | None:
    value = text.number(at)
    return value if value is not None and not text.at(at).isdecimal() and 1900 <= value <= 2199 else None


def _era_year(*, search_words: Vocabulary, text: Text, at: int) -> int | None:
    """The ninth year of Reiwa is 2027."""
    era, value = search_words.find_back(text, at, "era"), text.number(at)
    if era is None or value is None or value > 150:
        return None
    return search_words.eras[text.at(at - 1)] + value


def _month_first(search: Search, index: int, end: int, month: int) -> Raw | None:
    text, words = search.text, search.words
    before = _year_before(text, words, index, strict=False)
    at = end
    for _ in range(3):
        at = text.skip(at)
        if text.at(at) in (".", ",", "-", "/"):
            at += 1
        elif found := words.find(text, at, "of", "skip"):
            at = found[0]
        else:
            break
    value = day_of(text, at)
    if value is None or at == end or text.breaks(end, at) or _goes_on_right(text, at):
        return None
    last, ending, ordinal = _over_ordinal(text, words, at + 1)
    year: int | None
    if before:
        first, year = before
    else:
        first = index
        end_of_day = last
        last, year = year_after(text, words, last)
        if text.at(end_of_day) in ("-", "/") and text.at(end) != text.at(end_of_day) and len(text.at(last - 1)) == 2:
            # `May 23-24` is a range; `May-23-24` has a year.
            last, year = end_of_day, None
    if year is None and not ordinal and not _is_meant(search, index, end, at):
        return None
    return Raw(first, last, value, month, year, ending=ending, day_last=True)


def _over_ordinal(text: Text, words: Vocabulary, end: int) -> tuple[int, str, bool]:
    """Behind the ending of a day (`5th`, `26-ig`, `26日`), the ending, and whether there was one."""
    at = end + 1 if text.at(end) in ("-", "'", "(") else end
    token = text.at(at)
    if text.at(end) == "(":
        return (end + 3, token, True) if token in words.ordinals and text.at(end + 2) == ")" else (end, "", False)
    if token in _DAY_SIGNS or (token and token in words.ordinals):
        return at + 1, token, True
    spoken = words.find(text, text.skip(end), "day_words")
    return (spoken[0], "", True) if spoken else (end, "", False)


def _goes_on_right(text: Text, at: int) -> bool:
    """Whether the number is something else: a time, a share, a price, a longer number."""
    behind, further = text.at(at + 1), text.at(at + 2)
    if behind in (":", ".", ",", "/") and further.isdecimal():
        return behind != "," or len(further) != 4
    if behind == " " and further in ("%", "€", "$", "kr", "°"):
        return True
    return behind in ("%", "€", "$", "£", "+", "x", "h", "am", "pm", "k", "°", "gb", "kg", "mm", "cm")


def _is_meant(search: Search, index: int, end: int, at: int) -> bool:
    """Whether a month and a number, without a year, are a date: `May 10 stores` is not."""
    text, words = search.text, search.words
    before = text.skip_back(index)
    if words.find_back(text, before, "until", "from", "day", "day_short", "since", "near_deadline"):
        return True
    if words.find_back(text, before, "to") and not words.find_back(text, before, "and"):
        return True
    behind = text.skip(at + 1)
    if words.find(text, behind, "not_after"):
        return False
    if not (words.month_first or text.at(index) in ENGLISH):
        return False
    if words.find_back(text, before, "skip") and text.at(before - 1) in ("on", "by", "of", ":"):
        return True
    word = text.raw[text.starts[index] : text.starts[end]]
    capital = not word[0].islower()
    counted = text.at(before - 1) == "in" or (_is_plural(text.at(behind)) and text.raw[text.starts[behind]].islower())
    return (capital or text.at(index) not in _RISKY) and not counted


_MONTHS_IN_ENGLISH = """
january february march april may june july august september october november december jan feb mar apr jun jul aug
sep sept oct nov dec
"""
ENGLISH = frozenset(_MONTHS_IN_ENGLISH.split())


def month_sign_date(search: Search, index: int) -> Raw | None:
    """`3月26日`, `3월 26일`: the month is the number before its sign."""
    text, words = search.text, search.words
    number = text.skip_back(index) - 1
    month = text.number(number)
    if month is None or not 1 <= month <= 12 or len(text.at(number)) > 2 or is_glued_before(text, number, "~-–,/年()"):
        return None
    at = text.skip(index + 1)
    value = day_of(text, at)
    if value is None:
        return None
    sign = text.skip(at + 1)
    if text.at(sign) not in _DAY_SIGNS:
        return None
    year = _year_before(text, words, number, strict=True)
    return Raw(year[0] if year else number, sign + 1, value, month, year[1] if year else None, day_last=True)


def month_word_date(search: Search, index: int) -> Raw | None:
    """`26 tháng 3 năm 2027`: the month is the number behind its word."""
    text = search.text
    at = text.skip(index + 1)
    month = text.number(at)
    if month is None or not 1 <= month <= 12:
        return None
    return named_date(search, index, at + 1, month)
