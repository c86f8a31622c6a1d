"""Dates in text: the tables of cases, round trips through babel's formats, hostile input."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from date_cases import ADVERSARIAL, CASES, SENT, UNSEEN, Case
from date_names import FILE, identifiers, language
from date_scores import read
from mailcheck.content.date_text import tokenizer, tokens_of
from mailcheck.content.date_vocabulary import Vocabulary, languages, vocabulary
from mailcheck.content.dates import FoundDate, find_dates

ROUND_TRIP = """
af_ZA ar_AE ar_EG ar_LB ar_SA az_AZ be_BY bg_BG bn_IN br_FR bs_BA ca_ES cs_CZ cy_GB da_DK de_AT de_DE el_GR en_AU
en_CA en_GB en_IN en_US en_ZA es_AR es_ES es_MX et_EE eu_ES fa_IR fi_FI fil_PH fo_FO fr_CA fr_FR fy_NL ga_IE gd_GB
gl_ES gsw_CH gu_IN he_IL hi_IN hr_HR hsb_DE hu_HU hy_AM id_ID is_IS it_IT ja_JP ka_GE kk_KZ km_KH kn_IN ko_KR lb_LU
lo_LA lt_LT lv_LV mk_MK ml_IN mn_MN mr_IN ms_MY mt_MT my_MM nb_NO ne_NP nl_BE nl_NL nn_NO or_IN pa_IN pl_PL pt_BR
pt_PT rm_CH ro_RO ru_RU si_LK sk_SK sl_SI sq_AL sr_Latn_RS sr_RS sv_SE sw_KE ta_IN te_IN th_TH tr_TR uk_UA ur_PK vi_VN
zh_CN zh_HK zh_TW
"""
LOCALES = ROUND_TRIP.split()
NEAR = st.dates(SENT.date() - timedelta(days=60), SENT.date() + timedelta(days=340))


def only(text: str, locale: str = "en-GB", sent: date = SENT) -> FoundDate:
    (found,) = find_dates(text, locale=locale, sent=sent)
    return found


# the tables


@pytest.mark.parametrize("case", [*CASES, *ADVERSARIAL, *UNSEEN], ids=lambda case: f"{case[0]} {case[1]}")
def test_a_case_of_the_table(case: Case) -> None:
    assert read(case) == case[2]


def test_the_tables_are_wide() -> None:
    assert len(CASES) >= 200
    assert len({locale for locale, _, _ in CASES}) >= 40


# round trips


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=6, deadline=None)
@given(day=NEAR)
def test_a_full_date_of_a_locale_is_found_with_its_weekday(locale: str, day: date) -> None:
    text = format_date(day, "full", locale=locale)
    found = only(text, locale.replace("_", "-"))
    assert (found.date, found.weekday, found.weekday_mismatch) == (day, day.weekday(), False)
    assert text[slice(*found.span)].strip()


@pytest.mark.parametrize("width", ["long", "medium", "short"])
@settings(max_examples=100, deadline=None)
@given(locale=st.sampled_from(LOCALES), day=NEAR)
def test_shorter_dates_of_a_locale_are_found(width: str, locale: str, day: date) -> None:
    found = only(format_date(day, width, locale=locale), locale.replace("_", "-"))
    assert found.date == day
    assert found.year_written


@settings(max_examples=300, deadline=None)
@given(locale=st.sampled_from(LOCALES), day=NEAR, shift=st.integers(1, 6))
def test_another_weekday_is_a_mismatch(locale: str, day: date, shift: int) -> None:
    names = format_date(day, "EEEE", locale=locale), format_date(day + timedelta(days=shift), "EEEE", locale=locale)
    right = format_date(day, "full", locale=locale)
    # The name may be part of another word, or stand in another form than by itself.
    if right.count(names[0]) != 1:
        return
    found = only(right.replace(*names), locale.replace("_", "-"))
    assert found.date == day
    assert found.weekday_mismatch
    assert found.fits_year != day.year


# whatever the text is


@settings(max_examples=300, deadline=None)
@given(
    text=st.lists(
        st.sampled_from(
            [
                *"0123456789 .,/-–:\n()年月日一十",
                "may",
                "Friday ",
                "until ",
                " bis ",
                "märz",
                "金",
                "3월",
                "١",
                "ถึง",
                "İ",
                "&",
            ]
        ),
        max_size=60,
    ).map("".join),
    locale=st.sampled_from(["en-US", "de-DE", "hu-HU", "ja-JP", "ko-KR", "th-TH", "ar-SA", "und", "xx"]),
)
def test_spans_are_in_order_and_within_the_text(text: str, locale: str) -> None:
    last = 0
    for found in find_dates(text, locale=locale, sent=SENT):
        start, end = found.span
        assert last <= start < end <= len(text)
        assert text[start:end].strip()
        last = end


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for found in find_dates(text, locale="und", sent=SENT.date()):
        assert isinstance(found.date, date)


HOSTILE = [
    "5 - ", "1, 2, 3 and ", "May ", "Friday, ", "20.03. - ", "1/2", "until the of ", "年月日", "(" * 5, "3月", "today ",
    "5 May 2027 ", "9:00 ", "one two ", " \n", "٣", "May 5 - ", "1.", "Monday and ", "in 3 days ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_work_grows_with_the_text_and_no_faster(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    for name in ("find", "find_back"):
        original = getattr(Vocabulary, name)

        def counted(self: Vocabulary, *arguments: object, original: object = original) -> object:
            nonlocal count
            count += 1
            return original(self, *arguments)  # type: ignore[operator]  # a method of the class

        monkeypatch.setattr(Vocabulary, name, counted)

    def work(times: int) -> int:
        nonlocal count
        count = 0
        find_dates(piece * times, locale="en-GB", sent=SENT)
        return count

    assert work(800) <= 2.3 * work(400) + 100


# what else is said of a date


def test_what_a_mismatch_says() -> None:
    found = only("Ends Friday 3 April")
    assert found.weekday_mismatch
    assert (found.date, found.weekday, found.fits_year) == (date(2027, 4, 3), 4, 2026)
    assert not found.year_written


def test_a_weekday_is_believed_when_another_near_year_fits() -> None:
    assert only("Sunday 5 March").date == date(2028, 3, 5)
    january = only("We met on Thursday 24 December", sent=date(2027, 1, 10))
    assert (january.date, january.weekday_mismatch) == (date(2026, 12, 24), False)


@pytest.mark.parametrize(
    ("text", "sent", "expected"),
    [
        ("until 31 December", date(2027, 1, 10), date(2027, 12, 31)),
        ("20 December", date(2027, 1, 5), date(2026, 12, 20)),
        ("ends 5 January", date(2027, 12, 20), date(2028, 1, 5)),
        ("ends 5 March", date(2027, 3, 19), date(2027, 3, 5)),
        ("ordered on 20 April", date(2027, 3, 19), date(2026, 4, 20)),
        ("29 February", date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_the_year_that_is_meant(text: str, sent: date, expected: date) -> None:
    assert only(text, sent=sent).date == expected


def test_a_number_that_can_be_read_both_ways() -> None:
    found = only("Expires 04/05/2027", "en-US")
    assert (found.date, found.other, found.ambiguous) == (date(2027, 4, 5), date(2027, 5, 4), True)
    assert not only("Expires 04/25/2027", "en-US").ambiguous
    assert not only("Monday 04/05/2027", "en-US").ambiguous


def test_the_weekday_settles_the_order() -> None:
    assert only("Tuesday 04/05/2027", "en-US").date == date(2027, 5, 4)


def test_hour_and_zone() -> None:
    found = only("Ends Sunday, March 21 at 11:59 PM EDT", "en-US")
    assert (found.time, found.zone) == (time(23, 59), "EDT")
    found = only("Starts 2027-05-04T09:00:00+02:00")
    assert (found.time, found.zone) == (time(9), "+02:00")


def test_the_end_of_a_range() -> None:
    start, end = find_dates("28 December – 3 January", locale="en-GB", sent=SENT)
    assert (start.date, start.range_end, end.date) == (date(2027, 12, 28), date(2028, 1, 3), date(2028, 1, 3))


def test_relative_dates_say_so() -> None:
    assert only("Ends tomorrow").relative
    found = only("Back next Sunday", sent=date(2027, 3, 18))
    assert (found.date, found.other) == (date(2027, 3, 28), date(2027, 3, 21))
    assert not found.ambiguous


def test_a_date_may_be_given_instead_of_a_time() -> None:
    assert find_dates("today", locale="en", sent=date(2027, 3, 19))[0].date == date(2027, 3, 19)
    assert find_dates("today", locale="en", sent=SENT.replace(hour=23))[0].date == date(2027, 3, 19)


# the names


def test_the_table_of_names_is_what_babel_has() -> None:
    import json

    import babel

    stored = json.loads(FILE.read_text(encoding="utf-8"))
    assert set(stored["languages"]) == set(languages())
    for code in ("de", "sr", "ar", "ja", "hu"):
        made = json.loads(json.dumps(language(code)))
        if stored["babel"] == babel.__version__:
            assert stored["languages"][code] == made
        else:
            assert set(made["months"]) <= set(stored["languages"][code]["months"])
    assert set(stored["languages"]) <= set(identifiers())


def test_no_word_is_a_month_and_a_number_of_another() -> None:
    for code in languages():
        for phrase, entries in vocabulary(code).ahead.items():
            for _, meanings in entries:
                assert 1 <= meanings.get("month", 1) <= 12, (code, phrase)
                assert 0 <= meanings.get("day", 0) <= 6, (code, phrase)


def test_texts_are_cut_alike_with_and_without_care() -> None:
    """The quick way is taken only where the careful one has the same tokens, for every character there is."""
    careful = tokenizer(["サイズ", "ชิ้น"])
    texts = (f"a{chr(code)}1 b" for code in range(0x80, 0x30000) if not 0xD800 <= code < 0xE000)
    assert not [text for text in texts if tokens_of(text, careful) != careful.findall(text)]
