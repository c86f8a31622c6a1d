"""The facts about people: the audience, suppression lists, segments, reconciliation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from pydantic import BaseModel, ValidationError

from mailcheck.audience.columns import address_of, field_columns, named, of_role, refuse_unknown
from mailcheck.audience.dialect import Dialect, Hash
from mailcheck.audience.engines import Relation
from mailcheck.audience.engines.duck import MEMORY
from mailcheck.audience.entries import is_entry, refuse_mixed, refuse_others
from mailcheck.audience.field_values import FieldValues
from mailcheck.audience.mailboxes import Mailboxes
from mailcheck.audience.opening import Lists, Opened, role_columns, with_variables
from mailcheck.audience.people import Audience, field_values_of, traits_of
from mailcheck.audience.staging import Staged, number, stage
from mailcheck.audience.statements import (
    BLANK,
    FAULT_STATES,
    FIRST_FAULT,
    GOOD,
    NOTHING,
    Column,
    field_state,
    folded,
)
from mailcheck.audience.suppressing import Listed, Overlap, overlap
from mailcheck.audience.tables import AudienceTable, ReconciliationTable, Source, SuppressionList, SuppressionTable
from mailcheck.audience.traits import Traits
from mailcheck.audience.useless import refuse_hidden, refuse_most, useless_of
from mailcheck.campaign import Campaign
from mailcheck.rule import Absent, Unusable, fact
from mailcheck.run import Run

AUDIENCE_ROLES = ("country", "language", "source", "last_active", "recent_mails", "status", "opted_out")

T = TypeVar("T", bound=BaseModel)
K = TypeVar("K")


class Suppression(Struct, frozen=True):
    """Everybody who must not get the mail.

    Args:
        lists: at least one.
        table: what the manifest says of them.
    """

    lists: tuple[Listed, ...]
    table: SuppressionTable

    @property
    def entries(self) -> int:
        """Rows of all lists together."""
        return sum(one.rows for one in self.lists)


class Excluded(Struct, frozen=True):
    """What one suppression list has to do with the audience."""

    listed: Listed
    overlap: Overlap


Segments = Mapping[str, Listed]
"""The named tables of people, such as the members of a club."""


@fact
def lists(campaign: Campaign, run: Run) -> Lists:
    """Where tables of people are opened, each engine once."""
    base = Path(campaign.path).parent if campaign.reader == "manifest" else Path()
    return Lists(base, run.memory or MEMORY, watch=run.watch)


@fact
def audience(campaign: Campaign, lists: Lists, run: Run, merge_fields: tuple[str, ...] | None = None) -> Audience:
    """The recipients of this send: how many, at which domains, with which faults."""
    if campaign.audience is None:
        raise Absent("no recipients were given (--audience people.csv, or [audience] in the manifest)")
    table = _model(AudienceTable, campaign.audience, "audience")
    asked = {"traits": run.may_ask("traits"), "field_values": run.may_ask("field_values")}
    return open_audience(table, lists, merge_fields or (), **asked)


@fact
def traits(audience: Audience) -> Traits:
    """What the list says of the recipients besides their addresses: country, language, last activity."""
    return traits_of(audience)


@fact
def field_values(audience: Audience) -> FieldValues:
    """What the list holds for the merge fields of the message."""
    return field_values_of(audience)


@fact
def suppression(campaign: Campaign, lists: Lists) -> Suppression:
    """The lists of people who must not get the mail."""
    if campaign.suppression is None:
        raise Absent("no suppression list was given (--suppression optout.csv, or [suppression] in the manifest)")
    table = _model(SuppressionTable, campaign.suppression, "suppression")
    found = [open_suppression(one, lists, f"suppression_{place}") for place, one in enumerate(table.every)]
    return Suppression(tuple(found), table)


@fact
def excluded(audience: Audience, suppression: Suppression) -> tuple[Excluded, ...]:
    """For each suppression list, who of the recipients is on it."""
    return tuple(Excluded(listed, overlap(audience.staged, listed)) for listed in suppression.lists)


@fact
def mailboxes(audience: Audience) -> Mailboxes:
    """What the addresses of the audience look like: posts, tests, throw-away and misspelt domains."""
    return Mailboxes(audience)


@fact
def segments(campaign: Campaign, lists: Lists) -> Segments:
    """The named tables of people for whom an offer may be."""
    if not campaign.segments:
        raise Absent("no segments were given ([segments.members] in the manifest)")
    found = {}
    for place, (name, given) in enumerate(campaign.segments.items()):
        table = _model(SuppressionList, given if isinstance(given, Mapping) else {"source": given}, f"segments.{name}")
        found[name] = open_list(table.model_copy(update={"name": name}), lists, f"segment_{place}")
    return found


@fact
def reconciliation(campaign: Campaign) -> ReconciliationTable:
    """The way from those who were aimed at to those who get the mail, in numbers."""
    if campaign.reconciliation is None:
        raise Absent("no counts were given ([reconciliation] in the manifest)")
    return _model(ReconciliationTable, campaign.reconciliation, "reconciliation")


def open_audience(
    table: AudienceTable,
    lists: Lists,
    fields: tuple[str, ...] = (),
    *,
    traits: bool = True,
    field_values: bool = True,
) -> Audience:
    """Normalise a list of recipients, once, and keep what is asked of it.

    Args:
        table: where it is.
        lists: where it is opened.
        fields: the merge fields of the message.
        traits: whether anybody asks what else the list says of people.
        field_values: whether anybody asks what it holds for the merge fields.

    Raises:
        Unusable: it cannot be read; one sentence.
    """
    engine, relation = lists.open(table)
    # All columns are looked up, so that one that is not there is told whoever asks.
    refuse_unknown(table.columns, ("address", *AUDIENCE_ROLES), relation.columns, relation.shown)
    filled = field_columns(relation.columns, fields, table.fields, relation.shown)
    of_fields = _field_columns(engine.dialect, relation, filled)
    by_role = role_columns(relation, table, AUDIENCE_ROLES)
    of_roles = _role_columns(engine.dialect, by_role)
    of_only = _only_columns(engine.dialect, relation, table)
    kept = [*of_roles.values(), *of_only.values()] if traits else []
    kept += of_fields.values() if field_values else ()
    unclear = {field: names for field, names in filled.items() if len(names) > 1}
    address = entry_of(relation, table)
    staged = stage(engine, relation, address, "audience", kept)
    names = {column: name for name, column in relation.columns.items()}
    _refuse_headings(staged, names.get(address, ""))
    headings = {role: names[column] for role, column in by_role.items()}
    return Audience(
        staged,
        table,
        Traits(staged, table, _names(of_roles), _names(of_only), headings) if traits else None,
        FieldValues(staged, _names(of_fields), unclear) if field_values else None,
    )


def _refuse_headings(staged: Staged, heading: str) -> None:
    """Refuse a list in which the headings stand again among the rows, as where files were joined."""
    if not (heading and staged.states.get(FAULT_STATES["no_at"])):
        return
    dialect = staged.engine.dialect
    again = f"state = {FAULT_STATES['no_at']} AND {dialect.one_of('lower(address)', (heading.strip().lower(),))}"
    count = number(staged.engine.rows(f"SELECT count(*) FROM {staged.sql} kept_ WHERE {again}")[0][0])
    if count:
        times = "once" if count == 1 else f"{count:,} times"
        raise Unusable(
            f"{staged.shown}: the headings stand again among the rows ({times}), as where files were joined; "
            "take them out"
        )


def _role_columns(dialect: Dialect, by_role: Mapping[str, str]) -> dict[str, Column]:
    return {role: Column(f"{role}_", dialect.binary(dialect.cast(column))) for role, column in by_role.items()}


def _field_columns(dialect: Dialect, relation: Relation, filled: Mapping[str, tuple[str, ...]]) -> dict[str, Column]:
    clear = {field: relation.columns[names[0]] for field, names in filled.items() if len(names) == 1}
    columns = enumerate(clear.items())
    return {field: Column(f"field_{place}_", field_state(dialect, column)) for place, (field, column) in columns}


def _only_columns(dialect: Dialect, relation: Relation, table: AudienceTable) -> dict[int, Column]:
    found: dict[int, Column] = {}
    for place, one in enumerate(table.only):
        if one.column is not None:
            column = named(relation.columns, one.column, relation.shown)
            found[place] = Column(f"only_{place}_", dialect.binary(dialect.cast(column)))
    return found


def _names(columns: Mapping[K, Column]) -> dict[K, str]:
    return {key: column.name for key, column in columns.items()}


def open_list(table: SuppressionList, lists: Lists, name: str) -> Listed:
    """Normalise a list that an audience is compared with.

    Raises:
        Unusable: it cannot be read; one sentence.
    """
    engine, relation = lists.open(table)
    table = table.model_copy(update={"salt": with_variables(table.salt)})
    dialect = engine.dialect
    role = "hash" if table.hash else "domain" if table.holds == "domains" else "address"
    refuse_unknown(table.columns, (role, "address", "date", "reason"), relation.columns, relation.shown)
    entry = entry_of(relation, table, role)
    others = role_columns(relation, table, ("date", "reason"))
    kept = [
        Column(f"{one}_", dialect.binary(dialect.cast(column))) for one, column in others.items() if column != entry
    ]
    columns = frozenset(column.name for column in kept)
    if role == "address":
        staged = stage(engine, relation, entry, name, kept)
        refuse_mixed(staged)
    else:
        staged = _as_written(engine, relation, entry, name, kept, table.hash)
        refuse_others(staged, table.hash)
    useless = useless_of(staged, table)
    refuse_hidden(staged, table, useless)
    return Listed(staged, table, columns, lists.written(table), useless.others)


def open_suppression(table: SuppressionList, lists: Lists, name: str) -> Listed:
    """Normalise a list of people who must not get the mail; one that holds much else is none that anybody can trust.

    Raises:
        Unusable: it cannot be read, or a tenth of its entries can stop nobody; one sentence.
    """
    found = open_list(table, lists, name)
    refuse_most(found.staged, found.table, found.useless)
    return found


def entry_of(relation: Relation, source: Source, role: str = "address") -> str:
    """The expression of the column with the addresses, or of their hashes or domains."""
    looked_for = role != "address" and (role in source.columns or "address" not in source.columns)
    known = of_role(role, relation.columns, source.columns, relation.shown) if looked_for else None
    entry = known or address_of(relation.columns, source.columns, relation.shown)
    nested = next((name for name in relation.nested if relation.columns[name] == entry), None)
    if nested is not None:
        raise Unusable(f"{relation.shown}: the column {nested!r} holds lists or structures, not texts")
    return entry


def _as_written(
    engine: Opened, relation: Relation, entry: str, name: str, more: list[Column], kind: Hash | None
) -> Staged:
    """A list of hashes or domains: small letters, no spaces; a program's word for nothing is blank."""
    dialect = engine.dialect
    text = folded(dialect, dialect.binary(dialect.cast(entry)))
    columns = "".join(f", {one.expression} AS {one.name}" for one in more)
    blank = f"{entry} IS NULL OR {dialect.one_of(text, tuple(sorted(NOTHING)))}"
    is_good = is_entry(dialect, text, kind)
    state = f"CASE WHEN {blank} THEN {BLANK} WHEN {is_good} THEN {GOOD} ELSE {FIRST_FAULT} END"
    kept = engine.keep(
        name,
        f"SELECT {dialect.binary(text)} AS address, CAST({state} AS {dialect.small}) AS state{columns} "
        f"FROM {relation.sql} source_",
    )
    counted = engine.rows(f"SELECT state, count(*) FROM {kept} kept_ GROUP BY state")
    states = {number(one): number(count) for one, count in counted}
    if not sum(count for state, count in states.items() if state != BLANK):
        raise Unusable(f"{relation.shown}: there is nobody on the list; if that is not a mistake, do not give it")
    return Staged(engine, kept, relation.shown, states)


def _model(model: type[T], given: object, name: str) -> T:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        keys = ".".join(str(key) for key in (name, *fault["loc"]))
        raise Unusable(f"{keys}: {fault['msg'].removeprefix('Value error, ')}") from None


__all__ = ["Audience", "Source", "Suppression", "audience", "lists", "open_audience", "open_list", "reconciliation"]
