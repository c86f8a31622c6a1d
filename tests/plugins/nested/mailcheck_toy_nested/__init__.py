"""Rules in every corner of a package."""

from mailcheck_rules.merge_tags import empty_greeting
from mailcheck_toy_nested._private import hidden

__all__ = ["empty_greeting", "hidden"]
