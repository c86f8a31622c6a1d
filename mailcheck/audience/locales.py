"""Languages and countries as lists write them: `Deutsch`, `nl_BE`, `The Netherlands`, `UK`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

_SPOKEN = ("en", "de", "nl", "fr", "es", "it", "pt", "sv", "nb", "da", "fi", "pl", "cs")
"""Languages in which lists name languages and countries."""

_COUNTRY_WORDS = {
    "uk": "gb",
    "great britain": "gb",
    "england": "gb",
    "scotland": "gb",
    "wales": "gb",
    "northern ireland": "gb",
    "usa": "us",
    "u.s.a.": "us",
    "u.s.": "us",
    "america": "us",
    "united states of america": "us",
    "the netherlands": "nl",
    "holland": "nl",
    "deutschland": "de",
    "czech republic": "cz",
    "south korea": "kr",
    "russia": "ru",
    "viet nam": "vn",
    "el": "gr",
    "republic of ireland": "ie",
    "eire": "ie",
    "brd": "de",
    "russian federation": "ru",
    "korea, republic of": "kr",
    "ivory coast": "ci",
    "macedonia": "mk",
}


def language_of(text: str) -> str:
    """The code (ISO 639) of a language as a list writes it, or an empty text when it is not known."""
    word = text.strip().lower()
    code = word.replace("_", "-").partition("-")[0]
    if code in _language_codes():
        return {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}.get(code, code)
    return _languages().get(word.partition("(")[0].strip(), "")


def country_of(text: str) -> str:
    """The code (ISO 3166, small letters) of a country as a list writes it, or an empty text when it is not known."""
    word = text.strip().lower()
    if word in _COUNTRY_WORDS:
        return _COUNTRY_WORDS[word]
    if len(word) == 2:
        return word if word in _countries().values() else ""
    return _countries().get(word) or _three_letters().get(word, "")


@cache
def _language_codes() -> frozenset[str]:
    from babel import Locale

    codes = map(str, Locale("en").languages)
    return frozenset(code for code in codes if code.isalpha() and len(code) in (2, 3))


@cache
def _languages() -> Mapping[str, str]:
    from babel import Locale
    from babel.core import UnknownLocaleError

    found: dict[str, str] = {}
    for spoken in _SPOKEN:
        for code, name in Locale(spoken).languages.items():
            if code.isalpha():
                found.setdefault(name.lower(), code)
    for code in _language_codes():
        try:
            own = Locale(code).get_language_name(code)
        except UnknownLocaleError:
            continue
        if own:
            found.setdefault(own.lower(), code)
    return found


@cache
def _countries() -> Mapping[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for spoken in _SPOKEN:
        for code, name in Locale(spoken).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB"):
                found.setdefault(name.lower(), code.lower())
    return found


@cache
def _three_letters() -> Mapping[str, str]:
    from babel.core import get_global

    aliases = get_global("territory_aliases")
    return {name.lower(): codes[0].lower() for name, codes in aliases.items() if len(name) == 3 and len(codes) == 1}
