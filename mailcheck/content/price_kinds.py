"""What a price is: the words right before and behind it, in the language of the mail.

A price is the old one, the new one, a saving, a threshold. The nearest words count; what stands beyond another
price, a line end or the end of a sentence does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mailcheck.content.lazily import lazy
from mailcheck.content.price_context import Context, Kind, surroundings
from mailcheck.content.price_markets import Market
from mailcheck.content.price_scan import Hit
from mailcheck.content.price_units import units
from mailcheck.content.price_words import Words, tokens, words_of

_GLUED_MEASURES = frozenset({"kg", "ea", "each", "lb", "hg", "pp", "pw"})
_FEW = 3
_SLASHED = lazy(r"(?<![\w/.,])(?:[2-9]|1\d)[ \u00a0]?/[ \u00a0]?$")
"""`2/$5`: two for that price."""
_NEVER_RANGES = frozenset({("van", "voor"), ("de", "por")})
"""Words for an old and a new price, whichever is higher."""
_TIMES_X = frozenset({"fr", "pt", "es", "it"})


def _measure(context: Context) -> str | None:
    """`recurring` or `unit` when the price is for a span of time or a measure: `/mo`, `pr. kg`, `à la pièce`."""
    if not context.behind:
        return None
    if context.behind[0] in _GLUED_MEASURES and context.raw_behind[:1].isalpha() and context.tight:
        return "unit"
    if context.behind[0] not in units().per and not context.behind[0].isdigit():
        return None
    words = [word for word in context.behind[:5] if not word.isdigit()]
    if words and words[0] in units().per:
        for number, word in enumerate(words[1:3], 1):
            if word in units().times:
                return "recurring"
            if word in units().measures:
                return "recurring" if _goes_on(words[number + 1 :]) else "unit"
            if word not in units().per and word not in units().fillers:
                break
    return None


def _goes_on(words: Sequence[str]) -> bool:
    """`$8 per user per month`."""
    return len(words) > 1 and words[0] in units().per and words[1] in units().times


def _is_multibuy(context: Context, known: Words) -> bool:
    words = context.before
    if words[-1:] == ["/"]:
        if _SLASHED.search(context.raw_before):
            return True
        words = words[:-1] if words[-2:-1] and words[-2] in units().counts else words
    if words[-1:] == ["à"] or not any(map(str.isdigit, words[-6:])):
        return False
    while words and words[-1] in units().fillers and (words[-1],) not in known.multibuy:
        words = words[:-1]
    size = next((size for size in (3, 2, 1) if tuple(words[-size:]) in known.multibuy), 0)
    rest = words[: len(words) - size]
    if not size and not (rest and rest[-1] in units().counts and len(rest) > 1 and rest[-2].isdigit()):
        return False
    for far, word in enumerate(reversed(rest[-3:])):
        if word.isdigit():
            if ")" in context.raw_before[context.raw_before.rfind(word) :]:
                return False
            prior = rest[-far - 2 : len(rest) - far - 1]
            return 2 <= int(word[:4]) <= 24 and not (
                prior and _is_name(context.raw_before, prior[0]) and len(rest) > far + 1
            )
        if word in units().times or word in units().fillers or word in ("%", "/"):
            return False
    return False


def _is_name(raw: str, word: str) -> bool:
    """Whether a word is written like the name of a product, `iPhone 15`: capitals, and not where a text begins."""
    at = raw.lower().rfind(word)
    return at > 0 and any(sign.isupper() for sign in raw[at : at + len(word)]) and raw[:at].strip() != ""


def _is_times(context: Context, language: str) -> bool:
    """`3x 33 €` is paid in three parts, where that is how it is written."""
    if language not in _TIMES_X:
        return False
    words = [word for word in context.before[-4:] if word not in units().fillers]
    return len(words) > 1 and words[-1] in ("x", "×") and words[-2].isdigit()


def _is_threshold(context: Context) -> bool:
    if context.seen.get("credit", 9) <= 1 and context.prior == "plain" and "threshold" not in context.after:
        return False
    if "threshold" in context.seen or "threshold" in context.after or context.plus:
        return True
    if "upwards" in context.after:
        return bool(context.anywhere & {"save", "credit", "shipping", "threshold"}) or context.prior in (
            "save",
            "credit",
            "shipping",
        )
    if context.prior == "save" and _is_what_it_takes(context):
        return True
    if context.free:
        return "from" in context.seen or "shipping" in context.seen
    if "from" not in context.seen:
        return False
    return context.prior in ("save", "credit", "up_to") or ("%" in context.before and "save" in context.anywhere)


_TAKES = frozenset({"on", "bij", "bei", "ved", "vid", "sur", "su", "por", "en", "na", "przy", "při", "pri", "при"})


def _is_what_it_takes(context: Context) -> bool:
    """`$15 off $75`, `€ 10 korting bij € 50`: the larger amount behind a saving is what has to be spent."""
    words = context.before
    return len(words) <= _FEW and (words == ["off"] or (bool(words) and words[-1] in _TAKES))


def _is_old(context: Context, hit: Hit) -> bool:
    """`Now $20 from $30`: the higher price behind a new one is the old one."""
    return "from" in context.seen and context.prior == "now" and context.prior_value < hit.value


def _what_it_pays(context: Context, known: Words, language: str) -> Kind | None:
    """The kinds that do not compare prices; those that say more go first."""
    seen, after = context.seen, context.after
    if "lowest" in seen and "30" in context.before:
        return "lowest_30_days"
    if "instalment" in seen or "instalment" in after or _is_times(context, language):
        return "instalment"
    if _is_threshold(context):
        return "threshold"
    measure = "recurring" if "recurring" in after else _measure(context)
    if measure is not None:
        return "recurring" if measure == "recurring" else "unit"
    if "recurring" in seen:
        return "recurring"
    if (
        ("unit" in seen and "save" not in after)
        or "unit" in after
        or context.raw_before.rstrip(" \u00a0").endswith("=")
    ):
        return "unit"
    if "up_to" in seen or "up_to" in after:
        return "up_to"
    several = "multibuy" in after or seen.get("multibuy") == 0 or _is_multibuy(context, known)
    return "multibuy" if several and "save" not in after else None


def _nearest(context: Context, *names: str) -> int:
    seen, nearest = context.seen, 99
    for name in names:
        if seen.get(name, 99) < nearest:
            nearest = seen[name]
    return nearest


def _what_it_is(hit: Hit, context: Context) -> Kind:
    seen, after = context.seen, context.after
    if not seen and not after:
        return "save" if _has_minus(context) else "plain"
    compared = _nearest(context, "was", "now")
    saved = 0 if "save" in after else 99
    if _is_old(context, hit):
        return "was"
    if "shipping" in after or ("shipping" in seen and seen["shipping"] <= compared):
        return "shipping"
    if "credit" in after or _nearest(context, "credit") < min(compared, _nearest(context, "save", "from"), saved):
        return "credit"
    if saved == 0 or ("save" in seen and seen["save"] <= compared):
        return "save"
    return _compared(context) or ("save" if _has_minus(context) else "plain")


def _compared(context: Context) -> Kind | None:
    """The kinds of a price beside another one."""
    seen, after = context.seen, context.after
    if "was" in after:
        return "was"
    if "was" in seen or "now" in seen:
        return "was" if _nearest(context, "was") <= _nearest(context, "now") else "now"
    if "now" in after:
        return "now"
    return "from" if "from" in seen or after & {"from", "upwards"} else None


def _has_minus(context: Context) -> bool:
    """`-10 €` is taken off; a dash with a space behind it starts a list."""
    raw = context.raw_before
    return raw.endswith("-") and (len(raw) == 1 or raw[-2] in " \u00a0\n(:")


def kinds_of(text: str, hits: Sequence[Hit], market: Market) -> list[Kind]:
    """What each price of a flat text is, in the language of the market."""
    known = words_of(market.language)
    found: list[Kind] = []
    floor = 0
    for number, hit in enumerate(hits):
        ceiling = hits[number + 1].start if number + 1 < len(hits) else len(text)
        if hit.value == 0 and hit.high is None:
            kind: Kind = "free"
        elif hit.high is not None:
            kind = "range"
        elif hit.unit:
            kind = "unit"
        else:
            prior: tuple[Kind, Decimal] = ("plain", Decimal(0))
            if number and text.find("\n", floor, hit.start) < 0:
                prior = found[-1], hits[number - 1].value
            context = surroundings(text, hit, (floor, ceiling), known, market.language, prior=prior)
            kind = _what_it_pays(context, known, market.language) or _what_it_is(hit, context)
        found.append(kind)
        floor = hit.end
    _mark_pairs(text, hits, found, known)
    return found


def _mark_pairs(text: str, hits: Sequence[Hit], found: list[Kind], known: Words) -> None:
    """`van € 50 voor € 30`: two words that mean an old and a new price only together, and most only when it falls."""
    for number in range(len(hits) - 1):
        old, new = hits[number], hits[number + 1]
        if old.high is not None or new.high is not None or old.codes != new.codes:
            continue
        rises = old.value <= new.value
        if rises and (new.value > 2 * old.value or {found[number], found[number + 1]} != {"plain"}):
            continue
        if new.start - old.end > 24:
            continue
        floor = hits[number - 1].end if number else 0
        before, between = tokens(text[max(floor, old.start - 16) : old.start]), tokens(text[old.end : new.start])
        between = [
            word for word in between if word not in units().fillers or (before and (before[-1], word) in known.pairs)
        ]
        first = before[-1] if before else "*"
        meant = {(first, between[0]), ("*", between[0])} & known.pairs if between and len(between) <= 2 else frozenset()
        if meant & _NEVER_RANGES or (meant and not rises):
            found[number], found[number + 1] = "was", "now"
