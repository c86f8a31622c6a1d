"""Merge tags against the people whose data fills them in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from pydantic import Field

from mailcheck import Campaign, Problem, Problems, bad, good, rule, skip
from mailcheck.audience.field_values import FieldValues
from mailcheck.audience.tallies import Coverage
from mailcheck.content.fields import audience_name, is_unguarded, person_of
from mailcheck.content.tags import Tag, Tags
from mailcheck_rules._words import Options, begin, has_have, listed, of_all, percent, such_as

_EXPOSED = ("subject", "preheader")
_BLANK = {"people": [{"email": "ann@shop.example", "FNAME": "Ann"}, {"email": "ben@shop.example", "FNAME": " "}]}
_NULL = {"people": [{"email": "ann@shop.example", "FNAME": "Ann"}, {"email": "ben@shop.example", "FNAME": "NULL"}]}
_LOUD = {"people": [{"email": "ann@shop.example", "FNAME": "ANN"}, {"email": "ben@shop.example", "FNAME": "BEN"}]}
_TAGGED = {"people": [{"email": "ann@shop.example", "FNAME": "<b>Ann</b>"}]}
_PAGES = {"people": [{"email": "ann@shop.example", "PAGE": "sale"}, {"email": "ben@shop.example", "PAGE": ""}]}
_NONE = {"people": [{"email": "ann@shop.example", "FNAME": "Ann"}]}


class CoverageOptions(Options):
    blank: float = Field(0.001, ge=0, le=1, description="share of people without a value from which it is told")
    most: float = Field(0.01, ge=0, le=1, description="share from which it is an error")
    people: int = Field(1000, ge=1, description="people from which it is an error, whatever the share")
    junk: float = Field(0.0005, ge=0, le=1, description="share of values such as `null` or `<b>` from which it is told")
    capitals: float = Field(0.1, ge=0, le=1, description="share of names in capitals from which it is told")


@rule(severity="warning")
@bad(html="<p>Hi *|FNAME|*,</p>", dialect="mailchimp", audience=_BLANK, at="*|FNAME|*")
@bad(html="<p>Hi {{ FNAME|default:'you' }},</p>", dialect="klaviyo", audience=_NULL, at="{{ FNAME|default:'you' }}")
@bad(html="<p>Hi *|FNAME|*,</p>", dialect="mailchimp", audience=_TAGGED, at="*|FNAME|*")
@bad(html="<p>Hi *|FNAME|*,</p>", dialect="mailchimp", audience=_LOUD, at="*|FNAME|*")
@bad(html="<p>Hi *|FNAME|* in *|TOWN|*,</p>", dialect="mailchimp", audience=_NONE, at="*|TOWN|*")
@bad(html='<a href="https://shop.example/*|PAGE|*">x</a>', dialect="mailchimp", audience=_PAGES, at="*|PAGE|*")
@good(html="<p>Hi *|FNAME|*,</p>", dialect="mailchimp", audience=_NONE)
@good(html='<a href="https://shop.example/?c=*|PAGE|*">x</a>', dialect="mailchimp", audience=_PAGES)
@good(html="<p>Hi {{ FNAME|default:'you' }},</p>", dialect="klaviyo", audience=_BLANK)
def coverage(tags: Tags, field_values: FieldValues, campaign: Campaign, options: CoverageOptions) -> Problems:
    """A field that the message uses is blank, `null`, in capitals or full of markup for many recipients.

    Counted are the rows of the audience, for each field: blank or only spaces, where the tag has no fallback; a program's
    word for nothing (`null`, `n/a`), which no fallback catches; a tag or markup; for names of people, capitals. In links, what
    follows the `?` may be blank. It is an error from `most` on, or when so many `people` would read a hole. Where a field has no column in the list at all, say
    which it is with `fields` in the table `[audience]`.
    """
    if campaign.stage == "rendered":
        skip("a rendered mail is filled in already")
    used = _used(tags)
    if not used:
        skip("the message fills in no field of the audience")
    if not any(field_values.has(field) or field_values.unclear(field) for field in used):
        skip(f"the list has no column for {listed(used)} (`fields` in the table [audience] says which it is)")
    for field, where in used.items():
        if field_values.has(field):
            seen = _Seen(field, where, field_values, field_values.coverage(field), options)
            yield from (*seen.holes(tags), *seen.junk(), *seen.capitals())
        elif field_values.unclear(field):
            yield Problem(
                f"Several columns of the list may be {field} ({listed(field_values.unclear(field), 6)}), so it is not known "
                f"for how many recipients {_quote(where.tag)} is blank; say which one it is (`fields` in the table "
                "[audience]).",
                at=where.tag,
                data={"field": field, "columns": list(field_values.unclear(field))},
            )
        elif campaign.fields is None:
            # Where the fields are declared, merge_tags/unknown_field says what is none.
            yield Problem(
                f"The list has no column for {field}, so it is not known for how many recipients {_quote(where.tag)} is "
                "blank; say which column it is (`fields` in the table [audience]).",
                at=where.tag,
                data={"field": field},
            )


class _Use(Struct, frozen=True):
    """Where a field is filled in: the tag that shows most, whether any has no fallback, and a link made with it."""

    tag: Tag
    unguarded: bool
    link: Tag | None


def _used(tags: Tags) -> dict[str, _Use]:
    found: dict[str, list[Tag]] = {}
    for tag in tags:
        name = audience_name(tag, tags, {})
        if name:
            found.setdefault(name, []).append(tag)
    return {name: _shown_most(ones, tags) for name, ones in found.items()}


def _shown_most(ones: list[Tag], tags: Tags) -> _Use:
    def rank(tag: Tag) -> tuple[bool, bool]:
        return (not is_unguarded(tag, tags), not (tag.greeted or tag.span.part.name in _EXPOSED))

    first = min(ones, key=rank)
    links = (tag for tag in ones if tag.place.is_url and not (tag.default or tag.guarded) and _leads(tag))
    return _Use(first, is_unguarded(first, tags), next(links, None))


def _leads(tag: Tag) -> bool:
    """Whether a tag stands in the part of a link that says where it leads; a parameter may well be blank."""
    before = tag.span.part.text[max(0, tag.span.start - 2_000) : tag.span.start]
    return not any(mark in re.split(r"[\"'\s]", before)[-1] for mark in "?#")


_JUNK: tuple[tuple[Literal["null_like", "markup"], str, str], ...] = (
    ("null_like", "“null” or the like", "which no fallback catches"),
    ("markup", "a tag or markup", "which is mailed as it stands, or breaks the mail"),
)


class _Seen(Struct, frozen=True):
    """One field and what its column holds."""

    field: str
    where: _Use
    values: FieldValues
    found: Coverage
    options: CoverageOptions

    def holes(self, tags: Tags) -> Iterator[Problem]:
        """Blank values that no fallback fills."""
        number = self.found.empty
        if not number or number < self.options.blank * self.found.rows:
            return
        if not self.where.unguarded:
            yield from self._broken_links(number)
            return
        fails = tags.dialect is not None and tags.dialect.missing == "send_fails"
        what = "these people may not get the mail at all" if fails else "these people read a hole"
        yield self._problem(
            number,
            f"{has_have(number)} no {self.field}, and {_quote(self.where.tag)} has no fallback: {what}"
            f"{such_as(self.values.examples_of(self.field, 'empty'))}. Give it a fallback, or leave these people out.",
        )

    def _broken_links(self, number: int) -> Iterator[Problem]:
        if self.where.link is not None:
            yield self._problem(
                number,
                f"{has_have(number)} no {self.field}, and a link is made with {_quote(self.where.link)}: it leads these people "
                f"nowhere{such_as(self.values.examples_of(self.field, 'empty'))}. Give it a fallback, or leave "
                "these people out.",
                at_most="warning",
                at=self.where.link,
            )

    def junk(self) -> Iterator[Problem]:
        """Values that are printed and should not be."""
        for sort, what, why in _JUNK:
            number = self.found.null_like if sort == "null_like" else self.found.markup
            if number and number >= self.options.junk * self.found.rows:
                yield self._problem(
                    number,
                    f"{has_have(number)} {what} in {self.field}, {why}{such_as(self.values.examples_of(self.field, sort))}. "
                    "Correct the data before sending.",
                )

    def capitals(self) -> Iterator[Problem]:
        """Names of people that are shouted."""
        number = self.found.capitals
        if number and person_of(self.where.tag) and number >= self.options.capitals * self.found.rows:
            yield self._problem(
                number,
                f"{has_have(number)} {self.field} in capitals; “Dear ANNA” reads as if a machine wrote it. Correct the "
                "data, or write it with a capital at the start in the template.",
                at_most="warning",
            )

    def _problem(self, number: int, text: str, at_most: str = "error", at: Tag | None = None) -> Problem:
        grave = number >= self.options.most * self.found.rows or number >= self.options.people
        return Problem(
            f"{begin(of_all(number, self.found.rows, 'rows'))} ({percent(number, self.found.rows)}) {text}",
            at=at or self.where.tag,
            severity="error" if grave and at_most == "error" else None,
            data={
                "field": self.field,
                "rows": self.found.rows,
                "empty": self.found.empty,
                "null_like": self.found.null_like,
                "markup": self.found.markup,
                "capitals": self.found.capitals,
                "fallback": not self.where.unguarded,
                "examples": list(self.found.examples),
            },
        )


def _quote(tag: Tag) -> str:
    folded = " ".join(tag.text.split())
    return folded if len(folded) <= 60 else f"{folded[:59]}…"
