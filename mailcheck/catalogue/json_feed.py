"""JSON feeds: lists, JSON lines, and documents with a list in them, decoded piece by piece."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from mailcheck.catalogue.fields import ALIASES, fold
from mailcheck.catalogue.files import FeedFile, text_of, wrong_encoding
from mailcheck.catalogue.schema_org import is_schema_org, products_of
from mailcheck.rule import Unusable
from mailcheck.suggest import did_you_mean

_CHUNK = 1 << 18
_SHORT = 1 << 20
_LONGEST = 8_000_000
"""Characters of one product, or of what stands beside the list of products."""
_SPACE = re.compile(r"[\s,]*")
_LISTS = ("@graph", "products", "items", "data", "itemListElement", "offers", "results", "variants")


class _Stream(Struct):
    """A JSON text that is decoded piece by piece.

    Args:
        text: what was read and is not decoded, from `at` on.
        line: the line at the offset `counted`.
    """

    file: FeedFile
    read: Iterator[str]
    decoder: json.JSONDecoder
    text: str = ""
    at: int = 0
    line: int = 1
    counted: int = 0

    def here(self) -> int:
        """The line that is decoded next."""
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def more(self) -> bool:
        """Read on; whether there was more."""
        if self.at:
            self.here()
            self.text, self.at, self.counted = self.text[self.at :], 0, 0
        if len(self.text) > _LONGEST:
            raise self.error("one product is longer than a product can be; correct the feed")
        piece = next(self.read, "")
        self.text += piece
        return bool(piece)

    def peek(self) -> str:
        """The next character that is no space and no comma; empty at the end."""
        while True:
            match = _SPACE.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def value(self) -> tuple[int, object]:
        """The next value, and the line that it begins on."""
        while True:
            self.peek()
            try:
                found, end = self.decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if self.more():
                    continue
                raise self.error(f"this is no JSON ({error.msg}); export the feed again, it may be cut off") from None
            except RecursionError:
                raise self.error("its values are nested too deeply; export the feed again") from None
            # A number that ends where the text ends may go on.
            if end == len(self.text) and self.more():
                continue
            line = self.here()
            self.at = end
            return line, found

    def error(self, said: str) -> Unusable:
        return Unusable(f"{self.file.shown}:{self.here()}: {said}")


def records(
    file: FeedFile, columns: Mapping[str, str], encoding: str, style: str = ""
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The products of a JSON feed, with the line of each.

    Args:
        columns: names of keys, by field; `offer.price` is the key of a key.
        style: `schema` for schema.org; empty to look at each.

    Raises:
        Unusable: it is no JSON, cut off, or its keys name no product; one sentence with file and line.
    """
    named: set[str] = set()
    empty = 0
    for line, value in values(file, encoding):
        if not isinstance(value, dict):
            continue
        made = list(products_of(value)) if style == "schema" or (not columns and is_schema_org(value)) else None
        for one in made if made is not None else [_flat(value, columns)]:
            if one.get("price") or one.get("sale_price"):
                named.update(one)
            elif empty < _FIRST and not named:
                empty += 1
                _refuse_slips(value, file, line, columns, schema=made is not None)
            yield line, one
    if not named:
        raise Unusable(
            f"{file.shown}: none of its products has a price; say which key it is (in the manifest, "
            "[catalogue.columns]: price = '…')"
        )


_FIRST = 20


def values(file: FeedFile, encoding: str) -> Iterator[tuple[int, object]]:
    """The values of the list that the document is or holds, or of its lines, with the line of each.

    Raises:
        Unusable: it is no JSON, cut off, or in another encoding; one sentence with file and line.
    """
    try:
        with text_of(file, encoding) as text:
            # Numbers stay as they are written: a price is no float.
            decoder = json.JSONDecoder(parse_float=str, parse_int=str)
            stream = _Stream(file, iter(lambda: text.read(_CHUNK), ""), decoder)
            yield from _document(stream)
    except UnicodeDecodeError:
        raise wrong_encoding(file, encoding) from None
    except UnicodeError:
        raise Unusable(f"{file.shown} is cut off or not {encoding.upper()}; export it again") from None
    except EOFError:
        raise Unusable(f"{file.shown} is cut off, so it cannot be unpacked to its end; download it again") from None
    except OSError as error:
        raise Unusable(f"{file.shown} cannot be read ({error.strerror or error}); download it again") from None


def _document(stream: _Stream) -> Iterator[tuple[int, object]]:
    while (sign := stream.peek()) != "":
        if sign == "[":
            yield from _list(stream)
        elif sign != "{":
            raise stream.error("this is no JSON (a list or an object was expected); export the feed again")
        elif (found := _short(stream)) is None:
            yield from _object(stream)
        else:
            yield from found


def _short(stream: _Stream) -> Iterator[tuple[int, object]] | None:
    """What an object holds that is short enough to be decoded at once; `None` when it is not."""
    while len(stream.text) - stream.at < _SHORT:
        line = stream.here()
        before = len(stream.text)
        try:
            found, end = stream.decoder.raw_decode(stream.text, stream.at)
        except json.JSONDecodeError:
            if not stream.more() and len(stream.text) == before:
                return None
        except RecursionError:
            raise stream.error("its values are nested too deeply; export the feed again") from None
        else:
            stream.at = end
            return _held(line, found)
    return None


def _held(line: int, value: object) -> Iterator[tuple[int, object]]:
    """The products of a list in an object, else the object itself."""
    lists = [value[key] for key in _LISTS if isinstance(value.get(key), list)] if isinstance(value, dict) else []
    if not lists or not isinstance(value, dict) or _is_product(value):
        yield line, value
        return
    for one in lists:
        yield from ((line, inner) for inner in one)


def _list(stream: _Stream) -> Iterator[tuple[int, object]]:
    stream.at += 1
    while (sign := stream.peek()) != "]":
        if not sign:
            raise stream.error("the list is not closed, so the feed is cut off; export it again")
        yield stream.value()
    stream.at += 1


def _object(stream: _Stream) -> Iterator[tuple[int, object]]:
    """What an object holds: the products of a list in it, else itself."""
    first = stream.here()
    stream.at += 1
    own: dict[str, object] = {}
    listed = False
    while (sign := stream.peek()) != "}":
        if not sign:
            raise stream.error("an object is not closed, so the feed is cut off; export it again")
        _, key = stream.value()
        if not isinstance(key, str) or stream.peek() != ":":
            raise stream.error("this is no JSON (a key and a colon were expected); export the feed again")
        stream.at += 1
        if stream.peek() == "[" and key in _LISTS and not _is_product(own):
            listed = True
            yield from _list(stream)
        else:
            own[key] = stream.value()[1]
    stream.at += 1
    if not listed or _is_product(own):
        yield first, own


def _is_product(own: Mapping[str, object]) -> bool:
    return (
        bool({"name", "title", "sku", "id", "productID", "gtin", "price"} & set(own)) and own.get("@type") != "ItemList"
    )


def _flat(value: Mapping[str, object], columns: Mapping[str, str]) -> dict[str, str]:
    """A product by field, with texts for values."""
    found = {field: text for field, name in columns.items() if (text := _text(_inside(value, name)))}
    ranks: dict[str, int] = {}
    for key, one in value.items():
        field, rank = _meaning(key)
        if field and field not in columns and rank < ranks.get(field, _LAST) and (text := _text(one)):
            found[field], ranks[field] = text, rank
    return found


_LAST = 99


@lru_cache(maxsize=4096)
def _meaning(key: str) -> tuple[str, int]:
    """The field that a key stands for, and how usual that name is; an empty text for none."""
    folded = fold(key)
    for field, names in ALIASES["merchant"].items():
        known = names.split()
        if folded in known:
            return field, known.index(folded)
    return "", _LAST


def _inside(value: object, name: str) -> object:
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _text(value: object) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else ""


def _refuse_slips(
    value: Mapping[str, object], file: FeedFile, line: int, columns: Mapping[str, str], *, schema: bool
) -> None:
    """Refuse a mapping whose keys are not there."""
    if schema:
        return
    for name in columns.values():
        top = name.partition(".")[0]
        if top not in value and (near := did_you_mean(top, map(str, value))):
            raise Unusable(f"{file.shown}:{line}: there is no key {name[:40]!r}{near}")
