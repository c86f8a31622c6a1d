"""Addresses that hypothesis makes up, and what becomes of them in an engine and in plain Python."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

import nasty
import plain
from mailcheck.audience.addresses import cleaned, fault_of, normal
from mailcheck.audience.engines import Engine, Relation
from mailcheck.audience.staging import stage
from mailcheck.audience.statements import BLANK, FAULT_STATES, GOOD, Column

CHARACTERS = st.one_of(
    st.sampled_from("abzABZ019.@_+-' \"\\,;<>|{}%*$&#()[]^?/=\t\n\r"),
    st.sampled_from(
        [
            *"".join(nasty.SPACES),
            *nasty.UNSEEN,
            "İ",
            "ı",
            "\u212a",
            "ß",
            "ü",
            "\u0308",
            "＠",
            "．",
            "。",
            "\u200f",
            "\U0001f600",
        ]
    ),
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]),
)
ADDRESSES = st.one_of(
    st.text(CHARACTERS, max_size=40),
    st.builds("{}{}@{}.{}{}".format, *(st.text(CHARACTERS, max_size=size) for size in (1, 12, 12, 6, 2))),
    st.sampled_from([one for one in nasty.WHOLE if one is not None and len(one) < 100]),
    st.builds("{}@{}".format, st.sampled_from(nasty.LOCALS), st.sampled_from(nasty.DOMAINS)),
)
PLAIN_ASCII = st.text(st.sampled_from("aZ09.@_+- ~'\",<>%\t\n\r\x0b\x0c\x1c\x1f\x00\x7f"), max_size=12)


def states(engine: Engine, rows: Sequence[str]) -> list[tuple[str, str | None, int]]:
    """Each raw text, its address and its state, as an engine has them."""
    source = engine.load("made", ("email",), [(row,) for row in rows])
    relation = Relation(source, {"email": "email"}, "made")
    kept = stage(engine, relation, "email", "people", [Column("raw_text", "email")])
    found = engine.rows(f"SELECT raw_text, address, state FROM {kept.sql} kept_")
    return sorted((str(raw), None if one is None else str(one), int(str(state))) for raw, one, state in found)


def wanted_states(rows: Sequence[str]) -> list[tuple[str, str | None, int]]:
    def one(raw: str) -> tuple[str, str | None, int]:
        if not cleaned(raw):
            return raw, None, BLANK
        fault = fault_of(raw)
        # Whether the domain of a plain address can exist is asked once for each domain.
        reached = not fault or (fault == "domain" and plain.is_plain(raw))
        return raw, normal(raw), GOOD if reached else FAULT_STATES[fault]

    return sorted(map(one, rows))
