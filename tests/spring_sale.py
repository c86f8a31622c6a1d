"""Makes the lists of the two campaigns of docs/examples: nobody in them exists, and always the same people come out.

Domains below `.example` are reserved, so nobody can have a mailbox there. The names at gmail.com hold an underscore,
which Gmail allows in no name.

    python tests/spring_sale.py
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


def names(text: str) -> list[str]:
    return text.split()


COLUMNS = ("EMAIL", "FNAME", "LNAME", "CITY", "CLUB", "Country", "Newsletter")
FIRST = names("""
Ada Agnes Alma Anton Arlo Basil Beatrix Bram Bridget Cecil Clara Conrad Cora Cyril Daphne Dora Edgar Edith
Elsie Emil Enid Ernest Esther Felix Flora Frida Gilbert Greta Gustav Hattie Hector Hilda Hugo Ida Ingrid Iris
Ivo Jasper Jonas June Leda Linus Lorna Lotte Mabel Magnus Maud Milo Myrtle Nell Nora Olive Oscar Otto Pearl
Percy Petra Quentin Rhoda Rollo Rose Rufus Selma Silas Sybil Thea Tobias Una Vera Viola Walter Wanda Wilfred
Winifred Yvonne
""")
LAST = names("""
Alder Ashdown Birchall Bramble Brook Calder Clay Copse Dale Elderfield Fenwick Fernley Finch Furrow Glade
Gorse Hawthorn Hazel Heath Hollins Juniper Larch Linden Loam Marsh Meadows Moss Oakley Orchard Pasture Quince
Reed Rowan Rush Sedge Sorrel Thicket Thorne Vale Willow Winter Woodruff Yarrow Yew
""")
TOWNS = ("Fernhill", "Millbrook", "Upper Wexley", "Sandford", "Larkhaven", "Stoneham", "Wick", "Little Barrow")
HOSTS = ("millpost.example", "larkmail.example", "wexley-post.example", "barrow.example", "letterbox.example")

Person = dict[str, str]


def people(number: int) -> list[Person]:
    """So many different people, all of them fit to be mailed."""
    chance = random.Random(2027)
    pairs = [(first, last) for first in FIRST for last in LAST]
    chance.shuffle(pairs)
    return [_person(first, last, chance) for first, last in pairs[:number]]


def _person(first: str, last: str, chance: random.Random) -> Person:
    at_gmail = chance.random() < 0.4
    address = f"{first}_{last}@gmail.com" if at_gmail else f"{first}.{last}@{chance.choice(HOSTS)}"
    blank = chance.random() < 0.02
    return {
        "EMAIL": address.lower(),
        "FNAME": "" if blank else first,
        "LNAME": last,
        "CITY": chance.choice(TOWNS),
        "CLUB": "yes" if chance.random() < 0.3 else "no",
        "Country": "GB" if chance.random() < 0.97 else "IE",
        "Newsletter": "yes",
    }


def spoilt(good: Sequence[Person], chance: random.Random) -> Iterator[Person]:
    """The same people after a careless export: everybody who was ever a customer, and some more than once."""
    for number, person in enumerate(good):
        row = dict(person)
        if number % 23 == 5:
            row["FNAME"] = chance.choice(("", " ", "NULL", "n/a"))
        if number % 61 == 7:
            row["EMAIL"] = row["EMAIL"].partition("@")[0] + chance.choice(("@gmial.com", "@gmail.con", "@gmai.com"))
        if number % 97 == 11:
            row["EMAIL"] = row["EMAIL"].replace("@", chance.choice((" at ", "@@", ",")))
        if number % 79 == 13:
            row["Newsletter"] = "no"
        yield row
        if number % 53 == 17:
            yield {**row, "EMAIL": row["EMAIL"].upper()}


def write(folder: Path, name: str, columns: Sequence[str], rows: Sequence[Person]) -> None:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def make(target: Path = EXAMPLES) -> None:
    """Write the lists of both campaigns below a folder."""
    everybody = people(640)
    subscribers, customers = everybody[:316], everybody[:602]
    gone = everybody[602:]
    seed = {**dict.fromkeys(COLUMNS, ""), "EMAIL": "desk@fernhill.example", "FNAME": "Desk", "Newsletter": "yes"}
    # In the careless export 27 of those who opted out are still there.
    opted_out = [*gone, *customers[300:600:11]]
    entries = [
        {"Email": person["EMAIL"], "Unsubscribed at": f"2027-0{1 + place % 2}-{1 + place % 27:02}"}
        for place, person in enumerate(opted_out)
    ]
    write(target / "spring-sale", "recipients.csv", COLUMNS, list(spoilt(customers, random.Random(7))))
    write(target / "spring-sale-fixed", "recipients.csv", COLUMNS, [*_kept(subscribers, opted_out), seed])
    for name in ("spring-sale", "spring-sale-fixed"):
        write(target / name, "optout.csv", ("Email", "Unsubscribed at"), entries)
    sends = [
        {"sent": f"2026-{month:02}-03", "recipients": str(290 + 7 * (month % 5) + 2 * month), "family": "seasonal-sale"}
        for month in range(2, 11)
    ]
    for name in ("spring-sale", "spring-sale-fixed"):
        write(target / name, "sends.csv", ("sent", "recipients", "family"), sends)


def _kept(all_of_them: Sequence[Person], opted_out: Sequence[Person]) -> list[Person]:
    out = {person["EMAIL"] for person in opted_out}
    return [person for person in all_of_them if person["EMAIL"] not in out]


if __name__ == "__main__":
    make()
