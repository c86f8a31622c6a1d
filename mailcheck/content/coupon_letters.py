"""Characters in a code that look like others.

The letters are those of Unicode's list of confusables (UTS 39) that stand for one Latin capital or small letter.
"""

from __future__ import annotations

import re
import unicodedata

from mailcheck.content.lazily import lazy

_TWINS = str.maketrans(
    {
        **dict(zip("АВСЕНІЈКМОРЅТХҮԀԌԚԜ", "ABCEHIJKMOPSTXYDGQW", strict=True)),
        **dict(zip("аеорсухіјѕԁһӏԛԝ", "aeopcyxijsdhlqw", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
        **dict(zip("ονικαρυχ", "ovikapux", strict=True)),
    }
)
_SAME = str.maketrans("OoIiLl|", "0011111")
_ZERO_IN_WORD = lazy(r"[^\W\d_]{2}0[^\W\d_]|[^\W\d_]0[^\W\d_]{2}")
_LETTER_IN_NUMBER = lazy(r"(?<=\d)[OoIl](?![^\W\d_])|(?<=\d)[OoIl](?=\d)")
_SMALL_L = lazy(r"(?<=[A-Z0-9])l(?=[A-Z0-9]|$)")


def same_looks(code: str) -> str:
    """The code with every character that looks like another made one: equal for codes that look the same."""
    return code.translate(_TWINS).upper().translate(_SAME)


def odd_letters(code: str) -> str:
    """What of another script looks Latin in a code that has Latin letters too; empty in an honest one.

    A code of one script is fine: `ВЕСНА20` is typed on the keyboard of those who read it.
    """
    scripts = {_script(letter) for letter in code if letter.isalpha()}
    if len(scripts) < 2 or "LATIN" not in scripts or scripts <= {"LATIN", "HIRAGANA", "KATAKANA", "CJK", "HANGUL"}:
        return ""
    odd = next((letter for letter in code if letter.isalpha() and _script(letter) != "LATIN"), "")
    return f"a {_script(odd).capitalize()} “{odd}” between Latin letters"


def uncertain(code: str) -> str:
    """A letter where a digit is expected, or the other way round; empty where nothing is doubtful."""
    if match := _LETTER_IN_NUMBER.search(code):
        digit = "zero" if match[0] in "Oo" else "one"
        return f"the letter {match[0]} behind a digit, where readers see a {digit}"
    if _ZERO_IN_WORD.search(code) and len(re.findall(r"\d", code)) == 1:
        return "a zero inside a word, where readers see the letter O"
    if _SMALL_L.search(code) and not any(sign.islower() for sign in code if sign != "l"):
        return "a small l between capitals, where readers see an I or a 1"
    return ""


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
