"""`campaign.toml`, `campaign.json` or a Python mapping → Campaign.

Texts written in the manifest keep an `Origin`, so that findings in them name the line and column of the
manifest. The files it names are found beside it, and never outside its folder.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ValidationError

from mailcheck.campaign import Campaign, Fault, Header, Media, Message, Part
from mailcheck.places import KeyPath, Places, TwiceError
from mailcheck.places.json import json_places
from mailcheck.places.toml import toml_places
from mailcheck.reading.eml import read_eml
from mailcheck.reading.limits import LIMITS, Limits
from mailcheck.reading.manifest_errors import explain
from mailcheck.reading.manifest_model import ALTERNATIVES, TABLES, Manifest, MessageTable
from mailcheck.reading.source import OverLimit, ReadingError, Source, inside, load_found
from mailcheck.reading.template import as_judged, read_part

_AT = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)\s*$")
_LINE_BREAK = re.compile(r"(?<=\S)[^\S\r\n]*+[\r\n]++(?=\s*\S)")
_SHORT_FORM = tuple(field.alias or name for name, field in MessageTable.model_fields.items())


def read_manifest(source: Source) -> Campaign:
    """The campaign of a manifest file.

    Raises:
        ReadingError: not TOML or JSON, an unknown key, a value of the wrong type, or a file that is not there.
    """
    text = _text(source)
    try:
        mapping, places = _toml(text) if source.path.lower().endswith(".toml") else _json(text)
    except ReadingError as error:
        raise ReadingError(error.message, source.path, error.line) from None
    except RecursionError:
        raise ReadingError("the values are nested too deeply; keep the manifest flat", source.path) from None
    document = _Document(source.path, source.folder, source.limits, places)
    campaign = dataclasses.replace(_campaign(mapping, document), reader="manifest")
    if not (any(campaign.message.parts()) or campaign.faults or any(getattr(campaign, name) for name in TABLES)):
        raise ReadingError("there is nothing to check in it; give at least html, text or subject", source.path)
    return campaign


def from_mapping(
    mapping: Mapping[str, object], *, path: str = "", root: str | Path | None = None, limits: Limits = LIMITS
) -> Campaign:
    """The work behind `mailcheck.reading.from_mapping`, which says what is what."""
    return _campaign(mapping, _Document(path, None if root is None else Path(root), limits, None))


class _Document(Struct, frozen=True):
    """Where a manifest came from; `base` is the path of its message, `()` in the short form."""

    path: str
    folder: Path | None
    limits: Limits
    places: Places | None
    base: KeyPath = ()

    def error(self, message: str, keys: KeyPath) -> ReadingError:
        return ReadingError(message, self.path, self.places.line(keys) if self.places else None)

    def part(self, name: str, text: str | None, media: Media, *keys: str | int) -> Part | None:
        if text is None:
            return None
        origin = self.places.origin(self.base + keys, text) if self.places else None
        return Part(name, text, self.path, media, origin)

    def source(self, key: str, name: str) -> Source:
        """The file that a key of the message names."""
        if self.folder is None:
            message = f"{key} names a file, but the campaign has no folder; give the text itself, or a root"
            raise self.error(message, (*self.base, key))
        path = inside(self.folder, name)
        if path is None:
            message = f"{key} = {name!r} leads out of the folder of the campaign; copy the file into it"
            raise self.error(message, (*self.base, key))
        shown = os.path.join(os.path.dirname(self.path), name)  # noqa: PTH118, PTH120 - as the user wrote it
        return Source(shown, load_found(path, shown, self.limits), path.parent, self.limits)


def _text(source: Source) -> str:
    data = source.data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadingError("this is not UTF-8; save the manifest as UTF-8", source.path, line) from None


def _toml(text: str) -> tuple[Mapping[str, object], Places]:
    try:
        mapping = tomllib.loads(text)
    except ValueError as error:
        at = _AT.search(str(error))
        line = int(at[1]) if at and at[1] else text.rstrip().count("\n") + 1 if at else None
        raise ReadingError(f"this is not TOML: {_AT.sub('', str(error))}; correct the line", line=line) from None
    return mapping, toml_places(text)


def _json(text: str) -> tuple[Mapping[str, object], Places]:
    try:
        mapping = json.loads(text)
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise ReadingError(f"this is not JSON: {reason}; correct the line", line=line) from None
    if not isinstance(mapping, dict):
        raise ReadingError('a campaign is a JSON object; write {"html": …}', line=1)
    try:
        return mapping, json_places(text)
    except TwiceError as error:
        raise ReadingError(str(error), line=error.line) from None


def _campaign(mapping: Mapping[str, object], document: _Document) -> Campaign:
    manifest = _validate(mapping, document)
    table, document = _message_table(mapping, manifest, document)
    message, faults = _message(table, document)
    finished = table.eml_file is not None
    tables: dict[str, Any] = {name: _plain(getattr(manifest, name)) for name in TABLES}
    return Campaign(
        message=message,
        path=document.path,
        id=manifest.id,
        name=manifest.name,
        family=manifest.family,
        kind=manifest.kind,
        stage=manifest.stage or ("rendered" if finished else "template"),
        dialect=manifest.dialect,
        locales=(manifest.locale,) if manifest.locale else manifest.locales or (),
        fields=manifest.fields,
        faults=faults,
        **tables,
    )


def _plain(table: object) -> dict[str, object] | None:
    """A table as it was written: only what was given."""
    if isinstance(table, BaseModel):
        return table.model_dump(exclude_unset=True, by_alias=True)
    if not isinstance(table, Mapping):
        return None
    return {str(key): _plain(value) if isinstance(value, BaseModel) else value for key, value in table.items()}


def _validate(mapping: Mapping[str, object], document: _Document) -> Manifest:
    plain = {key: dict(value) if isinstance(value, Mapping) else value for key, value in mapping.items()}
    try:
        manifest = Manifest.model_validate(plain)
    except ValidationError as error:
        message, keys = explain(error, document.places)
        raise document.error(message, keys) from None
    for base, table in (((), plain), (("message",), plain.get("message"))):
        for group in ALTERNATIVES:
            given = [key for key in group if isinstance(table, dict) and table.get(key) is not None]
            if len(given) > 1:
                raise document.error(f"{given[0]} and {given[1]} are both given; keep one", (*base, given[1]))
    return manifest


def _message_table(
    mapping: Mapping[str, object], manifest: Manifest, document: _Document
) -> tuple[MessageTable, _Document]:
    short = [key for key in _SHORT_FORM if mapping.get(key) is not None]
    if manifest.message is not None and short:
        message = f"{short[0]} stands at the top level, though there is a table message; move it there"
        raise document.error(message, (short[0],))
    table = manifest.message or MessageTable.model_validate({key: mapping[key] for key in short})
    inner = document if manifest.message is None else replace(document, base=("message",))
    others = table.model_fields_set - {"eml_file"}
    if table.eml_file is not None and others:
        other = min(others).removesuffix("_")
        raise inner.error(f"{other} is given beside eml_file, which is the whole mail; keep one", (*inner.base, other))
    return table, inner


def _message(table: MessageTable, document: _Document) -> tuple[Message, tuple[Fault, ...]]:
    if table.eml_file is not None:
        return _mail(table.eml_file, document)
    faults: list[Fault] = []

    def body(key: str, media: Media, text: str | None, file: str | None) -> Part | None:
        if file is None:
            if text is not None and _FILE_NAME.fullmatch(text.strip()):
                # Taken for the text itself, it would be judged, and found clear.
                message = f"{key} = {text.strip()!r} is the name of a file, and no text; write {key}_file for it"
                raise document.error(message, (*document.base, key))
            part = document.part(key, text, media, key)
            if part is None or not part.text.strip():
                return part
            part, doubts = as_judged(part, document.limits)
            faults.extend(doubts)
            return part
        part, doubts = _file(f"{key}_file", file, key, media, document)
        faults.extend(doubts)
        return part

    sender = "from" if table.from_ is not None else "sender"
    message = Message(
        subject=document.part("subject", table.subject, "header", "subject"),
        preheader=document.part("preheader", table.preheader, "text", "preheader"),
        sender=document.part("from", table.from_ if table.from_ is not None else table.sender, "header", sender),
        reply_to=document.part("reply-to", table.reply_to, "header", "reply_to"),
        html=body("html", "html", table.html, table.html_file) or body("mjml", "mjml", table.mjml, table.mjml_file),
        text=body("text", "text", table.text, table.text_file),
        amp=body("amp", "amp", table.amp, table.amp_file),
        headers=tuple(_headers(table, document)),
    )
    return message, (*faults, *_broken_lines(message))


_FILE_NAME = re.compile(r"[^\s<>{}\[\]|]{1,200}\.(?:html?|xhtml|mjml|txt|eml)", re.IGNORECASE)


def _broken_lines(message: Message) -> Iterator[Fault]:
    """The header fields that a line break within them would end; what follows would be another field."""
    fields = (message.subject, message.sender, message.reply_to, *(header.value for header in message.headers))
    for part in fields:
        found = _LINE_BREAK.search(part.text) if part else None
        if part and found:
            name = part.name.removeprefix("header:")
            said = f"The field {name} has a line break, which would end the header field; write it on one line."
            yield Fault("malformed", said, part.at(*found.span()))


def _headers(table: MessageTable, document: _Document) -> Iterator[Header]:
    for name, values in (table.headers or {}).items():
        for number, value in enumerate(values):
            keys: KeyPath = ("headers", name, number)
            if document.places and document.base + keys not in document.places.of:
                keys = ("headers", name)
            part = document.part(f"header:{name}", value, "header", *keys)
            if part is not None:
                yield Header(name, part)


def _file(
    key: str, name: str, part_name: str, media: Media, document: _Document
) -> tuple[Part | None, tuple[Fault, ...]]:
    try:
        return read_part(document.source(key, name), part_name, media)
    except OverLimit as error:
        return None, (Fault("limit", f"{key} = {name!r}: {error}"),)
    except ReadingError as error:
        raise _named(error, key, name, document) from None


def _mail(name: str, document: _Document) -> tuple[Message, tuple[Fault, ...]]:
    try:
        mail = read_eml(document.source("eml_file", name))
    except OverLimit as error:
        return Message(), (Fault("limit", f"eml_file = {name!r}: {error}"),)
    except ReadingError as error:
        raise _named(error, "eml_file", name, document) from None
    return mail.message, mail.faults


def _named(error: ReadingError, key: str, name: str, document: _Document) -> ReadingError:
    """A fault of a file, told at the place in the manifest that names it."""
    if error.path == document.path:
        return error
    return document.error(f"{key} = {name!r}: {error.message}", (*document.base, key))
