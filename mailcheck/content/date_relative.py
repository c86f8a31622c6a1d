"""Dates that are said from the day of sending on: today, tomorrow, this Friday, in 3 days."""

from __future__ import annotations

from mailcheck.content.date_parts import Raw, Role, Search, is_glued_before

_MOST_DAYS = 60
_SPELLED = {
    word: number
    for number, words in enumerate(
        (
            "two zwei deux dos due dois duas twee to två kaksi dwa dva două",
            "three drei trois tres tre três drie kolme trzy tři tri trei",
            "four vier quatre cuatro quattro quatro fire fyra neljä cztery čtyři štyri patru",
            "five fünf cinq cinco cinque vijf fem viisi pięć pět päť cinci",
            "six sechs seis sei zes seks sex kuusi sześć šest șase",
            "seven sieben sept siete sette sete zeven syv sju seitsemän siedem sedm sedem șapte",
        ),
        2,
    )
    for word in words.split()
}
"""Numbers in words, as far as days are counted in them."""
_LEADS = ("until", "near_deadline", "from", "near_start")


def relative_day(search: Search, index: int, end: int, days: int) -> Raw | None:
    """`tomorrow`; not the morning of `every morning` or `por la mañana`."""
    text, words = search.text, search.words
    before = text.skip_back(index)
    if words.find_back(text, before, "recurring"):
        return None
    word = text.raw[text.starts[index] : text.starts[end]]
    # A German noun: “der Morgen”, “guten Morgen”; the adverb has a capital only where a sentence begins.
    if text.at(index) == "morgen" and word[0].isupper() and text.at(before - 1).isalpha() and not word.isupper():
        return None
    if text.at(index - 1) in ("-", "'") or (text.at(end) == "-" and text.at(end + 1).isalpha()):
        return None
    if text.at(index) in ("ma", "sot", "haut", "azi") and not word.islower() and index and text.at(index - 1) != " ":
        return None
    return Raw(index, end, sort="relative", offset=days)


def relative_weekday(search: Search, index: int, end: int, weekday: int) -> Raw | None:
    """`this Friday`, `next Monday`, and a bare weekday behind a word such as `until`."""
    text, words = search.text, search.words
    if _is_one_of_several(search, index, end):
        return None
    before = text.skip_back(index)
    further = text.skip(end)
    if text.number(further) is not None and text.at(further).isdecimal():
        return None
    said = words.find_back(text, before, "next", "this")
    behind = words.find(text, further, "next_after", "this_after")
    if said is not None and said[2] == "next":
        return Raw(said[0], end, sort="relative", weekday=weekday, offset=7)
    if behind is not None and words.find(text, further, "next_after"):
        return Raw(index, behind[0], sort="relative", weekday=weekday, offset=7)
    if said is not None:
        return Raw(said[0], end, sort="relative", weekday=weekday, offset=0)
    if behind is not None:
        return Raw(index, behind[0], sort="relative", weekday=weekday, offset=0)
    if _follows(search, before) or words.find(text, further, "after_until", "after_from"):
        return Raw(index, end, sort="relative", weekday=weekday, offset=0)
    return None


def _is_one_of_several(search: Search, index: int, end: int) -> bool:
    """Whether the weekday is one of a list or range, or one that comes back every week."""
    text, words = search.text, search.words
    before, behind = text.skip_back(index), text.skip(end)
    if words.find_back(text, before, "recurring") or text.at(before - 1) in ("-", "–", "/", "&", "~"):
        return True
    if text.at(behind) in ("-", "–", "/", "&", "~"):
        return True
    joined = words.find(text, behind, "to", "and") or words.find(text, behind, "skip")
    if joined and words.find(text, text.skip(joined[0]), "day", "day_short"):
        return True
    lead = words.find_back(text, before, "to", "and")
    return bool(lead and words.find_back(text, text.skip_back(lead[0]), "day", "day_short"))


def _follows(search: Search, before: int) -> bool:
    text, words = search.text, search.words
    for _ in range(3):
        if words.find_back(text, before, "until", "from"):
            return True
        found = words.find_back(text, before, "skip")
        if not found:
            return False
        before = text.skip_back(found[0])
    return False


def counted_days(search: Search, index: int, end: int, each: int) -> Raw | None:
    """`ends in 3 days`, `only 2 days left`, `noch 3 Tage`: never a bare number of days, which is a duration."""
    text, words = search.text, search.words
    at = text.skip_back(index) - 1
    count = text.number(at) or _SPELLED.get(text.at(at))
    if count is None or not 1 <= count * each <= _MOST_DAYS or is_glued_before(text, at):
        return None
    before = text.skip_back(at)
    if left := words.find_back(text, before, "left"):
        return Raw(left[0], end, sort="relative", offset=count * each, role="deadline")
    if behind := words.find(text, text.skip(end), "left_after"):
        return Raw(at, behind[0], sort="relative", offset=count * each, role="deadline")
    inside = words.find_back(text, before, "in")
    if inside is None:
        return None
    lead = words.find_back(text, text.skip_back(inside[0]), *_LEADS)
    if lead is None:
        return None
    role: Role = "deadline" if lead[2] in ("until", "near_deadline") else "start"
    return Raw(inside[0], end, sort="relative", offset=count * each, role=role)
