"""The table `[catalogue]` of a manifest: where the products are, and what their columns mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from mailcheck.catalogue.fields import FIELDS, HISTORY
from mailcheck.suggest import did_you_mean

Format = Literal["merchant", "meta", "shopify", "schema", "table"]

_CURRENCY = re.compile(r"[A-Za-z]{3}")


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _currency(code: str) -> str:
    if not _CURRENCY.fullmatch(code):
        raise ValueError(f"{code[:20]!r} is no code of a currency; write one such as 'EUR'")
    return code.upper()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name[:40]!r} is no time zone; write one such as 'Europe/Oslo'") from None
    return name


def _known(columns: Mapping[str, str], fields: Mapping[str, str]) -> Mapping[str, str]:
    for name in columns:
        if name not in fields:
            raise ValueError(
                f"there is no field {name[:40]!r}{did_you_mean(name, fields) or '; there are ' + ', '.join(fields)}"
            )
    return columns


Row = Mapping[str, str | bool | int | float | Decimal | date | None]
Files = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_one_or_more)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class PriceHistoryTable(_Strict):
    """The table `[catalogue.history]`: what products have cost."""

    file: str | None = Field(
        None, min_length=1, description="a table of `id`, `date` and `price`: CSV, JSON lines, Parquet"
    )
    columns: Annotated[Mapping[str, str], AfterValidator(lambda given: _known(given, HISTORY))] = Field(
        default_factory=dict, description="names of its columns: `id`, `date`, `price`, `currency`"
    )
    prices: tuple[Row, ...] = Field((), description="the prices themselves, instead of a file")

    @model_validator(mode="after")
    def _one_of_both(self) -> PriceHistoryTable:
        if (self.file is None) == (not self.prices):
            raise ValueError("say where the prices are, by file, or which they are, by prices")
        return self


class CatalogueTable(_Strict):
    """The table `[catalogue]`: the products of the shop.

    Files are relative to the manifest, and beside it or in the project.
    """

    file: Files = Field((), description="one feed or several: CSV, TSV, XML, JSON, JSON lines, Parquet; also .gz")
    products: tuple[Row, ...] = Field((), description="the products themselves, instead of a file")
    format: Format | None = Field(None, description="what the feed is; found by looking at it when not given")
    columns: Annotated[Mapping[str, str], AfterValidator(lambda given: _known(given, FIELDS))] = Field(
        default_factory=dict, description="which column is what: id, sku, title, link, price, sale_price …"
    )
    currency: Annotated[str, AfterValidator(_currency)] | None = Field(
        None, description="of prices that say none, ISO 4217"
    )
    locale: str | None = Field(None, description="how its numbers are written; by default as that of the campaign")
    market: str | None = Field(
        None, description="of a Shopify export with prices of several markets, the one that counts"
    )
    tax: Literal["included", "excluded"] | None = Field(None, description="whether its prices include tax")
    zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None, description="IANA name of the zone of sale times without an offset; by default that of [schedule]"
    )
    encoding: str = Field("utf-8", description="of a text file: utf-8, utf-16, latin-1")
    delimiter: str | None = Field(None, min_length=1, max_length=3, description="of a CSV; found when not given")
    history: PriceHistoryTable | None = Field(None, description="what products have cost")

    @model_validator(mode="after")
    def _some_products(self) -> CatalogueTable:
        if bool(self.file) == bool(self.products):
            raise ValueError("say where the products are, by file, or which they are, by products")
        return self
