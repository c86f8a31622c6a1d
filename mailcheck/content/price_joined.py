"""Words beside a price in scripts that do not part them: Chinese, Japanese, Korean, Thai."""

from __future__ import annotations

import re

from mailcheck.content.price_words import Words

_FAR = {
    "was": 5, "now": 5, "from": 3, "up_to": 3, "save": 3, "threshold": 4, "shipping": 5, "recurring": 3, "instalment": 7,
    "lowest": 16, "credit": 4, "unit": 4, "multibuy": 3,
}  # fmt: skip
"""How many characters may stand between a word and the price."""
_TAX = re.compile(r"[(（]?(?:税込|税抜|税別|税拔|含税|VAT ?포함|VAT포함|부가세 포함)[)）]?")
_ONLY = re.compile(r"(?:只要|仅|僅|只|わずか|たった|なんと|단|단돈|겨우|เพียง|แค่|只需|は|が|은|는|이|가|를|을|:|：|,|、|(?:(?<=\s)|(?<=^))~|RM|約|约|税込|\s)+$")
_SIGNS = re.compile(r"[\s(（「『【\[]+")


def seen_before(raw: str, known: Words) -> dict[str, int]:
    """What stands before a price means, with the distance; a longer part hides a shorter one that ends with it."""
    text = raw[-32:].lower()
    trimmed = _ONLY.sub("", text)
    found: dict[str, tuple[int, int]] = {}
    taken: set[int] = set()
    for phrase, meaning in known.joined_before:
        at = trimmed.rfind(phrase)
        if at < 0:
            continue
        end = at + len(phrase)
        far = len(trimmed) - end
        limit = 0 if len(phrase) == 1 else _FAR[meaning]
        if far > limit or any(at < other <= end and other == end for other in taken if (other, meaning) and other == end):
            if far > limit or not _is_same(found, meaning, phrase, trimmed, known):
                continue
        if meaning == "multibuy" and not re.search(r"\d\s?$|[两兩三二]$", trimmed[:at]):
            continue
        taken.add(end)
        if meaning not in found or found[meaning][0] > far:
            found[meaning] = (far, len(phrase))
    return {meaning: far for meaning, (far, _) in found.items()}


def _is_same(found: dict[str, tuple[int, int]], meaning: str, phrase: str, text: str, known: Words) -> bool:
    """Whether the part has two meanings, rather than being the end of a longer one."""
    return any(size == len(phrase) for _, size in found.values())


def seen_behind(raw: str, known: Words) -> set[str]:
    """What stands right behind a price means."""
    text = _TAX.sub("", raw.lower()).lstrip(" \u00a0\t")
    if text[:1] in ("(", "（"):
        text = _SIGNS.sub("", text, count=1)
    longest, found = 0, set()
    for phrase, meaning in known.joined_behind:
        if len(phrase) < longest:
            break
        if text.startswith(phrase):
            longest = len(phrase)
            found.add(meaning)
    return found
