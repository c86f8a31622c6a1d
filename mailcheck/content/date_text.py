"""A text cut into words, numbers, spaces and signs, with the offset of each.

Every character belongs to one token, so offsets hold. Scripts that are written without spaces are cut at the words
of a vocabulary, and else character by character.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate

from mailcheck.content.lazily import lazy

_SAME_LENGTH = str.maketrans(
    {
        **dict.fromkeys("’ʼ‘`´′＇׳", "'"),
        **dict.fromkeys("‐‑－", "-"),
        **dict.fromkeys("–—―−", "–"),
        **dict.fromkeys("～〜∼〰", "~"),
        **dict.fromkeys("，、،﹐", ","),
        **dict.fromkeys("（〔［", "("),
        **dict.fromkeys("）〕］", ")"),
        "：": ":",
        "／": "/",
        "．": ".",
        "İ": "i",
        "̇": "\u200b",
        "＆": "&",
        "＋": "+",
    }
)
"""Spellings of one sign. One character stands for one, so that offsets hold."""

_UNSPACED_RUNS = (
    *(("\u3040", "\u30ff"), ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uf900", "\ufaff"), ("\uac00", "\ud7a3")),
    *(("\u0e00", "\u0eff"), ("\u1000", "\u109f"), ("\u1780", "\u17ff"), ("\u3005", "\u3007")),
)
_UNSPACED = "".join(f"{first}-{last}" for first, last in _UNSPACED_RUNS)
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff"
    "\u200c\u200d"
)
_WORD = rf"(?:(?![{_UNSPACED}])(?:[^\W\d_]|[{_MARKS}](?<!\d)))++"
_SPACE = r"[\s\u200b\u200e\u200f\u061c\u2066-\u2069\ufeff\u00ad]++"
_UNSEEN = "\u200b\u200e\u200f\u061c\u2066\u2067\u2068\u2069\ufeff\u00ad"
_FEW_MARKS = f"{_UNSEEN}\u200c\u200d"
"""What else needs care, outside of those scripts."""
_NEEDS_CARE = lazy(rf"[{_UNSPACED}{_MARKS}{_UNSEEN}]")
_MAY_NEED_CARE = lazy(r"[\u0300-\u1fff\u2e80-\uffff]")
"""All scripts of which some need care. A pattern of two runs is compiled in a tenth of the time of one of many."""
_SIMPLE = lazy(r"[^\W\d_]++|\d++|\s++|[\s\S]")
HAN_DIGITS = {one: number for number, one in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_HAN = "〇零○一二三四五六七八九十"
_HAN_NUMBER = lazy(rf"[{_HAN}]{{1,4}}")


def flattened(text: str) -> str:
    """The text in lower case, look-alike signs made one; as long as before."""
    if text.isascii():
        return text.lower()
    return text.translate(_SAME_LENGTH).lower()


def tokenizer(markers: list[str]) -> re.Pattern[str]:
    """An expression that cuts any script, where `markers` are the words to find in those without spaces."""
    unspaced = sorted(
        {one for one in markers if not one.isascii() and _is_unspaced(one[0]) and one[0] not in _HAN},
        key=lambda one: (-len(one), one),
    )
    words = "|".join(map(re.escape, unspaced)) or "(?!)"
    return lazy(rf"(?=[{_UNSPACED}])(?:[{_HAN}]+|{words}|.)|{_WORD}|\d++|{_SPACE}|[\s\S]")


def tokens_of(low: str, careful: re.Pattern[str]) -> list[str]:
    """The tokens of a text that is flattened; `careful` is the tokenizer for scripts without spaces, or with marks."""
    simple = low.isascii() or not _needs_care(low)
    if simple and low.isalpha():
        return [low]
    found: list[str] = (_SIMPLE if simple else careful).findall(low)
    return found


def _is_unspaced(char: str) -> bool:
    return any(first <= char <= last for first, last in _UNSPACED_RUNS)


def _needs_care(low: str) -> bool:
    if not _MAY_NEED_CARE.search(low) and not any(sign in low for sign in _FEW_MARKS):
        return False
    return bool(_NEEDS_CARE.search(low))


class Text:
    """The tokens of one text.

    Args:
        text: as written.
        careful: the tokenizer for scripts without spaces, or with marks.
    """

    __slots__ = ("low", "raw", "starts", "tokens")

    def __init__(self, text: str, careful: re.Pattern[str]) -> None:
        self.raw = text
        self.low = flattened(text)
        self.tokens = tokens_of(self.low, careful)
        self.starts: list[int] = [0, *accumulate(map(len, self.tokens))]

    def index(self, offset: int) -> int:
        """The token that begins at or behind an offset."""
        return bisect_left(self.starts, offset)

    def is_space(self, index: int) -> bool:
        return 0 <= index < len(self.tokens) and is_space(self.tokens[index])

    def skip(self, index: int) -> int:
        """The next token that is no space."""
        return index + 1 if self.is_space(index) else index

    def skip_back(self, index: int) -> int:
        """The end of the tokens before `index`, a space not counted: the token before is at the result less 1."""
        return index - 1 if self.is_space(index - 1) else index

    def at(self, index: int) -> str:
        """The token, or nothing beyond the ends."""
        return self.tokens[index] if 0 <= index < len(self.tokens) else ""

    def number(self, index: int) -> int | None:
        """The value of a token of up to four digits, in any script, Chinese ones included."""
        return as_number(self.at(index))

    def breaks(self, start: int, end: int) -> bool:
        """Whether a paragraph ends between two tokens."""
        return self.low.count("\n", self.starts[start], self.starts[end]) > 1


def is_space(token: str) -> bool:
    """Whether a token is white space, or a mark that nobody sees."""
    return token.isspace() or token[:1] in _UNSEEN


def as_number(token: str) -> int | None:
    """The value of a token of up to four digits in any script, or of a Chinese number; `None` for another token."""
    if token.isdecimal():
        return int(token) if len(token) <= 4 else None
    return _han_number(token) if token and _HAN_NUMBER.fullmatch(token) else None


def _han_number(token: str) -> int:
    if "十" not in token:
        return int("".join(str(HAN_DIGITS[one]) for one in token))
    tens, _, ones = token.partition("十")
    return (HAN_DIGITS.get(tens, 1) if len(tens) < 2 else 99) * 10 + (HAN_DIGITS.get(ones, 0) if len(ones) < 2 else 99)
