"""Hosts that look like others: letters of two scripts in one name, and names made of look-alike letters only.

The rule of one script for each label is that of browsers (Unicode UTS 39, "highly restrictive"); the letters
are those of its confusables that stand for a whole Latin letter.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from mailcheck.hostnames import to_unicode

_TWINS = {
    **dict(zip("аеорсухіјѕԁһӏԛԝьвкмнтг", "aeopcyxijsdhlqwbbkmhtr", strict=True)),
    **dict(zip("ονυικρταγεηχωσ", "ovuikptayenxwo", strict=True)),
    **dict(zip("օսհոցգնկքջ", "ouhngqlkpr", strict=False)),
}
_ODD_LATIN = frozenset("ɑɡıȷʟɴʀʏƽꞌɩɪƖɾʋᴠᴡᴢᴏᴄᴜᴍᴋⅼｌ")
_EAST_ASIAN = frozenset(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "KATAKANA-HIRAGANA"))


@lru_cache(maxsize=512)
def lookalike(host: str) -> tuple[str, str, bool] | None:
    """The host as it looks, why it deceives, and whether that is sure; `None` for an honest one."""
    shown = to_unicode(host) if "xn--" in host else host
    if shown.isascii():
        return None
    for label in shown.split("."):
        scripts = _scripts(label)
        if len(scripts) > 1 and not scripts <= _EAST_ASIAN | {"LATIN"}:
            named = " and ".join(sorted(script.capitalize() for script in scripts))
            return shown, f"“{label}” mixes {named} letters", True
        odd = [letter for letter in label if letter in _ODD_LATIN]
        if odd:
            return shown, f"“{label}” has “{odd[0]}” ({unicodedata.name(odd[0]).lower()}) in it", True
    first, _, last = shown.rpartition(".")
    label = first.rpartition(".")[2]
    letters = [letter for letter in label if letter.isalpha()]
    if last.isascii() and letters and not label.isascii() and all(letter in _TWINS for letter in letters):
        twin = "".join(_TWINS.get(letter, letter) for letter in label)
        return (
            shown,
            f"“{label}” is written in {_script(letters[0]).capitalize()} letters and looks like “{twin}”",
            False,
        )
    return None


def _scripts(label: str) -> frozenset[str]:
    return frozenset(_script(letter) for letter in label if letter.isalpha())


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
