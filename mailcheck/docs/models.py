"""Tables of settings: from a pydantic model, by way of its JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

from pydantic import BaseModel

from mailcheck.docs.markdown import code, table

Schema = Mapping[str, object]

_WORDS = {"string": "text", "boolean": "true or false", "integer": "whole number", "null": "nothing"}
_FORMATS = {"date": "date", "date-time": "date and time", "duration": "duration, such as `PT30M`"}


def fields(model: type[BaseModel]) -> str:
    """Name, kind, default and meaning of every field."""
    schema: Schema = model.model_json_schema(by_alias=True)
    properties = cast("Mapping[str, Schema]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    rows = ([code(name), *_cells(about, name in required)] for name, about in properties.items())
    return table(["name", "kind", "default", "meaning"], rows)


def _cells(about: Schema, required: bool) -> list[str]:
    return [shape(about), "required" if required else default(about), str(about.get("description", ""))]


def shape(about: Schema) -> str:
    """What a value looks like, in words."""
    return " or ".join(sorted(dict.fromkeys(_shapes(about)), key=len))


def _shapes(about: Schema) -> Iterator[str]:
    for choice in cast("list[Schema]", about.get("anyOf", [])):
        if choice.get("type") != "null":
            yield from _shapes(choice)
    if "anyOf" in about:
        return
    if "enum" in about:
        yield ", ".join(code(str(value)) for value in cast("list[object]", about["enum"]))
    elif "$ref" in about:
        yield f"table {code(str(about['$ref']).rpartition('/')[2])}"
    elif about.get("type") == "array":
        yield f"list of {_plural(shape(cast('Schema', about.get('items', {}))))}"
    elif about.get("type") == "object":
        inner = about.get("additionalProperties")
        yield f"table of {_plural(shape(cast('Schema', inner)))}" if isinstance(inner, Mapping) and inner else "table"
    else:
        kind = str(about.get("type", "any value"))
        yield _FORMATS.get(str(about.get("format", "")), _WORDS.get(kind, kind)) + _bounds(about)


def _plural(words: str) -> str:
    first, _, rest = words.partition(" ")
    if first == "table" and rest.startswith("`"):
        return f"tables {rest}"
    plurals = {"text": "texts", "table": "tables", "list": "lists", "duration,": "durations,"}
    return plurals.get(first, first) + (f" {rest}" if rest else "")


def _bounds(about: Schema) -> str:
    known = (("exclusiveMinimum", "above"), ("minimum", "at least"), ("maximum", "at most"))
    said = [f"{word} {about[key]}" for key, word in known if key in about]
    if "minLength" in about:
        said.append(f"at least {about['minLength']} characters")
    return f", {', '.join(said)}" if said else ""


def default(about: Schema) -> str:
    """The default as it would be written in TOML."""
    value = about.get("default")
    if value is None or value in ("", [], {}):
        return "none"
    return code(json.dumps(value, ensure_ascii=False))
