"""Coupon codes in copy: the word that announces one, in many languages, and what stands behind or before it.

`Use code SAVE20`, `Kode: VÅR20`, `SAVE20 kodunu kullan`. A bare *code* is one of many kinds (of an area, a login, a program);
it counts only where something near speaks of a discount, and not where the word before it says what else it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailcheck.content.lazily import lazy

_STEM = lazy(
    "c[oóò]d|k[oó]d|kood|coupon|kup[oó]n|cup[oóã]|vouch|gutschein|buono|bonuskod|κωδικ|κουπ[οό]ν|код|купон|קוד|קופון|كود|رمز|كوبون"
    "|कोड|कूपन",
    re.IGNORECASE,
)
"""What the words for a code begin with or hold: all that is searched for in the whole text."""
_JOINED = lazy(
    r"(?:クーポン|プロモーション|プロモ|割引|キャンペーン)?コード|クーポン番号|クーポン|优惠券?码|優惠券?碼|折扣[码碼]|优惠代码|優惠代碼|促销码|推广码|兌換碼"
    r"|(?:쿠폰|할인|프로모션|프로모) ?코드|쿠폰 ?번호|쿠폰|โค้ดส่วนลด|รหัสส่วนลด|โค้ด|mã (?:giảm giá|khuyến mãi|ưu đãi)|mã"
)
_WEAK = lazy(
    r"code|codes|kode|koden|kod|kodem|kodu|kodunu|koduyla|kody|kodom|koda|kodo|kodą|kodas|kods|kodi|kód|kódu|kódem|kódom|kódot|kóddal"
    r"|koodi|koodilla|koodin|koodia|koodiga|kood|koodi[lt]|codice|codici|c[óo]digo|cod|codul|codului|код|кода|кодом|коду|кодът|кодот"
    r"|κωδικ(?:ό|ός|ού)|קוד|הקוד|كود|الكود|رمز|الرمز|कोड",
    re.IGNORECASE,
)
_STRONG = lazy(
    r"(?:promo|promotions?|rabatt?|rabatts|kampanj|kampanje|kampagne|kampanja|aktions?|gutschein|vorteils|sparte?|kortings|actie"
    r"|coupon|kupon|kupong|kupongs?|tilbuds|erbjudande|värde|verdi|alennus|etu|tarjous|soodus|nuolaidos|discount|voucher|промо|bonus)"
    r"-?(?:codes?|koden?|kod[aeou]?m?|kód\w{0,3}|koodi\w{0,4}|kood\w{0,3}|код\w{0,3}|nummer)"
    r"|coupons?|kupon(?:g|gen|ki|unu|u|as|s)?|kupónu?|vouchers?|voucherul|gutschein|cup[óo]n|cup[ão]o|cupom|buono|κουπόνι|купон\w{0,2}"
    r"|קופון|كوبون|कूपन",
    re.IGNORECASE,
)
_QUALIFIES = (
    r"promo[^\W\d_]*|discount|coupon|voucher|offer|gift|sale|savings?|special|exclusive|réduction|remise|avantage|cadeau|descuento|cupón|desconto"
    r"|sconto|rabatow[^\W\d_]+|promocyj[^\W\d_]+|zniżkow[^\W\d_]+|slev[^\W\d_]+|zľav[^\W\d_]+|reducere|popust|έκπτωσης|προσφοράς|εκπτωτικ[^\W\d_]+|скидк[^\W\d_]+|скидоч[^\W\d_]+|отстъпка"
    r"|знижк[^\W\d_]+|הנחה|קופון|خصم|الخصم|القسيمة|التخفيض|diskon|voucher|indirim|promosyon|kupon|kedvezmény[^\W\d_]*|atlaižu|nuolaidos|soodus|छूट|कूपन"
    r"|giảm giá|rabatt?|korting"
)
_QUALIFIED_BEFORE = lazy(rf"(?:{_QUALIFIES})[ \u00a0-]?$", re.IGNORECASE)
_BEHIND_WORD = lazy(
    rf"((?:[ \u00a0]+(?:de|di|za|na|du|d['’]|per lo)?[ \u00a0]?(?:{_QUALIFIES})(?![\w-])){{0,2}})"
    r"(?:[ \u00a0]+(?:is|er|är|ist|lautet|est|es|é|è|on|jest|je|to|este|olan|adalah|είναι|by|:)(?![^\W_]))?",
    re.IGNORECASE,
)
_OTHER_KIND = lazy(
    r"(?:zip|post(?:al)?|area|source|qr|bar|dress|error|country|product|item|verification|security|access|confirmation|tracking|order|login|log-?in"
    r"|sign-?in|activation|pass|one-?time|2fa|mfa|otp|pin|reference|sort|swift|iban|building|penal|civil|tax|morse|colou?r|hex|unlock|entry|door"
    r"|invite|invitation|referral|your own|exit|status|html|http|java|python|machine|low-?|no-?|plain|postnummer|bestätigungs|sicherheits|zugangs"
    r"|vérification|sécurité|confirmation|verificación|seguridad|verifica|bekræftelses|bekreftelses|engangs|verifierings)[ \u00a0-]?$",
    re.IGNORECASE,
)
_SPEAKS_OF_DISCOUNT = lazy(
    r"\d[ \u00a0]?[%％٪]|[%٪]\d|[$€£¥₹₺₽₩]|\b(?:kr|zł|eur|usd|gbp|chf|lei|kč|ft)\b|\b(?:off|sav(?:e|ing|ings)|discounts?|checkout|free|sale|deal|offer|coupon|rabat\w*|spar\w*|kass[ae]\w*"
    r"|warenkorb|kostenlos|gratis|gratuit\w*|korting\w*|bestel\w*|réduction|remise|panier|descuento\w*|ahorra\w*|desconto\w*|sconto|sconti|zniżk\w*|koszyk\w*"
    r"|slev\w*|zľav\w*|košík\w*|kedvezmény\w*|reducere\w*|popust\w*|alennus\w*|alen|tarjou\w*|soodus\w*|atlaid\w*|nuolaid\w*|indirim\w*|έκπτωσ\w*|скид\w+|отстъпк\w+|знижк\w+"
    r"|giảm|ưu đãi|diskon)\b|割引|オフ|クーポン|할인|쿠폰|优惠|優惠|折|הנחה|خصم|تخفيض|छूट|ส่วนลด|ลด",
    re.IGNORECASE,
)
_WRITTEN = r"[^\W_](?:[\w-]{2,30}[^\W_])"
_QUOTES = "\"'“”„«»‘’「『【《‹›*_`"
_SIGN = lazy(rf"[ \u00a0]*(?P<sign>[:：=–—-]?)[ \u00a0]*(?P<quote>[{_QUOTES}\[(]{{0,3}})")
_CODE_HERE = lazy(_WRITTEN)
_NEXT_LINE = lazy(
    rf"[ \u00a0]*[:：]?[ \u00a0]*(?:\r?\n[ \t\u00a0]*){{1,6}}[{_QUOTES}>]{{0,3}}({_WRITTEN})[{_QUOTES}.!]{{0,3}}[ \t\u00a0]*(?=\r?\n|\Z)"
)
_BEFORE_WORD = lazy(rf"(?<![\w-])({_WRITTEN})(?P<behind>[{_QUOTES}」』】》]{{0,2}}[ \u00a0-]?)$")
_AT_CHECKOUT = lazy(
    rf"\b(?:use|enter|apply|with|quote)[ \u00a0]+[{_QUOTES}]?(?P<token>{_WRITTEN})[{_QUOTES}]?[ \u00a0]+(?:at|in|during)[ \u00a0]+(?:the[ \u00a0]+)?(?:checkout|basket|cart)\b",
    re.IGNORECASE,
)
_FOLLOWS_CODE = lazy(
    r"kodu\w*|kód\w*|koodi\w*|코드\w*|쿠폰\w*|クーポン\w*|コード\w*|优惠\w*|優惠\w*|折扣\w*|कोड|कूपन|kuponkód\w*|kuponunu|promosyon|indirim",
    re.IGNORECASE,
)
_NO_CODES_TEXT = (
    "BELOW ABOVE HERE THIS THAT YOUR THEIR WITH WHEN FROM INTO ONLY NEEDED REQUIRED NECESSARY VALID EXPIRES EXPIRED ENDS APPLIED APPLIES APPLY"
    " AUTOMATICALLY INSIDE CHECKOUT ONLINE INSTORE STORE CODE CODES COUPON COUPONS VOUCHER PROMO PROMOCODE PROMO-CODE COUPONCODE COUPON-CODE"
    " DISCOUNT DISCOUNTCODE OFFER OFFERS SALE SALES FREE SHIPPING TODAY TONIGHT TOMORROW UNTIL BEFORE AFTER WHILE NOW SHOP GET USE ENTER COPY"
    " CLICK UNLOCK REVEAL SAVE MORE YOURCODE YOUR-CODE MYCODE NULL NONE UNDEFINED TEST EXAMPLE GUTSCHEIN GUTSCHEINCODE AKTIONSCODE RABATTCODE"
    " EINLÖSEN EINGEBEN GÜLTIG BEIM UNTEN HIER SICHERN KOPIEREN RABATT RABATTKODE RABATTKOD KODE KODEN KODEN VED HANDLE GJELDER BRUK UTGÅR"
    " VALABLE PROFITEZ AVEC DANS POUR VOTRE CODIGO CÓDIGO CUPÓN CUPOM DESCUENTO DESCONTO SCONTO CODICE VÁLIDO VALIDO SOLO HASTA PARA"
    " PRZY KASIE KOSZYKU RABATOWY PROMOCYJNY KLIKNIJ HTML HTML5 HTTP HTTPS CSS3 UTF8 UTF-8 ISO-8859-1"
)
_NO_CODES = frozenset(_NO_CODES_TEXT.split())
_WORD_AND_NUMBER = lazy(r"(?<![\w-])[^\W\d_a-z]{4,}-?\d{1,2}$")
"""`SPRING20`: what people think up; codes that log somebody in are drawn by lot."""
_LOWER_TAIL = lazy(r"\d+[a-z]{1,3}")
_NEAR = 160


def announced(text: str) -> Iterator[tuple[int, int]]:
    """Where the coupon codes of a text stand that a word announces, as (start, end), in order of that word."""
    seen: set[tuple[int, int]] = set()
    for start, end, certain in _words(text):
        said = _BEHIND_WORD.match(text, end)
        strong = certain or (said is not None and bool(said[1]))
        found = _behind(text, start, said.end() if said is not None else end, strong=strong) or _before(
            text, start, end
        )
        if found is not None and found not in seen and (strong or _is_about_discount(text, start, found[1])):
            seen.add(found)
            yield found
    for match in _AT_CHECKOUT.finditer(text) if "heckout" in text or "asket" in text or " cart" in text else ():
        if match.span("token") not in seen and _is_code(match["token"], sure=False, shouted=match[0].isupper()):
            yield match.span("token")


def _words(text: str) -> Iterator[tuple[int, int, bool]]:
    """The words for a code: start, end, and whether it can be no other code than that of an offer."""
    done = 0
    for stem in _STEM.finditer(text):
        if stem.start() < done:
            continue
        start, end = stem.span()
        while start > done and (
            text[start - 1].isalpha() or (text[start - 1] == "-" and text[start - 2 : start - 1].isalpha())
        ):
            start -= 1
        while end < len(text) and (text[end].isalpha() or text[end] in "\u094d\u093e\u0942\u0913"):
            end += 1
        done = end
        word = text[start:end]
        before = text[max(0, start - 24) : start]
        if before[-1:] in "?&/_" and before:
            continue
        if _STRONG.fullmatch(word):
            yield start, end, True
        elif _WEAK.fullmatch(word) and not _OTHER_KIND.search(before):
            yield start, end, _QUALIFIED_BEFORE.search(before) is not None
    if not text.isascii():
        yield from (
            (match.start(), match.end(), match[0] not in ("コード", "โค้ด", "mã")) for match in _JOINED.finditer(text)
        )


def _behind(text: str, start: int, end: int, *, strong: bool) -> tuple[int, int] | None:
    """The code behind the word, on its line or alone on the next one."""
    word = text[start:end]
    sign = _SIGN.match(text, end)
    at = sign.end() if sign is not None else end
    token = _CODE_HERE.match(text, at)
    if token is not None and sign is not None and (at > end or not text[end - 1].isascii()):
        sure = bool(sign["quote"].strip("[(")) or bool(sign["sign"].strip("-–—"))
        shouted = word.isupper() and word.isascii() and not sure
        if text[token.end() : token.end() + 1] not in ("@", "%", "_", "$", "-") and _is_code(
            token[0], sure=sure, shouted=shouted
        ):
            return token.span()
        return None
    alone = _NEXT_LINE.match(text, end)
    if alone is not None and _is_code(alone[1], sure=strong, shouted=False):
        return alone.span(1)
    return None


def _before(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The code before the word, in the languages that put it there: `SAVE20 kodunu kullan`."""
    if _FOLLOWS_CODE.match(text, start, end + 12) is None:
        return None
    token = _BEFORE_WORD.search(text, max(0, start - 40), start)
    if token is None or not _is_code(token[1], sure=False, shouted=False):
        return None
    return token.span(1)


def _is_about_discount(text: str, start: int, end: int) -> bool:
    return (
        _WORD_AND_NUMBER.search(text, max(0, end - 24), end) is not None
        or _SPEAKS_OF_DISCOUNT.search(text, max(0, start - _NEAR), end + _NEAR) is not None
    )


def _is_code(token: str, *, sure: bool, shouted: bool) -> bool:
    """Whether a word is written like a code.

    Args:
        token: the word.
        sure: a colon or quotes point at it.
        shouted: the words before it are in capitals, so that capitals say nothing.
    """
    letters = [sign for sign in token if sign.isalpha()]
    digits = any(sign.isdigit() for sign in token)
    if not 4 <= len(token) <= 24 or token.upper() in _NO_CODES or len(set(token.upper()) - {"-"}) < 2 or not letters:
        return False
    if digits:
        return _LOWER_TAIL.fullmatch(token) is None and (len(letters) > 1 or sure)
    upper = all(sign.isupper() for sign in letters)
    return (upper and not shouted) or (sure and upper)
