"""How often mailcheck reads a price cell as the public test cases of price-parser do.

    git -C CLONE show HEAD:tests/test_price_parsing.py > CASES.py
    python tests/benchmarks/price_parser.py CASES.py

CASES.py is that project's `tests/test_price_parsing.py` (BSD-3-Clause; never copied here). Counted are the examples
that price-parser passes itself. A cell may hold a bare number; the currency may be in a field of its own. Of texts
the first price counts, and a number without a currency must be no price at all.
"""

from __future__ import annotations

import argparse
import ast
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from mailcheck.content.price_cells import currencies_of, parse_price
from mailcheck.content.prices import find_prices

LISTS = ("BUGS_CAUGHT", "NEW", "", "2", "3", "NO_PRICE", "NO_CURRENCY")
LOCALE = "en"


@dataclass(frozen=True)
class Example:
    hint: str
    cell: str
    currency: str | None
    amount: Decimal | None


def value(node: ast.expr) -> object:
    """A literal; `Decimal("1.1")` and numbers as decimals."""
    if isinstance(node, ast.Call):
        return Decimal(str(ast.literal_eval(node.args[0])))
    return ast.literal_eval(node)


def examples(path: Path) -> list[Example]:
    names = {f"PRICE_PARSING_EXAMPLES_{name}".rstrip("_") for name in LISTS} | {
        "PRICE_PARSING_DECIMAL_SEPARATOR_EXAMPLES"
    }
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.List)):
            continue
        if not (isinstance(node.targets[0], ast.Name) and node.targets[0].id in names):
            continue
        for call in node.value.elts:
            assert isinstance(call, ast.Call)
            given = [value(argument) for argument in call.args]
            forced = [value(word.value) for word in call.keywords if word.arg == "decimal_separator"]
            if (forced and forced[0]) or (len(given) > 5 and given[5]):
                continue
            amount = None if given[4] is None else Decimal(str(given[4]))
            found.append(Example(str(given[0] or ""), str(given[1] or ""), str(given[2]) if given[2] else None, amount))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--show", action="store_true", help="print the cells that are read in another way")
    options = parser.parse_args()
    cases = examples(options.cases)
    amounts = both = texts = in_texts = silent = bare = 0
    for case in cases:
        price = parse_price(case.cell, locale=LOCALE, hint=case.hint)
        same = (price.amount if price else None) == case.amount
        wanted = currencies_of(case.currency or "")
        told = same and (price.candidates if price else ()) == (wanted if case.amount is not None else ())
        told = told and (bool(wanted) or case.currency is None or case.amount is None)
        amounts += same
        both += told
        if options.show and not told:
            print(f"{case.hint!r} {case.cell!r}: {case.amount} {wanted}; read {price}")
        found = find_prices(case.cell, locale=LOCALE)
        if case.currency is None or case.amount is None:
            bare += 1
            silent += not found
            if options.show and found:
                print(f"FALSE {case.cell!r}: {found}")
        elif wanted and case.currency in case.cell:
            texts += 1
            right = bool(found) and found[0].amount == case.amount and found[0].candidates == wanted
            in_texts += right
            if options.show and not right:
                print(f"TEXT {case.cell!r}: {case.amount} {wanted}; found {found}")
    print(f"cells {len(cases)}: amount {amounts / len(cases):.3f}, amount and currency {both / len(cases):.3f}")
    print(
        f"texts with their currency {texts}: {in_texts / texts:.3f}; without one {bare}: {bare - silent} false prices"
    )


if __name__ == "__main__":
    main()
