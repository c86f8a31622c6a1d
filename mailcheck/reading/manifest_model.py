"""The shape of `campaign.toml`: the models are the schema of the documentation as well."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from mailcheck.audience.schedule_table import ScheduleTable
from mailcheck.audience.tables import AudienceTable, ReconciliationTable, SuppressionList, SuppressionTable
from mailcheck.campaign import Kind, Stage
from mailcheck.catalogue.table import CatalogueTable
from mailcheck.reading.charset import without_half_pairs

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
_HEADER_NAME = re.compile(r"[!-9;-~]+")


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("is no name of a header field; use ASCII letters and hyphens")
    if name.lower() in {"subject", "from", "reply-to"}:
        raise ValueError(f"has a place of its own; use {name.lower().replace('-', '_')} beside html")
    return name


def _whole(text: str) -> str:
    if without_half_pairs(text) != text:
        raise ValueError("has half of a surrogate pair, which is no character; write the whole character")
    if "\0" in text:
        raise ValueError("has a NUL character, which no mail may hold; delete it")
    return text


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"{tag[:20]!r} is no language tag; write one such as 'nl' or 'nl-BE'")
    return tag


Text = Annotated[str, Strict(), AfterValidator(_whole)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
Language = Annotated[Text, AfterValidator(_language)]
Languages = Annotated[tuple[Language, ...], Field(strict=False)]
HeaderName = Annotated[Text, AfterValidator(_header_name)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class MessageTable(_Strict):
    """The table `[message]`, whose keys may stand at the top level too.

    Files are relative to the manifest and within its folder.
    """

    subject: Text | None = Field(None, description="the subject line")
    preheader: Text | None = Field(None, description="the preview text behind the subject")
    from_: Text | None = Field(None, alias="from", description="the sender: `Shop <news@shop.example>`")
    sender: Text | None = Field(None, description="another name of `from`, which is a keyword in Python")
    reply_to: Text | None = Field(None, description="where answers go")
    html: Text | None = Field(None, description="the HTML part")
    mjml: Text | None = Field(None, description="MJML source, instead of the HTML part")
    text: Text | None = Field(None, description="the plain-text part")
    headers: Mapping[HeaderName, Annotated[Texts, BeforeValidator(_one_or_more)]] | None = Field(
        None, description="other header fields: a text, or a list of texts for a field that stands several times"
    )
    html_file: Text | None = Field(None, description="file with the HTML part")
    mjml_file: Text | None = Field(None, description="file with MJML source")
    text_file: Text | None = Field(None, description="file with the plain-text part")
    amp: Text | None = Field(None, description="the AMP part")
    amp_file: Text | None = Field(None, description="file with the AMP part")
    eml_file: Text | None = Field(None, description="a finished mail, instead of everything else")


class HistoryColumns(_Strict):
    """The table `[history.columns]`: what the columns of `file` are called, where they are not called so."""

    id: Text | None = Field(None, description="id of the campaign")
    family: Text | None = Field(None, description="its family; without this column, every row is of this campaign's")
    name: Text | None = Field(None, description="its name")
    kind: Text | None = Field(None, description="`marketing`, `transactional` or `apology`")
    sent: Text | None = Field(None, description="when it was sent: `2027-03-31` or `2027-03-31 14:30`")
    recipients: Text | None = Field(None, description="how many it went to")
    distinct: Text | None = Field(None, description="how many distinct addresses that were")
    subject: Text | None = Field(None, description="the subject line")
    sender: Text | None = Field(None, description="the From header")


class PastSendTable(_Strict):
    """One earlier send, written in the manifest itself: `[[history.sends]]`."""

    sent: datetime | date | Text = Field(description="when it went out")
    recipients: int = Field(ge=0, description="to how many")
    id: Text | None = Field(None, description="id at the sending service")
    family: Text | None = Field(None, description="by default that of the campaign")
    name: Text | None = Field(None, description="its name")
    kind: Kind | None = Field(None, description="what the law sees in it")
    distinct: int | None = Field(None, ge=0, description="distinct addresses")
    subject: Text | None = Field(None, description="the subject line")
    sender: Text | None = Field(None, description="the From header")
    digest: Text | None = Field(None, description="of its content, as the history shows it")
    domains: Mapping[Text, int] | None = Field(None, description="recipients by domain, the frequent ones")
    countries: Mapping[Text, int] | None = Field(None, description="recipients by country")
    sources: Mapping[Text, int] | None = Field(None, description="recipients by source")
    locales: Mapping[Text, int] | None = Field(None, description="recipients by language")
    counts: Mapping[Text, int] | None = Field(None, description="other counts, such as `suppressed`")


class HistoryTable(_Strict):
    """The table `[history]`. Files are relative to the manifest, and beside it or in the project."""

    store: Text | None = Field(
        None, min_length=1, description="where sends are recorded: a file, or `postgresql://…`; settings and flags win"
    )
    file: Text | None = Field(None, min_length=1, description="a CSV of past sends, which is only read")
    columns: HistoryColumns | None = Field(None, description="names of its columns")
    sends: Annotated[tuple[PastSendTable, ...], Field(strict=False)] = Field(
        (), description="past sends themselves, each a table"
    )


class OfferTable(_Strict):
    """The table `[offer]`: what the campaign offers."""

    codes: Texts = Field((), description="the coupon codes that readers are to use; a mail that shows another is held")


FreeTable = Mapping[Text, object]


class Manifest(MessageTable):
    """A whole campaign: `campaign.toml`, the same as JSON, or a Python mapping.

    A table that nothing judges yet is free; it gets its model here, in the place of `FreeTable`.
    """

    id: Text = Field("", description="id of the campaign at the sending service")
    name: Text = Field("", description="its name, for people")
    family: Text = Field("", description="campaigns of one family are compared with each other")
    kind: Kind = Field("marketing", description="what the law sees in it")
    stage: Stage | None = Field(None, description="tags are fine (`template`), or an error (`rendered`)")
    dialect: Text | None = Field(None, description="the merge-tag dialect of the sending service")
    locale: Language | None = Field(None, description="language of the message, BCP 47")
    locales: Languages | None = Field(None, description="languages of the message, when there are several")
    fields: Texts | None = Field(None, description="names of the fields that the audience has")
    message: MessageTable | None = Field(None, description="what is mailed")
    audience: AudienceTable | None = Field(None, description="the recipients")
    suppression: SuppressionTable | None = Field(None, description="people who must not get it")
    segments: Mapping[Text, SuppressionList] | None = Field(None, description="named tables of people")
    reconciliation: ReconciliationTable | None = Field(None, description="from those aimed at to those who get it")
    history: HistoryTable | None = Field(None, description="earlier sends of the family")
    schedule: ScheduleTable | None = Field(None, description="when it is sent")
    offer: OfferTable | None = Field(None, description="what is offered")
    catalogue: CatalogueTable | None = Field(None, description="products and prices")
    brand: FreeTable | None = Field(None, description="names, colours and domains of the brand")
    approval: FreeTable | None = Field(None, description="who approved it")
    service: FreeTable | None = Field(None, description="what the sending service says of it: lists, segments, sender")


TABLES = (
    "audience",
    "suppression",
    "segments",
    "reconciliation",
    "history",
    "schedule",
    "catalogue",
    "offer",
    "brand",
    "approval",
    "service",
)

# Of each group only one may be given: in the same table, and `message` never beside the short form.
ALTERNATIVES = (
    ("html", "html_file", "mjml", "mjml_file"),
    ("text", "text_file"),
    ("amp", "amp_file"),
    ("from", "sender"),
    ("locale", "locales"),
)
