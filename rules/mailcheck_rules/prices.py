"""Prices that cannot be right, by the message alone."""

from mailcheck_rules._prices_offers import discount_arithmetic, now_not_below_was, saving_arithmetic
from mailcheck_rules._prices_written import currency, double_symbol, number_format, parts_disagree

__all__ = [
    "currency",
    "discount_arithmetic",
    "double_symbol",
    "now_not_below_was",
    "number_format",
    "parts_disagree",
    "saving_arithmetic",
]
