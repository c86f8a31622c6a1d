"""Coupon codes and structured data: what is found, and what the rules say and leave alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcheck.checking import Checker, checker
from mailcheck.content.coupon_letters import odd_letters, same_looks, uncertain
from mailcheck.content.coupon_words import announced
from mailcheck.content.masking import OUTPUT
from mailcheck.content.structured_json import read_json
from mailcheck.reading import ReadingError, from_mapping

SENT = {"send": "2027-03-19T09:00:00+01:00"}
LD = '<script type="application/ld+json">%s</script>'


@pytest.fixture(scope="module")
def made() -> Checker:
    rules = ["coupons", "prices/structured_data", "prices/personalised", "prices/only_in_image"]
    return checker({"profile": "template", "select": rules})


def found(made: Checker, **campaign: Any) -> list[tuple[str, str, str]]:
    (one,) = made.campaigns(campaign)
    report = made.judge(one)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return [(one.rule, one.severity, one.evidence) for one in report.findings]


# codes in copy

CODES = [
    ("Use code SAVE20 for 20% off", "SAVE20"),
    ("Enter promo code: spring15", "spring15"),
    ("Use SUNNY10 at the checkout", "SUNNY10"),
    ("Apply coupon “WELCOME” in your basket", "WELCOME"),
    ("YOUR CODE:\n\nSPRING25\n\nvalid until Sunday, 20 % off", "SPRING25"),
    ("Mit dem Code FRUEHLING25 sparen Sie 25 %", "FRUEHLING25"),
    ("Gutscheincode: SOMMER10", "SOMMER10"),
    ("Avec le code PRINTEMPS15, -15 % sur tout", "PRINTEMPS15"),
    ("Code promo : BIENVENUE10", "BIENVENUE10"),
    ("Usa el código VERANO20 y ahorra 20 %", "VERANO20"),
    ("Cupom: BEMVINDO10", "BEMVINDO10"),
    ("Codice sconto ESTATE20", "ESTATE20"),
    ("Kortingscode ZOMER15", "ZOMER15"),
    ("Bruk koden VÅR20 i kassen", "VÅR20"),
    ("Rabattkod: SOMMAR10", "SOMMAR10"),
    ("Brug rabatkoden FORÅR20", "FORÅR20"),
    ("Koodilla KESA20 saat 20 % alennusta", "KESA20"),
    ("Z kodem WIOSNA20 otrzymasz 20% rabatu", "WIOSNA20"),
    ("Slevový kód LETO15", "LETO15"),
    ("Használd a NYAR20 kódot 20% kedvezményért", "NYAR20"),
    ("Codul de reducere VARA20", "VARA20"),
    ("Kod za popust LJETO20", "LJETO20"),
    ("По промокоду ВЕСНА20", "ВЕСНА20"),
    ("Με τον κωδικό ANOIXI20 κερδίζεις 20%", "ANOIXI20"),
    ("YAZ20 kodunu kullan, %20 indirim", "YAZ20"),
    ("Sooduskood: SUVI20", "SUVI20"),
    ("クーポンコード：HARU20", "HARU20"),
    ("优惠码：CHUN20", "CHUN20"),
    ("쿠폰 코드: BOM20", "BOM20"),
    ("קוד קופון: SALE20", "SALE20"),
    ("كود الخصم: SAVE20", "SAVE20"),
    ("कूपन कोड: SAVE20", "SAVE20"),
    ("โค้ดส่วนลด SAVE20", "SAVE20"),
    ("Nhập mã SAVE20 giảm 20%", "SAVE20"),
    ("Kode promo HEMAT20", "HEMAT20"),
    ("Use code PROMO10 and save 10%", "PROMO10"),
    ("Kortingscode KORTING20", "KORTING20"),
    ("Mit dem Rabattcode RABATT15", "RABATT15"),
]
NO_CODES = [
    "Enter code at checkout for 20% off",
    "USE CODE BELOW FOR 20% OFF",
    "NO CODE NEEDED: 20% OFF EVERYTHING",
    "Your verification code is 8F3KL2, it costs $0",
    "Scan the QR code HTML5",
    "Zip code AB12CD, shipping $5",
    "Our source code GPL3 is free",
    "Code of conduct, dress code BLACK, 20 % off",
    "Error code E1234: the payment of $5 failed",
    "Your coupon expires TODAY",
    "Der Code gilt bis SONNTAG, 20 %",
    "Use promo code: [CODE]",
    "Promo code XXXX",
    "Use code *|COUPON|* and save 20%",
    "https://shop.example/?code=SAVE20 is 20% off",
]


@pytest.mark.parametrize(("text", "code"), CODES)
def test_codes_in_many_languages(text: str, code: str) -> None:
    assert [text[start:end] for start, end in announced(text)] == [code]


@pytest.mark.parametrize("text", NO_CODES)
def test_what_is_no_code(text: str) -> None:
    assert list(announced(text)) == []


@given(st.text(alphabet="code COUPONkod: SAVE20%\n-“クーポン", max_size=60))
def test_codes_are_where_they_are_said_to_be(text: str) -> None:
    for start, end in announced(text):
        assert 4 <= end - start <= 24
        assert text[start:end] == text[start:end].strip(" \n:%")


# the rules about codes

SILENT: list[dict[str, Any]] = [
    {"subject": "SAVE20", "html": "<p>Use code SAVE25 and save</p>"},
    {"html": "<p>Promo code SAVE10 for £10 off</p><p>Promo code SAVE20 for £20 off</p>"},
    {"html": "<p>Use code SAVE20</p><p><a href='https://shop.example/?discount=save20'>Shop</a></p>"},
    {"html": "<p>Use code SAVE20</p><p><a href='https://shop.example/?coupon=*|CODE|*'>Shop</a></p>"},
    {"html": "<p>Use code SAVE20</p><p><a href='https://shop.example/?discount=true&amp;promo=banner'>Shop</a></p>"},
    {"html": "<p>Up to 50 % off with code SAVE20</p>"},
    {"html": "<p>Code SPRING25 gives 20 % off, 25 days only</p>"},
    {"html": "<p>30 % off boots, 25 % off hats</p><p>Use promo code EXTRA10</p>"},
    {"html": "<p>£15 off £60 with code SAVE15, and 10 % for students</p>"},
]


@pytest.mark.parametrize("campaign", SILENT, ids=str)
def test_what_is_left_alone(made: Checker, campaign: dict[str, Any]) -> None:
    assert found(made, locale="en-GB", **campaign) == []


def test_a_code_in_a_picture_and_in_a_path(made: Checker) -> None:
    html = (
        '<img src="a.png" alt="20 % off with code SPRNG20"><p>Use code SPRING20, 20 % off</p>'
        '<a href="https://shop.example/discount/SUMMER20?ref=1">Shop</a>'
    )
    assert found(made, html=html) == [
        ("coupons/parts_disagree", "error", "SPRNG20"),
        ("coupons/parts_disagree", "warning", "SUMMER20"),
    ]


def test_the_codes_of_the_offer(made: Checker) -> None:
    html = "<p>Use code SPRNG20 and save</p>"
    (one,) = made.campaigns({"html": html, "offer": {"codes": ["SPRING20"]}})
    (finding,) = made.judge(one).findings
    assert (finding.rule, finding.evidence) == ("coupons/not_declared", "SPRNG20")
    assert "did you mean 'SPRING20'?" in finding.message
    assert found(made, html="<p>Use code SPRING20 and save</p>", offer={"codes": ["SPRING20"]}) == []


def test_a_misspelt_key_of_the_offer() -> None:
    with pytest.raises(ReadingError, match="did you mean 'codes'"):
        from_mapping({"html": "<p>x</p>", "offer": {"code": ["SPRING20"]}})


@pytest.mark.parametrize(
    ("code", "odd", "doubt"),
    [
        ("SАVE20", "Cyrillic", ""),
        ("SΑVE20", "Greek", ""),
        ("ВЕСНА20", "", ""),
        ("SAVE2O", "", "zero"),
        ("SPR0UT", "", "letter O"),
        ("20I7", "", "one"),
        ("SALEl", "", "small l"),
        ("HELLO10", "", ""),
        ("20OFF", "", ""),
        ("A0B3K9", "", ""),
    ],
)
def test_letters_that_look_alike(code: str, odd: str, doubt: str) -> None:
    assert odd in odd_letters(code)
    assert bool(odd_letters(code)) == bool(odd)
    assert doubt in uncertain(code)
    assert bool(uncertain(code)) == bool(doubt)


def test_codes_that_nobody_can_tell_apart() -> None:
    assert same_looks("SАVE2O") == same_looks("SAVE20") != same_looks("SAVE21")


# JSON with places

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4), st.sampled_from([None, 2]))
def test_values_of_json_are_where_they_are_said_to_be(value: dict[str, object], indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    nodes, fault = read_json(text)
    assert fault is None
    assert nodes
    for node in nodes:
        assert text[node.start] == "{"
        for one in node.values.values():
            raw = text[one.start : one.end]
            assert json.loads(f'"{raw}"' if one.quoted else raw) == (one.text if one.quoted else json.loads(one.text))
    plain = {key: one for key, one in value.items() if isinstance(one, str)}
    assert {key: nodes[0].values[key].text for key in plain} == plain


@given(st.text(alphabet='{}[]",:1a\\ \n/' + OUTPUT, max_size=30))
def test_any_text_is_json_or_has_a_fault_or_a_tag(text: str) -> None:
    nodes, fault = read_json(text)
    if fault is not None:
        assert 0 <= fault.at <= len(text)
        assert not nodes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1,}', "comma"),
        ('{"a": 1} // price', "comments"),
        ("{“a”: 1}", "typographic"),
        ("[" * 100_000, "nested"),
    ],
)
def test_why_it_is_no_json(text: str, reason: str) -> None:
    _, fault = read_json(text)
    assert fault is not None
    assert reason in fault.reason


# the rules about structured data

OFFER = {"@type": "DiscountOffer", "description": "20% off", "discountCode": "SPRING20"}
BODY = "<p>20 % off until 28 March with code SPRING20</p><p>Hiking boots £199</p>"


def ld(*things: dict[str, Any]) -> str:
    return LD % json.dumps(things, ensure_ascii=False)


MICRODATA = (
    '<div itemscope itemtype="http://schema.org/DiscountOffer"><meta itemprop="discountCode" content="SPRING2O"></div>'
)
STRUCTURED: list[tuple[str, str, str]] = [
    (ld({**OFFER, "discountCode": "SPRING25"}), "error", "SPRING25"),
    (ld({**OFFER, "description": "25% off"}), "error", "25% off"),
    (ld({**OFFER, "availabilityEnds": "2027-03-18"}), "error", "2027-03-18"),
    (ld({**OFFER, "availabilityEnds": "2027-03-31T23:59:00+01:00"}), "warning", "2027-03-31T23:59:00+01:00"),
    (ld({**OFFER, "availabilityEnds": "YYYY-MM-DD"}), "warning", "YYYY-MM-DD"),
    (
        ld({**OFFER, "availabilityStarts": "2027-04-02", "availabilityEnds": "2027-03-28"}),
        "error",
        "2027-03-28",
    ),
    (ld({**OFFER, "discountCode": ""}), "warning", '"discountCode": ""'),
    (ld({"@type": "Product", "name": "Hiking boots", "offers": {"@type": "Offer", "price": 249}}), "error", "249"),
    (ld({"@type": "Offer", "price": "£199"}), "warning", "£199"),
    (ld({"@type": "Offer", "price": "199", "priceCurrency": "EUR"}), "error", "199"),
    (ld({"@type": "PromotionCard", "price": 249, "discountValue": 20}), "warning", ""),
    (MICRODATA, "error", "SPRING2O"),
]


@pytest.mark.parametrize(("html", "severity", "evidence"), STRUCTURED)
def test_structured_data_that_disagrees(made: Checker, html: str, severity: str, evidence: str) -> None:
    findings = found(made, html=html + BODY, locale="en-GB", schedule=SENT)
    (finding,) = [one for one in findings if one[0] == "prices/structured_data"]
    if evidence == "":
        assert finding[2] == "20"
    else:
        assert finding[1:] == (severity, evidence)


AGREES = [
    ld({**OFFER, "availabilityEnds": "2027-03-28T23:59:59+01:00"}),
    ld({**OFFER, "availabilityEnds": "2027-03-28T22:59:59Z"}),
    ld({**OFFER, "availabilityEnds": "2027-03-29T00:00:00+01:00"}),
    ld({**OFFER, "description": "Free delivery"}),
    ld({**OFFER, "discountCode": "*|CODE|*"}),
    ld({"@type": "Offer", "price": 199, "priceCurrency": "GBP"}),
    ld({"@type": "PromotionCard", "price": 249, "discountValue": 50}),
    LD % '{"@type": "Offer", "price": {{ product.price }}, "x": [{% for a in b %}{{ a }},{% endfor %}]}',
    '<div itemscope itemtype="http://schema.org/Offer"><span itemprop="price">£199</span></div>',
    ld({"@type": "Order", "orderNumber": "12"}),
    LD % json.dumps({"@type": ["Product"], "name": "x"}),
]


@pytest.mark.parametrize("html", AGREES)
def test_structured_data_that_agrees(made: Checker, html: str) -> None:
    assert found(made, html=html + BODY, locale="en-GB", schedule=SENT) == []


# where prices come from


@pytest.mark.parametrize(
    "campaign",
    [
        {"html": "<p>Boots £{{ price }}, hat £45</p>"},
        {"html": "<p>Boots £{{ price }}</p><p>Free delivery over £50</p>"},
        {"html": "<p>{% if price %}Boots £45{% endif %}</p>"},
        {"html": "<p>£{{ old_price }} £{{ price }}</p>"},
        {"html": "<p>{{ product.price_list_id }} £45</p>"},
        {"html": "<img src='a-199-kr.png' alt='Boots'><p>Boots 199 kr</p>"},
        {"html": "<img src='a-600-300.png' alt='Size 36'><p>Boots</p>"},
        {"html": "<img src='a.png' alt='Free delivery over £50'><p>Boots</p>"},
    ],
    ids=str,
)
def test_prices_that_may_come_from_there(made: Checker, campaign: dict[str, Any]) -> None:
    assert found(made, locale="en-GB", **campaign) == []
