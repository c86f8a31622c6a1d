"""What an audience leaves to the history: figures and a sketch, made where the list is."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from mailcheck.audience.people import Audience, traits_of
from mailcheck.audience.staging import Staged
from mailcheck.audience.suppressing import hashed
from mailcheck.fingerprints import BITS, Figures, Fingerprint, K

LARGEST = 50
"""Values of which the shares are kept."""

_DIGITS = BITS // 4
_MARGIN = 1.25


def figures_of(audience: Audience, salt: str) -> Figures:
    """Counts, shares and the sketch of an audience.

    Args:
        audience: the recipients.
        salt: of the history; with an empty one no sketch is made.
    """
    return Figures(
        recipients=audience.rows,
        distinct=audience.recipients,
        domains=_largest(audience.domains),
        countries=_largest(traits_of(audience).values("country")),
        sources=_largest(traits_of(audience).values("source")),
        locales=_largest(traits_of(audience).values("language")),
        counts={
            "blank": audience.blank,
            "duplicates": audience.surplus,
            "invalid": sum(tally.count for tally in audience.invalid.values()),
            **_activity(audience),
        },
        fingerprint=audience.fingerprint(salt) if salt and audience.recipients else None,
    )


def _activity(audience: Audience) -> dict[str, int]:
    """How many have a date of their last activity, and for how many that is long ago."""
    if not traits_of(audience).has("last_active"):
        return {}
    dormant, dated = traits_of(audience).dormant
    return {"dated": dated, "dormant": dormant}


def fingerprint_of(audience: Audience, salt: str) -> Fingerprint:
    """The sketch of an audience: the smallest salted hashes of its addresses, found by its engine."""
    return Fingerprint.of(_smallest(audience.staged, audience.recipients, salt), audience.recipients, salt=salt)


def _smallest(staged: Staged, distinct: int, salt: str) -> list[int]:
    # Of so many addresses, the K smallest hashes lie almost surely below this; sorting a few beats sorting all.
    share = min(1.0, _MARGIN * K / distinct)
    found = _hashes(staged, salt, f"{min(int(share * (1 << BITS)), (1 << BITS) - 1):0{_DIGITS}x}" if share < 1 else "")
    return found if len(found) >= min(K, distinct) or share == 1 else _hashes(staged, salt, "")


def _hashes(staged: Staged, salt: str, below: str) -> list[int]:
    dialect = staged.engine.dialect
    key = dialect.binary(f"substr({hashed(staged.engine, 'md5', 'address', salt)}, 1, {_DIGITS})")
    limit = f" AND {key} < {dialect.literal(below)}" if below else ""
    rows = staged.engine.rows(
        f"SELECT DISTINCT {key} AS key_ FROM {staged.sql} kept_ WHERE address IS NOT NULL{limit} "
        f"ORDER BY key_ LIMIT {K}"
    )
    return [int(str(one), 16) for (one,) in rows]


def _largest(values: Mapping[str, int]) -> Mapping[str, int]:
    return dict(islice(values.items(), LARGEST))
