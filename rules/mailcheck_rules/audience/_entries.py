"""The entries of suppression lists: whether each of them can stop somebody."""

from __future__ import annotations

from pydantic import Field

from mailcheck import Problem, Problems, bad, good, rule
from mailcheck.audience.facts import Suppression
from mailcheck_rules._words import Options, count, percent, such_as

_TWENTY = [f"person.{number}@shop.example" for number in range(20)]


class UselessOptions(Options):
    known: int = Field(0, ge=0, description="useless entries of a list that are known, and not told")


@rule(severity="warning")
@bad(suppression={"people": [*_TWENTY, "Ann Lee"], "name": "optout.csv"}, html="<p>x</p>", at="optout.csv")
@bad(suppression={"people": [*_TWENTY, "ann@shop,example"], "name": "optout.csv"}, html="<p>x</p>", at="optout.csv")
@good(suppression={"people": [*_TWENTY, "Ann Lee <ann@shop.example>", "# of May", "n/a"]}, html="<p>x</p>")
@good(suppression={"people": [*_TWENTY, "Ann Lee"]}, options={"known": 1}, html="<p>x</p>")
def suppression_useless(suppression: Suppression, options: UselessOptions) -> Problems:
    """A suppression list holds entries that stop nobody: names, numbers, broken addresses.

    Somebody may have said no behind each of them, and gets the mail all the same. Empty rows, a program's word for nothing
    and comments (`# …`) do not count. Where a tenth of a list is like that, where several addresses stand in one field, or
    bare domains among addresses, the check of the list is no finding but an error, and the verdict unsure: nobody knows
    then whom the list is meant to stop.
    """
    for one in suppression.lists:
        number = one.useless.count
        if number <= options.known:
            continue
        what = "domain" if one.table.holds == "domains" else "address"
        yield Problem(
            f"{count(number, 'entry', 'entries')} of the {one.rows:,} on the suppression list {one.name} "
            f"({percent(number, one.rows)}) {'is' if number == 1 else 'are'} no {what} and stop{'s' if number == 1 else ''} "
            f"nobody{such_as(one.useless.examples)}; correct them, or take them out.",
            evidence=one.name,
            data={
                "list": one.name,
                "entries": one.rows,
                "useless": number,
                "examples": list(one.useless.examples),
            },
        )
