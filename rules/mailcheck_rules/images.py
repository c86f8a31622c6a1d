"""Pictures: whether they are there and whole, how heavy and how large they are, what is read in their place."""

from mailcheck_rules._images_files import (
    animation,
    blank_frame,
    broken,
    cmyk,
    format,  # noqa: A004 - the name of the rule
    missing,
    rotated,
    source,
    weight,
    wrong_type,
)
from mailcheck_rules._images_online import online, online_format, online_shown, online_weight, unreachable
from mailcheck_rules._images_shown import (
    alt_filename,
    alt_missing,
    blurry,
    dimensions,
    linked_alt,
    oversized,
    stretched,
    tracking_pixel,
)

__all__ = [
    "alt_filename",
    "alt_missing",
    "animation",
    "blank_frame",
    "blurry",
    "broken",
    "cmyk",
    "dimensions",
    "format",
    "linked_alt",
    "missing",
    "online",
    "online_format",
    "online_shown",
    "online_weight",
    "oversized",
    "rotated",
    "source",
    "stretched",
    "tracking_pixel",
    "unreachable",
    "weight",
    "wrong_type",
]
