"""Feeds of rows: TSV of Google Merchant, CSV of Meta, Shopify and everybody else."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from mailcheck.catalogue.fields import is_shopify, places
from mailcheck.catalogue.files import FeedFile, text_of, wrong_encoding
from mailcheck.rule import Unusable

Record = tuple[int, Mapping[str, str]]
"""The line that a row begins on, and its values by field."""

_DELIMITERS = "\t,;|"
_NAMED = {"tab": "\t", "\\t": "\t"}
_SKIPPED_WIDTH = 1


class Shape(Struct, frozen=True):
    """What was said of a feed.

    Args:
        style: its format; empty to look.
        columns: names of columns, by field.
        market: of a Shopify export.
    """

    style: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    market: str = ""
    encoding: str = "utf-8"
    delimiter: str = ""


def rows(file: FeedFile, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file with the line that each begins on, blank ones left out; the first is the header.

    Raises:
        Unusable: one sentence with file and line: an encoding, a quotation mark, the width of a row.
    """
    line, width = 1, 0
    try:
        with text_of(file, shape.encoding) as text:
            delimiter = _delimiter(text.readline(), shape)
            text.seek(0)
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            for cells in reader:
                if len(cells) != width and not _is_blank(cells):
                    if width:
                        raise Unusable(_other_width(file.shown, line, len(cells), width))
                    width = len(cells)
                if len(cells) == width and width:
                    yield line, cells
                line = reader.line_num + 1
    except UnicodeDecodeError:
        raise wrong_encoding(file, shape.encoding) from None
    except UnicodeError:
        raise Unusable(f"{file.shown} is cut off or not {shape.encoding.upper()}; export it again") from None
    except csv.Error as error:
        raise Unusable(f"{file.shown}:{line}: {_reason(error)}") from None
    except EOFError:
        raise Unusable(f"{file.shown} is cut off, so it cannot be unpacked to its end; download it again") from None
    except OSError as error:
        raise Unusable(f"{file.shown} cannot be read ({error.strerror or error}); download it again") from None


def _is_blank(cells: Sequence[str]) -> bool:
    return len(cells) <= _SKIPPED_WIDTH and not any(cell.strip() for cell in cells)


def _other_width(shown: str, line: int, cells: int, width: int) -> str:
    said = f"{shown}:{line}: {cells} values for {width} columns"
    return f"{said}; correct the row, or export the feed again if it is cut off"


def _reason(error: csv.Error) -> str:
    said = str(error)
    if "end of data" in said:
        return "a quotation mark is never closed; correct it, or export the feed again if it is cut off"
    if "field larger" in said:
        return "a value is longer than 128 kB, so a quotation mark is probably not closed; correct the row"
    return f"{said}; correct the row, or export the feed again"


def _delimiter(first: str, shape: Shape) -> str:
    said = _NAMED.get(shape.delimiter, shape.delimiter)
    if len(said) > 1:
        raise Unusable(f"the delimiter {shape.delimiter!r} is more than one character; write one such as ';' or 'tab'")
    head = re.sub(r'"[^"]*+"?', "", first)
    return said or max(_DELIMITERS, key=head.count)


def records(file: FeedFile, shape: Shape) -> Iterator[Record]:
    """The products of a feed of rows.

    Raises:
        Unusable: as for `rows`, and where a column is missing, misspelt or there twice.
    """
    all_rows = rows(file, shape)
    _, header = next(all_rows, (0, []))
    if any("\0" in cell for cell in header):
        raise Unusable(f"{file.shown}:1: there are NUL characters, so it is no text, or UTF-16; save it as UTF-8")
    if len(header) < 2:
        raise Unusable(
            f"{file.shown}:1: there is only one column, so this is no feed, or its delimiter is unusual; say it"
        )
    shopify = shape.style == "shopify" or (not shape.style and not shape.columns and is_shopify(header))
    found = places(header, "shopify" if shopify else "merchant", shape.columns, file.shown, shape.market)
    plain = _by_field(all_rows, found)
    return _variants(plain) if shopify else plain


def _by_field(all_rows: Iterator[tuple[int, list[str]]], found: Mapping[str, int]) -> Iterator[Record]:
    pairs = tuple(found.items())
    for line, cells in all_rows:
        yield line, {name: cells[at] for name, at in pairs}


def _variants(plain: Iterator[Record]) -> Iterator[Record]:
    """Shopify's rows: a variant each, the title only on the first of a product, and some for nothing but pictures."""
    handle = title = ""
    for line, values in plain:
        if values.get("handle", "") != handle or values.get("title", "").strip():
            handle, title = values.get("handle", ""), values.get("title", "") or title
        if not values.get("price", "").strip():
            continue
        yield line, {**values, "title": title, "group": handle, "availability": _shopify_state(values)}


def _shopify_state(values: Mapping[str, str]) -> str:
    status = values.get("status", "").strip().lower()
    if status in ("draft", "archived"):
        return "out of stock"
    stock, tracked = values.get("stock", "").strip(), values.get("tracker", "").strip()
    goes_on = values.get("policy", "").strip().lower() in ("continue", "true", "yes")
    if tracked and not goes_on and re.fullmatch(r"-?\d+", stock):
        return "out of stock" if int(stock) <= 0 else "in stock"
    return ""
