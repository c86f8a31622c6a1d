"""Mails with products in eight layouts, made up with a seed, and what is true of their prices."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

FIRST = [
    "Alder",
    "Birch",
    "Cedar",
    "Fern",
    "Hazel",
    "Juniper",
    "Larch",
    "Maple",
    "Oak",
    "Pine",
    "Rowan",
    "Willow",
    "Amber",
    "Copper",
    "Silver",
    "Slate",
]
SECOND = [
    "walking",
    "rain",
    "winter",
    "garden",
    "trail",
    "summer",
    "city",
    "wool",
    "linen",
    "travel",
    "kitchen",
    "reading",
    "camping",
    "canvas",
]
THIRD = [
    "boots",
    "jacket",
    "lamp",
    "chair",
    "kettle",
    "rug",
    "blanket",
    "tent",
    "mug",
    "basket",
    "scarf",
    "gloves",
    "table",
    "shelf",
    "clock",
]
SHOP = "https://www.shop.example"
MARKETS: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("en-GB", lambda cents: f"£{cents // 100}.{cents % 100:02}"),
    ("de-DE", lambda cents: f"{cents // 100},{cents % 100:02} €"),
    ("nb-NO", lambda cents: f"{cents // 100},-"),
    ("sv-SE", lambda cents: f"{cents // 100} kr"),
    ("fr-FR", lambda cents: f"{cents // 100},{cents % 100:02}\u00a0€"),
    ("en-US", lambda cents: f"${cents // 100}.{cents % 100:02}"),
)
CURRENCIES = {"en-GB": "GBP", "de-DE": "EUR", "nb-NO": "NOK", "sv-SE": "SEK", "fr-FR": "EUR", "en-US": "USD"}


@dataclass(frozen=True)
class Thing:
    """A product of a made-up shop; prices in cents."""

    id: str
    title: str
    was: int
    now: int
    listed: bool = True

    @property
    def slug(self) -> str:
        return self.title.lower().replace(" ", "-")

    @property
    def link(self) -> str:
        return f"{SHOP}/products/{self.slug}-{self.id.lower()}"

    @property
    def image(self) -> str:
        return f"https://img.shop.example/{self.id.lower()}_600.jpg"


@dataclass(frozen=True)
class Mail:
    """A mail, the catalogue of its shop, and by amount in cents what is true: product and whether it is the new price."""

    html: str
    locale: str
    rows: list[dict[str, object]]
    truth: dict[int, tuple[str, bool]]
    things: list[Thing] = field(default_factory=list)


@dataclass
class Chance:
    """What a layout may choose."""

    random: random.Random
    money: Callable[[int], str]
    data: bool
    titled: bool = True

    def link(self, thing: Thing) -> str:
        counted = self.random.choice(("", "?utm_source=mail&utm_campaign=spring", "?mc_cid=1&mc_eid=2#top"))
        return thing.link + counted

    def mark(self, thing: Thing) -> str:
        return f' data-sku="{thing.id}"' if self.data else ""

    def prices(self, thing: Thing) -> str:
        was, now = self.money(thing.was), self.money(thing.now)
        return self.random.choice((f"<s>{was}</s> <b>{now}</b>", f"<b>{now}</b> <del>{was}</del>"))

    def picture(self, thing: Thing, alt: str = "") -> str:
        return f'<a href="{self.link(thing)}"><img src="{thing.image}" width="180" alt="{alt}"></a>'

    def button(self, thing: Thing) -> str:
        return f'<a href="{self.link(thing)}" class="button">{self.random.choice(("Buy", "Shop now", "Kjøp nå"))}</a>'


def _rows(things: Sequence[Thing], columns: int) -> list[Sequence[Thing]]:
    return [things[at : at + columns] for at in range(0, len(things), columns)]


def cell_each(things: Sequence[Thing], chance: Chance) -> str:
    rows = []
    for row in _rows(things, chance.random.randint(1, 4)):
        cells = (
            f"<td{chance.mark(one)}>{chance.picture(one)}<p>{one.title}</p><p>{chance.prices(one)}</p>"
            f"{chance.button(one)}</td>"
            for one in row
        )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


def nested_tables(things: Sequence[Thing], chance: Chance) -> str:
    made = []
    for row in _rows(things, chance.random.randint(1, 3)):
        columns = (
            f'<div class="column"><table{chance.mark(one)}><tbody><tr><td>{chance.picture(one)}</td></tr><tr><td><div>'
            f"{one.title}</div></td></tr><tr><td><div>{chance.prices(one)}</div></td></tr></tbody></table></div>"
            for one in row
        )
        made.append(f"<table><tbody><tr><td>{''.join(columns)}</td></tr></tbody></table>")
    return f"<div>{''.join(made)}</div>"


def separate_rows(things: Sequence[Thing], chance: Chance) -> str:
    rows = []
    has_button = chance.random.random() < 0.6
    for row in _rows(things, chance.random.randint(2, 4)):
        parts: list[Callable[[Thing], str]] = [chance.picture, lambda one: one.title, chance.prices]
        parts += [chance.button] if has_button else []
        rows += [f"<tr>{''.join(f'<td>{part(one)}</td>' for one in row)}</tr>" for part in parts]
    return f"<table>{''.join(rows)}</table>"


def picture_left(things: Sequence[Thing], chance: Chance) -> str:
    rows = (
        f"<tr{chance.mark(one)}><td>{chance.picture(one)}</td><td><h3>{one.title}</h3><p>Well made, lasts long.</p></td>"
        f"<td>{chance.prices(one)}</td></tr>"
        for one in things
    )
    return f"<table>{''.join(rows)}</table>"


def flat_links(things: Sequence[Thing], chance: Chance) -> str:
    head = chance.random.choice(("h2", "h3"))
    return "".join(
        f"<{head}>{one.title}</{head}><p>Well made, lasts long.</p><p>{chance.prices(one)}</p><p>{chance.button(one)}</p>"
        for one in things
    )


def flat(things: Sequence[Thing], chance: Chance) -> str:
    head = chance.random.choice(("h2", "p", "div"))
    return "".join(f"<{head}>{one.title}</{head}><p>Well made.</p><p>{chance.prices(one)}</p>" for one in things)


def one_link(things: Sequence[Thing], chance: Chance) -> str:
    return "".join(
        f'<a href="{chance.link(one)}" style="display: block"><img src="{one.image}" alt=""><br><span>{one.title}</span><br>'
        f"<span>{chance.prices(one)}</span></a><br>"
        for one in things
    )


def div_grid(things: Sequence[Thing], chance: Chance) -> str:
    made = (
        f'<div class="product"><img src="https://img.shop.example/p/{number}.jpg" alt="{one.title}">'
        f"<div>{chance.prices(one)}</div></div>"
        for number, one in enumerate(things)
    )
    return f'<div class="grid">{"".join(made)}</div>'


LAYOUTS: tuple[Callable[[Sequence[Thing], Chance], str], ...] = (
    cell_each,
    nested_tables,
    separate_rows,
    picture_left,
    flat_links,
    flat,
    one_link,
    div_grid,
)


def sections(things: Sequence[Thing], chance: Chance) -> str:
    parts: tuple[Callable[[Thing], str], ...] = (chance.picture, lambda one: one.title, chance.prices, chance.button)
    made = []
    for row in _rows(things, chance.random.randint(2, 3)):
        for part in parts:
            columns = (
                f'<!--[if mso | IE]><td style="width:200px"><![endif]--><div class="mj-column-per-33"><table><tbody><tr>'
                f"<td>{part(one)}</td></tr></tbody></table></div>"
                for one in row
            )
            made.append(f"<div><table><tbody><tr><td>{''.join(columns)}</td></tr></tbody></table></div>")
    return "".join(made)


def price_first(things: Sequence[Thing], chance: Chance) -> str:
    return "".join(
        f'<div><p>{chance.prices(one)}</p><h3><a href="{chance.link(one)}">{one.title}</a></h3></div>' for one in things
    )


def price_and_link(things: Sequence[Thing], chance: Chance) -> str:
    return "".join(f'<p>{chance.prices(one)}</p><p><a href="{chance.link(one)}">Mehr</a></p>' for one in things)


def other_titles(things: Sequence[Thing], chance: Chance) -> str:
    return "".join(
        f"<h2>Our {one.id[::-1]} special</h2><p>{chance.prices(one)}</p><p>{chance.button(one)}</p>" for one in things
    )


def price_in_button(things: Sequence[Thing], chance: Chance) -> str:
    return "".join(
        f'<div><h2>{one.title}</h2><a href="{chance.link(one)}">Buy for {chance.money(one.now)}</a> '
        f"<small><s>{chance.money(one.was)}</s></small></div>"
        for one in things
    )


def side_by_side(things: Sequence[Thing], chance: Chance) -> str:
    rows = (
        "".join(f"<td>{chance.picture(one)}</td><td>{one.title}<br>{chance.prices(one)}</td>" for one in row)
        for row in _rows(things, 2)
    )
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def list_of_links(things: Sequence[Thing], chance: Chance) -> str:
    items = (f'<li><a href="{chance.link(one)}">{one.title}</a>: {chance.prices(one)}</li>' for one in things)
    return f"<ul>{''.join(items)}</ul>"


def lines(things: Sequence[Thing], chance: Chance) -> str:
    return f"<p>{'<br>'.join(f'{one.title} – {chance.prices(one)}' for one in things)}</p>"


def spaced_columns(things: Sequence[Thing], chance: Chance) -> str:
    made = []
    for row in _rows(things, chance.random.randint(2, 3)):
        for part in (chance.picture, lambda one: one.title, chance.prices):
            cells = (f"<td>{part(one)}</td>" for one in row)
            made.append(f"<tr>{'<td width=20>&nbsp;</td>'.join(cells)}</tr>")
        made.append('<tr><td colspan="5" height="20">&nbsp;</td></tr>')
    return f"<table>{''.join(made)}</table>"


def hero(things: Sequence[Thing], chance: Chance) -> str:
    first, *others = things
    return (
        f'<table><tr><td><img src="{first.image}" alt="Spring"><h1>{first.title}</h1><p>{chance.prices(first)}</p>'
        f"<p>{chance.button(first)}</p></td></tr></table>{cell_each(others, chance)}"
    )


MORE_LAYOUTS: tuple[Callable[[Sequence[Thing], Chance], str], ...] = (
    sections,
    price_first,
    price_and_link,
    other_titles,
    price_in_button,
    side_by_side,
    list_of_links,
    lines,
    spaced_columns,
    hero,
)
"""Made up after the eight, to see whether they were all that the code can read."""


def things(chance: random.Random, number: int, *, whole: bool, unlisted: int = 0) -> list[Thing]:
    """Products whose amounts are all different."""
    amounts = chance.sample(range(20, 900), 2 * number)
    names = chance.sample([f"{a} {b} {c}" for a in FIRST for b in SECOND for c in THIRD], number)
    made = []
    for at, name in enumerate(names):
        low, high = sorted(amounts[2 * at : 2 * at + 2])
        cents = 0 if whole else chance.choice((0, 50, 90, 95, 99))
        made.append(Thing(f"SH-{chance.randint(10000, 99999)}{at}", name, high * 100 + cents, low * 100 + cents))
    hidden = set(chance.sample(range(number), unlisted))
    return [Thing(one.id, one.title, one.was, one.now, at not in hidden) for at, one in enumerate(made)]


def mail(layout: Callable[[Sequence[Thing], Chance], str], seed: int, *, unlisted: int = 0) -> Mail:
    """A mail in a layout."""
    chance = random.Random(f"{layout.__name__} {seed}")
    locale, money = chance.choice(MARKETS)
    whole = locale in ("nb-NO", "sv-SE")
    made = things(chance, chance.randint(max(2, unlisted + 1), 10), whole=whole, unlisted=unlisted)
    body = layout(made, Chance(chance, money, data=chance.random() < 0.3))
    html = (
        f'<html><body><table><tr><td><a href="{SHOP}/">Shop</a></td></tr></table>{body}'
        f'<p>Free delivery over {money(99_900)}.</p><p><a href="{SHOP}/terms">Terms</a> '
        f'<a href="{SHOP}/unsubscribe">Unsubscribe</a></p></body></html>'
    )
    currency = CURRENCIES[locale]
    rows: list[dict[str, object]] = [
        {
            "id": one.id,
            "title": one.title,
            "link": one.link,
            "image_link": one.image,
            "price": f"{one.was / 100:.2f} {currency}",
            "sale_price": f"{one.now / 100:.2f} {currency}",
        }
        for one in made
        if one.listed
    ]
    truth = {one.was: (one.id, False) for one in made if one.listed}
    truth |= {one.now: (one.id, True) for one in made if one.listed}
    return Mail(html, locale, rows, truth, made)
