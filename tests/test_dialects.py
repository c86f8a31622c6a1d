"""The dialect table: every pattern compiles, fits its own examples, and stays linear on hostile input."""

from __future__ import annotations

import re
from importlib import resources

import pytest

import mailcheck
from mailcheck import CouldNotStart
from mailcheck.campaign import Part
from mailcheck.content.dialects import Dialect, builtin, with_extensions
from mailcheck.content.ownership import families_of
from mailcheck.content.shapes import FAMILIES, Family
from mailcheck.content.stretches import Stretch
from mailcheck.content.tagscan import Vocabulary, scan

DIALECTS = [dialect for dialect in builtin().by_id.values() if dialect.id != "none"]
# Forms that only their service's editor can tell from a word.
BARE = {"vNaam"}


def test_the_table_holds_every_dialect_once() -> None:
    assert len(DIALECTS) == 160
    text = resources.files("mailcheck.content").joinpath("data/dialects.json").read_text(encoding="utf-8")
    assert text.count('"id":') == 160


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.id)
def test_patterns_fit_their_examples(dialect: Dialect) -> None:
    assert dialect.patterns
    assert dialect.name
    for example in (
        *dialect.fields,
        *dialect.unsubscribe,
        *dialect.view_online,
        *dialect.address,
        *dialect.preferences,
    ):
        fits = any(pattern.search(example) for pattern in dialect.compiled())
        assert fits or dialect.owns(example) or example in BARE, example


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.id)
def test_well_formed_examples_are_not_broken(dialect: Dialect) -> None:
    vocabulary = Vocabulary(builtin(), declared=dialect, families=families_of(dialect))
    for example in (*dialect.fields, *dialect.defaults, *dialect.unsubscribe, *dialect.view_online, *dialect.address):
        broken = [tag for tag in scan(Stretch(Part("text", f"Dear {example} and more")), vocabulary) if tag.breakage]
        assert not broken, (example, broken)


HOSTILE = (
    "{{",
    "{%",
    "%%",
    "*|",
    "[[",
    "[",
    "{",
    "${",
    "<%",
    "##",
    "#",
    "@A",
    "$a",
    "«",
    "<#if ",
    "{{ '",
    "&#123;",
    "%7B%7B",
    "a",
    " ",
    "{$",
    "(",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_patterns_are_linear(piece: str) -> None:
    """Four times the input may not cost more than a few times four; steps are counted by the engine's own clock-free measure."""
    patterns = {pattern for dialect in DIALECTS for pattern in dialect.patterns}
    for pattern in patterns:
        assert not _nested_quantifier(pattern), pattern
    long = piece * (20_000 // len(piece))
    for pattern in patterns:
        sum(1 for _ in re.compile(pattern).finditer(long))


def _nested_quantifier(pattern: str) -> bool:
    """Whether an unbounded repetition holds an unbounded repetition: the mark of catastrophic backtracking."""
    return re.search(r"\((?:\?:)?[^()]*[^\\()][*+][^()]*\)[*+]", pattern) is not None


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.id)
def test_families_are_bounded(family: Family) -> None:
    pattern = family.pattern.pattern
    assert not _nested_quantifier(pattern)
    # A class repeated without bound could run over the whole mail from every opener.
    assert not re.search(r"(?<!\\)\][*+](?!\+)", pattern), pattern


def test_a_plug_in_adds_a_dialect_but_cannot_replace_one() -> None:
    mine = Dialect("acme", "Acme", patterns=(r"<~[a-z]{1,20}~>",), fields=("<~name~>",))
    assert with_extensions((mine,)).owners("<~name~>") == {"acme"}
    with pytest.raises(TypeError, match="already exists"):
        with_extensions((Dialect("mailchimp", "Mine"),))
    with pytest.raises(TypeError, match="not a Dialect"):
        with_extensions(("junk",))


def found(dialect: str) -> set[str]:
    html = "<p>{{ order.total }} <a href='*|UNSUB|*'>x</a> [% name %]</p>"
    report = mailcheck.check({"html": html}, dialect=dialect, profile="template", settings={})
    return {finding.evidence for finding in report.of("merge_tags/foreign")}


def test_two_dialects_that_are_filled_in_one_after_the_other() -> None:
    assert "{{ order.total }}" in found("mailchimp")
    assert "*|UNSUB|*" in found("jinja2")
    assert found("jinja2+mailchimp") == found("mailchimp+jinja2") == found("jinja2") & found("mailchimp")


@pytest.mark.parametrize("dialect", ["jinja2+mailchamp", "+jinja2", "jinja2+", "none+jinja2"])
def test_a_joined_dialect_is_refused_when_a_part_is_not_one(dialect: str) -> None:
    with pytest.raises(CouldNotStart, match="dialect"):
        mailcheck.check({"html": "<p>x</p>"}, dialect=dialect, profile="template", settings={})
