"""What looks like a price and is none: codes that are words, shoe sizes, coupon codes, shell variables."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from mailcheck.content.lazily import lazy
from mailcheck.content.price_markers import Marker
from mailcheck.content.price_markets import Market, retail
from mailcheck.content.price_numbers import Amount

_SIZE = lazy(
    r"(?:\bsize|größen?|groesse|\bgr\.?|\bstr\.?|størrelser?|storlek|\bstl\.?|\bmaat|maten|taille|pointures?|talla|tallas|taglia|taglie|rozmiar"
    r"|velikost|veľkosť|\bkoko|tamanho|número|numero|méret|mărime|размер|розмір|νούμερο|beden|numara|サイズ|사이즈|尺码|尺寸)[ \u00a0]*(?::|-)?[ \u00a0]*$",
    re.IGNORECASE,
)
_COUPON = lazy(
    r"(?:\bcode|kode|\bkoden|koodi\w*|\bkod\w{0,3}|\bkód\w{0,3}|\bcódigo|\bcodigo|\bcodice|\bcoupon|\bvoucher|\bpromo|gutschein(?:code)?|cupón|cupom|\bcod"
    r"|actiecode|kortingscode|kampanjkod|rabattkode|промокод\w*|код\w{0,2}|κωδικ\w+|コード|クーポン|코드|代码|優惠碼|优惠码|קוד|كود|رمز)"
    r"(?:[ \u00a0]+(?:is|er|är|ist|lautet|est|es|é|è|is|on|to|:))?[ \u00a0]*[:=]?[ \u00a0]*[\"'“”„»«]?$",
    re.IGNORECASE,
)
_SHELL_LINE = lazy(
    r"\bawk\b|\bsed\b|\becho\b|\bprint(?:f)?\b|\bperl\b|\bs/|preg_|\bregex|\$_|\$@|\$#|\bgrep\b|\bif \[|\bshift\b|#!/|\bmy \$|\bexport\b|\bfunction\b|\$\{|\$\(|\bargv?\b|&&|\|\|"
)
_WEEKDAY_BEFORE = lazy(
    r"(?:mo|di|mi|do|lun|mar|mer|jeu|ma|ti|on|to)\.?[ \u00a0]*(?:-|bis|au|til)[ \u00a0]*$", re.IGNORECASE
)
_TIME_BEHIND = lazy(
    r"[ \u00a0]?(?:-|bis|au|to|til)[ \u00a0]?\d{1,2}(?:[.:]\d\d)?[ \u00a0]?(?:uhr|h\b|$)|[ \u00a0]?(?:uhr|h)\b",
    re.IGNORECASE,
)
_REFERENCE = lazy(
    r"\b(?:pages?|sections?|paragraphs?|clauses?|articles?|figures?|fig|tables?|lines?|chapters?|appendix|questions?|items?|forms?|rows?"
    r"|rooms?|gates?|channels?|volumes?|vol|verses?|notes?)\.?[ \u00a0]$",
    re.IGNORECASE,
)
_ROAD_BEFORE = lazy(r"\b(?:the|on|along|off|via|take|from|exit|road|route|highway|motorway)[ \u00a0]$", re.IGNORECASE)
_ROAD_BEHIND = lazy(
    r"[ \u00a0]?(?:$|[,.;)]|to\b|at\b|near\b|towards?\b|north\b|south\b|east\b|west\b|and the [NMR]\d|highway|motorway|road|route|exit|turn-?off)",
    re.IGNORECASE,
)
_SHAPES = "形卓筒盤柱周高安熟滑陣環"
"""Behind 円 they make a word: round, cylinder, disc."""
_RESOLUTIONS = frozenset(Decimal(lines) for lines in (144, 240, 360, 480, 576, 720, 1080, 1440, 2160, 4320))
_SHORT = 12
_LONGEST_ROAD = 1000
_TOKEN = 40
_TOKEN_REST = lazy(r"[!-~]{1,200}")


@cache
def _codes() -> tuple[frozenset[str], frozenset[str]]:
    known = retail()
    return frozenset(known["words"]), frozenset(known["majors"])


def _is_year(amount: Amount) -> bool:
    return not amount.written and 1900 <= amount.value <= 2099


def _wrong_code(marker: Marker, amount: Amount, market: Market, *, left: bool) -> bool:
    """Whether capitals are rather a word or a brand than a currency: `TOP 10`, `COP 28`, `CAD 2024`."""
    code = marker.codes[0]
    if amount.written or code == market.currency:
        return False
    words, majors = _codes()
    return code in words or code not in majors or (left and _is_year(amount))


def _wrong_name(amount: Amount, *, left: bool) -> bool:
    """`Euro 6` is a standard, `EURO 2024` a championship."""
    return left and not amount.written and (amount.value <= 7 or _is_year(amount))


def _is_brand(text: str, span: tuple[int, int], marker: Marker, amount: Amount, market: Market) -> bool:
    """English says `16 dollars`; `16 Dollar Shave Club` is a name."""
    spelled = marker.text.lower()
    singular = spelled == "real" or (market.language == "en" and spelled in ("dollar", "pound", "peso", "rupee"))
    return singular and amount.value > 1 and "-" not in text[span[0] : span[1]]


def _is_model(text: str, start: int, marker: Marker, amount: Amount, *, left: bool) -> bool:
    """Whether a letter or two belong to the name of a thing: `P10-R1`, `DVD/56K`, `Q3`, `release 1.8c`."""
    before = text[max(0, start - 2) : start]
    if before[-1:] and before[-1] in '-/=_"':
        return True
    if not left:
        return marker.tight and amount.value != amount.value.to_integral_value()
    if len(marker.text) > 1 or not marker.text.isalpha():
        return False
    if marker.text == "R" and not amount.written and amount.value < _LONGEST_ROAD and _is_road(text, start, amount):
        return True
    glued = text[start + 1 : start + 2].isdigit()
    return before.strip()[-1:].isdigit() or (glued and not amount.written and amount.value < 10 and marker.text != "R")


def _is_road(text: str, start: int, amount: Amount) -> bool:
    """Whether `the R21` is a road."""
    end = start + 1 + len(f"{amount.value:f}")
    return _ROAD_BEFORE.search(text, start - 10, start) is not None and _ROAD_BEHIND.match(text, end) is not None


def _is_weekday(text: str, start: int, end: int) -> bool:
    """Whether `Fr.` is a Friday: `Fr. 12.12.`, `Mo.-Fr. 9-18 Uhr`."""
    if _WEEKDAY_BEFORE.search(text, start - _SHORT, start):
        return True
    if text[end : end + 1] == "." and text[end + 1 : end + 2].strip()[:1] != "-":
        digits = text[start:end].lstrip("FfRrSs. \u00a0")
        return re.fullmatch(r"\d{1,2}(?:\.\d{1,2})?", digits) is not None and text[end : end + 2].strip() == "."
    return _TIME_BEHIND.match(text, end) is not None


def _is_shell(text: str, start: int, end: int) -> bool:
    """Whether `$1` is a variable."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == "/" and text[start - 2 : start - 1].isdigit() and not after.strip(" \u00a0\n.,;!)"):
        return False
    if (before and before in "/\\`") or (after and after in "\\`"):
        return True
    if before and before in "\"'{[" and after and after in "\"'}]/":
        return True
    begin = text.rfind("\n", max(0, start - 200), start) + 1 or max(0, start - 200)
    close = text.find("\n", end, end + 200)
    return _SHELL_LINE.search(text, begin, close if close >= 0 else end + 200) is not None


_OPENS = frozenset(" \n\r\x00\u00a0([{\"'“”„«»‹›<>:=/-+*~|,;.•·!?¡¿&")
_CLOSES = frozenset(" \n\r\x00\u00a0()[]}\"'“”«»‹›<>:=/-+*~|,;.•·!?&¹²³")
_TIMES = ("x", "X", "×")
_WORD_BEHIND = lazy(r"[^\W\d_]{2,}")
_SHORT_BEHIND = frozenset(("pm", "pw", "pa", "pp", "ea", "mo", "yr", "kk", "pr", "OFF", "off", "Off", "kg", "St"))


def _may_stand(sign: str, signs: frozenset[str]) -> bool:
    if sign in signs:
        return True
    if sign.isalpha():
        return sign.lower() == sign.upper()
    return sign >= "\u2000" and not sign.isdigit()


def _is_counted(text: str, start: int) -> bool:
    """Whether a count stands right before: `3x33 €`."""
    return text[start - 1] in _TIMES and text[start - 2 : start - 1].isdigit()


def is_clean(text: str, start: int, end: int) -> bool:
    """Whether a price stands free, as in copy; amid letters and odd signs it is encoded data or the number of a mail."""
    if start > 0 and not _may_stand(text[start - 1], _OPENS) and not _is_counted(text, start):
        return False
    if end >= len(text) or (text[end - 1].isalpha() and not text[end - 1].isascii()) or _may_stand(text[end], _CLOSES):
        return True
    word = _WORD_BEHIND.match(text, end)
    return word is not None and ((word[0].islower() and len(word[0]) > 2) or word[0] in _SHORT_BEHIND)


def _in_address(text: str, start: int, end: int) -> bool:
    """Whether it stands inside an address or a block of encoded text."""
    low = max(0, start - 200)
    begin = max(low, text.rfind(" ", low, start) + 1)
    begin = max(begin, text.rfind("\n", begin, start) + 1)
    token = text[begin:start]
    if not token and text.find(" ", end, end + _TOKEN) >= 0:
        return False
    if "://" in token or token.startswith(("www.", "mailto:")) or ("?" in token and "=" in token):
        return True
    rest = _TOKEN_REST.match(text, end)
    return token.isascii() and len(token) + (rest.end() - end if rest else 0) > _TOKEN


def is_trap(text: str, span: tuple[int, int], marker: Marker, amount: Amount, market: Market, *, left: bool) -> bool:
    """Whether a number with a marker is no price after all.

    Args:
        text: the flat text.
        span: from the marker or number that comes first to the end of the other.
        marker: the currency, on the `left` or the right.
        amount: what the digits say.
        market: where the mail is read.
    """
    start, end = span
    if market.cell:
        return False
    if marker.code and _wrong_code(marker, amount, market, left=left):
        return True
    if marker.name and (_wrong_name(amount, left=left) or _is_brand(text, span, marker, amount, market)):
        return True
    if marker.minor and (_wrong_cents(marker, amount) or _REFERENCE.search(text, start - 14, start)):
        return True
    if marker.text == "円" and text[end : end + 1] and text[end] in _SHAPES:
        return True
    if marker.own and len(marker.text) <= 2 and _is_model(text, start, marker, amount, left=left):
        return True
    return _is_elsewhere(text, span, marker, amount, left=left) or _in_address(text, start, end)


def _is_elsewhere(text: str, span: tuple[int, int], marker: Marker, amount: Amount, *, left: bool) -> bool:
    """Whether the words around say that it is a day, a variable, a size or a coupon code."""
    start, end = span
    if marker.text[0] in "FSfs" and "CHF" in marker.codes and left and _is_weekday(text, start, end):
        return True
    if marker.text == "$" and not amount.written and amount.value < 100 and left and _is_shell(text, start, end):
        return True
    if not marker.code:
        return False
    if not amount.written and _SIZE.search(text, start - 16, start):
        return True
    return " " not in text[start:end] and _COUPON.search(text, start - 24, start) is not None


def _wrong_cents(marker: Marker, amount: Amount) -> bool:
    if marker.small and amount.value > 99:
        return True
    return amount.value >= 1000 or (marker.text == "p" and amount.value in _RESOLUTIONS)
