"""Words beside a price in scripts that do not part them: Chinese, Japanese, Korean, Thai."""

from __future__ import annotations

from mailcheck.content.lazily import lazy
from mailcheck.content.price_words import Words

_FAR = {
    "was": 5, "now": 5, "from": 3, "up_to": 3, "save": 3, "threshold": 4, "shipping": 5, "recurring": 3, "instalment": 7,
    "lowest": 16, "credit": 4, "unit": 4, "multibuy": 3,
}  # fmt: skip
"""How many characters may stand between a word and the price."""
_WINDOW = 32
_TAX = lazy(r"[(（]?(?:税込|税抜|税別|含税|VAT ?포함|부가세 포함)[)）]?")
_ONLY = lazy(
    r"(?:只要|仅|僅|只|わずか|たった|なんと|단돈|단|겨우|เพียง|แค่|只需|は|が|은|는|이|가|를|을|约|约|税込|[\s:：,、~()（）])+"
)
_OPENS = lazy(r"[\s(（「『【\[]+")
_COUNT = lazy(r"(?:\d\s?|[两兩三二])$")
_COUNTED = lazy(r"[\d两兩三二]")


def seen_before(raw: str, known: Words) -> dict[str, int]:
    """What stands before a price means, with the distance; a part of a longer phrase means nothing of its own."""
    text = raw[-_WINDOW:].lower()
    found: dict[str, int] = {}
    if known.joined_before.keys().isdisjoint(text):
        return found
    taken: list[tuple[int, int]] = []
    for end in range(len(text), 0, -1):
        longest, start = 0, end
        for phrase, meaning in known.joined_before.get(text[end - 1], ()):
            if len(phrase) < longest:
                break
            start = end - len(phrase)
            if start < 0 or not text.startswith(phrase, start):
                continue
            if any(first <= start and end < last for first, last in taken):
                break
            longest = len(phrase)
            taken.append((start, end))
            rest = text[end:]
            far = 0 if not rest or _ONLY.fullmatch(rest) else len(rest)
            if far > (0 if len(phrase) == 1 else _FAR[meaning]):
                continue
            if meaning == "multibuy" and _COUNT.search(text, 0, start) is None and _COUNTED.search(phrase) is None:
                continue
            found.setdefault(meaning, far)
    return found


def seen_behind(raw: str, known: Words) -> set[str]:
    """What stands right behind a price means, unless it starts a phrase that belongs to what follows."""
    text = _TAX.sub("", raw.lower()).lstrip(" \u00a0\t") if raw else ""
    if text[:1] in ("(", "（"):
        text = _OPENS.sub("", text, count=1)
    longest, found = 0, set()
    for phrase, meaning in known.joined_behind.get(text[:1], ()):
        if len(phrase) < longest:
            break
        if text.startswith(phrase):
            longest = len(phrase)
            found.add(meaning)
    return set() if _starts_longer(text, longest, known) else found


def _starts_longer(text: str, longest: int, known: Words) -> bool:
    """Whether a phrase that stands before prices begins here and is longer."""
    for end in range(longest + 1, min(len(text), 12) + 1):
        for phrase, _ in known.joined_before.get(text[end - 1], ()):
            if len(phrase) == end and text.startswith(phrase):
                return True
    return False
