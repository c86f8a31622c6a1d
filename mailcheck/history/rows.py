"""A `Send` as the row of a table, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

import sqlalchemy

from mailcheck.fingerprints import Fingerprint
from mailcheck.history.sends import TABLES, HistoryError, Send, Status, moment, plain, stamp, whole

MOST = 50
"""Values that are kept of each count by value."""
FEWEST = 5
"""Recipients below which a value is not kept: a domain that two people use tells who they are."""

_COUNTED = (*TABLES, "counts")


def row_of(send: Send) -> dict[str, str | int | None]:
    """The columns of a send, with nothing in them that may not be kept."""
    figures = {name: _frequent(getattr(send, name)) for name in TABLES}
    figures["counts"] = {plain(name): number for name, number in send.counts.items()}
    return {
        "id": plain(send.id),
        "family": plain(send.family),
        "name": plain(send.name),
        "kind": send.kind,
        "status": send.status,
        "at": stamp(send.at),
        "judged": stamp(send.judged) if send.judged else None,
        "sent": stamp(send.sent) if send.sent else None,
        "recipients": send.recipients,
        "distinct_recipients": send.distinct,
        "figures": json.dumps({name: counts for name, counts in figures.items() if counts}),
        "digest": send.digest,
        "subject": plain(send.subject),
        "sender": whole(send.sender),
        "profile": send.profile,
        "verdict": send.verdict,
        "outcomes": json.dumps(dict(send.outcomes)),
    }


def send_of(row: sqlalchemy.RowMapping, load: Callable[[], Fingerprint | None], where: str) -> Send:
    """The send that a row tells of.

    Raises:
        HistoryError: the row is not as mailcheck writes them.
    """
    try:
        figures = cast("Mapping[str, Mapping[str, int]]", json.loads(row["figures"]))
        return Send(
            id=row["id"],
            family=row["family"],
            name=row["name"],
            kind=row["kind"],
            status=cast("Status", row["status"]),
            at=moment(row["at"]),
            judged=_moment(row["judged"]),
            sent=_moment(row["sent"]),
            recipients=row["recipients"],
            distinct=row["distinct_recipients"],
            **{name: dict(figures.get(name, {})) for name in _COUNTED},
            digest=row["digest"],
            subject=row["subject"],
            sender=row["sender"],
            profile=row["profile"],
            verdict=row["verdict"],
            outcomes=json.loads(row["outcomes"]),
            load=load,
        )
    except (ValueError, TypeError, AttributeError):
        said = f"the send {row['id']!r} in the history {where} is damaged"
        raise HistoryError(f"{said}; `mailcheck history forget` it, or bring the history back from a copy") from None


def _frequent(counts: Mapping[str, int]) -> dict[str, int]:
    many = sorted(((number, name) for name, number in counts.items() if number >= FEWEST), reverse=True)
    return {plain(name): number for number, name in many[:MOST]}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)
