"""What a locale says about prices: its currency, its decimal sign, on which side the currency stands."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import TypedDict

from msgspec import Struct

_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?(?:[-_.@].*)?", re.DOTALL)


class _Cldr(TypedDict):
    babel: str
    territories: dict[str, str]
    likely: dict[str, str]
    formats: dict[str, str]
    digits: dict[str, int]
    codes: list[str]
    symbols: dict[str, str]


class _Retail(TypedDict):
    spellings: dict[str, str]
    words: list[str]
    majors: list[str]
    dash_lands: list[str]
    countries: dict[str, str]


def _data(name: str) -> str:
    return resources.files("mailcheck.content").joinpath("data", name).read_text(encoding="utf-8")


@cache
def cldr() -> _Cldr:
    """What is made from CLDR."""
    made: _Cldr = json.loads(_data("prices_cldr.json"))
    return made


@cache
def retail() -> _Retail:
    """What shops write and CLDR does not know; reviewed by hand."""
    made: _Retail = json.loads(_data("prices_markers.json"))
    return made


class Market(Struct, frozen=True):
    """What prices look like where a mail is read.

    Args:
        language: as in ISO 639.
        territory: as in ISO 3166, the likely one when the locale says none; empty when unknown.
        currency: the tender of the territory, as in ISO 4217; empty when unknown.
        decimal: the decimal sign, `.` or `,`.
        group: the sign between thousands; any space is a no-break space.
        first: whether the currency stands before the amount.
        dashes: whether `199,-` is a price without a currency.
        cell: a field that holds nothing but a price is read, not copy.
    """

    language: str
    territory: str
    currency: str
    decimal: str
    group: str
    first: bool
    dashes: bool
    cell: bool = False


def _format(language: str, script: str, territory: str) -> str:
    formats = cldr()["formats"]
    for parts in ((language, script, territory), (language, territory), (language, script), (language,)):
        found = formats.get("_".join(part for part in parts if part))
        if found:
            return found
    return ".,p"


@cache
def market(locale: str) -> Market:
    """What a locale says about prices.

    Raises:
        ValueError: It is no locale.
    """
    match = _LOCALE.fullmatch(locale.strip())
    if match is None:
        raise ValueError(f"{locale!r} is no locale; write it like nb_NO or en")
    language, script = match[1].lower(), (match[2] or "").title()
    language = {"no": "nb", "iw": "he", "in": "id", "tl": "fil"}.get(language, language)
    territory = (match[3] or "").upper()
    if territory not in cldr()["territories"]:
        likely = cldr()["likely"]
        territory = (script and likely.get(f"{language}_{script}")) or likely.get(language, "")
    signs = _format(language, script, territory if match[3] else "")
    decimal, group, side = signs[0], signs[1], signs[2]
    if group == "\u202f":
        group = "\u00a0"
    group = "'" if group == "’" else group
    currency = cldr()["territories"].get(territory, "")
    return Market(
        language=language,
        territory=territory,
        currency=currency,
        decimal="." if decimal == "." else ",",
        group=group,
        first=side == "p",
        dashes=territory in retail()["dash_lands"],
    )
