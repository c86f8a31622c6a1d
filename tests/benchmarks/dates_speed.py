"""How fast dates are found, and how often faster than dateparser's search, in one run.

    python tests/benchmarks/dates_speed.py [FILE ...] [--dateparser PYTHON]

Without files the text is made: mails in six languages, dense with numbers. `--dateparser` names a Python that has
dateparser; both read the same texts, in CPU time.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

SENT = datetime(2027, 3, 19, 9, 0)  # noqa: DTZ001 - a local time

SENTENCES = {
    "en": [
        "Order {n} items from ${p} today.",
        "The offer ends Friday 26 March 2027.",
        "Call {n}-{n} or see page {n}.",
        "Save {n}% until April 5th at 11:59 PM ET.",
    ],
    "de": [
        "Jetzt {n} Artikel ab {p} € bestellen.",
        "Gültig bis Freitag, 26. März 2027.",
        "Rufen Sie {n} {n} an.",
        "Nur noch bis 05.04.2027 um 20 Uhr {n} % sparen.",
    ],
    "fr": [
        "Commandez {n} articles dès {p} €.",
        "Jusqu'au vendredi 26 mars 2027.",
        "Appelez le {n} {n} {n}.",
        "Du 5 au 8 avril, {n} % de remise.",
    ],
    "nl": [
        "Bestel {n} stuks vanaf € {p}.",
        "Geldig t/m vrijdag 26 maart 2027.",
        "Bel {n}-{n}.",
        "Van 5 t/m 8 april {n}% korting.",
    ],
    "nb": [
        "Bestill {n} varer fra {p} kr.",
        "Gjelder til fredag 26. mars 2027.",
        "Ring {n} {n}.",
        "Fra 5.–8. april: {n} % rabatt.",
    ],
    "pl": [
        "Zamów {n} sztuk od {p} zł.",
        "Do piątku 26 marca 2027 r.",
        "Zadzwoń: {n} {n}.",
        "Od 5 do 8 kwietnia {n}% taniej.",
    ],
}
NUMBERS = "{0} x {1},{2} + {3}/{4}: {5} - {6}.{7}"
FILLER = " Lorem words that say nothing of days and go on for quite a while, as the copy of most mails does. "


def made(count: int = 60, size: int = 5000) -> list[tuple[str, str]]:
    """Mails of about `size` characters, as `(language, text)`."""
    rng = random.Random(5)
    mails = []
    for number in range(count):
        language = sorted(SENTENCES)[number % len(SENTENCES)]
        text = ""
        while len(text) < size:
            # About nine dates and 230 numbers in a mail.
            for sentence in [*rng.sample(SENTENCES[language], 1), NUMBERS, NUMBERS]:
                numbers = [str(rng.randint(1, 9999)) for _ in range(8)]
                text += (
                    sentence.format(*numbers, n=numbers[0], p=f"{rng.randint(1, 999)}.{rng.randint(10, 99)}") + FILLER
                )
        mails.append((language, text))
    return mails


def seconds(work: Callable[[], object], rounds: int = 3) -> float:
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def read_all(mails: list[tuple[str, str]], locale: str | None) -> None:
    from mailcheck.content.dates import find_dates

    for language, text in mails:
        find_dates(text, locale=locale or language, sent=SENT)


PEER = """
import json, sys, time
from dateparser.search import search_dates
mails = json.load(open(sys.argv[1], encoding="utf-8"))
search_dates("3 May 2027", languages=["en"])
started = time.process_time()
for language, text in mails:
    search_dates(text, languages=[language])
print(time.process_time() - started)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--dateparser")
    arguments = parser.parse_args()
    mails = made()
    if arguments.files:
        mails = [("en", file.read_text(encoding="utf-8", errors="replace")) for file in arguments.files]
    size = sum(len(text.encode()) for _, text in mails) / 1e6
    for name, locale in (("the locale's words", None), ("the words of all locales", "und")):
        for language, _ in mails[:12]:
            read_all([(language, "")], locale)
        taken = seconds(partial(read_all, mails, locale))
        print(f"{name:28}{size / taken:8.2f} MB/s {len(mails) / taken:9.0f} texts/s")
    if arguments.dateparser:
        few = mails[:6]
        own = seconds(partial(read_all, few, "und"))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "mails.json"
            file.write_text(json.dumps(few), encoding="utf-8")
            done = subprocess.run(
                [arguments.dateparser, "-c", PEER, str(file)], capture_output=True, text=True, check=True
            )
        print(
            f"{'dateparser.search':28}{own / float(done.stdout) * 100:8.3f} % of the speed: {float(done.stdout) / own:.0f} x slower"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
