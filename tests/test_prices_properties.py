"""What holds of every text: babel's own prices are read back, places are right, time is linear."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from babel.numbers import format_currency, get_currency_precision
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcheck.content.price_markets import market
from mailcheck.content.prices import find_prices, find_tagged_prices
from support import calls

LOCALES = [
    "ar_AE",
    "ar_EG",
    "ar_KW",
    "ar_SA",
    "bg_BG",
    "bs_BA",
    "ca_ES",
    "cs_CZ",
    "da_DK",
    "de_AT",
    "de_CH",
    "de_DE",
    "el_GR",
    "en_AU",
    "en_CA",
    "en_GB",
    "en_IE",
    "en_IN",
    "en_NZ",
    "en_SG",
    "en_US",
    "en_ZA",
    "es_AR",
    "es_CL",
    "es_CO",
    "es_ES",
    "es_MX",
    "es_PE",
    "et_EE",
    "eu_ES",
    "fi_FI",
    "fil_PH",
    "fr_BE",
    "fr_CA",
    "fr_CH",
    "fr_FR",
    "ga_IE",
    "gl_ES",
    "he_IL",
    "hi_IN",
    "hr_HR",
    "hu_HU",
    "id_ID",
    "is_IS",
    "it_CH",
    "it_IT",
    "ja_JP",
    "ka_GE",
    "kk_KZ",
    "ko_KR",
    "lt_LT",
    "lv_LV",
    "mk_MK",
    "ms_MY",
    "mt_MT",
    "nb_NO",
    "nl_BE",
    "nl_NL",
    "nn_NO",
    "pl_PL",
    "pt_BR",
    "pt_PT",
    "ro_RO",
    "ru_RU",
    "sk_SK",
    "sl_SI",
    "sq_AL",
    "sr_RS",
    "sv_SE",
    "th_TH",
    "tr_TR",
    "uk_UA",
    "ur_PK",
    "vi_VN",
    "zh_CN",
    "zh_HK",
    "zh_TW",
]
SIGNS = "0123456789.,'- \u00a0$€£¥krEURp%/:;()~–\n\u200f&nbspeuro;{}*|abFtn円万元٣٫"


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=25, deadline=None)
@given(cents=st.integers(min_value=1, max_value=999_999_999))
def test_what_babel_writes_is_read_back(locale: str, cents: int) -> None:
    currency = market(locale).currency
    amount = Decimal(cents).scaleb(-get_currency_precision(currency))
    written = format_currency(amount, currency, locale=locale)
    (price,) = find_prices(f"| {written} |", locale=locale)
    assert (price.amount, price.currency, price.amount_max) == (amount, currency, None)


@pytest.mark.parametrize("locale", LOCALES)
def test_codes_are_read_back(locale: str) -> None:
    currency = market(locale).currency
    for amount in (Decimal(7), Decimal(1250), Decimal(1234567)):
        written = format_currency(amount, currency, "#,##0 ¤¤", locale=locale, currency_digits=False)
        (price,) = find_prices(written, locale=locale)
        assert (price.amount, price.currency) == (amount, currency)


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=SIGNS, max_size=80), locale=st.sampled_from(LOCALES))
def test_places_are_right_whatever_the_text(text: str, locale: str) -> None:
    last = 0
    for price in find_prices(text, locale=locale):
        start, end = price.span
        assert last <= start < end <= len(text)
        assert re.search(r"\d", text[start:end])
        assert price.amount >= 0
        assert price.amount_max is None or price.amount_max > price.amount
        assert price.currency is None or price.currency in price.candidates
        last = end
    for tagged in find_tagged_prices(text, locale=locale):
        assert tagged.span[0] <= tagged.tag[0] < tagged.tag[1] <= tagged.span[1]


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    for price in find_prices(text, locale="en_US"):
        assert text[slice(*price.span)]


HOSTILE = (
    "1 ",
    "1,",
    "1.",
    "1'",
    "111 ",
    "1,111",
    "$",
    "$1",
    "$ ",
    "-.",
    "-,9",
    "€1-",
    "1-2 €",
    "1 kr ",
    "{{",
    "{{ a ",
    "*|",
    "&",
    "&#",
    "&euro;",
    "1万",
    "a",
    "99 ",
    "1 million ",
    "10 to ",
    "fra 10 til ",
    "was $1 now ",
    "円",
    "１",
    "٣٬",
    "(",
    "\u200f",
    "$1/",
    "3 for ",
    "%%a",
    "12x de R$ ",
    "\n",
    "1\n",
    "$1\n",
    "Fr. 1",
    "gratis frakt ",
    "1 2 ",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear(piece: str) -> None:
    def work(text: str) -> object:
        return find_prices(text, locale="nb_NO")

    work(piece * 10)
    small, large = calls(work, piece * 400), calls(work, piece * 1600)
    assert large <= 5 * small + 200
