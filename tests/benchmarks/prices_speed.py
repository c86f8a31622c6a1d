"""How fast prices are found, in one run beside quantulum3.

    python -m venv QUANTULUM && QUANTULUM/bin/pip install quantulum3
    python tests/benchmarks/prices_speed.py [TEXTS.txt] [--quantulum QUANTULUM/bin/python]

Without TEXTS.txt made-up mails of 5 kB are read, denser in prices than real ones. TEXTS.txt holds mail text, parts
divided by form feeds. CPU time of this process; all markers of all locales are on. quantulum3 is English only and
reads a few of the texts.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import tempfile
import time
from pathlib import Path

from mailcheck.content.prices import find_prices

LOCALES = {"en_US": "$%s", "de_DE": "%s €", "nb_NO": "kr %s", "fr_FR": "%s €", "pl_PL": "%s zł", "ja_JP": "%s円"}
WORDS = [
    "the",
    "new",
    "spring",
    "jacket",
    "in",
    "blue",
    "sizes",
    "for",
    "him",
    "and",
    "her",
    "comes",
    "with",
    "free",
    "returns",
    "order",
    "today",
    "while",
    "stocks",
    "last",
]
AFTER = ("", " days", " g", " cm", "%", " in stock", "-pack", " x 30 cm", "th", " m", " to 8 pm")
QUANTULUM = """
import json, sys, time
from quantulum3 import parser
texts = json.load(open(sys.argv[1], encoding="utf-8"))
parser.parse("Only $5 today")
start = time.process_time()
for text in texts:
    parser.parse(text)
print(time.process_time() - start)
"""


def made_up(locale: str, seed: int) -> str:
    chance = random.Random(seed)
    pieces: list[str] = []
    length = 0
    while length < 5000:
        words = " ".join(chance.choices(WORDS, k=chance.randint(2, 6)))
        kind = chance.random()
        amount = f"{chance.randint(1, 999)}.{chance.randint(0, 99):02}"
        tail = (
            LOCALES[locale] % amount
            if kind < 0.38
            else f"{chance.randint(1, 999)}{chance.choice(AFTER)}"
            if kind < 0.97
            else ""
        )
        pieces.append(f"{words} {tail}" + chance.choice([".\n", ", ", " "]))
        length += len(pieces[-1])
    return "".join(pieces)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="?")
    parser.add_argument("--quantulum", help="a Python that has quantulum3")
    options = parser.parse_args()
    if options.texts:
        parts = [("en_US", part) for part in options.texts.read_text(encoding="utf-8").split("\f")]
    else:
        parts = [(locale, made_up(locale, seed)) for seed in range(5) for locale in LOCALES]
    find_prices("$5", locale="en_US")
    best, found = 1e9, 0
    for _ in range(3):
        start = time.process_time()
        found = sum(len(find_prices(text, locale=locale)) for locale, text in parts)
        best = min(best, time.process_time() - start)
    size = sum(len(text.encode()) for _, text in parts)
    runs = sum(len(re.findall(r"\d+", text)) for _, text in parts)
    print(f"{len(parts)} texts, {size / 1e6:.2f} MB, {runs} digit runs, {found} prices")
    print(f"mailcheck: {size / best / 1e6:.2f} MB/s, {len(parts) / best:.0f} texts/s")
    if options.quantulum:
        few = [text for _, text in parts if 3000 < len(text) < 8000 and set(text) & set("$€£")][:6]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "texts.json")
            path.write_text(json.dumps(few), encoding="utf-8")
            done = subprocess.run(
                [options.quantulum, "-c", QUANTULUM, str(path)], check=True, capture_output=True, text=True
            )
        rate = sum(len(text.encode()) for text in few) / float(done.stdout)
        print(f"quantulum3: {rate / 1e6:.4f} MB/s; mailcheck is {size / best / rate:.0f} times as fast")


if __name__ == "__main__":
    main()
