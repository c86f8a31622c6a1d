"""What differs in the SQL of the engines that hold lists: a small table, and nothing else.

The statements themselves are written once, in a common subset. Ibis was measured at five to eight times the time of
staged SQL on the same engine, and what has to be equal on every engine (trimming, case, regular expressions) is just
what generators leave to the engine; sqlglot checks the statements in the tests, in the grammar of each engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Hash = Literal["md5", "sha1", "sha256"]
Kept = Literal["table", "cached view", "subquery"]


def _quoted(mark: str) -> Callable[[str], str]:
    return lambda name: mark + name.replace(mark, mark * 2) + mark


_DOUBLE_QUOTED = _quoted('"')


def _plain_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _escaped_literal(text: str) -> str:
    """For engines in which a backslash escapes."""
    return "'" + "".join(_escape(char) for char in text) + "'"


def _escape(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    # Spark fills in what looks like a variable, ${x}, even within a literal.
    return char if (" " <= char <= "~" and char != "$") or ord(char) > 0xFFFF else f"\\u{ord(char):04x}"


def _values(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    listed = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"(SELECT * FROM (VALUES {listed}) inline_ ({', '.join(columns)}))"


def _selects(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """For engines that know VALUES only behind INSERT."""
    first = ", ".join(f"{value} AS {column}" for value, column in zip(rows[0], columns, strict=True))
    return " UNION ALL ".join([f"(SELECT {first}", *(f"SELECT {', '.join(row)}" for row in rows[1:])]) + ")"


def _structs(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    first = ", ".join(f"{value} AS {column}" for value, column in zip(rows[0], columns, strict=True))
    more = "".join(f", STRUCT({', '.join(row)})" for row in rows[1:])
    return f"(SELECT * FROM UNNEST([STRUCT({first}){more}]))"


class Dialect(Struct, frozen=True, kw_only=True):
    """How one engine says what engines say differently.

    Args:
        name: the name in sqlglot, and in the documentation.
        text: the type of texts.
        small: the type of small whole numbers.
        quote: an identifier, quoted.
        literal: a text, as a literal.
        found: `(expression, pattern)` → whether a regular expression is found anywhere in a text.
        whole: `(expression, pattern)` → whether a regular expression fits a whole text; None where that is slow, or
            engines differ in what ends a text. It is a short cut only, to what `found` says in several steps.
        hashes: `expression` → its hash in small hexadecimal digits; one that is not there, the engine cannot.
        split: `(expression, mark, 1 or 2)` → the text before or behind the only `mark` in it.
        binary: makes a text compare and sort by its code points.
        kept: how a relation is kept for the run: a temporary table, a cached view, or not at all.
        concat: joins texts.
        fence: keeps a sub-select from being dissolved, so that what it computes is computed once.
        inline: `(columns, rows of literals)` → a relation of these rows.
        number: `expression` → a small whole number that is the same for the same text, and seldom for two; None where
            sorting by it was not measured to be cheaper than grouping by the text.
    """

    name: str
    text: str = "VARCHAR"
    small: str = "SMALLINT"
    quote: Callable[[str], str] = _DOUBLE_QUOTED
    literal: Callable[[str], str] = _plain_literal
    found: Callable[[str, str], str]
    whole: Callable[[str, str], str] | None = None
    hashes: dict[Hash, Callable[[str], str]]
    split: Callable[[str, str, int], str] = lambda text, mark, side: f"split_part({text}, {mark}, {side})"
    binary: Callable[[str], str] = lambda text: text
    kept: Kept = "table"
    concat: Callable[[str, str], str] = lambda one, two: f"({one} || {two})"
    fence: str = ""
    inline: Callable[[Sequence[str], Sequence[Sequence[str]]], str] = _values
    number: Callable[[str], str] | None = None

    def cast(self, expression: str) -> str:
        """An expression as a text."""
        return f"CAST({expression} AS {self.text})"

    def before(self, expression: str, mark: str) -> str:
        """The text before the first mark."""
        return self.split(expression, self.literal(mark), 1)

    def behind(self, expression: str, mark: str) -> str:
        """The text behind the only mark."""
        return self.split(expression, self.literal(mark), 2)

    def matches(self, expression: str, pattern: str) -> str:
        """Whether a regular expression is found anywhere in a text.

        Only what all engines read alike may stand in a pattern: literal characters, classes, `+`, `*`, `{n}`, `|` and
        `^`.
        """
        return self.found(expression, self.literal(pattern))

    def one_of(self, expression: str, values: tuple[str, ...]) -> str:
        """Whether an expression is one of some texts."""
        if not values:
            return "(1 = 0)"
        return f"{expression} IN ({', '.join(self.literal(value) for value in values)})"


def _sha(name: str) -> Callable[[str], str]:
    return lambda text: f"{name}({text})"


DUCKDB = Dialect(
    name="duckdb",
    small="TINYINT",
    found=lambda text, pattern: f"regexp_matches({text}, {pattern})",
    whole=lambda text, pattern: f"regexp_full_match({text}, {pattern})",
    hashes={"md5": _sha("md5"), "sha1": _sha("sha1"), "sha256": _sha("sha256")},
    number=lambda text: f"CAST(hash({text}) >> 32 AS UINTEGER)",
)
POSTGRES = Dialect(
    name="postgres",
    text="TEXT",
    found=lambda text, pattern: f"({text} ~ {pattern})",
    hashes={
        # Of the bytes in UTF-8, whatever the database is encoded in.
        "md5": lambda text: f"md5(convert_to({text}, 'UTF8'))",
        "sha256": lambda text: f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')",
    },
    binary=lambda text: f'({text} COLLATE "C")',
    fence=" OFFSET 0",
)


def with_pgcrypto(schema: str) -> Dialect:
    """The dialect of a PostgreSQL that has the extension pgcrypto, in some schema."""
    digest = f"{POSTGRES.quote(schema)}.digest"
    hashes = {"sha1": lambda text: f"encode({digest}(convert_to({text}, 'UTF8'), 'sha1'), 'hex')", **POSTGRES.hashes}
    return replace(POSTGRES, hashes=hashes)


SPARK = Dialect(
    name="spark",
    text="STRING",
    quote=_quoted("`"),
    literal=_escaped_literal,
    found=lambda text, pattern: f"({text} RLIKE {pattern})",
    hashes={"md5": _sha("md5"), "sha1": _sha("sha1"), "sha256": lambda text: f"sha2({text}, 256)"},
    kept="cached view",
    concat=lambda one, two: f"concat({one}, {two})",
)
DATABRICKS = replace(SPARK, name="databricks", kept="subquery")
BIGQUERY = Dialect(
    name="bigquery",
    text="STRING",
    small="INT64",
    quote=_quoted("`"),
    literal=_escaped_literal,
    found=lambda text, pattern: f"REGEXP_CONTAINS({text}, {pattern})",
    hashes={
        "md5": lambda text: f"TO_HEX(MD5({text}))",
        "sha1": lambda text: f"TO_HEX(SHA1({text}))",
        "sha256": lambda text: f"TO_HEX(SHA256({text}))",
    },
    split=lambda text, mark, side: f"SPLIT({text}, {mark})[SAFE_ORDINAL({side})]",
    kept="subquery",
    concat=lambda one, two: f"CONCAT({one}, {two})",
    inline=_structs,
)
SNOWFLAKE = Dialect(
    name="snowflake",
    literal=_escaped_literal,
    found=lambda text, pattern: f"(REGEXP_INSTR({text}, {pattern}) > 0)",
    hashes={"md5": _sha("MD5"), "sha1": _sha("SHA1"), "sha256": lambda text: f"SHA2({text}, 256)"},
)
TRINO = Dialect(
    name="trino",
    found=lambda text, pattern: f"regexp_like({text}, {pattern})",
    hashes={
        "md5": lambda text: f"lower(to_hex(md5(to_utf8({text}))))",
        "sha1": lambda text: f"lower(to_hex(sha1(to_utf8({text}))))",
        "sha256": lambda text: f"lower(to_hex(sha256(to_utf8({text}))))",
    },
    kept="subquery",
)
REDSHIFT = Dialect(
    name="redshift",
    text="VARCHAR(65535)",
    literal=lambda text: _plain_literal(text.replace("\\", "\\\\")),
    inline=_selects,
    found=lambda text, pattern: f"({text} ~ {pattern})",
    hashes={"md5": _sha("MD5"), "sha1": _sha("SHA1"), "sha256": lambda text: f"SHA2({text}, 256)"},
)

DIALECTS = {
    dialect.name: dialect for dialect in (DUCKDB, POSTGRES, SPARK, DATABRICKS, BIGQUERY, SNOWFLAKE, TRINO, REDSHIFT)
}
