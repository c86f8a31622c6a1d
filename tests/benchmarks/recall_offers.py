"""Plants known mistakes in prices, dates and coupon codes into real mails and counts how many are found.

    python tests/benchmarks/recall_offers.py FOLDER [--mails N] [--missed MISSED.tsv] [--seed 1]

FOLDER holds mails (`*.eml`). Two things are done. *Changed* is what stands in the mails: one weekday of a date, the day
of sending put a year later, one price of the text part. *Added* is an offer, a date or a code, written as one of twelve
locales writes it, at a random place of the HTML and, where the mistake needs one, of the text part or the subject; once
right and once wrong. A mistake counts as found when the wrong mail has a finding of the wanted rules that the right one
has not; a right one with a finding at that place counts as a false alarm.
"""

from __future__ import annotations

import argparse
import collections
import csv
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_percent

from mailcheck.campaign import Campaign, Part
from mailcheck.checking import Checker, checker
from mailcheck.content.dates_located import Dates, dates_of
from mailcheck.content.markup import Markup
from mailcheck.content.prices_located import prices_of
from mailcheck.content.send_time import SendTime, send_time_of
from mailcheck.rule import Absent
from mailcheck.settings import CouldNotStart

MARKETS = {
    "en_GB": "GBP", "en_US": "USD", "de_DE": "EUR", "fr_FR": "EUR", "nl_NL": "EUR", "es_ES": "EUR", "it_IT": "EUR", "pt_BR": "BRL",
    "nb_NO": "NOK", "sv_SE": "SEK", "pl_PL": "PLN", "cs_CZ": "CZK",
}  # fmt: skip
UNTIL = {
    "en": "Offer ends %s", "de": "Gültig bis %s", "fr": "Jusqu'au %s", "nl": "Geldig t/m %s", "es": "Hasta el %s", "it": "Fino a %s",
    "pt": "Até %s", "nb": "Gjelder til %s", "sv": "Gäller till %s", "pl": "Do %s", "cs": "Platí do %s",
}  # fmt: skip
CODE = {
    "en": "Use code %s and save", "de": "Mit dem Code %s sparen", "fr": "Code promo : %s", "nl": "Kortingscode %s", "es": "Código de descuento: %s",
    "it": "Codice sconto %s", "pt": "Cupom de desconto: %s", "nb": "Rabattkode: %s", "sv": "Rabattkod: %s", "pl": "Kod rabatowy: %s",
    "cs": "Slevový kód: %s",
}  # fmt: skip
RULES = ["prices", "dates", "coupons"]


def mails(folder: Path, seed: int, made: Checker) -> Iterator[tuple[Path, Campaign]]:
    files = sorted(folder.rglob("*.eml"))
    random.Random(seed).shuffle(files)
    for file in files:
        try:
            campaigns = list(made.campaigns(file))
        except CouldNotStart:
            continue
        for campaign in campaigns:
            blocking = any(fault.blocking for fault in campaign.faults)
            if campaign.message.html is not None and not blocking and len(campaign.message.html.text) < 200_000:
                yield file, campaign


def findings(made: Checker, campaign: Campaign) -> collections.Counter[tuple[str, str]]:
    return collections.Counter((one.rule, one.evidence) for one in made.judge(campaign).findings)


def with_part(campaign: Campaign, name: str, text: str) -> Campaign:
    old = getattr(campaign.message, name)
    part = Part(old.name, text, old.path, old.media) if old is not None else Part(name, text, campaign.path, "text")
    changes: dict[str, Any] = {name: part}
    return replace(campaign, message=replace(campaign.message, **changes))


# what stands there, changed


def read_dates(campaign: Campaign) -> tuple[Dates, SendTime] | None:
    try:
        sent = send_time_of(campaign)
    except Absent:
        return None
    html = campaign.message.html
    return dates_of(campaign, Markup(html) if html else None, (), sent, sent.day), sent


def other_weekday(campaign: Campaign, rng: random.Random) -> Campaign | None:
    """One weekday of a date with a year replaced by another of the same language."""
    read = read_dates(campaign)
    for one in read[0] if read else ():
        found = one.found
        if found.weekday is None or found.weekday_mismatch or not found.year_written or found.relative:
            continue
        for code in ("en", "de", "fr", "es", "pt", "nl", "it"):
            for width in ("wide", "abbreviated"):
                names = Locale(code).days["format"][width]
                at = one.span.text.lower().find(names[found.weekday].lower().rstrip("."))
                if at >= 0:
                    wrong = names[(found.weekday + rng.randint(1, 6)) % 7].rstrip(".")
                    start = one.span.start + at
                    text = one.span.part.text
                    end = start + len(names[found.weekday].rstrip("."))
                    name = {"html": "html", "text": "text", "subject": "subject"}.get(one.part, "")
                    return with_part(campaign, name, text[:start] + wrong + text[end:]) if name else None
    return None


def a_year_later(campaign: Campaign, rng: random.Random) -> Campaign | None:
    """The same copy, sent a year later; only where it names a day to come, with its year."""
    read = read_dates(campaign)
    if read is None:
        return None
    dates, sent = read
    planned = [
        one.found for one in dates if one.found.role in ("deadline", "start", "event") and one.found.year_written
    ]
    if not any(0 <= (one.date - sent.day).days <= 90 for one in planned):
        return None
    later = sent.moment.replace(year=sent.moment.year + 1, day=min(sent.moment.day, 28))
    return replace(campaign, schedule={"send": later})


def other_price(campaign: Campaign, rng: random.Random) -> Campaign | None:
    """One price of the text part changed, where the HTML has the same prices."""
    message = campaign.message
    if message.text is None or message.html is None:
        return None
    prices = prices_of(campaign, Markup(message.html), ())
    html, text = prices.of("html"), prices.of("text")
    if html is None or text is None or not text.items:
        return None
    if [one.found.amount for one in html.items] != [one.found.amount for one in text.items]:
        return None
    one = rng.choice(text.items)
    digits = [at for at in range(one.span.start, one.span.end) if message.text.text[at].isdigit()]
    at = digits[0]
    wrong = str((int(message.text.text[at]) + rng.randint(1, 8)) % 9 + 1)
    if wrong == message.text.text[at]:
        return None
    return with_part(campaign, "text", message.text.text[:at] + wrong + message.text.text[at + 1 :])


CHANGED: dict[str, tuple[Callable[[Campaign, random.Random], Campaign | None], tuple[str, ...]]] = {
    "another weekday in a date": (other_weekday, ("dates/weekday_mismatch",)),
    "last year's copy: sent a year later": (
        a_year_later,
        ("dates/wrong_year", "dates/past_deadline", "dates/weekday_mismatch", "dates/ends_before_send"),
    ),
    "a price of the text part": (other_price, ("prices/parts_disagree",)),
}


# what is added


def planted(html: str, fragment: str, rng: random.Random) -> str | None:
    """The HTML with a paragraph more, before the end tag of a random element that holds text."""
    markup = Markup(Part("html", html, "", "html"))
    blocks = [one for one in markup.blocks if not one.hidden and not one.in_title and not one.in_code]
    rng.shuffle(blocks)
    for block in blocks:
        around = block.parent
        while around is not None and around.name not in ("td", "div", "body", "center"):
            around = around.parent
        if around is not None and around.end_tag is not None:
            at = around.end_tag.start
            return f"{html[:at]}<p>{fragment}</p>{html[at:]}"
    return None


def money(amount: Decimal, locale: str) -> str:
    return format_currency(amount, MARKETS[locale], locale=locale)


def an_offer(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    """An old and a new price with a percentage, right and wrong."""
    was = Decimal(rng.randint(20, 200))
    percent = rng.choice((10, 15, 20, 25, 30, 40, 50))
    now = was * (100 - percent) / 100
    wrong = percent + rng.choice((-10, -5, 5, 10, 20))
    wrong = wrong if wrong > 0 else percent + 15

    def said(number: int) -> str:
        return f"-{format_percent(Decimal(number) / 100, locale=locale)} <s>{money(was, locale)}</s> <b>{money(now, locale)}</b>"

    return {part: said(percent)}, {part: said(wrong)}


def a_swap(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    was, now = Decimal(rng.randint(60, 90)), Decimal(rng.randint(20, 59))
    right = f"<s>{money(was, locale)}</s> {money(now, locale)}"
    return {part: right}, {part: f"<s>{money(now, locale)}</s> {money(was, locale)}"}


def a_price(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    name = rng.choice(("Garden chair Ascot", "Tournesol lamp", "Fjord jacket", "Kiefer Tisch"))
    price = Decimal(rng.randint(20, 300)) + Decimal(rng.choice(("0.00", "0.95", "0.50")))
    other = price + rng.choice((-10, 5, 10, 50))
    line = f"{name}: %s"
    return (
        {part: line % money(price, locale), "text": line % money(price, locale)},
        {part: line % money(price, locale), "text": line % money(other, locale)},
    )


def a_weekday(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    day = date(2027, 3, 20) + timedelta(days=rng.randint(0, 200))
    text = UNTIL[locale[:2]] % format_date(day, "full", locale=locale)
    names = Locale.parse(locale).days["format"]["wide"]
    right, wrong = names[day.weekday()], names[(day.weekday() + rng.randint(1, 6)) % 7]
    return {part: text}, {part: text.replace(right, wrong)}


def last_year(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    day = date(2027, 3, 25) + timedelta(days=rng.randint(0, 60))
    long = UNTIL[locale[:2]] % format_date(day, "full", locale=locale)
    return {part: long}, {part: UNTIL[locale[:2]] % format_date(day.replace(year=2026), "full", locale=locale)}


def a_deadline(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    day = date(2027, 3, 25) + timedelta(days=rng.randint(0, 30))

    def said(one: date) -> str:
        return UNTIL[locale[:2]] % format_date(one, "long", locale=locale)

    return {part: said(day), "subject": said(day)}, {part: said(day), "subject": said(day + timedelta(days=1))}


def a_code(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    code = rng.choice(("SPRING", "GARDEN", "CLUB", "SOMMER", "VERDE", "NEU")) + str(rng.choice((10, 15, 20, 25)))
    number = rng.choice(("30", "35", "40"))
    wrong = rng.choice((code[:-2] + number, code[0] + code[2] + code[1] + code[3:] if code[1] != code[2] else code[1:]))
    line = CODE[locale[:2]]
    other = rng.choice(("text", "subject"))
    return {part: line % code, other: line % code}, {part: line % code, other: line % wrong}


def a_number(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    number = rng.choice((10, 15, 20, 30))
    code = f"{rng.choice(('SAVE', 'SPAR', 'PROMO'))}{number}"

    def said(percent: int) -> str:
        return f"-{format_percent(Decimal(percent) / 100, locale=locale)}. {CODE[locale[:2]] % code}"

    return {part: said(number)}, {part: said(number + rng.choice((5, 10)))}


def a_letter(locale: str, rng: random.Random, part: str) -> tuple[dict[str, str], dict[str, str]]:
    code = rng.choice(("SOMMER20", "SAVE20", "CLUB10", "VERANO20"))
    wrong = rng.choice((code.replace("0", "O"), code.replace("E", "Е").replace("C", "С")))
    return {part: CODE[locale[:2]] % code}, {part: CODE[locale[:2]] % wrong}


Maker = Callable[[str, random.Random, str], tuple[dict[str, str], dict[str, str]]]
ADDED: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "wrong percentage of an offer": (an_offer, ("prices/discount_arithmetic",)),
    "old and new price exchanged": (a_swap, ("prices/now_not_below_was",)),
    "a price differs between HTML and text": (a_price, ("prices/parts_disagree",)),
    "wrong weekday": (a_weekday, ("dates/weekday_mismatch",)),
    "last year's date": (last_year, ("dates/wrong_year", "dates/past_deadline", "dates/weekday_mismatch")),
    "a deadline differs between subject and HTML": (a_deadline, ("dates/parts_disagree",)),
    "a code differs between the parts": (a_code, ("coupons/parts_disagree",)),
    "the number in a code is another": (a_number, ("coupons/number_contradicts",)),
    "a letter in a code looks like another": (a_letter, ("coupons/look_alike",)),
}


def grown(campaign: Campaign, said: dict[str, str], locale: str, seed: int) -> Campaign | None:
    """The campaign with the sentences in its parts, sent on 19 March 2027; the same seed takes the same place."""
    made = replace(campaign, locales=(locale.replace("_", "-"),), schedule={"send": datetime(2027, 3, 19, 9)})  # noqa: DTZ001 - local
    for name, text in said.items():
        if name == "html":
            assert campaign.message.html is not None
            html = planted(campaign.message.html.text, text, random.Random(seed))
            if html is None:
                return None
            made = with_part(made, "html", html)
        elif name == "subject":
            made = with_part(made, "subject", text.replace("<b>", ""))
        else:
            before = campaign.message.text.text if campaign.message.text is not None else ""
            made = with_part(made, "text", f"{before}\n\n{text}\n")
    return made


Row = tuple[str, str, str]


def run(folder: Path, most: int, seed: int) -> tuple[dict[str, collections.Counter[str]], list[Row]]:
    made = checker({"profile": "template", "select": RULES, "stage": "rendered"})
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    missed: list[Row] = []
    for number, (file, campaign) in enumerate(mails(folder, seed, made)):
        rng = random.Random(f"{seed} {file.name}")
        before: collections.Counter[tuple[str, str]] | None = None
        for name, (change, rules) in CHANGED.items():
            changed = change(campaign, rng)
            if changed is None:
                continue
            before = findings(made, campaign) if before is None else before
            new = findings(made, changed) - before
            hit = any(rule in rules for rule, _ in new)
            counts[name].update(["of", *(["found"] if hit else [])])
            if not hit:
                missed.append((name, str(file), ""))
        if number >= most:
            continue
        name = list(ADDED)[number % len(ADDED)]
        locale = rng.choice(list(MARKETS))
        maker, rules = ADDED[name]
        right_said, wrong_said = maker(locale, rng, "html")
        right, wrong = grown(campaign, right_said, locale, number), grown(campaign, wrong_said, locale, number)
        if right is None or wrong is None or right_said == wrong_said:
            continue
        plain = findings(made, right)
        new = findings(made, wrong) - plain
        alarms = [rule for rule, _ in plain - findings(made, replace(right, message=campaign.message)) if rule in rules]
        hit = any(rule in rules for rule, _ in new)
        counts[name].update(["of", *(["found"] if hit else []), *(["false"] if alarms else [])])
        if not hit or alarms:
            missed.append(
                (name + (" FALSE" if alarms else ""), str(file), f"{locale} {wrong_said if not hit else right_said}")
            )
    return counts, missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--missed", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts, missed = run(options.folder, options.mails, options.seed)
    print("| mistake | found | of | right ones reported |\n| --- | --- | --- | --- |")
    for name in (*CHANGED, *ADDED):
        told = "" if name in CHANGED else str(counts[name]["false"])
        print(f"| {name} | {counts[name]['found']:,} | {counts[name]['of']:,} | {told} |")
    if options.missed:
        with options.missed.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter="\t").writerows(missed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
