"""The language of the copy against the one that was declared."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.content.language import PartLanguage, are_close, code_of, is_known
from mailcheck_rules._words import Options

_PARTS = {"subject": "subject", "html": "HTML", "mjml": "HTML", "text": "text part"}
_ENGLISH = (
    "The new spring collection is here, and we have chosen our favourite pieces for you and your family. "
    "Come and see us in the shop before the end of the month, or order today and we will send it to you for free."
)
_NORWEGIAN = (
    "Den nye vårkolleksjonen er her, og vi har valgt ut favorittene våre til deg og familien din. "
    "Kom innom butikken før månedsskiftet, eller bestill i dag, så sender vi den gratis hjem til deg."
)


class LanguageOptions(Options):
    letters: int = Field(120, ge=40, description="letters of a body that are needed for a judgement")
    subject_letters: int = Field(40, ge=20, description="letters of a subject that are needed for a judgement")
    share: float = Field(0.8, gt=0.5, le=1, description="how much of a part must be in the other language")


@rule(severity="error")
@bad(text=_ENGLISH, locale="nb-NO", at=_ENGLISH)
@bad(html=f"<p>{_NORWEGIAN}</p>", locales=["en-GB", "de"], at=_NORWEGIAN)
@good(text=_NORWEGIAN, locale="nb-NO")
@good(text=_NORWEGIAN, locale="da-DK")
@good(text=f"{_NORWEGIAN}\n\n{_ENGLISH}", locale="nb-NO")
@good(subject="Black Friday: sale", text="OK", locale="nb-NO")
def language(language: tuple[PartLanguage, ...], campaign: Campaign, options: LanguageOptions) -> Problems:
    """A part is written in another language than the campaign declares.

    The wrong version was chosen, or a translation is missing. A short text is not judged, nor one in which languages are
    mixed; and what is easily taken for each other is not told apart: Norwegian, Danish and Swedish; Croatian, Serbian and
    Bosnian; the kinds of Portuguese, or of Chinese.
    """
    declared = {code: locale for locale in campaign.locales if (code := code_of(locale))}
    if not declared:
        skip("nobody said which language it is in (`locale` in the manifest)")
    unknown = next((locale for code, locale in declared.items() if not is_known(code)), "")
    if unknown:
        skip(f"texts in the language of {unknown} cannot be told from others")
    for part in language:
        needed = options.subject_letters if part.part == "subject" else options.letters
        code, letters = part.main, part.letters.get(part.main, 0)
        if letters < needed or any(are_close(code, one, letters=letters) for one in declared):
            continue
        if part.share((code,)) >= options.share and not part.share(declared) > 1 - options.share:
            said = " and ".join(f"{_name(one)} ({locale})" for one, locale in declared.items())
            yield Problem(
                f"The {_PARTS.get(part.part, part.part)} is in {_name(code)}, but the campaign is declared to be in {said}. "
                "Take the right version, or correct `locale`.",
                at=part.first[code],
                data={"part": part.part, "language": code, "share": round(part.share((code,)), 3)},
            )


@cache
def _name(code: str) -> str:
    from babel import Locale

    name: str = Locale("en").languages.get(code, code)
    return {"Norwegian Bokmål": "Norwegian"}.get(name, name)
