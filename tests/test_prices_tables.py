"""The tables of prices are what babel says and what is written by hand."""

from __future__ import annotations

import babel
import pytest

import price_tables
from mailcheck.content.price_markers import table
from mailcheck.content.price_markets import cldr, market, retail
from mailcheck.content.price_words import words_of


def test_the_table_from_cldr_is_up_to_date() -> None:
    # Another release of babel may say other things; then the file is made again, on purpose.
    if cldr()["babel"] == babel.__version__:
        assert price_tables.FILE.read_text(encoding="utf-8") == price_tables.written()
    else:
        assert price_tables.table().keys() == cldr().keys()


def test_spellings_name_currencies() -> None:
    codes = set(cldr()["codes"])
    for text, marker in table().markers.items():
        assert set(marker.codes) <= codes | {"SVC", "BGN"}, text
        assert marker.codes, text
        assert marker.left or marker.right, text


def test_words_for_codes_are_codes() -> None:
    assert set(retail()["majors"]) <= set(cldr()["codes"]) | {"BGN"}


@pytest.mark.parametrize(
    ("locale", "currency", "decimal", "first"),
    [
        ("de_DE", "EUR", ",", False),
        ("de_CH", "CHF", ".", True),
        ("fr_CH", "CHF", ".", False),
        ("bg_BG", "EUR", ",", False),
        ("en-IN", "INR", ".", True),
    ],
)
def test_a_market(locale: str, currency: str, decimal: str, first: bool) -> None:
    found = market(locale)
    assert (found.currency, found.decimal, found.first) == (currency, decimal, first)


def test_every_language_has_its_words() -> None:
    for language in [
        "en",
        "de",
        "fr",
        "nl",
        "es",
        "pt",
        "it",
        "nb",
        "da",
        "sv",
        "fi",
        "pl",
        "cs",
        "sk",
        "hu",
        "ro",
        "bg",
        "hr",
        "sl",
        "el",
        "tr",
        "ru",
        "uk",
        "et",
        "lv",
        "lt",
        "ja",
        "ko",
        "zh",
        "th",
        "ar",
        "he",
        "hi",
    ]:
        words = words_of(language)
        meanings = {meaning for phrases in words.before.values() for _, meaning in phrases}
        meanings |= {meaning for parts in words.joined_before.values() for _, meaning in parts}
        assert {"was", "now", "save", "threshold", "shipping", "recurring", "credit", "lowest"} <= meanings, language
