"""The tables of a manifest that name recipients: their shape, and where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str | int | float | bool) else value


def _texts(value: object) -> object:
    values = _one_or_more(value)
    if not isinstance(values, list | tuple):
        return values
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _people(value: object) -> object:
    """A list of addresses is a list of people of whom nothing else is known."""
    return (
        tuple({"address": one} if isinstance(one, str) else one for one in value)
        if isinstance(value, list | tuple)
        else value
    )


Names = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]
Person = Mapping[str, str | bool | int | float | date | None]
People = Annotated[tuple[Person, ...], BeforeValidator(_people)]
Values = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class Source(_Strict):
    """Where a table of people lies: a file, a folder, a pattern of files, a database, or the manifest itself."""

    source: str = Field(
        "",
        description="a file, folder or pattern (CSV, JSON lines, Parquet; .gz, .zst), relative to the manifest, or the "
        "URL of a database: duckdb:, postgresql:, spark:, bigquery:, snowflake:, trino:, redshift:, databricks:; "
        "${NAME} is taken from the environment",
    )
    people: People = Field(
        (), description="the people themselves, instead of a source: tables of their fields, or addresses alone"
    )
    table: str | None = Field(None, description="the table in the database")
    query: str | None = Field(None, description="a SELECT in the database, instead of a table")
    columns: Mapping[str, str] = Field(
        default_factory=dict,
        description="which column is what: address, country, language, source, last_active, date, reason …",
    )
    encoding: str = Field("utf-8", description="of a CSV file: utf-8, utf-16, latin-1")
    delimiter: str | None = Field(None, description="of a CSV file; found by looking at it when not given")
    rows: int | None = Field(None, ge=0, description="how many rows its maker says it has; another number is a finding")
    temporary: bool = Field(
        default=True, description="whether temporary tables may be made in the database; without them it is slower"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Source:
        if self.table is not None and self.query is not None:
            raise ValueError("table and query are both given; keep one")
        if not self._is_said():
            raise ValueError("say where the list is, by source, or who is on it, by people")
        if self.source and self.people:
            raise ValueError("source and people are both given; keep one")
        return self

    def _is_said(self) -> bool:
        return bool(self.source or self.people)


class Only(_Strict):
    """Whom the offer is for: everybody in the audience has to be one of them."""

    who: str = Field(description="who they are, for people: `members of the club`, `adults`")
    column: str | None = Field(None, description="a column of the audience")
    values: Values = Field((), description="what the column must hold, one of these; case does not count")
    min_age: int | None = Field(
        None, ge=1, le=150, description="the column is a date of birth (2001-12-31): years at least"
    )
    segment: str | None = Field(None, description="a table of [segments] in which they must be")

    @model_validator(mode="after")
    def _one_way(self) -> Only:
        ways = [self.segment is not None, self.column is not None and bool(self.values), self.min_age is not None]
        if sum(ways) != 1 or (self.min_age is not None and self.column is None):
            raise ValueError("say it in one way: column and values, column and min_age, or segment")
        return self


class AudienceTable(Source):
    """The table `[audience]`: the recipients of this send, with their fields."""

    fields: Mapping[str, str] = Field(
        default_factory=dict, description="the column that a merge field is filled from, where the names differ"
    )
    only: tuple[Only, ...] = Field((), description="whom the offer is for")
    seeds: tuple[str, ...] = Field((), description="addresses of your own that must be in it, to see the mail arrive")
    internal: tuple[str, ...] = Field((), description="domains of your own")
    markets: Values = Field((), description="countries that the message is for, as the column country has them")


class SuppressionList(Source):
    """One list of people who must not get the mail."""

    name: str = Field("", description="what people call it; the file name by default")
    holds: Literal["addresses", "domains"] = Field("addresses", description="what its entries are")
    hash: Literal["md5", "sha1", "sha256"] | None = Field(None, description="how its entries are hashed")
    salt: str = Field(
        "", description="what is put before the address before it is hashed; ${NAME} from the environment"
    )
    salt_behind: bool = Field(default=False, description="whether the salt is put behind the address")
    reason: str = Field("", description="why they are on it: unsubscribed, bounced, complained, blocked, deleted")
    max_age_days: int | None = Field(None, ge=1, description="its newest entry, or the file, may be that old at most")

    @model_validator(mode="after")
    def _hashes_are_of_addresses(self) -> SuppressionList:
        if self.hash is not None and self.holds == "domains":
            raise ValueError('hash and holds = "domains" are both given; only addresses are hashed, so keep one')
        return self


class SuppressionTable(SuppressionList):
    """The table `[suppression]`: one list, or several in `[[suppression.lists]]`."""

    lists: tuple[SuppressionList, ...] = Field((), description="the lists, when they are several")
    newest: date | None = Field(None, description="when somebody last opted out, as you know it from elsewhere")

    @model_validator(mode="after")
    def _some_list(self) -> SuppressionTable:
        if self.lists and (self.source or self.people):
            raise ValueError("give either source, for one list, or lists, for several")
        ignored = sorted(self.model_fields_set - {"lists", "newest", "source", "people"})
        if self.lists and ignored:
            raise ValueError(f"{ignored[0]} is of one list, and there are several lists; say it of each of them")
        return self

    def _is_said(self) -> bool:
        return bool(self.source or self.people or self.lists)

    @property
    def every(self) -> tuple[SuppressionList, ...]:
        """All lists."""
        own = self.model_dump(exclude={"lists", "newest"}, exclude_unset=True)
        return self.lists or (SuppressionList.model_validate(own),)


class ReconciliationTable(_Strict):
    """The table `[reconciliation]`: from those who were aimed at to those who get the mail."""

    targeted: int = Field(ge=0, description="how many were aimed at")
    sendable: int | None = Field(None, ge=0, description="how many get it; by default counted in the audience")
    excluded: Mapping[str, int] = Field(default_factory=dict, description="how many were taken out, for each reason")
