"""Makes `mailcheck/content/data/prices_cldr.json` from babel: `python tests/price_tables.py`.

The file says which release of babel it was made from; `test_prices_tables.py` compares the two.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import babel
from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers
from babel.numbers import get_currency_precision, get_territory_currencies

FILE = Path(__file__).parents[1] / "mailcheck" / "content" / "data" / "prices_cldr.json"
AS_OF = dt.date(2026, 1, 1)
NEWER = {"BG": "EUR", "CW": "XCG", "SX": "XCG"}
"""Territories whose currency changed after the CLDR release in babel (ISO 4217, amendments 176 and 180)."""

_MARKS = str.maketrans("", "", "\u200e\u200f\u061c\u200b")


def locales() -> Iterator[Locale]:
    for name in locale_identifiers():
        if name.count("_") <= 2 and "POSIX" not in name and "VALENCIA" not in name:
            yield Locale.parse(name)


def tender() -> dict[str, str]:
    found = {}
    for territory in sorted(get_global("territory_currencies")):
        current = get_territory_currencies(territory, AS_OF, AS_OF)
        if current and len(territory) == 2:
            found[territory] = current[-1] if territory in {"BT", "LS", "NA", "ZW"} else current[0]
    return found | NEWER


def likely() -> dict[str, str]:
    """The likely territory of a language, or of a language with a script."""
    found = {}
    for name, full in get_global("likely_subtags").items():
        parts = name.split("_")
        if name.startswith("und") or len(parts) > 2 or (len(parts) == 2 and len(parts[1]) != 4):
            continue
        found[name] = full.rpartition("_")[2]
    known = {locale.language for locale in locales()}
    return {name: found[name] for name in sorted(found) if name.split("_")[0] in known}


def formats() -> dict[str, str]:
    """Decimal sign, group sign and `p` (the currency comes first) or `s`, where they differ from the parent's."""
    found: dict[str, str] = {}
    for locale in sorted(locales(), key=lambda one: (str(one).count("_"), str(one))):
        symbols = locale.number_symbols
        digits: dict[str, Any] = symbols.get("latn") or next(iter(symbols.values()))
        decimal = digits.get("currencyDecimal") or digits.get("decimal", ".")
        group = digits.get("currencyGroup") or digits.get("group", ",")
        pattern = locale.currency_formats["standard"].pattern.partition(";")[0].translate(_MARKS)
        value = decimal + group + ("p" if pattern.startswith("¤") else "s")
        if found.get(str(locale).rpartition("_")[0]) != value:
            found[str(locale)] = value
    return found


def symbols(current: set[str]) -> dict[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for locale in locales():
        for code, symbol in locale.currency_symbols.items():
            plain = symbol.translate(_MARKS).replace("\u202f", "\u00a0").strip()
            if code in current and plain and plain not in current and plain != "¤":
                found[plain].add(code)
    return {symbol: " ".join(sorted(codes)) for symbol, codes in sorted(found.items())}


def table() -> dict[str, object]:
    territories = tender()
    current = set(territories.values()) | {"CHE", "CHW", "CLF", "UYI", "CNH"}
    digits = {code: get_currency_precision(code) for code in sorted(current) if get_currency_precision(code) != 2}
    return {
        "babel": babel.__version__,
        "territories": territories,
        "likely": likely(),
        "formats": formats(),
        "digits": digits,
        "codes": sorted(current),
        "symbols": symbols(current),
    }


def written() -> str:
    """The text of the file."""
    return json.dumps(table(), ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    sys.exit(0 if FILE.write_text(written(), encoding="utf-8") else 1)
