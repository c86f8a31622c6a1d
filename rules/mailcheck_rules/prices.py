"""Prices that cannot be right, by the message alone."""

from mailcheck_rules._prices_offers import discount_arithmetic, now_not_below_was, saving_arithmetic
from mailcheck_rules._prices_sources import only_in_image, personalised
from mailcheck_rules._prices_structured import structured_data
from mailcheck_rules._prices_written import currency, double_symbol, number_format, parts_disagree

__all__ = [
    "currency",
    "discount_arithmetic",
    "double_symbol",
    "now_not_below_was",
    "number_format",
    "only_in_image",
    "parts_disagree",
    "personalised",
    "saving_arithmetic",
    "structured_data",
]
