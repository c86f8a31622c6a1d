"""Which language the parts of a message are written in, as far as it is sure.

Each paragraph is judged by itself with the library `py3langid` (its model is in the package; nothing is
downloaded). What is short, or nearly as likely in another language, is left open.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from mailcheck.campaign import Campaign, Span
from mailcheck.content.dates_located import PartText
from mailcheck.content.lazily import lazy
from mailcheck.content.markup import Markup
from mailcheck.rule import Absent, fact

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_CODES = """
af ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km
kn ko lo lt lv mk ml mn mr ms my nb ne nl pa pl ps pt ro ru si sk sl sq sr sv sw ta te th tr uk ur uz vi zh
"""
_LANGUAGES = frozenset(_CODES.split())
"""What mails are written in; the rarer languages of the model are only taken for these by mistake."""

_SAME = (
    frozenset(("nb", "nn", "da", "sv", "is", "fo")),
    frozenset(("hr", "sr", "bs", "sl", "mk")),
    frozenset(("id", "ms", "jv")),
    frozenset(("nl", "af", "fy")),
    frozenset(("zh", "yue", "wuu")),
    frozenset(("es", "gl")),
    frozenset(("pt", "gl")),
    frozenset(("hi", "mr", "ne")),
    frozenset(("az", "tr")),
    frozenset(("ar", "fa", "ps", "ur")),
    frozenset(("de", "lb")),
)
"""Languages that are taken for each other too easily to be held against each other."""

_NEAR = (
    frozenset(("es", "pt", "gl", "ca")),
    frozenset(("cs", "sk")),
    frozenset(("ru", "uk", "be", "bg", "mk", "sr")),
    frozenset(("et", "fi")),
    frozenset(("it", "es", "ca", "ro")),
)
"""Languages that are told apart in long texts only."""

_ALIASES = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "tl": "fil", "cmn": "zh", "sh": "sr"}
_NO_WORDS = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+|\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|%%.*?%%|\*\|.*?\|\*|\[\[.*?\]\]|\$\{.*?\}|\S*[\d_/\\]\S*",
    re.DOTALL,
)
_WIDE = lazy(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

_PARAGRAPH = 40
"""Letters of a paragraph from which it is judged; shorter ones are names, buttons, prices."""
_SURE = 0.97
_LONG = 600


class PartLanguage(Struct, frozen=True):
    """What is known of the language of one part.

    Args:
        part: `subject`, `html` or `text`.
        letters: by language (ISO 639, small), of the paragraphs that were sure; a letter of Chinese, Japanese or Korean
            counts three times.
        open: letters of the paragraphs that were long enough, and not sure.
        first: for each language its first paragraph.
    """

    part: str
    letters: Mapping[str, int]
    open: int
    first: Mapping[str, Span]

    @property
    def main(self) -> str:
        """The language of most of it; empty when none is sure."""
        return max(self.letters, key=lambda code: self.letters[code], default="")

    def share(self, codes: Iterable[str]) -> float:
        """How much of what was long enough to be judged is in one of some languages, or in one easily taken for it."""
        total = sum(self.letters.values()) + self.open
        wanted = set(codes)
        found = sum(number for code, number in self.letters.items() if any(are_close(code, one) for one in wanted))
        return found / total if total else 0.0


@fact
def language(campaign: Campaign, markup: Markup | None = None) -> tuple[PartLanguage, ...]:
    """The languages of subject, HTML and text part, as far as they are sure."""
    if not campaign.locales:
        # Nothing to compare with, and the model takes longer to load than a mail to judge.
        raise Absent("nobody said which language it is in (`locale` in the manifest)")
    message = campaign.message
    identifier = _identifier()
    parts = ((message.subject, None), (message.html, markup), (message.text, None))
    return tuple(
        _read(PartText(part, known, hidden=False), identifier)
        for part, known in parts
        if part is not None and (part is not message.html or known is not None)
    )


def code_of(locale: str) -> str:
    """The language of a locale: `nb` of `no-NO`."""
    code = locale.replace("_", "-").partition("-")[0].lower()
    return _ALIASES.get(code, code)


def is_known(code: str) -> bool:
    """Whether texts in a language can be told from others."""
    return code in _LANGUAGES


def are_close(one: str, other: str, *, letters: int = _LONG) -> bool:
    """Whether two languages are the same, or taken for each other in a text of so many letters."""
    if one == other or any({one, other} <= group for group in _SAME):
        return True
    return letters < _LONG and any({one, other} <= group for group in _NEAR)


def _read(text: PartText, identifier: LanguageIdentifier) -> PartLanguage:
    letters: dict[str, int] = {}
    first: dict[str, Span] = {}
    unsure = 0
    for start, end in _paragraphs(text):
        words = _NO_WORDS.sub(" ", text.text[start:end])
        size = _size(words)
        if size < _PARAGRAPH:
            continue
        if code := _language_of(words, identifier):
            letters[code] = letters.get(code, 0) + size
            first.setdefault(code, text.span(start, end))
        else:
            unsure += size
    return PartLanguage(text.part.name, letters, unsure, first)


def _paragraphs(text: PartText) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text.text):
        if not text.is_quoted(match.start()):
            yield match.start(), match.start() + len(match.group().rstrip())


def _size(text: str) -> int:
    return sum(map(str.isalpha, text)) + (0 if text.isascii() else 2 * len(_WIDE.findall(text)))


def _language_of(words: str, identifier: LanguageIdentifier) -> str:
    """The language of a paragraph; empty when languages that are not close are nearly as likely."""
    # Words in capitals, and lists of names, look like any language.
    scores: list[tuple[str, float]] = identifier.rank(" ".join(words.split()).lower())
    ranked = [(_ALIASES.get(code, code), score) for code, score in scores]
    best = ranked[0][0]
    if math.isclose(ranked[0][1], ranked[-1][1]):
        return ""
    likely = sum(score for code, score in ranked if are_close(code, best))
    return best if likely >= _SURE else ""


@cache
def _identifier() -> LanguageIdentifier:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ModuleNotFoundError as error:
        if error.name not in ("py3langid", "py3langid.langid", "numpy"):
            raise
        raise Absent(
            "to recognise languages needs the library py3langid; run pip install 'mailcheck-lint[language]'"
        ) from None
    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    wanted = {{"nb": "no"}.get(code, code) for code in _LANGUAGES}
    found.set_languages(sorted(wanted & set(found.labels)))
    return found
