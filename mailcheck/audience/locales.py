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


_READ_AS = {
    **dict.fromkeys(("no", "nn"), "nb"),
    **dict.fromkeys(("yue", "wuu", "hak", "nan", "hsn", "gan"), "zh"),
    **dict.fromkeys(("prs", "pes"), "fa"),
    **dict.fromkeys(("arz", "ary", "aeb", "apc", "acm", "ajp"), "ar"),
    "tl": "fil",
    "gsw": "de",
    "hbs": "",
    "sh": "",
}
"""Languages whose readers read another as it is written: parts of one macrolanguage of ISO 639, or an old code of it.

Who reads Serbo-Croatian reads Bosnian, Croatian and Serbian, which are three to those who read one of them: it counts
as not known.
"""

_LANGUAGE_WORDS = {
    "mandarin": "zh",
    "mandarin chinese": "zh",
    "farsi": "fa",
    "castilian": "es",
    "castellano": "es",
    "valencian": "ca",
    "slovene": "sl",
    "bahasa indonesia": "id",
    "bahasa melayu": "ms",
    "bahasa malaysia": "ms",
    "vlaams": "nl",
}


def language_of(text: str) -> str:
    """The code (ISO 639) of a language as a list writes it, or an empty text when it is not known.

    One code stands for all that readers of one language read: `nb` for Norwegian, `zh` for Chinese, `fil` for Tagalog.
    """
    word = text.strip().lower()
    code = word.replace("_", "-").partition("-")[0]
    if code not in _language_codes() and code not in _READ_AS:
        name = word.replace("\uff08", "(").partition("(")[0].strip()
        code = _language_aliases().get(code) or _LANGUAGE_WORDS.get(name) or _languages().get(name, "")
    return _READ_AS.get(code, code)


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
def _language_aliases() -> Mapping[str, str]:
    """Codes that have another, which is in use: `deu` and `ger` are `de`, `iw` is `he`."""
    from babel.core import get_global

    aliases = get_global("language_aliases")
    return {name: str(code).partition("_")[0] for name, code in aliases.items() if name.isalpha()}


@cache
def _languages() -> Mapping[str, str]:
    from babel import Locale
    from babel.core import UnknownLocaleError

    found: dict[str, str] = {}
    for spoken in _SPOKEN:
        _name(found, Locale(spoken).languages)
    for code in _language_codes():
        try:
            names = Locale(code).languages
        except UnknownLocaleError:
            continue
        _name(found, {str(one): names[one] for one in names if str(one).partition("_")[0] == code})
    return found


def _name(found: dict[str, str], names: Mapping[str, str]) -> None:
    """Add the names of languages, those of variants (`Brazilian Portuguese`) behind those of whole languages."""
    for code, name in sorted(names.items(), key=lambda one: not one[0].isalpha()):
        found.setdefault(name.lower(), code.partition("_")[0])


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
