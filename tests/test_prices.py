"""Prices in texts of 69 locales: amount, currency, kind, place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from mailcheck.campaign import Part
from mailcheck.content.price_cells import currencies_of, parse_price
from mailcheck.content.prices import Price, find_prices, find_tagged_prices

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Case:
    name: str
    locale: str
    text: str
    prices: list[tuple[str, ...]]


def cases(name: str) -> Iterator[Case]:
    locale = ""
    for number, line in enumerate((DATA / name).read_text(encoding="utf-8").splitlines(), 1):
        heading = re.fullmatch(r"\[(\w+)\]", line)
        if heading is not None:
            locale = heading[1]
        elif line and not line.startswith("#"):
            text, _, wanted = line.removeprefix("! ").rpartition(" ¦ ")
            prices = [] if wanted == "-" else [tuple(one.split()) for one in wanted.split(";")]
            yield Case(f"{name}:{number}", locale, text.replace("\\n", "\n"), prices)


def shown(price: Price) -> tuple[str, ...]:
    amount = f"{price.amount:f}" if price.amount_max is None else f"{price.amount:f}..{price.amount_max:f}"
    return amount, price.currency or "?", price.kind


TABLES = (
    "prices.txt",
    "prices_adversarial.txt",
    "prices_third.txt",
    "prices_fourth.txt",
    "prices_fifth.txt",
    "prices_sixth.txt",
    "prices_seventh.txt",
    "prices_eighth.txt",
)
CASES = [case for name in TABLES for case in cases(name)]


def test_the_table_is_large() -> None:
    assert len(CASES) >= 400
    assert len({case.locale for case in CASES}) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table(case: Case) -> None:
    found = find_prices(case.text, locale=case.locale)
    assert [shown(price) for price in found] == case.prices, case.text
    for price in found:
        start, end = price.span
        assert re.search(r"\d", case.text[start:end])
        assert case.text[start:end] == case.text[start:end].strip()


@pytest.mark.parametrize(
    ("locale", "text", "currency", "candidates"),
    [
        ("en_GB", "199 kr", None, ("DKK", "ISK", "NOK", "SEK")),
        ("sv", "199 kr", "SEK", ("DKK", "ISK", "NOK", "SEK")),
        ("en_GB", "¥500", None, ("CNY", "JPY")),
        ("de_DE", "50 lei", None, ("MDL", "RON")),
        ("de_DE", "Fr. 49.90", None, ("CHF", "XAF", "XOF")),
        ("de_DE", "$5", "USD", None),
        ("es_MX", "$5", "MXN", None),
        ("en", "$5 CAD", "CAD", ("CAD",)),
        ("fr_FR", "5 £", "GBP", None),
    ],
)
def test_an_ambiguous_marker(locale: str, text: str, currency: str | None, candidates: tuple[str, ...] | None) -> None:
    (price,) = find_prices(text, locale=locale)
    assert price.currency == currency
    assert candidates is None or price.candidates == candidates


@pytest.mark.parametrize(
    ("locale", "text", "amount", "other"),
    [
        ("de_DE", "1.299 €", "1299", None),
        ("en_US", "$1.299", "1299", "1.299"),
        ("de_DE", "iPhone 15 999 €", "999", "15999"),
        ("nb_NO", "1 299 kr", "1299", None),
        ("nb_NO", "15 999 kr", "15999", None),
        ("nb_NO", "iPhone 15 999 kr", "15999", "999"),
        ("de_DE", "1 299 €", "1299", "299"),
    ],
)
def test_digits_that_may_be_read_in_two_ways(locale: str, text: str, amount: str, other: str | None) -> None:
    (price,) = find_prices(text, locale=locale)
    assert (price.amount, price.other) == (Decimal(amount), None if other is None else Decimal(other))


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Jetzt &euro;&nbsp;19,99 statt", "&euro;&nbsp;19,99"),
        ("Jetzt 19,99&#8364; statt", "19,99&#8364;"),
        ("nur \u200f19,99\u200e\u00a0€ heute", "19,99\u200e\u00a0€"),
        ("￥２，９８０です", "￥２，９８０"),
        ("CHF 19.– heute", "CHF 19.–"),
    ],
)
def test_a_span_slices_to_the_evidence(text: str, evidence: str) -> None:
    (price,) = find_prices(text, locale="de_CH")
    assert text[slice(*price.span)] == evidence
    assert Part("text", text).at(*price.span).text == evidence


def test_tags_are_blanked_where_the_caller_says() -> None:
    text = "Only <<$5>> or $7"
    assert [price.amount for price in find_prices(text, locale="en_US")] == [5, 7]
    assert [price.amount for price in find_prices(text, locale="en_US", tags=[(5, 11)])] == [7]


@pytest.mark.parametrize(
    ("text", "evidence", "currency"),
    [
        ("Your total: $ {{ order.total | round: 2 }} today", "$ {{ order.total | round: 2 }}", "USD"),
        ("Nur *|PREIS|* € heute", "*|PREIS|* €", "EUR"),
        ("Save %%amount%% now", None, None),
        ("Hi {{ first_name }}, only $5", None, None),
        ("Kun {{ pris }} kr", "{{ pris }} kr", None),
    ],
)
def test_a_price_that_comes_from_a_tag(text: str, evidence: str | None, currency: str | None) -> None:
    found = find_tagged_prices(text, locale="en_US")
    assert [text[slice(*one.span)] for one in found] == ([] if evidence is None else [evidence])
    assert all(one.currency == currency for one in found)
    assert all(text[slice(*one.tag)][0] in "{*%" for one in found)


def test_a_locale_without_territory_takes_its_likely_one() -> None:
    for locale, currency in {"nb": "NOK", "sv": "SEK", "en": "USD", "ja": "JPY", "pt": "BRL", "zh-Hant": "TWD"}.items():
        text = {"nb": "5 kr", "sv": "5 kr", "ja": "5円", "zh-Hant": "5元"}.get(locale, "$5")
        (price,) = find_prices(text, locale=locale)
        assert price.currency == ("USD" if locale == "pt" else currency)


@pytest.mark.parametrize("locale", ["", "no locale", "deutsch_land"])
def test_what_is_no_locale_is_refused(locale: str) -> None:
    with pytest.raises(ValueError, match="is no locale"):
        find_prices("$5", locale=locale)


@pytest.mark.parametrize(
    ("cell", "hint", "amount", "currency"),
    [
        ("15.00 EUR", "", "15", "EUR"),
        ("1299", "NOK", "1299", "NOK"),
        ("1 299,50", "kr", "1299.5", None),
        ("9 472 Ft", "", "9472", "HUF"),
        ("Free!", "", "0", None),
        ("25% 19.99", "$", "19.99", "USD"),
        ("price: .75", "USD", "0.75", "USD"),
    ],
)
def test_a_cell_may_hold_a_bare_number(cell: str, hint: str, amount: str, currency: str | None) -> None:
    price = parse_price(cell, locale="en_US", hint=hint)
    assert price is not None
    assert (price.amount, price.currency) == (Decimal(amount), currency)


def test_a_cell_without_a_number() -> None:
    assert parse_price("sold out", locale="en_US") is None
    assert currencies_of("kr") == ("DKK", "ISK", "NOK", "SEK")
    assert currencies_of("sold") == ()
