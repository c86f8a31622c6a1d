"""The statements that normalise a column of addresses and sort out what the engine cannot.

One scan gives each row its address in normal form and a state. What is plain ASCII, as almost everything is, is done by
a regular expression in the engine; the rest is left as it is, in the state `ODD`, for `addresses`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from msgspec import Struct

from mailcheck.audience.addresses import FAULTS, INVISIBLE, SPACES, Fault
from mailcheck.audience.dialect import Dialect

BLANK, GOOD, ODD, FIRST_FAULT = 0, 1, 2, 10
"""States of an address: there is none; plain or found valid; not looked at yet; invalid, the kind of fault added."""

FAULT_STATES: dict[Fault, int] = {fault: FIRST_FAULT + number for number, fault in enumerate(FAULTS)}

_NOT_PLAIN = "[^A-Za-z0-9.@_+-]|@[^@]*@|[.][.]|[.]@|^[.@]"
_LONG_SIDE = "[^@]{65}"
_ATOM = "[A-Za-z0-9_+-]+"
_ALL_PLAIN = f" *{_ATOM}([.]{_ATOM})*@([.]?{_ATOM})* *"
"""Just what `_NOT_PLAIN` leaves, as one pattern; an empty or odd domain too, which is judged once for all of it."""

FINE, EMPTY, NULL_LIKE, MARKUP, CAPITALS = 0, 1, 2, 3, 4
"""States of a field's value: good; nothing or spaces; a program's word for nothing; a tag or markup; shouted."""

NULL_WORDS = (
    *("null", "NULL", "Null", "none", "NONE", "n/a", "N/A", "#N/A", "nan", "NaN", "undefined", "nil", "NIL"),
    *("(null)", "(none)", "[null]", "<null>", "-", "--", "?", "unknown", "Unknown", "UNKNOWN", "None"),
)
NOTHING = frozenset(("", *(word.lower() for word in NULL_WORDS)))
"""Nothing, and a program's words for it, in small letters."""
_MARKUP = "[<][a-zA-Z/!]|[{][{%]|[}][}]|[*][|]|[|][*]|%%|[$][{]|&[a-z]+;|&#[0-9]+;"
_NO_MARKS = "<{}%*|$&#(?" + SPACES
_MARKS = f"[{_NO_MARKS}]"
_USUAL = f"([A-MO-TV-Z][a-z]|[a-mo-tv-z])[^{_NO_MARKS}]*"
"""A small letter, no mark, and no beginning of a word for nothing."""
_THREE_CAPITALS = "[A-Z][^A-Z]*[A-Z][^A-Z]*[A-Z]"

_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_TO_SMALL = str.maketrans(_CAPITALS, _SMALL)


class Column(Struct, frozen=True):
    """A column of a kept relation, and the expression in the source that it is made of."""

    name: str
    expression: str


def staged(dialect: Dialect, source: str, address: str, kept: Sequence[Column] = ()) -> str:
    """The statement that gives every row of a source its address, the state of it, and more columns.

    Args:
        dialect: of the engine that holds the source.
        source: a relation, as it stands behind FROM.
        address: the expression of the address column.
        kept: further columns.

    Returns:
        a SELECT with the columns `address`, `state` and those of `kept`.
    """
    more = "".join(f", {one.name}" for one in kept)
    raw = "".join(f", {one.expression} AS {one.name}" for one in kept)
    first = f"SELECT {dialect.binary(dialect.cast(address))} AS raw_{raw} FROM {source} source_{dialect.fence}"
    second = f"SELECT raw_, {_plain(dialect, 'raw_')} AS plain_{more} FROM ({first}) first_{dialect.fence}"
    # `trim` is dear there, and most have nothing to take off; what is plain has spaces at its ends only.
    spaced = "CASE WHEN raw_ LIKE '% %' THEN trim(raw_) ELSE raw_ END"
    bare = spaced if dialect.whole else "raw_"
    trimmed = f"CASE WHEN plain_ THEN {bare} ELSE {spaces_off(dialect, 'raw_')} END"
    third = f"SELECT raw_, plain_, {trimmed} AS trimmed_{more} FROM ({second}) second_{dialect.fence}"
    clear = f"CASE WHEN plain_ THEN plain_ ELSE {_plain(dialect, 'trimmed_')} END"
    fourth = f"SELECT raw_, trimmed_, {clear} AS plain_{more} FROM ({third}) third_{dialect.fence}"
    chosen = "CASE WHEN plain_ THEN lower(trimmed_) WHEN trimmed_ = '' THEN NULL ELSE raw_ END"
    state = f"CASE WHEN plain_ THEN {GOOD} WHEN raw_ IS NULL OR trimmed_ = '' THEN {BLANK} ELSE {ODD} END"
    columns = f"{dialect.binary(chosen)} AS address, CAST({state} AS {dialect.small}) AS state"
    return f"SELECT {columns}{more} FROM ({fourth}) fourth_"


HAS_DOMAIN = f"(state = {GOOD} OR (address LIKE '%@%' AND NOT address LIKE '%@%@%'))"
"""The condition that a row's normal address has one @, and so a domain, whatever is wrong with its spelling."""


def _plain(dialect: Dialect, text: str) -> str:
    """Whether a text is an address of plain ASCII; with spaces around it where the dialect looks at the whole."""
    # Counting in a regular expression is what some engines are slow at, and hardly an address is so long.
    short = f"(length({text}) < 66 OR NOT {dialect.matches(text, _LONG_SIDE)})"
    if dialect.whole is not None:
        # DuckDB computes all of an AND or OR that is selected, and stops early only in a condition.
        whole = f"{dialect.whole(text, dialect.literal(_ALL_PLAIN))} AND {short}"
        return f"CASE WHEN {whole} THEN (1 = 1) ELSE (1 = 0) END"
    return f"({text} LIKE '%@%' AND NOT {dialect.matches(text, _NOT_PLAIN)} AND NOT {text} LIKE '%.' AND {short})"


def spaces_off(dialect: Dialect, text: str) -> str:
    """A text without spaces of any kind at its ends."""
    return f"trim(translate({text}, {dialect.literal(SPACES)}, {dialect.literal(' ' * len(SPACES))}))"


def folded(dialect: Dialect, text: str) -> str:
    """A text without spaces at its ends and with small ASCII letters: engines differ in what else has a small form."""
    rest = (
        f"trim(translate({text}, {dialect.literal(SPACES + _CAPITALS)}, {dialect.literal(' ' * len(SPACES) + _SMALL)}))"
    )
    # Printable ASCII has the same small form everywhere, and `lower` costs a hundredth of `translate`.
    return f"CASE WHEN {dialect.matches(text, '[^ -~]')} THEN {rest} ELSE trim(lower({text})) END"


def spellings(values: Iterable[str]) -> tuple[str, ...]:
    """The forms that `folded` may give to some values in small letters, capitals, or a capital at the start."""
    forms = {
        composed(form.strip(f" {SPACES}"))
        for value in values
        for form in (value, value.lower(), value.upper(), value.capitalize(), value.title())
        for composed in (_composed, _decomposed)
    }
    return tuple(sorted(form.translate(_TO_SMALL) for form in forms))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _unseen_off(dialect: Dialect, text: str) -> str:
    hidden = INVISIBLE.replace("\x00", "")
    return f"trim(translate({text}, {dialect.literal(SPACES + hidden)}, {dialect.literal(' ' * len(SPACES + hidden))}))"


def is_blank(dialect: Dialect, column: str) -> str:
    """The condition that nothing can be seen in a column."""
    return f"({column} IS NULL OR {_unseen_off(dialect, dialect.cast(column))} = '')"


def _is_word(dialect: Dialect, text: str) -> str:
    """Whether a text is a program's word for nothing."""
    wrapped = dialect.concat(dialect.concat("'|'", text), "'|'")
    return _is_within(dialect, wrapped, "|" + "|".join(NULL_WORDS) + "|")


def _begins_word(dialect: Dialect, text: str) -> str:
    """Whether a text begins like a program's word for nothing, or with a space: a cheap question before the other."""
    return _is_within(dialect, f"substr({text}, 1, 1)", "".join(sorted({" ", *(word[0] for word in NULL_WORDS)})))


def _is_within(dialect: Dialect, part: str, whole: str) -> str:
    """Whether a text that is not empty stands in another. DuckDB makes a join of a long `IN`, for every row."""
    return f"(replace({dialect.literal(whole)}, {part}, '') <> {dialect.literal(whole)})"


def field_state(dialect: Dialect, column: str) -> str:
    """The expression of the state of a field's value, as a small number."""
    text = dialect.binary(dialect.cast(column))
    # Almost every value ends at the second or third line; what is below costs several times as much.
    usual = f"{dialect.matches(text, '[a-z]')} AND NOT {dialect.matches(text, _MARKS)}"
    null_like = f"CASE WHEN {_begins_word(dialect, text)} THEN {{}} ELSE {FINE} END"
    word = f"CASE WHEN {_is_word(dialect, f'trim({text})')} THEN {NULL_LIKE} ELSE {FINE} END"
    at_once = f" WHEN {dialect.whole(text, dialect.literal(_USUAL))} THEN {FINE}" if dialect.whole else ""
    at_once += f" WHEN trim({text}) = '' THEN {EMPTY}"
    state = (
        f"CASE WHEN {column} IS NULL THEN {EMPTY}{at_once}"
        f" WHEN {usual} THEN {null_like.format(word)}"
        f" WHEN {_unseen_off(dialect, text)} = '' THEN {EMPTY}"
        f" WHEN {_is_word(dialect, spaces_off(dialect, text))} THEN {NULL_LIKE}"
        f" WHEN {dialect.matches(text, _MARKUP)} THEN {MARKUP}"
        f" WHEN {dialect.matches(text, '[a-z]')} THEN {FINE}"
        f" WHEN {dialect.matches(text, _THREE_CAPITALS)} THEN {CAPITALS} ELSE {FINE} END"
    )
    return f"CAST({state} AS {dialect.small})"
