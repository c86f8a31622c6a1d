"""URLs to test with: seeds that are legal, and mutations of them that seldom are."""

from __future__ import annotations

import random
from collections.abc import Iterator

SEEDS = (
    "https://shop.example/sale?utm_source=mail&utm_medium=email#top",
    "http://user:pass@host.example:8080/a/b/../c/./d?x=1&y=%20#f",
    "http://127.0.0.1/",
    "http://0x7f.0.0.1:80/x",
    "http://0177.1/",
    "http://2130706433/",
    "http://[2001:db8::1]:443/a",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::7f00:1]/",
    "https://faß.de/straße?ü=ö#ä",
    "http://xn--fa-hia.de/%7Efoo/%2e%2E/bar",
    "http://日本語。jp/パス",
    "http://☕.example/",
    "http://١٢٣.example/",
    "http://①②⑦.⓪.⓪.①/",
    "http://a.b:/",
    "http://a.b:00080/",
    "https://a.b?x@c.d/",
    "https://a.b#@c.d/",
    "https://אבג.example/",
    "http://example.com\\@evil.example/",
    "http:\\\\a.b\\c",
    "http:a.b/c",
    "http:///a.b/c",
    "HTTPS://WWW.EXAMPLE.COM./%41",
    "https://a_b.c-.example/x;y=1,2?q='\"<>`{}|^[]",
    "ftp://a.b/c",
    "https://a.b/%zz%",
    "https://r3---sn.example/",
)
_PIECES = (
    *"\t\n\r\0 \\/?#@:[]%.;&=|<>{}^`'\"_-+~!$*(),",
    *"0123456789abcxefXF",
    *"。．｡①⓪ⓐ％＠／：？＃．０１ßſıİ\u212a",
    *("\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u202e", "\u0301", "\u00a0", "\u3000", "\ud800"),
    *("☕", "😀", "ü", "ñ", "д", "א", "ا", "١", "क", "\u094d", "\u0e01", "\U000e0061"),
    *("%00", "%2e", "%2E%2e", "%2f", "%5c", "%40", "%23", "%c3%bc", "%EF%BC%8E"),
    *(
        "xn--",
        "xn--a",
        "xn--zca",
        "xn--0.pt",
        "xn--a-yoc",
        "0x",
        "0x7f",
        "0177",
        "127.1",
        "256",
        ":80",
        ":443",
        ":0",
        ":65536",
    ),
    *(
        "//",
        "http:",
        "https://",
        "http:/",
        "..",
        "/../",
        "/./",
        "::",
        "::1",
        "1.2.3.4",
        "@a.b",
        "[::1]",
        ".example",
        "com.",
    ),
)


def mutated(seed: int, count: int) -> Iterator[str]:
    """`count` URLs, each one to six random edits away from a seed; the same for the same `seed`."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(SEEDS)
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4, 6))):
            text = _edited(text, chance)
        yield text


def _edited(text: str, chance: random.Random) -> str:
    # Most of what can go wrong is in the first thirty characters.
    at = chance.randrange(min(len(text), chance.choice((12, 30, 200))) + 1)
    upto = min(len(text), at + chance.choice((0, 0, 1, 1, 2, 5)))
    kind = chance.randrange(6)
    if kind == 0:
        return text[:at] + text[upto:]
    if kind == 1:
        return text[:at] + text[at:upto] * 2 + text[upto:]
    if kind == 2:
        other: str = chance.choice(SEEDS)
        cut = chance.randrange(len(other) + 1)
        return text[:at] + other[cut : cut + chance.choice((1, 3, 10, 40))] + text[upto:]
    if kind == 3:
        return (
            text[:at]
            + text[at:upto].swapcase()
            + chr(chance.choice((chance.randrange(0x250), chance.randrange(0x3200))))
            + text[upto:]
        )
    return f"{text[:at]}{chance.choice(_PIECES)}{text[upto:]}"
