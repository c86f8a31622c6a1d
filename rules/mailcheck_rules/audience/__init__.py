"""The recipients: the right people, as many as always, and none who said no."""

from mailcheck_rules.audience._addresses import disposable, duplicate, invalid, role, test_addresses, typo_domain
from mailcheck_rules.audience._entries import suppression_useless
from mailcheck_rules.audience._history import composition_drift, count_drift, repeat
from mailcheck_rules.audience._numbers import count_claimed, reconciliation
from mailcheck_rules.audience._opted_out import opted_out
from mailcheck_rules.audience._suppression import (
    is_suppression_list,
    suppressed,
    suppression_missing,
    suppression_shrunk,
    suppression_stale,
)
from mailcheck_rules.audience._whom import frequency, internal_only, not_entitled, seeds_missing, wrong_locale

__all__ = [
    "composition_drift",
    "count_claimed",
    "count_drift",
    "disposable",
    "duplicate",
    "frequency",
    "internal_only",
    "invalid",
    "is_suppression_list",
    "not_entitled",
    "opted_out",
    "reconciliation",
    "repeat",
    "role",
    "seeds_missing",
    "suppressed",
    "suppression_missing",
    "suppression_shrunk",
    "suppression_stale",
    "suppression_useless",
    "test_addresses",
    "typo_domain",
    "wrong_locale",
]
