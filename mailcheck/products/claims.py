"""What a mail claims of all of its prices: `20 % off everything`, `up to 50 % off`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from mailcheck.campaign import Span
from mailcheck.content.dates_located import PartText
from mailcheck.content.lazily import lazy
from mailcheck.content.prices_located import Prices

_PERCENT = r"(?<![\d.,])(?P<percent>\d{1,2})[ \u00a0\u202f]?[%％](?!\w)"
_OFF = (
    r"off|discount|reduction|rabatt?|avslag|nachlass|reduziert|günstiger|korting|remise|réduction|descuento|dto|desconto"
    r"|sconto|alennus\w*|taniej|rabatu|zniżki|sleva|slevy|kedvezmény|reducere|sale"
)
_ALL = (
    r"everything|all (?:products|items|orders|plants|styles)|(?:the )?(?:whole|entire) (?:shop|store|site|range|collection)"
    r"|site-?wide|store-?wide|across the (?:board|site|store)|alles|das (?:ganze|gesamte) sortiment|alle (?:artikel|produkte)"
    r"|alt|alle varer|hele (?:sortimentet|butikken|nettbutikken|shoppen)|allt|alla varor|hela sortimentet"
    r"|het hele assortiment|de hele collectie|alle artikelen|tout|tout le site|toute la boutique|tous les articles"
    r"|todo|toda la (?:tienda|web)|todos los productos|tudo|todo o site|toda a loja|todos os produtos"
    r"|tutto|tutti i prodotti|kaikki|kaikesta|kaikista tuotteista|wszystko|cały asortyment|wszystkie produkty"
    r"|všechno|vše|celý sortiment"
)
_BETWEEN = (
    rf"[ \u00a0]*(?:(?:{_OFF})\b[ \u00a0]*)?(?:on |auf |på |op |sur |de descuento en |en |em |su |di sconto su |na )?"
)
_EVERYTHING = lazy(
    rf"{_PERCENT}{_BETWEEN}\b(?:{_ALL})\b|\b(?:{_ALL})\b[ \u00a0]*(?:is |now |er |är |ist |nu |jetzt )?[-–−]?"
    + _PERCENT.replace("percent>", "behind>")
    + rf"(?=[ \u00a0]*(?:{_OFF})\b|[ \u00a0]*[!.]?\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_NARROWED = lazy(
    r"\s*(?:\*|†|that|which|who|in|from|for|with|you|under|over|below|des|der|die|fra|från|i |som|til|till|för|with|except"
    r"|unntatt|utom|außer|sauf|excepto|tranne|but|what|where|if|when|dans|de la|del|della|z |s |ab |af )",
    re.IGNORECASE,
)
_CONDITION = lazy(
    r"\b(?:codes?|kode|koder|gutschein\w*|coupon\w*|voucher\w*|rabattkod\w*|código|codice|selected|utvalgte?|utvalda|udvalgte?"
    r"|ausgewählte?|geselecteerde?|sélectionn\w*|seleccionad\w*|extra|ekstra|zusätzlich\w*|members?|medlem\w*|mitglied\w*"
    r"|up to|bis zu|opptil|inntil|upp till|op til|tot|jusqu|hasta|até|fino|až|nawet|do|second|2nd|andre|zweite\w*|orders? over"
    r"|minimum|from|at checkout|in the basket|i kassen|i kassan|an der kasse|in the app|first order|first purchase)\b",
    re.IGNORECASE,
)
_EXCLUDED = lazy(
    r"\b(?:exclu(?:des?|ded|ding|sions)|ausgenommen|ausgeschlossen|unntatt|unntak|gjelder ikke|undtagen|gælder ikke|gäller ej"
    r"|gäller inte|undantag\w*|uitgezonderd|geldt niet|hormis|hors|exceptés?|excluid\w*|excepto|esclus\w*|nie dotyczy|nevztahuje"
    r"|ei koske|does not apply|not valid on)\b",
    re.IGNORECASE,
)
_UP_TO = lazy(
    r"\b(?:up to|upto|as much as|bis zu|opptil|inntil|upp till|op til|tot|jusqu['’]à|hasta(?: un| el)?|até|fino al?|až|nawet do"
    rf"|jopa)[ \u00a0]+(?:[-–−][ \u00a0]?)?{_PERCENT}",
    re.IGNORECASE,
)
_IS_DISCOUNT = lazy(
    rf"\b(?:{_OFF}|sav(?:e|ings?)|spar\w*|bespaar|économisez|ahorra|risparmia|cheaper|less)\b", re.IGNORECASE
)
_AROUND = 100


class Claim(Struct, frozen=True):
    """A percentage that a mail claims.

    Args:
        percent: the number.
        span: the claim as written.
        written: the same, character references resolved.
    """

    percent: Decimal
    span: Span
    written: str


def everything_claims(prices: Prices) -> Iterator[Claim]:
    """`20 % off everything`, without conditions; nothing in a mail that excludes something anywhere."""
    texts = [part.text for part in prices.parts]
    if any(_EXCLUDED.search(text.text) for text in texts):
        return
    for text in texts:
        for match in _EVERYTHING.finditer(text.text):
            number = match["percent"] or match["behind"]
            if not (_NARROWED.match(text.text, match.end()) or _CONDITION.search(_sentence(text, match))):
                yield _claim(text, match, number)


def up_to_claims(prices: Prices) -> Iterator[Claim]:
    """`Up to 50 % off`."""
    for part in prices.parts:
        for match in _UP_TO.finditer(part.text.text):
            sentence = _sentence(part.text, match)
            if _IS_DISCOUNT.search(sentence) and not _is_conditional(sentence):
                yield _claim(part.text, match, match["percent"])


def _is_conditional(sentence: str) -> bool:
    return (
        re.search(
            r"\b(?:extra|ekstra|zusätzlich\w*|additional|codes?|kode|coupon\w*|gutschein\w*)\b", sentence, re.IGNORECASE
        )
        is not None
    )


def _claim(text: PartText, match: re.Match[str], number: str) -> Claim:
    span = text.span(*match.span())
    return Claim(Decimal(number), span, " ".join(match[0].split()))


def _sentence(text: PartText, match: re.Match[str]) -> str:
    """What stands around a match in its line, without the sentences before and behind."""
    whole = text.text
    before = re.split(r"[.!?\n]", whole[max(0, match.start() - _AROUND) : match.start()])[-1]
    behind = re.split(r"[.!?\n]", whole[match.end() : match.end() + _AROUND])[0]
    return f"{before}{match[0]}{behind}"
