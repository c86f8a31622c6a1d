"""Prices of a whole campaign: their places, which belong together, and what the rules leave alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcheck.checking import Checker, checker
from mailcheck.content.markup import Markup
from mailcheck.content.price_offers import find_offers
from mailcheck.content.price_percents import find_percents
from mailcheck.content.prices_located import Prices, prices_of
from mailcheck.reading import from_mapping


@pytest.fixture(scope="module")
def made() -> Checker:
    return checker({"profile": "template", "select": ["prices"]})


def found(made: Checker, **campaign: Any) -> list[tuple[str, str, str]]:
    (one,) = made.campaigns(campaign)
    report = made.judge(one)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return [(one.rule.removeprefix("prices/"), one.severity, one.evidence) for one in report.findings]


def prices(**campaign: Any) -> Prices:
    one = from_mapping(campaign)
    return prices_of(one, Markup(one.message.html) if one.message.html is not None else None, ())


# places


def test_places_in_every_part() -> None:
    read = prices(
        subject="Now &pound;5", preheader="£6", html="<p>&pound;<b>7</b>.50</p>", text="> £9\n£8", locale="en-GB"
    )
    assert [(one.part, one.span.text) for one in read] == [
        ("subject", "&pound;5"),
        ("preheader", "£6"),
        ("html", "&pound;<b>7</b>.50"),
        ("text", "£8"),
    ]


@pytest.mark.parametrize(
    ("html", "kinds"),
    [
        ("<p><s>£50</s> £40</p>", ["was", "plain"]),
        ("<p><span style='text-decoration: line-through'><b>£50</b></span> £40</p>", ["was", "plain"]),
        ("<p><span class='old-price'>£50</span> £40</p>", ["was", "plain"]),
        ("<p><s>Save £50</s> £40</p>", ["save", "plain"]),
        ("<p><sup>£50</sup> £40</p>", ["plain", "plain"]),
    ],
)
def test_struck_prices_are_old(html: str, kinds: list[str]) -> None:
    assert [one.kind for one in prices(html=html, locale="en-GB")] == kinds


def test_prices_from_tags_are_known_as_such() -> None:
    read = prices(html="<p>£ {{ price }} or {{ other }} £5</p>", locale="en-GB")
    assert [one.tag for one in read.tagged][:1] == ["{{ price }}"]
    assert [one.written for one in read] == ["£5"]


def test_tags_of_the_dialect_are_blanked(made: Checker) -> None:
    assert found(made, html="<p>Was £40, now £[PRICE 50]0</p>", locale="en-GB", dialect="mailchimp") == []


@pytest.mark.parametrize(("locale", "read"), [("xx yy zz", "und"), ("", "und"), ("de-AT", "de-AT")])
def test_the_locale_of_the_html(locale: str, read: str) -> None:
    assert prices(html=f'<html lang="{locale}"><p>49 €</p></html>').locale == read


@given(
    st.lists(
        st.sampled_from(["£5", "<s>", "</s>", "<td>", "<p>", "{{x}}", "20% off", "&pound;7.00", " was ", "\n", "€€49"])
    )
)
def test_any_text_is_read_and_leads_back(pieces: list[str]) -> None:
    html = "".join(pieces)
    for part in prices(html=f"<div>{html}</div>", text=html, locale="en-GB").parts:
        for one in part.items:
            assert one.span.text[0] in "£&€"
            assert part.text.text[slice(*one.at)].strip() == part.text.text[slice(*one.at)]
        for offer in find_offers(part):
            assert offer.stretch[0] <= min(offer.was.at[0], offer.now.at[0])
            assert offer.stretch[1] >= max(offer.was.at[1], offer.now.at[1])


# what belongs together

LAYOUTS = {
    "cell": "<td><p>Boots</p><p>{percent}</p><p><s>{was}</s> {now}</p><p>You save {save}</p></td>",
    "rows": "<td><table><tr><td>{percent}</td></tr><tr><td>Boots</td></tr><tr><td><del>{was}</del></td></tr>"
    "<tr><td><b>{now}</b></td></tr><tr><td>Save {save}</td></tr></table></td>",
    "breaks": "<td>Boots<br><del>{was}</del><br><strong>{now}</strong><br>{percent}<br>save {save}</td>",
    "words": "<td><p>Boots</p><p>Was {was}, now {now}. {percent}. You save {save}</p></td>",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, []),
        ({"percent": "40% off"}, ["discount_arithmetic"]),
        ({"save": "£15.00"}, ["saving_arithmetic"]),
        ({"now": "£60.00"}, ["now_not_below_was"]),
    ],
)
def test_offers_side_by_side(made: Checker, layout: str, told: dict[str, str], expected: list[str]) -> None:
    right = {"percent": "20% off", "was": "£50.00", "now": "£40.00", "save": "£10.00"}
    other = {"percent": "-50 %", "was": "£80.00", "now": "£40.00", "save": "£40.00"}
    cells = [LAYOUTS[layout].format(**one) for one in (other, {**right, **told}, other)]
    html = f"<table><tr>{''.join(cells)}</tr></table>"
    assert [rule for rule, _, _ in found(made, html=html, locale="en-GB")] == expected


@pytest.mark.parametrize(
    "campaign",
    [
        {"html": "<table><tr><td><s>£50</s></td><td><s>£60</s></td></tr><tr><td>£55</td><td>£70</td></tr></table>"},
        {"html": "<table><tr><td>Boots <s>£50</s></td><td>The long name of another product, at £70</td></tr></table>"},
        {"text": "Was £50 now £40, was £30 now £20: 10% off"},
        {"text": "Was £50, from £60"},
        {"text": "It used to cost £40 and £50, depending on the shop"},
        {"text": "The old model cost £40 once. Mine: £50"},
        {"text": "Was £50, now £60 because prices rise"},
        {"text": "Was £50, now £40. Save 20% more on your next order"},
        {"text": "Up to 70% off. Was £50, now £40"},
        {"text": "Was £50, now £40. Save £5 with code MAY5"},
        {"html": "<div><p>Members get 25% off</p><p>Was £100</p><p>Now £80</p></div>"},
        {"subject": "Free delivery over £50", "html": "<p>Boots £59</p>"},
        {"subject": "Win £5000", "html": "<p>Boots £59</p>"},
        {"subject": "Boots £49", "html": "<p>Boots <img alt='only 49 pounds'></p><p>Hat £60</p>"},
        {"subject": "Boots £49 and hat £19", "html": "<p>Boots £45</p>"},
        {"subject": "Boots £49", "html": "<p>Boots £{{ price }}, hat £45</p>"},
        {"html": "<p>Boots £59</p><p>Hat £49.00</p>", "text": "Boots £59\nHat £49\nDelivery £5"},
    ],
    ids=str,
)
def test_what_is_left_alone(made: Checker, campaign: dict[str, Any]) -> None:
    assert found(made, locale="en-GB", **campaign) == []


# how much a percentage may be off


@pytest.mark.parametrize(
    ("text", "locale", "severity"),
    [
        ("33% off: was £30, now £20", "en-GB", None),
        ("30% off: was £29.99, now £20.99", "en-GB", None),
        ("22% off: was £29.99, now £24", "en-GB", "warning"),
        ("30% off: was £29.99, now £24", "en-GB", "error"),
        ("10% off: was £50, now £40", "en-GB", "warning"),
        ("Nå 249 kr, før 349 kr. Spar 31 %", "nb-NO", "warning"),
        ("Nå 249 kr, før 349 kr. Spar 40 %", "nb-NO", "error"),
    ],
)
def test_two_thresholds(made: Checker, text: str, locale: str, severity: str | None) -> None:
    assert [one[1] for one in found(made, text=text, locale=locale)] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("20 % off", [20]),
        ("-15%", [15]),
        ("10-20%", []),
        ("Sie sparen 12 %", [12]),
        ("19 % MwSt.", []),
        ("extra 20% off", []),
        ("100% cotton", []),
        ("20% off everything", []),
        ("soit 20 % de réduction", [20]),
    ],
)
def test_percentages(text: str, values: list[int]) -> None:
    assert [int(one.value) for one in find_percents(text)] == values


# the market


@pytest.mark.parametrize(
    ("locales", "text", "expected"),
    [
        (["nb-NO"], "Hat kr 99\nBoots $49", ["currency"]),
        (["nb"], "Hat kr 99\nBoots 49 €", ["currency"]),
        (["nb-NO", "de-DE"], "Hat kr 99\nBoots 49 €", []),
        (["de"], "Hat 9 €\nBoots $49", []),
        (["nb-NO"], "Boots $49", []),
        (["de-DE"], "Hut 19.90 €", ["number_format"]),
        (["de-DE", "en-IE"], "Hut 19.90 €", []),
        (["de"], "Hut 19.90 €", []),
        (["fr-CH"], "Chapeau 19,90 CHF", []),
    ],
)
def test_markets(made: Checker, locales: list[str], text: str, expected: list[str]) -> None:
    assert [one[0] for one in found(made, text=text, locales=locales)] == expected


# between the parts

CARD = '<td><h3><a href="https://shop.example/{0}">{0}</a></h3><p><s>{1}</s> <b>{2}</b></p><a href="#">Buy now</a></td>'
CARDS = CARD.format("Alta down jacket", "£249.00", "£199.00") + CARD.format("Vik wool jumper", "£89.00", "£69.00")


@pytest.mark.parametrize(
    ("jumper", "told"),
    [
        ("Vik wool jumper: was £89.00, now £69.00", []),
        ("Vik wool jumper: was £89.00, now £79.00", ["£79.00"]),
        ("Vik wool jumper\nwas £99.00, now £69.00", ["£99.00"]),
        # Another thing, and one of which two prices are told.
        ("Vik wool jumper for small children: was £89.00, now £79.00", []),
        ("Vik wool jumper: £69.00\nVik wool jumper: £79.00", []),
    ],
)
def test_titles_lead_from_part_to_part(made: Checker, jumper: str, told: list[str]) -> None:
    text = f"Alta down jacket: was £249.00, now £199.00\n{jumper}\nFree delivery over £50. Gift wrap £3.50"
    read = found(made, html=f"<table><tr>{CARDS}</tr></table>", text=text, locale="en-GB")
    assert [evidence for rule, _, evidence in read if rule == "parts_disagree"] == told


def test_the_subject_is_held_against_the_new_price(made: Checker) -> None:
    subject = "The Alta down jacket is now £189"
    text = "Alta down jacket: was £199.00, now £179.00"
    (one,) = made.campaigns({"subject": subject, "text": text, "locale": "en-GB"})
    (told,) = made.judge(one).findings
    assert "£179.00" in told.message


def test_a_new_price_is_no_conversion_of_the_old_one(made: Checker) -> None:
    html = "<p>Boots 49,00 €</p><p>Jacket <s>129,00 €</s> <b>£99.00</b></p>"
    assert found(made, html=html, locale="de-DE") == [("currency", "warning", "£99.00")]
    # Nothing is said of the arithmetic of two currencies.
    assert found(made, text="Was £50, now €60", locale="en-GB") == [("currency", "warning", "€60")]
    assert not found(made, text="Boots €49. Jacket: was £140 (€160), now £120 (€138)", locale="en-IE")


@pytest.mark.parametrize(
    "html", ["<p><s>89,00 €</s> <b>69,00 €</b></p>", "<p>20 € €49,00</p>", "<p>89 €\u00a069 €</p>"]
)
def test_a_symbol_behind_the_old_price_is_not_that_of_the_new_one(made: Checker, html: str) -> None:
    assert not [one for one in found(made, html=html, locale="de-DE") if one[0] == "double_symbol"]
