"""Catalogues of shops: what is read of every kind of feed, and with which sentence a bad one is refused."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailcheck.catalogue.addresses import address_key
from mailcheck.catalogue.amounts import AmbiguousError, read_money
from mailcheck.catalogue.building import Reading
from mailcheck.catalogue.fields import places
from mailcheck.catalogue.moments import read_moment, read_window
from mailcheck.catalogue.price_history import PriceHistory, read_history
from mailcheck.catalogue.product import Money, Product, Window, moments
from mailcheck.catalogue.reading import Catalogue, read_catalogue
from mailcheck.catalogue.table import CatalogueTable, PriceHistoryTable
from mailcheck.catalogue.wanted import Wanted, wanted
from mailcheck.rule import Unusable

BOOTS = "https://shop.example/p/boots"
WANTED = wanted(["b-1001", "boots"], [BOOTS], ["Alder hiking boots", "Lavender"], [])
GOOGLE = (
    "id\ttitle\tlink\tprice\tsale price\tsale price effective date\tavailability\titem group id\tunit pricing measure\n"
    "b-1001\tAlder hiking boots\thttps://shop.example/p/boots?utm_source=feed\t249.00 GBP\t199.00 GBP\t"
    "2027-03-18T00:00+0100/2027-03-21T23:59+0100\tin_stock\tG1\t\n"
    "b-1002\tAlder hiking boots 42\thttps://shop.example/p/boots-42\t259.00 GBP\t\t\tout_of_stock\tG1\t\n"
    "x-1\tNobody asked\thttps://shop.example/p/x\t9.00 GBP\t\t\tin_stock\t\t250 g\n"
)
ITEM = """<g:id>b-1001</g:id><title>Alder <![CDATA[hiking]]> boots</title><g:price>249.00 GBP</g:price>
<g:sale_price>199.00 GBP</g:sale_price><g:availability>out of stock</g:availability>"""
RSS = f"""<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>
<item>{ITEM}<link>{BOOTS}</link></item>
<item><g:id>x</g:id><title>Nobody asked</title><link>https://shop.example/x</link><g:price>9.00 GBP</g:price></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry>{ITEM.replace("title>", "title>").replace("<title>", '<title type="text">')}<link rel="alternate" href="{BOOTS}"/></entry></feed>"""
META = (
    "id,title,description,availability,condition,price,link,image_link,brand,sale_price\n"
    'b-1001,"Alder hiking boots","Warm, dry",available for order,new,249.00 GBP,https://www.shop.example/p/boots/,,X,199.00 GBP\n'
)
SHOPIFY = (
    "Handle,Title,Variant SKU,Variant Price,Variant Compare At Price,Image Src,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy\n"
    "boots,Alder hiking boots,b-1001,199.00,249.00,,shopify,0,deny\n"
    "boots,,b-1002,209.00,249.00,,shopify,3,deny\n"
    "boots,,,,,https://img.example/2.jpg,,,\n"
    "other,Nobody asked,o-1,9.00,,,,,\n"
)
SHOPIFY_NEW = (
    "Title,URL handle,SKU,Price,Compare-at price,Price / Norway,Compare-at price / Norway\n"
    "Alder hiking boots,boots,b-1001,199.00,249.00,1999.00,2499.00\n"
)
OFFER = {"@type": "Offer", "price": 199, "priceCurrency": "GBP", "availability": "https://schema.org/InStock"}
LISTED = {"priceType": "https://schema.org/StrikethroughPrice", "price": "249.00", "priceCurrency": "GBP"}
PRODUCT = {"@type": "Product", "name": "Alder hiking boots", "sku": "b-1001", "url": BOOTS}
SCHEMA = json.dumps(
    {"@graph": [{"@type": "WebSite"}, {**PRODUCT, "offers": {**OFFER, "priceSpecification": [LISTED]}}]}
)


def catalogue(folder: Path, table: dict[str, Any], reading: Reading | None = None, want: Wanted = WANTED) -> Catalogue:
    return read_catalogue(CatalogueTable.model_validate(table), want, folder, folder, reading or Reading())


def read(folder: Path, name: str, content: str | bytes, want: Wanted = WANTED, **table: Any) -> Catalogue:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    reading = Reading(table.pop("decimal", ""), table.get("currency", ""), table.get("zone", ""))
    return catalogue(folder, {"file": name, **table}, reading, want)


def only(found: Catalogue) -> Product:
    (product,) = found.products
    return product


def refused(folder: Path, name: str, content: str | bytes, **table: Any) -> str:
    with pytest.raises(Unusable) as error:
        read(folder, name, content, **table)
    said = str(error.value)
    assert "\n" not in said
    assert str(folder) not in said
    return said


GBP_249, GBP_199 = Money(Decimal("249.00"), "GBP"), Money(Decimal("199.00"), "GBP")


# what is read


def test_google_rows_with_their_variants(tmp_path: Path) -> None:
    found = read(tmp_path, "feed.tsv", GOOGLE)
    boots, variant = found.products
    assert (boots.price, boots.sale, boots.availability, boots.place) == (GBP_249, GBP_199, "in", "feed.tsv:2")
    zone = timezone(timedelta(hours=1))
    assert boots.window == Window(datetime(2027, 3, 18, tzinfo=zone), datetime(2027, 3, 21, 23, 59, tzinfo=zone))
    assert (variant.title, variant.availability, variant.place) == ("Alder hiking boots 42", "out", "feed.tsv:3")
    assert (found.rows, found.lowest, found.is_whole) == (3, {"GBP": Decimal("9.00")}, False)
    assert found.deepest == pytest.approx(Decimal("20.08"), abs=Decimal("0.01"))


@pytest.mark.parametrize(
    ("name", "content", "table", "availability"),
    [
        ("feed.xml", RSS, {}, "out"),
        ("atom.xml", ATOM, {}, "out"),
        ("meta.csv", META, {}, "later"),
        ("schema.json", SCHEMA, {}, "in"),
        ("schema.json", json.dumps({**PRODUCT, "offers": [{**OFFER, "priceSpecification": LISTED}]}), {}, "in"),
        (
            "group.json",
            json.dumps({"@type": "ProductGroup", "hasVariant": [{**PRODUCT, "offers": {**OFFER, "priceSpecification": LISTED}}]}),
            {},
            "in",
        ),
        ("plain.jsonl", json.dumps({"sku": "b-1001", "name": "Alder hiking boots", "url": BOOTS, "price": 249.00, "sale_price": "199", "currency": "GBP", "stock": 4}), {}, "in"),
        ("feed.tsv.gz", gzip.compress(GOOGLE.split("b-1002", maxsplit=1)[0].encode()), {}, "in"),
        ("utf16.tsv", GOOGLE.split("b-1002", maxsplit=1)[0].encode("utf-16"), {}, "in"),
        ("latin.csv", "Varenr;Navn;Pris;Tilbud;Blåbær;Lager\nb-1001;Alder hiking boots;249,00;199,-;x;0\n".encode("latin-1"),
         {"encoding": "latin-1", "currency": "GBP", "columns": {"id": "varenr", "title": "Navn", "price": "Pris", "sale_price": "Tilbud", "stock": "Lager"}}, "out"),
        ("deep.json", json.dumps({"products": [{"nr": "b-1001", "cost": {"full": "249.00 GBP", "now": "199.00 GBP"}}]}),
         {"columns": {"id": "nr", "price": "cost.full", "sale_price": "cost.now"}}, ""),
    ],
)  # fmt: skip
def test_every_kind_of_feed_says_the_same(
    tmp_path: Path, name: str, content: str | bytes, table: dict[str, Any], availability: str
) -> None:
    product = only(read(tmp_path, name, content, **table))
    assert (product.price, product.sale, product.availability) == (GBP_249, GBP_199, availability)
    assert "b-1001" in product.keys
    assert product.doubts == ()


def test_both_headers_of_shopify(tmp_path: Path) -> None:
    old = read(tmp_path, "old.csv", SHOPIFY, currency="GBP")
    assert [(one.title, one.price, one.was, one.availability) for one in old.products] == [
        ("Alder hiking boots", GBP_199, GBP_249, "out"),
        ("Alder hiking boots", Money(Decimal(209), "GBP"), GBP_249, "in"),
    ]
    assert {one.group for one in old.products} == {"boots"}
    new = only(read(tmp_path, "new.csv", SHOPIFY_NEW, currency="GBP"))
    assert (new.price, new.was) == (GBP_199, GBP_249)
    norway = only(read(tmp_path, "new.csv", SHOPIFY_NEW, currency="NOK", market="Norway"))
    assert (norway.price, norway.was) == (Money(Decimal(1999), "NOK"), Money(Decimal(2499), "NOK"))
    assert "did you mean 'Norway'" in refused(tmp_path, "new.csv", SHOPIFY_NEW, market="Norwy")


def test_parquet(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "feed.parquet"
    rows = "SELECT 'b-1001' id, 249.00::DECIMAL(9,2) price, 199.0::DOUBLE sale_price, 'GBP' currency, 'x' \"odd \"\" name\""
    duckdb.connect().execute(f"COPY ({rows} UNION ALL SELECT 'y', NULL, NULL, NULL, '') TO '{path}' (FORMAT parquet)")
    product = only(catalogue(tmp_path, {"file": "feed.parquet"}))
    assert (product.price, product.sale) == (GBP_249, GBP_199)
    assert "no Parquet" in refused(tmp_path, "broken.parquet", path.read_bytes()[:200])


def test_products_of_the_manifest_itself(tmp_path: Path) -> None:
    found = catalogue(
        tmp_path, {"products": [{"id": "b-1001", "price": 249.0, "Compare at price": "300", "gtin": None}]}
    )
    assert (only(found).price, only(found).was, only(found).place) == (
        Money(Decimal("249.0")),
        Money(Decimal(300)),
        "product 1 of the manifest",
    )
    with pytest.raises(Unusable, match="there is no field 'prise'; did you mean 'price'"):
        catalogue(tmp_path, {"products": [{"id": "b-1001", "prise": 1}]})


def test_only_what_is_wanted_is_kept(tmp_path: Path) -> None:
    rows = "".join(f"p-{number},Thing number {number},https://shop.example/p/{number},1.00\n" for number in range(2000))
    found = read(tmp_path, "feed.csv", f"id,title,link,price\n{rows}b-1001,Boots,,2.00\n", currency="EUR")
    assert (len(found.products), found.rows) == (1, 2001)


def test_a_page_is_told_by_its_query_where_it_has_one(tmp_path: Path) -> None:
    rows = "".join(f"a{number},https://shop.example/show?id={number},1.00\n" for number in range(50))
    want = wanted([], ["https://www.shop.example/show?id=7&utm_source=mail#top"], [], [])
    assert [one.keys[0] for one in read(tmp_path, "feed.csv", f"id,link,price\n{rows}", want).products] == ["a7"]


def test_one_word_is_a_title_only_on_its_own() -> None:
    assert wanted([], [], ["Lavender"], []).wants({"title": "Lavender"})
    assert wanted([], [], ["Lavender 5.20"], []).wants({"title": "Lavender"})
    assert not wanted([], [], ["Honey and lavender"], []).wants({"title": "Lavender"})
    assert wanted([], [], ["Honey, and sea salt!"], []).wants({"title": "honey and SEA"})


def test_what_cannot_be_understood_is_a_doubt_and_no_guess(tmp_path: Path) -> None:
    content = GOOGLE.replace("249.00 GBP", "about 250").replace("2027-03-18T00:00+0100/", "soon/")
    product = read(tmp_path, "feed.tsv", content).products[0]
    assert product.price is None
    assert product.doubts == (
        "its price “about 250” cannot be understood",
        "its sale window “soon/2027-03-21T23:59+0100” cannot be understood",
    )
    two = only(read(tmp_path, "two.csv", "id,title,price\nb-1001,x,1.299\n"))
    assert (two.price, "two ways" in two.doubts[0]) == (None, True)
    assert only(read(tmp_path, "two.csv", "id,title,price\nb-1001,x,1.299\n", decimal=",")).price == Money(
        Decimal(1299)
    )


GOOGLE_COLUMNS = [
    "id",
    "title",
    "description",
    "link",
    "image_link",
    "additional_image_link",
    "mobile_link",
    "availability",
    "availability_date",
    "expiration_date",
    "price",
    "sale_price",
    "sale_price_effective_date",
    "cost_of_goods_sold",
    "unit_pricing_measure",
    "unit_pricing_base_measure",
    "installment",
    "subscription_cost",
    "loyalty_program",
    "google_product_category",
    "product_type",
    "brand",
    "gtin",
    "mpn",
    "identifier_exists",
    "condition",
    "adult",
    "multipack",
    "is_bundle",
    "age_group",
    "color",
    "gender",
    "material",
    "pattern",
    "size",
    "size_type",
    "size_system",
    "item_group_id",
    "product_length",
    "shipping",
    "shipping_label",
    "shipping_weight",
    "tax",
    "tax_category",
    "custom_label_0",
    "promotion_id",
    "external_seller_id",
    "link_template",
    "short_title",
    "lifestyle_image_link",
    "ads_redirect",
    "min_handling_time",
    "ships_from_country",
    "auto_pricing_min_price",
    "maximum_retail_price",
    "canonical_link",
]
SHOPIFY_COLUMNS = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Taxable",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Gift Card",
    "SEO Title",
    "Google Shopping / MPN",
    "Variant Image",
    "Variant Weight Unit",
    "Variant Tax Code",
    "Cost per item",
    "Included / Norway",
    "Price / Norway",
    "Compare At Price / Norway",
    "Status",
]


@pytest.mark.parametrize(("columns", "style"), [(GOOGLE_COLUMNS, "merchant"), (SHOPIFY_COLUMNS, "shopify")])
def test_no_column_of_a_whole_feed_is_taken_for_a_slip(columns: list[str], style: str) -> None:
    for left_out in columns:
        header = [one for one in columns if one != left_out]
        if left_out not in ("price", "Variant Price"):
            assert places(header, style, {}, "feed")["price"] == header.index(
                "price" if style == "merchant" else "Variant Price"
            )


# what is refused


@pytest.mark.parametrize(
    ("name", "content", "table", "said"),
    [
        ("a.csv", "", {}, "a.csv is empty"),
        ("a.csv", "  \n\n", {}, "a.csv is empty"),
        ("a.csv", "id,price\n", {}, "a.csv has not a single product"),
        ("a.csv", "id,price\nb,1\nc,2,3\n", {}, "a.csv:3: 3 values for 2 columns"),
        ("a.csv", 'id,price\nb,"1\nc,2\n', {}, "a.csv:2: a quotation mark is never closed"),
        ("a.csv", "id,price,Price\nb,1,2\n", {}, "a.csv:1: two columns are called 'price'"),
        ("a.csv", "id,title,prise\nb,x,1\n", {}, "has no column 'price'"),
        (
            "a.csv",
            "id,price,availabilty\nb,1,x\n",
            {},
            "a.csv:1: unknown column 'availabilty'; did you mean 'availability'?",
        ),
        (
            "a.csv",
            "id,price\nb,1\n",
            {"columns": {"sku": "Varenr"}},
            "a.csv has no column 'Varenr'; there are id, price",
        ),
        ("a.csv", "Varenummer,price\nb,1\n", {"columns": {"sku": "Varenumer"}}, "did you mean 'Varenummer'?"),
        ("a.csv", "colour,price\nb,1\n", {}, "a.csv has no column that names a product"),
        ("a.csv", "id,price\nb,1\nbl\xe5,2\n".encode("latin-1"), {}, "a.csv:3: this is not UTF-8"),
        ("a.csv", "id,price\nb,1\n", {"encoding": "utf-9"}, "there is no encoding 'utf-9'"),
        ("a.csv", "id price\nb 1\n", {}, "a.csv:1: there is only one column"),
        (
            "a.csv",
            'id,price\nb-1001,1.50\nboots,"1,50"\n',
            {},
            "a.csv:3: prices have a decimal point in one row and a comma",
        ),
        ("a.csv", "<!DOCTYPE html><html><body>Log in</body></html>", {}, "a.csv is a web page, not a feed"),
        ("a.xlsx", b"PK\x03\x04xxxx", {}, "a.xlsx is a ZIP archive or a workbook"),
        ("a.tsv.gz", gzip.compress(GOOGLE.encode())[:60], {}, "a.tsv.gz is damaged or cut off"),
        ("a.xml", RSS[:-60], {}, "this is no XML"),
        (
            "a.xml",
            '<!DOCTYPE x [<!ENTITY e "b-1001">]>' + RSS.split("?>")[1].replace("b-1001", "&e;"),
            {},
            "declares entities",
        ),
        ("a.json", SCHEMA[:-20], {}, "cut off"),
        ("a.json", "[{]", {}, "a.json:1: this is no JSON"),
        ("a.json", "[" * 100_000, {}, "a.json:1: its values are nested too deeply"),
        ("a.json", '[{"id": "b-1001", "cost": "1"}]', {}, "none of its products has a price"),
        (
            "a.json",
            '[{"id": "b-1001", "kost": "1"}]',
            {"columns": {"price": "kosten"}},
            "there is no key 'kosten'; did you mean 'kost'?",
        ),
    ],
)
def test_a_bad_feed_is_refused_with_one_sentence(
    tmp_path: Path, name: str, content: str | bytes, table: dict[str, Any], said: str
) -> None:
    assert said in refused(tmp_path, name, content, **table)


def test_a_feed_is_found_beside_the_manifest_only(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "feed.csv").write_text("id,price\nb-1001,1\n")
    for name, said in (
        ("../feed.csv", "outside of the project"),
        ("none.csv", "no such file"),
        (".", "is a folder"),
        ("a\0b", "no path"),
    ):
        with pytest.raises(Unusable, match=said):
            catalogue(folder, {"file": name})
    assert catalogue(tmp_path / "inside" / "..", {"file": "feed.csv"}).rows == 1


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    assert "ntity" in refused(
        tmp_path,
        "a.xml",
        f'<!DOCTYPE x [<!ENTITY e0 "ha">{laughs}]><rss><channel><item><title>&e11;</title></item></channel></rss>',
    )


# amounts, moments, addresses


@pytest.mark.parametrize(
    ("text", "decimal", "amount", "currency"),
    [
        ("15.00 EUR", "", "15", "EUR"),
        ("EUR 15,50", "", "15.50", "EUR"),
        ("1,299.00 USD", ".", "1299", "USD"),
        ("1.299,00 €", "", "1299", "EUR"),
        ("1 299,50 kr", ",", "1299.50", "NOK"),
        ("1'299.90 CHF", "", "1299.90", "CHF"),
        ("1,00,000.00 INR", ".", "100000", "INR"),
        ("199,-", ",", "199", "NOK"),
        ("1.299", ",", "1299", "NOK"),
        ("1.299", ".", "1.299", "NOK"),
        ("12.9900", "", "12.99", "NOK"),
        ("0", "", "0", "NOK"),
    ],
)
def test_amounts(text: str, decimal: str, amount: str, currency: str) -> None:
    assert read_money(text, decimal, "NOK") == Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    "text", ["", "free", "-5.00 EUR", "1.2.3", "1,2,3.00", "5 EUR USD", "1 2 3", "٣ EUR", "1e5", "12.99.9", "5" * 50]
)
def test_no_amounts(text: str) -> None:
    with pytest.raises(ValueError, match=r"price|amount|currencies"):
        read_money(text)


def test_an_amount_of_two_meanings() -> None:
    with pytest.raises(AmbiguousError):
        read_money("1.299 EUR")


def test_windows() -> None:
    zoned = read_window("2027-03-18T00:00+0100 / 2027-03-21T23:59:30+01:00")
    assert zoned.end == datetime(2027, 3, 21, 22, 59, 30, tzinfo=UTC)
    days = read_window("2027-03-18/2027-03-21")
    assert days == Window(datetime(2027, 3, 18), datetime(2027, 3, 21, 23, 59, 59))  # noqa: DTZ001 - nobody said the zone
    meta = read_window("2017-12-01T0:00-23:59/2017-12-31T0:00-23:59")
    assert meta.start == datetime(2017, 12, 1)  # noqa: DTZ001 - nobody lives by that offset
    oslo = read_window("2027-03-18T09:00/", "Europe/Oslo")
    assert (oslo.start, oslo.end) == (datetime(2027, 3, 18, 8, tzinfo=UTC), None)
    for bad in (
        "",
        "2027-03-18",
        "2027-03-21/2027-03-18",
        "2027-02-30/2027-03-18",
        "18.3.2027/21.3.2027",
        "/",
        "2027-03-18T25:00/",
    ):
        with pytest.raises(ValueError, match=r"."):
            read_window(bad)


def test_a_window_without_a_zone_holds_where_it_may() -> None:
    window = read_window("2027-03-18/2027-03-21")
    hour = timedelta(hours=1)
    end = datetime(2027, 3, 22, tzinfo=UTC)
    assert window.state(moments(end + 11 * hour)) == "during"
    assert window.state(moments(end + 13 * hour)) == "after"
    start = datetime(2027, 3, 18, tzinfo=UTC)
    assert window.state(moments(start - 13 * hour)) == "during"
    assert window.state(moments(start - 15 * hour)) == "before"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.shop.example/p/boots/", "http://SHOP.example/p/boots?utm_source=x&gclid=1#top"),
        ("https://shop.example/p/bl%C3%A5", "https://shop.example/p/blå"),
        ("//shop.example/p/boots", "https://shop.example:443/p/boots"),
        ("https://shop.example/?b=2&a=1", "https://shop.example/?a=1&b=2&fbclid=3"),
    ],
)
def test_the_same_page(one: str, other: str) -> None:
    assert address_key(one) == address_key(other) != ("", "")


@pytest.mark.parametrize(
    "text", ["https://shop.example/", "https://shop.example", "mailto:a@shop.example", "boots", "", "#top"]
)
def test_no_page_of_a_product(text: str) -> None:
    assert address_key(text) == ("", "")


# the price history

PAST = "id;date;price\nb-1001;2027-01-01;249,00\nb-1001;2027-02-20;219,00\nb-1001;2027-03-01;249,00\nb-1001;2027-03-18;199,00\nx;soon;1\n"


def history(folder: Path, content: str, reading: Reading | None = None, **table: Any) -> PriceHistory:
    (folder / "prices.csv").write_text(content)
    given_table = PriceHistoryTable.model_validate({"file": "prices.csv", **table})
    return read_history(given_table, frozenset(["b-1001"]), folder, folder, reading or Reading())


def test_the_lowest_price_of_thirty_days(tmp_path: Path) -> None:
    found = history(tmp_path, PAST)
    product = Product(place="x", keys=("b-1001",))
    day = datetime(2027, 3, 18, tzinfo=UTC).date()
    lowest = found.lowest_before(product, day)
    assert lowest is not None
    assert (lowest.price.amount, lowest.price.day.isoformat()) == (Decimal("219.00"), "2027-02-20")
    later = found.lowest_before(product, day + timedelta(days=30))
    assert later is not None
    assert later.price.amount == Decimal("199.00")
    assert found.lowest_before(product, datetime(2026, 12, 1, tzinfo=UTC).date()) is None
    assert found.lowest_before(Product(place="x", keys=("other",)), day) is None
    assert found.reduced_on(product, Decimal("199.00"), day + timedelta(days=3)) == day


def test_a_bad_history_is_refused(tmp_path: Path) -> None:
    for content, said in (
        ("id;day;cost\nb;1;2\n", "prices.csv has no column 'price'"),
        ("id;date;price\nb-1001;soon;1\n", "prices.csv:2: the date 'soon' is none"),
        ("id;date;price\nb-1001;2027-01-01;cheap\n", "prices.csv:2: the price 'cheap' cannot be understood"),
        ("id;date;price\n", "prices.csv has not a single price"),
    ):
        with pytest.raises(Unusable, match=said):
            history(tmp_path, content)


# whatever comes

PIECES = st.sampled_from(
    [b"id", b"price", b"title", b"link", b",", b"\t", b";", b"\n", b"\r\n", b'"', b"b-1001", b"boots", b"1.50 EUR", b"1,50", b"\0", b"\xff\xfe",
     b"\xef\xbb\xbf", b"<", b">", b"<item>", b"</item>", b"<g:id>", b"<rss>", b"&x;", b"<![CDATA[", b"{", b"}", b"[", b"]", b":", b'"offers"',
     b'{"id": "b-1001", "price": 5}', b'"@graph"', b'"@type": "Product"', b"\xe5", b"PAR1", b"\x1f\x8b", b"Handle,Variant Price\n", b"9" * 5000,
     b"\\ud800", b"-", b"2027-03-18/2027-03-21", b"sale_price", b"sale_price_effective_date", b"999999999999999999999999"]
)  # fmt: skip
HEADS = st.sampled_from(
    [
        b"",
        b"id,title,price\n",
        b"id\tlink\tprice\tsale_price\n",
        b'<rss xmlns:g="x"><channel><item>',
        b"[",
        b'{"products": [',
        b"Handle,Title,Variant Price\n",
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HEADS, st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=40), st.sampled_from(["", ".", ","]))
def test_any_bytes_give_products_or_one_sentence(
    tmp_path: Path, head: bytes, pieces: list[bytes], decimal: str
) -> None:
    try:
        found = read(tmp_path, "feed", head + b"".join(pieces), decimal=decimal)
    except Unusable as refusal:
        said = str(refusal)
        assert said.startswith("feed")
        assert "\n" not in said
        assert len(said) < 700
        return
    assert found.rows >= 1
    for product in found.products:
        assert product.price is not None or product.doubts
        json.dumps([product.title, product.link, *product.keys, *product.doubts]).encode()


@settings(max_examples=200, deadline=None)
@given(
    st.decimals(0, 10**9, places=2, allow_nan=False),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (",", "\u00a0"), (".", "'"), (".", "")]),
)
def test_amounts_survive_being_written(amount: Decimal, signs: tuple[str, str]) -> None:
    decimal, group = signs
    written = f"{amount:,.2f}".replace(",", "G").replace(".", decimal).replace("G", group)
    assert read_money(f"{written} EUR", decimal) == Money(amount, "EUR")


@settings(max_examples=200, deadline=None)
@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)), st.integers(-14 * 4, 14 * 4))  # noqa: DTZ001 - made zoned below
def test_moments_survive_being_written(moment: datetime, quarters: int) -> None:
    zoned = moment.replace(second=0, microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert read_moment(zoned.strftime("%Y-%m-%dT%H:%M%z")) == zoned


@given(st.text(max_size=60))
def test_any_text_is_a_window_or_none(text: str) -> None:
    try:
        read_window(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - any sentence will do
