"""What a date is for: a deadline, a start, an event, or something past."""

from __future__ import annotations

from mailcheck.content.date_parts import Raw, Role, Search

_ADJACENT: dict[str, Role | None] = {
    "until": "deadline",
    "from": "start",
    "since": "history",
    "near_history": "history",
    "near_event": "event",
    "near_deadline": "deadline",
    "near_start": "start",
}
_BEHIND: dict[str, Role] = {"after_until": "deadline", "after_from": "start", "after_history": "history"}
_FURTHER: dict[str, Role] = {
    "after_deadline": "deadline",
    "after_event": "event",
    "after_start": "start",
    "after_past": "history",
}
_STOPS = frozenset(".!?;。！？•|")
_SIGNS = frozenset((",", ":", "-", "–", "(", ")", "*", "'", "`", '"', "“", "„", "«", "|"))
_WORDS_BACK, _WORDS_AHEAD = 8, 5
_WORDS_BETWEEN = 4


def give_roles(search: Search, raws: list[Raw]) -> None:
    """Set the role of every date; those of a range are its start and its end."""
    floor = 0
    for number, raw in enumerate(raws):
        ceiling = raws[number + 1].before if number + 1 < len(raws) else len(search.text.tokens)
        raw.role = raw.role or _beside(search, raw, floor) or _further(search, raw, ceiling)
        raw.spoken = raw.spoken or raw.role is not None
        floor = raw.behind
    for raw in raws:
        if raw.until is not None:
            raw.spoken = raw.until.spoken = raw.spoken or raw.until.spoken
            past = raw.role == "history" and raw.since is None
            raw.role = "history" if past else "start"
            raw.until.role = "history" if past else "deadline"
    _share(raws)


def _beside(search: Search, raw: Raw, floor: int) -> Role | None:
    """The role that the words next to a date give; those behind it first.

    Of a day that is over only the words in front may say more: what is ordered until 5 May is not ordered yet.
    """
    behind = _behind(search, raw)
    if behind is not None and behind != "history":
        over = search.words.find_back(search.text, search.text.skip_back(raw.before), "since")
        return "history" if behind == "deadline" and over else behind
    front = _in_front(search, raw, floor)
    return front if behind is None or front in ("deadline", "start") else behind


def _share(raws: list[Raw]) -> None:
    """Dates of a list have the role of the first that has one."""
    for raw in raws:
        if raw.listed is not None and raw.listed is not raw and raw.role and raw.listed.role is None:
            raw.listed.role = raw.role
    for raw in reversed(raws):
        if (
            raw.listed is not None
            and raw.listed is not raw
            and raw.role is None
            and raw.listed.role in ("event", "deadline")
        ):
            raw.role = raw.listed.role


def _behind(search: Search, raw: Raw) -> Role | None:
    """The role that an ending or the next word gives: `26-ig`, `26日まで`, `26. maaliskuuta asti`."""
    text, words = search.text, search.words
    if raw.ending:
        if raw.ending in words.until_endings or any(raw.ending.endswith(one) for one in words.until_endings):
            return "deadline"
        if any(raw.ending.endswith(one) for one in words.from_endings):
            return "start"
    if raw.weekday is not None and text.at(raw.last - 1).endswith(tuple(words.until_endings) or ("\0",)):
        return "deadline"
    for start in dict.fromkeys((raw.behind, raw.last)):
        at = start
        for _ in range(3):
            at = text.skip(at)
            said: list[tuple[int, Role]] = [
                (found[0], role) for kind, role in _BEHIND.items() if (found := words.find(text, at, kind))
            ]
            if said:
                # The longest says most: `に終了` is to come, `に終了しました` is over.
                return max(said, key=lambda one: one[0])[1]
            if text.at(at) in (")", ",", "'") or text.at(at) in words.ordinals or words.find(text, at, "day"):
                at += 1
            else:
                break
    return None


def _in_front(search: Search, raw: Raw, floor: int) -> Role | None:
    """The role that the words in front give; the nearest wins, and none beyond the sentence or another date."""
    text, words = search.text, search.words
    at, adjacent, seen = raw.before, True, 0
    kinds: tuple[str, ...] = tuple(_ADJACENT)
    while at > floor and seen < _WORDS_BACK:
        lines = text.low.count("\n", text.starts[at - 1], text.starts[at])
        if lines > 1 or (lines and not adjacent):
            return None
        if lines:
            # A line may be broken behind “until”, but what ends a line is seldom about the next one.
            kinds = kinds[:3]
        at = text.skip_back(at)
        found = words.find_back(text, at, *(kinds if adjacent else kinds[2:]))
        if found is not None and found[0] >= floor:
            role = _ADJACENT[found[2]]
            if role == "deadline" and _is_over(search, found[0]):
                return "history"
            return None if role == "history" and _is_to_come(search, found[0]) else role
        skipped = words.find_back(text, at, "skip", "this")
        if skipped is not None:
            at = skipped[0]
            continue
        token = text.at(at - 1)
        shortened = _is_abbreviation(search, at - 1)
        if token[:1] in _STOPS and not shortened:
            return None
        if token not in _SIGNS and not shortened:
            adjacent, seen = False, seen + 1
        at -= 1
    return None


def _is_to_come(search: Search, index: int) -> bool:
    """Whether the word in front makes a participle one of the future: `will be shipped on 5 May`."""
    text, words = search.text, search.words
    at = index
    for _ in range(_WORDS_BETWEEN):
        at = text.skip_back(at)
        if words.find_back(text, at, "future"):
            return True
        if text.at(at - 1)[:1] in _STOPS:
            return False
        at -= 1
    return False


def _is_over(search: Search, index: int) -> bool:
    """Whether a verb of the past stands right before `until`: `it was open until 5 March`."""
    text, words = search.text, search.words
    at = text.skip_back(index)
    if words.find_back(text, at, "past"):
        return True
    return text.at(at - 1).isalpha() and words.find_back(text, text.skip_back(at - 1), "past") is not None


def _is_abbreviation(search: Search, index: int) -> bool:
    text = search.text
    return (
        text.at(index) == "."
        and text.at(index - 1).isalpha()
        and len(text.at(index - 1)) <= 4
        and text.at(index - 2) in ("", " ", ".")
    )


def _further(search: Search, raw: Raw, ceiling: int) -> Role | None:
    """The role that words a little further on give: `5. Mai … statt`, `5 May is the deadline`."""
    text, words = search.text, search.words
    at, seen = raw.behind, 0
    while at < ceiling and seen < _WORDS_AHEAD:
        at = text.skip(at)
        for kind, role in _FURTHER.items():
            # Without a year a participle does not say which side of the day of sending is meant.
            if words.find(text, at, kind) and (role != "history" or raw.year is not None):
                return role
        if text.at(at)[:1] in _STOPS:
            return None
        seen += 1
        at += 1
    return None
