"""How long a catalogue of 100,000 products takes, and how much memory, for each kind of feed.

    python tests/benchmarks/catalogue_speed.py [rows]

Every feed is read in a process of its own, by way of the facts, for one mail with twelve products; the CPU time is what it
adds to the same mail with a catalogue of those twelve, the memory what it adds to the peak of that process.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROWS = 100_000
MENTIONED = 12
FEEDS = (
    "few.csv",
    "feed.tsv",
    "feed.csv",
    "feed.csv.gz",
    "shopify.csv",
    "feed.jsonl",
    "schema.json",
    "feed.xml",
    "feed.parquet",
)
HEADER = [
    "id",
    "title",
    "description",
    "link",
    "image_link",
    "availability",
    "price",
    "sale_price",
    "sale_price_effective_date",
    "brand",
    "gtin",
    "item_group_id",
    "product_type",
    "condition",
]


def rows(number: int) -> Iterator[dict[str, str]]:
    chance = random.Random(100)
    words = [
        "alder",
        "birch",
        "cedar",
        "fern",
        "hazel",
        "larch",
        "maple",
        "oak",
        "pine",
        "rowan",
        "willow",
        "amber",
        "copper",
        "silver",
        "boots",
        "jacket",
        "lamp",
    ]
    for at in range(number):
        title = " ".join(chance.choices(words, k=4)).title() + f" {at}"
        slug = title.lower().replace(" ", "-")
        yield {
            "id": f"SKU-{at:06}",
            "title": title,
            "description": "Well made, lasts long, and comes in a box of its own. " * 6,
            "link": f"https://www.shop.example/products/{slug}",
            "image_link": f"https://img.shop.example/{at:06}_600.jpg",
            "availability": "in_stock" if at % 9 else "out_of_stock",
            "price": f"{20 + at % 700}.90 EUR",
            "sale_price": f"{10 + at % 600}.90 EUR" if at % 3 == 0 else "",
            "sale_price_effective_date": "2027-03-01T00:00+0100/2027-03-31T23:59+0200" if at % 3 == 0 else "",
            "brand": "Fernhill",
            "gtin": f"40{at:011}",
            "item_group_id": f"G-{at // 4:06}",
            "product_type": "Home > Garden",
            "condition": "new",
        }


def write(folder: Path, number: int) -> None:
    """Every feed, row by row."""
    import csv

    for name, delimiter in (("feed.tsv", "\t"), ("feed.csv", ",")):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, HEADER, delimiter=delimiter)
            table.writeheader()
            table.writerows(rows(number))
    (folder / "feed.csv.gz").write_bytes(gzip.compress((folder / "feed.csv").read_bytes(), 6))
    with (folder / "few.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, HEADER)
        table.writeheader()
        table.writerows(one for at, one in enumerate(rows(number)) if at % (number // MENTIONED) == 7)
    with (folder / "shopify.csv").open("w", newline="", encoding="utf-8") as file:
        plain = csv.writer(file)
        plain.writerow(
            ("Handle", "Title", "Body (HTML)", "Variant SKU", "Variant Price", "Variant Compare At Price", "Image Src")
        )
        for one in rows(number):
            slug = one["link"].rpartition("/")[2]
            price, sale = one["price"].removesuffix(" EUR"), one["sale_price"].removesuffix(" EUR")
            plain.writerow(
                (slug, one["title"], one["description"], one["id"], sale or price, price if sale else "", "")
            )
    with (folder / "feed.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in rows(number))
    with (folder / "schema.json").open("w", encoding="utf-8") as file:
        file.write('{"@context": "https://schema.org", "@graph": [')
        file.writelines((", " if at else "") + json.dumps(_schema(one)) for at, one in enumerate(rows(number)))
        file.write("]}")
    with (folder / "feed.xml").open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>x</title>'
        )
        for one in rows(number):
            inside = "".join(f"<g:{key}>{value.replace('>', '&gt;')}</g:{key}>" for key, value in one.items() if value)
            file.write(f"<item>{inside}</item>\n")
        file.write("</channel></rss>")
    import duckdb

    duckdb.connect().execute(
        f"COPY (SELECT * FROM read_csv('{folder / 'feed.csv'}', all_varchar = true)) TO '{folder / 'feed.parquet'}' (FORMAT parquet)"
    )


def _schema(one: dict[str, str]) -> dict[str, object]:
    offer = {"@type": "Offer", "price": float(one["price"].removesuffix(" EUR")), "priceCurrency": "EUR"}
    return {
        "@type": "Product",
        "sku": one["id"],
        "name": one["title"],
        "description": one["description"],
        "url": one["link"],
        "offers": offer,
    }


def mail(number: int) -> str:
    cells = (
        f'<td><a href="{one["link"]}?utm_source=mail">{one["title"]}</a><p>{one["price"].removesuffix(" EUR").replace(".", ",")} €</p></td>'
        for at, one in enumerate(rows(number))
        if at % (number // MENTIONED) == 7
    )
    return f"<table><tr>{''.join(cells)}</tr></table>"


def measure(file: str, number: int) -> None:
    """Judge the mail with one feed; print seconds, peak memory in MB, rows, products and pairs."""
    from mailcheck.checking import checker
    from mailcheck.reading import from_mapping

    path = Path(file)
    made = checker({"profile": "template", "select": ["prices"]})
    campaign = from_mapping(
        {"html": mail(number), "locale": "de-DE", "catalogue": {"file": path.name, "currency": "EUR"}},
        path=str(path.parent / "campaign.toml"),
        root=path.parent,
    )
    sheet = made.engine.sheet(campaign, "template")
    sheet.resolver.ending("prices")
    sheet.resolver.ending("mentions")
    start = time.process_time()
    ending = sheet.resolver.ending("catalogue")
    if ending.value is None:
        raise SystemExit(f"{file}: {ending.failed or ending.absent}")
    took = time.process_time() - start
    products = sheet.resolver.ending("products").value
    peak = _peak()
    found = ending.value
    print(
        took, peak, getattr(found, "rows", 0), len(getattr(found, "products", ())), len(getattr(products, "pairs", ()))
    )


def _peak() -> float:
    """Megabytes at most; the usual way counts those of the parent, too, where /proc does not."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, number)
        least, base = 0.0, 0.0
        for feed in FEEDS:
            command = [sys.executable, __file__, "--one", str(folder / feed), str(number)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            took, peak, count, kept, pairs = (float(one) for one in done.stdout.split())
            if feed == "few.csv":
                least, base = took, peak
            size = (folder / feed).stat().st_size / 1e6
            print(
                f"{feed:14} {size:6.1f} MB {count:9,.0f} rows  +{took - least:5.2f} s  +{peak - base:5.1f} MB  "
                f"{kept:4.0f} products kept, {pairs:3.0f} pairs"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2], int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
