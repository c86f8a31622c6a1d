"""How a list compares with what was sent before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from mailcheck.audience.people import Audience
    from mailcheck.fingerprints import Estimate
    from mailcheck.history.sends import Send

SHOWN = 12
"""Earlier sends that are told."""


class Past(Struct, frozen=True):
    """A list beside the earlier sends of a family.

    Args:
        family: that was named.
        sends: the newest of them, the newest last: day and recipients.
        of: how many there were.
        recipients: of the list.
        usual: the least and the most that would be usual, where there is history enough.
        reason: a sentence: what the usual number was made from, or why there is none.
        last: the list divided by the newest send; `None` without one.
        new: recipients of the list whom none of the sends had; `None` where no fingerprints were kept.
    """

    family: str
    sends: Sequence[tuple[str, int]]
    of: int
    recipients: int
    usual: tuple[int, int] | None
    reason: str
    last: float | None
    new: Estimate | None


class Growth(Struct, frozen=True):
    """The earlier sends of a family."""

    family: str
    sends: Sequence[Send]
    salt: str

    def of(self, audience: Audience) -> Past:
        """A list beside them.

        Raises:
            Unusable: the engine of the list refuses.
        """
        from mailcheck.history.baseline import PastSend, expect

        counted = [(send, send.recipients) for send in self.sends if send.recipients is not None]
        baseline = expect([PastSend(send.at, count) for send, count in counted], datetime.now(UTC))
        usual = (baseline.low, baseline.high)
        before = counted[-1][1] if counted else 0
        return Past(
            self.family,
            tuple((f"{send.at.astimezone(UTC):%Y-%m-%d}", count) for send, count in counted[-SHOWN:]),
            len(counted),
            audience.recipients,
            None if usual[0] is None or usual[1] is None else (usual[0], usual[1]),
            baseline.reason,
            audience.recipients / before if before else None,
            self._new(audience),
        )

    def _new(self, audience: Audience) -> Estimate | None:
        from mailcheck.fingerprints import novelty

        prints = [one for one in (send.fingerprint for send in self.sends) if one is not None]
        if not prints or not self.salt or not audience.recipients:
            return None
        return novelty(audience.fingerprint(self.salt), prints)


def opened(where: str, family: str) -> Growth:
    """The sends of a family that went out.

    Raises:
        HistoryError: the history cannot be opened.
        CouldNotStart: it holds no such family.
    """
    from mailcheck.history.past import Sources, open_store
    from mailcheck.settings import CouldNotStart
    from mailcheck.suggest import did_you_mean

    store = open_store(where, create=False)
    sources = Sources(store)
    sends = sources.sends(family)
    if not sends:
        known = sorted({send.family for send in sources.sends(None) if send.family})
        hint = did_you_mean(family, known) or (f"; it has {', '.join(known[:8])}" if known else "")
        raise CouldNotStart(f"--family: the history holds no sends of {family!r}{hint}")
    return Growth(family, sends, store.salt)
