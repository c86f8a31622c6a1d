"""Make `mailcheck/content/data/date_names.json`, the names of months and weekdays, from babel.

python tests/date_names.py
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import cast

from babel import Locale, localedata

FILE = Path(__file__).parents[1] / "mailcheck" / "content" / "data" / "date_names.json"

_CODES = """
af am ar as ast az be bg bn br brx bs ca ceb chr ckb cs cv cy da de doi dsb el en eo es et eu fa fi fil fo fr fur fy
ga gd gl gn gsw gu gv ha haw he hi hr hsb hu hy ia id is it ja jv ka kk kl km kn ko kok ks ksh ku kw ky lb lij lkt
lo lt lv mai mi mk ml mn mni mr ms mt my nb nds ne nl nn no oc om or os pa pl ps pt qu rm ro ru sa sat sc sd se si
sk sl smn so sq sr su sv sw szl ta te tg th ti tk to tr tt ug uk ur uz vec vi wae xh yi yo yue zh zu
"""
LANGUAGES = _CODES.split()
_QUOTED = re.compile(r"'[^']*'")
_MARKS = re.compile("[\u200e\u200f\u061c]")
_NO_NAMES = re.compile(r"[mM]?\d+")


@cache
def identifiers() -> dict[str, list[str]]:
    """The locales of each language."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(localedata.locale_identifiers()):
        if not {"Dsrt", "Shaw", "POSIX"} & set(name.split("_")):
            found[name.partition("_")[0]].append(name)
    return found


def order(pattern: str) -> str:
    """`dmy` of `dd/MM/y`, `md` of `M/d`."""
    letters = [{"L": "m"}.get(one, one.lower()) for one in _QUOTED.sub("", pattern) if one in "dMLy"]
    return "".join(dict.fromkeys(letters))


def weekday_last(pattern: str) -> bool:
    bare = _QUOTED.sub("", pattern)
    return "E" in bare and bare.index("E") > bare.index("d")


def cleaned(name: str) -> str:
    name = unicodedata.normalize("NFC", _MARKS.sub("", name)).replace("İ", "i").lower().replace("\u00a0", " ")
    return name.strip(" .")


def fresh(name: str) -> Locale:
    """A locale whose tables nobody touched: babel merges what one locale overrides into tables that others share."""
    localedata._cache.clear()
    return Locale.parse(name)


ROOT_DAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
"""What CLDR has where a language has no names."""


def names(identifiers: list[str], field: str, widths: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    clashing: set[str] = set()
    for locale in map(fresh, identifiers):
        for form in ("format", "stand-alone"):
            table = getattr(locale, field).get(form, {})
            for width in widths:
                for number, said in table.get(width, {}).items():
                    name = cleaned(said)
                    if not name or _NO_NAMES.fullmatch(name) or (name in ROOT_DAYS and locale.language != "en"):
                        continue
                    if found.setdefault(name, number) != number:
                        clashing.add(name)
    return {name: number for name, number in sorted(found.items()) if name not in clashing}


def language(code: str) -> dict[str, object]:
    locales = identifiers()[code]
    base = fresh(code)
    numeric: dict[str, str] = {}
    short: dict[str, str] = {}
    first: dict[str, str] = {}
    for locale in map(fresh, locales):
        region = locale.territory or ""
        pattern = locale.date_formats["short"].pattern
        numeric.setdefault(region, order(pattern) + ("." if "." in pattern else "-" if "-" in pattern else "/"))
        short.setdefault(region, order(str(locale.datetime_skeletons.get("Md", "d/M"))))
        first.setdefault(region, order(str(locale.datetime_skeletons.get("MMMd", "d MMM"))))
    same = {region: f"{numeric[region]} {short[region]} {first[region]}" for region in numeric}
    return {
        "months": names(locales, "months", ("wide", "abbreviated")),
        "days": names(locales, "days", ("wide",)),
        "short_days": names(locales, "days", ("abbreviated", "short")),
        "weekday_last": weekday_last(base.date_formats["full"].pattern),
        "orders": {region: said for region, said in same.items() if not region or said != same[""]},
        "name": base.english_name or code,
    }


def table() -> dict[str, object]:
    import babel

    there = [code for code in LANGUAGES if code in identifiers()]
    return {"babel": babel.__version__, "languages": {code: language(code) for code in there}}


def text(made: dict[str, object]) -> str:
    """One line for each field of each language, so that differences can be read."""
    said = []
    for code, fields in cast("dict[str, dict[str, object]]", made["languages"]).items():
        lines = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
        said.append(f'"{code}": {{\n' + ",\n".join(lines) + "\n}")
    return f'{{"babel": "{made["babel"]}", "languages": {{\n' + ",\n".join(said) + "\n}}\n"


def main() -> None:
    FILE.write_text(text(table()), encoding="utf-8")


if __name__ == "__main__":
    main()
