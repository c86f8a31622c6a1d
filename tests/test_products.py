"""Prices and products: which belong together, how that was told, and what the rules make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mailcheck
import product_mails
from mailcheck.checking import Checker, checker
from mailcheck.products.facts import Products
from mailcheck.products.mentions import link_keys, unwrapped
from mailcheck.reading import from_mapping
from mailcheck.report import CampaignReport
from product_mails import LAYOUTS, MORE_LAYOUTS, Mail

MAILS = 30
CATALOGUE_RULES = [
    "catalogue_currency",
    "discount_not_everywhere",
    "from_not_lowest",
    "not_in_catalogue",
    "out_of_stock",
    "reference_price",
    "stale",
    "unit_price_missing",
    "up_to_not_reached",
]


@pytest.fixture(scope="module")
def made() -> Checker:
    return checker({"profile": "template", "select": [f"prices/{name}" for name in CATALOGUE_RULES]})


def products(made: Checker, **campaign: Any) -> Products:
    ending = made.engine.sheet(from_mapping(campaign), "template").resolver.ending("products")
    assert isinstance(ending.value, Products), ending
    return ending.value


def judged(made: Checker, **campaign: Any) -> CampaignReport:
    (one,) = made.campaigns(campaign)
    return made.judge(one)


def found(made: Checker, **campaign: Any) -> list[tuple[str, str, str]]:
    report = judged(made, **campaign)
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    return [(one.rule.removeprefix("prices/"), one.severity, one.evidence) for one in report.findings]


def of_mail(mail: Mail) -> dict[str, Any]:
    return {"html": mail.html, "locale": mail.locale, "catalogue": {"products": mail.rows}}


def score(made: Checker, mail: Mail) -> tuple[int, int, int]:
    """Pairs that are right, pairs that are not, and wrong ones among those that are said to be sure."""
    right = wrong = surely = 0
    for pair in products(made, **of_mail(mail)).pairs:
        truth = mail.truth.get(int(pair.price.found.amount * 100))
        is_right = truth is not None and truth[0].lower() in pair.products[0].keys and truth[1] == (pair.role == "now")
        right += is_right
        wrong += not is_right
        surely += pair.strong and not is_right
    return right, wrong, surely


@pytest.mark.parametrize("unlisted", [0, 1], ids=["all known", "one unknown"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_the_layouts_of_newsletters(made: Checker, layout: Any, unlisted: int) -> None:
    right = wrong = surely = total = 0
    for seed in range(MAILS if not unlisted else MAILS // 3):
        mail = product_mails.mail(layout, seed, unlisted=unlisted)
        one = score(made, mail)
        right, wrong, surely = right + one[0], wrong + one[1], surely + one[2]
        total += len(mail.truth)
    assert total >= 50
    assert right >= 0.98 * total
    assert wrong <= 0.02 * total
    assert surely == 0


@pytest.mark.parametrize("layout", MORE_LAYOUTS, ids=lambda layout: layout.__name__)
def test_more_layouts(made: Checker, layout: Any) -> None:
    scores = [(score(made, mail), len(mail.truth)) for mail in (product_mails.mail(layout, seed) for seed in range(5))]
    assert sum(one[0] for one, _ in scores) >= 0.98 * sum(total for _, total in scores)
    scores += [(score(made, product_mails.mail(layout, seed, unlisted=1)), 0) for seed in range(5)]
    assert sum(one[1] for one, _ in scores) == 0


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_right_mail_is_silent_and_a_wrong_price_is_told(made: Checker, layout: Any) -> None:
    for seed in range(6):
        mail = product_mails.mail(layout, seed)
        assert found(made, **of_mail(mail)) == []
        rows = [dict(row) for row in mail.rows]
        amount, _, currency = str(rows[1]["sale_price"]).partition(" ")
        rows[1]["sale_price"] = f"{float(amount) + 3:.2f} {currency}"
        told = found(made, html=mail.html, locale=mail.locale, catalogue={"products": rows})
        assert [rule for rule, _, _ in told] == ["not_in_catalogue"]


CELL = '<td><a href="https://shop.example/p/{slug}-{id}">{title}</a><p>{price}</p></td>'
BOOTS = {
    "id": "B-1001",
    "title": "Alder hiking boots",
    "link": "https://shop.example/p/boots-b-1001",
    "price": "199 GBP",
}
HAT = {"id": "H-2002", "title": "Birch sun hat", "link": "https://shop.example/p/hat-h-2002", "price": "19 GBP"}


def cell(price: str) -> str:
    return CELL.format(slug="boots", id="b-1001", title="Alder hiking boots", price=price)


def how(made: Checker, html: str, *rows: dict[str, Any], **more: Any) -> list[tuple[str, str, str, bool]]:
    read = products(made, html=html, locale="en-GB", catalogue={"products": list(rows) or [BOOTS, HAT]}, **more)
    return [
        (pair.price.written, pair.products[0].keys[0], f"{pair.how} {pair.evidence}", pair.strong)
        for pair in read.pairs
    ]


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<div data-sku="B-1001"><p>£5</p></div>', [("£5", "b-1001", "lca data", True)]),
        ('<div><img src="x.png" alt="Alder hiking boots"><p>£5</p></div>', [("£5", "b-1001", "lca alt", True)]),
        ('<div><a href="https://shop.example/p/boots-b-1001?utm_id=1">Buy</a><p>£5</p></div>', [("£5", "b-1001", "lca link", True)]),
        ('<div><a href="https://shop.example/de/B-1001.html">Buy</a><p>£5</p></div>', [("£5", "b-1001", "lca link_key", True)]),
        ('<div><a href="https://other.example/x?pid=b-1001">Buy</a><p>£5</p></div>', [("£5", "b-1001", "lca link_key", False)]),
        ('<div><a href="https://click.esp.example/c?u=https%3A%2F%2Fshop.example%2Fp%2Fboots-b-1001">Buy</a> £5</div>', [("£5", "b-1001", "lca link", True)]),
        ("<p>You will love our Alder hiking boots of real leather for only £5</p>", [("£5", "b-1001", "lca text", False)]),
        ("<h2>Alder hiking boots</h2><p>£5</p><h2>Something else</h2><p>£6</p>", [("£5", "b-1001", "section title", False)]),
        # Of a stranger beside it nothing is said.
        (f"<table><tr>{cell('£5')}<td><h3>Oak table</h3><p>£6</p></td></tr></table>", [("£5", "b-1001", "lca link", True)]),
        (f"<table><tr>{cell('£5')}<td><p>Oak table</p><p>£6</p></td></tr></table>", [("£5", "b-1001", "lca link", True)]),
        (f"<table><tr>{cell('£5')}<td><a href='https://shop.example/p/oak'>Oak</a><p>£6</p></td></tr></table>", [("£5", "b-1001", "lca link", True)]),
        # Delivery, savings, thresholds and vouchers are no prices of products.
        (f"<table><tr>{cell('£5 Save £2. Free delivery over £50')}</tr></table>", [("£5", "b-1001", "lca link", True)]),
        ("<td><p><a href='https://shop.example/p/boots-b-1001'>Boots</a></p><p>£5</p><p>Oak table</p><p>£4</p></td>", [("£5", "b-1001", "preceding link", False)]),
        ("<td><p>Oak table</p><p>£4</p><p><b>Alder hiking boots</b></p><p>£5</p></td>", [("£5", "b-1001", "preceding title", False)]),
        # Three prices are more than one product has.
        (f"<table><tr>{cell('£5, £6 or £7')}</tr></table>", []),
        ("<p>Nothing of the shop for £5</p>", []),
        # A sentence of prose that does not name the product may have the price of anything.
        ('<p>Meet the <a href="https://shop.example/p/boots-b-1001">Alder boots</a>. Come along: a guide to the hills is yours for £5 with us.</p>', [("£5", "b-1001", "lca link", False)]),
        ('<p>Meet the <a href="https://shop.example/p/boots-b-1001">Alder boots</a>. Now only £5.</p>', [("£5", "b-1001", "lca link", True)]),
        ('<p>New! The <a href="https://shop.example/p/boots-b-1001">Alder hiking boots</a> are back in every size for £5 until Sunday.</p>', [("£5", "b-1001", "lca link", True)]),
        ('<div><h3>Alder hiking boots</h3><p>Now only £5 while stocks last in all of our stores</p></div>', [("£5", "b-1001", "lca title", True)]),
    ],
)  # fmt: skip
def test_how_a_pair_was_made(made: Checker, html: str, wanted: list[tuple[str, str, str, bool]]) -> None:
    assert how(made, html) == wanted


def test_of_two_plain_prices_the_higher_is_the_old_one(made: Checker) -> None:
    read = products(
        made, html=f"<table><tr>{cell('£249 £199')}</tr></table>", locale="en-GB", catalogue={"products": [BOOTS]}
    )
    assert [(pair.price.written, pair.role) for pair in read.pairs] == [("£249", "was"), ("£199", "now")]


def test_the_text_part(made: Checker) -> None:
    text = (
        "Alder hiking boots\n£199\nhttps://shop.example/p/boots-b-1001\n\nBirch sun hat – £19\n\nFree delivery over £50"
    )
    read = products(made, text=text, locale="en-GB", catalogue={"products": [BOOTS, HAT]})
    assert [(pair.price.written, pair.products[0].keys[0], pair.strong) for pair in read.pairs] == [
        ("£199", "b-1001", True),
        ("£19", "h-2002", True),
    ]


def test_a_link_to_one_variant_means_that_one(made: Checker) -> None:
    link = "https://shop.example/p/tee?variant={}"
    rows = [
        {"id": f"T-{n}", "title": "Tee", "link": link.format(n), "item_group_id": "T", "price": f"{n} GBP"}
        for n in (11, 12, 13)
    ]
    html = f'<div><a href="{link.format(12)}&utm_source=x">Tee</a> £12</div>'
    (pair,) = products(made, html=html, locale="en-GB", catalogue={"products": rows}).pairs
    assert [one.keys[0] for one in pair.products] == ["t-12"]
    assert len(pair.item.products) == 3


@pytest.mark.parametrize(
    ("address", "keys"),
    [
        ("https://shop.example/p/blue-hat-12345.html", {"blue-hat-12345", "12345"}),
        ("https://shop.example/dp/B000123456/ref", {"b000123456", "ref"}),
        ("https://shop.example/show?sku=ab&size=10&utm_source=12345", {"show", "ab"}),
        ("https://shop.example/", set()),
    ],
)
def test_keys_in_addresses(address: str, keys: set[str]) -> None:
    assert set(link_keys(address)) == keys


def test_wrapped_addresses_are_unwrapped(made: Checker) -> None:
    html = (
        '<a href="https://t.example/aHR0cHM6Ly9zaG9wLmV4YW1wbGUvcC9ib290cy1iLTEwMDE=/x">1</a>'
        '<a href="https://t.example/?q=aHR0cHM6Ly9zaG9wLmV4YW1wbGUvcC9ib290cy1iLTEwMDE">2</a>'
        '<a href="https://t.example/?q=aHR0cnonsense_that_is_long_enough">3</a>'
    )
    links = made.engine.sheet(from_mapping({"html": html}), "template").resolver.ending("links").value
    inner = [list(unwrapped(link))[1:] for link in links.items]  # type: ignore[attr-defined]  # the fact `links`
    assert inner == [["https://shop.example/p/boots-b-1001"], ["https://shop.example/p/boots-b-1001"], []]


# the rules


def test_both_places_and_the_catalogue_are_told(made: Checker) -> None:
    report = judged(
        made,
        subject="Alder hiking boots now 199,-",
        html="<table><tr><td><h2>Alder hiking boots</h2><p>249,-</p><a href='https://shop.example/p/boots-b-1001'>Kjøp nå</a></td></tr></table>",
        locale="nb-NO",
        catalogue={"products": [{**BOOTS, "price": "199.00 NOK"}]},
    )
    (finding,) = report.findings
    assert finding.message == (
        "The price of “Alder hiking boots” is not that of the catalogue. HTML, line 1, button “Kjøp nå”: “249,-” · subject: "
        "“199,-” · catalogue: 199,00 NOK (product 1 of the manifest). Correct the one that is wrong."
    )
    assert (finding.severity, finding.evidence) == ("error", "249,-")


@pytest.mark.parametrize(
    ("price", "row", "wanted"),
    [
        ("£199", {}, []),
        ("£199.00", {"price": "199"}, []),
        ("£198", {}, [("not_in_catalogue", "error", "£198")]),
        ("£199", {"price": "199.50 GBP"}, [("not_in_catalogue", "warning", "£199")]),
        ("£165.83 excl. VAT", {}, []),
        ("£199", {"tax": "excluded"}, []),
        ("€199", {}, [("catalogue_currency", "error", "€199")]),
        ("£199 (€230)", {}, []),
        ("from £199", {}, []),
        ("from £149", {}, [("from_not_lowest", "error", "from £149")]),
        ("<s>£300</s> £199", {}, []),
        ("<s>£300</s> £150", {"sale_price": "150 GBP"}, [("not_in_catalogue", "warning", "£300")]),
        ("<s>£300</s> £199", {"was_price": "249 GBP"}, [("not_in_catalogue", "warning", "£300")]),
        ("<s>£249</s> £199", {"was_price": "249 GBP"}, []),
        ("£199", {"availability": "sold out"}, [("out_of_stock", "error", "https://shop.example/p/boots-b-1001")]),
        ("£199", {"availability": "https://schema.org/OutOfStock"}, [("out_of_stock", "error", "https://shop.example/p/boots-b-1001")]),
        ("£199", {"availability": "limited"}, []),
    ],
)  # fmt: skip
def test_a_price_against_the_catalogue(
    made: Checker, price: str, row: dict[str, str], wanted: list[tuple[str, str, str]]
) -> None:
    row = dict(row)
    tax = {"tax": row.pop("tax")} if "tax" in row else {}
    told = found(
        made,
        html=f"<table><tr>{cell(price)}</tr></table>",
        locale="en-GB",
        catalogue={"products": [{**BOOTS, **row}], **tax},
    )
    assert [(rule, severity, evidence.removeprefix("from ")) for rule, severity, evidence in told] == [
        (rule, severity, evidence.removeprefix("from ")) for rule, severity, evidence in wanted
    ]


@pytest.mark.parametrize(
    ("window", "send", "zone", "wanted"),
    [
        ("2027-03-18T00:00+0100/2027-03-21T23:59+0100", "2027-03-21T23:00:00+01:00", None, []),
        ("2027-03-18T00:00+0100/2027-03-21T23:59+0100", "2027-03-22T00:30:00+01:00", None, ["stale"]),
        ("2027-03-18T00:00+0100/2027-03-21T23:59+0100", "2027-03-21T22:30:00+00:00", None, []),
        ("2027-03-18T00:00+0100/2027-03-21T23:59+0100", "2027-03-17T23:30:00+00:00", None, []),
        ("2027-03-18T00:00+0100/2027-03-21T23:59+0100", "2027-03-17T22:30:00+00:00", None, ["stale"]),
        ("2027-03-18/2027-03-21", "2027-03-22T00:30:00", "Europe/Oslo", ["stale"]),
        ("2027-03-18/2027-03-21", "2027-03-22T00:30:00", None, []),
        ("2027-03-18/2027-03-21", "2027-03-24T00:30:00", None, ["stale"]),
        ("2099-03-18/2099-03-21", None, None, []),
        ("2020-03-18/2020-03-21", None, None, ["stale"]),
    ],
)
def test_a_sale_that_is_not_on(
    made: Checker, window: str, send: str | None, zone: str | None, wanted: list[str]
) -> None:
    row = {**BOOTS, "price": "249 GBP", "sale_price": "199 GBP", "sale_price_effective_date": window}
    schedule = {"schedule": {"send": send, **({"zone": zone} if zone else {})}} if send else {}
    html = f"<table><tr>{cell('£199')}</tr></table>"
    assert [
        rule for rule, _, _ in found(made, html=html, locale="en-GB", catalogue={"products": [row]}, **schedule)
    ] == wanted


def _offer(claim: str, hat: str) -> str:
    second = CELL.format(slug="hat", id="h-2002", title="Birch sun hat", price=hat)
    return f"<h1>{claim}</h1><table><tr>{cell('<s>£100</s> £80')}{second}</tr></table>"


@pytest.mark.parametrize(
    ("claim", "locale", "told"),
    [
        ("20% off everything", "en-GB", True),
        ("Everything 20% off", "en-GB", True),
        ("20 % auf alles", "de-DE", True),
        ("20 % på alt", "nb-NO", True),
        ("-20 % sur tout", "fr-FR", True),
        ("20% korting op alles", "nl-NL", True),
        ("20 % på allt", "sv-SE", True),
        ("20% off sitewide!", "en-GB", True),
        ("20% off everything*", "en-GB", False),
        ("20% off everything that grows", "en-GB", False),
        ("20% off everything with code SPRING", "en-GB", False),
        ("Up to 20% off everything", "en-GB", False),
        ("Extra 20% off everything", "en-GB", False),
        ("20% off selected styles", "en-GB", False),
        ("20% off everything in the garden", "en-GB", False),
        ("20% off everything. Excludes hats.", "en-GB", False),
        ("20% of everything we earn", "en-GB", False),
        ("Members get 20% off everything", "en-GB", False),
        ("20% off everything and 10% off everything", "en-GB", False),
    ],
)
def test_off_everything(made: Checker, claim: str, locale: str, told: bool) -> None:
    html = _offer(claim, "<s>£20</s> £18")
    rows = [{**BOOTS, "price": "100 GBP", "sale_price": "80 GBP"}, {**HAT, "price": "20 GBP", "sale_price": "18 GBP"}]
    names = [rule for rule, _, _ in found(made, html=html, locale=locale, catalogue={"products": rows})]
    assert ("discount_not_everywhere" in names) == told
    assert set(names) <= {"discount_not_everywhere"}


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Up to 50% off", True),
        ("Save up to 50 %", True),
        ("Up to 20% off", False),
        ("Up to 21% off", False),
        ("Up to 50% off with code MORE", False),
        ("Up to 50% of our customers", False),
        ("Up to 30% off plants, up to 50% off tools", False),
    ],
)
def test_up_to(made: Checker, subject: str, told: bool) -> None:
    rows = [{**BOOTS, "price": "100 GBP", "sale_price": "80 GBP"}, {**HAT, "price": "20 GBP", "sale_price": "18 GBP"}]
    names = [
        rule
        for rule, _, _ in found(
            made, subject=subject, html=_offer("Sale", "<s>£20</s> £18"), locale="en-GB", catalogue={"products": rows}
        )
    ]
    assert names == ["up_to_not_reached"] * told


def test_a_catalogue_of_prices_that_nobody_can_read_judges_no_claims(made: Checker) -> None:
    rows = [
        {**BOOTS, "price": "100 GBP", "sale_price": "80 GBP"},
        {**HAT, "price": "20 GBP", "sale_price": "18 GBP"},
        {"id": "X", "price": "?"},
    ]
    assert (
        found(
            made,
            subject="Up to 50% off",
            html=_offer("Sale", "<s>£20</s> £18"),
            locale="en-GB",
            catalogue={"products": rows},
        )
        == []
    )


# what is not there


def test_without_a_catalogue_every_rule_is_skipped_with_the_way_to_give_one(made: Checker) -> None:
    report = judged(made, html=f"<table><tr>{cell('£5')}</tr></table>", locale="en-GB")
    assert {outcome.status for outcome in report.outcomes} == {"skipped"}
    assert {outcome.reason for outcome in report.outcomes} == {
        "no catalogue was given (`file` in the table [catalogue] of the manifest)"
    }


def test_a_catalogue_that_cannot_be_read_makes_the_verdict_unsure(tmp_path: Path) -> None:
    (tmp_path / "feed.csv").write_text("id,price\nb-1001,1\nb-1002\n")
    (tmp_path / "mail.html").write_text(f"<table><tr>{cell('£5')}</tr></table>")
    (tmp_path / "campaign.toml").write_text(
        'locale = "en-GB"\n[message]\nhtml_file = "mail.html"\n[catalogue]\nfile = "feed.csv"\n'
    )
    report = mailcheck.check(tmp_path / "campaign.toml", settings={}, profile="template", select=["prices"])
    assert report.verdict == "unsure"
    reasons = {one.reason for one in report.campaigns[0].outcomes if one.status == "error"}
    assert reasons == {"feed.csv:3: 1 values for 2 columns; correct the row, or export the feed again if it is cut off"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('fil = "feed.csv"', "fil"),
        ('file = "feed.csv"\ncolumns = { prise = "x" }', "did you mean 'price'"),
        ('file = "feed.csv"\ncurrency = "euros"', "no code of a currency"),
        ('file = "feed.csv"\nzone = "Oslo"', "no time zone"),
        ("", "by file"),
    ],
)
def test_a_table_that_says_something_unknown_ends_the_run(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "campaign.toml").write_text(f'html = "<p>x</p>"\n[catalogue]\n{table}\n')
    with pytest.raises(mailcheck.CouldNotStart, match=said):
        mailcheck.check(tmp_path / "campaign.toml", settings={})


def test_a_catalogue_of_other_products_is_told(made: Checker) -> None:
    html = f"<table><tr>{cell('£5')}</tr></table>"
    assert found(made, html=html, locale="en-GB", catalogue={"products": [HAT]}) == [
        ("not_in_catalogue", "warning", "the manifest")
    ]


# whatever comes

SNIPPETS = st.sampled_from(
    ["<td>", "</td>", "<tr>", "</tr>", "<table>", "</table>", "<div data-sku='B-1001'>", "<div>", "</div>", "<h2>", "</h2>", "<p>", "</p>", "£5",
     "<s>£9</s>", "€7", "from £3", "Alder hiking boots", "Birch sun hat", "<a href='https://shop.example/p/boots-b-1001'>", "</a>", "£12.50/kg",
     "<img src='x.jpg' alt='Birch sun hat'>", "<a href='https://shop.example/other'>Other</a>", "20% off everything", "up to 50% off", "{{ price }}",
     "<!--[if mso]>", "<![endif]-->", "£1.299"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SNIPPETS, max_size=40), st.sampled_from(["", "up to 50% off from £3"]))
def test_no_mail_is_too_odd(made: Checker, pieces: list[str], subject: str) -> None:
    rows = [{**BOOTS, "sale_price": "5 GBP"}, {**HAT, "unit_pricing_measure": "1 kg", "availability": "out"}]
    history = {"prices": [{"id": "B-1001", "date": "2020-01-01", "price": "3"}]}
    html = "".join(pieces) or "x"
    report = judged(
        made,
        subject=subject,
        html=html,
        text="£5 Birch sun hat",
        locale="en-GB",
        catalogue={"products": rows, "history": history},
    )
    assert not [outcome for outcome in report.outcomes if outcome.status == "error"]
    for one in report.findings:
        json.dumps(one.data)
        if one.part == "html" and one.rule != "prices/out_of_stock":
            assert " ".join(one.evidence.split())[:1] in html
