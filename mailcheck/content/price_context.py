"""The words right before and behind a price, in its clause, and what they mean in the language of the mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from mailcheck.content.lazily import lazy
from mailcheck.content.price_joined import seen_before, seen_behind
from mailcheck.content.price_scan import Hit
from mailcheck.content.price_units import units
from mailcheck.content.price_words import JOINED, Words, tokens

Kind = Literal[
    "plain",
    "was",
    "now",
    "from",
    "up_to",
    "range",
    "save",
    "threshold",
    "shipping",
    "unit",
    "recurring",
    "multibuy",
    "instalment",
    "lowest_30_days",
    "credit",
    "free",
]
"""`unit`: for a kilogram or a piece; `threshold`: what must be spent; `credit`: a voucher; `free`: nothing is paid."""

_BEFORE, _BEHIND = 70, 44
_CLAUSE_ENDS = "!?;|•·\n\x00"
_SENTENCE = lazy(r"(?<=[^\W_]{5})\.[ \u00a0]+(?=[^\W\d_a-zà-ÿ])")
_STOP = lazy(r"[,;:!?|•·\n\x00(]|\.(?=[ \u00a0][A-ZÀ-Þ])")
_FAR = {
    "was": 3, "now": 3, "from": 0, "up_to": 1, "save": 2, "threshold": 1, "shipping": 3, "recurring": 2,
    "instalment": 3, "lowest": 9, "credit": 2, "unit": 2,
}  # fmt: skip
"""How many other words may stand between a word and the price."""


@dataclass(slots=True)
class Context:
    """What surrounds a price.

    Args:
        before: the words before it in its clause, nearest last.
        behind: the words behind it.
        raw_before, raw_behind: the same as text.
        seen: what stands before it says, with the number of words between.
        after: what stands right behind it says.
        anywhere: what any words before it say, near or not.
        free: sending is said to cost nothing.
        plus: `$75+`.
        tight: a letter stands right behind it, `$17.99kg`.
        prior, prior_value: the price before it on the same line.
    """

    before: list[str]
    behind: list[str]
    raw_before: str
    raw_behind: str
    plus: bool
    tight: bool
    prior: Kind
    prior_value: Decimal
    seen: dict[str, int] = field(init=False)
    after: set[str] = field(init=False)
    anywhere: set[str] = field(init=False)
    free: bool = False


def _window(text: str, start: int, floor: int) -> str:
    """What stands before a price in its clause."""
    window = text[max(floor, start - _BEFORE) : start]
    at = 1 + max(map(window.rfind, _CLAUSE_ENDS))
    if ". " in window:
        for match in _SENTENCE.finditer(window, at):
            at = match.end()
    return window[at:]


def _wrapped(text: str, start: int, floor: int) -> str:
    """The end of the line above, when the line with the price goes on where that was wrapped."""
    begin = max(floor, start - _BEFORE - 40)
    above, end, rest = text[begin:start].rpartition("\n")
    above = above.rpartition("\n")[2].strip(" \u00a0\r")
    if not end or rest.strip() or len(above) < 25 or above[-1] in ".!?:;|>*-=":
        return ""
    return _window(above, len(above), 0)


def _label_above(text: str, start: int, floor: int) -> str:
    """The line above a price that stands alone at the start of its own, when it is a label: `Was:`."""
    begin = max(floor, start - _BEFORE)
    lines = text[begin:start].rstrip(" \u00a0").rsplit("\n", 8)
    if len(lines) < 2 or lines[-1].strip():
        return ""
    above = [line.strip() for line in lines[:-1] if line.strip()]
    return (
        above[-1]
        if above and len(above[-1]) <= 30 and (begin > floor or len(above) > 1 or lines[0] != above[0])
        else ""
    )


def _match_before(words: list[str], known: Words) -> tuple[dict[str, int], set[str]]:
    found: dict[str, int] = {}
    anywhere: set[str] = set()
    phrases = known.before
    if phrases.keys().isdisjoint(words):
        return found, anywhere
    for index in range(len(words) - 1, max(-1, len(words) - 13), -1):
        if words[index] not in phrases:
            continue
        longest, far = 0, -1
        for phrase, meaning in phrases[words[index]]:
            size = len(phrase)
            if size < longest:
                break
            if size <= index + 1 and (size == 1 or tuple(words[index - size + 1 : index + 1]) == phrase):
                longest = size
                anywhere.add(meaning)
                far = _words_between(words, index) if far < 0 else far
                if far <= _FAR[meaning]:
                    found.setdefault(meaning, far)
    return found, anywhere


def _words_between(words: list[str], index: int) -> int:
    """How many words that say something stand between a word and the price."""
    fillers = units().fillers
    return sum(word not in fillers for word in words[index + 1 :])


def _match_behind(words: list[str], known: Words) -> set[str]:
    for index in (0, 1):
        if index >= len(words) or (index == 1 and words[0] not in units().fillers and words[0] not in units().per):
            break
        found: set[str] = set()
        longest = 0
        for phrase, meaning in known.behind.get(words[index], ()):
            if len(phrase) < longest:
                break
            if tuple(words[index : index + len(phrase)]) == phrase:
                longest = len(phrase)
                found.add(meaning)
        if found:
            return found
    return set()


def surroundings(
    text: str, hit: Hit, bounds: tuple[int, int], known: Words, language: str, *, prior: tuple[Kind, Decimal]
) -> Context:
    """What surrounds a price between the one before it and the one behind it, the `bounds`."""
    floor, ceiling = bounds
    raw = _window(text, hit.start, floor)
    behind = text[hit.end : min(ceiling, hit.end + _BEHIND)].lstrip(" \u00a0")
    stop = _STOP.search(behind, 1 if behind[:1] == "(" else 0)
    behind = behind[: stop.start()] if stop is not None else behind
    after = text[hit.end : hit.end + 2]
    plus = after[:1] == "+" and not after[1:].isalnum()
    context = Context(tokens(raw), tokens(behind), raw, behind, plus, after[:1].isalpha(), *prior)
    if language in JOINED:
        context.seen = seen_before(raw, known)
        context.after = seen_behind(behind, known)
        context.anywhere = set(context.seen)
        if "from" in context.seen or "shipping" in context.seen:
            around = raw + text[hit.end : min(ceiling, hit.end + 16)]
            context.free = any(word in around for word in known.free) and any(word in around for word in known.ship)
        return context
    if not context.before:
        wrapped = _wrapped(text, hit.start, floor)
        if wrapped:
            context.raw_before, context.before = wrapped, tokens(wrapped)
    if not context.before:
        label = _label_above(text, hit.start, floor)
        labelled = tokens(label)
        if labelled and _match_before(labelled, known)[0] and _is_all(labelled, known):
            context.before, context.raw_before = labelled, label
    context.seen, context.anywhere = _match_before(context.before, known)
    context.after = _match_behind(context.behind, known)
    if context.behind[:1] == ["+"] and len(context.behind) > 1:
        # “500 € + 50 free spins” adds something; “500 €+” is a limit.
        context.after = context.after - {"threshold"}
    if context.after and context.seen and ceiling < len(text) and _belongs_to_next(text, hit, ceiling, context, known):
        context.after = set()
    if "from" in context.seen or "shipping" in context.seen:
        words = {*context.before, *(context.behind if behind[:1] != "(" else ())}
        context.free = bool(words & known.free) and (prior[0] == "shipping" or bool(words & known.ship))
    return context


def _belongs_to_next(text: str, hit: Hit, ceiling: int, context: Context, known: Words) -> bool:
    """Whether the word between two prices names the second one: `Jetzt 49 € Versand 4,95 €`."""
    if ceiling - hit.end > _BEHIND or tokens(text[hit.end : ceiling]) != context.behind:
        return False
    # The nearest phrase comes first: of `sparen ab 100 €` the second price has the `ab` only.
    return next(iter(_match_before(context.behind, known)[0]), None) in context.after


def _is_all(words: list[str], known: Words) -> bool:
    """Whether the words are one phrase and nothing else."""
    return any(phrase == tuple(words) for phrase, _ in known.before.get(words[-1], ()))
