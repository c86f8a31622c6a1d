"""Words behind a number that make it larger: thousand, lakh, 万, million.

Amounts in thousands are prices and are scaled. Millions are turnover and donations, no prices, but where the
currency is small (`Rp 1,5 juta`).
"""

from __future__ import annotations

import re
from decimal import Decimal

from mailcheck.content.lazily import lazy

_SCALES = {
    1_000: "thousand k K ribu rb rebu nghìn ngàn ngan nghin bin tys tys. тыс тыс. тис тис. тысяч тысячи тисяч хил хил. хиляди tis tis. tisíc "
    "ezer mii mil mila tusen tusind tuhat tuhatta þús þús. Tsd Tsd. tsd. Tausend tausend duizend mille migliaia хиљада хиљаде hiljada "
    "hiljade tisuća tisuće tisoč tūkst tūkst. tūkst tuh ألف الف آلاف אלף हज़ार हजार พัน χιλ χιλ. χιλιάδες",
    10_000: "万 萬 만 หมื่น",
    100_000: "lakh lakhs lac lacs Lakh Lakhs Lac L लाख แสน",
    1_000_000: "juta jt triệu trieu tr ล้าน",
    10_000_000: "crore crores Crore Crores Cr cr करोड़",
    100_000_000: "億 亿 억",
}
SCALES = {word: Decimal(factor) for factor, words in _SCALES.items() for word in words.split()}
STARTS = frozenset(word[:2] for word in SCALES) | frozenset("千천")
STARTS_OF_THREE = frozenset(word[:3] for word in SCALES) | frozenset("千천")
"""What a word for a thousand or more begins with: up to two, and up to three characters."""
_CJK = {
    "万": 10_000,
    "萬": 10_000,
    "만": 10_000,
    "億": 10**8,
    "亿": 10**8,
    "억": 10**8,
    "千": 1000,
    "천": 1000,
    "百": 100,
    "백": 100,
}
_TOO_LARGE = lazy(
    r"[\s]{0,3}(?:mill?(?:\.|ion\w*|i[oóõ]n\w*|oner|iard\w*|i[oó]n\w*)|milh[õã]\w+|mil[ij]on\w*|mil[ij]ard\w*|milj\w+|mili[oó]\w+|mln|mld|mlrd"
    r"|mrd|mio|mia|mdr|mds?|md[lk]|milyon|milyar|billi?[oó]n\w*|bilh[õã]\w+|bn|trillion\w*|tn|млн|млрд|мільйон\w*|мільярд\w*|миллион\w*|миллиард\w*"
    r"|милион\w*|милиард\w*|трлн|εκατ\w*|δισ\w*|מיליון|מיליארד|مليون|ملايين|مليار|milliárd\w*|millió\w*|tỷ|tỉ|miliar|मिलियन|million\w*)(?!\w)",
    re.IGNORECASE,
)
_SPACE_SIGNS = frozenset(" \u00a0")
_LARGE_STARTS = frozenset("mMbBtTмМтТεδדמممtTमبΕΔ")
_TIGHT_LARGE = lazy(r"(?:[mM]|[bB]|MM|mm|mn|MN|Mn|T)(?![\w/²³])")
_WORD = lazy(r"[ \u00a0]?([^\W\d_]+\.?)")
_JOINED = lazy(r"([万萬만億亿억千천])(?:([ \u00a0]?)(\d[\d,]*)([千천百백万萬만])?)?")
_JOINED_TAIL = lazy("หมื่น|แสน|พัน|ล้าน|लाख|करोड़|हज़ार|हजार")


def too_large(text: str, at: int, *, marked: bool) -> bool:
    """Whether a word for millions stands here; a bare `m` or `b` counts only where a marker stands on the left."""
    sign = text[at : at + 1]
    if sign.isspace():
        sign = text[at : at + 4].lstrip()[:1]
    if sign not in _LARGE_STARTS:
        return False
    return _TOO_LARGE.match(text, at) is not None or (marked and _TIGHT_LARGE.match(text, at) is not None)


def scale(text: str, at: int) -> tuple[Decimal, Decimal, int] | None:
    """What an amount is multiplied by, what is added (`2万5千`), and where that ends; `None` when nothing is said."""
    sign = text[at : at + 1]
    two = text[at + 1 : at + 3] if sign in _SPACE_SIGNS else text[at : at + 2]
    if two not in STARTS and two[:1] not in STARTS:
        return None
    joined = _JOINED.match(text, at)
    if joined is not None:
        factor, added, end = Decimal(_CJK[joined[1]]), Decimal(0), joined.end(1)
        if joined[3]:
            rest = Decimal(joined[3].replace(",", "")) * _CJK.get(joined[4] or "", 1)
            if rest < factor:
                added, end = rest, joined.end()
        return factor, added, end
    tail = _JOINED_TAIL.match(text, at + (sign in " \u00a0"))
    if tail is not None and tail[0] in SCALES:
        return SCALES[tail[0]], Decimal(0), tail.end()
    word = _WORD.match(text, at)
    if word is None:
        return None
    for spelled, end in ((word[1], word.end()), (word[1].rstrip("."), word.end() - 1)):
        if spelled in SCALES and (len(spelled) > 1 or sign == spelled):
            return SCALES[spelled], Decimal(0), end
    return None
