"""How many prices are paired with the right product, in made-up mails of eighteen layouts.

    python tests/benchmarks/pairing.py [mails of each layout]

Every mail has an old and a new price for each product; in the second half of the table one of its products is not in the
catalogue, so that its prices have to be left alone.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from mailcheck.checking import checker
from mailcheck.products.facts import Products
from mailcheck.reading import from_mapping
from product_mails import LAYOUTS, MORE_LAYOUTS, mail


def main(mails: int) -> None:
    made = checker({"profile": "template", "select": ["prices"]})
    for unlisted in (0, 1):
        for layout in (*LAYOUTS, *MORE_LAYOUTS):
            right = wrong = surely = total = 0
            how: Counter[str] = Counter()
            start = time.process_time()
            for seed in range(mails):
                one = mail(layout, seed, unlisted=unlisted)
                campaign = from_mapping({"html": one.html, "locale": one.locale, "catalogue": {"products": one.rows}})
                products = made.engine.sheet(campaign, "template").resolver.ending("products").value
                total += len(one.truth)
                for pair in products.pairs if isinstance(products, Products) else ():
                    truth = one.truth.get(int(pair.price.found.amount * 100))
                    is_right = truth is not None and truth[0].lower() in pair.products[0].keys
                    is_right = is_right and truth is not None and truth[1] == (pair.role == "now")
                    right, wrong = right + is_right, wrong + (not is_right)
                    surely += pair.strong and not is_right
                    how[pair.how] += is_right
            took = (time.process_time() - start) / mails * 1000
            ways = ", ".join(f"{way} {number}" for way, number in how.most_common())
            print(
                f"{layout.__name__:16} {unlisted} unknown  {right / total:.3f} of {total:4} right, {wrong:3} wrong, "
                f"{surely} of them said to be sure; {took:4.0f} ms a mail; {ways}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
