"""A campaign document from somebody else names nothing that lies on this machine or behind it.

A manifest on the command line may name files, databases and variables of the environment: they are its owner's. Through
the service that would let a caller read them, so a document may bring people and texts, and name files of its own
bundle.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from mailcheck.gate.bundle import MANIFESTS
from mailcheck.places import Places
from mailcheck.places.json import json_places
from mailcheck.places.toml import toml_places

Document = Mapping[str, object]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ODD = re.compile(r"[\x00-\x1f\\]|\$\{")
_PACKED = (".gz", ".zst", ".zip", ".bz2", ".xz")

DEEPEST = 64
MOST_VALUES = 1_000_000
LARGEST_MANIFEST = 1024 * 1024


class DocumentRefused(ValueError):  # noqa: N818 - an answer, not a mistake
    """A document names what it must not name: one sentence, without what it named."""


def document_of(body: bytes) -> Document:
    """The document that is sent as JSON.

    Raises:
        DocumentRefused: it is not JSON as RFC 8259 has it, no object, names a key twice, is nested deeply, or holds
            what no text is (half a surrogate pair) or no number (NaN, infinity).
    """
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except DocumentRefused:
        raise
    except (ValueError, RecursionError):
        raise DocumentRefused("the body is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise DocumentRefused('a campaign is a JSON object; send {"html": …}')
    _check_values(value)
    return value


def manifest_of(folder: Path) -> Path:
    """The manifest of an unpacked bundle, when it names nothing but what is in the bundle.

    Raises:
        DocumentRefused: it is too large, not readable, of another shape, or names what it must not.
    """
    path = next(folder / name for name in MANIFESTS if (folder / name).is_file())
    data = path.read_bytes()
    if len(data) > LARGEST_MANIFEST:
        raise DocumentRefused(f"{path.name} is larger than {LARGEST_MANIFEST:,} bytes; name files in it")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if path.suffix == ".json":
        document = document_of(data)
        places = json_places(data.decode("utf-8"))
    else:
        document = _toml(data, path.name)
        places = toml_places(data.decode("utf-8"))
    confine(document, folder)
    demand_shape(document, places, path.name)
    return path


def demand_shape(document: Document, places: Places | None = None, name: str = "") -> None:
    """Demand that a document is a manifest.

    Args:
        places: where its keys stand, for a sentence with the line.
        name: of its file.

    Raises:
        DocumentRefused: a key is unknown, or a value of another kind; addresses are masked.
    """
    from pydantic import ValidationError

    from mailcheck.reading.manifest_errors import explain
    from mailcheck.reading.manifest_model import Manifest

    try:
        Manifest.model_validate(document)
    except ValidationError as error:
        message, keys = explain(error, places)
        line = places.line(keys) if places else None
        where = f"{name}:{line}: " if line else f"{name}: " if name else ""
        raise DocumentRefused(where + message) from None


def _toml(data: bytes, name: str) -> Document:
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise DocumentRefused(f"{name} is not TOML in UTF-8; `mailcheck check` says where") from None
    _check_values(document)
    return document


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DocumentRefused("a key stands twice in one object, so nobody knows which one counts")
    return found


def _no_number(_name: str) -> object:
    raise DocumentRefused("NaN and infinity are no JSON")


def _check_values(document: object) -> None:
    """Bound depth and number, and refuse what cannot be written again; without recursion, as depth is the question."""
    level = [document]
    seen = 0
    for _ in range(DEEPEST):
        if not level:
            return
        seen += len(level)
        if seen > MOST_VALUES:
            raise DocumentRefused(f"the document has more than {MOST_VALUES:,} values")
        for value in level:
            _check_value(value)
        level = [inner for value in level for inner in _inner(value)]
    raise DocumentRefused(f"the document is nested more than {DEEPEST} deep; keep it flat")


def _inner(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _check_value(value: object) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise DocumentRefused("a number is too large")
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= one <= "\udfff" for one in value):
        raise DocumentRefused("a text has half of a surrogate pair, which is no character")


def confine(document: Document, folder: Path | None) -> None:
    """Demand that a document names only files of its own folder.

    Args:
        document: in the shape of a manifest.
        folder: that of its bundle; None when it came alone and may name no file.

    Raises:
        DocumentRefused: it names a file elsewhere, a database, a statement, or a variable.
    """
    for where, value in _files(document):
        _check_file(where, value, folder)
    for where, table in _tables(document):
        for key in ("table", "query"):
            if table.get(key) is not None:
                raise DocumentRefused(f"{where}.{key} asks a database, which a document that is sent in may not")
        if "$" in str(table.get("salt", "")):
            raise DocumentRefused(f"{where}.salt names a variable of this machine; write the salt itself")
    history = document.get("history")
    if isinstance(history, Mapping) and history.get("store") is not None:
        raise DocumentRefused("history.store is a matter of the settings of the gate; leave it out")


def _files(document: Document) -> Iterator[tuple[str, object]]:
    """Every value that names a file."""
    for prefix, table in (("", document), ("message.", document.get("message"))):
        if isinstance(table, Mapping):
            yield from ((f"{prefix}{key}", value) for key, value in table.items() if str(key).endswith("_file"))
    history = document.get("history")
    if isinstance(history, Mapping):
        yield "history.file", history.get("file")
    for where, table in _tables(document):
        yield f"{where}.source", table.get("source")


def _tables(document: Document) -> Iterator[tuple[str, Document]]:
    """Every table that says where people are."""
    for name in ("audience", "suppression"):
        table = document.get(name)
        if isinstance(table, Mapping):
            yield name, table
            lists = table.get("lists")
            if isinstance(lists, list | tuple):
                yield from ((f"{name}.lists", one) for one in lists if isinstance(one, Mapping))
    segments = document.get("segments")
    if isinstance(segments, Mapping):
        yield from (("segments", one) for one in segments.values() if isinstance(one, Mapping))


def _check_file(where: str, value: object, folder: Path | None) -> None:
    if value is None or value == "":
        return
    if folder is None:
        raise DocumentRefused(f"{where} names a file, and a document alone has none; send it in a zip bundle")
    if not isinstance(value, str):
        return  # the manifest is refused for it
    path = PurePosixPath(value)
    if _ODD.search(value) or _SCHEME.match(value) or path.is_absolute() or ".." in path.parts:
        raise DocumentRefused(f"{where} names something outside of the bundle; name a file in it")
    if value.lower().endswith(_PACKED):
        raise DocumentRefused(f"{where} names a packed file; pack it unpacked")
    if not (folder / value).resolve().is_relative_to(folder.resolve()):
        raise DocumentRefused(f"{where} names something outside of the bundle; name a file in it")
