"""What DuckDB refuses, as one sentence that shows no row of a list."""

from __future__ import annotations

import re
from pathlib import Path

from mailcheck.masking import mask_addresses

_LINE = re.compile(r"CSV Error on Line: (\d+)")
_RECORD = re.compile(r"in (line|record/value) (\d+)")
_FILE = re.compile(r"(?m)^\s*file = (.+)$|[fF]ile ['\"]([^'\"\n]+)['\"]|GZIP stream: (\S.*)$")
_WIDTH = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
_TABLE = re.compile(r"Table with name (\S+) does not exist")
_MEANT = re.compile(r'Did you mean "([^"\n]+)"')
_OWN = re.compile(r"(?:Catalog|Binder|Parser|IO|Permission) Error: .*")
"""Kinds of errors that speak of a statement or a file, and of no value."""

_TOLD: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("not utf-8", "Invalid unicode", "not utf-16", "invalid UTF-8", "not valid UTF8", "BLOB that is not"),
        "not in the encoding that was expected; save it as UTF-8, or say encoding = 'latin-1' or 'utf-16'",
    ),
    (("unterminated quote", "quote should be followed"), "a quotation mark is not closed; export the list again"),
    (("Parallel CSV Reader",), "a quotation mark is not closed, or rows stand within a cell; export the list again"),
    (("invalid state",), "it mixes two kinds of line ends, or has a stray quotation mark; save it again in one kind"),
    (("aximum line size", "max_line_size"), "a line of more than 2 MB; a quotation mark may be missing"),
    (("duplicate key",), "one of its objects has the same key twice; export it again"),
    (
        ("GZIP", "ZSTD", "Parquet", "PAR1", "magic bytes", "Malformed JSON", "decompress", "TProtocol", "parquet"),
        "the file is damaged or cut off; export it again",
    ),
    (("Out of buffer",), "the file is damaged or cut off; export it again"),
    (
        ("Out of Memory", "failed to offload", "could not allocate"),
        "it does not fit into the memory that it may use; raise memory, such as 4GB",
    ),
    (("Could not set lock",), "another program has the database open; close it there, or read a copy"),
    (("Parser Error",), "the query cannot be read; give one SELECT without a semicolon"),
    (("No space left",), "there is no space left on the disk for temporary files"),
)  # fmt: skip


def sentence(text: str, shown: str, otherwise: str = "the list") -> str:
    """A refusal of DuckDB in words for the person who named the list.

    Args:
        text: what DuckDB said; it may hold rows of the list.
        shown: what to call the list; empty to take the name of the file from the text.
        otherwise: what to call it when the text names no file.
    """
    file = _FILE.search(text)
    named = shown or (Path(next(filter(None, file.groups())).strip()).name if file else otherwise)
    line, record = _LINE.search(text), _RECORD.search(text)
    place = f"{named}, line {int(line[1]):,}" if line else named
    if record:
        # What it calls a line of JSON is the number of rows read so far, and one more.
        place = f"{named}, record {max(1, int(record[2]) - (record[1] == 'line')):,}"
    width = _WIDTH.search(text)
    if width:
        have = "1 column" if width[2] == "1" else f"{width[2]} columns"
        return f"{place}: the row has {have} where the others have {width[1]}; the file may be cut off"
    table = _TABLE.search(text)
    if table:
        meant = _MEANT.search(text)
        return f"{place}: there is no table {table[1]}{f'; did you mean {meant[1]}?' if meant else ''}"
    for words, told in _TOLD:
        if any(word in text for word in words):
            return f"{place}: {told}"
    first = " ".join(text.partition("LINE 1:")[0].partition("Possible ")[0].split())
    if _OWN.match(first):
        return f"{place}: cannot be read: {mask_addresses(first)[:200]}"
    return f"{place}: cannot be read ({first.partition(':')[0][:40]}); export it again"
