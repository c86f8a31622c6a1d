"""Rows of people that break naive readers: a fixed seed, so that every engine is given the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

COLUMNS = ("email", "first_name", "country", "plan", "born", "last_active", "recent_mails")
TEMPLATE_FIELDS = ("first_name",)

Row = tuple[str | None, ...]

SPACES = (
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1f",
    "\x85",
    "\u00a0",
    "\u1680",
    "\u2003",
    "\u2028",
    "\u202f",
    "\u3000",
)
UNSEEN = ("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202e", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u034f")

LOCALS = (
    *(
        "anna",
        "Bob",
        "CAROL",
        "d.e.f",
        "g+news",
        "G+News",
        "h_i",
        "j-k",
        "info",
        "noreply",
        "x",
        "0",
        "_",
        "a" * 64,
        "a" * 65,
    ),
    *(
        "İstanbul",
        "ıspanak",
        "K",
        "\u212aelvin",
        "straße",
        "STRASSE",
        "josé",
        "jose\u0301",
        "Å",
        "A\u030a",
        "ﬁn",
        "Ω",
        "ς",
    ),
    *(
        "o'neil",
        'qu"ote',
        '"quo ted"',
        '"a@b"',
        "back\\slash",
        "per%cent",
        "dol$lar",
        "s*tar",
        "pipe|",
        "{{email}}",
        "(c)",
    ),
    *(
        ".lead",
        "trail.",
        "do..t",
        "a b",
        "a,b",
        "a;b",
        "a\tb",
        "a\nb",
        "a\u200bb",
        "\U0001f600",
        "名前",
        "имя",
        "שם",
        "\u202eabc",
    ),
    *(
        "a^b",
        "[a]",
        "a?b",
        "a/b",
        "a&b",
        "a=b",
        "#a",
        "~a",
        "`a",
        "\u00b5",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "e\u0301\u0327",
    ),
)
DOMAINS = (
    *(
        "example.com",
        "EXAMPLE.com",
        "Example.Com.",
        "gmail.com",
        "googlemail.com",
        "Gmail.com",
        "shop.example",
        "a.b.shop.example",
    ),
    *(
        "bücher.example",
        "BÜCHER.example",
        "bu\u0308cher.example",
        "xn--bcher-kva.example",
        "straße.de",
        "strasse.de",
        "faß.de",
    ),
    *(
        "İ.example",
        "ı.example",
        "\u212a.example",
        "k.example",
        "例え.jp",
        "例え。jp",
        "example．com",
        "example｡com",
        "ａ.example",
    ),
    *(
        "-bad.example",
        "bad-.example",
        "b_d.example",
        "localhost",
        "example",
        "exa mple.com",
        "example,com",
        "example..com",
    ),
    *(
        ".example.com",
        "[127.0.0.1]",
        "1.2.3.4",
        "a" * 64 + ".com",
        "a" * 63 + ".com",
        "\U0001f600.example",
        "xn--zz--zz.example",
    ),
    *(
        "יהי.example",
        "\u200fיהי.example",
        "exam\u00adple.com",
        "example.c",
        "example.123",
        "",
        "٣.example",
        "ς.example",
        "gmail.con",
    ),
)
WHOLE = (
    *(
        None,
        "",
        " ",
        "\t",
        "\u00a0",
        "\u200b",
        "\ufeff",
        "\u200b \u00a0",
        "null",
        "NULL",
        "n/a",
        "none",
        "@",
        "@@",
        "a@",
        "@b",
        "a@b@c",
    ),
    *(
        "no at all",
        "Anna <anna@example.com>",
        "anna@example.com>",
        "<anna@example.com>",
        "mailto:anna@example.com",
        "MAILTO:X@y.example",
    ),
    *(
        "anna@example.com; bob@example.com",
        "anna@example.com,bob@example.com",
        "anna＠example.com",
        "anna@example.com$",
        "anna@example.com\n",
    ),
    *(
        "anna@example.com\r\n",
        "\nanna@example.com",
        "anna@example.com\n\n",
        "anna@example.com\nbob@example.com",
        "anna@example.com\\",
    ),
    *(
        "'anna@example.com'",
        '"anna@example.com"',
        "anna@example.com'; DROP TABLE people; --",
        "=HYPERLINK(1)",
        "%s",
        "${email}",
        "$1",
    ),
    *(
        "*|EMAIL|*",
        "x" * 10_000,
        "x" * 10_000 + "@example.com",
        "a@" + "b." * 5_000 + "com",
        " " * 10_000 + "z@example.com",
        "ü" * 10_000,
    ),
    *(
        "\U0001f469\u200d\U0001f4bb@example.com",
        "\\N",
        "\\.",
        "\\x41@example.com",
        "a\\tb@example.com",
        "NaN",
        "true",
        "1",
        "anna@example.com\u0085",
    ),
)
NAMES = (
    *(
        "Anna",
        "anna",
        "ANNA",
        "ÅSA",
        "李",
        "O'Neil",
        "Anne-Marie",
        "",
        " ",
        "\t",
        "\u00a0",
        "\u200b",
        "\u200b\u00a0 ",
        "null",
        "NULL",
        " null ",
    ),
    *(
        "\u00a0null\u00a0",
        "\tn/a\n",
        "\u3000None",
        "N/A",
        "-",
        "--",
        "?",
        "{{ name }}",
        "*|FNAME|*",
        "%%first%%",
        "${name}",
        "<b>Anna</b>",
        "&amp;",
        "&#39;",
    ),
    *(
        "AB\nCD",
        "A\nB\nC",
        "A\r\nBC",
        "abc\nDEF",
        "A B",
        "ABC",
        "İSTANBUL",
        "ISPARTA",
        "nullable",
        "nil",
        "unknown",
        "Unknown person",
        "x" * 10_000,
    ),
    *(
        "X" * 10_000,
        "\U0001f600",
        "a|b",
        "|null|",
        "null|NULL",
        "\u2028null",
        "$",
        "(null)",
        "[null]",
        "<null>",
        "NAN",
        "O\\'Neil",
        "\\null",
        "K\u212aK",
    ),
)
COUNTRIES = (
    "DE",
    "de",
    " de ",
    "\u00a0DE",
    "De\n",
    "ÖSTERREICH",
    "Österreich",
    "O\u0308sterreich",
    "İR",
    "ir",
    "I\u0307r",
    "K",
    "\u212a",
    "",
    None,
    "FR",
    "ß",
    "SS",
    "\t",
    "de\u200b",
)
PLANS = (
    "paid",
    "PAID",
    " Paid\t",
    "free",
    "Größe",
    "GRÖSSE",
    "größe",
    "",
    None,
    "pa id",
    "\u3000paid",
    "paid\u0000"[:4],
)
DAYS = (
    "1990-01-31",
    "2008-02-29",
    "2008-03-01",
    "2030-01-01",
    "1990-13-01",
    "31.01.1990",
    "1990-1-31",
    "",
    None,
    "1990-01-31 10:00:00",
    "2008-03-01T00:00:00",
    " 1990-01-31",
    "１９９０-01-31",
    "9999-99-99",
)
MAILS = (
    "0",
    "1",
    "3",
    "03",
    "7",
    "12345678",
    "123456789",
    "99999999999999999999",
    "-3",
    "3.0",
    "",
    None,
    "3\n",
    " 3",
    "三",
    "３",
    "x",
    "1e3",
)


def people(count: int = 5_000, seed: int = 20, *, nul: bool = True) -> list[Row]:
    """Rows of `COLUMNS`; with the character U+0000 in some addresses where that can be stored."""
    source = random.Random(seed)
    rows: list[Row] = []
    while len(rows) < count:
        address = _address(source, nul)
        again = 1 + (source.random() < 0.15) + (source.random() < 0.05)
        rows += [
            (address, *(source.choice(column) for column in (NAMES, COUNTRIES, PLANS, DAYS, DAYS, MAILS)))
            for _ in range(again)
        ]
    return rows[:count]


def _address(source: random.Random, nul: bool) -> str | None:
    if source.random() < 0.1:
        return source.choice(WHOLE)
    local = source.choice(LOCALS[:15]) if source.random() < 0.4 else source.choice(LOCALS)
    domain = source.choice(DOMAINS[:8]) if source.random() < 0.5 else source.choice(DOMAINS)
    text = f"{local}{source.choice(('', '', '1', '2', '.3'))}@{domain}"
    return _spoilt(source, text, nul)


def _spoilt(source: random.Random, text: str, nul: bool) -> str:
    """What exports and people do to an address."""
    chance = source.random()
    if chance < 0.45:
        return text
    if chance < 0.55:
        return source.choice((text.upper(), text.lower(), text.swapcase(), text.title()))
    if chance < 0.7:
        return source.choice(SPACES) + text + source.choice(SPACES)
    if chance < 0.78:
        return source.choice(UNSEEN) + text + source.choice(("", *UNSEEN))
    if chance < 0.88:
        place = source.randrange(len(text) + 1)
        return text[:place] + source.choice((*SPACES, *UNSEEN, "'", "\\", "$", "%", ",", ".", "@")) + text[place:]
    if chance < 0.9 and nul:
        place = source.randrange(len(text) + 1)
        return text[:place] + "\x00" + text[place:]
    return source.choice(
        ("<{}>", "A B <{}>", "mailto:{}", "'{}'", "{}.", "{};", "{}\n", "\u00a0{}\u200b", "{}$")
    ).format(text)


def part(rows: Sequence[Row], share: float, seed: int) -> list[str]:
    """Some of the addresses as another export writes them, with some that are not in the rows."""
    source = random.Random(seed)
    found = [row[0] for row in rows if row[0] is not None and source.random() < share]
    found += [f"stranger{number}@elsewhere.example" for number in range(max(20, len(found) // 5))]
    source.shuffle(found)
    return [source.choice((one, one.upper() if one.isascii() else one, f" {one}", f"{one}\u00a0")) for one in found]
