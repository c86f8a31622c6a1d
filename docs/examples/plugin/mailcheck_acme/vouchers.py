"""Voucher codes: a fact that finds them, and rules about them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from mailcheck import Absent, Fix, Problem, Problems, Span, bad, fact, good, rule, skip
from mailcheck.content.markup import Markup

_CODE = re.compile(r"\bcode:?\s+(?P<code>[A-Za-z]{3,12}[0-9]{1,3})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher code in the copy. Anything with a `span` knows its place, and can be the `at` of a problem."""

    code: str
    span: Span


@fact
def vouchers(markup: Markup) -> tuple[Voucher, ...]:
    """The voucher codes of the HTML part: what follows the word "code" in its visible text.

    Computed once, however many rules ask for it. A tuple, because more than one rule reads it.
    """
    if not markup.blocks:
        raise Absent("the HTML part has no visible text")
    found = []
    for text in markup.texts:
        for match in _CODE.finditer(text.span.text):
            start, end = match.span("code")
            span = text.span.part.at(text.span.start + start, text.span.start + end)
            found.append(Voucher(match["code"], span))
    return tuple(found)


class Options(BaseModel):
    """The options of `vouchers/unknown`: the schema, the defaults and the table in the docs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: tuple[str, ...] = Field((), description="the codes that the shop accepts, in capitals")


@rule(since="1.0.0")
@bad(html="<p>Use code SUMMER20 today.</p>", options={"codes": ["SPRING20"]}, at="SUMMER20")
@bad(
    html="<p>Code: SPRNG20</p><p>or code WELCOME10</p>",
    options={"codes": ["SPRING20", "WELCOME10"]},
    at="SPRNG20",
)
@good(html="<p>Use code SPRING20 today.</p>", options={"codes": ["SPRING20"]})
@good(html="<p>Use code spring20 today.</p>", options={"codes": ["SPRING20"]})
@good(html="<p>The code of conduct has 20 pages.</p>", options={"codes": ["SPRING20"]})
def unknown(vouchers: tuple[Voucher, ...], options: Options) -> Problems:
    """A voucher code is not one of those that the shop accepts.

    The customer fills a basket, and the code does not work. Say in the settings which codes there are:
    `codes = ["SPRING20"]`.
    """
    if not options.codes:
        skip('no codes are known (`codes = ["SPRING20"]` under rules."vouchers/unknown" in the settings)')
    for voucher in vouchers:
        if voucher.code.upper() not in options.codes:
            known = ", ".join(options.codes)
            yield Problem(f"The shop does not accept the code {voucher.code}; it accepts {known}.", at=voucher)


@rule(severity="warning", since="1.0.0")
@bad(
    html="<p>Use code Spring20, or code welcome10.</p>",
    at=("Spring20", "welcome10"),
    fixed="<p>Use code SPRING20, or code WELCOME10.</p>",
)
@good(html="<p>Use code SPRING20 today.</p>")
def lower_case(vouchers: tuple[Voucher, ...]) -> Problems:
    """A voucher code is not written in capitals.

    The shop takes it either way, but people copy what they see, and the printed cards say it in capitals.
    """
    for voucher in vouchers:
        if not voucher.code.isupper():
            fix = Fix.replace(voucher, voucher.code.upper())
            yield Problem(f"Write the code {voucher.code} in capitals.", at=voucher, fix=fix)
