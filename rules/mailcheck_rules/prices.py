"""Prices that cannot be right, by the message alone or by the catalogue of the shop."""

from mailcheck_rules._prices_catalogue import catalogue_currency, not_in_catalogue, out_of_stock, stale
from mailcheck_rules._prices_claims import discount_not_everywhere, from_not_lowest, up_to_not_reached
from mailcheck_rules._prices_offers import discount_arithmetic, now_not_below_was, saving_arithmetic
from mailcheck_rules._prices_reference import reference_price, unit_price_missing
from mailcheck_rules._prices_sources import only_in_image, personalised
from mailcheck_rules._prices_structured import structured_data
from mailcheck_rules._prices_written import currency, double_symbol, number_format, parts_disagree

__all__ = [
    "catalogue_currency",
    "currency",
    "discount_arithmetic",
    "discount_not_everywhere",
    "double_symbol",
    "from_not_lowest",
    "not_in_catalogue",
    "now_not_below_was",
    "number_format",
    "only_in_image",
    "out_of_stock",
    "parts_disagree",
    "personalised",
    "reference_price",
    "saving_arithmetic",
    "stale",
    "structured_data",
    "unit_price_missing",
    "up_to_not_reached",
]
