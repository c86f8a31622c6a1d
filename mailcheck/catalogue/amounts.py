"""Amounts of money in the cells of a feed: strictly, since what is guessed here is taken for the truth."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from mailcheck.catalogue.product import Money

_MARK = r"[A-Za-z]{3}|[$€£¥]|kr\.?|zł|Kč"
_CELL = re.compile(
    rf"(?P<before>{_MARK})?\s*(?P<number>[0-9][0-9.,'’ ]*?)\s*(?:[.,:][-–—])?\s*(?P<after>{_MARK})?", re.IGNORECASE
)
_SIGNS = {"€": "EUR", "£": "GBP", "zł": "PLN", "kč": "CZK"}
_GROUPS = re.compile(r"[0-9]{1,3}(?:[.,'’ ][0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")


class AmbiguousError(ValueError):
    """Digits that may mean two amounts."""


@lru_cache(maxsize=50_000)
def read_money(text: str, decimal: str = "", currency: str = "") -> Money:
    """The amount of a cell.

    Args:
        decimal: the decimal sign of the feed, `.` or `,`; empty where it is not known.
        currency: of a cell that says none.

    Raises:
        AmbiguousError: the digits may mean two amounts.
        ValueError: it is no price.
    """
    clean = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
    match = _CELL.fullmatch(clean) if len(clean) <= 40 else None
    if match is None:
        raise ValueError(f"{clean[:40]!r} is no price")
    said = {code for mark in (match["before"], match["after"]) if mark and (code := _code(mark))}
    if len(said) > 1:
        raise ValueError(f"{clean[:40]!r} has two currencies")
    return Money(_amount(match["number"].strip(), decimal), said.pop() if said else currency)


def _code(mark: str) -> str:
    """The currency of a mark; empty for one of several, such as `$` and `kr`."""
    if mark.lower() in _SIGNS:
        return _SIGNS[mark.lower()]
    return mark.upper() if len(mark) == 3 and mark.isalpha() else ""


def _amount(digits: str, decimal: str) -> Decimal:
    marks = re.sub(r"\d", "", digits)
    last = marks[-1:]
    if last and last in ".," and marks.count(last) == 1:
        whole, _, rest = digits.rpartition(last)
        if _is_fraction(rest, last, marks, decimal):
            return Decimal(f"{_whole(whole)}.{rest}")
    return Decimal(_whole(digits))


def _whole(digits: str) -> str:
    """The digits of a whole number, which may be grouped by one sign."""
    if not digits.isdigit() and not (_GROUPS.fullmatch(digits) and len(set(re.sub(r"\d", "", digits))) == 1):
        raise ValueError(f"{digits[:40]!r} is no amount")
    return re.sub(r"\D", "", digits)


def _is_fraction(rest: str, last: str, marks: str, decimal: str) -> bool:
    """Whether the digits behind the last sign are cents, and not thousands."""
    if len(rest) != 3 or len(set(marks)) > 1:
        return True
    if not decimal:
        raise AmbiguousError(f"“{last}{rest}” may be thousands, or a fraction")
    return last == decimal


def decimal_sign(locale: str | None) -> str:
    """The decimal sign of a locale; empty where it is unknown."""
    if not locale:
        return ""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_decimal_symbol

    try:
        return str(get_decimal_symbol(Locale.parse(locale.replace("-", "_")))).replace("٫", "")
    except (UnknownLocaleError, ValueError, TypeError):
        return ""


def sign_of(text: str) -> str:
    """The decimal sign that a cell shows without doubt, `.` or `,`; else nothing."""
    match = re.search(r"\d([.,])\d{1,2}(?!\d|[.,]\d)", text)
    return match[1] if match else ""
