"""Languages as lists write them: what readers of one language read is one language, under every name and code."""

from __future__ import annotations

import pytest

import mailcheck
from mailcheck.audience.locales import language_of

SAME = {
    "nb-NO": ("no", "nb", "nn", "nor", "nob", "Norsk", "Norwegian", "Norwegisch", "Norsk bokm\u00e5l", "Nynorsk"),
    "no": ("nb", "no_NO", "Norsk (bokm\u00e5l)", "nno"),
    "tl": ("fil", "Filipino", "Tagalog", "tgl"),
    "zh-Hant-TW": ("zh", "zh_CN", "Chinese", "cmn", "Mandarin", "yue", "Cantonese",),
    "zh": ("Simplified Chinese", "\u4e2d\u6587\uff08\u7b80\u4f53\uff09", "gan"),
    "ms": ("zsm", "Malay", "Bahasa Melayu", "msa"),
    "fa": ("prs", "Dari", "Farsi", "Persian", "per"),
    "de-CH": ("gsw", "Schweizerdeutsch", "ger", "deu", "Austrian German"),
    "pt-BR": ("pt", "Brazilian Portuguese", "portugu\u00eas (Brasil)", "por"),
    "nl": ("Flemish", "nl_BE", "dut", "Nederlands"),
    "ar": ("arb", "arz", "Arabic"),
    "he": ("iw", "Hebrew", "heb"),
    "et": ("ekk", "Estonian"),
    "ro": ("mo", "Moldavian"),
    "es": ("Castilian", "spa"),
}  # fmt: skip
OTHER = [
    ("nb", "sv"),
    ("nb", "da"),
    ("hr", "sr"),
    ("sr", "hr"),
    ("bs", "hr"),
    ("id", "ms"),
    ("zh", "ja"),
    ("fil", "es"),
]


def told(locale: str, language: str) -> bool:
    people = [{"email": f"p{number}@larkmail.com", "language": language} for number in range(5)]
    report = mailcheck.check(
        {"html": "<p>x</p>", "locale": locale, "audience": {"people": people}}, select=["audience/wrong_locale"]
    )
    (outcome,) = report.campaigns[0].outcomes
    assert outcome.status in ("passed", "failed"), outcome.reason
    return outcome.status == "failed"


@pytest.mark.parametrize(("locale", "written"), [(locale, one) for locale, names in SAME.items() for one in names])
def test_one_language_has_many_names(locale: str, written: str) -> None:
    assert language_of(written)
    assert language_of(written) == language_of(locale)


@pytest.mark.parametrize(("locale", "language"), [("nb-NO", "Norsk"), ("tl", "Filipino"), ("zh", "Cantonese")])
def test_who_reads_the_language_of_the_mail_is_no_finding(locale: str, language: str) -> None:
    assert not told(locale, language)
    assert told("en", language)


@pytest.mark.parametrize(("locale", "language"), OTHER)
def test_languages_that_are_near_are_not_the_same(locale: str, language: str) -> None:
    assert told(locale, language)


@pytest.mark.parametrize("written", ["sh", "hbs", "Serbo-Croatian", "xx-klingon", "all", "unknown", ""])
def test_what_may_be_several_languages_is_not_known(written: str) -> None:
    assert language_of(written) == ""
