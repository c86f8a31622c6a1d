"""The profile of a list of people: what `mailcheck audience` tells of it. Counts and masked examples, no addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from msgspec import Struct

from mailcheck.audience.exporting import Affected
from mailcheck.audience.facts import entry_of, open_audience, open_suppression
from mailcheck.audience.mailboxes import Mailboxes
from mailcheck.audience.opening import Lists
from mailcheck.audience.people import Audience, field_values_of, traits_of
from mailcheck.audience.suppressing import Overlap, overlap
from mailcheck.audience.tables import AudienceTable, SuppressionList
from mailcheck.audience.tallies import Coverage, Tally
from mailcheck.rule import Unusable

MOST_FIELDS = 200
"""Columns that are looked at; of a wider table the first ones."""


class OnList(Struct, frozen=True):
    """Who of a list is on a suppression list.

    Args:
        name: of the suppression list.
        entries: different entries of it.
        overlap: the people of the list who are on it.
        newest: the newest date of an entry, where it has dates.
        useless: entries that can stop nobody.
    """

    name: str
    entries: int
    overlap: Overlap
    newest: str | None
    useless: Tally


class Profile(Struct, frozen=True, kw_only=True):
    """What is known of a list.

    Args:
        shown: what the user named.
        rows: of the list.
        recipients: different addresses.
        blank: rows without an address.
        duplicates: rows whose address stands in another row already.
        repeated: addresses that stand in several rows.
        one_mailbox: addresses that differ from another, but reach the same Gmail mailbox.
        invalid: rows with an address that no server takes, by what is wrong.
        special: rows with addresses of a kind: `role`, `unattended`, `test`, `disposable`, `misspelt`.
        unknown: kinds that could not be looked for, and why.
        domains: rows of each domain, the largest first.
        values: rows of each value of `country`, `language`, `source`, the largest first.
        fields: what each other column holds.
        unseen: columns that were not looked at, as there are too many.
        suppression: who is on which suppression list.
    """

    shown: str
    rows: int
    recipients: int
    blank: int
    duplicates: int
    repeated: int
    one_mailbox: int
    invalid: Mapping[str, Tally]
    special: Mapping[str, Tally]
    unknown: Mapping[str, str]
    domains: Mapping[str, int]
    values: Mapping[str, Mapping[str, int]]
    fields: Sequence[Coverage]
    unseen: int
    suppression: Sequence[OnList]

    @property
    def wrong(self) -> int:
        """Rows with an address that no server takes."""
        return sum(tally.count for tally in self.invalid.values())


def affected_of(
    table: AudienceTable, suppression: Sequence[SuppressionList], lists: Lists, *, fields: bool = False
) -> Affected:
    """A list with the lists of people who must not be in it, read and normalised.

    Args:
        table: the list.
        suppression: the other lists.
        lists: where they are opened.
        fields: whether every column is to be looked at.

    Raises:
        Unusable: one of them cannot be read.
    """
    _, relation = lists.open(table)
    address = entry_of(relation, table)
    names = [name for name, column in relation.columns.items() if column != address]
    chosen = tuple(names[:MOST_FIELDS]) if fields else ()
    told = table.model_copy(update={"fields": {name: name for name in chosen}})
    audience = open_audience(told, lists, chosen)
    found = [open_suppression(one, lists, f"suppression_{place}") for place, one in enumerate(suppression)]
    return Affected(audience, relation, address, tuple(found))


def profile_of(affected: Affected) -> Profile:
    """Everything that is told of a list.

    Raises:
        Unusable: an engine refuses.
    """
    audience = affected.audience
    fields = tuple(field_values_of(audience).all().values())
    special, unknown = _special(audience)
    return Profile(
        shown=audience.shown,
        rows=audience.rows,
        recipients=audience.recipients,
        blank=audience.blank,
        duplicates=audience.surplus,
        repeated=audience.repeated,
        one_mailbox=audience.same_mailbox().count,
        invalid={str(fault): tally for fault, tally in audience.invalid.items()},
        special=special,
        unknown=unknown,
        domains=audience.domains,
        values={
            role: traits_of(audience).values(role)
            for role in ("country", "language", "source")
            if traits_of(audience).has(role)
        },
        fields=fields,
        unseen=max(0, len(affected.relation.columns) - 1 - MOST_FIELDS),
        suppression=tuple(
            OnList(one.name, one.entries, overlap(audience.staged, one), one.newest, one.useless)
            for one in affected.suppression
        ),
    )


def examples_of(affected: Affected, sort: str, count: int) -> tuple[str, ...]:
    """Some addresses of one sort, unmasked: for those who asked to see them."""
    batches = affected.of(sort)
    return tuple(islice((address for batch in batches for address, _, _ in batch), count))


def _special(audience: Audience) -> tuple[dict[str, Tally], dict[str, str]]:
    boxes = Mailboxes(audience)
    found = {kind: boxes.people_named(kind) for kind in ("role", "unattended")}
    found["test"] = boxes.tests()
    found["misspelt"] = audience.in_domains(one.written for one in boxes.misspelt)
    try:
        found["disposable"] = audience.in_domains(boxes.disposable)
    except Unusable as error:
        return found, {"disposable": str(error)}
    return found, {}
