"""`python -m mailcheck.docs [FOLDER]`: write the generated pages, or with `--check` tell which are out of date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mailcheck.docs.writing import pages, rule_pages, stale, write
from mailcheck.settings import CouldNotStart


def main() -> int:
    """Write or compare; 1 when a page is out of date, 2 when the pages cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m mailcheck.docs", description=__doc__)
    parser.add_argument("folder", nargs="?", default="docs", type=Path, help="where the pages belong; docs by default")
    parser.add_argument("--check", action="store_true", help="write nothing; tell which pages are out of date")
    parser.add_argument(
        "--rules",
        action="store_true",
        help="only the pages of the rules that this project loads, plug-ins and mailrules.py included",
    )
    given = parser.parse_args()
    try:
        texts = rule_pages() if given.rules else pages()
    except CouldNotStart as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if given.check:
        late = stale(given.folder, texts)
        sys.stdout.writelines(f"out of date: {given.folder / name}\n" for name in late)
        return 1 if late else 0
    changed = write(given.folder, texts)
    sys.stdout.write(f"{len(texts)} pages in {given.folder}, {len(changed)} changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
